//! `seal NAME --env E KEY`: one value, asked for, into the folder that the platform reads.

use std::sync::Arc;

use compile::intake::Inputs;
use operate::{Access, Changes, DiskWorld, MANIFEST, Randomness, Write};
use seal::key::SealingKey;
use seal::layout::Scope;
use seal::secret::{self, Entry, Format, Secret};
use seal::{codes, layout};
use text::World as _;

use super::Seal;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate::text_of;
use crate::proof;
use crate::sealing::{self, repository_here};
use crate::ui::{GOOD, Ui};
use crate::{environment, prompt};

/// Which value.
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) item: &'a str,
    pub(super) env: &'a str,
}

pub(super) fn run(ui: &Ui, arguments: &Seal, wanted: &Wanted<'_>) -> Result<Outcome, CliError> {
    if !secret::is_key(wanted.item) {
        return Err(CliError::usage(format!("`{}` cannot be a key of a Secret", wanted.item))
            .hint("letters, digits, `-`, `_` and `.` make a key"));
    }
    if !secret::is_name(wanted.name, 253, true) {
        return Err(CliError::usage(format!("`{}` cannot be the name of a Secret", wanted.name))
            .hint("lower-case letters, digits, `-` and `.` make a name"));
    }
    let root = match repository_here() {
        Some(root) => root,
        None => operate::find_repository(std::path::Path::new("."))?,
    };
    let Some(key) = arguments.certificate.sealing_key(ui, Some(&root))? else {
        return Ok(Outcome::Invalid);
    };
    let mut repository = operate::Repository::open(&root, Access::Change)?;
    let world = repository.world(environment::chart_cache())?;
    let namespace = namespace(&world, wanted.env)?;
    let mut value =
        prompt::secret(&format!("{} of {} (it is not shown): ", wanted.item, wanted.name))?;
    if arguments.trim {
        secret::trim(&mut value);
    } else if let Some(what) = secret::line_end(&value) {
        ui.diagnostics(&[codes::s108_line_end(wanted.item, what, None)], &text::Sources::new());
    }
    if value.is_empty() && !arguments.allow_empty_data {
        return Err(CliError::usage("nothing was given, so nothing was sealed")
            .hint("an empty value is sealed with `--allow-empty-data`"));
    }
    let folder = format!("overlays/{}/custom", wanted.env);
    let path = format!("{folder}/{}.sealed.yaml", wanted.name);
    let entry = Entry { key: wanted.item.to_owned(), value };
    let scope = arguments.scope().unwrap_or(Scope::Strict);
    let secret = Secret::of_entry(wanted.name, &namespace, scope, entry);
    let mut writes = Vec::new();
    let merged = match world.read(&path) {
        Ok(bytes) => {
            let original = text_of(&path, bytes.to_vec())?;
            merge(ui, &path, &original, &secret, arguments.scope(), &key)?
        }
        Err(_) => {
            let mut randomness = Randomness::open()?;
            let sealed = secret::sealed_secret(&secret, &key, &mut randomness)?;
            Some(secret::write(&sealed, Format::Yaml))
        }
    };
    let Some(text) = merged else { return Ok(Outcome::Invalid) };
    writes.push(Write { path: path.clone(), bytes: text.into_bytes(), executable: false });
    writes.extend(named(&world, &folder, &format!("{}.sealed.yaml", wanted.name))?);
    let named = writes.len() > 1;
    repository.apply(&Changes { writes, removes: Vec::new() })?;
    ui.status(&format!(
        "{GOOD}Sealed{GOOD:#} `{}` of `{}` for namespace {namespace} into `{path}`",
        wanted.item, wanted.name
    ));
    if named {
        ui.status(&format!("  named in `{folder}/kustomization.yaml`; commit both"));
    }
    Ok(Outcome::Yes)
}

/// Puts the value into the file that is there; `None` where that cannot be, which was said.
fn merge(
    ui: &Ui,
    path: &str,
    original: &str,
    secret: &Secret,
    scope: Option<Scope>,
    key: &SealingKey,
) -> Result<Option<String>, CliError> {
    let file: Arc<str> = path.into();
    let mut randomness = Randomness::open()?;
    match secret::merge_secret((&file, original), secret, scope, key, &mut randomness)? {
        Ok(text) => Ok(Some(text)),
        Err(found) => {
            let shown = layout::read(original).map(|sealed| layout::blotted(original, &sealed));
            let shown = shown.unwrap_or_else(|_| secret::shown(original));
            sealing::say(ui, &sealing::findings(&file, shown, found));
            Ok(None)
        }
    }
}

/// Returns the namespace of an environment.
fn namespace(world: &DiskWorld, env: &str) -> Result<String, CliError> {
    let (spec, path, payload) = proof::texts(world)?;
    let inputs = Inputs { spec: (MANIFEST, &spec), payload: (&path, &payload) };
    let platform = match proof::read(&inputs) {
        Ok(read) => read.platform,
        Err(_) => {
            return Err(CliError::usage("the spec or the payload cannot be read")
                .hint("`mainstay check` says what is wrong with them"));
        }
    };
    let names: Vec<&str> = platform.environments.iter().map(|it| it.name.as_str()).collect();
    match platform.environments.iter().find(|environment| environment.name == env) {
        Some(environment) => Ok(environment.namespace.clone()),
        None => {
            let error = CliError::usage(format!("there is no environment `{env}`"));
            Err(match text::nearest(env, names.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("there are: {}", names.join(", "))),
            })
        }
    }
}

/// Names a file in the folder's kustomization, if it is not named yet.
fn named(world: &DiskWorld, folder: &str, file: &str) -> Result<Option<Write>, CliError> {
    let path = format!("{folder}/kustomization.yaml");
    let bytes = world.read(&path).map_err(|missing| {
        CliError::usage(format!("`{path}` cannot be read: {missing}"))
            .hint("`mainstay generate` makes it where it is missing")
    })?;
    let text = text_of(&path, bytes.to_vec())?;
    let edited = secret::add_to_list(&text, "resources", file).map_err(|reason| {
        CliError::usage(format!("`{file}` cannot be named in `{path}`: {reason}"))
            .hint(format!("add it to `resources` there by hand, then run this again: `- {file}`"))
    })?;
    Ok(edited.map(|text| Write { path, bytes: text.into_bytes(), executable: false }))
}
