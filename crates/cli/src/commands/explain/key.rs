//! A key of `mainstay.yaml`, of the payload or of the config, as its JSON Schema describes it.

use serde_json::{Map, Value, json};

use super::layout;
use crate::error::CliError;
use crate::ui::{CAREFUL, FAINT, HINT};

/// The files that have keys, and the words that a path to one of its keys may leave out at its
/// beginning.
const FILES: [File; 3] = [
    File {
        name: "mainstay.yaml",
        schema: include_str!("../../../../../schemas/mainstay.schema.json"),
        left_out: &["", "spec"],
    },
    File {
        name: PAYLOAD,
        schema: include_str!("../../../../../schemas/deployed_apps.schema.json"),
        left_out: &["", "apps"],
    },
    File {
        name: "config/app-config.yaml",
        schema: include_str!("../../../../../schemas/app-config.schema.json"),
        left_out: &["", "services"],
    },
];

const PAYLOAD: &str = "deployed_apps.json";

struct File {
    name: &'static str,
    schema: &'static str,
    left_out: &'static [&'static str],
}

/// Following references further than this means that they go round in circles.
const MOST_REFERENCES: usize = 16;

/// A key and what its schema says.
pub(super) struct Key {
    file: &'static str,
    path: String,
    root: Value,
    schema: Map<String, Value>,
    required: bool,
}

/// Finds a key by its path, such as `spec.policies.quotas` or `apps.image`, in every file that has it:
/// first those where the path is whole, then those where it lacks its beginning (`tls.default`). `[]`
/// and numbers after a list may be left out or written.
pub(super) fn find(topic: &str) -> Result<Vec<Key>, CliError> {
    // A whole file is asked for by its name.
    let named = |file: &&File| file.name == topic || file.name.ends_with(&format!("/{topic}"));
    if let Some(file) = FILES.iter().find(named) {
        return file.find(std::iter::empty()).map(|key| vec![key]).map_err(|(_, error)| error);
    }
    let words = topic.split(['.', '[', ']']).filter(|word| !word.is_empty());
    let words: Vec<&str> =
        words.filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit())).collect();
    let mut nearest: Option<(usize, CliError)> = None;
    for beginning in 0..2 {
        let mut found = Vec::new();
        for file in &FILES {
            let prefix = file.left_out[beginning];
            let prefix = (!prefix.is_empty()).then_some(prefix);
            let mut path = prefix.into_iter().chain(words.iter().copied()).peekable();
            // A payload that is a bare list has the keys of an app at its root; they are shown once.
            let in_app =
                file.name == PAYLOAD && !matches!(path.peek(), Some(&("apps" | "version")));
            if in_app {
                continue;
            }
            match file.find(path) {
                Ok(key) => found.push(key),
                // The error that got furthest says most.
                Err((depth, error)) => {
                    // Words that nobody typed do not count.
                    let depth = depth.saturating_sub(beginning);
                    if nearest.as_ref().is_none_or(|(known, _)| depth > *known) {
                        nearest = Some((depth, error));
                    }
                }
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let unknown = || CliError::usage(format!("nothing is known about `{topic}`"));
    Err(nearest.map_or_else(unknown, |(_, error)| error))
}

impl File {
    /// Follows a path; where it ends too early: after how many words, and why.
    fn find<'w>(&self, path: impl Iterator<Item = &'w str>) -> Result<Key, (usize, CliError)> {
        let root: Value = serde_json::from_str(self.schema).unwrap_or_default();
        let mut key = Key {
            file: self.name,
            path: String::new(),
            schema: resolve(&root, root.as_object().cloned().unwrap_or_default()),
            root,
            required: true,
        };
        for (depth, word) in path.enumerate() {
            key = key.below(word).map_err(|error| (depth, error))?;
        }
        Ok(key)
    }
}

impl Key {
    /// Returns the key `name` below this one.
    fn below(self, name: &str) -> Result<Key, CliError> {
        let mut names: Vec<String> = Vec::new();
        for objects in objects(&self.root, &self.schema) {
            if let Some(properties) = objects.get("properties").and_then(Value::as_object) {
                if let Some(schema) = properties.get(name).and_then(Value::as_object) {
                    let required = objects.get("required").and_then(Value::as_array);
                    let required = required.is_some_and(|keys| keys.iter().any(|key| key == name));
                    return Ok(Key {
                        file: self.file,
                        path: self.child(name),
                        schema: resolve(&self.root, schema.clone()),
                        required,
                        root: self.root,
                    });
                }
                names.extend(properties.keys().cloned());
            }
            if let Some(Value::Object(schema)) = objects.get("additionalProperties") {
                return Ok(Key {
                    file: self.file,
                    path: self.child(name),
                    schema: resolve(&self.root, schema.clone()),
                    required: false,
                    root: self.root,
                });
            }
        }
        let whole = self.child(name);
        let error = CliError::usage(format!("nothing is known about `{whole}`"));
        Err(match text::nearest(name, names.iter().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `{}`?", self.child(near))),
            None if self.path.is_empty() => error.hint(
                "give the code of a finding (`mainstay explain C101`) or a key \
                 (`mainstay explain spec.policies`)",
            ),
            None if names.is_empty() => error.hint(format!("`{}` has no keys below it", self.path)),
            None => error.hint(format!("`mainstay explain {}` lists its keys", self.path)),
        })
    }

    fn child(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Returns it as text, with styles.
    pub(super) fn text(&self) -> String {
        let mut out = match self.path.as_str() {
            "" => format!("{HINT}{}{HINT:#}\n", self.file),
            path => format!("{HINT}{path}{HINT:#}  {FAINT}{}{FAINT:#}\n", self.file),
        };
        layout::item(&mut out, "  ", 2, text_of(&self.schema, "description"));
        out.push('\n');
        let mut fact = |name: &str, value: &str| {
            layout::item(&mut out, &format!("  {name:<9}"), 11, value);
        };
        fact("takes", &takes(&self.root, &self.schema));
        match self.schema.get("default") {
            Some(default) => fact("left out", &inline(default)),
            None if self.required && !self.path.is_empty() => {
                fact("left out", "an error: it is needed");
            }
            None => {}
        }
        if let Some(because) = self.schema.get("x-mainstay-because").and_then(Value::as_str) {
            fact("because", because);
        }
        if let Some(instead) = self.schema.get("x-mainstay-not-yet").and_then(Value::as_str) {
            let label = format!("  {CAREFUL}not supported yet{CAREFUL:#}: ");
            layout::item(&mut out, &label, 4, instead);
        }
        let not_yet = self.schema.get("x-mainstay-not-yet-values").and_then(Value::as_object);
        for (value, instead) in not_yet.into_iter().flatten() {
            let instead = instead.as_str().unwrap_or_default();
            let label = format!("  {CAREFUL}`{value}` is not supported yet{CAREFUL:#}: ");
            layout::item(&mut out, &label, 4, instead);
        }
        let keys = self.keys();
        if !keys.is_empty() {
            out.push_str("\nKeys:\n");
            let width = keys.iter().map(|(name, _, _)| name.chars().count()).max().unwrap_or(0);
            for (name, default, description) in keys {
                let default = default.map(|value| format!(" {FAINT}[{value}]{FAINT:#}"));
                let description =
                    format!("{}{}", first_sentence(&description), default.unwrap_or_default());
                let label = format!("  {HINT}{name:<width$}{HINT:#}  ");
                layout::item(&mut out, &label, width + 4, &description);
            }
        }
        out
    }

    /// Returns it as a JSON document.
    pub(super) fn json(&self) -> Value {
        let mut document = Map::new();
        document.insert("version".into(), json!(1));
        document.insert("kind".into(), json!("key"));
        document.insert("file".into(), json!(self.file));
        document.insert("path".into(), json!(self.path));
        document.insert("description".into(), json!(text_of(&self.schema, "description")));
        document.insert("takes".into(), json!(takes(&self.root, &self.schema)));
        document.insert("required".into(), json!(self.required));
        if let Some(default) = self.schema.get("default") {
            document.insert("default".into(), default.clone());
        }
        if let Some(instead) = self.schema.get("x-mainstay-not-yet") {
            document.insert("notYet".into(), instead.clone());
        }
        let keys: Vec<String> = self.keys().into_iter().map(|(name, _, _)| name).collect();
        document.insert("keys".into(), json!(keys));
        Value::Object(document)
    }

    /// Returns the keys below it: name, default where it is short, description.
    fn keys(&self) -> Vec<(String, Option<String>, String)> {
        let mut keys: Vec<(String, Option<String>, String)> = Vec::new();
        for object in objects(&self.root, &self.schema) {
            let properties = object.get("properties").and_then(Value::as_object);
            for (name, schema) in properties.into_iter().flatten() {
                let Some(schema) = schema.as_object() else { continue };
                if keys.iter().any(|(known, _, _)| known == name) {
                    continue;
                }
                let schema = resolve(&self.root, schema.clone());
                let default = schema.get("default").map(inline).filter(|text| text.len() <= 30);
                let default = match schema.contains_key("x-mainstay-not-yet") {
                    true => Some("not yet".to_owned()),
                    false => default,
                };
                keys.push((name.clone(), default, text_of(&schema, "description").to_owned()));
            }
        }
        keys
    }
}

/// Returns a schema with its references followed; what is written beside a reference wins.
fn resolve(root: &Value, mut schema: Map<String, Value>) -> Map<String, Value> {
    for _ in 0..MOST_REFERENCES {
        let Some(Value::String(reference)) = schema.remove("$ref") else { break };
        let pointer = reference.strip_prefix('#').unwrap_or_default();
        let Some(target) = root.pointer(pointer).and_then(Value::as_object) else { break };
        for (key, value) in target {
            schema.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    schema
}

/// Returns the object schemas that a value of this schema may be: itself, a branch, or its items.
fn objects(root: &Value, schema: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let mut found = Vec::new();
    let mut waiting = vec![(schema.clone(), 0)];
    while let Some((schema, depth)) = waiting.pop() {
        if schema.contains_key("properties") || schema.contains_key("additionalProperties") {
            found.push(schema.clone());
        }
        if depth >= MOST_REFERENCES {
            continue;
        }
        let branches = ["oneOf", "anyOf", "allOf"]
            .into_iter()
            .filter_map(|key| schema.get(key).and_then(Value::as_array))
            .flatten();
        let inner: Vec<&Value> = schema.get("items").into_iter().chain(branches).collect();
        for next in inner.into_iter().rev().filter_map(Value::as_object) {
            waiting.push((resolve(root, next.clone()), depth + 1));
        }
    }
    found
}

/// Returns in words what a key takes.
fn takes(root: &Value, schema: &Map<String, Value>) -> String {
    if let Some(value) = schema.get("const") {
        return inline(value);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().map(inline).collect::<Vec<_>>().join(", ");
    }
    if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
        let mut words: Vec<String> = Vec::new();
        for branch in branches.iter().filter_map(Value::as_object) {
            let word = takes(root, &resolve(root, branch.clone()));
            if !words.contains(&word) {
                words.push(word);
            }
        }
        return words.join(", or ");
    }
    let number = |key: &str| schema.get(key).map(inline);
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => "true, false".to_owned(),
        Some("integer" | "number") => match (number("minimum"), number("maximum")) {
            (Some(least), Some(most)) => format!("a number from {least} to {most}"),
            (Some(least), None) => format!("a number from {least}"),
            (None, Some(most)) => format!("a number up to {most}"),
            (None, None) => "a number".to_owned(),
        },
        Some("array") => match schema.get("items").and_then(Value::as_object) {
            Some(items) => format!("a list of: {}", takes(root, &resolve(root, items.clone()))),
            None => "a list".to_owned(),
        },
        Some("object") => "keys".to_owned(),
        Some("string") => "text".to_owned(),
        _ => "any value".to_owned(),
    }
}

/// Returns a value in one line, as YAML would have it between braces.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{key}: {}", inline(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn text_of<'a>(schema: &'a Map<String, Value>, key: &str) -> &'a str {
    schema.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a description up to the end of its first sentence; lists have room for no more.
fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_both_schemas_is_found_and_shown() {
        let mut waiting: Vec<String> =
            ["spec", "metadata", "apps", "services", "overrides", "quota"]
                .map(str::to_owned)
                .into();
        let mut seen = 0;
        while let Some(path) = waiting.pop() {
            let key = find(&path).unwrap().remove(0);
            assert!(!text_of(&key.schema, "description").is_empty(), "{path}");
            assert!(key.text().contains("takes"), "{path}");
            for line in anstream::adapter::strip_str(&key.text()).to_string().lines() {
                let wide = line.chars().count() > layout::WIDTH && line.trim().contains(' ');
                assert!(!wide, "{path}: {line}");
            }
            seen += 1;
            waiting.extend(key.keys().iter().map(|(name, _, _)| format!("{path}.{name}")));
            assert!(path.split('.').count() < 12, "{path}");
        }
        assert!(seen > 150, "{seen}");
    }

    #[test]
    fn lists_may_be_written_with_or_without_brackets() {
        for path in
            ["spec.environments.name", "spec.environments[].name", "spec.environments[0].name"]
        {
            assert_eq!(find(path).unwrap()[0].path, "spec.environments.name");
        }
    }

    #[test]
    fn the_beginning_of_a_path_may_be_left_out() {
        let found = |topic: &str| {
            let keys = find(topic).unwrap();
            keys.iter().map(|key| format!("{} {}", key.file, key.path)).collect::<Vec<_>>()
        };
        assert_eq!(found("tls.default"), ["mainstay.yaml spec.tls.default"]);
        assert_eq!(found("quota.enabled"), ["config/app-config.yaml quota.enabled"]);
        assert_eq!(
            found("replicas"),
            ["deployed_apps.json apps.replicas", "config/app-config.yaml services.replicas"]
        );
    }
}
