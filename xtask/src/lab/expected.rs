//! The end state that an engine must reach with an example: the tables in `tests/lab/argocd`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::argocd::State;

/// A line of a table.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub name: String,
    sync: String,
    health: String,
    /// It may be tried again: what it needs comes later, and the documents say so.
    pub retries: bool,
    /// It deploys the repository, so its revision is the commit; others deploy a chart.
    ours: bool,
}

impl Expected {
    /// An Application is as expected.
    pub(super) fn is(&self, state: &State, commit: &str) -> bool {
        self.name == state.name
            && self.sync == state.sync
            && self.health == state.health
            && (!self.ours || state.revision == commit)
    }
}

/// The table of an example, for an environment of it.
pub(super) fn read(example: &str, environment: &str) -> Result<Vec<Expected>> {
    let file = Path::new("tests/lab/argocd").join(format!("{example}.txt"));
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, source, sync, health, retries, why @ ..] = words.as_slice() else {
            bail!("{}: `{line}` is too short", file.display());
        };
        let plain = *health == "Healthy" && *sync == "Synced" && *retries == "no";
        ensure!(plain || !why.is_empty(), "{}: {name} says no reason", file.display());
        found.push(Expected {
            name: name.replace("$ENVIRONMENT", environment),
            sync: (*sync).to_owned(),
            health: (*health).to_owned(),
            retries: *retries == "yes",
            ours: *source == "repository",
        });
    }
    Ok(found)
}
