//! The parts of a workload: ports, probes, variables, secrets, volumes, scheduling.

use super::{PortReference, Quantity, folder_secret};

/// A container port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// The port that the container listens on.
    pub container_port: i64,
    /// The port under which other apps reach it.
    pub service_port: i64,
    /// The protocol.
    pub protocol: Protocol,
}

/// The protocol of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// The health probes of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probes {
    /// Traffic is sent only while this one succeeds.
    pub readiness: Option<Probe>,
    /// The container is restarted when this one fails.
    pub liveness: Option<Probe>,
    /// The other two wait until this one has succeeded once.
    pub startup: Option<Probe>,
}

/// A health probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What is asked.
    pub action: ProbeAction,
    /// Seconds before the first probe.
    pub initial_delay_seconds: i64,
    /// Seconds between probes.
    pub period_seconds: i64,
    /// Seconds until a probe counts as failed.
    pub timeout_seconds: i64,
    /// Successes in a row until healthy.
    pub success_threshold: i64,
    /// Failures in a row until unhealthy.
    pub failure_threshold: i64,
    /// The field it was written in, relative to its app: `health` or `probes.readiness`.
    pub field: String,
}

/// What a probe asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeAction {
    /// An HTTP request.
    HttpGet {
        /// Its path.
        path: String,
        /// Its port.
        port: PortReference,
        /// Whether it is HTTPS.
        https: bool,
        /// Its headers, name and value.
        headers: Vec<(String, String)>,
    },
    /// A TCP connection.
    TcpSocket {
        /// Its port.
        port: PortReference,
    },
    /// A command that exits 0.
    Exec {
        /// The command and its arguments.
        command: Vec<String>,
    },
    /// The gRPC health service.
    Grpc {
        /// Its port.
        port: PortReference,
        /// The service asked for, if one is named.
        service: Option<String>,
    },
}

/// The value of a plain environment variable.
#[derive(Clone, Debug, PartialEq)]
pub enum EnvValue {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A field of the pod.
    Field(String),
}

impl EnvValue {
    /// Returns the text that the container sees; `None` where Kubernetes fills it in.
    pub fn text(&self) -> Option<String> {
        match self {
            EnvValue::Text(text) => Some(text.clone()),
            EnvValue::Integer(number) => Some(number.to_string()),
            EnvValue::Float(number) => Some(number.to_string()),
            EnvValue::Bool(value) => Some(value.to_string()),
            EnvValue::Field(_) => None,
        }
    }
}

/// A secret by reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretReference {
    /// Its key in the source.
    pub key: String,
    /// Where it is.
    pub source: SecretSource,
    /// The environment variable that gets it; at least one of `env` and `file` is set.
    pub env: Option<String>,
    /// The file that gets it.
    pub file: Option<String>,
}

impl SecretReference {
    /// Returns the name of the Secret that it is in, with every backend but `infisical-csi`.
    pub fn secret(&self) -> String {
        match &self.source {
            SecretSource::Manager { path } => folder_secret(path),
            SecretSource::Existing { name } => name.clone(),
        }
    }
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In the external secret manager.
    Manager {
        /// Its folder.
        path: String,
    },
    /// In a Secret that is already in the namespace.
    Existing {
        /// Its name.
        name: String,
    },
}

/// A mounted folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Where it is mounted.
    pub mount_path: String,
    /// What it is.
    pub source: VolumeSource,
    /// The folder inside the volume that is mounted, if not its root.
    pub sub_path: Option<String>,
    /// Mounted read-only.
    pub read_only: bool,
}

/// What a volume is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeSource {
    /// A claim `<app>-<name>` that mainstay makes.
    Persistent {
        /// Its size; zero where none is written (`check` says so).
        size: Quantity,
        /// Its storage class, if not the cluster's default.
        storage_class: Option<String>,
        /// Its access mode.
        access_mode: AccessMode,
    },
    /// A claim that is already there.
    Existing {
        /// Its name.
        claim: String,
        /// Its access mode.
        access_mode: AccessMode,
    },
    /// A folder that lives as long as the pod.
    EmptyDir {
        /// Its upper bound, if there is one.
        size_limit: Option<Quantity>,
        /// Kept in RAM.
        memory: bool,
    },
}

/// How many may mount a persistent volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessMode {
    /// One node.
    ReadWriteOnce,
    /// One pod.
    ReadWriteOncePod,
    /// Many, reading.
    ReadOnlyMany,
    /// Many.
    ReadWriteMany,
}

impl AccessMode {
    /// Whether only one node or pod can have it; then the chart replaces pods by `Recreate`.
    pub fn is_exclusive(self) -> bool {
        matches!(self, AccessMode::ReadWriteOnce | AccessMode::ReadWriteOncePod)
    }

    /// Returns the word that Kubernetes uses.
    pub fn word(self) -> &'static str {
        match self {
            AccessMode::ReadWriteOnce => "ReadWriteOnce",
            AccessMode::ReadWriteOncePod => "ReadWriteOncePod",
            AccessMode::ReadOnlyMany => "ReadOnlyMany",
            AccessMode::ReadWriteMany => "ReadWriteMany",
        }
    }
}

/// A HorizontalPodAutoscaler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscaling {
    /// Fewest replicas.
    pub min_replicas: i64,
    /// Most replicas.
    pub max_replicas: i64,
    /// Average CPU use aimed at, in percent of the request.
    pub target_cpu_percent: i64,
    /// Average memory use aimed at, in percent of the request, if at all.
    pub target_memory_percent: Option<i64>,
}

/// What happens when a cronjob is due and the last run is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcurrencyPolicy {
    /// The new run is skipped.
    Forbid,
    /// Both run.
    Allow,
    /// The old run is stopped.
    Replace,
}

/// A rule of a Role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// API groups; the empty text is the core group.
    pub api_groups: Vec<String>,
    /// Resources.
    pub resources: Vec<String>,
    /// What may be done.
    pub verbs: Vec<String>,
    /// Only these objects; empty means all.
    pub resource_names: Vec<String>,
}

/// A destination that default deny would stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Egress {
    /// The address block.
    pub cidr: String,
    /// TCP ports; empty means all ports and protocols.
    pub ports: Vec<i64>,
}

/// A toleration of a taint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toleration {
    /// Key of the taint; `None` with `exists` means every taint.
    pub key: Option<String>,
    /// Operator `Exists` instead of `Equal`.
    pub exists: bool,
    /// Value of the taint.
    pub value: Option<String>,
    /// Effect of the taint, as Kubernetes names it; `None` means all.
    pub effect: Option<String>,
    /// How long a NoExecute taint is borne.
    pub toleration_seconds: Option<i64>,
}

/// Where the pods run, relative to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affinity {
    /// Over nodes.
    pub spread: Spread,
    /// The app on whose node the pods must run.
    pub same_node_as: Option<String>,
}

/// Spreading over nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// As the scheduler likes.
    #[default]
    Unset,
    /// If possible.
    Preferred,
    /// Or wait.
    Required,
}

/// The security context of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityContext {
    /// Refuse to start as root.
    pub run_as_non_root: bool,
    /// User id, if not the image's.
    pub run_as_user: Option<i64>,
    /// Group id, if not the image's.
    pub run_as_group: Option<i64>,
    /// Group that owns mounted volumes.
    pub fs_group: Option<i64>,
    /// Nothing can be written but to volumes.
    pub read_only_root_filesystem: bool,
    /// Set-user-id programs work.
    pub allow_privilege_escalation: bool,
    /// Capabilities given back after all are dropped.
    pub add_capabilities: Vec<String>,
    /// The container runtime's system call filter is off.
    pub seccomp_unconfined: bool,
}

impl Default for SecurityContext {
    fn default() -> SecurityContext {
        SecurityContext {
            run_as_non_root: true,
            run_as_user: None,
            run_as_group: None,
            fs_group: None,
            read_only_root_filesystem: true,
            allow_privilege_escalation: false,
            add_capabilities: Vec::new(),
            seccomp_unconfined: false,
        }
    }
}
