//! One app in one environment, as an entry of `services` in `config/app-config.yaml`.
//!
//! The fields are those of `schemas/app-config.schema.json`; what equals its default is left out.

use crate::generate::address::Mirrors;
use crate::generate::write::{List, Map, Yaml};
use crate::model::{
    Affinity, Amounts, App, AppInstance, Autoscaling, ConcurrencyPolicy, Egress, EnvValue,
    Environment, EnvironmentTls, Host, HostTls, Image, Path, PathType, Port, PortReference, Probe,
    ProbeAction, Probes, Protocol, PullPolicy, Replicas, Resources, Rule, SecretReference,
    SecretSource, SecurityContext, Spread, Toleration, Volume, VolumeSource, Workload,
};

/// Returns the values of an app in an environment, without its name.
///
/// `scales`: it has an autoscaler in some environment, so one without says `autoscaling: false`.
pub(super) fn values(instance: &AppInstance<'_>, scales: bool, mirrors: &Mirrors) -> Map {
    let app = instance.app;
    Map::new()
        .put_some("type", kind(&app.workload))
        .put("image", image(&instance.image, &app.image, mirrors))
        .put_filled("imagePullSecrets", texts(&app.image_pull_secrets))
        .put_filled("command", texts(&app.command))
        .put_filled("args", texts(&app.args))
        .put_some("workingDir", app.working_dir.as_deref())
        .join(replicas(instance, scales))
        .put_filled("cronJob", cron_job(instance))
        .put_filled("job", job(&app.workload))
        .put_filled("ports", ports(&app.ports))
        .put_filled("ingress", ingress(instance))
        .put_filled("probes", probes(&app.probes))
        .put_filled("resources", resources(&instance.resources))
        .put_filled("env", own_env(instance))
        .put_filled("secrets", app.secrets.iter().map(secret).collect::<List>())
        .put_filled("volumes", app.volumes.iter().map(volume).collect::<List>())
        .put_some("terminationGracePeriodSeconds", unless(app.termination_grace_period_seconds, 30))
        .put_filled("rbac", rbac(&app.rules))
        .put_filled("egress", app.egress.iter().map(egress).collect::<List>())
        .join(scheduling(app))
        .put_filled("securityContext", security_context(&app.security_context))
        .put_filled("labels", text_map(app.labels.iter()))
        .put_filled("annotations", text_map(app.annotations.iter()))
}

fn kind(workload: &Workload) -> Option<&'static str> {
    match workload {
        Workload::Deployment => None,
        Workload::CronJob { .. } => Some("cronjob"),
        Workload::Job { .. } => Some("job"),
    }
}

fn image(image: &Image, everywhere: &Image, mirrors: &Mirrors) -> Map {
    // A tag instead of the digest that is written for all environments.
    let no_digest = (everywhere.digest.is_some() && image.digest.is_none()).then(String::new);
    Map::new()
        .put("repository", mirrors.image(&image.repository))
        // Quoted: a tag such as 1.20 must stay a text whatever edits it.
        .put_some("tag", image.tag.clone().map(Yaml::Quoted))
        .put_some("digest", image.digest.clone().or(no_digest))
        .put_some(
            "pullPolicy",
            match image.pull_policy {
                PullPolicy::IfNotPresent => None,
                PullPolicy::Always => Some("Always"),
                PullPolicy::Never => Some("Never"),
            },
        )
}

fn replicas(instance: &AppInstance<'_>, scales: bool) -> Map {
    if instance.app.workload != Workload::Deployment {
        return Map::new();
    }
    match &instance.replicas {
        Replicas::Fixed(count) => {
            Map::new().put("replicas", *count).put_some("autoscaling", scales.then_some(false))
        }
        Replicas::Autoscaled(autoscaling) => Map::new().put("autoscaling", autoscaler(autoscaling)),
    }
}

fn autoscaler(autoscaling: &Autoscaling) -> Map {
    Map::new()
        .put("minReplicas", autoscaling.min_replicas)
        .put("maxReplicas", autoscaling.max_replicas)
        .put("targetCPUUtilizationPercentage", autoscaling.target_cpu_percent)
        .put_some("targetMemoryUtilizationPercentage", autoscaling.target_memory_percent)
}

fn cron_job(instance: &AppInstance<'_>) -> Map {
    let Workload::CronJob { time_zone, concurrency_policy, .. } = &instance.app.workload else {
        return Map::new();
    };
    Map::new()
        .put("schedule", instance.schedule.as_str())
        .put_some("timeZone", unless(time_zone.as_str(), "Etc/UTC"))
        .put_some(
            "concurrencyPolicy",
            match concurrency_policy {
                ConcurrencyPolicy::Forbid => None,
                ConcurrencyPolicy::Allow => Some("Allow"),
                ConcurrencyPolicy::Replace => Some("Replace"),
            },
        )
}

fn job(workload: &Workload) -> Map {
    let (before, backoff, deadline) = match workload {
        Workload::Deployment => return Map::new(),
        Workload::CronJob { backoff_limit, active_deadline_seconds, .. } => {
            (false, *backoff_limit, *active_deadline_seconds)
        }
        Workload::Job { before_deployments, backoff_limit, active_deadline_seconds } => {
            (*before_deployments, *backoff_limit, *active_deadline_seconds)
        }
    };
    Map::new()
        .put_some("beforeDeployments", before.then_some(true))
        .put_some("backoffLimit", unless(backoff, 3))
        .put_some("activeDeadlineSeconds", deadline)
}

fn ports(ports: &[Port]) -> List {
    ports
        .iter()
        .map(|port| {
            Map::new()
                .put("name", port.name.as_str())
                .put("containerPort", port.container_port)
                .put_some("servicePort", unless(port.service_port, port.container_port))
                .put_some("protocol", (port.protocol == Protocol::Udp).then_some("UDP"))
        })
        .collect()
}

fn ingress(instance: &AppInstance<'_>) -> Map {
    if instance.hosts.is_empty() {
        return Map::new();
    }
    let app = instance.app;
    Map::new()
        .put("hosts", instance.hosts.iter().map(host).collect::<List>())
        .put_filled("tls", tls(&instance.tls, instance.environment, &app.name))
        .put_filled("annotations", text_map(app.ingress_annotations.iter()))
}

fn host(host: &Host) -> Map {
    let map = Map::new().put("host", host.host.as_str());
    if let [only] = host.paths.as_slice()
        && only.path == "/"
        && only.path_type == PathType::Prefix
        && only.port == PortReference::First
    {
        // The chart's own default.
        return map;
    }
    map.put("paths", host.paths.iter().map(path).collect::<List>())
}

fn path(path: &Path) -> Map {
    Map::new()
        .put("path", path.path.as_str())
        .put_some("pathType", (path.path_type == PathType::Exact).then_some("Exact"))
        .put_some("port", port(&path.port))
}

fn port(port: &PortReference) -> Option<Yaml> {
    match port {
        PortReference::First => None,
        PortReference::Name(name) => Some(name.into()),
        PortReference::Number(number) => Some((*number).into()),
    }
}

/// Only what differs from the environment's own TLS, which stands at the head of the values.
fn tls(tls: &HostTls, environment: &Environment, app: &str) -> Map {
    match (tls, &environment.tls) {
        (HostTls::Off, EnvironmentTls::Off) => Map::new(),
        (HostTls::Off, EnvironmentTls::On { .. }) => Map::new().put("enabled", false),
        (HostTls::On { issuer, secret_name }, environment) => {
            let (enabled, inherited) = match environment {
                EnvironmentTls::Off => (Some(true), None),
                EnvironmentTls::On { issuer } => (None, Some(issuer)),
            };
            Map::new()
                .put_some("enabled", enabled)
                .put_some(
                    "clusterIssuer",
                    (inherited != Some(issuer)).then(|| issuer.cluster_issuer()),
                )
                .put_some("secretName", unless(secret_name.as_str(), format!("{app}-tls").as_str()))
        }
    }
}

fn probes(probes: &Probes) -> Map {
    Map::new()
        .put_some("startup", probes.startup.as_ref().map(probe))
        .put_some("readiness", probes.readiness.as_ref().map(probe))
        .put_some("liveness", probes.liveness.as_ref().map(probe))
}

fn probe(probe: &Probe) -> Map {
    let map = match &probe.action {
        ProbeAction::HttpGet { path, port: reference, https, headers } => {
            let headers: List = headers
                .iter()
                .map(|(name, value)| {
                    Map::new().put("name", name.as_str()).put("value", value.as_str())
                })
                .collect();
            Map::new().put(
                "httpGet",
                Map::new()
                    .put("path", path.as_str())
                    .put_some("port", port(reference))
                    .put_some("scheme", https.then_some("HTTPS"))
                    .put_filled("httpHeaders", headers),
            )
        }
        ProbeAction::TcpSocket { port: reference } => {
            Map::new().put("tcpSocket", Map::new().put_some("port", port(reference)))
        }
        ProbeAction::Exec { command } => {
            Map::new().put("exec", Map::new().put("command", texts(command)))
        }
        ProbeAction::Grpc { port: reference, service } => Map::new().put(
            "grpc",
            Map::new().put_some("port", port(reference)).put_some("service", service.as_deref()),
        ),
    };
    map.put_some("initialDelaySeconds", unless(probe.initial_delay_seconds, 0))
        .put_some("periodSeconds", unless(probe.period_seconds, 10))
        .put_some("timeoutSeconds", unless(probe.timeout_seconds, 1))
        .put_some("successThreshold", unless(probe.success_threshold, 1))
        .put_some("failureThreshold", unless(probe.failure_threshold, 3))
}

/// Returns requests and limits.
pub(super) fn resources(resources: &Resources) -> Map {
    Map::new()
        .put_filled("requests", amounts(&resources.requests))
        .put_filled("limits", amounts(&resources.limits))
}

/// Returns amounts of resources.
pub(super) fn amounts(amounts: &Amounts) -> Map {
    let text =
        |quantity: Option<crate::model::Quantity>| quantity.map(|quantity| quantity.to_string());
    Map::new()
        .put_some("cpu", text(amounts.cpu))
        .put_some("memory", text(amounts.memory))
        .put_some("ephemeral-storage", text(amounts.ephemeral_storage))
}

/// The app's own variables; those of the environment stand at the head of its overlay.
fn own_env(instance: &AppInstance<'_>) -> Map {
    let mut own = instance.app.env.clone();
    if let Some(changes) = instance.app.overrides.get(&instance.environment.name) {
        own.extend(changes.env.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    env(own.iter())
}

/// Returns environment variables. They are texts in the end: written as such, no reader rounds them.
pub(super) fn env<'e>(env: impl Iterator<Item = (&'e String, &'e EnvValue)>) -> Map {
    env.map(|(name, value)| {
        let value: Yaml = match (value, value.text()) {
            (EnvValue::Field(field), _) => Map::new().put("fieldRef", field.as_str()).into(),
            (_, text) => text.unwrap_or_default().into(),
        };
        (name.as_str(), value)
    })
    .collect()
}

fn secret(secret: &SecretReference) -> Map {
    let map = match &secret.source {
        SecretSource::Manager { path } => Map::new().put("path", path.as_str()),
        SecretSource::Existing { name } => Map::new().put("existingSecret", name.as_str()),
    };
    map.put("key", secret.key.as_str())
        .put_some("env", secret.env.as_deref())
        .put_some("file", secret.file.as_deref())
}

fn volume(volume: &Volume) -> Map {
    let map =
        Map::new().put("name", volume.name.as_str()).put("mountPath", volume.mount_path.as_str());
    let access = |mode: crate::model::AccessMode| unless(mode.word(), "ReadWriteOnce");
    let map = match &volume.source {
        VolumeSource::Persistent { size, storage_class, access_mode } => map
            .put("size", size.to_string())
            .put_some("storageClass", storage_class.as_deref())
            .put_some("accessMode", access(*access_mode)),
        VolumeSource::Existing { claim, access_mode } => {
            map.put("existingClaim", claim.as_str()).put_some("accessMode", access(*access_mode))
        }
        VolumeSource::EmptyDir { size_limit, memory } => map
            .put("type", "emptyDir")
            .put_some("size", size_limit.map(|size| size.to_string()))
            .put_some("medium", memory.then_some("Memory")),
    };
    map.put_some("subPath", volume.sub_path.as_deref())
        .put_some("readOnly", volume.read_only.then_some(true))
}

fn rbac(rules: &[Rule]) -> Map {
    let rules: List = rules
        .iter()
        .map(|rule| {
            Map::new()
                .put("apiGroups", texts(&rule.api_groups))
                .put("resources", texts(&rule.resources))
                .put("verbs", texts(&rule.verbs))
                .put_filled("resourceNames", texts(&rule.resource_names))
        })
        .collect();
    Map::new().put_filled("rules", rules)
}

fn egress(egress: &Egress) -> Map {
    let ports: List = egress.ports.iter().copied().collect();
    Map::new().put("cidr", egress.cidr.as_str()).put_filled("ports", ports)
}

fn scheduling(app: &App) -> Map {
    Map::new()
        .put_filled("nodeSelector", text_map(app.node_selector.iter()))
        .put_filled("tolerations", app.tolerations.iter().map(toleration).collect::<List>())
        .put_filled("affinity", affinity(&app.affinity))
        .put_some("runtimeClassName", app.runtime_class_name.as_deref())
        .put_some("gpu", unless(app.gpu, 0))
}

fn toleration(toleration: &Toleration) -> Map {
    Map::new()
        .put_some("key", toleration.key.as_deref())
        .put_some("operator", toleration.exists.then_some("Exists"))
        .put_some("value", toleration.value.as_deref())
        .put_some("effect", toleration.effect.as_deref())
        .put_some("tolerationSeconds", toleration.toleration_seconds)
}

fn affinity(affinity: &Affinity) -> Map {
    let spread = match affinity.spread {
        Spread::Unset => None,
        Spread::Preferred => Some("preferred"),
        Spread::Required => Some("required"),
    };
    Map::new().put_some("spread", spread).put_some("sameNodeAs", affinity.same_node_as.as_deref())
}

fn security_context(context: &SecurityContext) -> Map {
    Map::new()
        .put_some("runAsNonRoot", (!context.run_as_non_root).then_some(false))
        .put_some("runAsUser", context.run_as_user)
        .put_some("runAsGroup", context.run_as_group)
        .put_some("fsGroup", context.fs_group)
        .put_some("readOnlyRootFilesystem", (!context.read_only_root_filesystem).then_some(false))
        .put_some("allowPrivilegeEscalation", context.allow_privilege_escalation.then_some(true))
        .put_filled("addCapabilities", texts(&context.add_capabilities))
        .put_some("seccompProfile", context.seccomp_unconfined.then_some("Unconfined"))
}

fn texts(texts: &[String]) -> List {
    texts.iter().collect()
}

fn text_map<'e>(entries: impl Iterator<Item = (&'e String, &'e String)>) -> Map {
    entries.map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// Returns a value unless it is the default.
#[allow(clippy::needless_pass_by_value, reason = "numbers and words, written where they are used")]
fn unless<T: PartialEq>(value: T, default: T) -> Option<T> {
    (value != default).then_some(value)
}
