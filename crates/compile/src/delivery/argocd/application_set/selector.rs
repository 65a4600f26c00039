//! Label selectors over flattened parameters: values need not be valid labels.
//!
//! Source: Argo CD, `applicationset/utils/selector.go` (3.2).

use std::collections::BTreeMap;

use yaml::Value;

use super::super::application::{list, text};

/// A requirement.
#[derive(Clone, Debug)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// All requirements must be met.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector(Vec<Requirement>);

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// Where Kubernetes refuses it.
    pub(super) fn read(value: &Value) -> Result<Selector, String> {
        let mut found = Vec::new();
        let labels = value.get("matchLabels").and_then(Value::as_map).into_iter().flatten();
        for (key, value) in labels {
            let values = vec![value.as_str().unwrap_or_default().to_owned()];
            found.push(Requirement { key: key.clone(), operator: Operator::In, values });
        }
        for expression in list(value, "matchExpressions") {
            let operator = match text(expression, "operator") {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => return Err(format!("\"{other}\" is not a valid pod selector operator")),
            };
            let values = list(expression, "values").iter().filter_map(Value::as_str);
            let values: Vec<String> = values.map(str::to_owned).collect();
            let needs = matches!(operator, Operator::In | Operator::NotIn);
            if needs && values.is_empty() {
                return Err("for 'in', 'notin' operators, values set can't be empty".to_owned());
            }
            if !needs && !values.is_empty() {
                return Err("values set must be empty for exists and does not exist".to_owned());
            }
            let key = text(expression, "key").to_owned();
            found.push(Requirement { key, operator, values });
        }
        if let Some(bad) = found.iter().find(|it| !is_label_key(&it.key)) {
            return Err(format!("key: Invalid value: \"{}\": it is no qualified name", bad.key));
        }
        Ok(Selector(found))
    }

    /// Whether it asks for anything.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether labels meet it.
    pub(super) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| {
            let value = labels.get(&requirement.key);
            let has = |value: &String| requirement.values.contains(value);
            match requirement.operator {
                Operator::In => value.is_some_and(has),
                Operator::NotIn => !value.is_some_and(has),
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }
}

/// `[PREFIX/]NAME`, as Kubernetes wants it.
fn is_label_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(it, name)| (Some(it), name));
    let is_end = |it: u8| it.is_ascii_alphanumeric();
    let inside = |it: u8| is_end(it) || b"-_.".contains(&it);
    let bytes = name.as_bytes();
    let is_name = bytes.first().copied().is_some_and(is_end)
        && bytes.last().copied().is_some_and(is_end)
        && bytes.len() <= 63
        && bytes.iter().copied().all(inside);
    is_name && prefix.is_none_or(|it| super::super::forbidden_name(it).is_none())
}
