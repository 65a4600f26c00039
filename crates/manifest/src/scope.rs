//! Which kinds live outside namespaces: those of Kubernetes and of add-ons, and those of definitions that are
//! delivered beside them.

use std::collections::BTreeMap;

use yaml::Value;

use crate::Object;

/// The built-in kinds of Kubernetes that no namespace holds, by group, and those of the add-ons
/// that a platform carries. Source: `kubectl api-resources --namespaced=false` of Kubernetes 1.37,
/// and the custom resource definitions in the add-ons' charts.
const CLUSTER_SCOPED: [(&str, &[&str]); 15] = [
    ("", &["Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("cert-manager.io", &["ClusterIssuer"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("external-secrets.io", &["ClusterExternalSecret", "ClusterSecretStore"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("gateway.networking.k8s.io", &["GatewayClass"]),
    ("networking.k8s.io", &["IPAddress", "IngressClass", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"],
    ),
];

/// What definitions say about the scope of their kinds.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    /// Whether a kind lives outside namespaces, by group and kind.
    defined: BTreeMap<(String, String), bool>,
}

impl Scopes {
    /// Reads the CustomResourceDefinitions among objects.
    pub fn of<'o>(objects: impl IntoIterator<Item = &'o Object>) -> Scopes {
        let is_definition = |it: &&Object| {
            it.kind() == "CustomResourceDefinition" && it.group() == "apiextensions.k8s.io"
        };
        let definitions = objects.into_iter().filter(is_definition);
        let defined = definitions.filter_map(|object| {
            let text = |path: &[&str]| object.at(path).and_then(Value::as_str);
            let (group, kind) = (text(&["spec", "group"])?, text(&["spec", "names", "kind"])?);
            let is_cluster = text(&["spec", "scope"])? == "Cluster";
            Some(((group.to_owned(), kind.to_owned()), is_cluster))
        });
        Scopes { defined: defined.collect() }
    }

    /// Whether objects of this kind live outside namespaces, as the definitions say, or else as
    /// [`is_cluster_scoped`] does.
    pub fn is_cluster_scoped(&self, group: &str, kind: &str) -> bool {
        if self.defined.is_empty() {
            return is_cluster_scoped(group, kind);
        }
        let key = (group.to_owned(), kind.to_owned());
        self.defined.get(&key).copied().unwrap_or_else(|| is_cluster_scoped(group, kind))
    }
}

/// Whether objects of this kind live outside namespaces. An unknown kind lives inside one.
pub fn is_cluster_scoped(group: &str, kind: &str) -> bool {
    CLUSTER_SCOPED.iter().any(|(known, kinds)| *known == group && kinds.contains(&kind))
}
