//! The clusters that Argo CD knows, from their Secrets; the one that it runs in is always there.
//!
//! Source: Argo CD, `util/db/cluster.go` and `applicationset/utils/clusterUtils.go` (3.2).

use base64::Engine;
use manifest::Object;
use yaml::Value;

/// The address and the name of the cluster that Argo CD runs in.
pub(super) const IN_CLUSTER: (&str, &str) = ("https://kubernetes.default.svc", "in-cluster");

/// A cluster that Argo CD knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) server: String,
    pub(super) project: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) annotations: Vec<(String, String)>,
    /// Whether there is a Secret for it.
    pub(super) has_secret: bool,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Clusters {
    pub(super) all: Vec<Cluster>,
    /// Whether a file said which there are.
    pub(super) is_given: bool,
}

impl Clusters {
    pub(super) fn read(secrets: &[Object]) -> Clusters {
        let mut secrets: Vec<&Object> = secrets.iter().collect();
        secrets.sort_by_key(|secret| (secret.namespace().to_owned(), secret.name().to_owned()));
        let mut all: Vec<Cluster> = secrets.into_iter().map(of_secret).collect();
        let is_given = !all.is_empty();
        if !all.iter().any(|cluster| cluster.server == IN_CLUSTER.0) {
            let (server, name) = (IN_CLUSTER.0.to_owned(), IN_CLUSTER.1.to_owned());
            all.push(Cluster { name, server, ..Cluster::default() });
        }
        Clusters { all, is_given }
    }

    /// Checks the destination of an Application. Where nothing is known about clusters, any will do.
    ///
    /// # Errors
    /// What Argo CD says about it.
    pub(super) fn destination(&self, server: &str, name: &str) -> Result<(), String> {
        match (server.is_empty(), name.is_empty()) {
            (false, false) => {
                Err(format!("its destination has both `server` ({server}) and `name` ({name})"))
            }
            (true, true) => Err("its destination has neither `server` nor `name`".to_owned()),
            (false, true) => {
                let known =
                    |it: &Cluster| it.server.trim_end_matches('/') == server.trim_end_matches('/');
                match !self.is_given || self.all.iter().any(known) {
                    true => Ok(()),
                    false => Err(format!("no cluster has the address `{server}`")),
                }
            }
            (true, false) => {
                let count = self.all.iter().filter(|cluster| cluster.name == name).count();
                match count {
                    0 if self.is_given && name != IN_CLUSTER.1 => {
                        Err(format!("there are no clusters with this name: `{name}`"))
                    }
                    0 | 1 => Ok(()),
                    count => Err(format!("there are {count} clusters with the name `{name}`")),
                }
            }
        }
    }
}

fn of_secret(secret: &Object) -> Cluster {
    let field = |name: &str| -> Option<String> {
        if let Some(text) = secret.at(&["stringData", name]).and_then(Value::to_go_string) {
            return Some(text);
        }
        let data = secret.at(&["data", name])?.as_str()?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(data.trim()).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let pairs = |name: &str| {
        let entries = secret.at(&["metadata", name]).and_then(Value::as_map);
        let entries = entries.into_iter().flatten();
        let mut pairs: Vec<(String, String)> = entries
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        pairs.sort();
        pairs
    };
    Cluster {
        name: field("name").unwrap_or_default(),
        server: field("server").unwrap_or_default(),
        project: field("project").unwrap_or_default(),
        labels: pairs("labels"),
        annotations: pairs("annotations"),
        has_secret: true,
    }
}
