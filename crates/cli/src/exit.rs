//! The only place that knows exit codes (`mainstay help exit-codes`).

use std::process::ExitCode;

use crate::error::CliError;

/// What a command answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Yes, done, or nothing to do.
    Yes,
    /// The answer is no: findings, or differences.
    No,
    /// A file that was given cannot be understood.
    Invalid,
    /// The world failed, and how was said already.
    Failed,
}

/// What the codes mean, for `help exit-codes`.
pub(crate) const HELP: &str = "\
Exit codes:
    0  yes, done, or nothing to do; also when whoever reads the output has seen enough
    1  the answer is no: `check` has findings, `generate --check` would change something,
       a chart does not render
    2  what was typed, or a file that was given, cannot be understood; nothing was done
    3  the world failed: disk, git, network, cluster; trying again may help
  101  a bug in mainstay; the message says how to report it
  130  Ctrl-C where a value was asked for; nothing was done
";

const NO: u8 = 1;
const USAGE: u8 = 2;
const WORLD: u8 = 3;
/// What a shell makes of a program that SIGINT ended.
const INTERRUPTED: u8 = 130;

/// Returns the exit code of a command.
pub(crate) fn code(result: &Result<Outcome, CliError>) -> ExitCode {
    match result {
        Ok(Outcome::Yes) | Err(CliError::BrokenPipe) => ExitCode::SUCCESS,
        Ok(Outcome::No) | Err(CliError::Refused { .. }) => ExitCode::from(NO),
        Ok(Outcome::Invalid) => ExitCode::from(USAGE),
        Ok(Outcome::Failed) => ExitCode::from(WORLD),
        Err(CliError::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) if error.is_usage() => ExitCode::from(USAGE),
        Err(_) => ExitCode::from(WORLD),
    }
}

/// Returns the exit code of what the argument parser had to say: asking for help is no failure.
pub(crate) fn code_of_parser(error: &clap::Error) -> ExitCode {
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}
