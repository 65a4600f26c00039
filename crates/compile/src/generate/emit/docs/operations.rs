//! `docs/operations.md`: the engine, ingress and certificates, add-ons, quotas.

use crate::generate::Context;
use crate::generate::credentials;
use crate::generate::emit::argocd::applications;
use crate::generate::emit::flux::workloads;
use crate::generate::emit::markdown::{Page, code};
use crate::generate::emit::platform;
use crate::model::{Controller, Engine, Exposure, PublicPorts, Quotas, Tls, Ui};

/// The command that prints the first password.
const PASSWORD: &str = "kubectl --namespace argocd get secret argocd-initial-admin-secret \\\n\
                        \x20 --output go-template='{{ .data.password | base64decode }}'";

pub(super) fn page(context: &Context<'_>) -> String {
    let mut page = Page::new("Operations");
    match context.platform.delivery.engine {
        Engine::ArgoCd => argocd(context, &mut page),
        Engine::Flux => flux(context, &mut page),
    }
    ingress(context, &mut page);
    tls(context, &mut page);
    addons(context, &mut page);
    limits(context, &mut page);
    page.finish()
}

fn argocd(context: &Context<'_>, page: &mut Page) {
    let name = context
        .platform
        .environments
        .first()
        .map_or_else(|| "NAME".to_owned(), |environment| applications::name(context, environment));
    page.heading("Argo CD");
    match &context.platform.delivery.ui {
        Some(ui) => pages_by_ingress(context, ui, page),
        None => pages_by_port_forward(context, page),
    }
    let sooner = format!("```sh\nargocd app get {name} --hard-refresh\n```");
    page.text(&match &context.platform.delivery.ui {
        Some(_) => format!("To have everything rendered anew:\n\n{sooner}"),
        None => format!(
            "A push is seen within three minutes. Sooner, and with everything rendered anew:\n\n{sooner}"
        ),
    });
    page.text(
        "Changes by hand in the cluster are undone within seconds where an Application syncs by itself. \
         To hold one still, hold its root first, which would set it back within seconds: \
         `argocd app set root-ENVIRONMENT --sync-policy none`, then `argocd app set NAME --sync-policy none`. \
         When it is over, apply the root again (README.md): it brings both back.",
    );
}

fn flux(context: &Context<'_>, page: &mut Page) {
    let environment = context.platform.environments.first();
    let name = environment
        .map_or_else(|| "NAME".to_owned(), |environment| workloads::name(context, environment));
    page.heading("Flux");
    page.text("It has no pages. What it does, and what holds it up:");
    page.block(
        "kubectl --namespace flux-system get gitrepositories,kustomizations,helmreleases\n\
         flux events",
    );
    page.text("A push is seen within a minute. At once:");
    page.block("flux reconcile source git flux-system");
    page.text(&format!(
        "Changes by hand in the cluster are undone within ten minutes. To hold the workloads still: \
         `flux suspend helmrelease {name}`, and `flux resume helmrelease {name}` when it is over."
    ));
}

fn pages_by_port_forward(context: &Context<'_>, page: &mut Page) {
    page.text("Its pages are not open to the internet. From a machine with access to the cluster:");
    let forward = "kubectl --namespace argocd port-forward service/argocd-server 8080:443";
    if let Some(password) = delivered_password(context) {
        page.block(forward);
        page.text(&format!("Log in as `admin` at <https://localhost:8080>. {password}"));
        return;
    }
    page.block(&format!("{forward}\n{PASSWORD}"));
    page.text(
        "Log in as `admin` at <https://localhost:8080>, change the password (`argocd account update-password`) \
         and delete that Secret.",
    );
}

/// Where the password of `admin` comes from, where it is delivered like the other credentials: the one that Argo CD makes
/// at its first start (`argocd-initial-admin-secret`) is no longer good then.
fn delivered_password(context: &Context<'_>) -> Option<String> {
    let platform = context.platform;
    if !credentials::through_backend(platform) {
        return None;
    }
    Some(match platform.secrets.backend.external() {
        Some(external) => format!(
            "Its password is the one whose bcrypt hash is in {} (`{}`, [credentials](credentials.md)); change it there.",
            external.manager.title(),
            credentials::ADMIN_PASSWORD_HASH
        ),
        None => "Its password is the one whose hash is sealed in `platform/credentials/custom`: \
                 `mainstay secrets rotate argocd-admin --out FILE` makes it, FILE then holds it, and with the next push it is \
                 the one that counts ([credentials](credentials.md))."
            .to_owned(),
    })
}

fn pages_by_ingress(context: &Context<'_>, ui: &Ui, page: &mut Page) {
    let scheme = if ui.issuer.is_some() { "https" } else { "http" };
    let own = super::own_pages(context);
    let host = own.first().map_or(ui.host.as_str(), |(host, _)| host);
    let address = format!("{scheme}://{host}");
    if own.is_empty() {
        page.text(&format!(
            "Its pages are at <{address}>, through the Ingress in `platform/argocd-ui`."
        ));
    } else {
        page.text("Each cluster has its own, through the Ingresses in `platform/argocd-ui`:");
        page.table(&["environment", "pages"]);
        for (host, environment) in &own {
            page.row(&[&environment.name, &format!("<{scheme}://{host}>")]);
        }
        page.text(
            "What follows is for the first; the others have passwords and webhooks of their own.",
        );
    }
    match delivered_password(context) {
        Some(password) => page.text(&format!(
            "Log in as `admin`. {password} The command line speaks gRPC-web through the ingress controller:"
        )),
        None => {
            page.text("The first password of `admin`:");
            page.block(PASSWORD);
            page.text(
                "Change it (`argocd account update-password`) and delete that Secret. The command line speaks \
                 gRPC-web through the ingress controller:",
            );
        }
    }
    let plain = if ui.issuer.is_some() { "" } else { " --plaintext" };
    page.block(&format!("argocd login {host} --grpc-web{plain}"));
    let webhook = format!(
        "A push is seen within three minutes. With a webhook it is seen at once: make one in the Git host \
         for pushes of `{}`, address `{address}/api/webhook`, content type JSON, with a secret of your own \
         that Argo CD knows too",
        context.repository
    );
    if credentials::through_backend(context.platform) {
        page.text(&match context.platform.secrets.backend.external() {
            Some(external) => format!(
                "{webhook}: `{}` in {}.",
                credentials::WEBHOOK_SECRET,
                external.manager.title()
            ),
            None => format!("{webhook}: `mainstay secrets rotate webhook --out FILE` makes one, seals it, and writes it to FILE."),
        });
        return;
    }
    page.text(&format!("{webhook}:"));
    page.block(
        "openssl rand -hex 32 > webhook.key\n\
         printf '{\"stringData\":{\"webhook.github.secret\":\"%s\"}}' \"$(cat webhook.key)\" |\n\
         \x20 kubectl --namespace argocd patch secret argocd-secret --patch-file /dev/stdin",
    );
    page.text(
        "The key is `webhook.gitlab.secret`, `webhook.bitbucketserver.secret` or `webhook.gogs.secret` for \
         other hosts. Delete `webhook.key` when both sides have it; `*.key` is not committed.",
    );
}

fn ingress(context: &Context<'_>, page: &mut Page) {
    let ingress = &context.platform.ingress;
    page.heading("How requests get in");
    match ingress.controller {
        Controller::None => {
            page.text(
                "This platform brings no ingress controller, and the workloads get no Ingress.",
            );
            return;
        }
        Controller::Traefik => page.text("Traefik serves all hosts."),
        Controller::IngressNginx => page.text(
            "ingress-nginx serves all hosts. It was retired in March 2026 and gets no more fixes: \
             plan the move to Traefik (`ingress.controller: traefik` in `mainstay.yaml`).",
        ),
    }
    match ingress.exposure {
        Exposure::LoadBalancer => page.text(
            "Its Service is of type LoadBalancer: k3s' ServiceLB listens on ports 80 and 443 of every node.",
        ),
        Exposure::HostPort => page.text("Its pods listen on ports 80 and 443 of their nodes."),
        Exposure::NodePort { http, https, public_ports } => node_port(page, http, https, public_ports),
    }
    page.text("Open in the firewall: 80 and 443 for everybody, 22 and 6443 for administrators, nothing else.");
}

fn node_port(page: &mut Page, http: u16, https: u16, public_ports: PublicPorts) {
    page.text(&format!("Its Service listens on ports {http} and {https} of every node."));
    match public_ports {
        PublicPorts::HostPort => page.text("Its pods listen on 80 and 443 of their nodes besides."),
        PublicPorts::External => {
            page.text("A load balancer outside of the cluster sends ports 80 and 443 there; it must keep the host name.");
        }
        PublicPorts::None => {
            page.text("Nothing sends ports 80 and 443 there, so certificates over HTTP-01 are impossible.");
        }
        PublicPorts::Redirect => {
            page.text(
                "On every node a rule makes ports 80 and 443 these, before anything looks at a packet, and answers \
                 theirs again. (A `redirect` of nftables cannot do it: what it has translated, kube-proxy does not \
                 translate any more.) From outside of the node the controller's own ports answer no longer. As \
                 `/etc/ingress-ports.nft`:",
            );
            page.fenced(
                "text",
                &format!(
                    "table inet ingress-ports\n\
                     delete table inet ingress-ports\n\
                     table inet ingress-ports {{\n\
                     \x20 chain in {{\n\
                     \x20   type filter hook prerouting priority -310; policy accept;\n\
                     \x20   fib daddr type local tcp dport 80 tcp dport set {http}\n\
                     \x20   fib daddr type local tcp dport 443 tcp dport set {https}\n\
                     \x20 }}\n\
                     \x20 chain out {{\n\
                     \x20   type filter hook postrouting priority 310; policy accept;\n\
                     \x20   tcp sport {http} tcp sport set 80\n\
                     \x20   tcp sport {https} tcp sport set 443\n\
                     \x20 }}\n\
                     }}"
                ),
            );
            page.text(
                "A unit of its own loads it at boot, behind the `nftables.service` of Debian and Ubuntu, whose file \
                 begins with `flush ruleset`. As `/etc/systemd/system/ingress-ports.service`, then \
                 `systemctl enable --now ingress-ports`:",
            );
            page.fenced(
                "ini",
                "[Unit]\n\
                 Description=Ports 80 and 443 for the ingress controller\n\
                 After=nftables.service\n\
                 Before=k3s.service k3s-agent.service\n\n\
                 [Service]\n\
                 Type=oneshot\n\
                 RemainAfterExit=yes\n\
                 ExecStart=/usr/sbin/nft --file /etc/ingress-ports.nft\n\
                 ExecStop=/usr/sbin/nft delete table inet ingress-ports\n\n\
                 [Install]\n\
                 WantedBy=multi-user.target",
            );
            page.text(&format!(
                "It holds for IPv4 and IPv6, and for whoever comes over the network: `curl` on the node itself still \
                 needs {http}. From outside, {http} and {https} no longer answer. A firewall on the node sees {http} \
                 and {https}."
            ));
        }
    }
}

fn tls(context: &Context<'_>, page: &mut Page) {
    page.heading("Certificates");
    if context.platform.tls == Tls::None {
        page.text(
            "TLS is off. `tls: {mode: cert-manager, email: …}` in `mainstay.yaml` turns it on, with certificates \
             from Let's Encrypt.",
        );
        return;
    }
    page.text(
        "cert-manager asks Let's Encrypt for a certificate per workload with hosts, and renews it. \
         The name must already point at the cluster, and port 80 must be reachable.",
    );
    page.text(
        "`letsencrypt-staging` is for trying (browsers do not trust it), `letsencrypt-prod` for good: `tls.default` in \
         `mainstay.yaml` is the one line for all. Change one for an environment with `tls.clusterIssuer` in its `custom/values.yaml`, for one workload with \
         `overrides.<workload>.ingress.tls.clusterIssuer`; `enabled: false` beside it turns TLS off.",
    );
    page.block("kubectl get certificates,challenges --all-namespaces");
}

fn addons(context: &Context<'_>, page: &mut Page) {
    page.heading("Add-ons");
    // No versions: Renovate raises them in one place, and not here.
    page.table(&["add-on", "chart"]);
    for addon in platform::addons(context) {
        page.row(&[addon.name, &code(&context.mirrors.url(&addon.chart.repository))]);
    }
    let place = match context.platform.delivery.engine {
        Engine::ArgoCd => "`targetRevision` in `platform/applications/<add-on>.yaml`",
        Engine::Flux => "`version` in `platform/controllers/<add-on>.yaml`",
    };
    page.text(&format!(
        "The version is {place}, the chart's values are beside it. \
         Renovate raises versions by pull request; read the notes of a major version first.",
    ));
}

fn limits(context: &Context<'_>, page: &mut Page) {
    page.heading("Limits");
    if let Quotas::Computed { headroom_percent } = context.platform.policies.quotas {
        page.text(&format!(
            "Each environment's namespace has a ResourceQuota: what the workloads need at their largest, a rollout \
             included, and {headroom_percent} % more. It stands in `overlays/<environment>/values.yaml` and is computed \
             from the payload by `mainstay generate`. What was added or raised by hand wants a higher `quota.hard` in \
             `overlays/<environment>/custom/values.yaml`; `mainstay check` says how high."
        ));
    } else {
        page.text("There is no ResourceQuota: one workload can take what the others need.");
    }
    if context.platform.policies.default_deny {
        page.text(
            "Network policies deny what is not listed. A workload that must reach a private address names it under \
             `egress`; `kubectl describe networkpolicies` shows what holds.",
        );
    }
}
