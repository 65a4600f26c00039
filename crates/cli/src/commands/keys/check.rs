//! `mainstay keys check`: whether a key, its certificate and the committed one fit each other today.

use clap::Args;
use seal::codes;
use seal::layout::check_certificate;
use serde_json::{Map, json};
use text::Place;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::proof;
use crate::sealing::{CertificateArgument, KeyArguments, controller_namespace, repository_here};
use crate::ui::{GOOD, Ui};

/// Controllers make a new key when the newest one is older than this: 30 days.
const RENEWAL: i64 = 30 * 86_400;

/// Checks the certificate that is sealed with: its dates, and that it is of the key
///
/// Of a Secret with a key it checks too what a controller would not like about it: its certificate, label and namespace.
/// Exits with 1 where something is wrong.
///
/// Example: mainstay keys check --key ~/keys/shop.yaml
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    keys: KeyArguments,

    #[command(flatten)]
    certificate: CertificateArgument,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(ui: &Ui, arguments: &Check) -> Result<Outcome, CliError> {
    let root = repository_here();
    let (keys, secrets) = operate::read_key_files(&arguments.keys.key)?;
    let (named, mut findings) = arguments.certificate.read(root.as_deref())?;
    let controller = root.as_deref().and_then(controller_namespace);
    for file in &secrets {
        let source = findings.sources.add(file.name.as_str(), file.shown.as_str());
        for secret in &file.secrets {
            findings.extend(secret.check(&source, controller.as_deref()));
            let own = secret.own_certificate();
            let is_committed =
                named.as_ref().zip(own).is_some_and(|(it, own)| it.certificate.der() == own.der());
            if let Some(own) = own.filter(|_| !is_committed) {
                findings.extend(check_certificate(&source, own, operate::seconds_now()));
            }
        }
    }
    let mut fields = Map::new();
    if let Some(named) = &named {
        let certificate = &named.certificate;
        let fits = keys.iter().any(|(_, key)| key.fingerprint() == certificate.fingerprint());
        if !keys.is_empty() && !fits {
            let file = findings.sources.add(named.name.as_str(), "");
            let (of, given) = (certificate.fingerprint(), keys.fingerprints());
            findings.extend([codes::s122_other_key(of, &given, 0, Place::of_file(&file))]);
        }
        let age = operate::seconds_now() - certificate.not_before();
        if age > RENEWAL {
            let file = findings.sources.add(named.name.as_str(), "");
            let place = Place::of_file(&file);
            findings.extend([codes::s123_older_than_renewal(age / 86_400, place)]);
        }
        fields.insert("fingerprint".into(), json!(certificate.fingerprint()));
        fields.insert("bits".into(), json!(certificate.bits()));
    }
    if arguments.json {
        ui.json(&text::report("keys check", fields, &findings.diagnostics, &findings.sources))?;
        return Ok(proof::outcome(&findings));
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    if let Some(named) = named.filter(|_| !findings.has_errors()) {
        let of = if keys.is_empty() { "" } else { ", and it is that of the key" };
        ui.status(&format!(
            "{GOOD}Checked{GOOD:#} `{}`: values can be sealed with it{of}",
            named.name
        ));
    }
    Ok(proof::outcome(&findings))
}
