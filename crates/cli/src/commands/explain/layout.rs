//! Text in lines that a terminal of 80 columns shows whole.
//!
//! In: labels, which may carry styles, and texts. Out: lines. A word that is longer than a line stays
//! whole; code blocks and tables of Markdown stay as they are.

/// The widest line.
pub(super) const WIDTH: usize = 80;

/// Adds a label and a text beside it; later lines begin `indent` columns in.
pub(super) fn item(out: &mut String, label: &str, indent: usize, text: &str) {
    let mut column = columns(label);
    out.push_str(label);
    let mut first = true;
    for word in text.split_whitespace() {
        let width = columns(word);
        if !first && column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
            first = true;
        }
        if !first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        first = false;
    }
    out.push('\n');
}

/// Adds Markdown with its paragraphs and list items folded anew.
pub(super) fn markdown(out: &mut String, text: &str) {
    let mut paragraph = String::new();
    let mut verbatim = false;
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        let kept = verbatim || fence || line.starts_with('|') || line.starts_with("    ");
        let starts_item = ["* ", "- "].iter().any(|mark| line.starts_with(mark));
        if kept || starts_item || line.trim().is_empty() {
            flush(out, &mut paragraph);
        }
        verbatim ^= fence;
        if kept || line.trim().is_empty() {
            out.push_str(line);
            out.push('\n');
        } else {
            paragraph.push_str(line);
            paragraph.push('\n');
        }
    }
    flush(out, &mut paragraph);
}

fn flush(out: &mut String, paragraph: &mut String) {
    if paragraph.is_empty() {
        return;
    }
    match paragraph.get(..2) {
        Some(mark @ ("* " | "- ")) => item(out, mark, 2, &paragraph[2..]),
        _ => item(out, "", 0, paragraph),
    }
    paragraph.clear();
}

/// Returns how many columns a text takes: its letters without the codes of styles.
fn columns(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_folded_and_blocks_are_kept() {
        let word = "word ".repeat(20);
        let mut out = String::new();
        markdown(&mut out, &format!("{word}\n\n* {word}\n* short\n\n```\n{word}\n```\n"));
        let lines: Vec<usize> = out.lines().map(|line| line.chars().count()).collect();
        assert_eq!(lines, [79, 19, 0, 76, 26, 7, 0, 3, 100, 3], "{out}");
    }
}
