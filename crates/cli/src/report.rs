//! Counts and lists in words, the same in every command.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use compile::model::Platform;
use compile::render::Rendered;
use serde_json::{Map, Value, json};
use text::Severity;

use crate::error::CliError;
use crate::proof::Findings;
use crate::ui::{BAD, CAREFUL, FAINT, HINT, Ui};

/// How the reason ends where a chart was never fetched.
const NOT_CACHED: &str = "not in the local cache";

/// Returns how many apps a platform runs: those of the payload, or the one that is a kustomization.
pub(crate) fn apps(platform: &Platform) -> usize {
    if platform.kustomization.is_some() { 1 } else { platform.apps.len() }
}

/// Returns `1 app`, `12 apps`, `1,000 apps`.
pub(crate) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{}{what}{plural}", thousands(number) + " ")
}

/// Returns a number with commas.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Returns how long something took, as in `0.04s`.
pub(crate) fn since(begin: Instant) -> String {
    format!("{:.2}s", begin.elapsed().as_secs_f64())
}

/// Returns how many objects were rendered.
pub(crate) fn objects(rendered: &[Rendered]) -> usize {
    rendered.iter().map(|environment| environment.objects().count()).sum()
}

/// Returns how many add-ons are pinned: applications whose source is a chart of a chart repository.
pub(crate) fn addons(rendered: &[Rendered]) -> usize {
    let applications = rendered.iter().flat_map(|environment| &environment.applications);
    let charts = applications.filter(|application| application.source.starts_with("chart "));
    charts.map(|application| &application.name).collect::<BTreeSet<_>>().len()
}

/// What could not be rendered: name and reason, and the environments in which it is so.
pub(crate) fn opaque(rendered: &[Rendered]) -> Vec<(String, String, Vec<String>)> {
    let mut found: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for environment in rendered {
        for application in &environment.applications {
            if let Some(reason) = &application.opaque {
                let reason = format!("{}: {reason}", application.source);
                let environments = found.entry((&application.name, reason)).or_default();
                environments.push(environment.environment.clone());
            }
        }
    }
    found.into_iter().map(|((name, reason), list)| (name.to_owned(), reason, list)).collect()
}

/// Says what could not be rendered, and why: it is neither "no change" nor "ok".
pub(crate) fn say_opaque(ui: &Ui, rendered: &[Rendered]) {
    let opaque = opaque(rendered);
    let rows = opaque.iter().map(|(name, reason, environments)| {
        let place = match environments.len() == rendered.len() {
            true => String::new(),
            false => format!(" {FAINT}({}){FAINT:#}", environments.join(", ")),
        };
        // An add-on is mostly called like its chart: once is enough.
        let reason = match reason.strip_prefix(&format!("chart {name} ")) {
            Some(rest) => format!("chart {rest}"),
            None => reason.clone(),
        };
        (name.as_str(), format!("{reason}{place}"))
    });
    say_opaque_rows(ui, &rows.collect::<Vec<_>>());
    if opaque.iter().any(|(_, reason, _)| reason.ends_with(NOT_CACHED)) {
        ui.status(&format!(
            "{HINT}hint{HINT:#}: `mainstay fetch` gets the charts, once; then they are proved too"
        ));
    }
}

/// Says what is not proved: names, and why. Nothing where there are none.
pub(crate) fn say_opaque_rows(ui: &Ui, rows: &[(&str, String)]) {
    if rows.is_empty() {
        return;
    }
    ui.status(&format!("{CAREFUL}Opaque{CAREFUL:#}, so not proved here:"));
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, why) in rows {
        ui.status(&format!("  {name:<width$}  {why}"));
    }
}

/// Returns what could not be rendered as JSON.
pub(crate) fn opaque_json(rendered: &[Rendered]) -> Value {
    let list = opaque(rendered).into_iter().map(|(name, reason, environments)| {
        json!({"application": name, "reason": reason, "environments": environments})
    });
    list.collect()
}

/// Says how many findings there are, and where to read more.
pub(crate) fn say_findings(ui: &Ui, findings: &Findings) {
    let all = &findings.diagnostics;
    // A finding that says how many more there are stands for those.
    let uncounted = compile::intake::uncounted(all);
    let errors = all.iter().filter(|finding| finding.is_error()).count() + uncounted
        - usize::from(uncounted > 0);
    if all.is_empty() {
        ui.status("Nothing to complain about");
        return;
    }
    let of = |severity| all.iter().filter(|finding| finding.severity == severity).count();
    let (warnings, notes) = (of(Severity::Warning), of(Severity::Note));
    let mut words = Vec::new();
    if errors > 0 {
        words.push(format!("{BAD}{}{BAD:#}", count(errors, "error")));
    }
    for (number, what) in [(warnings, "warning"), (notes, "note")] {
        if number > 0 {
            words.push(count(number, what));
        }
    }
    let last = words.pop().unwrap_or_default();
    let found = if words.is_empty() { last } else { format!("{} and {last}", words.join(", ")) };
    ui.important(&format!("Found {found}"));
    if let Some(first) = all.first() {
        ui.hint(&format!("`mainstay explain {}` says more about a finding", first.code));
    }
}

/// Says that nothing was written because of what was found; `fields` are the command's own in the
/// report that `--json` prints.
pub(crate) fn unsound(
    ui: &Ui,
    command: &str,
    report: Option<Map<String, Value>>,
    findings: &Findings,
    nothing_written: &str,
) -> Result<(), CliError> {
    match report {
        Some(fields) => {
            ui.json(&text::report(command, fields, &findings.diagnostics, &findings.sources))
        }
        None => {
            ui.diagnostics(&findings.diagnostics, &findings.sources);
            say_findings(ui, findings);
            ui.important(nothing_written);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1, "app"), "1 app");
        assert_eq!(count(0, "app"), "0 apps");
        assert_eq!(count(21_000, "object"), "21,000 objects");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
    }
}
