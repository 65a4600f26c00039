//! What a field of the payload becomes: a field of the config, and in the end a part of an object.
//!
//! The table of `docs/infra-integration.md`. `crates/compile/tests/contract.rs` holds it against the
//! schemas, so that a new field cannot be forgotten here.

use crate::model::{Platform, SecretsBackend};

/// A row: fields of the payload, fields of the config, what reads them in the cluster.
type Row = (&'static str, &'static str, &'static str);

/// Returns the rows for a platform, in the order of a payload.
pub(super) fn rows(platform: &Platform) -> Vec<Row> {
    let mut rows = Vec::new();
    rows.extend_from_slice(RUNS);
    rows.extend_from_slice(REACHED);
    rows.extend_from_slice(KNOWS);
    rows.push(managed(&platform.secrets.backend));
    rows.extend_from_slice(KEEPS);
    rows.extend_from_slice(PLACED);
    rows.extend_from_slice(DIFFERS);
    rows
}

const RUNS: &[Row] = &[
    ("`name`", "`name`", "the name of all its objects, and of its Service in DNS"),
    ("`type`", "`type`", "Deployment, CronJob or Job"),
    (
        "`image`, `tag`, `digest`",
        "`image.repository`, `.tag`, `.digest`",
        "`image` of the container",
    ),
    ("`imagePullPolicy`", "`image.pullPolicy`", "`imagePullPolicy` of the container"),
    ("`imagePullSecrets`", "`imagePullSecrets`", "ServiceAccount"),
    ("`command`, `args`, `workingDir`", "the same", "the container"),
    ("`replicas`", "`replicas`", "Deployment, and a PodDisruptionBudget where there are two pods"),
    (
        "`autoscaling`",
        "`autoscaling`",
        "HorizontalPodAutoscaler, which then owns the number of pods",
    ),
    (
        "`autoscaling.minReplicas`, `.maxReplicas`, `.targetCPUUtilizationPercentage`, `.targetMemoryUtilizationPercentage`",
        "the same below `autoscaling`",
        "HorizontalPodAutoscaler",
    ),
    (
        "`resources.preset`, `.requests`, `.limits`",
        "`resourcePreset`, `resources`",
        "`resources` of the container; their sum is the ResourceQuota",
    ),
    (
        "`terminationGracePeriodSeconds`",
        "`terminationGracePeriodSeconds`",
        "the pod: time to stop before it is killed",
    ),
    ("`schedule`, `timeZone`, `concurrencyPolicy`", "the same below `cronJob`", "CronJob"),
    (
        "`backoffLimit`, `activeDeadlineSeconds`",
        "the same below `job`",
        "Job, also each of a CronJob",
    ),
    (
        "`beforeDeployments`",
        "`job.beforeDeployments`",
        "Job that must succeed before any Deployment changes",
    ),
];

const REACHED: &[Row] = &[
    ("`fqdn`, `hosts`, `hosts[].host`", "`ingress.hosts[].host`", "Ingress"),
    (
        "`paths`, `hosts[].paths`, `paths[].path`, `.pathType`, `.port`",
        "`ingress.hosts[].paths`",
        "Ingress: which path goes to which port of the Service",
    ),
    ("`internal`", "none: it says that no host was forgotten", "no Ingress"),
    (
        "`tls`, `tls.issuer`, `tls.secretName`",
        "`ingress.tls.enabled`, `.clusterIssuer`, `.secretName`",
        "Ingress; cert-manager keeps the certificate in that Secret",
    ),
    ("`ingressAnnotations`", "`ingress.annotations`", "Ingress"),
    (
        "`port`, `ports[].name`, `.containerPort`, `.servicePort`, `.protocol`",
        "the same below `ports[]`",
        "Service, and the ports of the container",
    ),
    ("`health`, `probes`", "`probes.readiness`, `.liveness`, `.startup`", "the container's probes"),
    (
        "`egress[].cidr`, `.ports`",
        "`egress[].cidr`, `.ports`",
        "NetworkPolicy: what it may connect to",
    ),
];

const KNOWS: &[Row] = &[
    ("`env`", "`env`", "`env` of the container"),
    (
        "`secrets[].existingSecret`, `.key`",
        "`secrets[].existingSecret`, `.key`",
        "`env` or a volume, from that Secret",
    ),
    (
        "`secrets[].env`, `.file`",
        "`secrets[].env`, `.file`",
        "`env` of the container, or a file below `/mnt/secrets`",
    ),
];

/// The row of secrets that have a place in the secret manager.
fn managed(backend: &SecretsBackend) -> Row {
    let object = match backend {
        SecretsBackend::InfisicalCsi(_) => "SecretProviderClass, mounted by the CSI driver",
        SecretsBackend::External(_) => "ExternalSecret of the folder, and the Secret that it keeps",
        SecretsBackend::Sealed => "the Secret of the folder, from a SealedSecret",
        SecretsBackend::ByHand => "the Secret of the folder, made by hand",
        SecretsBackend::None => "nothing here: this platform has no secret manager",
    };
    ("`secrets[].path`, `.key`", "`secrets[].path`, `.key`", object)
}

const KEEPS: &[Row] = &[
    (
        "`volumes[].size`, `.storageClass`, `.accessMode`",
        "the same below `volumes[]`",
        "PersistentVolumeClaim, which outlives the app",
    ),
    (
        "`volumes[].name`, `.mountPath`, `.type`, `.existingClaim`, `.medium`, `.subPath`, `.readOnly`",
        "the same below `volumes[]`",
        "volumes of the pod, and their mounts",
    ),
];

const PLACED: &[Row] = &[
    (
        "`rbac.rules`",
        "`rbac.rules`",
        "Role and RoleBinding; only then does the pod get a token for the Kubernetes API",
    ),
    (
        "`securityContext`",
        "`securityContext`",
        "the pod and the container, looser than the default",
    ),
    ("`nodeSelector`, `tolerations`", "the same", "the pod: on which nodes it may run"),
    (
        "`affinity.spread`, `.sameNodeAs`",
        "`affinity.spread`, `.sameNodeAs`",
        "the pod: on which nodes its replicas run",
    ),
    ("`runtimeClassName`", "`runtimeClassName`", "the pod"),
    (
        "`gpu`",
        "`gpu`",
        "the container's limit `nvidia.com/gpu`; the pod's runtime class, toleration",
    ),
    ("`labels`", "`labels`", "the workload and its pods"),
    ("`annotations`", "`annotations`", "the pods"),
];

const DIFFERS: &[Row] = &[
    (
        "`environments.<name>.enabled`, `.tag`, `.digest`, `.replicas`, `.autoscaling`, `.resources`, `.env`",
        "`overrides.<app>` in `overlays/<name>/values.yaml`",
        "as above, in that environment",
    ),
    (
        "`environments.<name>.fqdn`, `.hosts`, `.tls`",
        "`overrides.<app>.ingress` in that file",
        "Ingress of that environment",
    ),
    (
        "`environments.<name>.schedule`",
        "`overrides.<app>.cronJob.schedule` in that file",
        "CronJob of that environment",
    ),
];
