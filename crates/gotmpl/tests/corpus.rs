//! The recorded answers of helm 4.3.1 to `corpus/go-template`.
#![allow(clippy::disallowed_methods, reason = "tests read the recorded answers from disk")]
#![allow(clippy::print_stdout, reason = "a test says what it leaves out")]

mod support;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/go-template");

/// Runs one file of cases; `argument` is what the body is given as dot.
fn check(file: &str, argument: &str) {
    let Ok(cases) = std::fs::read_to_string(format!("{CORPUS}/{file}")) else {
        assert!(
            std::env::var_os("MAINSTAY_REQUIRE_CORPUS").is_none(),
            "the recorded answers are not there: {CORPUS}"
        );
        println!("left out: the recorded answers are not there: {CORPUS}");
        return;
    };
    let values = std::fs::read_to_string(format!("{CORPUS}/values.yaml"))
        .expect("the values belong to the answers");
    let cases: serde_json::Value = serde_json::from_str(&cases).expect("the cases are JSON");
    let cases = cases.as_array().expect("the cases are a list");
    let mut wrong = Vec::new();
    for case in cases {
        let body = case["tpl"].as_str().expect("a case has a body");
        let data = support::context(&values);
        let answer = support::render(body, argument, &data);
        let fits = match (&answer, case["ok"].as_bool(), case["err"].as_str()) {
            (Ok(output), Some(true), _) => Some(output.as_str()) == case["want"].as_str(),
            (Err(error), Some(false), Some(want)) => {
                format!("Error: {error}\n\nUse --debug flag to render out invalid YAML") == want
            }
            (Err(_), Some(false), None) => true,
            _ => false,
        };
        if !fits {
            wrong.push(format!(
                "{body}\n  got  {answer:?}\n  want {} {}",
                case["want"], case["err"]
            ));
        }
    }
    let count = cases.len();
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn probes() {
    check("probes.json", ".");
}

#[test]
fn sprig() {
    check("sprig.json", "(dict)");
}
