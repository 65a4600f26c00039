//! One file merged three ways: what was generated last, what is generated now, what is there.
//!
//! In: three texts and the file's path. Out: the file with what changed in generation worked into it,
//! what was taken and what was kept, or every conflict. YAML and JSON merge per value (`value`), as
//! byte-exact edits of the file; everything else by lines (`lines`), as git does. Where both sides
//! changed one thing differently nobody decides: that is a conflict.
//! Never reads a file, and never writes a line that is neither in the file nor generated.

mod comments;
mod documents;
pub mod lines;
mod list;
mod names;
mod path;
mod raised;
mod value;

use std::ops::Range;

pub use path::Step;
pub use path::display;

/// What to do where both sides changed one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// It is a conflict.
    Report,
    /// The file stays as it is there.
    Keep,
}

/// Three texts of one file.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'t> {
    /// As it was generated last.
    pub base: &'t str,
    /// As it would be generated now.
    pub ours: &'t str,
    /// As it is.
    pub theirs: &'t str,
}

/// A merged file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Its text.
    pub text: String,
    /// What changed in generation and is in it now.
    pub taken: Vec<Difference>,
    /// What a person or a pipeline changed and is still in it.
    pub kept: Vec<Difference>,
}

/// One thing that two sides have differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: a path of keys, or lines.
    pub path: String,
    /// How it was, in a few words; `None` where it was not there.
    pub from: Option<String>,
    /// How it is now; `None` where it is gone.
    pub to: Option<String>,
}

/// Kinds of conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKind {
    /// Both sides changed a value, or added a different one.
    Changed,
    /// It is gone from the file, and generation changed it.
    RemovedThere,
    /// It is no longer generated, and the file has it changed.
    RemovedHere,
    /// It is no longer generated, and a person wrote a comment into it.
    Commented,
    /// Both sides changed the same lines.
    Lines,
    /// The order of a list changed in generation and the list in the file.
    Order,
    /// One side changed an image's tag, the other its digest.
    Pinned,
    /// The change cannot be made without touching something else.
    Unsafe,
    /// The file cannot be read.
    Unreadable,
}

/// One thing that nobody can decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What kind.
    pub kind: ConflictKind,
    /// The keys that lead to it; empty for lines.
    pub steps: Vec<Step>,
    /// Where it is in the file, in bytes.
    pub theirs: Range<usize>,
    /// What is generated now, in a few words; `None` for nothing.
    pub ours: Option<String>,
    /// What was generated last.
    pub base: Option<String>,
    /// What the file has.
    pub found: Option<String>,
}

/// How a file merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Per value.
    Yaml,
    /// Per value; by lines where the file has comments or other things that JSON does not know.
    Json,
    /// By lines.
    Lines,
}

/// Returns how the file at a path merges.
pub fn format(path: &str) -> Format {
    // The templates of a chart are texts with YAML in them.
    let template = path.split('/').any(|part| part == "templates");
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("yaml" | "yml") if !template => Format::Yaml,
        Some("json") => Format::Json,
        _ => Format::Lines,
    }
}

/// Merges a file.
///
/// # Errors
/// Every conflict, in the order of the file.
pub fn merge(path: &str, sides: Sides<'_>, on: OnConflict) -> Result<Merged, Vec<Conflict>> {
    let mark = if sides.theirs.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (marked, theirs) = sides.theirs.split_at(mark);
    let sides = Sides { theirs, ..sides };
    let merged = match format(path) {
        Format::Lines => by_lines(sides, on),
        Format::Json => match documents::json(sides, on) {
            Some(merged) => merged,
            None => by_lines(sides, on),
        },
        Format::Yaml => match documents::yaml(sides, on) {
            Some(merged) => merged,
            None => by_lines(sides, on),
        },
    };
    match merged {
        Ok(merged) => Ok(Merged { text: format!("{marked}{}", merged.text), ..merged }),
        Err(mut conflicts) => {
            for conflict in &mut conflicts {
                conflict.theirs = conflict.theirs.start + mark..conflict.theirs.end + mark;
            }
            conflicts.sort_by_key(|conflict| (conflict.theirs.start, conflict.theirs.end));
            Err(conflicts)
        }
    }
}

/// Says whether a file differs from what was generated last only in versions that pipelines and Renovate
/// write (`tag`, `digest`, `newTag`, `targetRevision`).
pub fn only_raised(path: &str, base: &[u8], theirs: &[u8]) -> bool {
    let (Ok(base), Ok(theirs)) = (std::str::from_utf8(base), std::str::from_utf8(theirs)) else {
        return false;
    };
    format(path) == Format::Yaml && documents::only_raised(base, theirs)
}

fn by_lines(sides: Sides<'_>, on: OnConflict) -> Result<Merged, Vec<Conflict>> {
    let merged = lines::merge(sides.base, sides.ours, sides.theirs);
    if !merged.conflicts.is_empty() && on == OnConflict::Report {
        let conflicts = merged.conflicts.iter().map(|conflict| Conflict {
            kind: ConflictKind::Lines,
            steps: Vec::new(),
            theirs: conflict.theirs.clone(),
            ours: Some(conflict.ours.clone()),
            base: Some(conflict.base.clone()),
            found: None,
        });
        return Err(conflicts.collect());
    }
    Ok(Merged { text: merged.text, taken: merged.taken, kept: merged.kept })
}
