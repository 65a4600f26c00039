//! Random kustomizations before the real kustomize: every difference is shrunk to a case.
//!
//! `grammar` makes a tree of files (with `values` and `plugins`), `objects` what is in them, `shrink` makes a tree smaller. A difference
//! is other bytes, or that one of the two refuses what the other builds. The shrunk tree and the real
//! answer are kept as a case of `crates/kustomize/tests/random`.

mod grammar;
mod objects;
mod plugins;
mod shrink;
mod tree;
mod values;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use testkit::MemoryWorld;

use tree::Tree;

/// Where differences are kept.
const CASES: &str = "crates/kustomize/tests/random";

/// After so many differences something is wrong that should be mended first.
const MOST_DIFFERENCES: usize = 12;

/// The folder that a tree's outermost kustomization lies in.
const ENTRY: &str = "top";

/// How long, and with which first seed.
pub(crate) struct Wanted {
    pub(crate) duration: Duration,
    pub(crate) count: usize,
    pub(crate) seed: u64,
}

impl Wanted {
    /// Reads `[--minutes N] [--count N] [--seed S]`.
    pub(crate) fn read(arguments: &[&str]) -> Result<Wanted> {
        let mut wanted = Wanted { duration: Duration::from_secs(600), count: usize::MAX, seed: 1 };
        for pair in arguments.chunks(2) {
            match pair {
                ["--minutes", minutes] => {
                    wanted.duration = Duration::from_secs_f64(60.0 * minutes.parse::<f64>()?);
                }
                ["--count", count] => wanted.count = count.parse()?,
                ["--seed", seed] => wanted.seed = seed.parse()?,
                other => bail!("unknown: {}", other.join(" ")),
            }
        }
        Ok(wanted)
    }
}

/// What a program says about a tree.
#[derive(Clone, Debug, PartialEq)]
enum Answer {
    Built(String),
    Refused(String),
    Broken(String),
}

impl Answer {
    fn agrees(&self, other: &Answer) -> bool {
        match (self, other) {
            (Answer::Built(one), Answer::Built(two)) => one == two,
            (Answer::Refused(_), Answer::Refused(_)) => true,
            // Where the real program breaks, any answer that is not a panic of ours will do.
            (Answer::Built(_) | Answer::Refused(_), Answer::Broken(_)) => true,
            _ => false,
        }
    }
}

/// Runs it.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(crate) fn run(wanted: &Wanted) -> Result<()> {
    let program = program()?;
    let start = Instant::now();
    let (mut count, mut built, mut differences) = (0, 0, 0);
    while start.elapsed() < wanted.duration && count < wanted.count {
        let seed = wanted.seed.wrapping_add(count as u64);
        let tree = grammar::tree(seed);
        let theirs = real(&program, &tree)?;
        let ours = own(&tree);
        count += 1;
        built += usize::from(matches!(theirs, Answer::Built(_)));
        if ours.agrees(&theirs) {
            continue;
        }
        differences += 1;
        let small = shrink::shrink(tree, |tree| Ok(!own(tree).agrees(&real(&program, tree)?)))?;
        let theirs = real(&program, &small)?;
        let folder = keep(seed, &small, &theirs)?;
        println!("seed {seed}: {folder}\n{}", describe(&own(&small), &theirs));
        if differences >= MOST_DIFFERENCES {
            break;
        }
    }
    let seconds = start.elapsed().as_secs();
    println!(
        "{count} kustomizations in {seconds} s, {built} of them build: {differences} differences"
    );
    ensure!(differences == 0, "{differences} differences are kept in {CASES}");
    Ok(())
}

/// Returns the real program: kustomize itself, or kubectl with it inside.
fn program() -> Result<Vec<&'static str>> {
    for program in [vec!["kustomize", "build"], vec!["kubectl", "kustomize"]] {
        let found = Command::new("sh").args(["-c", &format!("command -v {}", program[0])]).output();
        if found?.status.success() {
            return Ok(program);
        }
    }
    bail!("neither `kustomize` nor `kubectl` is on the path: run `.ci/judges DIR`")
}

fn real(program: &[&str], tree: &Tree) -> Result<Answer> {
    let folder = tempfile::tempdir()?;
    tree.write(folder.path())?;
    let output =
        Command::new(program[0]).args(&program[1..]).arg(folder.path().join(ENTRY)).output()?;
    Ok(if output.status.success() {
        Answer::Built(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        match error.contains("panic: ") {
            true => Answer::Broken(error),
            false => Answer::Refused(error),
        }
    })
}

fn own(tree: &Tree) -> Answer {
    let mut world = MemoryWorld::new();
    for (path, text) in tree.texts() {
        world.insert(path, text);
    }
    let build = || kustomize::build(&world, ENTRY, &kustomize::Options::default());
    match catch_unwind(AssertUnwindSafe(build)) {
        Ok(Ok(built)) => Answer::Built(built.to_yaml()),
        Ok(Err(error)) => Answer::Refused(error.to_string()),
        Err(_) => Answer::Broken("panicked".to_owned()),
    }
}

fn keep(seed: u64, tree: &Tree, answer: &Answer) -> Result<String> {
    let folder = format!("{CASES}/seed-{seed}");
    let path = Path::new(&folder);
    let _ = fs::remove_dir_all(path);
    tree.write(&path.join("in"))?;
    fs::write(path.join("entry"), format!("{ENTRY}\n"))?;
    match answer {
        Answer::Built(text) => fs::write(path.join("want.yaml"), text)?,
        Answer::Refused(error) => fs::write(path.join("want.error"), last_line(error))?,
        Answer::Broken(_) => {}
    }
    Ok(folder)
}

/// The last line is what is wrong; those before it are warnings, and temporary paths mean nothing.
fn last_line(error: &str) -> String {
    let line = error.trim().lines().last().unwrap_or_default();
    let mut words: Vec<&str> = line.split(' ').collect();
    words.retain(|word| !word.contains("/tmp"));
    format!("{}\n", words.join(" "))
}

fn describe(ours: &Answer, theirs: &Answer) -> String {
    match (ours, theirs) {
        (Answer::Built(ours), Answer::Built(theirs)) => testkit::difference(theirs, ours),
        (ours, theirs) => {
            let short =
                |answer: &Answer| format!("{answer:?}").chars().take(400).collect::<String>();
            format!("ours {}\ntheirs {}", short(ours), short(theirs))
        }
    }
}
