//! What only a cluster knows, given by files: clusters, API versions, the Kubernetes version, and a
//! sample of pull requests.

use manifest::Object;
use yaml::Value;

/// What only a cluster knows.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The version of Kubernetes, without `v`.
    pub kube_version: String,
    /// The API versions that it serves: `apps/v1`, `apps/v1/Deployment`.
    pub api_versions: Vec<String>,
    /// The Secrets of the clusters that Argo CD knows.
    pub clusters: Vec<Object>,
    /// Open pull requests; `None` where nothing is known about them.
    pub pull_requests: Option<Vec<PullRequest>>,
}

impl Default for Cluster {
    fn default() -> Cluster {
        Cluster {
            kube_version: "1.37.1".to_owned(),
            api_versions: usual_api_versions(),
            clusters: Vec::new(),
            pull_requests: None,
        }
    }
}

/// Returns the API versions that every cluster of today serves, with their kinds: what charts see where
/// nothing else is said.
fn usual_api_versions() -> Vec<String> {
    let mut versions: Vec<String> = manifest::fields::served()
        .flat_map(|(version, kind)| [version.to_owned(), format!("{version}/{kind}")])
        .collect();
    versions.sort();
    versions.dedup();
    versions
}

/// A pull request of a sample. The names are those of the generator's parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// The branch that would be merged.
    pub branch: String,
    /// The branch that it would be merged into.
    pub target_branch: String,
    /// The commit at the head of `branch`.
    pub head_sha: String,
    /// Labels.
    pub labels: Vec<String>,
    /// Who opened it.
    pub author: String,
}

/// Reads cluster Secrets: those with the label `argocd.argoproj.io/secret-type: cluster`.
///
/// # Errors
/// Where the text holds no objects; in words.
pub fn read_clusters(text: &str, file: &str) -> Result<Vec<Object>, String> {
    let objects = manifest::read(text, file).map_err(|error| error.to_string())?;
    let is_cluster = |object: &Object| {
        let label = ["metadata", "labels", "argocd.argoproj.io/secret-type"];
        object.kind() == "Secret" && object.at(&label).and_then(Value::as_str) == Some("cluster")
    };
    Ok(objects.into_iter().filter(is_cluster).collect())
}

/// Reads API versions: one a line, as `kubectl api-versions` prints them, with the kind behind another
/// slash or without; or a YAML list of them.
///
/// # Errors
/// Where a line is none; in words.
pub fn read_api_versions(text: &str) -> Result<Vec<String>, String> {
    let mut versions = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let line = line.strip_prefix("- ").unwrap_or(line).trim().trim_matches(['"', '\'']);
        if line.is_empty() || line == "---" {
            continue;
        }
        if line.contains(char::is_whitespace) || line.split('/').count() > 3 {
            return Err(format!("line {}: `{line}` is no API version", number + 1));
        }
        versions.push(line.to_owned());
    }
    Ok(versions)
}

/// Reads a sample of pull requests: a list of maps with the generator's parameters.
///
/// # Errors
/// Where it is none; in words.
pub fn read_pull_requests(text: &str) -> Result<Vec<PullRequest>, String> {
    let value = Value::decode_go2(text.as_bytes()).map_err(|error| error.go_text())?;
    let items = match &value {
        Value::List(items) => items.as_slice(),
        Value::Map(fields) => fields
            .get("pullRequests")
            .and_then(Value::as_list)
            .ok_or("it is no list of pull requests")?,
        Value::Null => &[],
        _ => return Err("it is no list of pull requests".to_owned()),
    };
    let one = |item: &Value| {
        let text = |name: &str| item.get(name).and_then(Value::to_go_string).unwrap_or_default();
        let number = text("number");
        if number.is_empty() {
            return Err("a pull request has no `number`".to_owned());
        }
        let labels = item.get("labels").and_then(Value::as_list).unwrap_or_default();
        Ok(PullRequest {
            number,
            title: text("title"),
            branch: text("branch"),
            target_branch: text("target_branch"),
            head_sha: text("head_sha"),
            labels: labels.iter().filter_map(Value::to_go_string).collect(),
            author: text("author"),
        })
    };
    items.iter().map(one).collect()
}
