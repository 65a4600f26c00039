//! Who claims which host, and whether it can have its certificate.

use std::collections::{BTreeMap, HashMap};

use text::Place;

use super::codes::hosts as codes;
use super::codes::platform as platform_codes;
use super::{Findings, instances};
use crate::admission;
use crate::generate::IN_CLUSTER;
use crate::model::{
    App, AppInstance, Controller, Environment, EnvironmentTls, Exposure, Host, HostTls, Issuer,
    LetsEncrypt, Platform, PublicPorts, Tls, TlsWish, Workload,
};
use crate::render::plain_path;

pub(super) fn check(platform: &Platform, findings: &mut Findings) {
    for environment in &platform.environments {
        claims(platform, environment, findings);
        certificates(platform, environment, findings);
    }
    between_environments(platform, findings);
    for app in &platform.apps {
        reach(app, findings);
        for (environment, instance) in instances(platform, app) {
            for host in &instance.hosts {
                one(platform, environment, &instance, host, findings);
            }
            tls(platform, &instance, findings);
        }
    }
    controller(platform, findings);
    pages_of_argocd(platform, findings);
}

/// Argo CD's pages: somebody must serve them, and the host must be theirs alone.
fn pages_of_argocd(platform: &Platform, findings: &mut Findings) {
    let Some(ui) = &platform.delivery.ui else { return };
    if platform.ingress.controller == Controller::None {
        let place = platform.origin.part("spec.delivery").key_place("ui");
        findings.add(platform_codes::c184_ui_without_ingress(place));
    }
    let in_cluster: Vec<&Environment> =
        platform.environments.iter().filter(|it| it.cluster == IN_CLUSTER).collect();
    let mut claimed: BTreeMap<String, &Environment> = BTreeMap::new();
    let ui_place = || platform.origin.place("spec.delivery.ui.host");
    for environment in &in_cluster {
        let host = ui.host_in(environment);
        if !is_host(&host) {
            findings.add(codes::c113_no_host(&host, &environment.name, ui_place()));
        }
        if let Some(first) = claimed.insert(host.clone(), environment) {
            let names = (first.name.as_str(), environment.name.as_str());
            findings.add(platform_codes::c201_one_ui_host(&host, names, ui_place()));
            break;
        }
    }
    for environment in in_cluster {
        for app in &platform.apps {
            let instance = app.in_environment(environment);
            let mut hosts = instance.hosts.iter().filter(|_| instance.enabled);
            let pages = ui.host_in(environment);
            if let Some(host) = hosts.find(|host| host.host == pages) {
                let places = (platform.origin.place("spec.delivery.ui.host"), place(app, host));
                findings
                    .add(platform_codes::c185_host_of_ui(&pages, &app.name, places.0, places.1));
            }
        }
    }
}

fn place(app: &App, host: &Host) -> Place {
    let field = &host.field;
    app.origin.place(&if app.origin.has(&format!("{field}.host")) {
        format!("{field}.host")
    } else {
        field.clone()
    })
}

fn claims(platform: &Platform, environment: &Environment, findings: &mut Findings) {
    let mut claimed: HashMap<(String, String), (&App, Place)> = HashMap::new();
    for app in &platform.apps {
        let instance = app.in_environment(environment);
        if !instance.enabled {
            continue;
        }
        for host in &instance.hosts {
            for path in &host.paths {
                let plain = plain_path(&path.path);
                let key = (host.host.clone(), format!("{plain} {:?}", path.path_type));
                let here = place(app, host);
                match claimed.get(&key) {
                    Some((first, first_place)) if !std::ptr::eq(*first, app) => {
                        findings.add(codes::c110_same_host(
                            (&host.host, plain, &environment.name),
                            (&first.name, first_place.clone()),
                            (&app.name, here),
                        ));
                    }
                    // The same host and path in one app.
                    Some((_, first_place)) => {
                        let claim = format!("{}{plain}", host.host);
                        findings.add(codes::c149_claimed_again(&claim, first_place.clone(), here));
                    }
                    None => {
                        claimed.insert(key, (app, here));
                    }
                }
            }
        }
    }
}

/// A host in two environments: it has one DNS record.
fn between_environments(platform: &Platform, findings: &mut Findings) {
    let mut claimed: HashMap<String, (&Environment, &App, Place)> = HashMap::new();
    for app in &platform.apps {
        for (environment, instance) in instances(platform, app) {
            for host in &instance.hosts {
                let here = (environment, app, place(app, host));
                let Some(first) = claimed.get(&host.host) else {
                    claimed.insert(host.host.clone(), here);
                    continue;
                };
                if first.0.name != environment.name {
                    findings.add(codes::c197_host_of_two_environments(
                        &host.host,
                        (&first.0.name, first.2.clone()),
                        (&environment.name, here.2),
                        // `in-cluster` may be a cluster for each, or one for both.
                        first.0.cluster == environment.cluster && environment.cluster != IN_CLUSTER,
                    ));
                }
            }
        }
    }
}

fn one(
    platform: &Platform,
    environment: &Environment,
    instance: &AppInstance<'_>,
    host: &Host,
    findings: &mut Findings,
) {
    let here = place(instance.app, host);
    if !is_host(&host.host) {
        findings.add(codes::c113_no_host(&host.host, &environment.name, here));
        return;
    }
    let inside = |domain: &str| {
        domain.is_empty()
            || host
                .host
                .strip_suffix(domain)
                .is_some_and(|left| left.is_empty() || left.ends_with('.'))
    };
    // A host that somebody wrote for one environment is meant as it is.
    let written_for_here = host.field.starts_with("environments.");
    if !inside(&environment.domain) && !inside(&platform.domain) && !written_for_here {
        findings.add(codes::c111_outside_domain(&host.host, &environment.domain, here.clone()));
    }
    if host.host.starts_with("*.")
        && let HostTls::On { issuer: Issuer::Staging | Issuer::Production, .. } = instance.tls
    {
        findings.add(codes::c112_wildcard(&host.host, here));
    }
}

/// Whether a host is one that an Ingress takes and that DNS has room for.
fn is_host(host: &str) -> bool {
    host.len() <= 253 && admission::is_host(host) && host.split('.').all(|label| label.len() <= 63)
}

fn reach(app: &App, findings: &mut Findings) {
    let hosts = |app: &App| {
        let own = !app.hosts.hosts.is_empty();
        own || app.overrides.values().any(|differing| !differing.hosts.hosts.is_empty())
    };
    let has_hosts = hosts(app);
    let is_deployment = matches!(app.workload, Workload::Deployment);
    if app.internal && has_hosts {
        let host = if app.origin.has("fqdn") { "fqdn" } else { "hosts" };
        let host = app.origin.place(host);
        findings.add(codes::c115_internal_host(&app.name, app.origin.place("internal"), host));
    }
    let has_ports = app.origin.has("port") || app.origin.has("ports") || app.origin.has("health");
    if is_deployment && has_ports && !has_hosts && !app.internal {
        let field = ["ports", "port", "health"].into_iter().find(|field| app.origin.has(field));
        let place = app.origin.key_place(field.unwrap_or_default());
        findings.add(codes::c114_unreachable(&app.name, place));
    }
}

fn tls(platform: &Platform, instance: &AppInstance<'_>, findings: &mut Findings) {
    let environment = instance.environment;
    let differing = instance.app.overrides.get(&environment.name).map(|differing| &differing.tls);
    let wish = differing.filter(|wish| **wish != TlsWish::Inherit).unwrap_or(&instance.app.tls);
    let TlsWish::On { issuer, .. } = wish else { return };
    if environment.issuer.is_none() && !instance.hosts.is_empty() {
        findings.add(codes::c116_no_issuer(instance.place("tls")));
    }
    if let (Some(issuer), Tls::CertManager { issuers, .. }) = (issuer, &platform.tls)
        && let Some(name) = not_made(issuer, issuers)
    {
        findings.add(codes::c118_issuer_not_made(name, instance.place("tls.issuer")));
    }
    if let Some(issuer) = issuer
        && let Some(meant) = mistyped(issuer)
    {
        let place = instance.place("tls.issuer");
        findings.add(codes::c168_issuer_mistyped(issuer.cluster_issuer(), meant, place));
    }
}

/// Returns the issuer of mainstay's own that a name is nearly.
fn mistyped(issuer: &Issuer) -> Option<&'static str> {
    match issuer {
        Issuer::Own(name) if name == "production" => Some("prod"),
        Issuer::Own(name) => text::nearest(name, ["staging", "prod"]),
        _ => None,
    }
}

/// Returns the name of an issuer that mainstay makes for others and not here.
fn not_made(issuer: &Issuer, made: &[LetsEncrypt]) -> Option<&'static str> {
    match issuer {
        Issuer::Staging if !made.contains(&LetsEncrypt::Staging) => Some("staging"),
        Issuer::Production if !made.contains(&LetsEncrypt::Production) => Some("prod"),
        _ => None,
    }
}

/// Two Ingresses with different hosts that keep their certificates in one Secret.
fn certificates(platform: &Platform, environment: &Environment, findings: &mut Findings) {
    let mut secrets: HashMap<String, (&App, Vec<String>)> = HashMap::new();
    for app in &platform.apps {
        let instance = app.in_environment(environment);
        let HostTls::On { secret_name, .. } = &instance.tls else { continue };
        if instance.hosts.is_empty() || !instance.enabled {
            continue;
        }
        let hosts: Vec<String> = instance.hosts.iter().map(|host| host.host.clone()).collect();
        match secrets.get(secret_name) {
            Some((first, first_hosts)) if *first_hosts != hosts && first.name != app.name => {
                findings.add(codes::c119_shared_certificate(
                    secret_name,
                    (&first.name, first.in_environment(environment).place("tls.secretName")),
                    (&app.name, instance.place("tls.secretName")),
                ));
            }
            Some(_) => {}
            None => {
                secrets.insert(secret_name.clone(), (app, hosts));
            }
        }
    }
}

/// Hosts where no Ingress is made for them, or no Service that an Ingress could lead to.
fn unserved(platform: &Platform, findings: &mut Findings) {
    let toggles = &platform.toggles;
    let controller = platform.ingress.controller != Controller::None;
    if !toggles.ingresses || (controller && toggles.services) {
        return;
    }
    let with_hosts = platform.apps.iter().find_map(|app| {
        let (_, instance) = instances(platform, app).find(|(_, it)| !it.hosts.is_empty())?;
        let host = instance.hosts.first()?;
        Some((host.host.clone(), place(app, host)))
    });
    let Some((host, claimed)) = with_hosts else { return };
    let place = |field| platform.origin.place(field);
    findings.add(if toggles.services {
        let controller = place("spec.ingress.controller");
        platform_codes::c195_hosts_without_ingress(&host, controller, claimed)
    } else {
        platform_codes::c196_hosts_without_services(place("spec.toggles.services"), claimed)
    });
}

fn controller(platform: &Platform, findings: &mut Findings) {
    let origin = &platform.origin;
    if platform.ingress.controller == Controller::IngressNginx {
        findings.add(codes::p110_retired(origin.place("spec.ingress.controller")));
    }
    if let Exposure::NodePort { http, https, .. } = platform.ingress.exposure
        && http == https
    {
        let place = origin.place("spec.ingress.service.nodeport.https");
        findings.add(platform_codes::c194_same_node_port(http, place));
    }
    unserved(platform, findings);
    let Tls::CertManager { email, issuers, default } = &platform.tls else {
        for environment in &platform.environments {
            let tls = environment.origin.get("tls").and_then(yaml::Node::as_bool);
            if tls == Some(true) {
                findings.add(codes::c116_no_issuer(environment.origin.place("tls")));
            }
        }
        return;
    };
    if email.is_empty() {
        findings.add(codes::c117_no_email(origin.place("spec.tls.mode")));
    }
    if let Some(name) = not_made(default, issuers) {
        findings.add(codes::c118_issuer_not_made(name, origin.place("spec.tls.default")));
    }
    for environment in &platform.environments {
        if environment.origin.has("issuer")
            && let EnvironmentTls::On { issuer } = &environment.tls
        {
            let place = || environment.origin.place("issuer");
            if let Some(name) = not_made(issuer, issuers) {
                findings.add(codes::c118_issuer_not_made(name, place()));
            }
            if let Some(meant) = mistyped(issuer) {
                findings.add(codes::c168_issuer_mistyped(issuer.cluster_issuer(), meant, place()));
            }
        }
    }
    if platform.ingress.controller == Controller::None && !issuers.is_empty() {
        let controller = origin.place("spec.ingress.controller");
        findings.add(codes::p111_no_controller(controller, origin.key_place("spec.tls")));
    }
    let hidden = matches!(
        platform.ingress.exposure,
        Exposure::NodePort { public_ports: PublicPorts::None, .. }
    );
    if hidden && platform.ingress.controller != Controller::None {
        let service = origin.key_place("spec.ingress.service");
        findings.add(codes::p111_no_port_80(service, origin.key_place("spec.tls")));
    }
}
