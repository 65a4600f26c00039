//! `.mainstay/dispatch.yaml`: what dispatches said last of the spec, so that the next one can tell what it
//! changes itself from what a person changed meanwhile.
//!
//! In: the text of that file. Out: the values, or the text again, the same for the same values. Only values of
//! the spec are in it: the payload has its own file, and no secret is in either.

use std::collections::BTreeMap;

use yaml::{Node, Schema, Value};

/// Where it lies in a customer's repository.
pub const PATH: &str = ".mainstay/dispatch.yaml";

const HEAD: &str = "# What the last dispatch said of mainstay.yaml. A value that differs there was changed by a person, and\n\
                    # stays until a dispatch changes it too. Written by `mainstay generate --dispatch`.\n";

/// What dispatches said last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Texts by the field of the dispatch: `domain`, `infisical.projectId`.
    pub values: BTreeMap<String, String>,
    /// Environments, as the spec had them then; empty where none were said.
    pub environments: Vec<Value>,
}

impl Said {
    /// Writes the file.
    pub fn text(&self) -> String {
        let values =
            self.values.iter().map(|(key, text)| (key.clone(), Value::String(text.clone())));
        let environments = self.environments.clone();
        let root = Value::Map(
            [
                ("version".to_owned(), Value::Int(1)),
                ("values".to_owned(), Value::Map(values.collect())),
                ("environments".to_owned(), Value::List(environments)),
            ]
            .into_iter()
            .collect(),
        );
        format!("{HEAD}{}", yaml::to_string_go2(&root))
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The words say what is wrong with it.
    pub fn read(text: &str) -> Result<Said, String> {
        let root = yaml::parse(text, Schema::Core12).map_err(|error| error.message)?;
        if root.get("version").and_then(Node::as_i64) != Some(1) {
            return Err("its `version` is not known to this mainstay".to_owned());
        }
        let word = |node: &Node| node.as_str().map(str::to_owned).ok_or("a value is no text");
        let mut said = Said::default();
        for (key, value) in root.get("values").and_then(Node::as_map).unwrap_or_default() {
            said.values.insert(word(key)?, word(value)?);
        }
        let environments = root.get("environments").and_then(Node::as_list).unwrap_or_default();
        said.environments = environments.iter().map(Value::from).collect();
        if said.environments.iter().any(|item| name_of(item).is_none()) {
            return Err("an environment has no name".to_owned());
        }
        Ok(said)
    }
}

/// Returns the name of an environment as specs write them: a word, or a map with `name`.
pub(super) fn name_of(item: &Value) -> Option<&str> {
    item.as_str().or_else(|| item.get("name").and_then(Value::as_str))
}

#[cfg(test)]
mod tests {
    use yaml::Value;

    use super::Said;

    #[test]
    fn what_is_written_is_read_again() {
        let said = Said {
            values: [
                ("domain".to_owned(), "acme.example".to_owned()),
                ("email".into(), "on".into()),
            ]
            .into(),
            environments: vec![
                Value::String("1".to_owned()),
                Value::Map(
                    [("name".to_owned(), Value::String("test".to_owned()))].into_iter().collect(),
                ),
            ],
        };
        assert_eq!(Said::read(&said.text()), Ok(said));
        assert_eq!(Said::read(&Said::default().text()), Ok(Said::default()));
    }

    #[test]
    fn what_is_damaged_is_an_answer() {
        for text in [
            "",
            "[]",
            "version: 2",
            "<<<<<<< a\n",
            "version: 1\nvalues: {a: [b]}",
            "version: 1\nenvironments: [[]]",
        ] {
            assert!(Said::read(text).is_err(), "{text:?}");
        }
    }
}
