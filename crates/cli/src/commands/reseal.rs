//! `mainstay reseal`: everything that is sealed, sealed anew for another key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use operate::{Access, Changes, Randomness, Repository, SealedFile, Write};
use rayon::prelude::*;
use seal::codes;
use seal::key::{KeyRing, SealingKey};
use seal::secret::{self, Guess, Resealed};
use serde_json::{Map, json};
use text::{Place, World as _};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::proof::Findings;
use crate::report;
use crate::sealing::{CertificateArgument, KeyArguments, Searched, repository_here, sealed_of};
use crate::ui::{GOOD, Ui};

/// Seals every value of a repository anew, for the key of another certificate
///
/// Only the sealed values change; all other bytes of each file stay. A file is sealed anew as a whole or not at all.
/// What is sealed for the new key already is left as it is, where that key is given too. Exits with 1 where a
/// value does not open, or was left for the old key.
///
/// What is in the history of the repository stays readable for whoever has the old key: if that one was lost,
/// the secrets themselves must change.
///
/// Example: mainstay reseal --key old.yaml --key new.yaml
#[derive(Args, Debug)]
pub(crate) struct Reseal {
    #[command(flatten)]
    keys: KeyArguments,

    #[command(flatten)]
    certificate: CertificateArgument,

    /// Folder to work in, or one file [default: the repository one stands in]
    #[arg(value_name = "PATH")]
    folder: Option<PathBuf>,

    /// Only say what would change
    #[arg(long)]
    dry_run: bool,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a run has come to.
#[derive(Default)]
struct Done {
    findings: Findings,
    writes: Vec<Write>,
    files: usize,
    items: usize,
    left: usize,
    opened_by: BTreeMap<String, usize>,
}

pub(crate) fn run(ui: &Ui, arguments: &Reseal) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    if arguments.keys.key.is_empty() {
        return Err(CliError::usage("no key was given to open the values with")
            .hint("`--key FILE`, several times for several keys"));
    }
    let searched = Searched::of(arguments.folder.as_deref())?;
    let keys = operate::read_keys(&arguments.keys.key)?;
    let certificates = repository_here().unwrap_or_else(|| searched.root.clone());
    let Some(named) = arguments.certificate.usable(ui, Some(&certificates))? else {
        return Ok(Outcome::Invalid);
    };
    let to = named.sealing_key()?;
    let access = if arguments.dry_run { Access::Read } else { Access::Change };
    let mut repository = Repository::open(&searched.root, access)?;
    let world = repository.world(None)?;
    let files = searched.files(&world)?;
    let mut wrong = Done::default();
    let others = searched.others();
    let guess = Guess::of(sealed_of(&files).chain(sealed_of(&others)));
    if named.finds_wrong_keys(&mut wrong.findings, sealed_of(&files), &keys, &guess) {
        return answer(ui, arguments, &wrong, begin);
    }
    // What is behind a link cannot be written, and must not keep the rest from being sealed anew.
    let (files, behind_links): (Vec<SealedFile>, Vec<SealedFile>) =
        files.into_iter().partition(|file| operate::can_be_written(&searched.root, &file.path));
    let mut done = everything(&files, &keys, &to, &guess)?;
    for link in &behind_links {
        let real = world.real_path(&link.path);
        if files.iter().any(|file| file.path == real) {
            // Sealed anew where it lies.
            continue;
        }
        let dry = everything(std::slice::from_ref(link), &keys, &to, &guess)?;
        if dry.items > 0 || dry.findings.has_errors() {
            let name = done.findings.sources.add(link.path.as_str(), "");
            done.findings.extend([codes::s147_behind_link(Place::of_file(&name))]);
        } else {
            done.left_as_they_are(dry.left, dry.opened_by);
        }
    }
    let writes = std::mem::take(&mut done.writes);
    if !arguments.dry_run && !writes.is_empty() {
        repository.apply(&Changes { writes, removes: Vec::new() })?;
    }
    answer(ui, arguments, &done, begin)
}

fn answer(ui: &Ui, arguments: &Reseal, done: &Done, begin: Instant) -> Result<Outcome, CliError> {
    if arguments.json {
        let mut fields = Map::new();
        fields.insert("written".into(), json!(!arguments.dry_run));
        fields.insert("files".into(), json!(done.files));
        fields.insert("values".into(), json!(done.items));
        fields.insert("left".into(), json!(done.left));
        fields.insert("openedBy".into(), json!(done.opened_by));
        let (found, sources) = (&done.findings.diagnostics, &done.findings.sources);
        ui.json(&text::report("reseal", fields, found, sources))?;
    } else {
        say(ui, arguments, done, begin);
    }
    Ok(crate::proof::outcome(&done.findings))
}

fn everything(
    files: &[SealedFile],
    keys: &KeyRing,
    to: &SealingKey,
    guess: &Guess,
) -> Result<Done, CliError> {
    let namespaces = guess.namespaces();
    // Nearly all of the time is one private operation of the key for each value, so every core gets files.
    let resealed: Vec<Result<_, CliError>> = files
        .par_iter()
        .map(|file| {
            let name: Arc<str> = file.path.as_str().into();
            let mut randomness = Randomness::open()?;
            Ok(secret::reseal(&name, &file.text, keys, to, namespaces, &mut randomness)?)
        })
        .collect();
    let mut done = Done::default();
    for (file, resealed) in files.iter().zip(resealed) {
        match resealed? {
            Ok(resealed) => done.add(file, resealed),
            Err(found) => {
                let name: Arc<str> = file.path.as_str().into();
                let (shown, found) = match &file.sealed {
                    Ok(sealed) => (
                        seal::layout::blotted(&file.text, sealed),
                        secret::explain_unopened(found, &name, sealed, keys, guess),
                    ),
                    Err(_) => (secret::shown(&file.text), found),
                };
                done.findings.sources.add(name, shown);
                done.findings.extend(found);
            }
        }
    }
    Ok(done)
}

impl Done {
    fn left_as_they_are(&mut self, left: usize, opened_by: BTreeMap<String, usize>) {
        self.left += left;
        for (key, count) in opened_by {
            *self.opened_by.entry(key).or_default() += count;
        }
    }

    fn add(&mut self, file: &SealedFile, resealed: Resealed) {
        self.items += resealed.items;
        self.left_as_they_are(resealed.left, resealed.opened_by);
        if resealed.items > 0 {
            self.files += 1;
            let bytes = resealed.text.into_bytes();
            self.writes.push(Write { path: file.path.clone(), bytes, executable: false });
        }
    }
}

fn say(ui: &Ui, arguments: &Reseal, done: &Done, begin: Instant) {
    ui.diagnostics(&done.findings.diagnostics, &done.findings.sources);
    let what = if arguments.dry_run { "Would seal" } else { "Sealed" };
    ui.status(&format!(
        "{GOOD}{what}{GOOD:#} {} in {} anew, {} left as they are, in {}",
        report::count(done.items, "value"),
        report::count(done.files, "file"),
        report::thousands(done.left),
        report::since(begin)
    ));
    for (key, count) in &done.opened_by {
        ui.status(&format!(
            "  `{}` opened {}",
            Path::new(key).display(),
            report::thousands(*count)
        ));
    }
    if done.items > 0 && !arguments.dry_run {
        ui.status("The old values stay in the history of the repository: whoever has the old key can read them there.");
    }
    if done.findings.has_errors() {
        ui.important("Files with a finding were left as they are");
    }
}
