//! An app in one environment: every wish decided.

use indexmap::IndexMap;

use text::Place;

use super::{
    App, Autoscaling, EnvValue, Environment, EnvironmentTls, Host, HostTls, Image, Override,
    Resources, TlsWish, VolumeSource, Workload, hosts,
};

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

impl App {
    /// Returns this app as it runs in an environment.
    pub fn in_environment<'a>(&'a self, environment: &'a Environment) -> AppInstance<'a> {
        let differing = self.overrides.get(&environment.name);
        let schedule = match &self.workload {
            Workload::CronJob { schedule, .. } => differing
                .and_then(|differing| differing.schedule.clone())
                .unwrap_or(schedule.clone()),
            Workload::Deployment | Workload::Job { .. } => String::new(),
        };
        AppInstance {
            app: self,
            environment,
            enabled: differing.is_none_or(|differing| differing.enabled),
            image: self.image_in(differing),
            replicas: self.replicas_in(environment, differing),
            hosts: match self.workload {
                Workload::Deployment => hosts::decide(self, environment, differing),
                Workload::CronJob { .. } | Workload::Job { .. } => Vec::new(),
            },
            tls: self.tls_in(environment, differing),
            resources: self.resources_in(environment, differing),
            env: self.env_in(environment, differing),
            schedule,
        }
    }

    fn image_in(&self, differing: Option<&Override>) -> Image {
        let mut image = self.image.clone();
        let Some(differing) = differing else { return image };
        if differing.tag.is_some() {
            // A digest wins over a tag, so the app's own would undo the tag of this environment.
            image.tag.clone_from(&differing.tag);
            image.digest = None;
        }
        if differing.digest.is_some() {
            image.digest.clone_from(&differing.digest);
        }
        image
    }

    fn replicas_in(&self, environment: &Environment, differing: Option<&Override>) -> Replicas {
        let fixed = differing.and_then(|differing| differing.replicas);
        let autoscaling = match differing.and_then(|differing| differing.autoscaling.clone()) {
            Some(here) => here,
            // A number for this environment is meant instead of the app's autoscaler.
            None if fixed.is_some() => None,
            None => self.autoscaling.clone(),
        };
        match autoscaling {
            Some(autoscaling) => Replicas::Autoscaled(autoscaling),
            None => Replicas::Fixed(fixed.or(self.replicas).unwrap_or(environment.replicas)),
        }
    }

    fn tls_in(&self, environment: &Environment, differing: Option<&Override>) -> HostTls {
        let here = differing.map_or(&TlsWish::Inherit, |differing| &differing.tls);
        let on_here = matches!(here, TlsWish::On { .. });
        let wish = if *here == TlsWish::Inherit { &self.tls } else { here };
        let environment_on = matches!(environment.tls, EnvironmentTls::On { .. });
        let (issuer, secret_name) = match wish {
            TlsWish::Off => return HostTls::Off,
            TlsWish::Inherit => (None, None),
            TlsWish::On { issuer, secret_name } => {
                // Key by key: what this environment does not say, the app does.
                let (below_issuer, below_secret) = match &self.tls {
                    TlsWish::On { issuer, secret_name } => (issuer.clone(), secret_name.clone()),
                    TlsWish::Inherit | TlsWish::Off => (None, None),
                };
                (issuer.clone().or(below_issuer), secret_name.clone().or(below_secret))
            }
        };
        let Some(default) = environment.issuer.clone().filter(|_| environment_on || on_here) else {
            return HostTls::Off;
        };
        HostTls::On {
            issuer: issuer.unwrap_or(default),
            secret_name: secret_name.unwrap_or_else(|| format!("{}-tls", self.name)),
        }
    }

    fn resources_in(&self, environment: &Environment, differing: Option<&Override>) -> Resources {
        let here = differing.map(|differing| &differing.resources);
        let written = here.map(|here| here.written).unwrap_or_default();
        let written = written.merged_over(self.resources.written);
        let named = here.and_then(|here| here.preset.as_ref()).or(self.resources.preset.as_ref());
        match named {
            None if written == Resources::default() => environment.resources,
            None => Resources::over(written, environment.preset),
            Some(named) => Resources::over(written, named.resources.unwrap_or(environment.preset)),
        }
    }

    fn env_in(
        &self,
        environment: &Environment,
        differing: Option<&Override>,
    ) -> IndexMap<String, EnvValue> {
        let mut env = environment.env.clone();
        for layer in
            [Some(&self.env), differing.map(|differing| &differing.env)].into_iter().flatten()
        {
            env.extend(layer.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        // A variable that comes from a secret is not overshadowed by the environment's plain one.
        let secret = |name: &String| {
            self.secrets.iter().any(|secret| secret.env.as_ref() == Some(name))
                && !self.env.contains_key(name)
                && differing.is_none_or(|differing| !differing.env.contains_key(name))
        };
        env.retain(|name, _| !secret(name));
        env
    }

    /// Whether old pods go before new ones come (`Recreate`), because a GPU or a volume that can be
    /// mounted once cannot be had twice; as `charts/app` decides it.
    pub fn is_recreated(&self) -> bool {
        self.gpu > 0 || self.has_exclusive_volume()
    }

    /// Whether a persistent volume can be mounted by one node or pod at a time.
    pub fn has_exclusive_volume(&self) -> bool {
        self.volumes.iter().any(|volume| match &volume.source {
            VolumeSource::Persistent { access_mode, .. }
            | VolumeSource::Existing { access_mode, .. } => access_mode.is_exclusive(),
            VolumeSource::EmptyDir { .. } => false,
        })
    }
}

impl AppInstance<'_> {
    /// Returns the place of a field: in the app's override for this environment if it stands there,
    /// else in the app.
    pub fn place(&self, field: &str) -> Place {
        match self.app.overrides.get(&self.environment.name) {
            Some(differing) if differing.origin.has(field) => differing.origin.place(field),
            _ => self.app.origin.place(field),
        }
    }

    /// Returns the most pods that run at once when nothing is being rolled out.
    pub fn most_replicas(&self) -> i64 {
        match &self.replicas {
            Replicas::Fixed(count) => *count,
            Replicas::Autoscaled(autoscaling) => autoscaling.max_replicas,
        }
    }
}
