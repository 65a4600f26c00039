//! ASN.1 in its distinguished encoding, as far as keys and certificates need it, and PEM around it.

use num_bigint::BigUint;

use super::encoding::{base64_decode, base64_encode};

/// Returns a value with its tag and length.
pub(super) fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        out.push(short);
    } else {
        let bytes = length.to_be_bytes();
        let digits: Vec<u8> = bytes.iter().copied().skip_while(|&byte| byte == 0).collect();
        out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
        out.extend(digits);
    }
    out.extend_from_slice(content);
    out
}

/// Returns a SEQUENCE of encoded values.
pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tagged(0x30, &parts.concat())
}

/// Returns an INTEGER that is not negative.
pub(super) fn integer(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|&byte| byte >= 0x80) {
        bytes.insert(0, 0);
    }
    tagged(0x02, &bytes)
}

/// Returns a small INTEGER.
pub(super) fn small(number: u32) -> Vec<u8> {
    integer(&BigUint::from(number))
}

/// Returns a BIT STRING of whole bytes.
pub(super) fn bits(content: &[u8]) -> Vec<u8> {
    tagged(0x03, &[&[0], content].concat())
}

/// Returns an OCTET STRING.
pub(super) fn octets(content: &[u8]) -> Vec<u8> {
    tagged(0x04, content)
}

/// Returns an OBJECT IDENTIFIER from its encoded content.
pub(super) fn oid(content: &[u8]) -> Vec<u8> {
    tagged(0x06, content)
}

/// Cuts the first value off: its tag, its content, the whole of it, what follows.
pub(super) fn next(bytes: &[u8]) -> Option<Item<'_>> {
    let (&tag, after) = bytes.split_first()?;
    let (&first, mut rest) = after.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let (digits, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        length = digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit));
        rest = after;
    }
    let (content, rest) = rest.split_at_checked(length)?;
    let whole = bytes.get(..bytes.len() - rest.len())?;
    Some(Item { tag, content, whole, rest })
}

/// One encoded value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    /// The tag.
    pub(super) tag: u8,
    /// What is in it.
    pub(super) content: &'a [u8],
    /// Tag, length and content.
    pub(super) whole: &'a [u8],
    /// What stands behind it.
    pub(super) rest: &'a [u8],
}

/// Returns the values within a content; `None` when it is broken.
pub(super) fn items(mut content: &[u8]) -> Option<Vec<Item<'_>>> {
    let mut all = Vec::new();
    while !content.is_empty() {
        let item = next(content)?;
        content = item.rest;
        all.push(item);
    }
    Some(all)
}

/// Returns the values of the SEQUENCE that the bytes are.
pub(super) fn sequence_items(bytes: &[u8]) -> Option<Vec<Item<'_>>> {
    let item = next(bytes)?;
    if item.tag == 0x30 { items(item.content) } else { None }
}

/// Writes a PEM block.
pub(super) fn pem(kind: &str, content: &[u8]) -> String {
    let coded = base64_encode(content);
    let mut out = format!("-----BEGIN {kind}-----\n");
    for line in coded.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {kind}-----\n"));
    out
}

/// Reads the first PEM block: its kind and content.
pub(super) fn read_pem(text: &str) -> Option<(String, Vec<u8>)> {
    let start = text.find("-----BEGIN ")?;
    let after = text.get(start + 11..)?;
    let (kind, body) = after.split_once("-----")?;
    let (body, _) = body.split_once(&format!("-----END {kind}-----"))?;
    // Headers end with an empty line.
    let body = body.split_once("\n\n").map_or(body, |(_, body)| body);
    let coded: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    Some((kind.to_owned(), base64_decode(coded.as_bytes()).ok()?))
}
