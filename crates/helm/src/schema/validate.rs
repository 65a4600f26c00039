//! Whether a value fits a schema, keyword by keyword in the order of the library that helm uses.

use std::borrow::Cow;
use std::collections::BTreeSet;

use gotmpl::{List, Map, Str, Value};

use super::decimal::Decimal;
use super::json::{Document, Kind, Node};
use super::keywords::{Keyword as K, Keywords};
use super::words::{escaped, quote, quote_all};
use super::{Draft, Schema, formats, words};
use crate::coalesce::Warnings;

/// How deep schemas may apply to each other for one value and the values inside it.
const MAX_DEPTH: usize = 400;

/// Something that does not fit.
#[derive(Debug)]
struct Problem {
    pointer: String,
    words: String,
    shape: Shape,
    causes: Vec<Problem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A line of its own.
    Line,
    /// Several problems of one schema; dissolves where the outside lists problems itself.
    Group,
    /// A reference that was followed; not shown when it has one cause.
    Reference,
}

/// What no keyword has looked at yet: kept only where `unevaluated…` wants to know.
#[derive(Default)]
struct Unevaluated {
    properties: BTreeSet<Str>,
    items: BTreeSet<usize>,
}

impl Unevaluated {
    fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.items.is_empty()
    }

    fn keep_common(&mut self, other: &Unevaluated) {
        self.properties.retain(|name| other.properties.contains(name));
        self.items.retain(|at| other.items.contains(at));
    }
}

struct Validator<'s> {
    schema: &'s Schema,
    document: &'s Document,
    draft: Draft,
    /// The path of the value that is looked at.
    path: Vec<String>,
    /// The schemas that are being applied, outermost first, each with the depth of its value.
    scopes: Vec<(Node, usize)>,
    /// A failure that has nothing to do with the values.
    broken: Option<String>,
    unresolved: Vec<String>,
}

/// Validates a value; the error is in helm's words.
pub(super) fn validate(
    schema: &Schema,
    value: &Value,
    warnings: &mut Warnings,
) -> Result<(), String> {
    let mut validator = Validator {
        schema,
        document: &schema.document,
        draft: schema.draft,
        path: Vec::new(),
        scopes: Vec::new(),
        broken: None,
        unresolved: Vec::new(),
    };
    let result = validator.apply(Document::ROOT, value, false, false);
    for name in validator.unresolved {
        warnings
            .push(format!("unresolved URN reference ignored; using permissive schema urn={name}"));
    }
    if let Some(broken) = validator.broken {
        return Err(broken);
    }
    let Err(problem) = result else { return Ok(()) };
    let problems = if problem.shape == Shape::Group { problem.causes } else { vec![problem] };
    let mut output = String::new();
    for problem in &problems {
        show(problem, 0, &mut output);
    }
    Err(output)
}

fn show(problem: &Problem, depth: usize, output: &mut String) {
    let hidden = problem.shape == Shape::Reference && problem.causes.len() == 1;
    if !hidden {
        let indent = "  ".repeat(depth);
        output.push_str(&format!("{indent}- at {}: {}\n", quote(&problem.pointer), problem.words));
    }
    let depth = if hidden { depth } else { depth + 1 };
    problem.causes.iter().for_each(|cause| show(cause, depth, output));
}

/// One application of a schema to a value.
struct Frame<'v> {
    value: &'v Value,
    keywords: Keywords,
    unevaluated: Unevaluated,
    problems: Vec<Problem>,
    /// Only yes or no is asked for.
    quick: bool,
}

type Outcome = Result<Unevaluated, Problem>;

impl Validator<'_> {
    /// Applies a schema to the value at the current path.
    fn apply(&mut self, node: Node, value: &Value, quick: bool, caller_needs: bool) -> Outcome {
        match self.document.kind(node) {
            Kind::True => return Ok(self.unevaluated(None, value, caller_needs)),
            Kind::False => return Err(self.problem("false schema".to_owned())),
            _ => {}
        }
        let keywords = Keywords::of(self.document, node);
        if !keywords.any {
            return Ok(self.unevaluated(None, value, caller_needs));
        }
        let depth = self.path.len();
        let here = self.scopes.iter().rev().take_while(|(_, level)| *level == depth);
        if here.into_iter().any(|(known, _)| *known == node) {
            let words = "the schema refers to itself without end".to_owned();
            return Err(self.problem(words));
        }
        if self.scopes.len() >= MAX_DEPTH {
            self.broken = Some("the schema or the values are nested too deep".to_owned());
            return Err(self.problem(String::new()));
        }
        self.scopes.push((node, depth));
        let unevaluated = self.unevaluated(Some(&keywords), value, caller_needs);
        let frame = Frame { value, keywords, unevaluated, problems: Vec::new(), quick };
        let outcome = self.check(frame);
        self.scopes.pop();
        outcome
    }

    /// Applies a schema to a value inside the current one.
    fn apply_inside(
        &mut self,
        node: Node,
        value: &Value,
        name: impl FnOnce() -> String,
        frame: &Frame<'_>,
    ) -> Result<(), Problem> {
        // Most schemas are small and fit: the path is only needed for problems and depth.
        self.path.push(name());
        let outcome = self.apply(node, value, frame.quick, false);
        self.path.pop();
        outcome.map(|_| ())
    }

    /// Applies another schema to the same value.
    fn apply_same(
        &mut self,
        node: Node,
        frame: &mut Frame<'_>,
        quick: bool,
    ) -> Result<(), Problem> {
        let needs = !frame.unevaluated.is_empty();
        let unevaluated = self.apply(node, frame.value, frame.quick || quick, needs)?;
        frame.unevaluated.keep_common(&unevaluated);
        Ok(())
    }

    fn unevaluated(&self, keywords: Option<&Keywords>, value: &Value, needed: bool) -> Unevaluated {
        let has = |keyword| keywords.is_some_and(|keywords| keywords.get(keyword).is_some());
        let newer = self.draft >= Draft::Draft2019;
        let mut unevaluated = Unevaluated::default();
        match value {
            Value::Map(map) => {
                let wanted = needed || (newer && has(K::UnevaluatedProperties));
                if wanted && !has(K::AdditionalProperties) {
                    unevaluated.properties = map.keys().into_iter().collect();
                }
            }
            Value::List(list) => {
                let wanted = needed || (newer && has(K::UnevaluatedItems));
                let items = keywords.and_then(|keywords| keywords.get(K::Items));
                let tuple = items.filter(|node| {
                    self.draft < Draft::Draft2020 && self.document.kind(*node) == Kind::List
                });
                let all = match self.draft {
                    Draft::Draft2020 => items.is_some(),
                    _ => {
                        (items.is_some() && tuple.is_none())
                            || (tuple.is_some() && has(K::AdditionalItems))
                    }
                };
                let first = match self.draft {
                    Draft::Draft2020 => keywords.and_then(|keywords| keywords.get(K::PrefixItems)),
                    _ => tuple,
                };
                let first = first.map_or(0, |node| self.document.items(node).count());
                if wanted && !all {
                    unevaluated.items = (first..list.len()).collect();
                }
            }
            _ => {}
        }
        unevaluated
    }

    fn problem(&self, words: String) -> Problem {
        let mut pointer = String::new();
        for name in &self.path {
            pointer.push('/');
            pointer.push_str(&escaped(name));
        }
        Problem { pointer, words, shape: Shape::Line, causes: Vec::new() }
    }

    fn add(&self, frame: &mut Frame<'_>, words: impl FnOnce() -> String) {
        let problem = if frame.quick { empty() } else { self.problem(words()) };
        frame.problems.push(problem);
    }

    fn add_all(&self, frame: &mut Frame<'_>, causes: Vec<Problem>, words: &str) {
        let mut problem = if frame.quick { empty() } else { self.problem(words.to_owned()) };
        problem.causes = causes;
        frame.problems.push(problem);
    }

    fn constant(&mut self, frame: &Frame<'_>) -> Result<(), Problem> {
        if let Some(want) = frame.keywords.get(K::Const)
            && self.draft >= Draft::Draft6
            && !self.equals(frame.value, want)
        {
            let words = match self.document.kind(want) {
                Kind::List | Kind::Object => "'const' failed".to_owned(),
                _ => format!("value must be {}", self.shown(want)),
            };
            return Err(self.problem(words));
        }
        Ok(())
    }

    fn check(&mut self, mut frame: Frame<'_>) -> Outcome {
        let value = frame.value;
        if frame.keywords.get(K::Ref).is_some() && self.draft < Draft::Draft2019 {
            // Nothing else counts next to a reference, but `const` does.
            self.constant(&frame)?;
            return match self.reference(K::Ref, &mut frame) {
                Ok(()) => Ok(frame.unevaluated),
                Err(problem) => Err(problem),
            };
        }
        let Some(got) = type_of(value) else {
            return Err(self.problem(format!("invalid jsonType {}", value.type_name())));
        };
        if let Some(types) = frame.keywords.get(K::Type)
            && let Some(want) = self.type_mismatch(types, got, value)
        {
            return Err(self.problem(format!("got {got}, want {want}")));
        }
        self.constant(&frame)?;
        if let Some(want) = frame.keywords.get(K::Enum)
            && self.document.kind(want) == Kind::List
            && !self.document.items(want).any(|item| self.equals(value, item))
        {
            return Err(self.problem(self.enum_words(want)));
        }
        if let Some(format) = frame.keywords.get(K::Format)
            && self.draft < Draft::Draft2019
            && let Value::Str(text) = value
            && let Some(name) = self.document.string(format)
            && let Err(reason) = formats::check(&name, &text.to_string_lossy())
        {
            let words = format!("{} is not valid {name}: {reason}", quote(&text.to_string_lossy()));
            return Err(self.problem(words));
        }
        if frame.keywords.get(K::Ref).is_some()
            && let Err(problem) = self.reference(K::Ref, &mut frame)
        {
            frame.problems.push(problem);
        }
        match value {
            Value::Map(map) => self.object(map, &mut frame),
            Value::List(list) => self.array(list, &mut frame),
            Value::Str(text) => self.string(&text.to_string_lossy(), &mut frame),
            Value::Int(_) | Value::Float(_) => self.number(&mut frame),
            _ => {}
        }
        if frame.problems.is_empty() || !frame.quick {
            if self.draft >= Draft::Draft2019 {
                for keyword in [K::RecursiveRef, K::DynamicRef] {
                    let since =
                        if keyword == K::DynamicRef { Draft::Draft2020 } else { Draft::Draft2019 };
                    if self.draft >= since
                        && frame.keywords.get(keyword).is_some()
                        && let Err(problem) = self.reference(keyword, &mut frame)
                    {
                        frame.problems.push(problem);
                    }
                }
            }
            self.conditions(&mut frame);
            if self.draft >= Draft::Draft2019 {
                self.check_unevaluated(&mut frame);
            }
        }
        let mut problems = frame.problems;
        match problems.len() {
            0 => Ok(frame.unevaluated),
            1 => Err(problems.pop().unwrap_or_else(empty)),
            _ => {
                let mut group = self.problem("validation failed".to_owned());
                group.shape = Shape::Group;
                group.causes = problems;
                Err(group)
            }
        }
    }

    fn reference(&mut self, keyword: K, frame: &mut Frame<'_>) -> Result<(), Problem> {
        let Some(text_node) = frame.keywords.get(keyword) else { return Ok(()) };
        let Some(text) = self.document.string(text_node) else { return Ok(()) };
        let target = match self.schema.targets.get(&text_node) {
            Some(Some(target)) => self.dynamic_target(keyword, &text, *target),
            Some(None) => {
                let (name, _) = text.split_once('#').unwrap_or((&text, ""));
                if !self.unresolved.iter().any(|known| known == name) {
                    self.unresolved.push(name.to_owned());
                }
                return Ok(());
            }
            // All that values can lead to has been followed before.
            None => {
                self.broken = Some(format!("the reference {text:?} was not followed"));
                return Ok(());
            }
        };
        let Err(problem) = self.apply_same(target, frame, false) else { return Ok(()) };
        let mut reference = self.problem("validation failed".to_owned());
        reference.shape = Shape::Reference;
        reference.causes =
            if problem.shape == Shape::Group { problem.causes } else { vec![problem] };
        Err(reference)
    }

    /// Returns where a dynamic reference leads: to the outermost schema that claims the name.
    fn dynamic_target(&self, keyword: K, text: &str, target: Node) -> Node {
        let fragment = text.split_once('#').map_or("", |(_, fragment)| fragment);
        let claims = |node: Node| -> Option<Node> {
            let home = self.schema.resource_of(node)?;
            match keyword {
                K::RecursiveRef => {
                    let anchor = self.document.get(home.node, K::RecursiveAnchor.text())?;
                    self.document.boolean(anchor)?.then_some(home.node)
                }
                _ => {
                    let named = home.dynamic_anchors.iter().any(|name| name == fragment);
                    named.then(|| home.anchors.get(fragment).copied())?
                }
            }
        };
        if keyword == K::Ref || claims(target) != Some(target) {
            return target;
        }
        self.scopes.iter().find_map(|(node, _)| claims(*node)).unwrap_or(target)
    }

    fn object(&mut self, map: &Map, frame: &mut Frame<'_>) {
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

    fn property(&mut self, node: Node, key: &Str, value: &Value, frame: &mut Frame<'_>) {
        let name = || key.to_string_lossy().into_owned();
        if let Err(problem) = self.apply_inside(node, value, name, frame) {
            frame.problems.push(problem);
        }
    }

    fn item(&mut self, node: Node, at: usize, value: &Value, frame: &mut Frame<'_>) {
        if let Err(problem) = self.apply_inside(node, value, || at.to_string(), frame) {
            frame.problems.push(problem);
        }
    }

    fn array(&mut self, list: &List, frame: &mut Frame<'_>) {
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

    fn string(&mut self, text: &str, frame: &mut Frame<'_>) {
        let (least, most) = (self.count(frame, K::MinLength), self.count(frame, K::MaxLength));
        if least.is_some() || most.is_some() {
            let size = text.chars().count();
            if let Some(least) = least.filter(|least| size_below(size, *least)) {
                self.add(frame, || sizes("minLength", size, least));
            }
            if let Some(most) = most.filter(|most| size_above(size, *most)) {
                self.add(frame, || sizes("maxLength", size, most));
            }
        }
        if let Some(node) = frame.keywords.get(K::Pattern)
            && self.schema.pattern(node).is_some_and(|pattern| !pattern.is_match(text))
        {
            let pattern = self.document.string(node).unwrap_or_default();
            self.add(frame, || {
                format!("{} does not match pattern {}", quote(text), quote(&pattern))
            });
        }
    }

    fn number(&mut self, frame: &mut Frame<'_>) {
        let Some(number) = Decimal::of(frame.value) else { return };
        let document = self.document;
        let limit = |frame: &Frame<'_>, keyword| {
            let node = frame.keywords.get(keyword)?;
            Decimal::parse(document.raw(node)).filter(|_| document.kind(node) == Kind::Number)
        };
        let flag = |frame: &Frame<'_>, keyword| {
            frame.keywords.get(keyword).and_then(|node| document.boolean(node)) == Some(true)
        };
        let (mut least, mut most) = (limit(frame, K::Minimum), limit(frame, K::Maximum));
        let mut above = limit(frame, K::ExclusiveMinimum);
        let mut below = limit(frame, K::ExclusiveMaximum);
        // In draft 4 these are flags on the other two.
        if flag(frame, K::ExclusiveMinimum) {
            above = least.take();
        }
        if flag(frame, K::ExclusiveMaximum) {
            below = most.take();
        }
        let unit = limit(frame, K::MultipleOf);
        let checks = [
            ("minimum", least.filter(|limit| number.compare(*limit).is_lt())),
            ("maximum", most.filter(|limit| number.compare(*limit).is_gt())),
            ("exclusiveMinimum", above.filter(|limit| number.compare(*limit).is_le())),
            ("exclusiveMaximum", below.filter(|limit| number.compare(*limit).is_ge())),
            ("multipleOf", unit.filter(|unit| !number.is_multiple_of(*unit))),
        ];
        for (keyword, broken) in checks {
            if let Some(limit) = broken {
                self.add(frame, || {
                    let (got, want) = (words::float(number.float()), words::float(limit.float()));
                    format!("{keyword}: got {got}, want {want}")
                });
            }
        }
    }

    fn conditions(&mut self, frame: &mut Frame<'_>) {
        let document = self.document;
        if let Some(not) = frame.keywords.get(K::Not)
            && self.apply_same(not, frame, true).is_ok()
        {
            self.add(frame, || "'not' failed".to_owned());
        }
        if let Some(all) = frame.keywords.get(K::AllOf) {
            let mut problems = Vec::new();
            for node in document.items(all) {
                if let Err(problem) = self.apply_same(node, frame, false) {
                    problems.push(problem);
                    if frame.quick {
                        break;
                    }
                }
            }
            if !problems.is_empty() {
                self.add_all(frame, problems, "'allOf' failed");
            }
        }
        if let Some(any) = frame.keywords.get(K::AnyOf) {
            let mut problems = Vec::new();
            let mut matched = false;
            for node in document.items(any) {
                match self.apply_same(node, frame, false) {
                    Err(problem) => problems.push(problem),
                    Ok(()) => {
                        matched = true;
                        if frame.unevaluated.is_empty() {
                            break;
                        }
                    }
                }
            }
            if !matched {
                self.add_all(frame, problems, "'anyOf' failed");
            }
        }
        if let Some(one) = frame.keywords.get(K::OneOf) {
            let mut problems = Vec::new();
            let mut matched: Option<usize> = None;
            for (at, node) in document.items(one).enumerate() {
                match (self.apply_same(node, frame, matched.is_some()), matched) {
                    (Err(problem), None) => problems.push(problem),
                    (Err(_), Some(_)) => {}
                    (Ok(()), None) => matched = Some(at),
                    (Ok(()), Some(first)) => {
                        self.add(frame, || {
                            format!("'oneOf' failed, subschemas {first}, {at} matched")
                        });
                        break;
                    }
                }
            }
            if matched.is_none() {
                self.add_all(frame, problems, "'oneOf' failed, none matched");
            }
        }
        if let Some(condition) = frame.keywords.get(K::If)
            && self.draft >= Draft::Draft7
        {
            let holds = self.apply_same(condition, frame, true).is_ok();
            let then = frame.keywords.get(if holds { K::Then } else { K::Else });
            if let Some(then) = then
                && let Err(problem) = self.apply_same(then, frame, false)
            {
                frame.problems.push(problem);
            }
        }
    }

    fn check_unevaluated(&mut self, frame: &mut Frame<'_>) {
        match frame.value {
            Value::Map(map) => {
                let Some(node) = frame.keywords.get(K::UnevaluatedProperties) else { return };
                for key in std::mem::take(&mut frame.unevaluated.properties) {
                    if let Some(value) = map.get(&key) {
                        self.property(node, &key, &value, frame);
                    }
                }
            }
            Value::List(list) => {
                let Some(node) = frame.keywords.get(K::UnevaluatedItems) else { return };
                for at in std::mem::take(&mut frame.unevaluated.items) {
                    if let Some(value) = list.get(at) {
                        self.item(node, at, &value, frame);
                    }
                }
            }
            _ => {}
        }
    }

    fn count(&self, frame: &Frame<'_>, keyword: K) -> Option<i128> {
        let node = frame.keywords.get(keyword)?;
        let number = Decimal::parse(self.document.raw(node))?;
        #[allow(clippy::cast_possible_truncation, reason = "sizes are small whole numbers")]
        number.is_integer().then(|| number.float() as i128)
    }

    /// Returns the types that were wanted, if the value has none of them.
    fn type_mismatch(&self, types: Node, got: &str, value: &Value) -> Option<String> {
        let names: Vec<Cow<'_, str>> = match self.document.kind(types) {
            Kind::List => {
                self.document.items(types).filter_map(|name| self.document.string(name)).collect()
            }
            _ => self.document.string(types).into_iter().collect(),
        };
        let fits = names.iter().any(|name| {
            *name == got
                || (*name == "integer"
                    && got == "number"
                    && Decimal::of(value).is_some_and(Decimal::is_integer))
        });
        let order = ["null", "boolean", "number", "integer", "string", "array", "object"];
        let want: Vec<&str> =
            order.into_iter().filter(|name| names.iter().any(|known| known == name)).collect();
        (!fits && !want.is_empty()).then(|| want.join(" or "))
    }

    fn enum_words(&self, want: Node) -> String {
        let kinds = |node: Node| matches!(self.document.kind(node), Kind::List | Kind::Object);
        if self.document.items(want).any(kinds) {
            return "'enum' failed".to_owned();
        }
        let shown: Vec<String> = self.document.items(want).map(|node| self.shown(node)).collect();
        match shown.as_slice() {
            [one] => format!("value must be {one}"),
            several => format!("value must be one of {}", several.join(", ")),
        }
    }

    fn shown(&self, node: Node) -> String {
        match self.document.string(node) {
            Some(text) => quote(&text),
            None if self.document.kind(node) == Kind::Null => "<nil>".to_owned(),
            None => self.document.raw(node).to_owned(),
        }
    }

    fn equals(&self, value: &Value, node: Node) -> bool {
        let document = self.document;
        match (value, document.kind(node)) {
            (Value::Nil, Kind::Null)
            | (Value::Bool(true), Kind::True)
            | (Value::Bool(false), Kind::False) => true,
            (Value::Int(_) | Value::Float(_), Kind::Number) => {
                let numbers = Decimal::of(value).zip(Decimal::parse(document.raw(node)));
                numbers.is_some_and(|(left, right)| left.compare(right).is_eq())
            }
            (Value::Str(text), Kind::String) => *text == document.raw(node),
            (Value::Str(text), Kind::Escaped) => {
                document.string(node).is_some_and(|want| *text == *want)
            }
            (Value::List(list), Kind::List) => {
                let items = list.items();
                items.len() == document.items(node).count()
                    && items.iter().zip(document.items(node)).all(|(a, b)| self.equals(a, b))
            }
            (Value::Map(map), Kind::Object) => {
                let names: BTreeSet<Cow<'_, str>> =
                    document.members(node).filter_map(|(name, _)| document.string(name)).collect();
                map.len() == names.len()
                    && names.iter().all(|name| {
                        let pair = map.get(name.as_bytes()).zip(document.get(node, name));
                        pair.is_some_and(|(a, b)| self.equals(&a, b))
                    })
            }
            _ => false,
        }
    }
}

fn empty() -> Problem {
    let (pointer, words) = (String::new(), String::new());
    Problem { pointer, words, shape: Shape::Line, causes: Vec::new() }
}

fn type_of(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Nil => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "number",
        Value::Float(number) if number.is_finite() => "number",
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => return None,
    })
}

/// Returns the first two equal items.
fn duplicates(items: &[Value]) -> Option<(usize, usize)> {
    for (at, item) in items.iter().enumerate() {
        if let Some(same) = items.iter().take(at).position(|other| same(other, item)) {
            return Some((same, at));
        }
    }
    None
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            let numbers = Decimal::of(a).zip(Decimal::of(b));
            numbers.is_some_and(|(a, b)| a.compare(b).is_eq())
        }
        (Value::List(a), Value::List(b)) => {
            let (a, b) = (a.items(), b.items());
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let (a, b) = (a.entries(), b.entries());
            a.len() == b.len()
                && a.iter().zip(b.iter()).all(|(a, b)| a.0 == b.0 && same(&a.1, &b.1))
        }
        _ => false,
    }
}

fn size_below(size: usize, least: i128) -> bool {
    i128::try_from(size).is_ok_and(|size| size < least)
}

fn size_above(size: usize, most: i128) -> bool {
    i128::try_from(size).is_ok_and(|size| size > most)
}

fn count(size: usize) -> String {
    words::count(i128::try_from(size).unwrap_or(0))
}

fn sizes(keyword: &str, got: usize, want: i128) -> String {
    format!("{keyword}: got {}, want {}", count(got), words::count(want))
}
