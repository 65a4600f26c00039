//! Templates of a set: texts with parameters in them, in all places of a typed tree.
//!
//! Source: Argo CD, `applicationset/utils/utils.go` (`Replace`, `deeplyReplace`; 3.2); the library
//! fasttemplate.

use indexmap::IndexMap;
use yaml::Value;

use super::super::types::{Type, fields};
use super::parameters::{Parameter, Parameters, template_data};

/// How a set's texts are templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Templating {
    /// `{{name}}`; an unknown name stays as it is.
    Plain,
    /// Go's templates.
    Go(gotmpl::MissingKey),
}

impl Templating {
    /// Reads `goTemplate` and `goTemplateOptions`.
    ///
    /// # Errors
    /// Where an option is none: Argo CD panics.
    pub(super) fn read(spec: &Value) -> Result<Templating, String> {
        if spec.get("goTemplate").and_then(Value::as_bool) != Some(true) {
            return Ok(Templating::Plain);
        }
        let mut missing = gotmpl::MissingKey::Invalid;
        let options = spec.get("goTemplateOptions").and_then(Value::as_list).unwrap_or_default();
        for option in options.iter().filter_map(Value::as_str) {
            missing = match option {
                "missingkey=default" | "missingkey=invalid" => gotmpl::MissingKey::Invalid,
                "missingkey=zero" => gotmpl::MissingKey::Zero,
                "missingkey=error" => gotmpl::MissingKey::Error,
                other => return Err(format!("unrecognized option: {other}")),
            };
        }
        Ok(Templating::Go(missing))
    }

    /// Whether it is Go's.
    pub(super) fn is_go(self) -> bool {
        matches!(self, Templating::Go(_))
    }

    /// Replaces the parameters in a text.
    ///
    /// # Errors
    /// What is wrong with the template, or what it lacks.
    pub(super) fn replace(self, text: &str, parameters: &Parameters) -> Result<String, String> {
        match self {
            Templating::Plain => plain(text, parameters),
            Templating::Go(missing_key) => {
                if !text.contains("{{") {
                    return Ok(text.to_owned());
                }
                go(text, parameters, missing_key)
            }
        }
    }
}

/// The work that one text may make.
const FUEL: u64 = 20_000_000;

fn go(
    text: &str,
    parameters: &Parameters,
    missing_key: gotmpl::MissingKey,
) -> Result<String, String> {
    let mut set = gotmpl::TemplateSet::of_application_sets();
    set.add("", text.as_bytes())
        .map_err(|error| format!("failed to parse template {text}: {error}"))?;
    let options = gotmpl::Options { missing_key, fuel: FUEL, ..gotmpl::Options::default() };
    let mut engine = gotmpl::Engine::new(&set, options);
    let bytes = engine.render("", &template_data(parameters)).map_err(|error| {
        // The marks of helm's own messages are none of Argo CD's.
        let error = error.to_string().replace("HELM_ERR_START", "").replace("HELM_ERR_END", "");
        format!("failed to execute go template {text}: {error}")
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The old templating: `{{name}}`, blanks around the name allowed; only texts are put in.
fn plain(text: &str, parameters: &Parameters) -> Result<String, String> {
    // Only where both ends are on one line is the text a template at all.
    let is_template = text.lines().any(|line| {
        line.find("{{").is_some_and(|at| line.get(at + 2..).is_some_and(|it| it.contains("}}")))
    });
    if !is_template {
        return Ok(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((tag, behind)) = after.split_once("}}") else {
            return Err(format!("invalid template: cannot find end tag `}}}}` from `{after}`"));
        };
        match parameters.get(tag.trim()) {
            Some(Parameter::Text(value)) if !tag.trim().is_empty() => out.push_str(value),
            _ => out.push_str(&format!("{{{{{tag}}}}}")),
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

/// Replaces the parameters in all texts of a value, keys of maps among them.
///
/// # Errors
/// The first text that cannot be replaced.
pub(super) fn replace_all(
    value: &Value,
    kind: &Type,
    templating: Templating,
    parameters: &Parameters,
) -> Result<Value, String> {
    let below = |value: &Value, kind: &Type| replace_all(value, kind, templating, parameters);
    Ok(match (kind, value) {
        (_, Value::Null) => Value::Null,
        (Type::Optional(inner), _) => below(value, inner)?,
        (Type::Text | Type::IntOrText, Value::String(text)) => {
            Value::String(templating.replace(text, parameters)?)
        }
        (Type::List(inner), Value::List(items)) => {
            Value::List(items.iter().map(|item| below(item, inner)).collect::<Result<_, _>>()?)
        }
        (Type::Map(inner), Value::Map(entries)) => {
            let mut replaced = IndexMap::with_capacity(entries.len());
            for (key, value) in entries {
                replaced.insert(templating.replace(key, parameters)?, below(value, inner)?);
            }
            Value::Map(replaced)
        }
        (Type::Struct(name), Value::Map(entries)) => {
            let mut replaced = IndexMap::with_capacity(entries.len());
            for (key, value) in entries {
                let field = fields(name).iter().find(|field| field.name == key);
                let value = match field {
                    Some(field) => below(value, &field.kind)?,
                    None => value.clone(),
                };
                replaced.insert(key.clone(), value);
            }
            Value::Map(replaced)
        }
        (Type::Raw, _) => replace_raw(value, templating, parameters)?,
        _ => value.clone(),
    })
}

/// Anything: an entry of a map that is null is gone afterwards.
fn replace_raw(
    value: &Value,
    templating: Templating,
    parameters: &Parameters,
) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(templating.replace(text, parameters)?),
        Value::List(items) => {
            let items = items.iter().map(|item| replace_raw(item, templating, parameters));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        Value::Map(entries) => {
            let mut replaced = IndexMap::with_capacity(entries.len());
            for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                let key = templating.replace(key, parameters)?;
                replaced.insert(key, replace_raw(value, templating, parameters)?);
            }
            Value::Map(replaced)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::parameters::map_of;
    use super::*;

    #[test]
    fn texts_are_replaced_in_both_ways() {
        let parameters = "{name: web, port: 8080, deep: {x: [a, b]}, values.k: v, big: 1000000}";
        let parameters = map_of(&Value::decode_go2(parameters.as_bytes()).unwrap());
        let go = Templating::Go(gotmpl::MissingKey::Invalid);
        let strict = Templating::Go(gotmpl::MissingKey::Error);
        for (templating, text, want) in [
            (Templating::Plain, "{{name}}-{{ name }}", "web-web"),
            (Templating::Plain, "{{port}} {{ unknown }} {{}}", "{{port}} {{ unknown }} {{}}"),
            (Templating::Plain, "{{values.k}}", "v"),
            (Templating::Plain, "{{a\nb}}", "{{a\nb}}"),
            (go, "{{.name}}:{{.port}}", "web:8080"),
            (go, "{{.big}} {{.none}} {{.none.deep}}", "1e+06 <no value> <no value>"),
            (go, "{{index .deep.x 1}}{{.name | upper}}", "bWEB"),
            (go, "{{ \"Feat/Über_X\" | normalize }}", "feat--ber-x"),
            (go, "{{ slugify 10 true \"a-long-name-here\" }}", "a-long"),
            (go, "{{ slugify 10 false \"a-long-name-here\" }}", "a-long-nam"),
            (go, "{{ toYaml .deep }}", "x:\n- a\n- b"),
            (strict, "{{.name}}", "web"),
        ] {
            assert_eq!(templating.replace(text, &parameters).as_deref(), Ok(want), "{text}");
        }
        for (templating, text) in [
            (strict, "{{.none}}"),
            (go, "{{include \"x\" .}}"),
            (go, "{{env \"HOME\"}}"),
            (go, "{{.name"),
            (Templating::Plain, "{{name}} {{open"),
        ] {
            assert!(templating.replace(text, &parameters).is_err(), "{text}");
        }
    }
}
