//! `.Files`: the files of a chart that are neither templates nor values, for templates to read.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use gotmpl::value::Kind;
use gotmpl::{CallContext, FunctionError, Map, MapType, Object, Param, Signature, Str, Value};

use crate::glob::Glob;
use crate::paths;
use gotmpl::Data;

/// The files by path.
#[derive(Debug)]
pub(crate) struct Files {
    files: BTreeMap<Arc<str>, Data>,
}

impl Files {
    pub(crate) fn new<'a>(files: impl IntoIterator<Item = &'a crate::File>) -> Files {
        let files = files.into_iter();
        Files { files: files.map(|f| (Arc::from(f.path.as_str()), f.data.clone())).collect() }
    }

    fn bytes(&self, path: &Value) -> &[u8] {
        let path = path.as_string().and_then(Str::to_str);
        path.and_then(|path| self.files.get(path)).map(|data| &**data).unwrap_or_default()
    }

    /// Base names with their content, as YAML.
    fn as_yaml(&self, content: impl Fn(&[u8]) -> String) -> Value {
        let named = self
            .files
            .iter()
            .map(|(path, data)| (paths::base(path).to_owned(), yaml::Value::String(content(data))));
        let mut text = yaml::to_string_go2(&yaml::Value::Map(named.collect()));
        if text.ends_with('\n') {
            text.pop();
        }
        Value::from(text)
    }

    fn lines(&self, path: &Value) -> Value {
        let content = self.bytes(path);
        if content.is_empty() {
            return Value::strings::<Str>([]);
        }
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        Value::strings(content.split(|byte| *byte == b'\n'))
    }
}

const PATH: Signature = Signature { params: &[Param::String], variadic: None };
const NOTHING: Signature = Signature { params: &[], variadic: None };

impl Object for Files {
    fn type_name(&self) -> &'static str {
        "engine.files"
    }

    fn kind(&self) -> Kind {
        Kind::Map
    }

    fn field(&self, name: &str) -> Option<Value> {
        // A key of the map; what is missing is an empty list of bytes.
        Some(Value::Bytes(Str::from(self.files.get(name).map(|data| &**data).unwrap_or_default())))
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        match name {
            "Get" | "GetBytes" | "Glob" | "Lines" => Some(&PATH),
            "AsConfig" | "AsSecrets" => Some(&NOTHING),
            _ => None,
        }
    }

    fn call(
        self: Arc<Self>,
        name: &str,
        context: &mut CallContext,
        arguments: &[Value],
    ) -> Result<Value, FunctionError> {
        let argument = arguments.first().unwrap_or(&Value::Nil);
        let value = match name {
            "Get" => Value::string(self.bytes(argument)),
            "GetBytes" => Value::Bytes(Str::from(self.bytes(argument))),
            "Lines" => self.lines(argument),
            "Glob" => {
                context.spend(self.files.len())?;
                let pattern = argument.as_string().map(|text| text.to_string_lossy());
                let glob = Glob::new(&pattern.unwrap_or_default());
                let found = self.files.iter().filter(|(path, _)| glob.matches(path));
                let files = found.map(|(path, data)| (Arc::clone(path), data.clone())).collect();
                Value::object(Files { files })
            }
            "AsConfig" => self.as_yaml(|content| String::from_utf8_lossy(content).into_owned()),
            "AsSecrets" => {
                self.as_yaml(|content| base64::engine::general_purpose::STANDARD.encode(content))
            }
            _ => return Err(FunctionError::new(format!("no method {name}"))),
        };
        if let Value::Str(text) | Value::Bytes(text) = &value {
            context.spend(text.len())?;
        }
        Ok(value)
    }

    fn underlying(&self) -> Option<Value> {
        let entries = self.files.iter();
        let entries =
            entries.map(|(path, data)| (Str::from(&**path), Value::Bytes(Str::from(&**data))));
        let map_type = MapType::Other("engine.files", "[]uint8");
        Some(Value::Map(Map::from_entries(map_type, entries.collect())))
    }
}
