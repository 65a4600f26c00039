//! `README.md`: for an operator who has never heard of mainstay.

use crate::generate::argocd::IN_CLUSTER;
use crate::generate::{Context, Files, app_values, credentials, sealing_key};
use crate::model::{Controller, Engine, Environment, Issuer, SecretsBackend, Tls};

use super::markdown::{Page, code, line};
use super::{docs, root_path};

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    files.generated("README.md", readme(context));
}

fn readme(context: &Context<'_>) -> String {
    let mut page = Page::new(&context.platform.name);
    about(context, &mut page);
    layout(context, &mut page);
    day_one(context, &mut page);
    day_two(context, &mut page);
    page.heading("More");
    more(context, &mut page);
    page.finish()
}

fn more(context: &Context<'_>, page: &mut Page) {
    let engine = context.engine();
    let operations = format!("{engine}, ingress, certificates, add-ons, limits");
    let infisical = matches!(context.platform.secrets.backend, SecretsBackend::InfisicalCsi(_));
    let mut pages = vec![
        ("quickstart.md", "what each step of day one does, and how environments share a cluster"),
        ("prerequisites", "what must be there before the first sync of an environment"),
        ("time-budget.md", "where the 30 minutes to the first deploy go"),
        ("operations.md", operations.as_str()),
        ("images.md", "how a new image is rolled out"),
        ("troubleshooting.md", "when something does not arrive"),
        ("secrets.md", "where secrets come from, and how an app gets one"),
    ];
    if infisical {
        pages.push(("outage.md", "when the secret manager does not answer"));
    }
    pages.extend([
        ("credentials.md", "every credential of the platform, and how it is replaced"),
        ("ownership.md", "who may edit what, and what is generated anew"),
        (
            "infra-integration.md",
            "how a pipeline feeds this repository, and what becomes of each field",
        ),
    ]);
    for (path, what) in pages {
        page.item(&format!("[docs/{path}](docs/{path}): {what}"));
    }
    page.item("[AGENTS.md](AGENTS.md): the rules for coding agents");
}

fn about(context: &Context<'_>, page: &mut Page) {
    let platform = context.platform;
    let names: Vec<String> =
        platform.environments.iter().map(|environment| code(&environment.name)).collect();
    page.text(&format!(
        "This repository is everything that runs: the workloads of {} in {} ({}), and the add-ons below them.\n\
         {} in the cluster follows the branch {} and makes the cluster look like it.",
        line(&platform.application.name),
        if names.len() == 1 { "one environment".to_owned() } else { format!("{} environments", names.len()) },
        names.join(", "),
        context.engine(),
        code(&platform.delivery.root.branch),
    ));
    if let Some(owner) = &platform.owner {
        page.text(&format!("{} answers for it.", line(owner)));
    }
    if let Some(customers) = &platform.handoff {
        page.text(&format!(
            "It is a public base, free of any customer's data: a pipeline clones it, puts a customer's names, domain and \
             apps in with `mainstay generate --dispatch`, and pushes the result to {}. \
             [handoff/README.md](handoff/README.md) says how that pipeline is set up; what follows is what each of these \
             repositories says, too.",
            code(&context.mirrors.url(customers))
        ));
    }
}

fn layout(context: &Context<'_>, page: &mut Page) {
    let application = &context.platform.application;
    page.heading("What is where");
    page.table(&["path", "what"]);
    let mut row = |path: &str, what: &str| page.row(&[&code(path), what]);
    row(
        &application.config,
        "**the workloads**: images, replicas, hosts, probes, secrets by reference",
    );
    row("overlays/<environment>/values.yaml", "what one environment has instead");
    row(
        "overlays/<environment>/custom/",
        "yours: values and plain objects that nothing overwrites",
    );
    row(&application.chart, "the Helm chart that renders every workload from those values");
    let engine = context.platform.delivery.engine;
    row(
        "applications/app/<environment>/",
        match engine {
            Engine::ArgoCd => "the Argo CD Application of the workloads",
            Engine::Flux => "the HelmReleases of the workloads, and what they wait for",
        },
    );
    row("platform/", "add-ons, each pinned to a version: ingress, certificates, secrets, policies");
    if engine == Engine::ArgoCd {
        row("projects/", "what Applications may read and write");
    }
    row("clusters/<environment>/", "what an environment's root names");
    match engine {
        Engine::ArgoCd => {
            row(
                "apps/root/",
                "the app-of-apps: for each environment the one file that is applied by hand",
            );
        }
        Engine::Flux => row(
            "flux-system/",
            "this repository as a source, and the root: for each environment the one file that is applied by hand",
        ),
    }
    if context.platform.handoff.is_some() {
        row(
            "handoff/",
            "for the infra repository: the workflow that makes customers' repositories from this one",
        );
    }
    row("scripts/validate.sh", "renders and checks all of it with helm and kubectl");
    row(
        &format!("mainstay.yaml, {}", application.payload),
        "what all of it was generated from, with `mainstay generate`",
    );
    page.text(&format!(
        "Every file may be edited.\n\
         `mainstay generate` works what changed in those two files into the others, and what was edited there \
         stays (docs/ownership.md); without mainstay, edit and commit.\n\
         `cargo install --locked --version {} mainstay` installs it.",
        env!("CARGO_PKG_VERSION")
    ));
}

fn day_one(context: &Context<'_>, page: &mut Page) {
    let platform = context.platform;
    page.heading("Day one");
    if platform.delivery.engine == Engine::Flux {
        page.text("One environment is one cluster, with a Flux of its own; docs/quickstart.md says how to share one.");
    } else if platform.environments.iter().all(|environment| environment.cluster == IN_CLUSTER) {
        page.text("One environment is one cluster, with an Argo CD of its own; docs/quickstart.md says how to share one.");
    } else {
        page.text(
            "Argo CD runs in one cluster and deploys to others: prepare each of them as in step 1, and make the \
             others known with `argocd cluster add`.",
        );
    }
    page.step(k3s(context));
    match platform.delivery.engine {
        Engine::ArgoCd => install_argocd(context, page),
        Engine::Flux => install_flux(context, page),
    }
    by_hand(context, page);
    let which = match platform.environments.as_slice() {
        [_] => "",
        _ => " of this cluster's environment, one of these lines",
    };
    let order = match platform.delivery.engine {
        Engine::ArgoCd => "in the order of its sync waves",
        Engine::Flux => "each step after those it depends on",
    };
    page.step(&format!("Apply the root{which}. Everything else follows, {order}."));
    page.block(&roots(context));
    page.step("Watch it arrive.");
    page.block(match platform.delivery.engine {
        Engine::ArgoCd => "kubectl --namespace argocd get applications --watch",
        Engine::Flux => "kubectl --namespace flux-system get kustomizations --watch",
    });
}

fn install_argocd(context: &Context<'_>, page: &mut Page) {
    let argocd = &context.catalog.argocd;
    let own = docs::own_pages(context);
    let place = match own.first() {
        Some((_, environment)) => format!(
            " Each cluster's has a host of its own ([docs/operations.md](docs/operations.md)); this is that of {}.",
            line(&environment.name)
        ),
        None => String::new(),
    };
    page.step(&format!(
        "Install Argo CD. The definition of ApplicationSets is too large for a plain `kubectl apply`; Helm installs \
         it.{place}"
    ));
    let host = own.first().map(|(host, _)| format!(" --set global.domain={host}"));
    page.block(&format!(
        "helm upgrade --install argocd {} \\\n  --repo {} --version {} \\\n  --namespace {} --create-namespace \\\n  --values platform/argocd/values.yaml{} --wait",
        argocd.chart,
        context.mirrors.url(&argocd.repository),
        argocd.version,
        argocd.namespace,
        host.unwrap_or_default(),
    ));
    page.step("Let Argo CD read this repository, if it is private: a token (or a deploy key) that may read its contents, and no more.");
    page.block(&repository_secret(context));
    key_of_what_is_sealed(context, page);
}

/// The key of what is sealed is there before the controller that opens with it.
fn key_of_what_is_sealed(context: &Context<'_>, page: &mut Page) {
    if let Some(sealed) = &context.platform.secrets.sealed_secrets {
        let besides = sealing_key::day_one(context.platform, sealed);
        page.step(&format!("Make the key of what is sealed, once for all clusters, and keep it in a safe place; each cluster gets it before the controller starts that opens with it. A controller that finds none makes one of its own, which opens nothing here (docs/sealing.md, \"The key\").{besides}"));
        let file = docs::prerequisites::key_file(context);
        page.block(&format!(
            "mainstay keys new --out {file}\n\
             git add . && git commit -m 'The certificate that secrets are sealed with' && git push\n\
             {}kubectl apply --filename {file}",
            sealing_key::namespace_first(sealed)
        ));
    }
}

fn install_flux(context: &Context<'_>, page: &mut Page) {
    let flux = &context.catalog.flux;
    page.step("Install Flux.");
    page.block(&format!(
        "helm upgrade --install flux {} \\\n  --repo {} --version {} \\\n  --namespace {} --create-namespace \\\n  --values platform/flux/values.yaml --wait",
        flux.chart,
        context.mirrors.url(&flux.repository),
        flux.version,
        flux.namespace,
    ));
    page.step(
        "Let Flux read this repository: a token (or a deploy key) that may read its contents, and no more. \
         For a public repository take `secretRef` out of `flux-system/*.yaml` instead.",
    );
    let secret = if context.repository.starts_with("http") {
        "printf %s \"$TOKEN\" | kubectl --namespace flux-system create secret generic flux-system \\\n\
         \x20 --from-literal=username=git --from-file=password=/dev/stdin \\\n\
         \x20 --dry-run=client --output yaml | kubectl apply --filename -"
    } else {
        "kubectl --namespace flux-system create secret generic flux-system \\\n\
         \x20 --from-file=identity=deploy-key --from-file=identity.pub=deploy-key.pub \\\n\
         \x20 --from-file=known_hosts --dry-run=client --output yaml | kubectl apply --filename -"
    };
    page.block(secret);
    key_of_what_is_sealed(context, page);
}

fn k3s(context: &Context<'_>) -> &'static str {
    match context.platform.ingress.controller {
        Controller::None => "Install k3s.",
        Controller::Traefik | Controller::IngressNginx => {
            "Install k3s with `disable: [traefik]` in `/etc/rancher/k3s/config.yaml`: the ingress controller comes from here."
        }
    }
}

/// The roots, the leading environment's first.
fn roots(context: &Context<'_>) -> String {
    let platform = context.platform;
    let leading = platform.environments.get(app_values::leading(platform));
    let others = platform
        .environments
        .iter()
        .filter(|other| Some(&other.name) != leading.map(|leading| &leading.name));
    let lines = leading.into_iter().chain(others).map(|environment| {
        format!(
            "kubectl apply --server-side --filename {}   # {}\n",
            root_path(context, environment),
            environment.name
        )
    });
    lines.collect()
}

/// The commands that take an environment out of a cluster.
fn taken_down(context: &Context<'_>, environment: &Environment) -> String {
    let name = line(&environment.name);
    let app = format!("{}-{name}", line(&context.platform.application.name));
    let namespace = line(&environment.namespace);
    let objects = match context.platform.delivery.engine {
        Engine::ArgoCd => format!(
            "kubectl --namespace argocd delete application root-{name} {app} {app}-overlay\n\
             kubectl --namespace argocd delete appproject {name}"
        ),
        Engine::Flux => format!(
            "kubectl --namespace flux-system delete kustomization --ignore-not-found \\\n\
             \x20 root-{name} {app}-before {app}-overlay {app}-workloads"
        ),
    };
    format!("{objects}\nkubectl delete namespace {namespace}")
}

fn repository_secret(context: &Context<'_>) -> String {
    let secret = plain_repository_secret(context);
    let sealed = credentials::through_backend(context.platform)
        && context.platform.secrets.backend.external().is_none();
    if !sealed {
        return secret;
    }
    // A token that is sealed later goes into this Secret, and its other keys stay.
    format!(
        "{secret}\n\
         kubectl --namespace argocd annotate --overwrite secret repository sealedsecrets.bitnami.com/patch=true"
    )
}

fn plain_repository_secret(context: &Context<'_>) -> String {
    let url = context.repository.as_str();
    if !url.starts_with("http") {
        return format!(
            "kubectl --namespace argocd create secret generic repository \\\n\
             \x20 --from-literal=type=git --from-literal=url={} \\\n\
             \x20 --from-file=sshPrivateKey=deploy-key \\\n\
             \x20 --dry-run=client --output yaml | kubectl apply --filename -\n\
             kubectl --namespace argocd label secret repository argocd.argoproj.io/secret-type=repository",
            line(url)
        );
    }
    format!(
        "printf %s \"$TOKEN\" | kubectl --namespace argocd create secret generic repository \\\n\
         \x20 --from-literal=type=git --from-literal=url={} \\\n\
         \x20 --from-literal=username=git --from-file=password=/dev/stdin \\\n\
         \x20 --dry-run=client --output yaml | kubectl apply --filename -\n\
         kubectl --namespace argocd label secret repository argocd.argoproj.io/secret-type=repository",
        line(&context.repository)
    )
}

/// What no repository can do: names, secrets.
fn by_hand(context: &Context<'_>, page: &mut Page) {
    let platform = context.platform;
    let pages: Vec<String> = platform
        .environments
        .iter()
        .map(|environment| {
            let path = docs::prerequisites::path(environment);
            format!("[{}]({path})", line(&environment.name))
        })
        .collect();
    page.step(&format!(
        "Make what no repository can bring: DNS records, secrets, volumes that must be there before. One page per \
         environment names all of it, with the commands: {}.",
        pages.join(", ")
    ));
    if let SecretsBackend::InfisicalCsi(infisical) = &platform.secrets.backend {
        page.step(&format!(
            "In Infisical ({}), let the machine identity log in from this cluster: \
             [docs/secrets.md](docs/secrets.md), \"Connect a cluster\".",
            line(&infisical.url)
        ));
    }
}

fn day_two(context: &Context<'_>, page: &mut Page) {
    let application = &context.platform.application;
    page.heading("Day two");
    page.subheading("Roll out a version");
    page.text(&format!(
        "Change `image.tag` of the service in {}, commit, push; to go back, `git revert`. A pipeline does the same: \
         [docs/images.md](docs/images.md).",
        code(&application.config)
    ));
    page.subheading("Add a service");
    page.text(&format!(
        "Add it to {} and run `mainstay generate`; or add an entry to `services` in {} by hand, and \
         where quotas are on raise `quota.hard` in `custom/values.yaml` to what `mainstay check` says. Where a pipeline \
         hands in payloads, only the second lasts: each payload replaces the last (docs/ownership.md).",
        code(&application.payload),
        code(&application.config)
    ));
    page.subheading("Add an environment");
    page.text("Add it to `spec.environments` in `mainstay.yaml`, run `mainstay generate`, and apply its root.");
    // A block to copy is better not production's.
    let example = context.platform.environments.iter().find(|environment| !environment.production);
    if let Some(last) = example.or(context.platform.environments.last()) {
        page.subheading("Remove an environment");
        page.text(&format!(
            "Taking it out of `spec.environments` and running `mainstay generate` removes its files, and nothing from \
             its cluster: a slip in a file must not take a platform away. A cluster of its own is thrown away \
             afterwards; in one that others share, by the example of {}, its volumes included:",
            code(&last.name)
        ));
        page.block(&taken_down(context, last));
    }
    page.subheading("Before every push");
    page.block("scripts/validate.sh");
    match &context.platform.tls {
        Tls::CertManager { default: Issuer::Staging, .. } => {
            page.subheading("Take certificates that browsers trust");
            page.text(
                "Certificates come from Let's Encrypt's staging issuer so far, which has no limits to run into and which \
                 no browser trusts. When all hosts answer, `tls.default: prod` in `mainstay.yaml` and \
                 `mainstay generate` take real ones; `tls.clusterIssuer: letsencrypt-prod` in an environment's \
                 `custom/values.yaml` does it there alone.",
            );
        }
        Tls::CertManager { .. } => {
            page.subheading("Try certificates first");
            page.text(
                "Let's Encrypt's production limits are shared by all hosts of a domain. \
                 Set `tls.clusterIssuer: letsencrypt-staging` in an environment's `custom/values.yaml` until all hosts answer.",
            );
        }
        Tls::None => {}
    }
}
