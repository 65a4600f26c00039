//! Secrets in texts of any kind: private keys, tokens whose shape says what they are, and lines
//! `NAME=value` of settings files.
//!
//! A text is not data: most words of a program or a document are long and mixed, so that neither names nor
//! entropy say anything here, and a shape counts only where the whole word has it. What documents show as an
//! example (`AKIA…EXAMPLE`, `xxxx`, a key whose lines are dots) is none.

use std::ops::Range;

use yaml::Span;

use super::plaintext::{self, SECRET_WORDS, Suspect, TOKENS};

/// Returns what looks like a secret in a text, by its place.
pub(super) fn suspects(path: &str, text: &str) -> Vec<Suspect> {
    let mut found = Vec::new();
    private_keys(text, &mut found);
    let keys: Vec<Span> = found.iter().map(|key| key.value_span).collect();
    words(text, &keys, &mut found);
    webhooks(text, &mut found);
    if let Some(settings) = Settings::of(path) {
        for suspect in lines(text, settings) {
            let seen = found.iter().any(|other| overlap(other.value_span, suspect.value_span));
            if !seen {
                found.push(suspect);
            }
        }
    }
    found.sort_by_key(|suspect| suspect.value_span);
    found
}

/// Whether two ranges share a byte.
pub(super) fn overlap(one: Span, other: Span) -> bool {
    one.start < other.end && other.start < one.end
}

/// Whether a value of a file that is not delivered is a word that only speaks about a secret: `Password`,
/// `Forgot your password?`, `string`.
pub(super) fn is_prose(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let lower = value.to_lowercase();
    value.contains(char::is_whitespace)
        || ["string", "example", "text", "hidden", "input", "..."].contains(&lower.as_str())
        || (value.chars().all(|letter| letter.is_alphabetic() || "_-:.?!*".contains(letter))
            && (value.starts_with(char::is_uppercase)
                || SECRET_WORDS.iter().any(|word| lower.replace(['_', '-'], "").contains(word))))
}

fn nameless(range: Range<usize>, why: &'static str) -> Suspect {
    let span = Span::new(range.start, range.end);
    Suspect { name: String::new(), name_span: span, value_span: span, why }
}

/// Private keys as PEM, also inside of a quoted text with `\n`. Source: RFC 7468, section 2.
fn private_keys(text: &str, found: &mut Vec<Suspect>) {
    const BEGIN: &str = "-----BEGIN ";
    /// No key is longer; what follows a lone first line is not looked through to the end.
    const LONGEST: usize = 32 << 10;
    for (at, _) in text.match_indices(BEGIN) {
        let rest = text.get(at + BEGIN.len()..).unwrap_or_default();
        let Some((label, body)) = rest.split_once("-----") else { continue };
        let known = label.ends_with("PRIVATE KEY") || label.ends_with("PRIVATE KEY BLOCK");
        if !known || label.len() > 40 {
            continue;
        }
        let cut = body.floor_char_boundary(LONGEST);
        let body = body.get(..cut).unwrap_or_default();
        let body = body.split_once("-----END").map_or(body, |(body, _)| body);
        let body = body.trim_end();
        // A line of a key has 64 letters, the last one fewer; shorter ones are made up.
        let is_key = body
            .replace("\\n", "\n")
            .split(|letter: char| !is_base64(letter))
            .any(|run| run.len() >= 32 && plaintext::entropy(run) >= 3.0);
        if is_key {
            let end = at + BEGIN.len() + label.len() + "-----".len() + body.len();
            let first_line = at..at + BEGIN.len() + label.len() + "-----".len();
            let mut key = nameless(at..end, "a private key");
            key.name_span = Span::new(first_line.start, first_line.end);
            key.value_span = Span::new(first_line.end, end);
            found.push(key);
        }
    }
}

fn is_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=')
}

/// Words that are tokens as a whole.
fn words(text: &str, keys: &[Span], found: &mut Vec<Suspect>) {
    let bytes = text.as_bytes();
    let in_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while bytes.get(at).copied().is_some_and(in_word) {
            at += 1;
        }
        // The shortest token has 20 letters.
        if at - start >= 20
            && let Some(word) = text.get(start..at)
            && let Some(why) = token(word)
        {
            let word = nameless(start..start + word.trim_end_matches(['.', '-']).len(), why);
            if !keys.iter().any(|key| overlap(*key, word.value_span)) {
                found.push(word);
            }
        }
        at = at.max(start + 1);
    }
}

/// Returns which token a whole word is.
fn token(word: &str) -> Option<&'static str> {
    let word = word.trim_matches(['.', '-']);
    if word.starts_with("eyJ") && word.matches('.').count() == 2 {
        let mut parts = word.split('.').skip(1);
        let body = parts.next().is_some_and(|body| body.starts_with("eyJ"));
        let signed = parts.next().is_some_and(|signature| signature.len() >= 20);
        return (body && signed && is_credible(word)).then_some("a signed token (JWT)");
    }
    let (prefix, least, what) = TOKENS.iter().find(|(prefix, ..)| word.starts_with(prefix))?;
    let rest = word.get(prefix.len()..)?;
    let only = |test: fn(u8) -> bool| rest.bytes().all(test);
    let fits = match *prefix {
        "AKIA" | "ASIA" => {
            word.len() == *least
                && only(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                && !word.ends_with("EXAMPLE")
        }
        "AIza" => word.len() == *least && !rest.contains('.'),
        "AGE-SECRET-KEY-" => rest.starts_with('1'),
        "ops_" => rest.starts_with("eyJ"),
        "SG." => rest.matches('.').count() == 1,
        "ya29." | "github_pat_" | "glpat-" | "xoxb-" | "xoxp-" | "xapp-" => true,
        _ => only(|byte| byte.is_ascii_alphanumeric()),
    };
    (fits && word.len() >= *least && is_credible(rest)).then_some(what)
}

/// Whether the part that has to be random is: no `xxxx`, no words.
fn is_credible(rest: &str) -> bool {
    rest.bytes().any(|byte| byte.is_ascii_digit())
        && rest.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !rest.to_ascii_lowercase().contains("xxxx")
        && plaintext::entropy(rest) >= 3.0
}

/// Addresses of webhooks, whose path is the secret.
fn webhooks(text: &str, found: &mut Vec<Suspect>) {
    const KNOWN: &[&str] =
        &["hooks.slack.com/services/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/"];
    for known in KNOWN {
        for (at, _) in text.match_indices(known) {
            let start = at + known.len();
            let rest = text.get(start..).unwrap_or_default();
            let end = rest.find(|letter: char| !is_base64(letter) && !matches!(letter, '_' | '-'));
            let path = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let secret = path.rsplit('/').next().unwrap_or_default();
            if path.len() > 30 && secret.len() >= 20 && is_credible(secret) {
                found.push(nameless(start..start + path.len(), "the address of a webhook"));
            }
        }
    }
}

/// How the lines of a file of settings are judged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settings {
    /// `*.env`, `.env*`: what a program is started with.
    Environment,
    /// `*.properties`: settings, but also texts for people.
    Properties,
}

impl Settings {
    /// Returns how a file is judged; `None` where it is no file of settings, or only an example of one.
    fn of(path: &str) -> Option<Settings> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let parts = || name.split(['.', '-', '_']);
        if parts().any(|part| ["example", "sample", "template", "dist", "tpl"].contains(&part)) {
            return None;
        }
        if name.ends_with(".env") || name.starts_with(".env") {
            return Some(Settings::Environment);
        }
        name.ends_with(".properties").then_some(Settings::Properties)
    }
}

/// Lines `NAME=value`, also with `export` before them, `: ` instead of the sign, or quotes.
fn lines(text: &str, settings: Settings) -> Vec<Suspect> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', '!', ';']) {
            continue;
        }
        let signs: &[char] = if settings == Settings::Properties { &['=', ':'] } else { &['='] };
        let Some(sign) = line.find(signs) else { continue };
        let (name, value) = (line.get(..sign).unwrap_or_default(), line.get(sign + 1..));
        let name = name.trim().trim_start_matches("export ").trim();
        let value = value.unwrap_or_default();
        let shown = value.trim();
        let plain = shown.trim_matches(['"', '\'']);
        let placeholder = plain.starts_with('$')
            || plain.to_ascii_lowercase().starts_with("your")
            || plain.chars().all(|letter| "xX*.-_".contains(letter))
            || (settings == Settings::Properties && is_prose(plain));
        if placeholder {
            continue;
        }
        if let Some(why) = plaintext::suspicion(name, plain) {
            let name_start = start + line.find(name).unwrap_or_default();
            let value_start = start + sign + 1 + (value.len() - value.trim_start().len());
            found.push(Suspect {
                name: name.to_owned(),
                name_span: Span::new(name_start, name_start + name.len()),
                value_span: Span::new(value_start, value_start + shown.len()),
                why,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

    fn found(path: &str, text: &str) -> Vec<(String, &'static str)> {
        let found = suspects(path, text);
        found.into_iter().map(|suspect| (suspect.name, suspect.why)).collect()
    }

    #[test]
    fn keys_and_tokens_are_found_in_any_text() {
        let token = concat!("gh", "p_", "Ab0123456789abcdefghijklmnopqrstuvwx");
        let aws = concat!("AKI", "A", "Q3EGZ7B4LMNOP2RS");
        for text in [
            format!("-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----\n"),
            format!("key = \"-----BEGIN PRIVATE KEY-----\\n{BODY}\\n-----END PRIVATE KEY-----\""),
            format!("  -----BEGIN OPENSSH PRIVATE KEY-----\n  {BODY}\n"),
            format!("curl -H 'Authorization: token {token}' https://api.github.com"),
            format!("{token}."),
            format!("aws_access_key_id={aws}"),
        ] {
            assert_eq!(found("notes.md", &text).len(), 1, "{text}");
        }
        for text in [
            "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
            "text.contains(\"-----BEGIN PRIVATE KEY-----\") && text.contains(\"PRIVATE\")",
            "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n",
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "npm_config_some_very_long_name_of_an_option_1",
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ] {
            assert_eq!(found("notes.md", text), [], "{text}");
        }
    }

    #[test]
    fn lines_of_settings_are_judged_by_name_and_value() {
        let text = "# DB_PASSWORD=old1\nexport DB_PASSWORD=\"hunter2\"\nLOG_LEVEL=info\n\
                    API_TOKEN=${TOKEN}\nAPI_KEY=\nURL=postgres://a:b1@c/d\n";
        let names = |path: &str| -> Vec<String> {
            found(path, text).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names("a/db.env"), ["DB_PASSWORD", "URL"]);
        assert_eq!(names(".env.local"), ["DB_PASSWORD", "URL"]);
        assert_eq!(names("db.properties").len(), 2);
        assert_eq!(names(".env.example"), [""; 0]);
        assert_eq!(names("notes.txt"), [""; 0]);
        assert_eq!(found("messages.properties", "login.password=Your password:\n"), []);
    }

    #[test]
    fn what_is_found_is_blotted() {
        let text = format!("x\n-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----\n");
        let blotted = plaintext::blotted(&text, &suspects("x", &text)).unwrap();
        assert!(!blotted.contains("MIIE") && blotted.contains("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(blotted.len(), text.len());
    }
}
