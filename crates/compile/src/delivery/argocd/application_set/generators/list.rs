//! The list generator.

use yaml::Value;

use super::super::super::application::{list, text};
use super::super::parameters::{Parameter, Parameters, map_of};
use super::{Stop, Work};

pub(super) fn generate(work: &Work<'_, '_>, body: &Value) -> Result<Vec<Parameters>, Stop> {
    let mut all = Vec::new();
    for element in list(body, "elements") {
        if !matches!(element, Value::Map(_) | Value::Null) {
            return Err(Stop::error("error unmarshling list element: it is no map"));
        }
        all.push(match work.templating.is_go() {
            true => map_of(element),
            false => plain(element)?,
        });
    }
    let more = text(body, "elementsYaml");
    if !more.is_empty() {
        let value = Value::decode_go2(more.as_bytes()).map_err(|error| {
            Stop::error(format!("error unmarshling decoded ElementsYaml {}", error.go_text()))
        })?;
        let items = match &value {
            Value::List(items) => items.as_slice(),
            Value::Null => &[],
            _ => return Err(Stop::error("error unmarshling decoded ElementsYaml: it is no list")),
        };
        for item in items {
            if !matches!(item, Value::Map(_) | Value::Null) {
                return Err(Stop::error(
                    "error unmarshling decoded ElementsYaml: an item is no map",
                ));
            }
            all.push(map_of(item));
        }
    }
    Ok(all)
}

/// The old templating knows texts only, and texts below `values`.
fn plain(element: &Value) -> Result<Parameters, Stop> {
    let mut parameters = Parameters::new();
    let no_text =
        |key: &str| Stop::error(format!("error parsing value as string: `{key}` is no text"));
    for (key, value) in element.as_map().into_iter().flatten() {
        if key == "values" {
            let Value::Map(values) = value else {
                return Err(Stop::error("error parsing values map"));
            };
            for (key, value) in values {
                let text = value.as_str().ok_or_else(|| no_text(key))?;
                parameters.insert(format!("values.{key}"), Parameter::Text(text.to_owned()));
            }
        } else {
            let text = value.as_str().ok_or_else(|| no_text(key))?;
            parameters.insert(key.clone(), Parameter::Text(text.to_owned()));
        }
    }
    Ok(parameters)
}
