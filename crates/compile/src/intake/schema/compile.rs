//! From the text of a JSON Schema to rules.

use std::collections::HashMap;

use indexmap::IndexMap;
use regex::Regex;
use serde_json::{Map, Value};

use super::{Additional, Rule, RuleId, Schema, Type};

/// Compiles a schema; the error names what is not known.
pub(crate) fn compile(text: &str) -> Result<Schema, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut compiler = Compiler { document: &document, rules: Vec::new(), known: HashMap::new() };
    compiler.rule("#", &document)?;
    Ok(Schema { rules: compiler.rules })
}

struct Compiler<'d> {
    document: &'d Value,
    rules: Vec<Rule>,
    /// Rules by the JSON pointer that refers to them.
    known: HashMap<String, RuleId>,
}

type Compile<T> = Result<T, String>;

impl Compiler<'_> {
    fn reference(&mut self, pointer: &str) -> Compile<RuleId> {
        if let Some(&id) = self.known.get(pointer) {
            return Ok(id);
        }
        let document = self.document;
        let path = pointer.strip_prefix('#').ok_or_else(|| format!("reference {pointer}"))?;
        let target = document.pointer(path).ok_or_else(|| format!("reference {pointer}"))?;
        self.rule(pointer, target)
    }

    fn rule(&mut self, pointer: &str, value: &Value) -> Compile<RuleId> {
        let id = self.rules.len();
        self.rules.push(Rule::default());
        self.known.insert(pointer.to_owned(), id);
        let mut rule = Rule::default();
        match value {
            Value::Bool(true) => {}
            Value::Object(keywords) => {
                for (keyword, value) in keywords {
                    let pointer = format!("{pointer}/{}", escape(keyword));
                    self.keyword(&mut rule, &pointer, keyword, value)
                        .map_err(|error| format!("{pointer}: {error}"))?;
                }
            }
            _ => return Err(format!("{pointer}: no schema")),
        }
        self.rules[id] = rule;
        Ok(id)
    }

    fn keyword(
        &mut self,
        rule: &mut Rule,
        pointer: &str,
        keyword: &str,
        value: &Value,
    ) -> Compile<()> {
        match keyword {
            "$schema" | "$id" | "title" | "default" => {}
            // Compiled where they are referred to.
            "$defs" => {}
            // A file of its own has a schema of its own: it is held against that.
            "$ref" if text(value)?.ends_with(".schema.json") => {}
            "$ref" => rule.reference = Some(self.reference(text(value)?)?),
            "type" => rule.types = types(value)?,
            "const" => rule.values = Some(vec![value.clone()]),
            "enum" => rule.values = Some(array(value)?.clone()),
            "properties" => rule.properties = self.rules_of(pointer, value)?,
            "required" => rule.required = texts(value)?,
            "dependentRequired" => {
                for (name, value) in object(value)? {
                    rule.dependent.insert(name.clone(), texts(value)?);
                }
            }
            "additionalProperties" => {
                rule.additional = match value {
                    Value::Bool(false) => Additional::Forbidden,
                    Value::Bool(true) => Additional::Free,
                    _ => Additional::Rule(self.rule(pointer, value)?),
                }
            }
            "propertyNames" => rule.names = Some(self.rule(pointer, value)?),
            "items" => rule.items = Some(self.rule(pointer, value)?),
            "minItems" => rule.item_count.0 = Some(count(value)?),
            "maxItems" => rule.item_count.1 = Some(count(value)?),
            "uniqueItems" => rule.unique = value.as_bool().unwrap_or_default(),
            "pattern" => {
                let pattern = Regex::new(text(value)?).map_err(|error| error.to_string())?;
                rule.pattern = Some(pattern);
            }
            "minLength" => rule.length.0 = Some(count(value)?),
            "maxLength" => rule.length.1 = Some(count(value)?),
            "minimum" => rule.range.0 = value.as_f64(),
            "maximum" => rule.range.1 = value.as_f64(),
            "exclusiveMinimum" => rule.above = value.as_f64(),
            "oneOf" => rule.one_of = self.branches(pointer, value)?,
            "anyOf" => rule.any_of = self.branches(pointer, value)?,
            "allOf" => rule.all_of = self.branches(pointer, value)?,
            "not" => rule.not = Some(self.rule(pointer, value)?),
            "description" => rule.description = text(value)?.to_owned(),
            "x-mainstay-instead" => rule.instead = text_map(value)?,
            // Why a default is what it is: `explain` reads it from the schema itself.
            "x-mainstay-because" => {}
            "x-mainstay-not-yet" => rule.not_yet = Some(text(value)?.to_owned()),
            "x-mainstay-not-yet-values" => rule.not_yet_values = text_map(value)?,
            _ => return Err("unknown keyword".to_owned()),
        }
        Ok(())
    }

    fn rules_of(&mut self, pointer: &str, value: &Value) -> Compile<IndexMap<String, RuleId>> {
        let entries = object(value)?.iter();
        entries
            .map(|(name, value)| {
                Ok((name.clone(), self.rule(&format!("{pointer}/{}", escape(name)), value)?))
            })
            .collect()
    }

    fn branches(&mut self, pointer: &str, value: &Value) -> Compile<Vec<RuleId>> {
        let items = array(value)?.iter().enumerate();
        items.map(|(index, value)| self.rule(&format!("{pointer}/{index}"), value)).collect()
    }
}

/// Escapes a name for a JSON pointer (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn types(value: &Value) -> Compile<Vec<Type>> {
    let names = match value {
        Value::String(name) => vec![name.clone()],
        _ => texts(value)?,
    };
    names
        .iter()
        .map(|name| {
            Ok(match name.as_str() {
                "object" => Type::Object,
                "array" => Type::Array,
                "string" => Type::String,
                "integer" => Type::Integer,
                "number" => Type::Number,
                "boolean" => Type::Boolean,
                "null" => Type::Null,
                _ => return Err(format!("unknown type {name}")),
            })
        })
        .collect()
}

fn text(value: &Value) -> Compile<&str> {
    value.as_str().ok_or_else(|| "no text".to_owned())
}

fn texts(value: &Value) -> Compile<Vec<String>> {
    array(value)?.iter().map(|item| text(item).map(str::to_owned)).collect()
}

fn text_map(value: &Value) -> Compile<IndexMap<String, String>> {
    let entries = object(value)?.iter();
    entries.map(|(name, value)| Ok((name.clone(), text(value)?.to_owned()))).collect()
}

fn array(value: &Value) -> Compile<&Vec<Value>> {
    value.as_array().ok_or_else(|| "no list".to_owned())
}

fn object(value: &Value) -> Compile<&Map<String, Value>> {
    value.as_object().ok_or_else(|| "no map".to_owned())
}

fn count(value: &Value) -> Compile<u64> {
    value.as_u64().ok_or_else(|| "no count".to_owned())
}
