//! `mainstay set`: one value of a file, and no other byte.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use yaml::Value;
use yaml::edit::{self, EditError, Path};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::read_text;
use crate::ui::{GOOD, Ui};

/// Changes one value of a YAML or JSON file, and no other byte
///
/// Comments, order, quotes and line ends stay as they are. A text stays a text, whatever it looks like;
/// a number, true or false must be replaced by one, unless --type says otherwise. Nothing is written
/// where the value is not there, or cannot be changed alone.
///
/// Example: mainstay set config/app-config.yaml 'services[name=web].image.tag' 1.4.3
#[derive(Args, Debug)]
pub(crate) struct Set {
    /// The file
    file: PathBuf,

    /// Where the value is: `image.tag`, `services[name=web].image.tag`, `env[0].value`, or a JSON pointer
    path: String,

    /// The new value
    #[arg(allow_hyphen_values = true)]
    value: String,

    /// Which document of the file, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    document: u32,

    /// What the new value is: string, number, boolean or null; left out, what the old one is
    #[arg(long = "type", value_enum, value_name = "TYPE", hide_possible_values = true)]
    kind: Option<Type>,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Type {
    String,
    Number,
    Boolean,
    Null,
}

pub(crate) fn run(ui: &Ui, arguments: &Set) -> Result<Outcome, CliError> {
    let text = read_text(&arguments.file)?;
    let document = arguments.document as usize - 1;
    let failed = |error: EditError| fault(arguments, &error);
    let path = Path::parse(&arguments.path).map_err(failed)?;
    let old = edit::get(&text, document, &path).map_err(failed)?;
    let new = value(arguments, &old)?;
    let edited = edit::set(&text, document, &path, &new).map_err(failed)?;
    let file = arguments.file.display();
    let changes = edited != text;
    if changes {
        operate::replace_file(&arguments.file, edited.as_bytes())?;
    }
    if arguments.json {
        let (file, path) = (file.to_string(), &arguments.path);
        let report =
            json!({"version": 1, "kind": "set", "file": file, "path": path, "written": changes});
        ui.json(&report)?;
        return Ok(Outcome::Yes);
    }
    if !changes {
        ui.status(&format!("{file} has this value already"));
        return Ok(Outcome::Yes);
    }
    ui.status(&format!("{GOOD}Set{GOOD:#} `{path}` of {file}"));
    Ok(Outcome::Yes)
}

/// Returns the new value, of the type that was asked for or that the old one has.
fn value(arguments: &Set, old: &Value) -> Result<Value, CliError> {
    let text = arguments.value.as_str();
    let kind = arguments.kind.unwrap_or(match old {
        Value::Bool(_) => Type::Boolean,
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => Type::Number,
        Value::Null => guess(text),
        Value::String(_) | Value::List(_) | Value::Map(_) => Type::String,
    });
    let read = yaml::parse(text, yaml::Schema::Core12).map(|node| Value::from(&node));
    let wrong = |wanted: &str| {
        Err(CliError::usage(format!("`{text}` is no {wanted}, and `{}` is one", arguments.path))
            .hint("`--type string` makes a text of it"))
    };
    match (kind, read) {
        (Type::String, _) => Ok(Value::String(text.to_owned())),
        (Type::Null, _) => Ok(Value::Null),
        (Type::Boolean, Ok(truth @ Value::Bool(_))) => Ok(truth),
        (Type::Boolean, _) => wrong("`true` or `false`"),
        (Type::Number, Ok(number @ (Value::Int(_) | Value::Uint(_) | Value::Float(_)))) => {
            Ok(number)
        }
        (Type::Number, _) => wrong("number"),
    }
}

/// Returns what a text would be where nothing was before.
fn guess(text: &str) -> Type {
    match yaml::parse(text, yaml::Schema::Core12).map(|node| Value::from(&node)) {
        Ok(Value::Bool(_)) => Type::Boolean,
        Ok(Value::Int(_) | Value::Uint(_) | Value::Float(_)) => Type::Number,
        Ok(Value::Null) => Type::Null,
        _ => Type::String,
    }
}

fn fault(arguments: &Set, error: &EditError) -> CliError {
    let file = arguments.file.display();
    match error {
        EditError::Path(_) => CliError::usage(format!("{error}"))
            .hint("a path is written `services[name=web].image.tag`"),
        EditError::Yaml(error) => {
            CliError::usage(format!("`{file}` is not YAML: {}", error.message))
        }
        EditError::NotFound(_) => CliError::refused(format!("{error} in `{file}`"))
            .hint("nothing was written; only a value that is there can be changed"),
        EditError::Refused(_) => {
            CliError::refused(format!("{error}")).hint(format!("`{file}` is as it was"))
        }
    }
}
