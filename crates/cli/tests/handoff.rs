//! Two dispatches for one customer that meet: both began from what was there, and the one that is pushed
//! second is refused. Nothing is lost, and sent again it is worked in.
//!
//! The steps are the scripts of `handoff/infra`, which the infra repository's workflow runs; all of that
//! workflow is run by `xtask/judges/handoff.sh`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may touch the disk")]

use std::path::Path;
use std::process::{Command, Output};

use testkit::Folder;

/// A dispatch that is being worked in.
struct Dispatch<'f> {
    folder: &'f Folder,
    name: &'static str,
}

impl<'f> Dispatch<'f> {
    fn new(folder: &'f Folder, name: &'static str, replicas: u8) -> Dispatch<'f> {
        let example = folder.join("base/handoff/infra/handoff/example.json");
        let text = std::fs::read_to_string(example).unwrap();
        let mut dispatch: serde_json::Value = serde_json::from_str(&text).unwrap();
        dispatch["request"] = name.into();
        dispatch["deployed_apps"]["apps"][0]["replicas"] = replicas.into();
        folder.write(&format!("{name}/dispatch.json"), dispatch.to_string()).unwrap();
        Dispatch { folder, name }
    }

    /// Runs a step of the workflow.
    fn step(&self, commands: &str) -> Output {
        let address = |name: &str| self.folder.join(name).display().to_string();
        run(self.folder, commands)
            .current_dir(self.folder.join("base/handoff/infra"))
            .env("RUNNER_TEMP", self.folder.join(self.name))
            .env("BRANCH", "main")
            .env("BASE", address("base.git"))
            .env("REPOSITORY", address("{customer}.git"))
            .env("TOKEN", "never-shown")
            .output()
            .unwrap()
    }

    fn must(&self, commands: &str) {
        let output = self.step(commands);
        assert!(output.status.success(), "{commands}: {output:?}");
    }

    fn work_in(&self) {
        self.must("bash handoff/repository.sh");
        self.must(
            "cd $RUNNER_TEMP/repository && mainstay -qq generate --dispatch ../dispatch.json",
        );
    }
}

fn run(folder: &Folder, commands: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_mainstay")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("/bin/bash");
    command
        .args(["-euo", "pipefail", "-c", commands])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", program.display()))
        .env("HOME", folder.path())
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

#[test]
fn of_two_dispatches_at_once_the_second_push_is_refused_and_nothing_is_lost() {
    let folder = Folder::new().unwrap();
    let has_jq = run(&folder, "command -v jq").output().unwrap().status.success();
    if !has_jq {
        println!("left out: jq is not on the path, which the workflow's scripts need");
        return;
    }
    let prepared = run(
        &folder,
        "mainstay -qq new base --example gitops-base 2>/dev/null && git clone -q --bare base base.git && \
         git init -q --bare --initial-branch main acme.git",
    );
    let prepared = { prepared }.output().unwrap();
    assert!(prepared.status.success(), "{prepared:?}");
    let history = || {
        let log = run(&folder, "git -C acme.git log --format=%s main").output().unwrap();
        String::from_utf8(log.stdout).unwrap()
    };

    // The customer's repository is there, and two dispatches begin from it.
    let before = Dispatch::new(&folder, "before", 2);
    before.work_in();
    before.must("bash handoff/push.sh");
    let (one, two) = (Dispatch::new(&folder, "one", 3), Dispatch::new(&folder, "two", 4));
    one.work_in();
    two.work_in();
    one.must("bash handoff/push.sh");
    let first = history();
    assert!(first.starts_with("apps: ") && first.lines().next().unwrap().ends_with("dispatch one"));

    let refused = two.step("bash handoff/push.sh");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("nothing was written: send it again"), "{words}");
    assert!(!words.contains("never-shown"), "{words}");
    assert_eq!(history(), first, "what the first one pushed stays");

    let again = Dispatch::new(&folder, "again", 4);
    again.work_in();
    again.must("bash handoff/push.sh");
    assert!(history().lines().next().unwrap().ends_with("dispatch again"), "{}", history());
    let config = run(&folder, "git -C acme.git show main:config/app-config.yaml").output().unwrap();
    assert!(String::from_utf8(config.stdout).unwrap().contains("replicas: 4"));
}
