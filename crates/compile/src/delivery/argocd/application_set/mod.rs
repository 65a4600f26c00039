//! ApplicationSets: from generators and a template to Applications.
//!
//! In: a set, and what is known about repositories, clusters and pull requests. Out: the Applications
//! that Argo CD would make, or the reason why it is not known which; findings.
//! Never asks a forge, a cluster or a plugin.
//!
//! Source: Argo CD, `applicationset/controllers` (3.2): `GenerateApplications`, `applyTemplatePatch`,
//! `validateGeneratedApplications`.

mod generators;
mod names;
mod parameters;
mod patch;
mod rollout;
mod selector;
mod template;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use manifest::Object;
use text::Diagnostic;
use yaml::Value;

use self::generators::{Stop, Work};
use self::parameters::Parameters;
use self::template::Templating;
use super::Generated;
use super::application::{self, is_true, list, text};
use super::clusters::Clusters;
use super::types::{self, Type};
use crate::delivery::{Context, Found, codes, find};

pub(crate) use self::names::unknown_parameters;

/// What every generated Application has that names no finalizers of its own.
const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// Returns the Applications that a set makes.
pub(super) fn expand(
    context: &Context<'_, '_>,
    clusters: &Clusters,
    found: &Found,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Generated> {
    let name = found.object.name();
    let place = |path: &[&str]| find::part(context.input, found, path);
    let admitted = types::admit(&found.object.value, "ApplicationSet");
    let set = match admitted {
        Ok(set) => set,
        Err(misfit) => {
            let path: Vec<&str> =
                misfit.path.split(['.', '[', ']']).filter(|it| !it.is_empty()).collect();
            let at = place(&path);
            diagnostics.push(codes::d011_refused(at, &found.object, &misfit.path, &misfit.reason));
            return Vec::new();
        }
    };
    let spec = set.get("spec").cloned().unwrap_or_default();
    let generated = Templating::read(&spec)
        .map_err(|reason| Failure::Template(&["spec", "goTemplateOptions"], reason))
        .and_then(|templating| {
            let template = spec.get("template").and_then(|it| it.get("spec"));
            let project = template.map(|it| text(it, "project")).unwrap_or_default();
            let work = Work { context, clusters, templating, project, depth: 0 };
            generate(&work, &set, &spec)
        });
    let made = match generated {
        Ok(made) => made,
        Err(failure) => {
            diagnostics.push(match failure {
                Failure::Stop(number, stop) => {
                    let at = place(&["spec", "generators", &number.to_string()]);
                    match stop {
                        Stop::Error(reason) => codes::d020_generator(at, name, &reason),
                        Stop::Opaque(reason) => codes::d024_unknown_generator(at, name, &reason),
                        Stop::TooMany => codes::d023_too_many(at, name, generators::MOST),
                    }
                }
                Failure::Template(path, reason) => codes::d021_template(place(path), name, &reason),
                Failure::TooMany => {
                    codes::d023_too_many(place(&["spec", "generators"]), name, generators::MOST)
                }
            });
            return Vec::new();
        }
    };
    let valid = validated(context, clusters, found, made, diagnostics);
    let steps = rollout::Steps::read(&spec);
    valid
        .into_iter()
        .map(|object| Generated {
            step: steps.of(&object),
            found: Found {
                object: Object {
                    source: found.object.source.clone(),
                    text: found.object.text.clone(),
                    value: object,
                },
                place: found.place.clone(),
                parent: found.parent.clone(),
                is_built: false,
            },
            set: Some(name.to_owned()),
        })
        .collect()
}

/// Why a set makes nothing.
enum Failure {
    /// A generator, by its number.
    Stop(usize, Stop),
    /// The template, or what belongs to it.
    Template(&'static [&'static str], String),
    TooMany,
}

/// Asks the generators and renders the template for each set of parameters.
fn generate(work: &Work<'_, '_>, set: &Value, spec: &Value) -> Result<Vec<Value>, Failure> {
    let base = spec.get("template").cloned().unwrap_or_default();
    let mut made = Vec::new();
    for (number, entry) in list(spec, "generators").iter().enumerate() {
        let given = generators::transform(work, entry, &base, &Parameters::new())
            .map_err(|stop| Failure::Stop(number, stop))?;
        for given in given {
            for parameters in &given.parameters {
                let application = application(work, set, spec, (&given.template, parameters))?;
                made.push(application);
                if made.len() >= generators::MOST {
                    return Err(Failure::TooMany);
                }
            }
        }
    }
    Ok(made)
}

/// Renders one Application.
fn application(
    work: &Work<'_, '_>,
    set: &Value,
    spec: &Value,
    (template, parameters): (&Value, &Parameters),
) -> Result<Value, Failure> {
    let failed = |reason: String| Failure::Template(&["spec", "template"], reason);
    let policy = spec.get("syncPolicy");
    let mut rendered = template.clone();
    // Without any parameter the template is taken as it is.
    if !parameters.is_empty() {
        let kind = Type::Struct("Application");
        rendered =
            template::replace_all(template, &kind, work.templating, parameters).map_err(failed)?;
        let preserves = policy.is_some_and(|it| is_true(it, "preserveResourcesOnDeletion"));
        let metadata = rendered.get("metadata").cloned().unwrap_or_default();
        if !preserves && list(&metadata, "finalizers").is_empty() {
            let finalizers = Value::List(vec![Value::String(FINALIZER.to_owned())]);
            metadata_of(&mut rendered).insert("finalizers".to_owned(), finalizers);
        }
    }
    if let Some(patch) = spec.get("templatePatch").and_then(Value::as_str) {
        let patch = work.templating.replace(patch, parameters).map_err(|reason| {
            let reason = format!("error replacing values in templatePatch: {reason}");
            Failure::Template(&["spec", "templatePatch"], reason)
        })?;
        rendered = patch::apply(&rendered, &patch)
            .map_err(|reason| Failure::Template(&["spec", "templatePatch"], reason))?;
    }
    let rendered = types::decode(&rendered, "Application")
        .map_err(|misfit| failed(format!("{}: {}", misfit.path, misfit.reason)))?;
    Ok(finished(rendered, set))
}

/// The Application as the cluster holds it: in the namespace of its set.
fn finished(mut rendered: Value, set: &Value) -> Value {
    let namespace = set.get("metadata").map(|it| text(it, "namespace")).unwrap_or_default();
    let metadata = metadata_of(&mut rendered);
    metadata.shift_remove("namespace");
    if !namespace.is_empty() {
        metadata.insert("namespace".to_owned(), Value::String(namespace.to_owned()));
    }
    let mut object: IndexMap<String, Value> = [
        ("apiVersion".to_owned(), Value::String("argoproj.io/v1alpha1".to_owned())),
        ("kind".to_owned(), Value::String("Application".to_owned())),
    ]
    .into();
    if let Value::Map(fields) = rendered {
        object.extend(fields);
    }
    Value::Map(object)
}

fn metadata_of(value: &mut Value) -> &mut IndexMap<String, Value> {
    if !matches!(value, Value::Map(_)) {
        *value = Value::Map([].into());
    }
    let Value::Map(fields) = value else { unreachable!("it was just made a map") };
    let metadata = fields.entry("metadata".to_owned()).or_insert(Value::Null);
    if !matches!(metadata, Value::Map(_)) {
        *metadata = Value::Map([].into());
    }
    let Value::Map(metadata) = metadata else { unreachable!("it was just made a map") };
    metadata
}

/// Leaves out what Argo CD does not make: Applications of one name, destinations that are none, names
/// that the API server refuses.
fn validated(
    context: &Context<'_, '_>,
    clusters: &Clusters,
    found: &Found,
    made: Vec<Value>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Value> {
    let set = found.object.name();
    let place = |path: &[&str]| find::part(context.input, found, path);
    let name_of = |application: &Value| {
        application.get("metadata").map(|it| text(it, "name")).unwrap_or_default().to_owned()
    };
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for application in &made {
        *names.entry(name_of(application)).or_default() += 1;
    }
    let template = ["spec", "template"];
    for (name, times) in names.iter().filter(|(name, times)| **times > 1 && !name.is_empty()) {
        let at = place(&[template[0], template[1], "metadata", "name"]);
        diagnostics.push(codes::d022_same_name(at, set, name, *times));
    }
    let mut said_nameless = false;
    let mut valid = Vec::with_capacity(made.len());
    for mut application in made {
        let name = name_of(&application);
        if let Some(reason) = super::forbidden_name(&name) {
            if !name.is_empty() || !said_nameless {
                let at = place(&[template[0], template[1], "metadata", "name"]);
                diagnostics.push(codes::d010_name(at, &name, &reason));
            }
            said_nameless |= name.is_empty();
            continue;
        }
        if names.get(&name).is_some_and(|times| *times > 1) {
            continue;
        }
        let destination = application.get("spec").and_then(|spec| spec.get("destination"));
        let field = |name: &str| destination.map(|it| text(it, name)).unwrap_or_default();
        if let Err(reason) = clusters.destination(field("server"), field("name")) {
            let at = place(&[template[0], template[1], "spec", "destination"]);
            diagnostics.push(codes::d012_invalid(at, &name, &reason));
            continue;
        }
        let project = application.get("spec").map(|spec| text(spec, "project")).unwrap_or_default();
        // Only an Application that stands for itself may leave the project out.
        if project.is_empty() || super::is_missing_project(context, project) {
            let at = place(&[template[0], template[1], "spec", "project"]);
            let reason = format!("it references project `{project}`, which does not exist");
            diagnostics.push(codes::d012_invalid(at, &name, &reason));
            continue;
        }
        if let Value::Map(fields) = &mut application
            && let Some(spec) = fields.get_mut("spec")
        {
            application::normalize(spec);
        }
        valid.push(application);
    }
    valid
}

/// Returns a generator's own template with the gaps filled from the set's.
///
/// Source: the library mergo, `Merge` without options: what is empty is taken from the other, structs and
/// maps entry by entry, lists as a whole.
fn merged_template(own: Option<&Value>, base: &Value) -> Value {
    let Some(own) = own.filter(|own| !own.is_null()) else { return base.clone() };
    fill(own, base, &Type::Struct("Template"))
}

fn fill(own: &Value, base: &Value, kind: &Type) -> Value {
    match kind {
        Type::Struct(name) => {
            let mut filled = IndexMap::new();
            for field in types::fields(name) {
                let (own, base) = (own.get(field.name), base.get(field.name));
                let value = match (own, base) {
                    (Some(own), Some(base)) => Some(fill(own, base, &field.kind)),
                    (own, base) => own.or(base).cloned(),
                };
                if let Some(value) = value {
                    filled.insert(field.name.to_owned(), value);
                }
            }
            Value::Map(filled)
        }
        Type::Optional(inner) if matches!(**inner, Type::Struct(_)) => match own.is_null() {
            true => base.clone(),
            false => fill(own, base, inner),
        },
        Type::Map(_) => match (own, base) {
            (Value::Map(own), Value::Map(base)) => {
                let mut filled = own.clone();
                for (key, value) in base {
                    let entry = filled.entry(key.clone()).or_insert_with(|| value.clone());
                    if types::is_empty(entry) {
                        *entry = value.clone();
                    }
                }
                Value::Map(filled)
            }
            _ => own.clone(),
        },
        _ if types::is_empty(own) => base.clone(),
        _ => own.clone(),
    }
}
