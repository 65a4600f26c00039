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
mod environment;
mod external;
mod hosts;
mod image;
mod instance;
mod kustomization;
mod origin;
mod platform;
mod quantity;
mod quota;
mod resources;
mod workload;

pub use app::{App, Override, Workload};
pub use build::{Document, build, default_presets};
pub use environment::{Environment, EnvironmentTls, HostRule, Issuer, Sync};
pub use external::{ExternalSecrets, Manager, RemoteRef, folder_secret};
pub use hosts::{Host, HostPattern, HostTls, HostsWish, Path, PathType, PortReference, TlsWish};
pub use image::{Image, PullPolicy};
pub use instance::{AppInstance, Replicas};
pub use kustomization::{Build, Kustomization, OwnSecret, Promotion};
pub use origin::Origin;
pub use platform::{
    Application, Ci, Controller, Defaults, Delivery, Engine, Exposure, ImageUpdates, Infisical,
    Ingress, Install, LetsEncrypt, Platform, PodSecurity, Policies, Project, Projects, PublicPorts,
    PullCredentials, Quotas, Registry, RegistryKind, Release, Repository, Retry, Root, Rotation,
    SealedSecrets, Secrets, SecretsBackend, Tls, Toggles, Tooling, ToolingUse, Ui,
};
pub use quantity::{Format, Quantity};
pub use quota::{LimitRange, Need, Quota};
pub use resources::{Amounts, Preset, Resources, ResourcesWish};
pub use workload::{
    AccessMode, Affinity, Autoscaling, ConcurrencyPolicy, Egress, EnvValue, Port, Probe,
    ProbeAction, Probes, Protocol, Rule, SecretReference, SecretSource, SecurityContext, Spread,
    Toleration, Volume, VolumeSource,
};
