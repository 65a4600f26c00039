//! One request and its answer: patience, limits, redirects.
//!
//! A request is repeated where the same one may go better (429, 5xx, a lost connection), a few times and
//! never for longer than [`Limits`] say. A redirect is followed without credentials to any other host, and
//! never from an encrypted address to one that is not. Charts are taken as they are: no compression is
//! asked for, as in helm.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, http};

use super::address::Address;
use super::reason::Reason;

/// How long and how much.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How often a request is made before its failure counts.
    pub attempts: u32,
    /// The pause before the second attempt; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause that a server may ask for.
    pub longest_pause: Duration,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long nothing may be heard.
    pub silence: Duration,
    /// How long a request may take with its answer.
    pub whole: Duration,
    /// The largest answer in bytes.
    pub most_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            attempts: 4,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            whole: Duration::from_secs(300),
            most_bytes: 64 << 20,
        }
    }
}

const MOST_REDIRECTS: usize = 10;
/// The largest part of an unwanted answer that is read.
const MOST_WORDS: u64 = 64 << 10;

/// What is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) address: &'a Address,
    pub(crate) accept: Option<&'a str>,
    /// The `Authorization` header.
    pub(crate) authorization: Option<&'a str>,
    /// A form to post; without one it is a GET.
    pub(crate) form: Option<&'a str>,
    /// Whether other hosts get the credentials too: a person has said so.
    pub(crate) pass_credentials: bool,
}

impl<'a> Request<'a> {
    pub(crate) fn get(address: &'a Address) -> Request<'a> {
        Request { address, accept: None, authorization: None, form: None, pass_credentials: false }
    }
}

/// What came back, with any status that repeating does not change.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) challenges: Vec<String>,
    pub(crate) link: Option<String>,
    pub(crate) body: Vec<u8>,
    /// Where it came from in the end.
    pub(crate) address: Address,
}

impl Answer {
    /// Returns the body of a good answer, and otherwise the reason.
    pub(crate) fn body(self) -> Result<Vec<u8>, Reason> {
        if self.status == 200 { Ok(self.body) } else { Err(self.refusal()) }
    }

    /// Returns why this answer is none.
    pub(crate) fn refusal(&self) -> Reason {
        let status = http::StatusCode::from_u16(self.status).ok();
        let words =
            status.and_then(|status| status.canonical_reason()).unwrap_or("an unknown status");
        let reason = Reason::new(format!("`{}` answered {} {words}", self.address, self.status));
        match self.status {
            401 | 403 => reason.hint(format!(
                "credentials for `{}` are wanted: `docker login`, or `--username` with `--password-stdin`",
                self.address.authority()
            )),
            _ => reason,
        }
    }
}

/// Makes requests.
pub(crate) struct Client {
    agent: Agent,
    /// For addresses on this machine, which no proxy can reach.
    direct: Agent,
    limits: Limits,
    plain_http: bool,
}

impl Client {
    pub(crate) fn new(limits: Limits, plain_http: bool) -> Client {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ))
            .build();
        let config = || {
            Agent::config_builder()
                .tls_config(tls.clone())
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .accept_encoding(ureq::config::AutoHeaderValue::None)
                .user_agent(concat!("mainstay/", env!("CARGO_PKG_VERSION")))
                .timeout_connect(Some(limits.connect))
                .timeout_per_read(Some(limits.silence))
                .timeout_global(Some(limits.whole))
        };
        let agent = config().build().new_agent();
        let direct = config().proxy(None).build().new_agent();
        Client { agent, direct, limits, plain_http }
    }

    /// Whether requests to an address are allowed at all: encrypted, or on this machine, or asked for.
    pub(crate) fn allows(&self, address: &Address) -> Result<(), Reason> {
        if address.is_secure() || address.is_loopback() || self.plain_http {
            return Ok(());
        }
        Err(Reason::new(format!("`{address}` is not encrypted"))
            .hint("use its `https://` address; `--plain-http` takes the risk"))
    }

    /// Whether a registry is asked without encryption: on this machine, or where a person says so.
    pub(crate) fn is_plain(&self, authority: &str) -> bool {
        self.plain_http || super::address::is_loopback(authority)
    }

    /// Makes a request, and follows where it is sent on.
    pub(crate) fn send(&self, request: &Request<'_>) -> Result<Answer, Reason> {
        let mut address = request.address.clone();
        let mut authorization = request.authorization;
        for _ in 0..=MOST_REDIRECTS {
            self.allows(&address)?;
            let next = Request { address: &address, authorization, ..*request };
            let to = match self.patiently(&next)? {
                Got::Answer(answer) => return Ok(answer),
                Got::Redirect(to) => to,
            };
            if request.form.is_some() {
                return Err(Reason::new(format!("`{address}` sends a posted form elsewhere")));
            }
            let to = address.resolve(&to).map_err(|why| {
                Reason::new(format!("`{address}` redirects to an address that is none: {why}"))
            })?;
            if address.is_secure() && !to.is_secure() {
                return Err(Reason::new(format!(
                    "`{address}` redirects to `{to}`, which is not encrypted"
                )));
            }
            if !(request.pass_credentials || to.same_place(request.address)) {
                authorization = None;
            }
            address = to;
        }
        Err(Reason::new(format!(
            "`{}` redirects more than {MOST_REDIRECTS} times",
            request.address
        )))
    }

    fn patiently(&self, request: &Request<'_>) -> Result<Got, Reason> {
        let mut pause = self.limits.first_pause;
        let mut attempt = 1;
        loop {
            let failure = match self.once(request) {
                Ok(got) => return Ok(got),
                Err(failure) => failure,
            };
            let (reason, wanted) = match failure {
                Failure::Final(reason) => return Err(reason),
                Failure::Passing(reason, wanted) => (reason, wanted),
            };
            if attempt >= self.limits.attempts {
                return Err(match attempt {
                    1 => reason,
                    _ => reason.hint(format!("it was tried {attempt} times; try again later")),
                });
            }
            let wait = wanted.unwrap_or(pause);
            if wait > self.limits.longest_pause {
                let seconds = wait.as_secs();
                return Err(reason.hint(format!("it asks to be left alone for {seconds} seconds")));
            }
            std::thread::sleep(wait);
            pause = pause.saturating_mul(2);
            attempt += 1;
        }
    }

    fn once(&self, request: &Request<'_>) -> Result<Got, Failure> {
        let address = request.address;
        let agent = if address.is_loopback() { &self.direct } else { &self.agent };
        let mut builder = http::Request::builder().uri(address.whole());
        if let Some(accept) = request.accept {
            builder = builder.header("Accept", accept);
        }
        if let Some(authorization) = request.authorization {
            builder = builder.header("Authorization", authorization);
        }
        let unfit = |_| Failure::Final(Reason::new(format!("`{address}` cannot be asked for")));
        let sent = match request.form {
            None => agent.run(builder.method("GET").body(()).map_err(unfit)?),
            Some(form) => agent.run(
                builder
                    .method("POST")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .body(form.to_owned())
                    .map_err(unfit)?,
            ),
        };
        let mut response = sent.map_err(|error| self.failure(address, &error))?;
        let status = response.status().as_u16();
        let header = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        if matches!(status, 301 | 302 | 303 | 307 | 308)
            && let Some(to) = header("location")
        {
            return Ok(Got::Redirect(to));
        }
        let wait = header("retry-after").and_then(|text| seconds(&text));
        let link = header("link");
        let challenges = response.headers().get_all("www-authenticate").iter();
        let challenges = challenges.filter_map(|value| value.to_str().ok().map(str::to_owned));
        let challenges = challenges.collect();
        let mut answer =
            Answer { status, challenges, link, body: Vec::new(), address: address.clone() };
        if status == 429 || status >= 500 {
            return Err(Failure::Passing(answer.refusal(), wait));
        }
        let most = if status == 200 { self.limits.most_bytes } else { MOST_WORDS };
        match response.body_mut().with_config().limit(most).read_to_vec() {
            Ok(body) => answer.body = body,
            // The words of a refusal are of no use here.
            Err(_) if status != 200 => {}
            Err(error) => return Err(self.failure(address, &error)),
        }
        Ok(Got::Answer(answer))
    }

    /// Returns a failure in words that do not repeat the whole address.
    fn failure(&self, address: &Address, error: &ureq::Error) -> Failure {
        let passing =
            |words: String| Failure::Passing(Reason::new(format!("`{address}` {words}")), None);
        let lasting = |words: String| Failure::Final(Reason::new(format!("`{address}` {words}")));
        match error {
            ureq::Error::Timeout(_) => passing("took too long to answer".to_owned()),
            ureq::Error::HostNotFound => {
                passing("cannot be reached: there is no such host".to_owned())
            }
            ureq::Error::ConnectionFailed => passing("cannot be reached".to_owned()),
            ureq::Error::BodyExceedsLimit(_) => {
                lasting(format!("is larger than {} MB", self.limits.most_bytes >> 20))
            }
            ureq::Error::Io(error) => match error.kind() {
                io::ErrorKind::TimedOut => passing("took too long to answer".to_owned()),
                io::ErrorKind::UnexpectedEof => passing("broke off before its end".to_owned()),
                _ if is_tls(error) => lasting(format!("cannot be trusted: {error}")),
                io::ErrorKind::InvalidData => lasting(format!("cannot be read: {error}")),
                _ => passing(format!("cannot be reached: {error}")),
            },
            ureq::Error::Protocol(error) => passing(format!("gave a broken answer: {error}")),
            ureq::Error::Rustls(error) => lasting(format!("cannot be trusted: {error}")),
            ureq::Error::Tls(words) => lasting(format!("cannot be trusted: {words}")),
            ureq::Error::InvalidProxyUrl => {
                lasting("cannot be asked: the proxy's address is none".to_owned())
            }
            ureq::Error::LargeResponseHeader(..) => lasting("has too large a head".to_owned()),
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => lasting("is no address".to_owned()),
            _ => lasting("cannot be asked".to_owned()),
        }
    }
}

enum Got {
    Answer(Answer),
    Redirect(String),
}

enum Failure {
    /// Repeating changes nothing.
    Final(Reason),
    /// Repeating may help, after the pause that the server asks for.
    Passing(Reason, Option<Duration>),
}

/// Whether it is the encryption that failed, a certificate that nobody vouches for, say.
fn is_tls(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some()
}

/// Reads `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second();
    let left = date.saturating_sub(crate::seconds_now());
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_seconds_or_a_date() {
        assert_eq!(seconds(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert!(seconds("Sat, 06 Nov 2094 08:49:37 GMT").is_some_and(|wait| wait.as_secs() > 1000));
        for bad in ["", "soon", "-1", "99999999999999999999"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
