//! Web addresses, as far as fetching needs them (RFC 3986): taken apart, resolved, compared, and shown
//! without what may be secret in them.

use std::fmt;
use std::net::IpAddr;

/// An `http` or `https` address.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    secure: bool,
    /// In small letters; an IPv6 address keeps its brackets.
    host: String,
    port: Option<u16>,
    /// Begins with `/`.
    path: String,
    query: Option<String>,
}

impl Address {
    /// Reads an address; the reason why it is none never repeats the text, which may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Address, &'static str> {
        let (scheme, rest) = text.split_once("://").ok_or("it has no `https://` in front")?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err("it begins neither with `https://` nor with `http://`"),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err("its address holds a user or a password, which do not belong there");
        }
        let (host, port) = host_and_port(authority)?;
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(encoded(query))),
            None => (path, None),
        };
        let path = if path.starts_with('/') { encoded(path) } else { "/".to_owned() };
        Ok(Address { secure, host, port, path, query })
    }

    /// Returns the address of a host's path.
    pub(crate) fn of_host(
        secure: bool,
        authority: &str,
        path: &str,
    ) -> Result<Address, &'static str> {
        let scheme = if secure { "https" } else { "http" };
        Address::parse(&format!("{scheme}://{authority}{path}"))
    }

    /// Returns what `reference` means in a document at this address (RFC 3986, 5.2).
    pub(crate) fn resolve(&self, reference: &str) -> Result<Address, &'static str> {
        let scheme_end = reference.find(':').unwrap_or(reference.len());
        let before_path = reference.find(['/', '?', '#']).unwrap_or(reference.len());
        if scheme_end < before_path {
            return Address::parse(reference);
        }
        if let Some(rest) = reference.strip_prefix("//") {
            return Address::parse(&format!("{}://{rest}", self.scheme()));
        }
        let reference = reference.split('#').next().unwrap_or_default();
        let (path, query) = match reference.split_once('?') {
            Some((path, query)) => (path, Some(encoded(query))),
            None => (reference, None),
        };
        let whole = if path.starts_with('/') {
            path.to_owned()
        } else {
            let folder = self.path.rfind('/').map_or("/", |at| &self.path[..=at]);
            format!("{folder}{path}")
        };
        Ok(Address { path: encoded(&without_dots(&whole)), query, ..self.clone() })
    }

    /// Returns the address of a file below this one, which is taken for a folder; its query stays, as in
    /// helm.
    pub(crate) fn below(&self, reference: &str) -> Result<Address, &'static str> {
        let folder =
            Address { path: format!("{}/", self.path.trim_end_matches('/')), ..self.clone() };
        let mut found = folder.resolve(reference)?;
        if found.query.is_none() && found.same_place(self) {
            found.query.clone_from(&self.query);
        }
        Ok(found)
    }

    /// Returns the address with a query.
    pub(crate) fn with_query(&self, pairs: &[(&str, &str)]) -> Address {
        let mut query = self.query.clone().unwrap_or_default();
        for (name, value) in pairs {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(&format!("{name}={}", escaped(value)));
        }
        Address { query: Some(query), ..self.clone() }
    }

    /// Returns the whole address, for the request itself.
    pub(crate) fn whole(&self) -> String {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}://{}{}{query}", self.scheme(), self.authority(), self.path)
    }

    /// Returns host and port, as credentials are filed.
    pub(crate) fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// Returns the path.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is encrypted.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether credentials for `other` may be sent here: the same host and port, as well protected.
    pub(crate) fn same_place(&self, other: &Address) -> bool {
        let port =
            |address: &Address| address.port.unwrap_or(if address.secure { 443 } else { 80 });
        self.host == other.host
            && (port(self) == port(other) || (self.port.is_none() && other.port.is_none()))
            && (self.secure || !other.secure)
    }

    fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }
}

/// Without the query, which may hold a signature that opens the door to others.
impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = if self.query.is_some() { "?…" } else { "" };
        write!(out, "{}://{}{}{query}", self.scheme(), self.authority(), self.path)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Address({self})")
    }
}

/// Returns an address as written by a person without what may be a password in it.
pub fn shown(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path = path.split_once('?').map_or(path.to_owned(), |(path, _)| format!("{path}?…"));
    format!("{scheme}{host}{path}")
}

/// Whether a host (with or without port) is this machine.
pub(crate) fn is_loopback(authority: &str) -> bool {
    let Ok((host, _)) = host_and_port(authority) else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn host_and_port(authority: &str) -> Result<(String, Option<u16>), &'static str> {
    let bracket = authority.rfind(']').unwrap_or(0);
    let (host, port) = match authority.rfind(':').filter(|colon| *colon > bracket) {
        Some(colon) => {
            let digits = &authority[colon + 1..];
            (&authority[..colon], Some(digits.parse().map_err(|_| "its port is no number")?))
        }
        None => (authority, None),
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._[]:".contains(letter);
    if host.is_empty() || !host.chars().all(plain) {
        return Err("its host is no host name");
    }
    Ok((host.to_ascii_lowercase(), port))
}

/// Encodes what may not stand in an address; what is encoded already stays.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Encodes a value of a query.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let all: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    for (at, part) in all.iter().enumerate() {
        let last = at + 1 == all.len();
        match *part {
            "." if last => parts.push(""),
            "." => {}
            ".." => {
                parts.pop();
                if last {
                    parts.push("");
                }
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_as_in_helm() {
        for (base, reference, whole) in [
            ("https://x.org/charts", "web-1.tgz", "https://x.org/charts/web-1.tgz"),
            ("https://x.org/charts/", "a/../web-1.tgz", "https://x.org/charts/web-1.tgz"),
            ("https://x.org/charts", "/web-1.tgz", "https://x.org/web-1.tgz"),
            ("https://x.org/charts", "../web-1.tgz", "https://x.org/web-1.tgz"),
            ("https://x.org/charts", "http://y.org:8/w", "http://y.org:8/w"),
            ("https://x.org/charts", "//y.org/w", "https://y.org/w"),
            ("https://x.org/c?t=1", "w.tgz", "https://x.org/c/w.tgz?t=1"),
            ("https://x.org/c?t=1", "https://y.org/w.tgz", "https://y.org/w.tgz"),
            ("https://X.org", "w 1.tgz", "https://x.org/w%201.tgz"),
            ("http://[::1]:80/a", "b:c", "no"),
            ("http://[::1]:80/a", "./b:c", "http://[::1]:80/a/b:c"),
        ] {
            let found = Address::parse(base).unwrap().below(reference);
            assert_eq!(found.map_or("no".to_owned(), |found| found.whole()), whole, "{base}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_nothing_secret_is_shown() {
        for bad in ["", "x", "ftp://x", "https://", "https://u:p@x/", "http://x:port/", "http://ü/"]
        {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
        let address = Address::parse("https://x.org/a?sig=secret").unwrap();
        assert_eq!(address.to_string(), "https://x.org/a?…");
        assert_eq!(shown("https://u:secret@x.org/a?k=secret"), "https://x.org/a?…");
        assert_eq!(shown("u:secret@x.org/a"), "x.org/a");
    }

    #[test]
    fn credentials_stay_at_their_place() {
        let same = |one: &str, other: &str| {
            Address::parse(one).unwrap().same_place(&Address::parse(other).unwrap())
        };
        assert!(same("https://x.org/a", "https://x.org:443/b"));
        assert!(same("https://x.org/a", "http://x.org/b"));
        assert!(!same("http://x.org/a", "https://x.org/b"));
        assert!(!same("https://x.org/a", "https://x.org:8443/b"));
        assert!(!same("https://x.org/a", "https://y.org/b"));
        for (host, loopback) in [
            ("localhost:80", true),
            ("127.0.0.1", true),
            ("[::1]:5000", true),
            ("127.0.0.1.evil.org", false),
            ("x.org", false),
        ] {
            assert_eq!(is_loopback(host), loopback, "{host}");
        }
    }
}
