//! `mainstay upgrade`: the generated half moves to this mainstay and its newest catalog.

use clap::Args;

use super::generate::{self, Generate};
use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::Locate;
use crate::ui::Ui;

/// Moves a repository to this mainstay and its newest catalog
///
/// What was edited stays, as with `generate`; where both sides changed one thing nothing is written. Says for
/// each add-on what its new chart brings: versions, definitions of custom resources that change, and values
/// that no longer exist. That needs both charts in the cache (`mainstay fetch` before and after).
///
/// Example: mainstay upgrade --check
#[derive(Args, Debug)]
pub(crate) struct Upgrade {
    /// Only say what would change, and exit with 1 if something would
    #[arg(long)]
    check: bool,

    /// Write this file as generated, whatever was changed in it (can be given several times)
    #[arg(long, value_name = "FILE")]
    force: Vec<String>,

    /// Where both sides changed one thing, keep what this file has (can be given several times)
    #[arg(long, value_name = "FILE")]
    keep: Vec<String>,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    locate: Locate,
}

pub(crate) fn run(ui: &Ui, arguments: &Upgrade) -> Result<Outcome, CliError> {
    generate::run(
        ui,
        &Generate {
            from: None,
            dispatch: None,
            check: arguments.check,
            force: arguments.force.clone(),
            keep: arguments.keep.clone(),
            remove_data: Vec::new(),
            json: arguments.json,
            upgrade: true,
            locate: arguments.locate.clone(),
        },
    )
}
