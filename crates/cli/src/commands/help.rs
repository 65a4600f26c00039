//! `mainstay help`: the help of a command, and what exit codes mean.

use clap::builder::StyledStr;
use clap::{Args, CommandFactory};

use crate::arguments::Arguments;
use crate::error::CliError;
use crate::exit::{self, Outcome};
use crate::ui::Ui;

/// Prints help on a command or a topic
///
/// Example: mainstay help new
#[derive(Args, Debug)]
pub(crate) struct Help {
    /// A command (`helm template` too), or `exit-codes`
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

pub(crate) fn run(ui: &Ui, arguments: &Help) -> Result<Outcome, CliError> {
    if arguments.topic.iter().map(String::as_str).eq(["exit-codes"]) {
        ui.data(exit::HELP.as_bytes())?;
        return Ok(Outcome::Yes);
    }
    ui.text(&topic(&arguments.topic)?.ansi().to_string())?;
    Ok(Outcome::Yes)
}

fn topic(words: &[String]) -> Result<StyledStr, CliError> {
    let mut root = Arguments::command();
    root.build();
    let mut command = &mut root;
    for word in words {
        let names: Vec<String> =
            command.get_subcommands().map(|known| known.get_name().to_owned()).collect();
        command = match names.iter().position(|name| name == word) {
            Some(at) => command.get_subcommands_mut().nth(at),
            None => None,
        }
        .ok_or_else(|| {
            let known = names.iter().map(String::as_str).chain(["exit-codes"]);
            let error = CliError::usage(format!("no command or topic is called `{word}`"));
            match text::nearest(word, known) {
                Some(near) => error.hint(format!("did you mean `mainstay help {near}`?")),
                None => error.hint("`mainstay help` lists all commands"),
            }
        })?;
    }
    Ok(command.render_long_help())
}
