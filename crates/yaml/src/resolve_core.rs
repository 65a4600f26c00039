//! What a scalar means in the core schema of YAML 1.2.

use crate::Kind;
use crate::resolve_go2::{STANDARD_TAG, is_yaml_float};

/// Finds out what a scalar is; `plain` says that it has neither quotes nor a tag.
pub(crate) fn resolve(text: &str, tag: Option<&str>, plain: bool) -> Kind {
    let short = tag.and_then(|tag| tag.strip_prefix(STANDARD_TAG));
    if plain || matches!(short, Some("bool" | "int" | "float" | "null")) {
        return resolve_plain(text);
    }
    Kind::String(text.to_owned())
}

fn resolve_plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Kind::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Kind::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Kind::Float(f64::NAN),
        _ => {}
    }
    integer(text)
        .or_else(|| is_yaml_float(text).then(|| text.parse().ok().map(Kind::Float))?)
        .unwrap_or_else(|| Kind::String(text.to_owned()))
}

/// `[-+]?[0-9]+`, `0o[0-7]+` or `0x[0-9a-fA-F]+`.
fn integer(text: &str) -> Option<Kind> {
    let radix = |digits: &str, radix| {
        let proper = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let value = proper.then(|| u64::from_str_radix(digits, radix).ok())??;
        Some(i64::try_from(value).map_or(Kind::Uint(value), Kind::Int))
    };
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().map(Kind::Int).or_else(|| text.parse().ok().map(Kind::Uint))
}
