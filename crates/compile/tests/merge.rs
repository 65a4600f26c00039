//! Three texts of one file merged: each file of `merge/` is a case.
//!
//! A case begins with words about it and the path of the file, `: PATH`. Then come `=== base`,
//! `=== ours`, `=== theirs`; then what merging answers, `=== merged` (the text, byte for byte, and what
//! was taken and kept) or `=== conflicts`. `UPDATE_EXPECT=1` rewrites the answers. In the texts `␍` at
//! the end of a line stands for a carriage return, and `␄` at the end for a missing line break.
#![allow(clippy::disallowed_methods, reason = "a test reads its cases from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use compile::generate::merge::{self, Conflict, Difference, Merged, OnConflict, Sides};

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/merge");
    let wanted = std::env::var("CASE").unwrap_or_default();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(&wanted))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    let failed: Vec<&PathBuf> = files
        .iter()
        .filter(|file| {
            let run = std::panic::catch_unwind(|| {
                let text = std::fs::read_to_string(file).unwrap();
                testkit::check_file(file, &run(&text));
            });
            run.is_err()
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} cases failed: {failed:#?}", failed.len(), files.len());
}

fn run(case: &str) -> String {
    let (head, parts) = case.split_once("=== base\n").unwrap();
    let path = head.lines().find_map(|line| line.strip_prefix(": ")).unwrap();
    let (base, parts) = parts.split_once("=== ours\n").unwrap();
    let (ours, parts) = parts.split_once("=== theirs\n").unwrap();
    let end = ["=== merged", "=== conflicts"].iter().filter_map(|mark| parts.find(mark)).min();
    let theirs = &parts[..end.unwrap_or(parts.len())];
    let texts = [base, ours, theirs].map(decoded);
    let sides = Sides { base: &texts[0], ours: &texts[1], theirs: &texts[2] };
    let answer = match merge::merge(path, sides, OnConflict::Report) {
        Ok(merged) => {
            still_merged(path, sides, &merged);
            shown(&merged)
        }
        Err(conflicts) => conflicts_shown(&texts[2], &conflicts),
    };
    format!("{head}=== base\n{base}=== ours\n{ours}=== theirs\n{theirs}{answer}")
}

/// What must be true of every merge that has an answer.
fn still_merged(path: &str, sides: Sides<'_>, merged: &Merged) {
    // Done again, from what was generated now, nothing is left to do.
    let again = Sides { base: sides.ours, theirs: &merged.text, ..sides };
    assert_eq!(merge::merge(path, again, OnConflict::Report).unwrap().text, merged.text);
    // Nothing changed in generation: the file stays, byte for byte.
    let same = Sides { ours: sides.base, ..sides };
    assert_eq!(merge::merge(path, same, OnConflict::Report).unwrap().text, sides.theirs);
    // Nobody changed the file: it says what is generated now.
    let untouched = Sides { theirs: sides.base, ..sides };
    let taken = merge::merge(path, untouched, OnConflict::Report).unwrap().text;
    let read = |text: &str| yaml::parse_all(text, yaml::Schema::Core12).map(|nodes| values(&nodes));
    match merge::format(path) {
        merge::Format::Lines => assert_eq!(taken, sides.ours),
        _ => assert_eq!(read(&taken), read(sides.ours)),
    }
}

fn values(nodes: &[yaml::Node]) -> Vec<yaml::Value> {
    let mut values: Vec<yaml::Value> = nodes.iter().map(yaml::Value::from).collect();
    values.sort_by_key(|value| format!("{value:?}"));
    values.iter_mut().for_each(sort);
    values
}

/// Sorts lists of maps: the order of named items is the file's.
fn sort(value: &mut yaml::Value) {
    match value {
        yaml::Value::List(items) => {
            items.iter_mut().for_each(sort);
            if items.iter().all(|item| item.get("name").is_some()) {
                items.sort_by_key(|item| format!("{:?}", item.get("name")));
            }
        }
        yaml::Value::Map(entries) => entries.values_mut().for_each(sort),
        _ => {}
    }
}

fn decoded(text: &str) -> String {
    let text = text.replace("␍\n", "\r\n");
    text.strip_suffix("␄\n").map_or(text.clone(), str::to_owned)
}

fn encoded(text: &str) -> String {
    let ended = text.is_empty() || text.ends_with('\n');
    text.replace("\r\n", "␍\n") + if ended { "" } else { "␄\n" }
}

fn shown(merged: &Merged) -> String {
    let mut out = format!("=== merged\n{}", encoded(&merged.text));
    for (title, list) in [("taken", &merged.taken), ("kept", &merged.kept)] {
        if !list.is_empty() {
            let _ = writeln!(out, "=== {title}");
            list.iter().for_each(|difference| line(&mut out, difference));
        }
    }
    out
}

fn line(out: &mut String, difference: &Difference) {
    let show = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let (from, to) = (show(&difference.from), show(&difference.to));
    let _ = writeln!(out, "{}: {from} -> {to}", difference.path);
}

fn conflicts_shown(theirs: &str, conflicts: &[Conflict]) -> String {
    let mut out = "=== conflicts\n".to_owned();
    for conflict in conflicts {
        let at = text::line_column(theirs, conflict.theirs.start);
        let show = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let _ = writeln!(
            out,
            "{}:{} {:?} {}: base {}, ours {}, theirs {}",
            at.line,
            at.column,
            conflict.kind,
            merge::display(&conflict.steps),
            show(&conflict.base),
            show(&conflict.ours),
            show(&conflict.found),
        );
    }
    out
}

/// Texts that merge by lines, against git itself: where both find no conflict the texts are the same,
/// byte for byte, and where all lines differ both find the same conflicts.
#[test]
fn lines_merge_as_git_merges_them() {
    let folder = testkit::Folder::new().unwrap();
    let mut state = 12345_u64;
    let mut random = move |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % end as u64) as usize
    };
    let (mut clean, mut conflicts) = (0, 0);
    for round in 0..120 {
        // Every other text has many equal lines.
        let words = if round % 2 == 0 { 1_000_000 } else { 4 };
        let base: Vec<String> =
            (0..5 + random(15)).map(|_| format!("l{}", random(words))).collect();
        let mut edited = |lines: &[String]| {
            let mut lines = lines.to_vec();
            for _ in 0..1 + random(3) {
                let (at, word) = (random(lines.len()), random(words));
                match random(3) {
                    0 => lines.insert(at, format!("n{word}")),
                    1 if lines.len() > 1 => drop(lines.remove(at)),
                    _ => lines[at] = format!("c{word}"),
                }
            }
            lines
        };
        let sides = [edited(&base), base.clone(), edited(&base)];
        let texts = sides.map(|lines| lines.join("\n") + "\n");
        let names = ["ours", "base", "theirs"];
        for (name, text) in names.iter().zip(&texts) {
            folder.write(name, text).unwrap();
        }
        let git = std::process::Command::new("git")
            .args(["merge-file", "-p", "ours", "base", "theirs"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let [ours, base, theirs] = &texts;
        let merged = merge::lines::merge(base, ours, theirs);
        let (git_clean, own_clean) = (git.status.success(), merged.conflicts.is_empty());
        if git_clean && own_clean {
            assert_eq!(merged.text, String::from_utf8_lossy(&git.stdout), "round {round}");
            clean += 1;
        } else {
            conflicts += 1;
        }
        if words > 4 {
            assert_eq!(git_clean, own_clean, "{base}--- ours\n{ours}--- theirs\n{theirs}");
        }
    }
    assert!(clean > 30 && conflicts > 30, "{clean} clean, {conflicts} conflicts");
}
