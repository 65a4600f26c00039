//! What one scalar becomes.

use std::borrow::Cow;

use crate::events::Scalar;
use crate::number;
use crate::resolve_go2::{self, STANDARD_TAG, resolve_plain, resolve_tagged};

/// A scalar that is decoded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decoded<'s> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(Cow<'s, str>),
}

impl Decoded<'_> {
    /// Returns it as the kind of a node.
    pub(crate) fn into_kind(self) -> crate::Kind {
        use crate::Kind;
        match self {
            Self::Null => Kind::Null,
            Self::Bool(value) => Kind::Bool(value),
            Self::Int(value) => Kind::Int(value),
            Self::Uint(value) => Kind::Uint(value),
            Self::Float(value) => Kind::Float(value),
            Self::Text(text) => Kind::String(text.into_owned()),
        }
    }
}

/// Decodes a scalar as go-yaml v2 does, or says why it cannot.
pub(crate) fn decode_scalar<'s>(scalar: &'s Scalar<'_>) -> Result<Decoded<'s>, String> {
    let text = scalar.text.as_ref();
    let resolved = match scalar.tag() {
        None if scalar.is_implicit() => resolve_plain(text),
        None => return Ok(Decoded::Text(text.into())),
        Some(tag) if tag.strip_prefix(STANDARD_TAG) == Some("binary") => {
            let bytes = decode_base64(text)
                .ok_or_else(|| "!!binary value contains invalid base64 data".to_owned())?;
            return Ok(Decoded::Text(lossy(&bytes).into()));
        }
        Some(tag) => resolve_tagged(tag, text)?,
    };
    Ok(match resolved {
        resolve_go2::Scalar::Null => Decoded::Null,
        resolve_go2::Scalar::Bool(value) => Decoded::Bool(value),
        resolve_go2::Scalar::Int(value) => Decoded::Int(value),
        resolve_go2::Scalar::Uint(value) => Decoded::Uint(value),
        resolve_go2::Scalar::Float(value) => Decoded::Float(value),
        resolve_go2::Scalar::Text | resolve_go2::Scalar::Timestamp => Decoded::Text(text.into()),
    })
}

/// Returns the text that `sigs.k8s.io/yaml` makes of a key, or how Go names type and value of one
/// that it does not take.
pub(crate) fn key_text<'s>(key: Decoded<'s>) -> Result<Cow<'s, str>, (&'static str, String)> {
    Ok(match key {
        Decoded::Text(text) => text,
        Decoded::Bool(value) => if value { "true" } else { "false" }.into(),
        Decoded::Int(value) => value.to_string().into(),
        Decoded::Float(value) => number::yaml_float32(value).into(),
        Decoded::Null => return Err(("%!s(<nil>)", "<nil>".to_owned())),
        Decoded::Uint(value) => return Err(("uint64", format!("{value:#x}"))),
    })
}

/// Returns the text that Go's JSON makes of bytes: U+FFFD for every byte that is no part of UTF-8.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    text
}

/// Go's `base64.StdEncoding`: padded, line breaks are skipped.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0u32, 0, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'\n' | b'\r' => continue,
            b'=' if count >= 2 && count + padding < 4 => {
                padding += 1;
                continue;
            }
            _ if padding > 0 => return None,
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            bytes.extend([(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            (bits, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, 0) => {}
        (2, 2) => bytes.push((bits >> 4) as u8),
        (3, 1) => bytes.extend([(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => return None,
    }
    Some(bytes)
}
