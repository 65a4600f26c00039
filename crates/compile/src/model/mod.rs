//! What a platform is: plain values, every default decided.
//!
//! Decides what the spec and the payload mean together: which default applies where, what an app
//! looks like in one environment ([`App::in_environment`]), how much an environment needs at its
//! largest ([`Platform::quota`]).
//! In: the validated, spanned trees of intake ([`build()`]). Out: a [`Platform`], whose parts know
//! where they were written ([`Origin`]).
//! Never judges: what makes no sense is still represented, and `check` says so. An `Option` here
//! means that there is none, never that nobody decided.

mod app;
mod build;
mod delivery;
mod environment;
mod external;
mod hosts;
mod image;
mod ingress;
mod instance;
mod kustomization;
mod origin;
mod platform;
mod quantity;
mod quota;
mod registry;
mod resources;
mod secrets;
mod workload;

pub use app::{App, Override, Workload};
pub use build::{Document, build, default_presets};
pub use delivery::{Delivery, Engine, ImageUpdates, Project, Projects, Retry, Root, Ui};
pub use environment::{Environment, EnvironmentTls, HostRule, Issuer, Sync};
pub use external::{ExternalSecrets, Manager, RemoteRef, folder_secret};
pub use hosts::{Host, HostPattern, HostTls, HostsWish, Path, PathType, PortReference, TlsWish};
pub use image::{Image, PullPolicy};
pub use ingress::{Controller, Exposure, Ingress, LetsEncrypt, PublicPorts, Tls};
pub use instance::{AppInstance, Replicas};
pub use kustomization::{Build, Kustomization, OwnSecret, Promotion};
pub use origin::Origin;
pub use platform::{
    Application, Ci, Defaults, Install, Platform, PodSecurity, Policies, Quotas, Release,
    Repository, Toggles, Tooling, ToolingUse,
};
pub use quantity::{Format, Quantity};
pub use quota::{LimitRange, Need, Quota};
pub(crate) use registry::registry_host;
pub use registry::{PullCredentials, Registry, RegistryKind};
pub use resources::{Amounts, Preset, Resources, ResourcesWish};
pub use secrets::{Infisical, Rotation, SealedSecrets, Secrets, SecretsBackend};
pub use workload::{
    AccessMode, Affinity, Autoscaling, ConcurrencyPolicy, Egress, EnvValue, Port, Probe,
    ProbeAction, Probes, Protocol, Rule, SecretReference, SecretSource, SecurityContext, Spread,
    Toleration, Volume, VolumeSource,
};
