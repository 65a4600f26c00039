//! `platform/credentials`: Argo CD's own credentials, from where the apps' secrets come from.
//!
//! `argocd-secret` is Argo CD's own: it is patched, and never replaced or owned. The Secret that reads the
//! repository must be there before anything here is; it is taken over, and stays when this folder goes.

use crate::generate::credentials::{
    ADMIN_PASSWORD_HASH, ARGOCD_SECRET, REPOSITORY, REPOSITORY_TOKEN, WEBHOOK_SECRET,
    repository_key, through_backend, webhook_key,
};
use crate::generate::kustomization::kustomization;
use crate::generate::wave::Wave;
use crate::generate::write::{List, Map, document, documents};
use crate::generate::{Context, Files, app_values, secret_store};
use crate::model::ExternalSecrets;

use super::Folder;

const PATH: &str = "platform/credentials/custom/kustomization.yaml";

pub(super) fn folder(context: &Context<'_>) -> Option<Folder> {
    if !through_backend(context.platform) {
        return None;
    }
    let files = match context.platform.secrets.backend.external() {
        Some(external) => {
            vec![("external-secrets.yaml".to_owned(), external_secrets(context, external))]
        }
        None => vec![("custom".to_owned(), String::new())],
    };
    Some(Folder {
        name: "credentials",
        about: "Argo CD's own credentials: docs/credentials.md.",
        wave: Wave::CustomResources,
        files,
        namespace: context.catalog.argocd.namespace.clone(),
        of_argocd: true,
    })
}

/// The half that belongs to people: what they seal.
pub(super) fn seed(context: &Context<'_>, files: &mut Files<'_>) {
    if !through_backend(context.platform) || context.platform.secrets.backend.external().is_some() {
        return;
    }
    files.seed(
        PATH,
        document(
            "Yours: Argo CD's credentials, sealed. `mainstay secrets rotate argocd-admin` makes the first one;\n\
             mainstay never touches this folder again but for what it seals.",
            &kustomization(List::new()),
        ),
    );
}

fn external_secrets(context: &Context<'_>, external: &ExternalSecrets) -> String {
    let platform = context.platform;
    let namespace = context.catalog.argocd.namespace.as_str();
    let folder = platform.delivery.credentials.as_deref().unwrap_or("/");
    let leading = platform.environments.get(app_values::leading(platform));
    let slug = leading.map_or("platform", |it| it.secrets_environment.as_str());
    let remote = |key: &str| secret_store::remote_ref(external, slug, folder, key);
    let metadata = |name: &str| Map::new().put("name", name).put("namespace", namespace);
    let mut objects = secret_store::objects(external, namespace, slug);
    let mut data = vec![("admin.password", remote(ADMIN_PASSWORD_HASH))];
    if platform.delivery.ui.is_some() {
        data.push((webhook_key(&platform.repository.url), remote(WEBHOOK_SECRET)));
    }
    let patched = Map::new()
        .put("name", ARGOCD_SECRET)
        .note("Argo CD keeps more in it: only these keys are written.")
        .put("creationPolicy", "Merge")
        .put("deletionPolicy", "Retain");
    objects.push(secret_store::external_secret(external, metadata(ARGOCD_SECRET), patched, data));
    let key = repository_key(platform);
    let by_token = key == REPOSITORY_TOKEN;
    let field = if by_token { "password" } else { "sshPrivateKey" };
    let labels = Map::new().put("argocd.argoproj.io/secret-type", "repository");
    let fields = Map::new()
        .put("type", "git")
        .put("url", context.repository.as_str())
        .put_some("username", by_token.then_some("git"))
        .put(field, format!("{{{{ .{field} }}}}"));
    let template = Map::new().put("metadata", Map::new().put("labels", labels)).put("data", fields);
    let kept = Map::new()
        .put("name", REPOSITORY)
        .note("Made by hand on day one; it stays without this object.")
        .put("creationPolicy", "Orphan")
        .put("template", template);
    let data = vec![(field, remote(key))];
    objects.push(secret_store::external_secret(external, metadata(REPOSITORY), kept, data));
    documents("", &objects)
}
