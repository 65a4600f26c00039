//! Texts with SealedSecrets: sealed anew, merged into, opened; every byte that is not a sealed value stays.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may read its cases")]

use std::path::Path;
use std::sync::Arc;

use seal::key::{KeyPair, KeyRing, NoRandomness, SealingKey, SessionKey, SessionKeys, TEN_YEARS};
use seal::layout::{self, Certificate, Scope};
use seal::secret::{self, FillIn, Guess, Options};
use zeroize::Zeroizing;

struct Counted(u8);

impl SessionKeys for Counted {
    fn next(&mut self) -> Result<SessionKey, NoRandomness> {
        self.0 = self.0.wrapping_add(1);
        Ok(SessionKey::new(&mut [self.0; 32]))
    }
}

/// Fills in nothing but the word `.a`.
struct Simple;

impl FillIn for Simple {
    fn parse(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn fill_in(
        &self,
        _: &str,
        template: &str,
        values: &[(&str, &[u8])],
    ) -> Result<Zeroizing<Vec<u8>>, String> {
        let a = values.iter().find(|(key, _)| *key == "a").ok_or("no a")?.1;
        let filled = template.replace("{{ .a }}", std::str::from_utf8(a).unwrap());
        Ok(Zeroizing::new(filled.into_bytes()))
    }
}

fn old() -> (SealingKey, KeyRing) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubeseal");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let certificate = Certificate::read(&read("test-certificate.crt")).unwrap();
    let mut keys = KeyRing::default();
    keys.add("old", &read("test-key")).unwrap();
    (SealingKey::new(&certificate).unwrap(), keys)
}

/// Puts sealed values in the place of `«NAMESPACE/NAME/VALUE»` (or `«NAMESPACE//VALUE»` …).
fn fill(text: &str, key: &SealingKey) -> String {
    let mut out = String::new();
    let mut keys = Counted(0);
    for (at, part) in text.split(['«', '»']).enumerate() {
        if at % 2 == 0 {
            out.push_str(part);
            continue;
        }
        let mut words = part.splitn(3, '/');
        let mut next = || words.next().unwrap();
        let (namespace, name, value) = (next(), next(), next());
        let scope = match (namespace, name) {
            ("", _) => Scope::ClusterWide,
            (_, "") => Scope::NamespaceWide,
            _ => Scope::Strict,
        };
        let label = scope.label(namespace, name);
        out.push_str(&key.seal_text(value.as_bytes(), &label, keys.next().unwrap()).unwrap());
    }
    out
}

const TEXT: &str = "# why this is here\r
apiVersion: bitnami.com/v1alpha1\r
kind: SealedSecret\r
metadata: {name: db, namespace: prod}   # strict\r
spec:\r
  encryptedData:\r
    plain: «prod/db/1»   # one\r
    'single': '«prod/db/2»'\r
    double: \"«prod/db/3»\"\r
    empty: «prod/db/»\r
  template: {metadata: {labels: {a: b}, annotations: {helm.sh/hook: x}}, data: {made: \"{{ .plain }}\"}}\r
--- # another document\r
kind: ConfigMap\r
apiVersion: v1\r
data: {x: AgA}\r
---
{\"apiVersion\": \"bitnami.com/v1alpha1\", \"kind\": \"SealedSecret\", \"metadata\": {\"name\": \"wide\", \"namespace\": \"prod\",
  \"annotations\": {\"sealedsecrets.bitnami.com/namespace-wide\": \"true\"}}, \"spec\": {\"encryptedData\": {\"k\":\"«prod//4»\"}}}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: cluster
  annotations:
    sealedsecrets.bitnami.com/cluster-wide: \"true\"
spec:
  encryptedData:
    folded: >-
      «//5»
    last: «//6»";

#[test]
fn only_sealed_values_change_and_a_second_run_changes_nothing() {
    let (key, mut keys) = old();
    let text = fill(TEXT, &key);
    let pair = KeyPair::generate([1; 16], 1_795_000_000, TEN_YEARS).unwrap();
    let to = SealingKey::new(&pair.certificate).unwrap();
    let file: Arc<str> = "x.yaml".into();
    let again = |text: &str, keys: &KeyRing| {
        secret::reseal(&file, text, keys, &to, &[], &mut Counted(0)).unwrap().unwrap()
    };
    let resealed = again(&text, &keys);
    assert_eq!((resealed.items, resealed.left), (7, 0));
    assert_eq!(resealed.opened_by["old"], 7);
    let without = |text: &str| {
        let mut text = text.to_owned();
        for item in layout::read(&text).unwrap().iter().rev().flat_map(|it| it.items.iter().rev()) {
            // A block ends with its line.
            let end = if text[item.place.range()].ends_with('\n') { "\n" } else { "" };
            text.replace_range(item.place.range(), end);
        }
        text
    };
    // A folded value becomes a plain one; all else is the same.
    assert_eq!(without(&text), without(&resealed.text));

    keys.insert("new".to_owned(), pair.key);
    let second = again(&resealed.text, &keys);
    assert_eq!((second.items, second.left), (0, 7));
    assert_eq!(second.text, resealed.text);
    let opened = layout::read(&resealed.text).unwrap();
    let values: Vec<String> = opened
        .iter()
        .flat_map(|one| {
            let one = layout::SealedSecret { templates: Vec::new(), ..one.clone() };
            secret::unseal(&file, &one, &keys, &Simple).unwrap().0.entries
        })
        .map(|entry| String::from_utf8(entry.value.to_vec()).unwrap())
        .collect();
    assert_eq!(values, ["3", "", "1", "2", "4", "5", "6"]);
}

#[test]
fn all_of_a_file_or_nothing_and_every_value_that_does_not_open_is_named() {
    let (key, keys) = old();
    let file: Arc<str> = "x.yaml".into();
    let text = fill(
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: prod}\nspec:\n  encryptedData:\n    good: «prod/db/1»\n    moved: «prod/other/2»\n    wide: «//3»\n    strange: «else/where/4»\n    broken: hunter2\n    cut: AAAA\n",
        &key,
    );
    let found =
        secret::reseal(&file, &text, &keys, &key, &[], &mut Counted(0)).unwrap().unwrap_err();
    let codes: Vec<String> = found.iter().map(|finding| finding.code.to_string()).collect();
    assert_eq!(codes, ["S131", "S131", "S140"]);
    assert_eq!(found[2].message, "no key opens the values of `moved`, `wide`, `strange`");
    let sealed = layout::read(&text).unwrap();
    let guess = Guess::new(vec!["dev".into()], vec!["other".into()]);
    let wanted = [
        "S141 the value of `moved` is sealed for `prod/other`, and stands in `prod/db`",
        "S141 the value of `wide` is sealed for the whole cluster, and stands in `prod/db`",
        "S140 no key opens the value of `strange`",
    ];
    let said = |found: &[text::Diagnostic]| -> Vec<String> {
        found.iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect()
    };
    let explained = secret::explain_unopened(found, &file, &sealed, &keys, &guess);
    assert_eq!(said(&explained)[2..], wanted);
    let guess = Guess::new(vec!["dev".into()], vec!["other".into()]);
    let found = secret::check_opens(&file, &sealed, &keys, None, &guess, &Simple);
    assert_eq!(said(&found), wanted);
    assert!(!layout::blotted(&text, &sealed).contains("hunter2"));
    let old_key = secret::check_opens(&file, &sealed, &keys, Some("SHA256:other"), &guess, &Simple);
    assert!(old_key.iter().any(|finding| finding.code.to_string() == "S142"));
}

#[test]
fn of_values_of_one_sealed_secret_the_same_is_said_once() {
    let (key, mut keys) = old();
    let file: Arc<str> = "x.yaml".into();
    let pair = KeyPair::generate([1; 16], 1_795_000_000, TEN_YEARS).unwrap();
    let newer = SealingKey::new(&pair.certificate).unwrap();
    let head = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: prod}\nspec:\n  encryptedData:\n";
    let old = fill(&format!("{head}    a: «prod/db/1»\n    b: «prod/db/2»\n"), &key);
    let new = fill(&format!("{head}    c: «prod/db/3»\n    d: «prod/db/4»\n"), &newer);
    let values: String = new.lines().skip(5).map(|line| format!("{line}\n")).collect();
    let text =
        old + &values + &fill("    e: «prod/db/5»\n    f: «prod/x/6»\n    g: «else/y/7»\n", &key);
    keys.insert("new".to_owned(), pair.key);
    let sealed = layout::read(&text).unwrap();
    let said = |current: &str, guess: &Guess| {
        let found = secret::check_opens(&file, &sealed, &keys, Some(current), guess, &Simple);
        let said = found.iter().map(|it| {
            let label = it.primary.as_ref().unwrap();
            format!("{} {} at {}", it.code, it.message, &text[label.place.start..label.place.end])
        });
        said.collect::<Vec<_>>()
    };
    let guess = Guess::of(sealed.iter());
    assert_eq!(
        said(pair.certificate.fingerprint(), &guess),
        [
            "S142 the values of `a`, `b`, `e` are opened by `old`, which is not the certificate's key at a",
            "S140 no key opens the values of `f`, `g` at f",
        ]
    );
    let guess = Guess::new(Vec::new(), vec!["x".into()]);
    assert_eq!(
        said("SHA256:another", &guess),
        [
            "S142 the values of `a`, `b`, `e` are opened by `old`, which is not the certificate's key at a",
            "S142 the values of `c`, `d` are opened by `new`, which is not the certificate's key at c",
            "S141 the value of `f` is sealed for `prod/x`, and stands in `prod/db` at f",
            "S140 no key opens the value of `g` at g",
        ]
    );
}

#[test]
fn an_old_key_is_not_the_wrong_one_where_a_sealed_secret_was_renamed_or_moved() {
    let (key, keys) = old();
    let file: Arc<str> = "x.yaml".into();
    let committed = KeyPair::generate([1; 16], 1_795_000_000, TEN_YEARS).unwrap();
    let to = SealingKey::new(&committed.certificate).unwrap();
    let place = text::Place::of_file(&"sealing.crt".into());
    for (identity, values, wanted) in [
        // Its template still says where it was.
        (
            "metadata: {name: db, namespace: dev}\nspec:\n  template: {metadata: {namespace: prod}}",
            ["prod/db/1", "prod/db/2"],
            "S141 the values of `a`, `b` are sealed for `prod/db`, and stand in `dev/db`",
        ),
        // Another one is where it was.
        (
            "metadata: {name: other, namespace: prod}\n---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: dev}\nspec:",
            ["prod/db/1", "prod//2"],
            "S141 the value of `a` is sealed for `prod/db`, and stands in `dev/db`, S141 the value of `b` is sealed for any name in namespace `prod`, and stands in `dev/db`",
        ),
        (
            "metadata: {name: db, namespace: dev}\nspec:",
            ["elsewhere/db/1", "elsewhere/db/2"],
            "S122",
        ),
    ] {
        let [a, b] = values;
        let text = format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n{identity}\n  encryptedData:\n    a: «{a}»\n    b: «{b}»\n"
        );
        let text = fill(&text, &key);
        let sealed = layout::read(&text).unwrap();
        let guess = Guess::of(sealed.iter());
        let wrong =
            secret::wrong_keys(sealed.iter(), &keys, &committed.certificate, &guess, place.clone());
        assert_eq!(wrong.is_some(), wanted == "S122", "{wanted}");
        let found = secret::reseal(&file, &text, &keys, &to, guess.namespaces(), &mut Counted(0));
        let found = found.unwrap().unwrap_err();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "no key opens the values of `a`, `b`");
        let found = secret::explain_unopened(found, &file, &sealed, &keys, &guess);
        let said: Vec<_> = found.iter().map(|it| format!("{} {}", it.code, it.message)).collect();
        let unknown = "S140 no key opens the values of `a`, `b`";
        assert_eq!(said.join(", "), if wanted == "S122" { unknown } else { wanted });
    }
}

#[test]
fn keys_that_open_nothing_are_said_once() {
    let (key, right) = old();
    let text = fill(
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db}\nspec:\n  encryptedData:\n    a: «prod/db/1»\n    b: «//2»\n    broken: hunter2\n---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: old, namespace: prod}\nspec: {data: «prod/old/{}»}\n",
        &key,
    );
    let sealed = layout::read(&text).unwrap();
    let committed = KeyPair::generate([1; 16], 1_795_000_000, TEN_YEARS).unwrap();
    let mut wrong = KeyRing::default();
    let other = KeyPair::generate([1; 16], 1_795_000_000, TEN_YEARS).unwrap();
    wrong.insert("other".to_owned(), other.key);
    let said = found(&sealed, &wrong, &committed).unwrap();
    assert_eq!(
        said.message,
        "no key that was given is that of the certificate, and none opens any of the 3 values"
    );
    assert!(said.hints[0].ends_with(committed.certificate.fingerprint()), "{}", said.hints[0]);
    let of_other = format!("`other` is the key {}", other.certificate.fingerprint());
    assert_eq!((said.hints[1].as_str(), said.hints.len()), (of_other.as_str(), 4));
    let one = found(&sealed[1..], &wrong, &committed).unwrap();
    assert!(one.message.ends_with("and none opens the one value"), "{}", one.message);
    // Nothing to open, no key, one that opens, one that is the certificate's: other words.
    assert!(found(&[], &wrong, &committed).is_none());
    assert!(found(&sealed, &KeyRing::default(), &committed).is_none());
    assert!(found(&sealed, &right, &committed).is_none());
    assert!(found(&sealed[1..], &right, &committed).is_none());
    let pem = committed.key.to_pem().unwrap();
    wrong.add("committed", &pem).unwrap();
    assert!(found(&sealed, &wrong, &committed).is_none());

    fn found(
        sealed: &[layout::SealedSecret],
        keys: &KeyRing,
        committed: &KeyPair,
    ) -> Option<text::Diagnostic> {
        let place = text::Place::of_file(&"sealing.crt".into());
        let guess = Guess::new(vec!["dev".into(), "prod".into()], Vec::new());
        secret::wrong_keys(sealed.iter(), keys, &committed.certificate, &guess, place)
    }
}

#[test]
fn of_many_keys_the_first_ones_are_named() {
    let place = text::Place::of_file(&"sealing.crt".into());
    let hints = |keys: usize| {
        let given = vec![("a", "SHA256:a"); keys];
        seal::codes::s122_other_key("SHA256:c", &given, 0, place.clone()).hints
    };
    assert_eq!((hints(8).len(), hints(9).len(), hints(10).len()), (10, 11, 11));
    assert_eq!(hints(9)[9], "and 1 key more");
    assert_eq!(hints(10)[9], "and 2 keys more");
}

#[test]
fn of_several_secrets_the_first_are_named_and_the_others_counted() {
    let named = |secrets: usize| vec!["a".to_owned(); secrets];
    let unopened = |secrets| seal::codes::s152_nothing_opens(&named(secrets), "prod").message;
    let wanted = "the SealedSecret `a` cannot be delivered: nothing in prod opens it";
    assert_eq!(unopened(1), wanted);
    let wanted = "the SealedSecrets `a`, `a` cannot be delivered: nothing in prod opens them";
    assert_eq!(unopened(2), wanted);
    let twice = |secrets, kind| seal::codes::s158_made_twice(&named(secrets), kind, "prod").message;
    let wanted = |what: &str| format!("the {what} made twice in prod: by a SealedSecret and by ");
    assert_eq!(twice(1, "ExternalSecret"), wanted("Secret `a` is") + "an ExternalSecret");
    let ten = format!("Secrets {}`a` and 2 more are", "`a`, ".repeat(7));
    assert_eq!(twice(10, "SecretProviderClass"), wanted(&ten) + "a SecretProviderClass");
}

#[test]
fn values_are_merged_where_kubeseal_would_die_and_the_rest_stays() {
    let (key, keys) = old();
    let (file, input): (Arc<str>, Arc<str>) = ("x.yaml".into(), "in".into());
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {labels: {team: a}, annotations: {note: 'b: c'}}\nstringData: {new: v, old: w}\n";
    for (text, wanted) in [
        (
            "# head\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: prod\nspec:\n  encryptedData:\n    old: AgA # kept\n    z: AgB\n  template:\n    type: Opaque\n",
            "# head\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: prod\nspec:\n  encryptedData:\n    old: * # kept\n    z: AgB\n    new: *\n  template:\n    type: Opaque\n    metadata:\n      annotations:\n        note: 'b: c'\n      labels:\n        team: a\n",
        ),
        (
            "{\"apiVersion\": \"bitnami.com/v1alpha1\", \"kind\": \"SealedSecret\", \"metadata\": {\"name\": \"db\", \"namespace\": \"prod\"}, \"spec\": {}}\n",
            "{\"apiVersion\": \"bitnami.com/v1alpha1\", \"kind\": \"SealedSecret\", \"metadata\": {\"name\": \"db\", \"namespace\": \"prod\"}, \"spec\": {\"encryptedData\": {\"new\": \"*\", \"old\": \"*\"}, \"template\": {\"metadata\": {\"annotations\": {\"note\": \"b: c\"}, \"labels\": {\"team\": \"a\"}}}}}\n",
        ),
    ] {
        let merged = secret::merge_into(
            (&file, text),
            (&input, secret),
            Options::default(),
            &key,
            &mut Counted(0),
        );
        let merged = merged.unwrap().unwrap();
        let mut masked = merged.text.clone();
        let sealed = layout::read(&masked).unwrap();
        for item in sealed[0].items.iter().rev().filter(|item| item.key != "z") {
            let quoted = masked[item.place.range()].starts_with('"');
            masked.replace_range(item.place.range(), if quoted { "\"*\"" } else { "*" });
        }
        assert_eq!(masked, wanted);
        let label = Scope::Strict.label("prod", "db");
        for item in sealed[0].items.iter().filter(|item| item.key != "z") {
            let bytes = layout::decode(item.text.as_ref().unwrap()).unwrap();
            let opened = keys.open(&layout::Envelope::read(&bytes).unwrap(), &label).unwrap();
            assert_eq!(opened.value.as_slice(), if item.key == "new" { b"v" } else { b"w" });
        }
    }
    let wide = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: prod}\nspec: {}\n";
    let options = Options { scope: Some(Scope::ClusterWide), ..Options::default() };
    let refused =
        secret::merge_into((&file, wide), (&input, secret), options, &key, &mut Counted(0));
    assert_eq!(refused.unwrap().unwrap_err()[0].code.to_string(), "S146");
}

#[test]
fn templates_are_filled_in_and_the_old_form_opens() {
    let (key, keys) = old();
    let file: Arc<str> = "x.yaml".into();
    let open = |text: &str| {
        let sealed = layout::read(text).unwrap();
        let secret = secret::unseal(&file, &sealed[0], &keys, &Simple).unwrap().0;
        let entries = secret
            .entries
            .iter()
            .map(|entry| format!("{}={}", entry.key, std::str::from_utf8(&entry.value).unwrap()));
        entries.collect::<Vec<_>>().join(" ")
    };
    let text = fill(
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: prod}\nspec: {encryptedData: {a: «prod/db/1»}, template: {data: {b: 'x={{ .a }}'}}}\n",
        &key,
    );
    assert_eq!(open(&text), "a=1 b=x=1");
    let whole = r#"{"kind":"Secret","apiVersion":"v1","metadata":{"name":"db","namespace":"prod"},"data":{"k":"dg=="}}"#;
    let text = fill(
        &format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: db, namespace: prod}}\nspec: {{data: «prod/db/{whole}»}}\n"
        ),
        &key,
    );
    assert_eq!(open(&text), "k=v");
}
