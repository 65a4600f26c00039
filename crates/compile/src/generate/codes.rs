//! The findings about who owns which line. They are one family, so they share a file; `check::codes`
//! lists their pages.

use std::sync::Arc;

use text::{Code, Diagnostic, Place, Stage};

use super::merge::{Conflict, display};

/// This file, for its pages.
pub(crate) const SOURCE: &str = include_str!("codes.rs");

const fn code(number: u16) -> Code {
    Code::new(Stage::Generate, number)
}

/// Code of a file of base that is missing.
pub(super) const MISSING: Code = code(122);
/// Code of a file of base that was edited.
pub(super) const EDITED: Code = code(123);

/// Returns a value in a message: in backticks, or in words where there is none.
fn shown(value: Option<&str>) -> String {
    match value {
        Some("") => "an empty value".to_owned(),
        Some(value) => format!("`{}`", value.replace('`', "'")),
        None => "nothing".to_owned(),
    }
}

fn choose(diagnostic: Diagnostic, file: &str) -> Diagnostic {
    diagnostic
        .hint(format!("`--keep {file}` keeps what the file has, here and wherever both sides changed one thing"))
        .hint(format!("`--force {file}` writes the file as generated; what was changed in it is gone"))
}

/// Both sides changed one value differently.
///
/// Generated files are also edited: pipelines and Renovate write versions, people write what they need.
/// `generate` works what changed in spec, payload or mainstay into such a file, value by value. Where the
/// file has a value changed that changed there too, and to something else, nobody can know which is
/// meant: nothing at all is written.
///
/// Either make both the same (the value in the payload or the spec is what every later run begins with),
/// or say which is meant: `--keep FILE` for what the file has, `--force FILE` for what is generated.
pub(super) fn g101_changed(conflict: &Conflict, file: &str, at: Place) -> Diagnostic {
    let message = format!(
        "`{}` was changed in the file and by generation: {} here, {} generated",
        display(&conflict.steps),
        shown(conflict.found.as_deref()),
        shown(conflict.ours.as_deref())
    );
    let label = match &conflict.base {
        Some(base) => format!("was {} when it was generated last", shown(Some(base))),
        None => "was not there when it was generated last".to_owned(),
    };
    choose(Diagnostic::error(code(101), message).at(at, label), file)
}

/// A value that somebody removed or renamed changed in generation.
///
/// What a person takes out of a generated file stays out, as long as generation has nothing new to say
/// about it. Here it has. A renamed service is such a case too: its old name is gone from the file.
///
/// Remove or rename it in the payload or the spec as well; or choose with `--keep` or `--force`.
pub(super) fn g102_removed_there(conflict: &Conflict, file: &str, at: Place) -> Diagnostic {
    let message = format!(
        "`{}` was removed from the file, and generation changed it: {} before, {} now",
        display(&conflict.steps),
        shown(conflict.base.as_deref()),
        shown(conflict.ours.as_deref())
    );
    choose(Diagnostic::error(code(102), message).at(at, "missing here"), file)
}

/// A value that is no longer generated was changed in the file.
///
/// It would go, and the change with it. A version that a pipeline raised (`tag`, `digest`, `newTag`,
/// `targetRevision`) is not such a change: it goes with what it belongs to.
///
/// Keep it with `--keep`: it is then yours, and `generate` will not ask again. Or let it go with `--force`.
pub(super) fn g103_removed_here(conflict: &Conflict, file: &str, at: Place) -> Diagnostic {
    let message = format!(
        "`{}` is no longer generated, and was changed in the file",
        display(&conflict.steps)
    );
    let label = format!("was {} when it was generated last", shown(conflict.base.as_deref()));
    choose(Diagnostic::error(code(103), message).at(at, label), file)
}

/// A value that is no longer generated has a comment that somebody wrote.
///
/// It would go, and the comment with it: what it says about the app is perhaps said nowhere else.
///
/// Take the comment out, or to another place, where it is no longer needed; or choose with `--keep` or `--force`.
pub(super) fn g109_commented(conflict: &Conflict, file: &str, at: Place) -> Diagnostic {
    let message = format!(
        "`{}` is no longer generated, and somebody wrote a comment into it",
        display(&conflict.steps)
    );
    let found = Diagnostic::error(code(109), message).at(at, "would go, and the comment too");
    choose(found.hint("take the comment out, or to another place"), file)
}

/// Both sides changed the same lines of a text.
///
/// Files that are no YAML or JSON merge by lines, as git merges them: changes of the same or of touching
/// lines are a conflict.
pub(super) fn g104_lines(conflict: &Conflict, file: &str, at: Place) -> Diagnostic {
    let ours = conflict.ours.as_deref().unwrap_or_default();
    let first = ours.lines().next().unwrap_or_default();
    let message = match ours.lines().count() {
        0 => "lines were changed in the file, and are no longer generated".to_owned(),
        1 => format!(
            "lines were changed in the file and by generation: {} generated",
            shown(Some(first))
        ),
        lines => format!(
            "lines were changed in the file and by generation: {} and {} more generated",
            shown(Some(first)),
            lines - 1
        ),
    };
    choose(Diagnostic::error(code(104), message).at(at, "changed here"), file)
}

/// The order of a list changed in generation, and the list in the file.
///
/// The order of steps, init containers and rules means something, so it is not guessed.
pub(super) fn g105_order(conflict: &Conflict, file: &str, at: Place) -> Diagnostic {
    let message = format!(
        "the order of `{}` changed in generation, and the list was changed in the file",
        display(&conflict.steps)
    );
    choose(Diagnostic::error(code(105), message).at(at, "changed here"), file)
}

/// A change cannot be made without touching something else.
///
/// The file is changed byte by byte and read again: exactly what changed in generation may then be
/// different. Where a value is anchored (`&name`) and used elsewhere (`*name`), or written in a way that is
/// not known, that does not hold.
///
/// Write the value out where it is used, or change it by hand and run `generate --keep FILE`.
pub(super) fn g106_unsafe(conflict: &Conflict, file: &str, at: Place) -> Diagnostic {
    let message = match conflict.steps.is_empty() {
        true => "what changed in generation cannot be worked into the file safely".to_owned(),
        false => format!(
            "what changed in generation cannot be worked into `{}` safely",
            display(&conflict.steps)
        ),
    };
    let label = conflict.base.clone().filter(|_| conflict.steps.is_empty()).unwrap_or_default();
    Diagnostic::error(code(106), message)
        .at(at, label)
        .hint("write out what is anchored (`&name`, `*name`), or write it in the usual style")
        .hint(format!(
            "`--force {file}` writes the file as generated; what was changed in it is gone"
        ))
}

/// A generated file cannot be read any more.
///
/// It was edited, and is no YAML now. Nothing can be worked into it.
pub(super) fn g107_unreadable(reason: &str, file: &str, at: Place) -> Diagnostic {
    Diagnostic::error(code(107), format!("`{file}` cannot be read: {reason}"))
        .at(at, "")
        .hint("mend it where the message points")
        .hint(format!(
            "`--force {file}` writes the file as generated; what was changed in it is gone"
        ))
}

/// One side changed the tag of an image, the other its digest.
///
/// A digest wins over the tag beside it. Merged value by value, the image would be called by the new tag and be
/// the version that the digest was taken of: a roll-out that never happens, and looks as if it had.
///
/// Where the digest was of the old version, take it out of the file, or write that of the new one beside the new
/// tag; then generate again. `--keep FILE` keeps tag and digest as the file has them.
pub(super) fn g108_pinned(conflict: &Conflict, file: &str, at: Place) -> Diagnostic {
    let (in_file, generated) = match conflict.steps.last() {
        Some(super::merge::Step::Key(key)) if key == "digest" => ("the digest", "the tag"),
        _ => ("the tag", "the digest"),
    };
    let message = format!(
        "{in_file} of `{}` was changed in the file and {generated} by generation: together they are two versions",
        display(conflict.steps.get(..conflict.steps.len().saturating_sub(1)).unwrap_or_default()),
    );
    let label = format!(
        "{} here; the generated tag is {}, and was {}",
        shown(conflict.found.as_deref()),
        shown(conflict.ours.as_deref()),
        shown(conflict.base.as_deref())
    );
    let found = Diagnostic::error(code(108), message).at(at, label);
    choose(found.hint("write tag and digest of the one that is meant, or no digest"), file)
}

/// A file that is no longer generated was edited.
///
/// It would be removed, and the edits with it.
///
/// `--keep FILE` leaves it: it is yours then, and mainstay knows it no more. `--force FILE` removes it.
pub(super) fn g110_file_removed_here(file: &str, at: Place) -> Diagnostic {
    let message = format!("`{file}` is no longer generated, and was edited");
    Diagnostic::error(code(110), message)
        .at(at, "")
        .hint(format!("`--keep {file}` leaves it to you"))
        .hint(format!("`--force {file}` removes it; what was changed in it is gone"))
}

/// A file that somebody removed changed in generation.
///
/// A generated file that a person removes stays away, as long as generation has nothing new to say about
/// it. Here it has. (A document, `*.md`, stays away in any case.)
///
/// `--keep FILE` leaves it away, `--force FILE` writes it again.
pub(super) fn g111_file_removed_there(file: &str, at: Place) -> Diagnostic {
    let message = format!("`{file}` was removed, and generation changed it");
    Diagnostic::error(code(111), message)
        .at(at, "")
        .hint(format!("`--force {file}` writes it again"))
        .hint(format!("`--keep {file}` leaves it away"))
}

/// A file that mainstay did not write stands where one is generated.
///
/// Nothing says what was generated there last, so nothing tells an edit from what it was. That is also so
/// when `.mainstay/lock.yaml` is gone.
pub(super) fn g112_not_ours(file: &str, at: Place) -> Diagnostic {
    let message = format!("`{file}` would be generated, and is there already with other content");
    Diagnostic::error(code(112), message)
        .at(at, "not known to `.mainstay/lock.yaml`")
        .hint(format!("`--force {file}` writes the file as generated"))
        .hint(format!("`--keep {file}` keeps the file; what is generated later is worked into it"))
        .hint("where the lock is lost or of another branch, bring `.mainstay` back first: docs/ownership.md, \"After a merge\"")
}

/// A merge was not finished: its marks are in the file.
///
/// Lines that begin with `<<<<<<<`, `=======` and `>>>>>>>` are what git leaves where it could not merge.
pub(super) fn g120_marker(file: &str, at: Place) -> Diagnostic {
    Diagnostic::error(code(120), format!("`{file}` has the marks of a merge that was not finished"))
        .at(at, "here")
        .hint("decide between the two sides, and take the marks out")
}

/// Something that is no plain file stands where one is generated.
///
/// A link would lead the writing elsewhere, and a folder cannot become a file. mainstay replaces neither.
pub(super) fn g121_no_file(file: &str, what: &str, at: Place) -> Diagnostic {
    Diagnostic::error(code(121), format!("`{file}` is {what}, where a file is generated"))
        .at(at, "")
        .hint("move it away, or put the file back with `git checkout`")
}

/// What was generated last is missing.
///
/// `.mainstay/base/` keeps every file as it was generated last: without it an edit cannot be told from
/// what it was. It belongs into git, like `.mainstay/lock.yaml`.
///
/// Bring it back with `git checkout -- .mainstay/base`. Where it never was in git, remove
/// `.mainstay/lock.yaml`: then nothing is known about what was generated last, and every file that differs
/// has to be decided with `--keep FILE` or `--force FILE`.
pub(super) fn g122_base_missing(base: &str, at: Place) -> Diagnostic {
    Diagnostic::error(code(122), format!("`{base}` is missing: what was generated last"))
        .at(at, "")
        .hint(format!("bring it back: `git checkout -- {base}`"))
}

/// How a merge of `.mainstay` is undone.
const AFTER_MERGE: &str = "after a merge of two branches that both generated: `git checkout HEAD -- .mainstay`, then `mainstay generate`";

/// What was generated last was edited.
///
/// The files below `.mainstay/base/` have the hashes that `.mainstay/lock.yaml` says. One that differs is
/// no longer what was generated, and merging from it would lose edits. A search and replace over the
/// whole repository is the usual cause, or a merge of two branches that both generated: git takes some of
/// base from each.
///
/// After a merge take the whole of `.mainstay` from one side, and generate again: `git checkout HEAD --
/// .mainstay`, then `mainstay generate`.
pub(super) fn g123_base_edited(base: &str, at: Place) -> Diagnostic {
    Diagnostic::error(code(123), format!("`{base}` is not what was generated last: it was edited"))
        .at(at, "not the hash in `.mainstay/lock.yaml`")
        .hint(format!("bring it back: `git checkout -- {base}`"))
        .hint(AFTER_MERGE)
}

/// The payload of the repository was edited, and would be replaced.
///
/// `--from` puts a new payload in the place of the repository's. That one was edited since it was compiled,
/// and the edit would be lost.
///
/// Compile it first (`mainstay generate`), put the edit into the new payload as well, or drop it with
/// `--force`.
pub(super) fn g124_payload_edited(file: &str, at: Place) -> Diagnostic {
    let message = format!("`{file}` was edited since it was compiled, and would be replaced");
    Diagnostic::error(code(124), message)
        .at(at, "")
        .hint(format!("`--force {file}` replaces it; what was changed in it is gone"))
}

/// An app with a volume would be removed.
///
/// Its claims are never pruned or deleted by the delivery: they stay in the cluster with their data, but nothing
/// in the repository names them any more. That has to be asked for by name.
pub(super) fn g130_data(app: &str, volumes: &[String], at: Place, loss: Loss) -> Diagnostic {
    let list: Vec<String> = volumes.iter().map(|volume| format!("`{volume}`")).collect();
    let goes = match loss {
        Loss::App | Loss::OldName => "go and leave its data behind",
        Loss::Volume => "stay and lose its data",
    };
    let why = match loss {
        Loss::App => "no longer in the payload",
        Loss::Volume => "a volume of it is no longer in the payload",
        Loss::OldName => "its claims are left behind under the old name",
    };
    let message = format!("app `{app}` would {goes}: {}", list.join(", "));
    Diagnostic::error(code(130), message)
        .at(at, why)
        .hint(format!("`--remove-data {app}` takes it out; its claims stay in the cluster until they are deleted"))
        .hint(format!("in a dispatch: `\"remove_data\": [\"{app}\"]`"))
        .hint("put it back to keep it")
}

/// How data goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loss {
    /// The app is no longer there.
    App,
    /// The app stays, and a volume of it is no longer there, or is called otherwise.
    Volume,
    /// The platform is called otherwise.
    OldName,
}

/// A claim would change as no cluster lets it change.
///
/// A claim can grow. Its storage class and its access mode are fixed, and it never shrinks: the API server refuses
/// that, and the delivery tries it for ever.
///
/// Give the volume another name and move the data. Or delete the claim, which deletes the data, and name the app with
/// `--remove-data`: it is made anew as asked for.
pub(super) fn g135_claim(app: &str, claim: &str, change: &str, at: Place) -> Diagnostic {
    Diagnostic::error(code(135), format!("claim `{claim}` cannot be changed so: {change}"))
        .at(at, "it is there, with data")
        .hint("a claim can grow, and no more; give the volume another name, and move the data")
        .hint(format!("`--remove-data {app}` writes it, for a claim that you delete with its data"))
}

/// An app with a volume no longer runs in an environment.
///
/// Its claims there are never pruned or deleted by the delivery: they stay with their data, and are used again when
/// the app runs there again.
///
/// Delete the claim in the cluster where its data is no longer wanted.
pub(super) fn g136_data_stays(
    app: &str,
    environment: &str,
    volumes: &[String],
    at: Place,
) -> Diagnostic {
    let list: Vec<String> = volumes.iter().map(|volume| format!("`{volume}`")).collect();
    let message = format!(
        "app `{app}` no longer runs in {environment}, and its data stays there: {}",
        list.join(", ")
    );
    Diagnostic::warning(code(136), message)
        .at(at, "")
        .hint("nothing to do where it shall run there again; else delete the claim in the cluster")
}

/// The platform is called otherwise than what runs.
///
/// Namespaces, Applications and projects are named after `metadata.name`. Under a new name everything
/// is deployed anew, beside what runs; what runs goes when its old root Application is deleted, its
/// volumes with it. Host names and paths of secrets stay what the spec says.
pub(super) fn g132_renamed(old: &str, new: &str, at: Place) -> Diagnostic {
    let message = format!("the platform was called `{old}`: as `{new}` it is deployed anew");
    Diagnostic::warning(code(132), message)
        .at(at, "what runs is named after this")
        .hint(format!("write `name: {old}` in mainstay.yaml to keep what runs"))
        .hint("or apply the new root, and delete the old one when the new serves and the data is moved")
}

/// A generated file is gone.
///
/// It was written by mainstay, and somebody removed it. `generate` takes that for a decision and keeps it away, and so
/// what it did is not done any more: network policies and quotas protect only while they are there. `check` warns
/// of it as long as the file would be generated.
///
/// Bring it back with `mainstay generate --force PATH`. What is not wanted is better switched off in the spec, where
/// others can see it.
pub(super) fn g134_gone(path: &str) -> Diagnostic {
    let file: Arc<str> = Arc::from(path);
    Diagnostic::warning(
        code(134),
        format!("`{path}` is gone: it was generated, and removed by hand"),
    )
    .at(Place::of_file(&file), "")
    .hint(format!("`mainstay generate --force {path}` brings it back"))
}

/// A removed environment is still referred to.
///
/// The file that is referred to would no longer be there, and Argo CD could not render what refers to it.
pub(super) fn g131_referred(environment: &str, reference: &str, at: Place) -> Diagnostic {
    let message = format!("environment `{environment}` would be removed, and is referred to here");
    Diagnostic::error(code(131), message)
        .at(at, format!("`{reference}` would not be there"))
        .hint("take the reference out first, or copy what it refers to")
}

/// Says once what is true of many files of base.
pub(super) fn base(code: Code, files: usize) -> Diagnostic {
    let what = match code == MISSING {
        true => format!("{files} files of what was generated last are missing"),
        false => format!("{files} files are not what was generated last: they were edited"),
    };
    let found = Diagnostic::error(code, format!("`{}`: {what}", super::base::FOLDER))
        .at(Place::of_file(&Arc::from(super::base::FOLDER)), "")
        .hint(format!("bring them back: `git checkout HEAD -- {}`", super::base::FOLDER));
    if code == MISSING { found } else { found.hint(AFTER_MERGE) }
}
