//! `mainstay generate`: a repository brought up to date, edits of others worked in.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use compile::generate::catalog;
use compile::generate::lock::{self, Lock};
use compile::generate::merge::Difference;
use compile::generate::reconcile::{self, Change, ChangeKind, Choices, Planned};
use compile::generate::{self, Tree};
use compile::intake::Inputs;
use compile::render::{self, Addon};
use operate::{Access, Changes, DiskWorld, Overlay, Write};
use serde_json::{Map, Value, json};
use text::World as _;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::{Locate, read_text};
use crate::proof::{self, Findings, PAYLOAD};
use crate::ui::{BAD, CAREFUL, FAINT, GOOD, Ui};
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
    /// A new payload, in place of the repository's
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,

    /// What a customer's form handed over (`schemas/dispatch.json`): names and domain for the spec, and a
    /// new payload
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub(super) dispatch: Option<PathBuf>,

    /// Only say what would change, and exit with 1 if something would
    #[arg(long)]
    pub(super) check: bool,

    /// Write this file as generated, whatever was changed in it (can be given several times)
    #[arg(long, value_name = "FILE")]
    pub(super) force: Vec<String>,

    /// Where both sides changed one thing, keep what this file has (can be given several times)
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

pub(crate) fn run(ui: &Ui, arguments: &Generate) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    let access = if arguments.check { Access::Read } else { Access::Change };
    let mut repository = arguments.locate.open(ui, access)?;
    let world = repository.world(environment::chart_cache())?;
    let Given { spec, payload: (name, payload), remove_data } = match given(arguments, &world)? {
        Ok(given) => given,
        Err((findings, outcome)) => return unsound(ui, arguments, &findings, outcome),
    };
    let inputs = Inputs { spec: (operate::MANIFEST, &spec), payload: (&name, &payload) };
    let (platform, mut findings) = match proof::read(&inputs) {
        Ok(read) if !read.findings.has_errors() => (read.platform, read.findings),
        Ok(read) => return unsound(ui, arguments, &read.findings, Outcome::No),
        Err(findings) => return unsound(ui, arguments, &findings, Outcome::Invalid),
    };
    let tree = generate::repository(&platform, &inputs);
    let lock = read_lock(&world)?;
    known(arguments, &tree, &lock)?;
    let choices =
        Choices { force: &arguments.force, keep: &arguments.keep, remove_data: &remove_data };
    let reconciled = reconcile::reconcile(&tree, &lock, &world, &platform, choices);
    let refused = reconciled.is_refused();
    let planned = changes_on_disk(reconciled.planned(&tree, &lock, &world));
    let changes = reconciled.changes;
    findings.sources.extend(reconciled.sources);
    findings.extend(reconciled.diagnostics);
    if refused {
        return unsound(ui, arguments, &findings, Outcome::No);
    }
    let result = result(&world, &planned);
    let differs = planned != Changes::default();
    // What does not change was proved when it was written.
    if differs {
        let mut rendered = proof::render(&result, None)?;
        proof::take_findings(&mut rendered, &result, &mut findings);
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
        fields.insert("written".into(), json!(!arguments.check));
        fields.insert("changes".into(), changes_json(&changes, ui.is_verbose()));
        if arguments.upgrade {
            fields.insert("addons".into(), addons.iter().map(addon_json).collect());
        }
        ui.json(&text::report("generate", fields, &findings.diagnostics, &findings.sources))?;
        return Ok(outcome);
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    if arguments.upgrade {
        ui.text(&addons.iter().map(addon_lines).collect::<String>())?;
    }
    ui.text(&lines(&changes, ui.is_verbose()))?;
    say(ui, arguments, &changes, begin);
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

/// Returns an add-on's change in lines: versions, definitions, values.
fn addon_lines(addon: &Addon) -> String {
    let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
    let mut out = format!(
        "{CAREFUL}~{CAREFUL:#} {}: chart {} → {}",
        addon.name,
        version(&addon.chart.0),
        version(&addon.chart.1)
    );
    if let (Some(old), Some(new)) = &addon.app {
        out.push_str(&format!(", {old} → {new}"));
    }
    out.push('\n');
    match &addon.changes {
        Err(reason) => out.push_str(&format!("    {FAINT}opaque{FAINT:#}: {reason}\n")),
        Ok(changes) => {
            for (sign, what, names) in [
                ("+", "definition", &changes.definitions_added),
                ("-", "definition, and its resources with it:", &changes.definitions_removed),
                ("~", "definition", &changes.definitions_changed),
                ("!", "the chart no longer has the value", &changes.values_gone),
            ] {
                for name in names {
                    out.push_str(&format!("    {sign} {what} {name}\n"));
                }
            }
        }
    }
    out
}

fn addon_json(addon: &Addon) -> Value {
    let changes = addon.changes.as_ref();
    json!({
        "name": addon.name,
        "chart": {"from": addon.chart.0, "to": addon.chart.1},
        "app": {"from": addon.app.0, "to": addon.app.1},
        "opaque": changes.err(),
        "definitions": changes.ok().map(|it| json!({
            "added": it.definitions_added,
            "removed": it.definitions_removed,
            "changed": it.definitions_changed,
        })),
        "valuesGone": changes.ok().map(|it| &it.values_gone),
    })
}

/// What is generated from.
struct Given {
    spec: String,
    /// Name and text of the payload.
    payload: (String, String),
    remove_data: Vec<String>,
}

/// Returns what is generated from: the repository's own texts, with a new payload or a dispatch.
fn given(
    arguments: &Generate,
    world: &DiskWorld,
) -> Result<Result<Given, (Findings, Outcome)>, CliError> {
    let mut remove_data = arguments.remove_data.clone();
    let (spec, payload) = match (&arguments.from, &arguments.dispatch) {
        (None, None) => {
            let (spec, name, payload) = proof::texts(world)?;
            let spec = if arguments.upgrade { catalog::newest(&spec) } else { spec };
            (spec, (name, payload))
        }
        (Some(from), _) => {
            let spec = proof::read_text(world, operate::MANIFEST)?;
            (spec, (from.display().to_string(), read_text(from)?))
        }
        (None, Some(path)) => {
            let dispatch = match dispatch::read(path)? {
                Ok(dispatch) => dispatch,
                Err(findings) => return Ok(Err((findings, Outcome::Invalid))),
            };
            let spec = proof::read_text(world, operate::MANIFEST)?;
            let spec = match dispatch::specialise(path, &spec, &dispatch)? {
                Ok(spec) => spec,
                Err(findings) => return Ok(Err((findings, Outcome::No))),
            };
            remove_data.extend(dispatch.remove_data);
            (spec, (PAYLOAD.to_owned(), dispatch.payload))
        }
    };
    Ok(Ok(Given { spec, payload, remove_data }))
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
    report::unsound(ui, "generate", report, findings, "Nothing was written")?;
    Ok(outcome)
}

fn read_lock(world: &DiskWorld) -> Result<Lock, CliError> {
    let Ok(bytes) = world.read(lock::PATH) else { return Ok(Lock::default()) };
    let text = String::from_utf8_lossy(&bytes);
    lock::read(&text).map_err(|reason| {
        let hint = match lock::newer(&text) {
            Some(version) => format!("install mainstay {version} or newer; nothing was written"),
            None => format!(
                "bring it back with `git checkout -- {0}`; without it (`rm {0}`) every differing file \
                 counts as edited",
                lock::PATH
            ),
        };
        CliError::usage(format!("`{}` cannot be used: {reason}", lock::PATH)).hint(hint)
    })
}

/// Returns how many files `generate` would write or remove in a repository; `None` where it would refuse,
/// also because of a lock that it cannot read.
pub(super) fn pending(
    world: &DiskWorld,
    tree: &Tree,
    platform: &compile::model::Platform,
) -> Option<usize> {
    let lock = read_lock(world).ok()?;
    let choices = Choices { force: &[], keep: &[], remove_data: &[] };
    let reconciled = reconcile::reconcile(tree, &lock, world, platform, choices);
    let planned = reconciled.planned(tree, &lock, world);
    (!reconciled.is_refused()).then(|| planned.writes.len() + planned.removes.len())
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
    for file in arguments.force.iter().chain(&arguments.keep) {
        let wanted = file.strip_prefix("./").unwrap_or(file);
        if tree.files.contains_key(wanted) || lock.files.contains_key(wanted) {
            continue;
        }
        let known = tree.files.keys().chain(lock.files.keys()).map(String::as_str);
        let error = CliError::usage(format!("`{file}` is not a generated file"));
        return Err(match text::nearest(wanted, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("paths are relative to the repository"),
        });
    }
    Ok(())
}

/// Beyond so many lines about one file, the others are counted.
const MOST_LINES: usize = 20;
/// Beyond so many files that were removed by hand, the others are counted.
const MOST_AWAY: usize = 5;

/// Returns one line per changed file, and what was taken and kept in each that was merged.
fn lines(changes: &[Change], verbose: bool) -> String {
    let mut out = String::new();
    let mut away = 0;
    for change in changes {
        let path = &change.path;
        match &change.kind {
            ChangeKind::Create => out.push_str(&format!("{GOOD}+{GOOD:#} {path}\n")),
            ChangeKind::Replace => out.push_str(&format!("{CAREFUL}~{CAREFUL:#} {path}\n")),
            ChangeKind::Remove => out.push_str(&format!("{BAD}-{BAD:#} {path}\n")),
            ChangeKind::Merge { taken, kept, .. } => {
                out.push_str(&format!("{CAREFUL}~{CAREFUL:#} {path} (merged)\n"));
                let lines = taken.iter().map(taken_line).chain(kept.iter().map(kept_line));
                push_lines(&mut out, &lines.collect::<Vec<_>>(), verbose);
            }
            ChangeKind::Keep { kept } => {
                out.push_str(&format!("{FAINT}={FAINT:#} {path} (edited)\n"));
                push_lines(&mut out, &kept.iter().map(kept_line).collect::<Vec<_>>(), verbose);
            }
            ChangeKind::KeepAway => {
                away += 1;
                if verbose || away <= MOST_AWAY {
                    out.push_str(&format!(
                        "{FAINT}={FAINT:#} {path} (removed by hand; `--force {path}` brings it back)\n"
                    ));
                }
            }
            ChangeKind::Unchanged if verbose => {
                out.push_str(&format!("{FAINT}={FAINT:#} {path}\n"));
            }
            ChangeKind::Unchanged | ChangeKind::Conflict => {}
        }
    }
    if !verbose && away > MOST_AWAY {
        let more = report::thousands(away - MOST_AWAY);
        out.push_str(&format!(
            "{FAINT}= … and {more} more that were removed by hand (`-v` shows all){FAINT:#}\n"
        ));
    }
    out
}

fn push_lines(out: &mut String, lines: &[String], verbose: bool) {
    let most = if verbose { lines.len() } else { MOST_LINES };
    for line in lines.iter().take(most) {
        out.push_str(&format!("    {line}\n"));
    }
    if lines.len() > most {
        let more = report::thousands(lines.len() - most);
        out.push_str(&format!("    {FAINT}… and {more} more (`-v` shows all){FAINT:#}\n"));
    }
}

fn taken_line(difference: &Difference) -> String {
    let path = &difference.path;
    match (&difference.from, &difference.to) {
        (None, Some(to)) => format!("{GOOD}+{GOOD:#} {path}: {to}"),
        (Some(from), None) => format!("{BAD}-{BAD:#} {path}: {from}"),
        (Some(from), Some(to)) => format!("{CAREFUL}~{CAREFUL:#} {path}: {from} → {to}"),
        (None, None) => format!("{CAREFUL}~{CAREFUL:#} {path}"),
    }
}

fn kept_line(difference: &Difference) -> String {
    let path = &difference.path;
    let words = match (&difference.from, &difference.to) {
        (None, Some(to)) => format!("{to} was added, and stays"),
        (Some(_), None) => "was removed, and stays away".to_owned(),
        (Some(from), Some(to)) => format!("{to} stays (generated: {from})"),
        (None, None) => "stays".to_owned(),
    };
    format!("{FAINT}={FAINT:#} {path}: {words}")
}

/// Says what was done, or would be.
fn say(ui: &Ui, arguments: &Generate, changes: &[Change], begin: Instant) {
    let number = |wanted: fn(&ChangeKind) -> bool| {
        changes.iter().filter(|change| wanted(&change.kind)).count()
    };
    let parts: Vec<String> = [
        (number(|kind| *kind == ChangeKind::Create), "new"),
        (number(|kind| *kind == ChangeKind::Replace), "changed"),
        (number(|kind| matches!(kind, ChangeKind::Merge { .. })), "merged with edits"),
        (number(|kind| *kind == ChangeKind::Remove), "removed"),
        (number(|kind| matches!(kind, ChangeKind::Keep { .. })), "edited (kept)"),
        (number(|kind| *kind == ChangeKind::KeepAway), "removed by hand (kept away)"),
        (number(|kind| *kind == ChangeKind::Unchanged), "unchanged"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{} {what}", report::thousands(number)))
    .collect();
    let verb = if arguments.check { "Compared" } else { "Generated" };
    let all_is_well = parts.len() == 1 && number(|kind| *kind == ChangeKind::Unchanged) > 0;
    let words = if all_is_well { "nothing to do".to_owned() } else { parts.join(", ") };
    ui.status(&format!("{GOOD}{verb}{GOOD:#}: {words}, in {}", report::since(begin)));
}

/// Returns the changes as JSON; files that stay as they are only if more is asked for.
fn changes_json(changes: &[Change], verbose: bool) -> Value {
    let wanted = changes.iter().filter(|change| verbose || change.kind != ChangeKind::Unchanged);
    let list = wanted.map(|change| {
        let mut entry = Map::new();
        entry.insert("path".into(), json!(change.path));
        let kind = match &change.kind {
            ChangeKind::Create => "create",
            ChangeKind::Replace => "replace",
            ChangeKind::Remove => "remove",
            ChangeKind::Unchanged => "unchanged",
            ChangeKind::Merge { .. } => "merge",
            ChangeKind::Keep { .. } => "keep",
            ChangeKind::KeepAway => "keepAway",
            ChangeKind::Conflict => "conflict",
        };
        entry.insert("kind".into(), json!(kind));
        let list = |differences: &[Difference]| -> Value {
            let entries = differences.iter().map(|difference| {
                json!({"path": difference.path, "from": difference.from, "to": difference.to})
            });
            entries.collect()
        };
        match &change.kind {
            ChangeKind::Merge { taken, kept, .. } => {
                entry.insert("taken".into(), list(taken));
                entry.insert("kept".into(), list(kept));
            }
            ChangeKind::Keep { kept } => {
                entry.insert("kept".into(), list(kept));
            }
            ChangeKind::Create
            | ChangeKind::Replace
            | ChangeKind::Remove
            | ChangeKind::Unchanged
            | ChangeKind::KeepAway
            | ChangeKind::Conflict => {}
        }
        Value::Object(entry)
    });
    list.collect()
}
