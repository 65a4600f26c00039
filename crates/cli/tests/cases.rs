//! Whole runs of the program, as data: each file of `cases/` holds files, commands, and what they
//! answered.
//!
//! A file begins with words about the case. `=== PATH` begins a file (up to the next line that begins a
//! command or a file). `$ COMMAND` is run by `sh` in a folder of its own; the lines after it are what it
//! answered: `1|` standard output, `2|` standard error, `= N` the exit code. `UPDATE_EXPECT=1` rewrites
//! the answers. A command line that begins with `$ :` prepares something, and its answer is not kept.
//!
//! The commands see `mainstay` and the machine's own tools, a home folder without any settings, no
//! colours, and these variables: `NO_GIT`, a search path with mainstay but without git, and `as-nobody`,
//! a command that runs another one without rights.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may touch the disk")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;
use testkit::Folder;

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let wanted = std::env::var("CASE").unwrap_or_default();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .filter(|path| path.to_string_lossy().contains(&wanted))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    let failed: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let run = std::panic::catch_unwind(|| {
                let text = std::fs::read_to_string(file).unwrap();
                testkit::check_file(file, &run(&text));
            });
            run.err().map(|_| file.display().to_string())
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} cases failed: {failed:#?}", failed.len(), files.len());
}

/// Runs a case and returns it with the answers that it gives now.
fn run(case: &str) -> String {
    let place = Place::new();
    let mut out = String::new();
    let mut lines = case.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(path) = line.strip_prefix("=== ") {
            out.push_str(&format!("{line}\n"));
            let mut content = String::new();
            while let Some(line) = lines.next_if(|line| !is_mark(line)) {
                content.push_str(line);
                content.push('\n');
            }
            out.push_str(&content);
            // The blank line before the next part belongs to the case, not to the file.
            let content =
                content.strip_suffix("\n\n").map_or(content.clone(), |text| format!("{text}\n"));
            place.work.write(path, content).unwrap();
        } else if let Some(command) = line.strip_prefix("$ ") {
            out.push_str(&format!("{line}\n"));
            while lines.next_if(|line| is_answer(line)).is_some() {}
            match command.strip_prefix(": ") {
                Some(command) => {
                    let output = place.sh(command);
                    assert!(output.status.success(), "{command}: {output:?}");
                }
                None => out.push_str(&place.answer(&place.sh(command))),
            }
        } else {
            out.push_str(&format!("{line}\n"));
        }
    }
    out
}

fn is_mark(line: &str) -> bool {
    line.starts_with("=== ") || line.starts_with("$ ")
}

fn is_answer(line: &str) -> bool {
    line.starts_with("1|") || line.starts_with("2|") || line.starts_with("= ")
}

/// Where a case runs: a folder to work in, a home, a folder of programs.
struct Place {
    work: Folder,
    home: Folder,
    programs: Folder,
}

impl Place {
    fn new() -> Place {
        let place = Place {
            work: Folder::new().unwrap(),
            home: Folder::new().unwrap(),
            programs: Folder::new().unwrap(),
        };
        let program = Path::new(env!("CARGO_BIN_EXE_mainstay"));
        let here = place.programs.join("mainstay");
        if std::fs::hard_link(program, &here).is_err() {
            std::fs::copy(program, &here).unwrap();
        }
        let as_nobody = "#!/bin/sh\n\
            if [ \"$(id -u)\" = 0 ]; then exec setpriv --reuid 65534 --clear-groups -- \"$@\"; fi\n\
            exec \"$@\"\n";
        place.programs.write("as-nobody", as_nobody).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            for folder in [&place.work, &place.home, &place.programs] {
                let open = std::fs::Permissions::from_mode(0o755);
                std::fs::set_permissions(folder.path(), open).unwrap();
            }
            let run = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(place.programs.join("as-nobody"), run).unwrap();
        }
        place
    }

    fn sh(&self, command: &str) -> Output {
        Command::new("/bin/sh")
            .args(["-c", command])
            .current_dir(self.work.path())
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.programs.path().display()))
            .env("NO_GIT", self.programs.path())
            .env("HOME", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", "2026-11-21T12:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-11-21T12:00:00Z")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap()
    }

    fn answer(&self, output: &Output) -> String {
        let mut answer = String::new();
        for (mark, bytes) in [("1", &output.stdout), ("2", &output.stderr)] {
            for line in self.filtered(&String::from_utf8_lossy(bytes)).lines() {
                let gap = if line.is_empty() { "" } else { " " };
                let _ = writeln!(answer, "{mark}|{gap}{line}");
            }
        }
        let code = output.status.code().map_or("killed".to_owned(), |code| code.to_string());
        let _ = writeln!(answer, "= {code}");
        answer
    }

    /// Replaces what differs from run to run, and counts that every change of a template would change.
    fn filtered(&self, text: &str) -> String {
        let here = self.work.path().canonicalize().unwrap();
        let mut text = text.replace(&here.display().to_string(), "[HERE]");
        text = text.replace(&self.home.path().display().to_string(), "[HOME]");
        for (pattern, replacement) in [
            (r"\d+\.\d\ds\b", "[TIME]"),
            (r"SHA256:[0-9a-f]{64}", "SHA256:[KEY]"),
            (r"\bA[gQ][A-Za-z0-9+/]{300,}=*", "[SEALED]"),
            (r"(valid until|valid from|to) \d{4}-\d\d-\d\d", "$1 [DATE]"),
            (r"\b[\d,]+ days left", "[N] days left"),
            (r#"("not(?:Before|After)"): "\d{4}-\d\d-\d\dT[\d:]{8}Z""#, "$1: \"[DATE]\""),
            (r"looked in `\[HERE\]`.*", "looked in `[HERE]`, …"),
            (r"\b[\d,]+ (files|objects)\b", "[N] $1"),
            (r"\b[\d,]+ unchanged\b", "[N] unchanged"),
            (r#""(files|objects)": \d+"#, r#""$1": [N]"#),
            (r"install it: `[^`]+`", "install it: `[INSTALL GIT]`"),
            (r"\[HERE\](/\w+)?/\.(\w+)\.mainstay-\w{8}", "[HERE]$1/.$2.mainstay-[RANDOM]"),
        ] {
            text = Regex::new(pattern).unwrap().replace_all(&text, replacement).into_owned();
        }
        text
    }
}
