//! A spec with a customer's names in it: what the last dispatch said, what this one says, and what is there,
//! merged value by value.

use std::sync::Arc;

use text::{Diagnostic, Place};
use yaml::{Node, Schema, Value};

use super::said::{Said, name_of};
use super::{Dispatch, codes};
use crate::generate::merge::{self, Difference, OnConflict, Sides};

/// The spec's name in messages.
const SPEC: &str = "mainstay.yaml";
/// What stands for the customer's name in the address of a repository.
const CUSTOMER: &str = "{customer}";

/// What is known before a dispatch is worked in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before<'a> {
    /// What dispatches said last; `None` where that is not known.
    pub said: Option<&'a Said>,
    /// What to do where a person and the dispatch changed one value.
    pub on: OnBoth,
}

/// What to do where a person and the dispatch changed one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnBoth {
    /// It is a conflict.
    #[default]
    Report,
    /// The spec keeps what it has.
    Keep,
    /// The spec takes everything that the dispatch says.
    Take,
}

/// A spec with a dispatch worked in.
#[derive(Clone, Debug)]
pub struct Specialised {
    /// Its text.
    pub spec: String,
    /// What dispatches said last, for the next one.
    pub said: Said,
    /// What the dispatch changed in a customer's spec; empty where a base became a customer's.
    pub taken: Vec<Difference>,
    /// What a person changed there and stays.
    pub kept: Vec<Difference>,
}

/// Returns the spec with what the dispatch says, every other byte as it was.
///
/// A base takes everything. In a customer's spec a value changes only if the dispatch says otherwise than the
/// last one did, and nobody changed it meanwhile.
///
/// # Errors
/// The dispatch is for another customer, a person and the dispatch changed one value, or the spec is written so
/// that it cannot be changed safely. A spec that is no YAML is returned as it is: reading it says what is wrong.
pub fn specialise(
    spec: &str,
    dispatch: &Dispatch,
    before: Before<'_>,
) -> Result<Specialised, Vec<Diagnostic>> {
    let nothing = Said::default();
    let said = before.said.unwrap_or(&nothing);
    let Ok(root) = yaml::parse(spec, Schema::Core12) else {
        let (spec, said) = (spec.to_owned(), said.clone());
        return Ok(Specialised { spec, said, taken: Vec::new(), kept: Vec::new() });
    };
    let mut value = Value::from(&root);
    let handoff = take(&mut value, "spec", "handoff");
    let address = handoff.as_ref().and_then(|handoff| handoff.get("repository"));
    let address = address.and_then(Value::as_str);
    match address {
        Some(address) => {
            set(&mut value, &["metadata", "name"], &dispatch.customer);
            let address = address.replace(CUSTOMER, &dispatch.customer);
            set(&mut value, &["spec", "repo", "url"], &address);
        }
        None => {
            let node = root.get("metadata").and_then(|metadata| metadata.get("name"));
            let found = node.and_then(Node::as_str).unwrap_or_default();
            if found != dispatch.customer {
                let file: Arc<str> = Arc::from(SPEC);
                let span = node.map_or(0..0, |node| node.span.range());
                let at = dispatch.origin.place("customer");
                let spec = Place::new(&file, span);
                return Err(vec![codes::g140_customer(&dispatch.customer, found, at, spec)]);
            }
        }
    }
    let is_base = address.is_some();
    let mut work = Work {
        dispatch,
        root: &root,
        known: before.said,
        on: if is_base { OnBoth::Take } else { before.on },
        next: said.clone(),
        taken: Vec::new(),
        kept: Vec::new(),
        found: Vec::new(),
    };
    for (field, text) in dispatch.texts() {
        work.text(&mut value, &field, text);
    }
    work.environments(&mut value);
    if !work.found.is_empty() {
        return Err(work.found);
    }
    let Work { mut next, mut taken, mut kept, .. } = work;
    if is_base {
        // What the base says and the dispatch does not is known from here on, too.
        next = of_spec(&value);
        (taken, kept) = (Vec::new(), Vec::new());
    }
    let ours = yaml::to_string_go2(&value);
    let sides = Sides { base: spec, ours: &ours, theirs: spec };
    match merge::merge(SPEC, sides, OnConflict::Report) {
        Ok(merged) => Ok(Specialised { spec: merged.text, said: next, taken, kept }),
        Err(conflicts) => Err(conflicts
            .iter()
            .map(|conflict| {
                let at = Place::new(&Arc::from(SPEC), conflict.theirs.clone());
                codes::g141_no_place(&merge::display(&conflict.steps), at)
            })
            .collect()),
    }
}

/// Fields of a dispatch that are texts, and where the spec has them.
const TEXTS: &[(&str, &[&str])] = &[
    ("domain", &["spec", "domain"]),
    ("email", &["spec", "tls", "email"]),
    ("infisical.url", &["spec", "secrets", "infisical", "url"]),
    ("infisical.identityId", &["spec", "secrets", "infisical", "identityId"]),
    ("infisical.projectId", &["spec", "secrets", "infisical", "projectId"]),
];

const ENVIRONMENTS: &str = "spec.environments";

/// A dispatch that is being worked in.
struct Work<'a> {
    dispatch: &'a Dispatch,
    root: &'a Node,
    known: Option<&'a Said>,
    on: OnBoth,
    next: Said,
    taken: Vec<Difference>,
    kept: Vec<Difference>,
    found: Vec<Diagnostic>,
}

impl Work<'_> {
    /// Works in one text.
    fn text(&mut self, value: &mut Value, field: &str, wanted: &str) {
        let Some((_, path)) = TEXTS.iter().find(|(known, _)| *known == field) else { return };
        let node = path.iter().try_fold(self.root, |node, key| node.get(key));
        let found = node.and_then(Node::as_str);
        let last = self.known.and_then(|said| said.values.get(field)).map(String::as_str);
        self.next.values.insert(field.to_owned(), wanted.to_owned());
        if found == Some(wanted) {
            return;
        }
        let words = |text: Option<&str>| text.map(str::to_owned);
        let name = path.join(".");
        // What is there and is no text is a person's, too.
        let odd = found.is_none() && node.is_some_and(|node| !node.is_null());
        if self.on == OnBoth::Take || (last == found && !odd) {
            set(value, path, wanted);
            self.taken.push(Difference { path: name, from: words(found), to: words(Some(wanted)) });
        } else if self.on == OnBoth::Keep || last == Some(wanted) {
            self.kept.push(Difference { path: name, from: words(Some(wanted)), to: words(found) });
        } else {
            let at = self.dispatch.origin.place(field);
            let values = [found, Some(wanted), last];
            self.found.push(codes::g142_both(&name, values, at, self.place(path)));
        }
    }

    /// Lets the environments that are wanted stay as they are written, adds those that are new, and takes out
    /// those that the dispatch no longer names.
    fn environments(&mut self, value: &mut Value) {
        let wanted = &self.dispatch.environments;
        let Some(Value::Map(spec)) = map(value, "spec") else { return };
        if wanted.is_empty() {
            return;
        }
        // A spec without them has the default ones, until somebody says which.
        let there = match spec.get("environments") {
            Some(Value::List(items)) => items.clone(),
            _ => Vec::new(),
        };
        let last: &[Value] = match self.known {
            _ if self.on == OnBoth::Take => &there,
            Some(said) if !said.environments.is_empty() => &said.environments,
            // Nothing is known: what is there stays, what is missing comes.
            _ if self.on == OnBoth::Keep || there.iter().all(|item| is_one_of(item, wanted)) => &[],
            _ => {
                self.conflict_of_environments(&there, &[]);
                return;
            }
        };
        let (mut edited, mut result) = (Vec::new(), Vec::new());
        for item in &there {
            let Some(name) = name_of(item) else {
                result.push(item.clone());
                continue;
            };
            let before = last.iter().find(|other| name_of(other) == Some(name));
            if wanted.iter().any(|other| other == name) {
                result.push(item.clone());
            } else if before == Some(item) {
                self.taken.push(environment(Some(name), None));
            } else if before.is_none() || self.on == OnBoth::Keep {
                self.kept.push(environment(None, Some(name)));
                result.push(item.clone());
            } else {
                edited.push(item.clone());
            }
        }
        if !edited.is_empty() {
            self.conflict_of_environments(&edited, last);
        }
        let mut next = Vec::new();
        for name in wanted {
            let named = |items: &[Value]| {
                items.iter().find(|item| name_of(item) == Some(name.as_str())).cloned()
            };
            let plain = Value::String(name.clone());
            match (named(&there), named(last)) {
                (None, None) => {
                    self.taken.push(environment(None, Some(name)));
                    result.push(plain.clone());
                    next.push(plain);
                }
                (None, Some(before)) => {
                    self.kept.push(environment(Some(name), None));
                    next.push(before);
                }
                (Some(_), before) => next.push(before.unwrap_or(plain)),
            }
        }
        self.next.environments = next;
        if result != there {
            spec.insert("environments".to_owned(), Value::List(result));
        }
    }

    /// Reports environments of the spec that the dispatch no longer names, and that a person wrote something about.
    fn conflict_of_environments(&mut self, edited: &[Value], last: &[Value]) {
        let names =
            |items: &[Value]| items.iter().filter_map(name_of).collect::<Vec<_>>().join(", ");
        let (here, said) = (names(edited), self.dispatch.environments.join(", "));
        let before = names(last);
        let last = (!last.is_empty()).then_some(before.as_str());
        let at = self.dispatch.origin.place("environments");
        let spec = self.place(&["spec", "environments"]);
        let values = [Some(here.as_str()), Some(said.as_str()), last];
        self.found.push(codes::g142_both(ENVIRONMENTS, values, at, spec));
    }

    /// Returns the place of a value of the spec, or of the nearest parent.
    fn place(&self, path: &[&str]) -> Place {
        let mut node = self.root;
        let mut span = 0..0;
        for key in path {
            let Some((name, value)) = node.entry(key) else { break };
            (node, span) = (value, name.span.range());
        }
        // A text is pointed at itself, everything else by its key.
        let whole = path.iter().try_fold(self.root, |node, key| node.get(key));
        let text = whole.filter(|node| node.as_str().is_some());
        Place::new(&Arc::from(SPEC), text.map_or(span, |node| node.span.range()))
    }
}

fn is_one_of(item: &Value, names: &[String]) -> bool {
    name_of(item).is_none_or(|name| names.iter().any(|other| other == name))
}

fn environment(from: Option<&str>, to: Option<&str>) -> Difference {
    let words = |name: Option<&str>| name.map(str::to_owned);
    Difference { path: ENVIRONMENTS.to_owned(), from: words(from), to: words(to) }
}

/// Returns what a spec says of what a dispatch may say.
fn of_spec(spec: &Value) -> Said {
    let at = |path: &[&str]| path.iter().try_fold(spec, |value, key| value.get(key));
    let texts = TEXTS
        .iter()
        .filter_map(|(field, path)| Some(((*field).to_owned(), at(path)?.as_str()?.to_owned())));
    let environments = match at(&["spec", "environments"]) {
        Some(Value::List(items)) => {
            items.iter().filter(|item| name_of(item).is_some()).cloned().collect()
        }
        _ => Vec::new(),
    };
    Said { values: texts.collect(), environments }
}

fn map<'v>(value: &'v mut Value, key: &str) -> Option<&'v mut Value> {
    match value {
        Value::Map(entries) => entries.get_mut(key),
        _ => None,
    }
}

fn take(value: &mut Value, section: &str, key: &str) -> Option<Value> {
    match map(value, section)? {
        Value::Map(entries) => entries.shift_remove(key),
        _ => None,
    }
}

/// Sets a text; sections on the way are made where they are missing.
fn set(value: &mut Value, path: &[&str], text: &str) {
    let Value::Map(entries) = value else { return };
    match path {
        [] => {}
        [key] => {
            entries.insert((*key).to_owned(), Value::String(text.to_owned()));
        }
        [key, rest @ ..] => {
            let section = entries.entry((*key).to_owned());
            set(section.or_insert_with(|| Value::Map(Default::default())), rest, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::Sources;

    fn dispatch(text: &str) -> Dispatch {
        let text =
            format!(r#"{{"version": 1, "deployed_apps": [], "domain": "acme.example", {text}}}"#);
        let (mut sources, mut found) = (Sources::new(), Vec::new());
        super::super::read(("dispatch.json", &text), &mut sources, &mut found).unwrap()
    }

    fn first(spec: &str, dispatch: &Dispatch) -> String {
        specialise(spec, dispatch, Before::default()).unwrap().spec
    }

    const BASE: &str = "# The base.\nmetadata: {name: base}   # whose\nspec:\n  domain: example.com\n  repo:\n    url: https://h/base   # here\n\n  # Where customers are.\n  handoff:\n    repository: \"https://h/{customer}-gitops\"\n\n  tls: {email: a@b.example}\n  environments: [dev, test, prod]\n";

    #[test]
    fn a_base_becomes_a_customers() {
        let dispatch = dispatch(r#""customer": "acme", "environments": ["prod", "qa"]"#);
        let spec = first(BASE, &dispatch);
        assert_eq!(
            spec,
            "# The base.\nmetadata: {name: acme}   # whose\nspec:\n  domain: acme.example\n  repo:\n    url: https://h/acme-gitops   # here\n\n  tls: {email: a@b.example}\n  environments: [prod, qa]\n"
        );
        assert_eq!(first(&spec, &dispatch), spec);
    }

    #[test]
    fn a_customers_repository_takes_no_other_customer() {
        let spec = first(BASE, &dispatch(r#""customer": "acme""#));
        let other = dispatch(r#""customer": "other""#);
        let found = specialise(&spec, &other, Before::default()).unwrap_err();
        assert_eq!(found[0].code.to_string(), "G140");
    }

    #[test]
    fn a_value_that_is_used_elsewhere_is_not_changed() {
        let spec = BASE.replace("domain: example.com", "domain: &domain example.com")
            + "  registry: {repository: *domain}\n";
        let acme = dispatch(r#""customer": "acme""#);
        let found = specialise(&spec, &acme, Before::default()).unwrap_err();
        assert_eq!(found[0].code.to_string(), "G141");
    }

    /// Each row: what a person did to the spec, what the second dispatch says, what becomes of the line, and how
    /// many values were taken and kept; nothing where it is a conflict.
    #[test]
    fn a_later_dispatch_changes_what_it_changed_itself() {
        let one =
            r#""customer": "acme", "email": "a@acme.example", "environments": ["test", "prod"]"#;
        let first = specialise(BASE, &dispatch(one), Before::default()).unwrap();
        let (email, list) = ("tls: {email: a@acme.example}", "environments: [test, prod]");
        let (by_hand, more) =
            ("tls: {email: me@acme.example}", "environments: [test, staging, prod]");
        let described = "environments: [{name: test, cluster: a}, prod]";
        type Row<'a> = (&'a str, &'a str, &'a str, &'a str, Option<(&'a str, usize, usize)>);
        let rows: &[Row<'_>] = &[
            (email, email, "", "", Some((email, 0, 0))),
            (email, by_hand, "", "", Some((by_hand, 0, 1))),
            (email, email, "a@acme", "b@acme", Some(("tls: {email: b@acme.example}", 1, 0))),
            (email, by_hand, "a@acme", "b@acme", None),
            (email, "tls: {email: b@acme.example}", "a@acme", "b@acme", Some(("b@acme", 0, 0))),
            (email, "tls: {}", "", "", Some(("tls: {}", 0, 1))),
            (email, "tls: {}", "a@acme", "b@acme", None),
            (email, by_hand, r#""email": "a@acme.example", "#, "", Some((by_hand, 0, 0))),
            (list, more, "", "", Some((more, 0, 1))),
            (list, more, r#""test", "#, "", Some(("environments: [staging, prod]", 1, 1))),
            (
                list,
                more,
                r#""prod"]"#,
                r#""prod", "qa"]"#,
                Some(("[test, staging, prod, qa]", 1, 1)),
            ),
            (list, "environments: [test]", "", "", Some(("environments: [test]", 0, 1))),
            (list, "environments: [prod]", r#""test", "#, "", Some(("environments: [prod]", 0, 0))),
            (list, described, "", "", Some((described, 0, 0))),
            (list, described, r#""test", "#, "", None),
            (email, "tls: {email: [me]}", "", "", Some(("tls: {email: [me]}", 0, 1))),
        ];
        for (was, is, from, to, want) in rows {
            let spec = first.spec.replace(was, is);
            let two = dispatch(&one.replace(from, to));
            let before = Before { said: Some(&first.said), on: OnBoth::Report };
            let words = format!("{was} → {is}, {from:?} → {to:?}");
            match (specialise(&spec, &two, before), want) {
                (Ok(it), Some((line, taken, kept))) => {
                    assert!(it.spec.contains(line), "{words}: {}", it.spec);
                    assert_eq!((it.taken.len(), it.kept.len()), (*taken, *kept), "{words}");
                }
                (Err(found), None) => assert_eq!(found[0].code.to_string(), "G142", "{words}"),
                (it, _) => panic!("{words}: {it:?}"),
            }
            let taken = specialise(&spec, &two, Before { on: OnBoth::Take, ..before }).unwrap();
            let all = specialise(&taken.spec, &two, before).unwrap();
            assert_eq!((all.taken.len(), all.kept.len()), (0, 0), "{words}: all of it is taken");
            let keeps = Before { on: OnBoth::Keep, ..before };
            let kept = specialise(&spec, &two, keeps).unwrap();
            let again = Before { said: Some(&kept.said), on: OnBoth::Report };
            assert_eq!(
                specialise(&kept.spec, &two, again).unwrap().spec,
                kept.spec,
                "{words}: asked once"
            );
        }
    }

    #[test]
    fn a_spec_without_environments_takes_those_of_the_dispatch() {
        let base = BASE.replace("  environments: [dev, test, prod]\n", "");
        let spec = first(&base, &dispatch(r#""customer": "acme", "environments": ["prod", "qa"]"#));
        assert!(spec.contains("\n  environments:\n  - prod\n  - qa\n"), "{spec}");
    }

    #[test]
    fn without_a_record_what_differs_is_asked_for() {
        let one = r#""customer": "acme", "environments": ["prod"]"#;
        let spec = first(BASE, &dispatch(one));
        let same = specialise(&spec, &dispatch(one), Before::default()).unwrap();
        assert_eq!(same.spec, spec);
        let spec = spec.replace("[prod]", "[prod, staging]").replace("domain: acme", "domain: a");
        let found = specialise(&spec, &dispatch(one), Before::default()).unwrap_err();
        let codes: Vec<String> = found.iter().map(|found| found.code.to_string()).collect();
        assert_eq!(codes, ["G142", "G142"]);
    }
}
