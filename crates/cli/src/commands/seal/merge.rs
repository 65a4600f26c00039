//! `--merge-into`: values into a SealedSecret that is there.

use std::path::Path;
use std::sync::Arc;

use operate::Randomness;
use seal::key::SealingKey;
use seal::layout::blotted;
use seal::secret;

use super::Seal;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::read_text;
use crate::proof::Findings;
use crate::sealing;
use crate::ui::{GOOD, Ui};

pub(super) fn run(
    ui: &Ui,
    arguments: &Seal,
    key: &SealingKey,
    target: &Path,
) -> Result<Outcome, CliError> {
    let original = read_text(target)?;
    let into: Arc<str> = target.display().to_string().into();
    let (file, text) = arguments.input(ui)?;
    let mut randomness = Randomness::open()?;
    let merged = secret::merge_into(
        (&into, &original),
        (&file, &text),
        arguments.options(),
        key,
        &mut randomness,
    )?;
    let mut findings = Findings::default();
    findings.sources.add(file, secret::shown(&text));
    let shown = seal::layout::read(&original).map(|sealed| blotted(&original, &sealed));
    findings.sources.add(into, shown.unwrap_or_else(|_| secret::shown(&original)));
    match merged {
        Err(found) => {
            findings.extend(found);
            sealing::say(ui, &findings);
            Ok(Outcome::Invalid)
        }
        Ok(merged) => {
            findings.extend(merged.warnings);
            sealing::say(ui, &findings);
            super::bounded(ui, arguments.allow_empty_data, &merged.text, &merged.keys)?;
            operate::put_file(target, merged.text.as_bytes())?;
            for (name, key) in &merged.keys {
                ui.status(&format!("{GOOD}Sealed{GOOD:#} `{key}` into `{name}`"));
            }
            Ok(Outcome::Yes)
        }
    }
}
