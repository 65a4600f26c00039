//! `docs/secrets.md`: where secrets come from, and how a workload gets one.

use super::external_secrets;
use crate::generate::Context;
use crate::generate::emit::markdown::{Page, code, line};
use crate::model::{Infisical, PullCredentials, Rotation, SealedSecrets, SecretsBackend};

pub(super) fn page(context: &Context<'_>) -> String {
    let mut page = Page::new("Secrets");
    if context.platform.secrets.backend != SecretsBackend::Sealed {
        page.text("No secret is in this repository, not even an encrypted one, unless a SealedSecret is added by hand.");
    }
    match &context.platform.secrets.backend {
        SecretsBackend::InfisicalCsi(infisical) => {
            how(infisical, &mut page);
            identity(context, infisical, &mut page);
            giving(context, "Create it in Infisical, in every environment", &mut page);
            changes(infisical, &mut page);
        }
        SecretsBackend::Sealed => {
            sealed_backend(&mut page);
            giving(context, "Seal it for every environment", &mut page);
        }
        SecretsBackend::ByHand => {
            by_hand(&mut page);
            giving(context, "Make it in the Secret of its folder, in every environment", &mut page);
        }
        SecretsBackend::External(external) => {
            external_secrets::section(context, external, &mut page);
            giving(
                context,
                &format!("Create it in {}, for every environment", external.manager.values_title()),
                &mut page,
            );
        }
        SecretsBackend::None => {
            page.text(
                "Workloads read Kubernetes Secrets that are already in their namespace: `secrets` names them as \
                 `existingSecret`. [docs/prerequisites](prerequisites) lists them, with the commands that make them; a \
                 controller of your own may do it as well.",
            );
        }
    }
    pull(context, &mut page);
    if let Some(sealed) = &context.platform.secrets.sealed_secrets {
        sealed_secrets(sealed, &mut page);
    }
    page.finish()
}

fn sealed_backend(page: &mut Page) {
    page.heading("How it works");
    page.text(
        "Secrets are in this repository, sealed: everybody can read the files, and the cluster alone can open them. \
         A folder that the payload names is a Secret: `/` is `app-secrets`, `/payments/eu` is `payments-eu`.",
    );
}

fn sealed_secrets(sealed: &SealedSecrets, page: &mut Page) {
    page.heading("Sealed Secrets");
    page.text(&format!(
        "The controller runs in {}. [Sealing secrets](sealing.md) says how to seal one, step by step, with `kubeseal` and with mainstay. \
         The certificate to seal with is {}.",
        code(&sealed.namespace),
        code(&sealed.certificate)
    ));
    let kept = kept(sealed.master_key.as_deref());
    page.text(&format!(
        "A cluster that is built anew can open what is sealed only if it is given the same private key before its controller starts. {kept} \
         The controller does not make keys by itself later (`keyrenewperiod: \"0\"`): such a key would be lost with the cluster.",
    ));
}

/// How the private key gets to the place that the spec names, and from there into a new cluster.
fn kept(reference: Option<&str>) -> String {
    let Some(reference) = reference else {
        return "Keep it where this repository is not.".to_owned();
    };
    let words = match reference.split_once(':') {
        Some(("pulumi", name)) => format!(
            "in the configuration of the Pulumi stack, encrypted. `pulumi config set --secret {name} <KEY` puts it there, or \
             for stacks with a passphrase `mainstay keys store KEY --stack Pulumi.STACK.yaml`, which takes the name from \
             `mainstay.yaml`; `pulumi config get {name} | kubectl apply --filename -` hands it to a new cluster"
        ),
        Some(("esc", path)) => format!(
            "in an environment of Pulumi ESC, encrypted. `pulumi env set --secret --string --file KEY ENVIRONMENT {path}` puts it \
             there; `pulumi env get ENVIRONMENT {path} --value string --show-secrets | kubectl apply --filename -` hands it to a \
             new cluster"
        ),
        Some(("env", name)) => format!(
            "outside, and comes in as a variable: `printenv {name} | kubectl apply --filename -` hands it to a new cluster"
        ),
        _ => {
            "there by hand, and `kubectl apply --filename KEY` hands it to a new cluster".to_owned()
        }
    };
    format!("It is kept at {}: {words}.", code(reference))
}

fn how(infisical: &Infisical, page: &mut Page) {
    page.heading("How it works");
    page.text(&format!(
        "Secrets live in Infisical at {}, outside of the cluster. When a pod starts, the Secrets Store CSI driver asks \
         for them with the pod's own token and mounts them as files; those that are wanted as environment variables \
         become a Kubernetes Secret for as long as a pod mounts them.",
        line(&infisical.url)
    ));
}

fn identity(context: &Context<'_>, infisical: &Infisical, page: &mut Page) {
    page.heading("Connect a cluster");
    page.step(&format!(
        "In Infisical, open the machine identity {} and choose Kubernetes authentication.",
        code(&infisical.identity_id)
    ));
    page.step(
        "Give it the address and certificate of the cluster's API server. Infisical asks that server whether a token \
         is genuine (TokenReview), so port 6443 must be open for Infisical.",
    );
    page.step(&format!(
        "Allow the audience {}, the namespaces below and any service account name in them.",
        code(&infisical.audience)
    ));
    page.step(&format!(
        "Let the identity read the project {} in these environments:",
        code(&infisical.project_id)
    ));
    page.table(&["environment", "namespace", "environment in Infisical"]);
    for environment in &context.platform.environments {
        page.row(&[
            &environment.name,
            &code(&environment.namespace),
            &code(&environment.secrets_environment),
        ]);
    }
}

fn by_hand(page: &mut Page) {
    page.heading("How it works");
    page.text(
        "Secrets are Kubernetes Secrets that people make, before the first sync and when a value changes. \
         A folder that the payload names is a Secret: `/` is `app-secrets`, `/payments/eu` is `payments-eu`. \
         [docs/prerequisites](prerequisites) lists them with their keys, and the commands that make them. \
         A cluster that is built anew has none of them.",
    );
}

fn giving(context: &Context<'_>, first: &str, page: &mut Page) {
    page.heading("Give a secret to a workload");
    page.text(&format!("{first}, and name it in {}:", code(&context.platform.application.config)));
    page.fenced(
        "yaml",
        "secrets:\n  - path: /\n    key: DATABASE_URL\n    env: DATABASE_URL        # as a variable\n  - path: /payments\n    key: SIGNING_CERTIFICATE\n    file: signing.pem        # as /mnt/secrets/signing.pem",
    );
}

fn changes(infisical: &Infisical, page: &mut Page) {
    match &infisical.rotation {
        Rotation::Every { poll_interval } => page.text(&format!(
            "A changed secret reaches files within {poll_interval}. Variables are read once: restart the workload."
        )),
        Rotation::Off => page.text("A changed secret reaches pods that start after the change."),
    }
    page.text("While Infisical does not answer, what runs goes on and nothing new starts: [the outage](outage.md).");
}

fn pull(context: &Context<'_>, page: &mut Page) {
    match &context.platform.registry.pull {
        PullCredentials::None => {}
        PullCredentials::Secret { secret_name } => {
            page.heading("Private images");
            page.text(&format!(
                "Every workload pulls with the Secret {} of its namespace, which is made by hand: \
                 [docs/prerequisites](prerequisites) has the command of each environment.",
                code(secret_name)
            ));
        }
        PullCredentials::Managed { secret_name, path, key } => {
            page.heading("Private images");
            let manager = match &context.platform.secrets.backend {
                SecretsBackend::InfisicalCsi(_) => "Infisical",
                SecretsBackend::External(external) => external.manager.title(),
                SecretsBackend::Sealed => {
                    page.text(&format!(
                        "Every workload pulls with the Secret {} of its namespace, which is sealed: `mainstay seal {secret_name} \
                         --env ENVIRONMENT .dockerconfigjson <config.json`, with what `docker login` writes into an empty one.",
                        code(secret_name)
                    ));
                    return;
                }
                SecretsBackend::ByHand | SecretsBackend::None => {
                    page.text(&format!(
                        "Every workload pulls with the Secret {} of its namespace, which is made by hand: \
                         [docs/prerequisites](prerequisites) has the command of each environment.",
                        code(secret_name)
                    ));
                    return;
                }
            };
            page.text(&format!(
                "Every workload pulls with the Secret {}, which is synced from the key {} in the folder {} of {manager}: \
                 a Docker `config.json`.",
                code(secret_name),
                code(key),
                code(path)
            ));
        }
    }
}
