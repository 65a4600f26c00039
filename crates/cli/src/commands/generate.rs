//! `mainstay generate`: a repository brought up to date, edits of others worked in.

mod words;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use compile::generate::catalog;
use compile::generate::lock::{self, Lock};
use compile::generate::reconcile::{self, Change, ChangeKind, Choices, Planned};
use compile::generate::{self, Tree};
use compile::handoff::{self, Before, InPlace, OnBoth, Specialised};
use compile::intake::Inputs;
use compile::render;
use operate::{Access, Changes, DiskWorld, Overlay, Write};
use serde_json::{Map, json};
use text::{Diagnostic, Severity, Sources, World as _};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::{Locate, read_payload};
use crate::proof::{self, Findings, PAYLOAD};
use crate::ui::Ui;
use crate::{dispatch, environment, report};

/// Brings a repository up to date with its spec and payload
///
/// Only what must change changes. What was edited since it was generated stays: what changed in spec or
/// payload is worked into it, value by value, or line by line. Where both sides changed one thing it is
/// a conflict, and nothing is written.
///
/// Example: mainstay generate --from deployed_apps.json
#[derive(Args, Debug)]
pub(crate) struct Generate {
    /// A new payload, in place of the repository's (`-` is standard input)
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,

    /// What a customer's form handed over (`schemas/dispatch.json`): names and domain for the spec, and a
    /// new payload
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub(super) dispatch: Option<PathBuf>,

    /// Only say what would change, and exit with 1 if something would
    #[arg(long)]
    pub(super) check: bool,

    /// Write this file, or those of this folder, as generated, whatever was changed (can be given several times)
    #[arg(long, value_name = "FILE")]
    pub(super) force: Vec<String>,

    /// Where both sides changed one thing, keep what this file has, or those of this folder (can be given several times)
    #[arg(long, value_name = "FILE")]
    pub(super) keep: Vec<String>,

    /// Let this app go though it has volumes; its claims stay in the cluster (can be given several times)
    #[arg(long, value_name = "APP")]
    pub(super) remove_data: Vec<String>,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,

    /// Whether this is `mainstay upgrade`.
    #[arg(skip)]
    pub(super) upgrade: bool,

    #[command(flatten)]
    pub(super) locate: Locate,
}

impl Generate {
    /// What the command is called, and its report.
    fn kind(&self) -> &'static str {
        if self.upgrade { "upgrade" } else { "generate" }
    }
}

pub(crate) fn run(ui: &Ui, arguments: &Generate) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    let access = if arguments.check { Access::Read } else { Access::Change };
    let mut repository = arguments.locate.open(ui, access)?;
    let world = repository.world(environment::chart_cache())?;
    let Given { spec, payload: (name, payload), remove_data, dispatched, in_place } =
        match given(arguments, &world)? {
            Ok(given) => given,
            Err((findings, outcome)) => return unsound(ui, arguments, &findings, outcome),
        };
    let inputs = Inputs { spec: (operate::MANIFEST, &spec), payload: (&name, &payload) };
    let (platform, mut findings) = match read(&inputs, in_place.as_ref()) {
        Ok(read) if !read.findings.has_errors() => (read.platform, read.findings),
        Ok(read) => return unsound(ui, arguments, &read.findings, Outcome::No),
        Err(findings) => return unsound(ui, arguments, &findings, Outcome::Invalid),
    };
    let mut tree = generate::repository(&platform, &inputs);
    if let Some(dispatched) = &dispatched {
        handoff::record(&mut tree, &dispatched.said);
    }
    let lock = read_lock(&world)?;
    known(arguments, &tree, &lock)?;
    let choices =
        Choices { force: &arguments.force, keep: &arguments.keep, remove_data: &remove_data };
    for name in &arguments.remove_data {
        if !reconcile::is_app(name, &lock, &world, &platform) {
            ui.warn(&format!("`--remove-data {name}`: there is no such app, and there was none"));
        }
    }
    let reconciled = reconcile::reconcile(&tree, &lock, &world, &platform, choices);
    let refused = reconciled.is_refused();
    let planned = changes_on_disk(reconciled.planned(&tree, &lock, &world));
    let mut changes = reconciled.changes;
    if let Some(dispatched) = dispatched {
        tell_dispatched(&mut changes, &tree, dispatched);
    }
    findings.sources.extend(reconciled.sources);
    findings.extend(reconciled.diagnostics);
    if refused {
        return unsound(ui, arguments, &findings, Outcome::No);
    }
    let result = result(&world, &planned);
    let differs = planned != Changes::default();
    // What does not change was proved when it was written.
    if differs {
        let mut rendered = proof::rendered(&result)?;
        proof::take_findings(&mut rendered, &result, &mut findings);
        // What was kept by hand may need a higher quota: no reason to write nothing.
        for finding in &mut findings.diagnostics {
            if finding.code == proof::QUOTA_OF_OBJECTS {
                finding.severity = Severity::Warning;
            }
        }
        // What does not render may be told better by the values that people edited.
        if findings.has_errors() {
            proof::check_edited(&platform, &tree, &result, &mut findings);
        }
    }
    if findings.has_errors() {
        return unsound(ui, arguments, &findings, Outcome::No);
    }
    // Before anything is written: afterwards both sides are the same.
    let addons = if arguments.upgrade { render::addons(&world, &result) } else { Vec::new() };
    if !arguments.check {
        repository.apply(&planned)?;
    }
    let outcome = if arguments.check && differs { Outcome::No } else { Outcome::Yes };
    if arguments.json {
        let mut fields = Map::new();
        fields.insert("written".into(), json!(!arguments.check && differs));
        fields.insert("changes".into(), words::changes_json(&changes, ui.is_verbose()));
        if arguments.upgrade {
            fields.insert("addons".into(), addons.iter().map(words::addon_json).collect());
        }
        ui.json(&text::report(arguments.kind(), fields, &findings.diagnostics, &findings.sources))?;
        return Ok(outcome);
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    if arguments.upgrade {
        ui.text(&addons.iter().map(words::addon_lines).collect::<String>())?;
    }
    ui.text(&words::lines(&changes, ui.is_verbose()))?;
    words::say(ui, arguments.check, &changes, begin);
    Ok(outcome)
}

/// Returns the repository as it would be, edits of people included.
fn result<'w>(world: &'w DiskWorld, planned: &Changes) -> Overlay<'w> {
    let mut result = Overlay::over(world);
    for write in &planned.writes {
        result.insert(write.path.as_str(), write.bytes.as_slice());
    }
    for path in &planned.removes {
        result.remove(path.as_str());
    }
    result
}

/// What is generated from.
struct Given {
    spec: String,
    /// Name and text of the payload.
    payload: (String, String),
    remove_data: Vec<String>,
    /// What a dispatch changed in the spec.
    dispatched: Option<Specialised>,
    /// The payload as it stands in a dispatch.
    in_place: Option<InPlace>,
}

/// Reads and checks spec and payload; what is found in a dispatch has its places there.
fn read(inputs: &Inputs<'_>, in_place: Option<&InPlace>) -> Result<proof::Platforms, Findings> {
    let Some(InPlace { name, whole, payload }) = in_place else { return proof::read(inputs) };
    let mut read = proof::read(&Inputs { payload: (name, payload), ..*inputs });
    let (Ok(proof::Platforms { findings, .. }) | Err(findings)) = &mut read;
    findings.sources.add(name.as_str(), whole.as_str());
    read
}

/// Says of the spec what a dispatch changed in it and what a person did, value by value.
fn tell_dispatched(changes: &mut [Change], tree: &Tree, dispatched: Specialised) {
    let Specialised { taken, kept, .. } = dispatched;
    let Some(file) = tree.files.get(operate::MANIFEST) else { return };
    for change in changes.iter_mut().filter(|change| change.path == operate::MANIFEST) {
        change.kind = match &change.kind {
            // A base that became a customer's has neither.
            _ if taken.is_empty() && kept.is_empty() => continue,
            ChangeKind::Unchanged => ChangeKind::Keep { kept: kept.clone() },
            _ => ChangeKind::Merge {
                bytes: file.bytes.clone(),
                taken: taken.clone(),
                kept: kept.clone(),
            },
        };
    }
}

/// Returns what is generated from: the repository's own texts, with a new payload or a dispatch.
fn given(
    arguments: &Generate,
    world: &DiskWorld,
) -> Result<Result<Given, (Findings, Outcome)>, CliError> {
    let mut remove_data = arguments.remove_data.clone();
    let (mut dispatched, mut in_place) = (None, None);
    let (spec, payload) = match (&arguments.from, &arguments.dispatch) {
        (None, None) => {
            let (spec, name, payload) = proof::texts(world)?;
            let spec = if arguments.upgrade { catalog::newest(&spec) } else { spec };
            (spec, (name, payload))
        }
        (Some(from), _) => {
            let spec = proof::read_text(world, operate::MANIFEST)?;
            (spec, read_payload(from)?)
        }
        (None, Some(path)) => {
            let dispatch = match dispatch::read(path)? {
                Ok(dispatch) => dispatch,
                Err(findings) => return Ok(Err((findings, Outcome::Invalid))),
            };
            let spec = proof::read_text(world, operate::MANIFEST)?;
            let said = match dispatch::said(world) {
                Ok(said) => said,
                Err(findings) => return Ok(Err((findings, Outcome::Invalid))),
            };
            let chosen = |files: &[String]| {
                files.iter().any(|file| reconcile::named(file, operate::MANIFEST))
            };
            let on = match (chosen(&arguments.force), chosen(&arguments.keep)) {
                (true, _) => OnBoth::Take,
                (false, true) => OnBoth::Keep,
                (false, false) => OnBoth::Report,
            };
            let before = Before { said: said.as_ref(), on };
            let specialised = match dispatch::specialise(path, &spec, &dispatch, before)? {
                Ok(specialised) => specialised,
                Err(findings) => return Ok(Err((findings, Outcome::No))),
            };
            let spec = specialised.spec.clone();
            dispatched = Some(specialised);
            in_place = Some(dispatch.in_place);
            remove_data.extend(dispatch.remove_data);
            (spec, (PAYLOAD.to_owned(), dispatch.payload))
        }
    };
    Ok(Ok(Given { spec, payload, remove_data, dispatched, in_place }))
}

fn unsound(
    ui: &Ui,
    arguments: &Generate,
    findings: &Findings,
    outcome: Outcome,
) -> Result<Outcome, CliError> {
    let report = arguments.json.then(|| {
        let mut fields = Map::new();
        fields.insert("written".into(), json!(false));
        fields.insert("changes".into(), json!([]));
        fields
    });
    report::unsound(ui, arguments.kind(), report, findings, "Nothing was written")?;
    Ok(outcome)
}

fn read_lock(world: &DiskWorld) -> Result<Lock, CliError> {
    let Ok(bytes) = world.read(lock::PATH) else { return Ok(Lock::default()) };
    let text = String::from_utf8_lossy(&bytes);
    lock::read(&text).map_err(|reason| {
        let hint = match lock::newer(&text) {
            Some(version) => format!("install mainstay {version} or newer; nothing was written"),
            None if text.contains("<<<<<<< ") => {
                "two branches that both generated were merged: `git checkout HEAD -- .mainstay` takes the whole \
                 of it from one side, then `mainstay generate` works the other in"
                    .to_owned()
            }
            None => format!(
                "bring it back with `git checkout HEAD -- {0}`; without it (`rm {0}`) every differing file \
                 counts as edited",
                lock::PATH
            ),
        };
        CliError::usage(format!("`{}` cannot be used: {reason}", lock::PATH)).hint(hint)
    })
}

/// What `generate` would do in a repository as it is.
pub(super) enum Pending {
    /// So many files would be written or removed.
    Files(usize),
    /// It would refuse: what it would say, and the files that this names.
    Refusal(Vec<Diagnostic>, Sources),
    /// The lock cannot be read.
    Lock(CliError),
}

/// Returns what `generate` would do.
pub(super) fn pending(
    world: &DiskWorld,
    tree: &Tree,
    platform: &compile::model::Platform,
) -> Pending {
    let lock = match read_lock(world) {
        Ok(lock) => lock,
        Err(error) => return Pending::Lock(error),
    };
    let choices = Choices { force: &[], keep: &[], remove_data: &[] };
    let reconciled = reconcile::reconcile(tree, &lock, world, platform, choices);
    let planned = reconciled.planned(tree, &lock, world);
    let paths = planned.writes.iter().map(|(path, ..)| path).chain(&planned.removes);
    // What was generated last is kept beside every file; nobody edits it.
    let shown = paths.filter(|path| !path.starts_with(generate::base::FOLDER)).count();
    if reconciled.is_refused() {
        return Pending::Refusal(reconciled.diagnostics, reconciled.sources);
    }
    Pending::Files(shown)
}

/// Warns of generated files that are not there any more.
pub(super) fn gone(world: &DiskWorld, tree: &Tree) -> Vec<Diagnostic> {
    let Ok(lock) = read_lock(world) else { return Vec::new() };
    reconcile::gone(tree, &lock, world)
}

fn changes_on_disk(planned: Planned) -> Changes {
    let writes = planned.writes.into_iter();
    Changes {
        writes: writes.map(|(path, bytes, executable)| Write { path, bytes, executable }).collect(),
        removes: planned.removes,
    }
}

/// Refuses a choice for a file that is not generated: it would do nothing.
fn known(arguments: &Generate, tree: &Tree, lock: &Lock) -> Result<(), CliError> {
    if let Some(both) = arguments.keep.iter().find(|file| arguments.force.contains(file)) {
        return Err(CliError::usage(format!("`{both}` cannot be kept and written anew"))
            .hint("name it once: `--keep` or `--force`"));
    }
    for file in arguments.force.iter().chain(&arguments.keep) {
        let wanted = file.strip_prefix("./").unwrap_or(file);
        let known = || tree.files.keys().chain(lock.files.keys()).map(String::as_str);
        if known().any(|path| reconcile::named(file, path)) {
            continue;
        }
        let error = CliError::usage(format!("`{file}` is not a generated file"));
        return Err(match text::nearest(wanted, known()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("paths are relative to the repository"),
        });
    }
    Ok(())
}
