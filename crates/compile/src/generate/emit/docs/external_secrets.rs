//! What the documents say of External Secrets: how it logs in, and where in the manager values are.

use crate::generate::emit::markdown::{Page, code, line};
use crate::generate::prerequisites::Prerequisites;
use crate::generate::secret_store::{LOGIN, NAME};
use crate::generate::{Context, credentials};
use crate::model::{Environment, ExternalSecrets, Manager};

/// "How it works" and "Connect a cluster" of `docs/secrets.md`.
pub(super) fn section(context: &Context<'_>, external: &ExternalSecrets, page: &mut Page) {
    let title = external.manager.title();
    page.heading("How it works");
    let values = external.manager.values_title();
    let through =
        if values == title { String::new() } else { format!(", and {title} hands them out") };
    page.text(&format!(
        "Values are in {values}{through}. The controller External Secrets reads them every {} and writes them into Secrets, one for each \
         folder that the payload names: `/` is `app-secrets`, `/payments/eu` is `payments-eu`. Workloads read these.",
        external.refresh_interval
    ));
    page.text(&format!(
        "When {title} does not answer, Secrets stay as they are and pods start as usual; only changes do not arrive. \
         Variables are read once: restart the workload after a change."
    ));
    page.heading("Connect a cluster");
    page.text(&format!(
        "Each namespace has a SecretStore {} of its own (`overlays/<environment>/secret-store.yaml`): no workload elsewhere reads \
         through it.",
        code(NAME)
    ));
    if credentials::through_backend(context.platform) {
        page.text(&format!(
            "`platform/credentials` has one in {} too, for Argo CD's own credentials.",
            code(&context.catalog.argocd.namespace)
        ));
    }
    login(context, external, page);
    if let Manager::PulumiEsc { organization, project, vault } = &external.manager {
        esc(context, organization, project, vault.as_deref(), page);
    }
}

/// How a namespace's store logs in.
pub(in crate::generate::emit) fn login(
    context: &Context<'_>,
    external: &ExternalSecrets,
    page: &mut Page,
) {
    let title = external.manager.title();
    match external.manager.login_keys() {
        [] => page.text(&format!(
            "It logs in with a token of the ServiceAccount {}: {}",
            code(NAME),
            trusted(external)
        )),
        keys => {
            let keys: Vec<String> = keys.iter().map(|key| code(key)).collect();
            page.text(&format!(
                "It logs in with the Secret {} of the namespace, with the keys {}. It is the one secret that cannot come from \
                 {title}: {}. {}",
                code(LOGIN),
                keys.join(" and "),
                match (&context.platform.kustomization, &context.platform.secrets.sealed_secrets) {
                    (Some(_), _) => "make it by hand, as below",
                    (None, Some(_)) => {
                        "make it by hand, as [docs/prerequisites](prerequisites) says, or seal it"
                    }
                    (None, None) => "make it by hand, as [docs/prerequisites](prerequisites) says",
                },
                rights(&external.manager)
            ));
        }
    }
}

fn trusted(external: &ExternalSecrets) -> String {
    let Manager::Vault { path, role, mount_path, .. } = &external.manager else {
        return String::new();
    };
    format!(
        "allow it in the role {} of the authentication `auth/{}`, with a policy that reads `{}/data/{}/*`.",
        code(role),
        line(mount_path),
        line(path),
        line(&external.prefix)
    )
}

/// The least that the login needs.
fn rights(manager: &Manager) -> &'static str {
    match manager {
        Manager::Aws { parameter_store: false, .. } => {
            "It needs `secretsmanager:GetSecretValue` and `secretsmanager:DescribeSecret` on these secrets, and no more."
        }
        Manager::Aws { .. } => {
            "It needs `ssm:GetParameter` on these parameters (and `kms:Decrypt` on their key), and no more."
        }
        Manager::Gcp { .. } => {
            "It needs the role `roles/secretmanager.secretAccessor`, and no more."
        }
        Manager::Azure { .. } => "It needs the role `Key Vault Secrets User`, and no more.",
        Manager::Infisical { .. } => {
            "It is a machine identity with universal authentication that may read the project."
        }
        Manager::OnePassword { .. } => {
            "It is the token of a service account that may read the vault, and no other."
        }
        Manager::PulumiEsc { .. } => {
            "It is an access token that may open the environments, and no more."
        }
        Manager::Vault { .. } => "",
    }
}

fn esc(
    context: &Context<'_>,
    organization: &str,
    project: &str,
    vault: Option<&str>,
    page: &mut Page,
) {
    page.heading("The ESC environments");
    page.text(
        "`esc/<environment>.yaml` is the definition of each: it may be read by everybody. Write it to Pulumi whenever it changed:",
    );
    let mut lines: Vec<String> = Vec::new();
    if vault.is_some() {
        // Every definition imports it.
        lines.push(format!("pulumi env init {organization}/{project}/onepassword   # once, first"));
    }
    let own = context
        .platform
        .environments
        .iter()
        .map(|environment| {
            let slug = &environment.secrets_environment;
            format!(
                "pulumi env init {organization}/{project}/{slug}   # once\npulumi env edit {organization}/{project}/{slug} --file esc/{}.yaml",
                environment.name
            )
        });
    lines.extend(own);
    page.block(&lines.join("\n"));
    match vault {
        Some(vault) => {
            page.text(&format!(
                "Values are read from the vault {} of 1Password when an environment is opened. The token of the service account that \
                 reads it is in an environment of its own, and in no file:",
                code(vault)
            ));
            page.block(&format!(
                "read -rs TOKEN && printf %s \"$TOKEN\" | pulumi env set --secret --string --file - {organization}/{project}/onepassword onepasswordToken; unset TOKEN"
            ));
            page.text(
                "`op://…` is a reference there, because ESC resolves it. In Pulumi's configuration, in a variable or in a Secret it would be \
                 a text that nobody resolves.",
            );
        }
        None => {
            page.text("Set each value, encrypted there (a space before the command keeps it out of the shell's history):");
            page.block(&format!(
                "pulumi env set --secret --string --file FILE {organization}/{project}/ENVIRONMENT 'secrets[\"app-secrets\"][\"KEY\"]'"
            ));
        }
    }
}

/// The values that must be in the manager before the first sync.
pub(super) fn managed(
    external: &ExternalSecrets,
    environment: &Environment,
    needs: &Prerequisites,
    page: &mut Page,
) {
    page.heading(&format!("Secrets in {}", external.manager.title()));
    page.text("[docs/secrets.md](../secrets.md) says how the cluster gets to them.");
    places(external, environment, needs, page);
}

/// Where in the manager the values of an environment are.
pub(in crate::generate::emit) fn places(
    external: &ExternalSecrets,
    environment: &Environment,
    needs: &Prerequisites,
    page: &mut Page,
) {
    let remote = external.remote_ref(environment);
    if let Manager::PulumiEsc { vault: Some(vault), .. } = &external.manager {
        page.text(&format!("In the vault {} of 1Password:", code(vault)));
        page.table(&["item", "field"]);
        for (folder, keys) in &needs.managed {
            for key in keys {
                let item = onepassword_item(external, environment, folder);
                page.row(&[&code(&item), &code(key)]);
            }
        }
        return;
    }
    let (name, part) = names(&external.manager);
    page.table(&[name, part]);
    for (folder, keys) in &needs.managed {
        for key in keys {
            let (at, property) = remote.of(folder, key);
            let (at, property) = match &external.manager {
                Manager::OnePassword { .. } => {
                    at.rsplit_once('/').map_or((at.clone(), String::new()), |(item, field)| {
                        (item.to_owned(), field.to_owned())
                    })
                }
                _ => (at, property),
            };
            let property = if property.is_empty() { String::new() } else { code(&property) };
            page.row(&[&code(&at), &property]);
        }
    }
}

/// What the manager calls the two parts of a place.
fn names(manager: &Manager) -> (&'static str, &'static str) {
    match manager {
        Manager::Aws { parameter_store: true, .. } => ("parameter", ""),
        Manager::Aws { .. } | Manager::Gcp { .. } | Manager::Azure { .. } => {
            ("secret, a JSON object", "its key")
        }
        Manager::Vault { .. } => ("secret", "its key"),
        Manager::Infisical { .. } => ("secret", ""),
        Manager::OnePassword { .. } => ("item", "field"),
        Manager::PulumiEsc { .. } => ("value of the ESC environment", ""),
    }
}

/// Returns the item of 1Password that holds a folder.
pub(in crate::generate::emit) fn onepassword_item(
    external: &ExternalSecrets,
    environment: &Environment,
    folder: &str,
) -> String {
    let bare = folder.trim_matches('/').replace('/', "-");
    let item = external.item(&environment.secrets_environment);
    if bare.is_empty() { item } else { format!("{item}-{bare}") }
}
