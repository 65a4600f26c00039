//! What the Secrets Store CSI driver is told in this repository, against what the classes of Infisical ask of it.
//!
//! In: what an environment delivers, the Application or HelmRelease of the driver's chart among it. Out: diagnostics.
//! What is generated is sound; these are for values that people edit, which no chart refuses.
//! Says nothing where the driver is not delivered from here, or its values stand elsewhere than in that object.
//!
//! Sources: the values of the chart secrets-store-csi-driver 1.6.0; the driver's page "Sync as Kubernetes Secret";
//! `internal/config/config.go` of infisical-csi-provider v0.0.9 (`audience`, `useDefaultAudience`).

use std::collections::BTreeSet;

use manifest::Object;
use manifest::fields::Step;
use text::{Diagnostic, Place, World};
use yaml::Value;

use super::codes::code;
use super::{Delivered, place};

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("secrets_driver.rs");

/// The driver's chart.
const CHART: &str = "secrets-store-csi-driver";
/// The audience of the tokens that Infisical's provider takes where a class names none.
const AUDIENCE: &str = "infisical";

/// Reports values of the driver with which classes do not work.
pub(super) fn check(
    world: &dyn World,
    applications: &[Delivered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut objects = applications.iter().flat_map(|application| &application.objects);
    let Some(driver) = objects.find_map(Driver::of) else { return };
    let objects = applications.iter().flat_map(|application| &application.objects);
    let classes: Vec<&Object> = objects.filter(|object| is_of_infisical(object)).collect();
    let synced = classes.iter().filter(|class| class.at(&["spec", "secretObjects"]).is_some());
    let synced = synced.count();
    let enabled = driver.value(&["syncSecret", "enabled"]).and_then(Value::as_bool);
    if synced > 0 && enabled != Some(true) {
        let place = driver.place(world, &["syncSecret", "enabled"]);
        diagnostics.push(r059_no_sync(synced, place));
    }
    let requests = driver.value(&["tokenRequests"]).and_then(Value::as_list).unwrap_or_default();
    let asks_for = |audience: &str| {
        requests.iter().any(|it| it.get("audience").and_then(Value::as_str) == Some(audience))
    };
    let wanted: BTreeSet<&str> = classes.iter().filter_map(|class| audience(class)).collect();
    for audience in wanted.into_iter().filter(|audience| !asks_for(audience)) {
        diagnostics.push(r060_no_audience(audience, driver.place(world, &["tokenRequests"])));
    }
}

fn is_of_infisical(object: &Object) -> bool {
    object.kind() == "SecretProviderClass"
        && object.at(&["spec", "provider"]).and_then(Value::as_str) == Some("infisical")
}

/// Returns the audience that a class asks for; `None` where it takes the API server's own.
fn audience(class: &Object) -> Option<&str> {
    let parameter = |name| class.at(&["spec", "parameters", name]).and_then(Value::as_str);
    match parameter("useDefaultAudience") {
        Some("true") => None,
        _ => Some(parameter("audience").filter(|it| !it.is_empty()).unwrap_or(AUDIENCE)),
    }
}

/// What installs the driver, with all its values in itself.
struct Driver<'a> {
    object: &'a Object,
    /// The way to the values, from the object's root.
    way: Vec<Step>,
    values: Option<&'a Value>,
}

impl<'a> Driver<'a> {
    fn of(object: &'a Object) -> Option<Driver<'a>> {
        let key = |key: &str| Step::Key(key.to_owned());
        let driver = |way: Vec<Step>, values| Some(Driver { object, way, values });
        match object.kind() {
            "HelmRelease" => {
                let chart = object.at(&["spec", "chart", "spec", "chart"])?;
                let is_it = chart.as_str() == Some(CHART);
                let elsewhere = object.at(&["spec", "valuesFrom"]).is_some();
                let values = object.at(&["spec", "values"]);
                if is_it && !elsewhere {
                    driver(vec![key("spec"), key("values")], values)
                } else {
                    None
                }
            }
            "Application" => {
                let several = object.at(&["spec", "sources"]).and_then(Value::as_list);
                let several = several.unwrap_or_default().iter().enumerate();
                let several =
                    several.map(|(at, it)| (vec![key("spec"), key("sources"), Step::Item(at)], it));
                let one = object.at(&["spec", "source"]);
                let one = one.map(|source| (vec![key("spec"), key("source")], source));
                let mut sources = several.chain(one);
                let (mut way, source) = sources
                    .find(|(_, it)| it.get("chart").and_then(Value::as_str) == Some(CHART))?;
                let helm = source.get("helm");
                let elsewhere = ["values", "valueFiles", "parameters", "fileParameters"];
                if elsewhere.iter().any(|it| helm.is_some_and(|helm| helm.get(it).is_some())) {
                    return None;
                }
                way.extend([key("helm"), key("valuesObject")]);
                driver(way, helm.and_then(|helm| helm.get("valuesObject")))
            }
            _ => None,
        }
    }

    fn value(&self, path: &[&str]) -> Option<&'a Value> {
        path.iter().try_fold(self.values?, |value, key| value.get(key))
    }

    /// Returns where a value stands, or would stand.
    fn place(&self, world: &dyn World, path: &[&str]) -> Place {
        let path = path.iter().map(|key| Step::Key((*key).to_owned()));
        let way: Vec<Step> = self.way.iter().cloned().chain(path).collect();
        place::of_field(world, self.object, &way)
    }
}

/// The driver is told to make no Secrets.
///
/// Classes with `secretObjects` count on Secrets that the driver makes of what it mounts, and it makes them with
/// `syncSecret.enabled` only: without, it may not write Secrets at all, and says nothing. Pods that read a variable
/// from such a Secret stay in `CreateContainerConfigError`.
fn r059_no_sync(classes: usize, place: Place) -> Diagnostic {
    let classes = match classes {
        1 => "1 SecretProviderClass asks".to_owned(),
        number => format!("{number} SecretProviderClasses ask"),
    };
    Diagnostic::error(code(59), "the Secrets Store CSI driver makes no Secrets")
        .at(place, format!("{classes} for them with `secretObjects`"))
        .hint("write `syncSecret: {enabled: true}`")
}

/// The driver asks for no token that Infisical takes.
///
/// The provider logs in with a token of the pod's service account, for the audience that the class names, or
/// `infisical`. The driver hands over only those that `tokenRequests` lists: without, every mount fails, and new
/// pods stay in `ContainerCreating`.
fn r060_no_audience(audience: &str, place: Place) -> Diagnostic {
    let message = format!("the Secrets Store CSI driver asks for no token for `{audience}`");
    Diagnostic::error(code(60), message)
        .at(place, "Infisical's provider could not log in")
        .hint(format!("add `- audience: {audience}` to `tokenRequests`"))
}
