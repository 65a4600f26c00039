//! Constraints against the recorded answers of Masterminds semver.
#![allow(clippy::disallowed_methods, reason = "a test reads its cases from disk")]

use gotmpl::semver::{Constraints, Version};

const CORPUS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/versions/constraints.jsonl");

#[test]
fn constraints_answer_as_recorded() {
    let Ok(lines) = std::fs::read_to_string(CORPUS) else {
        assert!(std::env::var_os("MAINSTAY_REQUIRE_CORPUS").is_none(), "no {CORPUS}");
        println!("left out: {CORPUS} is not there");
        return;
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in lines.lines() {
        let [constraint, version, want]: [String; 3] =
            serde_json::from_str(line).expect("because the corpus has three strings on a line");
        count += 1;
        let got = match (Constraints::parse(&constraint), Version::parse(&version)) {
            (Err(_), _) => "CERR",
            (Ok(_), Err(_)) => "VERR",
            (Ok(constraint), Ok(version)) if constraint.check(&version) => "T",
            (Ok(_), Ok(_)) => "F",
        };
        if got != want {
            wrong.push(format!("{constraint:?} {version:?}: {got}, want {want}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    println!("{count} constraints");
}
