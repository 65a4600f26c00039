//! A dispatch named on the command line: read, held against its schema, and worked into a spec.

use std::path::Path;

use compile::handoff::{self, Before, Dispatch, Said, Specialised};
use text::{Sources, World};

use crate::error::CliError;
use crate::locate::read_text;
use crate::proof::Findings;

/// Reads a dispatch; what is wrong with it is an answer of its own.
pub(crate) fn read(path: &Path) -> Result<Result<Dispatch, Findings>, CliError> {
    let text = read_text(path)?;
    let name = path.display().to_string();
    let mut findings = Findings::default();
    let dispatch = handoff::read((&name, &text), &mut findings.sources, &mut findings.diagnostics);
    Ok(dispatch.ok_or(findings))
}

/// Returns a spec with what the dispatch says; where it cannot take it, why.
pub(crate) fn specialise(
    path: &Path,
    spec: &str,
    dispatch: &Dispatch,
    before: Before<'_>,
) -> Result<Result<Specialised, Findings>, CliError> {
    match handoff::specialise(spec, dispatch, before) {
        Ok(specialised) => Ok(Ok(specialised)),
        Err(diagnostics) => {
            let mut sources = Sources::new();
            sources.add(path.display().to_string(), read_text(path)?);
            sources.add(operate::MANIFEST, spec);
            Ok(Err(Findings { diagnostics, sources }))
        }
    }
}

/// Returns what dispatches said last in a repository, if that is known.
pub(crate) fn said(world: &dyn World) -> Result<Option<Said>, Findings> {
    let Ok(bytes) = world.read(handoff::PATH) else { return Ok(None) };
    Said::read(&String::from_utf8_lossy(&bytes)).map(Some).map_err(|reason| {
        let mut findings = Findings::default();
        findings.sources.add(handoff::PATH, String::new());
        findings.extend([handoff::unreadable(&reason)]);
        findings
    })
}
