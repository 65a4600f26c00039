//! Random kustomizations before the real kustomize: every difference is shrunk to a case.
//!
//! `grammar` makes a tree of files (with `values`, `plugins` and `charts`), `objects` what is in them, `shrink` makes a tree smaller. A difference
//! is other bytes, or that one of the two refuses what the other builds. The shrunk tree and the real
//! answer are kept as a case of `crates/kustomize/tests/random`; one with charts is a case of
//! `crates/compile/tests/kustomize`, where there is an engine for them.

mod charts;
mod grammar;
mod objects;
mod plugins;
mod shrink;
mod tree;
mod values;

use std::cell::OnceCell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use testkit::MemoryWorld;

use self::tree::Tree;
use crate::programs::mainstay_of_tests;

/// Where differences are kept.
const CASES: &str = "crates/kustomize/tests/random";

/// Where those with charts are kept.
const CHART_CASES: &str = "crates/compile/tests/kustomize";

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
    /// Whether we refuse what docs/compatibility.md says that we refuse.
    fn is_known_refusal(&self) -> bool {
        matches!(self, Answer::Refused(error) if error.contains("a hash that kustomize makes of its memory"))
    }

    fn agrees(&self, other: &Answer) -> bool {
        match (self, other) {
            (Answer::Built(one), Answer::Built(two)) => one == two,
            (Answer::Refused(_), Answer::Refused(_)) => true,
            (Answer::Refused(_), Answer::Built(_)) => self.is_known_refusal(),
            // Where the real program breaks, any answer that is not a panic of ours will do.
            (Answer::Built(_) | Answer::Refused(_), Answer::Broken(_)) => true,
            _ => false,
        }
    }
}

/// Runs it.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(crate) fn run(wanted: &Wanted) -> Result<()> {
    let programs = Programs { real: program()?, own: OnceCell::new() };
    let start = Instant::now();
    let (mut count, mut built, mut charts) = (0, 0, 0);
    let (mut unknown, mut differences) = (0, 0);
    while start.elapsed() < wanted.duration && count < wanted.count {
        let seed = wanted.seed.wrapping_add(count as u64);
        let tree = grammar::tree(seed);
        let theirs = programs.real(&tree)?;
        let ours = programs.own(&tree)?;
        count += 1;
        charts += usize::from(tree.has_charts());
        built += usize::from(matches!(theirs, Answer::Built(_)));
        unknown += usize::from(ours.is_known_refusal());
        if ours.agrees(&theirs) {
            continue;
        }
        differences += 1;
        let small =
            shrink::shrink(tree, |tree| Ok(!programs.own(tree)?.agrees(&programs.real(tree)?)))?;
        let theirs = programs.real(&small)?;
        let folder = keep(seed, &small, &theirs)?;
        println!("seed {seed}: {folder}\n{}", describe(&programs.own(&small)?, &theirs));
        if differences >= MOST_DIFFERENCES {
            break;
        }
    }
    let seconds = start.elapsed().as_secs();
    println!(
        "{count} kustomizations in {seconds} s, {built} of them build, {charts} have charts, {unknown} refused as documented: \
         {differences} differences"
    );
    ensure!(differences == 0, "{differences} differences are kept as cases");
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

/// The two that are compared.
struct Programs {
    real: Vec<&'static str>,
    /// Our own, which is built when there is the first chart.
    own: OnceCell<PathBuf>,
}

impl Programs {
    fn real(&self, tree: &Tree) -> Result<Answer> {
        let (program, arguments) = self.real.split_first().context("no program")?;
        let mut command = Command::new(program);
        command.args(arguments);
        if tree.has_charts() {
            command.args(["--enable-helm", "--helm-command", "helm"]);
        }
        let output = called(command, tree)?;
        // Where the real program breaks, helm or kustomize itself says so.
        Ok(match output {
            Answer::Refused(error) if error.contains("panic: ") => Answer::Broken(error),
            answer => answer,
        })
    }

    /// The library where it can do it, which takes no time; the program where there are charts.
    fn own(&self, tree: &Tree) -> Result<Answer> {
        if !tree.has_charts() {
            return Ok(own(tree));
        }
        let program = match self.own.get() {
            Some(program) => program,
            None => {
                let program = mainstay_of_tests()?;
                self.own.get_or_init(|| program)
            }
        };
        let mut command = Command::new(program);
        command.args(["kustomize", "build", "--enable-helm"]);
        let answer = called(command, tree)?;
        Ok(match answer {
            Answer::Refused(error) if error.contains("panicked") => Answer::Broken(error),
            answer => answer,
        })
    }
}

/// Runs a command on the outermost folder of a tree.
fn called(mut command: Command, tree: &Tree) -> Result<Answer> {
    let folder = tempfile::tempdir()?;
    tree.write(folder.path())?;
    let output = command.arg(folder.path().join(ENTRY)).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(match output.status.success() {
        true => Answer::Built(text(&output.stdout)),
        false => Answer::Refused(text(&output.stderr)),
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
    let cases = if tree.has_charts() { CHART_CASES } else { CASES };
    let folder = format!("{cases}/seed-{seed}");
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

/// The last error is what is wrong; lines before it are warnings, lines behind it Go's words for its values,
/// and temporary paths mean nothing.
fn last_line(error: &str) -> String {
    let lines = || error.trim().lines().rev();
    let line = lines().find(|line| line.starts_with("Error:")).or_else(|| lines().next());
    let line = line.unwrap_or_default();
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
