//! `mainstay generate`: a repository brought up to date, edits left alone.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use compile::generate::lock::{self, Lock};
use compile::generate::reconcile::{self, Change, ChangeKind};
use compile::generate::{self, Tree};
use compile::intake::Inputs;
use operate::{Access, Changes, DiskWorld, Overlay, Write};
use serde_json::{Map, Value, json};
use text::World as _;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::{Locate, read_text};
use crate::proof::{self, Findings};
use crate::ui::{BAD, CAREFUL, FAINT, GOOD, Ui};
use crate::{environment, report};

/// Brings a repository up to date with its spec and payload
///
/// Only what must change changes. A file that was edited since it was generated is named with the
/// difference and left as it is, unless `--force` takes it back.
///
/// Example: mainstay generate --from deployed_apps.json
#[derive(Args, Debug)]
pub(crate) struct Generate {
    /// A new payload, in place of the repository's
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// Only say what would change, and exit with 1 if something would
    #[arg(long)]
    check: bool,

    /// Write this file as generated, though it was edited (can be given several times)
    #[arg(long, value_name = "FILE")]
    force: Vec<String>,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    locate: Locate,
}

pub(crate) fn run(ui: &Ui, arguments: &Generate) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    let access = if arguments.check { Access::Read } else { Access::Change };
    let mut repository = arguments.locate.open(ui, access)?;
    let world = repository.world(environment::chart_cache())?;
    let (spec, name, payload) = texts(arguments, &world)?;
    let inputs = Inputs { spec: (operate::MANIFEST, &spec), payload: (&name, &payload) };
    let (platform, mut findings) = match proof::read(&inputs) {
        Ok(read) if !read.findings.has_errors() => (read.platform, read.findings),
        Ok(read) => return unsound(ui, arguments, &read.findings, Outcome::No),
        Err(findings) => return unsound(ui, arguments, &findings, Outcome::Invalid),
    };
    let tree = generate::repository(&platform, &inputs);
    let mut changes = reconcile::changes(&tree, &read_lock(&world)?, &world);
    force(&mut changes, &tree, &arguments.force)?;
    let blocked = changes.iter().any(|change| matches!(change.kind, ChangeKind::Blocked { .. }));
    let differs = changes.iter().any(|change| {
        // An edited file stays as it is, so it is nothing that would change.
        !matches!(change.kind, ChangeKind::Unchanged | ChangeKind::Edited { .. })
    });
    let planned = planned(&changes, &tree);
    prove(&world, &planned, &mut findings)?;
    if findings.has_errors() {
        return unsound(ui, arguments, &findings, Outcome::No);
    }
    if !arguments.check {
        repository.apply(&planned)?;
    }
    let outcome = if blocked || arguments.check && differs { Outcome::No } else { Outcome::Yes };
    if arguments.json {
        let mut fields = Map::new();
        fields.insert("written".into(), json!(!arguments.check));
        fields.insert("changes".into(), changes_json(&changes, ui.is_verbose()));
        ui.json(&text::report("generate", fields, &findings.diagnostics, &findings.sources))?;
        return Ok(outcome);
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    ui.text(&lines(&changes, ui.is_verbose()))?;
    say(ui, arguments, &changes, begin);
    Ok(outcome)
}

/// Renders the repository as it would be, edits of people included, before anything is written.
fn prove(world: &DiskWorld, planned: &Changes, findings: &mut Findings) -> Result<(), CliError> {
    if planned.writes.is_empty() && planned.removes.is_empty() {
        return Ok(());
    }
    let mut result = Overlay::over(world);
    for write in &planned.writes {
        result.insert(write.path.as_str(), write.bytes.as_slice());
    }
    for path in &planned.removes {
        result.remove(path.as_str());
    }
    let mut rendered = proof::render(&result, None)?;
    proof::take_findings(&mut rendered, &result, findings);
    Ok(())
}

/// Returns spec, name of the payload, payload.
fn texts(arguments: &Generate, world: &DiskWorld) -> Result<(String, String, String), CliError> {
    match &arguments.from {
        None => proof::texts(world),
        Some(from) => {
            let spec = proof::read_text(world, operate::MANIFEST)?;
            Ok((spec, from.display().to_string(), read_text(from)?))
        }
    }
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
    lock::read(&String::from_utf8_lossy(&bytes)).map_err(|reason| {
        CliError::usage(format!("`{}` cannot be used: {reason}", lock::PATH)).hint(format!(
            "bring it back with `git checkout -- {0}`; without it (`rm {0}`) every differing file \
             counts as edited",
            lock::PATH
        ))
    })
}

/// Turns the edited files that were named into files to write.
fn force(changes: &mut [Change], tree: &Tree, files: &[String]) -> Result<(), CliError> {
    for file in files {
        let wanted = file.strip_prefix("./").unwrap_or(file);
        let Some(at) = changes.iter().position(|change| change.path == wanted) else {
            let known = changes.iter().map(|change| change.path.as_str());
            let error = CliError::usage(format!("`{file}` is not a generated file"));
            return Err(match text::nearest(wanted, known) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("paths are relative to the repository"),
            });
        };
        if let Some(change) = changes.get_mut(at)
            && matches!(change.kind, ChangeKind::Edited { .. })
        {
            let generated = tree.files.contains_key(&change.path);
            change.kind = if generated { ChangeKind::Replace } else { ChangeKind::Remove };
        }
    }
    Ok(())
}

/// Returns what is to be done on disk.
fn planned(changes: &[Change], tree: &Tree) -> Changes {
    let mut planned = Changes::default();
    for change in changes {
        match &change.kind {
            ChangeKind::Create | ChangeKind::Replace => {
                if let Some(file) = tree.files.get(&change.path) {
                    planned.writes.push(Write {
                        path: change.path.clone(),
                        bytes: file.bytes.clone(),
                        executable: file.executable,
                    });
                }
            }
            ChangeKind::Remove => planned.removes.push(change.path.clone()),
            ChangeKind::Unchanged | ChangeKind::Edited { .. } | ChangeKind::Blocked { .. } => {}
        }
    }
    planned
}

/// Returns one line per changed file, and the difference of each edited one.
fn lines(changes: &[Change], verbose: bool) -> String {
    let mut out = String::new();
    for change in changes {
        let path = &change.path;
        match &change.kind {
            ChangeKind::Create => out.push_str(&format!("{GOOD}+{GOOD:#} {path}\n")),
            ChangeKind::Replace => out.push_str(&format!("{CAREFUL}~{CAREFUL:#} {path}\n")),
            ChangeKind::Remove => out.push_str(&format!("{BAD}-{BAD:#} {path}\n")),
            ChangeKind::Unchanged if verbose => {
                out.push_str(&format!("{FAINT}={FAINT:#} {path}\n"));
            }
            ChangeKind::Unchanged => {}
            ChangeKind::Edited { difference } => {
                out.push_str(&format!(
                    "{CAREFUL}!{CAREFUL:#} {path} was edited, and stays as it is\n"
                ));
                for line in difference.lines() {
                    let style = match line.as_bytes().first() {
                        Some(b'+') => GOOD,
                        Some(b'-') => BAD,
                        _ => FAINT,
                    };
                    out.push_str(&format!("    {style}{line}{style:#}\n"));
                }
            }
            ChangeKind::Blocked { reason } => {
                out.push_str(&format!("{BAD}!{BAD:#} {path} cannot be written: {reason}\n"));
            }
        }
    }
    out
}

/// Says what was done, or would be.
fn say(ui: &Ui, arguments: &Generate, changes: &[Change], begin: Instant) {
    let number = |wanted: fn(&ChangeKind) -> bool| {
        changes.iter().filter(|change| wanted(&change.kind)).count()
    };
    let parts: Vec<String> = [
        (number(|kind| *kind == ChangeKind::Create), "new"),
        (number(|kind| *kind == ChangeKind::Replace), "changed"),
        (number(|kind| *kind == ChangeKind::Remove), "removed"),
        (number(|kind| matches!(kind, ChangeKind::Edited { .. })), "edited (left alone)"),
        (number(|kind| matches!(kind, ChangeKind::Blocked { .. })), "blocked"),
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
    if let Some(change) =
        changes.iter().find(|change| matches!(change.kind, ChangeKind::Edited { .. }))
    {
        ui.hint(&format!(
            "`mainstay generate --force {}` takes the generated file; or keep the edit in \
             `overlays/ENV/custom/`, which mainstay never touches",
            change.path
        ));
    }
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
            ChangeKind::Edited { .. } => "edited",
            ChangeKind::Blocked { .. } => "blocked",
        };
        entry.insert("kind".into(), json!(kind));
        match &change.kind {
            ChangeKind::Edited { difference } => {
                entry.insert("difference".into(), json!(difference));
            }
            ChangeKind::Blocked { reason } => {
                entry.insert("reason".into(), json!(reason));
            }
            ChangeKind::Create
            | ChangeKind::Replace
            | ChangeKind::Remove
            | ChangeKind::Unchanged => {}
        }
        Value::Object(entry)
    });
    list.collect()
}
