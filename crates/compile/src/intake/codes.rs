//! The findings of intake: a file cannot be read, or is not what its schema says.
//!
//! One file for all of them: each is one kind of fault of the schema walk, and says no more than
//! that. The doc comment of each constructor is its page in `mainstay explain`.

use std::sync::Arc;

use text::{Code, Diagnostic, Place, Stage, nearest};
use yaml::{Error, Span};

use super::schema::{Fault, FaultKind, Form, Kind, Rule, RuleId, Schema, Type, words};

/// This file, from which `explain` takes its pages.
pub(crate) const SOURCE: &str = include_str!("codes.rs");

const fn code(number: u16) -> Code {
    Code::new(Stage::Intake, number)
}

/// The file that faults are about.
pub(crate) struct Source<'a> {
    pub(crate) file: &'a Arc<str>,
    pub(crate) text: &'a str,
    pub(crate) schema: &'static Schema,
    pub(crate) kind: Kind,
}

impl Source<'_> {
    fn place(&self, span: Span) -> Place {
        Place::new(self.file, span.range())
    }

    /// Returns the place of a value; of a map or list only its first sign.
    fn start(&self, span: Span) -> Place {
        let written = self.written(span);
        let first = written.chars().next().map_or(0, char::len_utf8);
        let end = match written.as_bytes().first() {
            Some(b'{' | b'[') => span.range().start + first,
            _ => span.range().start + written.find('\n').unwrap_or(written.len()),
        };
        Place::new(self.file, span.range().start..end)
    }

    fn written(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    fn rule(&self, id: RuleId) -> &'static Rule {
        &self.schema.rules[id]
    }

    /// Returns a name as it must be written in place of a key or text: quoted where that was.
    fn quoted_like(&self, span: Span, name: &str) -> String {
        match self.written(span).as_bytes().first() {
            Some(b'"') => format!("\"{name}\""),
            Some(b'\'') => format!("'{name}'"),
            _ => name.to_owned(),
        }
    }
}

/// Puts a fault into words.
pub(crate) fn diagnostic(fault: &Fault, source: &Source<'_>) -> Diagnostic {
    match &fault.kind {
        FaultKind::UnknownField { name, rule } => i002_unknown(fault, name, *rule, source),
        FaultKind::WrongType { wanted, found, .. } => i003_type(fault, wanted, found, source),
        FaultKind::MissingField { name, rule, because } => {
            i004_missing(fault, name, *rule, because.as_deref(), source)
        }
        FaultKind::NotAllowed { allowed } => i005_value(fault, allowed, source),
        FaultKind::Form(form) => i006_form(fault, form, source),
        FaultKind::NotYet { meanwhile } => i007_not_yet(fault, meanwhile, source),
        FaultKind::DuplicateKey { first } => i008_twice(fault, *first, source),
        FaultKind::ExactlyOne { names, present } => i009_exactly_one(fault, names, present, source),
        FaultKind::AtLeastOne { names } => i009_exactly_one(fault, names, &[], source),
        FaultKind::Excludes { names } => i009_exactly_one(fault, names, names, source),
        FaultKind::DuplicateItem { first } => i010_item_twice(fault, *first, source),
        FaultKind::KeyForm(form) => i011_key(fault, form, source),
        FaultKind::KeyType => i011_key_type(fault, source),
        FaultKind::Unprintable { letter } => i015_unprintable(fault, *letter, source),
    }
}

/// A file cannot be read.
///
/// `deployed_apps.json` must be JSON, `mainstay.yaml` and `config/app-config.yaml` YAML. The place
/// is where reading stopped; what is wrong often stands a little before it: a comma, a quote or a
/// bracket that is missing, or in YAML a line that is not indented like its neighbours, or a tab.
///
/// Nothing is written while a file cannot be read.
pub(crate) fn i001_json(error: &Error, file: &Arc<str>, text: &str) -> Diagnostic {
    syntax(error, file, text, "JSON")
}

pub(crate) fn i001_yaml(error: &Error, file: &Arc<str>, text: &str) -> Diagnostic {
    syntax(error, file, text, "YAML")
}

pub(crate) fn i001_yaml_as_json(file: &Arc<str>, text: &str) -> Diagnostic {
    let start = text.len() - text.trim_start().len();
    let end =
        text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| start + at);
    Diagnostic::error(code(1), "this is not JSON: it looks like YAML")
        .at(Place::new(file, start..end), "")
        .hint("give the file a name that ends with `.yaml`, or write JSON")
}

fn syntax(error: &Error, file: &Arc<str>, text: &str, language: &str) -> Diagnostic {
    let at = error.offset.min(text.len());
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let end = at + usize::from(!rest.is_empty() && rest.first() != Some(&b'\n'));
    // A point at the very beginning would mean the file as a whole.
    let place = Place::new(file, at..end.max(1).max(at));
    Diagnostic::error(code(1), format!("this is not {language}: {}", error.message))
        .at(place, "here")
}

/// A field has a name that mainstay does not know.
///
/// Unknown fields are errors and never ignored, because a misspelled `replica: 3` would otherwise
/// quietly run one pod. Field names are case-sensitive.
///
/// Type the name that is proposed, or look the field up in `docs/payload.md` and `docs/spec.md`.
fn i002_unknown(fault: &Fault, name: &str, rule: RuleId, source: &Source<'_>) -> Diagnostic {
    let known = source.rule(rule);
    let place = source.place(fault.span);
    let mut found = Diagnostic::error(code(2), format!("unknown field `{}`", printable(name)));
    let parent = fault.field.strip_suffix(name).unwrap_or_default().trim_end_matches('.');
    let label = match parent {
        "" => "not a field of this file".to_owned(),
        parent => format!("not a field of {}", field(parent)),
    };
    found = found.at(place.clone(), label);
    if let Some(instead) = known.instead.get(name) {
        found = found.hint(format!("write `{instead}` instead"));
        if known.properties.contains_key(instead) {
            found = found.patch(place, source.quoted_like(fault.span, instead));
        }
        return found;
    }
    if let Some(meant) = nearest(name, known.properties.keys().map(String::as_str)) {
        let replacement = source.quoted_like(fault.span, meant);
        return found.hint(format!("did you mean `{meant}`?")).patch(place, replacement);
    }
    // The instead-names are known too, misspelled: `enviroment` for `environment` for `env`.
    if let Some(meant) = nearest(name, known.instead.keys().map(String::as_str)) {
        return found.hint(format!("did you mean `{}`?", known.instead[meant]));
    }
    let fields: Vec<String> = known.properties.keys().map(|name| format!("`{name}`")).collect();
    if fields.is_empty() {
        return found.hint("nothing can be written here");
    }
    let more = fields.len().saturating_sub(12);
    let shown = words::all_of(fields.get(..fields.len().min(12)).unwrap_or_default());
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    found.hint(format!("the fields are {shown}{more}"))
}

/// A value has the wrong type.
///
/// The message says what is wanted and what is there. In JSON, texts stand in double quotes and
/// numbers, `true` and `false` do not. In YAML, quotes make a text of something that would be read
/// as a number: a version such as `"1.10"` needs them, or it would become 1.1.
fn i003_type(fault: &Fault, wanted: &[Type], found: &str, source: &Source<'_>) -> Diagnostic {
    let mut unique: Vec<&str> = Vec::new();
    for &wanted in wanted {
        let word = words::a_type(wanted);
        if !unique.contains(&word) {
            unique.push(word);
        }
    }
    let place = source.start(fault.span);
    let is_nothing = found == "null" && source.written(fault.span).is_empty();
    let what = if fault.field.is_empty() { "the file".to_owned() } else { field(&fault.field) };
    let message = if is_nothing {
        format!("{what} has no value")
    } else {
        let written = source.written(fault.span);
        let found = match found == "number" && wanted.contains(&Type::Integer) {
            true => format!("`{}`", printable(written)),
            false => words::a_found(found).to_owned(),
        };
        format!("{what} must be {}, not {found}", words::any_of(&unique))
    };
    let mut diagnostic = Diagnostic::error(code(3), message)
        .at(place, format!("{} is wanted", words::any_of(&unique)));
    let written = source.written(fault.span);
    let bare = written.trim_matches(['"', '\'']);
    let is_wanted = |kind| wanted.contains(&kind);
    let meant = if matches!(found, "number" | "boolean") && is_wanted(Type::String) {
        Some(format!("\"{written}\""))
    } else if found == "string" && is_scalar_of(bare, wanted) {
        Some(bare.to_owned())
    } else if is_wanted(Type::Array) && found == "string" && !written.contains('\n') {
        Some(format!("[{written}]"))
    } else {
        None
    };
    if let Some(meant) = meant {
        diagnostic =
            diagnostic.hint(format!("write `{meant}`")).patch(source.place(fault.span), meant);
    } else if is_nothing {
        diagnostic = diagnostic.hint("give it a value, or leave the field out");
    }
    diagnostic
}

/// A field that must be there is missing.
///
/// Only few fields have no default: the `image` of an app, name, repository, domain and
/// environments of a platform, and what cannot be guessed inside of optional parts.
fn i004_missing(
    fault: &Fault,
    name: &str,
    rule: RuleId,
    because: Option<&str>,
    source: &Source<'_>,
) -> Diagnostic {
    let of = if fault.field.is_empty() { "the file".to_owned() } else { field(&fault.field) };
    let message = format!("{of} has no `{name}`");
    let label = match because {
        Some(because) => format!("`{because}` needs `{name}` beside it"),
        None => format!("`{name}` is missing here"),
    };
    let mut found = Diagnostic::error(code(4), message).at(source.start(fault.span), label);
    if let Some(&property) = source.rule(rule).properties.get(name) {
        let description = first_sentence(&source.rule(property).description);
        if !description.is_empty() {
            found = found.hint(format!("`{name}`: {description}"));
        }
    }
    if let Some(example) = minimum(name, source.kind) {
        found = found.hint(format!("write {example}"));
    }
    found
}

/// Returns what to type for the fields that every file must have.
fn minimum(name: &str, kind: Kind) -> Option<&'static str> {
    Some(match (kind, name) {
        (Kind::Spec, "apiVersion") => "`apiVersion: mainstay/v1`",
        (Kind::Spec, "kind") => "`kind: Platform`",
        (Kind::Spec, "metadata") => "`metadata: {name: shop}`",
        (Kind::Spec, "repo") => "`repo: {url: https://github.com/acme/shop-gitops}`",
        (Kind::Spec, "domain") => "`domain: shop.example.com`",
        (Kind::Spec, "environments") => "`environments: [dev, test, prod]`",
        (Kind::Payload, "image") => "`\"image\": \"ghcr.io/acme/web:1.4.2\"`",
        (Kind::Payload, "version") => "`\"version\": 1`",
        (Kind::AppConfig, "version") => "`version: 1`",
        _ => return None,
    })
}

/// A value is none of those that are allowed.
///
/// The message lists them. They are case-sensitive.
fn i005_value(fault: &Fault, allowed: &[String], source: &Source<'_>) -> Diagnostic {
    let place = source.start(fault.span);
    let quoted: Vec<String> = allowed.iter().map(|value| format!("`{value}`")).collect();
    let what = if fault.field.is_empty() { "the value".to_owned() } else { field(&fault.field) };
    let mut found =
        Diagnostic::error(code(5), format!("{what} must be {}", words::any_of(&quoted)))
            .at(place.clone(), "");
    let written = source.written(fault.span).trim_matches(['"', '\'']);
    let meant = match allowed {
        [only] => Some(only.as_str()),
        _ => nearest(written, allowed.iter().map(String::as_str)).or_else(|| {
            // A part of a name that only one value has, as `nginx` of `ingress-nginx`.
            let mut with =
                allowed.iter().filter(|value| written.len() > 2 && value.contains(written));
            with.next().filter(|_| with.next().is_none()).map(String::as_str)
        }),
    };
    if let Some(meant) = meant {
        let replacement = source.quoted_like(fault.span, meant);
        if allowed.len() > 1 {
            found = found.hint(format!("did you mean `{meant}`?"));
        }
        found = found.patch(source.place(fault.span), replacement);
    }
    found
}

/// A value has the right type but not the right form: a text that does not match its rule, a number
/// out of range, a list with too few or too many items.
///
/// The message says the rule in words, the hint gives an example that is in form.
fn i006_form(fault: &Fault, form: &Form, source: &Source<'_>) -> Diagnostic {
    let what = if fault.field.is_empty() { "the value".to_owned() } else { field(&fault.field) };
    let mut found = Diagnostic::error(code(6), format!("{what} {}", words::form(form)))
        .at(source.start(fault.span), "");
    if let Some(mended) = mended(form, source.written(fault.span)) {
        let replacement = source.quoted_like(fault.span, &mended);
        found =
            found.hint(format!("write `{mended}`")).patch(source.place(fault.span), replacement);
    } else if let Some(example) = words::example(form) {
        found = found.hint(format!("for example `{example}`"));
    }
    found
}

/// Returns what was meant by a few common slips.
fn mended(form: &Form, written: &str) -> Option<String> {
    let Form::Pattern(pattern) = form else { return None };
    let bare = written.trim_matches(['"', '\'']);
    let rule = regex::Regex::new(pattern).ok()?;
    let lower = bare.to_ascii_lowercase();
    let without_scheme = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"))
        .map(|rest| rest.split('/').next().unwrap_or_default().to_owned());
    let memory = bare.strip_suffix("iB").map(|amount| format!("{amount}i"));
    let memory = memory.or_else(|| bare.strip_suffix('B').map(str::to_owned));
    let image = bare.split_once("://").map(|(_, rest)| rest.to_owned());
    let label: String = lower.replace(['_', ' ', '.'], "-");
    let without_dot = lower.strip_suffix('.').map(str::to_owned);
    let slash = Some(format!("/{bare}"));
    let host = Some(lower.replace(['_', ' '], "-"));
    let candidates =
        [without_scheme, without_dot, memory, image, Some(lower), host, Some(label), slash];
    candidates
        .into_iter()
        .flatten()
        .find(|candidate| !candidate.is_empty() && candidate != bare && rule.is_match(candidate))
}

/// A key or value belongs to a part of mainstay that is not built yet.
///
/// The shape of `mainstay.yaml` is settled as a whole, so that a spec written today stays valid.
/// What is not built answers with this error and is never ignored. The hint says what to do
/// meanwhile.
fn i007_not_yet(fault: &Fault, meanwhile: &str, source: &Source<'_>) -> Diagnostic {
    let what = if fault.field.is_empty() { "this".to_owned() } else { field(&fault.field) };
    let place = source.start(fault.span);
    let mut message = format!("{what} is not supported yet");
    let written = source.written(fault.span);
    let is_value = !written.is_empty() && !written.contains(['\n', '{', '[']);
    if is_value {
        message =
            format!("{what}: `{}` is not supported yet", printable(written.trim_matches('"')));
    }
    Diagnostic::error(code(7), message).at(place, "").hint(meanwhile)
}

/// A key stands twice in one map.
///
/// Readers of JSON and YAML disagree on what that means: some take the first value, some the last,
/// some refuse. Remove one of the two.
fn i008_twice(fault: &Fault, first: Span, source: &Source<'_>) -> Diagnostic {
    let written = source.written(fault.span).trim_matches(['"', '\'']);
    Diagnostic::error(code(8), format!("key `{}` stands twice", printable(written)))
        .at(source.place(fault.span), "second")
        .also(source.place(first), "first")
        .hint("remove one of the two")
}

/// Fields exclude one another, or one of several is needed.
///
/// Some fields are two spellings of one thing, such as `port` and `ports` or `fqdn` and `hosts`:
/// only one of them can be written. Others are alternatives of which exactly one must be written,
/// such as the `httpGet`, `tcpSocket`, `exec` or `grpc` of a probe.
fn i009_exactly_one(
    fault: &Fault,
    names: &[String],
    present: &[String],
    source: &Source<'_>,
) -> Diagnostic {
    let quoted = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| format!("`{name}`")).collect()
    };
    let of = if fault.field.is_empty() { "the file".to_owned() } else { field(&fault.field) };
    let place = source.start(fault.span);
    if present.len() > 1 {
        let message =
            format!("{of} has {}, but only one of them can be", words::all_of(&quoted(present)));
        return Diagnostic::error(code(9), message)
            .at(place, "")
            .hint(format!("keep {} and remove the rest", words::any_of(&quoted(present))));
    }
    Diagnostic::error(code(9), format!("{of} needs one of {}", words::all_of(&quoted(names))))
        .at(place, "")
}

/// An item stands twice in a list whose items must differ.
///
/// Remove one of the two.
fn i010_item_twice(fault: &Fault, first: Span, source: &Source<'_>) -> Diagnostic {
    let message = format!("an item of {} stands twice", field(&fault.field));
    Diagnostic::error(code(10), message)
        .at(source.start(fault.span), "second")
        .also(source.start(first), "first")
        .hint("remove one of the two")
}

/// A key is out of form.
///
/// Environment variables are letters, digits and `_`; environments are DNS labels; labels below
/// `app.kubernetes.io/` and `helm.sh/` belong to the chart.
fn i011_key(fault: &Fault, form: &Form, source: &Source<'_>) -> Diagnostic {
    let written = source.written(fault.span).trim_matches(['"', '\'']);
    let message = format!("key `{}` {}", printable(written), words::form(form));
    let mut found = Diagnostic::error(code(11), message).at(source.place(fault.span), "");
    if let Some(example) = words::example(form) {
        found = found.hint(format!("for example `{example}`"));
    }
    found
}

fn i011_key_type(fault: &Fault, source: &Source<'_>) -> Diagnostic {
    Diagnostic::error(code(11), "a key must be a text")
        .at(source.start(fault.span), "")
        .hint("put it in quotes")
}

/// There are more findings than are shown.
///
/// The first hundred are; mend those and run again.
pub(crate) fn i012_more(more: usize) -> Diagnostic {
    Diagnostic::error(code(12), format!("and {more} more findings"))
        .hint("mend those above and run again")
}

/// Returns how many findings a finding stands for, where it says that there are more.
pub(crate) fn more_of(diagnostic: &Diagnostic) -> Option<usize> {
    let is_it = diagnostic.code == code(12);
    is_it.then(|| diagnostic.message.split(' ').nth(1)?.parse().ok())?
}

/// A YAML file has more than one document.
///
/// Only one is read, so a second one (after a line `---`) would be ignored. Put each platform into
/// a file of its own.
pub(crate) fn i013_documents(second: Place) -> Diagnostic {
    Diagnostic::error(code(13), "the file has more than one document")
        .at(second, "the second one begins here")
        .hint("remove the line `---` and what does not belong to this file")
}

/// A file is empty.
///
/// A payload without apps is `[]`; the shortest spec is the one that `mainstay new` writes.
pub(crate) fn i014_empty(file: &Arc<str>) -> Diagnostic {
    Diagnostic::error(code(14), "the file is empty").at(Place::of_file(file), "")
}

/// A text has a NUL or another letter in it that YAML cannot hold.
///
/// No program can be given a NUL: environment, arguments and file names end there. Of DEL, U+0080 to
/// U+009F, U+FFFE and U+FFFF, Helm's `toYaml` makes nothing at all, or a space. They often come from a
/// broken conversion of the file. Remove them.
fn i015_unprintable(fault: &Fault, letter: char, source: &Source<'_>) -> Diagnostic {
    let (what, written) = match letter {
        '\0' => ("a NUL".to_owned(), "\\u0000".to_owned()),
        other => {
            let number = u32::from(other);
            (format!("U+{number:04X}"), format!("\\u{number:04x}"))
        }
    };
    Diagnostic::error(code(15), format!("a text has {what} in it"))
        .at(source.start(fault.span), "")
        .hint(format!("remove the `{written}`"))
}

/// Returns a field's path as it is shown.
fn field(path: &str) -> String {
    // The short form of the payload is the list of apps itself.
    let apps = if path.starts_with('[') { "apps" } else { "" };
    format!("`{apps}{}`", printable(path))
}

/// Returns a text without characters that would disturb a terminal, and not too long.
pub(crate) fn printable(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(80)
        .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
        .collect();
    if text.chars().nth(80).is_some() {
        shown.push('…');
    }
    shown
}

fn first_sentence(description: &str) -> &str {
    description.split(". ").next().unwrap_or_default().trim_end_matches('.')
}

/// Whether a text without its quotes would be what is wanted.
fn is_scalar_of(bare: &str, wanted: &[Type]) -> bool {
    wanted.iter().any(|wanted| match wanted {
        Type::Integer | Type::Number => is_number(bare),
        Type::Boolean => matches!(bare, "true" | "false"),
        Type::Object | Type::Array | Type::String | Type::Null => false,
    })
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.'))
}
