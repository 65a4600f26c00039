//! Decoding straight into somebody's value type.
//!
//! In go bytes and a [`Build`]; out comes the value that `sigs.k8s.io/yaml` gives for an
//! `interface{}`: YAML read by go-yaml v2, keys turned into texts, everything passed through JSON.
//! Documents without anchors and merge keys are built while they are parsed; the others from their
//! tree ([`crate::compose`]).

mod aliased;
mod documents;
mod scalar;
mod streamed;

use crate::Error;
use crate::compose;
use crate::events::{Input, Parser};

pub use documents::split_documents;
pub(crate) use scalar::{Decoded, decode_scalar, key_text};

/// Makes values of one's own type while a document is decoded.
pub trait Build {
    /// The type of value that is made.
    type Value;
    /// Makes a null.
    fn null(&mut self) -> Self::Value;
    /// Makes a truth value.
    fn bool(&mut self, value: bool) -> Self::Value;
    /// Makes a whole number.
    fn int(&mut self, value: i64) -> Self::Value;
    /// Makes a whole number above `i64::MAX`.
    fn uint(&mut self, value: u64) -> Self::Value;
    /// Makes any other number; never an infinity or not-a-number.
    fn float(&mut self, value: f64) -> Self::Value;
    /// Makes a text.
    fn string(&mut self, text: &str) -> Self::Value;
    /// Makes a list.
    fn list(&mut self, items: Vec<Self::Value>) -> Self::Value;
    /// Makes a map; keys are texts already, merge keys are applied, and no key occurs twice.
    fn map(&mut self, entries: Vec<(String, Self::Value)>) -> Self::Value;
}

/// Decodes the first document of a text as `sigs.k8s.io/yaml` does.
pub fn decode_go2<B: Build>(text: impl AsRef<[u8]>, build: &mut B) -> Result<B::Value, Error> {
    let input = Input::of_bytes(text.as_ref());
    let decoded = match streamed::decode(&input.text, build) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => decode_aliased(&input.text, build),
        Err(error) => Err(error),
    };
    input.or_broken(decoded)
}

/// Decodes every document of a text, split at `---` lines as Kubernetes' reader does.
///
/// This is how Helm reads files of values.
pub fn decode_all_go2<B: Build>(
    text: impl AsRef<[u8]>,
    build: &mut B,
) -> Result<Vec<B::Value>, Error> {
    let (documents, wrong) = documents::split_strictly(text.as_ref());
    let decode = |document: std::borrow::Cow<'_, [u8]>| decode_go2(document, build);
    let values = documents.into_iter().map(decode).collect::<Result<_, _>>()?;
    match wrong {
        None => Ok(values),
        Some(wrong) => Err(wrong),
    }
}

fn decode_aliased<B: Build>(text: &str, build: &mut B) -> Result<B::Value, Error> {
    let mut parser = Parser::new(text);
    match compose::next_document(&mut parser)? {
        Some(document) => aliased::decode(&document, text, build),
        None => Ok(build.null()),
    }
}
