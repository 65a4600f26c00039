//! Plain values that look like secrets: by their name, by the form of known tokens, by entropy.
//!
//! The value itself is never part of a finding; [`mask`] blots it out of the text that is shown.

use std::collections::HashMap;

use yaml::{Kind, Node, Span};

use super::Findings;
use super::codes::secrets as codes;
use crate::model::{Origin, Platform};

/// Beginnings of tokens that only secrets have.
pub(super) const TOKENS: &[(&str, usize, &str)] = &[
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("ghu_", 30, "a GitHub token"),
    ("ghr_", 30, "a GitHub token"),
    ("github_pat_", 30, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("AKIA", 20, "an AWS access key"),
    ("ASIA", 20, "an AWS access key"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("xapp-", 20, "a Slack token"),
    ("sk_live_", 20, "a Stripe key"),
    ("rk_live_", 20, "a Stripe key"),
    ("whsec_", 20, "a webhook secret"),
    ("pul-", 40, "a Pulumi token"),
    ("ops_", 60, "a 1Password token"),
    ("dckr_pat_", 20, "a Docker Hub token"),
    ("AIza", 39, "a Google key"),
    ("ya29.", 30, "a Google token"),
    ("hf_", 30, "a Hugging Face token"),
    ("npm_", 36, "an npm token"),
    ("SG.", 60, "a SendGrid key"),
    ("shpat_", 30, "a Shopify token"),
    ("dop_v1_", 60, "a DigitalOcean token"),
    ("AGE-SECRET-KEY-", 30, "an age key"),
];

/// `-----BEGIN PRIVATE KEY`, and the same of RSA, EC and OpenSSH, in base64.
const ENCODED_KEYS: &[&str] = &[
    "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS",
    "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt",
    "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS",
    "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZ",
];
/// How texts begin that are long and random and meant to be known: certificates and public keys in base64,
/// digests as lock files of packages write them, keys of ssh.
const PUBLIC: &[&str] = &[
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS",
    "LS0tLS1CRUdJTiBQVUJMSUMgS0VZ",
    "sha1-",
    "sha256-",
    "sha384-",
    "sha512-",
    "ssh-",
    "AAAAB3NzaC1",
    "AAAAC3NzaC1",
    "AAAAE2VjZHNh",
];

/// Words of a name that say secret.
pub(super) const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pgpassword",
    "secret",
    "token",
    "apikey",
    "credential",
    "credentials",
    "privatekey",
    "accesskey",
    "authkey",
    "signingkey",
    "encryptionkey",
];
/// Pairs of words that say secret.
const SECRET_PAIRS: &[(&str, &str)] = &[
    ("api", "key"),
    ("access", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("signing", "key"),
    ("encryption", "key"),
    ("auth", "key"),
    ("session", "key"),
    ("account", "key"),
];
/// Last words that say that the value only speaks about a secret.
const ABOUT: &[&str] = &[
    "url",
    "uri",
    "file",
    "path",
    "dir",
    "name",
    "ttl",
    "length",
    "expiry",
    "expires",
    "lifetime",
    "timeout",
    "header",
    "issuer",
    "audience",
    "enabled",
    "disabled",
    "type",
    "algorithm",
    "alg",
    "prefix",
    "suffix",
    "policy",
    "count",
    "limit",
    "id",
    "endpoint",
    "host",
    "port",
    "seconds",
    "minutes",
    "hours",
    "days",
    "rotation",
    "backend",
    "provider",
    "store",
    "required",
    "size",
    "min",
    "max",
    "field",
    "claim",
    "scope",
    "version",
    "mode",
    "location",
    "class",
    "ref",
];

/// Why a value looks like a secret that looks like anything.
pub(super) const BY_NAME: &str = "its name says so";

/// Returns why a named text looks like a secret; `None` where it does not.
pub fn suspicion(name: &str, value: &str) -> Option<&'static str> {
    let value = value.trim();
    if is_reference(value) {
        return None;
    }
    if let Some(found) = token(value) {
        return Some(found);
    }
    let words = words(name);
    if says_secret(&words) && is_opaque(value) {
        return Some(BY_NAME);
    }
    (!is_about_identity(&words) && is_random(value)).then_some("a random text")
}

/// Returns what kind of token a text is or has in it.
fn token(value: &str) -> Option<&'static str> {
    let known = TOKENS.iter().find(|(prefix, least, _)| {
        value.starts_with(prefix) && value.len() >= *least && one_word(value)
    });
    if let Some((_, _, what)) = known {
        return Some(what);
    }
    if value.contains("PRIVATE KEY-----")
        || value.contains("PRIVATE KEY BLOCK-----")
        || ENCODED_KEYS.iter().any(|begin| value.starts_with(begin))
    {
        return Some("a private key");
    }
    if value.starts_with("eyJ") && value.len() > 40 && value.matches('.').count() == 2 {
        return Some("a signed token (JWT)");
    }
    if url_password(value) {
        return Some("an address with a password in it");
    }
    if is_webhook(value) {
        return Some("an address that lets everybody write who knows it");
    }
    if let Some((_, credentials)) = value.split_once("Bearer ").or(value.split_once("Basic ")) {
        let word = credentials.split(['\'', '"', ' ']).next().unwrap_or_default();
        let is_token =
            word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=._-".contains(&byte))
                && word.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        if word.len() >= 8 && is_token {
            return Some("the credentials of a request");
        }
    }
    inline_password(value).then_some("a password in it")
}

/// Whether a text has `password=…` or `--password …` in it: an address, a connection string, a command.
fn inline_password(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    ["password", "passwd", "pwd"].iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let before = lower.get(..at).unwrap_or_default();
            let after = lower.get(at + word.len()..).unwrap_or_default();
            let rest = match after.strip_prefix('=') {
                Some(rest) if before.ends_with(['?', '&', ';', ' ', '-']) => rest,
                None if before.ends_with("--") => after.strip_prefix(' ').unwrap_or_default(),
                _ => return false,
            };
            let end = rest.find([' ', '&', ';', '"', '\'']).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or_default();
            !word.is_empty() && !word.starts_with('-') && !is_reference(word) && is_opaque(word)
        })
    })
}

/// Whether an address carries a password: `scheme://user:password@host`.
fn url_password(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((login, _)) = authority.rsplit_once('@') else { return false };
    let Some((_, password)) = login.split_once(':') else { return false };
    !password.is_empty() && !is_reference(password)
}

/// Whether an address is a webhook of a chat whose path is the secret.
fn is_webhook(value: &str) -> bool {
    [
        "://hooks.slack.com/services/",
        "://discord.com/api/webhooks/",
        "://discordapp.com/api/webhooks/",
    ]
    .iter()
    .any(|known| {
        value.split_once(known).is_some_and(|(_, path)| path.len() > 20 && !is_reference(path))
    })
}

/// Whether a text only refers to something: `$(NAME)`, `${NAME}`, `{{ … }}`, `op://…`,
/// `secret:/…`, `<…>`.
pub(super) fn is_reference(value: &str) -> bool {
    value.is_empty()
        || value.contains("$(")
        || value.contains("${")
        || value.contains("{{")
        || value.starts_with("op://")
        || value.starts_with("secret:/")
        || value.starts_with("vault:")
        || (value.starts_with('<') && value.ends_with('>'))
        || (value.starts_with("ENC[") && value.ends_with(']'))
}

fn one_word(value: &str) -> bool {
    !value.contains(char::is_whitespace)
}

/// Splits a name at signs and at capitals: `DB_PASSWORD`, `dbPassword`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for letter in name.chars() {
        let splits = !letter.is_alphanumeric() || (lower && letter.is_uppercase());
        if splits && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        lower = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn says_secret(words: &[String]) -> bool {
    let last = words.last().map_or("", String::as_str);
    if ABOUT.contains(&last) {
        return false;
    }
    let single = words.iter().any(|word| SECRET_WORDS.contains(&word.as_str()));
    let pair = words.windows(2).any(|pair| match pair {
        [first, second] => SECRET_PAIRS.iter().any(|(a, b)| first == a && second == b),
        _ => false,
    });
    // `DB_PASS`, but neither `PASS_THROUGH` nor nginx's `PROXY_PASS`.
    let short = words.len() > 1 && last == "pass" && !words.iter().any(|word| word == "proxy");
    // A public key is none.
    (single || pair || short) && !words.iter().any(|word| word == "public")
}

/// Whether a text can be a secret at all: not a number, a switch, a path or an address.
fn is_opaque(value: &str) -> bool {
    let word = value.to_ascii_lowercase();
    let switch = ["true", "false", "yes", "no", "on", "off", "none", "null", "env", "file"];
    !switch.contains(&word.as_str())
        && value.parse::<f64>().is_err()
        && !value.starts_with('/')
        && !value.contains("://")
}

/// Names whose values are long and random and meant to be known.
fn is_about_identity(words: &[String]) -> bool {
    const KNOWN: &[&str] = &[
        "id",
        "uuid",
        "guid",
        "hash",
        "digest",
        "sha",
        "sha256",
        "commit",
        "revision",
        "checksum",
        "fingerprint",
        "url",
        "uri",
        "public",
        "cert",
        "certificate",
        "etag",
        "version",
        "image",
        "path",
        "arn",
    ];
    words.iter().any(|word| KNOWN.contains(&word.as_str()))
}

/// Whether a text is long, of one piece, of several kinds of letters, and without a pattern.
fn is_random(value: &str) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-');
    if value.len() < 24 || value.len() > 4096 || !value.bytes().all(fits) {
        return false;
    }
    let has = |test: fn(&u8) -> bool| value.as_bytes().iter().any(test);
    if PUBLIC.iter().any(|begin| value.starts_with(begin)) {
        return false;
    }
    let mixed =
        has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    // Paths and lists of words are no tokens.
    let pieces = value.split(['/', '-', '_']).filter(|piece| piece.len() >= 3).count();
    mixed && entropy(value) >= 4.0 && pieces <= 3
}

/// Returns the Shannon entropy in bits per byte.
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts: HashMap<u8, f64> = HashMap::new();
    for byte in value.bytes() {
        *counts.entry(byte).or_insert(0.0) += 1.0;
    }
    let length = value.len() as f64;
    let mut shares: Vec<f64> = counts.into_values().map(|count| count / length).collect();
    shares.sort_by(f64::total_cmp);
    shares.into_iter().map(|share| -share * share.log2()).sum()
}

/// A named text of a file that looks like a secret.
pub(crate) struct Suspect {
    /// Its name.
    pub(crate) name: String,
    /// Where the name stands; for items of lists, the value.
    pub(crate) name_span: Span,
    /// Where the value stands.
    pub(crate) value_span: Span,
    /// Why it looks like one.
    pub(crate) why: &'static str,
}

/// Returns every text of a tree that looks like a secret.
pub(crate) fn suspects(tree: &Node) -> Vec<Suspect> {
    let mut found = Vec::new();
    walk(tree, "", tree.span, 0, &mut found);
    found
}

fn walk(node: &Node, name: &str, name_span: Span, depth: usize, found: &mut Vec<Suspect>) {
    if depth > 64 {
        return;
    }
    match &node.kind {
        Kind::Map(entries) => {
            // `{name: PASSWORD, value: …}` is how headers are written.
            let own =
                node.get("name").and_then(Node::as_str).filter(|_| node.get("value").is_some());
            for (key, value) in entries {
                let key_name = key.as_str().unwrap_or_default();
                if is_public(key_name) {
                    continue;
                }
                let named = if key_name == "value" { own.unwrap_or(key_name) } else { key_name };
                walk(value, named, key.span, depth + 1, found);
            }
        }
        // Names of secrets are what `secrets` is for.
        Kind::List(_) if name == "secrets" => {}
        Kind::List(items) => {
            let mut option = "";
            for item in items {
                // `--password`, and its value as the next argument.
                walk(item, option, item.span, depth + 1, found);
                let text = item.as_str().unwrap_or_default();
                let is_option = text.starts_with("--") && !text.contains(['=', ' ']);
                option = if is_option { text.trim_start_matches('-') } else { "" };
            }
        }
        Kind::String(text) => {
            let (name, value) = argument(name, text);
            if let Some(why) = suspicion(name, value) {
                let name = if name.is_empty() { "this value" } else { name };
                let name = name.to_owned();
                found.push(Suspect { name, name_span, value_span: node.span, why });
            }
        }
        _ => {}
    }
}

/// Returns name and value of an argument `--password=value`.
fn argument<'t>(name: &'t str, text: &'t str) -> (&'t str, &'t str) {
    match text.strip_prefix('-').and_then(|rest| rest.split_once('=')) {
        Some((option, value)) if name.is_empty() => (option.trim_start_matches('-'), value),
        _ => (name, text),
    }
}

/// Fields that name things, and whose values everybody may know.
fn is_public(key: &str) -> bool {
    matches!(
        key,
        "$schema"
            | "image"
            | "digest"
            | "tag"
            | "secrets"
            | "secretName"
            | "existingSecret"
            | "imagePullSecrets"
            | "secretsEnvironment"
            | "identityId"
            | "projectId"
            | "caCertificate"
            | "caBundle"
            | "integrity"
            | "pull"
            | "fieldRef"
            | "sealedSecrets"
    )
}

pub(super) fn check(platform: &Platform, findings: &mut Findings) {
    for origin in [&platform.origin, &platform.payload_origin] {
        let Some(tree) = origin.node() else { continue };
        for suspect in suspects(tree) {
            let place = place(origin, suspect.name_span);
            let stands = codes::Stands::Payload;
            findings.add(codes::c170_plaintext(&suspect.name, suspect.why, stands, place));
        }
    }
}

fn place(origin: &Origin, span: Span) -> text::Place {
    text::Place::new(origin.file(), span.range())
}

/// Returns a text with every value that looks like a secret blotted out; no byte moves. `None` where
/// there is none.
pub(crate) fn mask(text: &str, tree: &Node) -> Option<String> {
    blotted(text, &suspects(tree))
}

/// Returns a text with the values of suspects blotted out.
pub(super) fn blotted(text: &str, suspects: &[Suspect]) -> Option<String> {
    if suspects.is_empty() {
        return None;
    }
    let mut bytes = text.as_bytes().to_vec();
    for suspect in suspects {
        let within = bytes.get_mut(suspect.value_span.range()).unwrap_or_default();
        for byte in within.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r' | b'"' | b'\'')) {
            *byte = b'*';
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::suspicion;

    #[test]
    fn secrets_are_known_by_name_form_and_entropy() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter2"),
            ("DATABASE_PASS", "hunter2"),
            ("PGPASSWORD", "hunter2"),
            ("NOTIFY", "https://hooks.slack.com/services/T0000000/B0000000/abcdefghijkl"),
            ("apiKey", "abc"),
            ("DATABASE_URL", "postgres://app:hunter2@db/app"),
            ("X", concat!("gh", "p_", "0123456789abcdefghijklmnopqrstuvwxyz")),
            ("ANYTHING", "kJ8sN2pQ4rT6vX9zB1dF3gH5"),
            ("DSN", "mysql://root@db/x?password=abc123"),
            ("DSN", "Server=db;Password=Sup3rS3cret!;"),
            ("", "mysql --password hunter2"),
            ("Authorization", "Basic dXNlcjpodW50ZXIy"),
        ] {
            assert!(suspicion(name, value).is_some(), "{name}");
        }
        for (name, value) in [
            ("TOKEN_TTL", "3600"),
            ("PASSWORD_FILE", "/run/secrets/x"),
            ("PROXY_PASS", "upstream"),
            ("PASS_THROUGH", "headers"),
            ("DATABASE_URL", "postgres://app:$(DB_PASSWORD)@db/app"),
            ("DB_PASSWORD", "$(OTHER)"),
            ("API_URL", "https://api.example.com/v1/some/long/path/Abc123"),
            ("TOKEN_ENABLED", "true"),
            ("GIT_COMMIT", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
            ("PUBLIC_KEY", "abc"),
            ("LOG_LEVEL", "info"),
            ("", "mysql --password $(DB_PASSWORD)"),
            ("HELP", "Basic settings, and how a password is changed"),
        ] {
            assert_eq!(suspicion(name, value), None, "{name}");
        }
    }
}
