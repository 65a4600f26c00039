//! `mainstay helm …`: helm's own commands, with helm's arguments and helm's bytes.
//!
//! In: what helm would be given. Out: on standard output what helm v4.3.1 prints. Asks the
//! network for a chart from elsewhere only, and never a cluster; what it does not do it says, and fails.

mod flags;
mod template;

use clap::{Args, Subcommand};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::Ui;

/// Renders charts as helm v4.3.1 does: the same arguments, the same bytes
///
/// Example: mainstay helm template web ./chart -f values.yaml
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Helm {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    #[command(mut_args(flags::with_value), args_override_self = true)]
    Template(Box<template::Template>),
}

pub(crate) fn run(ui: &Ui, arguments: &Helm) -> Result<Outcome, CliError> {
    match &arguments.command {
        Verb::Template(arguments) => template::run(ui, arguments),
    }
}
