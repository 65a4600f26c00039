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
    let mut files = Vec::new();
    for path in world.list(folder) {
        let is_manifest = [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending));
        if !is_manifest || path.starts_with(".mainstay/") {
            continue;
        }
        let Ok(bytes) = world.read(&path) else { continue };
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        if !holds_sealed_secrets(text) {
            continue;
        }
        let sealed = read(text);
        match &sealed {
            Ok(sealed) if sealed.is_empty() => continue,
            Err(unreadable) if unreadable.is_template => continue,
            _ => {}
        }
        files.push(SealedFile { path, text: text.to_owned(), sealed });
    }
    files
}

/// Returns the namespaces that SealedSecrets name, each once.
pub fn namespaces_of(files: &[SealedFile]) -> Vec<String> {
    let sealed = files.iter().filter_map(|file| file.sealed.as_ref().ok()).flatten();
    let mut namespaces: Vec<String> =
        sealed.map(|secret| secret.namespace.clone()).filter(|it| !it.is_empty()).collect();
    namespaces.sort();
    namespaces.dedup();
    namespaces
}
