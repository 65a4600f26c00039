//! The credentials of a platform: what each is for, what it may do, where it is, who needs it, how it is replaced.
//!
//! In: a [`Platform`]. Out: a list, the same for `docs/credentials.md` and for `mainstay secrets rotate`.
//! No value is known here; what people decide outside of the spec (the rights of a token) is said as advice.

use std::collections::{BTreeMap, BTreeSet};

use super::{argocd, flux, sealing_key as kept_key, secret_store};
use crate::model::{
    Engine, Manager, Platform, PullCredentials, SecretSource, SecretsBackend, Tls, folder_secret,
};

/// Key of the bcrypt hash in the folder of Argo CD's credentials.
pub const ADMIN_PASSWORD_HASH: &str = "ADMIN_PASSWORD_HASH";
/// Key of the webhook's secret there.
pub const WEBHOOK_SECRET: &str = "WEBHOOK_SECRET";
/// Key of a token that reads the repository.
pub const REPOSITORY_TOKEN: &str = "REPOSITORY_TOKEN";
/// Key of an SSH key that reads the repository.
pub const DEPLOY_KEY: &str = "DEPLOY_KEY";
/// The Secret with Argo CD's own settings.
pub const ARGOCD_SECRET: &str = "argocd-secret";
/// The key of [`ARGOCD_SECRET`] that holds the hash of the admin's password.
pub const ADMIN_PASSWORD: &str = "admin.password";
/// Prints the bcrypt hash of a password that stands in a file, as Argo CD keeps it; no value stands on a command line.
pub const BCRYPT_OF_FILE: &str = r"htpasswd -niBC 10 '' <FILE | tr -d ':\n' | sed 's/^$2y/$2a/'";
/// The key of a Secret that holds the login of a registry.
const DOCKER_CONFIG: &str = ".dockerconfigjson";
/// The Secret with which Argo CD reads the repository.
pub const REPOSITORY: &str = "repository";

/// One credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its name, by which `secrets rotate` knows it.
    pub name: String,
    /// What it is for.
    pub what: String,
    /// What it may do.
    pub scope: String,
    /// Where it is.
    pub place: String,
    /// Who needs it.
    pub wanted_by: String,
    /// How it is replaced, in sentences.
    pub rotate: Vec<String>,
    /// What mainstay can make anew itself.
    pub reissue: Reissue,
}

/// What mainstay can make anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reissue {
    /// Nothing: somebody else issues it.
    No,
    /// A random text, sealed as a key of `argocd-secret`.
    Webhook,
    /// A random password, whose bcrypt hash is sealed into `argocd-secret`.
    AdminPassword,
}

/// Returns all credentials of a platform, the platform's own first.
pub fn of(platform: &Platform) -> Vec<Credential> {
    let mut found = Vec::new();
    found.extend(sealing_key(platform));
    found.extend(pulumi_passphrase(platform));
    found.extend(store_login(platform));
    found.extend(onepassword_token(platform));
    match platform.delivery.engine {
        Engine::ArgoCd => found.extend(argocds(platform)),
        Engine::Flux => found.push(fluxs()),
    }
    found.extend(pull(platform));
    found.extend(pulls_of_apps(platform));
    found.extend(of_apps(platform));
    found.extend(acme(platform));
    found
}

/// Returns the key of `argocd-secret` that holds the webhook's secret of a Git host.
pub fn webhook_key(repository: &str) -> &'static str {
    let is = |host: &str| repository.contains(host);
    match () {
        () if is("gitlab") => "webhook.gitlab.secret",
        () if is("bitbucket.org") => "webhook.bitbucket.uuid",
        () if is("bitbucket") => "webhook.bitbucketserver.secret",
        () if is("gogs") || is("gitea") || is("forgejo") || is("codeberg") => "webhook.gogs.secret",
        () => "webhook.github.secret",
    }
}

/// Returns the keys of Argo CD's credentials in their folder.
pub(super) fn keys(platform: &Platform) -> Vec<&'static str> {
    let mut keys = vec![ADMIN_PASSWORD_HASH];
    keys.extend(platform.delivery.ui.is_some().then_some(WEBHOOK_SECRET));
    keys.push(repository_key(platform));
    keys
}

/// Returns the key of what reads the repository: a token over HTTPS, a deploy key over SSH.
pub(super) fn repository_key(platform: &Platform) -> &'static str {
    if platform.repository.url.starts_with("http") { REPOSITORY_TOKEN } else { DEPLOY_KEY }
}

/// Whether Argo CD's credentials come through the backend; the CSI driver cannot patch a Secret, and what
/// nobody makes is made by hand.
pub fn through_backend(platform: &Platform) -> bool {
    let sealed = platform.secrets.sealed_secrets.is_some();
    platform.delivery.credentials.is_some()
        && (sealed || platform.secrets.backend.external().is_some())
}

/// Where a value of a folder is, in words.
fn place(platform: &Platform, folder: &str, key: &str) -> String {
    let secret = folder_secret(folder);
    match &platform.secrets.backend {
        SecretsBackend::Sealed => {
            format!("sealed: `overlays/<environment>/custom/{secret}.sealed.yaml`, `{key}`")
        }
        SecretsBackend::InfisicalCsi(infisical) => {
            format!("Infisical at {}: `{folder}`, `{key}`", infisical.url)
        }
        SecretsBackend::External(external) => match &external.manager {
            Manager::Infisical { .. } => format!("Infisical: `{folder}`, `{key}`"),
            Manager::PulumiEsc { vault: Some(vault), .. } => {
                format!(
                    "1Password, vault `{vault}`: `{key}` of the item of `{folder}`, through Pulumi ESC"
                )
            }
            manager => {
                let (at, property) = external.remote_ref_of("<environment>").of(folder, key);
                let part =
                    if property.is_empty() { String::new() } else { format!(", `{property}`") };
                format!("{}: `{at}`{part}", manager.title())
            }
        },
        SecretsBackend::ByHand => format!("the Secret `{secret}` of each namespace, `{key}`"),
        SecretsBackend::None => "made by hand".to_owned(),
    }
}

/// How a value of the backend is replaced.
fn replace(platform: &Platform, secret: &str, key: &str, is_file: bool) -> Vec<String> {
    let first = match &platform.secrets.backend {
        SecretsBackend::Sealed => {
            format!("{}, commit, push.", seal(secret, key, is_file))
        }
        SecretsBackend::InfisicalCsi(_) => "Change it in Infisical.".to_owned(),
        SecretsBackend::External(external) => format!(
            "Change it in {}; it arrives within {}.",
            external.manager.values_title(),
            external.refresh_interval
        ),
        SecretsBackend::ByHand | SecretsBackend::None => {
            "Make the Secret anew: docs/prerequisites has the command.".to_owned()
        }
    };
    vec![first]
}

/// The command that seals a value. What is most often of several lines is given as a file: a terminal gives one line.
fn seal(secret: &str, key: &str, is_file: bool) -> String {
    let from = match (key, is_file) {
        (DOCKER_CONFIG, _) => " <config.json",
        (_, true) => " <FILE",
        _ => "",
    };
    format!("`mainstay seal {secret} --env ENVIRONMENT {key}{from}`")
}

fn sealing_key(platform: &Platform) -> Option<Credential> {
    let sealed = platform.secrets.sealed_secrets.as_ref()?;
    let kept = match &sealed.master_key {
        Some(reference) => {
            let out = kept_key::handed_over(reference);
            let out =
                out.map_or_else(String::new, |it| format!(" ({it} hands it to a new cluster)"));
            format!(
                "`{reference}`{out}, and the Secret `sealed-secrets-key` in `{}`",
                sealed.namespace
            )
        }
        None => format!(
            "where you keep it, outside of this repository, and the Secret `sealed-secrets-key` in `{}`",
            sealed.namespace
        ),
    };
    Some(Credential {
        name: "sealing-key".to_owned(),
        what: "private key of everything that is sealed".to_owned(),
        scope: "opens every SealedSecret of this repository, its history included".to_owned(),
        place: kept,
        wanted_by: "the Sealed Secrets controller; you, for recovery".to_owned(),
        rotate: vec![
            "`mainstay keys new --out NEW --replace`; apply the new Secret beside the old one, and restart the controller.".to_owned(),
            "`mainstay reseal --key OLD --key NEW`, commit, push.".to_owned(),
            format!("With the push, {}.", kept_key::replaced(platform, sealed)),
            "When everything is delivered, remove the old Secret and restart the controller.".to_owned(),
            "If the old key was seen by others, every secret that it opened must change too.".to_owned(),
        ],
        reissue: Reissue::No,
    })
}

fn store_login(platform: &Platform) -> Option<Credential> {
    let external = platform.secrets.backend.external()?;
    let keys = external.manager.login_keys();
    if keys.is_empty() {
        return None;
    }
    Some(Credential {
        name: secret_store::LOGIN.to_owned(),
        what: format!("login of External Secrets at {}", external.manager.title()),
        scope: "reads the secrets of this platform, and nothing else".to_owned(),
        place: format!(
            "the Secret `{}` of each namespace ({}), made by hand",
            secret_store::LOGIN,
            keys.join(", ")
        ),
        wanted_by: "External Secrets".to_owned(),
        rotate: vec![format!(
            "Issue a new one in {}, replace the Secret, revoke the old one.",
            external.manager.title()
        )],
        reissue: Reissue::No,
    })
}

/// The token with which Pulumi ESC reads 1Password.
fn onepassword_token(platform: &Platform) -> Option<Credential> {
    let external = platform.secrets.backend.external()?;
    let Manager::PulumiEsc { organization, project, vault: Some(vault) } = &external.manager else {
        return None;
    };
    let at = format!("{organization}/{project}/onepassword");
    Some(Credential {
        name: "onepassword-token".to_owned(),
        what: "token of 1Password's service account".to_owned(),
        scope: format!("reads the vault `{vault}`, and no other"),
        place: format!("the environment `{at}` of Pulumi ESC, `onepasswordToken`"),
        wanted_by: "Pulumi ESC, whenever an environment is opened".to_owned(),
        rotate: vec![
            "Issue a new one in 1Password, for the vault alone.".to_owned(),
            format!(
                "`read -rs TOKEN && printf %s \"$TOKEN\" | pulumi env set --secret --string --file - {at} \
                 onepasswordToken; unset TOKEN`; revoke the old one."
            ),
        ],
        reissue: Reissue::No,
    })
}

/// What encrypts the stack's configuration in which the sealing key is kept.
fn pulumi_passphrase(platform: &Platform) -> Option<Credential> {
    let reference = platform.secrets.sealed_secrets.as_ref()?.master_key.as_ref()?;
    let name = reference.strip_prefix("pulumi:")?;
    Some(Credential {
        name: "pulumi-passphrase".to_owned(),
        what: "passphrase of the Pulumi stack, where it is encrypted with one".to_owned(),
        scope: format!("opens the stack's secrets, the sealing key (`{name}`) among them"),
        place: "where you keep it, outside of this repository and of the stack's".to_owned(),
        wanted_by: "you and Pulumi (`PULUMI_CONFIG_PASSPHRASE`)".to_owned(),
        rotate: vec![
            "`pulumi stack change-secrets-provider passphrase` in the stack's folder asks for a new one and encrypts all \
             values anew."
                .to_owned(),
            "If the old one was seen by others, the stack's file in Git's history still opens with it: change the \
             sealing key as well."
                .to_owned(),
        ],
        reissue: Reissue::No,
    })
}

/// What Flux reads the repository with; it has no users.
fn fluxs() -> Credential {
    Credential {
        name: REPOSITORY.to_owned(),
        what: "token or deploy key of this repository".to_owned(),
        scope: "reads this repository, and no more".to_owned(),
        place: format!("the Secret `{}` of `{}`, made on day one", flux::SOURCE, flux::NAMESPACE),
        wanted_by: "Flux".to_owned(),
        rotate: vec![
            "Issue a new one at the Git host, with the right to read contents only.".to_owned(),
            "Replace the Secret as README.md, \"Day one\", makes it; revoke the old one."
                .to_owned(),
        ],
        reissue: Reissue::No,
    }
}

fn argocds(platform: &Platform) -> Vec<Credential> {
    if platform.kustomization.is_some() {
        return Vec::new();
    }
    let through = through_backend(platform);
    let sealed = through && platform.secrets.backend.external().is_none();
    let folder = platform.delivery.credentials.as_deref().unwrap_or("/argocd");
    let at = |key: &str, item: &str, by_hand: &str| match (through, sealed) {
        (true, true) => {
            format!("sealed: `platform/credentials/custom/{ARGOCD_SECRET}.sealed.yaml`, `{item}`")
        }
        (true, false) => place(platform, folder, key),
        _ => by_hand.to_owned(),
    };
    let anew = |name: &str, key: &str, by_hand: &str| match (through, sealed) {
        (true, true) => {
            vec![format!("`mainstay secrets rotate {name} --out FILE`, commit, push.")]
        }
        (true, false) if key == ADMIN_PASSWORD_HASH => {
            let hash = format!("Its bcrypt hash, of the password in a file: `{BCRYPT_OF_FILE}`.");
            [vec![hash], replace(platform, "", key, false)].concat()
        }
        (true, false) => replace(platform, "", key, false),
        _ => vec![by_hand.to_owned()],
    };
    let mut found = vec![Credential {
        name: "argocd-admin".to_owned(),
        what: "password of Argo CD's `admin`".to_owned(),
        scope: "everything that Argo CD may do: the whole cluster".to_owned(),
        place: at(
            ADMIN_PASSWORD_HASH,
            "admin.password",
            "its bcrypt hash in `argocd-secret` of `argocd`; the password where people keep theirs",
        ),
        wanted_by: "people, to log in".to_owned(),
        rotate: anew("argocd-admin", ADMIN_PASSWORD_HASH, "`argocd account update-password`."),
        reissue: if sealed { Reissue::AdminPassword } else { Reissue::No },
    }];
    if platform.delivery.ui.is_some() {
        let key = webhook_key(&platform.repository.url);
        let mut rotate =
            anew("webhook", WEBHOOK_SECRET, "As docs/operations.md makes it, with another value.");
        rotate.push("Then the same in the settings of the webhook at the Git host.".to_owned());
        found.push(Credential {
            name: "webhook".to_owned(),
            what: "secret of the Git host's webhook".to_owned(),
            scope: "makes Argo CD look at the repository; reads and changes nothing".to_owned(),
            place: at(WEBHOOK_SECRET, key, "`argocd-secret` of `argocd`, and the Git host"),
            wanted_by: "Argo CD, the Git host".to_owned(),
            rotate,
            reissue: if sealed { Reissue::Webhook } else { Reissue::No },
        });
    }
    let key = repository_key(platform);
    let by_hand = format!("the Secret `{REPOSITORY}` of `{}`, made on day one", argocd::NAMESPACE);
    found.push(Credential {
        name: REPOSITORY.to_owned(),
        what: "token or deploy key of this repository".to_owned(),
        scope: "reads this repository, and no more".to_owned(),
        place: match (through, sealed) {
            (true, true) => format!("{by_hand}; sealed beside Argo CD's, where you seal it"),
            (true, false) => format!("{by_hand}; then {}", place(platform, folder, key)),
            _ => by_hand,
        },
        wanted_by: "Argo CD".to_owned(),
        rotate: vec![
            "Issue a new one at the Git host, with the right to read contents only.".to_owned(),
            match (through, sealed) {
                (true, false) => replace(platform, "", key, false).concat(),
                // By hand alone, the controller would put the old one back.
                (true, true) => format!(
                    "Where it is sealed: `mainstay seal {REPOSITORY} --env platform {}`, commit, push. Where it is not: \
                     replace the Secret as README.md, \"Day one\", makes it. Then revoke the old one.",
                    if key == DEPLOY_KEY { "sshPrivateKey <FILE" } else { "password" }
                ),
                _ => "Replace the Secret as README.md, \"Day one\", makes it; revoke the old one."
                    .to_owned(),
            },
        ],
        reissue: Reissue::No,
    });
    found
}

fn pull(platform: &Platform) -> Option<Credential> {
    let (name, at, rotate) = match &platform.registry.pull {
        PullCredentials::None => return None,
        PullCredentials::Secret { secret_name } => (
            secret_name,
            format!("the Secret `{secret_name}` of each namespace, made by hand"),
            vec!["Make the Secret anew: docs/prerequisites has the command.".to_owned()],
        ),
        PullCredentials::Managed { secret_name, path, key } => {
            let at = match &platform.secrets.backend {
                SecretsBackend::Sealed => format!(
                    "sealed: `overlays/<environment>/custom/{secret_name}.sealed.yaml`, `.dockerconfigjson`"
                ),
                SecretsBackend::ByHand | SecretsBackend::None => {
                    format!("the Secret `{secret_name}` of each namespace, made by hand")
                }
                _ => place(platform, path, key),
            };
            (secret_name, at, replace(platform, secret_name, DOCKER_CONFIG, true))
        }
    };
    let nodes = "every node, to start a pod".to_owned();
    Some(login_of_registry(name, "login of the image registry", at, nodes, rotate))
}

fn login_of_registry(
    name: &str,
    what: &str,
    place: String,
    wanted_by: String,
    rotate: Vec<String>,
) -> Credential {
    let issue = "Issue a new token at the registry, with the right to read.".to_owned();
    Credential {
        name: name.to_owned(),
        what: what.to_owned(),
        scope: "pulls images, and no more".to_owned(),
        place,
        wanted_by,
        rotate: [vec![issue], rotate].concat(),
        reissue: Reissue::No,
    }
}

/// The logins of registries that apps name themselves.
fn pulls_of_apps(platform: &Platform) -> Vec<Credential> {
    let platforms = match &platform.registry.pull {
        PullCredentials::None => None,
        PullCredentials::Secret { secret_name } | PullCredentials::Managed { secret_name, .. } => {
            Some(secret_name)
        }
    };
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for app in &platform.apps {
        for secret in app.image_pull_secrets.iter().filter(|it| Some(*it) != platforms) {
            named.entry(secret).or_default().insert(&app.name);
        }
    }
    let of = |(secret, apps): (&str, BTreeSet<&str>)| {
        let apps: Vec<&str> = apps.into_iter().collect();
        login_of_registry(
            secret,
            "login of a registry that apps name",
            place_of_named(platform, secret, DOCKER_CONFIG),
            format!("every node, to start {}", apps.join(", ")),
            vec![remade(platform, secret, DOCKER_CONFIG, true)],
        )
    };
    named.into_iter().map(of).collect()
}

/// Where a Secret that apps name is: prerequisites ask for it by hand, but where everything is sealed.
fn place_of_named(platform: &Platform, secret: &str, key: &str) -> String {
    match platform.secrets.backend {
        SecretsBackend::Sealed => {
            format!("sealed: `overlays/<environment>/custom/{secret}.sealed.yaml`, `{key}`")
        }
        _ => format!("the Secret `{secret}` of each namespace, `{key}`"),
    }
}

/// How a Secret that apps name is replaced: people made it, or sealed it.
fn remade(platform: &Platform, secret: &str, key: &str, is_file: bool) -> String {
    match platform.secrets.sealed_secrets {
        // The controller does not take over one that was made by hand.
        Some(_) if platform.secrets.backend == SecretsBackend::Sealed => {
            format!("{}, commit, push.", seal(secret, key, is_file))
        }
        Some(_) => format!(
            "{} where it is sealed, commit, push; where it is not, make the Secret anew: docs/prerequisites has the command.",
            seal(secret, key, is_file)
        ),
        None => "Make the Secret anew: docs/prerequisites has the command.".to_owned(),
    }
}

/// Who reads a value, and how.
#[derive(Default)]
struct Readers<'a> {
    apps: BTreeSet<&'a str>,
    /// Whether one reads it from a variable.
    as_variable: bool,
    /// Whether one reads it from a file.
    as_file: bool,
}

/// What apps read: a credential for each folder and key, and for each key of a named Secret.
fn of_apps(platform: &Platform) -> Vec<Credential> {
    let mut managed: BTreeMap<(&str, &str), Readers<'_>> = BTreeMap::new();
    let mut existing: BTreeMap<(&str, &str), Readers<'_>> = BTreeMap::new();
    for app in &platform.apps {
        for secret in &app.secrets {
            let (map, place) = match &secret.source {
                SecretSource::Manager { path } => (&mut managed, path),
                SecretSource::Existing { name } => (&mut existing, name),
            };
            let readers = map.entry((place, &secret.key)).or_default();
            readers.apps.insert(&app.name);
            readers.as_variable |= secret.env.is_some();
            readers.as_file |= secret.file.is_some();
        }
    }
    let of = |name: &str, key: &str, place: String, readers: &Readers<'_>, rotate: Vec<String>| {
        let apps: Vec<&str> = readers.apps.iter().copied().collect();
        let restart = match readers.as_variable {
            true => "Restart the apps: variables are read once. Then revoke the old one.",
            false => {
                "The file changes by itself; restart the apps that read it once. Then revoke the old one."
            }
        };
        Credential {
            name: format!("{name}/{key}"),
            what: "read by apps".to_owned(),
            scope: "as its issuer gave it: as little as the apps need".to_owned(),
            place,
            wanted_by: apps.join(", "),
            rotate: [
                vec!["Issue a new one where it comes from.".to_owned()],
                rotate,
                vec![restart.to_owned()],
            ]
            .concat(),
            reissue: Reissue::No,
        }
    };
    let mut found = Vec::new();
    for ((folder, key), readers) in managed {
        let secret = folder_secret(folder);
        let rotate = replace(platform, &secret, key, readers.as_file);
        found.push(of(&secret, key, place(platform, folder, key), &readers, rotate));
    }
    for ((name, key), readers) in existing {
        let place = place_of_named(platform, name, key);
        let rotate = remade(platform, name, key, readers.as_file);
        found.push(of(name, key, place, &readers, vec![rotate]));
    }
    found
}

fn acme(platform: &Platform) -> Option<Credential> {
    let Tls::CertManager { .. } = &platform.tls else { return None };
    Some(Credential {
        name: "acme-account".to_owned(),
        what: "key of the account at Let's Encrypt".to_owned(),
        scope: "asks for certificates, within the limits of the account".to_owned(),
        place: "a Secret of cert-manager's namespace for each issuer".to_owned(),
        wanted_by: "cert-manager, which makes it".to_owned(),
        rotate: vec!["Delete the Secret: cert-manager makes another account.".to_owned()],
        reissue: Reissue::No,
    })
}
