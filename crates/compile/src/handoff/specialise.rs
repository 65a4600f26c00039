//! A spec with a customer's names in it.

use std::sync::Arc;

use text::{Diagnostic, Place};
use yaml::{Schema, Value};

use super::{Dispatch, codes};
use crate::generate::merge::{self, OnConflict, Sides};

/// The spec's name in messages.
const SPEC: &str = "mainstay.yaml";
/// What stands for the customer's name in the address of a repository.
const CUSTOMER: &str = "{customer}";

/// Returns the spec with what the dispatch says, every other byte as it was.
///
/// # Errors
/// The dispatch is for another customer, or the spec is written so that it cannot be changed safely. A
/// spec that is no YAML is returned as it is: reading it says what is wrong.
pub fn specialise(spec: &str, dispatch: &Dispatch) -> Result<String, Vec<Diagnostic>> {
    let Ok(root) = yaml::parse(spec, Schema::Core12) else { return Ok(spec.to_owned()) };
    let mut value = Value::from(&root);
    let handoff = take(&mut value, "spec", "handoff");
    match handoff.as_ref().and_then(|handoff| handoff.get("repository")).and_then(Value::as_str) {
        Some(address) => {
            set(&mut value, &["metadata", "name"], &dispatch.customer);
            let address = address.replace(CUSTOMER, &dispatch.customer);
            set(&mut value, &["spec", "repo", "url"], &address);
        }
        None => {
            let node = root.get("metadata").and_then(|metadata| metadata.get("name"));
            let found = node.and_then(yaml::Node::as_str).unwrap_or_default();
            if found != dispatch.customer {
                let file: Arc<str> = Arc::from(SPEC);
                let span = node.map_or(0..0, |node| node.span.range());
                let at = dispatch.origin.place("customer");
                let spec = Place::new(&file, span);
                return Err(vec![codes::g140_customer(&dispatch.customer, found, at, spec)]);
            }
        }
    }
    set(&mut value, &["spec", "domain"], &dispatch.domain);
    if let Some(email) = &dispatch.email {
        set(&mut value, &["spec", "tls", "email"], email);
    }
    for (key, text) in &dispatch.infisical {
        set(&mut value, &["spec", "secrets", "infisical", key], text);
    }
    environments(&mut value, &dispatch.environments);
    let ours = yaml::to_string_go2(&value);
    let sides = Sides { base: spec, ours: &ours, theirs: spec };
    match merge::merge(SPEC, sides, OnConflict::Report) {
        Ok(merged) => Ok(merged.text),
        Err(conflicts) => Err(conflicts
            .iter()
            .map(|conflict| {
                let at = Place::new(&Arc::from(SPEC), conflict.theirs.clone());
                codes::g141_no_place(&merge::display(&conflict.steps), at)
            })
            .collect()),
    }
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

/// Lets the environments that are wanted stay as they are written, and adds those that are missing.
fn environments(value: &mut Value, wanted: &[String]) {
    let Some(Value::List(items)) = map(value, "spec").and_then(|spec| map(spec, "environments"))
    else {
        return;
    };
    if wanted.is_empty() {
        return;
    }
    items.retain(|item| wanted.iter().any(|name| Some(name.as_str()) == name_of(item)));
    for name in wanted {
        if !items.iter().any(|item| name_of(item) == Some(name)) {
            items.push(Value::String(name.clone()));
        }
    }
}

fn name_of(item: &Value) -> Option<&str> {
    item.as_str().or_else(|| item.get("name").and_then(Value::as_str))
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

    const BASE: &str = "# The base.\nmetadata: {name: base}   # whose\nspec:\n  domain: example.com\n  repo:\n    url: https://h/base   # here\n\n  # Where customers are.\n  handoff:\n    repository: \"https://h/{customer}-gitops\"\n\n  tls: {email: a@b.example}\n  environments: [dev, test, prod]\n";

    #[test]
    fn a_base_becomes_a_customers() {
        let dispatch = dispatch(r#""customer": "acme", "environments": ["prod", "qa"]"#);
        let spec = specialise(BASE, &dispatch).unwrap();
        assert_eq!(
            spec,
            "# The base.\nmetadata: {name: acme}   # whose\nspec:\n  domain: acme.example\n  repo:\n    url: https://h/acme-gitops   # here\n\n  tls: {email: a@b.example}\n  environments: [prod, qa]\n"
        );
        assert_eq!(specialise(&spec, &dispatch).unwrap(), spec);
    }

    #[test]
    fn a_customers_repository_takes_no_other_customer() {
        let spec = specialise(BASE, &dispatch(r#""customer": "acme""#)).unwrap();
        let found = specialise(&spec, &dispatch(r#""customer": "other""#)).unwrap_err();
        assert_eq!(found[0].code.to_string(), "G140");
    }

    #[test]
    fn a_value_that_is_used_elsewhere_is_not_changed() {
        let spec = BASE.replace("domain: example.com", "domain: &domain example.com")
            + "  registry: {repository: *domain}\n";
        let found = specialise(&spec, &dispatch(r#""customer": "acme""#)).unwrap_err();
        assert_eq!(found[0].code.to_string(), "G141");
    }
}
