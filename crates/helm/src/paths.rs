//! Slash-separated paths, as Go's `path` package reads them.

/// Returns the shortest equal path: no empty, `.` or inner `..` parts; `.` for an empty one.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.last().is_some_and(|last| *last != "..") {
                    parts.pop();
                } else if !rooted {
                    parts.push("..");
                }
            }
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Returns the last part of a path, `.` for an empty one and `/` for the root.
pub(crate) fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/";
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

/// Returns both parts joined and cleaned; empty parts do not count.
pub(crate) fn join(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean(second),
        (false, true) => clean(first),
        (false, false) => clean(&format!("{first}/{second}")),
    }
}

/// Returns the extension with its dot, of the last part only; empty where there is none.
pub(crate) fn extension(path: &str) -> &str {
    let start = path.rfind('/').map_or(0, |at| at + 1);
    let name = path.get(start..).unwrap_or_default();
    name.rfind('.').and_then(|at| name.get(at..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_go_reads_them() {
        for (path, want) in [
            ("", "."),
            ("/", "/"),
            ("a//b/./c", "a/b/c"),
            ("a/../../b", "../b"),
            ("/../b", "/b"),
            ("a/b/..", "a"),
        ] {
            assert_eq!(clean(path), want, "{path}");
        }
        assert_eq!(base("a/b.c"), "b.c");
        assert_eq!(base("a/b/"), "b");
        assert_eq!(base(""), ".");
        assert_eq!(base("//"), "/");
        assert_eq!(join("a", "../b"), "b");
        assert_eq!(extension("a.b/c.tar.gz"), ".gz");
        assert_eq!(extension("a.b/c"), "");
    }
}
