//! A repository that mainstay did not write: what is typed about it, and how it is opened.
//!
//! In: flags, and `.mainstay/delivery.yaml` of the repository. Out: worlds, and what only a cluster
//! knows. Decides which folder is the repository; never what is deployed from it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use compile::delivery::{
    self, ChartFolder, Cluster, Input, Registry, Settings, Tree,
    argocd::{BuildOptions, Tracking},
};
use operate::{ChartCache, DiskWorld, Repository, Revision};
use text::World;
use yaml::Value;

use crate::environment;
use crate::error::CliError;
use crate::locate::read_text;

/// The file that says for good where other repositories lie.
const SOURCES: &str = ".mainstay/delivery.yaml";

/// What only a cluster, or another folder, knows.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Any repository")]
pub(crate) struct Elsewhere {
    /// Read this revision of the repository (a commit, branch or tag) instead of the files on disk
    #[arg(long, value_name = "REV")]
    pub(crate) rev: Option<String>,

    /// Where another repository lies, or which address this one has: `--repo URL=.`
    #[arg(long, value_name = "URL=DIR")]
    repo: Vec<String>,

    /// Where the charts of a chart repository or registry lie, as archives or folders
    #[arg(long, value_name = "URL=DIR")]
    charts: Vec<String>,

    /// The cluster Secrets that Argo CD has
    #[arg(long, value_name = "FILE")]
    clusters: Option<PathBuf>,

    /// The open pull requests: a list with `number`, `branch`, `head_sha` …
    #[arg(long, value_name = "FILE")]
    pull_requests: Option<PathBuf>,

    /// The API versions of the cluster, as `kubectl api-versions` prints them
    #[arg(long, value_name = "FILE")]
    api_versions: Option<PathBuf>,

    /// The version of Kubernetes
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,

    /// How Argo CD marks what it deploys
    #[arg(long, value_enum, value_name = "METHOD", hide_possible_values = true)]
    tracking: Option<TrackingMethod>,
}

/// Argo CD's tracking methods: `annotation`, `label`, `annotation+label`, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum TrackingMethod {
    Annotation,
    Label,
    #[value(name = "annotation+label")]
    AnnotationAndLabel,
    None,
}

impl Elsewhere {
    /// Whether anything was typed: then the repository is read as any other, whoever wrote it.
    pub(crate) fn is_given(&self) -> bool {
        !self.repo.is_empty()
            || !self.charts.is_empty()
            || self.clusters.is_some()
            || self.pull_requests.is_some()
            || self.api_versions.is_some()
            || self.kube_version.is_some()
            || self.tracking.is_some()
    }
}

/// The folder of a repository, and delivery objects outside of it.
#[derive(Debug)]
pub(crate) struct Place {
    root: PathBuf,
    outside: Vec<PathBuf>,
    /// Whether the folder was typed.
    is_named: bool,
}

/// What `--file` names.
pub(crate) enum Named {
    /// A repository of mainstay's.
    Platform,
    /// Any other.
    Any(Place),
}

/// Decides what `--file` names: a folder or `mainstay.yaml` is the repository, any other file is a
/// delivery object. Left out, the repository is the nearest one upwards from here.
pub(crate) fn named(files: &[PathBuf], read_as_any: bool) -> Result<Named, CliError> {
    let is_spec = |path: &Path| path.file_name().is_some_and(|name| name == operate::MANIFEST);
    let mut root = None;
    let mut outside = Vec::new();
    for path in files {
        match (path.is_dir(), is_spec(path)) {
            (true, _) => root = Some(path.clone()),
            (false, true) => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                root = Some(parent.unwrap_or(Path::new(".")).to_owned());
            }
            (false, false) if path.exists() => outside.push(path.clone()),
            (false, false) => {
                read_text(path)?;
            }
        }
    }
    if outside.is_empty() && !read_as_any {
        let is_platform = match &root {
            Some(root) => {
                root.join(operate::MANIFEST).is_file() || files.iter().any(|it| is_spec(it))
            }
            None => operate::find_repository(Path::new(".")).is_ok(),
        };
        if is_platform {
            return Ok(Named::Platform);
        }
    }
    let root = match root {
        Some(root) => root,
        None => operate::find_tree(Path::new("."))?,
    };
    Ok(Named::Any(Place { root, outside, is_named: files.iter().any(|path| path.is_dir()) }))
}

/// A repository that was opened, with everything that is known from elsewhere.
pub(crate) struct Opened {
    /// The repository's folder, also where another revision is read.
    root: PathBuf,
    tree: DiskWorld,
    revision: Option<Revision>,
    others: Vec<(Kind, String, DiskWorld, String)>,
    cluster: Cluster,
    outside: Vec<(Arc<str>, String)>,
    tracking: Tracking,
    kustomize: BuildOptions,
}

/// What lies at an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Repository,
    Charts,
}

impl Opened {
    /// Opens a repository, and all that is named on the command line or in its file.
    pub(crate) fn open(place: &Place, elsewhere: &Elsewhere) -> Result<Opened, CliError> {
        Opened::open_with(place, elsewhere, environment::chart_cache())
    }

    /// Opens a repository whose charts nobody looks up.
    pub(crate) fn open_uncached(place: &Place) -> Result<Opened, CliError> {
        Opened::open_with(place, &Elsewhere::default(), None)
    }

    fn open_with(
        place: &Place,
        elsewhere: &Elsewhere,
        cache: Option<ChartCache>,
    ) -> Result<Opened, CliError> {
        // Objects from outside need no tree around this place: the first repository that is named will do.
        let first = elsewhere.repo.first().filter(|_| {
            !place.is_named && !place.outside.is_empty() && !place.root.join(".git").exists()
        });
        let root = match first {
            Some(text) => PathBuf::from(pair("--repo", text)?.1),
            None => place.root.clone(),
        };
        let root = if root.is_dir() { root } else { place.root.clone() };
        let revision = elsewhere.rev.as_deref().map(|name| revision(&root, name)).transpose()?;
        let files = revision.as_ref().map_or(root.as_path(), Revision::root);
        let tree = DiskWorld::open(files, cache)?;
        let root = root.canonicalize().unwrap_or(root);
        let mut opened = Opened {
            root,
            revision,
            others: Vec::new(),
            cluster: Cluster::default(),
            outside: Vec::new(),
            kustomize: BuildOptions::default(),
            tracking: match elsewhere.tracking {
                None | Some(TrackingMethod::Annotation) => Tracking::Annotation,
                Some(TrackingMethod::Label) => Tracking::Label,
                Some(TrackingMethod::AnnotationAndLabel) => Tracking::AnnotationAndLabel,
                Some(TrackingMethod::None) => Tracking::None,
            },
            tree,
        };
        // What is typed wins over the file, and the file over what git knows.
        for text in &elsewhere.repo {
            opened.add(Kind::Repository, pair("--repo", text)?, Path::new(""))?;
        }
        for text in &elsewhere.charts {
            opened.add(Kind::Charts, pair("--charts", text)?, Path::new(""))?;
        }
        opened.read_file()?;
        let commit = opened.commit();
        for address in operate::remotes(&opened.root) {
            opened.others.push((Kind::Repository, address, opened.tree.clone(), commit.clone()));
        }
        if let Some(path) = &elsewhere.clusters {
            opened.clusters(path)?;
        }
        if let Some(path) = &elsewhere.pull_requests {
            opened.pull_requests(path)?;
        }
        if let Some(path) = &elsewhere.api_versions {
            opened.api_versions(path)?;
        }
        if let Some(version) = &elsewhere.kube_version {
            opened.kube_version(version)?;
        }
        for path in &place.outside {
            let name: Arc<str> = Arc::from(path.to_string_lossy().as_ref());
            opened.outside.push((name, read_text(path)?));
        }
        Ok(opened)
    }

    /// Returns what is read.
    pub(crate) fn input(&self) -> Input<'_> {
        self.input_through(&self.tree)
    }

    /// Returns the folder of the repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the files of the repository.
    pub(crate) fn tree(&self) -> &DiskWorld {
        &self.tree
    }

    /// Returns what is read, where another world stands before the files of the repository.
    pub(crate) fn input_through<'w>(&'w self, tree: &'w dyn World) -> Input<'w> {
        let mut registry = Registry::default();
        for (kind, address, disk, commit) in &self.others {
            let own = disk.root() == self.tree.root();
            let world: &'w dyn World = match own && *kind == Kind::Repository {
                true => tree,
                false => disk,
            };
            let address = address.clone();
            match kind {
                Kind::Repository => {
                    let commit = commit.clone();
                    registry.trees.push(Tree { address, world, commit, own });
                }
                Kind::Charts => registry.charts.push(ChartFolder { address, world }),
            }
        }
        Input {
            tree,
            registry,
            cluster: self.cluster.clone(),
            outside: self.outside.clone(),
            settings: Settings {
                tracking: self.tracking,
                seconds: operate::seconds_now(),
                kustomize: self.kustomize,
            },
        }
    }

    fn add(
        &mut self,
        kind: Kind,
        (address, folder): (&str, &str),
        base: &Path,
    ) -> Result<(), CliError> {
        let folder = base.join(folder);
        if !folder.is_dir() {
            return Err(CliError::usage(format!("`{}` is no folder", folder.display()))
                .hint(format!("it is where {address} should lie")));
        }
        let world = DiskWorld::open(&folder, None)?;
        let (world, commit) = match world.root() == self.root {
            // The repository itself, at the revision that is read.
            true => (self.tree.clone(), self.commit()),
            false => {
                let commit = operate::head_commit(world.root()).unwrap_or_default();
                (world, commit)
            }
        };
        self.others.push((kind, address.to_owned(), world, commit));
        Ok(())
    }

    /// The commit that is read; empty where that is not known.
    fn commit(&self) -> String {
        match &self.revision {
            Some(revision) => revision.commit().to_owned(),
            None => operate::head_commit(&self.root).unwrap_or_default(),
        }
    }

    /// Reads the file that says for good what flags say.
    fn read_file(&mut self) -> Result<(), CliError> {
        let Ok(bytes) = self.tree.read(SOURCES) else { return Ok(()) };
        let wrong = |reason: &str| {
            CliError::usage(format!("`{SOURCES}` cannot be read: {reason}")).hint(
                "`sources` is a list of `{repo: URL, path: DIR}` and `{charts: URL, path: DIR}`",
            )
        };
        let value = Value::decode_go2(&bytes).map_err(|error| wrong(&error.go_text()))?;
        known_keys(&value, "", &FILE_KEYS).map_err(|reason| wrong(&reason))?;
        let base = self.root.clone();
        let sources: &[Value] = match value.get("sources") {
            None | Some(Value::Null) => &[],
            Some(Value::List(sources)) => sources.as_slice(),
            Some(_) => return Err(wrong("`sources` is no list")),
        };
        for source in sources {
            known_keys(source, " of a source", &["repo", "charts", "path"])
                .map_err(|reason| wrong(&reason))?;
            let text = |name: &str| source.get(name).and_then(Value::as_str);
            let folder = text("path").ok_or_else(|| wrong("a source has no `path`"))?;
            match (text("repo"), text("charts")) {
                (Some(address), None) => self.add(Kind::Repository, (address, folder), &base)?,
                (None, Some(address)) => self.add(Kind::Charts, (address, folder), &base)?,
                _ => return Err(wrong("a source has either `repo` or `charts`")),
            }
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        if let Some(path) = text("clusters") {
            self.clusters(&base.join(path))?;
        }
        if let Some(path) = text("pullRequests") {
            self.pull_requests(&base.join(path))?;
        }
        if let Some(path) = text("apiVersions") {
            self.api_versions(&base.join(path))?;
        }
        if let Some(version) = value.get("kubeVersion").and_then(Value::to_go_string) {
            self.kube_version(&version)?;
        }
        if let Some(kustomize) = value.get("kustomize") {
            known_keys(kustomize, " of `kustomize`", &["buildOptions"])
                .map_err(|reason| wrong(&reason))?;
            let options = kustomize.get("buildOptions").and_then(Value::as_str);
            self.kustomize.read(options.unwrap_or_default());
        }
        Ok(())
    }

    fn clusters(&mut self, path: &Path) -> Result<(), CliError> {
        let text = read_text(path)?;
        let read = delivery::read_clusters(&text, &path.to_string_lossy());
        self.cluster.clusters = read.map_err(|reason| unreadable(path, &reason))?;
        Ok(())
    }

    fn pull_requests(&mut self, path: &Path) -> Result<(), CliError> {
        let read = delivery::read_pull_requests(&read_text(path)?);
        self.cluster.pull_requests = Some(read.map_err(|reason| unreadable(path, &reason))?);
        Ok(())
    }

    fn api_versions(&mut self, path: &Path) -> Result<(), CliError> {
        let read = delivery::read_api_versions(&read_text(path)?);
        self.cluster.api_versions = read.map_err(|reason| unreadable(path, &reason))?;
        Ok(())
    }

    fn kube_version(&mut self, version: &str) -> Result<(), CliError> {
        ::helm::KubeVersion::parse(version).map_err(|error| CliError::usage(error.to_string()))?;
        self.cluster.kube_version = version.trim().trim_start_matches('v').to_owned();
        Ok(())
    }
}

impl Elsewhere {
    /// Opens the files of a repository of ours: those on disk, or those of `--rev`, which last as long as the revision
    /// that comes with them.
    pub(crate) fn world(
        &self,
        repository: &Repository,
    ) -> Result<(DiskWorld, Option<Revision>), CliError> {
        let charts = environment::chart_cache();
        let Some(name) = &self.rev else { return Ok((repository.world(charts)?, None)) };
        let revision = revision(repository.root(), name)?;
        Ok((DiskWorld::open(revision.root(), charts)?, Some(revision)))
    }
}

/// Returns a revision of the repository in a folder.
fn revision(root: &Path, name: &str) -> Result<Revision, CliError> {
    Revision::open(root, name)?.ok_or_else(|| {
        CliError::usage(format!("git knows no revision `{name}` of `{}`", root.display()))
            .hint("`git log --oneline --all` lists commits, `git branch --all` branches")
    })
}

/// The keys of the file.
const FILE_KEYS: [&str; 6] =
    ["sources", "clusters", "pullRequests", "apiVersions", "kubeVersion", "kustomize"];

/// Returns what is wrong with the keys of a map; files are named by texts.
fn known_keys(value: &Value, of: &str, known: &[&str]) -> Result<(), String> {
    let fields = match value {
        Value::Null => return Ok(()),
        Value::Map(fields) => fields,
        _ => return Err(format!("what should be the map{of} is none")),
    };
    for (key, value) in fields {
        if !known.contains(&key.as_str()) {
            return Err(match text::nearest(key, known.iter().copied()) {
                Some(near) => format!("unknown key `{key}`{of}, did you mean `{near}`?"),
                None => format!("unknown key `{key}`{of}"),
            });
        }
        let is_text = !matches!(key.as_str(), "sources" | "kustomize" | "kubeVersion");
        if is_text && !matches!(value, Value::String(_) | Value::Null) {
            return Err(format!("`{key}`{of} is no text"));
        }
    }
    Ok(())
}

fn unreadable(path: &Path, reason: &str) -> CliError {
    CliError::usage(format!("`{}` cannot be read: {reason}", path.display()))
}

/// Returns address and folder of `URL=DIR`; an address may hold `=` itself.
fn pair<'t>(flag: &str, text: &'t str) -> Result<(&'t str, &'t str), CliError> {
    let pair =
        text.rsplit_once('=').filter(|(address, folder)| !address.is_empty() && !folder.is_empty());
    pair.ok_or_else(|| {
        CliError::usage(format!("`{flag} {text}` is no `URL=DIR`"))
            .hint(format!("as in `{flag} https://git.example.com/shop.git=../shop`"))
    })
}

/// Returns what a repository is called in messages.
pub(crate) fn nothing_found(place: &Place) -> CliError {
    let root = std::path::absolute(&place.root).unwrap_or_else(|_| place.root.clone());
    CliError::usage(format!(
        "there is no `{}` and no delivery object of Argo CD or Flux",
        operate::MANIFEST
    ))
    .hint(format!("looked in `{}`", root.display()))
    .hint("`mainstay new DIR` makes a repository; `--file PATH` names one elsewhere, or a delivery object")
}
