//! How much an environment needs at its largest.

use indexmap::IndexMap;

use super::{Amounts, Quantity};

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
