//! Hosts, paths and TLS: as written, and as decided for one environment.

use super::{App, Environment, HostRule, Issuer, Override};

/// The hosts that an app asks for; placeholders and the environment's rule are not yet applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostsWish {
    /// The hosts in the order written; empty means none.
    pub hosts: Vec<HostPattern>,
}

/// One host as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    /// The name, perhaps with `{app}`, `{env}` and `{domain}`.
    pub host: String,
    /// Its paths, decided: never empty.
    pub paths: Vec<Path>,
    /// The field it was written in, relative to its app or override: `fqdn`, `hosts.0`.
    pub field: String,
}

/// One host of an app in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name; may begin with `*.`.
    pub host: String,
    /// Its paths; never empty.
    pub paths: Vec<Path>,
    /// Whether it was made by the environment's rule, or is as somebody wrote it.
    pub by_rule: bool,
    /// The field it comes from, relative to the app's origin: `fqdn`, `environments.dev.hosts.0`.
    pub field: String,
}

/// One path of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The path.
    pub path: String,
    /// How it matches.
    pub path_type: PathType,
    /// The port that gets the requests.
    pub port: PortReference,
}

/// How a path matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathType {
    /// It and all below it.
    Prefix,
    /// Only itself.
    Exact,
}

/// A port of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortReference {
    /// The workload's first port; nothing was written.
    First,
    /// By name.
    Name(String),
    /// By container port number.
    Number(i64),
}

/// TLS as an app (or its override) asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TlsWish {
    /// As the environment has it.
    #[default]
    Inherit,
    /// Off.
    Off,
    /// On, where the platform has TLS.
    On {
        /// The issuer, if not the environment's.
        issuer: Option<Issuer>,
        /// The Secret with the certificate, if not `<app>-tls`.
        secret_name: Option<String>,
    },
}

/// TLS of an app's hosts in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostTls {
    /// Off.
    Off,
    /// On.
    On {
        /// The issuer.
        issuer: Issuer,
        /// The Secret with the certificate.
        secret_name: String,
    },
}

/// Returns the hosts of an app in an environment. Hosts of its override are as written; the app's
/// own follow the environment's rule, unless they say `{env}` themselves.
pub(super) fn decide(
    app: &App,
    environment: &Environment,
    differing: Option<&Override>,
) -> Vec<Host> {
    let here = differing.filter(|differing| !differing.hosts.hosts.is_empty());
    let (wish, prefix) = match here {
        Some(differing) => (&differing.hosts, format!("environments.{}.", environment.name)),
        None => (&app.hosts, String::new()),
    };
    let mut hosts: Vec<Host> = Vec::new();
    for pattern in &wish.hosts {
        let fill = |text: &str, domain: &str| {
            text.replace("{app}", &app.name)
                .replace("{env}", &environment.name)
                .replace("{domain}", domain)
        };
        let (host, by_rule) = match &environment.host_rule {
            HostRule::Template(template) if here.is_none() && !pattern.host.contains("{env}") => {
                let written = fill(&pattern.host, &environment.platform_domain);
                (follow(template, &written, app, environment), true)
            }
            _ => (fill(&pattern.host, &environment.domain), false),
        };
        // What comes out twice is one host, with the paths of both.
        if let Some(known) = hosts.iter_mut().find(|known| known.host == host) {
            let new = pattern.paths.iter().filter(|path| !known.paths.contains(path)).cloned();
            let new: Vec<Path> = new.collect();
            known.paths.extend(new);
            continue;
        }
        let field = format!("{prefix}{}", pattern.field);
        hosts.push(Host { host, paths: pattern.paths.clone(), by_rule, field });
    }
    hosts
}

/// Returns the host that an environment's rule makes of a written one.
fn follow(template: &str, written: &str, app: &App, environment: &Environment) -> String {
    let (wildcard, written) = match written.strip_prefix("*.") {
        Some(rest) => ("*.", rest),
        None => ("", written),
    };
    let domain = &environment.platform_domain;
    let left = match written.strip_suffix(domain.as_str()) {
        Some("") => "",
        Some(left) if left.ends_with('.') => left.trim_end_matches('.'),
        _ => &app.name,
    };
    let made = template
        .replace("{host}", left)
        .replace("{app}", &app.name)
        .replace("{env}", &environment.name)
        .replace("{domain}", &environment.domain);
    // A label that ends up empty goes away with its dot.
    let labels: Vec<&str> = made.split('.').filter(|label| !label.is_empty()).collect();
    format!("{wildcard}{}", labels.join("."))
}
