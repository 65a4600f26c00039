//! Patterns of paths, in the three dialects that Argo CD has.

use regex::Regex;
use text::path::is_below;

/// `include` and `exclude` of a directory source: `*` crosses slashes, `{a,b}` are alternatives.
///
/// Source: the library gobwas/glob, used without separators; a pattern that it cannot read matches
/// nothing.
pub(super) fn directory_option(pattern: &str) -> Option<Regex> {
    let mut out = String::from("(?s)^");
    let mut letters = pattern.chars().peekable();
    let mut depth = 0_usize;
    while let Some(letter) = letters.next() {
        match letter {
            '*' => {
                while letters.next_if_eq(&'*').is_some() {}
                out.push_str(".*");
            }
            '?' => out.push('.'),
            '\\' => out.push_str(&regex::escape(&letters.next()?.to_string())),
            '{' => {
                depth += 1;
                out.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            '[' => {
                out.push('[');
                if letters.next_if_eq(&'!').is_some() {
                    out.push('^');
                }
                loop {
                    match letters.next()? {
                        ']' => break,
                        '-' => out.push('-'),
                        other => out.push_str(&regex::escape(&other.to_string())),
                    }
                }
                out.push(']');
            }
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    out.push('$');
    if depth > 0 {
        return None;
    }
    Regex::new(&out).ok()
}

/// `directories` of the git generator: `*` stays within a part, `**` is the same, braces are letters.
///
/// Source: Go's `path.Match`.
pub(super) fn path_match(pattern: &str, path: &str) -> bool {
    // Most paths differ before the first sign that means anything.
    let plain = pattern.find(['*', '?', '[', '\\']).unwrap_or(pattern.len());
    if !pattern.get(..plain).is_some_and(|plain| path.starts_with(plain)) {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let path: Vec<char> = path.chars().collect();
    go_match(&pattern, &path).unwrap_or(false)
}

/// Returns whether a pattern matches; nothing for a bad one.
fn go_match(pattern: &[char], name: &[char]) -> Option<bool> {
    let mut pattern = pattern;
    let mut name = name;
    loop {
        let star = pattern.first() == Some(&'*');
        while pattern.first() == Some(&'*') {
            pattern = pattern.get(1..)?;
        }
        if pattern.is_empty() {
            return Some(if star { !name.contains(&'/') } else { name.is_empty() });
        }
        let length = chunk(pattern)?;
        let (part, rest) = pattern.split_at(length);
        if let Some(left) = match_chunk(part, name)?
            && (left.is_empty() || !rest.is_empty())
        {
            (pattern, name) = (rest, left);
            continue;
        }
        if !star {
            return Some(false);
        }
        let mut found = None;
        for skip in 0..name.len() {
            if name.get(skip) == Some(&'/') {
                break;
            }
            if let Some(left) = match_chunk(part, name.get(skip + 1..)?)? {
                if rest.is_empty() && !left.is_empty() {
                    continue;
                }
                found = Some(left);
                break;
            }
        }
        match found {
            Some(left) => (pattern, name) = (rest, left),
            None => return Some(false),
        }
    }
}

/// Returns how long the pattern is up to the next star.
fn chunk(pattern: &[char]) -> Option<usize> {
    let (mut at, mut in_range) = (0, false);
    while let Some(letter) = pattern.get(at) {
        match letter {
            '\\' => at += 1,
            '[' => in_range = true,
            ']' => in_range = false,
            '*' if !in_range => break,
            _ => {}
        }
        at += 1;
    }
    Some(at.min(pattern.len()))
}

/// Returns what is left of a name behind a chunk; the outer nothing is a bad pattern.
#[allow(clippy::option_option, reason = "no match and a bad pattern are two answers")]
fn match_chunk<'n>(chunk: &[char], name: &'n [char]) -> Option<Option<&'n [char]>> {
    let mut chunk = chunk;
    let mut name = name;
    while let Some(sign) = chunk.first() {
        let Some(letter) = name.first().copied() else { return Some(None) };
        match sign {
            '[' => {
                chunk = chunk.get(1..)?;
                let negated = chunk.first() == Some(&'^');
                if negated {
                    chunk = chunk.get(1..)?;
                }
                let (mut matched, mut ranges) = (false, 0);
                loop {
                    if chunk.first() == Some(&']') && ranges > 0 {
                        chunk = chunk.get(1..)?;
                        break;
                    }
                    let (low, after) = escaped(chunk)?;
                    chunk = after;
                    let mut high = low;
                    if chunk.first() == Some(&'-') {
                        (high, chunk) = escaped(chunk.get(1..)?)?;
                    }
                    matched |= low <= letter && letter <= high;
                    ranges += 1;
                }
                if matched == negated {
                    return Some(None);
                }
            }
            '?' => {
                if letter == '/' {
                    return Some(None);
                }
                chunk = chunk.get(1..)?;
            }
            _ => {
                if *sign == '\\' {
                    chunk = chunk.get(1..)?;
                }
                if *chunk.first()? != letter {
                    return Some(None);
                }
                chunk = chunk.get(1..)?;
            }
        }
        name = name.get(1..)?;
    }
    Some(Some(name))
}

fn escaped(chunk: &[char]) -> Option<(char, &[char])> {
    let chunk = match chunk.first()? {
        '-' | ']' => return None,
        '\\' => chunk.get(1..)?,
        _ => chunk,
    };
    let rest = chunk.get(1..)?;
    (!rest.is_empty()).then_some((*chunk.first()?, rest))
}

/// `files` of the git generator: a pathspec of git, where `*` crosses slashes, and the name of a folder
/// means all that is in it.
///
/// Source: git's glossary, "pathspec".
pub(super) fn pathspec(pattern: &str) -> impl Fn(&str) -> bool {
    let (pattern, by_part) = match pattern.strip_prefix(":(glob)") {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let plain = text::path::resolve("", pattern).unwrap_or_default();
    let inside = !pattern.starts_with('/') && !plain.is_empty() || matches!(pattern, "" | ".");
    let trailing = pattern.ends_with('/');
    let wild = wild(&plain, by_part);
    move |path: &str| {
        if !inside {
            return false;
        }
        let below = is_below(path, &plain);
        below || (!trailing && (path == plain || wild.as_ref().is_some_and(|it| it.is_match(path))))
    }
}

/// Git's wildmatch as a regular expression.
fn wild(pattern: &str, by_part: bool) -> Option<Regex> {
    let mut out = String::from("(?s)^");
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' if by_part => {
                if letters.next_if_eq(&'*').is_some() {
                    match letters.next_if_eq(&'/') {
                        Some(_) => out.push_str("(?:.*/)?"),
                        None => out.push_str(".*"),
                    }
                } else {
                    out.push_str("[^/]*");
                }
            }
            '*' => out.push_str(".*"),
            '?' => out.push_str(if by_part { "[^/]" } else { "." }),
            '\\' => out.push_str(&regex::escape(&letters.next()?.to_string())),
            '[' => {
                out.push('[');
                if letters.next_if(|next| matches!(next, '!' | '^')).is_some() {
                    out.push('^');
                }
                let mut first = true;
                loop {
                    match letters.next()? {
                        ']' if !first => break,
                        '-' => out.push('-'),
                        other => out.push_str(&regex::escape(&other.to_string())),
                    }
                    first = false;
                }
                out.push(']');
            }
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    out.push('$');
    Regex::new(&out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_match_as_gos_path_match_does() {
        for (pattern, path, want) in [
            ("apps/*", "apps/web", true),
            ("apps/*", "apps/web/deep", false),
            ("apps/**", "apps/web", true),
            ("apps/**", "apps/web/deep", false),
            ("*", "apps", true),
            ("apps/{a,b}", "apps/a", false),
            ("apps/[a-c]*", "apps/bus", true),
            ("apps/[^a]", "apps/b", true),
            ("apps/?", "apps/b", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
            ("[", "a", false),
            ("./apps/*", "apps/web", false),
            ("apps/*/", "apps/web", false),
        ] {
            assert_eq!(path_match(pattern, path), want, "{pattern} {path}");
        }
    }

    #[test]
    fn files_match_as_gits_pathspecs_do() {
        for (pattern, path, want) in [
            ("config/svc/*/config.yaml", "config/svc/search/deep/config.yaml", true),
            ("cluster/*", "cluster/a/b.json", true),
            ("cluster", "cluster/a/b.json", true),
            ("cluster", "clusters/a", false),
            ("./cluster/a.json", "cluster/a.json", true),
            ("**/config.json", "a/config.json", true),
            ("**/config.json", "config.json", false),
            ("a.{json,yaml}", "a.json", false),
            ("/a.json", "a.json", false),
        ] {
            assert_eq!(pathspec(pattern)(path), want, "{pattern} {path}");
        }
    }

    #[test]
    fn options_of_directories_match_as_gobwas_does() {
        for (pattern, path, want) in [
            ("*.yaml", "deep/a.yaml", true),
            ("{a,b}.yaml", "b.yaml", true),
            ("config-?.yaml", "config-1.yaml", true),
            ("[!a].yaml", "b.yaml", true),
            ("**/a.yaml", "x/a.yaml", true),
            ("**/a.yaml", "a.yaml", false),
        ] {
            let found = directory_option(pattern).is_some_and(|it| it.is_match(path));
            assert_eq!(found, want, "{pattern} {path}");
        }
        assert!(directory_option("{a").is_none());
    }
}
