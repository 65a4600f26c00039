//! Nothing panics, nothing grows without bound, and the short way through the parser is the same as
//! the long one.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test reads its cases"
)]

#[allow(dead_code, reason = "not every test file needs all of it")]
mod common;

use proptest::prelude::*;
use yaml::events::{Dialect, Event, EventKind, Parser};
use yaml::{Error, Schema, Value, edit};

/// Reads a text in every way there is, and writes and edits what comes out.
fn exercise(bytes: &[u8]) {
    let value = Value::decode_go2(bytes);
    let head = yaml::validate_head(bytes);
    assert_eq!(value.as_ref().err(), head.as_ref().err());
    if let (Ok(value), Ok(head)) = (&value, &head) {
        check_head(bytes, value, head);
    }
    drop(yaml::decode_all_go2(bytes, &mut yaml::ValueBuilder));
    if let Ok(value) = &value {
        check_written(value);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    drop(yaml::json::parse(text));
    drop(yaml::scalar_go2(text));
    for schema in [Schema::Go2, Schema::Go3, Schema::Core12] {
        if let Ok(nodes) = yaml::parse_all(text, schema) {
            nodes.iter().for_each(|node| drop(Value::from(node)));
        }
    }
    compare_ways(text);
    if let Ok(path) = edit::Path::parse(text) {
        drop(edit::set("a: {b: [1, 2]}\n", 0, &path, &Value::Int(3)));
        assert_eq!(edit::Path::parse(&path.to_string()).as_ref(), Ok(&path));
    }
    for path in ["a", "a.b", "b[0]", "/0"] {
        let path = edit::Path::parse(path).unwrap();
        for new in [Value::String(text.to_owned()), Value::Null, Value::Int(7)] {
            drop(edit::set(text, 0, &path, &new));
        }
    }
}

/// The head is what the whole document says.
fn check_head(bytes: &[u8], value: &Value, head: &yaml::Head) {
    let shown = String::from_utf8_lossy(bytes);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let metadata = value.get("metadata");
    assert_eq!(head.is_null, value.is_null(), "{shown}");
    assert_eq!(head.is_map, value.as_map().is_some(), "{shown}");
    assert_eq!(head.api_version, text(value.get("apiVersion")), "{shown}");
    assert_eq!(head.kind, text(value.get("kind")), "{shown}");
    assert_eq!(head.name, text(metadata.and_then(|it| it.get("name"))), "{shown}");
    assert_eq!(head.namespace, text(metadata.and_then(|it| it.get("namespace"))), "{shown}");
    let annotations = metadata.and_then(|it| it.get("annotations")).and_then(Value::as_map);
    let texts = annotations.into_iter().flatten();
    let mut texts: Vec<_> =
        texts.filter_map(|(key, it)| Some((key.clone(), it.as_str()?.to_owned()))).collect();
    let mut found = head.annotations.clone();
    texts.sort();
    found.sort();
    assert_eq!(found, texts, "{shown}");
    if head.is_plain {
        let all = annotations.into_iter().flatten().count();
        assert_eq!(all, texts.len(), "{shown}");
        for (part, found) in [("apiVersion", &head.api_version), ("kind", &head.kind)] {
            assert_eq!(value.get(part).is_some(), found.is_some(), "{shown}");
        }
    }
}

/// What is written is read as the same value again.
fn check_written(value: &Value) {
    let Ok(written) = yaml::write_go2(value) else { return };
    let again = Value::decode_go2(written.as_bytes());
    // Line breaks beyond ASCII and the key `<<` do not survive Go's own writer.
    if !written.contains(['\u{85}', '\u{2028}', '\u{2029}']) && !written.contains("<<:") {
        let again = again.unwrap_or_else(|error| panic!("{written:?}: {error}"));
        assert_eq!(yaml::to_string_go2(&again), written);
    }
}

fn events(text: &str, dialect: Dialect) -> Result<Vec<Event<'_>>, Error> {
    let mut parser = Parser::new(text).with_dialect(dialect);
    let mut events = Vec::new();
    loop {
        let event = parser.next_event()?;
        let last = event.kind == EventKind::StreamEnd;
        events.push(event);
        if last {
            return Ok(events);
        }
    }
}

/// yaml.v3's lookahead forbids the short way.
fn compare_ways(text: &str) {
    match (events(text, Dialect::Go2), events(text, Dialect::Go3)) {
        (Ok(short), Ok(long)) => assert_eq!(short, long, "{text:?}"),
        (short, long) => assert_eq!(short.is_ok(), long.is_ok(), "{text:?}"),
    }
}

/// Pieces of which YAML-like texts are made.
fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b: ",
        "key:",
        "\n",
        "\n  ",
        "\n- ",
        "- ",
        "? ",
        ": ",
        ":",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&x ",
        "*x",
        "!!str ",
        "!e!t ",
        "'",
        "\"",
        "\\",
        "\\n",
        "|",
        "|-\n",
        ">2",
        "# c",
        " #",
        "\t",
        " ",
        "1",
        "0x",
        "~",
        "<<: ",
        "---",
        "\n---\n",
        "...",
        "%YAML 1.1\n",
        "@",
        "é",
        "\u{85}",
        "\u{2028}",
        "🚀",
        "\r\n",
        "\r",
        "\u{feff}",
        "\0",
        "\u{7f}",
        "text: |\n  x\n",
        "k: v\n",
        "- a: 1\n  b: 2\n",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

/// Lines as manifests have them, more or less in order.
fn manifest() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "apiVersion: v1",
        "kind: Secret",
        "KIND: x",
        "metadata:",
        "name: web",
        "name: 12",
        "name:",
        "name: >-",
        "name: 'it''s'",
        "name: web # c",
        "namespace: shop",
        "annotations:",
        "annotations: {}",
        "Annotations: {}",
        "helm.sh/hook: pre-install",
        "\"helm.sh/hook\": \"test\"",
        "on: yes",
        "null: 1",
        "labels: {}",
        "data: []",
        "a: [1, 2]",
        "- x",
        "- x: 1",
        "- - y",
        "-",
        "- \"a b\": c",
        "- 'q'",
        "- key: |",
        "-1",
        "x: --flag",
        "text: |",
        "text: >-",
        "text: |2",
        "\"a\\\"b\": c",
        "x: \"a\\nb\"",
        "x: \"a\" b",
        "x: 'a",
        "b: c'",
        "it''s'",
        "x: \"a\\",
        "b\\n\"",
        "c\" # d",
        "c' d",
        "x: .inf",
        "x: 1e400",
        "x: a: b",
        "x: a:",
        "x: a#b",
        "x: a #b",
        "more words",
        "more: words here",
        "# comment",
        "",
        "  ",
        "\t",
        "x: y\tz",
        "x: *a",
        "x: &a b",
        "x: é",
        "é: x",
        "x: \u{85}",
        "...",
        "---",
        "? a",
        "key : x",
        "<<: x",
        "x: |+",
        "x: <<",
        "https://example.com: x",
        "x: https://example.com",
    ]);
    let indent = prop::sample::select(vec![0_usize, 0, 0, 2, 2, 2, 2, 4, 4, 4, 6, 1, 3]);
    let lines = prop::collection::vec((indent, line), 0..12);
    let begin =
        prop::sample::select(vec!["", "a: b\n", "kind: A\nmetadata:\n  name: b\n", "a:\n  - "]);
    (begin, lines).prop_map(|(begin, lines)| {
        let mut text = begin.to_owned();
        for (indent, line) in lines {
            text.push_str(&" ".repeat(indent));
            text.push_str(line);
            text.push('\n');
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn soup_is_read_or_refused(text in soup()) {
        exercise(text.as_bytes());
    }

    #[test]
    fn lines_are_read_or_refused(text in manifest()) {
        exercise(text.as_bytes());
        exercise(text.trim_end().as_bytes());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        exercise(&bytes);
    }

    #[test]
    fn any_text_is_written_and_read_again(text in any::<String>(), key in any::<String>()) {
        let map = [(key, Value::String(text))].into_iter().collect();
        check_written(&Value::List(vec![Value::Map(map)]));
    }
}

#[test]
fn charts_are_read_the_same_both_ways() {
    let Some(folder) = common::corpus("charts/want") else { return };
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        if text.len() < 2_000_000 {
            compare_ways(&text);
        }
    }
}

#[test]
fn nesting_is_bounded() {
    for open in ["[", "{", "- ", "? ", "[{", "a: [", "- - ", "{a: ", "[? ", "&a [", "!t {"] {
        let text = open.repeat(100_000);
        let error = Value::decode_go2(text.as_bytes()).unwrap_err();
        assert!(error.message.contains("exceeded max depth"), "{open}: {error}");
        assert!(yaml::parse(&text, Schema::Go3).is_err());
        assert!(yaml::validate_head(&text).is_err());
        assert!(yaml::json::parse(&text).is_err());
    }
    let mut steps = String::new();
    for depth in 0..20_000 {
        steps.push_str(&" ".repeat(depth % 2_000));
        steps.push_str("a:\n");
    }
    drop(Value::decode_go2(steps.as_bytes()));
}

#[test]
fn aliases_do_not_explode() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
    }
    let error = Value::decode_go2(text.as_bytes()).unwrap_err();
    assert_eq!(error.message, "document contains excessive aliasing");
    assert!(yaml::parse(&text, Schema::Go3).is_err());
    assert!(edit::set(&text, 0, &edit::Path::parse("a0[0]").unwrap(), &Value::Int(1)).is_ok());
}

#[test]
fn large_texts_are_read() {
    let block = "- name: value with some words in it\n  list: [1, 2, 3]\n  text: |\n    line\n";
    let text = block.repeat(10_000_000 / block.len());
    assert_eq!(
        Value::decode_go2(text.as_bytes()).unwrap().as_list().unwrap().len(),
        10_000_000 / block.len()
    );
    let line = format!("a: {}\n", "x".repeat(10_000_000));
    assert!(Value::decode_go2(line.as_bytes()).is_ok());
    let flow = format!("[{}]", "é, ".repeat(1_000_000));
    assert!(Value::decode_go2(flow.as_bytes()).is_ok());
    let spaces = format!("a:{}b", " ".repeat(5_000_000));
    assert!(Value::decode_go2(spaces.as_bytes()).is_ok());
}
