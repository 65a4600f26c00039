//! `mainstay kustomize …`: kustomize's own commands, with kustomize's arguments and kustomize's bytes.
//!
//! In: what kustomize would be given. Out: on standard output what kustomize v5.8.1 prints. Asks the network
//! for nothing, and runs no program.

mod build;

use clap::{Args, Subcommand};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::Ui;

/// Builds kustomizations as kustomize v5.8.1 does: the same arguments, the same bytes
///
/// Example: mainstay kustomize build overlays/prod
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Kustomize {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Build(Box<build::Build>),
}

pub(crate) fn run(ui: &Ui, arguments: &Kustomize) -> Result<Outcome, CliError> {
    match &arguments.command {
        Verb::Build(arguments) => build::run(ui, arguments),
    }
}
