//! Whether values open: where they stand, or elsewhere, or not with any key that was given. Never hands out a value.

use std::cell::Cell;
use std::sync::Arc;

use text::{Diagnostic, Place};

use super::unseal::fill;
use super::{Entry, FillIn, check_templates};
use crate::codes;
use crate::key::KeyRing;
use crate::layout::{Certificate, Envelope, Scope, SealedSecret, decode};

/// Where a value might have been sealed for: namespaces and names that are tried when it does not open
/// where it stands.
#[derive(Clone, Debug)]
pub struct Guess {
    namespaces: Vec<String>,
    names: Vec<String>,
    /// How many places may be tried yet, for all values together.
    left: Cell<usize>,
}

impl Guess {
    /// Takes what is known anywhere.
    pub fn new(namespaces: Vec<String>, names: Vec<String>) -> Guess {
        Guess { namespaces, names, left: Cell::new(MOST_GUESSES_IN_ALL) }
    }

    /// Returns the namespaces.
    pub fn namespaces(&self) -> &[String] {
        &self.namespaces
    }
}

/// The most places that are tried for one value: each costs a private operation of every key.
const MOST_GUESSES: usize = 400;
/// The same for all values together: with a wrong key none opens, however long it is tried.
const MOST_GUESSES_IN_ALL: usize = 2_000;

/// Returns which values of a file's SealedSecrets do not open where they stand, and for what they are
/// sealed instead, as far as that can be found out; and those that only an old key opens.
///
/// `current` is the fingerprint of the certificate that is sealed with.
pub fn check_opens(
    file: &Arc<str>,
    sealed: &[SealedSecret],
    keys: &KeyRing,
    current: Option<&str>,
    guess: &Guess,
    fill_in: &dyn FillIn,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for secret in sealed {
        let mut entries = Vec::new();
        let mut unopened = NotOpened::default();
        for item in &secret.items {
            let place = Place::new(file, item.key_place.range());
            let Ok(bytes) = decode(item.text.as_deref().unwrap_or_default()) else { continue };
            let Ok(envelope) = Envelope::read(&bytes) else { continue };
            let labels = labels_of(secret, &guess.namespaces);
            let opened = labels.iter().find_map(|label| keys.open(&envelope, label));
            match opened {
                Some(opened) => {
                    if current.is_some_and(|current| current != opened.key.fingerprint()) {
                        found.push(codes::s142_old_key(&item.key, opened.by, place));
                    }
                    entries.push(Entry { key: item.key.clone(), value: opened.value });
                }
                None => match elsewhere(secret, &envelope, keys, guess) {
                    Some(sealed_for) => {
                        let now = words(secret.scope, &secret.namespace, &secret.name);
                        found.push(codes::s141_sealed_for(&item.key, &sealed_for, &now, place));
                    }
                    None => unopened.push(&item.key, place),
                },
            }
        }
        found.extend(unopened.finding());
        // Templates that cannot be read are found without a key.
        let own = std::slice::from_ref(secret);
        if entries.len() == secret.items.len() && check_templates(file, own, fill_in).is_empty() {
            found.extend(fill(file, secret, fill_in, &mut entries));
        }
    }
    found
}

/// Finds out for what else a value is sealed.
fn elsewhere(
    secret: &SealedSecret,
    envelope: &Envelope<'_>,
    keys: &KeyRing,
    guess: &Guess,
) -> Option<String> {
    let own_names = [Some(&secret.name), secret.template_name.as_ref()].into_iter().flatten();
    let own_spaces =
        [Some(&secret.namespace), secret.template_namespace.as_ref()].into_iter().flatten();
    let names: Vec<&String> = own_names.chain(&guess.names).collect();
    let spaces: Vec<&String> = own_spaces.chain(&guess.namespaces).collect();
    let mut tried: Vec<(Scope, &str, &str)> = vec![(Scope::ClusterWide, "", "")];
    tried.extend(spaces.iter().map(|space| (Scope::NamespaceWide, space.as_str(), "")));
    for space in &spaces {
        tried.extend(names.iter().map(|name| (Scope::Strict, space.as_str(), name.as_str())));
    }
    let mut seen = std::collections::BTreeSet::new();
    tried.retain(|(scope, space, name)| seen.insert(scope.label(space, name)));
    tried.truncate(MOST_GUESSES.min(guess.left.get()));
    guess.left.set(guess.left.get() - tried.len());
    tried.into_iter().find_map(|(scope, space, name)| {
        keys.open(envelope, &scope.label(space, name)).map(|_| words(scope, space, name))
    })
}

fn words(scope: Scope, namespace: &str, name: &str) -> String {
    match scope {
        Scope::ClusterWide => "the whole cluster".to_owned(),
        Scope::NamespaceWide => format!("any name in namespace `{namespace}`"),
        Scope::Strict => format!("`{namespace}/{name}`"),
    }
}

/// The values of one SealedSecret that no key opens: one finding for all of them.
#[derive(Default)]
pub(super) struct NotOpened<'a> {
    keys: Vec<&'a str>,
    first: Option<Place>,
}

impl<'a> NotOpened<'a> {
    pub(super) fn push(&mut self, key: &'a str, place: Place) {
        self.keys.push(key);
        self.first.get_or_insert(place);
    }

    pub(super) fn finding(self) -> Option<Diagnostic> {
        self.first.map(|place| codes::s140_nothing_opens(&self.keys, place))
    }
}

/// The labels that a value of a SealedSecret may be sealed for where it stands. `namespaces` are those that are tried
/// where the SealedSecret names none.
pub(super) fn labels_of(secret: &SealedSecret, namespaces: &[String]) -> Vec<Vec<u8>> {
    if secret.namespace.is_empty() && secret.scope != Scope::ClusterWide {
        return namespaces
            .iter()
            .map(|namespace| secret.scope.label(namespace, &secret.name))
            .collect();
    }
    vec![secret.scope.label(&secret.namespace, &secret.name)]
}

/// Returns the one finding that says it all where the wrong keys were given: none is that of the certificate (`place` is
/// its file's), and none opens anything. Ends with the first value that opens.
pub fn wrong_keys<'a>(
    sealed: impl Iterator<Item = &'a SealedSecret>,
    keys: &KeyRing,
    certificate: &Certificate,
    namespaces: &[String],
    place: Place,
) -> Option<Diagnostic> {
    let current = certificate.fingerprint();
    if keys.is_empty() || keys.iter().any(|(_, key)| key.fingerprint() == current) {
        return None;
    }
    let mut values = 0;
    for secret in sealed {
        let labels = labels_of(secret, namespaces);
        let items = secret.items.iter().filter_map(|item| item.text.as_deref());
        for text in items.chain(secret.old_text.as_deref()) {
            let Ok(bytes) = decode(text) else { continue };
            let Ok(envelope) = Envelope::read(&bytes) else { continue };
            if labels.iter().any(|label| keys.open(&envelope, label).is_some()) {
                return None;
            }
            values += 1;
        }
    }
    (values > 0).then(|| codes::s122_other_key(current, &keys.fingerprints(), values, place))
}
