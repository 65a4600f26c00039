//! Reading a text into the spanned tree.

use crate::{Error, Kind, Node, Span, json};

/// Which rules say what a plain scalar means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// go-yaml v2, which `sigs.k8s.io/yaml` uses: YAML 1.1 (`yes` is true).
    Go2,
    /// yaml.v3, which reads kustomize's resources.
    Go3,
    /// The core schema of YAML 1.2.
    Core12,
}

/// Reads the first document; an empty text is null.
///
/// So far only YAML that is JSON is read.
pub fn parse(text: &str, schema: Schema) -> Result<Node, Error> {
    let _ = schema;
    if text.trim().is_empty() {
        return Ok(Node::new(Kind::Null, Span::default()));
    }
    json::parse(text).map_err(|errors| {
        let first = errors.into_iter().next();
        first.unwrap_or_else(|| Error::at("did not find expected key", text, 0))
    })
}

/// Reads every document.
pub fn parse_all(text: &str, schema: Schema) -> Result<Vec<Node>, Error> {
    parse(text, schema).map(|node| vec![node])
}
