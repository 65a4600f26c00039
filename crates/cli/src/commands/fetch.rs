//! `mainstay fetch`: the charts of a repository come into the cache, and their digests into its lock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use clap::Args;
use operate::{
    Access, CHARTS_LOCK, Changes, ChartCache, Error, Fetched, Fetcher, Origin, Pins, Recording,
    Settings, Wanted, Write,
};
use serde_json::{Map, Value, json};

use crate::commands::network::Network;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::Locate;
use crate::proof;
use crate::ui::{GOOD, Ui};
use crate::{environment, report};

/// Fetches the charts of the add-ons, so that they are rendered and checked too
///
/// Every chart that an Application names comes into the cache, and its digest into the lock,
/// `.mainstay/charts.lock.yaml`: commit it. What is locked stays as it is; another archive under the same
/// version is an error.
///
/// Example: mainstay fetch
#[derive(Args, Debug)]
pub(crate) struct Fetch {
    /// Ask for everything anew: newer versions where a range allows them, archives that have changed
    #[arg(long)]
    update: bool,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    network: Network,

    #[command(flatten)]
    locate: Locate,
}

/// A chart that delivers Applications may name further charts; more rounds than this are endless.
const MOST_ROUNDS: usize = 10;

/// What a run has come to.
#[derive(Default)]
struct Done {
    fetched: Vec<Fetched>,
    failed: Vec<(Wanted, Error)>,
    locked: bool,
}

pub(crate) fn run(ui: &Ui, arguments: &Fetch) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    let cache = environment::chart_cache().ok_or_else(|| {
        CliError::usage("there is no place for a cache")
            .hint("set `HOME`, or `XDG_CACHE_HOME` to an absolute path")
    })?;
    let repository = arguments.locate.open(ui, Access::Read)?;
    // Without a cache, a lock that the cache disagrees with is no obstacle here: it is mended here.
    let world = repository.world(None)?;
    let pins = if arguments.update { Pins::default() } else { Pins::read(&world)? };
    let settings = Settings { refresh: arguments.update, ..arguments.network.settings()? };
    let fetcher = Fetcher::new(cache.clone(), settings);
    let mut done = everything(&world, &fetcher, &cache, &pins)?;
    drop(repository);
    if done.failed.is_empty() {
        done.locked = lock(ui, arguments, &done)?;
    }
    if arguments.json {
        say_json(ui, &done)?;
    } else {
        say(ui, &done, begin);
    }
    let any_failed = !done.failed.is_empty();
    for (_, error) in done.failed {
        ui.error(&CliError::World(error), false);
    }
    Ok(if any_failed { Outcome::Failed } else { Outcome::Yes })
}

/// Fetches what the repository names, and what the fetched charts name.
fn everything(
    world: &operate::DiskWorld,
    fetcher: &Fetcher,
    cache: &ChartCache,
    pins: &Pins,
) -> Result<Done, CliError> {
    let mut done = Done::default();
    let mut known: BTreeSet<Wanted> = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        let held = Held { world, cache, fetched: &done.fetched };
        let recording = Recording::new(&held);
        proof::render(&recording, None)?;
        let new: Vec<Wanted> =
            recording.asked().into_iter().filter(|wanted| known.insert(wanted.clone())).collect();
        if new.is_empty() {
            break;
        }
        for (wanted, fetched) in new.iter().zip(fetcher.fetch_all(&new, pins)) {
            match fetched {
                Ok(fetched) => done.fetched.push(fetched),
                Err(error) => done.failed.push((wanted.clone(), error)),
            }
        }
    }
    done.fetched.sort_by(|one, other| one.pin.cmp(&other.pin));
    Ok(done)
}

/// The repository with the charts that were fetched in this run.
struct Held<'a> {
    world: &'a operate::DiskWorld,
    cache: &'a ChartCache,
    fetched: &'a [Fetched],
}

impl text::World for Held<'_> {
    fn read(&self, path: &str) -> Result<std::sync::Arc<[u8]>, text::Missing> {
        self.world.read(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.world.list(folder)
    }

    fn chart(
        &self,
        repository: &str,
        name: &str,
        version: &str,
    ) -> Result<std::sync::Arc<[u8]>, text::Missing> {
        let wanted = Wanted::new(repository, name, version);
        let found = self.fetched.iter().find(|fetched| fetched.pin.wanted == wanted);
        self.cache.archive(&found.ok_or(text::Missing::NotFound)?.pin.digest)
    }

    fn today(&self) -> text::Date {
        self.world.today()
    }
}

/// Writes the lock where it has changed.
fn lock(ui: &Ui, arguments: &Fetch, done: &Done) -> Result<bool, CliError> {
    let pins = Pins::new(done.fetched.iter().map(|fetched| fetched.pin.clone()).collect());
    let mut repository = arguments.locate.open(ui, Access::Change)?;
    let before = repository.world(None).and_then(|world| Pins::read(&world));
    if before.is_ok_and(|before| before == pins) {
        return Ok(false);
    }
    let write =
        Write { path: CHARTS_LOCK.to_owned(), bytes: pins.to_text().into(), executable: false };
    repository.apply(&Changes { writes: vec![write], removes: Vec::new() })?;
    Ok(true)
}

fn say(ui: &Ui, done: &Done, begin: Instant) {
    for fetched in &done.fetched {
        let pin = &fetched.pin;
        let mark = if fetched.origin == Origin::Network { "+" } else { "=" };
        let resolved = match pin.resolved == pin.wanted.version {
            true => String::new(),
            false => format!(" is {}", pin.resolved),
        };
        let line = format!(
            "{mark} {} {}{resolved}  {}",
            pin.wanted.chart,
            pin.wanted.version,
            operate::shown(pin.wanted.place())
        );
        ui.status(&line);
    }
    let count =
        |origin: Origin| done.fetched.iter().filter(|fetched| fetched.origin == origin).count();
    let locked = if done.locked { format!("; {CHARTS_LOCK} is written") } else { String::new() };
    ui.status(&format!(
        "{GOOD}Fetched{GOOD:#} {}, {} from the cache, in {}{locked}",
        report::count(count(Origin::Network), "chart"),
        report::thousands(count(Origin::Cache)),
        report::since(begin)
    ));
}

fn say_json(ui: &Ui, done: &Done) -> Result<(), CliError> {
    let charts = done.fetched.iter().map(|fetched| {
        let pin = &fetched.pin;
        let mut entry = named(&pin.wanted);
        entry.insert("resolved".into(), json!(pin.resolved));
        entry.insert("digest".into(), json!(format!("sha256:{}", pin.digest)));
        entry.insert("bytes".into(), json!(fetched.bytes.len()));
        let from = if fetched.origin == Origin::Network { "network" } else { "cache" };
        entry.insert("from".into(), json!(from));
        Value::Object(entry)
    });
    let failed = done.failed.iter().map(|(wanted, error)| {
        let mut entry = named(wanted);
        let cause = std::error::Error::source(error).map(ToString::to_string);
        entry.insert("message".into(), json!(error.to_string()));
        entry.insert("cause".into(), json!(cause));
        Value::Object(entry)
    });
    let mut fields = Map::new();
    fields.insert("charts".into(), charts.collect());
    fields.insert("failed".into(), failed.collect());
    fields.insert("locked".into(), json!(done.locked));
    ui.json(&text::report("fetch", fields, &[], &text::Sources::new()))
}

fn named(wanted: &Wanted) -> Map<String, Value> {
    BTreeMap::from([
        ("repository".to_owned(), json!(operate::shown(wanted.place()))),
        ("chart".to_owned(), json!(wanted.chart)),
        ("version".to_owned(), json!(wanted.version)),
    ])
    .into_iter()
    .collect()
}
