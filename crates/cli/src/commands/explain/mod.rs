//! `mainstay explain`: the page of a finding, or what a key does and what it is when left out.
//!
//! In: a code or the path of a key. Out: text or JSON. Knows no page and no key by itself: pages come
//! from `compile`, keys from the JSON Schemas.

mod key;

use clap::Args;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::Ui;

/// Says what a finding means, or what a key of `mainstay.yaml` or the payload does
///
/// Examples: mainstay explain C012, mainstay explain spec.policies.quotas, mainstay explain apps.probes
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The code of a finding, or the path of a key
    topic: String,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(ui: &Ui, arguments: &Explain) -> Result<Outcome, CliError> {
    let key = key::find(&arguments.topic)?;
    if arguments.json {
        ui.json(&key.json())?;
    } else {
        ui.text(&key.text())?;
    }
    Ok(Outcome::Yes)
}
