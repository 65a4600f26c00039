//! Go's `reflect.DeepEqual`.

use super::{MAX_DEPTH, TooDeep, Value};

/// Reports whether two values have the same type and, all the way down, the same contents.
pub fn deep_equal(left: &Value, right: &Value) -> Result<bool, TooDeep> {
    equal(left, right, 0)
}

fn equal(left: &Value, right: &Value, depth: usize) -> Result<bool, TooDeep> {
    if depth >= MAX_DEPTH {
        return Err(TooDeep);
    }
    Ok(match (left, right) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Str(a), Value::Str(b)) | (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            if a.list_type() != b.list_type() || a.len() != b.len() {
                return Ok(false);
            }
            if a.is_same(b) {
                return Ok(true);
            }
            for (a, b) in a.items().iter().zip(b.items().iter()) {
                if !equal(a, b, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.map_type() != b.map_type() || a.len() != b.len() {
                return Ok(false);
            }
            if a.is_same(b) {
                return Ok(true);
            }
            for (a, b) in a.entries().iter().zip(b.entries().iter()) {
                if a.0 != b.0 || !equal(&a.1, &b.1, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Object(a), Value::Object(b)) => a.is_equal(&**b),
        _ => false,
    })
}
