//! Lists merged three ways: items with names by their names, plain values as sets in their order, and
//! everything else only where one side alone changed it.
//!
//! In: the list on each side. Out: edits, as in [`super::value`]. The order of theirs stays.

use std::collections::BTreeMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use yaml::edit::structure::{Member, Part, Slot};
use yaml::{Node, Value};

use super::names::{self, Name, Names};
use super::path::{self, Step, display};
use super::value::{Merge, same};
use super::{ConflictKind, Difference};

impl<'a> Merge<'a> {
    pub(super) fn list(
        &mut self,
        base: Option<&'a Node>,
        ours: Slot<'a>,
        theirs: Slot<'a>,
    ) -> Value {
        let (Some(o), Some(t)) = (ours.value(), theirs.value()) else { return Value::Null };
        let items = |node: Option<&'a Node>| node.and_then(Node::as_list).unwrap_or_default();
        let (b_items, o_items, t_items) = (items(base), items(Some(o)), items(Some(t)));
        let list = names::list_name(&self.steps).to_owned();
        if let Some(names) = names::of(&list, b_items, o_items, t_items) {
            if names::is_ordered(&list) && reordered(&names) && names.theirs != names.ours {
                if base.is_some_and(|base| same(base, t)) {
                    return self.sequence(base, ours, theirs);
                }
                self.conflict(ConflictKind::Order, t, Some(o), base, Some(t));
                return Value::from(t);
            }
            return self.named(base, ours, theirs, &names);
        }
        if base.is_some_and(|base| same(base, t)) {
            return self.sequence(base, ours, theirs);
        }
        if let Some(members) = self.set(b_items, o_items, t_items) {
            return self.plain(ours, theirs, &members);
        }
        self.conflict(ConflictKind::Changed, t, Some(o), base, Some(t));
        Value::from(t)
    }

    fn named(
        &mut self,
        base: Option<&'a Node>,
        ours: Slot<'a>,
        theirs: Slot<'a>,
        names: &Names,
    ) -> Value {
        let (Some(o), Some(t)) = (ours.value(), theirs.value()) else { return Value::Null };
        let places = |names: &'_ [Name]| -> BTreeMap<Name, usize> {
            names.iter().enumerate().map(|(index, name)| (name.clone(), index)).collect()
        };
        let (in_base, in_ours) = (places(&names.base), places(&names.ours));
        let in_theirs = places(&names.theirs);
        let base_item = |name: &Name| -> Option<&'a Node> { base?.item(*in_base.get(name)?) };
        // Each item of theirs that stays, with its number and what it will be.
        let mut result: Vec<(Member<'a>, Value)> = Vec::new();
        let mut places: BTreeMap<&Name, usize> = BTreeMap::new();
        let mut changed = false;
        for (index, name) in names.theirs.iter().enumerate() {
            let Some(item) = t.item(index) else { continue };
            self.steps.push(Step::Named(name.clone()));
            let value = match in_ours.get(name) {
                Some(&our_index) => Some(self.value(
                    base_item(name),
                    Slot::Item(o, our_index),
                    Slot::Item(t, index),
                )),
                None => self.gone(base_item(name), item),
            };
            self.steps.pop();
            match value {
                Some(value) => {
                    places.insert(name, result.len());
                    result.push((Member::Kept(index), value));
                }
                None => changed = true,
            }
        }
        // New items by the kept item that they follow.
        let mut new: BTreeMap<Option<usize>, Vec<(Member<'a>, Value)>> = BTreeMap::new();
        let mut behind: Option<usize> = None;
        for (index, name) in names.ours.iter().enumerate() {
            if in_theirs.contains_key(name) {
                behind = places.get(name).copied().or(behind);
                continue;
            }
            let Some(item) = o.item(index) else { continue };
            self.steps.push(Step::Named(name.clone()));
            if self.comes(base_item(name), item, None, t) {
                let part = Part { text: self.sides.ours, slot: Slot::Item(o, index) };
                new.entry(behind).or_default().push((Member::New(part), Value::from(item)));
                changed = true;
            }
            self.steps.pop();
        }
        let mut all = new.remove(&None).unwrap_or_default();
        for (index, kept) in result.into_iter().enumerate() {
            all.push(kept);
            all.extend(new.remove(&Some(index)).unwrap_or_default());
        }
        let (members, values): (Vec<Member<'a>>, Vec<Value>) = all.into_iter().unzip();
        if changed && self.edits.members(theirs, &members).is_err() {
            self.conflict(ConflictKind::Unsafe, t, Some(o), base, Some(t));
        }
        Value::List(values)
    }

    /// A list that is as it was generated: it becomes as it is generated now, item by item.
    fn sequence(&mut self, base: Option<&'a Node>, ours: Slot<'a>, theirs: Slot<'a>) -> Value {
        let (Some(o), Some(t)) = (ours.value(), theirs.value()) else { return Value::Null };
        let texts = |node: &Node| -> Vec<String> {
            node.as_list().unwrap_or_default().iter().map(canonical).collect()
        };
        let (o_texts, t_texts) = (texts(o), texts(t));
        let mut members = Vec::new();
        let mut values = Vec::new();
        let mut changed = false;
        for op in capture_diff_slices(Algorithm::Myers, &t_texts, &o_texts) {
            let (old, new) = (op.old_range(), op.new_range());
            match op {
                DiffOp::Equal { .. } => {
                    for index in old {
                        members.push(Member::Kept(index));
                        values.push(t.item(index).map(Value::from).unwrap_or_default());
                    }
                }
                // As many as before: each is what became of the one in its place.
                DiffOp::Replace { .. } if old.len() == new.len() => {
                    for (index, our_index) in old.zip(new) {
                        self.steps.push(Step::Index(index));
                        let base = base.and_then(|base| base.item(index));
                        let value =
                            self.value(base, Slot::Item(o, our_index), Slot::Item(t, index));
                        self.steps.pop();
                        members.push(Member::Kept(index));
                        values.push(value);
                    }
                }
                _ => {
                    changed = true;
                    for index in old {
                        self.note(index, t.item(index), None);
                    }
                    for index in new {
                        self.note(index, None, o.item(index));
                        members.push(Member::New(Part {
                            text: self.sides.ours,
                            slot: Slot::Item(o, index),
                        }));
                        values.push(o.item(index).map(Value::from).unwrap_or_default());
                    }
                }
            }
        }
        if changed && self.edits.members(theirs, &members).is_err() {
            self.conflict(ConflictKind::Unsafe, t, Some(o), base, Some(t));
        }
        Value::List(values)
    }

    /// Plain values that both sides changed: what ours took out goes, what ours brought comes behind the
    /// value that it follows there. `None` where the values are no set, or ours changed their order.
    fn set(
        &mut self,
        base: &'a [Node],
        ours: &'a [Node],
        theirs: &'a [Node],
    ) -> Option<Vec<Choice>> {
        let texts = |items: &[Node]| -> Option<Vec<String>> {
            let plain = |item: &Node| item.as_list().is_none() && item.as_map().is_none();
            let texts: Vec<String> = items
                .iter()
                .map(|item| plain(item).then(|| canonical(item)))
                .collect::<Option<_>>()?;
            let mut sorted: Vec<&String> = texts.iter().collect();
            sorted.sort();
            let unique = sorted.windows(2).all(|pair| pair.first() != pair.get(1));
            unique.then_some(texts)
        };
        let (b, o, t) = (texts(base)?, texts(ours)?, texts(theirs)?);
        let common_in = |list: &[String], other: &[String]| -> Vec<String> {
            list.iter().filter(|text| other.contains(text)).cloned().collect()
        };
        if common_in(&b, &o) != common_in(&o, &b) {
            return None;
        }
        let mut result: Vec<Choice> = Vec::new();
        for (index, text) in t.iter().enumerate() {
            let goes = b.contains(text) && !o.contains(text);
            if goes {
                self.note(index, theirs.get(index), None);
            } else {
                result.push(Choice::Theirs(index));
            }
        }
        let place = |result: &[Choice], text: &String| {
            result.iter().position(|choice| match choice {
                Choice::Theirs(index) => t.get(*index) == Some(text),
                Choice::Ours(index) => o.get(*index) == Some(text),
            })
        };
        for (index, text) in o.iter().enumerate() {
            if b.contains(text) || t.contains(text) {
                continue;
            }
            let before = o.get(..index).unwrap_or_default().iter().rev();
            let behind = before.filter_map(|text| place(&result, text)).next();
            result.insert(behind.map_or(0, |place| place + 1), Choice::Ours(index));
            self.note(index, None, ours.get(index));
        }
        Some(result)
    }

    fn plain(&mut self, ours: Slot<'a>, theirs: Slot<'a>, choices: &[Choice]) -> Value {
        let (Some(o), Some(t)) = (ours.value(), theirs.value()) else { return Value::Null };
        let mut members = Vec::new();
        let mut values = Vec::new();
        for choice in choices {
            let (member, item) = match choice {
                Choice::Theirs(index) => (Member::Kept(*index), t.item(*index)),
                Choice::Ours(index) => {
                    let slot = Slot::Item(o, *index);
                    (Member::New(Part { text: self.sides.ours, slot }), o.item(*index))
                }
            };
            members.push(member);
            values.push(item.map(Value::from).unwrap_or_default());
        }
        if self.edits.members(theirs, &members).is_err() {
            self.conflict(ConflictKind::Unsafe, t, Some(o), None, Some(t));
        }
        Value::List(values)
    }

    /// Notes an item that went or came.
    fn note(&mut self, index: usize, from: Option<&Node>, to: Option<&Node>) {
        self.steps.push(Step::Index(index));
        self.taken.push(Difference {
            path: display(&self.steps),
            from: from.map(|node| path::value(self.sides.theirs, node)),
            to: to.map(|node| path::value(self.sides.ours, node)),
        });
        self.steps.pop();
    }

    /// Notes which items of a list with names differ; says whether it has names.
    pub(super) fn keep_items(&mut self, base: &'a [Node], theirs: &'a [Node]) -> bool {
        let list = names::list_name(&self.steps).to_owned();
        let Some(names) = names::of(&list, base, &[], theirs) else { return false };
        let known: BTreeMap<&Name, &'a Node> = names.base.iter().zip(base).collect();
        let before = self.kept.len();
        for (name, item) in names.theirs.iter().zip(theirs) {
            self.steps.push(Step::Named(name.clone()));
            self.keep(known.get(name).copied(), item);
            self.steps.pop();
        }
        for (name, item) in names.base.iter().zip(base) {
            if !names.theirs.contains(name) {
                self.steps.push(Step::Named(name.clone()));
                let from = Some(path::value(self.sides.base, item));
                self.kept.push(Difference { path: display(&self.steps), from, to: None });
                self.steps.pop();
            }
        }
        // Only the order differs: that is said of the list.
        self.kept.len() > before
    }
}

/// An item of a merged list.
enum Choice {
    Theirs(usize),
    Ours(usize),
}

/// Says whether ours has the items that it shares with base in another order.
fn reordered(names: &Names) -> bool {
    let shared = |list: &[Name], other: &[Name]| -> Vec<Name> {
        list.iter().filter(|name| other.contains(name)).cloned().collect()
    };
    shared(&names.base, &names.ours) != shared(&names.ours, &names.base)
}

/// Returns a text that two items share exactly if they are the same.
fn canonical(node: &Node) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::List(items) => {
                out.push('[');
                for item in items {
                    write(item, out);
                    out.push(',');
                }
                out.push(']');
            }
            Value::Map(entries) => {
                let mut sorted: Vec<(&String, &Value)> = entries.iter().collect();
                sorted.sort_by_key(|(key, _)| *key);
                out.push('{');
                for (key, value) in sorted {
                    out.push_str(&format!("{key:?}:"));
                    write(value, out);
                    out.push(',');
                }
                out.push('}');
            }
            scalar => out.push_str(&format!("{scalar:?}")),
        }
    }
    let mut out = String::new();
    write(&Value::from(node), &mut out);
    out
}
