//! Whether a cluster that is built from the repository alone has every secret that its workloads read.
//!
//! In: rendered environments, and the SealedSecrets as they stand in files. Out: findings: Secrets and
//! keys that nothing makes, and SealedSecrets that are delivered where they do not open.
//! Never opens anything and knows no value.

mod made;
mod missing;
mod references;
mod twice;

use std::collections::BTreeSet;

use seal::codes;
use seal::layout::SealedSecret;
use text::{Diagnostic, Severity};

use crate::generate::credentials;
use crate::model::Platform;
use crate::render::{Delivered, Rendered};

use made::Made;
use missing::Missing;
use references::Reference;

/// What a drill has found.
#[derive(Clone, Debug, Default)]
pub struct Drill {
    /// The Secrets that are read, over all environments: namespace and name.
    pub read: BTreeSet<(String, String)>,
    /// What is missing or misplaced.
    pub found: Vec<Diagnostic>,
    /// The logins of SecretStores that are missing: they cannot come through the store itself.
    pub logins: Vec<Diagnostic>,
}

/// Whether something of an environment cannot be rendered, so that it is not known what its repository makes.
pub fn is_broken(environment: &Rendered) -> bool {
    environment.applications.iter().any(|application| application.failed)
}

/// Goes through every environment: what its workloads read, what its repository makes. What is missing is not known
/// where an environment is broken.
pub fn drill<'a>(
    rendered: &[Rendered],
    sealed: impl IntoIterator<Item = &'a SealedSecret>,
) -> Drill {
    let sealed: Vec<&SealedSecret> = sealed.into_iter().collect();
    let mut drill = Drill::default();
    for environment in rendered {
        let made = Made::of(environment);
        let mut missing = Missing::default();
        for application in &environment.applications {
            let is_addon = application.source.starts_with("chart ");
            let addon = Some(application.name.as_str()).filter(|_| is_addon);
            for object in &application.objects {
                for reference in references::of(object, namespace(application, object.namespace()))
                {
                    drill.read.insert((reference.namespace.clone(), reference.name.clone()));
                    if let Some(is_key) = is_missing(&reference, &made) {
                        missing.add(&reference, is_key, addon);
                    }
                }
            }
        }
        let missing = Some(missing).filter(|_| !is_broken(environment)).unwrap_or_default();
        for (finding, is_login) in missing.findings(&environment.environment) {
            match is_login {
                true => drill.logins.push(finding),
                false => drill.found.push(finding),
            }
        }
        made::moved(environment, &sealed, &mut drill.found);
        drill.found.extend(of_environment(environment));
    }
    drill.found.dedup();
    drill.logins.dedup();
    drill
}

/// Returns what is wrong with the SealedSecrets that are delivered, whoever reads them: nothing opens them, or something
/// else makes the same Secrets.
///
/// `is_installed` says that people install the controller.
pub fn of_delivered(rendered: &[Rendered], is_installed: bool) -> Vec<Diagnostic> {
    let found = rendered.iter().filter_map(|environment| match is_installed {
        true => twice::made(environment),
        false => of_environment(environment),
    });
    found.collect()
}

fn of_environment(environment: &Rendered) -> Option<Diagnostic> {
    made::unopened(environment).or_else(|| twice::made(environment))
}

/// Returns what Argo CD itself reads and nothing in the repository makes, where the platform says that its credentials
/// come with it (`delivery.credentials`).
pub fn of_platform(platform: &Platform, rendered: &[Rendered]) -> Vec<Diagnostic> {
    let is_unknown = rendered.is_empty() || rendered.iter().any(is_broken);
    if !credentials::through_backend(platform) || is_unknown {
        return Vec::new();
    }
    let made: Vec<Made> = rendered.iter().map(Made::of).collect();
    let has = |name: &str, key: Option<&str>| {
        made.iter()
            .filter_map(|made| made.keys(ARGOCD, name))
            .any(|keys| key.is_none_or(|key| keys.as_ref().is_none_or(|keys| keys.contains(key))))
    };
    let mut found = Vec::new();
    let secret = |name: &str| format!("{ARGOCD}/{name}");
    let rotate =
        |name: &str| format!("`mainstay secrets rotate {name} --out FILE` makes it and seals it");
    if !has(credentials::ARGOCD_SECRET, Some(credentials::ADMIN_PASSWORD)) {
        let (name, key) = (secret(credentials::ARGOCD_SECRET), credentials::ADMIN_PASSWORD);
        let finding = codes::s151_missing_key(&["Argo CD"], &name, key, "the platform");
        found.push(with_hint(finding, Severity::Error, rotate("argocd-admin")));
    }
    let webhook = credentials::webhook_key(&platform.repository.url);
    if platform.delivery.ui.is_some() && !has(credentials::ARGOCD_SECRET, Some(webhook)) {
        let name = secret(credentials::ARGOCD_SECRET);
        let finding = codes::s151_missing_key(&["Argo CD"], &name, webhook, "the platform");
        found.push(with_hint(finding, Severity::Warning, rotate("webhook")));
    }
    if !has(credentials::REPOSITORY, None) {
        let name = secret(credentials::REPOSITORY);
        let finding = codes::s150_missing_secret(&["Argo CD"], &name, &[], "the platform");
        let hint = "a private repository is not read without it: `docs/credentials.md` says what belongs into it";
        found.push(with_hint(finding, Severity::Warning, hint.to_owned()));
    }
    found
}

/// Argo CD's namespace.
const ARGOCD: &str = "argocd";

fn with_hint(mut finding: Diagnostic, severity: Severity, hint: String) -> Diagnostic {
    finding.severity = severity;
    finding.hints = vec![hint];
    finding
}

/// Whether nothing makes what is read: `Some(true)` where its Secret is there and only the key is not.
fn is_missing(reference: &Reference, made: &Made) -> Option<bool> {
    let Some(keys) = made.keys(&reference.namespace, &reference.name) else { return Some(false) };
    let key = reference.key.as_ref()?;
    // Where the keys are known only in the cluster, any may be among them.
    let has = keys.as_ref().is_none_or(|keys| keys.contains(key));
    (!has).then_some(true)
}

/// The namespace in which an object ends up.
fn namespace<'a>(application: &'a Delivered, written: &'a str) -> &'a str {
    if written.is_empty() { &application.namespace } else { written }
}
