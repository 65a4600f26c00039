//! How the lists of objects merge: Kubernetes' own kinds by a table, others by a schema that a person
//! gives.

use std::collections::BTreeMap;

use yaml::Value;

use crate::schema_table::{KINDS, TYPES};

/// Deeper schemas than this are not read.
const DEEPEST: usize = 200;

/// A type of the schema.
#[derive(Clone, Copy, Debug)]
pub struct MergeType<'s>(Type<'s>);

#[derive(Clone, Copy, Debug)]
enum Type<'s> {
    /// An entry of the table.
    Table(u16),
    /// A part of a schema that was given.
    Given(&'s MergeSchema, &'s Value),
}

/// The keys by which the items of a list are the same; none for a set of plain values.
#[derive(Clone, Copy, Debug)]
pub enum MergeKeys<'s> {
    /// Those of the table.
    Table(&'static [&'static str]),
    /// Those of a schema that was given: one text, or a list of them.
    Given(Option<&'s Value>),
}

impl<'s> MergeKeys<'s> {
    /// Returns the keys' names.
    pub fn names(self) -> Vec<&'s str> {
        match self {
            Self::Table(names) => names.to_vec(),
            Self::Given(Some(Value::List(names))) => {
                names.iter().filter_map(Value::as_str).collect()
            }
            Self::Given(value) => value.and_then(Value::as_str).into_iter().collect(),
        }
    }
}

/// What the schema says about a field.
#[derive(Clone, Copy, Debug)]
pub struct MergeField<'s> {
    /// How the items of a list merge; `None` where lists are replaced.
    pub keys: Option<MergeKeys<'s>>,
    /// The type of the value, or of the items of a list.
    pub target: Option<MergeType<'s>>,
}

impl<'s> MergeType<'s> {
    /// Returns the type of a kind, where one of its lists merges. A schema that is given stands for
    /// Kubernetes' own, or beside it.
    pub fn of(schema: Option<&'s MergeSchema>, api_version: &str, kind: &str) -> Option<Self> {
        let Some(schema) = schema else { return Self::own(api_version, kind) };
        let given = || {
            let name = schema.kinds.get(&format!("{api_version} {kind}"))?;
            Some(Self(Type::Given(schema, schema.definition(name)?)))
        };
        match schema.standing {
            Standing::Instead => given(),
            Standing::Over => given().or_else(|| Self::own(api_version, kind)),
            Standing::Under => Self::own(api_version, kind).or_else(given),
        }
    }

    /// Returns what Kubernetes' own schema says about a kind.
    fn own(api_version: &str, kind: &str) -> Option<Self> {
        let found = KINDS.binary_search_by(|(known, _)| {
            known.bytes().cmp(api_version.bytes().chain([b' ']).chain(kind.bytes()))
        });
        KINDS.get(found.ok()?).map(|(_, index)| Self(Type::Table(*index)))
    }

    /// Returns what is known about a field.
    pub fn field(self, name: &str) -> Option<MergeField<'s>> {
        match self.0 {
            Type::Table(index) => {
                let rows = TYPES.get(usize::from(index))?;
                let (_, keys, target) = rows.iter().find(|(field, _, _)| *field == name)?;
                Some(MergeField {
                    keys: keys.map(MergeKeys::Table),
                    target: target.map(|index| Self(Type::Table(index))),
                })
            }
            Type::Given(schema, value) => {
                let own = value.get("properties").and_then(|it| it.get(name));
                let field = own.or_else(|| value.get("additionalProperties"))?;
                schema.field(schema.resolved(field, 0)?)
            }
        }
    }
}

/// How a schema that is given stands to Kubernetes' own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// In its place.
    #[default]
    Instead,
    /// Beside it; what both know is as the given one says.
    Over,
    /// Beside it; what both know is as Kubernetes' own says.
    Under,
}

/// An OpenAPI document that says how the lists of its kinds merge.
#[derive(Clone, Debug, Default)]
pub struct MergeSchema {
    definitions: Value,
    /// `apiVersion kind` and the name of its definition.
    kinds: BTreeMap<String, String>,
    /// `apiVersion kind` and whether namespaces hold it.
    scopes: BTreeMap<String, bool>,
    /// How it stands to Kubernetes' own.
    pub standing: Standing,
}

impl MergeSchema {
    /// Reads a document: OpenAPI 2 with `definitions`, as YAML or JSON.
    ///
    /// # Errors
    /// Where it is neither, or is no map.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let document = Value::decode_go2(bytes).map_err(|error| error.go_text())?;
        // A document that says nothing is a schema that knows nothing.
        if document.as_map().is_none() && (bytes.is_empty() || !document.is_null()) {
            return Err("an OpenAPI document must be a map".to_owned());
        }
        let mut schema = Self {
            definitions: document.get("definitions").cloned().unwrap_or_default(),
            ..Self::default()
        };
        for (name, definition) in schema.definitions.as_map().into_iter().flatten() {
            let kinds = definition.get("x-kubernetes-group-version-kind").and_then(Value::as_list);
            for kind in kinds.into_iter().flatten().filter_map(kind_of) {
                schema.kinds.insert(kind, name.clone());
            }
        }
        for (path, item) in document.get("paths").and_then(Value::as_map).into_iter().flatten() {
            let get = item.get("get").and_then(|it| it.get("x-kubernetes-group-version-kind"));
            let Some(kind) = get.and_then(kind_of) else { continue };
            if path.contains("namespaces/{namespace}") {
                schema.scopes.insert(kind, true);
            } else {
                schema.scopes.entry(kind).or_insert(false);
            }
        }
        Ok(schema)
    }

    /// Whether the document says that a kind lives outside namespaces.
    pub fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> bool {
        self.scopes.get(&format!("{api_version} {kind}")) == Some(&false)
    }

    fn definition(&self, name: &str) -> Option<&Value> {
        self.resolved(self.definitions.get(name)?, 0)
    }

    /// Follows references.
    fn resolved<'s>(&'s self, value: &'s Value, depth: usize) -> Option<&'s Value> {
        match value.get("$ref").and_then(Value::as_str) {
            None => Some(value),
            Some(_) if depth > DEEPEST => None,
            Some(reference) => {
                let name = reference.strip_prefix("#/definitions/")?;
                let name = name.replace("~1", "/").replace("~0", "~");
                self.resolved(self.definitions.get(&name)?, depth + 1)
            }
        }
    }

    fn field<'s>(&'s self, value: &'s Value) -> Option<MergeField<'s>> {
        let is_list = match value.get("type") {
            Some(Value::String(kind)) => kind == "array",
            Some(Value::List(kinds)) => {
                matches!(kinds.as_slice(), [Value::String(kind)] if kind == "array")
            }
            _ => false,
        };
        if !is_list {
            return Some(MergeField {
                keys: None,
                target: Some(MergeType(Type::Given(self, value))),
            });
        }
        let strategy = value.get("x-kubernetes-patch-strategy").and_then(Value::as_str);
        let merges = strategy.is_some_and(|it| it.split(',').any(|it| it == "merge"));
        let keys = value
            .get("x-kubernetes-list-map-keys")
            .or_else(|| value.get("x-kubernetes-patch-merge-key"));
        let item = value.get("items").and_then(|items| self.resolved(items, 0));
        Some(MergeField {
            keys: merges.then_some(MergeKeys::Given(keys)),
            target: item.map(|item| MergeType(Type::Given(self, item))),
        })
    }
}

/// Returns `apiVersion kind` of a group, version and kind.
fn kind_of(value: &Value) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let (version, kind) = (text("version")?, text("kind")?);
    Some(match text("group").unwrap_or_default() {
        "" => format!("{version} {kind}"),
        group => format!("{group}/{version} {kind}"),
    })
}
