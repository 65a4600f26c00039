//! A platform becomes a repository: the tree of files that Argo CD or Flux deploys from.
//!
//! In: a [`Platform`] and the two texts it was made from. Out: a [`Tree`] (path → bytes), the same
//! for the same input; the [`lock`] of what was generated; what writing it over a repository would
//! change ([`reconcile`]). YAML is built as values and written by one writer.
//! Never reads or writes a file, and never decides what an app or a platform is: that is the model.

mod address;
mod app_values;
mod argocd;
pub mod base;
pub mod catalog;
mod codes;
pub mod credentials;
mod data;
mod emit;
mod flux;
mod kustomization;
pub mod lock;
pub mod merge;
mod payload_text;
pub mod prerequisites;
pub mod reconcile;
mod references;
mod schema_link;
pub mod sealing_key;
mod secret_store;
mod wave;
mod write;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::intake::{Inputs, Kind};
use crate::model::{Engine, Environment, Platform};

pub(crate) use argocd::IN_CLUSTER;

use address::Mirrors;
use catalog::Catalog;
pub(crate) use kustomization::pulled_from;

pub(crate) use codes::SOURCE as CODES;

/// A repository tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The files by path, with `/` between parts.
    pub files: BTreeMap<String, File>,
}

/// One file of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it is a program.
    pub executable: bool,
    /// Whose it is after it was written.
    pub owner: Owner,
    /// The part of mainstay that wrote it.
    pub emitter: &'static str,
}

/// Whose a file is after it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// mainstay's: replaced while nobody touched it.
    Generated,
    /// People's: written once, where it is missing.
    Seed,
    /// What the user handed in: always as handed in, but for the link to its schema.
    Input,
}

/// What every emitter knows.
struct Context<'p> {
    platform: &'p Platform,
    catalog: &'static Catalog,
    mirrors: Mirrors,
    /// The repository's address, mirrored.
    repository: String,
}

impl Context<'_> {
    /// The name of the engine, as its own documents write it.
    fn engine(&self) -> &'static str {
        self.platform.delivery.engine.name()
    }
}

/// The emitter that is writing, and what it has written.
struct Files<'t> {
    tree: &'t mut Tree,
    emitter: &'static str,
}

impl Files<'_> {
    fn put(&mut self, path: impl Into<String>, text: impl Into<Vec<u8>>, owner: Owner) {
        let file = File { bytes: text.into(), executable: false, owner, emitter: self.emitter };
        self.tree.files.insert(path.into(), file);
    }

    /// Writes a file that belongs to mainstay.
    fn generated(&mut self, path: impl Into<String>, text: impl Into<Vec<u8>>) {
        self.put(path, text, Owner::Generated);
    }

    /// Writes a file that belongs to people once it is there.
    fn seed(&mut self, path: impl Into<String>, text: impl Into<Vec<u8>>) {
        self.put(path, text, Owner::Seed);
    }

    /// Writes a program that belongs to mainstay.
    fn program(&mut self, path: impl Into<String>, text: impl Into<Vec<u8>>) {
        let file = File {
            bytes: text.into(),
            executable: true,
            owner: Owner::Generated,
            emitter: self.emitter,
        };
        self.tree.files.insert(path.into(), file);
    }
}

/// Returns the paths of the files that hold an environment's values; later ones win.
pub fn value_files(platform: &Platform, environment: &Environment) -> [String; 3] {
    [
        platform.application.config.clone(),
        format!("overlays/{}/values.yaml", environment.name),
        format!("overlays/{}/custom/values.yaml", environment.name),
    ]
}

/// Returns the repository of a platform; `inputs` are the texts that it was made from.
pub fn repository(platform: &Platform, inputs: &Inputs<'_>) -> Tree {
    let mirrors = Mirrors::of(platform);
    let context = Context {
        platform,
        catalog: catalog::named(&platform.catalog),
        repository: mirrors.url(&platform.repository.url),
        mirrors,
    };
    let mut tree = Tree::default();
    let emitters = match &platform.kustomization {
        Some(_) => emit::kustomization::ALL,
        None => emit::COMMON,
    };
    let delivery = match (&platform.kustomization, platform.delivery.engine) {
        (Some(_), _) => &[],
        (None, Engine::ArgoCd) => emit::argocd::ALL,
        (None, Engine::Flux) => emit::flux::ALL,
    };
    let emitters: Vec<_> = emitters.iter().chain(delivery).collect();
    let written = emitters.par_iter().map(|(emitter, emit)| {
        let mut tree = Tree::default();
        emit(&context, &mut Files { tree: &mut tree, emitter });
        tree
    });
    for of_one in written.collect::<Vec<_>>() {
        tree.files.extend(of_one.files);
    }
    let mut handed_in = Files { tree: &mut tree, emitter: "inputs" };
    let payload = platform.application.payload.as_str();
    let kept = payload_text::kept(inputs.payload, payload);
    let mut read = vec![(Kind::Spec, "mainstay.yaml", inputs.spec.1)];
    // A kustomization is described by the spec alone.
    if platform.kustomization.is_none() {
        read.push((Kind::Payload, payload, kept.as_ref()));
    }
    for (kind, path, text) in read {
        handed_in.put(path, schema_link::resolved(kind, path, text), Owner::Input);
        handed_in.generated(schema_link::path(kind), kind.schema_text());
    }
    let lock = lock::write(&lock::of(&tree, &context.catalog.name));
    Files { tree: &mut tree, emitter: "lock" }.generated(lock::PATH, lock);
    tree
}
