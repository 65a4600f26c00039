//! Whether a value fits a schema, keyword by keyword in the order of the library that helm uses.

mod array;
mod conditions;
mod object;
mod scalar;
mod values;

use std::collections::BTreeSet;

use gotmpl::{Str, Value};

use super::json::{Document, Kind, Node};
use super::keywords::{Keyword as K, Keywords};
use super::words::{escaped, quote};
use super::{Draft, Schema, formats};
use crate::coalesce::Warnings;

use self::values::type_of;

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
}

fn empty() -> Problem {
    let (pointer, words) = (String::new(), String::new());
    Problem { pointer, words, shape: Shape::Line, causes: Vec::new() }
}
