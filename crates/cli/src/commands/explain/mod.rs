//! `mainstay explain`: the page of a finding, or what a key does and what it is when left out.
//!
//! In: a code or the path of a key. Out: text or JSON. Knows no page and no key by itself: pages come
//! from `compile`, keys from the JSON Schemas.

mod key;
mod layout;

use clap::Args;
use compile::check::codes::{self, Page};
use serde_json::json;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::{HINT, Ui};

/// Says what a finding means, or what a key of `mainstay.yaml`, the payload or the config does
///
/// Examples: mainstay explain C101, mainstay explain tls.default, mainstay explain apps.probes
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The code of a finding, or the path of a key
    topic: String,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(ui: &Ui, arguments: &Explain) -> Result<Outcome, CliError> {
    if let Some(page) = codes::page(&arguments.topic) {
        return page_of(ui, arguments, page);
    }
    if looks_like_code(&arguments.topic) {
        return Err(unknown_code(&arguments.topic));
    }
    let keys = key::find(&arguments.topic)?;
    if arguments.json {
        // One document: the first file that has the key; the others are asked for by a whole path.
        ui.json(&keys.first().map(key::Key::json).unwrap_or_default())?;
    } else {
        let texts: Vec<String> = keys.iter().map(key::Key::text).collect();
        ui.text(&texts.join("\n"))?;
    }
    Ok(Outcome::Yes)
}

fn page_of(ui: &Ui, arguments: &Explain, page: &Page) -> Result<Outcome, CliError> {
    let code = page.code.to_string();
    if arguments.json {
        ui.json(&json!({
            "version": 1,
            "kind": "finding",
            "code": code,
            "title": page.title,
            "text": page.text,
        }))?;
    } else {
        let mut out = String::new();
        layout::item(&mut out, &format!("{HINT}{code}{HINT:#}: "), 6, &page.title);
        if !page.text.is_empty() {
            out.push('\n');
            layout::markdown(&mut out, &page.text);
        }
        ui.text(&out)?;
    }
    Ok(Outcome::Yes)
}

fn looks_like_code(topic: &str) -> bool {
    let mut letters = topic.chars();
    letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && (1..=4).contains(&letters.as_str().len())
        && letters.all(|letter| letter.is_ascii_digit())
}

fn unknown_code(topic: &str) -> CliError {
    let known: Vec<String> = codes::all().iter().map(|page| page.code.to_string()).collect();
    let error = CliError::usage(format!("there is no finding `{topic}`"));
    let near = text::nearest(topic, known.iter().map(String::as_str));
    let error = match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    };
    error.hint("`mainstay check` ends with the codes that it found")
}
