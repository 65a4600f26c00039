//! What kubeseal 0.36.6 made of Secrets, recorded, and what we make of them: the same bytes but for the sealed
//! values, and each opens the other's.
//!
//! A case is arguments, an input and the recorded answer; `kubeseal/record.sh` asks again.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may read its cases"
)]

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seal::key::{KeyRing, NoRandomness, SealingKey, SessionKey, SessionKeys};
use seal::layout::{self, Certificate, Scope};
use seal::secret::{self, FillIn, Format, Options};
use zeroize::Zeroizing;

/// Cases that kubeseal answers and we refuse: a number or truth value whose text reading would change.
const STRICTER: &[&str] = &["reading-changes-it"];

struct Counted(u8);

impl SessionKeys for Counted {
    fn next(&mut self) -> Result<SessionKey, NoRandomness> {
        self.0 = self.0.wrapping_add(1);
        Ok(SessionKey::new(&mut [self.0; 32]))
    }
}

struct NoTemplates;

impl FillIn for NoTemplates {
    fn parse(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn fill_in(&self, _: &str, _: &str, _: &[(&str, &[u8])]) -> Result<Zeroizing<Vec<u8>>, String> {
        Err("no case has templates".to_owned())
    }
}

#[test]
fn the_same_bytes_but_for_the_sealed_values() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubeseal");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let key = SealingKey::new(&Certificate::read(&read("test-certificate.crt")).unwrap()).unwrap();
    let mut keys = KeyRing::default();
    keys.add("test-key", &read("test-key")).unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("cases")).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 40);
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let case = std::fs::read_to_string(file).unwrap();
        let (arguments, rest) = case.split_once("=== input\n").unwrap();
        let (input, wanted) = rest.split_once("=== answer\n").unwrap();
        let arguments = arguments.strip_prefix("=== arguments\n").unwrap();
        let (options, format) = read_arguments(arguments);
        let (secrets, found) = secret::read(&Arc::from("input"), input, options);
        let ours = match found.iter().any(text::Diagnostic::is_error) {
            true => None,
            false => Some(sealed(&secrets, &key, format)),
        };
        match (wanted.ends_with("=== failed\n"), ours) {
            (true, None) => {}
            (false, None) if STRICTER.contains(&name) => {}
            (false, Some(ours)) if masked(&ours) == masked(wanted) && !STRICTER.contains(&name) => {
                if opened(&ours, &keys) != opened(wanted, &keys) {
                    wrong.push(format!("{name}: other values"));
                }
            }
            (failed, ours) => wrong.push(format!(
                "{name}: kubeseal {}, we {}",
                if failed { "failed" } else { "answered" },
                ours.map_or_else(
                    || format!("{found:?}"),
                    |ours| testkit::difference(&masked(wanted), &masked(&ours))
                )
            )),
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

fn read_arguments(line: &str) -> (Options<'_>, Format) {
    let (mut options, mut format) = (Options::default(), Format::Json);
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "--allow-empty-data" => options.allow_empty = true,
            "--scope" => options.scope = Scope::parse(words.next().unwrap()),
            "-n" => options.namespace = words.next(),
            "--name" => options.name = words.next(),
            "-o" if words.next() == Some("yaml") => format = Format::Yaml,
            "-o" => {}
            other => panic!("{other}"),
        }
    }
    (options, format)
}

fn sealed(secrets: &[secret::Secret], key: &SealingKey, format: Format) -> String {
    let mut session_keys = Counted(0);
    let write = |secret| {
        let sealed = secret::sealed_secret(secret, key, &mut session_keys).unwrap();
        secret::write(&sealed, format)
    };
    secrets.iter().map(write).collect()
}

/// Replaces sealed values, which are other ones on every run.
fn masked(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        match line.find("AQ").filter(|_| line.len() > 300) {
            Some(at) => {
                let end = line[at..].find(['"', '\n']).map_or(line.len(), |end| at + end);
                out.push_str(&line[..at]);
                out.push_str("SEALED");
                out.push_str(&line[end..]);
            }
            None => out.push_str(line),
        }
    }
    out
}

/// Opens everything: names and values.
fn opened(text: &str, keys: &KeyRing) -> Vec<String> {
    let documents: Vec<&str> = match text.starts_with('{') {
        true => text.split_inclusive("\n}\n").collect(),
        false => vec![text],
    };
    let sealed = documents.into_iter().flat_map(|document| layout::read(document).unwrap());
    let open = |one: layout::SealedSecret| {
        let secret = secret::unseal(&Arc::from("sealed"), &one, keys, &NoTemplates).unwrap().0;
        let mut line = format!("{}/{}", secret.namespace, secret.name);
        for entry in &secret.entries {
            line.push_str(&format!(" {}={}", entry.key, STANDARD.encode(&entry.value)));
        }
        line
    };
    sealed.map(open).collect()
}
