//! The commands, one file each: the documentation comment is the help, `Args` what is typed, `run` what
//! is done.

mod bases;
mod check;
mod completions;
mod delivered;
mod explain;
mod fetch;
mod generate;
mod helm;
mod help;
mod keys;
mod kustomize;
mod lazy;
mod network;
mod new;
mod registry;
mod render;
mod reseal;
mod rotate;
mod seal;
mod secrets;
mod set;
mod unseal;
mod upgrade;

use clap::Subcommand;

use self::lazy::Lazy;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::{HINT, Ui};

/// What mainstay can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(Lazy<new::New>),
    Generate(Lazy<generate::Generate>),
    Upgrade(Lazy<upgrade::Upgrade>),
    Fetch(Lazy<fetch::Fetch>),
    Check(Lazy<check::Check>),
    Render(Lazy<render::Render>),
    Set(Lazy<set::Set>),
    Registry(Lazy<registry::Registry>),
    Helm(Lazy<helm::Helm>),
    Seal(Box<Lazy<seal::Seal>>),
    Unseal(Lazy<unseal::Unseal>),
    Reseal(Lazy<reseal::Reseal>),
    Secrets(Lazy<secrets::Secrets>),
    Keys(Lazy<keys::Keys>),
    Kustomize(Lazy<kustomize::Kustomize>),
    Explain(Lazy<explain::Explain>),
    Completions(Lazy<completions::Completions>),
    Help(Lazy<help::Help>),
}

impl Command {
    /// Does it.
    pub(crate) fn run(&self, ui: &Ui) -> Result<Outcome, CliError> {
        match self {
            Command::New(arguments) => new::run(ui, arguments),
            Command::Generate(arguments) => generate::run(ui, arguments),
            Command::Upgrade(arguments) => upgrade::run(ui, arguments),
            Command::Fetch(arguments) => fetch::run(ui, arguments),
            Command::Check(arguments) => check::run(ui, arguments),
            Command::Render(arguments) => render::run(ui, arguments),
            Command::Set(arguments) => set::run(ui, arguments),
            Command::Registry(arguments) => registry::run(ui, arguments),
            Command::Helm(arguments) => helm::run(ui, arguments),
            Command::Seal(arguments) => seal::run(ui, arguments),
            Command::Unseal(arguments) => unseal::run(ui, arguments),
            Command::Reseal(arguments) => reseal::run(ui, arguments),
            Command::Secrets(arguments) => secrets::run(ui, arguments),
            Command::Keys(arguments) => keys::run(ui, arguments),
            Command::Kustomize(arguments) => kustomize::run(ui, arguments),
            Command::Explain(arguments) => explain::run(ui, arguments),
            Command::Completions(arguments) => completions::run(ui, arguments),
            Command::Help(arguments) => help::run(ui, arguments),
        }
    }

    /// Whether `--json` was asked for.
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Command::New(arguments) => arguments.json,
            Command::Generate(arguments) => arguments.json,
            Command::Upgrade(arguments) => arguments.json,
            Command::Fetch(arguments) => arguments.json,
            Command::Check(arguments) => arguments.json,
            Command::Render(arguments) => arguments.json,
            Command::Explain(arguments) => arguments.json,
            Command::Reseal(arguments) => arguments.json,
            Command::Secrets(arguments) => arguments.wants_json(),
            Command::Keys(arguments) => arguments.wants_json(),
            Command::Set(arguments) => arguments.json,
            Command::Registry(arguments) => arguments.wants_json(),
            Command::Helm(_)
            | Command::Seal(_)
            | Command::Unseal(_)
            | Command::Kustomize(_)
            | Command::Completions(_)
            | Command::Help(_) => false,
        }
    }
}

/// Says where to begin: what `mainstay` alone prints.
pub(crate) fn greet(ui: &Ui) -> Result<Outcome, CliError> {
    let lines = [
        ("mainstay new shop --from deployed_apps.json", "write a repository, and prove it"),
        ("mainstay check", "find what is wrong before a cluster does"),
        ("mainstay generate", "bring it up to date after a change"),
        ("mainstay render web --env prod", "see the objects of an app"),
        ("mainstay help", "all commands"),
    ];
    let mut text =
        "From a list of apps to a proved GitOps repository for k3s and Argo CD.\n".to_owned();
    for (command, does) in lines {
        text.push_str(&format!("  {HINT}{command:<45}{HINT:#}{does}\n"));
    }
    ui.text(&text)?;
    Ok(Outcome::Yes)
}
