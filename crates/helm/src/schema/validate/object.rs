//! Keywords about objects: sizes, names, required and dependent properties, and what each property must be.

use std::borrow::Cow;

use gotmpl::{Map, Str, Value};

use super::super::Draft;
use super::super::json::{Kind, Node};
use super::super::keywords::Keyword as K;
use super::super::words::{quote, quote_all};
use super::values::{size_above, size_below, sizes};
use super::{Frame, Shape, Validator};

impl Validator<'_> {
    pub(super) fn object(&mut self, map: &Map, frame: &mut Frame<'_>) {
        let document = self.document;
        let size = map.len();
        if let Some(least) =
            self.count(frame, K::MinProperties).filter(|least| size_below(size, *least))
        {
            self.add(frame, || sizes("minProperties", size, least));
        }
        if let Some(most) =
            self.count(frame, K::MaxProperties).filter(|most| size_above(size, *most))
        {
            self.add(frame, || sizes("maxProperties", size, most));
        }
        if let Some(required) = frame.keywords.get(K::Required) {
            let missing = self.missing(map, required);
            match missing.as_slice() {
                [] => {}
                [one] => self.add(frame, || format!("missing property {}", quote(one))),
                several => {
                    self.add(frame, || format!("missing properties {}", quote_all(several)));
                }
            }
        }
        if frame.quick && !frame.problems.is_empty() {
            return;
        }
        if let Some(dependencies) = frame.keywords.get(K::Dependencies) {
            for (name, member) in document.members(dependencies) {
                let name = document.string(name).unwrap_or_default();
                if !map.contains(name.as_bytes()) {
                    continue;
                }
                if document.kind(member) == Kind::List {
                    self.require(map, &name, member, frame);
                } else if let Err(problem) = self.apply_same(member, frame, false) {
                    frame.problems.push(problem);
                }
            }
        }
        self.properties(map, frame);
        if self.draft == Draft::Draft4 {
            return;
        }
        if let Some(names) = frame.keywords.get(K::PropertyNames) {
            for name in map.keys() {
                let path = std::mem::take(&mut self.path);
                let outcome = self.apply(names, &Value::Str(name.clone()), false, false);
                self.path = path;
                if let Err(inner) = outcome {
                    let name = name.to_string_lossy();
                    let mut problem =
                        self.problem(format!("invalid propertyName {}", quote(&name)));
                    problem.causes =
                        if inner.shape == Shape::Group { inner.causes } else { vec![inner] };
                    frame.problems.push(problem);
                }
            }
        }
        if self.draft < Draft::Draft2019 {
            return;
        }
        if let Some(dependent) = frame.keywords.get(K::DependentSchemas) {
            for (name, member) in document.members(dependent) {
                let name = document.string(name).unwrap_or_default();
                if map.contains(name.as_bytes())
                    && let Err(problem) = self.apply_same(member, frame, false)
                {
                    frame.problems.push(problem);
                }
            }
        }
        if let Some(dependent) = frame.keywords.get(K::DependentRequired) {
            for (name, member) in document.members(dependent) {
                let name = document.string(name).unwrap_or_default();
                if map.contains(name.as_bytes()) {
                    self.require(map, &name, member, frame);
                }
            }
        }
    }

    fn require(&self, map: &Map, name: &str, wanted: Node, frame: &mut Frame<'_>) {
        let missing = self.missing(map, wanted);
        if !missing.is_empty() {
            self.add(frame, || {
                format!("properties {} required, if {} exists", quote_all(&missing), quote(name))
            });
        }
    }

    fn missing(&self, map: &Map, wanted: Node) -> Vec<Cow<'_, str>> {
        let names = self.document.items(wanted).filter_map(|name| self.document.string(name));
        names.filter(|name| !map.contains(name.as_bytes())).collect()
    }

    fn properties(&mut self, map: &Map, frame: &mut Frame<'_>) {
        let document = self.document;
        let known = frame.keywords.get(K::Properties);
        let patterns = frame.keywords.get(K::PatternProperties);
        let additional = frame.keywords.get(K::AdditionalProperties);
        if known.is_none() && patterns.is_none() && additional.is_none() {
            return;
        }
        let mut surplus: Vec<String> = Vec::new();
        let entries = map.entries();
        // Both lists are walked once where they have the same order; charts' schemas usually have.
        let members: Vec<(Cow<'_, str>, Node)> = known
            .into_iter()
            .flat_map(|known| document.members(known))
            .filter_map(|(name, member)| Some((document.string(name)?, member)))
            .collect();
        for (key, value) in entries.iter() {
            if frame.quick && !frame.problems.is_empty() {
                return;
            }
            let mut evaluated = false;
            let member = members.iter().rev().find(|(name, _)| name.as_bytes() == key.as_bytes());
            if let Some((_, member)) = member {
                evaluated = true;
                self.property(*member, key, value, frame);
            }
            for (pattern, member) in patterns.into_iter().flat_map(|node| document.members(node)) {
                let pattern = self.schema.pattern(pattern);
                if pattern.is_some_and(|pattern| pattern.is_match(&key.to_string_lossy())) {
                    evaluated = true;
                    self.property(member, key, value, frame);
                }
            }
            if !evaluated && let Some(additional) = additional {
                evaluated = true;
                match document.boolean(additional) {
                    Some(true) => {}
                    Some(false) => surplus.push(key.to_string_lossy().into_owned()),
                    None => self.property(additional, key, value, frame),
                }
            }
            if evaluated {
                frame.unevaluated.properties.remove(key);
            }
        }
        if !surplus.is_empty() {
            self.add(frame, || {
                format!("additional properties {} not allowed", quote_all(&surplus))
            });
        }
    }

    pub(super) fn property(&mut self, node: Node, key: &Str, value: &Value, frame: &mut Frame<'_>) {
        let name = || key.to_string_lossy().into_owned();
        if let Err(problem) = self.apply_inside(node, value, name, frame) {
            frame.problems.push(problem);
        }
    }
}
