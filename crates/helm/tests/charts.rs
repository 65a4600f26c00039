//! Small charts for single rules, with the answers of helm 4.3.1; `examples/record.rs` asks it.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests read files of their own and say what they found"
)]

mod cases;

#[test]
fn small_charts_are_answered_as_helm_answers_them() {
    let wanted = std::env::var("CASE").unwrap_or_default();
    let mut failed = Vec::new();
    let mut count = 0;
    for case in cases::all() {
        let name = case.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.contains(&wanted) {
            continue;
        }
        count += 1;
        let want = case.answer.clone().expect("because answers are recorded");
        let got = cases::answer(&case);
        if cases::comparable(&got) != cases::comparable(&want) {
            failed.push(format!("{name}\n--- got\n{}\n--- want\n{}", shown(&got), shown(&want)));
        }
    }
    assert!(failed.is_empty(), "{} of {count} differ\n{}", failed.len(), failed.join("\n\n"));
    assert!(count > 0, "there are no cases");
}

/// The facts about helm are numbered from 1 to 52; the cases of each begin with its number.
#[test]
fn every_known_trap_has_a_case() {
    let names: Vec<String> = cases::all()
        .iter()
        .filter_map(|case| Some(case.path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let missing: Vec<String> = (1..=52)
        .map(|number| format!("{number:02}-"))
        .filter(|number| !names.iter().any(|name| name.starts_with(number)))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

fn shown(answer: &Result<String, String>) -> String {
    match answer {
        Ok(text) => text.clone(),
        Err(text) => format!("FAILED\n{text}"),
    }
}
