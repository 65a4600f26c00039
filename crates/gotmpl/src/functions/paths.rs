//! Paths with slashes: Go's `path`, and `filepath` as it is on Linux.

use crate::call::{CallContext, FunctionEntry, Param};
use crate::value::Value;

use super::arguments::{Answer, string, text};

use Param::String as Text;

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("base", &[Text], base),
    FunctionEntry::new("dir", &[Text], dir),
    FunctionEntry::new("clean", &[Text], |_, arguments| string(cleaned(text(arguments, 0)))),
    FunctionEntry::new("ext", &[Text], ext),
    FunctionEntry::new("isAbs", &[Text], is_absolute),
    FunctionEntry::new("osBase", &[Text], base),
    FunctionEntry::new("osDir", &[Text], dir),
    FunctionEntry::new("osClean", &[Text], |_, arguments| string(cleaned(text(arguments, 0)))),
    FunctionEntry::new("osExt", &[Text], ext),
    FunctionEntry::new("osIsAbs", &[Text], is_absolute),
];

fn base(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let path = text(arguments, 0);
    if path.is_empty() {
        return string(".");
    }
    let slashes = path.iter().rev().take_while(|&&byte| byte == b'/').count();
    let trimmed = path.get(..path.len() - slashes).unwrap_or_default();
    if trimmed.is_empty() {
        return string("/");
    }
    let start = memchr::memrchr(b'/', trimmed).map_or(0, |at| at + 1);
    string(trimmed.get(start..).unwrap_or_default())
}

fn dir(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let path = text(arguments, 0);
    let end = memchr::memrchr(b'/', path).map_or(0, |at| at + 1);
    string(cleaned(path.get(..end).unwrap_or_default()))
}

/// Returns the shortest path that means the same, `.` for none.
fn cleaned(path: &[u8]) -> Vec<u8> {
    let rooted = path.first() == Some(&b'/');
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match parts.last() {
                Some(&last) if last != b".." => {
                    parts.pop();
                }
                // Above the root there is nothing.
                _ if rooted => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let mut out = if rooted { vec![b'/'] } else { Vec::new() };
    out.extend(parts.join(&b'/'));
    if out.is_empty() { vec![b'.'] } else { out }
}

fn ext(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let path = text(arguments, 0);
    let name = memchr::memrchr(b'/', path).map_or(path, |at| path.get(at..).unwrap_or_default());
    match memchr::memrchr(b'.', name) {
        Some(at) => string(name.get(at..).unwrap_or_default()),
        None => string(""),
    }
}

fn is_absolute(_: &mut CallContext, arguments: &[Value]) -> Answer {
    Ok(Value::Bool(text(arguments, 0).first() == Some(&b'/')))
}
