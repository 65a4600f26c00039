//! Keywords about arrays: sizes, equal items, what each item must be, and what some must be.

use gotmpl::{List, Value};

use super::super::json::{Kind, Node};
use super::super::keywords::Keyword as K;
use super::super::{Draft, words};
use super::values::{count, duplicates, size_above, size_below, sizes};
use super::{Frame, Validator};

impl Validator<'_> {
    pub(super) fn item(&mut self, node: Node, at: usize, value: &Value, frame: &mut Frame<'_>) {
        if let Err(problem) = self.apply_inside(node, value, || at.to_string(), frame) {
            frame.problems.push(problem);
        }
    }

    pub(super) fn array(&mut self, list: &List, frame: &mut Frame<'_>) {
        let document = self.document;
        let items = list.items();
        let size = items.len();
        if let Some(least) = self.count(frame, K::MinItems).filter(|least| size_below(size, *least))
        {
            self.add(frame, || sizes("minItems", size, least));
        }
        if let Some(most) = self.count(frame, K::MaxItems).filter(|most| size_above(size, *most)) {
            self.add(frame, || sizes("maxItems", size, most));
        }
        let unique = frame.keywords.get(K::UniqueItems).and_then(|node| document.boolean(node));
        if unique == Some(true)
            && let Some((first, second)) = duplicates(&items)
        {
            self.add(frame, || format!("items at {first} and {second} are equal"));
        }
        let schema = frame.keywords.get(K::Items);
        let is_newest = self.draft == Draft::Draft2020;
        let tuple = if is_newest {
            frame.keywords.get(K::PrefixItems)
        } else {
            schema.filter(|node| document.kind(*node) == Kind::List)
        };
        let rest = match (is_newest, tuple) {
            (false, Some(_)) => frame.keywords.get(K::AdditionalItems),
            _ => schema,
        };
        let mut evaluated = 0;
        if let Some(tuple) = tuple {
            for ((at, value), node) in items.iter().enumerate().zip(document.items(tuple)) {
                self.item(node, at, value, frame);
                evaluated = at + 1;
            }
        }
        let surplus = rest.filter(|_| !is_newest && tuple.is_some());
        match (rest, surplus.and_then(|node| document.boolean(node))) {
            (Some(_), Some(false)) if evaluated != size => {
                self.add(frame, || {
                    format!("last {} additionalItem(s) not allowed", count(size - evaluated))
                });
            }
            (Some(node), None) => {
                for (at, value) in items.iter().enumerate().skip(evaluated) {
                    self.item(node, at, value, frame);
                }
            }
            _ => {}
        }
        if let Some(contains) = frame.keywords.get(K::Contains)
            && self.draft >= Draft::Draft6
        {
            self.contains(contains, &items, frame);
        }
    }

    fn contains(&mut self, contains: Node, items: &[Value], frame: &mut Frame<'_>) {
        let mut problems = Vec::new();
        let mut matched: Vec<usize> = Vec::new();
        for (at, value) in items.iter().enumerate() {
            match self.apply_inside(contains, value, || at.to_string(), frame) {
                Err(problem) => problems.push(problem),
                Ok(()) => {
                    matched.push(at);
                    if self.draft >= Draft::Draft2020 {
                        frame.unevaluated.items.remove(&at);
                    }
                }
            }
        }
        let places: Vec<String> = matched.iter().map(usize::to_string).collect();
        let places = places.join(" ");
        let newer = self.draft >= Draft::Draft2019;
        let least = self.count(frame, K::MinContains).filter(|_| newer);
        match least {
            Some(least) if size_below(matched.len(), least) => {
                let least = words::count(least);
                let words = if matched.is_empty() {
                    format!("min {least} items required to match contains schema, but none matched")
                } else {
                    format!(
                        "min {least} items required to match contains schema, but matched {} items \
                         at {places}",
                        count(matched.len())
                    )
                };
                self.add_all(frame, problems, &words);
            }
            None if matched.is_empty() => {
                self.add_all(frame, problems, "no items match contains schema");
            }
            _ => {}
        }
        if let Some(most) = self.count(frame, K::MaxContains).filter(|_| newer)
            && size_above(matched.len(), most)
        {
            self.add(frame, || {
                format!(
                    "max {} items required to match contains schema, but matched {} items at \
                     {places}",
                    words::count(most),
                    count(matched.len())
                )
            });
        }
    }
}
