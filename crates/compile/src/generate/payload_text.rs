//! The payload as it is kept in a repository.
//!
//! In: the payload's name and text, and the path where the repository has it. Out: the text for that
//! path: the same, but JSON where a file that was handed in as YAML goes to a path that ends in `.json`.

use std::borrow::Cow;

use yaml::Value;

use crate::intake::{Format, Kind};

/// Returns the text that the repository has at `path`.
pub(super) fn kept<'t>((name, text): (&str, &'t str), path: &str) -> Cow<'t, str> {
    let format = |name| Format::of(Kind::Payload, name);
    if format(name) == format(path) || format(path) == Format::Yaml {
        return Cow::Borrowed(text);
    }
    // A payload that cannot be read has been refused before.
    let Ok(tree) = yaml::parse(text, yaml::Schema::Core12) else { return Cow::Borrowed(text) };
    match serde_json::to_string_pretty(&Value::from(tree)) {
        Ok(json) => Cow::Owned(json + "\n"),
        Err(_) => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn yaml_becomes_json_where_json_is_kept() {
        let yaml = "- image: ghcr.io/acme/web:1\n  fqdn: www.example.com # a host\n  replicas: 2\n";
        let json = "[\n  {\n    \"image\": \"ghcr.io/acme/web:1\",\n    \"fqdn\": \"www.example.com\",\n    \"replicas\": 2\n  }\n]\n";
        assert_eq!(kept(("apps.yaml", yaml), "deployed_apps.json"), json);
        assert_eq!(kept(("apps.yaml", yaml), "apps/mine.yml"), yaml);
        assert_eq!(kept(("apps.json", json), "deployed_apps.json"), json);
        assert_eq!(kept(("apps.json", json), "apps.yaml"), json);
    }
}
