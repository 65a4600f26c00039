//! What an API server refuses, against its own recorded answers.
//!
//! `cases.yaml` has the objects, `answers.txt` what the real one says of each, `want.txt` our words
//! (`UPDATE_EXPECT=1` writes them anew).
#![allow(clippy::disallowed_methods, reason = "a test reads its cases from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use compile::admission::refusals;
use manifest::fields::{Verdict, path_text, verdict};

/// Refused for what is not looked at: rules of merging that only a server-side apply has, where the same
/// variable or port stands twice, and names of resources.
const NOT_KNOWN: &[&str] = &["env-twice", "port-same", "res-unknown", "svc-target-name"];

#[test]
fn the_api_server_and_we_refuse_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/admission");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let answers = read("answers.txt");
    let answers: BTreeMap<&str, (&str, &str)> = answers
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.splitn(3, ": ");
            (parts.next().unwrap(), (parts.next().unwrap(), parts.next().unwrap()))
        })
        .collect();
    let (mut wrong, mut said, mut count) = (String::new(), String::new(), 0);
    for case in read("cases.yaml").split("--- # ").skip(1) {
        let (name, text) = case.split_once('\n').unwrap();
        let objects = manifest::read(text, name).unwrap();
        let [object] = &objects[..] else { panic!("{name}: one object a case") };
        let Verdict::Known(faults) = verdict(&object.value) else { panic!("{name}: a known kind") };
        let mut ours: Vec<String> =
            faults.iter().map(|fault| format!("{} is no such field", fault.path_text())).collect();
        if ours.is_empty() {
            let all = refusals(object);
            ours.extend(all.iter().map(|it| format!("{} {}", path_text(&it.path), it.why)));
        }
        let (answer, words) =
            answers.get(name).copied().unwrap_or_else(|| panic!("{name}: record it"));
        let refused = answer == "refused";
        if (refused == ours.is_empty()) != NOT_KNOWN.contains(&name) {
            let _ = writeln!(wrong, "{name}: the server {answer} it: {words}\n  we: {ours:?}");
        }
        for words in &ours {
            let _ = writeln!(said, "{name}: {words}");
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(count, answers.len());
    testkit::check_file(folder.join("want.txt"), &said);
}

/// Charts that many clusters run, as helm rendered them.
#[test]
fn nothing_of_the_corpus_charts_is_refused() {
    let Some(folder) = testkit::corpus("charts/want") else { return };
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for object in manifest::read(&text, &path.display().to_string()).unwrap_or_default() {
            let found: Vec<String> = refusals(&object)
                .iter()
                .map(|it| format!("{} {}", path_text(&it.path), it.why))
                .collect();
            assert!(found.is_empty(), "{}: {} {found:?}", path.display(), object.identity());
            count += 1;
        }
    }
    assert!(count > 500, "{count}");
}
