//! `mainstay render`: the objects of an app, of an environment, of everything.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use compile::render::{Delivered, Rendered};
use manifest::Object;
use operate::Access;
use serde_json::{Map, Value, json};
use text::World;

use super::delivered;
use crate::delivery::{self, Elsewhere, Named};
use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::Locate;
use crate::proof::{self, Findings};
use crate::report;
use crate::ui::Ui;

/// Prints the objects that would be applied: of an app, or of everything
///
/// In a repository without a `mainstay.yaml` it finds the Applications and ApplicationSets of Argo CD by
/// itself, and prints what they deploy; what cannot be known is named with the reason.
///
/// Examples: mainstay render web --env prod -o name, mainstay render --delivery -f app-set.yaml
#[derive(Args, Debug)]
pub(crate) struct Render {
    /// An app of the payload, or an application of Argo CD or Flux; left out, everything
    app: Option<String>,

    /// Only this environment
    #[arg(long, value_name = "ENV")]
    env: Option<String>,

    /// How to print them
    #[arg(
        short,
        long,
        value_enum,
        default_value_t,
        hide_possible_values = true,
        value_name = "yaml|json|name"
    )]
    output: Output,

    /// Print a report instead: applications, counts, what is opaque, findings
    #[arg(long, conflicts_with = "output")]
    pub(crate) json: bool,

    /// The repository's folder, or a delivery object outside of it; left out, the nearest repository
    #[arg(short, long, value_name = "PATH")]
    file: Vec<PathBuf>,

    /// Print the Applications, Kustomizations and HelmReleases themselves, generated ones included
    #[arg(long, help_heading = "Any repository", conflicts_with = "env")]
    delivery: bool,

    #[command(flatten)]
    elsewhere: Elsewhere,
}

/// How objects are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// YAML documents
    #[default]
    Yaml,
    /// One JSON list
    Json,
    /// One line each
    Name,
}

/// The label by which an app's objects are found.
const APP_LABEL: &str = "app.kubernetes.io/name";

pub(crate) fn run(ui: &Ui, arguments: &Render) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    let read_as_any = arguments.delivery || arguments.elsewhere.is_given();
    if let Named::Any(place) = delivery::named(&arguments.file, read_as_any)? {
        let what = delivered::What {
            name: arguments.app.as_deref(),
            delivery: arguments.delivery,
            output: arguments.output,
            json: arguments.json,
        };
        if arguments.env.is_some() {
            return Err(CliError::usage("`--env` is for repositories with a `mainstay.yaml`"));
        }
        return delivered::render(ui, &place, &arguments.elsewhere, &what);
    }
    let locate = Locate::at(arguments.file.last().cloned());
    let repository = locate.open(ui, Access::Read)?;
    let (world, _revision) = arguments.elsewhere.world(&repository)?;
    let mut rendered = proof::render(&world, arguments.env.as_deref())?;
    let mut findings = Findings::default();
    proof::take_findings(&mut rendered, &world, &mut findings);
    if let Some(app) = arguments.app.as_ref().filter(|app| !of_overlays(&mut rendered, &world, app))
    {
        let only = arguments.env.as_deref();
        select(&mut rendered, app).map_err(|error| match elsewhere(&world, app, only) {
            Some(hint) => error.hint(hint),
            None => error,
        })?;
    }
    if arguments.json {
        ui.json(&report_json(&rendered, &findings))?;
        return Ok(proof::outcome(&findings));
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    ui.data(
        match arguments.output {
            Output::Yaml => yaml(&rendered),
            Output::Json => list(&rendered),
            Output::Name => names(&rendered),
        }
        .as_bytes(),
    )?;
    report::say_opaque(ui, &rendered);
    let nothing = report::objects(&rendered) == 0;
    if let Some(app) = arguments.app.as_ref().filter(|_| nothing)
        && !report::opaque(&rendered).is_empty()
    {
        ui.status(&format!("`{app}` could not be rendered here: nothing was printed"));
        return Ok(proof::outcome(&findings));
    }
    ui.status(&format!(
        "Rendered {} in {}",
        report::count(report::objects(&rendered), "object"),
        report::since(begin)
    ));
    Ok(proof::outcome(&findings))
}

/// Keeps what belongs to an application that is a kustomization, where the name is its own, or that of one of its
/// Applications: `NAME-ENVIRONMENT`, as its set makes them. Says whether it is one of these.
fn of_overlays(rendered: &mut Vec<Rendered>, world: &dyn World, app: &str) -> bool {
    let spec = proof::read_text(world, operate::MANIFEST).ok();
    let Some(name) = spec.and_then(|spec| proof::kustomized(&spec)) else { return false };
    if app == name {
        return true;
    }
    let environment = app.strip_prefix(&name).and_then(|rest| rest.strip_prefix('-'));
    let is_it = |it: &Rendered| Some(it.environment.as_str()) == environment;
    let is_there = rendered.iter().any(is_it);
    if is_there {
        rendered.retain(is_it);
    }
    is_there
}

/// Keeps what belongs to one app: the Argo CD application of that name, or the objects with its label.
fn select(rendered: &mut [Rendered], app: &str) -> Result<(), CliError> {
    let mut known: Vec<String> = Vec::new();
    for environment in rendered.iter() {
        for application in &environment.applications {
            known.push(application.name.clone());
            known.extend(application.objects.iter().filter_map(app_of).map(str::to_owned));
        }
    }
    known.sort_unstable();
    known.dedup();
    if !known.iter().any(|name| name == app) {
        let error = CliError::usage(format!("there is no app `{app}`"));
        return Err(match text::nearest(app, known.iter().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`mainstay render -o name` lists everything"),
        });
    }
    for environment in rendered {
        for application in &mut environment.applications {
            if application.name != app {
                application.objects.retain(|object| app_of(object) == Some(app));
                // What does not concern the app is not missing from it.
                application.opaque = None;
                application.failed = false;
            }
        }
        environment
            .applications
            .retain(|application| application.name == app || !application.objects.is_empty());
    }
    Ok(())
}

/// Says in which other environments an app is, where only one was asked for.
fn elsewhere(world: &dyn World, app: &str, only: Option<&str>) -> Option<String> {
    let only = only?;
    let mut others = proof::render(world, None).ok()?;
    others.retain(|environment| environment.environment != only);
    select(&mut others, app).ok()?;
    let names = others.iter().filter(|environment| !environment.applications.is_empty());
    let names: Vec<&str> = names.map(|environment| environment.environment.as_str()).collect();
    Some(format!("it is in {}, not in {only}", names.join(", ")))
}

/// Returns the app that an object belongs to.
fn app_of(object: &Object) -> Option<&str> {
    object.at(&["metadata", "labels", APP_LABEL])?.as_str()
}

fn each(rendered: &[Rendered]) -> impl Iterator<Item = (&Rendered, &Delivered, &Object)> {
    rendered.iter().flat_map(|environment| {
        environment.applications.iter().flat_map(move |application| {
            application.objects.iter().map(move |object| (environment, application, object))
        })
    })
}

fn yaml(rendered: &[Rendered]) -> String {
    let mut out = String::new();
    for (environment, application, object) in each(rendered) {
        out.push_str("---\n# ");
        if rendered.len() > 1 {
            out.push_str(&format!("{}, ", environment.environment));
        }
        out.push_str(&format!("{}: {}\n", application.name, object.source));
        out.push_str(object.text.trim_matches('\n'));
        out.push('\n');
    }
    out
}

/// Returns a list as `kubectl get -o json` prints one.
fn list(rendered: &[Rendered]) -> String {
    let items: Vec<&yaml::Value> = each(rendered).map(|(_, _, object)| &object.value).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    format!("{list:#}\n")
}

fn names(rendered: &[Rendered]) -> String {
    let mut out = String::new();
    for (environment, _, object) in each(rendered) {
        if rendered.len() > 1 {
            out.push_str(&format!("{}\t", environment.environment));
        }
        out.push_str(&format!("{}\n", object.identity()));
    }
    out
}

fn report_json(rendered: &[Rendered], findings: &Findings) -> Value {
    let environments = rendered.iter().map(|environment| {
        let applications = environment.applications.iter().map(|application| {
            json!({
                "name": application.name,
                "source": application.source,
                "objects": application.objects.len(),
                "opaque": application.opaque,
                "failed": application.failed,
            })
        });
        json!({
            "environment": environment.environment,
            "applications": applications.collect::<Vec<_>>(),
        })
    });
    let mut fields = Map::new();
    fields.insert("environments".into(), environments.collect());
    fields.insert("objects".into(), json!(report::objects(rendered)));
    text::report("render", fields, &findings.diagnostics, &findings.sources)
}
