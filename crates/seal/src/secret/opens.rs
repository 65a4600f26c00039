//! Whether values open: where they stand, or elsewhere, or not with any key that was given. Never hands out a value.

use std::cell::Cell;
use std::sync::Arc;

use text::{Diagnostic, Place};

use super::unseal::fill;
use super::{Entry, FillIn, check_templates};
use crate::codes;
use crate::key::KeyRing;
use crate::layout::{Certificate, Envelope, Item, Scope, SealedSecret, decode};

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
    pub fn new(mut namespaces: Vec<String>, mut names: Vec<String>) -> Guess {
        for list in [&mut namespaces, &mut names] {
            list.retain(|known| !known.is_empty());
            list.sort();
            list.dedup();
        }
        Guess { namespaces, names, left: Cell::new(MOST_GUESSES_IN_ALL) }
    }

    /// Takes the names and namespaces of SealedSecrets.
    pub fn of<'a>(sealed: impl Iterator<Item = &'a SealedSecret>) -> Guess {
        let (spaces, names) =
            sealed.map(|secret| (secret.namespace.clone(), secret.name.clone())).unzip();
        Guess::new(spaces, names)
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
/// So many SealedSecrets of those that do not open are looked at for whether it is the key's fault.
const MOST_SAMPLES: usize = 8;

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
        let mut old = Together::default();
        let mut unopened = NotOpened::default();
        for (item, bytes, place) in readable(file, secret) {
            let Ok(envelope) = Envelope::read(&bytes) else { continue };
            let labels = labels_of(secret, &guess.namespaces);
            let opened = labels.iter().find_map(|label| keys.open(&envelope, label));
            match opened {
                Some(opened) => {
                    if current.is_some_and(|current| current != opened.key.fingerprint()) {
                        old.push(opened.by, &item.key, place);
                    }
                    entries.push(Entry { key: item.key.clone(), value: opened.value });
                }
                None => unopened.push_found(secret, &envelope, keys, guess, &item.key, place),
            }
        }
        found.extend(
            old.0.into_iter().map(|(by, keys, place)| codes::s142_old_key(&keys, by, place)),
        );
        found.extend(unopened.findings(secret));
        // Templates that cannot be read are found without a key.
        let own = std::slice::from_ref(secret);
        if entries.len() == secret.items.len() && check_templates(file, own, fill_in).is_empty() {
            found.extend(fill(file, secret, fill_in, &mut entries));
        }
    }
    found
}

/// Finds out for what the values of a file are sealed that do not open where they stand, and says it (S141) instead of
/// that nothing opens them (S140), which stays where it cannot be found out.
pub fn explain_unopened(
    found: Vec<Diagnostic>,
    file: &Arc<str>,
    sealed: &[SealedSecret],
    keys: &KeyRing,
    guess: &Guess,
) -> Vec<Diagnostic> {
    let mut explained = Vec::new();
    for finding in found {
        let begin = finding.primary.as_ref().map(|label| label.place.start);
        let stands_at = |item: &Item| begin == Some(item.key_place.range().start);
        let secret = sealed.iter().find(|secret| secret.items.iter().any(stands_at));
        let secret = secret.filter(|_| finding.code.to_string() == "S140");
        let known = secret.map(|secret| of_unopened(file, secret, keys, guess));
        match known.filter(|known| !known.is_empty()) {
            Some(known) => explained.extend(known),
            None => explained.push(finding),
        }
    }
    explained
}

/// The findings about the values of a SealedSecret that do not open where they stand.
fn of_unopened(
    file: &Arc<str>,
    secret: &SealedSecret,
    keys: &KeyRing,
    guess: &Guess,
) -> Vec<Diagnostic> {
    let labels = labels_of(secret, &guess.namespaces);
    let mut unopened = NotOpened::default();
    for (item, bytes, place) in readable(file, secret) {
        let Ok(envelope) = Envelope::read(&bytes) else { continue };
        if !labels.iter().any(|label| keys.open(&envelope, label).is_some()) {
            unopened.push_found(secret, &envelope, keys, guess, &item.key, place);
        }
    }
    unopened.findings(secret)
}

/// The values of a SealedSecret that are base64, with the places of their keys.
fn readable<'a>(
    file: &Arc<str>,
    secret: &'a SealedSecret,
) -> impl Iterator<Item = (&'a Item, Vec<u8>, Place)> {
    let file = Arc::clone(file);
    secret.items.iter().filter_map(move |item| {
        let bytes = decode(item.text.as_deref().unwrap_or_default()).ok()?;
        Some((item, bytes, Place::new(&file, item.key_place.range())))
    })
}

/// What a value is sealed for.
type SealedFor<'a> = (Scope, &'a str, &'a str);

/// Finds out for what else a value is sealed, in at most so many tries; and how many it took.
fn elsewhere<'a>(
    secret: &'a SealedSecret,
    envelope: &Envelope<'_>,
    keys: &KeyRing,
    guess: &'a Guess,
    most: usize,
) -> (Option<SealedFor<'a>>, usize) {
    let own_names: Vec<&str> = [Some(&secret.name), secret.template_name.as_ref()]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let own_spaces: Vec<&str> = [Some(&secret.namespace), secret.template_namespace.as_ref()]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let names: Vec<&str> = guess.names.iter().map(String::as_str).collect();
    let spaces: Vec<&str> = guess.namespaces.iter().map(String::as_str).collect();
    // What is likely comes first: an edited scope, then moved, then renamed, then both.
    let likely = [
        (&own_spaces, &own_names),
        (&spaces, &own_names),
        (&own_spaces, &names),
        (&spaces, &names),
    ];
    let places = likely.into_iter().flat_map(|(spaces, names)| {
        spaces.iter().flat_map(move |space| {
            let strict = names.iter().map(move |name| (Scope::Strict, *space, *name));
            std::iter::once((Scope::NamespaceWide, *space, "")).chain(strict)
        })
    });
    let mut seen = std::collections::BTreeSet::new();
    let mut tries = 0;
    let found = std::iter::once((Scope::ClusterWide, "", ""))
        .chain(places)
        .filter(|(scope, space, name)| seen.insert(scope.label(space, name)))
        .take(most)
        .inspect(|_| tries += 1)
        .find(|(scope, space, name)| keys.open(envelope, &scope.label(space, name)).is_some());
    (found, tries)
}

fn words((scope, namespace, name): SealedFor<'_>) -> String {
    match scope {
        Scope::ClusterWide => "the whole cluster".to_owned(),
        Scope::NamespaceWide => format!("any name in namespace `{namespace}`"),
        Scope::Strict => format!("`{namespace}/{name}`"),
    }
}

/// Values of one SealedSecret of which the same is said: together, at the place of the first.
struct Together<'a, W>(Vec<(W, Vec<&'a str>, Place)>);

impl<W> Default for Together<'_, W> {
    fn default() -> Self {
        Together(Vec::new())
    }
}

impl<'a, W: PartialEq> Together<'a, W> {
    fn push(&mut self, what: W, key: &'a str, place: Place) {
        match self.0.iter_mut().find(|(known, ..)| *known == what) {
            Some((_, keys, _)) => keys.push(key),
            None => self.0.push((what, vec![key], place)),
        }
    }
}

/// The values of one SealedSecret that no key opens where they stand, and for what they are sealed, where that is known.
#[derive(Default)]
pub(super) struct NotOpened<'a>(Together<'a, Option<SealedFor<'a>>>);

impl<'a> NotOpened<'a> {
    pub(super) fn push(&mut self, key: &'a str, place: Place) {
        self.0.push(None, key, place);
    }

    /// Finds out for what the value is sealed. What another one of the SealedSecret is sealed for is tried first.
    fn push_found(
        &mut self,
        secret: &'a SealedSecret,
        envelope: &Envelope<'_>,
        keys: &KeyRing,
        guess: &'a Guess,
        key: &'a str,
        place: Place,
    ) {
        let mut known = self.0.0.iter().filter_map(|(sealed_for, ..)| *sealed_for);
        let sealed_for = known
            .find(|(scope, space, name)| keys.open(envelope, &scope.label(space, name)).is_some())
            .or_else(|| {
                let most = MOST_GUESSES.min(guess.left.get());
                let (found, tries) = elsewhere(secret, envelope, keys, guess, most);
                guess.left.set(guess.left.get().saturating_sub(tries));
                found
            });
        self.0.push(sealed_for, key, place);
    }

    pub(super) fn findings(self, secret: &SealedSecret) -> Vec<Diagnostic> {
        let now = words((secret.scope, &secret.namespace, &secret.name));
        let said = self.0.0.into_iter().map(|(sealed_for, keys, place)| match sealed_for {
            Some(sealed_for) => codes::s141_sealed_for(&keys, &words(sealed_for), &now, place),
            None => codes::s140_nothing_opens(&keys, place),
        });
        said.collect()
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
/// its file's), and none opens anything, neither where it stands nor, of a few that are looked at, for another name or
/// namespace. Ends with the first value that opens.
pub fn wrong_keys<'a>(
    sealed: impl Iterator<Item = &'a SealedSecret>,
    keys: &KeyRing,
    certificate: &Certificate,
    guess: &Guess,
    place: Place,
) -> Option<Diagnostic> {
    let current = certificate.fingerprint();
    if keys.is_empty() || keys.iter().any(|(_, key)| key.fingerprint() == current) {
        return None;
    }
    let mut values = 0;
    let mut samples = Vec::new();
    for secret in sealed {
        let labels = labels_of(secret, &guess.namespaces);
        let items = secret.items.iter().filter_map(|item| item.text.as_deref());
        let mut sample = None;
        for text in items.chain(secret.old_text.as_deref()) {
            let Ok(bytes) = decode(text) else { continue };
            let Ok(envelope) = Envelope::read(&bytes) else { continue };
            if labels.iter().any(|label| keys.open(&envelope, label).is_some()) {
                return None;
            }
            values += 1;
            sample = Some((secret, bytes));
        }
        samples.extend(sample.filter(|_| samples.len() < MOST_SAMPLES));
    }
    let most = MOST_GUESSES / (samples.len() * keys.iter().count()).max(1);
    let is_elsewhere = |(secret, bytes): &(&SealedSecret, Vec<u8>)| {
        let envelope = Envelope::read(bytes).ok();
        envelope.is_some_and(|it| elsewhere(secret, &it, keys, guess, most).0.is_some())
    };
    if samples.iter().any(is_elsewhere) {
        return None;
    }
    (values > 0).then(|| codes::s122_other_key(current, &keys.fingerprints(), values, place))
}
