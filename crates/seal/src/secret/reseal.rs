//! Sealing a text anew for another key: item by item, all other bytes untouched.
//!
//! kubeseal's `--re-encrypt` needs a cluster, and writes the object anew: it loses annotations and labels
//! of the template, turns `template.data` into sealed values, and drops comments. Here only the sealed
//! values change. All of a text is sealed anew, or nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use text::{Diagnostic, Place};

use super::opens::{NotOpened, labels_of};
use super::{SealError, splice};
use crate::codes;
use crate::key::{KeyRing, SealingKey, SessionKeys};
use crate::layout::{Envelope, SealedSecret, decode};

/// A text that was sealed anew.
#[derive(Debug)]
pub struct Resealed {
    /// The text.
    pub text: String,
    /// How many values were sealed anew.
    pub items: usize,
    /// How many are sealed for the new key already, and were left as they are.
    pub left: usize,
    /// How many values each key opened, by the key's name.
    pub opened_by: BTreeMap<String, usize>,
}

/// Seals the values of all SealedSecrets of a text for another key.
///
/// `namespaces` are those that are tried where a SealedSecret names none.
///
/// # Errors
/// The values that cannot be opened, as findings; or the library's refusal.
pub fn reseal(
    file: &Arc<str>,
    text: &str,
    keys: &KeyRing,
    to: &SealingKey,
    namespaces: &[String],
    session_keys: &mut dyn SessionKeys,
) -> Result<Result<Resealed, Vec<Diagnostic>>, SealError> {
    let mut resealed =
        Resealed { text: String::new(), items: 0, left: 0, opened_by: BTreeMap::new() };
    let sealed = match crate::layout::read(text) {
        Ok(sealed) => sealed,
        Err(error) => {
            let place = Place::new(file, error.offset..error.offset);
            return Ok(Err(vec![codes::s130_unreadable(&error.message, place)]));
        }
    };
    let mut found = Vec::new();
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    for secret in &sealed {
        if let Some(old) = secret.old_data {
            found.push(codes::s136_old_form(Place::new(file, old.range())));
        }
        let labels = labels_of(secret, namespaces);
        let mut unopened = NotOpened::default();
        for item in &secret.items {
            let place = Place::new(file, item.key_place.range());
            let bytes = decode(item.text.as_deref().unwrap_or_default());
            let read = bytes.as_ref().map_err(|error| *error).and_then(|it| Envelope::read(it));
            let envelope = match read {
                Ok(envelope) => envelope,
                Err(reason) => {
                    found.push(codes::s131_bad_envelope(&item.key, &reason, place));
                    continue;
                }
            };
            let opened =
                labels.iter().find_map(|label| Some((keys.open(&envelope, label)?, label)));
            let Some((opened, label)) = opened else {
                unopened.push(&item.key, place);
                continue;
            };
            *resealed.opened_by.entry(opened.by.to_owned()).or_default() += 1;
            if opened.key.fingerprint() == to.fingerprint() {
                resealed.left += 1;
                continue;
            }
            let envelope = to.seal_text(&opened.value, label, session_keys.next()?)?;
            match splice::replacement(text, item.place, item.style, item.tied, &envelope) {
                Ok((range, new)) => edits.push((range.start, range.end, new)),
                Err(reason) => {
                    let finding = codes::s143_no_place(&item.key, &reason.0, place);
                    found.push(finding);
                }
            }
            resealed.items += 1;
        }
        found.extend(unopened.findings(secret));
    }
    if !found.is_empty() {
        return Ok(Err(found));
    }
    edits.sort();
    resealed.text = spliced(text, &edits);
    match proved(&sealed, &resealed.text, edits.len()) {
        true => Ok(Ok(resealed)),
        false => {
            let reason = "something else would change with it";
            Ok(Err(vec![codes::s143_no_place("spec.encryptedData", reason, Place::of_file(file))]))
        }
    }
}

fn spliced(text: &str, edits: &[(usize, usize, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end, new) in edits {
        out.push_str(text.get(at..*start).unwrap_or_default());
        out.push_str(new);
        at = *end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Reads the result again: the same objects with the same keys, and as many values changed as were meant.
fn proved(before: &[SealedSecret], after: &str, edits: usize) -> bool {
    let Ok(after) = crate::layout::read(after) else { return false };
    let mut changed = 0;
    let same = before.len() == after.len()
        && before.iter().zip(&after).all(|(old, new)| {
            changed +=
                old.items.iter().zip(&new.items).filter(|(old, new)| old.text != new.text).count();
            let keys = |secret: &SealedSecret| {
                secret.items.iter().map(|item| item.key.clone()).collect::<Vec<_>>()
            };
            (&old.name, &old.namespace, old.scope, &old.template)
                == (&new.name, &new.namespace, new.scope, &new.template)
                && keys(old) == keys(new)
        });
    same && changed == edits
}
