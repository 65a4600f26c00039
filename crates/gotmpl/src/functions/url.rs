//! URLs: Go's `net/url`, behind `urlParse` and `urlJoin`.

use std::net::Ipv6Addr;

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::value::{Kind, Value};

use super::arguments::{Answer, NIL_POINTER, dict, failure, string, text};
use super::text::{find, go_quote};

use Param::{Dict, String as Text};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("urlParse", &[Text], url_parse),
    FunctionEntry::new("urlJoin", &[Dict], url_join),
    // There is no network to ask.
    FunctionEntry::new("getHostByName", &[Text], |_, _| string("")),
];

/// A URL taken apart.
#[derive(Debug, Default)]
struct Url {
    scheme: Vec<u8>,
    opaque: Vec<u8>,
    user: Option<(Vec<u8>, Option<Vec<u8>>)>,
    host: Vec<u8>,
    path: Vec<u8>,
    query: Vec<u8>,
    fragment: Vec<u8>,
}

/// Which part of a URL a text is: each has characters of its own that stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

fn needs_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    match part {
        Part::Host | Part::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::Path => !b"$&+,/:;=@".contains(&byte),
        Part::User => !b"$&+,;=".contains(&byte),
        Part::Fragment => !b"$&+,/:;=?@!()*".contains(&byte),
    }
}

fn escape(text: &[u8], part: Part) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if needs_escape(byte, part) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(byte);
        }
    }
    out
}

fn hex_value(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| text.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let shown = rest.get(..3).unwrap_or(rest);
            let bad = || format!("invalid URL escape {}", go_quote(shown));
            let value = hex_value(rest).ok_or_else(bad)?;
            let refused = match part {
                Part::Host => value < 0x80 && shown != b"%25",
                Part::Zone => shown != b"%25" && value != b' ' && needs_escape(value, Part::Host),
                _ => false,
            };
            if refused {
                return Err(bad());
            }
            out.push(value);
            rest = rest.get(3..).unwrap_or_default();
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && byte < 0x80 && needs_escape(byte, part) {
            return Err(format!("invalid character {} in host name", go_quote(&[byte])));
        }
        out.push(byte);
        rest = after;
    }
    Ok(out)
}

/// Splits at the first separator; the second part is empty when there is none.
fn cut<'a>(text: &'a [u8], separator: &[u8]) -> (&'a [u8], &'a [u8]) {
    match find(text, separator) {
        Some(at) => {
            let after = text.get(at + separator.len()..).unwrap_or_default();
            (text.get(..at).unwrap_or_default(), after)
        }
        None => (text, b""),
    }
}

/// Reads a URL; the error is Go's without the text it is about.
fn parse(text: &[u8]) -> Result<Url, (Vec<u8>, String)> {
    let (before, fragment) = cut(text, b"#");
    let mut url = parse_before_fragment(before).map_err(|error| (before.to_vec(), error))?;
    url.fragment = unescape(fragment, Part::Fragment).map_err(|error| (text.to_vec(), error))?;
    Ok(url)
}

fn scheme_length(text: &[u8]) -> Result<Option<usize>, String> {
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok(Some(at)),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

fn parse_before_fragment(text: &[u8]) -> Result<Url, String> {
    if text.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let mut url = Url::default();
    if text == b"*" {
        url.path = text.to_vec();
        return Ok(url);
    }
    let mut rest = text;
    if let Some(length) = scheme_length(text)? {
        url.scheme = text.get(..length).unwrap_or_default().to_ascii_lowercase();
        rest = text.get(length + 1..).unwrap_or_default();
    }
    let questions = memchr::memchr_iter(b'?', rest).count();
    if questions == 1 && rest.ends_with(b"?") {
        // An empty query: nothing of it is kept.
        rest = rest.get(..rest.len() - 1).unwrap_or_default();
    } else {
        let (before, query) = cut(rest, b"?");
        rest = before;
        url.query = query.to_vec();
    }
    if !rest.starts_with(b"/") {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        if cut(rest, b"/").0.contains(&b':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let authority_follows = !url.scheme.is_empty() || !rest.starts_with(b"///");
    if let Some(after) = rest.strip_prefix(b"//").filter(|_| authority_follows) {
        let end = memchr::memchr(b'/', after).unwrap_or(after.len());
        let (authority, path) = after.split_at(end);
        rest = path;
        parse_authority(&mut url, authority)?;
    }
    url.path = unescape(rest, Part::Path)?;
    Ok(url)
}

fn parse_authority(url: &mut Url, authority: &[u8]) -> Result<(), String> {
    let at_sign = memchr::memrchr(b'@', authority);
    let host = at_sign.map_or(authority, |at| authority.get(at + 1..).unwrap_or_default());
    url.host = parse_host(&url.scheme, host)?;
    let Some(at) = at_sign else { return Ok(()) };
    let user = authority.get(..at).unwrap_or_default();
    let fits = |&byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    if !user.iter().all(fits) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(user, b":");
    let password = user.contains(&b':').then_some(password);
    let name = unescape(name, Part::User)?;
    let password = password.map(|text| unescape(text, Part::User)).transpose()?;
    url.user = Some((name, password));
    Ok(())
}

fn is_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((b':', digits)) => digits.iter().all(u8::is_ascii_digit),
        Some(_) => false,
    }
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    let bad_port = |port: &[u8]| format!("invalid port {} after host", go_quote(port));
    match memchr::memrchr(b'[', host) {
        Some(0) => {}
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {
            if let Some(first) = memchr::memchr(b':', host) {
                // Several colons are an error for the web, and a list of hosts for databases.
                let web = scheme == b"http" || scheme == b"https";
                let last = memchr::memrchr(b':', host).unwrap_or(first);
                let port = host.get(if web { first } else { last }..).unwrap_or_default();
                if !is_port(port) {
                    return Err(bad_port(port));
                }
            }
            return unescape(host, Part::Host);
        }
    }
    let Some(close) = memchr::memrchr(b']', host) else {
        return Err("missing ']' in host".to_owned());
    };
    let port = host.get(close + 1..).unwrap_or_default();
    if !is_port(port) {
        return Err(bad_port(port));
    }
    let name = host.get(1..close).unwrap_or_default();
    let plain = match find(name, b"%25") {
        Some(at) => {
            let (address, zone) = name.split_at(at);
            [unescape(address, Part::Host)?, unescape(zone, Part::Zone)?].concat()
        }
        None => unescape(name, Part::Host)?,
    };
    let (address, zone) = cut(&plain, b"%");
    let address = std::str::from_utf8(address).unwrap_or_default();
    let zone_missing = plain.contains(&b'%') && zone.is_empty();
    if address.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err("invalid IP-literal".to_owned());
    }
    if address.parse::<Ipv6Addr>().is_err() || zone_missing {
        let shown = go_quote(&plain);
        return Err(format!("invalid host: ParseAddr({shown}): unable to parse IP"));
    }
    Ok([b"[", plain.as_slice(), b"]", port].concat())
}

impl Url {
    fn user_text(&self) -> Vec<u8> {
        match &self.user {
            None => Vec::new(),
            Some((name, None)) => escape(name, Part::User),
            Some((name, Some(password))) => {
                [escape(name, Part::User), escape(password, Part::User)].join(&b':')
            }
        }
    }

    fn host_name(&self) -> &[u8] {
        let mut host = self.host.as_slice();
        if let Some(colon) = memchr::memrchr(b':', host)
            && is_port(host.get(colon..).unwrap_or_default())
        {
            host = host.get(..colon).unwrap_or_default();
        }
        host.strip_prefix(b"[").and_then(|inner| inner.strip_suffix(b"]")).unwrap_or(host)
    }

    fn escaped_path(&self) -> Vec<u8> {
        if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) }
    }

    fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            let has_host = !self.host.is_empty();
            if has_host || self.user.is_some() || !self.scheme.is_empty() && !self.path.is_empty() {
                out.extend_from_slice(b"//");
            }
            if self.user.is_some() {
                out.extend_from_slice(&self.user_text());
                out.push(b'@');
            }
            out.extend_from_slice(&escape(&self.host, Part::Host));
            let path = self.escaped_path();
            if has_host && path.first().is_some_and(|&byte| byte != b'/') {
                out.push(b'/');
            }
            if out.is_empty() && cut(&path, b"/").0.contains(&b':') {
                // A colon in the first part would make it a scheme.
                out.extend_from_slice(b"./");
            }
            out.extend_from_slice(&path);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend_from_slice(&escape(&self.fragment, Part::Fragment));
        }
        out
    }
}

fn url_parse(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let url = parse(text(arguments, 0)).map_err(|(about, error)| {
        let about = go_quote(&about);
        FunctionError::new(format!("unable to parse url: parse {about}: {error}"))
    })?;
    Ok(Value::map([
        ("fragment", Value::string(url.fragment.as_slice())),
        ("host", Value::string(url.host.as_slice())),
        ("hostname", Value::string(url.host_name())),
        ("opaque", Value::string(url.opaque.as_slice())),
        ("path", Value::string(url.path.as_slice())),
        ("query", Value::string(url.query.as_slice())),
        ("scheme", Value::string(url.scheme.as_slice())),
        ("userinfo", Value::string(url.user_text())),
    ]))
}

fn url_join(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let map = dict(arguments, 0);
    let part = |key: &str| -> Result<Vec<u8>, FunctionError> {
        match map.as_ref().and_then(|map| map.get(key.as_bytes())) {
            None => Ok(Vec::new()),
            Some(Value::Str(text)) => Ok(text.to_vec()),
            Some(Value::Nil) => failure(NIL_POINTER),
            Some(value) => match (value.kind(), &value) {
                (Kind::String, Value::Object(object)) => match object.underlying() {
                    Some(Value::Str(text)) => Ok(text.to_vec()),
                    _ => Ok(Vec::new()),
                },
                (kind, _) => failure(format!(
                    "unable to parse {key} key, must be of type string, but {} found",
                    kind.name()
                )),
            },
        }
    };
    let mut url = Url {
        scheme: part("scheme")?,
        host: part("host")?,
        path: part("path")?,
        query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        ..Url::default()
    };
    let user = part("userinfo")?;
    if !user.is_empty() {
        let whole = [b"proto://", user.as_slice(), b"@host"].concat();
        let parsed = parse(&whole).map_err(|(about, error)| {
            let about = go_quote(&about);
            FunctionError::new(format!("unable to parse userinfo in dict: parse {about}: {error}"))
        })?;
        url.user = parsed.user;
    }
    string(url.text())
}
