//! Splitting a text into documents before it is read, as Kubernetes' `YAMLReader` does.

use std::borrow::Cow;

use crate::Error;

/// Splits a text at its `---` lines, as Kubernetes' reader does. Empty pieces are left out; comments
/// and blank lines are not empty.
///
/// A line that begins with `---` and goes on with anything but blanks or a comment is an error to
/// Kubernetes; here it does not split. [`crate::decode_all_go2`] gives that error.
pub fn split_documents(text: &[u8]) -> Vec<&[u8]> {
    let mut documents = Vec::new();
    let mut begin = 0;
    for separator in separators(text).filter(|separator| separator.problem.is_none()) {
        documents.push(text.get(begin..separator.start).unwrap_or_default());
        begin = separator.end;
    }
    documents.push(text.get(begin..).unwrap_or_default());
    documents.retain(|document| !document.is_empty());
    documents
}

/// Splits a text, up to where Kubernetes finds a separator wrong. As for Helm, the last line ends
/// with a line break in any case.
pub(super) fn split_strictly(text: &[u8]) -> (Vec<Cow<'_, [u8]>>, Option<Error>) {
    let wrong = separators(text).find(|separator| separator.problem.is_some());
    let end = wrong.as_ref().map_or(text.len(), |separator| separator.start);
    let good = text.get(..end).unwrap_or_default();
    let mut documents: Vec<Cow<'_, [u8]>> =
        split_documents(good).into_iter().map(Cow::Borrowed).collect();
    if let Some(last) = documents.last_mut().filter(|_| !good.ends_with(b"\n")) {
        last.to_mut().push(b'\n');
    }
    let Some(wrong) = wrong else { return (documents, None) };
    // The piece that the wrong line would have ended is never given out.
    if separators(good).last().is_none_or(|last| last.end < end) {
        documents.pop();
    }
    let message = format!("invalid Yaml document separator: {}", wrong.problem.unwrap_or_default());
    let (line, column) = crate::error::line_and_column(text, wrong.start);
    (documents, Some(Error { message, offset: wrong.start, line, column }))
}

/// A line that begins with `---`.
struct Separator {
    start: usize,
    end: usize,
    /// What follows the dashes, if that must not be there.
    problem: Option<String>,
}

fn separators(text: &[u8]) -> impl Iterator<Item = Separator> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
            let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            let start = at;
            at += length;
            let Some(after) = rest.get(..length).and_then(|line| line.strip_prefix(b"---")) else {
                continue;
            };
            let after = String::from_utf8_lossy(after);
            let after = after.trim();
            let fine = after.is_empty() || after.starts_with('#');
            let problem = (!fine).then(|| after.to_owned());
            return Some(Separator { start, end: at, problem });
        }
    })
}
