//! An app that is larger than what a cluster can keep.

use super::Findings;
use super::codes::workload as codes;
use crate::model::App;

/// etcd's `--max-request-bytes` where nobody changed it.
pub(crate) const LARGEST: usize = 1_572_864;

pub(super) fn check(app: &App, findings: &mut Findings) {
    let size = app.origin.node().map_or(0, |node| node.span.range().len());
    if size > LARGEST {
        findings.add(codes::c128_too_large(size, app.origin.place("image")));
    }
}
