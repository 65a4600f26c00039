//! Following `resources` from a folder to its objects.

use manifest::Object;
use text::World;
use text::path::{join, resolve};
use yaml::Value;

use crate::Error;

/// The names that kustomize looks for, in its order.
const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// More folders inside folders than this is a mistake.
const DEEPEST: usize = 100;

/// Whether a folder is a kustomization.
pub fn is_kustomization(world: &dyn World, folder: &str) -> bool {
    FILES.iter().any(|file| world.read(&join(folder, file)).is_ok())
}

/// Returns the objects of the kustomization in `folder`, in the order of its resources.
///
/// # Errors
/// Where an entry is missing or a field is not supported yet.
pub fn build(world: &dyn World, folder: &str) -> Result<Vec<Object>, Error> {
    let mut objects = Vec::new();
    add(world, folder, &mut Vec::new(), &mut objects)?;
    Ok(objects)
}

fn add(
    world: &dyn World,
    folder: &str,
    parents: &mut Vec<String>,
    objects: &mut Vec<Object>,
) -> Result<(), Error> {
    let found = FILES.iter().map(|file| join(folder, file)).find_map(|path| {
        let bytes = world.read(&path).ok()?;
        Some((path, bytes))
    });
    let Some((file, bytes)) = found else {
        return Err(Error::NoKustomization { folder: folder.to_owned() });
    };
    let value = Value::decode_go2(&bytes)
        .map_err(|error| Error::Invalid { file: file.clone(), message: error.message.clone() })?;
    let Value::Map(fields) = &value else {
        return Err(Error::Invalid { file, message: "must be a map".into() });
    };
    if let Some(field) = fields
        .keys()
        .find(|key| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "resources"))
    {
        return Err(Error::NotSupported { file, field: field.clone() });
    }
    parents.push(folder.to_owned());
    for entry in fields.get("resources").and_then(Value::as_list).unwrap_or_default() {
        let fail = |entry: &str, reason: &str| Error::Entry {
            file: file.clone(),
            entry: entry.to_owned(),
            reason: reason.to_owned(),
        };
        let Some(entry) = entry.as_str() else {
            return Err(fail("resources", "must be a list of texts"));
        };
        if entry.contains("://") || entry.starts_with("git@") {
            let field = format!("remote resource {entry}");
            return Err(Error::NotSupported { file, field });
        }
        let Some(path) = resolve(folder, entry) else {
            return Err(fail(entry, "lies outside the repository"));
        };
        match world.read(&path) {
            Ok(bytes) => {
                let text = std::str::from_utf8(&bytes).map_err(|_| fail(entry, "is not UTF-8"))?;
                let read = manifest::read(text, &path)
                    .map_err(|error| Error::Invalid { file: path, message: error.message })?;
                objects.extend(read);
            }
            Err(_) if is_kustomization(world, &path) => {
                if parents.contains(&path) || parents.len() > DEEPEST {
                    return Err(fail(entry, "contains itself"));
                }
                add(world, &path, parents, objects)?;
            }
            Err(reason) => return Err(fail(entry, &format!("cannot be read: {reason}"))),
        }
    }
    parents.pop();
    Ok(())
}
