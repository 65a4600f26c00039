//! The drill: which Secrets a rebuilt cluster would not have, and which SealedSecrets would not open there.
#![allow(clippy::unwrap_used, reason = "a test")]

use compile::{render, secrets};
use testkit::MemoryWorld;

const WORKLOAD: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      imagePullSecrets: [{name: pull}]
      initContainers:
        - {name: i, image: "a/b:1", envFrom: [{secretRef: {name: whole}}]}
      containers:
        - name: c
          image: a/b:1
          env:
            - {name: A, valueFrom: {secretKeyRef: {name: sealed, key: there}}}
            - {name: B, valueFrom: {secretKeyRef: {name: sealed, key: filled}}}
            - {name: C, valueFrom: {secretKeyRef: {name: sealed, key: missing}}}
            - {name: D, valueFrom: {secretKeyRef: {name: nobody, key: x, optional: true}}}
          envFrom: [{secretRef: {name: maybe, optional: true}}]
      volumes:
        - {name: a, secret: {secretName: external, items: [{key: known, path: x}, {key: unknown, path: y}]}}
        - {name: b, projected: {sources: [{secret: {name: open, items: [{key: any, path: x}]}}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: night, namespace: shop}
spec: {schedule: "0 3 * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "a/b:1", envFrom: [{secretRef: {name: csi}}]}]}}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: issued, namespace: shop, annotations: {cert-manager.io/cluster-issuer: prod}}
spec: {tls: [{secretName: issued-tls}], rules: [{host: a.example.com}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: own, namespace: shop}
spec: {tls: [{secretName: own-tls}], rules: [{host: b.example.com}]}
"#;

const MAKERS: &str = r#"
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed, namespace: shop}
spec: {encryptedData: {there: AgA1}, template: {data: {filled: "{{ .there }}"}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: e, namespace: shop}
spec: {target: {name: external}, data: [{secretKey: known}]}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: open, namespace: shop}
spec: {dataFrom: [{extract: {key: x}}]}
---
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: c, namespace: shop}
spec: {secretObjects: [{secretName: csi, data: [{key: a}]}]}
"#;

const DEFINITION: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: sealedsecrets.bitnami.com}
spec: {group: bitnami.com, scope: Namespaced, names: {kind: SealedSecret, plural: sealedsecrets}, versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}
"#;

fn drill(files: &[(&str, &str)], sealed: &str) -> Vec<String> {
    let mut world = MemoryWorld::new();
    for (path, text) in files {
        world.insert(*path, *text);
    }
    world.insert("clusters/prod/definition.yaml", DEFINITION);
    let rendered = render::everything(&world, "", &["prod".to_owned()]);
    for environment in &rendered {
        assert!(environment.diagnostics.is_empty(), "{:?}", environment.diagnostics);
    }
    let sealed = seal::layout::read(sealed).unwrap();
    let found = secrets::drill(&rendered, &sealed).found;
    found.iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect()
}

#[test]
fn what_nothing_makes_is_named_and_what_is_made_is_not() {
    let kustomization = "resources: [workload.yaml, makers.yaml, definition.yaml]\n";
    let found = drill(
        &[
            ("clusters/prod/kustomization.yaml", kustomization),
            ("clusters/prod/workload.yaml", WORKLOAD),
            ("clusters/prod/makers.yaml", MAKERS),
        ],
        MAKERS,
    );
    let wanted = [
        "S150 `shop/deployment.apps/web` reads the Secret `shop/whole`, which nothing makes in prod",
        "S151 `shop/deployment.apps/web` reads `missing` of the Secret `shop/sealed`, which has no such key in prod",
        "S151 `shop/deployment.apps/web` reads `unknown` of the Secret `shop/external`, which has no such key in prod",
        "S150 `shop/deployment.apps/web` reads the Secret `shop/pull`, which nothing makes in prod",
        "S150 `shop/ingress.networking.k8s.io/own` reads the Secret `shop/own-tls`, which nothing makes in prod",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn a_sealed_secret_that_a_kustomization_moves_is_found() {
    let sealed = |name: &str, scope: &str| {
        format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: {name}, namespace: shop, annotations: {{{scope}}}}}\nspec: {{encryptedData: {{x: Ag{name}}}}}\n"
        )
    };
    let all = [
        sealed("strict", ""),
        sealed("namespace", "sealedsecrets.bitnami.com/namespace-wide: \"true\""),
        sealed("cluster", "sealedsecrets.bitnami.com/cluster-wide: \"true\""),
    ]
    .join("---\n");
    let found = |kustomization: &str| {
        let kustomization = format!("resources: [sealed.yaml, definition.yaml]\n{kustomization}");
        let files = [
            ("clusters/prod/kustomization.yaml", kustomization.as_str()),
            ("clusters/prod/sealed.yaml", all.as_str()),
        ];
        drill(&files, &all)
    };
    assert_eq!(found(""), [""; 0]);
    assert_eq!(
        found("namePrefix: new-\n"),
        [
            "S138 the SealedSecret `shop/strict` is strict, and is delivered as `shop/new-strict` in prod"
        ]
    );
    assert_eq!(
        found("namespace: other\n"),
        [
            "S138 the SealedSecret `shop/strict` is strict, and is delivered as `other/strict` in prod",
            "S138 the SealedSecret `shop/namespace` is namespace-wide, and is delivered as `other/namespace` in prod",
        ]
    );
}

#[test]
fn what_is_sealed_for_a_cluster_without_the_controller_is_found() {
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: shop}\nspec: {encryptedData: {x: AgA}}\n";
    let files = [
        ("clusters/prod/kustomization.yaml", "resources: [sealed.yaml]\n"),
        ("clusters/prod/sealed.yaml", sealed),
    ];
    let wanted = ["S152 the SealedSecret `shop/a` cannot be delivered: nothing in prod opens it"];
    assert_eq!(drill(&files, sealed), wanted);
    // Of charts that are not in the cache, only those of add-ons are known not to bring it.
    let resources = "resources: [sealed.yaml, chart.yaml]\n";
    let chart = |chart: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: chart, namespace: argocd}}\nspec:\n  \
             project: default\n  destination: {{name: in-cluster, namespace: shop}}\n  source:\n    repoURL: https://charts.example.com\n    \
             chart: {chart}\n    targetRevision: 1.0.0\n"
        )
    };
    for (name, is_found) in [("cert-manager", true), ("sealed-secrets", false), ("own", false)] {
        let chart = chart(name);
        let files = [
            ("clusters/prod/kustomization.yaml", resources),
            ("clusters/prod/sealed.yaml", sealed),
            ("clusters/prod/chart.yaml", chart.as_str()),
        ];
        let wanted = if is_found { wanted.as_slice() } else { &[] };
        assert_eq!(drill(&files, sealed), wanted, "{name}");
    }
}

#[test]
fn a_secret_that_is_sealed_and_made_otherwise_too_is_found() {
    let sealed = |name: &str, key: &str| {
        format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{encryptedData: {{{key}: AgA}}}}\n---\n"
        )
    };
    let external = |name: &str, policy: &str, key: &str| {
        format!(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{target: {{creationPolicy: {policy}}}, data: [{{secretKey: {key}, remoteRef: {{key: k}}}}]}}\n---\n"
        )
    };
    let class = "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: web, namespace: shop}\nspec: {secretObjects: [{secretName: a, type: Opaque, data: [{objectName: o, key: x}]}]}\n";
    let found = |texts: &[String]| {
        let files = [
            ("clusters/prod/kustomization.yaml", "resources: [all.yaml, definition.yaml]\n"),
            ("clusters/prod/all.yaml", &texts.concat()),
        ];
        drill(&files, "")
    };
    let twice = |what: &str, by: &str| {
        vec![format!("S158 the {what} made twice in prod: by a SealedSecret and by {by}")]
    };
    let owned = |name: &str| external(name, "Owner", "y");
    let (a, b) = (sealed("a", "x"), sealed("b", "x"));
    assert_eq!(found(&[a.clone(), owned("a")]), twice("Secret `shop/a` is", "an ExternalSecret"));
    assert_eq!(
        found(&[a.clone(), b.clone(), owned("a"), owned("b")]),
        twice("Secrets `shop/a`, `shop/b` are", "an ExternalSecret")
    );
    assert_eq!(
        found(&[a.clone(), class.to_owned()]),
        twice("Secret `shop/a` is", "a SecretProviderClass")
    );
    assert_eq!(found(&[a.clone(), owned("b")]), [""; 0]);
    // What only adds its own keys can share a Secret.
    assert_eq!(found(&[a.clone(), external("a", "Merge", "y")]), [""; 0]);
    assert_eq!(
        found(&[a, external("a", "Merge", "x")]),
        twice("Secret `shop/a` is", "an ExternalSecret")
    );
}

#[test]
fn grafanas_login_is_wanted_under_the_keys_that_its_chart_reads() {
    let application = |chart: &str, admin: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: grafana, namespace: argocd}}\nspec:\n  \
             project: default\n  destination: {{name: in-cluster, namespace: shop}}\n  source:\n    repoURL: https://charts.example.com\n    \
             chart: {chart}\n    targetRevision: 1.0.0\n    helm: {{valuesObject: {admin}}}\n"
        )
    };
    let found = |chart: &str, admin: &str| {
        let files = [
            (
                "clusters/prod/kustomization.yaml",
                "resources: [a.yaml, makers.yaml, definition.yaml]\n",
            ),
            ("clusters/prod/a.yaml", &application(chart, admin)),
            ("clusters/prod/makers.yaml", MAKERS),
        ];
        drill(&files, "")
    };
    let missing = |key: &str| {
        format!(
            "S151 `argocd/application.argoproj.io/grafana` reads `{key}` of the Secret `shop/sealed`, which has no such key in prod"
        )
    };
    let defaults = "{admin: {existingSecret: sealed}}";
    let inside = "{grafana: {admin: {existingSecret: sealed, userKey: there, passwordKey: pw}}}";
    assert_eq!(found("grafana", defaults), [missing("admin-user"), missing("admin-password")]);
    assert_eq!(found("kube-prometheus-stack", inside), [missing("pw")]);
    assert_eq!(found("other", defaults), [""; 0]);
    let nobody = found("grafana", "{admin: {existingSecret: nobody}}");
    let wanted = "S150 `argocd/application.argoproj.io/grafana` reads the Secret `shop/nobody`, which nothing makes in prod";
    assert_eq!(nobody, [wanted]);
}

#[test]
fn a_secret_that_several_read_is_missing_once_with_all_keys_that_it_must_have() {
    let pod = |name: &str, key: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  imagePullSecrets: [{{name: pull}}]\n  \
             containers: [{{name: c, image: i, env: [{{name: A, valueFrom: {{secretKeyRef: {{name: db, key: {key}}}}}}}]}}]\n"
        )
    };
    let mut world = MemoryWorld::new();
    let pods = [pod("a", "one"), pod("b", "two"), pod("c", "one")].join("---\n");
    world.insert("clusters/prod/kustomization.yaml", "resources: [pods.yaml]\n");
    world.insert("clusters/prod/pods.yaml", pods);
    let rendered = render::everything(&world, "", &["prod".to_owned()]);
    let found = secrets::drill(&rendered, []).found;
    let said: Vec<_> = found.iter().map(|it| (it.message.as_str(), it.hints[0].as_str())).collect();
    let wanted = [
        (
            "`shop/pod/a` and 2 more read the Secret `shop/db`, which nothing makes in prod",
            "where the platform seals: `mainstay seal db --env prod KEY`, for each KEY of `one`, `two`",
        ),
        (
            "`shop/pod/a` and 2 more read the Secret `shop/pull`, which nothing makes in prod",
            "where the platform seals: `mainstay seal pull --env prod .dockerconfigjson`",
        ),
    ];
    assert_eq!(said, wanted);
}
