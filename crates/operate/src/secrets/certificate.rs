//! The certificate to seal with: from a file, or from an address such as a controller's `/v1/cert.pem`.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::sources::fetch_small;

/// Where a certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateSource {
    /// In a file.
    File(PathBuf),
    /// At an `http://` or `https://` address.
    Address(String),
}

impl CertificateSource {
    /// Tells an address from a file, as kubeseal does: `file:///…` is a file too.
    pub fn parse(text: &str) -> CertificateSource {
        if text.starts_with("http://") || text.starts_with("https://") {
            return CertificateSource::Address(text.to_owned());
        }
        CertificateSource::File(PathBuf::from(text.strip_prefix("file://").unwrap_or(text)))
    }

    /// Returns how a person knows it.
    pub fn shown(&self) -> String {
        match self {
            CertificateSource::File(path) => path.display().to_string(),
            CertificateSource::Address(address) => crate::shown(address),
        }
    }
}

/// Returns the text of a certificate. Whether it is one is for `seal` to say.
///
/// # Errors
/// If it cannot be read or fetched, or is no text. An address that is not encrypted is taken on this
/// machine only: whoever stands in between could give another certificate.
pub fn read_certificate(source: &CertificateSource) -> Result<String, Error> {
    let (bytes, path) = match source {
        CertificateSource::File(path) => (crate::read_file(path)?, path.clone()),
        CertificateSource::Address(address) => {
            let shown = PathBuf::from(crate::shown(address));
            let bytes = fetch_small(address)
                .map_err(|reason| Error::Address { address: crate::shown(address), reason })?;
            (bytes, shown)
        }
    };
    String::from_utf8(bytes).map_err(|_| Error::NotText { path: Path::new(&path).to_owned() })
}
