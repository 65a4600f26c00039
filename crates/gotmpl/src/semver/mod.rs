//! Versions and version constraints, by the rules of Masterminds semver v3.5.
//!
//! Decides whether a text is a version, how two versions are ordered, and whether a version
//! satisfies a constraint such as `>=1.20.0-0 <2 || ^3`. In go texts, out come [`Version`] and
//! [`Constraints`]. Charts (`kubeVersion`, dependencies), templates (`semverCompare`) and image
//! policies all speak this dialect; it is not Cargo's: a missing part is zero, a leading `v` is
//! allowed, and prereleases match only when the constraint names one.
//! Never reads anything but its arguments, and never panics on any text.

mod constraint;
mod version;

pub use constraint::{ConstraintError, Constraints};
pub use version::{Version, VersionError, compare_prerelease};
