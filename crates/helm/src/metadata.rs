//! `Chart.yaml` and `requirements.yaml`: read as Go's decoder reads them into helm's structs.
//!
//! Format: helm v4.3.1 `pkg/chart/v2` (`Metadata`, `Dependency`, `Maintainer`). Scalars become
//! strings where a string is wanted; keys match without regard to case.

use gotmpl::semver::Version;
use yaml::Value;

use crate::error::{Error, ErrorKind};

/// A chart's `Chart.yaml`.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// Name.
    pub name: String,
    /// Project page.
    pub home: String,
    /// Places of source code.
    pub sources: Vec<String>,
    /// Version.
    pub version: String,
    /// One sentence.
    pub description: String,
    /// Keywords.
    pub keywords: Vec<String>,
    /// People.
    pub maintainers: Vec<Maintainer>,
    /// Address of a picture.
    pub icon: String,
    /// `v1` or `v2`.
    pub api_version: String,
    /// Unused by helm, but shown to templates.
    pub condition: String,
    /// Unused by helm, but shown to templates.
    pub tags: String,
    /// Version of what the chart installs.
    pub app_version: String,
    /// Whether people should look for another chart.
    pub deprecated: bool,
    /// Free notes; `None` where there are none at all.
    pub annotations: Option<Vec<(String, String)>>,
    /// Constraint on the version of Kubernetes.
    pub kube_version: String,
    /// Charts that this one needs; `None` where the key is missing.
    pub dependencies: Option<Vec<Dependency>>,
    /// Empty, `application` or `library`.
    pub chart_type: String,
    has_null_maintainer: bool,
    has_null_dependency: bool,
}

/// Who looks after a chart.
#[derive(Clone, Debug, Default)]
pub struct Maintainer {
    /// Name.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Page.
    pub url: String,
}

/// A chart that another one needs.
#[derive(Clone, Debug, Default)]
pub struct Dependency {
    /// Name of the chart; its alias once dependencies are processed.
    pub name: String,
    /// Constraint on its version.
    pub version: String,
    /// Where it comes from.
    pub repository: String,
    /// Paths of values that switch it on or off.
    pub condition: String,
    /// Names that switch it on or off together with others.
    pub tags: Vec<String>,
    /// Whether it takes part.
    pub enabled: bool,
    /// Values that the parent takes from it.
    pub import_values: Vec<Value>,
    /// Another name for it.
    pub alias: String,
}

impl Metadata {
    /// Reads a `Chart.yaml`; what is missing keeps the value it has.
    pub(crate) fn read(&mut self, text: &[u8]) -> Result<(), Error> {
        let document = Value::decode_go2(text).map_err(|error| {
            chart(format!("error converting YAML to JSON: {}", error.go_text()))
        })?;
        let fields = match &document {
            Value::Null => return Ok(()),
            Value::Map(fields) => fields,
            // Helm first looks only for the version of the format.
            other => {
                let message = format!(
                    "json: cannot unmarshal {} into Go value of type loader.chartBase",
                    json_kind(other)
                );
                return Err(decoding(&message));
            }
        };
        for (key, value) in sorted(fields.iter()) {
            self.set(key, value).map_err(|message| decoding(&message))?;
        }
        Ok(())
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), String> {
        match key.to_ascii_lowercase().as_str() {
            "name" => string(&mut self.name, ".name", value),
            "home" => string(&mut self.home, ".home", value),
            "sources" => strings(&mut self.sources, ".sources", value),
            "version" => string(&mut self.version, ".version", value),
            "description" => string(&mut self.description, ".description", value),
            "keywords" => strings(&mut self.keywords, ".keywords", value),
            "maintainers" => {
                self.maintainers.clear();
                for (at, item) in
                    list(value, ".maintainers", "[]*v2.Maintainer")?.iter().enumerate()
                {
                    let place = format!(".maintainers.{at}");
                    match maintainer(item, &place)? {
                        Some(person) => self.maintainers.push(person),
                        None => self.has_null_maintainer = true,
                    }
                }
                Ok(())
            }
            "icon" => string(&mut self.icon, ".icon", value),
            "apiversion" => string(&mut self.api_version, ".apiVersion", value),
            "condition" => string(&mut self.condition, ".condition", value),
            "tags" => string(&mut self.tags, ".tags", value),
            "appversion" => string(&mut self.app_version, ".appVersion", value),
            "deprecated" => boolean(&mut self.deprecated, ".deprecated", value),
            "annotations" => annotations(&mut self.annotations, value),
            "kubeversion" => string(&mut self.kube_version, ".kubeVersion", value),
            "dependencies" => {
                if value.is_null() {
                    self.dependencies = None;
                    return Ok(());
                }
                let mut read = Vec::new();
                for (at, item) in
                    list(value, ".dependencies", "[]*v2.Dependency")?.iter().enumerate()
                {
                    let place = format!(".dependencies.{at}");
                    match dependency(item, &place)? {
                        Some(needed) => read.push(needed),
                        None => self.has_null_dependency = true,
                    }
                }
                self.dependencies = Some(read);
                Ok(())
            }
            "type" => string(&mut self.chart_type, ".type", value),
            _ => Ok(()),
        }
    }

    /// Cleans the texts and checks what helm checks.
    pub(crate) fn validate(&mut self) -> Result<(), Error> {
        let fail = |message: String| Err(chart(format!("validation: {message}")));
        for text in [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ] {
            sanitize(text);
        }
        self.sources.iter_mut().chain(&mut self.keywords).for_each(sanitize);
        if self.api_version.is_empty() {
            return fail("chart.metadata.apiVersion is required".to_owned());
        }
        if self.name.is_empty() {
            return fail("chart.metadata.name is required".to_owned());
        }
        if matches!(self.name.as_str(), "." | "..") {
            return fail(format!("chart.metadata.name {:?} is not allowed", self.name));
        }
        if self.name != crate::paths::base(&self.name) {
            return fail(format!("chart.metadata.name {:?} is invalid", self.name));
        }
        if self.version.is_empty() {
            return fail("chart.metadata.version is required".to_owned());
        }
        if Version::parse(&self.version).is_err() {
            return fail(format!("chart.metadata.version {:?} is invalid", self.version));
        }
        if !matches!(self.chart_type.as_str(), "" | "application" | "library") {
            return fail("chart.metadata.type must be application or library".to_owned());
        }
        if self.has_null_maintainer {
            return fail("maintainers must not contain empty or null nodes".to_owned());
        }
        if self.has_null_dependency {
            return fail("dependencies must not contain empty or null nodes".to_owned());
        }
        for person in &mut self.maintainers {
            [&mut person.name, &mut person.email, &mut person.url].into_iter().for_each(sanitize);
        }
        let mut names: Vec<&str> = Vec::new();
        for needed in self.dependencies.iter_mut().flatten() {
            for text in [
                &mut needed.name,
                &mut needed.version,
                &mut needed.repository,
                &mut needed.condition,
            ] {
                sanitize(text);
            }
            needed.tags.iter_mut().for_each(sanitize);
            let alias_is_legal =
                needed.alias.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
            if !alias_is_legal {
                return fail(format!(
                    "dependency {:?} has disallowed characters in the alias",
                    needed.name
                ));
            }
            let name = if needed.alias.is_empty() { &needed.name } else { &needed.alias };
            if names.contains(&name.as_str()) {
                return fail(format!("more than one dependency with name or alias {name:?}"));
            }
            names.push(name);
        }
        Ok(())
    }

    /// Whether the chart only defines templates for others.
    pub fn is_library(&self) -> bool {
        self.chart_type.eq_ignore_ascii_case("library")
    }
}

/// Returns fields in the order in which helm decodes them, that of the JSON which it makes of YAML first: of keys that
/// differ in case only, the last one counts.
fn sorted<'v>(fields: Fields<'v>) -> Vec<(&'v String, &'v Value)> {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by_key(|(key, _)| *key);
    fields
}

fn maintainer(item: &Value, place: &str) -> Result<Option<Maintainer>, String> {
    let Some(fields) = element(item, place, "v2.Maintainer")? else { return Ok(None) };
    let mut person = Maintainer::default();
    for (key, value) in sorted(fields) {
        let key = key.to_ascii_lowercase();
        let place = format!("{place}.{key}");
        match key.as_str() {
            "name" => string(&mut person.name, &place, value)?,
            "email" => string(&mut person.email, &place, value)?,
            "url" => string(&mut person.url, &place, value)?,
            _ => {}
        }
    }
    Ok(Some(person))
}

fn dependency(item: &Value, place: &str) -> Result<Option<Dependency>, String> {
    let Some(fields) = element(item, place, "v2.Dependency")? else { return Ok(None) };
    let mut needed = Dependency::default();
    for (key, value) in sorted(fields) {
        let key = key.to_ascii_lowercase();
        let place = format!("{place}.{key}");
        match key.as_str() {
            "name" => string(&mut needed.name, &place, value)?,
            "version" => string(&mut needed.version, &place, value)?,
            "repository" => string(&mut needed.repository, &place, value)?,
            "condition" => string(&mut needed.condition, &place, value)?,
            "tags" => strings(&mut needed.tags, &place, value)?,
            "enabled" => boolean(&mut needed.enabled, &place, value)?,
            "import-values" => {
                needed.import_values = list(value, &place, "[]interface {}")?.to_vec();
            }
            "alias" => string(&mut needed.alias, &place, value)?,
            _ => {}
        }
    }
    Ok(Some(needed))
}

// What follows reads values into Go's types; errors are in the words of Go's JSON decoder.

fn wrong(value: &Value, place: &str, want: &str) -> String {
    format!(
        "json: cannot unmarshal {} into Go struct field {place} of type {want}",
        json_kind(value)
    )
}

/// Go has other words where the place is an element of a list.
fn wrong_element(value: &Value, place: &str, want: &str) -> String {
    format!("json: cannot unmarshal {} into {place} of type {want}", json_kind(value))
}

type Fields<'v> = indexmap::map::Iter<'v, String, Value>;

fn element<'v>(value: &'v Value, place: &str, want: &str) -> Result<Option<Fields<'v>>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Map(fields) => Ok(Some(fields.iter())),
        other => Err(wrong_element(other, place, want)),
    }
}

fn string(target: &mut String, place: &str, value: &Value) -> Result<(), String> {
    match text_of(value) {
        Some(text) => *target = text,
        None if value.is_null() => {}
        None => return Err(wrong(value, place, "string")),
    }
    Ok(())
}

fn strings(target: &mut Vec<String>, place: &str, value: &Value) -> Result<(), String> {
    let mut texts = Vec::new();
    for (at, item) in list(value, place, "[]string")?.iter().enumerate() {
        match text_of(item) {
            Some(text) => texts.push(text),
            None if item.is_null() => texts.push(String::new()),
            None => return Err(wrong_element(item, &format!("{place}.{at}"), "string")),
        }
    }
    *target = texts;
    Ok(())
}

fn list<'v>(value: &'v Value, place: &str, want: &str) -> Result<&'v [Value], String> {
    match value {
        Value::Null => Ok(&[]),
        Value::List(items) => Ok(items),
        other => Err(wrong(other, place, want)),
    }
}

fn boolean(target: &mut bool, place: &str, value: &Value) -> Result<(), String> {
    match value {
        Value::Null => {}
        Value::Bool(truth) => *target = *truth,
        other => return Err(wrong(other, place, "bool")),
    }
    Ok(())
}

fn annotations(target: &mut Option<Vec<(String, String)>>, value: &Value) -> Result<(), String> {
    match value {
        Value::Null => *target = None,
        Value::Map(entries) => {
            let notes = target.get_or_insert_default();
            for (key, value) in entries {
                let mut text = String::new();
                string(&mut text, &format!(".annotations.{key}"), value)?;
                notes.push((key.clone(), text));
            }
        }
        other => return Err(wrong(other, ".annotations", "map[string]string")),
    }
    Ok(())
}

/// Returns the text that a scalar becomes where Go wants a string.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Uint(number) => Some(number.to_string()),
        Value::Float(number) => Some(crate::numbers::shortest(*number)),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

fn decoding(message: &str) -> Error {
    chart(format!("error unmarshaling JSON: while decoding JSON: {message}"))
}

fn chart(message: String) -> Error {
    Error::new(ErrorKind::Chart, message)
}

/// Turns white space into blanks and drops what does not print.
fn sanitize(text: &mut String) {
    if text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|c| match c {
            _ if c.is_whitespace() => Some(' '),
            _ if c.is_control() => None,
            // Format characters and private use do not print either.
            '\u{AD}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{E000}'..='\u{F8FF}'
            | '\u{FEFF}'
            | '\u{F0000}'.. => None,
            _ => Some(c),
        })
        .collect();
}
