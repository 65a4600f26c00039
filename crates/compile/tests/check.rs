//! Every folder of `tests/check` is a platform (or a config) and what `check` says about it.
//!
//! `want.txt` is written anew with `UPDATE_EXPECT=1`.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads its own cases"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use compile::check::{self, ValueFile, codes};
use compile::generate;
use compile::intake::{self, Inputs};
use testkit::MemoryWorld;
use text::{Diagnostic, Sources};

const SPEC: &str = include_str!("check/mainstay.yaml");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

/// Returns what is said about a case: of both files, or of a config and the values over
/// it.
fn diagnostics(case: &Path) -> (Vec<Diagnostic>, Sources) {
    let text = |name: &str| fs::read_to_string(case.join(name)).ok();
    let spec = text("mainstay.yaml").unwrap_or_else(|| SPEC.to_owned());
    if let Some(config) = text("app-config.yaml") {
        let file = |name: &str, text: String| ValueFile {
            path: name.to_owned(),
            text,
            generated: String::new(),
        };
        let mut environment = vec![file("app-config.yaml", config)];
        environment.extend(text("values.yaml").map(|text| file("values.yaml", text)));
        let mut sources = Sources::new();
        let inputs = Inputs { spec: ("mainstay.yaml", &spec), payload: ("", "[]") };
        let platform = intake::read(&inputs).platform.unwrap();
        sources.add("mainstay.yaml", spec.as_str());
        let found = check::app_config(&platform, &[environment], &mut sources);
        return (found, sources);
    }
    let (name, payload) = match text("deployed_apps.yaml") {
        Some(payload) => ("deployed_apps.yaml", payload),
        None => {
            ("deployed_apps.json", text("deployed_apps.json").unwrap_or_else(|| "[]".to_owned()))
        }
    };
    let inputs = Inputs { spec: ("mainstay.yaml", &spec), payload: (name, &payload) };
    let intake = intake::read(&inputs);
    let mut found = intake.diagnostics;
    let mut sources = intake.sources;
    if let Some(faulty) = &intake.faulty {
        found.extend(check::beside_faults(faulty, &found));
    }
    if let Some(platform) = &intake.platform {
        found.extend(check::platform(platform));
        let added = case.join("files");
        if added.is_dir() {
            let mut world = MemoryWorld::new();
            for (path, bytes) in testkit::snapshot(&added).unwrap() {
                world.insert(path, bytes);
            }
            let tree = generate::repository(platform, &inputs);
            found.extend(check::files(platform, &tree, &world, &mut sources));
        }
    }
    (found, sources)
}

#[test]
fn every_case_says_what_is_wanted() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = String::new();
    for case in cases() {
        let (found, sources) = diagnostics(&case);
        let shown = text::render_all(&found, &sources, false);
        let want = case.join("want.txt");
        if update {
            fs::write(&want, &shown).unwrap();
        } else if fs::read_to_string(&want).unwrap_or_default() != shown {
            let _ = writeln!(wrong, "=== {}\n{shown}", case.display());
        }
    }
    assert!(wrong.is_empty(), "not what want.txt says:\n{wrong}");
}

#[test]
fn every_code_of_intake_and_check_has_a_case() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        seen.extend(diagnostics(&case).0.iter().map(|finding| finding.code.to_string()));
    }
    // Needs more findings than a case should have; a test of its own counts them.
    seen.insert("I012".to_owned());
    // Needs more bytes than a case should have.
    seen.extend(["C128", "C129"].map(str::to_owned));
    // What people make of generated overlays: `crates/cli/tests/cases/new-dex.txt` has them.
    seen.extend(["C204", "C205", "C210", "C211"].map(str::to_owned));
    let missing: Vec<String> = codes::all()
        .iter()
        .map(|page| page.code.to_string())
        .filter(|code| code.starts_with(['C', 'I', 'P']) && !seen.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case has {missing:?}");
    for code in &seen {
        assert!(codes::page(code).is_some(), "{code} has no page");
    }
}

#[test]
fn a_flood_is_cut_after_a_hundred() {
    let payload = format!("[{}]", vec![r#"{"imag": 1}"#; 5000].join(","));
    let inputs =
        Inputs { spec: ("mainstay.yaml", SPEC), payload: ("deployed_apps.json", &payload) };
    let found = intake::read(&inputs).diagnostics;
    assert!(found.len() <= 102, "{}", found.len());
    assert!(found.iter().any(|finding| finding.code.to_string() == "I012"));
}

#[test]
fn the_shop_has_no_findings() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let spec = fs::read_to_string(example.join("mainstay.yaml")).unwrap();
    let payload = fs::read_to_string(example.join("deployed_apps.json")).unwrap();
    let inputs =
        Inputs { spec: ("mainstay.yaml", &spec), payload: ("deployed_apps.json", &payload) };
    let intake = intake::read(&inputs);
    let shown = text::render_all(&intake.diagnostics, &intake.sources, false);
    let platform = intake.platform.unwrap_or_else(|| panic!("{shown}"));
    let found = check::platform(&platform);
    let errors: Vec<&Diagnostic> = found.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{}", text::render_all(&found, &intake.sources, false));
}

#[test]
fn a_default_spec_is_valid() {
    for (name, payload) in [
        ("shop", "[]"),
        ("../Ünder_score 9", r#"[{"image": "a:1", "fqdn": "web.shop.example.org"}]"#),
        ("true", "{"),
        ("", "\u{0}"),
        ("12", r#"[{"image": "a:1", "fqdn": "x"}]"#),
    ] {
        let spec = intake::default_spec(name, ("deployed_apps.json", payload));
        let inputs =
            Inputs { spec: ("mainstay.yaml", &spec), payload: ("deployed_apps.json", "[]") };
        let intake = intake::read(&inputs);
        let shown = text::render_all(&intake.diagnostics, &intake.sources, false);
        assert!(intake.platform.is_some(), "{name}: {spec}\n{shown}");
    }
}

#[test]
fn five_thousand_apps_and_strange_texts_are_answered() {
    let app = |n: usize| {
        format!(
            r#"{{"name":"app-{n}","image":"ghcr.io/acme/app:{n}","fqdn":"app-{n}.shop.example.com","resources":{{"limits":{{"cpu":"500m","memory":"256Mi"}}}}}}"#
        )
    };
    let apps: Vec<String> = (0..5000).map(app).collect();
    let payload = format!("[{}]", apps.join(","));
    let inputs =
        Inputs { spec: ("mainstay.yaml", SPEC), payload: ("deployed_apps.json", &payload) };
    let platform = intake::read(&inputs).platform.unwrap();
    assert!(check::platform(&platform).is_empty());
    let deep = "[".repeat(100_000);
    for strange in
        ["\u{0}", "{\"a\":\"\u{0}\"}", &deep, "[{\"image\":\"ä\u{202e}:1\"}]", "\u{feff}[]"]
    {
        for name in ["deployed_apps.json", "deployed_apps.yaml"] {
            let inputs = Inputs { spec: ("mainstay.yaml", strange), payload: (name, strange) };
            let intake = intake::read(&inputs);
            assert!(intake.platform.is_none());
            assert!(!text::render_all(&intake.diagnostics, &intake.sources, true).is_empty());
        }
    }
}

#[test]
fn an_app_that_no_cluster_keeps_is_refused() {
    let cases = [
        (131_000, vec![]),
        (132_000, vec!["C129"]),
        (1_500_000, vec!["C129"]),
        (1_600_000, vec!["C128", "C129"]),
    ];
    for (bytes, want) in cases {
        let payload = format!(
            r#"[{{"image": "ghcr.io/acme/web:1", "fqdn": "web.shop.example.com", "port": 8080,
                "resources": {{"limits": {{"cpu": 1, "memory": "256Mi"}}}},
                "env": {{"BIG": "{}"}}}}]"#,
            "x".repeat(bytes)
        );
        let inputs =
            Inputs { spec: ("mainstay.yaml", SPEC), payload: ("deployed_apps.json", &payload) };
        let found = check::platform(&intake::read(&inputs).platform.unwrap());
        let codes: Vec<String> = found.iter().map(|finding| finding.code.to_string()).collect();
        assert_eq!(codes, want);
    }
}

/// `docs/diagnostics.md` is made of the pages; `UPDATE_EXPECT=1` writes it anew.
#[test]
fn the_index_of_diagnostics_is_up_to_date() {
    let mut index = "# Diagnostics\n\nEverything that mainstay can say about a platform; `mainstay explain CODE` prints one.\nThis file is made of the constructors' doc comments in `crates/compile/src`.\n".to_owned();
    for page in codes::all() {
        let _ = write!(index, "\n## {}\n\n{}\n", page.code, page.title);
        if !page.text.is_empty() {
            let _ = write!(index, "\n{}\n", page.text);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &index).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), index, "run with UPDATE_EXPECT=1");
}
