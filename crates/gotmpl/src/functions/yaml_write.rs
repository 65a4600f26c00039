//! Values as YAML, as `sigs.k8s.io/yaml` writes them: through JSON.

use crate::value::{MAX_DEPTH, TooDeep, Value};

use super::text::{float_text, valid};

/// Returns a value as YAML without the last line break, or Go's error.
pub(super) fn write(value: &Value) -> Result<String, String> {
    let mut emitter = yaml::Emitter::new();
    emit(&mut emitter, value, 0)?;
    let mut text = emitter.finish().map_err(|error| error.go_text())?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

fn emit(emitter: &mut yaml::Emitter, value: &Value, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(TooDeep.to_string());
    }
    match value {
        Value::Nil => emitter.null(),
        Value::Bool(value) => emitter.bool(*value),
        Value::Int(int) if int.is_unsigned() => emitter.uint(int.to_u64()),
        Value::Int(int) => emitter.int(int.to_i64()),
        Value::Float(number) if number.is_finite() => emitter.float(*number),
        Value::Float(number) => {
            let shown = float_text(*number);
            return Err(format!("error marshaling into JSON: json: unsupported value: {shown}"));
        }
        Value::Str(text) => emitter.string(&valid(text)),
        Value::Bytes(bytes) => emitter.string(&super::encoding::base64_encode(bytes)),
        Value::List(list) if list.is_nil() => emitter.null(),
        Value::List(list) => {
            emitter.begin_list();
            for item in list.items().iter() {
                emit(emitter, item, depth + 1)?;
            }
            emitter.end_list();
        }
        Value::Map(map) if map.is_nil() => emitter.null(),
        Value::Map(map) => {
            let entries = map.entries();
            let mut order: Vec<_> = entries.iter().map(|(key, item)| (valid(key), item)).collect();
            yaml::sort_by_key_order(&mut order, |entry| &entry.0);
            emitter.begin_map();
            for (key, item) in order {
                emitter.key(&key);
                emit(emitter, item, depth + 1)?;
            }
            emitter.end_map();
        }
        Value::Object(object) => match object.json() {
            Some(plain) => emit(emitter, &plain, depth + 1)?,
            None => {
                let mut fields = object.json_fields();
                yaml::sort_by_key_order(&mut fields, |field| field.0);
                emitter.begin_map();
                for (name, item) in &fields {
                    emitter.key(name);
                    emit(emitter, item, depth + 1)?;
                }
                emitter.end_map();
            }
        },
    }
    Ok(())
}
