//! A repository in memory that is generated, edited and generated again.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::fs;
use std::path::Path;

use compile::generate::lock::{self, Lock};
use compile::generate::reconcile::{Change, ChangeKind, Choices, Reconciled, reconcile};
use compile::generate::{Tree, base, repository};
use compile::intake::{self, Inputs};
use testkit::MemoryWorld;
use text::World as _;

/// The repository's files, as `mainstay new` wrote them and everybody has left them.
pub(crate) struct Repository {
    pub(crate) world: MemoryWorld,
}

/// Choices that own their names.
#[derive(Default)]
pub(crate) struct Chosen {
    pub(crate) force: Vec<String>,
    pub(crate) keep: Vec<String>,
    pub(crate) remove_data: Vec<String>,
}

pub(crate) fn shop() -> (String, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    (read("mainstay.yaml"), read("deployed_apps.json"))
}

pub(crate) fn generated(spec: &str, payload: &str) -> (Tree, compile::model::Platform) {
    let inputs = Inputs { spec: ("mainstay.yaml", spec), payload: ("deployed_apps.json", payload) };
    let intake = intake::read(&inputs);
    let Some(platform) = intake.platform else {
        panic!("{}", text::render_all(&intake.diagnostics, &intake.sources, false));
    };
    (repository(&platform, &inputs), platform)
}

impl Repository {
    pub(crate) fn new(spec: &str, payload: &str) -> Repository {
        let (tree, _) = generated(spec, payload);
        let mut world = MemoryWorld::new();
        for (path, file) in &tree.files {
            world.insert(path, &file.bytes);
        }
        for (path, bytes) in base::of(&tree) {
            world.insert(path, bytes);
        }
        Repository { world }
    }

    pub(crate) fn text(&self, path: &str) -> String {
        String::from_utf8(self.world.read(path).unwrap().to_vec()).unwrap()
    }

    /// Replaces a text that must be in a file.
    pub(crate) fn edit(&mut self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.world.insert(path, text.replacen(from, to, 1));
    }

    pub(crate) fn lock(&self) -> Lock {
        match self.world.read(lock::PATH) {
            Ok(bytes) => lock::read(&String::from_utf8_lossy(&bytes)).unwrap(),
            Err(_) => Lock::default(),
        }
    }

    /// Generates, and writes what is to be written.
    pub(crate) fn generate(&mut self, spec: &str, payload: &str, chosen: &Chosen) -> Reconciled {
        let (tree, platform) = generated(spec, payload);
        let lock = self.lock();
        let choices =
            Choices { force: &chosen.force, keep: &chosen.keep, remove_data: &chosen.remove_data };
        let reconciled = reconcile(&tree, &lock, &self.world, &platform, choices);
        let planned = reconciled.planned(&tree, &lock, &self.world);
        for (path, bytes, _) in planned.writes {
            self.world.insert(path, bytes);
        }
        for path in planned.removes {
            self.world.remove(&path);
        }
        reconciled
    }
}

/// The changes that do something.
pub(crate) fn doing(reconciled: &Reconciled) -> Vec<&Change> {
    let nothing = |kind: &ChangeKind| {
        matches!(kind, ChangeKind::Unchanged | ChangeKind::Keep { .. } | ChangeKind::KeepAway)
    };
    reconciled.changes.iter().filter(|change| !nothing(&change.kind)).collect()
}

/// The findings as a person reads them.
pub(crate) fn findings(reconciled: &Reconciled) -> String {
    text::render_all(&reconciled.diagnostics, &reconciled.sources, false)
}

/// The codes of the findings, in their order.
pub(crate) fn codes(reconciled: &Reconciled) -> Vec<String> {
    reconciled.diagnostics.iter().map(|finding| finding.code.to_string()).collect()
}
