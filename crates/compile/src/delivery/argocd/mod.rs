//! Argo CD: Applications, ApplicationSets and AppProjects.
//!
//! In: delivery objects, and the trees that they name. Out: applications with the objects that a sync
//! would apply (hooks included), or the reason why they are not known; findings.
//! The rules are those of Argo CD 3.2.11, read in its source and compared with what it answers.
//! Never asks a forge or a cluster, and runs no plugin.

mod application;
mod application_set;
mod caches;
mod clusters;
mod directory;
mod environment;
mod glob;
mod helm;
mod kustomization;
mod projects;
mod source;
mod targets;
mod tracking;
mod types;

use manifest::fields::path_text;
use manifest::{Object, Scopes};
use rayon::prelude::*;
use text::{Diagnostic, Severity};

pub(crate) use application_set::unknown_parameters;
pub(crate) use caches::Caches;
pub use kustomization::BuildOptions;
pub use tracking::Tracking;
pub(super) use tracking::control_namespace;

use self::application::Application;
use self::clusters::Clusters;
use self::source::{Failure, Wrong};
use self::targets::Target;
use super::{Context, Delivered, Engine, Found, codes, find};

/// What a delivery object makes.
#[derive(Default)]
pub(super) struct Outcome {
    /// Its applications.
    pub(super) applications: Vec<Delivered>,
    /// What is wrong with it.
    pub(super) findings: Vec<Diagnostic>,
}

/// Returns what each of some objects deploys: nothing where it is none of Argo CD's, or an AppProject.
pub(super) fn deliver(context: &Context<'_, '_>, found: &[&Found]) -> Vec<Outcome> {
    let clusters = Clusters::read(&context.input.cluster.clusters);
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(found.len());
    let mut wanted: Vec<(usize, Generated)> = Vec::new();
    for (number, found) in found.iter().enumerate() {
        let mut outcome = Outcome::default();
        match (found.engine(), found.object.kind()) {
            (Some(Engine::ArgoCd), "Application") => {
                let found = (*found).clone();
                wanted.push((number, Generated { found, set: None, step: None }));
            }
            (Some(Engine::ArgoCd), "ApplicationSet") => {
                let findings = &mut outcome.findings;
                let made = application_set::expand(context, &clusters, found, findings);
                wanted.extend(made.into_iter().map(|made| (number, made)));
                findings.extend(doubtful_parameters(context, found));
            }
            (Some(Engine::ArgoCd), _) => {
                let refused = |place, path: &str, reason: &str| {
                    codes::d011_refused(place, &found.object, path, reason)
                };
                outcome.findings = find::misfits(context.input.tree, &found.object, refused);
            }
            _ => {}
        }
        outcome.findings.extend(unknown_fields(context, found));
        outcomes.push(outcome);
    }
    let made: Vec<Result<Delivered, Box<Diagnostic>>> =
        wanted.par_iter().map(|(_, wanted)| one(context, &clusters, wanted)).collect();
    for ((number, _), application) in wanted.iter().zip(made) {
        let Some(outcome) = outcomes.get_mut(*number) else { continue };
        match application {
            Ok(application) => outcome.applications.push(application),
            Err(refused) => outcome.findings.push(*refused),
        }
    }
    outcomes
}

/// Returns warnings about fields of an Application or a set that its kind does not have.
fn unknown_fields(context: &Context<'_, '_>, found: &Found) -> Vec<Diagnostic> {
    let object = &found.object;
    let kind = match (found.engine(), object.kind()) {
        (Some(Engine::ArgoCd), "Application") => "Application",
        (Some(Engine::ArgoCd), "ApplicationSet") => "ApplicationSet",
        _ => return Vec::new(),
    };
    let unknown = types::unknown(&object.value, kind).into_iter().map(|(path, near)| {
        let place = find::key(context.input, found, &path);
        codes::d093_unknown_field(place, object, &path_text(&path), near)
    });
    unknown.collect()
}

/// Whether a cluster, by name or address, is the one that Argo CD runs in.
pub(super) fn is_local(cluster: &str) -> bool {
    matches!(cluster.trim_end_matches('/'), "" | "in-cluster" | "https://kubernetes.default.svc")
}

/// Whether an Application reads files of the tree itself.
fn reads_own(input: &super::Input<'_>, application: &Object) -> bool {
    let mut named = Vec::new();
    addresses(&application.value, &mut named);
    named.iter().any(|(address, _)| input.registry.tree(address).is_some_and(|tree| tree.own))
}

/// Returns warnings about parameters that a set names and nothing gives: somebody may mean it so, because a
/// set without Go templates leaves them as they are.
fn doubtful_parameters(context: &Context<'_, '_>, found: &Found) -> Vec<Diagnostic> {
    let look = |object: &yaml::Node| unknown_parameters(object, &found.place.file);
    let mut findings = find::see(context.input, found, look).unwrap_or_default();
    findings.iter_mut().for_each(|finding| finding.severity = Severity::Warning);
    findings
}

/// An Application to render, and the set that made it.
struct Generated {
    found: Found,
    set: Option<String>,
    step: Option<usize>,
}

/// Renders one application; the finding is that the cluster does not take it.
fn one(
    context: &Context<'_, '_>,
    clusters: &Clusters,
    wanted: &Generated,
) -> Result<Delivered, Box<Diagnostic>> {
    let found = &wanted.found;
    let mut delivered = Delivered {
        name: found.object.name().to_owned(),
        engine: Engine::ArgoCd,
        object: found.object.clone(),
        place: found.place.clone(),
        parent: wanted.set.clone().or_else(|| found.parent.clone()),
        home: String::new(),
        cluster: String::new(),
        is_own: reads_own(context.input, &found.object),
        namespace: String::new(),
        source: String::new(),
        step: wanted.step,
        objects: Vec::new(),
        opaque: Vec::new(),
        failed: true,
        findings: Vec::new(),
    };
    // What a set made is written in its template.
    let before: &[&str] = if wanted.set.is_some() { &["spec", "template"] } else { &[] };
    let place = |path: &[&str]| find::part(context.input, found, &[before, path].concat());
    if let Some(reason) = forbidden_name(&delivered.name) {
        return Err(Box::new(codes::d010_name(
            place(&["metadata", "name"]),
            &delivered.name,
            &reason,
        )));
    }
    let application = match Application::read(found) {
        Ok(application) => application,
        Err(misfit) => {
            let path: Vec<&str> = misfit.path.split('.').collect();
            let place = place(&path);
            return Err(Box::new(codes::d011_refused(
                place,
                &found.object,
                &misfit.path,
                &misfit.reason,
            )));
        }
    };
    delivered.cluster = match application.cluster.is_empty() {
        true => application.server.clone(),
        false => application.cluster.clone(),
    };
    delivered.namespace.clone_from(&application.namespace);
    delivered.source =
        application.sources.iter().map(source::words).collect::<Vec<_>>().join(" + ");
    if let Some((path, reason)) = application.invalid(clusters) {
        delivered.findings.push(codes::d012_invalid(place(path), &application.name, &reason));
        return Ok(delivered);
    }
    let spec = found.object.value.get("spec");
    if spec.and_then(|spec| spec.get("sourceHydrator")).is_some_and(|it| !it.is_null()) {
        let reason = "its manifests are hydrated into another branch, which is not here";
        delivered.opaque.push(reason.to_owned());
        delivered.failed = false;
        return Ok(delivered);
    }
    let instance = context.instance(&found.object);
    let target = Target {
        application: &instance,
        namespace: &application.namespace,
        tracking: context.input.settings.tracking,
    };
    let mut objects: Vec<Object> = Vec::new();
    let mut failed = false;
    for (number, source) in application.sources.iter().enumerate() {
        let rendered = source::render(context, &application, source).and_then(|mut objects| {
            let marked = targets::mark(&mut objects, &target);
            marked.map(|()| objects).map_err(Failure::wrong)
        });
        match rendered {
            Ok(rendered) => objects.extend(rendered),
            Err(Failure::Opaque(reason)) => delivered.opaque.push(reason),
            Err(Failure::Wrong(wrong)) => {
                failed = true;
                let at = |path: &[&str]| {
                    let number = number.to_string();
                    let mut whole = match application.several {
                        true => vec!["spec", "sources", &number],
                        false => vec!["spec", "source"],
                    };
                    whole.extend(path);
                    place(&whole)
                };
                delivered.findings.push(finding(&wrong, &application.name, source, &at));
            }
        }
    }
    delivered.failed = failed;
    // Where one source fails Argo CD applies nothing of the others.
    if failed {
        return Ok(delivered);
    }
    let (objects, repeated) = targets::settle(objects, &target);
    for repeated in repeated {
        let (identity, times) = (&repeated.identity, repeated.times);
        delivered.findings.push(codes::d017_repeated(
            place(&["metadata", "name"]),
            &application.name,
            identity,
            times,
        ));
    }
    let itself = objects.iter().any(|object| {
        object.kind() == "Application"
            && object.group() == "argoproj.io"
            && object.name() == application.name
    });
    if itself {
        delivered
            .findings
            .push(codes::d018_itself(place(&["metadata", "name"]), &application.name));
    }
    delivered.objects = objects;
    Ok(delivered)
}

/// Returns the finding of what is wrong with a source.
fn finding(
    wrong: &Wrong,
    application: &str,
    source: &yaml::Value,
    at: &dyn Fn(&[&str]) -> text::Place,
) -> Diagnostic {
    match wrong {
        Wrong::Path(path) => codes::d014_no_such_path(at(&["path"]), application, path),
        Wrong::Reference(text) => {
            let (entry, name) = text.split_once('\n').unwrap_or((text, ""));
            codes::d015_no_such_reference(at(&["helm", "valueFiles"]), application, entry, name)
        }
        Wrong::ValueFile { entry, why, remedy, field } => {
            let place = at(&["helm", *field]);
            codes::d016_no_value_file(place, application, entry, why, remedy)
        }
        Wrong::Other(reason) => {
            let part = if application::text(source, "chart").is_empty() { "path" } else { "chart" };
            codes::d013_failed(at(&[part]), application, &source::words(source), reason)
        }
    }
}

/// Returns why the API server refuses the name of an object.
pub(super) fn forbidden_name(name: &str) -> Option<String> {
    let inside =
        |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-' || it == '.';
    let is_end = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    if name.is_empty() {
        return Some("it has no name".to_owned());
    }
    if name.len() > 253 {
        return Some("a name has at most 253 characters".to_owned());
    }
    let labels = name.split('.').all(|label| label.starts_with(is_end) && label.ends_with(is_end));
    if !name.chars().all(inside) || !labels {
        let rule = "a name has lower-case letters, digits, `-` and `.`, and begins and ends with a letter \
                    or digit";
        return Some(rule.to_owned());
    }
    None
}

/// Whether a project is missing, as far as that is known: where no AppProject is here they are kept
/// elsewhere, and `default` is there by itself.
pub(super) fn is_missing_project(context: &Context<'_, '_>, name: &str) -> bool {
    !matches!(name, "" | "default")
        && !context.projects.is_empty()
        && !context.projects.contains(name)
}

/// Takes the namespace from objects whose definitions say that they have none, and adds to each application
/// what its project forbids.
pub(super) fn check(
    context: &Context<'_, '_>,
    known: &[Found],
    scopes: &Scopes,
    applications: &mut [Delivered],
) {
    for delivered in applications.iter_mut().filter(|it| it.engine == Engine::ArgoCd) {
        let application = context.instance(&delivered.object);
        let target = Target {
            application: &application,
            namespace: &delivered.namespace,
            tracking: context.input.settings.tracking,
        };
        let is_outside = |it: &&mut Object| scopes.is_cluster_scoped(it.group(), it.kind());
        delivered.objects.iter_mut().filter(is_outside).for_each(|it| targets::lift(it, &target));
    }
    projects::check(context.input.tree, known, scopes, applications);
}

/// Returns the address that most sources name whose folders are in the tree, and where it is named: it is
/// taken for the tree's own where nothing else says what that is.
pub(super) fn guess_address(
    known: &[&Found],
    input: &super::Input<'_>,
) -> Option<(String, text::Place)> {
    let mut votes: Vec<(String, usize, text::Place)> = Vec::new();
    for found in known.iter().filter(|it| it.engine() == Some(Engine::ArgoCd)) {
        let mut named = Vec::new();
        addresses(&found.object.value, &mut named);
        for (address, path) in named {
            let folder = text::path::resolve("", path.trim_start_matches("./"));
            let is_here = path.contains("{{")
                || folder.is_some_and(|folder| !input.tree.list(&folder).is_empty());
            if !is_here || address.contains("{{") || input.registry.tree(address).is_some() {
                continue;
            }
            match votes.iter_mut().find(|(known, _, _)| super::same_repository(known, address)) {
                Some((_, count, _)) => *count += 1,
                None => votes.push((address.to_owned(), 1, found.place.clone())),
            }
        }
    }
    let most = votes.iter().map(|(_, count, _)| *count).max()?;
    let best = votes.into_iter().find(|(_, count, _)| *count == most)?;
    Some((best.0, best.2))
}

/// Collects the git repositories that an object names, each with the path in it.
fn addresses<'v>(value: &'v yaml::Value, found: &mut Vec<(&'v str, &'v str)>) {
    match value {
        yaml::Value::List(items) => items.iter().for_each(|item| addresses(item, found)),
        yaml::Value::Map(fields) => {
            if let Some(address) = value.get("repoURL").and_then(yaml::Value::as_str)
                && application::text(value, "chart").is_empty()
            {
                found.push((address, application::text(value, "path")));
            }
            fields.values().for_each(|value| addresses(value, found));
        }
        _ => {}
    }
}
