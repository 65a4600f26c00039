//! A value put into SealedSecrets as people write them: where it goes, that nothing else changes, and what is refused.
//!
//! A case of `places` is a text before, the text after the value `k` was merged into it (`NEW` stands for what is
//! sealed), and what another YAML parser reads in both, which `places/record.sh` asks again.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may read its cases"
)]

use std::path::Path;
use std::sync::Arc;

use seal::key::{NoRandomness, SealingKey, SessionKey, SessionKeys};
use seal::layout::{self, Certificate};
use seal::secret::{self, Options};
use serde_json::{Value, json};

struct Fixed;

impl SessionKeys for Fixed {
    fn next(&mut self) -> Result<SessionKey, NoRandomness> {
        Ok(SessionKey::new(&mut [1; 32]))
    }
}

const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: prod}\nstringData: {k: v}\n";

#[test]
fn the_value_is_put_where_it_belongs_and_another_parser_reads_nothing_else_that_differs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let certificate = folder.join("kubeseal/test-certificate.crt");
    let certificate = Certificate::read(&std::fs::read_to_string(certificate).unwrap()).unwrap();
    let key = SealingKey::new(&certificate).unwrap();
    let files = std::fs::read_dir(folder.join("places")).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|it| it.extension().is_some_and(|it| it == "txt")).collect();
    files.sort();
    assert!(files.len() >= 20);
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for path in &files {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let case = std::fs::read_to_string(path).unwrap();
        let (head, rest) = case.split_once("\n=== before\n").unwrap();
        let (before, rest) = rest.split_once("\n=== after\n").unwrap();
        let (wanted, answer) = rest.split_once("\n=== answer\n").unwrap();
        let after = merged(before, &key);
        if update {
            let case =
                format!("{head}\n=== before\n{before}\n=== after\n{after}\n=== answer\n{answer}");
            std::fs::write(path, case).unwrap();
        } else if after != wanted {
            wrong.push(format!("{name}: {after}"));
        } else if let Some(why) = read_otherwise(answer, after.starts_with("refused: ")) {
            wrong.push(format!("{name}: {why}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text with the value merged into it, or why it is refused.
fn merged(text: &str, key: &SealingKey) -> String {
    let (file, input): (Arc<str>, Arc<str>) = ("x.yaml".into(), "input".into());
    let options = Options::default();
    match secret::merge_into((&file, text), (&input, SECRET), options, key, &mut Fixed).unwrap() {
        Err(found) => {
            let said: Vec<_> =
                found.iter().map(|it| format!("{} {}", it.code, it.message)).collect();
            format!("refused: {}", said.join("; "))
        }
        Ok(merged) => {
            let sealed = layout::read(&merged.text).unwrap();
            let item = sealed.iter().flat_map(|it| &it.items).find(|item| item.key == "k").unwrap();
            if serde_json::from_str::<Value>(text).is_ok() {
                assert!(serde_json::from_str::<Value>(&merged.text).is_ok(), "JSON no more");
            }
            merged.text.replace(item.text.as_deref().unwrap().trim_end(), "NEW")
        }
    }
}

/// Why the other parser's answers are not those of a text and the same text with the value in it.
fn read_otherwise(answer: &str, is_refused: bool) -> Option<String> {
    let read: Vec<Value> = answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    match read.as_slice() {
        [_] if is_refused => None,
        [before, after] if !is_refused => {
            let mut wanted = before.clone();
            put(&mut wanted);
            let mut after = after.clone();
            without_line_end(&mut after);
            (after != wanted).then(|| format!("{after} and not {wanted}"))
        }
        read => Some(format!("{} answers are recorded", read.len())),
    }
}

fn put(value: &mut Value) {
    if value["kind"] == "SealedSecret" {
        value["spec"]["encryptedData"]["k"] = json!("NEW");
    } else if let Some(items) = value.get_mut("items").and_then(Value::as_array_mut) {
        items.iter_mut().filter(|item| item.is_object()).for_each(put);
    }
}

/// A block keeps its line ends, which no sealed value is bound to.
fn without_line_end(value: &mut Value) {
    match value {
        Value::String(text) if text.trim_end_matches('\n') == "NEW" => *text = "NEW".to_owned(),
        Value::Array(items) => items.iter_mut().for_each(without_line_end),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| without_line_end(value)),
        _ => {}
    }
}
