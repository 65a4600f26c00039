//! `seal NAME --env E KEY`: one value, asked for, into the folder that the platform reads.

use std::sync::Arc;

use compile::generate::credentials::{self, ARGOCD_SECRET, BCRYPT_OF_FILE};
use compile::intake::Inputs;
use compile::model::Platform;
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
pub(crate) struct Wanted<'a> {
    pub(crate) name: &'a str,
    pub(crate) item: &'a str,
    pub(crate) env: &'a str,
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
    arguments.own_keys(&key)?;
    let mut repository = operate::Repository::open(&root, Access::Change)?;
    let world = repository.world(environment::chart_cache())?;
    let place = Target::of(&world, wanted.env)?;
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
    if wanted.item == DOCKER_CONFIG && !is_json(&value) {
        return Err(CliError::usage(format!("`{DOCKER_CONFIG}` must be a Docker config.json"))
            .hint("`docker login` writes one; `{\"auths\": {\"ghcr.io\": {\"auth\": …}}}`"));
    }
    if (wanted.env, wanted.name, wanted.item) == (PLATFORM, ARGOCD_SECRET, ADMIN_PASSWORD)
        && !is_bcrypt(&value)
    {
        return Err(CliError::usage(format!("`{ADMIN_PASSWORD}` must be a bcrypt hash, and no line end behind it"))
            .hint("`mainstay secrets rotate argocd-admin --out FILE` makes a password and seals its hash")
            .hint(format!("of a password of yours, in a file: `{BCRYPT_OF_FILE} | mainstay seal {ARGOCD_SECRET} --env {PLATFORM} {ADMIN_PASSWORD}`")));
    }
    if wanted.env == PLATFORM
        && let Some(right) = read_instead(&platform(&world)?, wanted)
    {
        let finding = codes::s113_nobody_reads(wanted.item, wanted.name, right);
        ui.diagnostics(&[finding], &text::Sources::new());
    }
    let entry = Entry { key: wanted.item.to_owned(), value };
    match put(ui, &world, &place, wanted, vec![entry], (arguments.scope(), &key))? {
        Some(changes) => {
            repository.apply(&changes)?;
            place.say(ui, wanted, changes.writes.len() > 1);
            Ok(Outcome::Yes)
        }
        None => Ok(Outcome::Invalid),
    }
}

/// The key of a Secret that logs in to registries, and the type that Kubernetes wants it to have.
const DOCKER_CONFIG: &str = ".dockerconfigjson";
const DOCKER_CONFIG_TYPE: &str = "kubernetes.io/dockerconfigjson";

pub(crate) use compile::generate::credentials::ADMIN_PASSWORD;

/// Returns the key that Argo CD reads in the place of one that only a secret manager's folder has.
fn read_instead(platform: &Platform, wanted: &Wanted<'_>) -> Option<&'static str> {
    if platform.environment(PLATFORM).is_some() {
        return None;
    }
    match wanted.item {
        credentials::ADMIN_PASSWORD_HASH => Some(ADMIN_PASSWORD),
        credentials::WEBHOOK_SECRET => Some(credentials::webhook_key(&platform.repository.url)),
        credentials::REPOSITORY_TOKEN => Some("password"),
        credentials::DEPLOY_KEY => Some("sshPrivateKey"),
        _ => None,
    }
}

/// Whether Argo CD can compare a password with it: `$2a$COST$`, with the costs that Go's bcrypt takes, and 53 letters of
/// salt and hash.
fn is_bcrypt(value: &[u8]) -> bool {
    let letter = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'/');
    match value {
        [b'$', b'2', b'a' | b'b' | b'y', b'$', ten, one, b'$', rest @ ..] => {
            (b"04"..=b"31").contains(&&[*ten, *one]) && rest.len() == 53 && rest.iter().all(letter)
        }
        _ => false,
    }
}

fn is_json(value: &[u8]) -> bool {
    value.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<serde::de::IgnoredAny>(value).is_ok()
}

/// Returns the changes that put a sealed value where the platform reads it; `None` where that cannot be, which
/// was said.
pub(crate) fn put(
    ui: &Ui,
    world: &DiskWorld,
    place: &Target,
    wanted: &Wanted<'_>,
    entries: Vec<Entry>,
    (scope, key): (Option<Scope>, &SealingKey),
) -> Result<Option<Changes>, CliError> {
    let path = place.file(wanted.name);
    let strict = scope.unwrap_or(Scope::Strict);
    let mut entries = entries.into_iter();
    let Some(first) = entries.next() else { return Ok(None) };
    let mut secret = Secret::of_entry(wanted.name, &place.namespace, strict, first);
    secret.entries.extend(entries);
    if wanted.item == DOCKER_CONFIG {
        secret.kind = Some(DOCKER_CONFIG_TYPE.to_owned());
    }
    let mut writes = Vec::new();
    let merged = match world.read(&path) {
        Ok(bytes) => {
            let original = text_of(&path, bytes.to_vec())?;
            merge(ui, &path, &original, &secret, scope, key)?
        }
        Err(_) => {
            let mut randomness = Randomness::open()?;
            let sealed = secret::sealed_secret(&secret, key, &mut randomness)?;
            Some(secret::write(&sealed, Format::Yaml))
        }
    };
    let Some(text) = merged else { return Ok(None) };
    super::bounded(ui, true, &text, &[])?;
    writes.push(Write { path, bytes: text.into_bytes(), executable: false });
    writes.extend(named(world, &place.folder, &format!("{}.sealed.yaml", wanted.name))?);
    Ok(Some(Changes { writes, removes: Vec::new() }))
}

/// Where a sealed value goes.
pub(crate) struct Target {
    namespace: String,
    folder: String,
}

/// What `--env` takes for the platform's own credentials.
pub(crate) const PLATFORM: &str = "platform";

impl Target {
    /// Returns the place of an environment, or of the platform's own credentials.
    pub(crate) fn of(world: &DiskWorld, env: &str) -> Result<Target, CliError> {
        let platform = platform(world)?;
        if env == PLATFORM && platform.environment(PLATFORM).is_none() {
            let through = credentials::through_backend(&platform);
            if !through || platform.secrets.backend.external().is_some() {
                return Err(CliError::usage("Argo CD's own credentials are not sealed here")
                    .hint("`spec.delivery.credentials: secret:/argocd` in mainstay.yaml, with sealed secrets"));
            }
            return Ok(Target {
                namespace: "argocd".to_owned(),
                folder: "platform/credentials/custom".to_owned(),
            });
        }
        let namespace = namespace(&platform, env)?;
        let folder = match &platform.kustomization {
            Some(app) => app.overlay(env),
            None => format!("overlays/{env}/custom"),
        };
        Ok(Target { namespace, folder })
    }

    fn file(&self, name: &str) -> String {
        format!("{}/{name}.sealed.yaml", self.folder)
    }

    /// Says what was written.
    pub(crate) fn say(&self, ui: &Ui, wanted: &Wanted<'_>, named: bool) {
        ui.status(&format!(
            "{GOOD}Sealed{GOOD:#} `{}` of `{}` for namespace {} into `{}`",
            wanted.item,
            wanted.name,
            self.namespace,
            self.file(wanted.name)
        ));
        if named {
            ui.status(&format!("  named in `{}/kustomization.yaml`; commit both", self.folder));
        }
    }
}

/// Returns the platform of a repository.
pub(crate) fn platform(world: &DiskWorld) -> Result<Platform, CliError> {
    let (spec, path, payload) = proof::texts(world)?;
    let inputs = Inputs { spec: (MANIFEST, &spec), payload: (&path, &payload) };
    match proof::read(&inputs) {
        Ok(read) => Ok(read.platform),
        Err(_) => Err(CliError::usage("the spec or the payload cannot be read")
            .hint("`mainstay check` says what is wrong with them")),
    }
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
    let sealed = layout::read(original).unwrap_or_default();
    let of = sealed.iter().find(|it| it.name == secret.name);
    let has = of.and_then(|it| it.template.get("type")).and_then(yaml::Value::as_str);
    if let (Some(has), Some(wanted)) = (has, secret.kind.as_deref())
        && has != wanted
    {
        let what = format!("`{}` has the type `{has}`, and must have `{wanted}`", secret.name);
        return Err(CliError::usage(what).hint(format!("change `spec.template.type` in `{path}`; where the Secret is in the cluster already, remove it there: its type cannot change")));
    }
    let holds_others = of.is_some_and(|it| it.items.iter().any(|item| item.key != DOCKER_CONFIG));
    if let (None, true, Some(wanted)) = (has, holds_others, secret.kind.as_deref()) {
        let finding = codes::s114_other_type(&secret.name, "Opaque", wanted);
        ui.diagnostics(&[finding], &text::Sources::new());
    }
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
fn namespace(platform: &Platform, env: &str) -> Result<String, CliError> {
    let names: Vec<&str> = platform.environments.iter().map(|it| it.name.as_str()).collect();
    match platform.environments.iter().find(|environment| environment.name == env) {
        Some(environment) if environment.preview.is_some() => {
            Err(CliError::usage(format!("each preview of `{env}` has a namespace of its own"))
                .hint("what is sealed is for one namespace; seal for an environment that stays")
                .hint(format!(
                    "for any namespace: `mainstay seal -f SECRET.yaml --scope cluster-wide -o yaml`, into the overlay of `{env}`"
                )))
        }
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
