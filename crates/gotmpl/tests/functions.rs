//! The function library against helm's recorded answers.
//!
//! Each line of `functions/*.jsonl` is a template body and what helm made of it: `want`, its
//! output in base64 where it is not UTF-8 (`want64`), or `error`, the end of its message.
//! `examples/record_functions.rs` writes the answers.
#![allow(clippy::disallowed_methods, reason = "a test reads its cases from disk")]

use gotmpl::{
    CallContext, Clock, Engine, Int, IntKind, MapType, Options, Param, TemplateSet, Value,
    functions,
};

#[derive(serde::Deserialize)]
struct Case {
    tpl: String,
    want: Option<String>,
    want64: Option<Vec<u8>>,
    error: Option<String>,
}

fn data() -> Value {
    let text = include_str!("functions/values.yaml");
    let values = yaml::decode_go2(text, &mut gotmpl::value::build::ValueBuilder)
        .expect("because the values are a file of this repository");
    // In a chart the values have a type of their own.
    let values = values.as_map().map(|map| Value::Map(map.with_type(MapType::Values)));
    Value::map([("Values", values.unwrap_or_default())])
}

/// What a template body gives, or why it fails.
fn render(body: &str) -> Result<Vec<u8>, String> {
    render_seeded(body, 0)
}

fn render_seeded(body: &str, seed: u8) -> Result<Vec<u8>, String> {
    let mut set = TemplateSet::new();
    set.add("pc/templates/_t.tpl", body.as_bytes()).map_err(|error| error.to_string())?;
    let options = Options {
        now: Clock { seconds: 1_700_000_000, ..Clock::default() },
        seed: [seed; 32],
        ..Options::default()
    };
    let mut engine = Engine::new(&set, options);
    engine.render("pc/templates/_t.tpl", &data()).map_err(|error| error.to_string())
}

fn check(case: &Case) -> Option<String> {
    let got = render(&case.tpl);
    let wanted = match (&case.want, &case.want64) {
        (Some(text), _) => Some(text.as_bytes()),
        (None, bytes) => bytes.as_deref(),
    };
    match (got, wanted, &case.error) {
        (Ok(got), Some(want), _) if got == want => None,
        (Ok(got), Some(want), _) => Some(format!(
            "  got {}\n want {}",
            String::from_utf8_lossy(&got),
            String::from_utf8_lossy(want)
        )),
        (Err(got), None, Some(error)) if got.ends_with(error.as_str()) => None,
        (Err(got), None, Some(error)) => Some(format!("  got error {got}\n want error {error}")),
        (Ok(got), None, error) => {
            Some(format!("  got {}\n want error {error:?}", String::from_utf8_lossy(&got)))
        }
        (Err(got), _, _) => Some(format!("  got error {got}\n want {:?}", case.want)),
    }
}

#[test]
fn functions_answer_as_helm() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/functions");
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("because the folder is in the repository")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("because it was just listed");
        for (number, line) in text.lines().enumerate() {
            let case: Case = serde_json::from_str(line).expect("because it was recorded");
            count += 1;
            if let Some(difference) = check(&case) {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                wrong.push(format!("{name}:{}: {}\n{difference}", number + 1, case.tpl));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
    println!("{count} cases");
}

#[test]
fn random_functions_follow_the_seed() {
    let body = r#"{{ randAlphaNum 20 }} {{ uuidv4 }} {{ shuffle "abcdefghij" }} {{ randBytes 9 }}
{{ genPrivateKey "ecdsa" }}{{ genPrivateKey "ed25519" }}{{ htpasswd "u" "p" }}
{{ (genSelfSignedCert "cn" (list "::1") (list "a.b") 9).Cert }}"#;
    let first = render_seeded(body, 1).expect("because it is a good template");
    assert_eq!(first, render_seeded(body, 1).expect("because it is a good template"));
    assert_ne!(first, render_seeded(body, 2).expect("because it is a good template"));
}

/// Values of a type, friendly and not.
fn samples(parameter: Param) -> Vec<Value> {
    let ints = [0, 1, -1, 2, 7, 64, -100, 5_000, i64::MAX, i64::MIN];
    let texts: [&[u8]; 12] = [
        b"",
        b"a",
        b"\xff\xfe\0",
        "h\u{e9}llo \u{1f600}\n".as_bytes(),
        b"(((((",
        b"{{",
        b"%",
        b"-5",
        b"1.5h",
        b"2006-01-02T15:04:05Z07:00 MST .999",
        b"a: [b, {c: d}]",
        b"[a-z]+\\",
    ];
    let text = |text: &&[u8]| Value::string(*text);
    let mut deep = Value::list(Vec::new());
    for _ in 0..3_000 {
        deep = Value::list(vec![deep]);
    }
    let lists = [
        Value::list(Vec::new()),
        Value::list(vec![Value::Nil, Value::int(1), Value::string("x"), Value::Float(f64::NAN)]),
        deep,
    ];
    let maps = [
        Value::map([("", Value::Nil)]),
        Value::map([("a", Value::map([("b", Value::Bool(true))])), ("c", Value::string("d"))]),
    ];
    let mut all = vec![Value::Nil];
    match parameter {
        Param::String => all = texts.iter().map(text).collect(),
        Param::Int => all = ints.into_iter().map(Value::int).collect(),
        Param::Bool => all = vec![Value::Bool(true)],
        Param::Float64 => all = vec![Value::Float(0.5), Value::Float(f64::NAN)],
        Param::Dict => all.extend(maps),
        Param::List => all.extend(lists),
        _ => {
            all.extend(texts.iter().map(text));
            all.extend(ints.into_iter().map(Value::int64));
            all.push(Value::Int(Int::new(IntKind::Uint64, -1)));
            all.extend([0.0, -1.5, 1e300, f64::NAN, f64::INFINITY].map(Value::Float));
            all.extend(lists);
            all.extend(maps);
        }
    }
    all
}

#[test]
fn no_argument_makes_a_function_panic() {
    let slow = ["bcrypt", "htpasswd", "derivePassword"];
    for entry in functions::all().filter(|entry| !slow.contains(&entry.name)) {
        if entry.name.starts_with("gen") {
            continue;
        }
        let mut parameters = entry.signature.params.to_vec();
        parameters.extend(entry.signature.variadic.into_iter().flat_map(|rest| [rest, rest]));
        let choices: Vec<_> = parameters.iter().map(|&parameter| samples(parameter)).collect();
        // A walk through the combinations.
        for step in 0..150 {
            let mut left = step * 7_919;
            let arguments: Vec<Value> = choices
                .iter()
                .map(|samples| {
                    let at = left % samples.len();
                    left = left / samples.len() + step;
                    samples[at].clone()
                })
                .collect();
            let options = Options { fuel: 1_000_000, ..Options::default() };
            let mut context = CallContext::new(options);
            // Any answer will do.
            let _ = (entry.function)(&mut context, &arguments);
        }
    }
}
