//! What a manager of fields owns of an object: what it said when it applied it.
//!
//! Source of the format: Kubernetes, `sigs.k8s.io/structured-merge-diff`, `fieldpath` (FieldsV1).

use serde_json::{Map, Value};

/// Returns the object with those fields only that a manager applied, and with what names it.
pub(super) fn by(object: &Value, manager: &str) -> Value {
    let managed = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let mut owned = Value::Object(Map::new());
    for entry in managed.into_iter().flatten() {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        if text("manager") == manager
            && text("subresource").is_empty()
            && let Some(fields) = entry.get("fieldsV1")
        {
            merge(&mut owned, part(object, fields));
        }
    }
    for path in [&["apiVersion"][..], &["kind"], &["metadata", "name"], &["metadata", "namespace"]]
    {
        let Some(value) = path.iter().try_fold(object, |at, key| at.get(key)) else { continue };
        let mut whole = value.clone();
        for key in path.iter().rev() {
            whole = Value::Object(Map::from_iter([((*key).to_owned(), whole)]));
        }
        merge(&mut owned, whole);
    }
    owned
}

/// The part of a value that a set of fields names.
fn part(value: &Value, fields: &Value) -> Value {
    let fields = fields.as_object().cloned().unwrap_or_default();
    // A field without fields of its own is owned as a whole.
    if fields.keys().all(|key| key == ".") {
        return match (value, fields.is_empty()) {
            (Value::Object(_), false) => Value::Object(Map::new()),
            (Value::Array(_), false) => Value::Array(Vec::new()),
            _ => value.clone(),
        };
    }
    match value {
        Value::Object(map) => {
            let named = map.iter().filter_map(|(key, value)| {
                fields.get(&format!("f:{key}")).map(|below| (key.clone(), part(value, below)))
            });
            Value::Object(named.collect())
        }
        Value::Array(items) => {
            let named = items.iter().filter_map(|item| {
                let below = fields.iter().find(|(name, _)| names(name, item))?.1;
                Some(part(item, below))
            });
            Value::Array(named.collect())
        }
        other => other.clone(),
    }
}

/// Whether a name of a set (`k:{"name":"web"}`, `v:"x"`) is that of an item.
fn names(name: &str, item: &Value) -> bool {
    let Some((sign, rest)) = name.split_once(':') else { return false };
    let Ok(wanted) = serde_json::from_str::<Value>(rest) else { return false };
    match sign {
        "k" => wanted.as_object().is_some_and(|keys| {
            keys.iter().all(|(key, value)| {
                // The server's default is a key too.
                item.get(key).is_none_or(|there| there == value)
            })
        }),
        "v" => wanted == *item,
        _ => false,
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::by;

    #[test]
    fn what_others_own_is_left_out() {
        let object = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "web", "labels": {"ours": "x", "theirs": "y"}, "managedFields": [
                {"manager": "us", "fieldsV1": {
                    "f:metadata": {"f:labels": {"f:ours": {}}},
                    "f:spec": {"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}},
                        "f:selector": {}},
                }},
                {"manager": "server", "fieldsV1": {"f:spec": {"f:type": {}}}},
            ]},
            "spec": {"type": "ClusterIP", "selector": {"app": "web"},
                "ports": [{"port": 80, "protocol": "TCP"}, {"port": 81, "protocol": "TCP"}]},
        });
        let expected = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "web", "labels": {"ours": "x"}},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        });
        assert_eq!(by(&object, "us"), expected);
    }
}
