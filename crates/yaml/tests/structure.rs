//! Members added to, removed from and replaced in maps and lists: `cases/structure.json`.
//!
//! A case has a text `in`, a text `from` that new members are taken from, and the `path` of one collection
//! in both (`.` is the document). `members` lists what it shall have: numbers are its own members, texts
//! the keys, or the numbers of items, of the same collection in `from`. With `replace` the value at
//! the path is replaced. `want` is the text afterwards, byte for byte, or `error` the words of refusal.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test reads its cases"
)]

#[allow(dead_code, reason = "not every test file needs all of it")]
mod common;

use std::path::Path;

use common::{cases, text};
use yaml::edit::structure::{Edits, Member, Part, Slot, Syntax};
use yaml::{Node, Schema, Value};

#[test]
fn members_change_and_nothing_else() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/structure.json");
    let mut failures = Vec::new();
    for row in cases(&file).as_list().unwrap() {
        let got = answer(row);
        let want = row.get("want").or(row.get("error")).and_then(Node::as_str);
        if want != Some(&got) {
            failures.push(format!("{}: {got:?}", text(row, "name")));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

fn answer(row: &Node) -> String {
    let (document, from, path) = (text(row, "in"), text(row, "from"), text(row, "path"));
    let json = row.get("json").is_some();
    let read = |text: &str| match json {
        true => yaml::json::parse(text).unwrap(),
        false => yaml::parse(text, Schema::Core12).unwrap(),
    };
    let (node, other) = (read(document), read(from));
    let (slot, theirs) = (slot(&node, path), slot(&other, path));
    let mut edits = Edits::new(document, if json { Syntax::Json } else { Syntax::Yaml });
    let (done, new) = match row.get("members").and_then(Node::as_list) {
        None => {
            let part = Part { text: from, slot: theirs };
            (edits.replace(slot, part), Value::from(theirs.value().unwrap()))
        }
        Some(wanted) => {
            let members: Vec<Member<'_>> =
                wanted.iter().map(|member| one(member, from, theirs)).collect();
            (edits.members(slot, &members), collected(slot, &members))
        }
    };
    let mut expected = Value::from(&node);
    *at(&mut expected, path) = new;
    match done.and_then(|()| edits.finish(&[expected])) {
        Ok(text) => text,
        Err(error) => error.to_string(),
    }
}

/// Follows keys and numbers, with points between.
fn slot<'n>(node: &'n Node, path: &str) -> Slot<'n> {
    let steps = path.split('.').filter(|step| !step.is_empty());
    steps.fold(Slot::Root(node), |slot, step| {
        let outer = slot.value().unwrap();
        match outer.as_map() {
            Some(entries) => Slot::Entry(
                outer,
                entries.iter().position(|(key, _)| key.as_str() == Some(step)).unwrap(),
            ),
            None => Slot::Item(outer, step.parse().unwrap()),
        }
    })
}

fn one<'n>(member: &Node, from: &'n str, theirs: Slot<'n>) -> Member<'n> {
    let outer = theirs.value().unwrap();
    match (member.as_i64(), member.as_str()) {
        (Some(index), _) => Member::Kept(usize::try_from(index).unwrap()),
        (None, Some(name)) => {
            let slot = match outer.as_map() {
                Some(entries) => Slot::Entry(
                    outer,
                    entries.iter().position(|(key, _)| key.as_str() == Some(name)).unwrap(),
                ),
                None => Slot::Item(outer, name.parse().unwrap()),
            };
            Member::New(Part { text: from, slot })
        }
        _ => panic!("a member is a number or a text"),
    }
}

/// What a collection is with these members.
fn collected(slot: Slot<'_>, members: &[Member<'_>]) -> Value {
    let own = slot.value().unwrap();
    let entry = |slot: Slot<'_>| {
        let key = slot.key().and_then(Node::as_str).unwrap().to_owned();
        (key, Value::from(slot.value().unwrap()))
    };
    let is_map = match members.first() {
        Some(Member::New(Part { slot, .. })) => matches!(slot, Slot::Entry(..)),
        _ => own.as_map().is_some(),
    };
    if is_map {
        let entries = members.iter().map(|member| match member {
            Member::Kept(index) => entry(Slot::Entry(own, *index)),
            Member::New(part) => entry(part.slot),
        });
        return Value::Map(entries.collect());
    }
    let items = members.iter().map(|member| match member {
        Member::Kept(index) => Value::from(own.item(*index).unwrap()),
        Member::New(part) => Value::from(part.slot.value().unwrap()),
    });
    Value::List(items.collect())
}

fn at<'v>(value: &'v mut Value, path: &str) -> &'v mut Value {
    path.split('.').filter(|step| !step.is_empty()).fold(value, |value, step| match value {
        Value::Map(entries) => entries.get_mut(step).unwrap(),
        Value::List(items) => items.get_mut(step.parse::<usize>().unwrap()).unwrap(),
        _ => panic!("{step} leads nowhere"),
    })
}
