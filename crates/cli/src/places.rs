//! Where keys, new values and certificates may be written: refusals before anything is.
//!
//! Decides by what is there already. Never writes.

use std::path::Path;

use crate::error::CliError;

/// A private file belongs into no repository, and over no file. `what` is as in "a private key".
pub(crate) fn for_private(out: &Path, what: &str) -> Result<(), CliError> {
    if let Some(repository) = operate::inside_repository(out) {
        return Err(CliError::usage(format!(
            "`{}` lies in the repository `{}`, and {what} never belongs there",
            out.display(),
            repository.display()
        ))
        .hint("name a file outside of it, as in `--out ~/keys/sealing.yaml`"));
    }
    if out.symlink_metadata().is_ok() {
        return Err(CliError::usage(format!("`{}` is there already", out.display()))
            .hint("nothing is ever written over a key: name another file, or move that one away"));
    }
    needs_folder(out)
}

/// The folder of a new file must be there.
pub(crate) fn needs_folder(file: &Path) -> Result<(), CliError> {
    match file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        Some(folder) => {
            Err(CliError::usage(format!("there is no folder `{}`", folder.display())).hint(
                format!("make one for yourself alone: `install -d -m 700 {}`", folder.display()),
            ))
        }
        None => Ok(()),
    }
}

/// A certificate replaces a file with a certificate and nothing else.
pub(crate) fn holds_certificate(file: &Path) -> Result<(), CliError> {
    let is_one = |bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes);
        text.matches("-----BEGIN ").count() == 1 && text.contains("-----BEGIN CERTIFICATE-----")
    };
    if file.is_file() && operate::read_file(file).is_ok_and(is_one) {
        return Ok(());
    }
    Err(CliError::usage(format!("`{}` is there already, and is no certificate", file.display()))
        .hint("a certificate replaces nothing but a certificate: name another file, or move that one away"))
}
