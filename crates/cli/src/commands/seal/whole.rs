//! Whole Secrets to SealedSecrets.

use operate::Randomness;
use seal::key::{KeyRing, SealingKey};
use seal::layout::Scope;
use seal::secret;

use super::Seal;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::sealing;
use crate::ui::Ui;

pub(super) fn run(
    ui: &Ui,
    arguments: &Seal,
    key: &SealingKey,
    own: &KeyRing,
) -> Result<Outcome, CliError> {
    let (file, text) = arguments.input(ui)?;
    let (secrets, found) = secret::read(&file, &text, arguments.options());
    let findings = sealing::findings(&file, secret::shown(&text), found);
    sealing::say(ui, &findings);
    if findings.has_errors() {
        return Ok(Outcome::Invalid);
    }
    if arguments.scope() == Some(Scope::Strict)
        && secrets.iter().any(|secret| secret.scope != Scope::Strict)
    {
        ui.warn("the Secret's annotation asks for a wider scope, and `--scope strict` does not take it back; remove the annotation");
    }
    let mut randomness = Randomness::open()?;
    let mut out = String::new();
    for secret in &secrets {
        let sealed = secret::sealed_secret(secret, key, &mut randomness)?;
        out.push_str(&secret::write(&sealed, arguments.format()));
    }
    if !own.is_empty() {
        verify(&out, own)?;
    }
    match &arguments.into {
        Some(file) => operate::put_file(file, out.as_bytes())?,
        None => ui.data(out.as_bytes())?,
    }
    Ok(Outcome::Yes)
}

/// Opens what was sealed: what is written down opens, or nothing is written.
fn verify(out: &str, own: &KeyRing) -> Result<(), CliError> {
    // Several JSON documents are no one YAML text.
    for document in out.split_inclusive("\n}\n") {
        let sealed = seal::layout::read(document).unwrap_or_default();
        for one in &sealed {
            let opened = secret::unseal(&"sealed".into(), one, own, &operate::Templates);
            if opened.is_err() {
                return Err(CliError::usage(format!(
                    "what was sealed for `{}` does not open with the key that was given",
                    one.name
                )));
            }
        }
    }
    Ok(())
}
