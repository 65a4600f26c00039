//! `apps/root`: whether the Applications that a person applies by hand lead to the environments.
//!
//! In: the files of a repository and the names of environments. Out: diagnostics. A repository without
//! `clusters/` has no such roots, and nothing is said about it.

use text::{Diagnostic, Place, World};

use crate::delivery::flux;

use super::{Application, CLUSTERS, codes, place};

/// The folder of the roots.
const FOLDER: &str = "apps/root";

/// Reports roots that cannot be read or lead to nothing, and environments that no root leads to.
pub fn bootstrap<'n>(world: &dyn World, names: impl Iterator<Item = &'n str>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if world.list(CLUSTERS).is_empty() {
        return found;
    }
    let of_flux = flux::lead_to(world);
    let mut reached: Vec<String> = of_flux.iter().map(|(folder, _)| folder.clone()).collect();
    for (path, file) in &of_flux {
        if world.list(path).is_empty() {
            let place = Place::of_file(&file.as_str().into());
            let missing = text::Missing::NotFound;
            found.push(codes::r005_no_such_path(place, file, path, &missing));
        }
    }
    let mut readable = true;
    for file in world.list(FOLDER) {
        if ![".yaml", ".yml", ".json"].iter().any(|ending| file.ends_with(ending)) {
            continue;
        }
        let whole = || Place::of_file(&file.as_str().into());
        let text = match world.read(&file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(reason) => {
                found.push(codes::r001_failed(whole(), "root", &file, &reason.to_string()));
                continue;
            }
        };
        let objects = match manifest::read(&text, &file) {
            Ok(objects) => objects,
            Err(error) => {
                readable = false;
                found.push(codes::r001_failed(whole(), "root", &file, &error.message));
                continue;
            }
        };
        for object in objects.iter().filter(|object| super::application::is_application(object)) {
            match Application::read(object) {
                Ok(application) => {
                    for (number, source) in application.sources.iter().enumerate() {
                        if !source.path.is_empty() && world.list(&source.path).is_empty() {
                            let part = place::Part::Source;
                            let place = place::of_source(world, &application, number, part);
                            let (name, path) = (&application.name, &source.path);
                            let missing = text::Missing::NotFound;
                            found.push(codes::r005_no_such_path(place, name, path, &missing));
                        }
                        reached.push(source.path.clone());
                    }
                }
                Err(reason) => {
                    let place = place::of_object(world, object);
                    found.push(codes::r004_no_application(place, object, &reason));
                }
            }
        }
    }
    for name in names.filter(|_| readable) {
        let folder = text::path::join(CLUSTERS, name);
        if !reached.contains(&folder) {
            let roots = if of_flux.is_empty() { FOLDER } else { "flux-system" };
            found.push(codes::r011_no_root(name, &folder, roots));
        }
    }
    found
}
