//! One value merged three ways: what changed between base and ours, applied to theirs as edits.
//!
//! In: the value on each side. Out: edits of theirs, the value that it must have afterwards, and what was
//! taken, kept, or is a conflict. Maps merge key by key, lists as [`super::list`] says, single values
//! whole. Never changes a value that generation did not change.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use yaml::edit::structure::{Edits, Member, Part, Slot};
use yaml::{Kind, Node, Value};

use super::comments;
use super::path::{self, Step, display};
use super::raised::{self, Higher};
use super::{Conflict, ConflictKind, Difference, Sides};

/// Keys that are made for pipelines to write: a version that one of them raised does not keep what is no
/// longer generated.
const RAISED: &[&str] = &["tag", "digest", "newTag", "targetRevision"];

/// What names an image's version, beside `digest`.
const TAGS: &[&str] = &["tag", "newTag"];
/// What an image is pinned by: it wins over the tag beside it.
const DIGEST: &str = "digest";

/// A merge at work.
pub(super) struct Merge<'a> {
    pub(super) sides: Sides<'a>,
    pub(super) edits: Edits<'a>,
    pub(super) steps: Vec<Step>,
    pub(super) taken: Vec<Difference>,
    pub(super) kept: Vec<Difference>,
    pub(super) conflicts: Vec<Conflict>,
}

impl<'a> Merge<'a> {
    /// Merges one value and returns what it will be.
    pub(super) fn value(
        &mut self,
        base: Option<&'a Node>,
        ours: Slot<'a>,
        theirs: Slot<'a>,
    ) -> Value {
        let (Some(o), Some(t)) = (ours.value(), theirs.value()) else { return Value::Null };
        if same(o, t) {
            return Value::from(t);
        }
        if base.is_some_and(|base| same(base, o)) {
            self.keep(base, t);
            return Value::from(t);
        }
        let untouched = base.is_some_and(|base| same(base, t));
        let as_map = |node: Option<&Node>| node.is_none_or(|node| node.as_map().is_some());
        let as_list = |node: Option<&Node>| node.is_none_or(|node| node.as_list().is_some());
        if !t.alias {
            if as_map(base) && as_map(Some(o)) && as_map(Some(t)) {
                return self.map(base, ours, theirs);
            }
            if as_list(base) && as_list(Some(o)) && as_list(Some(t)) {
                return self.list(base, ours, theirs);
            }
        }
        if untouched {
            return self.take(base, ours, theirs);
        }
        match base.and_then(|base| self.raised(base, o, t)) {
            Some(Higher::Ours) => return self.take(base, ours, theirs),
            Some(Higher::Theirs) => self.keep(base, t),
            None => self.conflict(ConflictKind::Changed, t, Some(o), base, Some(t)),
        }
        Value::from(t)
    }

    /// Returns which side's version of a chart stands, where both raised it: nobody chose the older one.
    fn raised(&self, base: &Node, ours: &Node, theirs: &Node) -> Option<Higher> {
        let Some(Step::Key(key)) = self.steps.last() else { return None };
        if key != "targetRevision" {
            return None;
        }
        raised::higher(base.as_str()?, ours.as_str()?, theirs.as_str()?)
    }

    /// Puts the value of ours in the place of that of theirs.
    pub(super) fn take(
        &mut self,
        base: Option<&'a Node>,
        ours: Slot<'a>,
        theirs: Slot<'a>,
    ) -> Value {
        let (Some(o), Some(t)) = (ours.value(), theirs.value()) else { return Value::Null };
        let part = Part { text: self.sides.ours, slot: ours };
        if self.edits.replace(theirs, part).is_err() {
            self.conflict(ConflictKind::Unsafe, t, Some(o), base, Some(t));
            return Value::from(t);
        }
        self.taken.push(Difference {
            path: display(&self.steps),
            from: Some(path::value(self.sides.theirs, t)),
            to: Some(path::value(self.sides.ours, o)),
        });
        Value::from(o)
    }

    fn map(&mut self, base: Option<&'a Node>, ours: Slot<'a>, theirs: Slot<'a>) -> Value {
        let (Some(o), Some(t)) = (ours.value(), theirs.value()) else { return Value::Null };
        let entries = t.as_map().unwrap_or_default();
        let (base_keys, our_keys, their_keys) =
            (base.map(Keys::of).unwrap_or_default(), Keys::of(o), Keys::of(t));
        let merged_in = merged_in(t);
        let pinned = self.pinned(base, o, t);
        let apart = |name: &str| pinned.is_some_and(|tag| name == tag || name == DIGEST);
        let mut kept: Vec<Member<'a>> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut result: IndexMap<String, Value> = IndexMap::new();
        if let Value::Map(whole) = Value::from(t) {
            // What `<<` brings in stays.
            result.extend(whole.into_iter().filter(|(key, _)| !their_keys.has(key)));
        }
        let mut changed = false;
        for (index, (key, t_value)) in entries.iter().enumerate() {
            let Some(name) = key.as_str().filter(|_| !key.is_merge_key()) else {
                kept.push(Member::Kept(index));
                continue;
            };
            self.steps.push(Step::Key(name.to_owned()));
            let b = base_keys.value(base, name);
            let value = match our_keys.index(name) {
                _ if apart(name) => Some(Value::from(t_value)),
                Some(our_index) => {
                    Some(self.value(b, Slot::Entry(o, our_index), Slot::Entry(t, index)))
                }
                None => self.gone(b, t_value),
            };
            self.steps.pop();
            match value {
                Some(value) => {
                    places.insert(name, kept.len());
                    kept.push(Member::Kept(index));
                    result.insert(name.to_owned(), value);
                }
                None => changed = true,
            }
        }
        // New entries by the kept one that they follow.
        let mut new: BTreeMap<Option<usize>, Vec<Member<'a>>> = BTreeMap::new();
        let mut behind: Option<usize> = None;
        for (index, (key, o_value)) in o.as_map().unwrap_or_default().iter().enumerate() {
            let Some(name) = key.as_str() else { continue };
            if their_keys.has(name) {
                behind = places.get(name).copied().or(behind);
                continue;
            }
            if apart(name) {
                continue;
            }
            self.steps.push(Step::Key(name.to_owned()));
            let b = base_keys.value(base, name);
            if self.comes(b, o_value, merged_in.get(name).copied(), t) {
                let part = Part { text: self.sides.ours, slot: Slot::Entry(o, index) };
                new.entry(behind).or_default().push(Member::New(part));
                result.insert(name.to_owned(), Value::from(o_value));
                changed = true;
            }
            self.steps.pop();
        }
        let mut members = new.remove(&None).unwrap_or_default();
        for (index, member) in kept.into_iter().enumerate() {
            members.push(member);
            members.extend(new.remove(&Some(index)).unwrap_or_default());
        }
        if changed && self.edits.members(theirs, &members).is_err() {
            self.conflict(ConflictKind::Unsafe, t, Some(o), base, Some(t));
        }
        Value::Map(result)
    }

    /// Reports an image whose tag one side changed and whose digest the other: each is right, and together they
    /// are another version's digest under this one's tag. Returns the key of the tag.
    fn pinned(&mut self, base: Option<&Node>, ours: &Node, theirs: &Node) -> Option<&'static str> {
        let base = base?;
        let alike = |one: Option<&Node>, two: Option<&Node>| match (one, two) {
            (Some(one), Some(two)) => same(one, two),
            (one, two) => one.is_none() && two.is_none(),
        };
        let changed = |side: &Node, key: &str| !alike(base.get(key), side.get(key));
        let tag = TAGS.iter().find(|tag| {
            let crossed = |one: &Node, two: &Node| {
                changed(one, tag)
                    && !changed(one, DIGEST)
                    && changed(two, DIGEST)
                    && two.get(DIGEST).is_some_and(|digest| !digest.is_null())
            };
            !alike(ours.get(tag), theirs.get(tag))
                && (crossed(ours, theirs) || crossed(theirs, ours))
        })?;
        let key = if changed(theirs, DIGEST) { DIGEST } else { tag };
        let (b, o, t) = (base.get(tag), ours.get(tag), theirs.get(key));
        self.steps.push(Step::Key(key.to_owned()));
        self.conflict(ConflictKind::Pinned, t.unwrap_or(theirs), o, b, t);
        self.steps.pop();
        Some(tag)
    }

    /// Decides about a value that is not generated now: `None` where it goes.
    pub(super) fn gone(&mut self, base: Option<&'a Node>, theirs: &'a Node) -> Option<Value> {
        match base {
            None => {
                self.keep(None, theirs);
                Some(Value::from(theirs))
            }
            Some(base) if same_but_raised(base, theirs) && !self.commented(base, theirs) => {
                self.taken.push(Difference {
                    path: display(&self.steps),
                    from: Some(path::value(self.sides.theirs, theirs)),
                    to: None,
                });
                None
            }
            Some(base) => {
                let kind = match same_but_raised(base, theirs) {
                    true => ConflictKind::Commented,
                    false => ConflictKind::RemovedHere,
                };
                self.conflict(kind, theirs, None, Some(base), Some(theirs));
                Some(Value::from(theirs))
            }
        }
    }

    /// Whether a person wrote a comment into a value: between its first letter and its last.
    fn commented(&self, base: &Node, theirs: &Node) -> bool {
        let source = |text: &'a str, node: &Node| {
            text.get(node.span.start as usize..last(node).span.end as usize).unwrap_or_default()
        };
        !comments::are_known(source(self.sides.base, base), source(self.sides.theirs, theirs))
    }

    /// Decides about a value that is generated now and not in the file itself: whether it is put there.
    /// `there` is what `<<` brings in under its key, `holder` what it would be put into.
    pub(super) fn comes(
        &mut self,
        base: Option<&'a Node>,
        ours: &'a Node,
        there: Option<&'a Node>,
        holder: &'a Node,
    ) -> bool {
        let unchanged = base.is_some_and(|base| same(base, ours));
        match there {
            Some(there) if same(there, ours) => return false,
            Some(there) if !unchanged && base.is_some_and(|base| same(base, there)) => {}
            Some(there) => {
                if !unchanged {
                    self.conflict(ConflictKind::Changed, holder, Some(ours), base, Some(there));
                }
                return false;
            }
            None if unchanged => {
                self.kept.push(Difference {
                    path: display(&self.steps),
                    from: Some(path::value(self.sides.ours, ours)),
                    to: None,
                });
                return false;
            }
            None if base.is_some() => {
                self.conflict(ConflictKind::RemovedThere, holder, Some(ours), base, None);
                return false;
            }
            None => {}
        }
        self.taken.push(Difference {
            path: display(&self.steps),
            from: None,
            to: Some(path::value(self.sides.ours, ours)),
        });
        true
    }

    /// Notes what the file has differently from what was generated last.
    pub(super) fn keep(&mut self, base: Option<&'a Node>, theirs: &'a Node) {
        if base.is_some_and(|base| same(base, theirs)) {
            return;
        }
        if let Some(base) = base
            && let (Some(from), Some(to)) = (base.as_map(), theirs.as_map())
        {
            let (base_keys, their_keys) = (Keys::of(base), Keys::of(theirs));
            for (key, value) in to {
                let Some(name) = key.as_str() else { continue };
                self.steps.push(Step::Key(name.to_owned()));
                match base_keys.value(Some(base), name) {
                    Some(known) => self.keep(Some(known), value),
                    None => self.keep(None, value),
                }
                self.steps.pop();
            }
            for (key, value) in from {
                let Some(name) = key.as_str().filter(|name| !their_keys.has(name)) else {
                    continue;
                };
                self.steps.push(Step::Key(name.to_owned()));
                let from = Some(path::value(self.sides.base, value));
                self.kept.push(Difference { path: display(&self.steps), from, to: None });
                self.steps.pop();
            }
            return;
        }
        if let Some(base) = base
            && let (Some(from), Some(to)) = (base.as_list(), theirs.as_list())
            && self.keep_items(from, to)
        {
            return;
        }
        self.kept.push(Difference {
            path: display(&self.steps),
            from: base.map(|base| path::value(self.sides.base, base)),
            to: Some(path::value(self.sides.theirs, theirs)),
        });
    }

    /// Reports a conflict at a node of theirs.
    pub(super) fn conflict(
        &mut self,
        kind: ConflictKind,
        at: &Node,
        ours: Option<&Node>,
        base: Option<&Node>,
        theirs: Option<&Node>,
    ) {
        let span = at.span.range();
        // A whole list or map is named by its first line.
        let source = self.sides.theirs.get(span.clone()).unwrap_or_default();
        let line = source.find('\n').map_or(span.end, |end| span.start + end);
        self.conflicts.push(Conflict {
            kind,
            steps: self.steps.clone(),
            theirs: span.start..line,
            ours: ours.map(|node| path::value(self.sides.ours, node)),
            base: base.map(|node| path::value(self.sides.base, node)),
            found: theirs.map(|node| path::value(self.sides.theirs, node)),
        });
    }
}

/// The keys of a map, to be looked up.
#[derive(Default)]
struct Keys<'n> {
    places: BTreeMap<&'n str, usize>,
}

impl<'n> Keys<'n> {
    fn of(node: &'n Node) -> Keys<'n> {
        let entries = node.as_map().unwrap_or_default().iter().enumerate();
        let places = entries
            .filter(|(_, (key, _))| !key.is_merge_key())
            .filter_map(|(index, (key, _))| Some((key.as_str()?, index)));
        Keys { places: places.collect() }
    }

    fn has(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    fn index(&self, key: &str) -> Option<usize> {
        self.places.get(key).copied()
    }

    fn value(&self, node: Option<&'n Node>, key: &str) -> Option<&'n Node> {
        Some(&node?.as_map()?.get(self.index(key)?)?.1)
    }
}

/// Returns what `<<` brings into a map.
fn merged_in(map: &Node) -> BTreeMap<&str, &Node> {
    let mut found = BTreeMap::new();
    for (key, value) in map.as_map().unwrap_or_default() {
        if !key.is_merge_key() {
            continue;
        }
        let sources = value.as_list().unwrap_or(std::slice::from_ref(value));
        for source in sources.iter().rev() {
            for (key, value) in source.as_map().unwrap_or_default() {
                if let Some(name) = key.as_str() {
                    found.insert(name, value);
                }
            }
        }
    }
    found
}

/// Says whether two values are the same, however they are written.
pub(super) fn same(one: &Node, two: &Node) -> bool {
    alike(one, two, &[])
}

/// Says whether two values are the same, versions that a pipeline raises left out.
pub(super) fn same_but_raised(one: &Node, two: &Node) -> bool {
    alike(one, two, RAISED)
}

fn alike(one: &Node, two: &Node, besides: &[&str]) -> bool {
    match (&one.kind, &two.kind) {
        (Kind::Map(one_entries), Kind::Map(two_entries)) => {
            let merges =
                |entries: &[(Node, Node)]| entries.iter().any(|(key, _)| key.is_merge_key());
            if merges(one_entries) || merges(two_entries) {
                return Value::from(one) == Value::from(two);
            }
            let counted = |entries: &[(Node, Node)]| {
                let mine = |key: &Node| key.as_str().is_none_or(|key| !besides.contains(&key));
                entries.iter().filter(|(key, _)| mine(key)).count()
            };
            if counted(one_entries) != counted(two_entries) {
                return false;
            }
            // Mostly the keys have the same order.
            let keys = Keys::of(two);
            one_entries.iter().enumerate().all(|(index, (key, value))| {
                let Some(name) = key.as_str() else {
                    return Value::from(one) == Value::from(two);
                };
                if besides.contains(&name) {
                    return true;
                }
                let at = two_entries.get(index).filter(|(other, _)| other.as_str() == Some(name));
                let other = at.map(|(_, value)| value).or_else(|| keys.value(Some(two), name));
                other.is_some_and(|other| alike(value, other, besides))
            })
        }
        (Kind::List(one), Kind::List(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| alike(one, two, besides))
        }
        (one, two) => one == two,
    }
}

/// Returns the value that a value ends with; what is behind it, up to the next key, is no part of it.
fn last(node: &Node) -> &Node {
    match &node.kind {
        Kind::Map(entries) => entries.last().map_or(node, |(_, value)| last(value)),
        Kind::List(items) => items.last().map_or(node, last),
        _ => node,
    }
}
