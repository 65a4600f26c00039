//! Three texts merged by lines, as `git merge-file` does.
//!
//! In: base, ours, theirs. Out: the merged text, and the places where both sides changed the same or
//! touching lines differently. Line ends are not compared: a file with Windows' line ends keeps them.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Difference;
use super::raised::{self, Higher};

/// What merging by lines gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The text; theirs where there is a conflict.
    pub text: String,
    /// Conflicts, in order.
    pub conflicts: Vec<LineConflict>,
    /// Hunks of ours that are in the text.
    pub taken: Vec<Difference>,
    /// Hunks of theirs that are in the text.
    pub kept: Vec<Difference>,
}

/// Lines that both sides changed differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineConflict {
    /// Bytes of theirs.
    pub theirs: Range<usize>,
    /// The lines of ours.
    pub ours: String,
    /// The lines of base.
    pub base: String,
}

/// A changed run of lines: of base, and what stands there instead.
#[derive(Clone, Debug)]
struct Hunk {
    base: Range<usize>,
    side: Range<usize>,
}

/// Merges by lines.
pub fn merge(base: &str, ours: &str, theirs: &str) -> Lines {
    let windows = theirs.contains("\r\n");
    let (base_lines, our_lines, their_lines) = (split(base), split(ours), split(theirs));
    let (b, o, t) = (bare(&base_lines), bare(&our_lines), bare(&their_lines));
    let (mine, other) = (hunks(&b, &o), hunks(&b, &t));
    let mut out = Lines::default();
    let mut writer = Writer { out: &mut out, their_lines: &their_lines, windows };
    let (mut mine, mut other) = (mine.into_iter().peekable(), other.into_iter().peekable());
    // How far base and theirs are written.
    let (mut at, mut their_at) = (0, 0);
    loop {
        let next = match (mine.peek(), other.peek()) {
            (None, None) => break,
            (Some(one), Some(two)) if one.base.end < two.base.start => Next::Mine,
            (Some(_), None) => Next::Mine,
            (Some(one), Some(two)) if two.base.end < one.base.start => Next::Other,
            (None, Some(_)) => Next::Other,
            (Some(_), Some(_)) => Next::Both,
        };
        match next {
            Next::Mine => {
                let Some(hunk) = mine.next() else { break };
                let same = hunk.base.start - at;
                writer.theirs(their_at..their_at + same);
                their_at += same + hunk.base.len();
                writer.ours(&o, hunk.side.clone());
                writer.taken(&b, &o, &hunk);
                at = hunk.base.end;
            }
            Next::Other => {
                let Some(hunk) = other.next() else { break };
                writer.theirs(their_at..hunk.side.end);
                writer.kept(&b, &t, &hunk);
                their_at = hunk.side.end;
                at = hunk.base.end;
            }
            Next::Both => {
                let (one, two) = widened(&mut mine, &mut other);
                let same = two.side.start - their_at;
                writer.theirs(their_at..their_at + same);
                let ours_text = o.get(one.side.clone()).unwrap_or_default();
                let theirs_text = t.get(two.side.clone()).unwrap_or_default();
                let higher = raised::higher(
                    &joined(&b, &one.base),
                    &ours_text.join("\n"),
                    &theirs_text.join("\n"),
                );
                if ours_text != theirs_text && higher == Some(Higher::Ours) {
                    writer.ours(&o, one.side.clone());
                    writer.out.taken.push(Difference {
                        from: difference(&b, &t, &two).to,
                        ..difference(&b, &o, &one)
                    });
                    at = one.base.end;
                    their_at = two.side.end;
                    continue;
                }
                writer.theirs(two.side.clone());
                if ours_text != theirs_text && higher == Some(Higher::Theirs) {
                    writer.kept(&b, &t, &two);
                } else if ours_text != theirs_text {
                    let start = offset(&their_lines, two.side.start);
                    let end = offset(&their_lines, two.side.end);
                    writer.out.conflicts.push(LineConflict {
                        theirs: start..end,
                        ours: joined(&o, &one.side),
                        base: joined(&b, &one.base),
                    });
                    writer.kept(&b, &t, &two);
                }
                at = one.base.end;
                their_at = two.side.end;
            }
        }
    }
    writer.theirs(their_at..their_lines.len());
    out
}

enum Next {
    Mine,
    Other,
    Both,
}

/// Joins all hunks of both sides that overlap or touch, so that both cover the same lines of base.
fn widened(
    mine: &mut std::iter::Peekable<impl Iterator<Item = Hunk>>,
    other: &mut std::iter::Peekable<impl Iterator<Item = Hunk>>,
) -> (Hunk, Hunk) {
    let empty = Hunk { base: 0..0, side: 0..0 };
    let mut one = mine.next().unwrap_or(empty.clone());
    let mut two = other.next().unwrap_or(empty);
    loop {
        let start = one.base.start.min(two.base.start);
        let end = one.base.end.max(two.base.end);
        one.side.start -= one.base.start - start;
        two.side.start -= two.base.start - start;
        one.side.end += end - one.base.end;
        two.side.end += end - two.base.end;
        one.base = start..end;
        two.base = start..end;
        if let Some(next) = mine.next_if(|hunk| hunk.base.start <= end) {
            one.side.end = next.side.end;
            one.base.end = next.base.end;
        } else if let Some(next) = other.next_if(|hunk| hunk.base.start <= end) {
            two.side.end = next.side.end;
            two.base.end = next.base.end;
        } else {
            return (one, two);
        }
    }
}

struct Writer<'a, 't> {
    out: &'a mut Lines,
    their_lines: &'a [&'t str],
    windows: bool,
}

impl Writer<'_, '_> {
    fn theirs(&mut self, range: Range<usize>) {
        for line in self.their_lines.get(range).unwrap_or_default() {
            self.push(line);
        }
    }

    fn ours(&mut self, lines: &[&str], range: Range<usize>) {
        for line in lines.get(range).unwrap_or_default() {
            self.push(line);
            self.out.text.push_str(if self.windows { "\r\n" } else { "\n" });
        }
    }

    /// Writes a line; one without a line break, the last of its side, gets one when more follows.
    fn push(&mut self, line: &str) {
        if !self.out.text.is_empty() && !self.out.text.ends_with('\n') {
            self.out.text.push_str(if self.windows { "\r\n" } else { "\n" });
        }
        self.out.text.push_str(line);
    }

    fn taken(&mut self, base: &[&str], ours: &[&str], hunk: &Hunk) {
        self.out.taken.push(difference(base, ours, hunk));
    }

    fn kept(&mut self, base: &[&str], theirs: &[&str], hunk: &Hunk) {
        self.out.kept.push(difference(base, theirs, hunk));
    }
}

fn difference(base: &[&str], side: &[&str], hunk: &Hunk) -> Difference {
    let some = |lines: &[&str], range: &Range<usize>| {
        let text = lines.get(range.clone()).unwrap_or_default().concat();
        (!range.is_empty()).then(|| super::path::brief(&text))
    };
    let path = match hunk.side.len() {
        0 | 1 => format!("line {}", hunk.side.start + 1),
        _ => format!("lines {}-{}", hunk.side.start + 1, hunk.side.end),
    };
    Difference { path, from: some(base, &hunk.base), to: some(side, &hunk.side) }
}

/// Splits behind every line break.
fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Returns the lines without their line ends, as they are compared.
fn bare<'t>(lines: &[&'t str]) -> Vec<&'t str> {
    lines
        .iter()
        .map(|line| line.strip_suffix("\r\n").or(line.strip_suffix('\n')).unwrap_or(line))
        .collect()
}

/// Returns the changed runs of lines. A run that could as well lie further down lies there, as in git:
/// so the same change is the same run on both sides, whatever stands around it.
fn hunks(base: &[&str], side: &[&str]) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = capture_diff_slices(Algorithm::Myers, base, side)
        .into_iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }))
        .map(|op| Hunk { base: op.old_range(), side: op.new_range() })
        .collect();
    let mut until = base.len();
    for hunk in hunks.iter_mut().rev() {
        let (lines, run) = match (hunk.base.is_empty(), hunk.side.is_empty()) {
            (true, false) => (side, &hunk.side),
            (false, true) => (base, &hunk.base),
            _ => {
                until = hunk.base.start;
                continue;
            }
        };
        let mut by = 0;
        while hunk.base.end + by < until
            && lines.get(run.start + by).is_some_and(|line| lines.get(run.end + by) == Some(line))
        {
            by += 1;
        }
        hunk.base = hunk.base.start + by..hunk.base.end + by;
        hunk.side = hunk.side.start + by..hunk.side.end + by;
        until = hunk.base.start;
    }
    hunks
}

fn offset(lines: &[&str], index: usize) -> usize {
    lines.iter().take(index).map(|line| line.len()).sum()
}

fn joined(lines: &[&str], range: &Range<usize>) -> String {
    lines.get(range.clone()).unwrap_or_default().join("\n")
}
