//! Whether the object in the cluster has every field of ours, with the same value.
//!
//! What the server adds (defaults, status, marks of controllers) is no difference. A field of ours that the
//! server writes in another way is none either: quantities, and empty values, which it leaves out.

use serde_json::Value;

/// The paths of the fields that are ours and not the server's, each with both values.
pub(super) fn differences(ours: &Value, theirs: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", ours, Some(theirs), &mut found);
    found
}

/// How many fields with a value of its own an object has.
pub(super) fn fields(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(fields).sum(),
        Value::Array(items) => items.iter().map(fields).sum(),
        Value::Null => 0,
        _ => 1,
    }
}

fn compare(path: &str, ours: &Value, theirs: Option<&Value>, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Some(Value::Object(theirs))) => {
            for (key, value) in ours {
                compare(&format!("{path}.{key}"), value, theirs.get(key), found);
            }
        }
        (Value::Array(ours), Some(Value::Array(theirs))) if ours.len() == theirs.len() => {
            for (index, value) in ours.iter().enumerate() {
                compare(&format!("{path}[{index}]"), value, theirs.get(index), found);
            }
        }
        // A null asks for nothing.
        (Value::Null, _) => {}
        (ours, None) if is_empty(ours) => {}
        (ours, Some(theirs)) if ours == theirs || same_quantity(path, ours, theirs) => {}
        (ours, theirs) => {
            let theirs = theirs.map_or_else(|| "nothing".to_owned(), Value::to_string);
            found.push(format!("{path}: ours {ours}, the server's {theirs}"));
        }
    }
}

/// Go's encoder leaves out what is empty.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(value) => value.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
    }
}

/// Quantities have one spelling in the server (`1000m` is `1`).
fn same_quantity(path: &str, ours: &Value, theirs: &Value) -> bool {
    let parts = [
        "resources",
        "hard",
        "capacity",
        "limits",
        "requests",
        "sizeLimit",
        "averageValue",
        "divisor",
        "default",
        "defaultRequest",
        "max",
        "min",
    ];
    let place = path.split(['.', '[']).any(|part| parts.contains(&part));
    let amount = |value: &Value| match value {
        Value::String(text) => quantity(text),
        Value::Number(number) => quantity(&number.to_string()),
        _ => None,
    };
    place && amount(ours).is_some() && amount(ours) == amount(theirs)
}

/// A quantity in thousandths (Kubernetes' `resource.Quantity`).
fn quantity(text: &str) -> Option<u128> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
    let factor: u128 = match suffix {
        "m" => 1,
        "" => 1000,
        "k" => 1_000_000,
        "M" => 1_000_000_000,
        "G" => 1_000_000_000_000,
        "T" => 1_000_000_000_000_000,
        "Ki" => 1000 << 10,
        "Mi" => 1000 << 20,
        "Gi" => 1000 << 30,
        "Ti" => 1000 << 40,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let mut total = whole.parse::<u128>().ok()?.checked_mul(factor)?;
    let mut scale = factor;
    for digit in part.chars() {
        scale /= 10;
        total += u128::from(digit.to_digit(10)?) * scale;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_and_spellings_are_no_difference() {
        let ours = json!({"spec": {"resources": {"cpu": "1000m", "memory": "0.5Gi"}, "off": false,
            "list": [{"a": 1}]}});
        let theirs = json!({"spec": {"resources": {"cpu": "1", "memory": "512Mi"}, "more": 1,
            "list": [{"a": 1, "b": 2}]}});
        assert_eq!(differences(&ours, &theirs), Vec::<String>::new());
    }

    #[test]
    fn other_values_are() {
        let ours = json!({"spec": {"name": "1000m", "list": [1], "gone": 3,
            "resources": {"cpu": "2"}}});
        let theirs = json!({"spec": {"name": "1", "list": [1, 2], "resources": {"cpu": "2500m"}}});
        assert_eq!(differences(&ours, &theirs).len(), 4);
    }
}
