//! Which programs the laboratory runs, in which versions; the one place that says so.

/// Kubernetes of the laboratory.
pub(super) const KUBERNETES: &str = "1.37.1";
/// Argo CD of the laboratory: the newest that can be built from its module alone.
pub(super) const ARGOCD: &str = "v3.2.11";
const KWOK: &str = "v0.8.0";
const SOURCE: &str = "v1.9.3";
const KUSTOMIZE: &str = "v1.9.3";
const HELM: &str = "v1.6.2";
const SEALED: &str = "v0.36.6";

/// A program that is built from a Go module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Program {
    /// Which part of the laboratory needs it, as `lab build` takes it.
    pub part: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// The Go module, and its version.
    pub module: &'static str,
    pub version: &'static str,
    /// The package of its `main`.
    pub package: &'static str,
    /// The variable that holds the version that it says it is.
    pub said: Option<(&'static str, &'static str)>,
    /// Files of the module that running it takes: definitions, stages.
    pub files: &'static [&'static str],
}

const KUBERNETES_MODULE: &str = "k8s.io/kubernetes";
const KUBERNETES_TAG: &str = "v1.37.1";
const SAID: &str = "k8s.io/component-base/version.gitVersion";

/// Every program, in the order in which they are built.
pub(super) const PROGRAMS: [Program; 11] = [
    Program {
        part: "cluster",
        name: "etcd",
        module: "go.etcd.io/etcd/server/v3",
        version: "v3.7.3",
        package: "go.etcd.io/etcd/server/v3",
        said: None,
        files: &[],
    },
    kubernetes("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
    kubernetes("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
    kubernetes("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
    Program {
        part: "cluster",
        name: "kwok",
        module: "sigs.k8s.io/kwok",
        version: KWOK,
        package: "sigs.k8s.io/kwok/cmd/kwok",
        said: None,
        files: &[
            "kustomize/stage/node/fast/node-initialize.yaml",
            "kustomize/stage/node/heartbeat/node-heartbeat.yaml",
            "kustomize/stage/pod/fast/pod-ready.yaml",
            "kustomize/stage/pod/fast/pod-complete.yaml",
            "kustomize/stage/pod/fast/pod-delete.yaml",
        ],
    },
    Program {
        part: "argocd",
        name: "argocd",
        module: "github.com/argoproj/argo-cd/v3",
        version: ARGOCD,
        package: "github.com/argoproj/argo-cd/v3/cmd",
        said: Some(("github.com/argoproj/argo-cd/v3/common.version", "3.2.11")),
        files: &[
            "manifests/crds/application-crd.yaml",
            "manifests/crds/applicationset-crd.yaml",
            "manifests/crds/appproject-crd.yaml",
        ],
    },
    sealed("sealed-secrets", "github.com/bitnami-labs/sealed-secrets/cmd/controller"),
    sealed("kubeseal", "github.com/bitnami-labs/sealed-secrets/cmd/kubeseal"),
    flux(
        "source-controller",
        "github.com/fluxcd/source-controller",
        SOURCE,
        &[
            "config/crd/bases/source.toolkit.fluxcd.io_buckets.yaml",
            "config/crd/bases/source.toolkit.fluxcd.io_externalartifacts.yaml",
            "config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml",
            "config/crd/bases/source.toolkit.fluxcd.io_helmcharts.yaml",
            "config/crd/bases/source.toolkit.fluxcd.io_helmrepositories.yaml",
            "config/crd/bases/source.toolkit.fluxcd.io_ocirepositories.yaml",
        ],
    ),
    flux(
        "kustomize-controller",
        "github.com/fluxcd/kustomize-controller",
        KUSTOMIZE,
        &["config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml"],
    ),
    flux(
        "helm-controller",
        "github.com/fluxcd/helm-controller",
        HELM,
        &["config/crd/bases/helm.toolkit.fluxcd.io_helmreleases.yaml"],
    ),
];

const fn kubernetes(name: &'static str, package: &'static str) -> Program {
    Program {
        part: "cluster",
        name,
        module: KUBERNETES_MODULE,
        version: KUBERNETES_TAG,
        package,
        said: Some((SAID, KUBERNETES_TAG)),
        files: &[],
    }
}

const fn sealed(name: &'static str, package: &'static str) -> Program {
    Program {
        part: "sealed",
        name,
        module: "github.com/bitnami-labs/sealed-secrets",
        version: SEALED,
        package,
        said: Some(("main.VERSION", "0.36.6")),
        files: &[],
    }
}

const fn flux(
    name: &'static str,
    module: &'static str,
    version: &'static str,
    files: &'static [&'static str],
) -> Program {
    Program { part: "flux", name, module, version, package: module, said: None, files }
}
