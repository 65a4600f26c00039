//! An app that is larger than what a cluster can keep.

use super::Findings;
use super::codes::workload as codes;
use crate::model::{App, EnvValue};

/// etcd's `--max-request-bytes` where nobody changed it.
pub(crate) const LARGEST: usize = 1_572_864;

/// Linux' `MAX_ARG_STRLEN`: a variable with its name, `=` and the byte that ends it.
const LONGEST: usize = 131_072;

pub(super) fn check(app: &App, findings: &mut Findings) {
    let size = app.origin.node().map_or(0, |node| node.span.range().len());
    let own = (&app.env, &app.origin);
    let others = app.overrides.values().map(|differing| (&differing.env, &differing.origin));
    for (variables, origin) in std::iter::once(own).chain(others) {
        for (name, value) in variables {
            if let EnvValue::Text(text) = value
                && name.len() + text.len() + 2 > LONGEST
            {
                let place = origin.part("env").key_place(name);
                findings.add(codes::c129_long_variable(name, text.len(), place));
            }
        }
    }
    if size > LARGEST {
        findings.add(codes::c128_too_large(size, app.origin.place("image")));
    }
}
