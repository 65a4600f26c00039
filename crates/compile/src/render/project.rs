//! What an AppProject forbids: sources, destinations and kinds that Argo CD would refuse to sync.
//!
//! In: everything that an environment delivers, its AppProjects among it. Out: diagnostics.
//! Only projects that the repository itself delivers are known. `default`, which Argo CD makes, permits
//! everything.
//!
//! Source: Argo CD's `AppProject` API (`argoproj.io/v1alpha1`), operator manual, "Declarative setup,
//! AppProject CRD": an empty `clusterResourceWhitelist` permits no kind outside of a namespace, an
//! absent `namespaceResourceWhitelist` every kind inside of one, `!` denies.

use std::collections::BTreeMap;

use manifest::{Object, Scopes};
use text::{Diagnostic, Place, World};
use yaml::Value;

use super::{Application, Delivered, codes, place};

/// The API server of the cluster that Argo CD runs in, and its name there.
const IN_CLUSTER: (&str, &str) = ("https://kubernetes.default.svc", "in-cluster");

/// Where objects go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Destination {
    /// Address of the API server; empty where only the name is known.
    pub(super) server: String,
    /// Name of the cluster; empty where only the address is known.
    pub(super) name: String,
}

impl Destination {
    /// Reads `server` and `name` of a map.
    pub(super) fn read(value: Option<&Value>) -> Destination {
        let field = |name| {
            value.and_then(|it| it.get(name)).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        Destination { server: field("server"), name: field("name") }.resolved()
    }

    /// Whether this entry of a project means a cluster. One that is only known by the other of its two
    /// names may be the one.
    fn may_be(&self, cluster: &Destination) -> bool {
        let same = |pattern: &str, text: &str| {
            let bare = pattern.strip_prefix('!').unwrap_or(pattern);
            !pattern.is_empty() && !text.is_empty() && glob(bare, text, None)
        };
        let unknown = (self.server.is_empty() || cluster.server.is_empty())
            && (self.name.is_empty() || cluster.name.is_empty());
        same(&self.server, &cluster.server) || same(&self.name, &cluster.name) || unknown
    }

    /// Returns what a person knows it by.
    fn shown(&self) -> &str {
        if self.server.is_empty() { &self.name } else { &self.server }
    }

    fn resolved(mut self) -> Destination {
        if self.server == IN_CLUSTER.0 || self.name == IN_CLUSTER.1 {
            self.server = IN_CLUSTER.0.to_owned();
            self.name = IN_CLUSTER.1.to_owned();
        }
        self
    }
}

/// Reports what Argo CD would refuse.
pub(super) fn check(
    delivered: &[(Application, Delivered)],
    world: &dyn World,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let objects = delivered.iter().flat_map(|(_, delivered)| &delivered.objects);
    let scopes = Scopes::of(objects.clone());
    let projects: BTreeMap<&str, &Object> = objects
        .filter(|object| object.kind() == "AppProject" && object.group() == "argoproj.io")
        .map(|object| (object.name(), object))
        .collect();
    for (application, delivered) in delivered {
        let sources = application.sources.iter();
        let permits = Permits {
            application: &application.name,
            project_name: &application.project,
            project: projects.get(application.project.as_str()).copied(),
            there_are_projects: !projects.is_empty(),
            server: &application.cluster.server,
            cluster: &application.cluster.name,
            namespace: &application.namespace,
            repositories: sources.map(|source| source.repository.as_str()).collect(),
            objects: &delivered.objects,
            scopes: &scopes,
            has_spec: true,
            place: &|| place::of_source(world, application, 0, place::Part::Project),
        };
        check_project(&permits, world, diagnostics);
    }
}

/// What an application asks of its project.
pub(crate) struct Permits<'a> {
    /// Its name.
    pub(crate) application: &'a str,
    /// The project's name; empty is `default`.
    pub(crate) project_name: &'a str,
    /// The AppProject, where it is known.
    pub(crate) project: Option<&'a Object>,
    /// Whether any AppProject is known: where there is none, they are kept elsewhere.
    pub(crate) there_are_projects: bool,
    /// The address of the cluster that it goes to.
    pub(crate) server: &'a str,
    /// The name of that cluster.
    pub(crate) cluster: &'a str,
    /// The namespace that it goes to.
    pub(crate) namespace: &'a str,
    /// The repositories that it reads.
    pub(crate) repositories: Vec<&'a str>,
    /// What it delivers.
    pub(crate) objects: &'a [Object],
    /// Which kinds live outside namespaces.
    pub(crate) scopes: &'a Scopes,
    /// Whether a spec makes the projects of the repository.
    pub(crate) has_spec: bool,
    /// Where it names its project.
    pub(crate) place: &'a dyn Fn() -> Place,
}

/// Reports what its project forbids to one application.
pub(crate) fn check_project(
    permits: &Permits<'_>,
    world: &dyn World,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(object) = permits.project else {
        // A repository without any AppProject keeps them elsewhere.
        if !matches!(permits.project_name, "" | "default") && permits.there_are_projects {
            let (place, name) = ((permits.place)(), permits.project_name);
            diagnostics.push(codes::r012_no_project(
                place,
                permits.application,
                name,
                permits.has_spec,
            ));
        }
        return;
    };
    let project = Project { spec: object.value.get("spec") };
    let destination =
        Destination { server: permits.server.to_owned(), name: permits.cluster.to_owned() }
            .resolved();
    let project_place = place::of_object(world, object);
    let rule = Rule { project: object, project_place, application: permits.application };
    for repository in &permits.repositories {
        if !project.permits_source(repository) {
            diagnostics.push(codes::r008_source(&rule, repository, permits.has_spec));
        }
    }
    // Several objects of one kind or namespace are one fault.
    let mut said = Vec::new();
    // Many objects, few namespaces: each is asked for once.
    let mut permitted: BTreeMap<&str, bool> = BTreeMap::new();
    if !project.permits_cluster(&destination) {
        let cluster = codes::Where::Cluster(destination.shown());
        diagnostics.push(codes::r010_destination(&rule, None, cluster));
        return;
    }
    if !project.permits_destination(&destination, permits.namespace) {
        let namespace = codes::Where::Namespace(permits.namespace);
        diagnostics.push(codes::r010_destination(&rule, None, namespace));
        said.push(namespace_key(permits.namespace));
    }
    for object in permits.objects {
        let cluster_scoped = permits.scopes.is_cluster_scoped(object.group(), object.kind());
        if !project.permits_kind(object, cluster_scoped) {
            let key = format!("{}/{}", object.group(), object.kind());
            if !said.contains(&key) {
                let place = place::of_object(world, object);
                diagnostics.push(codes::r009_kind(&rule, object, place, cluster_scoped));
                said.push(key);
            }
        }
        let own = object.namespace();
        let namespace = if own.is_empty() { permits.namespace } else { own };
        let mut is_permitted = || {
            let permits = || project.permits_destination(&destination, namespace);
            *permitted.entry(namespace).or_insert_with(permits)
        };
        if !cluster_scoped && !is_permitted() {
            let key = namespace_key(namespace);
            if !said.contains(&key) {
                let object = Some((object, place::of_object(world, object)));
                let namespace = codes::Where::Namespace(namespace);
                diagnostics.push(codes::r010_destination(&rule, object, namespace));
                said.push(key);
            }
        }
    }
}

fn namespace_key(namespace: &str) -> String {
    format!("namespace {namespace}")
}

/// Who forbids, and whom.
pub(super) struct Rule<'a> {
    /// The AppProject.
    pub(super) project: &'a Object,
    /// Where it stands.
    pub(super) project_place: Place,
    /// The Application's name.
    pub(super) application: &'a str,
}

/// The `spec` of an AppProject.
struct Project<'a> {
    spec: Option<&'a Value>,
}

impl<'a> Project<'a> {
    fn list(&self, field: &str) -> Option<&'a [Value]> {
        self.spec?.get(field)?.as_list()
    }

    /// Repositories: `*` does not cross a slash, but alone it is everything.
    fn permits_source(&self, repository: &str) -> bool {
        let patterns =
            self.list("sourceRepos").unwrap_or_default().iter().filter_map(Value::as_str);
        let address = normal(repository);
        permits(patterns, |pattern| pattern == "*" || glob(&normal(pattern), &address, Some('/')))
    }

    /// Whether any destination is on a cluster, whatever its namespace.
    fn permits_cluster(&self, cluster: &Destination) -> bool {
        let destinations = self.list("destinations").unwrap_or_default();
        destinations.iter().any(|item| Destination::read(Some(item)).may_be(cluster))
    }

    fn permits_destination(&self, cluster: &Destination, namespace: &str) -> bool {
        let mut permitted = false;
        for item in self.list("destinations").unwrap_or_default() {
            let there = Destination::read(Some(item));
            let pattern = item.get("namespace").and_then(Value::as_str).unwrap_or_default();
            let denies = pattern.starts_with('!') || there.server.starts_with('!');
            let bare = pattern.strip_prefix('!').unwrap_or(pattern);
            if there.may_be(cluster) && glob(bare, namespace, None) {
                if denies {
                    return false;
                }
                permitted = true;
            }
        }
        permitted
    }

    fn permits_kind(&self, object: &Object, cluster_scoped: bool) -> bool {
        let listed = |field| {
            let list = self.list(field)?;
            Some(list.iter().any(|item| names(item, object)))
        };
        let (allowed, denied) = if cluster_scoped {
            (listed("clusterResourceWhitelist").unwrap_or(false), "clusterResourceBlacklist")
        } else {
            (listed("namespaceResourceWhitelist").unwrap_or(true), "namespaceResourceBlacklist")
        };
        allowed && !listed(denied).unwrap_or(false)
    }
}

/// Whether an entry of a list of kinds means an object.
fn names(item: &Value, object: &Object) -> bool {
    let field = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = field("name");
    glob(field("group"), object.group(), None)
        && glob(field("kind"), object.kind(), None)
        && (name.is_empty() || glob(name, object.name(), None))
}

/// Whether one pattern fits and none that begins with `!` does.
fn permits<'p>(
    patterns: impl Iterator<Item = &'p str>,
    mut fits: impl FnMut(&str) -> bool,
) -> bool {
    let mut permitted = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(denied) if fits(denied) => return false,
            Some(_) => {}
            None => permitted |= fits(pattern),
        }
    }
    permitted
}

/// Returns an address as Argo CD compares it: without `.git`, in lower case.
fn normal(address: &str) -> String {
    let address = address.trim().to_lowercase();
    let address = address.strip_suffix('/').unwrap_or(&address);
    address.strip_suffix(".git").unwrap_or(address).to_owned()
}

/// Matches a pattern: `*` stands for any letters but the separator, `**` for any at all, `?` for one.
fn glob(pattern: &str, text: &str, separator: Option<char>) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // The places of the pattern that are reached after each letter: linear in both.
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    skip_stars(&pattern, &mut reached);
    for &letter in &text {
        let mut next = vec![false; pattern.len() + 1];
        for (at, &sign) in pattern.iter().enumerate() {
            if !reached[at] {
                continue;
            }
            let separates = Some(letter) == separator;
            match sign {
                '*' => {
                    let double = pattern.get(at + 1) == Some(&'*')
                        || at.checked_sub(1).is_some_and(|before| pattern[before] == '*');
                    next[at] |= double || !separates;
                }
                '?' => next[at + 1] |= !separates,
                _ => next[at + 1] |= sign == letter,
            }
        }
        skip_stars(&pattern, &mut next);
        reached = next;
    }
    reached[pattern.len()]
}

/// A star can stand for nothing.
fn skip_stars(pattern: &[char], reached: &mut [bool]) {
    for (at, sign) in pattern.iter().enumerate() {
        if reached[at] && *sign == '*' {
            reached[at + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn patterns() {
        for (pattern, text, separator, want) in [
            ("shop-*", "shop-prod", None, true),
            ("shop-*", "shop", None, false),
            ("*", "", None, true),
            ("", "", None, true),
            ("a?c", "abc", None, true),
            ("https://github.com/acme/*", "https://github.com/acme/shop", Some('/'), true),
            ("https://github.com/*", "https://github.com/acme/shop", Some('/'), false),
            ("https://github.com/**", "https://github.com/acme/shop", Some('/'), true),
            ("*b*b*", "abb", None, true),
        ] {
            assert_eq!(glob(pattern, text, separator), want, "{pattern} {text}");
        }
    }
}
