//! `mainstay registry set IMAGE`: where the images of a kustomize application come from, in its one place.
//!
//! Changes one value of `registry/image.yaml`, and no other byte. Where the pipeline pushes is the spec's
//! `registry.repository`, and stays: `mainstay check` compares the two.

use std::path::Path;

use clap::{Args, Subcommand};
use operate::Access;
use serde_json::json;
use yaml::Value;
use yaml::edit::{self, EditError};

use super::seal::interactive;
use crate::environment;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::{Locate, read_text};
use crate::ui::{GOOD, Ui};

/// Changes where the images of a kustomize application come from
///
/// Example: mainstay registry set docker.io/acme/web
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Registry {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Set(Set),
}

/// Lets every environment pull an application's image from another registry
///
/// One value of the application's registry/image.yaml changes, and no other byte. All overlays take it from
/// there; an environment pulls from the new place once the change is on its branch.
///
/// Example: mainstay registry set docker.io/acme/web
#[derive(Args, Debug)]
struct Set {
    /// The image without a tag, as in `ghcr.io/acme/web`
    #[arg(value_name = "IMAGE")]
    image: String,

    #[command(flatten)]
    locate: Locate,

    /// Print a JSON document instead of text
    #[arg(long)]
    json: bool,
}

impl Registry {
    /// Whether `--json` was asked for.
    pub(crate) fn wants_json(&self) -> bool {
        let Verb::Set(arguments) = &self.command;
        arguments.json
    }
}

pub(crate) fn run(ui: &Ui, arguments: &Registry) -> Result<Outcome, CliError> {
    let Verb::Set(arguments) = &arguments.command;
    if !is_repository(&arguments.image) {
        return Err(CliError::usage(format!("`{}` is no image's name", arguments.image))
            .hint("it is written without a scheme, a tag and a digest: `ghcr.io/acme/web`"));
    }
    let repository = arguments.locate.open(ui, Access::Change)?;
    let world = repository.world(environment::chart_cache())?;
    let platform = interactive::platform(&world)?;
    let app = platform.kustomization.as_ref().ok_or_else(|| {
        CliError::usage("no application of this platform is a kustomization")
            .hint("the images of other apps are named in the payload and in `spec.registry`")
    })?;
    let path = format!("{}/registry/image.yaml", app.folder);
    let file = repository.root().join(&path);
    let written = write(&file, &path, &arguments.image)?;
    if arguments.json {
        ui.json(&json!({
            "version": 1, "kind": "registry-set", "app": app.name, "file": path,
            "image": arguments.image, "written": written,
        }))?;
    } else if written {
        ui.status(&format!(
            "{GOOD}Set{GOOD:#} `imageTag.newName` of {path}: all overlays of `{}` pull from there",
            app.name
        ));
    } else {
        ui.status(&format!("{path} has this image already"));
    }
    Ok(Outcome::Yes)
}

/// Changes the value; says whether it was another one.
fn write(file: &Path, path: &str, image: &str) -> Result<bool, CliError> {
    let text = read_text(file)?;
    let fault = |error: EditError| {
        CliError::refused(format!("{error} in `{path}`"))
            .hint("nothing was written; `mainstay generate` shows what the file should be")
    };
    let place = edit::Path::parse("imageTag.newName").map_err(fault)?;
    let edited = edit::set(&text, 0, &place, &Value::String(image.to_owned())).map_err(fault)?;
    if edited == text {
        return Ok(false);
    }
    operate::replace_file(file, edited.as_bytes())?;
    Ok(true)
}

/// Whether a text names an image without a tag: a host that may have a port, and a path in small letters.
fn is_repository(image: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.chars().all(|it| {
                it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, '.' | '_' | '-')
            })
    };
    let (host, path) = image.split_once('/').unwrap_or(("", image));
    let (name, port) = host.split_once(':').unwrap_or((host, "1"));
    let is_host =
        host.is_empty() && !image.contains('/') || is_part(name) && port.parse::<u16>().is_ok();
    is_host && path.split('/').all(is_part)
}
