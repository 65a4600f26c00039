//! What writing a tree over a repository would change, file by file.
//!
//! In: the tree that is generated now, the lock and the base of the last run, the repository, and what the
//! user chose where nobody else can. Out: one change per path, and every conflict as a diagnostic. A file
//! that was edited since it was generated is merged ([`merge`]), never replaced. Where there is a single
//! error nothing may be written. Nothing is written here.

use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use text::{Diagnostic, Missing, Place, Sources, World};

use crate::model::Platform;

use super::lock::{self, Lock};
use super::merge::{self, Conflict, ConflictKind, Difference, OnConflict, Sides};
use super::{Owner, Tree, base, codes, data, references};

/// What happens to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path of the file.
    pub path: String,
    /// What happens to it.
    pub kind: ChangeKind,
}

/// Kinds of change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The file is new.
    Create,
    /// The file was not touched since it was generated, and what is generated now differs.
    Replace,
    /// The file was not touched since it was generated, and is no longer generated.
    Remove,
    /// Nothing to do: it is as it would be generated, or belongs to people.
    Unchanged,
    /// The file was edited, and what changed in generation is worked into it.
    Merge {
        /// What it becomes.
        bytes: Vec<u8>,
        /// What changed in generation.
        taken: Vec<Difference>,
        /// What others changed, and stays.
        kept: Vec<Difference>,
    },
    /// The file was edited, and nothing changed in generation; it stays as it is.
    Keep {
        /// What others changed.
        kept: Vec<Difference>,
    },
    /// A person removed the file; it stays away.
    KeepAway,
    /// It cannot be decided, or not be written: a diagnostic says why.
    Conflict,
}

/// What the user chose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choices<'a> {
    /// Files, and folders of files, that are written as generated, whatever was changed in them.
    pub force: &'a [String],
    /// Files, and folders of files, that stay as they are wherever both sides changed one thing.
    pub keep: &'a [String],
    /// Apps that may be removed with their data.
    pub remove_data: &'a [String],
}

/// What writing a tree would do.
#[derive(Debug)]
pub struct Reconciled {
    /// One change per path, sorted.
    pub changes: Vec<Change>,
    /// Conflicts, and what else stands in the way.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that they point into.
    pub sources: Sources,
}

/// What is to be done on the disk, all or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Files to write: path, bytes, whether it is a program.
    pub writes: Vec<(String, Vec<u8>, bool)>,
    /// Files to remove.
    pub removes: Vec<String>,
}

impl Reconciled {
    /// Returns what is to be done: the files, and the base of the next run.
    pub fn planned(&self, tree: &Tree, lock: &Lock, world: &dyn World) -> Planned {
        let mut planned = Planned::default();
        if self.is_refused() {
            return planned;
        }
        for change in &self.changes {
            let file = tree.files.get(&change.path);
            let bytes = match (&change.kind, file) {
                (ChangeKind::Create | ChangeKind::Replace, Some(file)) => file.bytes.clone(),
                (ChangeKind::Merge { bytes, .. }, _) => bytes.clone(),
                (ChangeKind::Remove, _) => {
                    planned.removes.push(change.path.clone());
                    continue;
                }
                _ => continue,
            };
            let executable = file.is_some_and(|file| file.executable);
            planned.writes.push((change.path.clone(), bytes, executable));
        }
        let (writes, removes) = base::changes(tree, lock, world);
        planned.writes.extend(writes.into_iter().map(|(path, bytes)| (path, bytes, false)));
        planned.removes.extend(removes);
        planned
    }

    /// Whether nothing may be written.
    pub fn is_refused(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Warns of files that were generated, would be generated again, and are not there: `generate` takes that for
/// somebody's decision and keeps them away. Documents are not worth a warning.
pub fn gone(tree: &Tree, lock: &Lock, world: &dyn World) -> Vec<Diagnostic> {
    let lost = tree.files.keys().filter(|path| {
        let quiet = path.ends_with(".md") || path.as_str() == lock::PATH;
        !quiet && lock.files.contains_key(*path) && world.read(path) == Err(Missing::NotFound)
    });
    lost.map(|path| codes::g134_gone(path)).collect()
}

/// What every file is decided by.
struct Ground<'a> {
    tree: &'a Tree,
    lock: &'a Lock,
    world: &'a dyn World,
    platform: &'a Platform,
    choices: Choices<'a>,
}

/// One file decided.
struct Decided {
    kind: ChangeKind,
    diagnostics: Vec<Diagnostic>,
    /// Name and text that the diagnostics point into.
    source: Option<(String, String)>,
}

impl Decided {
    fn plain(kind: ChangeKind) -> Decided {
        Decided { kind, diagnostics: Vec::new(), source: None }
    }

    fn refused(path: &str, text: &[u8], diagnostics: Vec<Diagnostic>) -> Decided {
        let source = Some((path.to_owned(), String::from_utf8_lossy(text).into_owned()));
        Decided { kind: ChangeKind::Conflict, diagnostics, source }
    }
}

/// Whether `--remove-data NAME` names an app that is there, or was when the repository was generated last.
pub fn is_app(name: &str, lock: &Lock, world: &dyn World, platform: &Platform) -> bool {
    data::is_known(name, lock, world, platform)
}

/// Returns what writing `tree` over the repository would do.
///
/// `lock` is the lock of the last run; without one ([`Lock::default`]) every file that is there and
/// differs has to be decided by the user.
pub fn reconcile(
    tree: &Tree,
    lock: &Lock,
    world: &dyn World,
    platform: &Platform,
    choices: Choices<'_>,
) -> Reconciled {
    let ground = Ground { tree, lock, world, platform, choices };
    let mut paths: Vec<&String> = tree.files.keys().collect();
    paths.extend(lock.files.keys().filter(|path| !tree.files.contains_key(*path)));
    paths.extend(lock.seeds.keys().filter(|path| !tree.files.contains_key(*path)));
    paths.sort();
    paths.dedup();
    let decided: Vec<(&String, Option<Decided>)> =
        paths.into_par_iter().map(|path| (path, ground.decide(path))).collect();
    let mut out =
        Reconciled { changes: Vec::new(), diagnostics: Vec::new(), sources: Sources::new() };
    for (path, decided) in decided {
        let Some(decided) = decided else { continue };
        out.changes.push(Change { path: path.clone(), kind: decided.kind });
        out.diagnostics.extend(decided.diagnostics);
        if let Some((name, text)) = decided.source {
            out.sources.add(name, text);
        }
    }
    as_one(&mut out.diagnostics);
    out.diagnostics.extend(marked_custom(world, &mut out.sources));
    out.diagnostics.extend(data::lost(
        lock,
        world,
        platform,
        choices.remove_data,
        &mut out.sources,
    ));
    let removed: Vec<&str> = out
        .changes
        .iter()
        .filter(|change| change.kind == ChangeKind::Remove)
        .map(|change| change.path.as_str())
        .collect();
    let found = references::to_removed(&removed, tree, world, &mut out.sources);
    out.diagnostics.extend(found);
    text::sort(&mut out.diagnostics);
    out
}

impl Ground<'_> {
    /// Decides one file; `None` where it is neither generated nor there.
    fn decide(&self, path: &str) -> Option<Decided> {
        let file = self.tree.files.get(path);
        let at = || Place::of_file(&Arc::from(path));
        // Seeds are people's: even a link may stand there.
        if file.is_some_and(|file| file.owner == Owner::Seed) {
            let kind = match self.world.read(path) {
                Err(Missing::NotFound) => ChangeKind::Create,
                _ => ChangeKind::Unchanged,
            };
            return Some(Decided::plain(kind));
        }
        // What nobody ever wrote into goes with its environment; everything else there stays.
        if file.is_none()
            && let Some(written) = self.lock.seeds.get(path)
        {
            let untouched = self.world.real_path(path) == path
                && self.world.read(path).is_ok_and(|found| lock::sha256(&found) == *written);
            return untouched.then(|| Decided::plain(ChangeKind::Remove));
        }
        let refused = |what: &str| {
            Some(Decided {
                kind: ChangeKind::Conflict,
                diagnostics: vec![codes::g121_no_file(path, what, at())],
                source: Some((path.to_owned(), String::new())),
            })
        };
        // Reading follows a link that stays in the repository; writing must not.
        if self.world.real_path(path) != path {
            return refused("a link");
        }
        let theirs = match self.world.read(path) {
            Ok(theirs) => Some(theirs),
            Err(Missing::NotFound) => None,
            Err(Missing::NotAFile) => {
                return refused("a folder, or something else that is no file");
            }
            Err(Missing::Link { .. }) => return refused("a link"),
            Err(Missing::Failed(reason)) => return refused(&format!("not readable ({reason})")),
        };
        let theirs = theirs.as_deref();
        match file.map(|file| file.owner) {
            Some(Owner::Input) => Some(self.input(path, theirs)),
            _ if path == lock::PATH => {
                let ours = file.map(|file| file.bytes.as_slice());
                Some(Decided::plain(match theirs {
                    None => ChangeKind::Create,
                    theirs if theirs == ours => ChangeKind::Unchanged,
                    Some(_) => ChangeKind::Replace,
                }))
            }
            _ => self.generated(path, file.map(|file| file.bytes.as_slice()), theirs),
        }
    }

    fn forced(&self, path: &str) -> bool {
        self.choices.force.iter().any(|wanted| named(wanted, path))
    }

    fn keeps(&self, path: &str) -> bool {
        self.choices.keep.iter().any(|wanted| named(wanted, path))
    }

    /// What the user handed in takes the place of what was handed in last; an edit in between is no
    /// such thing.
    fn input(&self, path: &str, theirs: Option<&[u8]>) -> Decided {
        let ours = self.tree.files.get(path).map(|file| file.bytes.as_slice());
        let Some(theirs) = theirs else { return Decided::plain(ChangeKind::Create) };
        if Some(theirs) == ours {
            return Decided::plain(ChangeKind::Unchanged);
        }
        let known = self.lock.inputs.get(path);
        if known.is_none_or(|known| *known == lock::sha256(theirs)) || self.forced(path) {
            return Decided::plain(ChangeKind::Replace);
        }
        let at = Place::of_file(&Arc::from(path));
        Decided::refused(path, theirs, vec![codes::g124_payload_edited(path, at)])
    }

    fn generated(&self, path: &str, ours: Option<&[u8]>, theirs: Option<&[u8]>) -> Option<Decided> {
        let locked = self.lock.files.get(path);
        let at = || Place::of_file(&Arc::from(path));
        // What was generated last, held against the lock in any case.
        let mut faults = Vec::new();
        let base = match locked {
            None => None,
            Some(locked) => match base::read(self.world, path, &locked.sha256) {
                Ok(base) => Some(base),
                Err(fault) => {
                    faults.push(*fault);
                    None
                }
            },
        };
        if self.forced(path) {
            return Some(Decided::plain(match (ours, theirs) {
                (None, None) => return None,
                (None, Some(_)) => ChangeKind::Remove,
                (Some(_), None) => ChangeKind::Create,
                (Some(ours), Some(theirs)) if ours == theirs => ChangeKind::Unchanged,
                (Some(_), Some(_)) => ChangeKind::Replace,
            }));
        }
        if !faults.is_empty() {
            let mut refused = Decided::refused(path, theirs.unwrap_or_default(), faults);
            refused.source = Some((base::path(path), String::new()));
            return Some(refused);
        }
        let (theirs, ours) = match (theirs, ours, &base) {
            (None, None, _) => return None,
            (None, Some(_), None) => return Some(Decided::plain(ChangeKind::Create)),
            (None, Some(ours), Some(base)) => {
                // Whoever took a document away does not want to hear of it again.
                let quiet = path.ends_with(".md") || self.keeps(path);
                return Some(match quiet || ours == &**base {
                    true => Decided::plain(ChangeKind::KeepAway),
                    false => Decided {
                        kind: ChangeKind::Conflict,
                        diagnostics: vec![codes::g111_file_removed_there(path, at())],
                        source: Some((path.to_owned(), String::new())),
                    },
                });
            }
            (Some(theirs), None, Some(base)) => {
                return Some(match theirs == &**base {
                    true => Decided::plain(ChangeKind::Remove),
                    false if merge::only_raised(path, base, theirs) => {
                        Decided::plain(ChangeKind::Remove)
                    }
                    false if self.keeps(path) => {
                        Decided::plain(ChangeKind::Keep { kept: Vec::new() })
                    }
                    false => {
                        let found = vec![codes::g110_file_removed_here(path, at())];
                        Decided::refused(path, theirs, found)
                    }
                });
            }
            (Some(_), None, None) => return None,
            (Some(theirs), Some(ours), _) => (theirs, ours),
        };
        if theirs == ours {
            return Some(Decided::plain(ChangeKind::Unchanged));
        }
        if let Some(marker) = marker(theirs) {
            let at = Place::new(&Arc::from(path), marker);
            return Some(Decided::refused(path, theirs, vec![codes::g120_marker(path, at)]));
        }
        let Some(base) = base else {
            if self.keeps(path) {
                return Some(Decided::plain(ChangeKind::Keep { kept: Vec::new() }));
            }
            return Some(Decided::refused(path, theirs, vec![codes::g112_not_ours(path, at())]));
        };
        if theirs == &*base {
            return Some(Decided::plain(ChangeKind::Replace));
        }
        Some(self.merged(path, &base, ours, theirs))
    }

    fn merged(&self, path: &str, base: &[u8], ours: &[u8], theirs: &[u8]) -> Decided {
        let texts = [base, ours, theirs].map(std::str::from_utf8);
        let [Ok(base), Ok(ours), Ok(theirs_text)] = texts else {
            let at = Place::of_file(&Arc::from(path));
            let found = codes::g107_unreadable("it is no text", path, at);
            return Decided::refused(path, theirs, vec![found]);
        };
        let sides = Sides { base, ours, theirs: theirs_text };
        let on = if self.keeps(path) { OnConflict::Keep } else { OnConflict::Report };
        match merge::merge(path, sides, on) {
            Ok(merged) if merged.text.as_bytes() == theirs => {
                Decided::plain(ChangeKind::Keep { kept: merged.kept })
            }
            Ok(merged) => Decided::plain(ChangeKind::Merge {
                bytes: merged.text.into_bytes(),
                taken: merged.taken,
                kept: merged.kept,
            }),
            Err(conflicts) => {
                let found = conflicts.iter().map(|conflict| self.conflict(path, conflict));
                Decided::refused(path, theirs, found.collect())
            }
        }
    }

    fn conflict(&self, path: &str, conflict: &Conflict) -> Diagnostic {
        let at = Place::new(&Arc::from(path), conflict.theirs.clone());
        let found = match conflict.kind {
            ConflictKind::Changed => codes::g101_changed(conflict, path, at),
            ConflictKind::RemovedThere => codes::g102_removed_there(conflict, path, at),
            ConflictKind::RemovedHere => codes::g103_removed_here(conflict, path, at),
            ConflictKind::Commented => codes::g109_commented(conflict, path, at),
            ConflictKind::Lines => codes::g104_lines(conflict, path, at),
            ConflictKind::Order => codes::g105_order(conflict, path, at),
            ConflictKind::Pinned => codes::g108_pinned(conflict, path, at),
            ConflictKind::Unsafe => codes::g106_unsafe(conflict, path, at),
            ConflictKind::Unreadable => {
                let reason = conflict.base.as_deref().unwrap_or_default();
                codes::g107_unreadable(reason, path, at)
            }
        };
        match self.in_payload(conflict) {
            Some(place) => found.also(place, "generated from here"),
            None => found,
        }
    }

    /// Returns where the payload says what a conflict is about, as far as that can be known.
    fn in_payload(&self, conflict: &Conflict) -> Option<Place> {
        let app = conflict.steps.iter().enumerate().find_map(|(index, step)| {
            let name = match step {
                merge::Step::Named(values) if index == 1 => &values.first()?.1,
                merge::Step::Key(key) if index == 1 => key,
                _ => return None,
            };
            self.platform.apps.iter().find(|app| app.name == *name).map(|app| (index, app))
        });
        let (index, app) = app?;
        match conflict.steps.get(index + 1) {
            Some(merge::Step::Key(field)) => Some(app.origin.place(field)),
            _ => Some(app.origin.here()),
        }
    }
}

/// Whether a file is the one that was named, or lies in the folder that was.
pub fn named(wanted: &str, path: &str) -> bool {
    let wanted = wanted.strip_prefix("./").unwrap_or(wanted).trim_end_matches('/');
    !wanted.is_empty() && text::path::is_within(path, wanted)
}

/// Many files of base that are missing or edited have one cause, and one remedy.
fn as_one(found: &mut Vec<Diagnostic>) {
    const MANY: usize = 5;
    for code in [codes::MISSING, codes::EDITED] {
        let count = found.iter().filter(|found| found.code == code).count();
        if count >= MANY {
            found.retain(|found| found.code != code);
            found.push(codes::base(code, count));
        }
    }
}

/// Files that people and mainstay write.
const TEXTS: &[&str] = &[".yaml", ".yml", ".json", ".md", ".tpl", ".sh", ".txt"];

/// Finds texts with the marks of a merge that was not finished, those too that nothing else reads.
pub fn unfinished(world: &dyn World, sources: &mut Sources) -> Vec<Diagnostic> {
    let paths = world.list("").into_iter().filter(|path| {
        TEXTS.iter().any(|end| path.ends_with(end)) && !path.contains("node_modules/")
    });
    marked(paths, world, sources)
}

/// Finds marks in people's own files: a value behind the end of a document is read by nobody.
fn marked_custom(world: &dyn World, sources: &mut Sources) -> Vec<Diagnostic> {
    let own = |path: &String| path.split('/').nth(2) == Some("custom");
    marked(world.list("overlays").into_iter().filter(own), world, sources)
}

fn marked(
    paths: impl Iterator<Item = String>,
    world: &dyn World,
    sources: &mut Sources,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for path in paths {
        let Ok(bytes) = world.read(&path) else { continue };
        let Some(marker) = marker(&bytes) else { continue };
        let file = sources.add(path.as_str(), String::from_utf8_lossy(&bytes));
        found.push(codes::g120_marker(&path, Place::new(&file, marker)));
    }
    found
}

/// Returns the first line that git leaves where it could not merge.
fn marker(bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let mut at = 0;
    let (mut begin, mut middle) = (None, false);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let end = at + line.trim_ascii_end().len();
        if line.starts_with(b"<<<<<<< ") && begin.is_none() {
            begin = Some(at..end);
        }
        middle |= begin.is_some() && line.starts_with(b"=======");
        if middle && line.starts_with(b">>>>>>> ") {
            return begin;
        }
        at += line.len();
    }
    begin.filter(|_| middle)
}
