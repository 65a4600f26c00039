//! SealedSecrets in a text: who they are, their scope, their items, and where each stands.
//!
//! Source: `pkg/apis/sealedsecrets/v1alpha1/types.go`. Read as Kubernetes reads it (YAML 1.1, JSON
//! included); items of a `List` count.

use yaml::{Kind, Node, ScalarStyle, Schema, Span, Value};

use super::Scope;

/// A SealedSecret, and where it stands.
#[derive(Clone, Debug)]
pub struct SealedSecret {
    /// The object's own bytes.
    pub place: Span,
    /// `metadata.name`; empty where there is none.
    pub name: String,
    /// Where the name stands.
    pub name_place: Option<Span>,
    /// `metadata.namespace`; empty where there is none.
    pub namespace: String,
    /// Where the namespace stands.
    pub namespace_place: Option<Span>,
    /// The scope of the object's own annotations: the one that counts when it is opened.
    pub scope: Scope,
    /// The scope of the template's annotations.
    pub template_scope: Scope,
    /// Where the scope annotation stands, the object's own or else the template's.
    pub scope_place: Option<Span>,
    /// Scope annotations whose value is no text, so that the cluster refuses the object.
    pub odd_scopes: Vec<Span>,
    /// Name and namespace in the template's metadata, where they are.
    pub template_name: Option<String>,
    /// The same for the namespace.
    pub template_namespace: Option<String>,
    /// `spec.encryptedData`, in the order written.
    pub items: Vec<Item>,
    /// `spec.encryptedData` itself, where it is a map.
    pub items_place: Option<Span>,
    /// The deprecated whole-object `spec.data`.
    pub old_data: Option<Span>,
    /// Its text, where it is one.
    pub old_text: Option<String>,
    /// `spec.template`; null where there is none.
    pub template: Value,
    /// `spec.template.data`, in the order written.
    pub templates: Vec<TemplateEntry>,
    /// `spec.template.data` where it is no map.
    pub odd_templates: Option<Span>,
    /// Where `spec.template.type` stands, and whether it is a text.
    pub kind_place: Option<(Span, bool)>,
    /// Where `spec.template.immutable` stands, and whether it is a truth value.
    pub immutable_place: Option<(Span, bool)>,
}

/// One template of `spec.template.data`: what it makes becomes a value of the Secret, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateEntry {
    /// Its key in the Secret.
    pub key: String,
    /// Where the key stands.
    pub key_place: Span,
    /// The template; `None` where the value is no text.
    pub text: Option<String>,
    /// Where it stands.
    pub place: Span,
}

/// One sealed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its key in the Secret.
    pub key: String,
    /// Where the key stands.
    pub key_place: Span,
    /// The envelope as base64; `None` where the value is no text.
    pub text: Option<String>,
    /// Where it stands, quotes included.
    pub place: Span,
    /// How it is written.
    pub style: ScalarStyle,
    /// Whether other parts of the text hang on it: it is an alias, or has an anchor or a tag.
    pub tied: bool,
}

impl Item {
    /// Returns how many bytes the value has, which is seen without a key; `None` where it is no envelope.
    pub fn bytes(&self) -> Option<usize> {
        let bytes = super::decode(self.text.as_deref()?).ok()?;
        Some(super::Envelope::read(&bytes).ok()?.sealed.len() - super::envelope::TAG_BYTES)
    }
}

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unreadable {
    /// What is wrong.
    pub message: String,
    /// The byte where.
    pub offset: usize,
    /// Whether it looks like a template of Helm, which is no YAML until it is rendered.
    pub is_template: bool,
}

/// Says whether a text may hold a SealedSecret: whether reading it is worth the time.
pub fn holds_sealed_secrets(text: &str) -> bool {
    text.contains("SealedSecret") && text.contains("bitnami.com/")
}

/// Returns the SealedSecrets of a text, in order.
///
/// # Errors
/// If it is no YAML.
pub fn read(text: &str) -> Result<Vec<SealedSecret>, Unreadable> {
    let documents = yaml::parse_all(text, Schema::Go2).map_err(|error| Unreadable {
        message: error.message.clone(),
        offset: error.offset,
        is_template: text.contains("{{"),
    })?;
    Ok(of_documents(&documents))
}

fn of_documents(documents: &[Node]) -> Vec<SealedSecret> {
    let mut found = Vec::new();
    documents.iter().for_each(|document| collect(document, &mut found));
    found
}

fn collect(node: &Node, found: &mut Vec<SealedSecret>) {
    let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
    let api = node.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
    if kind == "SealedSecret" && api.starts_with("bitnami.com/") {
        found.push(object(node));
    } else if kind.ends_with("List") {
        let items = node.get("items").and_then(Node::as_list).unwrap_or_default();
        items.iter().for_each(|item| collect(item, found));
    }
}

fn object(node: &Node) -> SealedSecret {
    let metadata = node.get("metadata");
    let spec = node.get("spec");
    let template = spec.and_then(|spec| spec.get("template"));
    let template_metadata = template.and_then(|template| template.get("metadata"));
    let mut odd_scopes = Vec::new();
    let (scope, own_place) = scope(metadata, &mut odd_scopes);
    let (template_scope, template_place) = self::scope(template_metadata, &mut odd_scopes);
    let text = |node: Option<&Node>, key: &str| {
        node.and_then(|node| node.get(key)).and_then(Node::as_str).map(str::to_owned)
    };
    let place = |key: &str| metadata.and_then(|node| node.get(key)).map(|node| node.span);
    let encrypted = spec.and_then(|spec| spec.get("encryptedData"));
    let entries = encrypted.and_then(Node::as_map).unwrap_or_default();
    let in_template = |key: &str| template?.get(key).filter(|value| !value.is_null());
    let templates = in_template("data");
    let old = spec.and_then(|spec| spec.get("data")).filter(|data| !data.is_null());
    SealedSecret {
        place: node.span,
        name: text(metadata, "name").unwrap_or_default(),
        name_place: place("name"),
        namespace: text(metadata, "namespace").unwrap_or_default(),
        namespace_place: place("namespace"),
        scope,
        template_scope,
        scope_place: own_place.or(template_place),
        odd_scopes,
        template_name: text(template_metadata, "name"),
        template_namespace: text(template_metadata, "namespace"),
        items: entries.iter().map(|(key, value)| item(key, value)).collect(),
        items_place: encrypted.filter(|node| node.as_map().is_some()).map(|node| node.span),
        old_data: old.map(|data| data.span),
        old_text: old.and_then(Node::as_str).map(str::to_owned),
        template: template.map_or(Value::Null, Value::from),
        templates: templates
            .and_then(Node::as_map)
            .unwrap_or_default()
            .iter()
            .map(|(key, value)| template_entry(key, value))
            .collect(),
        odd_templates: templates.filter(|it| it.as_map().is_none()).map(|it| it.span),
        kind_place: in_template("type").map(|it| (it.span, it.as_str().is_some())),
        immutable_place: in_template("immutable").map(|it| (it.span, it.as_bool().is_some())),
    }
}

fn item(key: &Node, value: &Node) -> Item {
    Item {
        key: key_text(key),
        key_place: key.span,
        text: value.as_str().map(str::to_owned),
        place: value.span,
        style: value.style,
        tied: value.alias || value.anchor.is_some() || value.tag.is_some(),
    }
}

fn template_entry(key: &Node, value: &Node) -> TemplateEntry {
    let text =
        if value.is_null() { Some(String::new()) } else { value.as_str().map(str::to_owned) };
    TemplateEntry { key: key_text(key), key_place: key.span, text, place: value.span }
}

/// Returns a key as the Secret will have it: keys that are not texts are written out.
fn key_text(key: &Node) -> String {
    match &key.kind {
        Kind::String(text) => text.clone(),
        _ => Value::from(key).to_go_string().unwrap_or_default(),
    }
}

fn scope(metadata: Option<&Node>, odd: &mut Vec<Span>) -> (Scope, Option<Span>) {
    let annotations = metadata.and_then(|node| node.get("annotations"));
    let find = |key: &str| annotations.and_then(|node| node.get(key));
    let scope = Scope::of_annotations(|key| find(key).and_then(Node::as_str));
    let mut place = None;
    for key in [super::NAMESPACE_WIDE, super::CLUSTER_WIDE] {
        if let Some(value) = find(key) {
            if value.as_str().is_none() {
                odd.push(value.span);
            }
            place = Some(value.span);
        }
    }
    (scope, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_secrets_are_found_in_documents_lists_and_json() {
        let text = r#"---
kind: ConfigMap
apiVersion: v1
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: a
  namespace: prod
  annotations: {sealedsecrets.bitnami.com/cluster-wide: "true", sealedsecrets.bitnami.com/namespace-wide: true}
spec:
  encryptedData: {x: AgA, 1: "AgB", z: 3}
  template: {metadata: {name: b}, data: {w: "{{ .x }}"}}
---
kind: List
apiVersion: v1
items:
- {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": {"name": "c"}, "spec": {"data": "AgC"}}
"#;
        let found = read(text).unwrap();
        assert_eq!(found.len(), 2);
        let first = &found[0];
        assert_eq!((first.scope, first.template_scope), (Scope::ClusterWide, Scope::Strict));
        assert_eq!(first.odd_scopes.len(), 1);
        let items: Vec<_> =
            first.items.iter().map(|item| (item.key.as_str(), item.text.as_deref())).collect();
        assert_eq!(items, [("x", Some("AgA")), ("1", Some("AgB")), ("z", None)]);
        assert_eq!(&text[first.items[1].place.range()], "\"AgB\"");
        let templates: Vec<_> =
            first.templates.iter().map(|it| (it.key.as_str(), it.text.as_deref())).collect();
        assert_eq!(templates, [("w", Some("{{ .x }}"))]);
        assert_eq!(first.template_name.as_deref(), Some("b"));
        assert_eq!((found[1].name.as_str(), found[1].namespace.as_str()), ("c", ""));
        assert!(found[1].old_data.is_some() && found[1].items_place.is_none());
    }

    #[test]
    fn a_template_is_told_from_a_broken_file() {
        assert!(read("a: {{ .x }}: b\n").unwrap_err().is_template);
        assert!(!read("a: [").unwrap_err().is_template);
    }
}
