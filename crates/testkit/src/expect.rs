//! Expected texts: compared with what came out, or rewritten from it.

use std::path::Path;

use crate::corpus::{fail, say};

/// Whether expectation files are to be rewritten instead of compared (`UPDATE_EXPECT=1`).
pub fn updating() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Compares `actual` with the file at `path`; under `UPDATE_EXPECT=1` writes the file instead.
///
/// # Panics
/// If they differ (with the difference), or the file cannot be read or written.
pub fn check_file(path: impl AsRef<Path>, actual: &str) {
    let path = path.as_ref();
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return;
    }
    if updating() {
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(path, actual));
        match written {
            Ok(()) => say(&format!("updated {}", path.display())),
            Err(error) => fail(&format!("cannot write {}: {error}", path.display())),
        }
        return;
    }
    fail(&format!(
        "{} is not what came out (UPDATE_EXPECT=1 accepts it):\n{}",
        path.display(),
        difference(&expected, actual)
    ));
}

/// Compares two texts.
///
/// # Panics
/// If they differ, with the name and the difference.
pub fn check_text(name: &str, expected: &str, actual: &str) {
    if expected != actual {
        fail(&format!("{name} is not what came out:\n{}", difference(expected, actual)));
    }
}

/// Returns the unified difference from `expected` (`-`) to `actual` (`+`).
pub fn difference(expected: &str, actual: &str) -> String {
    similar::TextDiff::from_lines(expected, actual)
        .unified_diff()
        .context_radius(3)
        .header("expected", "actual")
        .to_string()
}
