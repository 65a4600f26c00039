//! The index of an HTTP chart repository, and which of its charts a version means.
//!
//! As helm v4 (`pkg/repo/v1/index.go`): entries that are no charts do not count, the newest comes first, a
//! version that is there by that very text is taken, and otherwise the text is a constraint.

use gotmpl::semver::{Constraints, Version};
use yaml::Value;

use super::reason::Reason;

/// A chart repository's `index.yaml`.
pub(crate) struct Index(Value);

/// A chart in an index.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its version, as the index has it.
    pub(crate) version: String,
    /// Where its archive is, perhaps relative to the repository.
    pub(crate) url: String,
    /// The archive's SHA-256 in hexadecimal, where the index has one.
    pub(crate) digest: Option<String>,
}

impl Index {
    /// Reads an index.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Index, String> {
        let value = Value::decode_go2(bytes).map_err(|error| error.to_string())?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        if text("apiVersion").is_empty() {
            return Err("it has no `apiVersion`".to_owned());
        }
        Ok(Index(value))
    }

    /// Returns the chart that a name and a version (or constraint, or nothing for the newest) mean.
    pub(crate) fn find(&self, chart: &str, version: &str) -> Result<Entry, Reason> {
        let entries = self.0.get("entries");
        let listed = entries.and_then(|entries| entries.get(chart)).and_then(Value::as_list);
        let Some(listed) = listed else {
            let names = entries.and_then(Value::as_map).into_iter().flat_map(|map| map.keys());
            let reason = Reason::new(format!("its index has no chart `{chart}`"));
            return Err(match text::nearest(chart, names.map(String::as_str)) {
                Some(near) => reason.hint(format!("did you mean `{near}`?")),
                None => reason,
            });
        };
        // As in helm, a number where a text is wanted becomes one: `version: 1.10` is `1.1`.
        let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::to_go_string);
        let mut charts: Vec<(String, Version, &Value)> = listed
            .iter()
            .filter(|entry| text(entry, "name").is_some_and(|name| is_name(&name)))
            .filter_map(|entry| {
                let version = text(entry, "version")?;
                Some((version.clone(), Version::parse(&version).ok()?, entry))
            })
            .collect();
        charts.sort_by(|one, other| other.1.compare(&one.1));
        let constraint = constraint(version)?;
        let exact = charts.iter().find(|(text, _, _)| !version.is_empty() && text == version);
        let allowed = |(_, version, _): &&(String, Version, &Value)| constraint.check(version);
        let found = exact.or_else(|| charts.iter().find(allowed));
        let Some((found, _, entry)) = found else {
            let newest = charts.first().map(|(text, _, _)| text.as_str());
            return Err(no_version(chart, version, newest));
        };
        let url = entry.get("urls").and_then(|urls| urls.item(0)).and_then(Value::as_str);
        let url = url.filter(|url| !url.is_empty()).ok_or_else(|| {
            Reason::new(format!("its index says not where the archive of {found} is"))
        })?;
        let digest = text(entry, "digest").filter(|digest| !digest.is_empty());
        Ok(Entry {
            version: found.clone(),
            url: url.to_owned(),
            digest: digest.map(|digest| {
                digest.strip_prefix("sha256:").unwrap_or(&digest).to_ascii_lowercase()
            }),
        })
    }
}

/// Reads a constraint; nothing means any release.
pub(crate) fn constraint(version: &str) -> Result<Constraints, Reason> {
    let text = if version.is_empty() { "*" } else { version };
    Constraints::parse(text)
        .map_err(|error| Reason::new(format!("the version `{version}` cannot be read: {error}")))
}

/// Returns that a version is not there.
pub(crate) fn no_version(chart: &str, version: &str, newest: Option<&str>) -> Reason {
    let wanted = if version.is_empty() { "that is a release" } else { version };
    let reason = Reason::new(format!("there is no version of `{chart}` {wanted}"));
    match newest {
        Some(newest) => reason.hint(format!("the newest one there is {newest}")),
        None => reason,
    }
}

/// Whether helm takes a text for the name of a chart: not empty, and one part of a path.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "
apiVersion: v1
entries:
  web:
  - {name: web, version: 1.9.0, urls: [web-1.9.0.tgz], digest: 'sha256:AB'}
  - {name: web, version: 1.10.0, urls: ['https://x.org/web-1.10.0.tgz']}
  - {name: web, version: 2.0.0-rc.1, urls: [web-2.tgz]}
  - {name: web, version: nonsense, urls: [web-3.tgz]}
  - {version: 9.0.0, urls: [nameless.tgz]}
  - null
  - {name: web, version: v0.5.0, urls: []}
  - {name: web, version: 1.2.3+build, urls: [b.tgz]}
  none: []
";

    #[test]
    fn a_version_is_found_as_helm_finds_it() {
        let index = Index::parse(INDEX.as_bytes()).unwrap();
        for (version, found) in [
            ("", "1.10.0"),
            ("1.9.0", "1.9.0"),
            ("^1", "1.10.0"),
            ("~1.9", "1.9.0"),
            ("1.x", "1.10.0"),
            (">0.0.0-0", "2.0.0-rc.1"),
            ("2.0.0-rc.1", "2.0.0-rc.1"),
            ("1.2.3", "1.2.3+build"),
            ("1.2.3+build", "1.2.3+build"),
        ] {
            let entry = index.find("web", version).map(|entry| entry.version);
            assert_eq!(entry.unwrap(), found, "{version}");
        }
        let entry = index.find("web", "1.9.0").unwrap();
        assert_eq!((entry.url.as_str(), entry.digest.as_deref()), ("web-1.9.0.tgz", Some("ab")));
        for (chart, version) in
            [("web", "3"), ("web", "nonsense"), ("web", "0.5.0"), ("none", ""), ("wep", "")]
        {
            assert!(index.find(chart, version).is_err(), "{chart} {version}");
        }
        assert_eq!(index.find("wep", "").unwrap_err().hints(), ["did you mean `web`?"]);
    }

    #[test]
    fn what_is_no_index_is_refused() {
        for bad in ["", "<html>", "entries: {}", "apiVersion: 1", "[]", "a: b: c"] {
            assert!(Index::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(Index::parse(b"{\"apiVersion\":\"v1\"}").unwrap().find("x", "").is_err());
    }
}
