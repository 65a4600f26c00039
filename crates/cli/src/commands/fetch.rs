//! `mainstay fetch`: the charts of a repository, and what its kustomizations name elsewhere, come into the
//! cache, and their digests into its locks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use compile::render::HelmCharts;
use kustomize::Options;
use operate::{
    Access, BASES_LOCK, BasePin, BasePins, CHARTS_LOCK, Changes, ChartCache, DiskWorld, Error,
    Fetched, FetchedBase, Fetcher, Origin, Pin, Pins, Recording, Repository, Settings, Wanted,
    Write,
};
use serde_json::{Map, Value, json};
use text::{Remote, World};

use crate::commands::bases::{Place, finding};
use crate::commands::network::Network;
use crate::delivery::{self, Named, Opened, nothing_found};
use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::Locate;
use crate::proof;
use crate::ui::{GOOD, Ui};
use crate::{environment, report};

/// Fetches the charts of the add-ons, so that they are rendered and checked too
///
/// Every chart that an Application names comes into the cache, and its digest into the lock,
/// `.mainstay/charts.lock.yaml`: commit it. In a repository without a `mainstay.yaml` these are the charts of
/// all Applications, ApplicationSets and HelmReleases that are in it. What is locked stays as it is; another archive under the same
/// version is an error.
/// What kustomizations name elsewhere (bases and components of git repositories, files at web addresses) is
/// fetched too; `.mainstay/bases.lock.yaml` pins commits and digests.
///
/// Example: mainstay fetch
#[derive(Args, Debug)]
pub(crate) struct Fetch {
    /// Only what these kustomizations need, in any repository; an address of one is fetched itself
    #[arg(value_name = "DIR")]
    kustomizations: Vec<String>,

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
    bases: Vec<FetchedBase>,
    failed_bases: Vec<(Remote, Error)>,
    /// The locks that were written.
    locked: Vec<&'static str>,
}

/// What a run fetches for.
struct Run<'a> {
    fetcher: Fetcher,
    cache: ChartCache,
    pins: Pins,
    base_pins: BasePins,
    /// Renders everything: what it asks the world for is what is needed.
    render: &'a dyn Fn(&dyn World) -> Result<(), CliError>,
}

pub(crate) fn run(ui: &Ui, arguments: &Fetch) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    let cache = environment::chart_cache().ok_or_else(|| {
        CliError::usage("there is no place for a cache")
            .hint("set `HOME`, or `XDG_CACHE_HOME` to an absolute path")
    })?;
    let settings = Settings { refresh: arguments.update, ..arguments.network.settings()? };
    let fetcher = Fetcher::new(cache.clone(), settings);
    let places: Vec<Place> = arguments
        .kustomizations
        .iter()
        .map(|typed| Place::of(typed))
        .collect::<Result<_, CliError>>()?;
    let mut broken: Option<kustomize::Error> = None;
    let (root, mut done) = if let Some(opened) = any_repository(&places, arguments)? {
        // Whoever wrote it: the charts that its delivery objects name.
        let world = opened.tree().clone();
        let render = |world: &dyn World| {
            compile::delivery::read(&opened.input_through(world));
            Ok(())
        };
        let done = everything(&world, &pinned(arguments, &world, fetcher, cache, &render)?)?;
        (opened.root().to_owned(), done)
    } else if places.is_empty() {
        let repository = arguments.locate.open(ui, Access::Read)?;
        // Without a cache, a lock that the cache disagrees with is no obstacle here: it is mended here.
        let world = repository.world(None)?;
        let render = |world: &dyn World| proof::render(world, None).map(|_| ());
        let done = everything(&world, &pinned(arguments, &world, fetcher, cache, &render)?)?;
        (repository.root().to_owned(), done)
    } else {
        let here = std::env::current_dir().unwrap_or_default();
        let folder = places.iter().find_map(Place::folder).unwrap_or(&here).to_owned();
        let root = operate::locked_at(&folder);
        let world = DiskWorld::whole(&folder, None)?;
        let last = std::cell::RefCell::new(None);
        let render = |world: &dyn World| {
            let charts = HelmCharts::new(world, operate::seconds_now());
            let options = Options { charts: Some(&charts), ..Options::default() };
            let errors = places.iter().filter_map(|place| place.build(world, &options).err());
            *last.borrow_mut() = errors.last();
            Ok(())
        };
        let run =
            pinned(arguments, &DiskWorld::open(&root, None)?, fetcher, cache.clone(), &render)?;
        let done = everything(&world, &run)?;
        broken = last.into_inner();
        (root, done)
    };
    if done.failed.is_empty() && done.failed_bases.is_empty() {
        done.locked = lock(&root, arguments, &done)?;
    }
    if arguments.json {
        say_json(ui, &done)?;
    } else {
        say(ui, &done, begin);
    }
    let any_failed = !done.failed.is_empty() || !done.failed_bases.is_empty();
    let failed = done.failed.into_iter().map(|(_, error)| error);
    for error in failed.chain(done.failed_bases.into_iter().map(|(_, error)| error)) {
        ui.error(&CliError::World(error), false);
    }
    if any_failed {
        return Ok(Outcome::Failed);
    }
    if let Some(error) = broken {
        let here = std::env::current_dir().unwrap_or_default();
        let world = DiskWorld::whole(&root, environment::chart_cache())?;
        let (finding, sources) = finding(&error, &world, &here);
        ui.diagnostics(&[finding], &sources);
        return Ok(Outcome::No);
    }
    Ok(Outcome::Yes)
}

/// Returns the repository where it is one that mainstay did not write, and no kustomizations are named.
fn any_repository(places: &[Place], arguments: &Fetch) -> Result<Option<Opened>, CliError> {
    if !places.is_empty() {
        return Ok(None);
    }
    let files: Vec<PathBuf> = arguments.locate.file().into_iter().cloned().collect();
    // A file that is not there is told of where it is opened.
    if files.iter().any(|file| !file.is_dir()) {
        return Ok(None);
    }
    let Named::Any(place) = delivery::named(&files, false)? else { return Ok(None) };
    let opened = Opened::open_uncached(&place)?;
    let found = compile::delivery::read(&opened.input());
    if found.found == 0 && found.diagnostics.is_empty() {
        return Err(nothing_found(&place));
    }
    Ok(Some(opened))
}

/// Returns what to fetch for, with what the locks of a repository pin.
fn pinned<'a>(
    arguments: &Fetch,
    world: &DiskWorld,
    fetcher: Fetcher,
    cache: ChartCache,
    render: &'a dyn Fn(&dyn World) -> Result<(), CliError>,
) -> Result<Run<'a>, CliError> {
    let pins = if arguments.update { Pins::default() } else { Pins::read(world)? };
    let base_pins = if arguments.update { BasePins::default() } else { BasePins::read(world)? };
    Ok(Run { fetcher, cache, pins, base_pins, render })
}

/// Fetches what the repository names, and what the fetched charts and bases name.
fn everything(world: &DiskWorld, run: &Run<'_>) -> Result<Done, CliError> {
    let mut done = Done::default();
    let mut known: BTreeSet<Wanted> = BTreeSet::new();
    let mut known_bases: BTreeSet<Remote> = BTreeSet::new();
    let mut base_pins = run.base_pins.clone();
    for _ in 0..MOST_ROUNDS {
        let world = world.clone().with_cache(run.cache.clone()).with_bases(base_pins.clone());
        let held = Held { world: &world, cache: &run.cache, fetched: &done.fetched };
        let recording = Recording::new(&held);
        (run.render)(&recording)?;
        let remotes = recording.remotes();
        let new: Vec<Wanted> =
            recording.asked().into_iter().filter(|wanted| known.insert(wanted.clone())).collect();
        let new_bases: Vec<Remote> =
            remotes.into_iter().filter(|remote| known_bases.insert(remote.clone())).collect();
        if new.is_empty() && new_bases.is_empty() {
            break;
        }
        for (wanted, fetched) in new.iter().zip(run.fetcher.fetch_all(&new, &run.pins)) {
            match fetched {
                Ok(fetched) => done.fetched.push(fetched),
                Err(error) => done.failed.push((wanted.clone(), error)),
            }
        }
        for remote in new_bases {
            match run.fetcher.fetch_base(&remote, &base_pins, &kustomize::is_resources) {
                Ok(fetched) => {
                    base_pins.insert(fetched.pin.clone());
                    if !done.bases.iter().any(|base| base.pin == fetched.pin) {
                        done.bases.push(fetched);
                    }
                }
                Err(error) => done.failed_bases.push((remote, error)),
            }
        }
    }
    done.fetched.sort_by(|one, other| one.pin.cmp(&other.pin));
    done.bases.sort_by(|one, other| one.pin.cmp(&other.pin));
    Ok(done)
}

/// The repository with the charts that were fetched in this run.
struct Held<'a> {
    world: &'a DiskWorld,
    cache: &'a ChartCache,
    fetched: &'a [Fetched],
}

impl World for Held<'_> {
    fn read(&self, path: &str) -> Result<std::sync::Arc<[u8]>, text::Missing> {
        self.world.read(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.world.list(folder)
    }

    fn real_path(&self, path: &str) -> String {
        self.world.real_path(path)
    }

    fn remote(&self, remote: &Remote) -> Result<text::Found, text::Missing> {
        self.world.remote(remote)
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

/// Writes the locks that have changed, and returns them.
fn lock(root: &Path, arguments: &Fetch, done: &Done) -> Result<Vec<&'static str>, CliError> {
    let mut repository = Repository::open(root, Access::Change)?;
    let world = repository.world(None);
    let mut charts: Vec<Pin> = done.fetched.iter().map(|fetched| fetched.pin.clone()).collect();
    let known = world.as_ref().ok().map(|world| Pins::read(world)).transpose();
    let known = known.ok().flatten();
    if !arguments.kustomizations.is_empty() {
        // The charts of everything else stay as they are pinned.
        let fresh = Pins::new(charts.clone());
        let rest = known.iter().flat_map(Pins::iter);
        charts.extend(rest.filter(|pin| fresh.find(&pin.wanted).is_none()).cloned());
    }
    let charts = Pins::new(charts);
    let is_new = !known.as_ref().is_some_and(|known| *known == charts);
    let mut writes = Vec::new();
    // Kustomizations without charts need no lock of charts.
    let is_wanted = charts.iter().next().is_some() || arguments.kustomizations.is_empty();
    if is_new && is_wanted {
        writes.push((CHARTS_LOCK, charts.to_text()));
    }
    // What other kustomizations need stays.
    let before = world.as_ref().ok().map(|world| world.base_pins().clone()).unwrap_or_default();
    let mut bases = before.clone();
    for base in &done.bases {
        bases.insert(base.pin.clone());
    }
    if bases != before {
        writes.push((BASES_LOCK, bases.to_text()));
    }
    let locked = writes.iter().map(|(path, _)| *path).collect();
    if !writes.is_empty() {
        let write = |(path, text): (&str, String)| Write {
            path: path.to_owned(),
            bytes: text.into(),
            executable: false,
        };
        let writes = writes.into_iter().map(write).collect();
        repository.apply(&Changes { writes, removes: Vec::new() })?;
    }
    Ok(locked)
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
    for base in &done.bases {
        let mark = if base.origin == Origin::Network { "+" } else { "=" };
        let commit = match &base.pin {
            BasePin::Tree(pin) => format!("  commit {}", pin.commit.get(..12).unwrap_or_default()),
            BasePin::File(_) => String::new(),
        };
        ui.status(&format!("{mark} {}{commit}", base.pin));
    }
    let origins = done.fetched.iter().map(|fetched| fetched.origin);
    let bases = done.bases.iter().map(|base| base.origin);
    let from_cache = origins.clone().chain(bases.clone()).filter(|it| *it == Origin::Cache).count();
    let new = |origins: &mut dyn Iterator<Item = Origin>| {
        origins.filter(|origin| *origin == Origin::Network).count()
    };
    let locked = match done.locked.as_slice() {
        [] => String::new(),
        [lock] => format!("; {lock} is written"),
        locks => format!("; {} are written", locks.join(" and ")),
    };
    let mut what = report::count(new(&mut origins.clone()), "chart");
    if !done.bases.is_empty() {
        what = format!("{what} and {}", report::count(new(&mut bases.clone()), "base"));
    }
    ui.status(&format!(
        "{GOOD}Fetched{GOOD:#} {what}, {} from the cache, in {}{locked}",
        report::thousands(from_cache),
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
    let bases = done.bases.iter().map(|base| {
        let (url, mut entry) = match &base.pin {
            BasePin::Tree(pin) => {
                let entry = json!({"ref": pin.reference, "commit": pin.commit});
                (&pin.repository, entry)
            }
            BasePin::File(pin) => (&pin.url, json!({})),
        };
        entry["url"] = json!(operate::shown(url));
        entry["digest"] = json!(format!("sha256:{}", base.pin.digest()));
        entry["from"] = json!(if base.origin == Origin::Network { "network" } else { "cache" });
        entry
    });
    let failed_bases = done.failed_bases.iter().map(|(remote, error)| {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        json!({
            "url": operate::shown(&remote.address),
            "message": error.to_string(),
            "cause": cause,
        })
    });
    let mut fields = Map::new();
    fields.insert("charts".into(), charts.collect());
    fields.insert("failed".into(), failed.collect());
    fields.insert("bases".into(), bases.collect());
    fields.insert("failedBases".into(), failed_bases.collect());
    fields.insert("locked".into(), json!(!done.locked.is_empty()));
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
