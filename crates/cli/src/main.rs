//! Arguments in, words and exit codes out.
//!
//! Decides what a person types and reads: commands, flags, words, colours, exit codes.
//! In: arguments and environment variables. Out: data on standard output, everything else on standard
//! error, an exit code.
//! Never decides what is right or what is written: each command resolves its arguments, makes one call
//! into `compile`, `helm` or `operate`, and prints the answer.

mod arguments;
mod bug;
mod commands;
mod delivery;
mod dispatch;
mod environment;
mod error;
mod exit;
mod left_to_do;
mod locate;
mod places;
mod prompt;
mod proof;
mod report;
mod sealing;
mod ui;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::Ui;

/// Rendering makes many small texts, and the C library's allocator is slow at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    bug::install_hook();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap knows which stream it belongs to; if that one is closed nobody reads it.
            let _ = error.print();
            if error.use_stderr() && ui::asks_for_json(std::env::args_os()) {
                ui::usage_error_as_json(&error);
            }
            return exit::code_of_parser(&error);
        }
    };
    let ui = Ui::new(&arguments.global);
    let result = run(&ui, &arguments);
    if let Err(error) = &result {
        ui.error(error, arguments.command.as_ref().is_some_and(commands::Command::wants_json));
    }
    exit::code(&result)
}

fn run(ui: &Ui, arguments: &Arguments) -> Result<Outcome, CliError> {
    match &arguments.command {
        Some(command) => command.run(ui),
        None => commands::greet(ui),
    }
}
