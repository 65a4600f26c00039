//! A chart's values, a values file and a parent's: merged and rendered, whatever they hold.
#![no_main]

use helm::{Chart, Options, Release, ValuesInput};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &str)| {
    let (own, child, given) = input;
    let files = [
        ("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n"),
        ("values.yaml", own),
        ("templates/a.yaml", "a: {{ toJson .Values | quote }}\n"),
        ("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n"),
        ("charts/b/values.yaml", child),
        ("charts/b/templates/b.yaml", "b: {{ toJson .Values | quote }}\n"),
    ];
    let Ok(chart) = Chart::from_files(files.map(|(path, text)| (path, text.as_bytes()))) else {
        return;
    };
    let values = ValuesInput {
        files: vec![("given.yaml".into(), given.as_bytes().to_vec())],
        ..ValuesInput::default()
    };
    let _ = helm::render(&chart, &Release::new("r", "n"), &values, &Options::default());
});
