//! `platform/admission`: only images of the allowed registries may run.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::{List, Map, documents};
use crate::model::Tls;

use super::Folder;

const NAME: &str = "allowed-registries";

pub(super) fn folder(context: &Context<'_>) -> Option<Folder> {
    if context.platform.policies.registries.is_empty() {
        return None;
    }
    let text = documents(
        "Pods of the workloads may only run images of these registries.\n\
         The same list is checked before a commit; this is for what does not come from Git.",
        [&policy(context), &binding(context)],
    );
    Some(Folder {
        name: "admission",
        about: "What the API server refuses.",
        wave: Wave::Policies,
        files: vec![(format!("{NAME}.yaml"), text)],
        namespace: super::own_namespace(context),
        of_argocd: false,
    })
}

fn registries(context: &Context<'_>) -> Vec<String> {
    let mut registries: Vec<String> = context
        .platform
        .policies
        .registries
        .iter()
        .map(|registry| context.mirrors.image(registry))
        .collect();
    // What runs beside the workloads in their namespaces.
    let mut own = Vec::new();
    if context.platform.tls != Tls::None {
        // Answers HTTP-01 challenges.
        own.push("quay.io/jetstack/cert-manager-acmesolver");
    }
    if context.platform.holds_pull_secret() {
        // Keeps the pull Secret in being; see registryCredentials in the config.
        own.push("docker.io/rancher/mirrored-pause");
    }
    for image in own {
        let image = context.mirrors.image(image);
        let listed = registries.iter().any(|registry| {
            image
                .strip_prefix(registry.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if !listed {
            registries.push(image);
        }
    }
    registries
}

/// Returns a text as CEL writes it.
fn cel_text(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            // CEL knows no raw line breaks in a text; no registry has any.
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

fn policy(context: &Context<'_>) -> Map {
    let registries: Vec<String> =
        registries(context).iter().map(|registry| cel_text(registry)).collect();
    let list = format!("[\n  {}\n]\n", registries.join(",\n  "));
    let rule = Map::new()
        .put("apiGroups", [""])
        .put("apiVersions", ["v1"])
        .put("operations", ["CREATE", "UPDATE"])
        .put("resources", ["pods", "pods/ephemeralcontainers"]);
    let variables = List::new()
        .item(Map::new().put("name", "registries").put("expression", list))
        .item(Map::new().put("name", "written").put(
            "expression",
            "object.spec.containers.map(c, c.image)\n\
             \x20 + (has(object.spec.initContainers) ? object.spec.initContainers.map(c, c.image) : [])\n\
             \x20 + (has(object.spec.ephemeralContainers) ? object.spec.ephemeralContainers.map(c, c.image) : [])\n",
        ))
        .note("`nginx` means docker.io/library/nginx, `acme/web` docker.io/acme/web.")
        .item(Map::new().put("name", "images").put(
            "expression",
            "variables.written.map(image,\n\
             \x20 !image.contains('/') ? 'docker.io/library/' + image :\n\
             \x20 image.split('/')[0].matches('[.:]|^localhost$') ? image : 'docker.io/' + image)\n",
        ));
    let validation = Map::new()
        .put(
            "expression",
            "variables.images.all(image, variables.registries.exists(registry,\n\
             \x20 image == registry || image.startsWith(registry + '/') ||\n\
             \x20 image.startsWith(registry + ':') || image.startsWith(registry + '@')))\n",
        )
        .put(
            "messageExpression",
            "'images must come from one of ' + variables.registries.join(', ')",
        );
    Map::new()
        .put("apiVersion", "admissionregistration.k8s.io/v1")
        .put("kind", "ValidatingAdmissionPolicy")
        .put("metadata", Map::new().put("name", NAME))
        .put(
            "spec",
            Map::new()
                .put("failurePolicy", "Fail")
                .put("matchConstraints", Map::new().put("resourceRules", List::new().item(rule)))
                .put("variables", variables)
                .put("validations", List::new().item(validation)),
        )
}

fn binding(context: &Context<'_>) -> Map {
    let namespaces: List = context
        .platform
        .environments
        .iter()
        .map(|environment| environment.namespace.as_str())
        .collect();
    let selector = Map::new()
        .put("key", "kubernetes.io/metadata.name")
        .put("operator", "In")
        .put("values", namespaces);
    Map::new()
        .put("apiVersion", "admissionregistration.k8s.io/v1")
        .put("kind", "ValidatingAdmissionPolicyBinding")
        .put("metadata", Map::new().put("name", NAME))
        .put(
            "spec",
            Map::new().put("policyName", NAME).put("validationActions", ["Deny"]).put(
                "matchResources",
                Map::new().put(
                    "namespaceSelector",
                    Map::new().put("matchExpressions", List::new().item(selector)),
                ),
            ),
        )
}
