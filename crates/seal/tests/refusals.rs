//! What is refused or warned about, as tables: a text, and the codes of what is found in it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may read its cases")]

use std::path::Path;
use std::sync::Arc;

use seal::key::{
    BadKey, KeyPair, KeyRing, KeySecret, NoRandomness, PrivateKey, SealingKey, SessionKey,
    SessionKeys, TEN_YEARS, certificate_of,
};
use seal::layout::{self, BadCertificate, Certificate, Scope};
use seal::secret::{self, Entry, FillIn, Options, SealError, Secret};
use text::{Diagnostic, Place};
use zeroize::Zeroizing;

const HEAD: &str = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n";

struct Counted(u8);

impl SessionKeys for Counted {
    fn next(&mut self) -> Result<SessionKey, NoRandomness> {
        self.0 = self.0.wrapping_add(1);
        Ok(SessionKey::new(&mut [self.0; 32]))
    }
}

/// Has no randomness to give.
struct Dry;

impl SessionKeys for Dry {
    fn next(&mut self) -> Result<SessionKey, NoRandomness> {
        Err(NoRandomness)
    }
}

/// Fills in nothing.
struct Refuses;

impl FillIn for Refuses {
    fn parse(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn fill_in(&self, _: &str, _: &str, _: &[(&str, &[u8])]) -> Result<Zeroizing<Vec<u8>>, String> {
        Err("no such function".to_owned())
    }
}

fn suspicion(name: &str, value: &str) -> Option<&'static str> {
    (name.contains("password") && !value.is_empty()).then_some("its name says so")
}

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubeseal");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn certificate() -> Certificate {
    Certificate::read(&read("test-certificate.crt")).unwrap()
}

fn key() -> SealingKey {
    SealingKey::new(&certificate()).unwrap()
}

fn keys() -> KeyRing {
    let mut keys = KeyRing::default();
    keys.add("old", &read("test-key")).unwrap();
    keys
}

fn file() -> Arc<str> {
    "x.yaml".into()
}

fn codes(found: &[Diagnostic]) -> String {
    found.iter().map(|it| it.code.to_string()).collect::<Vec<_>>().join(" ")
}

fn sealed(value: &str, label: &str) -> String {
    key().seal_text(value.as_bytes(), label.as_bytes(), Counted(0).next().unwrap()).unwrap()
}

#[test]
fn sealed_secrets_are_looked_at_without_a_key() {
    let good = sealed("v", "prod/db");
    // The length of a wrapped key of 4096 bits, and as much behind it.
    let larger = {
        use base64::Engine as _;
        let mut bytes = vec![2, 0];
        bytes.resize(2 + 512 + 16, 7);
        base64::engine::general_purpose::STANDARD.encode(bytes)
    };
    let wide = "sealedsecrets.bitnami.com/cluster-wide";
    for (text, wanted) in [
        (
            format!(
                "metadata: {{name: db, namespace: prod}}\nspec: {{encryptedData: {{a: {good}}}}}"
            ),
            "",
        ),
        (format!("metadata: {{namespace: prod}}\nspec: {{encryptedData: {{a: {good}}}}}"), "S137"),
        (format!("metadata: {{name: db}}\nspec: {{encryptedData: {{a: {good}}}}}"), "S137"),
        (format!("spec: {{encryptedData: {{a: {good}}}}}"), "S137 S137"),
        (
            format!(
                "metadata: {{name: db, annotations: {{{wide}: \"true\"}}}}\nspec: {{encryptedData: {{a: {good}}}, template: {{metadata: {{annotations: {{{wide}: \"true\"}}}}}}}}"
            ),
            "",
        ),
        (
            format!(
                "metadata: {{name: db, namespace: prod}}\nspec: {{encryptedData: {{a: {good}}}, template: {{metadata: {{annotations: {{{wide}: \"true\"}}}}}}}}"
            ),
            "S133",
        ),
        (
            format!(
                "metadata: {{name: db, namespace: prod, annotations: {{{wide}: true}}}}\nspec: {{encryptedData: {{a: {good}}}}}"
            ),
            "S134",
        ),
        ("metadata: {name: db, namespace: prod}\nspec: {}".to_owned(), "S135"),
        (
            format!(
                "metadata: {{name: db, namespace: prod}}\nspec: {{data: AgA, encryptedData: {{a: {good}}}}}"
            ),
            "S157",
        ),
        ("metadata: {name: db, namespace: prod}\nspec: {data: AgA}".to_owned(), "S136"),
        ("metadata: {name: db, namespace: prod}\nspec: {data: null}".to_owned(), "S135"),
        (
            format!(
                "metadata: {{name: db, namespace: prod}}\nspec: {{encryptedData: {{a: plain, b: 1, c: {larger}}}}}"
            ),
            "S131 S131 S132",
        ),
    ] {
        let text = format!("{HEAD}{text}\n");
        let found =
            layout::check(&file(), &layout::read(&text).unwrap(), Some(&certificate()), &suspicion);
        assert_eq!(codes(&found), wanted, "{text}");
    }
    let text = format!(
        "{HEAD}metadata: {{name: db, namespace: prod}}\nspec: {{encryptedData: {{c: {larger}}}}}\n"
    );
    assert_eq!(codes(&layout::check(&file(), &layout::read(&text).unwrap(), None, &suspicion)), "");
    assert!(!layout::holds_sealed_secrets("kind: SealedSecret"));
    assert!(!layout::holds_sealed_secrets("apiVersion: bitnami.com/v1alpha1"));
}

#[test]
fn a_certificate_has_a_time() {
    let certificate = certificate();
    for (now, wanted) in [
        (certificate.not_before() - 1, "S120"),
        (certificate.not_before(), ""),
        (certificate.not_after() - 90 * 86_400, ""),
        (certificate.not_after() - 90 * 86_400 + 1, "S121"),
        (certificate.not_after(), "S121"),
        (certificate.not_after() + 1, "S120"),
    ] {
        let found = layout::check_certificate(&file(), &certificate, now);
        assert_eq!(codes(&found), wanted, "{now}");
    }
}

/// Why each certificate is refused has a hint of its own.
#[test]
fn every_reason_says_what_to_do() {
    let reasons = [
        BadCertificate::Missing,
        BadCertificate::PublicKey,
        BadCertificate::PrivateKey,
        BadCertificate::Several(2),
        BadCertificate::Broken,
        BadCertificate::NotRsa("Ed25519".to_owned()),
        BadCertificate::KeySize,
        BadCertificate::Expired(0),
        BadCertificate::NotYetValid(0),
    ];
    for reason in reasons {
        let finding = seal::codes::s120_bad_certificate(&reason, Place::of_file(&file()));
        assert!(finding.message.contains(&reason.to_string()), "{reason}");
        assert!(!finding.hints.is_empty(), "{reason}");
    }
}

#[test]
fn secrets_that_cannot_be_sealed() {
    let head = "apiVersion: v1\nkind: Secret\n";
    let place = "metadata: {name: db, namespace: prod}\n";
    for (text, wanted) in [
        (String::new(), "S102"),
        ("---\n---\n".to_owned(), "S102"),
        ("a: [".to_owned(), "S101"),
        ("a: {{ .x }}: b".to_owned(), "S101"),
        ("a: 1\n".to_owned(), "S102"),
        ("kind: Secret\n".to_owned(), "S102"),
        ("apiVersion: v2\nkind: Secret\n".to_owned(), "S102"),
        ("apiVersion: v1\nkind: List\nitems: []\n".to_owned(), "S102"),
        ("apiVersion: v1\nkind: SecretList\nitems: 1\n".to_owned(), "S102"),
        (format!("{head}{place}data: {{a: YQ==}}\n"), ""),
        (format!("{head}{place}data: 1\n"), "S107 S106"),
        (format!("{head}{place}data: null\nstringData: {{a: b}}\n"), ""),
        (format!("{head}{place}stringData: {{a: \"x{{{{ y\"}}\n"), "S110"),
        (format!("{head}{place}data: {{a: \"x{{{{ y\"}}\n"), "S107"),
        (format!("{head}{place}stringData: {{a: 1}}\n"), "S112"),
        (format!("{head}{place}stringData: {{a: 1.10}}\n"), "S107"),
        (format!("{head}{place}stringData: {{a: [1]}}\n"), "S107"),
        (format!("{head}{place}stringData: {{a: null}}\n"), ""),
        (format!("{head}{place}stringData: {{..a: b, '.': c, '': d}}\n"), "S109 S109 S109"),
        (format!("{head}{place}stringData: {{a: \"b\\r\"}}\n"), "S108"),
        (format!("{head}{place}stringData: {{a: \"b\\nc\\n\"}}\n"), ""),
        (format!("{head}metadata: {{name: -a, namespace: b-}}\nstringData: {{a: b}}\n"), "S111 S111"),
        (format!("{head}metadata: {{name: a..b, namespace: a.b}}\nstringData: {{a: b}}\n"), "S111 S111"),
        (format!("{head}metadata: {{name: a, namespace: {{{{ x }}}}}}\nstringData: {{a: b}}\n"), "S101"),
        (format!("{head}metadata: {{name: a, namespace: b, labels: {{x: [1]}}}}\nstringData: {{a: b}}\n"), "S107"),
        ("{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"a\", \"namespace\": \"b\"}, \"stringData\": {\"a\": 1}}".to_owned(), "S107"),
        ("{\"apiVersion\": \"v1\", \"kind\": \"Secret\", ".to_owned(), "S101"),
    ] {
        let (_, found) = secret::read(&file(), &text, Options::default());
        assert_eq!(codes(&found), wanted, "{text}");
    }
    let (secrets, found) = secret::read(
        &file(),
        &format!("{head}metadata: {{name: a}}\n"),
        Options {
            allow_empty: true,
            namespace: Some("prod"),
            name: Some("b"),
            ..Options::default()
        },
    );
    assert_eq!(codes(&found), "");
    assert_eq!((secrets[0].name.as_str(), secrets[0].namespace.as_str()), ("b", "prod"));
}

#[test]
fn keys_in_every_form() {
    let pem = read("test-key");
    let certificate = read("test-certificate.crt");
    let indented = pem.trim_end().replace('\n', "\n    ");
    let encoded = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(&pem)
    };
    let odd = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode([0xff, 0xfe])
    };
    let count = |text: &str| {
        let mut ring = KeyRing::default();
        ring.add("file", text).map(|()| ring.into_keys().map(|(name, _)| name).collect::<Vec<_>>())
    };
    assert!(KeyRing::default().is_empty());
    assert_eq!(count(&pem), Ok(vec!["file".to_owned()]));
    assert_eq!(count(&format!("{certificate}{pem}")), Ok(vec!["file".to_owned()]));
    let text = format!("kind: Secret\nstringData:\n  tls.key: |\n    {indented}\n");
    assert_eq!(count(&text), Ok(vec!["file".to_owned()]));
    let named = |name: &str| {
        format!("- {{kind: Secret, metadata: {{name: {name}}}, data: {{tls.key: {encoded}}}}}\n")
    };
    let list = format!("kind: List\nitems:\n{}{}", named("a"), named("b"));
    // The same key twice is one.
    assert_eq!(count(&list), Ok(vec!["file (a)".to_owned()]));
    let list = format!(
        "kind: List\nitems:\n{}- {{kind: Secret, data: {{tls.key: {encoded}}}}}\n",
        named("a")
    );
    assert_eq!(count(&list), Ok(vec!["file (a)".to_owned()]));
    assert_eq!(count("kind: List\n"), Err(BadKey::Missing));
    assert_eq!(count("kind: ConfigMap\n"), Err(BadKey::Missing));
    assert_eq!(count("kind: Secret\n"), Err(BadKey::NoTlsKey));
    assert_eq!(count(&format!("kind: Secret\ndata: {{tls.key: {odd}}}\n")), Err(BadKey::NoTlsKey));
    let encrypted = pem.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1);
    assert_eq!(PrivateKey::read(&encrypted).err(), Some(BadKey::Encrypted));
    let cut = pem.replace("-----END", "---END");
    assert_eq!(PrivateKey::read(&cut).err(), Some(BadKey::Broken));
    let other = pem.replace("RSA PRIVATE", "OPENSSH PRIVATE");
    assert_eq!(PrivateKey::read(&other).err(), Some(BadKey::NotRsa));

    let beside = |text: &str| certificate_of(text).map(|it| it.fingerprint().to_owned());
    let own = self::certificate().fingerprint().to_owned();
    assert_eq!(beside(&format!("{pem}{certificate}")), Some(own.clone()));
    assert_eq!(beside(&pem), None);
    assert_eq!(beside(&certificate.replace("-----END", "---END")), None);
    assert_eq!(beside("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), None);
}

#[test]
fn secrets_with_a_key_are_what_a_controller_takes_or_the_reason_is_told() {
    use base64::Engine as _;
    let encode = |text: &[u8]| base64::engine::general_purpose::STANDARD.encode(text);
    let (key, certificate) =
        (encode(read("test-key").as_bytes()), encode(read("test-certificate.crt").as_bytes()));
    let other = KeyPair::generate([1; 16], 0, TEN_YEARS).unwrap();
    let other = encode(other.certificate.to_pem().as_bytes());
    let two = encode(format!("{0}{0}", read("test-certificate.crt")).as_bytes());
    let label = "labels: {sealedsecrets.bitnami.com/sealed-secrets-key: active}";
    let named = |metadata: &str, data: &str| {
        format!(
            "kind: Secret\nmetadata: {{namespace: kube-system, {metadata}}}\ndata: {{{data}}}\n"
        )
    };
    let good = format!("tls.key: {key}, tls.crt: {certificate}");
    for (text, wanted) in [
        (named(&format!("name: a, {label}"), &good), ""),
        (named("name: sealed-secrets-key", &good), ""),
        (named(&format!("name: a, {label}"), &format!("tls.key: {key}, tls.crt: {two}")), ""),
        (named(&format!("name: a, {label}"), &format!("tls.key: {key}")), "S125"),
        (named(&format!("name: a, {label}"), &format!("tls.key: {key}, tls.crt: null")), "S125"),
        (named(&format!("name: a, {label}"), &format!("tls.key: {key}, tls.crt: [1]")), "S125"),
        (named(&format!("name: a, {label}"), &format!("tls.key: {key}, tls.crt: '!'")), "S125"),
        (
            named(
                &format!("name: a, {label}"),
                &format!("tls.key: {key}, tls.crt: {}", encode(&[0xff, 0xfe])),
            ),
            "S125",
        ),
        (
            named(
                &format!("name: a, {label}"),
                &format!("tls.key: {key}, tls.crt: {}", encode(b"none")),
            ),
            "S125",
        ),
        (
            named(
                &format!("name: a, {label}"),
                &format!(
                    "tls.key: {key}, tls.crt: {}",
                    encode(b"-----BEGIN CERTIFICATE-----\nA\n")
                ),
            ),
            "S125",
        ),
        (
            named(
                &format!("name: a, {label}"),
                &format!(
                    "tls.key: {key}, tls.crt: {}",
                    encode(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
                ),
            ),
            "S125",
        ),
        (named(&format!("name: a, {label}"), &format!("tls.key: {key}, tls.crt: {other}")), "S126"),
        (named("name: a", &good), "S127"),
        (
            named(
                "name: a, labels: {sealedsecrets.bitnami.com/sealed-secrets-key: compromised}",
                &good,
            ),
            "S127",
        ),
        (
            named("name: a, labels: {sealedsecrets.bitnami.com/sealed-secrets-key: true}", &good),
            "S127",
        ),
        (
            named(
                "name: sealed-secrets-key, labels: {sealedsecrets.bitnami.com/sealed-secrets-key: compromised}",
                &good,
            ),
            "S127",
        ),
        (named("name: sealed-secrets-key, namespace: other", &good), "S128"),
        (
            format!("kind: Secret\nmetadata: {{name: sealed-secrets-key}}\ndata: {{{good}}}\n"),
            "S128",
        ),
        (named(&format!("name: a, {label}"), &format!("tls.crt: {certificate}")), "S129"),
        ("kind: Secret\n".to_owned(), "S129 S125 S127 S128"),
    ] {
        let secrets = KeySecret::read_all(&text).unwrap();
        assert_eq!(secrets.len(), 1, "{text}");
        let found = secrets[0].check(&file(), Some("kube-system"));
        assert_eq!(codes(&found), wanted, "{text}");
        let own = secrets[0].own_certificate().is_some();
        assert_eq!(own, !["S125", "S126", "S129"].iter().any(|it| wanted.contains(it)), "{text}");
        // Which namespace the controller runs in is not always known.
        assert!(!codes(&secrets[0].check(&file(), None)).contains("S128"));
    }
    let text = named(
        "name: a, labels: {sealedsecrets.bitnami.com/sealed-secrets-key: compromised}",
        &good,
    );
    assert!(!KeySecret::read_all(&text).unwrap()[0].check(&file(), None)[0].is_error());
    assert_eq!(KeySecret::read_all(&read("test-key")).unwrap().len(), 0);
    assert_eq!(
        KeySecret::read_all("kind: [").err(),
        Some(BadKey::Unreadable("it is no YAML or JSON"))
    );
}

#[test]
fn templates_are_looked_at_without_a_key() {
    let good = sealed("v", "prod/db");
    for (template, wanted) in [
        ("{data: {b: '{{ .a }}'}}", ""),
        ("{type: Opaque, immutable: true, data: null}", ""),
        ("{data: {b: '', c: null}}", ""),
        ("{data: {b: plain}}", "warning S153"),
        ("{data: {password: plain}}", "error S153"),
        ("{data: {b: \"user: {{ .a }}\\npassword: plain\\n\"}}", "error S153"),
        ("{data: {b: \"user: {{ .a }}\\npassword: {{ .a }}\\nhost\\n\"}}", ""),
        ("{data: {b: 1}}", "error S154"),
        ("{data: [a]}", "error S154"),
        ("{type: 1}", "error S154"),
        ("{type: [Opaque]}", "error S154"),
        ("{immutable: 'true'}", "error S154"),
        ("{immutable: 1}", "error S154"),
        ("{data: {a: '{{ .a | b64enc }}'}}", ""),
        ("{data: {a: '{{ index . \"a\" }}'}}", ""),
        ("{data: {a: '{{ range . }}{{ . }}{{ end }}'}}", ""),
        ("{data: {a: '{{ .b }}'}}", "warning S156"),
        ("{data: {b: '{{ .a }}', b: '{{ .a }}'}}", "warning S156"),
        ("{data: {'b c': '{{ .a }}'}}", "error S109"),
        ("{type: kubernetes.io/tls}", "error S155 error S155"),
        ("{type: kubernetes.io/tls, data: {tls.crt: '{{ .a }}'}}", "error S155"),
        ("{type: kubernetes.io/tls, data: {tls.crt: '{{ .a }}', tls.key: '{{ .a }}'}}", ""),
        ("{type: kubernetes.io/basic-auth}", "error S155"),
        ("{type: kubernetes.io/basic-auth, data: {username: '{{ .a }}'}}", ""),
        ("{type: example.com/own}", ""),
    ] {
        let place = "metadata: {name: db, namespace: prod}";
        let text = format!(
            "{HEAD}{place}\nspec: {{encryptedData: {{a: {good}}}, template: {template}}}\n"
        );
        let read = layout::read(&text).unwrap();
        let found = layout::check(&file(), &read, None, &suspicion);
        let said: Vec<String> =
            found.iter().map(|it| format!("{} {}", it.severity.word(), it.code)).collect();
        assert_eq!(said.join(" "), wanted, "{text}");
        assert!(!layout::blotted(&text, &read).contains("plain"), "{text}");
    }
    let twice = format!(
        "{HEAD}metadata: {{name: db, namespace: prod}}\nspec: {{encryptedData: {{a: {good}, a: {good}, '..': {good}}}}}\n"
    );
    let found = layout::check(&file(), &layout::read(&twice).unwrap(), None, &suspicion);
    assert_eq!(codes(&found), "S156 S109");
    let old = format!(
        "{HEAD}metadata: {{name: db, namespace: prod}}\nspec: {{data: {good}, template: {{type: kubernetes.io/tls}}}}\n"
    );
    let found = layout::check(&file(), &layout::read(&old).unwrap(), None, &suspicion);
    assert_eq!(codes(&found), "S136");
}

#[test]
fn a_pair_wants_times_that_exist() {
    let key = || PrivateKey::read(&read("test-key")).unwrap();
    for (not_before, valid_for) in
        [(-1, 10), (0, -1), (i64::MAX, 1), (0, i64::MAX), (0, 253_402_300_800)]
    {
        let pair = KeyPair::certify(key(), [1; 16], not_before, valid_for);
        assert!(pair.is_err(), "{not_before} {valid_for}");
    }
    let pair = KeyPair::certify(key(), [1; 16], 1_000, 10).unwrap();
    assert_eq!((pair.certificate.not_before(), pair.certificate.not_after()), (1_000, 1_010));
    assert_eq!(key().bits(), 2048);
}

#[test]
fn merging_says_why_it_cannot() {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: prod}\nstringData: {a: b}\n";
    let one = |name: &str, spec: &str| {
        format!("{HEAD}metadata: {{name: {name}, namespace: prod}}\nspec: {spec}\n")
    };
    let two = format!("{}---\n{}", one("a", "{}"), one("b", "{}"));
    for (target, input, wanted) in [
        ("a: [".to_owned(), secret, "S130"),
        ("kind: ConfigMap\n".to_owned(), secret, "S145"),
        (two, secret, "S145"),
        (one("db", "{encryptedData: 1}"), secret, "S143"),
        (one("db", "{template: {metadata: {labels: [1]}}}"), secret, ""),
        (
            one("db", "{template: {metadata: {labels: [1]}}}"),
            "apiVersion: v1\nkind: Secret\nmetadata: {labels: {a: b}}\nstringData: {a: b}\n",
            "S143",
        ),
        (one("db", "{}"), "apiVersion: v1\nkind: Secret\nstringData: {a: 'b\n\n  '}\n", ""),
        (one("db", "{}"), "kind: ConfigMap\n", "S102"),
    ] {
        let merged = secret::merge_into(
            (&file(), &target),
            (&"in".into(), input),
            Options::default(),
            &key(),
            &mut Counted(0),
        );
        let found = merged.unwrap().err().unwrap_or_default();
        assert_eq!(codes(&found), wanted, "{target}");
    }
    let entry = || Entry { key: "a".to_owned(), value: Zeroizing::new(b"b".to_vec()) };
    let secret = Secret::of_entry("db", "prod", Scope::Strict, entry());
    for (target, scope, wanted) in [
        ("a: [".to_owned(), None, "S130"),
        (one("other", "{}"), None, "S145"),
        (one("db", "{}"), Some(Scope::ClusterWide), "S146"),
        (one("db", "{encryptedData: 1}"), None, "S143"),
        (one("db", "{}"), Some(Scope::Strict), ""),
    ] {
        let merged =
            secret::merge_secret((&file(), &target), &secret, scope, &key(), &mut Counted(0));
        let found = merged.unwrap().err().unwrap_or_default();
        assert_eq!(codes(&found), wanted, "{target}");
    }
    let dry = secret::merge_secret((&file(), &one("db", "{}")), &secret, None, &key(), &mut Dry);
    assert_eq!(dry.err(), Some(SealError::NoRandomness(NoRandomness)));
    assert!(secret::sealed_secret(&secret, &key(), &mut Dry).is_err());
}

#[test]
fn opening_names_everything_that_is_wrong() {
    let open = |text: &str| {
        let sealed = layout::read(text).unwrap();
        let opened = secret::unseal(&file(), &sealed[0], &keys(), &Refuses);
        codes(&opened.err().unwrap_or_default())
    };
    let good = sealed("v", "prod/db");
    let nameless = sealed("v", "prod/");
    let place = "metadata: {name: db, namespace: prod}\n";
    for (text, wanted) in [
        (format!("{place}spec: {{encryptedData: {{a: {good}, b: plain}}}}"), "S131"),
        (format!("{place}spec: {{encryptedData: {{a: {good}, b: {nameless}}}}}"), "S140"),
        (
            format!("metadata: {{namespace: prod}}\nspec: {{encryptedData: {{a: {nameless}}}}}"),
            "S137",
        ),
        (
            format!("{place}spec: {{encryptedData: {{a: {good}}}, template: {{data: {{b: x}}}}}}"),
            "S144",
        ),
        (
            format!(
                "{place}spec: {{encryptedData: {{a: {good}}}, template: {{metadata: {{labels: {{}}, annotations: null}}}}}}"
            ),
            "",
        ),
        (format!("{place}spec: {{data: plain}}"), "S131"),
        (format!("{place}spec: {{data: {nameless}}}"), "S140"),
        (format!("{place}spec: {{data: {good}}}"), "S101"),
        (format!("{place}spec: {{data: {}}}", sealed("kind: ConfigMap", "prod/db")), "S101"),
    ] {
        assert_eq!(open(&format!("{HEAD}{text}\n")), wanted, "{text}");
    }
}

/// Fills in what the controller writes for a value that is not there.
struct NoValue;

impl FillIn for NoValue {
    fn parse(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn fill_in(
        &self,
        _: &str,
        template: &str,
        values: &[(&str, &[u8])],
    ) -> Result<Zeroizing<Vec<u8>>, String> {
        let value = values.iter().find(|(key, _)| template.contains(key));
        let value = value.map_or(&b"<no value>"[..], |(_, value)| value);
        Ok(Zeroizing::new(value.to_vec()))
    }
}

/// Reads no template.
struct Unreadable;

impl FillIn for Unreadable {
    fn parse(&self, _: &str, _: &str) -> Result<(), String> {
        Err("unclosed action".to_owned())
    }

    fn fill_in(&self, _: &str, _: &str, _: &[(&str, &[u8])]) -> Result<Zeroizing<Vec<u8>>, String> {
        Err("unclosed action".to_owned())
    }
}

#[test]
fn no_value_is_warned_of_unless_it_was_written() {
    let place = "metadata: {name: db, namespace: prod}\n";
    let (plain, known) = (sealed("v", "prod/db"), sealed("is <no value>", "prod/db"));
    for (value, template, wanted) in [
        (&plain, "{{ .missing }}", "S148"),
        (&plain, "{{ .a1 }}", ""),
        (&known, "{{ .a1 }}", ""),
        (&plain, "<no value>{{ .missing }}", ""),
    ] {
        let text = format!(
            "{HEAD}{place}spec:\n  encryptedData: {{a1: {value}}}\n  template: {{data: {{t: '{template}'}}}}\n"
        );
        let sealed = layout::read(&text).unwrap();
        let (_, warnings) = secret::unseal(&file(), &sealed[0], &keys(), &NoValue).unwrap();
        assert_eq!(codes(&warnings), wanted, "{template}");
        let guess = secret::Guess::new(Vec::new(), Vec::new());
        let found = secret::check_opens(&file(), &sealed, &keys(), None, &guess, &NoValue);
        assert_eq!(codes(&found), wanted, "{template}");
    }
    let both = format!("{HEAD}{place}spec: {{data: {plain}, encryptedData: {{a: {plain}}}}}\n");
    let both = layout::read(&both).unwrap();
    let found = secret::unseal(&file(), &both[0], &keys(), &NoValue).err().unwrap();
    assert_eq!(codes(&found), "S157");
    // Templates that cannot be read are found without a key, and a broken value too.
    let unread = format!(
        "{HEAD}{place}spec: {{encryptedData: {{a: {plain}}}, template: {{data: {{t: x}}}}}}\n"
    );
    let guess = secret::Guess::new(Vec::new(), Vec::new());
    let opens = |text: &str, fill_in: &dyn FillIn| {
        let sealed = layout::read(text).unwrap();
        codes(&secret::check_opens(&file(), &sealed, &keys(), None, &guess, fill_in))
    };
    assert_eq!((opens(&unread, &Refuses), opens(&unread, &Unreadable)), ("S144".into(), "".into()));
    let cut = format!("{HEAD}{place}spec: {{encryptedData: {{a: AAAA}}}}\n");
    assert_eq!(opens(&cut, &Refuses), "");
    let other = KeyPair::generate([1; 16], 0, TEN_YEARS).unwrap().certificate;
    let cut = layout::read(&cut).unwrap();
    let at = Place::of_file(&file());
    assert!(secret::wrong_keys(cut.iter(), &keys(), &other, &guess, at).is_none());
    // A template that is no text.
    let odd = format!(
        "{HEAD}{place}spec: {{encryptedData: {{a: {plain}}}, template: {{data: {{t: 1}}}}}}\n"
    );
    let odd = layout::read(&odd).unwrap();
    let found = secret::unseal(&file(), &odd[0], &keys(), &NoValue).err().unwrap();
    assert_eq!(codes(&found), "S154");
}

#[test]
fn what_is_no_sealed_secret_is_none_and_what_the_template_has_is_there() {
    let other = "apiVersion: example.com/v1\nkind: SealedSecret\nmetadata: {name: db}\n";
    assert!(layout::read(other).unwrap().is_empty());
    let check = |text: String| {
        let sealed = layout::read(&text).unwrap();
        codes(&layout::check(&file(), &sealed, None, &suspicion))
    };
    let (good, wide) = (sealed("v", "prod/db"), "sealedsecrets.bitnami.com/cluster-wide");
    let place = "metadata: {name: db, namespace: prod}\n";
    // A truth value is no scope: it is not compared with the template's.
    assert_eq!(
        check(format!(
            "{HEAD}metadata: {{name: db, namespace: prod, annotations: {{{wide}: true}}}}\nspec: {{encryptedData: {{a: {good}}}, template: {{metadata: {{annotations: {{{wide}: \"true\"}}}}}}}}\n"
        )),
        "S134"
    );
    let tls = |data: &str| {
        check(format!(
            "{HEAD}{place}spec: {{encryptedData: {{tls.key: {good}}}, template: {{type: kubernetes.io/tls, data: {{{data}}}}}}}\n"
        ))
    };
    assert_eq!(tls("tls.crt: '{{ .x }}'"), "");
    assert_eq!(tls(""), "S155");
}

#[test]
fn merging_finds_its_object_and_brings_a_type_once() {
    let wide = "sealedsecrets.bitnami.com/cluster-wide: \"true\"";
    let one = |namespace: &str, more: &str| {
        format!(
            "{HEAD}metadata:\n  name: db\n  namespace: {namespace}\n  annotations: {{{wide}}}\nspec:\n  template: {{{more}}}\n"
        )
    };
    let input = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: prod, annotations: {{{wide}, note: b}}}}\ntype: example.com/x\nstringData: {{a: b}}\n"
    );
    let merged = |target: &str| {
        let merged = secret::merge_into(
            (&file(), target),
            (&"in".into(), &input),
            Options::default(),
            &key(),
            &mut Counted(0),
        );
        merged.unwrap().unwrap().text
    };
    let first = one("prod", "").replace("name: db", "name: a");
    let text = merged(&format!("{first}---\n{}", one("prod", "")));
    assert!(text.starts_with(&first) && layout::read(&text).unwrap()[1].items.len() == 1, "{text}");
    let odd = input.replace("type: example.com/x", "type: [a]");
    let (_, found) = secret::read(&file(), &odd, Options::default());
    assert_eq!(codes(&found), "S107");
    let two = format!("{}---\n{}", one("dev", ""), one("prod", ""));
    let text = merged(&two);
    let found = layout::read(&text).unwrap();
    assert_eq!((found[0].items.len(), found[1].items.len()), (0, 1), "{text}");
    assert!(text.starts_with(&one("dev", "")), "{text}");
    assert_eq!(text.matches("note: ").count(), 1, "{text}");
    // The scope is the object's, and is not written into the template.
    assert_eq!(text.matches("cluster-wide").count(), 2, "{text}");
    // Where there is none of the Secret's namespace, a cluster-wide one of its name takes it.
    assert_eq!(
        layout::read(&merged(&format!("{}---\n{}", one("dev", ""), one("test", "")))).unwrap()[0]
            .items
            .len(),
        1
    );
    let (secrets, _) = secret::read(&"in".into(), &input, Options::default());
    let merged = |target: &str| {
        let merged =
            secret::merge_secret((&file(), target), &secrets[0], None, &key(), &mut Counted(0));
        merged.unwrap().unwrap()
    };
    let count = |text: &str, word: &str| text.matches(word).count();
    assert_eq!(count(&merged(&one("prod", "")), "example.com/x"), 1);
    let typed = merged(&one("prod", "type: Opaque"));
    assert_eq!((count(&typed, "Opaque"), count(&typed, "example.com/x")), (1, 0), "{typed}");
}

#[test]
fn sealing_anew_says_why_it_cannot() {
    let anew = |text: &str, to: &SealingKey, session: &mut dyn SessionKeys| {
        secret::reseal(&file(), text, &keys(), to, &["prod".to_owned()], session)
    };
    let good = sealed("v", "prod/db");
    let other = KeyPair::generate([1; 16], 0, 4_000_000_000).unwrap();
    let other = SealingKey::new(&other.certificate).unwrap();
    for (text, wanted) in [
        ("a: [".to_owned(), "S130"),
        (format!("{HEAD}metadata: {{name: db, namespace: prod}}\nspec: {{data: AgA}}\n"), "S136"),
        (format!("{HEAD}metadata: {{name: db}}\nspec: {{encryptedData: {{a: {good}}}}}\n"), ""),
        (
            format!(
                "{HEAD}metadata: {{name: db, namespace: prod}}\nspec: {{encryptedData: {{a: &x {good}, b: *x}}}}\n"
            ),
            "S143 S143",
        ),
    ] {
        let found = anew(&text, &other, &mut Counted(0)).unwrap().err().unwrap_or_default();
        assert_eq!(codes(&found), wanted, "{text}");
    }
    let text = format!(
        "{HEAD}metadata: {{name: db, namespace: prod}}\nspec: {{encryptedData: {{a: {good}}}}}\n"
    );
    assert!(anew(&text, &other, &mut Dry).is_err());
    assert_eq!(anew(&text, &key(), &mut Dry).unwrap().unwrap().left, 1);
}

#[test]
fn a_session_key_of_another_length_opens_nothing() {
    use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
    let certificate = certificate();
    let (_, parsed) =
        <x509_parser::prelude::X509Certificate<'_> as x509_parser::prelude::FromDer<_>>::from_der(
            certificate.der(),
        )
        .unwrap();
    let key = PublicEncryptingKey::from_der(parsed.public_key().raw).unwrap();
    let key = OaepPublicEncryptingKey::new(key).unwrap();
    let mut room = vec![0; key.ciphertext_size()];
    let wrapped = key.encrypt(&OAEP_SHA256_MGF1SHA256, &[7; 16], &mut room, Some(b"a/b")).unwrap();
    let envelope = layout::Envelope { wrapped_key: wrapped, sealed: &[0; 16] };
    assert!(keys().open(&envelope, b"a/b").is_none());
    assert!(KeyRing::default().open(&envelope, b"a/b").is_none());
}

#[test]
fn opened_secrets_are_written_whole() {
    let good = sealed("v", "prod/db");
    let written = |spec: &str, format| {
        let text = format!("{HEAD}metadata: {{name: db, namespace: prod}}\nspec: {spec}\n");
        let sealed = layout::read(&text).unwrap();
        let secret = secret::unseal(&file(), &sealed[0], &keys(), &Refuses).unwrap().0;
        secret::write_secret(&secret, format).to_string()
    };
    let spec = format!(
        "{{encryptedData: {{a: {good}}}, template: {{type: Opaque, immutable: true, metadata: {{labels: {{b: <c>, a: 1}}, finalizers: [x/y]}}}}}}"
    );
    assert_eq!(
        written(&spec, secret::Format::Yaml),
        "---\napiVersion: v1\ndata:\n  a: dg==\nimmutable: true\nkind: Secret\nmetadata:\n  finalizers:\n  - x/y\n  labels:\n    a: 1\n    b: <c>\n  name: db\n  namespace: prod\ntype: Opaque\n"
    );
    let json = written(&spec, secret::Format::Json);
    assert!(
        json.contains("\"b\": \"\\u003cc\\u003e\"") && json.contains("\"immutable\": true"),
        "{json}"
    );
    let bare = written("{encryptedData: {}}", secret::Format::Yaml);
    assert_eq!(
        bare,
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: prod\n"
    );
}

#[test]
fn names_and_keys_at_their_edges() {
    let long = |length: usize| "a".repeat(length);
    assert!(secret::is_key(&long(253)) && !secret::is_key(&long(254)));
    assert!(secret::is_key("A-b_c.1") && !secret::is_key("a/b") && !secret::is_key("..a"));
    assert!(secret::is_name(&long(253), 253, true) && !secret::is_name(&long(254), 253, true));
    assert!(secret::is_name("a-1.b", 253, true) && !secret::is_name("a.b", 63, false));
    for bad in ["", "A", "a_b", "-a", "a-", "a..b"] {
        assert!(!secret::is_name(bad, 253, true), "{bad}");
    }
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {a: \"x\\r\\n\", b: \"\\n\"}\n";
    let (secrets, found) =
        secret::read(&file(), text, Options { trim: true, ..Options::default() });
    assert_eq!(codes(&found), "");
    assert_eq!(secrets[0].entries[0].value.as_slice(), b"x");
    assert!(secrets[0].entries[1].value.is_empty());
}

#[test]
fn a_secret_with_a_key_is_no_certificate() {
    for text in ["kind: Secret\ndata:\n  tls.key: AA==\n", "{\"data\": {\"tls.key\": \"AA==\"}}"] {
        assert_eq!(Certificate::read(text).err(), Some(BadCertificate::PrivateKey), "{text}");
    }
    let both = format!("{}{}", read("test-certificate.crt"), read("test-key"));
    assert_eq!(Certificate::read(&both).err(), Some(BadCertificate::PrivateKey));
}

#[test]
fn merging_leaves_the_scope_alone() {
    let wide = "sealedsecrets.bitnami.com/cluster-wide";
    let target = format!(
        "{HEAD}metadata: {{name: db, namespace: prod, annotations: {{{wide}: \"true\"}}}}\nspec: {{}}\n---\n{HEAD}metadata: {{name: other, namespace: prod}}\nspec: {{}}\n"
    );
    let input = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: elsewhere, annotations: {{{wide}: \"true\", note: x}}}}\nstringData: {{a: b}}\n"
    );
    let merged = secret::merge_into(
        (&file(), &target),
        (&"in".into(), &input),
        Options::default(),
        &key(),
        &mut Counted(0),
    );
    let text = merged.unwrap().unwrap().text;
    assert_eq!(text.matches(wide).count(), 1, "{text}");
    assert!(text.contains("note: x") || text.contains("note: \"x\""), "{text}");
    let strict = input.replace("true", "false");
    let merged = secret::merge_into(
        (&file(), &target.replace("true", "false")),
        (&"in".into(), &strict),
        Options::default(),
        &key(),
        &mut Counted(0),
    );
    assert_eq!(codes(&merged.unwrap().unwrap_err()), "S145");
}
