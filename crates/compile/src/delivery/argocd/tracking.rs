//! How Argo CD marks the objects of an Application, so that it knows them again.
//!
//! Source: Argo CD, user guide, "Resource Tracking"; `util/argo/resource_tracking.go` (3.2).

use std::collections::BTreeMap;

use manifest::Object;
use yaml::Value;

use crate::delivery::{Engine, Found};

/// The annotation.
pub(super) const ANNOTATION: &str = "argocd.argoproj.io/tracking-id";
/// The annotation that an installation with a name of its own adds; ours has none, so it is taken away.
const INSTALLATION: &str = "argocd.argoproj.io/installation-id";
/// The label.
const LABEL: &str = "app.kubernetes.io/instance";

/// The tracking method (`application.resourceTrackingMethod` of `argocd-cm`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tracking {
    /// The annotation `argocd.argoproj.io/tracking-id`; the default since Argo CD 3.0.
    #[default]
    Annotation,
    /// The label `app.kubernetes.io/instance`.
    Label,
    /// Both.
    AnnotationAndLabel,
    /// Nothing: what the sources say.
    None,
}

/// Returns the namespace that Argo CD itself runs in: that of its AppProjects, which it reads nowhere else;
/// where none says one, `argocd`, or what most of its objects say if none of them lies there.
pub(in crate::delivery) fn control_namespace<'f>(known: &[&'f Found]) -> &'f str {
    let of_argocd = known.iter().filter(|it| it.engine() == Some(Engine::ArgoCd));
    let mut projects: BTreeMap<&str, usize> = BTreeMap::new();
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    for found in of_argocd {
        let counts = match found.object.kind() {
            "AppProject" => &mut projects,
            _ => &mut others,
        };
        *counts.entry(found.object.namespace()).or_default() += 1;
    }
    projects.remove("");
    let most = |counts: &BTreeMap<&'f str, usize>| {
        counts.iter().max_by_key(|(_, count)| **count).map(|(namespace, _)| *namespace)
    };
    let is_usual = others.contains_key("argocd") || others.contains_key("");
    most(&projects).or_else(|| most(&others).filter(|_| !is_usual)).unwrap_or("argocd")
}

/// Marks an object as one of an application. The mark is written before it is known which objects have
/// no namespace, so that it may name one for them all the same.
///
/// # Errors
/// Where labels or annotations are no texts: Argo CD renders nothing of the source then.
pub(super) fn mark(
    object: &mut Object,
    application: &str,
    namespace: &str,
    tracking: Tracking,
) -> Result<(), String> {
    let is_crd =
        object.kind() == "CustomResourceDefinition" && object.group() == "apiextensions.k8s.io";
    if is_crd || tracking == Tracking::None {
        return Ok(());
    }
    if matches!(tracking, Tracking::Annotation | Tracking::AnnotationAndLabel) {
        let own = object.namespace();
        let namespace = if own.is_empty() { namespace } else { own };
        let (group, kind, name) = (object.group(), object.kind(), object.name());
        let id = format!("{application}:{group}/{kind}:{namespace}/{name}");
        set(object, "annotations", Some(INSTALLATION), ANNOTATION, &id)?;
    }
    if matches!(tracking, Tracking::Label | Tracking::AnnotationAndLabel) {
        set(object, "labels", None, LABEL, &label(application, tracking))?;
    }
    Ok(())
}

/// A label has at most 63 characters, and ends with a letter or digit.
fn label(application: &str, tracking: Tracking) -> String {
    if tracking == Tracking::Label {
        return application.to_owned();
    }
    let cut = application.get(..63).unwrap_or(application);
    cut.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_owned()
}

fn set(
    object: &mut Object,
    field: &str,
    without: Option<&str>,
    key: &str,
    value: &str,
) -> Result<(), String> {
    let identity = object.identity();
    let Value::Map(fields) = &mut object.value else { return Ok(()) };
    let metadata = fields.entry("metadata".to_owned()).or_insert_with(|| Value::Map([].into()));
    if metadata.is_null() {
        *metadata = Value::Map([].into());
    }
    let Value::Map(metadata) = metadata else {
        return Err(format!("`metadata` of `{identity}` is no map"));
    };
    let entries = metadata.entry(field.to_owned()).or_insert(Value::Null);
    if entries.is_null() {
        *entries = Value::Map([].into());
    }
    let Value::Map(entries) = entries else {
        return Err(format!("`{field}` of `{identity}` is no map"));
    };
    if let Some((key, value)) = entries.iter().find(|(_, value)| value.as_str().is_none()) {
        let shown = manifest::scalar_text(value);
        return Err(format!("`{field}` of `{identity}` has `{key}: {shown}`, which is no text"));
    }
    if let Some(without) = without {
        entries.shift_remove(without);
    }
    entries.insert(key.to_owned(), Value::String(value.to_owned()));
    Ok(())
}
