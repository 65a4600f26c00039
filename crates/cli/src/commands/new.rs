//! `mainstay new`: two texts become a repository, proved and committed.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use compile::generate::{self, Tree, base};
use compile::handoff::{self, Before, OnBoth, Said};
use compile::intake::{self, Inputs};
use compile::model::Platform;
use compile::render::Rendered;
use operate::{Committed, Git, Identity, Overlay, Write};
use serde_json::{Map, json};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::left_to_do::{self, Step};
use crate::locate::{read_payload, read_text};
use crate::proof::{self, Findings, PAYLOAD};
use crate::ui::{GOOD, HINT, Ui};
use crate::{dispatch, environment, report};

/// Writes a platform's repository, proves it, and commits it
///
/// Works offline. The spec is `--spec`, or the `mainstay.yaml` beside the payload, or a short one that is
/// written for you. The folder is complete or not there.
///
/// Example: mainstay new shop --from deployed_apps.json
#[derive(Args, Debug)]
pub(crate) struct New {
    /// The new folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The payload: which apps (`-` is standard input)
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// A customer's dispatch: the platform is the base (`--spec`, or the example gitops-base) with the
    /// customer's names, domain and apps
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "example"])]
    dispatch: Option<PathBuf>,

    /// The spec: which platform; enough by itself where the application is a kustomization
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,

    /// Begin with an example instead of a payload: shop, dex, gitops-base
    #[arg(long, value_name = "NAME", conflicts_with_all = ["from", "spec"])]
    example: Option<String>,

    /// Leave the commit to you; git is not needed then
    #[arg(long)]
    no_commit: bool,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// The examples that are part of the program: name, spec, payload.
const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "shop",
        include_str!("../../../../examples/shop/mainstay.yaml"),
        include_str!("../../../../examples/shop/deployed_apps.json"),
    ),
    (
        BASE,
        include_str!("../../../../examples/gitops-base/mainstay.yaml"),
        include_str!("../../../../examples/gitops-base/deployed_apps.json"),
    ),
    ("dex", include_str!("../../../../examples/dex/mainstay.yaml"), proof::NO_APPS),
];

/// The example that customers' repositories are made from.
const BASE: &str = "gitops-base";

/// The message of the first commit.
const MESSAGE: &str = "The platform, as mainstay wrote it";

/// Spec and payload, each with the name that messages have for it.
struct Given {
    spec: (String, String),
    payload: (String, String),
    /// What a dispatch said of the spec.
    said: Option<Said>,
}

/// A repository that was written.
struct Done {
    platform: Platform,
    findings: Findings,
    rendered: ManuallyDrop<Vec<Rendered>>,
    files: usize,
    committed: Option<Committed>,
}

pub(crate) fn run(ui: &Ui, arguments: &New) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    operate::check_vacant(&arguments.folder)?;
    let given = match &arguments.dispatch {
        Some(path) => match dispatched(arguments, path)? {
            Ok(given) => given,
            Err((findings, outcome)) => return unsound(ui, arguments, &findings, outcome),
        },
        None => given(arguments)?,
    };
    let inputs = Inputs {
        spec: (&given.spec.0, &given.spec.1),
        payload: (&given.payload.0, &given.payload.1),
    };
    let (platform, mut findings) = match proof::read(&inputs) {
        Ok(read) if !read.findings.has_errors() => (read.platform, read.findings),
        Ok(read) => return unsound(ui, arguments, &read.findings, Outcome::No),
        Err(findings) => return unsound(ui, arguments, &findings, Outcome::Invalid),
    };
    let mut tree = generate::repository(&platform, &inputs);
    if let Some(said) = &given.said {
        handoff::record(&mut tree, said);
    }
    let mut world = Overlay::new_folder(environment::chart_cache(), operate::today());
    proof::lay_over(&mut world, &tree);
    let mut rendered = proof::rendered(&world)?;
    proof::take_findings(&mut rendered, &world, &mut findings);
    if findings.has_errors() {
        return unsound(ui, arguments, &findings, Outcome::No);
    }
    if arguments.from.is_some() && platform.apps.is_empty() && platform.kustomization.is_none() {
        ui.warn("the payload has no app: the platform is written without one");
    }
    // Before it is there, and would be found itself.
    let above = operate::inside_repository(&arguments.folder);
    let committed = write(arguments, &platform, tree.clone())?;
    if let (Some(above), Some(_)) = (above, &committed) {
        ui.warn(&format!(
            "it is a repository of its own inside of `{}`, which takes nothing of it: move it beside",
            above.display()
        ));
    }
    let done = Done { platform, findings, rendered, files: tree.files.len(), committed };
    let folder = arguments.folder.display().to_string();
    let steps = left_to_do::steps(&done.platform, &quoted(&folder), committed.is_some());
    if arguments.json {
        say_json(ui, &folder, &done, &steps)?;
    } else {
        say(ui, &folder, &done, &steps, begin);
    }
    Ok(Outcome::Yes)
}

/// Reads what was given, or an example.
fn given(arguments: &New) -> Result<Given, CliError> {
    let Some(from) = &arguments.from else {
        return match (&arguments.spec, &arguments.example) {
            (Some(spec), None) => spec_alone(spec),
            (_, name) => example(name.as_deref().unwrap_or("shop")),
        };
    };
    let payload = read_payload(from)?;
    let beside = from.parent().unwrap_or(Path::new("")).join(operate::MANIFEST);
    let spec = match &arguments.spec {
        Some(spec) => (spec.display().to_string(), read_text(spec)?),
        None if beside.is_file() => (beside.display().to_string(), read_text(&beside)?),
        None => {
            let name = arguments.folder.file_name().unwrap_or_default().to_string_lossy();
            let spec = intake::default_spec(&name, (&payload.0, &payload.1));
            (operate::MANIFEST.to_owned(), spec)
        }
    };
    Ok(Given { spec, payload, said: None })
}

/// Puts a dispatch into a base.
fn dispatched(
    arguments: &New,
    path: &Path,
) -> Result<Result<Given, (Findings, Outcome)>, CliError> {
    let dispatch = match dispatch::read(path)? {
        Ok(dispatch) => dispatch,
        Err(findings) => return Ok(Err((findings, Outcome::Invalid))),
    };
    let base = match &arguments.spec {
        Some(spec) => read_text(spec)?,
        None => example(BASE)?.spec.1,
    };
    // Nobody has changed anything yet: the dispatch is right everywhere.
    let before = Before { said: None, on: OnBoth::Take };
    Ok(match dispatch::specialise(path, &base, &dispatch, before)? {
        Ok(specialised) => Ok(Given {
            spec: (operate::MANIFEST.to_owned(), specialised.spec),
            payload: (PAYLOAD.to_owned(), dispatch.payload),
            said: Some(specialised.said),
        }),
        Err(findings) => Err((findings, Outcome::No)),
    })
}

/// Reads a spec that needs no payload.
fn spec_alone(path: &Path) -> Result<Given, CliError> {
    let spec = read_text(path)?;
    if proof::needs_payload(&spec) {
        return Err(CliError::usage("this spec needs a payload")
            .hint("name it too: `--from deployed_apps.json`"));
    }
    let payload = (PAYLOAD.to_owned(), proof::NO_APPS.to_owned());
    Ok(Given { spec: (path.display().to_string(), spec), payload, said: None })
}

fn example(name: &str) -> Result<Given, CliError> {
    let known = EXAMPLES.iter().map(|(name, _, _)| *name);
    let Some((_, spec, payload)) = EXAMPLES.iter().find(|(known, _, _)| *known == name) else {
        let names: Vec<&str> = known.clone().collect();
        let error = CliError::usage(format!("there is no example `{name}`"));
        return Err(match text::nearest(name, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("there are: {}", names.join(", "))),
        });
    };
    Ok(Given {
        spec: (operate::MANIFEST.to_owned(), (*spec).to_owned()),
        payload: (PAYLOAD.to_owned(), (*payload).to_owned()),
        said: None,
    })
}

fn unsound(
    ui: &Ui,
    arguments: &New,
    findings: &Findings,
    outcome: Outcome,
) -> Result<Outcome, CliError> {
    let report = arguments.json.then(|| {
        let mut fields = Map::new();
        fields.insert("written".into(), json!(false));
        fields
    });
    let nothing = format!("Nothing was written to {}", arguments.folder.display());
    report::unsound(ui, "new", report, findings, &nothing)?;
    Ok(outcome)
}

/// Writes the folder, with its first commit unless that is left to the person.
fn write(arguments: &New, platform: &Platform, tree: Tree) -> Result<Option<Committed>, CliError> {
    let git = if arguments.no_commit { None } else { Some(Git::find()?) };
    let base: Vec<Write> = base::of(&tree)
        .map(|(path, bytes)| Write { path, bytes: bytes.to_vec(), executable: false })
        .collect();
    let files: Vec<Write> = tree
        .files
        .into_iter()
        .map(|(path, file)| Write { path, bytes: file.bytes, executable: file.executable })
        .chain(base)
        .collect();
    let created = operate::create(&arguments.folder, &files, |folder| {
        git.map(|git| git.first_commit(folder, MESSAGE, &platform.other_branches())).transpose()
    })?;
    Ok(created.outcome)
}

fn say(ui: &Ui, folder: &str, done: &Done, steps: &[Step], begin: Instant) {
    ui.diagnostics(&done.findings.diagnostics, &done.findings.sources);
    let committed = if done.committed.is_some() { ", committed to main" } else { "" };
    ui.status(&format!(
        "{GOOD}Wrote{GOOD:#} {folder}: {}{committed}, in {}",
        report::count(done.files, "file"),
        report::since(begin)
    ));
    let platform = &done.platform;
    ui.status(&format!(
        "{GOOD}Proved{GOOD:#} {} × {}: {} rendered,\n       {} pinned, {} found",
        report::count(report::apps(platform), "app"),
        report::count(platform.environments.len(), "environment"),
        report::count(report::objects(&done.rendered), "object"),
        report::count(report::addons(&done.rendered), "add-on"),
        report::count(done.findings.plaintext_secrets(), "plaintext secret"),
    ));
    report::say_opaque(ui, &done.rendered);
    if done.committed.is_some_and(|committed| committed.identity == Identity::Fallback) {
        ui.status(&format!(
            "git knows no name of yours, so the commit is by `mainstay`. Set your own:\n  \
             {HINT}git config --global user.name 'Your Name'{HINT:#}\n  \
             {HINT}git config --global user.email you@example.com{HINT:#}"
        ));
    }
    ui.status("\nLeft to do:");
    for (at, step) in steps.iter().enumerate() {
        ui.status(&format!("  {}. {}", at + 1, step.what));
        for command in &step.commands {
            ui.status(&format!("       {HINT}{command}{HINT:#}"));
        }
        for line in step.lines() {
            ui.status(&format!("       {line}"));
        }
    }
}

fn say_json(ui: &Ui, folder: &str, done: &Done, steps: &[Step]) -> Result<(), CliError> {
    let mut fields = Map::new();
    fields.insert("written".into(), json!(true));
    fields.insert("folder".into(), json!(folder));
    fields.insert("files".into(), json!(done.files));
    fields.insert("committed".into(), json!(done.committed.is_some()));
    fields.insert("apps".into(), json!(report::apps(&done.platform)));
    let environments = done.platform.environments.iter().map(|environment| &environment.name);
    fields.insert("environments".into(), json!(environments.collect::<Vec<_>>()));
    fields.insert("objects".into(), json!(report::objects(&done.rendered)));
    fields.insert("addons".into(), json!(report::addons(&done.rendered)));
    fields.insert("plaintextSecrets".into(), json!(done.findings.plaintext_secrets()));
    fields.insert("opaque".into(), report::opaque_json(&done.rendered));
    fields.insert("leftToDo".into(), steps.iter().map(Step::json).collect());
    let findings = &done.findings;
    ui.json(&text::report("new", fields, &findings.diagnostics, &findings.sources))
}

/// Returns a path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+~@,:".contains(letter);
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}
