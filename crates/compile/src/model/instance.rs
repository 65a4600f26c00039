//! An app in one environment: every wish decided.

use indexmap::IndexMap;

use super::{App, Autoscaling, EnvValue, Environment, Host, HostTls, Image, Resources};

/// An app in one environment. What cannot differ is read from [`AppInstance::app`].
#[derive(Clone, Debug)]
pub struct AppInstance<'a> {
    /// The app.
    pub app: &'a App,
    /// The environment.
    pub environment: &'a Environment,
    /// Whether it runs here at all.
    pub enabled: bool,
    /// The image here.
    pub image: Image,
    /// How many pods.
    pub replicas: Replicas,
    /// The hosts here; empty for cronjobs and jobs.
    pub hosts: Vec<Host>,
    /// TLS of the hosts here.
    pub tls: HostTls,
    /// Resources of each pod's container, without GPUs.
    pub resources: Resources,
    /// Plain environment variables: the environment's, the app's and its override's, merged.
    pub env: IndexMap<String, EnvValue>,
    /// The schedule of a cronjob; empty for others.
    pub schedule: String,
}

/// How many pods of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replicas {
    /// A number.
    Fixed(i64),
    /// An autoscaler decides.
    Autoscaled(Autoscaling),
}
