//! `mainstay keys show`: what a key or a certificate is, without showing the key.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use operate::Error;
use seal::key::{BadKey, KeySecret, PrivateKey, certificate_of};
use seal::layout::{Certificate, shown_date, shown_moment};
use seal::secret;
use serde_json::{Map, Value, json};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::proof::{self, Findings};
use crate::report;
use crate::ui::{HINT, Ui};

/// Says what keys and certificates are: size, fingerprint, dates; never the key itself
///
/// Of a Secret it says too what a controller would not like about it, and then exits with 1.
///
/// Example: mainstay keys show ~/keys/shop.yaml secrets/sealing.crt
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// Keys (PEM, a Secret, or a List of Secrets) and certificates (PEM)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// One key or certificate.
struct Shown {
    name: String,
    /// Size and fingerprint of the private key.
    key: Option<(usize, String)>,
    certificate: Option<Certificate>,
    /// The Secret that it is in: namespace, name, label.
    secret: Option<(String, String, Option<String>)>,
}

pub(crate) fn run(ui: &Ui, arguments: &Show) -> Result<Outcome, CliError> {
    let mut shown = Vec::new();
    let mut findings = Findings::default();
    for file in &arguments.files {
        let text = operate::read_key_text(file)?;
        let name = file.display().to_string();
        let bad = |reason: BadKey| Error::Key { path: file.clone(), reason };
        let secrets = KeySecret::read_all(&text).map_err(bad)?;
        if secrets.is_empty() {
            shown.push(of_pem(name, &text).map_err(|error| match error {
                Bad::Key(reason) => CliError::from(bad(reason)),
                Bad::Certificate(error) => error,
            })?);
            continue;
        }
        let source: Arc<str> = findings.sources.add(name.as_str(), secret::shown(&text));
        for secret in secrets {
            findings.extend(secret.check(&source, None));
            shown.push(of_secret(&name, secret));
        }
    }
    let now = operate::seconds_now();
    if arguments.json {
        let mut fields = Map::new();
        fields.insert("keys".into(), shown.iter().map(Shown::json).collect());
        ui.json(&text::report("keys", fields, &findings.diagnostics, &findings.sources))?;
        return Ok(proof::outcome(&findings));
    }
    ui.text(&shown.iter().map(|one| one.text(now)).collect::<String>())?;
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    if !findings.diagnostics.is_empty() {
        report::say_findings(ui, &findings);
    }
    Ok(proof::outcome(&findings))
}

/// Why a file is not shown.
enum Bad {
    Key(BadKey),
    Certificate(CliError),
}

fn of_pem(name: String, text: &str) -> Result<Shown, Bad> {
    if text.contains("BEGIN CERTIFICATE") && !text.contains("PRIVATE KEY") {
        let certificate = Certificate::read(text).map_err(|reason| {
            let words = format!("`{name}` is no certificate to seal with: {reason}");
            Bad::Certificate(CliError::usage(words))
        })?;
        return Ok(Shown { name, key: None, certificate: Some(certificate), secret: None });
    }
    let key = PrivateKey::read(text).map_err(Bad::Key)?;
    let fingerprint = key.fingerprint().to_owned();
    let certificate = certificate_of(text).filter(|it| it.fingerprint() == fingerprint);
    Ok(Shown { name, key: Some((key.bits(), fingerprint)), certificate, secret: None })
}

fn of_secret(file: &str, secret: KeySecret) -> Shown {
    Shown {
        name: file.to_owned(),
        key: secret.key.ok().map(|key| (key.bits(), key.fingerprint().to_owned())),
        certificate: secret.certificate.ok(),
        secret: Some((secret.namespace, secret.name, secret.label)),
    }
}

impl Shown {
    fn text(&self, now: i64) -> String {
        let mut text = format!("{HINT}{}{HINT:#}\n", self.name);
        if let Some((namespace, name, label)) = &self.secret {
            let label = label.as_ref().map_or("not labelled".to_owned(), |it| format!("`{it}`"));
            text.push_str(&format!("  Secret {namespace}/{name}, {label}\n"));
        }
        if let Some((bits, fingerprint)) = &self.key {
            text.push_str(&format!("  private key, RSA {bits}\n  {fingerprint}\n"));
        }
        if let Some(certificate) = &self.certificate {
            text.push_str(&format!("  certificate, RSA {}\n", certificate.bits()));
            if self.key.as_ref().is_none_or(|(_, of)| of != certificate.fingerprint()) {
                text.push_str(&format!("  {}\n", certificate.fingerprint()));
            }
            text.push_str(&format!(
                "  valid from {} to {}, {}\n",
                shown_date(certificate.not_before()),
                shown_date(certificate.not_after()),
                left(certificate, now)
            ));
        }
        text
    }

    fn json(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("name".into(), json!(self.name));
        let kind = if self.key.is_some() { "private key" } else { "certificate" };
        fields.insert("kind".into(), json!(kind));
        if let Some((namespace, name, label)) = &self.secret {
            let secret = json!({"namespace": namespace, "name": name, "label": label});
            fields.insert("secret".into(), secret);
        }
        let of_certificate = self.certificate.as_ref();
        let of_certificate = of_certificate.map(|it| (it.bits(), it.fingerprint().to_owned()));
        if let Some((bits, fingerprint)) = self.key.clone().or(of_certificate) {
            fields.insert("bits".into(), json!(bits));
            fields.insert("fingerprint".into(), json!(fingerprint));
        }
        if let Some(certificate) = &self.certificate {
            fields.insert("certificateFingerprint".into(), json!(certificate.fingerprint()));
            fields.insert("notBefore".into(), json!(shown_moment(certificate.not_before())));
            fields.insert("notAfter".into(), json!(shown_moment(certificate.not_after())));
        }
        Value::Object(fields)
    }
}

/// How long values can be sealed with a certificate, in words.
fn left(certificate: &Certificate, now: i64) -> String {
    const DAY: i64 = 86_400;
    let days = |seconds: i64| report::count(usize::try_from(seconds / DAY).unwrap_or(0), "day");
    match (certificate.not_before(), certificate.not_after()) {
        (_, end) if end < now => format!("expired {} ago", days(now - end)),
        (begin, _) if begin > now => format!("not valid for another {}", days(begin - now)),
        (_, end) => format!("{} left", days(end - now)),
    }
}
