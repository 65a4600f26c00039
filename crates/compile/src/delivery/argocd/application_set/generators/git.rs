//! The git generator: folders or files of a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use text::World;
use yaml::Value;

use super::super::super::application::{is_true, list, text};
use super::super::super::caches::Listing;
use super::super::super::{glob, is_missing_project};
use super::super::parameters::{Parameter, Parameters, flatten, map_of, printed};
use super::{Stop, Work, add_values};

pub(super) fn generate(work: &Work<'_, '_>, body: &Value) -> Result<Vec<Parameters>, Stop> {
    let address = text(body, "repoURL");
    // Git is asked with the rights of the project, so that there must be one.
    if !work.project.contains("{{") && is_missing_project(work.context, work.project) {
        return Err(Stop::error(format!(
            "error getting project {}: it is not there",
            work.project
        )));
    }
    let Some(tree) = work.context.input.registry.tree(address) else {
        return Err(Stop::Opaque(crate::delivery::registry::elsewhere(address)));
    };
    let listing = work.context.caches.listing(address, || {
        let files = tree.world.list("");
        let folders = all_folders(&files);
        Listing { files, folders }
    });
    let (directories, files) = (list(body, "directories"), list(body, "files"));
    if !directories.is_empty() {
        folders(work, body, &listing.folders, directories)
    } else if !files.is_empty() {
        of_files(work, body, (tree.world, &listing.files), files)
    } else {
        Err(Stop::error("a git generator needs `directories` or `files`"))
    }
}

fn folders(
    work: &Work<'_, '_>,
    body: &Value,
    folders: &[String],
    wanted: &[Value],
) -> Result<Vec<Parameters>, Stop> {
    let mut all = Vec::new();
    for folder in folders {
        let fits = |exclude: bool| {
            wanted.iter().any(|item| {
                is_true(item, "exclude") == exclude && glob::path_match(text(item, "path"), folder)
            })
        };
        if fits(true) || !fits(false) {
            continue;
        }
        let mut parameters = Parameters::new();
        let parts = vec![
            ("path", Parameter::Text(folder.clone())),
            ("basename", Parameter::Text(base(folder).to_owned())),
            ("basenameNormalized", Parameter::Text(gotmpl::normalize(base(folder)))),
        ];
        add_path(work, body, folder, parts, &mut parameters);
        add_values(work, body, &mut parameters)?;
        all.push(parameters);
    }
    Ok(all)
}

/// Returns the folders that hold files, in the order in which Go walks them; hidden ones are left out,
/// with all that is in them.
fn all_folders(files: &[String]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for path in files {
        let mut parts: Vec<&str> = path.split('/').collect();
        parts.pop();
        let hidden = parts.iter().position(|part| part.starts_with('.')).unwrap_or(parts.len());
        parts.truncate(hidden);
        while !parts.is_empty() {
            // The order of parts, not of letters: a folder comes before its neighbours.
            let key: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            if !found.insert(key) {
                break;
            }
            parts.pop();
        }
    }
    found.into_iter().map(|parts| parts.join("/")).collect()
}

fn of_files(
    work: &Work<'_, '_>,
    body: &Value,
    (world, paths): (&dyn World, &[String]),
    wanted: &[Value],
) -> Result<Vec<Parameters>, Stop> {
    let mut found: BTreeMap<&str, Arc<[u8]>> = BTreeMap::new();
    for (exclude, item) in wanted.iter().map(|item| (is_true(item, "exclude"), item)) {
        if exclude {
            continue;
        }
        let fits = glob::pathspec(text(item, "path"));
        for path in paths.iter().filter(|path| fits(path)) {
            let bytes = world
                .read(path)
                .map_err(|reason| Stop::error(format!("unable to read files: {path}: {reason}")))?;
            found.insert(path, bytes);
        }
    }
    for item in wanted.iter().filter(|item| is_true(item, "exclude")) {
        let fits = glob::pathspec(text(item, "path"));
        found.retain(|path, _| !fits(path));
    }
    let mut all = Vec::new();
    for (path, bytes) in found {
        let objects = objects_of(&bytes)
            .map_err(|reason| Stop::error(format!("unable to process file '{path}': {reason}")))?;
        for object in objects {
            all.push(of_object(work, body, path, object)?);
        }
    }
    Ok(all)
}

/// One map, or a list of them; nothing at all is an empty map.
fn objects_of(bytes: &[u8]) -> Result<Vec<Parameters>, String> {
    let value = Value::decode_go2(bytes)
        .map_err(|error| format!("unable to parse file: {}", error.go_text()))?;
    match &value {
        Value::Map(_) | Value::Null => Ok(vec![map_of(&value)]),
        Value::List(items) => items
            .iter()
            .map(|item| match item {
                Value::Map(_) | Value::Null => Ok(map_of(item)),
                _ => Err("unable to parse file: an item of its list is no map".to_owned()),
            })
            .collect(),
        _ => Err("unable to parse file: it holds neither a map nor a list".to_owned()),
    }
}

fn of_object(
    work: &Work<'_, '_>,
    body: &Value,
    path: &str,
    object: Parameters,
) -> Result<Parameters, Stop> {
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    let file = base(path);
    let mut parameters = match work.templating.is_go() {
        true => object,
        false => {
            let flat = flatten(&object).into_iter();
            flat.map(|(key, value)| (key, Parameter::Text(value))).collect()
        }
    };
    let parts = vec![
        ("path", Parameter::Text(folder.to_owned())),
        ("basename", Parameter::Text(base(folder).to_owned())),
        ("filename", Parameter::Text(file.to_owned())),
        ("basenameNormalized", Parameter::Text(gotmpl::normalize(base(folder)))),
        ("filenameNormalized", Parameter::Text(gotmpl::normalize(file))),
    ];
    add_path(work, body, folder, parts, &mut parameters);
    add_values(work, body, &mut parameters)?;
    Ok(parameters)
}

/// Adds what is said about a path: below `path`, or below the prefix.
fn add_path(
    work: &Work<'_, '_>,
    body: &Value,
    folder: &str,
    parts: Vec<(&str, Parameter)>,
    parameters: &mut Parameters,
) {
    let prefix = text(body, "pathParamPrefix");
    let segments = folder.split('/');
    if work.templating.is_go() {
        let mut path: Parameters =
            parts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let segments = Parameter::Texts(segments.map(str::to_owned).collect());
        path.insert("segments".to_owned(), segments);
        let path = Parameter::Map(path);
        if prefix.is_empty() {
            parameters.insert("path".to_owned(), path);
        } else {
            let below = Parameter::Map([("path".to_owned(), path)].into());
            parameters.insert(prefix.to_owned(), below);
        }
        return;
    }
    let name = if prefix.is_empty() { "path".to_owned() } else { format!("{prefix}.path") };
    for (key, value) in parts {
        let key = if key == "path" { name.clone() } else { format!("{name}.{key}") };
        parameters.insert(key, Parameter::Text(printed(&value)));
    }
    for (number, segment) in segments.enumerate().filter(|(_, segment)| !segment.is_empty()) {
        parameters.insert(format!("{name}[{number}]"), Parameter::Text(segment.to_owned()));
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
