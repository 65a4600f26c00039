//! The stories of the public GitOps base, one test each: the epic and the story are in its name.
//!
//! Each looks at what an operator, a pipeline or a developer would: the rendered objects and the files of
//! `examples/gitops-base`, and of a customer's repository that was made from it.
#![allow(clippy::disallowed_methods, reason = "a test reads the example from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use std::fs;
use std::path::Path;

use compile::handoff::{self, Before};
use compile::intake::{self, Inputs};
use compile::render;
use support::{Chosen, Repository, codes, findings};
use text::{Sources, World as _};
use yaml::{Node, Schema};

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn spec() -> String {
    file("examples/gitops-base/mainstay.yaml")
}

/// The base, with a payload of these apps.
fn with(apps: &str) -> Repository {
    with_spec(&spec(), apps)
}

fn with_spec(spec: &str, apps: &str) -> Repository {
    Repository::new(spec, &format!("{{\"version\": 1, \"apps\": [{apps}]}}"))
}

fn base() -> Repository {
    Repository::new(&spec(), &file("examples/gitops-base/deployed_apps.json"))
}

/// The rendered objects of an environment.
fn objects(repository: &Repository, environment: &str) -> Vec<Node> {
    let root = document(repository, "apps/root/application.yaml");
    let address = text(&root, "spec.source.repoURL");
    let rendered = render::everything(&repository.world, address, &[environment.to_owned()]);
    let mut all = Vec::new();
    for one in &rendered {
        let errors: Vec<_> = one.diagnostics.iter().filter(|found| found.is_error()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        for object in one.objects() {
            all.push(yaml::parse(&object.text, Schema::Core12).unwrap());
        }
    }
    all
}

fn at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('.').try_fold(node, |node, part| match part.parse::<usize>() {
        Ok(index) => node.as_list()?.get(index),
        Err(_) => node.get(part),
    })
}

fn text<'n>(node: &'n Node, path: &str) -> &'n str {
    at(node, path).and_then(Node::as_str).unwrap_or_default()
}

fn find<'n>(objects: &'n [Node], kind: &str, name: &str) -> &'n Node {
    let found = objects
        .iter()
        .find(|object| text(object, "kind") == kind && text(object, "metadata.name") == name);
    found.unwrap_or_else(|| panic!("no {kind} {name}"))
}

fn document(repository: &Repository, path: &str) -> Node {
    yaml::parse(&repository.text(path), Schema::Core12).unwrap()
}

fn refused(spec: &str, apps: &str) -> String {
    let payload = format!("[{apps}]");
    let inputs =
        Inputs { spec: ("mainstay.yaml", spec), payload: ("deployed_apps.json", &payload) };
    let read = intake::read(&inputs);
    let mut found = read.diagnostics;
    if let Some(platform) = &read.platform {
        found.extend(compile::check::platform(platform));
    }
    text::render_all(&found, &read.sources, false)
}

const WEB: &str = r#"{"name": "web", "image": "ghcr.io/example/web:1.0.0", "fqdn": "www.example.com",
    "replicas": 2, "port": 8080, "health": "/healthz"}"#;

// Epic 1: public GitOps base and bootstrap.

#[test]
fn epic_1_story_1_a_root_application_bootstraps_the_cluster() {
    let root = document(&base(), "apps/root/application.yaml");
    assert_eq!(text(&root, "kind"), "Application");
    assert_eq!(text(&root, "spec.source.path"), "clusters/prod");
    let objects = objects(&base(), "prod");
    for name in ["ingress-nginx", "cert-manager", "secrets-store-csi-driver", "base-prod"] {
        find(&objects, "Application", name);
    }
}

#[test]
fn epic_1_story_2_environments_are_targeted_by_their_overlays() {
    let repository = base();
    for environment in ["dev", "test", "prod"] {
        assert!(
            repository.world.read(&format!("clusters/{environment}/kustomization.yaml")).is_ok()
        );
        let objects = objects(&repository, environment);
        let web = find(&objects, "Deployment", "web");
        assert_eq!(text(web, "metadata.namespace"), format!("base-{environment}"));
    }
}

#[test]
fn epic_1_story_3_a_project_allows_the_source_repositories() {
    let project = document(&base(), "projects/prod/project.yaml");
    let sources = at(&project, "spec.sourceRepos").and_then(Node::as_list).unwrap();
    assert_eq!(sources.len(), 1);
    assert_eq!(sources[0].as_str(), Some("https://github.com/example/gitops-base"));
}

#[test]
fn epic_1_story_4_a_pipeline_clones_the_base_and_specialises_it_safely() {
    let mut repository = base();
    let example = file("crates/compile/assets/handoff/example.json");
    let (mut sources, mut found) = (Sources::new(), Vec::new());
    let dispatch = handoff::read(("d.json", &example), &mut sources, &mut found).unwrap();
    let spec = repository.text("mainstay.yaml");
    let specialised = handoff::specialise(&spec, &dispatch, Before::default()).unwrap();
    let reconciled = repository.generate(&specialised.spec, &dispatch.payload, &Chosen::default());
    assert_eq!(codes(&reconciled), [""; 0], "{}", findings(&reconciled));
    find(&objects(&repository, "prod"), "Ingress", "web");
}

// Epic 2: the app config from deployed_apps.

#[test]
fn epic_2_story_1_the_config_is_generated_from_deployed_apps() {
    let config = document(&with(WEB), "config/app-config.yaml");
    assert_eq!(text(&config, "services.0.image.repository"), "ghcr.io/example/web");
    assert_eq!(text(&config, "services.0.image.tag"), "1.0.0");
}

#[test]
fn epic_2_story_2_the_config_has_a_schema_and_fails_fast() {
    let repository = base();
    assert!(repository.text("config/app-config.schema.json").contains("\"services\""));
    assert!(repository.text("scripts/validate.sh").contains("check-jsonschema"));
    let found = refused(&spec(), &WEB.replace("\"replicas\": 2", "\"replicas\": \"two\""));
    assert!(found.contains("I003") && found.contains("deployed_apps.json:"), "{found}");
}

#[test]
fn epic_2_story_3_ingress_and_tls_are_given_per_workload() {
    let app = WEB.replace(
        "\"fqdn\": \"www.example.com\"",
        r#""hosts": [{"host": "www.example.com", "paths": ["/shop"]}], "tls": {"secretName": "own"}"#,
    );
    let objects = objects(&with(&app), "prod");
    let ingress = find(&objects, "Ingress", "web");
    assert_eq!(text(ingress, "spec.rules.0.host"), "www.example.com");
    assert_eq!(text(ingress, "spec.rules.0.http.paths.0.path"), "/shop");
    assert_eq!(text(ingress, "spec.tls.0.secretName"), "own");
}

#[test]
fn epic_2_story_4_replicas_resources_probes_and_ports_are_given_per_workload() {
    let app = WEB.replace(
        "\"port\": 8080",
        r#""port": 9090, "resources": {"limits": {"cpu": "300m", "memory": "96Mi"}}"#,
    );
    let objects = objects(&with(&app), "prod");
    let deployment = find(&objects, "Deployment", "web");
    assert_eq!(at(deployment, "spec.replicas").and_then(Node::as_i64), Some(2));
    let container = at(deployment, "spec.template.spec.containers.0").unwrap();
    assert_eq!(text(container, "resources.limits.memory"), "96Mi");
    assert_eq!(text(container, "readinessProbe.httpGet.path"), "/healthz");
    assert_eq!(at(container, "ports.0.containerPort").and_then(Node::as_i64), Some(9090));
}

#[test]
fn epic_2_story_5_secrets_are_mounted_through_csi() {
    let app = WEB.replace("\"port\": 8080", r#""port": 8080, "secrets": ["DATABASE_URL", {"path": "/tls", "key": "KEY", "file": "key.pem"}]"#);
    let objects = objects(&with(&app), "prod");
    let class =
        objects.iter().find(|object| text(object, "kind") == "SecretProviderClass").unwrap();
    assert_eq!(text(class, "spec.provider"), "infisical");
    assert!(text(class, "spec.parameters.secrets").contains("key.pem"));
    let deployment = find(&objects, "Deployment", "web");
    let volumes = at(deployment, "spec.template.spec.volumes").and_then(Node::as_list).unwrap();
    assert!(volumes.iter().any(|volume| text(volume, "csi.driver") == "secrets-store.csi.k8s.io"));
}

// Epic 3: add-ons for k3s.

#[test]
fn epic_3_story_1_ingress_nginx_listens_on_nodeports() {
    let addon = document(&base(), "platform/applications/ingress-nginx.yaml");
    let service = at(&addon, "spec.source.helm.valuesObject.controller.service").unwrap();
    assert_eq!(text(service, "type"), "NodePort");
    assert_eq!(at(service, "nodePorts.http").and_then(Node::as_i64), Some(30080));
    assert_eq!(at(service, "nodePorts.https").and_then(Node::as_i64), Some(30443));
    // It was retired, and that is said; without a way for port 80, HTTP-01 is refused.
    assert!(refused(&spec(), WEB).contains("P110"));
    let without = spec().replace("publicPorts: hostport", "publicPorts: none");
    assert!(refused(&without, WEB).contains("P111"));
    // One line moves on.
    let traefik = spec().replace("controller: ingress-nginx", "controller: traefik");
    assert!(!refused(&traefik, WEB).contains("P110"));
    let moved = with_spec(&traefik, WEB);
    assert!(moved.world.read("platform/applications/traefik.yaml").is_ok());
    assert!(moved.world.read("platform/applications/ingress-nginx.yaml").is_err());
}

#[test]
fn epic_3_story_2_cert_manager_has_both_issuers() {
    let objects = objects(&base(), "prod");
    for name in ["letsencrypt-staging", "letsencrypt-prod"] {
        let issuer = find(&objects, "ClusterIssuer", name);
        assert_eq!(text(issuer, "spec.acme.solvers.0.http01.ingress.ingressClassName"), "nginx");
    }
}

#[test]
fn epic_3_story_3_the_csi_driver_and_its_provider_need_no_manager_in_the_cluster() {
    let repository = base();
    let driver = document(&repository, "platform/applications/secrets-store-csi-driver.yaml");
    let values = at(&driver, "spec.source.helm.valuesObject").unwrap();
    assert_eq!(text(values, "tokenRequests.0.audience"), "infisical");
    assert_eq!(at(values, "syncSecret.enabled").and_then(Node::as_bool), Some(true));
    assert_eq!(at(values, "enableSecretRotation").and_then(Node::as_bool), Some(true));
    assert!(repository.world.read("platform/applications/infisical-csi-provider.yaml").is_ok());
    assert!(repository.world.read("platform/applications/sealed-secrets.yaml").is_err());
}

#[test]
fn epic_3_story_4_namespaces_and_default_deny_come_from_the_repository() {
    let objects = objects(&base(), "prod");
    find(&objects, "Namespace", "base-prod");
    find(&objects, "Namespace", "ingress-nginx");
    let mine = objects.iter().filter(|object| {
        text(object, "kind") == "NetworkPolicy" && text(object, "metadata.namespace") == "base-prod"
    });
    let denies = |policy: &&Node| {
        at(policy, "spec.podSelector").and_then(Node::as_map).is_some_and(<[_]>::is_empty)
            && at(policy, "spec.ingress").is_none()
    };
    let mine: Vec<&Node> = mine.collect();
    assert!(mine.iter().copied().filter(denies).count() >= 1, "{}", mine.len());
    let nginx = repository_text(&mine);
    assert!(nginx.contains("ingress-nginx"), "the exception for the ingress controller");
}

fn repository_text(objects: &[&Node]) -> String {
    objects.iter().map(|object| format!("{object:?}")).collect()
}

// Epic 4: TLS and domains.

#[test]
fn epic_4_story_1_base_domain_and_hosts_stand_in_one_file() {
    let config = document(&base(), "config/app-config.yaml");
    assert_eq!(text(&config, "domain"), "example.com");
    assert_eq!(text(&config, "services.0.ingress.hosts.0.host"), "www.example.com");
}

#[test]
fn epic_4_story_2_the_issuer_is_switched_per_environment() {
    let switched = spec().replace("[dev, test, prod]", "[dev, test, {name: prod, issuer: prod}]");
    let repository = with_spec(&switched, WEB);
    for (environment, issuer) in [("test", "letsencrypt-staging"), ("prod", "letsencrypt-prod")] {
        let objects = objects(&repository, environment);
        let ingress = find(&objects, "Ingress", "web");
        let annotations = at(ingress, "metadata.annotations").unwrap();
        let named = annotations.get("cert-manager.io/cluster-issuer").and_then(Node::as_str);
        assert_eq!(named, Some(issuer), "{environment}");
    }
}

#[test]
fn epic_4_story_3_tls_is_off_for_internal_services() {
    let plain = WEB.replace("\"port\": 8080", "\"port\": 8080, \"tls\": false");
    let objects_of_plain = objects(&with(&plain), "prod");
    assert!(at(find(&objects_of_plain, "Ingress", "web"), "spec.tls").is_none());
    let internal =
        r#"{"name": "db", "image": "ghcr.io/example/db:1", "internal": true, "port": 5432}"#;
    let objects = objects(&with(internal), "prod");
    assert!(!objects.iter().any(|object| text(object, "kind") == "Ingress"));
}

// Epic 5: image updates.

#[test]
fn epic_5_story_1_a_pipeline_updates_a_tag_in_the_config() {
    let mut repository = base();
    let path = yaml::edit::Path::parse("services[name=web].image.tag").unwrap();
    let tag = yaml::Value::String("1.0.1".to_owned());
    let text = repository.text("config/app-config.yaml");
    let edited = yaml::edit::set(&text, 0, &path, &tag).unwrap();
    assert_eq!(edited, text.replace("\"1.0.0\"", "\"1.0.1\""));
    repository.world.insert("config/app-config.yaml", &edited);
    // The next payload keeps it.
    let later = file("examples/gitops-base/deployed_apps.json")
        .replace("\"replicas\": 1", "\"replicas\": 2");
    let reconciled = repository.generate(&spec(), &later, &Chosen::default());
    assert_eq!(codes(&reconciled), [""; 0], "{}", findings(&reconciled));
    for environment in ["dev", "test", "prod"] {
        let objects = objects(&repository, environment);
        let image =
            at(find(&objects, "Deployment", "web"), "spec.template.spec.containers.0.image");
        assert_eq!(image.and_then(Node::as_str), Some("ghcr.io/example/web:1.0.1"));
    }
}

#[test]
fn epic_5_story_2_argo_cd_syncs_and_rolls_out_safely() {
    let repository = base();
    let application = document(&repository, "applications/app/prod/application.yaml");
    assert_eq!(
        at(&application, "spec.syncPolicy.automated.selfHeal").and_then(Node::as_bool),
        Some(true)
    );
    let objects = objects(&repository, "prod");
    let container =
        at(find(&objects, "Deployment", "web"), "spec.template.spec.containers.0").unwrap();
    assert!(container.get("readinessProbe").is_some(), "no pod gets requests before it is ready");
}

#[test]
fn epic_5_story_3_tag_changes_are_read_in_the_history() {
    assert!(base().text("docs/images.md").contains("git log -p -- config/app-config.yaml"));
    // A tag stands in a line of its own, so the history of that line is the audit.
    let config = base().text("config/app-config.yaml");
    assert!(config.lines().any(|line| line.trim() == "tag: \"1.0.0\""));
}

// Epic 6: documents.

#[test]
fn epic_6_story_1_a_new_operator_finds_the_way_from_nothing_to_a_deploy() {
    let readme = base().text("README.md");
    for words in [
        "disable: [traefik]",
        "helm upgrade --install argocd",
        "kubectl apply --server-side --filename apps/root/application.yaml",
    ] {
        assert!(readme.contains(words), "{words}");
    }
    assert!(base().text("docs/quickstart.md").contains("What happens after the root is applied"));
}

#[test]
fn epic_6_story_2_access_to_argo_cd_and_troubleshooting_are_described() {
    let operations = base().text("docs/operations.md");
    assert!(operations.contains("port-forward service/argocd-server"));
    assert!(operations.contains("argocd-initial-admin-secret"));
    let troubleshooting = base().text("docs/troubleshooting.md");
    for seen in ["ComparisonError", "ImagePullBackOff", "FailedMount", "exceeded quota", "404"] {
        assert!(troubleshooting.contains(seen), "{seen}");
    }
}

#[test]
fn epic_6_story_3_what_becomes_what_is_written_down() {
    let repository = base();
    let integration = repository.text("docs/infra-integration.md");
    // That each field has its row is the business of contract.rs.
    for field in ["`image`", "`fqdn`", "`replicas`", "`port`", "`env`"] {
        assert!(integration.contains(field), "{field}");
    }
    let contract = repository.text("handoff/README.md");
    let schema: serde_json::Value =
        serde_json::from_str(&repository.text("handoff/infra/handoff/dispatch.json")).unwrap();
    for field in schema["properties"].as_object().unwrap().keys().filter(|key| *key != "version") {
        assert!(contract.contains(&format!("`{field}`")), "{field}");
    }
}

#[test]
fn epic_6_story_4_a_developer_reads_how_to_add_services_and_secrets() {
    let repository = base();
    assert!(repository.text("README.md").contains("### Add a service"));
    let secrets = repository.text("docs/secrets.md");
    assert!(secrets.contains("## Give a secret to a workload"));
    assert!(secrets.contains("(outage.md)"));
    let outage = repository.text("docs/outage.md");
    for words in ["running pods", "a new pod", "FailedMount", "readiness"] {
        assert!(outage.contains(words), "{words}");
    }
}
