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
            chart(format!("error converting YAML to JSON: yaml: {}", error.message))
        })?;
        let decoder = Decoder { path: "Metadata" };
        let Some(fields) = decoder.object(&document, "v2.Metadata").map_err(decoding)? else {
            return Ok(());
        };
        for (key, value) in fields {
            self.set(decoder, key, value).map_err(decoding)?;
        }
        Ok(())
    }

    fn set(&mut self, decoder: Decoder, key: &str, value: &Value) -> Result<(), String> {
        match key.to_ascii_lowercase().as_str() {
            "name" => decoder.string(&mut self.name, "name", value),
            "home" => decoder.string(&mut self.home, "home", value),
            "sources" => decoder.strings(&mut self.sources, "sources", value),
            "version" => decoder.string(&mut self.version, "version", value),
            "description" => decoder.string(&mut self.description, "description", value),
            "keywords" => decoder.strings(&mut self.keywords, "keywords", value),
            "maintainers" => {
                self.maintainers.clear();
                for item in decoder.list(value, "maintainers", "[]*v2.Maintainer")? {
                    self.maintainers.push(maintainer(item)?);
                }
                Ok(())
            }
            "icon" => decoder.string(&mut self.icon, "icon", value),
            "apiversion" => decoder.string(&mut self.api_version, "apiVersion", value),
            "condition" => decoder.string(&mut self.condition, "condition", value),
            "tags" => decoder.string(&mut self.tags, "tags", value),
            "appversion" => decoder.string(&mut self.app_version, "appVersion", value),
            "deprecated" => decoder.boolean(&mut self.deprecated, "deprecated", value),
            "annotations" => decoder.annotations(&mut self.annotations, value),
            "kubeversion" => decoder.string(&mut self.kube_version, "kubeVersion", value),
            "dependencies" => {
                if value.is_null() {
                    self.dependencies = None;
                    return Ok(());
                }
                let items = decoder.list(value, "dependencies", "[]*v2.Dependency")?;
                let read = items.iter().map(dependency).collect::<Result<_, _>>()?;
                self.dependencies = Some(read);
                Ok(())
            }
            "type" => decoder.string(&mut self.chart_type, "type", value),
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

fn maintainer(item: &Value) -> Result<Maintainer, String> {
    let decoder = Decoder { path: "Metadata.maintainers" };
    let mut person = Maintainer::default();
    let Some(fields) = decoder.object(item, "v2.Maintainer")? else {
        return Err("validation: maintainers must not contain empty or null nodes".to_owned());
    };
    for (key, value) in fields {
        match key.to_ascii_lowercase().as_str() {
            "name" => decoder.string(&mut person.name, "name", value)?,
            "email" => decoder.string(&mut person.email, "email", value)?,
            "url" => decoder.string(&mut person.url, "url", value)?,
            _ => {}
        }
    }
    Ok(person)
}

fn dependency(item: &Value) -> Result<Dependency, String> {
    let decoder = Decoder { path: "Metadata.dependencies" };
    let mut needed = Dependency::default();
    let Some(fields) = decoder.object(item, "v2.Dependency")? else {
        return Err("validation: dependencies must not contain empty or null nodes".to_owned());
    };
    for (key, value) in fields {
        match key.to_ascii_lowercase().as_str() {
            "name" => decoder.string(&mut needed.name, "name", value)?,
            "version" => decoder.string(&mut needed.version, "version", value)?,
            "repository" => decoder.string(&mut needed.repository, "repository", value)?,
            "condition" => decoder.string(&mut needed.condition, "condition", value)?,
            "tags" => decoder.strings(&mut needed.tags, "tags", value)?,
            "enabled" => decoder.boolean(&mut needed.enabled, "enabled", value)?,
            "import-values" => {
                let items = decoder.list(value, "import-values", "[]interface {}")?;
                needed.import_values = items.to_vec();
            }
            "alias" => decoder.string(&mut needed.alias, "alias", value)?,
            _ => {}
        }
    }
    Ok(needed)
}

/// Reads values into Go's types; errors are in the words of Go's JSON decoder.
#[derive(Clone, Copy)]
struct Decoder {
    path: &'static str,
}

impl Decoder {
    fn wrong(self, value: &Value, field: &str, want: &str) -> String {
        let got = json_kind(value);
        format!(
            "json: cannot unmarshal {got} into Go struct field {}.{field} of type {want}",
            self.path
        )
    }

    fn object<'v>(
        self,
        value: &'v Value,
        type_name: &str,
    ) -> Result<Option<impl Iterator<Item = (&'v String, &'v Value)> + use<'v>>, String> {
        match value {
            Value::Null => Ok(None),
            Value::Map(fields) => Ok(Some(fields.iter())),
            other if self.path == "Metadata" => Err(format!(
                "json: cannot unmarshal {} into Go value of type {type_name}",
                json_kind(other)
            )),
            other => {
                let (path, field) = self.path.split_once('.').unwrap_or((self.path, ""));
                let got = json_kind(other);
                Err(format!(
                    "json: cannot unmarshal {got} into Go struct field {path}.{field} of type {type_name}"
                ))
            }
        }
    }

    fn string(self, target: &mut String, field: &str, value: &Value) -> Result<(), String> {
        if let Some(text) = text_of(value) {
            *target = text;
            return Ok(());
        }
        if value.is_null() { Ok(()) } else { Err(self.wrong(value, field, "string")) }
    }

    fn strings(self, target: &mut Vec<String>, field: &str, value: &Value) -> Result<(), String> {
        let mut texts = Vec::new();
        for item in self.list(value, field, "[]string")? {
            let mut text = String::new();
            self.string(&mut text, field, item)?;
            texts.push(text);
        }
        *target = texts;
        Ok(())
    }

    fn list<'v>(self, value: &'v Value, field: &str, want: &str) -> Result<&'v [Value], String> {
        match value {
            Value::Null => Ok(&[]),
            Value::List(items) => Ok(items),
            other => Err(self.wrong(other, field, want)),
        }
    }

    fn boolean(self, target: &mut bool, field: &str, value: &Value) -> Result<(), String> {
        match value {
            Value::Null => Ok(()),
            Value::Bool(truth) => {
                *target = *truth;
                Ok(())
            }
            other => Err(self.wrong(other, field, "bool")),
        }
    }

    fn annotations(
        self,
        target: &mut Option<Vec<(String, String)>>,
        value: &Value,
    ) -> Result<(), String> {
        match value {
            Value::Null => *target = None,
            Value::Map(entries) => {
                let notes = target.get_or_insert_default();
                for (key, value) in entries {
                    let mut text = String::new();
                    self.string(&mut text, "annotations", value)?;
                    notes.push((key.clone(), text));
                }
            }
            other => return Err(self.wrong(other, "annotations", "map[string]string")),
        }
        Ok(())
    }
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

fn decoding(message: String) -> Error {
    if message.starts_with("validation: ") {
        return chart(message);
    }
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
