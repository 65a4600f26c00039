//! What is wrong with SealedSecrets and certificates, seen without a key.
//!
//! In: a text and its name, and the certificate if there is one. Out: findings with places.

use std::sync::Arc;

use text::{Diagnostic, Place};
use yaml::Span;

use super::{Certificate, Envelope, Scope, SealedSecret, Suspicion, decode, template};
use crate::codes;

/// So long before the end of a certificate somebody should know: 90 days.
const SOON: i64 = 90 * 86_400;

/// Returns what is wrong with the SealedSecrets of a file. `suspicion` says of a text that lies open whether it looks like
/// a secret.
pub fn check(
    file: &Arc<str>,
    sealed: &[SealedSecret],
    certificate: Option<&Certificate>,
    suspicion: Suspicion<'_>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for secret in sealed {
        identity(file, secret, &mut found);
        scopes(file, secret, &mut found);
        items(file, secret, certificate, &mut found);
        template::check(file, secret, suspicion, &mut found);
    }
    found
}

/// Returns what is wrong with a certificate at a moment (seconds since 1970).
pub fn check_certificate(file: &Arc<str>, certificate: &Certificate, now: i64) -> Vec<Diagnostic> {
    let place = Place::of_file(file);
    match certificate.usable_at(now) {
        Err(reason) => vec![codes::s120_bad_certificate(&reason, place)],
        Ok(()) if certificate.not_after() - now < SOON => {
            vec![codes::s121_expires_soon(certificate.not_after(), place)]
        }
        Ok(()) => Vec::new(),
    }
}

fn identity(file: &Arc<str>, secret: &SealedSecret, found: &mut Vec<Diagnostic>) {
    if secret.name.is_empty() {
        found.push(codes::s137_no_identity("name", start(file, secret.place)));
    }
    if secret.namespace.is_empty() && secret.scope != Scope::ClusterWide {
        found.push(codes::s137_no_identity("namespace", start(file, secret.place)));
    }
}

fn scopes(file: &Arc<str>, secret: &SealedSecret, found: &mut Vec<Diagnostic>) {
    for odd in &secret.odd_scopes {
        found.push(codes::s134_scope_not_text(place(file, *odd)));
    }
    if let Some(at) = secret.scope_place
        && secret.scope != secret.template_scope
        && secret.odd_scopes.is_empty()
    {
        let (own, template) = (secret.scope, secret.template_scope);
        found.push(codes::s133_scopes_differ(own, template, place(file, at)));
    }
}

fn items(
    file: &Arc<str>,
    secret: &SealedSecret,
    certificate: Option<&Certificate>,
    found: &mut Vec<Diagnostic>,
) {
    if let Some(at) = secret.old_data {
        // The old form may be the plain text of a Secret: its place is shown line by line.
        let at = start(file, at);
        found.push(match secret.items.is_empty() {
            true => codes::s136_old_form(at),
            false => codes::s157_both_forms(at),
        });
    } else if secret.items.is_empty() {
        found.push(codes::s135_no_items(start(file, secret.place)));
    }
    for item in &secret.items {
        let bytes = decode(item.text.as_deref().unwrap_or_default());
        let read = bytes.as_ref().map_err(|error| *error).and_then(|it| Envelope::read(it));
        // The place is the key's: a broken value may be the secret itself.
        let at = place(file, item.key_place);
        match (read, certificate) {
            (Err(reason), _) => found.push(codes::s131_bad_envelope(&item.key, &reason, at)),
            (Ok(envelope), Some(certificate)) if envelope.key_bits() != certificate.bits() => {
                let bits = envelope.key_bits();
                found.push(codes::s132_other_size(&item.key, bits, certificate.bits(), at));
            }
            (Ok(_), _) => {}
        }
    }
}

fn place(file: &Arc<str>, span: Span) -> Place {
    Place::new(file, span.range())
}

/// The beginning of an object: its whole span would be shown line by line.
fn start(file: &Arc<str>, span: Span) -> Place {
    Place::new(file, span.start as usize..span.start as usize)
}

/// Returns a text in which the values of sealed items and of templates are blotted out, byte for byte as long: a broken
/// one may be the secret itself, and a whole one is a long line that says nothing.
pub fn blotted(text: &str, sealed: &[SealedSecret]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let sealed = || sealed.iter();
    let items = sealed().flat_map(|secret| &secret.items).map(|item| item.place);
    let templates = sealed().flat_map(|secret| &secret.templates).map(|entry| entry.place);
    let old = sealed().filter_map(|secret| secret.old_data);
    for place in items.chain(templates).chain(old) {
        crate::secret::blot(&mut bytes, place.range());
    }
    String::from_utf8(bytes).unwrap_or_default()
}
