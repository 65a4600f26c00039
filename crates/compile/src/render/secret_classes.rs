//! What Infisical's CSI provider would refuse or get wrong in the SecretProviderClasses that are delivered.
//!
//! In: objects as rendered. Out: diagnostics. What the chart writes is sound; these are for what people
//! add, and for repositories that mainstay did not write. Each is a pod that hangs in
//! `ContainerCreating`, or a value that silently is not there.
//! Sources: `internal/config/config.go` and `internal/provider/provider.go` of infisical-csi-provider
//! v0.0.9; the Secrets Store CSI driver's page "Sync as Kubernetes Secret" (1.6.0).
//! Never looks at classes of other providers, and never says a value.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use manifest::Object;
use manifest::fields::Step;
use text::{Diagnostic, Place, World};
use yaml::{Schema, Value};

use super::codes::code;
use super::place;

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("secret_classes.rs");

const GROUP: &str = "secrets-store.csi.x-k8s.io";
/// Parameters without which the provider mounts nothing.
const NEEDED: &[&str] = &["identityId", "projectId", "envSlug", "secrets"];

/// Reports what is wrong with the SecretProviderClasses for Infisical among an Application's objects.
pub(super) fn check(objects: &[Object], world: &dyn World, diagnostics: &mut Vec<Diagnostic>) {
    let mounted = LazyCell::new(|| mounted(objects));
    for object in objects {
        if object.group() != GROUP
            || object.kind() != "SecretProviderClass"
            || object.at(&["spec", "provider"]).and_then(Value::as_str) != Some("infisical")
        {
            continue;
        }
        let class = Class { object, world };
        class.parameters(diagnostics);
        class.secrets(diagnostics);
        if object.at(&["spec", "secretObjects"]).is_some() && !mounted.contains(object.name()) {
            diagnostics
                .push(r055_not_mounted(object.name(), class.place(&["spec", "secretObjects"])));
        }
    }
}

struct Class<'a> {
    object: &'a Object,
    world: &'a dyn World,
}

impl Class<'_> {
    fn place(&self, path: &[&str]) -> Place {
        let steps: Vec<Step> = path.iter().map(|key| Step::Key((*key).to_owned())).collect();
        place::of_field(self.world, self.object, &steps)
    }

    fn parameter_place(&self, name: &str) -> Place {
        self.place(&["spec", "parameters", name])
    }

    fn parameters(&self, diagnostics: &mut Vec<Diagnostic>) {
        let Some(parameters) = self.object.at(&["spec", "parameters"]).and_then(Value::as_map)
        else {
            let place = self.place(&["spec", "parameters"]);
            diagnostics.push(r051_missing(self.object.name(), "parameters", place));
            return;
        };
        for (name, value) in parameters {
            if value.as_str().is_none() {
                diagnostics.push(r050_no_text(name, self.parameter_place(name)));
            }
        }
        for name in NEEDED.iter().filter(|name| !parameters.contains_key(**name)) {
            let place = self.place(&["spec", "parameters"]);
            diagnostics.push(r051_missing(self.object.name(), name, place));
        }
        if let Some(mode) = parameters.get("authMethod").and_then(Value::as_str)
            && mode != "kubernetes"
        {
            diagnostics.push(r052_auth(self.parameter_place("authMethod")));
        }
        if parameters.contains_key("windowDuration")
            && self.object.at(&["spec", "secretObjects"]).is_some()
        {
            diagnostics.push(r054_window(self.parameter_place("windowDuration")));
        }
    }

    fn secrets(&self, diagnostics: &mut Vec<Diagnostic>) {
        let Some(text) = self.object.at(&["spec", "parameters", "secrets"]).and_then(Value::as_str)
        else {
            return;
        };
        let place = || self.parameter_place("secrets");
        let parsed = yaml::parse(text, Schema::Core12).ok();
        let items = parsed.as_ref().and_then(|root| root.as_list()).unwrap_or_default();
        if items.is_empty() {
            diagnostics.push(r051_missing(self.object.name(), "secrets", place()));
            return;
        }
        let mut known: HashMap<(String, String), String> = HashMap::new();
        let mut files = Vec::new();
        for item in items {
            let field = |name: &str| {
                item.get(name).and_then(yaml::Node::as_str).unwrap_or_default().to_owned()
            };
            let (file, key) = (field("fileName"), field("secretKey"));
            if file.is_empty() || key.is_empty() || field("secretPath").is_empty() {
                diagnostics.push(r051_missing(
                    self.object.name(),
                    "secretPath`, `secretKey` or `fileName",
                    place(),
                ));
            }
            files.push(file.clone());
            if known.insert((field("secretPath"), key.clone()), file).is_some() {
                diagnostics.push(r053_listed_twice(&key, place()));
            }
        }
        let objects = self.object.at(&["spec", "secretObjects"]).and_then(Value::as_list);
        let wanted = objects
            .unwrap_or_default()
            .iter()
            .flat_map(|made| made.get("data").and_then(Value::as_list).unwrap_or_default())
            .filter_map(|entry| entry.get("objectName").and_then(Value::as_str));
        for name in wanted.filter(|name| !files.iter().any(|file| file == name)) {
            diagnostics.push(r056_no_file(name, self.place(&["spec", "secretObjects"])));
        }
    }
}

/// Returns the classes that pods of these objects mount, whatever the kinds are that make the pods.
fn mounted(objects: &[Object]) -> HashSet<&str> {
    let templates: [&[&str]; 3] = [
        &["spec", "template", "spec", "volumes"],
        &["spec", "jobTemplate", "spec", "template", "spec", "volumes"],
        &["spec", "volumes"],
    ];
    let volumes = objects.iter().flat_map(|object| {
        templates.iter().filter_map(|path| object.at(path).and_then(Value::as_list)).flatten()
    });
    volumes
        .filter_map(|volume| {
            volume.get("csi")?.get("volumeAttributes")?.get("secretProviderClass")?.as_str()
        })
        .collect()
}

/// A parameter of a SecretProviderClass is no text.
///
/// Parameters are texts, whatever they mean: the definition refuses `useDefaultAudience: true`, and
/// with it the whole object.
fn r050_no_text(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(50), format!("the parameter `{name}` must be a text"))
        .at(place, "")
        .hint("put it in quotes; a list goes below `|`")
}

/// Infisical's provider is not told what to mount.
///
/// Without `identityId`, `projectId`, `envSlug` and a list of `secrets`, each with `secretPath`, `secretKey`
/// and `fileName`, no mount succeeds, and the pods stay in `ContainerCreating`.
fn r051_missing(class: &str, name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(51), format!("the SecretProviderClass `{class}` lacks `{name}`"))
        .at(place, "no pod that mounts it would start")
        .hint("`secrets` is a YAML list below `|`, of `{secretPath, secretKey, fileName}`")
}

/// Infisical's provider logs in in one way only.
fn r052_auth(place: Place) -> Diagnostic {
    Diagnostic::error(code(52), "Infisical's provider knows `authMethod: kubernetes` only")
        .at(place, "")
        .hint("write `authMethod: kubernetes`, and allow the identity to log in that way")
}

/// A secret is mounted twice.
///
/// The provider keeps what it mounts by the secret, not by the file: of two files of one secret only one
/// is there. Copy it in the container, or give the secret a reference in Infisical.
fn r053_listed_twice(key: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(53), format!("the secret `{key}` is listed twice, and mounted once"))
        .at(place, "one of its files would be missing")
        .hint("list it once; `secretObjects` can give it several names")
}

/// A bounded time of reading does not go with synced Secrets.
///
/// `windowDuration` takes the files away some time after the pod has started; a Secret would stay.
fn r054_window(place: Place) -> Diagnostic {
    Diagnostic::error(code(54), "`windowDuration` and `secretObjects` exclude each other")
        .at(place, "")
        .hint("take one of the two out")
}

/// A synced Secret that never exists.
///
/// The driver makes the Secrets under `secretObjects` while a pod mounts the class, and takes them away with the
/// last one. Where nothing mounts it, what reads the Secret waits for ever.
fn r055_not_mounted(class: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(code(55), format!("nothing mounts `{class}`, so its Secrets never exist"))
        .at(place, "made only while a pod mounts the class")
        .hint("add a `csi` volume with this class to the pods that read the Secret")
}

/// A synced Secret wants a file that is not mounted.
fn r056_no_file(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(56), format!("`objectName: {name}` is no `fileName` of `secrets`"))
        .at(place, "the Secret would lack this key")
        .hint("`objectName` is the `fileName` of a secret that is listed")
}
