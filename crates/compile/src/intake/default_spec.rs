//! The spec of a platform that somebody begins with nothing but a payload.

use yaml::{Kind as NodeKind, Node};

use super::read::Format;
use super::schema::Kind;

/// How the repository's address begins in a spec for which nobody named one.
pub const MADE_UP_OWNER: &str = "https://github.com/example/";

/// Returns a spec for a payload without one: the folder's name, a domain taken from the payload's
/// hosts, a repository address to be changed, and three environments.
///
/// The payload may be anything; what cannot be read there is made up.
pub fn default_spec(name: &str, payload: (&str, &str)) -> String {
    let name = label(name);
    let domain = domain(payload).unwrap_or_else(|| format!("{name}.example.com"));
    format!(
        "# The platform. Everything that is not written here has a default.\n\
         apiVersion: mainstay/v1\n\
         kind: Platform\n\
         metadata: {{name: {name}}}\n\
         spec:\n\
         \u{20} # Change this to the address of your own private repository.\n\
         \u{20} repo: {{url: \"{MADE_UP_OWNER}{name}-gitops\"}}\n\
         \u{20} domain: {domain}\n\
         \u{20} environments: [dev, test, prod]\n"
    )
}

/// Returns a DNS label of at most 40 characters that is text in YAML.
fn label(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter.to_ascii_lowercase() {
        lower @ ('a'..='z' | '0'..='9') => lower,
        _ => '-',
    });
    let label: String = letters.collect();
    let label: String = label.trim_matches('-').chars().take(40).collect();
    let label = label.trim_end_matches('-');
    // Names that YAML reads as something else would need quotes.
    let plain = label.bytes().any(|byte| byte.is_ascii_lowercase())
        && !matches!(label, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if plain && label.parse::<f64>().is_err() {
        label.to_owned()
    } else {
        format!("platform{}{label}", if label.is_empty() { "" } else { "-" })
    }
}

/// Returns the domain that all hosts of a payload share, without `www`: at least two labels.
fn domain((file, text): (&str, &str)) -> Option<String> {
    let tree = match Format::of(Kind::Payload, file) {
        Format::Json => yaml::json::parse(text).ok()?,
        Format::Yaml => yaml::parse(text, yaml::Schema::Core12).ok()?,
    };
    let apps = tree.as_list().or_else(|| tree.get("apps")?.as_list())?;
    let mut shared: Option<Vec<&str>> = None;
    for host in apps.iter().flat_map(hosts).filter(|host| is_plain(host)) {
        let labels: Vec<&str> = host.rsplit('.').collect();
        shared = Some(match shared {
            None => labels,
            Some(before) => {
                let pairs = before.into_iter().zip(labels);
                pairs.take_while(|(a, b)| a == b).map(|(label, _)| label).collect()
            }
        });
    }
    let mut shared = shared.filter(|labels| labels.len() >= 2)?;
    // A site's front door is not its domain.
    if shared.len() > 2 && shared.last() == Some(&"www") {
        shared.pop();
    }
    Some(shared.into_iter().rev().collect::<Vec<_>>().join("."))
}

fn hosts(app: &Node) -> Vec<&str> {
    let one = app.get("fqdn").and_then(Node::as_str);
    let many = app.get("hosts").and_then(Node::as_list).unwrap_or_default();
    let many = many.iter().filter_map(|item| match item.kind {
        NodeKind::Map(_) => item.get("host")?.as_str(),
        _ => item.as_str(),
    });
    one.into_iter().chain(many).collect()
}

/// Whether a host can be written into the spec as it is.
fn is_plain(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let mut labels = host.rsplit('.');
    host.len() <= 253
        && labels.next().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_lowercase()))
        && host.split('.').all(label)
}
