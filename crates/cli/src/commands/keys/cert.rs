//! `mainstay keys cert`: the public half of a key, to seal with.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use seal::key::{KeyRing, KeySecret, certificate_of};
use seal::secret;

use super::certify;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::proof::Findings;
use crate::ui::Ui;
use crate::{places, sealing};

/// Writes the certificate of a key: that of its Secret, or a new one
///
/// A Secret of a controller holds key and certificate; a bare key gets a new certificate. Where the Secret's is
/// missing or of another key that is said, with exit code 1; --new makes one all the same. There is nothing secret
/// in what is written.
///
/// Example: mainstay keys cert ~/keys/shop.yaml --out secrets/sealing.crt
#[derive(Args, Debug)]
pub(crate) struct Cert {
    /// The key: PEM, or a Secret with `tls.key`
    #[arg(value_name = "KEY")]
    key: PathBuf,

    /// Where the certificate goes: a new file, or one that holds a certificate [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Make a new certificate, even where the key has one
    #[arg(long)]
    new: bool,

    /// How long a new certificate is valid
    #[arg(long, value_name = "DAYS", default_value_t = 3650, value_parser = clap::value_parser!(u32).range(1..=36500))]
    days: u32,
}

pub(crate) fn run(ui: &Ui, arguments: &Cert) -> Result<Outcome, CliError> {
    if let Some(out) = arguments.out.as_ref() {
        match out.symlink_metadata().is_ok() {
            true => places::holds_certificate(out)?,
            false => places::needs_folder(out)?,
        }
    }
    let file = &arguments.key;
    let text = operate::read_key_text(file)?;
    let name = file.display().to_string();
    let secrets = KeySecret::read_all(&text).map_err(super::broken(file))?;
    let mut keys = KeyRing::default();
    keys.add(&name, &text).map_err(super::broken(file))?;
    let mut found = keys.into_keys();
    let (Some((_, key)), None) = (found.next(), found.next()) else {
        return Err(CliError::usage(format!("`{name}` holds several keys"))
            .hint("give a file with the one whose certificate is wanted"));
    };
    let own = match secrets.first() {
        Some(secret) => secret.own_certificate().cloned(),
        None => certificate_of(&text).filter(|it| it.fingerprint() == key.fingerprint()),
    };
    let certificate = match own.filter(|_| !arguments.new) {
        Some(certificate) => certificate,
        // A Secret whose certificate is no good must not be taken for one that has it.
        None if !secrets.is_empty() && !arguments.new => {
            let mut findings = Findings::default();
            let source: Arc<str> = findings.sources.add(name.as_str(), secret::shown(&text));
            findings.extend(secrets.iter().flat_map(|secret| secret.check(&source, None)));
            sealing::say(ui, &findings);
            return Ok(Outcome::No);
        }
        None => certify(key, arguments.days, file)?.certificate,
    };
    let pem = certificate.to_pem();
    match &arguments.out {
        Some(out) => operate::put_file(out, pem.as_bytes())?,
        None => ui.data(pem.as_bytes())?,
    }
    Ok(Outcome::Yes)
}
