//! What is typed: the flags that every command knows, and the commands.

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Args, Parser, ValueEnum};

use crate::commands::Command;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default())
    .error(AnsiColor::Red.on_default().bold())
    .valid(AnsiColor::Cyan.on_default().bold())
    .invalid(AnsiColor::Yellow.on_default().bold());

/// Compiles a list of apps into a GitOps repository for k3s and Argo CD, and proves it.
#[derive(Debug, Parser)]
#[command(
    name = "mainstay",
    version,
    styles = STYLES,
    disable_help_subcommand = true,
    infer_long_args = false,
    max_term_width = 100,
    after_help = "`mainstay help COMMAND` says more; `mainstay help exit-codes` lists what exit codes mean."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Flags that every command knows.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// When to use colours: auto, always, never
    #[arg(
        long,
        alias = "colour",
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        global = true
    )]
    pub(crate) color: Color,

    /// Say only what is important; twice: say nothing
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "verbose", global = true)]
    pub(crate) quiet: u8,

    /// Say more: unchanged files, each application
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set; CLICOLOR_FORCE means always
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
