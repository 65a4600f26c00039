//! Random charts and values, compared with the real helm; every difference is made as small as
//! possible and written as a case. `cargo xtask random-charts` starts it:
//! `HELM=/path/to/helm cargo run --release -p helm --example random -- SECONDS [SEED] [FOLDER]`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::panic, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

#[allow(dead_code, reason = "nothing is read from files here")]
#[path = "../tests/cases/mod.rs"]
mod cases;
#[path = "random/grammar.rs"]
mod grammar;

use cases::Case;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seconds: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut seed: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let helm = Judge {
        program: std::env::var("HELM").unwrap_or_else(|_| "helm".to_owned()),
        folder: std::env::temp_dir().join(format!("random-{}", std::process::id())),
    };
    let start = Instant::now();
    let (mut tried, mut failures, mut answered) = (0, 0, 0);
    while start.elapsed() < Duration::from_secs(seconds) && failures < 20 {
        let case = grammar::case(seed);
        tried += 1;
        let want = helm.ask(&case);
        answered += usize::from(want.is_ok());
        if let (Err(words), Some(_)) = (&want, std::env::var_os("SHOW_ERRORS")) {
            println!("{seed}: {words}");
        }
        if differs(&case, &want) {
            failures += 1;
            let small = shrink(&helm, case);
            let want = helm.ask(&small);
            let path = folder.join(format!("random-{seed}.chart"));
            std::fs::write(&path, cases::with_answer(&small, &want)).expect("because it is ours");
            println!("seed {seed}: {}", path.display());
        }
        seed += 1;
    }
    drop(std::fs::remove_dir_all(&helm.folder));
    println!("{tried} charts ({answered} rendered), {failures} differences, next seed {seed}");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn differs(case: &Case, want: &Result<String, String>) -> bool {
    // Go itself gives up on values that hold themselves: no answer to compare with.
    if matches!(want, Err(words) if words.contains("fatal error: ")) {
        return false;
    }
    cases::comparable(&cases::answer(case)) != cases::comparable(want)
}

struct Judge {
    program: String,
    folder: PathBuf,
}

impl Judge {
    fn ask(&self, case: &Case) -> Result<String, String> {
        drop(std::fs::remove_dir_all(&self.folder));
        for (path, content) in &case.files {
            let path = self.folder.join(path);
            let parent = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(parent).expect("because temporary folders can be made");
            std::fs::write(&path, content).expect("because temporary files can be written");
        }
        let output = Command::new(&self.program)
            .arg("template")
            .args(&case.arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder)
            .env("TZ", "UTC")
            .output()
            .expect("because helm is there");
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let start = words.find("Error: ").unwrap_or(0);
        let words = words.get(start..).unwrap_or_default();
        Err(words.replace(&format!("{}/", self.folder.display()), ""))
    }
}

/// Leaves out files, then lines, then arguments, as long as the answers still differ.
fn shrink(helm: &Judge, case: Case) -> Case {
    let mut best = case;
    let mut tries = 0;
    loop {
        let mut smaller = None;
        for candidate in candidates(&best) {
            tries += 1;
            if tries > 400 {
                return best;
            }
            let want = helm.ask(&candidate);
            // A chart that no longer loads is another story.
            let same_story = !matches!(&want, Err(words) if words.contains("Chart.yaml") || words.contains("no such file"));
            if same_story && differs(&candidate, &want) {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(candidate) => best = candidate,
            None => return best,
        }
    }
}

fn candidates(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for at in 0..case.files.len() {
        let mut files = case.files.clone();
        let (path, _) = files.remove(at);
        if !path.ends_with("Chart.yaml") {
            all.push(grammar::assemble(&case.arguments, files));
        }
    }
    // A whole chart at once.
    for (path, _) in &case.files {
        if let Some(folder) = path.strip_suffix("Chart.yaml")
            && folder.matches('/').count() > 1
        {
            let files = case.files.iter().filter(|(path, _)| !path.starts_with(folder));
            all.push(grammar::assemble(&case.arguments, files.cloned().collect()));
        }
    }
    for at in 2..case.arguments.len() {
        if case.arguments[at].starts_with('-') {
            let mut arguments = case.arguments.clone();
            arguments.remove(at);
            if arguments.get(at).is_some_and(|next| !next.starts_with('-')) {
                arguments.remove(at);
            }
            all.push(grammar::assemble(&arguments, case.files.clone()));
        }
    }
    for (at, (_, content)) in case.files.iter().enumerate() {
        let text = String::from_utf8_lossy(content);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for line in 0..lines.len() {
            let mut left = lines.clone();
            left.remove(line);
            let mut files = case.files.clone();
            files[at].1 = left.concat().into_bytes();
            all.push(grammar::assemble(&case.arguments, files));
        }
    }
    all
}
