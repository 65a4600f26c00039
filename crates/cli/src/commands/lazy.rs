//! A command that is described only where somebody looks: describing the arguments of every command takes longer
//! than rendering a small chart.
//!
//! Decides when a command's arguments are built. Never what they are: that is for each command's own file.

use std::ffi::OsStr;
use std::ops::Deref;

use clap::{ArgMatches, Args, Command, FromArgMatches};

/// The arguments of a command, described when the command is the one that was typed, or when all are shown.
#[derive(Debug)]
pub(crate) struct Lazy<T>(T);

impl<T> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: FromArgMatches> FromArgMatches for Lazy<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Lazy)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: Args> Args for Lazy<T> {
    fn augment_args(command: Command) -> Command {
        let is_looked_at = match std::env::args_os().nth(1) {
            Some(typed) => shows_all(&typed) || typed == *command.get_name(),
            None => true,
        };
        if is_looked_at { T::augment_args(command) } else { command.defer(T::augment_args) }
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

/// Whether the first argument is a flag, or a command that shows the others.
fn shows_all(typed: &OsStr) -> bool {
    typed == "help" || typed == "completions" || typed.as_encoded_bytes().starts_with(b"-")
}
