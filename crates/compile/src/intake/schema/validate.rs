//! Walking a tree and its rules side by side.

use std::collections::HashMap;

use yaml::{Kind, Node};

use super::{Additional, Fault, FaultKind, Form, Rule, RuleId, Schema, Type};
use crate::intake::keys::key_text;

/// No rule of mainstay's lies deeper; a bound keeps the walk off the end of the stack.
const DEPTH_LIMIT: usize = 64;

/// Returns everything that a file says against its schema, in the order of the walk.
pub(crate) fn validate(schema: &Schema, tree: &Node) -> Vec<Fault> {
    let mut walk = Walk { schema, faults: Vec::new(), field: String::new(), depth: 0 };
    walk.anywhere(tree, 0);
    walk.node(0, tree);
    walk.faults
}

/// Whether no YAML may have a letter as it is (YAML 1.2, 5.1 "Character Set"), or reads another one.
/// What Go's writer escapes is none of these: tabs, line ends and the other control characters.
fn is_unprintable(letter: char) -> bool {
    matches!(letter, '\0' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

struct Walk<'s> {
    schema: &'s Schema,
    faults: Vec<Fault>,
    field: String,
    depth: usize,
}

impl Walk<'_> {
    fn fault(&mut self, node: &Node, kind: FaultKind) {
        self.fault_at(node.span, kind);
    }

    fn fault_at(&mut self, span: yaml::Span, kind: FaultKind) {
        self.faults.push(Fault { span, field: self.field.clone(), kind });
    }

    /// Looks for what no rule speaks of: keys that stand twice, and NULs. Apart from the rules, which
    /// may look at a value often.
    fn anywhere(&mut self, node: &Node, depth: usize) {
        if depth > DEPTH_LIMIT {
            return;
        }
        match &node.kind {
            Kind::List(items) => items.iter().for_each(|item| self.anywhere(item, depth + 1)),
            Kind::Map(entries) => {
                let mut first = HashMap::with_capacity(entries.len());
                for (key, value) in entries {
                    if let Some(name) = key_text(key)
                        && let Some(first) = first.insert(name, key.span)
                    {
                        self.fault(key, FaultKind::DuplicateKey { first });
                    }
                    self.anywhere(key, depth + 1);
                    self.anywhere(value, depth + 1);
                }
            }
            Kind::String(text) => {
                if let Some(letter) = text.chars().find(|&letter| is_unprintable(letter)) {
                    self.fault(node, FaultKind::Unprintable { letter });
                }
            }
            _ => {}
        }
    }

    fn node(&mut self, id: RuleId, node: &Node) {
        // No schema of ours refers to itself, so this is not reached.
        if self.depth >= DEPTH_LIMIT {
            return;
        }
        self.depth += 1;
        self.rule(id, node);
        self.depth -= 1;
    }

    fn rule(&mut self, id: RuleId, node: &Node) {
        let schema = self.schema;
        let rule = &schema.rules[id];
        if let Some(meanwhile) = &rule.not_yet {
            return self.fault(node, FaultKind::NotYet { meanwhile: meanwhile.clone() });
        }
        if let Some(meanwhile) = node.as_str().and_then(|value| rule.not_yet_values.get(value)) {
            return self.fault(node, FaultKind::NotYet { meanwhile: meanwhile.clone() });
        }
        if !rule.types.is_empty() && !rule.types.iter().any(|&wanted| is(node, wanted)) {
            let kind = FaultKind::WrongType {
                wanted: rule.types.clone(),
                found: node.type_name(),
                rule: id,
            };
            return self.fault(node, kind);
        }
        if let Some(reference) = rule.reference {
            self.rule_below(reference, node);
        }
        if let Some(values) = &rule.values
            && !values.iter().any(|value| equal(node, value))
        {
            // What is not built yet is not proposed.
            let built = values.iter().map(typed).filter(|it| !rule.not_yet_values.contains_key(it));
            let allowed = built.collect();
            self.fault(node, FaultKind::NotAllowed { allowed });
        }
        match &node.kind {
            Kind::Map(entries) => self.map(id, rule, node, entries),
            Kind::List(items) => self.list(rule, node, items),
            Kind::String(text) => {
                if let Some(form) = text_form(rule, text) {
                    self.fault(node, FaultKind::Form(form));
                }
            }
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => {
                if let Some(form) = number_form(rule, node) {
                    self.fault(node, FaultKind::Form(form));
                }
            }
            Kind::Null | Kind::Bool(_) => {}
        }
        for &part in &rule.all_of {
            self.rule_below(part, node);
        }
        if !rule.one_of.is_empty() {
            self.one_of(rule, node);
        }
        if !rule.any_of.is_empty() && !rule.any_of.iter().any(|&branch| self.accepts(branch, node))
        {
            match required_only(schema, &rule.any_of) {
                Some(names) => self.fault(node, FaultKind::AtLeastOne { names }),
                None => self.best_branch(&rule.any_of, node),
            }
        }
        if let Some(not) = rule.not
            && self.accepts(not, node)
        {
            let forbidden = &schema.rules[not];
            let kind = match &forbidden.pattern {
                Some(pattern) => FaultKind::Form(Form::NotPattern(pattern.as_str().to_owned())),
                None => FaultKind::Excludes { names: forbidden.required.clone() },
            };
            self.fault(node, kind);
        }
    }

    /// Applies another rule to the same value: deeper in rules, not in the file.
    fn rule_below(&mut self, id: RuleId, node: &Node) {
        self.node(id, node);
    }

    fn map(&mut self, id: RuleId, rule: &Rule, node: &Node, entries: &[(Node, Node)]) {
        for (key, value) in entries {
            let Some(name) = key_text(key) else {
                self.fault(key, FaultKind::KeyType);
                continue;
            };
            let length = self.field.len();
            if let Some(names) = rule.names {
                self.key(names, key, &name);
            }
            if !self.field.is_empty() {
                self.field.push('.');
            }
            self.field.push_str(&name);
            match (rule.properties.get(name.as_ref()), &rule.additional) {
                (Some(&property), _) => self.node(property, value),
                (None, Additional::Rule(additional)) => self.node(*additional, value),
                (None, Additional::Free) => {}
                (None, Additional::Forbidden) => {
                    let kind = FaultKind::UnknownField { name: name.to_string(), rule: id };
                    self.fault(key, kind);
                }
            }
            self.field.truncate(length);
        }
        for name in &rule.required {
            if node.get(name).is_none() {
                let name = name.clone();
                self.fault(node, FaultKind::MissingField { name, rule: id, because: None });
            }
        }
        for (present, needed) in &rule.dependent {
            let Some((key, _)) = node.entry(present) else { continue };
            for name in needed.iter().filter(|name| node.get(name).is_none()) {
                let because = Some(present.clone());
                let kind = FaultKind::MissingField { name: name.clone(), rule: id, because };
                self.fault(key, kind);
            }
        }
    }

    /// Checks the name of a key as a text.
    fn key(&mut self, names: RuleId, key: &Node, name: &str) {
        let schema = self.schema;
        let rule = &schema.rules[names];
        let not = rule.not.and_then(|not| schema.rules[not].pattern.as_ref());
        let form = text_form(rule, name).or_else(|| {
            let forbidden = not.filter(|pattern| pattern.is_match(name))?;
            Some(Form::NotPattern(forbidden.as_str().to_owned()))
        });
        if let Some(form) = form {
            self.fault(key, FaultKind::KeyForm(form));
        }
    }

    fn list(&mut self, rule: &Rule, node: &Node, items: &[Node]) {
        let count = items.len() as u64;
        match rule.item_count {
            (Some(least), _) if count < least => {
                self.fault(node, FaultKind::Form(Form::TooFew(least)));
            }
            (_, Some(most)) if count > most => {
                self.fault(node, FaultKind::Form(Form::TooMany(most)));
            }
            _ => {}
        }
        if rule.unique {
            // The lists of different items are short: names, capabilities, registries.
            for (index, item) in items.iter().enumerate() {
                if let Some(first) = items[..index].iter().find(|first| same(first, item)) {
                    self.fault(item, FaultKind::DuplicateItem { first: first.span });
                }
            }
        }
        let Some(of_items) = rule.items else { return };
        for (index, item) in items.iter().enumerate() {
            let length = self.field.len();
            self.field.push_str(&format!("[{index}]"));
            self.node(of_items, item);
            self.field.truncate(length);
        }
    }

    fn one_of(&mut self, rule: &Rule, node: &Node) {
        let schema = self.schema;
        if let Some(names) = required_only(schema, &rule.one_of) {
            let present: Vec<String> =
                names.iter().filter(|name| node.get(name).is_some()).cloned().collect();
            if node.as_map().is_some() && present.len() != 1 {
                self.fault(node, FaultKind::ExactlyOne { names, present });
            }
            return;
        }
        // Cheap first: the branch that a value is meant for is known by its type.
        let fitting: Vec<RuleId> =
            rule.one_of.iter().copied().filter(|&branch| fits(schema, branch, node, 0)).collect();
        match fitting.as_slice() {
            [] => {
                let wanted: Vec<Type> =
                    rule.one_of.iter().flat_map(|&branch| wanted(schema, branch, 0)).collect();
                let id = rule.one_of.first().copied().unwrap_or_default();
                let kind = FaultKind::WrongType { wanted, found: node.type_name(), rule: id };
                self.fault(node, kind);
            }
            [only] => self.node(*only, node),
            several => {
                let accepting = several.iter().filter(|&&branch| self.accepts(branch, node));
                if accepting.count() != 1 {
                    self.best_branch(several, node);
                }
            }
        }
    }

    /// Reports against the branch with the fewest faults.
    fn best_branch(&mut self, branches: &[RuleId], node: &Node) {
        let trials = branches.iter().map(|&branch| {
            let mut trial = self.trial();
            trial.node(branch, node);
            trial.faults
        });
        if let Some(faults) = trials.min_by_key(Vec::len) {
            self.faults.extend(faults);
        }
    }

    fn accepts(&self, branch: RuleId, node: &Node) -> bool {
        let mut trial = self.trial();
        trial.node(branch, node);
        trial.faults.iter().all(|fault| matches!(fault.kind, FaultKind::NotYet { .. }))
    }

    fn trial(&self) -> Walk<'_> {
        Walk {
            schema: self.schema,
            faults: Vec::new(),
            field: self.field.clone(),
            depth: self.depth,
        }
    }
}

/// Whether a value can be meant for a branch, by its type or its constant value.
fn fits(schema: &Schema, branch: RuleId, node: &Node, depth: usize) -> bool {
    let rule = &schema.rules[branch];
    if !rule.types.is_empty() && !rule.types.iter().any(|&wanted| is(node, wanted)) {
        return false;
    }
    if let Some([only]) = rule.values.as_deref()
        && !equal(node, only)
    {
        return false;
    }
    depth > 8 || rule.reference.is_none_or(|reference| fits(schema, reference, node, depth + 1))
}

/// Returns the types that a branch is for.
fn wanted(schema: &Schema, branch: RuleId, depth: usize) -> Vec<Type> {
    let rule = &schema.rules[branch];
    match (rule.types.as_slice(), rule.reference, rule.values.as_deref()) {
        ([], Some(reference), _) if depth < 8 => wanted(schema, reference, depth + 1),
        ([], _, Some([serde_json::Value::Bool(_)])) => vec![Type::Boolean],
        ([], _, Some([serde_json::Value::String(_)])) => vec![Type::String],
        ([], ..) if depth < 8 && !rule.one_of.is_empty() => {
            rule.one_of.iter().flat_map(|&branch| wanted(schema, branch, depth + 1)).collect()
        }
        (types, ..) => types.to_vec(),
    }
}

/// Returns the names of branches that each ask for one field and nothing else.
fn required_only(schema: &Schema, branches: &[RuleId]) -> Option<Vec<String>> {
    branches
        .iter()
        .map(|&branch| {
            let rule = &schema.rules[branch];
            let plain = rule.types.is_empty() && rule.reference.is_none() && rule.values.is_none();
            match rule.required.as_slice() {
                [name] if plain => Some(name.clone()),
                _ => None,
            }
        })
        .collect()
}

fn is(node: &Node, wanted: Type) -> bool {
    match (&node.kind, wanted) {
        (Kind::Map(_), Type::Object)
        | (Kind::List(_), Type::Array)
        | (Kind::String(_), Type::String)
        | (Kind::Bool(_), Type::Boolean)
        | (Kind::Null, Type::Null)
        | (Kind::Int(_) | Kind::Uint(_), Type::Integer | Type::Number) => true,
        (Kind::Float(value), Type::Integer) => value.fract() == 0.0,
        (Kind::Float(value), Type::Number) => value.is_finite(),
        _ => false,
    }
}

fn text_form(rule: &Rule, text: &str) -> Option<Form> {
    let (least, most) = rule.length;
    if least.is_some() || most.is_some() {
        let length = text.chars().count() as u64;
        match (least, most) {
            (Some(least), _) if length < least => return Some(Form::TooShort(least)),
            (_, Some(most)) if length > most => return Some(Form::TooLong(most)),
            _ => {}
        }
    }
    let pattern = rule.pattern.as_ref().filter(|pattern| !pattern.is_match(text))?;
    Some(Form::Pattern(pattern.as_str().to_owned()))
}

fn number_form(rule: &Rule, node: &Node) -> Option<Form> {
    let value = node.as_f64()?;
    match (rule.range, rule.above) {
        ((Some(least), _), _) if value < least => Some(Form::Below(least)),
        ((_, Some(most)), _) if value > most => Some(Form::Above(most)),
        (_, Some(bound)) if value <= bound => Some(Form::NotAbove(bound)),
        _ => None,
    }
}

/// Compares a value with a constant; constants of the schemas are scalars.
fn equal(node: &Node, value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => node.as_str() == Some(text),
        serde_json::Value::Bool(flag) => node.as_bool() == Some(*flag),
        serde_json::Value::Number(number) => {
            node.as_f64().is_some() && node.as_f64() == number.as_f64()
        }
        serde_json::Value::Null => node.is_null(),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => false,
    }
}

/// Whether two values are the same, whatever their places.
fn same(a: &Node, b: &Node) -> bool {
    yaml::Value::from(a) == yaml::Value::from(b)
}

fn typed(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
