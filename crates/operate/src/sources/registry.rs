//! Charts in OCI registries (OCI Distribution Specification 1.1; helm's media types, `pkg/registry`).
//!
//! A registry that answers 401 says where a token is to be had; credentials go to that place and to the
//! registry, and nowhere else.

use serde_json::Value;

use gotmpl::semver::Version;

use super::address::Address;
use super::client::{Answer, Client, Request};
use super::credentials::{Credentials, Keyring};
use super::index::{constraint, no_version};
use super::reason::Reason;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CONTENT: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// What helm wrote while OCI was an experiment; it still reads it.
const OLD_CONTENT: &str = "application/tar+gzip";

/// Pages of tags that are read at most.
const MOST_PAGES: usize = 1000;

/// A repository of a registry, as one run talks to it.
pub(crate) struct Registry<'a> {
    client: &'a Client,
    credentials: Option<&'a Credentials>,
    /// Host and port that answer, which are others for docker's own registry.
    authority: String,
    /// The path of the repository, without `/` at its ends.
    path: String,
    secure: bool,
    authorization: Option<String>,
}

/// A chart's layer.
pub(crate) struct Layer {
    /// The version that the tag means.
    pub(crate) version: String,
    /// The archive's SHA-256 in hexadecimal, as the manifest has it.
    pub(crate) digest: String,
}

impl<'a> Registry<'a> {
    /// Returns the registry that holds `host[:port]/path`.
    pub(crate) fn open(
        client: &'a Client,
        keyring: &'a Keyring,
        place: &str,
    ) -> Result<Registry<'a>, Reason> {
        let (authority, path) = place.split_once('/').unwrap_or((place, ""));
        let path = path.trim_matches('/');
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._/".contains(letter);
        if path.is_empty() || !path.chars().all(plain) || path.split('/').any(|part| part == "..") {
            let shown = super::address::shown(place);
            return Err(Reason::new(format!("`{shown}` is no path of a registry")));
        }
        let authority = match authority {
            "docker.io" | "index.docker.io" => "registry-1.docker.io",
            authority => authority,
        };
        let secure = !client.is_plain(authority);
        // Wrong hosts are refused here.
        let address = Address::of_host(secure, authority, "/").map_err(|why| {
            Reason::new(format!("`{}` is no registry: {why}", super::address::shown(place)))
        })?;
        let authority = address.authority();
        let credentials = keyring.find(&authority, path);
        let authorization = credentials.filter(|own| own.is_token()).and_then(Credentials::header);
        Ok(Registry {
            client,
            credentials,
            authority,
            path: path.to_owned(),
            secure,
            authorization,
        })
    }

    /// Finds the layer of the version (or constraint, or nothing for the newest) of the chart.
    pub(crate) fn find(&mut self, version: &str) -> Result<Layer, Reason> {
        // As helm: what can be read as a version, `1.10` too, is a tag by that very name.
        let tag = match Version::parse(version) {
            Ok(_) => version.to_owned(),
            Err(_) => self.tag(version)?,
        };
        // A tag has no `+`; helm writes `_` for it.
        let reference = tag.replace('+', "_");
        let manifest = self.manifest(&reference)?;
        let manifest = match nested(&manifest)? {
            Some(digest) => self.manifest(&digest)?,
            None => manifest,
        };
        let digest = layer(&manifest)?;
        Ok(Layer { version: tag, digest })
    }

    /// Returns the bytes of a layer.
    pub(crate) fn layer(&mut self, digest: &str) -> Result<Vec<u8>, Reason> {
        self.get(&format!("blobs/sha256:{digest}"), None)?.body()
    }

    /// Returns the newest tag that a constraint allows, as the version that it stands for.
    fn tag(&mut self, version: &str) -> Result<String, Reason> {
        let constraint = constraint(version)?;
        let mut tags: Vec<(Version, String)> = Vec::new();
        let mut next = Some(self.address("tags/list")?);
        for _ in 0..MOST_PAGES {
            let Some(address) = next.take() else { break };
            let answer = self.get_at(&address, Some("application/json"))?;
            if let Some(link) = answer.link.as_deref().and_then(next_page) {
                let to = address.resolve(link).map_err(Reason::new)?;
                // Credentials go along, so the list has to go on where it began.
                if !to.same_place(&address) {
                    return Err(Reason::new(format!(
                        "`{address}` goes on at another host, `{to}`"
                    )));
                }
                next = Some(to);
            }
            let list: Value = json(&address, &answer.body()?)?;
            let names = list.get("tags").and_then(Value::as_array).into_iter().flatten();
            for name in names.filter_map(Value::as_str) {
                let name = name.replace('_', "+");
                if let Ok(version) = Version::parse_strict(&name) {
                    tags.push((version, name));
                }
            }
        }
        tags.sort_by(|one, other| other.0.compare(&one.0));
        let exact = tags.iter().find(|(_, name)| name == version);
        let found = exact.or_else(|| tags.iter().find(|(tag, _)| constraint.check(tag)));
        let newest = tags.first().map(|(_, name)| name.as_str());
        found.map(|(_, name)| name.clone()).ok_or_else(|| no_version(&self.path, version, newest))
    }

    fn manifest(&mut self, reference: &str) -> Result<Value, Reason> {
        let accept = format!("{MANIFEST}, {INDEX}");
        let address = self.address(&format!("manifests/{reference}"))?;
        let bytes = self.get_at(&address, Some(&accept))?.body()?;
        if let Some(digest) = reference.strip_prefix("sha256:")
            && super::cache::digest_of(&bytes) != digest
        {
            return Err(Reason::new(format!("`{address}` is not what its digest says")));
        }
        json(&address, &bytes)
    }

    fn address(&self, rest: &str) -> Result<Address, Reason> {
        let path = format!("/v2/{}/{rest}", self.path);
        Address::of_host(self.secure, &self.authority, &path).map_err(Reason::new)
    }

    fn get(&mut self, rest: &str, accept: Option<&str>) -> Result<Answer, Reason> {
        let address = self.address(rest)?;
        self.get_at(&address, accept)
    }

    /// Asks; where the registry wants to know who asks, it is told, once.
    fn get_at(&mut self, address: &Address, accept: Option<&str>) -> Result<Answer, Reason> {
        let request = Request {
            accept,
            authorization: self.authorization.as_deref(),
            ..Request::get(address)
        };
        let answer = self.client.send(&request)?;
        // Whoever was redirected to has no say in who we are.
        if answer.status != 401 || !answer.address.same_place(address) {
            return Ok(answer);
        }
        let Some(authorization) = self.authorize(&answer)? else { return Ok(answer) };
        self.authorization = Some(authorization);
        let request = Request {
            accept,
            authorization: self.authorization.as_deref(),
            ..Request::get(address)
        };
        self.client.send(&request)
    }

    /// Returns what to say to a registry that asks who we are.
    fn authorize(&self, answer: &Answer) -> Result<Option<String>, Reason> {
        let scheme = |challenge: &str, name: &str| {
            let rest = challenge.trim_start();
            let begin = rest.get(..name.len())?;
            begin.eq_ignore_ascii_case(name).then(|| rest[name.len()..].to_owned())
        };
        for challenge in &answer.challenges {
            if let Some(parameters) = scheme(challenge, "bearer ") {
                return self.token(&parameters).map(Some);
            }
        }
        let basic = answer.challenges.iter().any(|challenge| scheme(challenge, "basic").is_some());
        Ok(self.credentials.filter(|_| basic).and_then(Credentials::header))
    }

    /// Gets a token where the registry says (Distribution's token authentication specification).
    fn token(&self, parameters: &str) -> Result<String, Reason> {
        let own = format!("repository:{}:pull", self.path);
        let scope = parameter(parameters, "scope").unwrap_or(own);
        let service = parameter(parameters, "service").unwrap_or_default();
        let realm = parameter(parameters, "realm")
            .ok_or_else(|| Reason::new("the registry says not where a token is to be had"))?;
        let realm = Address::parse(&realm).map_err(|why| {
            Reason::new(format!("the registry's address for tokens is none: {why}"))
        })?;
        if self.secure && !realm.is_secure() {
            return Err(Reason::new(format!(
                "the registry's tokens come from `{realm}`, unencrypted"
            )));
        }
        let answer = match self.credentials.and_then(Credentials::identity) {
            Some(identity) => {
                let form = Address::of_host(true, "x", "/").map_err(Reason::new)?.with_query(&[
                    ("grant_type", "refresh_token"),
                    ("service", &service),
                    ("scope", &scope),
                    ("client_id", "mainstay"),
                    ("refresh_token", identity),
                ]);
                let whole = form.whole();
                let form = whole.split_once('?').map_or("", |(_, form)| form);
                self.client.send(&Request { form: Some(form), ..Request::get(&realm) })?
            }
            None => {
                let mut pairs = vec![("scope", scope.as_str())];
                if !service.is_empty() {
                    pairs.insert(0, ("service", service.as_str()));
                }
                let address = realm.with_query(&pairs);
                let basic = self.credentials.and_then(Credentials::header);
                let authorization = basic.as_deref();
                self.client.send(&Request { authorization, ..Request::get(&address) })?
            }
        };
        let list = json(&realm, &answer.body()?)?;
        let token = ["token", "access_token"].iter().find_map(|key| list.get(*key)?.as_str());
        token
            .filter(|token| !token.is_empty())
            .map(|token| format!("Bearer {token}"))
            .ok_or_else(|| Reason::new(format!("`{realm}` gave no token")))
    }
}

/// Returns the digest of the chart's manifest where this one is a list of manifests.
fn nested(manifest: &Value) -> Result<Option<String>, Reason> {
    let Some(list) = manifest.get("manifests").and_then(Value::as_array) else { return Ok(None) };
    let is_chart = |entry: &&Value| {
        entry.get("artifactType").and_then(Value::as_str).is_some_and(|kind| kind == CONFIG)
    };
    let only = if list.len() == 1 { list.first() } else { None };
    let found = list.iter().find(is_chart).or(only);
    let digest = found.and_then(|entry| entry.get("digest")).and_then(Value::as_str);
    let digest =
        digest.filter(|digest| digest.strip_prefix("sha256:").is_some_and(super::cache::is_digest));
    digest.map(|digest| Some(digest.to_owned())).ok_or_else(no_chart)
}

/// Returns the digest of the layer that holds the chart.
fn layer(manifest: &Value) -> Result<String, Reason> {
    let layers = manifest.get("layers").and_then(Value::as_array).into_iter().flatten();
    let of = |wanted: &str| {
        layers.clone().find(|layer| layer.get("mediaType").and_then(Value::as_str) == Some(wanted))
    };
    let found = of(CONTENT).or_else(|| of(OLD_CONTENT)).ok_or_else(no_chart)?;
    let digest = found.get("digest").and_then(Value::as_str).unwrap_or_default();
    let digest = digest.strip_prefix("sha256:").filter(|digest| super::cache::is_digest(digest));
    digest
        .map(str::to_owned)
        .ok_or_else(|| Reason::new("the layer of the chart has no digest of the form `sha256:…`"))
}

fn no_chart() -> Reason {
    Reason::new("what the registry has there is no helm chart").hint("it may be a container image")
}

fn json(address: &Address, bytes: &[u8]) -> Result<Value, Reason> {
    serde_json::from_slice(bytes)
        .map_err(|error| Reason::new(format!("`{address}` is no JSON (line {})", error.line())))
}

/// Returns a parameter of a challenge (RFC 9110, 11.2): `name="value"` or `name=value`, with commas between.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_matches([' ', ',', '\t']);
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => {
                let mut value = String::new();
                let mut letters = quoted.char_indices();
                let mut end = quoted.len();
                while let Some((at, letter)) = letters.next() {
                    match letter {
                        '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
                        '"' => {
                            end = at + 1;
                            break;
                        }
                        letter => value.push(letter),
                    }
                }
                (value, quoted.get(end..).unwrap_or_default())
            }
            None => {
                let (value, next) = after.split_once(',').unwrap_or((after, ""));
                (value.trim().to_owned(), next)
            }
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = next;
    }
}

/// Returns the address of the next page in a `Link` header (RFC 8288).
fn next_page(link: &str) -> Option<&str> {
    link.split(',').find_map(|part| {
        let (address, parameters) = part.trim().strip_prefix('<')?.split_once('>')?;
        let next = parameters
            .split(';')
            .any(|parameter| matches!(parameter.trim(), "rel=next" | "rel=\"next\""));
        next.then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_and_links_are_read() {
        let challenge = r#"realm="https://auth.x.org/token",service="reg\"x",scope="repository:a/b:pull,push", x=y"#;
        let get = |name| parameter(challenge, name);
        assert_eq!(get("realm").as_deref(), Some("https://auth.x.org/token"));
        assert_eq!(get("service").as_deref(), Some("reg\"x"));
        assert_eq!(get("SCOPE").as_deref(), Some("repository:a/b:pull,push"));
        assert_eq!(get("x").as_deref(), Some("y"));
        for strange in ["", "=", "realm", "realm=\"", "a=\"\\", "\u{fc}=\u{fc},"] {
            assert_eq!(parameter(strange, "nothing"), None, "{strange}");
        }
        assert_eq!(
            next_page("</v2/a/tags/list?last=b&n=2>; rel=\"next\""),
            Some("/v2/a/tags/list?last=b&n=2")
        );
        assert_eq!(next_page("<a>; rel=prev, <b>; rel=next"), Some("b"));
        assert_eq!(next_page("b"), None);
    }
}
