//! What `generate` and `upgrade` say: a line for each file that changes, what was taken and kept in it, and
//! the same as JSON.
//!
//! In: changes and add-ons. Out: words. Decides nothing about them.

use std::time::Instant;

use compile::generate::merge::Difference;
use compile::generate::reconcile::{Change, ChangeKind};
use compile::render::Addon;
use serde_json::{Map, Value, json};

use crate::report;
use crate::ui::{BAD, CAREFUL, FAINT, GOOD, HINT, Ui};

/// Returns an add-on's change in lines: versions, definitions, values.
pub(super) fn addon_lines(addon: &Addon) -> String {
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

pub(super) fn addon_json(addon: &Addon) -> Value {
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

/// Beyond so many lines about one file, the others are counted.
const MOST_LINES: usize = 20;
/// Beyond so many files that were removed by hand, the others are counted.
const MOST_AWAY: usize = 5;

/// Returns one line per changed file, and what was taken and kept in each that was merged.
pub(super) fn lines(changes: &[Change], verbose: bool) -> String {
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
pub(super) fn say(ui: &Ui, is_check: bool, changes: &[Change], begin: Instant) {
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
    let verb = if is_check { "Compared" } else { "Generated" };
    let all_is_well = parts.len() == 1 && number(|kind| *kind == ChangeKind::Unchanged) > 0;
    let words = if all_is_well { "nothing to do".to_owned() } else { parts.join(", ") };
    ui.status(&format!("{GOOD}{verb}{GOOD:#}: {words}, in {}", report::since(begin)));
    for change in changes {
        say_root(ui, change);
    }
}

/// What a new or a removed environment asks for, which no commit does.
fn say_root(ui: &Ui, change: &Change) {
    let root = ["apps/root/", "flux-system/"].iter().find_map(|it| change.path.strip_prefix(it));
    let Some(name) = root.and_then(|file| file.strip_suffix(".yaml")) else { return };
    match change.kind {
        ChangeKind::Create => ui.status(&format!(
            "{HINT}hint{HINT:#}: `{name}` is new: docs/prerequisites/{name}.md, then \
             `kubectl apply --server-side --filename {}`",
            change.path
        )),
        ChangeKind::Remove => ui.status(&format!(
            "{HINT}hint{HINT:#}: `{name}` goes on running in its cluster: README.md, \"Remove an environment\""
        )),
        _ => {}
    }
}

/// Returns the changes as JSON; files that stay as they are only if more is asked for.
pub(super) fn changes_json(changes: &[Change], verbose: bool) -> Value {
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
