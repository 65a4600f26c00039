//! Whole Secrets to SealedSecrets.

use operate::Randomness;
use seal::key::{KeyRing, SealingKey};
use seal::layout::Scope;
use seal::secret::{self, Secret};

use super::Seal;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::prompt;
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
    for secret in &secrets {
        bounded(ui, arguments, secret)?;
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

/// What no cluster takes is refused; what is empty is most often a mistake.
fn bounded(ui: &Ui, arguments: &Seal, secret: &Secret) -> Result<(), CliError> {
    let size: usize = secret.entries.iter().map(|entry| entry.value.len()).sum();
    if size as u64 > prompt::MOST_BYTES {
        let of = format!("the values of `{}` are larger than 1 MiB", secret.name);
        return Err(
            CliError::usage(of).hint("a Secret holds 1 MiB at most, all its values together")
        );
    }
    for entry in secret.entries.iter().filter(|it| it.value.is_empty()) {
        if !arguments.allow_empty_data {
            ui.warn(&format!(
                "the value of `{}` has 0 bytes; `--allow-empty-data` says that this is meant",
                entry.key
            ));
        }
    }
    Ok(())
}

/// Opens what was sealed: what is written down opens, or nothing is written.
fn verify(out: &str, own: &KeyRing) -> Result<(), CliError> {
    let templates = operate::Templates::new()?;
    // Several JSON documents are no one YAML text.
    for document in out.split_inclusive("\n}\n") {
        let sealed = seal::layout::read(document).unwrap_or_default();
        for one in &sealed {
            let opened = secret::unseal(&"sealed".into(), one, own, &templates);
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
