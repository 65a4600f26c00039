//! The chart `pc` that the recorded answers were made with, and the way to render a body in it.

use std::sync::Arc;

use gotmpl::{
    CallContext, Clock, Engine, FunctionError, Kind, List, ListType, Map, MapType, Object, Options,
    Param, Signature, Str, TemplateSet, Value, ValueBuilder,
};

static NONE: Signature = Signature { params: &[], variadic: None };
static STRING: Signature = Signature { params: &[Param::String], variadic: None };

#[derive(Debug)]
struct Files(Vec<(&'static str, &'static str)>);

impl Object for Files {
    fn type_name(&self) -> &'static str {
        "engine.files"
    }

    fn kind(&self) -> Kind {
        Kind::Map
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        match name {
            "Get" | "GetBytes" | "Lines" | "Glob" => Some(&STRING),
            "AsConfig" | "AsSecrets" => Some(&NONE),
            _ => None,
        }
    }

    fn call(
        self: Arc<Self>,
        name: &str,
        _: &mut CallContext,
        arguments: &[Value],
    ) -> Result<Value, FunctionError> {
        let wanted = arguments.first().and_then(Value::as_string).cloned().unwrap_or_default();
        let found = self.0.iter().find(|file| *wanted.as_bytes() == *file.0.as_bytes());
        let text = found.map_or("", |file| file.1);
        Ok(match name {
            "Get" => Value::string(text),
            "GetBytes" => Value::Bytes(Str::from(text)),
            // As much of it as the cases use; the crate `helm` has the real one.
            "Glob" => {
                let end = if *wanted.as_bytes() == *b"conf/*.txt" { ".txt" } else { "" };
                let found = self.0.iter().filter(|file| file.0.ends_with(end));
                Value::object(Files(found.copied().collect()))
            }
            "AsConfig" if self.0.len() == 2 => {
                Value::string("a.txt: |\n  l1\n  l2\nb.json: '{\"a\":1}'")
            }
            "AsSecrets" if self.0.len() == 1 => Value::string("a.txt: bDEKbDIK"),
            _ => Value::strings(text.trim_end_matches('\n').split('\n')),
        })
    }

    fn underlying(&self) -> Option<Value> {
        let entries =
            self.0.iter().map(|(name, text)| (Str::from(*name), Value::Bytes(Str::from(*text))));
        let map_type = MapType::Other("map[string][]uint8", "[]uint8");
        Some(Value::Map(Map::from_entries(map_type, entries.collect())))
    }
}

#[derive(Debug)]
struct KubeVersion;

impl Object for KubeVersion {
    fn type_name(&self) -> &'static str {
        "common.KubeVersion"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        let fields = self.fields();
        fields.into_iter().find(|field| field.0 == name).map(|field| field.1)
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        matches!(name, "String" | "GitVersion").then_some(&NONE)
    }

    fn call(
        self: Arc<Self>,
        _: &str,
        _: &mut CallContext,
        _: &[Value],
    ) -> Result<Value, FunctionError> {
        Ok(Value::string("v1.37.0"))
    }

    fn pointer_text(&self) -> Option<String> {
        Some("v1.37.0".to_owned())
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", Value::string("v1.37.0")),
            ("Major", Value::string("1")),
            ("Minor", Value::string("37")),
        ]
    }

    fn all_fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = self.fields();
        fields.insert(1, ("normalizedVersion", Value::string("v1.37.0")));
        fields
    }
}

#[derive(Debug)]
struct VersionSet;

impl Object for VersionSet {
    fn type_name(&self) -> &'static str {
        "common.VersionSet"
    }

    fn kind(&self) -> Kind {
        Kind::Slice
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        (name == "Has").then_some(&STRING)
    }

    fn call(
        self: Arc<Self>,
        _: &str,
        _: &mut CallContext,
        arguments: &[Value],
    ) -> Result<Value, FunctionError> {
        let Some(Value::Str(wanted)) = arguments.first() else {
            return Ok(Value::Bool(false));
        };
        Ok(Value::Bool(*wanted == "v1" || *wanted == "apps/v1"))
    }

    fn underlying(&self) -> Option<Value> {
        let versions = vec![Value::string("v1"), Value::string("apps/v1")];
        Some(Value::List(List::new(ListType::String, versions)))
    }
}

#[derive(Debug)]
struct Capabilities;

impl Object for Capabilities {
    fn type_name(&self) -> &'static str {
        "*common.Capabilities"
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(Value::object(KubeVersion)),
            "APIVersions" => Some(Value::object(VersionSet)),
            _ => None,
        }
    }
}

/// Returns the root data of the chart.
pub(crate) fn context(values: &str) -> Value {
    let values = yaml::decode_go2(values, &mut ValueBuilder).expect("the values are valid YAML");
    let values = match values {
        Value::Map(map) => {
            // Since 4.3 keys that are null in a chart's own values are left out.
            let entries = map.entries().iter().filter(|entry| !entry.1.is_nil()).cloned().collect();
            Value::Map(Map::from_entries(MapType::Values, entries))
        }
        other => other,
    };
    let annotations = vec![(Str::from("x"), Value::string("true"))];
    let chart = Value::map([
        ("Name", Value::string("pc")),
        ("Version", Value::string("0.1.0")),
        ("AppVersion", Value::string("1.2")),
        ("Type", Value::string("")),
        ("Keywords", Value::list(vec![Value::string("k1"), Value::string("k2")])),
        ("Annotations", Value::Map(Map::from_entries(MapType::String, annotations))),
        ("IsRoot", Value::Bool(true)),
    ]);
    let release = Value::map([
        ("Name", Value::string("rel")),
        ("Namespace", Value::string("ns")),
        ("Service", Value::string("Helm")),
        ("Revision", Value::int(1)),
        ("IsInstall", Value::Bool(true)),
        ("IsUpgrade", Value::Bool(false)),
    ]);
    let template = Value::map([
        ("Name", Value::string("pc/templates/x.yaml")),
        ("BasePath", Value::string("pc/templates")),
    ]);
    let root = vec![
        (Str::from("Capabilities"), Value::object(Capabilities)),
        (Str::from("Chart"), chart),
        (
            Str::from("Files"),
            Value::object(Files(vec![("conf/a.txt", "l1\nl2\n"), ("conf/b.json", "{\"a\":1}")])),
        ),
        (Str::from("Release"), release),
        (Str::from("Subcharts"), Value::map::<&str>([])),
        (Str::from("Template"), template),
        (Str::from("Values"), values),
    ];
    Value::Map(Map::from_entries(MapType::Values, root))
}

/// Renders a body as `templates/_t.tpl`, included by `templates/x.yaml` with `argument`.
///
/// The answer is the output or the error, both as helm would show them.
pub(crate) fn render(body: &str, argument: &str, data: &Value) -> Result<String, String> {
    let mut set = TemplateSet::new();
    let caller = format!("a: |{{{{ include \"pc/templates/_t.tpl\" {argument} }}}}");
    // The place of the include in the recorded answers.
    let caller = caller.replace("a: |", "   ");
    set.add("pc/templates/x.yaml", caller.as_bytes()).map_err(|error| error.helm_text())?;
    set.add("pc/templates/_t.tpl", body.as_bytes()).map_err(|error| error.helm_text())?;
    // The day on which the answers were recorded.
    let now = Clock { seconds: 1_795_219_200, ..Clock::default() };
    let options = Options { now, ..Options::default() };
    let mut engine = Engine::new(&set, options);
    let output = engine.render("pc/templates/x.yaml", data).map_err(|error| error.helm_text())?;
    // Only what the include gave; it keeps `<no value>`, which whole files would lose.
    let output = output.strip_prefix(b"   ").unwrap_or(&output);
    Ok(String::from_utf8_lossy(output).into_owned())
}
