//! An object and its identity.

use std::fmt;
use std::sync::Arc;

use yaml::Value;

/// What makes two descriptions the same object: group, kind, namespace and name. The version is
/// not part of it: `apps/v1` and `apps/v1beta1` of one name are one object in a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The namespace as written; empty for none.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl fmt::Display for Identity {
    /// Prints as `kubectl -o name` does, with the namespace in front where there is one:
    /// `shop/deployment.apps/web`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.namespace.is_empty() {
            write!(out, "{}/", self.namespace)?;
        }
        out.write_str(&self.kind.to_lowercase())?;
        if !self.group.is_empty() {
            write!(out, ".{}", self.group)?;
        }
        write!(out, "/{}", self.name)
    }
}

/// One Kubernetes object, as decoded values and as the text it was read from.
#[derive(Clone, Debug)]
pub struct Object {
    /// The file (or chart template) that it comes from.
    pub source: Arc<str>,
    /// The document's own text, without separators.
    pub text: Arc<str>,
    /// The decoded document; always a map.
    pub value: Value,
}

impl Object {
    /// Returns `apiVersion`, or an empty text.
    pub fn api_version(&self) -> &str {
        self.value.get("apiVersion").and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns `kind`, or an empty text.
    pub fn kind(&self) -> &str {
        self.value.get("kind").and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the API group, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version().rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// Returns `metadata.name`, or an empty text.
    pub fn name(&self) -> &str {
        self.metadata("name")
    }

    /// Returns `metadata.namespace`, or an empty text.
    pub fn namespace(&self) -> &str {
        self.metadata("namespace")
    }

    /// Writes the namespace, or takes it away where it is empty. An object without metadata stays as it is.
    pub fn set_namespace(&mut self, namespace: &str) {
        let Value::Map(fields) = &mut self.value else { return };
        let Some(Value::Map(metadata)) = fields.get_mut("metadata") else { return };
        if namespace.is_empty() {
            metadata.shift_remove("namespace");
        } else {
            metadata.insert("namespace".to_owned(), Value::String(namespace.to_owned()));
        }
    }

    /// Returns the annotation `key`.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.value.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// Returns who the object is.
    pub fn identity(&self) -> Identity {
        Identity {
            group: self.group().to_owned(),
            kind: self.kind().to_owned(),
            namespace: self.namespace().to_owned(),
            name: self.name().to_owned(),
        }
    }

    /// Returns the value at a path of map keys.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.value, |value, key| value.get(key))
    }

    fn metadata(&self, key: &str) -> &str {
        self.at(&["metadata", key]).and_then(Value::as_str).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {

    #[test]
    fn a_name_reads_as_kubectl_prints_it() {
        let text =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n";
        let object = crate::read(text, "web.yaml").unwrap().remove(0);
        assert_eq!(object.identity().to_string(), "shop/deployment.apps/web");
        let text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
        let object = crate::read(text, "ns.yaml").unwrap().remove(0);
        assert_eq!(object.identity().to_string(), "namespace/shop");
    }
}
