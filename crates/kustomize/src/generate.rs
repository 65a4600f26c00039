//! ConfigMaps and Secrets from literals, files and files of variables.

use base64::Engine;
use yaml::Value;

use crate::decode::Fields;
use crate::resource::{Behavior, Resource, empty_map};

/// Longer keys are taken by no API server.
const LONGEST_KEY: usize = 253;

/// Reads a file below the kustomization.
pub(crate) type Load<'l> = &'l dyn Fn(&str) -> Result<std::sync::Arc<[u8]>, String>;

/// Makes a ConfigMap or Secret; `shared` are the `generatorOptions`.
pub(crate) fn generate(
    fields: &Fields<'_>,
    shared: Option<&Value>,
    secret: bool,
    load: Load<'_>,
) -> Result<Resource, String> {
    let kind = if secret { "Secret" } else { "ConfigMap" };
    let mut resource = Resource::new(empty_map());
    resource.set("apiVersion", "v1".to_owned());
    resource.set("kind", kind.to_owned());
    let name = fields.text("name")?;
    if name.is_empty() {
        return Err("a configmap must have a name".to_owned());
    }
    resource.set_metadata("name", name.clone());
    resource.set_metadata("namespace", fields.text("namespace")?);
    if secret {
        let kind = fields.text("type")?;
        resource.set("type", if kind.is_empty() { "Opaque".to_owned() } else { kind });
    }
    let mut seen = std::collections::BTreeSet::new();
    for (key, bytes) in pairs(fields, load)? {
        crate::reading::check_new_key(&key)?;
        if key == "<<" {
            return Err("map merge requires map or sequence of maps as the value".to_owned());
        }
        if !seen.insert(key.clone()) {
            return Err(format!("configmap {name} illegally repeats the key `{key}`"));
        }
        let (field, text) = match String::from_utf8(bytes) {
            Ok(text) if !secret => ("data", text),
            Ok(text) => ("data", encode(text.as_bytes())),
            Err(error) if secret => ("data", encode(error.as_bytes())),
            Err(error) => ("binaryData", encode(error.as_bytes())),
        };
        if let Value::Map(fields) = &mut resource.value {
            let data = fields.entry(field.to_owned()).or_insert_with(empty_map);
            if let Value::Map(data) = data {
                data.insert(key, Value::String(text));
            }
        }
    }
    if let (true, Value::Map(fields)) = (secret, &mut resource.value) {
        fields.entry("data".to_owned()).or_insert_with(empty_map);
    }
    let (null, none) = (Value::Null, Value::Null);
    let own = Fields::exact(fields.get("options").unwrap_or(&null), "options")?;
    let shared = Fields::exact(shared.unwrap_or(&none), "generatorOptions")?;
    for key in ["labels", "annotations"] {
        let mut all: indexmap::IndexMap<_, _> = shared.pairs(key)?.into_iter().collect();
        all.extend(own.pairs(key)?);
        all.keys().try_for_each(|key| crate::reading::check_new_key(key))?;
        if !all.is_empty() {
            resource.set_strings(key, all.into_iter().collect());
        }
    }
    let flag = |name: &str| Ok::<_, String>(own.flag(name)? || shared.flag(name)?);
    if let (true, Value::Map(fields)) = (flag("immutable")?, &mut resource.value) {
        fields.insert("immutable".to_owned(), Value::Bool(true));
    }
    resource.needs_hash = !flag("disableNameSuffixHash")?;
    resource.generated = true;
    resource.behavior = Behavior::read(&fields.text("behavior")?);
    Ok(resource)
}

/// Returns a key of a ConfigMap or Secret that no API server takes. kustomize writes any key.
pub(crate) fn refused_key(resource: &Resource) -> Option<&str> {
    let fits = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    let is_key = |key: &str| {
        let is_path = key == "." || key.starts_with("..");
        !key.is_empty() && key.len() <= LONGEST_KEY && key.chars().all(fits) && !is_path
    };
    let fields = ["data", "binaryData"].into_iter().filter_map(|name| resource.value.get(name));
    let keys = fields.filter_map(Value::as_map).flat_map(indexmap::IndexMap::keys);
    keys.map(String::as_str).find(|key| !is_key(key))
}

fn pairs(fields: &Fields<'_>, load: Load<'_>) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut pairs = Vec::new();
    let mut envs = fields.texts("envs")?;
    let env = fields.text("env")?;
    if !env.is_empty() {
        envs.push(env);
    }
    for path in envs {
        let bytes = load(&path)?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| format!("{path}: a line has invalid utf8 bytes"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for line in text.split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            // A line without a key is passed over.
            if !key.is_empty() {
                pairs.push((key.to_owned(), value.as_bytes().to_vec()));
            }
        }
    }
    for literal in fields.texts("literals")? {
        let split = literal.split_once('=').filter(|(key, _)| !key.is_empty());
        let fail = || format!("invalid literal source {literal}, expected key=value");
        let (key, value) = split.ok_or_else(fail)?;
        pairs.push((key.to_owned(), unquoted(value).as_bytes().to_vec()));
    }
    for source in fields.texts("files")? {
        let (key, path) = match source.split_once('=') {
            None => (source.rsplit('/').next().unwrap_or_default(), source.as_str()),
            Some(("", path)) => {
                return Err(format!(
                    "missing key name for file path \"{path}\" in source \"{source}\""
                ));
            }
            Some((key, "")) => {
                return Err(format!(
                    "missing file path for key name \"{key}\" in source \"{source}\""
                ));
            }
            Some((_, path)) if path.contains('=') => {
                return Err(format!("source \"{source}\" key name or file path contains '='"));
            }
            Some((key, path)) => (key, path),
        };
        pairs.push((key.to_owned(), load(path)?.to_vec()));
    }
    Ok(pairs)
}

fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if text.len() >= 2
            && let Some(inner) = text.strip_prefix(quote).and_then(|it| it.strip_suffix(quote))
        {
            return inner;
        }
    }
    text
}

/// Encodes in lines of 70 letters, where there are more than that.
fn encode(bytes: &[u8]) -> String {
    let plain = base64::engine::general_purpose::STANDARD.encode(bytes);
    if plain.len() < 70 {
        return plain;
    }
    let mut lines = String::with_capacity(plain.len() + plain.len() / 70 + 1);
    for (index, letter) in plain.chars().enumerate() {
        if index > 0 && index % 70 == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    lines
}
