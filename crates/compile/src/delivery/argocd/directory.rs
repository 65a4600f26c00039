//! The plain files of a folder.
//!
//! Source: Argo CD, `findManifests`, `getPotentiallyValidManifestFile` and `getObjsFromYAMLOrJSON` of
//! `reposerver/repository/repository.go` (3.2).

use std::sync::Arc;

use manifest::Object;
use regex::Regex;
use text::Missing;
use yaml::Value;

use super::application::{is_true, text};
use super::glob;
use super::helm::expand;
use super::source::{Failure, Source};

/// A file with this in it is left out.
const SKIP: &str = "+argocd:skip-file-rendering";
/// All files together may have this many bytes.
const MOST: usize = 10 << 20;

/// Renders it.
pub(super) fn render(source: &Source<'_>) -> Result<Vec<Object>, Failure> {
    let options = source.block("directory");
    let recurse = is_true(options, "recurse");
    let pattern = |field: &str| match text(options, field) {
        "" => None,
        pattern => Some(glob::directory_option(pattern)),
    };
    let (include, exclude) = (pattern("include"), pattern("exclude"));
    let matches = |pattern: &Option<Regex>, path: &str| {
        pattern.as_ref().is_some_and(|pattern| pattern.is_match(path))
    };
    let mut paths = source.world.list(&source.folder);
    // Folder by folder, as Go walks a tree.
    paths.sort_by(|a, b| a.split('/').cmp(b.split('/')));
    let mut objects = Vec::new();
    let mut size = 0;
    for path in paths {
        let below = path.strip_prefix(source.folder.as_str()).unwrap_or(&path);
        let below = below.trim_start_matches('/');
        let ending = below.rsplit_once('.').map_or("", |(_, ending)| ending);
        if (below.contains('/') && !recurse)
            || !matches!(ending, "yaml" | "yml" | "json" | "jsonnet")
            || exclude.as_ref().is_some_and(|pattern| matches(pattern, below))
            || include.as_ref().is_some_and(|pattern| !matches(pattern, below))
        {
            continue;
        }
        let bytes = match source.world.read(&path) {
            Ok(bytes) => bytes,
            // A link that leads to nothing is left out with a remark.
            Err(Missing::Link { reason, .. }) if reason.contains("outside") => {
                return Err(Failure::wrong(format!("illegal filepath in symlink at `{path}`")));
            }
            Err(Missing::Link { .. } | Missing::NotAFile | Missing::NotFound) => continue,
            Err(other) => return Err(Failure::wrong(format!("{path}: {other}"))),
        };
        let content = decode(&bytes);
        if content.contains(SKIP) {
            continue;
        }
        if ending == "jsonnet" {
            return Err(Failure::Opaque(format!("{path} is Jsonnet, which is not evaluated here")));
        }
        size += bytes.len();
        if size > MOST {
            let reason = "exceeded max combined manifest file size: the files of the folder have more \
                          than 10 MiB";
            return Err(Failure::wrong(reason));
        }
        let file: Arc<str> = Arc::from(path.as_str());
        match ending {
            "json" => objects.push(json(&content, &file)?),
            _ => yaml(&content, &file, &mut objects)?,
        }
    }
    let mut expanded = Vec::with_capacity(objects.len());
    for object in objects {
        expand(object.value, &object.text, &object.source, &mut expanded)?;
    }
    Ok(expanded)
}

/// Returns a text, whatever its encoding: UTF-16 is known by its mark.
fn decode(bytes: &[u8]) -> String {
    let wide = |order: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().skip(1).map(|pair| order(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// A JSON file holds one object.
fn json(content: &str, file: &Arc<str>) -> Result<Object, Failure> {
    let mut stream = serde_json::Deserializer::from_str(content).into_iter::<serde_json::Value>();
    let wrong =
        |reason: &str| Err(Failure::wrong(format!("Failed to unmarshal \"{file}\": {reason}")));
    match stream.next() {
        None => return wrong("EOF"),
        Some(Err(error)) => return wrong(&error.to_string()),
        Some(Ok(_)) => {}
    }
    let rest = content.get(stream.byte_offset()..).unwrap_or_default();
    if !rest.trim().is_empty() {
        return wrong("found multiple objects; only single objects are allowed in JSON files");
    }
    let first = content.get(..stream.byte_offset()).unwrap_or_default();
    let value = Value::decode_go2(first.as_bytes());
    match value {
        Ok(value) if text(&value, "kind").is_empty() => wrong("Object 'Kind' is missing"),
        Ok(value) => Ok(Object { source: Arc::clone(file), text: Arc::from(first), value }),
        Err(error) => wrong(&error.go_text()),
    }
}

/// A YAML file that cannot be read is left out, unless it looks like one with objects, or begins with
/// one.
fn yaml(content: &str, file: &Arc<str>, objects: &mut Vec<Object>) -> Result<(), Failure> {
    let before = objects.len();
    for document in documents(content) {
        let value = Value::decode_go2(document.as_bytes()).map_err(|error| error.go_text());
        let reason = match value {
            Ok(Value::Null) => continue,
            Ok(value) if text(&value, "kind").is_empty() => {
                format!("Object 'Kind' is missing in '{}'", document.trim())
            }
            Ok(value) => {
                let text = Arc::from(document);
                objects.push(Object { source: Arc::clone(file), text, value });
                continue;
            }
            Err(reason) => reason,
        };
        let looks_like_one =
            ["apiVersion:", "kind:", "metadata:"].iter().all(|word| content.contains(word));
        if objects.len() > before || looks_like_one {
            return Err(Failure::wrong(format!("Failed to unmarshal \"{file}\": {reason}")));
        }
        return Ok(());
    }
    Ok(())
}

/// Splits a text at lines that begin with `---`.
///
/// Source: `k8s.io/apimachinery`, `splitYAMLDocument`.
fn documents(content: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest =
        content.strip_prefix("---").filter(|it| it.starts_with(['\n', '\r'])).unwrap_or(content);
    loop {
        let Some(at) = rest.find("\n---") else {
            found.push(rest);
            return found;
        };
        let (document, from) = rest.split_at(at);
        found.push(document);
        let after = from.get(4..).unwrap_or_default();
        // What stands behind the dashes on their line is no part of a document.
        rest = after.find('\n').map_or("", |end| after.get(end + 1..).unwrap_or_default());
    }
}
