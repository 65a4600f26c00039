//! `docs/sealing.md`: how a developer seals a secret, step by step, with kubeseal and with mainstay.
//!
//! Every command below `Seal a secret` and `The same with mainstay` is run by `crates/cli/tests/guide.rs`, in the
//! order of the page: the blocks of `sh` there need no cluster.

use crate::generate::emit::docs::prerequisites;
use crate::generate::emit::markdown::{Page, code};
use crate::generate::{Context, sealing_key};
use crate::model::{Engine, Environment, SealedSecrets};

pub(in crate::generate::emit) fn page(context: &Context<'_>, sealed: &SealedSecrets) -> String {
    let mut page = Page::new("Sealing secrets");
    page.text(
        "A SealedSecret can be read by everybody and opened by the cluster alone: it is safe to commit. What is sealed is bound to its \
         namespace and name; renamed or moved it does not open.",
    );
    page.text(&format!(
        "Seal with the certificate that is committed here, {}, and not with one that the cluster hands out at the moment: \
         a cluster that is built anew gets the key of this certificate, and no other.",
        code(&sealed.certificate)
    ));
    let platform = context.platform;
    let mut permanent = platform.environments.iter().filter(|it| it.preview.is_none());
    let Some(environment) = permanent.next_back() else { return page.finish() };
    let kustomization = platform.kustomization.as_ref();
    let folder = match kustomization {
        Some(app) => app.overlay(&environment.name),
        None => format!("overlays/{}/custom", environment.name),
    };
    if kustomization.is_some() {
        controller(&mut page, context, sealed);
    }
    let version = context.catalog.addon("sealed-secrets").app_version;
    with_kubeseal(&mut page, sealed, &version, &folder, &environment.namespace);
    with_mainstay(&mut page, &folder, environment);
    if kustomization.is_some() {
        in_the_workload(&mut page, &folder);
    }
    with_the_cluster(&mut page, sealed, &folder);
    let root = match (platform.delivery.engine, kustomization) {
        (Engine::ArgoCd, Some(app)) => Some(format!("{}-ENVIRONMENT", app.name)),
        (Engine::ArgoCd, None) => Some("root-ENVIRONMENT".to_owned()),
        (Engine::Flux, _) => None,
    };
    key(context, &mut page, sealed, root.as_deref());
    page.finish()
}

/// How the controller gets into a cluster that has no add-ons from here.
fn controller(page: &mut Page, context: &Context<'_>, sealed: &SealedSecrets) {
    let chart = context.catalog.addon("sealed-secrets");
    let key_file = prerequisites::key_file(context);
    page.heading("The first day");
    page.text(
        "The key first, then the controller that opens with it; without a key it would make one of its own, which is \
         lost with the cluster. With kubectl connected to a cluster:",
    );
    page.block(&format!(
        "mainstay keys new --out {key_file}\n\
         {}kubectl apply --filename {key_file}\n\
         helm upgrade --install sealed-secrets {} \\\n  --repo {} --version {} \\\n  --namespace {} --wait \\\n  \
           --set fullnameOverride=sealed-secrets-controller --set-string keyrenewperiod=0",
        sealing_key::namespace_first(sealed),
        chart.chart,
        context.mirrors.url(&chart.repository),
        chart.version,
        sealed.namespace,
    ));
    page.text(&format!(
        "Keep {} where this repository is not, and commit {}.",
        code(&key_file),
        code(&sealed.certificate)
    ));
}

/// How a container gets the values of a Secret as variables.
fn in_the_workload(page: &mut Page, folder: &str) {
    page.heading("In the workload");
    page.text(
        "Every key of a Secret that `mainstay.yaml` lists beside `render: kustomize` is a variable of the container in every \
         environment: `secrets: [{name: db, keys: [password]}]`, and `mainstay generate`.",
    );
    page.text(&format!(
        "Or in one environment, with one more entry of `patches` in {}:",
        code(&format!("{folder}/kustomization.yaml"))
    ));
    page.fenced(
        "yaml",
        "  - target:\n      kind: Deployment\n    patch: |-\n      - op: add\n        \
         path: /spec/template/spec/containers/0/envFrom\n        value:\n          - secretRef:\n              name: db\n",
    );
}

fn with_kubeseal(
    page: &mut Page,
    sealed: &SealedSecrets,
    version: &str,
    folder: &str,
    namespace: &str,
) {
    let certificate = &sealed.certificate;
    page.heading("Seal a secret");
    page.text(&format!(
        "With the program `kubeseal`, of the same version as the controller, {version}. No cluster is asked."
    ));
    page.step(
        "Write the value into a file outside of this repository, without a line end. `printf` in a script, or an editor; \
         on a command line everybody on the machine could read it.",
    );
    page.block("mkdir -p -m 700 ../plain\nprintf %s \"$PASSWORD\" >../plain/password");
    page.step("Write a Secret around it.");
    page.block(&format!(
        "kubectl create secret generic db --namespace {namespace} --from-file ../plain/password --dry-run=client --output yaml >../plain/db.yaml"
    ));
    page.step("Seal it into the folder of the environment.");
    page.block(&format!(
        "kubeseal --cert {certificate} --format yaml <../plain/db.yaml >{folder}/db.sealed.yaml"
    ));
    page.step(&format!(
        "Name the file in {}, under `resources`, so that it is delivered.",
        code(&format!("{folder}/kustomization.yaml"))
    ));
    page.block(&format!("(cd {folder} && kustomize edit add resource db.sealed.yaml)"));
    page.step("Remove what is readable, then commit the rest, and push it.");
    page.block(&format!(
        "rm -r ../plain\ngit add {folder}\ngit commit --message \"Seal the password of db\""
    ));
    page.text(
        "To add a value to a SealedSecret that is there, or to replace one, seal a Secret with that one value and copy its line of \
         `encryptedData` over; `kubeseal --merge-into` would write the whole file anew.",
    );
}

fn with_mainstay(page: &mut Page, folder: &str, environment: &Environment) {
    page.heading("The same with mainstay");
    page.step("Seal: the value is asked for and not shown, and the file is written and named.");
    page.block(&format!("mainstay seal db --env {} password", environment.name));
    page.step(
        "Check that every Secret that the workloads read is there, and sealed for where it stands.",
    );
    page.block("mainstay secrets check");
    page.step("Commit, and push.");
    page.block(&format!("git add {folder}\ngit commit --message \"Seal the password of db\""));
    page.text(&format!(
        "A value is replaced by the same steps. What reads it as a variable reads it when it starts: \
         `kubectl --namespace {} rollout restart deployment NAME`.",
        environment.namespace
    ));
}

fn with_the_cluster(page: &mut Page, sealed: &SealedSecrets, folder: &str) {
    let namespace = &sealed.namespace;
    page.heading("With the cluster at hand");
    page.item(&format!(
        "Whether the controller can open a file: `kubeseal --validate --controller-namespace {namespace} <{folder}/db.sealed.yaml`."
    ));
    page.item(&format!(
        "Which certificate the cluster has: `kubeseal --fetch-cert --controller-namespace {namespace}`. It must be {}.",
        code(&sealed.certificate)
    ));
    page.item("What became of a SealedSecret: `kubectl get sealedsecrets --all-namespaces`.");
}

fn key(context: &Context<'_>, page: &mut Page, sealed: &SealedSecrets, root: Option<&str>) {
    let key_file = prerequisites::key_file(context);
    let given_up = root.map(|root| {
        format!(
            " Where Argo CD has given up by then: `kubectl --namespace argocd patch application {root} --type merge \
             --patch '{{\"operation\":{{\"sync\":{{}}}}}}'`."
        )
    });
    let given_up = given_up.unwrap_or_default();
    page.heading("The key");
    page.text(&format!(
        "Whoever has the private key can read every secret of this repository, its history included. It is not in here. \
         `mainstay keys new --out FILE` makes it, as a Secret of the namespace {} that a controller adopts when it is there before it \
         starts; the controller is told not to make others (`keyrenewperiod`).",
        code(&sealed.namespace)
    ));
    page.item("Before a cluster is built: put that file where its first boot applies it, or `kubectl apply` it, before the controller starts.");
    let reference = sealed.master_key.as_deref();
    let stored = reference.and_then(|it| sealing_key::stored(it, "FILE", false));
    page.item(&match (reference, stored) {
        (Some(reference), Some(stored)) => format!("To keep it at {}: {stored}.", code(reference)),
        _ => "To keep it in Pulumi's configuration, encrypted: `pulumi config set --secret sealedSecretsKey <FILE`.".to_owned(),
    });
    page.item(&format!(
        "To change it: `mainstay keys new --out NEW --replace`; `kubectl apply --filename NEW`, which puts it beside the old \
         one, and `kubectl --namespace {namespace} rollout restart deployment sealed-secrets-controller`; then \
         `mainstay reseal --key OLD --key NEW`, commit, push. With the push, {replaced}. When everything is delivered, remove \
         the old Secret and restart the controller again.",
        namespace = sealed.namespace,
        replaced = sealing_key::replaced(context.platform, sealed)
    ));
    page.item(&format!(
        "It came late, and the controller made one of its own: apply it all the same, restart the controller as above, \
         and remove the other Secret that `kubectl --namespace {namespace} get secrets --selector \
         sealedsecrets.bitnami.com/sealed-secrets-key` lists. Until then SealedSecrets say `no key could decrypt \
         secret`, and what delivers them is not ready.{given_up}",
        namespace = sealed.namespace
    ));
    page.item(
        "A key that was seen by others: change the key, and then every secret that it could open.",
    );
    page.item("For recovery without a cluster: `mainstay unseal --key FILE …`, or `kubeseal --recovery-unseal --recovery-private-key FILE`.");
    page.text("The same without mainstay, ten years as well:");
    page.block(&format!(
        "umask 077\n\
         {folder}openssl req -x509 -newkey rsa:4096 -nodes -days 3650 -subj /O=sealed-secrets \\\n  \
           -keyout {key_file}.pem -out {certificate}\n\
         kubectl create secret tls sealing-key --namespace {namespace} \\\n  \
           --cert {certificate} --key {key_file}.pem --dry-run=client --output yaml |\n  \
           kubectl label --local --filename - --output yaml \\\n    \
             sealedsecrets.bitnami.com/sealed-secrets-key=active >{key_file}\n\
         rm {key_file}.pem",
        folder = made(&sealed.certificate),
        certificate = sealed.certificate,
        namespace = sealed.namespace
    ));
}

/// The command that makes the folder of a file, which nothing else has made before the first key.
fn made(file: &str) -> String {
    file.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("mkdir -p {folder}\n"))
}
