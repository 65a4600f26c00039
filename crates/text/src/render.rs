//! Diagnostics as a person reads them in a terminal: title, snippet, labels, help.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::{Diagnostic, Label, Place, Severity, Sources, line_column};

/// Lines longer than this are not shown as a snippet: a minified payload is one line of megabytes.
const LONGEST_LINE: usize = 600;
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
    for cluster in clusters(&labels) {
        group = match window(&cluster, sources) {
            Some((text, first_line, base)) => {
                let mut snippet = Snippet::source(text)
                    .line_start(first_line)
                    .path(cluster[0].0.place.file.as_ref())
                    .fold(true);
                for (label, kind) in &cluster {
                    snippet = snippet.annotation(annotation(label, *kind, text, base));
                }
                group.element(snippet)
            }
            None => group.element(origin(&cluster[0].0.place, sources)),
        };
    }
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(hint));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Ascii).render(&[group])
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
fn clusters<'a>(labels: &[(&'a Label, AnnotationKind)]) -> Vec<Vec<(&'a Label, AnnotationKind)>> {
    let mut clusters: Vec<Vec<(&Label, AnnotationKind)>> = Vec::new();
    for &(label, kind) in labels {
        let near = clusters.iter_mut().find(|cluster| {
            cluster.iter().any(|(other, _)| {
                other.place.file == label.place.file
                    && other.place.start.abs_diff(label.place.start) <= NEAR
            })
        });
        match near {
            Some(cluster) => cluster.push((label, kind)),
            None => clusters.push(vec![(label, kind)]),
        }
    }
    clusters
}

/// Returns the whole lines that a cluster touches, the number of the first and its offset; `None`
/// where the text is not known, has overlong lines, or the label means the file as a whole.
fn window<'a>(
    cluster: &[(&Label, AnnotationKind)],
    sources: &'a Sources,
) -> Option<(&'a str, usize, usize)> {
    let text = sources.text(&cluster[0].0.place.file)?;
    let start = cluster.iter().map(|(label, _)| label.place.start).min()?.min(text.len());
    let end = cluster.iter().map(|(label, _)| label.place.end).max()?.min(text.len());
    if end == 0 {
        return None;
    }
    let bytes = text.as_bytes();
    let from = bytes[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let to = bytes[end..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| end + at);
    // Line ends are single bytes, so `from` and `to` are character boundaries.
    let lines = text.get(from..to)?;
    if lines.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    Some((lines, line_column(text, from).line, from))
}

fn annotation<'a>(
    label: &'a Label,
    kind: AnnotationKind,
    window: &str,
    base: usize,
) -> Annotation<'a> {
    let start = floor(window, label.place.start.saturating_sub(base));
    // A label over several lines is drawn under its first line only: what matters is where.
    let line_end = window[start..].find('\n').map_or(window.len(), |at| start + at);
    let end = floor(window, label.place.end.saturating_sub(base)).clamp(start, line_end);
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
    fn an_overlong_line_is_named_and_not_shown() {
        let text = "x".repeat(2_000_000);
        let shown = shown(&text, 1_000_000, 1_000_003);
        assert!(shown.contains("app.yaml:1:1000001"), "{shown}");
        assert!(shown.len() < 500);
    }
}
