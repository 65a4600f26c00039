//! Build environment variables in a text: `$ARGOCD_APP_NAME`, `${…}`, `$$`.
//!
//! Source: Go's `os.Expand`, and Argo CD's user guide, "Build Environment".

/// The variables of one source.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    values: Vec<(&'static str, String)>,
}

/// What they are made of.
pub(super) struct Facts<'a> {
    pub(super) application: &'a str,
    pub(super) namespace: &'a str,
    pub(super) project: &'a str,
    pub(super) commit: &'a str,
    pub(super) repository: &'a str,
    pub(super) path: &'a str,
    pub(super) revision: &'a str,
}

impl Environment {
    pub(super) fn new(facts: &Facts<'_>) -> Environment {
        let short = |length| facts.commit.get(..length).unwrap_or(facts.commit).to_owned();
        let values = vec![
            ("ARGOCD_APP_NAME", facts.application.to_owned()),
            ("ARGOCD_APP_NAMESPACE", facts.namespace.to_owned()),
            ("ARGOCD_APP_PROJECT_NAME", facts.project.to_owned()),
            ("ARGOCD_APP_REVISION", facts.commit.to_owned()),
            ("ARGOCD_APP_REVISION_SHORT", short(7)),
            ("ARGOCD_APP_REVISION_SHORT_8", short(8)),
            ("ARGOCD_APP_SOURCE_REPO_URL", facts.repository.to_owned()),
            ("ARGOCD_APP_SOURCE_PATH", facts.path.to_owned()),
            ("ARGOCD_APP_SOURCE_TARGET_REVISION", facts.revision.to_owned()),
        ];
        Environment { values }
    }

    fn value(&self, name: &str) -> &str {
        if name == "$" {
            return "$";
        }
        let known = self.values.iter().find(|(known, _)| *known == name);
        known.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Returns a text with its variables replaced; an unknown one is empty.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let after = from.get(1..).unwrap_or_default();
            if after.is_empty() {
                out.push('$');
                return out;
            }
            let (name, width) = name_of(after);
            match name {
                Some("") => out.push('$'),
                Some(name) => out.push_str(self.value(name)),
                None => {}
            }
            rest = after.get(width..).unwrap_or_default();
        }
        out.push_str(rest);
        out
    }
}

/// Returns the name behind a dollar sign, and how many bytes it takes: no name for what is eaten as bad
/// syntax, an empty one where the dollar sign stands for itself.
fn name_of(text: &str) -> (Option<&str>, usize) {
    let special = |byte: u8| b"*#$@!?-0123456789".contains(&byte);
    let bytes = text.as_bytes();
    let first = bytes.first().copied().unwrap_or_default();
    if first == b'{' {
        if bytes.get(1).copied().is_some_and(special) && bytes.get(2) == Some(&b'}') {
            return (text.get(1..2), 3);
        }
        return match text.find('}') {
            Some(1) => (None, 2),
            Some(end) => (text.get(1..end), end + 1),
            None => (None, 1),
        };
    }
    if special(first) {
        return (text.get(..1), 1);
    }
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let end = end.unwrap_or(text.len());
    (text.get(..end), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_expand_as_go_expands_them() {
        let facts = Facts {
            application: "web",
            namespace: "shop",
            project: "default",
            commit: "0123456789abcdef",
            repository: "r",
            path: "p",
            revision: "main",
        };
        let environment = Environment::new(&facts);
        for (text, want) in [
            ("plain", "plain"),
            ("$ARGOCD_APP_NAME-x", "web-x"),
            ("${ARGOCD_APP_NAMESPACE}x", "shopx"),
            ("$ARGOCD_APP_REVISION_SHORT_8", "01234567"),
            ("$UNKNOWN/a", "/a"),
            ("$$ARGOCD_APP_NAME", "$ARGOCD_APP_NAME"),
            ("a$", "a$"),
            ("a$.b", "a$.b"),
            ("${}x", "x"),
            ("${open", "open"),
            ("$1x", "x"),
        ] {
            assert_eq!(environment.expand(text), want, "{text}");
        }
    }
}
