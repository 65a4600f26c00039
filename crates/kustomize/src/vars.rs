//! Variables: `$(NAME)` in some fields becomes a value of a resource.

use std::collections::BTreeMap;

use manifest::scalar_text;
use yaml::Value;

use crate::decode::Fields;
use crate::field_path::{self, lookup};
use crate::identity::Id;
use crate::replace;
use crate::resource::Resource;
use crate::specs::{self, FieldSpec, Make};

/// A variable and the field that it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) name: String,
    id: Id,
    path: String,
}

impl Var {
    pub(crate) fn read(value: &Value) -> Result<Self, String> {
        let fields = Fields::lenient(value, "vars")?;
        let null = Value::Null;
        let object = Fields::lenient(fields.get("objref").unwrap_or(&null), "objref")?;
        let field = Fields::lenient(fields.get("fieldref").unwrap_or(&null), "fieldref")?;
        let path = field.text("fieldPath")?;
        Ok(Self {
            name: fields.text("name")?,
            id: Id {
                gvk: replace::reference(&object)?,
                name: object.text("name")?,
                namespace: object.text("namespace")?,
            },
            path: if path.is_empty() { "metadata.name".to_owned() } else { path },
        })
    }

    /// Notes at the resource that this variable means it.
    pub(crate) fn claim(&self, all: &mut [Resource]) -> Result<(), String> {
        // kustomize does not ask whether the kind that is named lives in namespaces.
        let space = &self.id.namespace;
        let fits = |id: &Id| {
            self.id.same_but_namespace(id)
                && (space.is_empty() || id.effective_namespace() == space)
        };
        let mut found: Vec<&mut Resource> = all.iter_mut().filter(|it| it.any_id(fits)).collect();
        match found.as_mut_slice() {
            [] => Ok(()),
            // A variable without a name finds nobody again.
            [_] if self.name.is_empty() => Ok(()),
            [one] => {
                one.vars.push(self.name.clone());
                Ok(())
            }
            many => {
                let (count, name) = (many.len(), &self.name);
                Err(format!("found {count} resId matches for var {name} (unable to disambiguate)"))
            }
        }
    }
}

/// Writes the values into all fields that may hold variables.
pub(crate) fn resolve(
    all: &mut [Resource],
    vars: &BTreeMap<String, Var>,
    fields: &[FieldSpec],
) -> Result<(), String> {
    let mut values = BTreeMap::new();
    for (name, var) in vars {
        let owner = all.iter().find(|it| it.vars.contains(name)).ok_or_else(|| {
            format!("var '{name}' cannot be mapped to a field in the set of known resources")
        })?;
        let path = path_of(&var.path);
        let value = lookup(&owner.value, &path).ok_or_else(|| {
            format!("field specified in var '{name}' not found in corresponding resource")
        })?;
        values.insert(name.as_str(), value.clone());
    }
    if values.is_empty() {
        return Ok(());
    }
    for resource in all.iter_mut() {
        let gvk = resource.gvk();
        for spec in fields {
            specs::apply(&mut resource.value, &gvk, spec, Make::Nothing, &mut |value| {
                match value {
                    Value::Map(fields) => {
                        fields.values_mut().for_each(|value| expand(value, &values));
                    }
                    Value::List(items) => {
                        if items.iter().any(|it| !matches!(it, Value::String(_))) {
                            return Err("invalid value type expect a string".to_owned());
                        }
                        items.iter_mut().for_each(|value| expand(value, &values));
                    }
                    value => expand(value, &values),
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// Splits a path at dots, but for those behind a backslash; `a[0]` is an item of `a`.
fn path_of(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for part in field_path::split(path) {
        let index = part.strip_suffix(']').and_then(|it| it.rsplit_once('['));
        let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        match index.filter(|(_, index)| is_number(index)) {
            Some((name, index)) => {
                let name = (!name.is_empty()).then(|| name.to_owned());
                parts.extend(name.into_iter().chain([index.to_owned()]));
            }
            None => parts.push(part),
        }
    }
    parts
}

fn expand(value: &mut Value, values: &BTreeMap<&str, Value>) {
    let Value::String(text) = value else { return };
    let known = |name: &str| {
        values.get(name).filter(|it| !matches!(it, Value::Null | Value::Map(_) | Value::List(_)))
    };
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        let after = after.strip_prefix('$').unwrap_or_default();
        if after.is_empty() {
            break;
        }
        out.push_str(before);
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some((name, tail)) =
            after.strip_prefix('(').and_then(|inner| inner.split_once(')'))
        {
            if before.is_empty()
                && tail.is_empty()
                && out.is_empty()
                && text.len() == name.len() + 3
            {
                if let Some(found) = known(name) {
                    *value = found.clone();
                }
                return;
            }
            match known(name) {
                Some(found) => out.push_str(&scalar_text(found)),
                None => out.push_str(&format!("$({name})")),
            }
            rest = tail;
        } else {
            out.push('$');
            let mut letters = after.chars();
            out.extend(letters.next());
            rest = letters.as_str();
        }
    }
    out.push_str(rest);
    *value = Value::String(out);
}
