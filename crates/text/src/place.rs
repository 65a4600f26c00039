//! Where something stands: a byte range of a named file, and the lines that a person counts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A byte range (half-open) of a file, named as the user knows it: relative to the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file's path as shown to the user.
    pub file: Arc<str>,
    /// First byte.
    pub start: usize,
    /// One past the last byte; equal to `start` for a point.
    pub end: usize,
}

impl Place {
    /// Returns the place of `span` in `file`.
    pub fn new(file: &Arc<str>, span: Range<usize>) -> Place {
        Place { file: Arc::clone(file), start: span.start, end: span.end.max(span.start) }
    }

    /// Returns the place that means the file as a whole.
    pub fn of_file(file: &Arc<str>) -> Place {
        Place::new(file, 0..0)
    }
}

/// A line and a column as editors count them: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
}

/// Returns line and column of byte `offset` in `text`; an offset past the end means the end.
pub fn line_column(text: &str, offset: usize) -> LineColumn {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    // Continuation bytes do not start a character, so an offset inside one counts its start.
    let column = before[line_start..].iter().filter(|&&byte| byte & 0xC0 != 0x80).count() + 1;
    LineColumn { line, column }
}

/// The texts that places point into, by name.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    texts: BTreeMap<Arc<str>, Source>,
}

#[derive(Clone, Debug)]
struct Source {
    text: Arc<str>,
    /// Where its lines begin: counted when somebody asks, once for all findings about the file.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// Returns the number of the line that holds a byte, from 0, and where it begins.
    fn line(&self, offset: usize) -> (usize, usize) {
        let starts = self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        });
        let line = starts.partition_point(|start| *start <= offset).saturating_sub(1);
        (line, starts.get(line).copied().unwrap_or_default())
    }
}

impl Sources {
    /// Returns an empty set.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Adds or replaces a file and returns its name as places use it.
    pub fn add(&mut self, file: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Arc<str> {
        let file = file.into();
        let source = Source { text: text.into(), lines: OnceLock::new() };
        self.texts.insert(Arc::clone(&file), source);
        file
    }

    /// Adds the files of another set; the others win.
    pub fn extend(&mut self, others: Sources) {
        self.texts.extend(others.texts);
    }

    /// Returns the text of a file.
    pub fn text(&self, file: &str) -> Option<&str> {
        self.texts.get(file).map(|source| source.text.as_ref())
    }

    /// Returns the line and column where `place` begins, if its file is known.
    pub fn line_column(&self, place: &Place) -> Option<LineColumn> {
        let source = self.texts.get(&place.file)?;
        let (line, start) = source.line(place.start.min(source.text.len()));
        let before = source.text.get(start..).unwrap_or_default();
        let LineColumn { column, .. } = line_column(before, place.start.saturating_sub(start));
        Some(LineColumn { line: line + 1, column })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_offsets_may_lie_anywhere() {
        let text = "añb\nc";
        assert_eq!(line_column(text, 3), LineColumn { line: 1, column: 3 });
        assert_eq!(line_column(text, 2), LineColumn { line: 1, column: 3 });
        assert_eq!(line_column(text, 5), LineColumn { line: 2, column: 1 });
        assert_eq!(line_column(text, 999), LineColumn { line: 2, column: 2 });
    }

    #[test]
    fn a_file_that_is_known_is_counted_in_the_same_way() {
        for text in ["", "\n", "añb\nc", "a\n\nb\n", "ñ"] {
            let mut sources = Sources::new();
            let file = sources.add("file", text);
            for offset in 0..text.len() + 3 {
                let place = Place::new(&file, offset..offset);
                assert_eq!(
                    sources.line_column(&place),
                    Some(line_column(text, offset)),
                    "{text:?} {offset}"
                );
            }
        }
    }
}
