//! `docs/secrets.md`: which Secrets the container reads, where their values are in the secret manager, and how
//! a cluster gets to them.

use crate::generate::emit::docs::external_secrets;
use crate::generate::emit::docs::prerequisites::APPLIED;
use crate::generate::emit::markdown::{Page, code};
use crate::generate::secret_store::LOGIN;
use crate::generate::{Context, Files, prerequisites};
use crate::model::{
    Environment, ExternalSecrets, Infisical, Kustomization, Rotation, SecretsBackend,
};

use super::delivery;

/// Whether the page is there.
pub(super) fn is_there(context: &Context<'_>, app: &Kustomization) -> bool {
    let backend = &context.platform.secrets.backend;
    let managed = matches!(backend, SecretsBackend::External(_) | SecretsBackend::InfisicalCsi(_));
    managed && !app.secrets.is_empty()
}

pub(super) fn emit(context: &Context<'_>, app: &Kustomization, files: &mut Files<'_>) {
    if !is_there(context, app) {
        return;
    }
    let mut page = Page::new("Secrets");
    page.text(&format!(
        "Every key of these Secrets is a variable of the container; `apps[0].secrets` of `mainstay.yaml` lists them. The \
         objects that bring them are in `secrets.yaml` of each overlay, such as {}. No value is in this repository.",
        code(&format!("{}/secrets.yaml", first(context, app)))
    ));
    page.table(&["Secret", "folder", "keys"]);
    for secret in &app.secrets {
        let keys: Vec<String> = secret.keys.iter().map(|key| code(key)).collect();
        page.row(&[&code(&secret.name), &code(&secret.path), &keys.join(", ")]);
    }
    match &context.platform.secrets.backend {
        SecretsBackend::External(external) => external_secrets(context, external, &mut page),
        SecretsBackend::InfisicalCsi(infisical) => csi(context, infisical, app, &mut page),
        SecretsBackend::None | SecretsBackend::ByHand | SecretsBackend::Sealed => {}
    }
    if let Some((environment, _)) = delivery::preview(context) {
        page.heading("Previews");
        page.text(&format!(
            "They have none: the code of a pull request reads nothing of the manager. Their pods start without, and \
             read a Secret of one of these names that is made in the namespace {}.",
            code(&environment.namespace)
        ));
    }
    page.heading("The fallback");
    page.text(match &context.platform.secrets.backend {
        SecretsBackend::InfisicalCsi(_) => {
            "`infra/application-single.yaml` delivers the base, which mounts the SecretProviderClass and brings none: \
             apply a copy of `secrets.yaml` of an overlay in its namespace."
        }
        _ => {
            "`infra/application-single.yaml` delivers the base, which reads the Secrets and brings none: make them in its \
             namespace."
        }
    });
    files.generated("docs/secrets.md", page.finish());
}

fn first(context: &Context<'_>, app: &Kustomization) -> String {
    delivery::permanent(context).next().map(|it| app.overlay(&it.name)).unwrap_or_default()
}

fn external_secrets(context: &Context<'_>, external: &ExternalSecrets, page: &mut Page) {
    let title = external.manager.title();
    let chart = context.catalog.addon("external-secrets");
    page.heading("The first day");
    page.text("The controller, before the Applications. With kubectl connected to a cluster:");
    page.block(&format!(
        "helm upgrade --install external-secrets {} \\\n  --repo {} --version {} \\\n  \
         --namespace {} --create-namespace --wait",
        chart.chart,
        context.mirrors.url(&chart.repository),
        chart.version,
        chart.namespace
    ));
    external_secrets::login(context, external, page);
    if let keys @ [_, ..] = external.manager.login_keys() {
        let files: Vec<String> =
            keys.iter().map(|key| format!("--from-file={key}={key}")).collect();
        page.text("Write each value into a file of the name of its key, outside of this repository, and there:");
        let lines: Vec<String> = delivery::permanent(context)
            .map(|it| {
                format!(
                    "kubectl create namespace {0} --dry-run=client --output yaml | kubectl apply --filename -\n\
                     kubectl create secret generic {LOGIN} --namespace {0} \\\n  {1} \\\n  {APPLIED}",
                    it.namespace,
                    files.join(" ")
                )
            })
            .collect();
        page.block(&lines.join("\n"));
    }
    page.text(&format!(
        "{title} is asked every {}. When it does not answer, Secrets stay as they are. Variables are read once: restart \
         the pods after a change.",
        external.refresh_interval
    ));
    for environment in delivery::permanent(context) {
        page.heading(&format!("Values of {}", environment.name));
        values(context, external, environment, page);
    }
}

fn values(
    context: &Context<'_>,
    external: &ExternalSecrets,
    environment: &Environment,
    page: &mut Page,
) {
    let needs = prerequisites::of(context.platform, environment);
    external_secrets::places(external, environment, &needs, page);
}

fn csi(context: &Context<'_>, infisical: &Infisical, app: &Kustomization, page: &mut Page) {
    let driver = context.catalog.addon("secrets-store-csi-driver");
    let provider = context.catalog.addon("infisical-csi-provider");
    let rotation = match &infisical.rotation {
        Rotation::Off => String::new(),
        Rotation::Every { poll_interval } => format!(
            " \\\n  --set enableSecretRotation=true --set rotationPollInterval={poll_interval}"
        ),
    };
    page.heading("The first day");
    page.text("The driver and its provider, before the Applications. With kubectl connected to a cluster:");
    page.block(&format!(
        "helm upgrade --install secrets-store-csi-driver {} \\\n  --repo {} --version {} \\\n  \
         --namespace {} --create-namespace --wait \\\n  \
         --set syncSecret.enabled=true --set 'tokenRequests[0].audience={}'{rotation}\n\
         helm upgrade --install infisical-csi-provider {} \\\n  --repo {} --version {} \\\n  \
         --namespace {} --create-namespace --wait",
        driver.chart,
        context.mirrors.url(&driver.repository),
        driver.version,
        driver.namespace,
        infisical.audience,
        provider.chart,
        context.mirrors.url(&provider.repository),
        provider.version,
        provider.namespace,
    ));
    let namespaces: Vec<String> =
        delivery::permanent(context).map(|it| code(&it.namespace)).collect();
    page.text(&format!(
        "In Infisical ({}) the machine identity {} has Kubernetes authentication; it allows the ServiceAccount `default` of \
         the namespaces {}, with the audience {}, and may read the project {}.",
        infisical.url,
        code(&infisical.identity_id),
        namespaces.join(", "),
        code(&infisical.audience),
        code(&infisical.project_id)
    ));
    page.text(
        "A pod starts when its values are there: without Infisical those that run go on, and new ones wait in \
         `ContainerCreating`. Variables are read once: restart the pods after a change.",
    );
    for environment in delivery::permanent(context) {
        page.heading(&format!("Values of {}", environment.name));
        page.text(&format!(
            "In the environment {} of the project:",
            code(&environment.secrets_environment)
        ));
        page.table(&["folder", "secret"]);
        for secret in &app.secrets {
            for key in &secret.keys {
                page.row(&[&code(&secret.path), &code(key)]);
            }
        }
    }
}
