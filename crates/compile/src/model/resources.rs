//! Compute resources: amounts, requests and limits, presets.

use super::Quantity;

/// Amounts of compute resources; `None` means that none is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// CPU.
    pub cpu: Option<Quantity>,
    /// Memory.
    pub memory: Option<Quantity>,
    /// Disk for logs, the writable layer and emptyDir volumes.
    pub ephemeral_storage: Option<Quantity>,
}

/// Requests and limits of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// What it is sure to get.
    pub requests: Amounts,
    /// What it may use at most.
    pub limits: Amounts,
}

/// The resources that an app asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourcesWish {
    /// The preset it names, if it does.
    pub preset: Option<Preset>,
    /// What is written, over the preset or the environment's default.
    pub written: Resources,
}

/// A preset by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// Its amounts; `None` where there is no preset of that name (`check` says so).
    pub resources: Option<Resources>,
}

impl Amounts {
    /// Returns these amounts, and the other's where these have none.
    #[must_use]
    pub fn or(self, other: Amounts) -> Amounts {
        Amounts {
            cpu: self.cpu.or(other.cpu),
            memory: self.memory.or(other.memory),
            ephemeral_storage: self.ephemeral_storage.or(other.ephemeral_storage),
        }
    }
}

impl Resources {
    /// Returns what is written, merged over other writings by key.
    #[must_use]
    pub fn merged_over(self, other: Resources) -> Resources {
        Resources {
            requests: self.requests.or(other.requests),
            limits: self.limits.or(other.limits),
        }
    }

    /// Returns what is written, filled up from a preset: a request from the preset is never above a
    /// written limit, a limit from the preset never below a written request.
    #[must_use]
    pub fn over(written: Resources, preset: Resources) -> Resources {
        let least = |a: Option<Quantity>, b: Option<Quantity>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, _) => a,
        };
        let most = |a: Option<Quantity>, b: Option<Quantity>| match (a, b) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, _) => a,
        };
        let limits = written.limits.or(Amounts {
            cpu: most(preset.limits.cpu, written.requests.cpu),
            memory: most(preset.limits.memory, written.requests.memory),
            ephemeral_storage: most(
                preset.limits.ephemeral_storage,
                written.requests.ephemeral_storage,
            ),
        });
        let requests = written.requests.or(Amounts {
            cpu: least(preset.requests.cpu, limits.cpu),
            memory: least(preset.requests.memory, limits.memory),
            ephemeral_storage: least(preset.requests.ephemeral_storage, limits.ephemeral_storage),
        });
        Resources { requests, limits }
    }
}
