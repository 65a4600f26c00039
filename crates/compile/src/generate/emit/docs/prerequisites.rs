//! `docs/prerequisites/<environment>.md`: what must be there before the first sync, and the commands
//! that make it.

use std::collections::BTreeSet;

use super::external_secrets;
use crate::generate::argocd::IN_CLUSTER;
use crate::generate::credentials::{self, Reissue};
use crate::generate::emit::markdown::{Page, code};
use crate::generate::emit::root_path;
use crate::generate::prerequisites::{self, Prerequisites, Secret, Wanted};
use crate::generate::{Context, sealing_key, secret_store};
use crate::model::Environment;

/// The key of a Secret that logs in to registries.
const DOCKER_CONFIG: &str = ".dockerconfigjson";
/// The end of a command that makes an object: it replaces one that is there.
pub(in crate::generate::emit) const APPLIED: &str =
    "--dry-run=client --output yaml | kubectl apply --filename -";
/// Apps beyond so many are only counted.
const MOST_APPS: usize = 5;

/// Returns where the page of an environment is.
pub(in crate::generate::emit) fn path(environment: &Environment) -> String {
    format!("docs/prerequisites/{}.md", environment.name)
}

pub(super) fn page(context: &Context<'_>, environment: &Environment) -> String {
    let needs = prerequisites::of(context.platform, environment);
    let mut page = Page::new(&format!("Before the first sync of {}", environment.name));
    let cluster = match environment.cluster.as_str() {
        IN_CLUSTER => format!("the cluster of {}", code(&environment.name)),
        other => format!("the cluster {}", code(other)),
    };
    page.text(&format!(
        "What {} needs and no file here can bring. Do it before {} is applied; what is missing holds up only the \
         workloads that want it, and can be made later. Commands are for a `kubectl` that talks to {cluster}, run in \
         the folder of this repository.",
        code(&environment.name),
        code(&root_path(context, environment)),
    ));
    hosts(&needs, &mut page);
    managed(context, environment, &needs, &mut page);
    sealed(context, environment, &needs, &mut page);
    if needs.cluster_is_ready() {
        page.heading("In the cluster");
        page.text("Nothing: the repository brings everything else.");
        return page.finish();
    }
    namespaced(context, environment, &needs, &mut page);
    nodes(&needs, &mut page);
    others(&needs, &mut page);
    page.finish()
}

fn hosts(needs: &Prerequisites, page: &mut Page) {
    if needs.hosts.is_empty() && needs.other_hosts.is_empty() {
        return;
    }
    page.heading("Host names");
    page.text("An A record (and AAAA, where the cluster has IPv6) that points to the cluster, for each of:");
    page.fenced("text", &lines(&needs.hosts));
    if !needs.other_hosts.is_empty() {
        page.text("Outside of the platform's domain, so in DNS zones of their own:");
        page.fenced("text", &lines(&needs.other_hosts));
    }
}

fn managed(
    context: &Context<'_>,
    environment: &Environment,
    needs: &Prerequisites,
    page: &mut Page,
) {
    if needs.managed.is_empty() {
        return;
    }
    if let Some(external) = context.platform.secrets.backend.external() {
        external_secrets::managed(external, environment, needs, page);
        return;
    }
    page.heading("Secrets in Infisical");
    page.text(&format!(
        "In the environment {} of the project; [docs/secrets.md](../secrets.md) says how the cluster gets to them.",
        code(&environment.secrets_environment)
    ));
    page.table(&["folder", "keys"]);
    for (path, keys) in &needs.managed {
        page.row(&[&code(path), &names(keys)]);
    }
}

/// What is sealed into the repository: the key first, then each value.
fn sealed(
    context: &Context<'_>,
    environment: &Environment,
    needs: &Prerequisites,
    page: &mut Page,
) {
    let Some(sealed) = &context.platform.secrets.sealed_secrets else { return };
    page.heading("The key of what is sealed");
    page.text(&format!(
        "A key pair, made once for this repository: {}. The certificate ({}) is committed, the private key stays outside and \
         is kept in a safe place. Each cluster gets it before the controller starts (README.md says when), and again \
         whenever one is built anew.{}",
        code(&format!("mainstay keys new --out {}", key_file(context))),
        code(&sealed.certificate),
        sealing_key::day_one(context.platform, sealed)
    ));
    if !needs.sealed.is_empty() {
        page.heading("Secrets");
        page.text(&format!(
            "Each value is asked for (one of several lines is given in a file: `<FILE`), sealed into \
             `overlays/{}/custom`, and delivered with everything else; [docs/sealing.md](../sealing.md) says how it is \
             done with `kubeseal`. None is made in the cluster by hand: the controller does not take over a Secret that \
             is there already.",
            environment.name
        ));
    }
    for (name, secret) in &needs.sealed {
        let seal = format!("mainstay seal {name} --env {}", environment.name);
        for key in &secret.keys {
            let (readers, is_file) = readers(context, name, key, secret);
            let from = if is_file { " <FILE" } else { "" };
            page.item(&format!("{} for {}", code(&format!("{seal} {key}{from}")), apps(&readers)));
        }
        if !secret.registries.is_empty() {
            page.item(&format!(
                "{} for {}: what `docker login` writes into an empty `config.json`",
                code(&format!("{seal} {DOCKER_CONFIG} <config.json")),
                apps(&secret.apps)
            ));
        }
    }
    own_credentials(context, environment, page);
}

/// The apps that read a key of a Secret here, and whether one reads it from a file.
fn readers(
    context: &Context<'_>,
    name: &str,
    key: &str,
    secret: &Secret,
) -> (BTreeSet<String>, bool) {
    let mut readers = BTreeSet::new();
    let mut is_file = false;
    let here = context.platform.apps.iter().filter(|app| secret.apps.contains(&app.name));
    for app in here {
        for read in app.secrets.iter().filter(|read| read.key == key && read.secret() == name) {
            readers.insert(app.name.clone());
            is_file |= read.file.is_some();
        }
    }
    if readers.is_empty() {
        // Nobody but the platform itself, or the container of a kustomization.
        readers.clone_from(&secret.apps);
    }
    (readers, is_file)
}

/// What mainstay makes and seals for Argo CD itself; all clusters share it, so that one page says it.
fn own_credentials(context: &Context<'_>, environment: &Environment, page: &mut Page) {
    let all = credentials::of(context.platform);
    let made = all.iter().filter(|it| it.reissue != Reissue::No);
    if !prerequisites::leads(context.platform, environment) || made.clone().next().is_none() {
        return;
    }
    page.heading("Argo CD's own credentials");
    page.text(
        "Made and sealed here, once for all clusters; the value is written into a file of yours. What else there is, and \
         how it is replaced: [docs/credentials.md](../credentials.md).",
    );
    for credential in made {
        let file = format!("~/{}-{}", context.platform.name, credential.name);
        let rotate = format!("mainstay secrets rotate {} --out {file}", credential.name);
        page.item(&format!("{}: the {}", code(&rotate), credential.what));
    }
}

/// Where the documents put the private key.
pub(in crate::generate::emit) fn key_file(context: &Context<'_>) -> String {
    sealing_key::file(context.platform)
}

/// What lies in the environment's namespace.
fn namespaced(
    context: &Context<'_>,
    environment: &Environment,
    needs: &Prerequisites,
    page: &mut Page,
) {
    if needs.secrets.is_empty() && needs.claims.is_empty() {
        return;
    }
    page.heading("The namespace");
    page.text(&format!("What follows lies in it. {} takes it over later.", context.engine()));
    page.block(&format!(
        "kubectl apply --server-side --filename overlays/{}/namespace.yaml",
        environment.name
    ));
    secrets(environment, needs, page);
    let login = needs.secrets.get(secret_store::LOGIN);
    if let Some(login) = login.filter(|_| {
        prerequisites::leads(context.platform, environment)
            && credentials::through_backend(context.platform)
    }) {
        page.text(&format!(
            "{} once more in Argo CD's own namespace, for its own credentials:",
            code(secret_store::LOGIN)
        ));
        page.block(&generic(&context.catalog.argocd.namespace, secret_store::LOGIN, login));
    }
    if context.platform.secrets.sealed_secrets.is_some() && !needs.secrets.is_empty() {
        page.text(&format!(
            "Or seal them into `overlays/{}/custom`: [docs/secrets.md](../secrets.md), \"Sealed Secrets\".",
            environment.name
        ));
    }
    if !needs.claims.is_empty() {
        page.heading("Volumes");
        page.text(
            "Claims that are used but not made here, so that nothing here deletes them. The sizes are yours to choose; \
             a storage class other than the cluster's default is `storageClassName`.",
        );
    }
    for (name, claim) in &needs.claims {
        let modes: Vec<&str> = claim.access_modes.iter().copied().collect();
        page.text(&format!("{}, for {}:", code(name), apps(&claim.apps)));
        page.block(&format!(
            "kubectl --namespace {} apply --server-side --filename - <<'END'\n\
             apiVersion: v1\n\
             kind: PersistentVolumeClaim\n\
             metadata:\n\
             \x20 name: {name}\n\
             spec:\n\
             \x20 accessModes: [{}]\n\
             \x20 resources:\n\
             \x20   requests:\n\
             \x20     storage: 10Gi\n\
             END",
            environment.namespace,
            modes.join(", "),
        ));
    }
}

fn secrets(environment: &Environment, needs: &Prerequisites, page: &mut Page) {
    let values = needs.secrets.iter().filter(|(_, secret)| !secret.keys.is_empty());
    let logins = needs.secrets.iter().filter(|(_, secret)| secret.keys.is_empty());
    if values.clone().next().is_some() {
        page.heading("Secrets");
        page.text(
            "Write each value into a file of its own, outside of this repository (`printf %s` adds no line break at its \
             end), and remove the files afterwards.",
        );
    }
    for (name, secret) in values {
        page.text(&format!("{}, for {}:", code(name), apps(&secret.apps)));
        page.block(&generic(&environment.namespace, name, secret));
    }
    let mut first = true;
    for (name, secret) in logins {
        if std::mem::take(&mut first) {
            page.heading("Logins of registries");
            page.text(
                "A token that may read is enough. `read` keeps it out of the shell's history.",
            );
        }
        page.text(&format!("{}, for {}:", code(name), apps(&secret.apps)));
        page.block(&login(environment, name, secret));
    }
}

/// A Secret of files; one that is a login besides has the login as one more.
fn generic(namespace: &str, name: &str, secret: &Secret) -> String {
    let mut files: Vec<String> = secret.keys.iter().cloned().collect();
    let mut kind = "";
    if !secret.registries.is_empty() {
        kind = " \\\n  --type=kubernetes.io/dockerconfigjson";
        files.push(DOCKER_CONFIG.to_owned());
        files.sort();
        files.dedup();
    }
    let files = files.iter().map(|key| format!(" \\\n  --from-file={key}=\"$FILES/{key}\""));
    format!(
        "FILES=\"$HOME/{0}-{name}\"\n\
         kubectl --namespace {0} create secret generic {name}{kind}{1} \\\n  {APPLIED}",
        namespace,
        files.collect::<String>(),
    )
}

/// A Secret that logs in to registries, to each with a name and token of its own.
fn login(environment: &Environment, name: &str, secret: &Secret) -> String {
    let entries = secret.registries.iter().map(|registry| {
        // Docker Hub's login goes by its old address.
        let address = match registry.as_str() {
            "docker.io" => "https://index.docker.io/v1/",
            other => other,
        };
        format!("\"{address}\":{{\"username\":\"%s\",\"password\":\"%s\"}}")
    });
    let entries: Vec<String> = entries.collect();
    let names: Vec<(String, String)> = match secret.registries.len() {
        0 | 1 => vec![("REGISTRY_USER".to_owned(), "REGISTRY_TOKEN".to_owned())],
        _ => secret.registries.iter().map(|registry| variables(registry)).collect(),
    };
    let read: Vec<String> =
        names.iter().map(|(user, token)| format!("read -r {user} && read -rs {token}")).collect();
    let read = read.join(" &&\n  ");
    let values: Vec<String> =
        names.iter().map(|(user, token)| format!("\"${user}\" \"${token}\"")).collect();
    let values = values.join(" ");
    format!(
        "{read}\n\
         printf '{{\"auths\":{{{}}}}}' \\\n\
         \x20 {values} |\n\
         \x20 kubectl --namespace {} create secret generic {name} \\\n\
         \x20 --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=/dev/stdin \\\n\
         \x20 {APPLIED}",
        entries.join(","),
        environment.namespace,
    )
}

/// The variables for a login at a registry, where there are several.
fn variables(registry: &str) -> (String, String) {
    let plain = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' };
    let name: String = registry.chars().map(plain).collect();
    (format!("USER_{name}"), format!("TOKEN_{name}"))
}

fn nodes(needs: &Prerequisites, page: &mut Page) {
    if needs.runtime_classes.is_empty() && needs.node_labels.is_empty() && needs.gpus.is_empty() {
        return;
    }
    page.heading("Nodes");
    for (label, wanting) in &needs.node_labels {
        page.text(&format!("A node with the label {}, for {}:", code(label), apps(wanting)));
        page.block(&format!("kubectl label node NODE '{label}'"));
    }
    if !needs.gpus.is_empty() {
        page.text(&format!(
            "A node with GPUs, for {}: NVIDIA's driver and container toolkit on the node (restart k3s after them), and \
             NVIDIA's device plugin in the cluster. Both are there when this shows a number:",
            apps(&needs.gpus)
        ));
        page.block(
            "kubectl get nodes --output 'custom-columns=NODE:.metadata.name,GPUS:.status.allocatable.nvidia\\.com/gpu'",
        );
    }
    for (class, wanting) in &needs.runtime_classes {
        runtime_class(class, wanting, page);
    }
}

fn runtime_class(class: &str, wanting: &BTreeSet<String>, page: &mut Page) {
    if class == "nvidia" {
        page.text(&format!(
            "The RuntimeClass `nvidia`, for {}: k3s brings it, and finds the toolkit when it starts.",
            apps(wanting)
        ));
        page.block("kubectl get runtimeclass nvidia");
        return;
    }
    // gVisor's program is called runsc; others are named as their class.
    let handler = if class == "gvisor" { "runsc" } else { class };
    page.text(&format!(
        "The RuntimeClass {}, for {}. `handler` is the name of the runtime in containerd's configuration on the nodes, \
         where it must be installed first:",
        code(class),
        apps(wanting)
    ));
    page.block(&format!(
        "kubectl apply --server-side --filename - <<'END'\n\
         apiVersion: node.k8s.io/v1\n\
         kind: RuntimeClass\n\
         metadata:\n\
         \x20 name: {class}\n\
         handler: {handler}\n\
         END"
    ));
}

/// What add-ons of one's own bring: these commands only look whether it is there.
fn others(needs: &Prerequisites, page: &mut Page) {
    let kinds: [(&str, &str, &Wanted); 2] = [
        ("StorageClass", "storageclass", &needs.storage_classes),
        ("ClusterIssuer", "clusterissuer", &needs.issuers),
    ];
    if needs.middlewares.is_empty() && kinds.iter().all(|(_, _, wanted)| wanted.is_empty()) {
        return;
    }
    page.heading("What this repository refers to");
    page.text("None of its add-ons brings these: whoever does must come first.");
    page.table(&["kind", "name", "for", "is it there?"]);
    for (kind, resource, wanted) in kinds {
        for (name, wanting) in wanted {
            let look = code(&format!("kubectl get {resource} {name}"));
            page.row(&[kind, &code(name), &apps(wanting), &look]);
        }
    }
    for (name, wanting) in &needs.middlewares {
        let look = code("kubectl get middlewares.traefik.io --all-namespaces");
        page.row(&["Middleware (`NAMESPACE-NAME@…`)", &code(name), &apps(wanting), &look]);
    }
}

fn lines(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("{name}\n")).collect()
}

fn names(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

/// The apps that want something, the first few by name.
fn apps(wanting: &BTreeSet<String>) -> String {
    let few: Vec<&str> = wanting.iter().take(MOST_APPS).map(String::as_str).collect();
    match wanting.len().saturating_sub(few.len()) {
        0 => few.join(", "),
        more => format!("{} and {more} more", few.join(", ")),
    }
}
