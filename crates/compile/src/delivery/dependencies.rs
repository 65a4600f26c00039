//! The dependencies of a chart that lies in a repository: those that are not below `charts/` come from a
//! folder beside it, or from where charts lie.
//!
//! Argo CD and Flux do what `helm dependency build` does where one is missing.

use text::World;
use text::path::{join, resolve};
use yaml::Value;

use super::registry::ChartSource;

/// Why a dependency is not there.
pub(super) enum Error {
    /// The engine fails too.
    Wrong(String),
    /// It is not known here.
    Opaque(String),
}

/// The files of a chart: path below its folder, and content.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// Finds a chart by address, name and version.
pub(super) type Find<'f, 'w> = dyn Fn(&str, &str, &str) -> Result<ChartSource<'w>, String> + 'f;

/// Returns the files of a folder, by their path in it.
///
/// # Errors
/// Which of them cannot be read.
pub(super) fn files_of(world: &dyn World, folder: &str) -> Result<Files, String> {
    let mut files = Vec::new();
    for path in world.list(folder) {
        let bytes = world.read(&path).map_err(|reason| format!("{path}: {reason}"))?;
        let below = path.strip_prefix(folder).unwrap_or(&path).trim_start_matches('/');
        files.push((below.to_owned(), bytes.to_vec()));
    }
    Ok(files)
}

/// Adds the dependencies of the chart in a folder that its files do not hold.
///
/// # Errors
/// The first one that is not there.
pub(super) fn add(
    world: &dyn World,
    folder: &str,
    files: &mut Files,
    find: &Find<'_, '_>,
) -> Result<(), Error> {
    let metadata = files.iter().find(|(path, _)| path == "Chart.yaml");
    let Some(metadata) = metadata.and_then(|(_, bytes)| Value::decode_go2(bytes).ok()) else {
        return Ok(());
    };
    let dependencies = metadata.get("dependencies").and_then(Value::as_list).unwrap_or_default();
    for dependency in dependencies {
        let text = |key: &str| dependency.get(key).and_then(Value::as_str).unwrap_or_default();
        let (name, version, address) = (text("name"), text("version"), text("repository"));
        let below = format!("charts/{name}/");
        let archive = format!("charts/{name}-");
        let is_there = files.iter().any(|(path, _)| {
            path.starts_with(&below) || (path.starts_with(&archive) && path.ends_with(".tgz"))
        });
        if is_there || name.is_empty() {
            continue;
        }
        let added = if let Some(local) = address.strip_prefix("file://") {
            let found = resolve(folder, local);
            let found = found.filter(|path| world.read(&join(path, "Chart.yaml")).is_ok());
            let found = found.ok_or_else(|| {
                Error::Wrong(format!("directory {local} of a dependency not found"))
            })?;
            files_of(world, &found).map_err(Error::Wrong)?
        } else if address.is_empty() {
            // Helm looks for it below `charts/` only.
            return Err(Error::Wrong(format!("directory charts/{name} not found")));
        } else {
            found(find, address, name, version).map_err(|reason| {
                Error::Opaque(format!("its dependency `{name}` {version}: {reason}"))
            })?
        };
        files.extend(added.into_iter().map(|(path, bytes)| (format!("{below}{path}"), bytes)));
    }
    Ok(())
}

fn found(find: &Find<'_, '_>, address: &str, name: &str, version: &str) -> Result<Files, String> {
    match find(address, name, version)? {
        ChartSource::Archive(bytes) => {
            let files = ::helm::read_archive(&bytes).map_err(|error| error.to_string())?;
            Ok(files.into_iter().map(|file| (file.path, file.data.to_vec())).collect())
        }
        ChartSource::Folder(world, folder) => {
            files_of(world, &folder).map_err(|_| "its folder cannot be read".to_owned())
        }
    }
}
