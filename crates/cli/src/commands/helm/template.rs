//! `mainstay helm template`: helm's arguments in, helm's bytes out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgAction, Args};
use helm::{Chart, KubeVersion, Print, Release, Rendered, Set, ValuesInput};
use operate::{ChartFiles, Fetcher, Wanted};
use text::{Code, Diagnostic, Place, Sources, Stage};

use super::flags::{Unsupported, WithoutEffect};
use crate::commands::network::Network;
use crate::environment;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::prompt;
use crate::ui::Ui;

/// helm's name for a release that has none.
const NO_NAME: &str = "release-name";
/// Why `--show-only` finds nothing once files are written.
const SHOW_ONLY_HINT: &str = "`--output-dir` has written all files; leave `--show-only` out";
/// Where a release goes that names no namespace, or an empty one.
const DEFAULT_NAMESPACE: &str = "default";

/// Renders a chart and prints the manifests
///
/// Example: mainstay helm template web ./chart -n shop -f values.yaml --set image.tag=1.2.3
#[derive(Args, Debug)]
pub(crate) struct Template {
    /// The release's name, if wanted, and the chart: a folder, a `.tgz`, its `https://` address, or an `oci://` one
    #[arg(value_name = "[NAME] CHART", required = true, num_args = 1..=2)]
    chart: Vec<String>,

    /// Namespace of the release
    #[arg(short, long, default_value = DEFAULT_NAMESPACE, env = "HELM_NAMESPACE", hide_env_values = true)]
    namespace: String,

    /// Template that makes the release's name
    #[arg(long, value_name = "TEMPLATE")]
    name_template: Option<String>,

    /// As helm has it: `template` names such a release `release-name`
    #[arg(short, long)]
    generate_name: bool,

    /// Use chance where templates ask for it, instead of the same bytes every time
    #[arg(long)]
    random: bool,

    #[command(flatten)]
    values: Values,

    #[command(flatten)]
    what: What,

    #[command(flatten)]
    cluster: Cluster,

    #[command(flatten)]
    source: Source,

    #[command(flatten)]
    network: Network,

    #[command(flatten)]
    without_effect: WithoutEffect,

    #[command(flatten)]
    unsupported: Unsupported,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Values")]
struct Values {
    /// Values file; `-` is standard input
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    files: Vec<String>,

    /// Set values: `key1=val1,key2=val2`
    #[arg(long, value_name = "VALUES")]
    set: Vec<String>,

    /// Set values that stay texts
    #[arg(long, value_name = "VALUES")]
    set_string: Vec<String>,

    /// Set values written as JSON
    #[arg(long, value_name = "VALUES")]
    set_json: Vec<String>,

    /// Set values to what files hold: `key=path`
    #[arg(long, value_name = "VALUES")]
    set_file: Vec<String>,

    /// Set one value to the text behind `=`, whatever is in it
    #[arg(long, value_name = "VALUE")]
    set_literal: Vec<String>,

    /// Do not look at `values.schema.json`
    #[arg(long)]
    skip_schema_validation: bool,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "What is printed")]
struct What {
    /// Print the files of `crds/` too
    #[arg(long)]
    include_crds: bool,

    /// Leave test hooks out
    #[arg(long)]
    skip_tests: bool,

    /// Leave hooks out
    #[arg(long)]
    no_hooks: bool,

    /// Only what these templates render, such as `templates/service.yaml`
    #[arg(short, long, value_name = "TEMPLATE")]
    show_only: Vec<String>,

    /// Write files below this folder instead of printing
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,

    /// Put the release's name into the path below `--output-dir`
    #[arg(long)]
    release_name: bool,

    /// Print what the templates gave even where it is no YAML
    #[arg(long)]
    debug: bool,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "The cluster that templates see")]
struct Cluster {
    /// Version of Kubernetes
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,

    /// API versions that the cluster has besides Kubernetes' own
    #[arg(short, long, value_name = "VERSION", value_delimiter = ',')]
    api_versions: Vec<String>,

    /// Set `.Release.IsUpgrade` instead of `.Release.IsInstall`
    #[arg(long)]
    is_upgrade: bool,

    /// Only `false` is possible: nothing is asked of a cluster
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    validate: Option<bool>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Charts from elsewhere")]
struct Source {
    /// Chart repository
    #[arg(long, value_name = "URL")]
    repo: Option<String>,

    /// Version of the chart, or a constraint; left out, the newest release
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,

    /// Take prereleases too, where no version is given
    #[arg(long)]
    devel: bool,
}

pub(crate) fn run(ui: &Ui, arguments: &Template) -> Result<Outcome, CliError> {
    if arguments.cluster.validate == Some(true) {
        return Err(CliError::usage("not supported yet: `--validate` asks a cluster"));
    }
    arguments.unsupported.refuse()?;
    arguments.without_effect.warn(ui);
    let (name, chart_path) = name_and_chart(arguments)?;
    let chart = read_chart(arguments, chart_path)?;
    let namespace = match arguments.namespace.as_str() {
        "" => DEFAULT_NAMESPACE,
        namespace => namespace,
    };
    let mut release = Release::new(name.clone(), namespace);
    release.is_upgrade = arguments.cluster.is_upgrade;
    let values = values(&arguments.values)?;
    let mut options = helm::Options {
        api_versions: arguments.cluster.api_versions.clone(),
        include_crds: arguments.what.include_crds,
        skip_schema_validation: arguments.values.skip_schema_validation,
        debug: arguments.what.debug,
        ..helm::Options::default()
    };
    if let Some(version) = arguments.cluster.kube_version.as_ref().filter(|it| !it.is_empty()) {
        options.kube_version = KubeVersion::parse(version).map_err(|error| refused(&error))?;
    }
    options.engine.now = now();
    if arguments.random {
        options.engine.seed = operate::random_seed()?;
    }
    let rendered = match helm::render(&chart, &release, &values, &options) {
        Ok(rendered) => rendered,
        Err(error) => {
            ui.data(&as_printed(&error.printed))?;
            let (diagnostic, sources) = diagnostic(&chart, chart_path, &error);
            ui.diagnostics(&[diagnostic], &sources);
            return Ok(Outcome::No);
        }
    };
    for warning in &rendered.warnings {
        ui.warn(warning);
    }
    let what = &arguments.what;
    let print = Print {
        no_hooks: what.no_hooks,
        skip_tests: what.skip_tests,
        show_only: what.show_only.clone(),
    };
    match &what.output_dir {
        Some(folder) => {
            write_files(ui, &rendered, &print, folder, what.release_name.then_some(&name))?;
            // As helm: what is written is not looked through any more.
            if let Some(template) = print.show_only.first() {
                let message = format!("could not find template {template} in chart");
                return Err(CliError::Refused { message, hints: vec![SHOW_ONLY_HINT.to_owned()] });
            }
        }
        None if print.show_only.is_empty() => ui.pieces(&rendered.pieces(&print))?,
        None => ui.data(&rendered.to_bytes(&print).map_err(|error| refused(&error))?)?,
    }
    // The process ends right after: the system takes the memory back faster than we could.
    std::mem::forget((rendered, chart));
    Ok(Outcome::Yes)
}

/// Returns what templates printed, as helm shows it where it cannot be read; files that are empty are left out.
fn as_printed(files: &[(Arc<str>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, printed) in files.iter().filter(|(_, printed)| !printed.trim_ascii().is_empty()) {
        out.extend_from_slice(format!("---\n# Source: {name}\n").as_bytes());
        out.extend_from_slice(printed);
        out.push(b'\n');
    }
    out.truncate(out.trim_ascii_end().len());
    if !out.is_empty() {
        out.push(b'\n');
    }
    out
}

/// Returns the release's name and the chart, as helm takes them from one or two words.
fn name_and_chart(arguments: &Template) -> Result<(String, &str), CliError> {
    let (name, chart) = match arguments.chart.as_slice() {
        [name, chart] => (Some(name), chart),
        [chart] => (None, chart),
        _ => return Err(CliError::usage("a chart is wanted")),
    };
    match (name, arguments.name_template.as_ref().filter(|template| !template.is_empty())) {
        (Some(_), Some(_)) => {
            Err(CliError::usage("`--name-template` and a name cannot be given both"))
        }
        (Some(_), None) if arguments.generate_name => {
            Err(CliError::usage("`--generate-name` and a name cannot be given both"))
        }
        (Some(name), None) => Ok((name.clone(), chart)),
        (None, None) => Ok((NO_NAME.to_owned(), chart)),
        (None, Some(template)) => Ok((name_from(template)?, chart)),
    }
}

/// The moment that templates see, in UTC.
fn now() -> gotmpl::Clock {
    let (seconds, nanoseconds) = operate::moment_now();
    gotmpl::Clock { seconds, nanoseconds, ..gotmpl::Clock::default() }
}

fn name_from(template: &str) -> Result<String, CliError> {
    let failed = |reason: String| CliError::Refused {
        message: format!("the name template cannot be rendered: {reason}"),
        hints: Vec::new(),
    };
    let name = "name-template";
    let mut set = gotmpl::TemplateSet::new();
    set.add(name, template.as_bytes()).map_err(|error| failed(error.to_string()))?;
    let options = gotmpl::Options { now: now(), ..gotmpl::Options::default() };
    let mut engine = gotmpl::Engine::new(&set, options);
    let bytes =
        engine.render(name, &gotmpl::Value::Nil).map_err(|error| failed(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read_chart(arguments: &Template, path: &str) -> Result<Chart, CliError> {
    let here = Path::new(path);
    let from_elsewhere = arguments.source.repo.is_some() || path.contains("://");
    if from_elsewhere {
        let bytes = fetched(arguments, path)?;
        return Chart::from_archive(&bytes).map_err(|error| refused(&error));
    }
    if !here.exists() {
        let looked = std::path::absolute(here).unwrap_or_else(|_| here.to_owned());
        return Err(CliError::usage(format!("there is no chart `{path}`"))
            .hint(format!("looked for `{}`", looked.display()))
            .hint("give the path of a folder with a `Chart.yaml`, or of a `.tgz`"));
    }
    match operate::read_chart(here)? {
        ChartFiles::Archive(bytes) => Chart::from_archive(&bytes).map_err(|error| {
            CliError::Refused { message: format!("`{path}`: {error}"), hints: Vec::new() }
        }),
        ChartFiles::Folder(files) => Chart::from_files(files).map_err(|error| refused(&error)),
    }
}

/// Returns the archive of a chart that is not a path: `NAME` with `--repo`, `oci://…/NAME`, or the address
/// of an archive.
fn fetched(arguments: &Template, name: &str) -> Result<Vec<u8>, CliError> {
    let source = &arguments.source;
    let version = match source.version.as_deref().unwrap_or_default() {
        // helm's own words for "the newest of all".
        "" if source.devel => ">0.0.0-0",
        version => version,
    };
    if let Some(repository) = source.repo.as_deref().filter(|it| !it.contains("://")) {
        let shown = operate::shown(repository);
        return Err(CliError::usage(format!("`{shown}` is no address of a chart repository"))
            .hint("as in `--repo https://charts.example.org`"));
    }
    let wanted = match (&source.repo, name.split_once("://")) {
        (Some(repository), _) => Some(Wanted::new(repository, name, version)),
        (None, Some(("oci", rest))) => {
            let (place, chart) = rest.rsplit_once('/').ok_or_else(|| {
                CliError::usage(format!("`{}` names no chart", operate::shown(name)))
                    .hint("as in `oci://registry.example.org/charts/web`")
            })?;
            Some(Wanted::new(&format!("oci://{place}"), chart, version))
        }
        (None, _) => None,
    };
    let place = wanted.as_ref().map_or(name, Wanted::place);
    let host = place.split_once("://").map_or(place, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host);
    let settings = arguments.network.settings_for(Some(host))?;
    let cache = environment::chart_cache().ok_or_else(|| {
        CliError::usage("there is no place for a cache")
            .hint("set `HOME`, or `XDG_CACHE_HOME` to an absolute path")
    })?;
    let fetcher = Fetcher::new(cache, settings);
    Ok(match wanted {
        Some(wanted) => fetcher.fetch(&wanted, None)?.bytes.to_vec(),
        None => fetcher.archive_at(name)?,
    })
}

fn values(arguments: &Values) -> Result<ValuesInput, CliError> {
    let mut input = ValuesInput::default();
    // As with `-f "$EXTRA"` where nothing is in the variable.
    for file in arguments.files.iter().filter(|file| !file.is_empty()) {
        let content = if file == "-" {
            prompt::standard_input()?
        } else if file.contains("://") {
            return Err(CliError::usage(format!("not supported yet: values from `{file}`"))
                .hint("fetch the file first, and give its path"));
        } else {
            read_named(file)?
        };
        input.files.push((file.clone(), content));
    }
    let sets = |texts: &[String], make: fn(String) -> Set| -> Vec<Set> {
        texts.iter().cloned().map(make).collect()
    };
    input.sets.extend(sets(&arguments.set_json, Set::Json));
    input.sets.extend(sets(&arguments.set, Set::Value));
    input.sets.extend(sets(&arguments.set_string, Set::Text));
    input.sets.extend(sets(&arguments.set_file, Set::File));
    input.sets.extend(sets(&arguments.set_literal, Set::Literal));
    for text in &arguments.set_file {
        for path in file_paths(text) {
            if path == "-" {
                input.set_files.push((path, prompt::standard_input()?));
            } else if Path::new(&path).is_file() {
                let content = read_named(&path)?;
                input.set_files.push((path, content));
            }
        }
    }
    Ok(input)
}

fn read_named(path: &str) -> Result<Vec<u8>, CliError> {
    let file = Path::new(path);
    if file.exists() {
        return Ok(operate::read_file(file)?);
    }
    let looked = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    Err(CliError::usage(format!("there is no file `{path}`"))
        .hint(format!("looked for `{}`", looked.display())))
}

/// Returns the paths in `key=path,key=path`; a backslash takes the next letter's meaning away.
fn file_paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut path: Option<String> = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, &mut path) {
            ('\\', at) => {
                let next = letters.next();
                if let (Some(at), Some(next)) = (at, next) {
                    at.push(next);
                }
            }
            (',', at) => paths.extend(at.take()),
            ('=', at @ None) => *at = Some(String::new()),
            (letter, Some(at)) => at.push(letter),
            (_, None) => {}
        }
    }
    paths.extend(path);
    paths
}

/// Writes the files of `--output-dir`, one `wrote` line for each document, as helm does.
fn write_files(
    ui: &Ui,
    rendered: &Rendered,
    print: &Print,
    folder: &Path,
    release: Option<&String>,
) -> Result<(), CliError> {
    let files = rendered.output_files(print, release.map(String::as_str));
    operate::write_files(folder, &files)?;
    let place = |path: &str, release: Option<&String>| match release {
        Some(release) => folder.join(release).join(path),
        None => folder.join(path),
    };
    let crds = rendered.crds.iter().map(|crd| place(&crd.path, None));
    let manifests = rendered.manifests.iter().map(|manifest| place(&manifest.path, release));
    let hooks = rendered
        .hooks
        .iter()
        .filter(|hook| !(print.no_hooks || print.skip_tests && hook.is_test()))
        .map(|hook| place(&hook.path, release));
    let mut lines = String::new();
    for path in crds.chain(manifests).chain(hooks) {
        lines.push_str(&format!("wrote {}\n", path.display()));
    }
    lines.push('\n');
    ui.data(lines.as_bytes())
}

fn refused(error: &helm::Error) -> CliError {
    CliError::Refused { message: error.message.clone(), hints: Vec::new() }
}

/// Returns why a chart does not render as a finding that shows the template's own lines.
fn diagnostic(chart: &Chart, path: &str, error: &helm::Error) -> (Diagnostic, Sources) {
    let mut sources = Sources::new();
    let code = Code::new(Stage::Render, 1);
    let first_line = error.message.lines().next().unwrap_or_default();
    let message = format!("chart `{path}` does not render: {first_line}");
    let mut finding = Diagnostic::error(code, message);
    // The innermost place is where it failed; the others led there.
    for (at, location) in error.locations.iter().rev().enumerate() {
        let text = source(chart, &location.template);
        let file = match &text {
            Some(text) => sources.add(location.template.as_str(), text.as_str()),
            None => location.template.as_str().into(),
        };
        let place = match &text {
            Some(text) if location.line > 0 => place(&file, text, location),
            _ => Place::of_file(&file),
        };
        finding = if at == 0 {
            finding.at(place, "")
        } else {
            finding.also(place, format!("called by `{}`", location.executing))
        };
    }
    let rest: Vec<&str> = error.message.lines().skip(1).collect();
    if !rest.is_empty() {
        finding = finding.hint(rest.join("\n"));
    }
    (finding, sources)
}

fn place(file: &Arc<str>, text: &str, location: &helm::Location) -> Place {
    let line_start: usize = text.split_inclusive('\n').take(location.line - 1).map(str::len).sum();
    let start = (line_start + location.column).min(text.len());
    let rest = text.get(start..).unwrap_or_default();
    if location.column == 0 && location.node.is_empty() {
        // Only the line is known: all of it is meant, but not its margins.
        let line = rest.lines().next().unwrap_or_default();
        let margin = line.len() - line.trim_start().len();
        return Place::new(file, start + margin..start + line.trim_end().len());
    }
    let length = if rest.starts_with(&location.node) { location.node.len() } else { 0 };
    Place::new(file, start..start + length)
}

/// Returns the text of a template by the name that messages have for it: the chart's name, then the path.
fn source(chart: &Chart, name: &str) -> Option<String> {
    let (_, path) = name.split_once('/')?;
    if let Some(below) = path.strip_prefix("charts/")
        && let Some((dependency, _)) = below.split_once('/')
    {
        let found = chart.dependencies.iter().find(|chart| chart.metadata.name == dependency);
        return source(found?, below);
    }
    let file = chart.templates.iter().find(|file| file.path == path)?;
    String::from_utf8(file.data.to_vec()).ok()
}
