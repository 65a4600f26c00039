//! What an API server refuses, object by object; `cargo xtask judge` asks kubernetes-validate about the
//! same files.

#![expect(clippy::disallowed_methods, reason = "tests read their cases")]

use std::fmt::Write as _;
use std::path::Path;

use manifest::fields::{FaultKind, Verdict, verdict};

fn shown(text: &str, source: &str) -> String {
    let mut out = String::new();
    for object in manifest::read(text, source).expect("the file holds objects") {
        let _ = match verdict(&object.value) {
            Verdict::Foreign => writeln!(out, "{}: foreign", object.identity()),
            Verdict::NotServed { served, near } => {
                writeln!(out, "{}: not served, {served:?} {near:?}", object.identity())
            }
            Verdict::Known(faults) if faults.is_empty() => {
                writeln!(out, "{}: sound", object.identity())
            }
            Verdict::Known(faults) => {
                let _ = writeln!(out, "{}:", object.identity());
                for fault in faults {
                    let what = match &fault.kind {
                        FaultKind::Unknown(near) => format!("unknown, near {near:?}"),
                        FaultKind::Type { wanted, found } => format!("{wanted}, not {found}"),
                        FaultKind::Missing(name) => format!("lacks {name}"),
                        FaultKind::Form(wanted) => format!("must be {wanted}"),
                    };
                    let _ = writeln!(out, "  {}: {what}", fault.path_text());
                }
                Ok(())
            }
        };
    }
    out
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fields");
    for name in ["sound", "faulty"] {
        let text = std::fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
        testkit::check_file(folder.join(format!("{name}.txt")), &shown(&text, name));
    }
}

/// Charts that run in clusters all over the world have no faults.
#[test]
fn public_charts_are_sound() {
    let Some(folder) = testkit::corpus("charts/want") else { return };
    let mut seen = 0;
    let mut faults = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let shown = shown(&text, "");
        seen += shown.lines().filter(|line| line.ends_with(": sound")).count();
        let sound = |line: &&str| line.ends_with(": sound") || line.ends_with(": foreign");
        for line in shown.lines().filter(|line| !sound(line)) {
            let _ = writeln!(faults, "{} {line}", path.display());
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(seen > 500, "{seen}");
}
