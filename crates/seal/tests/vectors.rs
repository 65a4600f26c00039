//! Values that other implementations sealed, and what we seal, opened.
#![allow(clippy::unwrap_used, reason = "a test")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seal::key::{
    KeyPair, KeyRing, NoRandomness, PrivateKey, SealingKey, SessionKey, SessionKeys, TEN_YEARS,
    controller_secret,
};
use seal::layout::{Certificate, Envelope, Scope, decode};

/// Session keys that are all different, and nothing more: for tests.
struct Counted(u8);

impl SessionKeys for Counted {
    fn next(&mut self) -> Result<SessionKey, NoRandomness> {
        self.0 = self.0.wrapping_add(1);
        Ok(SessionKey::new(&mut [self.0; 32]))
    }
}

fn text(name: &str) -> Option<String> {
    let bytes = testkit::corpus_file(&format!("sealed/{name}"))?;
    Some(String::from_utf8(bytes).unwrap())
}

#[test]
fn what_others_sealed_opens_with_both_forms_of_the_key() {
    let Some(vectors) = testkit::corpus_json("sealed/vectors.json") else { return };
    let vectors = vectors.as_array().unwrap();
    assert!(vectors.len() >= 24);
    for vector in vectors {
        let get = |key: &str| vector[key].as_str().unwrap();
        let scope = match get("scope") {
            "namespace" => Scope::NamespaceWide,
            "cluster" => Scope::ClusterWide,
            other => Scope::parse(other).unwrap(),
        };
        let label = scope.label(get("namespace"), get("name"));
        let bytes = decode(get("sealed")).unwrap();
        let envelope = Envelope::read(&bytes).unwrap();
        let wanted = STANDARD.decode(get("plaintext_b64")).unwrap();
        for form in [get("key").to_owned(), get("key").replace(".pem", ".pkcs1.pem")] {
            let key = PrivateKey::read(&text(&form).unwrap()).unwrap();
            assert_eq!(*key.open(&envelope, &label).unwrap(), wanted, "{form} {vector}");
            assert!(key.open(&envelope, b"elsewhere/name").is_none());
        }
        let other = if get("key") == "k2048.pem" { "k4096.pem" } else { "k2048.pem" };
        let other = PrivateKey::read(&text(other).unwrap()).unwrap();
        assert!(other.open(&envelope, &label).is_none());
    }
}

#[test]
fn what_we_seal_opens_and_every_change_of_a_bit_is_noticed() {
    let (Some(certificate), Some(key)) = (text("c2048.pem"), text("k2048.pem")) else { return };
    let sealing = SealingKey::new(&Certificate::read(&certificate).unwrap()).unwrap();
    let key = PrivateKey::read(&key).unwrap();
    assert_eq!(sealing.fingerprint(), key.fingerprint());
    let mut keys = Counted(0);
    for value in [&b""[..], b"hunter2", b"\0\xff\n", &vec![7; 1 << 20]] {
        for scope in Scope::ALL {
            let label = scope.label("prod", "db");
            let sealed = sealing.seal(value, &label, keys.next().unwrap()).unwrap();
            let opened = key.open(&Envelope::read(&sealed).unwrap(), &label).unwrap();
            assert!(opened.as_slice() == value);
            let text = sealing.seal_text(value, &label, keys.next().unwrap()).unwrap();
            assert!(text.starts_with("AQ") && decode(&text).unwrap().len() == sealed.len());
        }
    }
    let sealed = sealing.seal(b"x", b"", keys.next().unwrap()).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        let opened = Envelope::read(&changed).ok().and_then(|envelope| key.open(&envelope, b""));
        assert!(opened.is_none(), "byte {at}");
    }
}

#[test]
fn a_new_pair_is_what_the_controller_makes() {
    let pair = KeyPair::generate([0x42; 16], 1_795_000_000, TEN_YEARS).unwrap();
    let certificate = &pair.certificate;
    assert_eq!(certificate.bits(), 4096);
    assert_eq!(certificate.not_before(), 1_795_000_000);
    assert_eq!(certificate.not_after(), 1_795_000_000 + TEN_YEARS);
    assert_eq!(certificate.fingerprint(), pair.key.fingerprint());
    let pem = pair.key.to_pem().unwrap();
    assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    assert_eq!(PrivateKey::read(&pem).unwrap().fingerprint(), pair.key.fingerprint());

    let secret = controller_secret(&pair, "kube-system", "sealed-secrets-key").unwrap();
    let mut ring = KeyRing::default();
    ring.add("master", &secret).unwrap();
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {}",
        secret.trim_end().replace('\n', "\n  ")
    );
    ring.add("again", &list).unwrap();
    assert_eq!(ring.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["master"]);

    let sealing = SealingKey::new(certificate).unwrap();
    let sealed = sealing.seal(b"value", b"a/b", Counted(9).next().unwrap()).unwrap();
    assert_eq!(sealed[..2], [2, 0]);
    let opened = ring.open(&Envelope::read(&sealed).unwrap(), b"a/b").unwrap();
    assert_eq!((opened.value.as_slice(), opened.by), (&b"value"[..], "master"));
}

#[test]
fn what_is_no_key_says_so_and_shows_nothing() {
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIFLTBX\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let ec = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n";
    let broken = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
    for (text, word) in [
        ("", "no private key"),
        ("apiVersion: v1\nkind: Secret\ndata: {tls.key: hunter2!}\n", "tls.key"),
        ("kind: Secret\nstringData: {tls.key: hunter2}\n", "no private key"),
        ("a: [hunter2", "neither PEM nor a Secret"),
        (encrypted, "passphrase"),
        (ec, "not an RSA key"),
        (broken, "broken"),
    ] {
        let error = KeyRing::default().add("x", text).unwrap_err().to_string();
        assert!(error.contains(word) && !error.contains("hunter2"), "{error}");
    }
}
