//! Charts from servers that these tests start themselves, faults included.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may touch the network of its own machine"
)]

mod server;

use std::error::Error as _;
use std::time::{Duration, Instant};

use operate::{
    ChartCache, Credentials, Fetched, Fetcher, Keyring, Limits, Origin, Pins, Settings, Wanted,
};
use server::{Reply, Server};
use sha2::{Digest as _, Sha256};
use testkit::Folder;

const CHART: &[u8] = b"\x1f\x8b\x08 as if it were a chart";

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Patience that a test has.
fn limits() -> Limits {
    Limits {
        attempts: 3,
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_secs(2),
        connect: Duration::from_secs(2),
        silence: Duration::from_millis(300),
        whole: Duration::from_secs(5),
        most_bytes: 1 << 20,
    }
}

struct Place {
    folder: Folder,
    settings: Settings,
}

impl Place {
    fn new() -> Place {
        let settings = Settings { limits: limits(), ..Settings::default() };
        Place { folder: Folder::new().unwrap(), settings }
    }

    fn login(mut self, place: &str, credentials: Credentials) -> Place {
        self.settings.keyring.insert(place, credentials);
        self
    }

    fn cache(&self) -> ChartCache {
        ChartCache::of_person(Some(self.folder.path().to_owned()), None).unwrap()
    }

    fn fetcher(&self) -> Fetcher {
        Fetcher::new(self.cache(), self.settings.clone())
    }

    fn fetch(&self, repository: &str, version: &str) -> Result<Fetched, String> {
        self.fetcher()
            .fetch(&Wanted::new(repository, "web", version), None)
            .map_err(|error| words(&error))
    }
}

/// Returns an error with its causes, its changing parts taken out.
fn words(error: &operate::Error) -> String {
    format!("{error}: {}", error.source().map(ToString::to_string).unwrap_or_default())
}

fn index(entries: &[(&str, &str, &str)]) -> String {
    let mut text = "apiVersion: v1\nentries:\n  web:\n".to_owned();
    for (version, url, digest) in entries {
        text.push_str(&format!("  - {{name: web, version: {version}, urls: ['{url}']"));
        if !digest.is_empty() {
            text.push_str(&format!(", digest: {digest}"));
        }
        text.push_str("}\n");
    }
    text
}

/// A good repository at `/charts`.
fn repository() -> Server {
    let digest = sha256(CHART);
    Server::start(move |asked, _| match asked.path.as_str() {
        "/charts/index.yaml" => Reply::ok(index(&[
            ("1.0.0", "web-1.0.0.tgz", &digest),
            ("1.2.0", "/other/web-1.2.0.tgz", ""),
            ("2.0.0", "web-2.0.0.tgz", &"0".repeat(64)),
        ])),
        "/charts/web-1.0.0.tgz" | "/other/web-1.2.0.tgz" | "/charts/web-2.0.0.tgz" => {
            Reply::ok(CHART)
        }
        _ => Reply::status(404),
    })
}

#[test]
fn a_chart_comes_once_and_then_from_the_cache() {
    let (server, place) = (repository(), Place::new());
    let url = server.url("/charts/");
    let first = place.fetch(&url, "1.0.0").unwrap();
    assert_eq!((first.origin, &*first.bytes), (Origin::Network, CHART));
    assert_eq!(first.pin.digest, sha256(CHART));
    assert_eq!(place.fetch(&url, "1.0.0").unwrap().origin, Origin::Cache);
    assert_eq!(server.paths(), ["/charts/index.yaml", "/charts/web-1.0.0.tgz"]);
    // A range is asked for anew, unless there is no network.
    let range = place.fetch(&url, "^1").unwrap();
    assert_eq!((range.pin.resolved.as_str(), range.origin), ("1.2.0", Origin::Network));
    assert_eq!(place.fetch(&url, "1.2.0").unwrap().origin, Origin::Cache);
    let refresh = Settings { refresh: true, ..place.settings.clone() };
    let wanted = Wanted::new(&url, "web", "1.0.0");
    let again = Fetcher::new(place.cache(), refresh).fetch(&wanted, None).unwrap();
    assert_eq!(again.origin, Origin::Network);
    let offline = Place { settings: Settings { offline: true, ..place.settings.clone() }, ..place };
    assert_eq!(offline.fetch(&url, "^1").unwrap().pin.resolved, "1.2.0");
    let error = offline.fetch(&url, "^2").unwrap_err();
    assert!(error.contains("not in the local cache"), "{error}");
}

#[test]
fn what_is_not_there_or_not_right_is_said() {
    let (server, place) = (repository(), Place::new());
    for (path, version, expected) in [
        ("/charts", "2.0.0", "has the digest sha256:"),
        ("/charts", "3", "there is no version of `web` 3"),
        ("/charts", "^^", "the version `^^` cannot be read"),
        ("/nothing", "1.0.0", "/nothing/index.yaml` answered 404 Not Found"),
    ] {
        let error = place.fetch(&server.url(path), version).unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(error.starts_with("could not fetch `web` "), "{error}");
    }
    assert!(!place.cache().folder().exists(), "nothing is kept of what failed");
    let error = place.fetch("http://charts.example.org", "1").unwrap_err();
    assert!(error.contains("is not encrypted"), "{error}");
    let error = place.fetch("https://user:secret@charts.example.org", "1").unwrap_err();
    assert!(!error.contains("secret"), "{error}");
    let page = Server::start(|asked, _| match asked.path.as_str() {
        "/index.yaml" => Reply::ok(index(&[("1.0.0", "web.tgz", "")])),
        _ => Reply::ok("<html>log in</html>"),
    });
    let error = place.fetch(&page.url(""), "1.0.0").unwrap_err();
    assert!(error.contains("no chart archive"), "{error}");
    let page = Server::start(|_, _| Reply::ok("<html>log in</html>"));
    let error = place.fetch(&page.url(""), "1.0.0").unwrap_err();
    assert!(error.contains("is no index"), "{error}");
}

#[test]
fn a_pinned_chart_is_the_same_or_refused() {
    let (server, place) = (repository(), Place::new());
    let wanted = Wanted::new(&server.url("/charts"), "web", "^1");
    let mut pin = place.fetcher().fetch(&wanted, None).unwrap().pin;
    let fresh = Place::new();
    let fetched = fresh.fetcher().fetch(&wanted, Some(&pin)).unwrap();
    assert_eq!(fetched.pin, pin);
    let damaged = fresh.cache().folder().join(format!("sha256/{}.tgz", pin.digest));
    std::fs::write(&damaged, "damaged").unwrap();
    assert_eq!(fresh.fetcher().fetch(&wanted, Some(&pin)).unwrap().origin, Origin::Network);
    assert_eq!(std::fs::read(&damaged).unwrap(), CHART);
    pin.digest = "1".repeat(64);
    let error = words(&place.fetcher().fetch(&wanted, Some(&pin)).unwrap_err());
    assert!(error.contains(".mainstay/charts.lock.yaml pins sha256:1111"), "{error}");
}

#[test]
fn credentials_are_given_to_their_host_only() {
    let other = Server::start(|_, _| Reply::ok(CHART));
    let elsewhere = other.url("/web.tgz");
    let server = Server::start(move |asked, _| {
        if asked.authorization.as_deref() != Some("Basic dXNlcjpwYXNz") {
            return Reply::status(401).header("WWW-Authenticate", "Basic realm=\"x\"");
        }
        match asked.path.as_str() {
            "/index.yaml" => Reply::ok(index(&[
                ("1.0.0", "web.tgz", ""),
                ("2.0.0", &elsewhere, ""),
                ("3.0.0", "moved.tgz", ""),
            ])),
            "/moved.tgz" => Reply::status(302).header("Location", elsewhere.as_str()),
            _ => Reply::ok(CHART),
        }
    });
    let url = server.url("");
    let error = Place::new().fetch(&url, "1.0.0").unwrap_err();
    assert!(error.contains("401 Unauthorized"), "{error}");
    let wrong = Place::new().login(&server.authority, Credentials::basic("user", "secret"));
    let error = wrong.fetch(&url, "1.0.0").unwrap_err();
    assert!(error.contains("401") && !error.contains("secret"), "{error}");
    let place = Place::new().login(&server.authority, Credentials::basic("user", "pass"));
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        place.fetch(&url, version).unwrap();
    }
    assert_eq!(other.paths(), ["/web.tgz", "/web.tgz"]);
    assert!(other.log().iter().all(|asked| asked.authorization.is_none()));
    let settings = Settings { pass_credentials: true, ..place.settings.clone() };
    let trusting = Place { folder: Folder::new().unwrap(), settings };
    for version in ["2.0.0", "3.0.0"] {
        trusting.fetch(&url, version).unwrap();
    }
    assert_eq!(other.log().iter().filter(|asked| asked.authorization.is_some()).count(), 2);
    let bearer = Server::start(|asked, _| match asked.authorization.as_deref() {
        Some("Bearer tok") if asked.path == "/index.yaml" => {
            Reply::ok(index(&[("1.0.0", "web.tgz", "")]))
        }
        Some("Bearer tok") => Reply::ok(CHART),
        _ => Reply::status(403),
    });
    let place = Place::new().login(&bearer.authority, Credentials::token("tok"));
    place.fetch(&bearer.url(""), "").unwrap();
}

#[test]
fn what_passes_is_waited_for_and_what_lasts_is_not() {
    for status in [429, 500, 503] {
        let server = Server::start(move |asked, before| match asked.path.as_str() {
            _ if before < 2 => Reply::status(status),
            "/index.yaml" => Reply::ok(index(&[("1.0.0", "web.tgz", "")])),
            _ => Reply::ok(CHART),
        });
        Place::new().fetch(&server.url(""), "1.0.0").unwrap();
        assert_eq!(server.log().len(), 6);
        let server = Server::start(move |_, _| Reply::status(status));
        let error = Place::new().fetch(&server.url(""), "1.0.0").unwrap_err();
        assert!(error.contains(&format!("answered {status} ")), "{error}");
        assert_eq!(server.log().len(), 3, "{status}");
    }
    for status in [400, 401, 403, 404, 410] {
        let server = Server::start(move |_, _| Reply::status(status));
        Place::new().fetch(&server.url(""), "1.0.0").unwrap_err();
        assert_eq!(server.log().len(), 1, "{status}");
    }
}

#[test]
fn a_server_that_asks_for_a_pause_gets_it_within_bounds() {
    let server = Server::start(|asked, before| match asked.path.as_str() {
        "/index.yaml" if before == 0 => Reply::status(429).header("Retry-After", "1"),
        "/index.yaml" => Reply::ok(index(&[("1.0.0", "web.tgz", "")])),
        _ => Reply::ok(CHART),
    });
    let begin = Instant::now();
    Place::new().fetch(&server.url(""), "1.0.0").unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1));
    let server = Server::start(|_, _| Reply::status(429).header("Retry-After", "3600"));
    let begin = Instant::now();
    Place::new().fetch(&server.url(""), "1.0.0").unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(1));
    assert_eq!(server.log().len(), 1);
}

#[test]
fn broken_slow_and_huge_answers() {
    let broken = Server::start(|asked, before| match asked.path.as_str() {
        "/index.yaml" => Reply::ok(index(&[("1.0.0", "web.tgz", ""), ("2.0.0", "cut.tgz", "")])),
        path => {
            let cut = (path == "/cut.tgz" || before == 0).then_some(5);
            Reply { cut, ..Reply::ok(CHART) }
        }
    });
    let place = Place::new();
    assert_eq!(&*place.fetch(&broken.url(""), "1.0.0").unwrap().bytes, CHART);
    let error = place.fetch(&broken.url(""), "2.0.0").unwrap_err();
    assert!(error.contains("broke off before its end"), "{error}");
    let slow = Server::start(|_, _| Reply { think: Duration::from_secs(2), ..Reply::ok("") });
    let begin = Instant::now();
    let error = place.fetch(&slow.url(""), "1.0.0").unwrap_err();
    assert!(error.contains("took too long to answer"), "{error}");
    assert!(begin.elapsed() < Duration::from_millis(1900));
    let huge = Server::start(|_, _| Reply::ok(vec![b'a'; 2 << 20]));
    let error = place.fetch(&huge.url(""), "1.0.0").unwrap_err();
    assert!(error.contains("is larger than 1 MB"), "{error}");
    assert_eq!(huge.log().len(), 1);
    let error = place.fetch("http://127.0.0.1:1", "1.0.0").unwrap_err();
    assert!(error.contains("cannot be reached"), "{error}");
}

#[test]
fn redirects_end() {
    let server = Server::start(|asked, _| match asked.path.as_str() {
        "/a/index.yaml" => Reply::status(301).header("Location", "../b/index.yaml"),
        "/b/index.yaml" => Reply::ok(index(&[("1.0.0", "web.tgz", "")])),
        "/a/web.tgz" => Reply::ok(CHART),
        _ => Reply::status(307).header("Location", asked.path.as_str()),
    });
    Place::new().fetch(&server.url("/a"), "1.0.0").unwrap();
    let error = Place::new().fetch(&server.url("/c"), "1.0.0").unwrap_err();
    assert!(error.contains("redirects more than 10 times"), "{error}");
    let away = Server::start(|_, _| Reply::status(302).header("Location", "http://example.org/x"));
    let error = Place::new().fetch(&away.url(""), "1.0.0").unwrap_err();
    assert!(error.contains("`http://example.org/x` is not encrypted"), "{error}");
}

#[test]
fn many_fetch_at_once() {
    let (server, place) = (repository(), Place::new());
    let wanted: Vec<Wanted> = ["1.0.0", "^1", "9", "1.2.0", "2.0.0"]
        .iter()
        .map(|version| Wanted::new(&server.url("/charts"), "web", version))
        .collect();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let fetched = place.fetcher().fetch_all(&wanted, &Pins::default());
                let good: Vec<bool> = fetched.iter().map(Result::is_ok).collect();
                assert_eq!(good, [true, true, false, true, false]);
            });
        }
    });
    let cache = place.cache();
    assert_eq!(std::fs::read_dir(cache.folder().join("sha256")).unwrap().count(), 1);
    for wanted in [&wanted[0], &wanted[1], &wanted[3]] {
        let known = cache.known(wanted).unwrap();
        assert_eq!(&*cache.archive(&known.digest).unwrap(), CHART);
    }
    // One fetcher reads an index once.
    let before = server.paths().iter().filter(|path| path.ends_with("index.yaml")).count();
    assert!(before <= 6, "{before}");
}

/// A registry at `/v2/charts/web` that wants a token, which `auth` gives to `user:pass`.
fn registry(token: &'static str) -> (Server, Server) {
    let auth = Server::start(move |asked, _| {
        let basic = asked.authorization.as_deref() == Some("Basic dXNlcjpwYXNz");
        let scope = asked.path.contains("scope=repository:charts/web:pull");
        let identity = asked.body.contains("refresh_token=idt");
        match (asked.method.as_str(), basic && scope || identity) {
            ("GET" | "POST", true) => Reply::ok(format!("{{\"token\":\"{token}\"}}")),
            _ => Reply::status(401),
        }
    });
    let realm = auth.url("/token");
    let registry = Server::start(move |asked, _| {
        if asked.authorization.as_deref() != Some("Bearer tok") {
            let challenge = format!(
                "Bearer realm=\"{realm}\",service=\"reg\",scope=\"repository:charts/web:pull\""
            );
            return Reply::status(401).header("WWW-Authenticate", challenge);
        }
        let digest = sha256(CHART);
        let layers = |digest: &str| {
            let kind = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
            format!(
                "{{\"schemaVersion\":2,\"layers\":[{{\"mediaType\":\"x\",\"digest\":\"y\"}},\
                 {{\"mediaType\":\"{kind}\",\"digest\":\"sha256:{digest}\"}}]}}"
            )
        };
        match asked.path.as_str() {
            "/v2/charts/web/tags/list" => Reply::ok(r#"{"tags":["1.0.0","latest","0.9.0"]}"#)
                .header("Link", "</v2/charts/web/tags/list?last=x>; rel=\"next\""),
            "/v2/charts/web/tags/list?last=x" => {
                Reply::ok(r#"{"tags":["1.10.0_build.1","1.9.0","2.0.0-rc.1"]}"#)
            }
            "/v2/charts/web/manifests/3.0.0" => Reply::ok(layers(&"0".repeat(64))),
            "/v2/charts/web/manifests/4.0.0" => Reply::ok(r#"{"layers":[]}"#),
            "/v2/charts/web/manifests/5.0.0" | "/v2/charts/web/manifests/1" => Reply::status(404),
            path if path.contains("/manifests/") => Reply::ok(layers(&digest)),
            path if path.ends_with(&digest) || path.ends_with("0000") => Reply::ok(CHART),
            _ => Reply::status(404),
        }
    });
    (registry, auth)
}

#[test]
fn a_registry_is_asked_with_the_token_that_it_wants() {
    let (registry, auth) = registry("tok");
    let place = Place::new().login(&registry.authority, Credentials::basic("user", "pass"));
    for (repository, version, resolved) in [
        (format!("oci://{}/charts", registry.authority), "1.0.0", "1.0.0"),
        (format!("{}/charts", registry.authority), "^1", "1.10.0+build.1"),
        (format!("oci://{}/charts/", registry.authority), "", "1.10.0+build.1"),
        (format!("oci://{}/charts/", registry.authority), "1.10.0+build.1", "1.10.0+build.1"),
        (format!("oci://{}/charts/", registry.authority), ">0-0", "2.0.0-rc.1"),
    ] {
        let fetched = place.fetch(&repository, version).unwrap();
        assert_eq!(
            (fetched.pin.resolved.as_str(), &*fetched.bytes),
            (resolved, CHART),
            "{version}"
        );
    }
    assert!(registry.paths().contains(&"/v2/charts/web/manifests/1.10.0_build.1".to_owned()));
    assert_eq!(auth.paths()[0], "/token?service=reg&scope=repository:charts/web:pull");
    // The password goes to the place that gives tokens, never to the registry.
    assert!(registry.log().iter().all(|asked| {
        asked.authorization.as_deref().is_none_or(|sent| !sent.starts_with("Basic"))
    }));
    let repository = format!("oci://{}/charts", registry.authority);
    for (version, expected) in [
        ("3.0.0", "the registry's manifest says sha256:0000"),
        ("4.0.0", "is no helm chart"),
        ("5.0.0", "answered 404"),
        ("1", "web/manifests/1` answered 404"),
        ("^6", "there is no version of `charts/web` ^6"),
    ] {
        let error = place.fetch(&repository, version).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_registry_that_refuses_is_asked_once_more_and_not_again() {
    let (registry, auth) = registry("other");
    let repository = format!("oci://{}/charts", registry.authority);
    let place = Place::new().login(&registry.authority, Credentials::basic("user", "pass"));
    let error = place.fetch(&repository, "1.0.0").unwrap_err();
    assert!(error.contains("401"), "{error}");
    assert_eq!(registry.log().len(), 2);
    let wrong = Place::new().login(&registry.authority, Credentials::basic("user", "secret"));
    let error = wrong.fetch(&repository, "1.0.0").unwrap_err();
    assert!(error.contains("/token") && !error.contains("secret"), "{error}");
    assert_eq!(auth.log().len(), 2);
}

#[test]
fn other_ways_into_a_registry() {
    let (registry, auth) = registry("tok");
    let repository = format!("oci://{}/charts", registry.authority);
    let place = Place::new().login(&registry.authority, Credentials::token("tok"));
    place.fetch(&repository, "1.0.0").unwrap();
    assert_eq!(auth.log().len(), 0);
    let config =
        format!("{{\"auths\":{{\"{}\":{{\"identitytoken\":\"idt\"}}}}}}", registry.authority);
    let keyring = Keyring::from_docker_config(config.as_bytes()).unwrap();
    let place =
        Place { settings: Settings { keyring, ..place.settings }, folder: Folder::new().unwrap() };
    place.fetch(&repository, "1.0.0").unwrap();
    assert_eq!(auth.log()[0].method, "POST");
    let cdn = Server::start(|_, _| Reply::ok(CHART));
    let blob = cdn.url("/blob?signature=secret");
    let basic = Server::start(move |asked, _| {
        if asked.authorization.as_deref() != Some("Basic dXNlcjpwYXNz") {
            return Reply::status(401).header("WWW-Authenticate", "Basic realm=\"x\"");
        }
        let digest = sha256(CHART);
        match asked.path.contains("/blobs/") {
            true => Reply::status(307).header("Location", blob.as_str()),
            false => Reply::ok(format!(
                "{{\"layers\":[{{\"mediaType\":\"application/tar+gzip\",\"digest\":\"sha256:{digest}\"}}]}}"
            )),
        }
    });
    let place = Place::new().login(&basic.authority, Credentials::basic("user", "pass"));
    place.fetch(&format!("oci://{}/charts", basic.authority), "1.0.0").unwrap();
    assert!(cdn.log().iter().all(|asked| asked.authorization.is_none()));
    for bad in ["oci://", "oci://127.0.0.1", "oci://127.0.0.1/../x", "oci://a b/c", "", "ftp://x/y"]
    {
        assert!(Place::new().fetch(bad, "1.0.0").is_err(), "{bad}");
    }
}
