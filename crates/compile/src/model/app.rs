//! One app of the payload, before an environment is chosen.

use indexmap::IndexMap;

use super::{
    Affinity, Autoscaling, ConcurrencyPolicy, Egress, EnvValue, HostsWish, Image, Origin, Port,
    Probes, ResourcesWish, Rule, SecretReference, SecurityContext, TlsWish, Toleration, Volume,
};

/// One app. What can differ per environment is a wish here; [`App::in_environment`] decides it.
#[derive(Clone, Debug)]
pub struct App {
    /// Its name; derived from the image where the payload says none.
    pub name: String,
    /// The kind of workload and what only that kind has.
    pub workload: Workload,
    /// The image.
    pub image: Image,
    /// Names of pull Secrets of this app.
    pub image_pull_secrets: Vec<String>,
    /// Replaces the image's entry point; empty keeps it.
    pub command: Vec<String>,
    /// Replaces the image's arguments; empty keeps them.
    pub args: Vec<String>,
    /// The working folder, if not the image's.
    pub working_dir: Option<String>,
    /// Replicas, if the payload says so; else the environment does.
    pub replicas: Option<i64>,
    /// The autoscaler, if there is one.
    pub autoscaling: Option<Autoscaling>,
    /// The hosts as written.
    pub hosts: HostsWish,
    /// Only other apps reach this one.
    pub internal: bool,
    /// TLS as written.
    pub tls: TlsWish,
    /// Annotations of the Ingress.
    pub ingress_annotations: IndexMap<String, String>,
    /// The ports, names and service ports decided; the first gets the hosts' traffic.
    pub ports: Vec<Port>,
    /// The probes; `health` is written out.
    pub probes: Probes,
    /// The resources as written.
    pub resources: ResourcesWish,
    /// Plain environment variables.
    pub env: IndexMap<String, EnvValue>,
    /// Secrets by reference.
    pub secrets: Vec<SecretReference>,
    /// Mounted folders.
    pub volumes: Vec<Volume>,
    /// Seconds between the request to stop and the kill.
    pub termination_grace_period_seconds: i64,
    /// Rights on the Kubernetes API; empty means none and no token.
    pub rules: Vec<Rule>,
    /// Connections out that default deny would stop.
    pub egress: Vec<Egress>,
    /// Labels that a node must have.
    pub node_selector: IndexMap<String, String>,
    /// Taints that the pods bear.
    pub tolerations: Vec<Toleration>,
    /// Where the pods run, relative to each other.
    pub affinity: Affinity,
    /// The container runtime class as written; `gpu` sets `nvidia` by itself.
    pub runtime_class_name: Option<String>,
    /// NVIDIA GPUs per pod; 0 for none.
    pub gpu: i64,
    /// The security context, relaxations included.
    pub security_context: SecurityContext,
    /// Labels of the workload and its pods.
    pub labels: IndexMap<String, String>,
    /// Annotations of the pods.
    pub annotations: IndexMap<String, String>,
    /// What differs, by the environment's name.
    pub overrides: IndexMap<String, Override>,
    /// Where it was written.
    pub origin: Origin,
}

/// The kind of workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Workload {
    /// Runs for ever.
    Deployment,
    /// Runs on a schedule.
    CronJob {
        /// The cron expression; empty where the payload says none.
        schedule: String,
        /// The time zone.
        time_zone: String,
        /// What happens when a run is due and the last one is not over.
        concurrency_policy: ConcurrencyPolicy,
        /// Retries until a run counts as failed.
        backoff_limit: i64,
        /// Seconds until a run is stopped, if ever.
        active_deadline_seconds: Option<i64>,
    },
    /// Runs once per version.
    Job {
        /// Must have succeeded before the deployments are updated.
        before_deployments: bool,
        /// Retries until it counts as failed.
        backoff_limit: i64,
        /// Seconds until it is stopped, if ever.
        active_deadline_seconds: Option<i64>,
    },
}

/// What differs for an app in one environment; `None` and empty mean "as everywhere".
#[derive(Clone, Debug)]
pub struct Override {
    /// `false` leaves the app out.
    pub enabled: bool,
    /// The image tag.
    pub tag: Option<String>,
    /// The image digest.
    pub digest: Option<String>,
    /// Replicas.
    pub replicas: Option<i64>,
    /// The autoscaler; `Some(None)` turns it off.
    pub autoscaling: Option<Option<Autoscaling>>,
    /// Resources, merged over the app's.
    pub resources: ResourcesWish,
    /// Environment variables, merged over the app's.
    pub env: IndexMap<String, EnvValue>,
    /// Hosts, instead of those made by the rule.
    pub hosts: HostsWish,
    /// TLS, instead of the app's.
    pub tls: TlsWish,
    /// The schedule of a cronjob.
    pub schedule: Option<String>,
    /// Where it was written.
    pub origin: Origin,
}
