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
