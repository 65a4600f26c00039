//! `mainstay keys show`: what a key or a certificate is, without showing the key.

use std::path::PathBuf;

use clap::Args;
use seal::layout::{Certificate, shown_date};
use serde_json::{Value, json};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::{HINT, Ui};

/// Says what keys and certificates are: size, fingerprint, dates; never the key itself
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

pub(crate) fn run(ui: &Ui, arguments: &Show) -> Result<Outcome, CliError> {
    let mut shown = Vec::new();
    for file in &arguments.files {
        let text = operate::read_secret_text(file)?;
        if text.contains("BEGIN CERTIFICATE") && !text.contains("PRIVATE KEY") {
            shown.push(certificate(&file.display().to_string(), &text)?);
        } else {
            let keys = operate::read_keys(std::slice::from_ref(file))?;
            shown.extend(keys.iter().map(|(name, key)| {
                json!({
                    "name": name,
                    "kind": "private key",
                    "bits": key.bits(),
                    "fingerprint": key.fingerprint(),
                })
            }));
        }
    }
    if arguments.json {
        ui.json(&json!({"version": 1, "kind": "keys", "keys": shown}))?;
        return Ok(Outcome::Yes);
    }
    let mut text = String::new();
    for one in &shown {
        let get = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
        text.push_str(&format!("{HINT}{}{HINT:#}\n", get("name")));
        let bits = one.get("bits").and_then(Value::as_u64).unwrap_or_default();
        text.push_str(&format!("  {}, RSA {bits}\n  {}\n", get("kind"), get("fingerprint")));
        if !get("notAfter").is_empty() {
            text.push_str(&format!("  valid {} to {}\n", get("notBefore"), get("notAfter")));
        }
    }
    ui.text(&text)?;
    Ok(Outcome::Yes)
}

fn certificate(name: &str, text: &str) -> Result<Value, CliError> {
    let certificate = Certificate::read(text).map_err(|reason| {
        CliError::usage(format!("`{name}` is no certificate to seal with: {reason}"))
    })?;
    Ok(json!({
        "name": name,
        "kind": "certificate",
        "bits": certificate.bits(),
        "fingerprint": certificate.fingerprint(),
        "notBefore": shown_date(certificate.not_before()),
        "notAfter": shown_date(certificate.not_after()),
    }))
}
