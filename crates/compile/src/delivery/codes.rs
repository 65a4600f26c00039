//! The findings of delivery. They are one family, so they share a file; `check::codes` lists their pages.

use manifest::{Identity, Object};
use text::{Code, Diagnostic, Place, Stage};

use super::registry::without_secrets;
use crate::intake::printable;

const fn code(number: u16) -> Code {
    Code::new(Stage::Delivery, number)
}

/// Applications lead to each other without end.
///
/// One application delivers ever new ones; what lies behind them is not read. Applications that deliver
/// each other in a circle have an end, and so has a set that delivers itself.
pub(crate) fn d090_endless(place: Option<Place>, reason: &str) -> Diagnostic {
    let found = Diagnostic::error(code(90), format!("{reason}: the rest is not followed"));
    let found = match place {
        Some(place) => found.at(place, ""),
        None => found,
    };
    found.hint("look for a source that delivers an application with another name each time")
}

/// A file with delivery objects cannot be read.
///
/// It is no YAML, or no UTF-8, so that nothing in it is deployed: its other objects are not either. That it
/// holds delivery objects is known from its lines that begin with `apiVersion`. A template for another
/// program is a warning.
pub(crate) fn d091_unreadable(place: Place, reason: &str) -> Diagnostic {
    Diagnostic::error(code(91), format!("the file cannot be read: {reason}"))
        .at(place, "")
        .hint("mend this place: until then none of the file's objects is there")
}

/// An ApplicationSet names a parameter that none of its generators gives.
///
/// Without `goTemplate` the text `{{name}}` stays as it is, and an Application of that name is made;
/// with it the value is `<no value>`, or the whole set stops under `missingkey=error`. A pull request's
/// parameters are `number`, `head_sha`, `head_short_sha` (eight digits) and the like, without anything
/// in front. A word without a dot is a function to a Go template: `{{pull_request.number}}` cannot be read
/// there, and the set makes nothing.
pub(crate) fn d001_unknown_parameter(
    name: &str,
    meant: Option<&str>,
    go: bool,
    place: Place,
) -> Diagnostic {
    let found = Diagnostic::error(
        code(1),
        format!("no generator of this ApplicationSet gives `{}`", printable(name)),
    )
    .at(place, "");
    match meant {
        Some(meant) => found.hint(format!("write `{}`", written(meant, go))),
        None => found.hint("name a parameter of its generators, or add this one to them"),
    }
}

/// A parameter is written as the other kind of templating wants it.
///
/// With `goTemplate: true` a parameter has a dot in front, without it has none.
pub(crate) fn d002_other_templating(name: &str, go: bool, place: Place) -> Diagnostic {
    let because = if go { "with" } else { "without" };
    Diagnostic::error(code(2), format!("`{}` is not replaced like this", printable(name)))
        .at(place, "")
        .hint(format!("{because} `goTemplate: true` it is written `{}`", written(name, go)))
}

fn written(name: &str, go: bool) -> String {
    let dot = if go { "." } else { "" };
    format!("{{{{{dot}{name}}}}}")
}

/// An Application has no name, or one that no object may have.
///
/// The API server refuses it, so that it is not there at all. Where a template makes the name, a value
/// in it is empty or has other letters: `normalize` and `slugify` make names of texts.
pub(crate) fn d010_name(place: Place, name: &str, reason: &str) -> Diagnostic {
    let message = match name {
        "" => "an Application has no name".to_owned(),
        name => format!("no Application can be called `{}`: {reason}", printable(name)),
    };
    Diagnostic::error(code(10), message)
        .at(place, "")
        .hint("a name has lower-case letters, digits, `-` and `.`, and at most 253 of them")
}

/// The API server refuses a delivery object: a field has another type than it should have, or is missing.
///
/// The object is not there at all then. A template cannot stand where a number or truth value belongs.
pub(crate) fn d011_refused(place: Place, object: &Object, path: &str, reason: &str) -> Diagnostic {
    let (kind, name) = (object.kind(), printable(object.name()));
    Diagnostic::error(code(11), format!("{kind} `{name}` is refused: `{path}`: {reason}"))
        .at(place, "")
        .hint(match reason {
            "Required value" => "add it: without it the object is not there at all",
            _ => "write the type that the field has: until then the object is not there at all",
        })
}

/// Argo CD refuses to render an Application: its destination or its sources make no sense.
///
/// It says so in a condition of the Application (`InvalidSpecError`) and applies nothing.
pub(crate) fn d012_invalid(place: Place, application: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(code(12), format!("application `{application}` is invalid: {reason}"))
        .at(place, "")
        .hint("mend this field: Argo CD applies nothing of it until then")
}

/// The source of an Application cannot be rendered: the engine's own words say why.
///
/// Argo CD fails in the same way (`ComparisonError`) and applies nothing of the Application, its other
/// sources included.
pub(crate) fn d013_failed(
    place: Place,
    application: &str,
    source: &str,
    reason: &str,
) -> Diagnostic {
    Diagnostic::error(code(13), format!("`{source}` cannot be rendered: {}", reason.trim_end()))
        .at(place, format!("for application `{application}`"))
        .hint("Argo CD would say the same, and keep what it applied before")
}

/// The path of a source is not in its repository.
pub(crate) fn d014_no_such_path(place: Place, application: &str, path: &str) -> Diagnostic {
    Diagnostic::error(
        code(14),
        format!("application `{application}` points to `{path}`, which is not there"),
    )
    .at(place, "")
    .hint("`path` is relative to the top of the repository")
}

/// A value file begins with `$name`, and no source has that `ref`.
pub(crate) fn d015_no_such_reference(
    place: Place,
    application: &str,
    entry: &str,
    name: &str,
) -> Diagnostic {
    let message = format!(
        "application `{application}` reads `{entry}`, and no source of it is called `{name}`"
    );
    let name = name.trim_start_matches('$');
    Diagnostic::error(code(15), message)
        .at(place, "")
        .hint(format!("add `ref: {name}` to the one of `sources` that holds the file"))
}

/// A value file is missing, or is no file that Argo CD would read.
///
/// Value files are relative to the chart's folder; with a slash in front they are relative to the top of
/// the repository, and with `$name/` to the source that has `ref: name`. With one source there are no
/// references: `$name` is an empty variable then. The same holds for `path` of `fileParameters`.
pub(crate) fn d016_no_value_file(
    place: Place,
    application: &str,
    entry: &str,
    why: &str,
    remedy: &str,
) -> Diagnostic {
    Diagnostic::error(
        code(16),
        format!("application `{application}` reads `{entry}`, which cannot be read: {why}"),
    )
    .at(place, "")
    .hint(remedy)
}

/// An Application delivers one object several times.
///
/// Argo CD applies the last of them and warns (`RepeatedResourceWarning`). An object without a namespace
/// is the same as one with the namespace of the destination.
pub(crate) fn d017_repeated(
    place: Place,
    application: &str,
    identity: &Identity,
    times: usize,
) -> Diagnostic {
    Diagnostic::warning(
        code(17),
        format!(
            "application `{application}` delivers `{identity}` {times} times; the last one counts"
        ),
    )
    .at(place, "")
}

/// An Application delivers itself.
///
/// Argo CD accepts that, and then a change of its own description is applied by itself; a mistake in it
/// can only be mended by hand. Its objects are not followed again. Several may do so in a circle, and a set
/// through one of its Applications: then what one of them removes by mistake removes the others.
pub(crate) fn d018_itself(place: Place, application: &str) -> Diagnostic {
    Diagnostic::warning(code(18), format!("application `{application}` delivers itself"))
        .at(place, "")
        .hint("keep its file outside of the folder that it delivers, unless this is meant")
}

/// [`d018_itself`], for several that deliver each other: the last delivers the first.
pub(crate) fn each_other(names: &[String], places: &[Place]) -> Diagnostic {
    let first = names.first().cloned().unwrap_or_default();
    let way: Vec<String> =
        names.iter().chain([&first]).map(|name| format!("`{}`", printable(name))).collect();
    let message = format!("`{first}` delivers itself: {}", way.join(" → "));
    let mut found = Diagnostic::warning(code(18), message);
    for (number, place) in places.iter().enumerate() {
        found = match number {
            0 => found.at(place.clone(), ""),
            _ => found.also(place.clone(), "through this"),
        };
    }
    found.hint("keep its file outside of the folders that it leads to, unless this is meant")
}

/// A set of Applications cannot be generated: a generator fails.
///
/// Argo CD makes none of the Applications of the set then, and removes none.
pub(crate) fn d020_generator(place: Place, set: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(code(20), format!("set `{set}` generates nothing: {reason}"))
        .at(place, "")
        .hint("Argo CD neither makes nor removes an Application of the set until this is mended")
}

/// A template of a set of Applications fails.
///
/// Argo CD makes none of the Applications of the set then. Under `missingkey=error` a value that one
/// element of the generators does not have is enough.
pub(crate) fn d021_template(place: Place, set: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(code(21), format!("set `{set}` generates nothing: {reason}"))
        .at(place, "")
        .hint("give every element the value, or look first whether it is there: `{{ if hasKey . \"name\" }}`")
}

/// Two Applications, or two sets, have the same name in one place.
///
/// The cluster has one of them, the one that was applied last. A set that generates an Application of a name
/// that there is already takes it over, or fails, as it is whose. Those of different folders may be meant for
/// different clusters, and nothing is said about them.
pub(crate) fn d026_name_twice(place: Place, first: Place, what: &str) -> Diagnostic {
    Diagnostic::error(code(26), format!("there are two of {what}"))
        .at(place, "second")
        .also(first, "first")
        .hint("the cluster has the one that was applied last: rename one of them")
}

/// Two Applications of a set have the same name.
///
/// Argo CD makes neither of them. The names come from the template: put something into it that differs.
pub(crate) fn d022_same_name(place: Place, set: &str, name: &str, times: usize) -> Diagnostic {
    let message =
        format!("set `{set}` generates {times} applications called `{}`", printable(name));
    Diagnostic::error(code(22), message)
        .at(place, "")
        .hint("put what differs between them into the name of the template")
}

/// A set generates more Applications than can be meant.
///
/// None of them is rendered here.
pub(crate) fn d023_too_many(place: Place, set: &str, most: usize) -> Diagnostic {
    Diagnostic::error(code(23), format!("set `{set}` generates {most} applications or more"))
        .at(place, "")
        .hint("each of them is an object in the cluster: narrow the generators")
}

/// A generator asks something that is not here: a forge, a plugin, another controller.
///
/// What it would generate is not known, and nothing is said about it. Pull requests can be given as a
/// sample: `--pull-requests FILE`.
pub(crate) fn d024_unknown_generator(place: Place, set: &str, reason: &str) -> Diagnostic {
    Diagnostic::warning(code(24), format!("set `{set}` is opaque: {reason}"))
        .at(place, "")
        .hint("what only others know can be given: `--repo`, `--clusters`, `--pull-requests`")
}

/// The address of the repository itself is not known, so it is guessed.
///
/// Nothing says under which address delivery objects know this repository: it has no git remote, or no
/// source names it as its remote does, as in a fork, and none was named. Scheme, user and port of an address
/// do not matter.
pub(crate) fn d025_guessed(place: Place, address: &str, remote: Option<&str>) -> Diagnostic {
    let mut message = format!("`{}` is taken for this repository", without_secrets(address));
    if let Some(remote) = remote {
        let remote = without_secrets(remote);
        message.push_str(&format!(": no source names its remote `{remote}`"));
    }
    let address = without_secrets(address);
    Diagnostic::note(code(25), message)
        .at(place, "")
        .hint(format!("say so for good with `--repo {address}=.`, or in `.mainstay/delivery.yaml`"))
}

/// Two applications deliver one object.
///
/// Each of them would make it its own, in turn and for ever (Argo CD says `SharedResourceWarning`). Objects
/// are the same where kind, namespace and name are, in one cluster. Each pair of applications is said once.
pub(crate) fn d092_shared(
    place: Place,
    (application, other): (&str, &str),
    identities: &[Identity],
    there: Place,
) -> Diagnostic {
    let named: Vec<String> = identities.iter().take(3).map(|it| format!("`{it}`")).collect();
    let what = match identities.len() {
        1 => named.concat(),
        count if count > named.len() => {
            format!("{count} objects: {} and {} more", named.join(", "), count - named.len())
        }
        count => format!("{count} objects: {}", named.join(", ")),
    };
    let message = format!("applications `{other}` and `{application}` both deliver {what}");
    let them = if identities.len() == 1 { "it" } else { "them" };
    Diagnostic::warning(code(92), message)
        .at(place, "here")
        .also(there, "and here")
        .hint(format!("remove {them} from one of the two"))
}

/// A delivery object has a field that its kind does not have.
///
/// `kubectl apply` refuses it; where an engine applies it, the API server drops the field in silence, so
/// that what it should do is not done.
pub(crate) fn d093_unknown_field(
    place: Place,
    object: &Object,
    path: &str,
    near: Option<&str>,
) -> Diagnostic {
    let (kind, name) = (object.kind(), printable(object.name()));
    let message = format!("{kind} `{name}` has an unknown field `{}`", printable(path));
    let found = Diagnostic::warning(code(93), message).at(place, "");
    match near {
        Some(near) => found.hint(format!("did you mean `{near}`?")),
        None => found.hint("remove it: it has no effect"),
    }
}

/// A key stands twice in a delivery object.
///
/// The last one counts, and nothing says so: `kubectl apply` and the engines read it in this way.
pub(crate) fn d094_key_twice(place: Place, first: Place, key: &str) -> Diagnostic {
    Diagnostic::warning(
        code(94),
        format!("`{}` stands here twice; the last one counts", printable(key)),
    )
    .at(place, "this counts")
    .also(first, "this does not")
    .hint("remove one of the two")
}
