//! The laboratory's processes: started in the background, found again by number and start, stopped.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::place::Lab;

/// Whether programs go on after this one: those of `lab up` do, and an interrupt of a test ends its own.
static STAY: AtomicBool = AtomicBool::new(false);

/// Programs that are started from now on outlive an interrupt of this one.
pub(super) fn stay() {
    STAY.store(true, Ordering::Relaxed);
}

/// Starts a program; its output goes to `run/<name>.log`.
pub(super) fn start(lab: &Lab, name: &str, command: &mut Command) -> Result<()> {
    stop(lab, name)?;
    let log = fs::File::create(lab.run().join(format!("{name}.log")))?;
    if STAY.load(Ordering::Relaxed) {
        command.process_group(0);
    }
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("starting {name}"))?;
    let id = child.id();
    let began = began(id).with_context(|| format!("{name} ended at once"))?;
    fs::write(lab.run().join(format!("{name}.pid")), format!("{id} {began}"))?;
    Ok(())
}

/// Stops a program and waits until it is gone, so that its ports are free.
pub(super) fn stop(lab: &Lab, name: &str) -> Result<()> {
    let file = lab.run().join(format!("{name}.pid"));
    if let Some(id) = running(&file) {
        for (signal, seconds) in [("-TERM", 10), ("-KILL", 5)] {
            Command::new("kill").args([signal, &id.to_string()]).output()?;
            let end = Instant::now() + Duration::from_secs(seconds);
            while running(&file).is_some() && Instant::now() < end {
                sleep(Duration::from_millis(50));
            }
        }
    }
    if file.exists() {
        fs::remove_file(file)?;
    }
    Ok(())
}

/// Stops everything, the last that was started first.
pub(super) fn stop_all(lab: &Lab) -> Result<()> {
    for (name, _) in all(lab)?.into_iter().rev() {
        stop(lab, &name)?;
    }
    Ok(())
}

/// What a process has in memory, in MB: what it starts itself is not counted.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    pub name: String,
    pub now: u64,
    pub largest: u64,
}

/// What runs, with its resident memory.
pub(super) fn memory(lab: &Lab) -> Result<Vec<Memory>> {
    let mut found = Vec::new();
    for (name, file) in all(lab)? {
        let Some(id) = running(&file) else { continue };
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let megabytes = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let kilobytes = line.and_then(|it| it.trim().split(' ').next()?.parse::<u64>().ok());
            kilobytes.unwrap_or_default() / 1024
        };
        found.push(Memory { name, now: megabytes("VmRSS:"), largest: megabytes("VmHWM:") });
    }
    Ok(found)
}

/// Asks again and again until the answer is yes; `what` says what is waited for.
pub(super) fn wait(what: &str, seconds: u64, mut ask: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        let last = match ask() {
            Ok(true) => return Ok(()),
            Ok(false) => String::new(),
            Err(error) => format!("; last: {error:#}"),
        };
        if Instant::now() > end {
            bail!("waited {seconds} s for {what}{last}");
        }
        sleep(Duration::from_millis(500));
    }
}

fn all(lab: &Lab) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(lab.run())? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "pid") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            found.push((fs::metadata(&path)?.modified()?, name, path));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, name, path)| (name, path)).collect())
}

/// The number of the process that a file speaks of, if it is still that process.
fn running(file: &std::path::Path) -> Option<u32> {
    let text = fs::read_to_string(file).ok()?;
    let (id, start) = text.split_once(' ')?;
    let id: u32 = id.parse().ok()?;
    (began(id)? == start).then_some(id)
}

/// When a process began (`/proc/ID/stat`, field 22), which tells it from a later one with its number;
/// nothing where it ended and only its parent has not noticed.
fn began(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?;
    (state != "Z").then(|| fields.nth(18).map(str::to_owned))?
}
