//! Reading the two files: the spec `mainstay.yaml` and the payload `deployed_apps.json`.
//!
//! Decides whether they can be read, and whether they are what their schemas say; every fault is
//! reported at once, with its place and what to type instead. In: names and texts. Out: a
//! [`crate::model::Platform`], or the reasons why there is none.
//! Never judges sense (that is `check`), and never reads a file itself.

mod codes;
mod default_spec;
pub(crate) mod keys;
mod read;
pub(crate) mod schema;

use text::{Diagnostic, Sources};

use crate::model::{self, Platform};

pub(crate) use codes::{SOURCE as CODES, i014_empty as empty, printable};
pub use default_spec::{MADE_UP_OWNER, default_spec};
pub use read::{Format, read_document};
pub(crate) use read::{parse_document, validate_document};
pub use schema::Kind;

/// The files that a platform is made of.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Name and text of the spec.
    pub spec: (&'a str, &'a str),
    /// Name and text of the payload.
    pub payload: (&'a str, &'a str),
}

/// What reading the files gave.
#[derive(Debug)]
pub struct Intake {
    /// The platform; `None` where a file is not what its schema says (exit 2).
    pub platform: Option<Platform>,
    /// What could be made of files that can be read but are not what their schemas say: what was
    /// refused is as if it were not there. Only to be looked at, by `check::beside_faults`.
    pub faulty: Option<Platform>,
    /// What is wrong, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub sources: Sources,
}

/// Faults beyond so many are only counted.
const MOST_FAULTS: usize = 100;

/// Reads and validates spec and payload.
pub fn read(inputs: &Inputs<'_>) -> Intake {
    let mut sources = Sources::new();
    let mut diagnostics = Vec::new();
    let spec = read_document(Kind::Spec, inputs.spec, &mut sources, &mut diagnostics);
    let payload = read_document(Kind::Payload, inputs.payload, &mut sources, &mut diagnostics);
    let valid = !diagnostics.iter().any(Diagnostic::is_error);
    let built = match (spec, payload) {
        (Some(spec), Some(payload)) => Some(model::build(&spec, &payload)),
        _ => None,
    };
    let (platform, faulty) = if valid { (built, None) } else { (None, built) };
    text::sort(&mut diagnostics);
    bound(&mut diagnostics);
    Intake { platform, faulty, diagnostics, sources }
}

/// Keeps the first hundred findings and says how many more there are.
pub(crate) fn bound(diagnostics: &mut Vec<Diagnostic>) {
    let counted = uncounted(diagnostics);
    diagnostics.retain(|diagnostic| codes::more_of(diagnostic).is_none());
    let more = diagnostics.len().saturating_sub(MOST_FAULTS) + counted;
    if more > 0 {
        diagnostics.truncate(MOST_FAULTS);
        diagnostics.push(codes::i012_more(more));
    }
}

/// Returns how many findings are only counted: by those that say that there are more.
pub fn uncounted(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter_map(codes::more_of).sum()
}
