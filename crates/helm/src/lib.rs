//! Chart and values to objects, as helm v4.3.1 does.
//!
//! Decides which charts of an archive take part, with which values, in which order their templates
//! are parsed and rendered, and how the output is cut into manifests, sorted and printed: the same
//! bytes as `helm template`, and its words where something is wrong.
//! In: the bytes of a chart ([`Chart`]), a [`Release`], [`ValuesInput`] and [`Options`]. Out:
//! [`Rendered`] or an [`Error`].
//! It never touches disk, clock, environment or network, and never asks a cluster.

mod archive;
mod capabilities;
mod chart;
mod coalesce;
mod context;
mod dependencies;
mod error;
mod files;
mod glob;
mod ignore;
mod manifest;
mod metadata;
mod numbers;
mod output;
mod paths;
mod pattern;
mod render;
mod schema;
mod strvals;
mod tar;
mod template_error;
mod tree;
mod values;

pub use archive::{File, read as read_archive};
pub use capabilities::{DEFAULT_API_VERSIONS, KubeVersion};
pub use chart::Chart;
pub use error::{Error, ErrorKind, Location};
pub use gotmpl::Data;
pub use ignore::Ignore;
pub use manifest::Manifest;
pub use metadata::{Dependency, Maintainer, Metadata};
pub use output::{Crd, OutputFile, Print, Rendered};
pub use render::{Options, Release, render};
pub use values::{Set, ValuesInput};
