//! `mainstay unseal`: SealedSecrets opened, for recovery. The one command that prints a value.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use operate::Templates;
use seal::codes;
use seal::layout::{self, blotted};
use seal::secret::{self, Format, Guess};
use text::{Diagnostic, Place};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::proof::Findings;
use crate::sealing::{self, KeyArguments, Named};
use crate::ui::Ui;

/// Opens SealedSecrets and prints the Secrets, for recovery
///
/// All of a file opens, or nothing is printed. Exits with 1 where a value does not open.
///
/// Example: mainstay unseal --key ~/keys/shop.yaml overlays/prod/custom/db.sealed.yaml
#[derive(Args, Debug)]
pub(crate) struct Unseal {
    #[command(flatten)]
    keys: KeyArguments,

    /// File with SealedSecrets; left out or `-`, standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// How the Secrets are printed
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t)]
    output: Form,
}

/// How objects are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// YAML
    #[default]
    Yaml,
    /// JSON
    Json,
}

impl From<Form> for Format {
    fn from(form: Form) -> Format {
        match form {
            Form::Yaml => Format::Yaml,
            Form::Json => Format::Json,
        }
    }
}

pub(crate) fn run(ui: &Ui, arguments: &Unseal) -> Result<Outcome, CliError> {
    if arguments.keys.key.is_empty() {
        return Err(CliError::usage("no key was given to open it with").hint("`--key FILE`"));
    }
    let input = arguments.file.clone().unwrap_or_else(|| PathBuf::from("-"));
    if input.as_os_str() == "-" && arguments.keys.key.contains(&input) {
        return Err(CliError::usage("key and SealedSecret cannot both come from standard input"));
    }
    let keys = operate::read_keys(&arguments.keys.key)?;
    let text = operate::read_secret_text(&input)?;
    let name = if input.as_os_str() == "-" {
        "standard input".into()
    } else {
        input.display().to_string()
    };
    let file: Arc<str> = name.into();
    let sealed = match layout::read(&text) {
        Ok(sealed) => sealed,
        Err(error) => {
            let place = Place::new(&file, error.offset..error.offset);
            let found = [codes::s130_unreadable(&error.message, place)];
            sealing::say(ui, &sealing::findings(&file, secret::shown(&text), found));
            return Ok(Outcome::Invalid);
        }
    };
    if sealed.is_empty() {
        let found =
            [codes::s145_which("there is no SealedSecret in it", &[], Place::of_file(&file))];
        sealing::say(ui, &sealing::findings(&file, secret::shown(&text), found));
        return Ok(Outcome::Invalid);
    }
    let mut secrets = Vec::new();
    let mut found = Vec::new();
    let templates = Templates::new()?;
    for one in &sealed {
        match secret::unseal(&file, one, &keys, &templates) {
            Ok((secret, warnings)) => {
                secrets.push(secret);
                found.extend(warnings);
            }
            Err(findings) => found.extend(findings),
        }
    }
    if found.iter().any(Diagnostic::is_error) {
        let around = sealing::sealed_around();
        let guess = Guess::of(sealed.iter().chain(sealing::sealed_of(&around)));
        let mut wrong = Findings::default();
        let committed = Named::committed_here();
        if committed.is_some_and(|it| it.finds_wrong_keys(&mut wrong, sealed.iter(), &keys, &guess))
        {
            sealing::say(ui, &wrong);
            return Ok(Outcome::No);
        }
        found = secret::explain_unopened(found, &file, &sealed, &keys, &guess);
    }
    let findings = sealing::findings(&file, blotted(&text, &sealed), found);
    sealing::say(ui, &findings);
    if findings.has_errors() {
        return Ok(Outcome::No);
    }
    for secret in &secrets {
        ui.data(secret::write_secret(secret, arguments.output.into()).as_bytes())?;
    }
    Ok(Outcome::Yes)
}
