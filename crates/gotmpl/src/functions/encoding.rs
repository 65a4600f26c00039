//! Base64, base32 and checksums.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::call::{FunctionEntry, Param};
use crate::value::Value;

use super::arguments::{Answer, string, text};

use Param::String as Text;

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("b64enc", &[Text], |context, arguments| {
        context.spend(text(arguments, 0).len())?;
        string(base64_encode(text(arguments, 0)))
    }),
    FunctionEntry::new("b64dec", &[Text], |context, arguments| {
        context.spend(text(arguments, 0).len())?;
        decoded(base64_decode(text(arguments, 0)))
    }),
    FunctionEntry::new("b32enc", &[Text], |context, arguments| {
        context.spend(text(arguments, 0).len())?;
        string(base32_encode(text(arguments, 0)))
    }),
    FunctionEntry::new("b32dec", &[Text], |context, arguments| {
        context.spend(text(arguments, 0).len())?;
        decoded(base32_decode(text(arguments, 0)))
    }),
    FunctionEntry::new("sha1sum", &[Text], digest::<Sha1>),
    FunctionEntry::new("sha256sum", &[Text], digest::<Sha256>),
    FunctionEntry::new("sha512sum", &[Text], digest::<Sha512>),
    FunctionEntry::new("adler32sum", &[Text], |context, arguments| {
        context.spend(text(arguments, 0).len())?;
        string(adler32(text(arguments, 0)).to_string())
    }),
];

fn digest<D: Digest>(context: &mut crate::CallContext, arguments: &[Value]) -> Answer {
    context.spend(text(arguments, 0).len())?;
    let sum = D::digest(text(arguments, 0));
    string(hex(&sum))
}

/// Returns bytes in lower case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Gives the error's text in place of the bytes, as sprig does.
fn decoded(result: Result<Vec<u8>, String>) -> Answer {
    match result {
        Ok(bytes) => string(bytes),
        Err(message) => string(message),
    }
}

/// Returns standard base64 with padding.
pub(super) fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Reads standard base64 as Go does: line breaks anywhere, loose bits at the end, and an error
/// that says at which byte.
pub(super) fn base64_decode(text: &[u8]) -> Result<Vec<u8>, String> {
    let corrupt = |at: usize| Err(format!("illegal base64 data at input byte {at}"));
    let line_break = |byte: Option<&u8>| matches!(byte, Some(b'\n' | b'\r'));
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut at = 0;
    loop {
        let (mut bits, mut count) = (0u32, 0);
        while count < 4 {
            let Some(&byte) = text.get(at) else {
                return if count == 0 { Ok(out) } else { corrupt(at - count) };
            };
            at += 1;
            if let Some(value) = sextet(byte) {
                bits = bits << 6 | value;
                count += 1;
            } else if byte == b'\n' || byte == b'\r' {
                continue;
            } else if byte != b'=' || count < 2 {
                return corrupt(at - 1);
            } else {
                if count == 2 {
                    while line_break(text.get(at)) {
                        at += 1;
                    }
                    match text.get(at) {
                        None => return corrupt(text.len()),
                        Some(b'=') => at += 1,
                        Some(_) => return corrupt(at - 1),
                    }
                }
                while line_break(text.get(at)) {
                    at += 1;
                }
                if at < text.len() {
                    return corrupt(at);
                }
                let bytes = (bits << (6 * (4 - count))).to_be_bytes();
                out.extend(bytes.iter().skip(1).take(count - 1));
                return Ok(out);
            }
        }
        out.extend(bits.to_be_bytes().iter().skip(1));
    }
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base32_encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let mut bits = 0u64;
        for index in 0..5 {
            bits = bits << 8 | u64::from(group.get(index).copied().unwrap_or(0));
        }
        let letters = (group.len() * 8).div_ceil(5);
        for index in 0..8 {
            let value = (bits >> (35 - 5 * index)) & 31;
            let letter = BASE32.get(usize::try_from(value).unwrap_or(0)).copied().unwrap_or(b'A');
            out.push(if index < letters { char::from(letter) } else { '=' });
        }
    }
    out
}

fn base32_decode(text: &[u8]) -> Result<Vec<u8>, String> {
    let corrupt = |at: usize| Err(format!("illegal base32 data at input byte {at}"));
    let clean: Vec<u8> = text.iter().copied().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
    let mut out = Vec::with_capacity(clean.len() / 8 * 5);
    let mut at = 0;
    while at < clean.len() {
        let (mut bits, mut count, mut padded) = (0u64, 0, false);
        while count < 8 {
            let Some(&byte) = clean.get(at) else { return corrupt(clean.len() - at + at - count) };
            at += 1;
            let left = clean.len() - at;
            if byte == b'=' && count >= 2 && left < 8 {
                if left + count < 7 {
                    return corrupt(clean.len());
                }
                for skip in 0..7 - count {
                    if clean.get(at + skip).is_some_and(|&byte| byte != b'=') {
                        return corrupt(at + skip - 1);
                    }
                }
                if matches!(count, 1 | 3 | 6) {
                    return corrupt(at - 1);
                }
                padded = true;
                break;
            }
            let Some(value) = BASE32.iter().position(|&letter| letter == byte) else {
                return corrupt(at - 1);
            };
            bits = bits << 5 | value as u64;
            count += 1;
        }
        let bytes = (bits << (5 * (8 - count))).to_be_bytes();
        out.extend(bytes.iter().skip(3).take(count * 5 / 8));
        if padded {
            break;
        }
    }
    Ok(out)
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1u32, 0u32);
    // So many bytes cannot overflow the sums.
    for part in bytes.chunks(5_552) {
        for &byte in part {
            low += u32::from(byte);
            high += low;
        }
        low %= 65_521;
        high %= 65_521;
    }
    high << 16 | low
}
