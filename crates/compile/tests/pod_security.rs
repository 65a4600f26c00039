//! Which pods a namespace refuses, against the recorded answers of an API server.
//!
//! `cases.yaml` has the pods, `answers.txt` what the real one says of each in a namespace of either level
//! (`cargo xtask lab record-admission`), `want.txt` our words (`UPDATE_EXPECT=1` writes them anew).
#![allow(clippy::disallowed_methods, reason = "a test reads its cases from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use compile::admission::refused_pods;
use manifest::fields::path_text;

#[test]
fn namespaces_and_we_refuse_the_same_pods() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pod_security");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let answers = read("answers.txt");
    let lines = answers.lines().filter(|line| !line.starts_with('#'));
    let answers: BTreeMap<&str, &str> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let (mut wrong, mut said, mut count) = (String::new(), String::new(), 0);
    for case in read("cases.yaml").split("--- # ").skip(1) {
        let (name, text) = case.split_once('\n').unwrap();
        let objects = manifest::read(text, name).unwrap();
        let [object] = &objects[..] else { panic!("{name}: one object a case") };
        for level in ["baseline", "restricted"] {
            let name = format!("{name}/{level}");
            let answer = answers.get(name.as_str()).unwrap_or_else(|| panic!("{name}: record it"));
            // What is no pod at all says nothing about levels.
            let refused = answer.contains("violates PodSecurity");
            assert!(refused || answer.starts_with("admitted"), "{name}: {answer}");
            let ours = refused_pods(object, level);
            if refused == ours.is_empty() {
                let _ = writeln!(wrong, "{name}: {answer}\n  we: {ours:?}");
            }
            for refusal in ours {
                let _ = writeln!(said, "{name}: {} {}", path_text(&refusal.path), refusal.why);
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(count, answers.len());
    testkit::check_file(folder.join("want.txt"), &said);
}
