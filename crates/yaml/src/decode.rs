//! Decoding straight into somebody's value type.

use crate::Error;

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
///
/// So far only YAML that is JSON is read.
pub fn decode_go2<B: Build>(text: impl AsRef<[u8]>, build: &mut B) -> Result<B::Value, Error> {
    let text = std::str::from_utf8(text.as_ref()).map_err(|error| Error {
        message: "invalid leading UTF-8 octet".to_owned(),
        offset: error.valid_up_to(),
        line: 1,
        column: 1,
    })?;
    let node = crate::parse(text, crate::Schema::Go2)?;
    Ok(from_node(&node, build))
}

/// Decodes every document of a text, split at `---` lines as Kubernetes' reader does.
pub fn decode_all_go2<B: Build>(
    text: impl AsRef<[u8]>,
    build: &mut B,
) -> Result<Vec<B::Value>, Error> {
    decode_go2(text, build).map(|value| vec![value])
}

fn from_node<B: Build>(node: &crate::Node, build: &mut B) -> B::Value {
    use crate::Kind;
    match &node.kind {
        Kind::Null => build.null(),
        Kind::Bool(value) => build.bool(*value),
        Kind::Int(value) => build.int(*value),
        Kind::Uint(value) => build.uint(*value),
        Kind::Float(value) => build.float(*value),
        Kind::String(text) => build.string(text),
        Kind::List(items) => {
            let items = items.iter().map(|item| from_node(item, build)).collect();
            build.list(items)
        }
        Kind::Map(entries) => {
            let mut made: Vec<(String, B::Value)> = Vec::new();
            for (key, value) in entries {
                let value = from_node(value, build);
                made.push((key.as_str().unwrap_or_default().to_owned(), value));
            }
            build.map(made)
        }
    }
}
