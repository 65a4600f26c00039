//! Public charts, compared byte for byte with what helm 4.3.1 printed.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests read recorded answers and say when there are none"
)]

use std::path::PathBuf;

use helm::{Chart, Options, Print, Release, ValuesInput};

fn corpus() -> Option<PathBuf> {
    let folder =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/charts"));
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("MAINSTAY_REQUIRE_CORPUS").is_none(), "{folder:?} is missing");
    println!("left out: {} is not there", folder.display());
    None
}

#[test]
fn public_charts_render_as_helm_renders_them() {
    let Some(folder) = corpus() else { return };
    let read = |path: &str| std::fs::read(folder.join(path)).expect("the corpus is complete");
    let cases: serde_json::Value =
        serde_json::from_slice(&read("cases.json")).expect("the cases are JSON");
    let mut differences = Vec::new();
    let mut count = 0;
    for case in cases.as_array().expect("the cases are a list") {
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        if case["deterministic"] != true {
            continue;
        }
        count += 1;
        let chart = Chart::from_archive(&read(&text("chart"))).expect("the chart is sound");
        let mut values = ValuesInput::default();
        if let Some(file) = case["values"].as_str() {
            values.files.push((file.to_owned(), read(&format!("values/{file}"))));
        }
        let mut options = Options::default();
        for argument in case["args"].as_array().into_iter().flatten() {
            match argument.as_str() {
                Some("--include-crds") => options.include_crds = true,
                other => panic!("unknown argument {other:?}"),
            }
        }
        let release = Release::new(text("release"), text("namespace"));
        let got = helm::render(&chart, &release, &values, &options)
            .and_then(|rendered| rendered.to_bytes(&Print::default()));
        let want = read(&format!("want/{}", text("want")));
        match got {
            Ok(got) if got == want => {}
            Ok(got) => differences.push(format!("{}: {}", text("want"), first(&got, &want))),
            Err(error) => differences.push(format!("{}: {error}", text("want"))),
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {count}:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

fn first(got: &[u8], want: &[u8]) -> String {
    let (got, want) = (String::from_utf8_lossy(got), String::from_utf8_lossy(want));
    for (at, (got, want)) in got.lines().zip(want.lines()).enumerate() {
        if got != want {
            return format!("line {}: got {got:?}, want {want:?}", at + 1);
        }
    }
    format!("{} lines, want {}", got.lines().count(), want.lines().count())
}
