//! What a scalar means to yaml.v3, which reads kustomize's resources: the numbers of go-yaml v2,
//! but only the truth values of YAML 1.2, and points in time are points in time.

use crate::Kind;
use crate::events::Scalar as Written;
use crate::resolve_go2::{self, STANDARD_TAG, Scalar};
use crate::{ScalarStyle, decode, timestamp};

/// Finds out what a scalar is; points in time become the text that Go's JSON has for them.
pub(crate) fn resolve(scalar: &Written<'_>) -> Result<Kind, String> {
    let text = scalar.text.as_ref();
    let tag = scalar.tag().filter(|tag| *tag != "!");
    let Some(tag) = tag else {
        if scalar.style != ScalarStyle::Plain {
            return Ok(Kind::String(text.to_owned()));
        }
        return Ok(kind(plain(text), text));
    };
    let Some(short) = tag.strip_prefix(STANDARD_TAG) else {
        return Ok(Kind::String(text.to_owned()));
    };
    let found = match short {
        "bool" | "int" | "float" | "null" | "timestamp" => match plain(text) {
            Scalar::Timestamp if short != "timestamp" => numbers(text),
            other => other,
        },
        "binary" => {
            return decode::decode_scalar(scalar).map(|decoded| match decoded {
                decode::Decoded::Text(text) => Kind::String(text.into_owned()),
                _ => Kind::Null,
            });
        }
        _ => return Ok(Kind::String(text.to_owned())),
    };
    match (short, resolve_go2::tag_name(found)) {
        (short, name) if short == name => Ok(kind(found, text)),
        ("float", "int") => match found {
            Scalar::Int(value) => Ok(Kind::Float(value as f64)),
            _ => Err(format!("cannot decode !!int `{text}` as a !!float")),
        },
        (short, name) => Err(format!("cannot decode !!{name} `{text}` as a !!{short}")),
    }
}

fn kind(scalar: Scalar, text: &str) -> Kind {
    match scalar {
        Scalar::Null => Kind::Null,
        Scalar::Bool(value) => Kind::Bool(value),
        Scalar::Int(value) => Kind::Int(value),
        Scalar::Uint(value) => Kind::Uint(value),
        Scalar::Float(value) => Kind::Float(value),
        Scalar::Text => Kind::String(text.to_owned()),
        Scalar::Timestamp => {
            let time = timestamp::parse(text).map(|time| time.json());
            Kind::String(time.unwrap_or_else(|| text.to_owned()))
        }
    }
}

/// Finds out what a plain scalar is.
fn plain(text: &str) -> Scalar {
    match resolve_go2::resolve_plain(text) {
        Scalar::Bool(_) if !matches!(text.as_bytes().first(), Some(b't' | b'T' | b'f' | b'F')) => {
            Scalar::Text
        }
        Scalar::Text if text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') => {
            numbers(text)
        }
        other => other,
    }
}

/// Reads a number, the octal ones of YAML 1.2 with a sign after the `0o` among them.
fn numbers(text: &str) -> Scalar {
    match resolve_go2::number(text) {
        Scalar::Text => {}
        number => return number,
    }
    let plain = text.replace('_', "");
    let octal = |digits: &str| i64::from_str_radix(digits, 8).ok();
    let value = match (plain.strip_prefix("0o"), plain.strip_prefix("-0o")) {
        (Some(digits), _) => octal(digits),
        (None, Some(digits)) => octal(&format!("-{digits}")),
        (None, None) => None,
    };
    value.map_or(Scalar::Text, Scalar::Int)
}
