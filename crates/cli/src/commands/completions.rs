//! `mainstay completions`: a script for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::Ui;

/// Prints completions for a shell
///
/// Example: mainstay completions bash > ~/.local/share/bash-completion/completions/mainstay
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(ui: &Ui, arguments: &Completions) -> Result<Outcome, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "mainstay", &mut script);
    ui.data(&script)?;
    Ok(Outcome::Yes)
}
