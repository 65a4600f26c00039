//! `mainstay keys cert`: the public half of a key, to seal with.

use std::path::PathBuf;

use clap::Args;
use seal::layout::Certificate;

use super::certify;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::places;
use crate::ui::Ui;

/// Writes the certificate of a key: that of its Secret, or a new one
///
/// A Secret of a controller holds key and certificate; a bare key gets a new certificate. There is nothing
/// secret in what is written.
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
    let text = operate::read_secret_text(&arguments.key)?;
    let file = &arguments.key;
    let mut keys = seal::key::KeyRing::default();
    keys.add(&file.display().to_string(), &text).map_err(super::broken(file))?;
    let own: Option<Certificate> = seal::key::certificate_of(&text);
    let mut found = keys.into_keys();
    let (Some((_, key)), None) = (found.next(), found.next()) else {
        return Err(CliError::usage(format!("`{}` holds several keys", file.display()))
            .hint("give a file with the one whose certificate is wanted"));
    };
    let certificate = match own.filter(|it| it.fingerprint() == key.fingerprint()) {
        Some(certificate) => certificate,
        None => certify(key, arguments.days, file)?.certificate,
    };
    let pem = certificate.to_pem();
    match &arguments.out {
        Some(out) => operate::put_file(out, pem.as_bytes())?,
        None => ui.data(pem.as_bytes())?,
    }
    Ok(Outcome::Yes)
}
