//! `render` and `check` in a repository that mainstay did not write.
//!
//! Decides how applications and their objects are printed; what they are is `compile::delivery`'s.

use std::time::Instant;

use compile::delivery::{self, Delivered, Delivery, Engine};
use manifest::Object;
use serde_json::{Map, Value, json};

use super::render::Output;
use crate::delivery::{Elsewhere, Opened, Place, nothing_found};
use crate::error::CliError;
use crate::exit::Outcome;
use crate::proof::{self, Findings};
use crate::report;
use crate::ui::{GOOD, Ui};

/// What is printed.
pub(super) struct What<'a> {
    /// One application.
    pub(super) name: Option<&'a str>,
    /// The delivery objects, not what they deploy.
    pub(super) delivery: bool,
    pub(super) output: Output,
    pub(super) json: bool,
}

/// Prints the objects of a repository.
pub(super) fn render(
    ui: &Ui,
    place: &Place,
    elsewhere: &Elsewhere,
    what: &What<'_>,
) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    let look = if what.delivery { Look::Delivery } else { Look::Deployed };
    let (delivery, findings) = read(place, elsewhere, what.name, look)?;
    if what.json {
        let fields = fields(&delivery);
        ui.json(&text::report("render", fields, &findings.diagnostics, &findings.sources))?;
        return Ok(proof::outcome(&findings));
    }
    let mut printed: Vec<(&Delivered, &Object)> = Vec::new();
    for application in &delivery.applications {
        match what.delivery {
            true => printed.push((application, &application.object)),
            false => printed.extend(application.objects.iter().map(|object| (application, object))),
        }
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    let text = match what.output {
        Output::Yaml => yaml(&printed),
        Output::Json => list(&printed),
        Output::Name => names(&printed),
    };
    ui.data(text.as_bytes())?;
    if !what.delivery {
        say_opaque(ui, &delivery);
    }
    let kind = if what.delivery { "application" } else { "object" };
    let count = report::count(printed.len(), kind);
    ui.status(&format!("Rendered {count} in {}", report::since(begin)));
    Ok(proof::outcome(&findings))
}

/// Finds what is wrong with a repository.
pub(super) fn check(
    ui: &Ui,
    place: &Place,
    elsewhere: &Elsewhere,
    as_json: bool,
) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    let (delivery, findings) = read(place, elsewhere, None, Look::Objects)?;
    if as_json {
        let fields = fields(&delivery);
        ui.json(&text::report("check", fields, &findings.diagnostics, &findings.sources))?;
        return Ok(proof::outcome(&findings));
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    say_opaque(ui, &delivery);
    ui.status(&format!(
        "{GOOD}Checked{GOOD:#} {}, {}, in {}",
        report::count(delivery.applications.len(), "application"),
        report::count(objects(&delivery), "object"),
        report::since(begin)
    ));
    report::say_findings(ui, &findings);
    Ok(proof::outcome(&findings))
}

/// How far findings go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// To the delivery objects themselves.
    Delivery,
    /// To what they deploy: whether it renders.
    Deployed,
    /// To the objects: whether a cluster takes them.
    Objects,
}

/// Reads a repository, and keeps one application if it is named.
fn read(
    place: &Place,
    elsewhere: &Elsewhere,
    name: Option<&str>,
    look: Look,
) -> Result<(Delivery, Findings), CliError> {
    let opened = Opened::open(place, elsewhere)?;
    let input = opened.input();
    let mut delivery = delivery::read(&input);
    if delivery.found == 0 && delivery.diagnostics.is_empty() {
        return Err(nothing_found(place));
    }
    let mut wanted = std::mem::take(&mut delivery.diagnostics);
    if let Some(name) = name {
        select(&mut delivery, name)?;
        // The findings of others are theirs.
        let places: Vec<_> = delivery.applications.iter().map(|it| it.place.clone()).collect();
        let of_it = |label: &text::Label| places.contains(&label.place);
        wanted.retain(|finding| finding.primary.as_ref().is_some_and(of_it));
    }
    if look != Look::Delivery {
        wanted.extend(delivery.applications.iter().flat_map(|it| it.findings.iter().cloned()));
    }
    if look == Look::Objects {
        wanted.extend(delivery::object_findings(&delivery.applications, input.tree));
    }
    let mut findings = Findings::default();
    delivery::add_sources(&input, &wanted, &mut findings.sources);
    findings.extend(wanted);
    findings.diagnostics.dedup();
    Ok((delivery, findings))
}

/// Keeps the applications of one name.
fn select(delivery: &mut Delivery, name: &str) -> Result<(), CliError> {
    // With the namespace of the delivery object in front where one name is there in several.
    let is_it = |application: &Delivered| {
        application.name == name
            || name.split_once('/').is_some_and(|(namespace, name)| {
                application.name == name && application.object.namespace() == namespace
            })
    };
    if delivery.applications.iter().any(is_it) {
        delivery.applications.retain(is_it);
        return Ok(());
    }
    let known = delivery.applications.iter().map(|application| application.name.as_str());
    let error = CliError::usage(format!("there is no application `{name}`"));
    Err(match text::nearest(name, known) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`mainstay render --delivery -o name` lists them"),
    })
}

fn objects(delivery: &Delivery) -> usize {
    delivery.applications.iter().map(|application| application.objects.len()).sum()
}

fn yaml(printed: &[(&Delivered, &Object)]) -> String {
    let mut out = String::new();
    for (application, object) in printed {
        out.push_str(&format!("---\n# {}: {}\n", application.name, object.source));
        out.push_str(yaml::to_string_go2(&object.value).trim_matches('\n'));
        out.push('\n');
    }
    out
}

/// Returns a list as `kubectl get -o json` prints one, sorted by who the objects are.
fn list(printed: &[(&Delivered, &Object)]) -> String {
    let mut sorted: Vec<_> =
        printed.iter().map(|(_, object)| (object.identity(), object)).collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    let items: Vec<&yaml::Value> = sorted.iter().map(|(_, object)| &object.value).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    format!("{list:#}\n")
}

fn names(printed: &[(&Delivered, &Object)]) -> String {
    printed.iter().map(|(_, object)| format!("{}\n", object.identity())).collect()
}

/// Says what could not be rendered, and why: it is neither "no change" nor "ok".
fn say_opaque(ui: &Ui, delivery: &Delivery) {
    let rows = delivery.applications.iter().flat_map(|application| {
        let why = |reason: &String| format!("{}: {reason}", application.source);
        application.opaque.iter().map(move |reason| (application.name.as_str(), why(reason)))
    });
    report::say_opaque_rows(ui, &rows.collect::<Vec<_>>());
}

/// Returns the fields of the report that `--json` prints.
fn fields(delivery: &Delivery) -> Map<String, Value> {
    let applications = delivery.applications.iter().map(|application| {
        json!({
            "name": application.name,
            "kind": application.object.kind(),
            "engine": match application.engine {
                Engine::ArgoCd => "argocd",
                Engine::Flux => "flux",
            },
            "file": &*application.place.file,
            "parent": application.parent,
            "cluster": application.cluster,
            "namespace": application.namespace,
            "source": application.source,
            "step": application.step,
            "objects": application.objects.len(),
            "opaque": application.opaque,
            "failed": application.failed,
        })
    });
    let mut fields = Map::new();
    fields.insert("applications".into(), applications.collect());
    fields.insert("objects".into(), json!(objects(delivery)));
    fields
}
