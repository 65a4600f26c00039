//! The entries of a tar archive that lies in memory: where each file's bytes are, nothing copied.
//!
//! Format: POSIX ustar with pax headers (path and size), and GNU's long names.

use std::borrow::Cow;
use std::ops::Range;

const BLOCK: usize = 512;
/// Names are only as long as they can be used.
const MAX_NAME: usize = 1 << 20;

/// One entry.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its path as written.
    pub(crate) name: String,
    /// Where its bytes are; empty for what is no regular file.
    pub(crate) content: Range<usize>,
    /// Whether it is a folder.
    pub(crate) is_folder: bool,
}

/// Whether an archive has its end marked: whatever stands behind is not read.
pub(crate) fn is_ended(archive: &[u8]) -> bool {
    matches!(read(archive), Ok((_, true)))
}

/// Returns all entries; extension headers are applied and left out.
pub(crate) fn entries(archive: &[u8]) -> Result<Vec<Entry>, &'static str> {
    read(archive).map(|(entries, _)| entries)
}

/// Returns all entries, and whether the end is marked.
fn read(archive: &[u8]) -> Result<(Vec<Entry>, bool), &'static str> {
    let mut entries = Vec::new();
    let mut at = 0;
    let (mut long_name, mut long_size): (Option<String>, Option<u64>) = (None, None);
    while let Some(header) = archive.get(at..at + BLOCK).and_then(|block| block.first_chunk()) {
        let header: &[u8; BLOCK] = header;
        if header.iter().all(|byte| *byte == 0) {
            return Ok((entries, true));
        }
        if !has_right_sum(header) {
            return Err("archive/tar: invalid tar header");
        }
        let kind = header[156];
        let own_size = number(&header[124..136]).ok_or("archive/tar: invalid tar header")?;
        let size = match kind {
            b'x' | b'g' | b'L' | b'K' => own_size,
            _ => long_size.take().unwrap_or(own_size),
        };
        // Links and devices have no content, whatever their size says.
        let size = if matches!(kind, b'1'..=b'6') { 0 } else { size };
        let size = usize::try_from(size).map_err(|_| "archive/tar: invalid tar header")?;
        let start = at + BLOCK;
        let end = start.checked_add(size).ok_or("archive/tar: invalid tar header")?;
        let content = archive.get(start..end).ok_or("unexpected EOF")?;
        at = end.checked_next_multiple_of(BLOCK).ok_or("archive/tar: invalid tar header")?;
        match kind {
            b'x' => {
                for (key, value) in pax(content).ok_or("archive/tar: invalid tar header")? {
                    match key {
                        "path" if value.len() <= MAX_NAME => long_name = Some(value.to_owned()),
                        "size" => long_size = value.parse().ok(),
                        _ => {}
                    }
                }
            }
            b'L' if content.len() <= MAX_NAME => long_name = Some(text(content).into_owned()),
            b'L' | b'K' | b'g' => {}
            _ => {
                let name = long_name.take().unwrap_or_else(|| name(header));
                let mode = number(&header[100..108]).unwrap_or(0);
                let is_folder = kind == b'5'
                    || mode & 0o170_000 == 0o040_000
                    || (matches!(kind, b'0' | 0) && name.ends_with('/'));
                let is_file = matches!(kind, b'0' | 0 | b'7');
                let content = start..if is_file { end } else { start };
                entries.push(Entry { name, content, is_folder });
            }
        }
    }
    // A stream that just ends is read as one with its end marked; a part of a block is not.
    if at < archive.len() { Err("unexpected EOF") } else { Ok((entries, false)) }
}

/// Returns the text up to the first NUL.
fn text(field: &[u8]) -> Cow<'_, str> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default())
}

fn name(header: &[u8; BLOCK]) -> String {
    let name = text(&header[..100]);
    // Only POSIX archives have a prefix; GNU's have other things there.
    if &header[257..263] == b"ustar\0" {
        let prefix = text(&header[345..500]);
        if !prefix.is_empty() {
            return format!("{prefix}/{name}");
        }
    }
    name.into_owned()
}

/// Reads an octal number, or GNU's binary one for large files.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        // Negative numbers and those beyond 63 bits make no sense here.
        let mut number = u64::from(first & 0x7F);
        for byte in rest {
            number = number.checked_mul(256)?.checked_add(u64::from(*byte))?;
        }
        return Some(number);
    }
    let digits = field.iter().map(|byte| if *byte == 0 { b' ' } else { *byte });
    let digits: Vec<u8> = digits.collect();
    let digits = std::str::from_utf8(&digits).ok()?.trim();
    let digits = digits.split(' ').next().unwrap_or_default();
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

/// The sum of all bytes, that of the sum itself taken as blanks.
fn has_right_sum(header: &[u8; BLOCK]) -> bool {
    let Some(want) = number(&header[148..156]) else { return false };
    let all: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    let own: u64 = header[148..156].iter().map(|byte| u64::from(*byte)).sum();
    all - own + 8 * u64::from(b' ') == want
}

/// Reads `LENGTH KEY=VALUE\n` records.
fn pax(mut content: &[u8]) -> Option<Vec<(&str, &str)>> {
    let mut records = Vec::new();
    while !content.is_empty() {
        let blank = content.iter().position(|byte| *byte == b' ')?;
        let length: usize = std::str::from_utf8(content.get(..blank)?).ok()?.parse().ok()?;
        let record = content.get(blank + 1..length)?.strip_suffix(b"\n")?;
        let (key, value) = std::str::from_utf8(record).ok()?.split_once('=')?;
        records.push((key, value));
        content = content.get(length..)?;
    }
    Some(records)
}

#[cfg(test)]
mod tests {
    use super::entries;

    fn header(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut block = vec![0; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[100..107].copy_from_slice(b"0000644");
        block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        block[156] = kind;
        block[148..156].fill(b' ');
        let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
        block[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        block[154] = 0;
        block.extend_from_slice(content);
        block.resize(block.len().next_multiple_of(512), 0);
        block
    }

    #[test]
    fn long_names_and_links_are_understood() {
        let long = "x/".repeat(80);
        let record = format!("path={long}pax\n");
        let record = format!("{} {record}", record.len() + 4);
        let archive = [
            header("a/b", b'0', b"one"),
            header("a/", b'5', b""),
            header("a/link", b'2', b""),
            header("././@LongLink", b'L', format!("{long}gnu\0").as_bytes()),
            header("short", b'0', b"two"),
            header("pax", b'x', record.as_bytes()),
            header("short", b'0', b"three"),
            vec![0; 1024],
        ]
        .concat();
        let found = entries(&archive).expect("it is an archive");
        let names: Vec<&str> = found.iter().map(|entry| entry.name.as_str()).collect();
        let (gnu, pax) = (format!("{long}gnu"), format!("{long}pax"));
        assert_eq!(names, ["a/b", "a/", "a/link", &gnu, &pax]);
        assert!(found[1].is_folder && found[2].content.is_empty());
        assert_eq!(archive.get(found[4].content.clone()), Some(&b"three"[..]));
    }

    #[test]
    fn damage_is_noticed() {
        let mut archive = header("a/b", b'0', &[b'x'; 600]);
        assert!(entries(archive.get(..700).unwrap_or_default()).is_err());
        archive[0] = b'z';
        assert!(entries(&archive).is_err());
        assert!(entries(b"").is_ok_and(|entries| entries.is_empty()));
    }
}
