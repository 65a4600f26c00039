//! Diagnostics as a person reads them in a terminal: title, snippet, labels, help.

use std::borrow::Cow;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::{Diagnostic, Label, Place, Severity, Sources};

/// Of a line longer than this only the part around a label is shown: a minified payload is one line of
/// megabytes.
const LONGEST_LINE: usize = 160;
/// So many bytes are shown on either side of a label in such a line.
const AROUND: usize = 40;
/// What stands where something of a line was left out.
const CUT: &str = "…";
/// Labels in one file further apart than this are shown as snippets of their own.
const NEAR: usize = 4_000;

/// Returns one diagnostic as text, with ANSI colours if `colour`.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.to_string());
    let mut group = Group::with_title(title);

    let mut labels: Vec<(&Label, AnnotationKind)> = Vec::new();
    labels.extend(diagnostic.primary.iter().map(|label| (label, AnnotationKind::Primary)));
    labels.extend(diagnostic.secondary.iter().map(|label| (label, AnnotationKind::Context)));
    let clusters = clusters(&labels, sources);
    // Where a line was cut, its columns are counted from the cut.
    let mut moved: Vec<(String, String)> = Vec::new();
    let windows: Vec<_> = clusters.iter().map(|cluster| window(cluster, sources)).collect();
    for (cluster, window) in clusters.iter().zip(&windows) {
        let place = &cluster[0].0.place;
        let Some(window) = window else {
            group = group.element(origin(place, sources));
            continue;
        };
        let mut snippet = Snippet::source(window.text.as_ref())
            .line_start(window.line)
            .path(place.file.as_ref())
            .fold(true);
        if window.is_cut {
            moved.extend(columns(place, window, sources));
        }
        for (label, kind) in cluster {
            snippet = snippet.annotation(annotation(label, *kind, window));
        }
        group = group.element(snippet);
    }
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(hint));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut shown = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
    for (counted, meant) in moved {
        shown = shown.replacen(&counted, &meant, 1);
    }
    shown
}

/// Returns a place as a cut snippet counts it, and as the file has it.
fn columns(place: &Place, window: &Window<'_>, sources: &Sources) -> Option<(String, String)> {
    let before = window.text.get(..place.start.checked_sub(window.base)?)?;
    let at = sources.line_column(place)?;
    let named = |column: usize| format!("{}:{}:{column}", place.file, at.line);
    Some((named(before.chars().count() + 1), named(at.column)))
}

/// Returns all diagnostics as text, a blank line between them, with a final newline.
pub fn render_all(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&render(diagnostic, sources, colour));
        out.push_str("\n\n");
    }
    out.truncate(out.trim_end().len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// Groups labels that can share a snippet: the same file, near each other, the primary's first.
fn clusters<'a>(
    labels: &[(&'a Label, AnnotationKind)],
    sources: &Sources,
) -> Vec<Vec<(&'a Label, AnnotationKind)>> {
    let mut clusters: Vec<Vec<(&Label, AnnotationKind)>> = Vec::new();
    for &(label, kind) in labels {
        let near = clusters.iter_mut().find(|cluster| {
            cluster.iter().all(|(other, _)| share(&other.place, &label.place, sources))
        });
        match near {
            Some(cluster) => cluster.push((label, kind)),
            None => clusters.push(vec![(label, kind)]),
        }
    }
    clusters
}

/// Whether two places can be shown together: near each other, and if a line there is overlong, in the
/// part of it that is shown.
fn share(one: &Place, two: &Place, sources: &Sources) -> bool {
    let distance = one.start.abs_diff(two.start);
    if one.file != two.file || distance > NEAR {
        return false;
    }
    let Some(text) = sources.text(&one.file) else { return true };
    let start = one.start.min(two.start).min(text.len());
    let end = one.end.max(two.end).min(text.len()).max(start);
    let bytes = text.as_bytes();
    let from = bytes[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let to = bytes[end..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| end + at);
    let lines = text.get(from..to).unwrap_or_default();
    lines.lines().all(|line| line.len() <= LONGEST_LINE)
        || !lines.contains('\n') && end - start <= LONGEST_LINE - AROUND
}

/// The text around the labels of a cluster.
struct Window<'a> {
    text: Cow<'a, str>,
    /// Number of the first line.
    line: usize,
    /// Offset in the file of the first byte of `text`; with a cut, of the byte that its sign stands for.
    base: usize,
    is_cut: bool,
}

/// Returns the whole lines that a cluster touches, or of one overlong line a part; `None` where the
/// text is not known, has several overlong lines, or the label means the file as a whole.
fn window<'a>(cluster: &[(&Label, AnnotationKind)], sources: &'a Sources) -> Option<Window<'a>> {
    let file = &cluster[0].0.place.file;
    let text = sources.text(file)?;
    let start = cluster.iter().map(|(label, _)| label.place.start).min()?.min(text.len());
    let end = cluster.iter().map(|(label, _)| label.place.end).max()?.min(text.len());
    if end == 0 {
        return None;
    }
    let bytes = text.as_bytes();
    // Of a label over several lines only the first is drawn, so that its other lines are not looked at.
    let first_line = |label: &Label| {
        let from = label.place.start.min(text.len());
        let line = bytes[from..].iter().position(|&byte| byte == b'\n');
        label.place.end.min(line.map_or(text.len(), |at| from + at))
    };
    let end = cluster.iter().map(|(label, _)| first_line(label)).max()?.clamp(start, end);
    let from = bytes[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let to = bytes[end..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| end + at);
    // Line ends are single bytes, so `from` and `to` are character boundaries.
    let lines = text.get(from..to)?;
    let line = sources.line_column(&Place::new(file, from..from))?.line;
    if lines.lines().all(|line| line.len() <= LONGEST_LINE) {
        return Some(Window { text: Cow::Borrowed(lines), line, base: from, is_cut: false });
    }
    let label_end = end.min(start + LONGEST_LINE - 2 * AROUND);
    if lines.contains('\n') || end > start + LONGEST_LINE && cluster.len() > 1 {
        return None;
    }
    let cut_from = floor(text, start.saturating_sub(AROUND)).max(from);
    let cut_to = floor(text, label_end + AROUND).min(to).max(cut_from);
    // What is shorter than the sign for a cut is shown.
    let cut_from = if cut_from - from <= CUT.len() { from } else { cut_from };
    let left = if cut_from > from { CUT } else { "" };
    let right = if cut_to < to { CUT } else { "" };
    let shown = format!("{left}{}{right}", text.get(cut_from..cut_to)?);
    Some(Window { text: Cow::Owned(shown), line, base: cut_from - left.len(), is_cut: true })
}

fn annotation<'a>(label: &'a Label, kind: AnnotationKind, window: &Window<'_>) -> Annotation<'a> {
    let text = window.text.as_ref();
    let start = floor(text, label.place.start.saturating_sub(window.base));
    // A label over several lines is drawn under its first line only: what matters is where.
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let line_end =
        if window.is_cut { line_end - text.ends_with(CUT) as usize * CUT.len() } else { line_end };
    let end =
        floor(text, label.place.end.saturating_sub(window.base)).clamp(start, line_end.max(start));
    let annotation = kind.span(start..end);
    if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
}

/// Returns the last character boundary of `text` at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn origin<'a>(place: &'a Place, sources: &Sources) -> Origin<'a> {
    let origin = Origin::path(place.file.as_ref());
    match sources.line_column(place) {
        Some(at) if place.end > 0 => origin.line(at.line).char_column(at.column),
        _ => origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, Stage};

    fn shown(text: &str, start: usize, end: usize) -> String {
        let mut sources = Sources::new();
        let file = sources.add("app.yaml", text);
        let diagnostic = Diagnostic::error(Code::new(Stage::Intake, 4), "unknown field `replica`")
            .at(Place::new(&file, start..end), "not a field of an app")
            .hint("did you mean `replicas`?");
        render(&diagnostic, &sources, false)
    }

    #[test]
    fn a_snippet_shows_line_label_and_hint() {
        assert_eq!(
            shown("apps:\n  replica: 2\n", 8, 15),
            "error[I004]: unknown field `replica`\n --> app.yaml:2:3\n  |\n2 |   replica: 2\n  |   ^^^^^^^ not a field of an app\n  |\n  = help: did you mean `replicas`?"
        );
    }

    #[test]
    fn any_range_of_any_text_can_be_shown() {
        for text in ["", "\n", "é\u{0}\t\u{202e}x\r\n", "a\nb"] {
            for start in 0..text.len() + 2 {
                for end in start..text.len() + 2 {
                    assert!(shown(text, start, end).contains("I004"));
                }
            }
        }
    }

    #[test]
    fn places_far_apart_in_an_overlong_line_have_a_part_each() {
        let line = format!("[{}\"first\", {}\"second\"]", "1, ".repeat(40), "2, ".repeat(120));
        let mut sources = Sources::new();
        let file = sources.add("a.json", line.as_str());
        let place = |word: &str| {
            let at = line.find(word).expect("it is there");
            Place::new(&file, at..at + word.len())
        };
        let found = Diagnostic::error(Code::new(Stage::Check, 110), "twice")
            .at(place("\"second\""), "again")
            .also(place("\"first\""), "here");
        let shown = render(&found, &sources, false);
        assert!(shown.contains("again") && shown.contains("here"), "{shown}");
        assert!(shown.contains("\"first\"") && shown.contains("\"second\""), "{shown}");
    }

    #[test]
    fn of_an_overlong_line_a_part_is_shown() {
        let text = format!("{}replica{}", "é".repeat(500_000), "x".repeat(1_000_000));
        let shown = shown(&text, 1_000_000, 1_000_007);
        let x = "x".repeat(40);
        let e = "é".repeat(20);
        assert_eq!(
            shown,
            format!(
                "error[I004]: unknown field `replica`\n --> app.yaml:1:500001\n  |\n1 | …{e}replica{x}…\n  |                      ^^^^^^^ not a field of an app\n  |\n  = help: did you mean `replicas`?"
            )
        );
    }
}
