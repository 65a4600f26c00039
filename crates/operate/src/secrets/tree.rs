//! The files of a folder that hold SealedSecrets.

use seal::layout::{SealedSecret, Unreadable, holds_sealed_secrets, read};
use text::World;

/// A file with SealedSecrets, or one that should have some and cannot be read.
#[derive(Clone, Debug)]
pub struct SealedFile {
    /// Its path in the world it was found in.
    pub path: String,
    /// Its text.
    pub text: String,
    /// What is in it.
    pub sealed: Result<Vec<SealedSecret>, Unreadable>,
}

/// Returns the files below a folder (`""` is all) that hold SealedSecrets, by path. Templates of charts are
/// left out: they are no YAML before they are rendered.
pub fn sealed_files(world: &dyn World, folder: &str) -> Vec<SealedFile> {
    let is_manifest = |path: &String| {
        [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
            && !path.starts_with(".mainstay/")
    };
    let paths = world.list(folder).into_iter().filter(is_manifest);
    paths.filter_map(|path| sealed_file(world, &path)).collect()
}

/// Returns a file, where it holds SealedSecrets and is no template of a chart.
pub fn sealed_file(world: &dyn World, path: &str) -> Option<SealedFile> {
    let bytes = world.read(path).ok()?;
    let text = std::str::from_utf8(&bytes).ok().filter(|text| holds_sealed_secrets(text))?;
    let sealed = read(text);
    match &sealed {
        Ok(sealed) if sealed.is_empty() => None,
        Err(unreadable) if unreadable.is_template && is_of_chart(world, path) => None,
        _ => Some(SealedFile { path: path.to_owned(), text: text.to_owned(), sealed }),
    }
}

/// Whether a file is one of a chart's templates.
fn is_of_chart(world: &dyn World, path: &str) -> bool {
    let chart = |folder: &str| world.read(&format!("{folder}Chart.yaml")).is_ok();
    let above = |(at, _): (usize, &str)| chart(path.get(..=at).unwrap_or_default());
    path.match_indices("/templates/").any(above) || path.starts_with("templates/") && chart("")
}
