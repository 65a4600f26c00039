//! How much an environment needs at its largest, and the ResourceQuota that leaves room for it.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{
    Amounts, AppInstance, ConcurrencyPolicy, Environment, HostTls, Platform, Quantity, Quotas,
    Resources, Workload,
};

/// The ResourceQuota of an environment's namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Upper bounds by the names that Kubernetes gives them, in a fixed order.
    pub hard: IndexMap<String, Quantity>,
    /// The LimitRange beside it: what a container gets that asks for nothing.
    pub limit_range: LimitRange,
}

/// The LimitRange of an environment's namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitRange {
    /// Limits of a container that names none.
    pub default: Amounts,
    /// Requests of a container that names none.
    pub default_request: Amounts,
}

/// What a namespace needs, by the names of a ResourceQuota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The amounts, in a fixed order. A compute resource that some container does not name is left
    /// out: a quota on it would force a value on that container.
    pub amounts: IndexMap<&'static str, Quantity>,
}

const MEBIBYTE: i64 = 1 << 20;

impl Platform {
    /// Returns the quota of an environment; `None` where quotas are off.
    pub fn quota(&self, environment: &Environment) -> Option<Quota> {
        let Quotas::Computed { headroom_percent } = self.policies.quotas else { return None };
        let need = self.need(environment);
        let with_headroom = |(name, amount): (&&'static str, &Quantity)| {
            let step = match *name {
                "pods" | GPU => Quantity::whole(1),
                "requests.cpu" | "limits.cpu" => Quantity::milli(10),
                _ => Quantity::bytes(MEBIBYTE),
            };
            ((*name).to_owned(), amount.with_headroom(headroom_percent, step))
        };
        let hard: IndexMap<String, Quantity> = need.amounts.iter().map(with_headroom).collect();
        let only = |names: [&str; 2], amounts: Amounts| Amounts {
            cpu: amounts.cpu.filter(|_| hard.contains_key(names[0])),
            memory: amounts.memory.filter(|_| hard.contains_key(names[1])),
            ephemeral_storage: None,
        };
        let preset = self.resource_presets.get(&self.defaults.resource_preset);
        let preset = preset.copied().unwrap_or_default();
        let limit_range = LimitRange {
            default: only(["limits.cpu", "limits.memory"], preset.limits),
            default_request: only(["requests.cpu", "requests.memory"], preset.requests),
        };
        Some(Quota { hard, limit_range })
    }

    /// Returns what an environment's namespace needs at its largest: every deployment at its most
    /// replicas and rolled out at the same time, every job running, every certificate ordered.
    ///
    /// Storage is not reckoned: claims outlive their apps, so that a bound computed from today's
    /// apps would some day block tomorrow's.
    pub fn need(&self, environment: &Environment) -> Need {
        let mut sum = Sum::default();
        let mut challenges = BTreeSet::new();
        for app in &self.apps {
            let instance = app.in_environment(environment);
            if !instance.enabled {
                continue;
            }
            sum.add(most_pods(&instance), instance.resources, app.gpu);
            if matches!(instance.tls, HostTls::On { .. }) && self.toggles.ingresses {
                challenges.extend(instance.hosts.into_iter().map(|host| host.host));
            }
        }
        if self.holds_pull_secret() {
            // The pod that holds the pull Secret, and one more while it is rolled.
            sum.add(2, resources((1, 8), (10, 16)), 0);
        }
        // cert-manager answers HTTP-01 by a pod beside the Ingress; these are its own defaults.
        let solvers = i64::try_from(challenges.len()).unwrap_or(i64::MAX);
        if solvers > 0 {
            sum.add(solvers, resources((10, 64), (100, 64)), 0);
        }
        sum.need()
    }
}

/// Returns the most pods of an app that are there at once: the largest number of replicas, and the
/// one more that a rollout starts before it stops an old one.
pub(crate) fn most_pods(instance: &AppInstance<'_>) -> i64 {
    match &instance.app.workload {
        Workload::Deployment => {
            let replicas = instance.most_replicas();
            let surge = i64::from(replicas > 0 && !instance.app.is_recreated());
            replicas.saturating_add(surge)
        }
        Workload::CronJob { concurrency_policy, .. } => match concurrency_policy {
            ConcurrencyPolicy::Forbid => 1,
            ConcurrencyPolicy::Allow | ConcurrencyPolicy::Replace => 2,
        },
        Workload::Job { .. } => 1,
    }
}

fn resources(requests: (i64, i64), limits: (i64, i64)) -> Resources {
    let amounts = |(cpu, memory): (i64, i64)| Amounts {
        cpu: Some(Quantity::milli(cpu)),
        memory: Some(Quantity::bytes(memory * MEBIBYTE)),
        ephemeral_storage: None,
    };
    Resources { requests: amounts(requests), limits: amounts(limits) }
}

const GPU: &str = "requests.nvidia.com/gpu";
const NAMES: [&str; 4] = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

#[derive(Default)]
struct Sum {
    pods: i64,
    gpus: i64,
    amounts: [Quantity; 4],
    /// Whether some container does not name the resource.
    unbounded: [bool; 4],
}

impl Sum {
    fn add(&mut self, pods: i64, resources: Resources, gpus: i64) {
        self.pods = self.pods.saturating_add(pods);
        self.gpus = self.gpus.saturating_add(pods.saturating_mul(gpus));
        let Resources { requests, limits } = resources;
        // A container without a request gets its limit as request.
        let wanted = [
            requests.cpu.or(limits.cpu),
            requests.memory.or(limits.memory),
            limits.cpu,
            limits.memory,
        ];
        for (index, wanted) in wanted.into_iter().enumerate() {
            match wanted {
                Some(wanted) => {
                    self.amounts[index] = self.amounts[index].plus(wanted.times(pods));
                }
                None => self.unbounded[index] = true,
            }
        }
    }

    fn need(&self) -> Need {
        let mut amounts = IndexMap::from([("pods", Quantity::whole(self.pods))]);
        for (index, name) in NAMES.into_iter().enumerate() {
            if !self.unbounded[index] && !self.amounts[index].is_zero() {
                amounts.insert(name, self.amounts[index]);
            }
        }
        if self.gpus > 0 {
            amounts.insert(GPU, Quantity::whole(self.gpus));
        }
        Need { amounts }
    }
}
