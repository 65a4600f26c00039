//! Secrets that hold a key pair, as a controller reads them, and what it would not like about one.
//!
//! Source: `pkg/controller/main.go` (`initKeyRegistry`, `registryNewKeyWithSecret`) and `keys.go` (`readKey`):
//! the Secrets with the label, and the one whose name is the prefix of all others, whatever its label says. A
//! Secret without a certificate ends the controller: it logs the error and reads the first certificate all the same.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use text::{Diagnostic, Place};
use yaml::{Node, Schema, Span};
use zeroize::{Zeroize as _, Zeroizing};

use super::{BadKey, PrivateKey};
use crate::codes;
use crate::layout::{Certificate, blocks};
use crate::secret::wipe;

/// The label that a controller finds key pairs by.
const LABEL: &str = "sealedsecrets.bitnami.com/sealed-secrets-key";
/// Its value on keys that are in use.
const ACTIVE: &str = "active";
/// The name that a controller looks for without a label.
pub const CONTROLLERS_NAME: &str = "sealed-secrets-key";

/// A Secret with a key pair.
pub struct KeySecret {
    /// Its name; empty where it has none.
    pub name: String,
    /// Its namespace; empty where it has none.
    pub namespace: String,
    /// The value of the controller's label, where it has it.
    pub label: Option<String>,
    /// `tls.key`.
    pub key: Result<PrivateKey, BadKey>,
    /// The first certificate of `tls.crt`.
    pub certificate: Result<Certificate, BadTlsCrt>,
    place: Span,
    namespace_place: Option<Span>,
    label_place: Option<Span>,
    certificate_place: Option<Span>,
}

/// Why a Secret's `tls.crt` is no certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTlsCrt {
    /// There is none.
    #[error("it is not there")]
    Missing,
    /// It is not base64 of a text.
    #[error("it is not base64 of a text")]
    NotBase64,
    /// It is no certificate, or none that can be used.
    #[error("{0}")]
    Certificate(#[from] crate::layout::BadCertificate),
}

impl KeySecret {
    /// Returns the Secrets of a text: YAML or JSON, documents and `List`s. PEM has none.
    ///
    /// # Errors
    /// If it is no YAML or JSON.
    pub fn read_all(text: &str) -> Result<Vec<KeySecret>, BadKey> {
        if is_pem(text) {
            return Ok(Vec::new());
        }
        let mut documents = yaml::parse_all(text, Schema::Go2)
            .map_err(|_| BadKey::Unreadable("it is no YAML or JSON"))?;
        let mut secrets = Vec::new();
        documents.iter().for_each(|document| collect(document, &mut secrets));
        documents.iter_mut().for_each(wipe);
        Ok(secrets)
    }

    fn of(node: &Node) -> KeySecret {
        let metadata = node.get("metadata");
        let of = |field: &str| metadata.and_then(|metadata| metadata.get(field));
        let text = |node: Option<&Node>| node.and_then(Node::as_str).unwrap_or_default().to_owned();
        let label = of("labels").and_then(|labels| labels.entry(LABEL));
        let entry = |key: &str| {
            let fields = ["stringData", "data"].into_iter();
            let mut found = fields.filter_map(|field| Some((field, node.get(field)?.entry(key)?)));
            found.find(|(_, (_, value))| !value.is_null())
        };
        let certificate = entry("tls.crt");
        KeySecret {
            name: text(of("name")),
            namespace: text(of("namespace")),
            label: label.map(|(_, value)| value.as_str().unwrap_or_default().to_owned()),
            key: decoded(entry("tls.key"))
                .ok_or(BadKey::NoTlsKey)
                .and_then(|text| PrivateKey::read(&text)),
            certificate: match certificate {
                None => Err(BadTlsCrt::Missing),
                Some(_) => {
                    decoded(certificate).ok_or(BadTlsCrt::NotBase64).and_then(|text| first(&text))
                }
            },
            place: node.span,
            namespace_place: of("namespace").map(|node| node.span),
            label_place: label.map(|(key, _)| key.span),
            certificate_place: certificate.map(|(_, (key, _))| key.span),
        }
    }

    /// Returns the certificate where it is that of the key.
    pub fn own_certificate(&self) -> Option<&Certificate> {
        let certificate = self.certificate.as_ref().ok()?;
        let key = self.key.as_ref().ok()?;
        (certificate.fingerprint() == key.fingerprint()).then_some(certificate)
    }

    /// Says whether a controller in the Secret's namespace takes the key.
    pub fn is_found(&self) -> bool {
        self.name == CONTROLLERS_NAME || self.label.as_deref() == Some(ACTIVE)
    }

    /// Returns what a controller in a namespace would not like about it; `None` where its namespace is not known.
    pub fn check(&self, file: &Arc<str>, controller: Option<&str>) -> Vec<Diagnostic> {
        let start = Span { start: self.place.start, end: self.place.start };
        let at = |span: Option<Span>| Place::new(file, span.unwrap_or(start).range());
        let name = self.name.as_str();
        let mut found = Vec::new();
        if let Err(reason) = &self.key {
            found.push(codes::s129_bad_tls_key(name, reason, at(None)));
        }
        let place = at(self.certificate_place);
        match (&self.certificate, &self.key) {
            (Err(reason), _) => found.push(codes::s125_bad_tls_crt(name, reason, place)),
            (Ok(certificate), Ok(key)) if certificate.fingerprint() != key.fingerprint() => {
                found.push(codes::s126_tls_crt_of_another(name, place));
            }
            (Ok(_), _) => {}
        }
        match self.label.as_deref() {
            Some(ACTIVE) => {}
            _ if self.is_found() && self.label.is_none() => {}
            label => {
                let place = at(self.label_place);
                found.push(codes::s127_label(name, label, self.is_found(), place));
            }
        }
        if let Some(wanted) = controller.filter(|wanted| *wanted != self.namespace) {
            let place = at(self.namespace_place);
            found.push(codes::s128_key_elsewhere(name, &self.namespace, wanted, place));
        }
        found
    }
}

/// Whether a text is PEM, and no Secret with PEM in it.
pub(super) fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN ") && !text.contains("tls.key") && !text.contains("tls.crt")
}

fn collect(node: &Node, secrets: &mut Vec<KeySecret>) {
    let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
    if kind.ends_with("List") {
        let items = node.get("items").and_then(Node::as_list).unwrap_or_default();
        items.iter().for_each(|item| collect(item, secrets));
    } else if kind == "Secret" {
        secrets.push(KeySecret::of(node));
    }
}

/// Returns the text of an entry of `data` or `stringData`.
fn decoded(entry: Option<(&str, &(Node, Node))>) -> Option<Zeroizing<String>> {
    let (field, (_, value)) = entry?;
    let text = value.as_str()?;
    if field == "stringData" {
        return Some(Zeroizing::new(text.to_owned()));
    }
    let mut encoded = text.to_owned();
    encoded.retain(|letter| !letter.is_ascii_whitespace());
    let decoded = STANDARD.decode(&encoded).map(Zeroizing::new);
    encoded.zeroize();
    Some(Zeroizing::new(std::str::from_utf8(&decoded.ok()?).ok()?.to_owned()))
}

/// Returns the first certificate of a PEM text: with several, a controller takes that one.
fn first(text: &str) -> Result<Certificate, BadTlsCrt> {
    let blocks = blocks(text);
    let block = blocks.iter().find(|block| block.label == "CERTIFICATE");
    let block = block.ok_or(crate::layout::BadCertificate::Missing)?;
    let der = block.content.as_ref().ok_or(crate::layout::BadCertificate::Broken)?;
    Ok(Certificate::of_der(der)?)
}
