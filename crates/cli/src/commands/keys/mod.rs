//! `mainstay keys …`: the master key pair of a Sealed Secrets controller.

mod cert;
mod check;
mod new;
mod show;
mod store;

use std::path::Path;

use clap::{Args, Subcommand};
use operate::Error;
use seal::key::{BadKey, KeyPair, PrivateKey};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::Ui;

/// Makes and looks at the key pair that secrets are sealed with
///
/// Example: mainstay keys new --out ~/keys/shop.yaml
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    New(new::New),
    Show(show::Show),
    Check(check::Check),
    Cert(cert::Cert),
    Store(store::Store),
}

impl Keys {
    /// Whether `--json` was asked for.
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            Verb::Show(arguments) => arguments.json,
            Verb::Check(arguments) => arguments.json,
            Verb::New(arguments) => arguments.json,
            Verb::Store(arguments) => arguments.json,
            Verb::Cert(_) => false,
        }
    }
}

pub(crate) fn run(ui: &Ui, arguments: &Keys) -> Result<Outcome, CliError> {
    match &arguments.command {
        Verb::New(arguments) => new::run(ui, arguments),
        Verb::Show(arguments) => show::run(ui, arguments),
        Verb::Check(arguments) => check::run(ui, arguments),
        Verb::Cert(arguments) => cert::run(ui, arguments),
        Verb::Store(arguments) => store::run(ui, arguments),
    }
}

/// The failure of making a key or writing one: the cryptographic library's.
fn broken(path: &Path) -> impl Fn(BadKey) -> CliError {
    let path = path.to_owned();
    move |reason| CliError::World(Error::Key { path: path.clone(), reason })
}

/// Makes a certificate for a key that has none, valid from now.
fn certify(key: PrivateKey, days: u32, file: &Path) -> Result<KeyPair, CliError> {
    let serial = operate::Randomness::open()?.serial()?;
    let valid_for = i64::from(days) * 86_400;
    KeyPair::certify(key, serial, operate::seconds_now(), valid_for).map_err(broken(file))
}
