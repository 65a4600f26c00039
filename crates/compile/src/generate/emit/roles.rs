//! `overlays/<environment>/roles.yaml`: rights for people and pipelines, bound to nobody.

use crate::generate::kustomization::part_of;
use crate::generate::write::{List, Map, documents};

/// Returns the roles of a namespace; `whole` is what they are part of.
pub(super) fn file(namespace: &str, whole: &str) -> String {
    let read = ["get", "list", "watch"];
    let viewer = role(
        (namespace, whole),
        "viewer",
        List::new()
            .note("Everything but Secrets.")
            .item(rule(
                &[""],
                &[
                    "configmaps",
                    "events",
                    "persistentvolumeclaims",
                    "pods",
                    "pods/log",
                    "resourcequotas",
                    "services",
                ],
                &read,
            ))
            .item(rule(&["apps"], &["deployments", "replicasets"], &read))
            .item(rule(&["batch"], &["cronjobs", "jobs"], &read))
            .item(rule(&["autoscaling"], &["horizontalpodautoscalers"], &read))
            .item(rule(&["networking.k8s.io"], &["ingresses", "networkpolicies"], &read)),
    );
    let deployer = role(
        (namespace, whole),
        "deployer",
        List::new()
            .note("Restarts (`kubectl rollout restart`), and runs of a schedule by hand. Versions come from Git.")
            .item(rule(&["apps"], &["deployments"], &["get", "list", "watch", "patch"]))
            .item(rule(&[""], &["pods"], &["get", "list", "watch", "delete"]))
            .item(rule(&["batch"], &["cronjobs"], &read))
            .item(rule(&["batch"], &["jobs"], &["get", "list", "watch", "create", "delete"])),
    );
    documents(
        "Rights in this namespace, bound to nobody. To give one of them to a group, add a RoleBinding to custom/:\n\
         \n\
         \x20 kubectl create rolebinding viewers --role viewer --group GROUP --dry-run=client --output yaml",
        [&viewer, &deployer],
    )
}

fn role((namespace, whole): (&str, &str), name: &str, rules: List) -> Map {
    Map::new()
        .put("apiVersion", "rbac.authorization.k8s.io/v1")
        .put("kind", "Role")
        .put(
            "metadata",
            Map::new().put("name", name).put("namespace", namespace).put("labels", part_of(whole)),
        )
        .put("rules", rules)
}

fn rule(groups: &[&str], resources: &[&str], verbs: &[&str]) -> Map {
    let list = |texts: &[&str]| texts.iter().copied().collect::<List>();
    Map::new()
        .put("apiGroups", list(groups))
        .put("resources", list(resources))
        .put("verbs", list(verbs))
}
