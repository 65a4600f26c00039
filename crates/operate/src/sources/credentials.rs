//! Who may fetch: credentials by place, from a docker config file or from the person who calls.
//!
//! A value is never shown: not in errors, not by `Debug`.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What opens a door.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Basic { user: String, password: String },
    Token(String),
    Identity(String),
}

impl Credentials {
    /// Returns a user and a password.
    pub fn basic(user: &str, password: &str) -> Credentials {
        Credentials(Kind::Basic { user: user.to_owned(), password: password.to_owned() })
    }

    /// Returns a token that is sent as it is.
    pub fn token(token: &str) -> Credentials {
        Credentials(Kind::Token(token.to_owned()))
    }

    /// Returns the value of the `Authorization` header; `None` for a token that only buys others.
    pub(crate) fn header(&self) -> Option<String> {
        match &self.0 {
            Kind::Basic { user, password } => {
                Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
            }
            Kind::Token(token) => Some(format!("Bearer {token}")),
            Kind::Identity(_) => None,
        }
    }

    /// Whether it is a token for the registry itself, which no token service is asked about.
    pub(crate) fn is_token(&self) -> bool {
        matches!(self.0, Kind::Token(_))
    }

    /// Returns the token that a token service takes for others.
    pub(crate) fn identity(&self) -> Option<&str> {
        match &self.0 {
            Kind::Identity(token) => Some(token),
            Kind::Basic { .. } | Kind::Token(_) => None,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Credentials(…)")
    }
}

/// Credentials by place: host, or host and the beginning of a path.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    places: BTreeMap<String, Credentials>,
}

impl Keyring {
    /// Returns the credentials of a docker config file: `auths` with `auth`, or `username` and `password`,
    /// or `identitytoken`, or `registrytoken` (docker CLI, `cli/config/types/authconfig.go`; its helper
    /// programs are not asked).
    ///
    /// # Errors
    /// If it is no such file; the words do not repeat what is in it.
    pub fn from_docker_config(bytes: &[u8]) -> Result<Keyring, String> {
        let config: Value = serde_json::from_slice(bytes)
            .map_err(|error| format!("line {}: it is no JSON", error.line()))?;
        let mut keyring = Keyring::default();
        let Some(auths) = config.get("auths").and_then(Value::as_object) else {
            return Ok(keyring);
        };
        for (place, entry) in auths {
            let text =
                |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
            let credentials = if let Some(token) = text("identitytoken") {
                Credentials(Kind::Identity(token.to_owned()))
            } else if let Some(token) = text("registrytoken") {
                Credentials::token(token)
            } else if let Some(auth) = text("auth") {
                let decoded = STANDARD.decode(auth.trim()).ok();
                let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
                let pair = decoded.as_deref().and_then(|pair| pair.split_once(':'));
                let (user, password) = pair.ok_or_else(|| {
                    format!("`auth` of `{place}` is no base64 of `user:password`")
                })?;
                Credentials::basic(user, password.trim_end_matches('\0'))
            } else if let (Some(user), Some(password)) = (text("username"), text("password")) {
                Credentials::basic(user, password)
            } else {
                continue;
            };
            keyring.insert(place, credentials);
        }
        Ok(keyring)
    }

    /// Adds credentials for a place: `ghcr.io`, `ghcr.io/owner`, `https://charts.example.org`. Those that
    /// were there for it are replaced.
    pub fn insert(&mut self, place: &str, credentials: Credentials) {
        self.places.insert(normal(place), credentials);
    }

    /// Adds all credentials of another keyring; its own win.
    pub fn extend(&mut self, other: Keyring) {
        self.places.extend(other.places);
    }

    /// Returns the credentials for a path of a host: those of the longest place that it lies in.
    pub(crate) fn find(&self, authority: &str, path: &str) -> Option<&Credentials> {
        let wanted = normal(&format!("{authority}/{}", path.trim_start_matches('/')));
        let within = |place: &str| {
            wanted.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let places = self.places.iter().filter(|(place, _)| within(place));
        places.max_by_key(|(place, _)| place.len()).map(|(_, credentials)| credentials)
    }
}

/// Returns a place without scheme and ending; docker's own registry has three names.
fn normal(place: &str) -> String {
    let bare = place.split_once("://").map_or(place, |(_, rest)| rest);
    let bare = bare.trim_end_matches('/');
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let host = host.to_ascii_lowercase();
    if matches!(host.as_str(), "docker.io" | "index.docker.io" | "registry-1.docker.io") {
        let path = if path == "v1" || path == "v2" { "" } else { path };
        return normal_parts("docker.io", path);
    }
    normal_parts(&host, path)
}

fn normal_parts(host: &str, path: &str) -> String {
    if path.is_empty() { host.to_owned() } else { format!("{host}/{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_docker_config_is_read_and_the_longest_place_wins() {
        let config = r#"{"credsStore":"desktop","auths":{
            "https://index.docker.io/v1/":{"auth":"aHViOnNlY3JldDpx"},
            "ghcr.io":{"username":"g","password":"one"},
            "ghcr.io/owner":{"username":"g","password":"two"},
            "quay.io":{"registrytoken":"tok"},
            "id.azurecr.io":{"auth":"","identitytoken":"idt"},
            "empty.org":{}
        }}"#;
        let keyring = Keyring::from_docker_config(config.as_bytes()).unwrap();
        let find = |host, path| keyring.find(host, path);
        assert_eq!(find("registry-1.docker.io", "x"), Some(&Credentials::basic("hub", "secret:q")));
        assert_eq!(find("ghcr.io", "other/x"), Some(&Credentials::basic("g", "one")));
        assert_eq!(find("ghcr.io", "/owner/x"), Some(&Credentials::basic("g", "two")));
        assert_eq!(find("ghcr.io", "owners/x"), Some(&Credentials::basic("g", "one")));
        assert_eq!(find("quay.io", ""), Some(&Credentials::token("tok")));
        assert_eq!(find("id.azurecr.io", "").and_then(Credentials::identity), Some("idt"));
        assert_eq!(find("ghcr.io.evil.org", ""), None);
        assert_eq!(find("empty.org", ""), None);
        assert!(!format!("{keyring:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_docker_config_is_refused_without_repeating_it() {
        for bad in ["", "secret", r#"{"auths":{"x":{"auth":"secret"}}}"#] {
            let error = Keyring::from_docker_config(bad.as_bytes()).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(Keyring::from_docker_config(b"{}").unwrap().places.is_empty());
    }
}
