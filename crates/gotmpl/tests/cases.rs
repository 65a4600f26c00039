//! Bodies with the answers that helm 4.3.1 gave: the output, or the error as helm words it.
//!
//! Each line of `cases/*.jsonl` is `{"tpl": body, "ok": whether it rendered, "out": the answer}`;
//! the chart is that of `corpus/go-template`, with its values in `cases/values.yaml`.
#![allow(clippy::disallowed_methods, reason = "tests read their cases from disk")]

mod support;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

#[test]
fn answers_as_helm_does() {
    let values = std::fs::read_to_string(format!("{CASES}/values.yaml")).expect("values.yaml");
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(CASES)
        .expect("the folder of cases is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a file of cases is readable");
        for (line, case) in text.lines().enumerate() {
            count += 1;
            let case: serde_json::Value = serde_json::from_str(case).expect("a case is JSON");
            let body = case["tpl"].as_str().expect("a case has a body");
            let answer = support::render(body, ".", &support::context(&values));
            let want = case["out"].as_str().expect("a case has an answer");
            let fits = match &answer {
                Ok(output) => case["ok"] == true && output == want,
                Err(error) => case["ok"] == false && error == want,
            };
            if !fits {
                let place = format!("{}:{}", file.display(), line + 1);
                wrong.push(format!("{place}: {body}\n  got  {answer:?}\n  want {want:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 0, "there are no cases");
}
