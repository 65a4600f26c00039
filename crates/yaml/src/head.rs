//! The few fields of a Kubernetes object that Helm looks at in every document.

use crate::{Error, Value};

/// What a document says that it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `apiVersion`, when it is a text.
    pub api_version: Option<String>,
    /// `kind`, when it is a text.
    pub kind: Option<String>,
    /// `metadata.name`, when it is a text.
    pub name: Option<String>,
    /// `metadata.namespace`, when it is a text.
    pub namespace: Option<String>,
    /// `metadata.annotations` whose values are texts, in the order written.
    pub annotations: Vec<(String, String)>,
    /// Whether the document is a map at all.
    pub is_map: bool,
    /// Whether the document is empty or null.
    pub is_null: bool,
}

/// Reads a whole document for errors, as decoding it would, but keeps only its head.
pub fn validate_head(text: impl AsRef<[u8]>) -> Result<Head, Error> {
    let value = Value::decode_go2(text.as_ref())?;
    let text_of = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let metadata = value.get("metadata");
    let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
    let annotations = annotations.and_then(Value::as_map).into_iter().flatten();
    Ok(Head {
        api_version: text_of(value.get("apiVersion")),
        kind: text_of(value.get("kind")),
        name: text_of(metadata.and_then(|metadata| metadata.get("name"))),
        namespace: text_of(metadata.and_then(|metadata| metadata.get("namespace"))),
        annotations: annotations
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect(),
        is_map: value.as_map().is_some(),
        is_null: value.is_null(),
    })
}
