//! `mainstay check`: every finding about a repository at once.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use compile::generate;
use compile::intake::Inputs;
use compile::secrets;
use operate::Access;
use serde_json::{Map, json};
use text::{Diagnostic, Severity};

use super::delivered;
use super::generate::{self as generated, Pending};
use crate::delivery::{self, Elsewhere, Named};
use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::Locate;
use crate::proof::{self, Findings};
use crate::ui::{GOOD, Ui};
use crate::{dispatch, report};

/// Finds what is wrong with a repository before a cluster does
///
/// Checks the spec, the payload and the config against their schemas and against sense, and renders every
/// environment; in a repository without a `mainstay.yaml`, whatever Argo CD would deploy from it. Exits
/// with 1 where something is wrong.
///
/// Example: mainstay check --json
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Check a customer's dispatch instead, which needs no repository (`schemas/dispatch.json`)
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    dispatch: Option<PathBuf>,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,

    /// The repository's folder, or a delivery object outside of it; left out, the nearest repository
    #[arg(short, long, value_name = "PATH")]
    file: Vec<PathBuf>,

    #[command(flatten)]
    elsewhere: Elsewhere,
}

pub(crate) fn run(ui: &Ui, arguments: &Check) -> Result<Outcome, CliError> {
    if let Some(path) = &arguments.dispatch {
        return dispatch_alone(ui, arguments, path);
    }
    let begin = Instant::now();
    if let Named::Any(place) = delivery::named(&arguments.file, arguments.elsewhere.is_given())? {
        return delivered::check(ui, &place, &arguments.elsewhere, arguments.json);
    }
    let repository = Locate::at(arguments.file.last().cloned()).open(ui, Access::Read)?;
    let (world, _revision) = arguments.elsewhere.world(&repository)?;
    let (spec, path, payload) = proof::texts(&world)?;
    let inputs = Inputs { spec: (operate::MANIFEST, &spec), payload: (&path, &payload) };
    let (platform, mut findings) = match proof::read(&inputs) {
        Ok(read) => (read.platform, read.findings),
        Err(findings) => {
            if arguments.json {
                let fields = Map::new();
                ui.json(&text::report("check", fields, &findings.diagnostics, &findings.sources))?;
            } else {
                ui.diagnostics(&findings.diagnostics, &findings.sources);
                report::say_findings(ui, &findings);
            }
            return Ok(Outcome::Invalid);
        }
    };
    let tree = generate::repository(&platform, &inputs);
    proof::check_edited(&platform, &tree, &world, &mut findings);
    let unfinished = generate::reconcile::unfinished(&world, &mut findings.sources);
    findings.extend(unfinished);
    let mut rendered = proof::rendered(&world)?;
    proof::take_findings(&mut rendered, &world, &mut findings);
    proof::check_own_images(&platform, &rendered, &world, &mut findings);
    proof::check_overlays(&platform, &world, &mut findings);
    findings.extend(secrets::of_delivered(&rendered, proof::installs_controller(&platform)));
    findings.extend(generated::gone(&world, &tree));
    let pending = match generated::pending(&world, &tree, &platform) {
        Pending::Files(files) => Some(files),
        Pending::Refusal(found, sources) => {
            findings.sources.extend(sources);
            let known = |it: &Diagnostic| {
                let same =
                    |other: &Diagnostic| other.code == it.code && other.message == it.message;
                findings.diagnostics.iter().any(same)
            };
            let found: Vec<Diagnostic> = found.into_iter().filter(|it| !known(it)).collect();
            // What is deployed is sound by itself: these stand in the way of the next generation.
            findings.extend(
                found.into_iter().map(|it| Diagnostic { severity: Severity::Warning, ..it }),
            );
            None
        }
        Pending::Lock(error) => {
            ui.warn(&error.to_string());
            None
        }
    };
    if arguments.json {
        let mut fields = Map::new();
        fields.insert("pending".into(), json!(pending));
        fields.insert("apps".into(), json!(report::apps(&platform)));
        fields.insert("environments".into(), json!(platform.environments.len()));
        fields.insert("objects".into(), json!(report::objects(&rendered)));
        fields.insert("opaque".into(), report::opaque_json(&rendered));
        ui.json(&text::report("check", fields, &findings.diagnostics, &findings.sources))?;
        return Ok(proof::outcome(&findings));
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    report::say_opaque(ui, &rendered);
    ui.status(&format!(
        "{GOOD}Checked{GOOD:#} {} × {}, {}, in {}",
        report::count(report::apps(&platform), "app"),
        report::count(platform.environments.len(), "environment"),
        report::count(report::objects(&rendered), "object"),
        report::since(begin)
    ));
    report::say_findings(ui, &findings);
    match pending {
        Some(0) => {}
        Some(files) => ui.hint(&format!(
            "these files are behind {} and {path}: `mainstay generate` would change {}",
            operate::MANIFEST,
            report::count(files, "file")
        )),
        None => ui.hint("`mainstay generate` would refuse as things are"),
    }
    Ok(proof::outcome(&findings))
}

/// Checks a dispatch alone: its form, and the form of the payload in it.
fn dispatch_alone(ui: &Ui, arguments: &Check, path: &Path) -> Result<Outcome, CliError> {
    let (findings, outcome) = match dispatch::read(path)? {
        Ok(_) => (Findings::default(), Outcome::Yes),
        Err(findings) => (findings, Outcome::Invalid),
    };
    if arguments.json {
        let fields = Map::new();
        ui.json(&text::report("check", fields, &findings.diagnostics, &findings.sources))?;
        return Ok(outcome);
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    report::say_findings(ui, &findings);
    if outcome == Outcome::Yes {
        ui.hint(&format!(
            "only its form was looked at: `mainstay generate --check --dispatch {}` says what it would change",
            path.display()
        ));
    }
    Ok(outcome)
}
