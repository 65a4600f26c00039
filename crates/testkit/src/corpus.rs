//! Where the recorded answers of the real programs are.

use std::path::PathBuf;

/// Returns the folder `name` of the recorded answers (`charts`, `yaml`, …), or `None` where they are
/// not at hand; then the test says so and passes.
///
/// # Panics
/// If they are missing and `MAINSTAY_REQUIRE_CORPUS` is set, as it is in CI.
pub fn corpus(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    let folder = folder.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var_os("MAINSTAY_REQUIRE_CORPUS").is_some();
    assert!(!required, "the recorded answers `{name}` are required, and not at {folder:?}");
    say(&format!("left out: the recorded answers `{name}` are not at {}", folder.display()));
    None
}

/// Returns the bytes of one recorded file, by its path below the recorded answers.
///
/// # Panics
/// If the folder is there but the file is not, or it is required and missing.
pub fn corpus_file(path: &str) -> Option<Vec<u8>> {
    let (folder, file) = path.split_once('/').unwrap_or((path, ""));
    let file = corpus(folder)?.join(file);
    match std::fs::read(&file) {
        Ok(bytes) => Some(bytes),
        Err(error) => fail(&format!("cannot read {}: {error}", file.display())),
    }
}

/// Returns one recorded JSON file.
///
/// # Panics
/// As [`corpus_file`], and if the file is not JSON.
pub fn corpus_json(path: &str) -> Option<serde_json::Value> {
    match serde_json::from_slice(&corpus_file(path)?) {
        Ok(value) => Some(value),
        Err(error) => fail(&format!("{path} is not JSON: {error}")),
    }
}

#[allow(clippy::print_stderr, reason = "a test that leaves something out says why")]
pub(crate) fn say(words: &str) {
    eprintln!("{words}");
}

#[allow(clippy::panic, reason = "a test fails by panicking")]
pub(crate) fn fail(words: &str) -> ! {
    panic!("{words}")
}
