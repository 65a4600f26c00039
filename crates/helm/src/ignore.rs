//! `.helmignore`: which files of a chart folder are left out. Not gitignore: no `**`, rules are
//! tried in order, and the first `!` rule that does not match leaves the file out.

use crate::error::{Error, ErrorKind};
use crate::paths;
use crate::pattern::{BAD_PATTERN, Pattern};

/// The rules of one chart folder, helm's own rule (`templates/.?*`) last.
#[derive(Clone, Debug)]
pub struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    pattern: Pattern,
    negated: bool,
    folders_only: bool,
    base_name_only: bool,
}

impl Ignore {
    /// Reads the text of a `.helmignore` file; an empty text gives the defaults.
    ///
    /// # Errors
    /// A rule with `**` or a malformed pattern.
    pub fn parse(text: &[u8]) -> Result<Ignore, Error> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let text = String::from_utf8_lossy(text);
        let mut rules = Vec::new();
        for line in text.lines().chain(["templates/.?*"]) {
            rules.extend(rule(line)?);
        }
        Ok(Ignore { rules })
    }

    /// Whether the file or folder at `path` (relative to the chart) is left out.
    pub fn ignores(&self, path: &str, is_folder: bool) -> bool {
        if matches!(path, "" | "." | "./") {
            return false;
        }
        for rule in &self.rules {
            let name = if rule.base_name_only { paths::base(path) } else { path };
            if rule.negated {
                if (rule.folders_only && !is_folder) || !rule.pattern.matches(name) {
                    return true;
                }
            } else if (!rule.folders_only || is_folder) && rule.pattern.matches(name) {
                return true;
            }
        }
        false
    }

    /// Whether a file is left out by a rule on itself or on a folder above it.
    pub fn ignores_file(&self, path: &str) -> bool {
        let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        folders.into_iter().any(|folder| self.ignores(folder, true)) || self.ignores(path, false)
    }
}

fn rule(line: &str) -> Result<Option<Rule>, Error> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    if line.contains("**") {
        return Err(Error::new(ErrorKind::Chart, "double-star (**) syntax is not supported"));
    }
    let malformed = || Error::new(ErrorKind::Chart, BAD_PATTERN);
    Pattern::parse(line).ok_or_else(malformed)?;
    let (negated, rule) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
    let (folders_only, rule) = rule.strip_suffix('/').map_or((false, rule), |rest| (true, rest));
    let base_name_only = !rule.contains('/');
    let pattern = Pattern::parse(rule.strip_prefix('/').unwrap_or(rule)).ok_or_else(malformed)?;
    Ok(Some(Rule { pattern, negated, folders_only, base_name_only }))
}

#[cfg(test)]
mod tests {
    use super::Ignore;

    #[test]
    fn rules_are_helms_not_gits() {
        for (rules, path, want) in [
            ("*.txt", "a/b.txt", true),
            ("/*.txt", "a/b.txt", false),
            ("/*.txt", "b.txt", true),
            ("a/*.txt", "a/b.txt", true),
            ("a/", "a/b.txt", true),
            ("b.txt/", "a/b.txt", false),
            ("# *.txt", "b.txt", false),
            ("!b.txt", "b.txt", false),
            ("!b.txt", "c.txt", true),
            ("", "templates/.hidden", true),
            ("", "a/.hidden", false),
        ] {
            let ignore = Ignore::parse(rules.as_bytes()).expect("the rules are well formed");
            assert_eq!(ignore.ignores_file(path), want, "{rules} {path}");
        }
        assert!(Ignore::parse(b"a/**").is_err());
        assert!(Ignore::parse(b"[").is_err());
    }
}
