//! `.Capabilities`: which Kubernetes and which helm a chart believes to meet. Without a cluster
//! helm 4.3.1 claims Kubernetes v1.37.0 and the API versions of its client library.

use std::any::Any;
use std::sync::Arc;

use gotmpl::value::Kind;
use gotmpl::{CallContext, FunctionError, List, ListType, Object, Param, Signature, Value};

use crate::error::{Error, ErrorKind};

/// The API versions that helm 4.3.1 knows without a cluster, in its order.
pub const DEFAULT_API_VERSIONS: [&str; 57] = [
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// What `.Capabilities.HelmVersion` says, in the order of its fields.
const HELM_VERSION: [(&str, &str, &str); 5] = [
    ("Version", "version", "v4.3.1"),
    ("GitCommit", "git_commit", "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff"),
    ("GitTreeState", "git_tree_state", "clean"),
    ("GoVersion", "go_version", "go1.27.2"),
    ("KubeClientVersion", "kube_client_version", "v1.37"),
];

/// A Kubernetes version as charts see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    version: String,
    normalized: String,
    major: String,
    minor: String,
}

impl Default for KubeVersion {
    fn default() -> KubeVersion {
        KubeVersion {
            version: "v1.37.0".to_owned(),
            normalized: "v1.37.0".to_owned(),
            major: "1".to_owned(),
            minor: "37".to_owned(),
        }
    }
}

impl KubeVersion {
    /// Reads what `--kube-version` takes: numbers with dots, an optional `v`, any suffix.
    ///
    /// # Errors
    /// Helm's words for a text that is no version.
    pub fn parse(text: &str) -> Result<KubeVersion, Error> {
        let fail = |reason: String| {
            let message = format!("invalid kube version '{text}': {reason}");
            Err(Error::new(ErrorKind::Argument, message))
        };
        let trimmed = text.trim_start();
        let trimmed = trimmed.strip_prefix('v').unwrap_or(trimmed);
        // Digits with single dots between them; what follows is a suffix.
        let mut end = 0;
        for (at, byte) in trimmed.bytes().enumerate() {
            let next_is_digit = || trimmed.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
            match byte {
                b'0'..=b'9' => end = at + 1,
                b'.' if at > 0 && end == at && next_is_digit() => {}
                _ => break,
            }
        }
        let numbers = trimmed.get(..end).unwrap_or_default();
        if numbers.is_empty() || trimmed.contains('\n') {
            return fail(format!("could not parse {text:?} as version"));
        }
        let parts: Vec<&str> = numbers.split('.').collect();
        let [major, minor, ..] = parts.as_slice() else {
            return fail(format!("illegal version string {text:?}"));
        };
        if major.starts_with('0') && *major != "0" {
            return fail(format!("illegal zero-prefixed version component {major:?} in {text:?}"));
        }
        let mut components = Vec::new();
        for part in &parts {
            let Ok(number) = part.parse::<u64>() else {
                return fail(format!(
                    "illegal non-numeric version component {part:?} in {text:?}: \
                     strconv.ParseUint: parsing {part:?}: value out of range"
                ));
            };
            components.push(number.to_string());
        }
        let number = |part: &str| part.parse::<u64>().unwrap_or(0).to_string();
        let (major, minor) = (number(major), number(minor));
        let version = if text.starts_with('v') { text.to_owned() } else { format!("v{text}") };
        Ok(KubeVersion { version, normalized: format!("v{}", components.join(".")), major, minor })
    }

    /// Returns the version as given, with a leading `v`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the version without suffix: what constraints are compared with.
    pub fn normalized(&self) -> &str {
        &self.normalized
    }
}

const NO_PARAMETERS: Signature = Signature { params: &[], variadic: None };
const ONE_STRING: Signature = Signature { params: &[Param::String], variadic: None };

impl Object for KubeVersion {
    fn type_name(&self) -> &'static str {
        "common.KubeVersion"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(Value::from(self.version.as_str())),
            "Major" => Some(Value::from(self.major.as_str())),
            "Minor" => Some(Value::from(self.minor.as_str())),
            _ => None,
        }
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        matches!(name, "String" | "GitVersion").then_some(&NO_PARAMETERS)
    }

    fn call(
        self: Arc<Self>,
        name: &str,
        _context: &mut CallContext,
        _arguments: &[Value],
    ) -> Result<Value, FunctionError> {
        let text = if name == "String" { &self.normalized } else { &self.version };
        Ok(Value::from(text.as_str()))
    }

    fn pointer_text(&self) -> Option<String> {
        Some(self.normalized.clone())
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", Value::from(self.version.as_str())),
            ("Major", Value::from(self.major.as_str())),
            ("Minor", Value::from(self.minor.as_str())),
        ]
    }

    fn all_fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = self.fields();
        fields.insert(1, ("normalizedVersion", Value::from(self.normalized.as_str())));
        fields
    }

    fn is_equal(&self, other: &dyn Object) -> bool {
        (other as &dyn Any).downcast_ref::<KubeVersion>().is_some_and(|other| self == other)
    }
}

/// The list of API versions.
#[derive(Debug, PartialEq, Eq)]
struct VersionSet(Arc<Vec<String>>);

impl Object for VersionSet {
    fn type_name(&self) -> &'static str {
        "common.VersionSet"
    }

    fn kind(&self) -> Kind {
        Kind::Slice
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        (name == "Has").then_some(&ONE_STRING)
    }

    fn call(
        self: Arc<Self>,
        _name: &str,
        _context: &mut CallContext,
        arguments: &[Value],
    ) -> Result<Value, FunctionError> {
        let wanted = arguments.first().and_then(Value::as_string);
        let has = wanted.is_some_and(|wanted| self.0.iter().any(|known| *wanted == known.as_str()));
        Ok(Value::Bool(has))
    }

    fn underlying(&self) -> Option<Value> {
        let items = self.0.iter().map(|version| Value::from(version.as_str())).collect();
        Some(Value::List(List::new(ListType::String, items)))
    }

    fn is_equal(&self, other: &dyn Object) -> bool {
        (other as &dyn Any).downcast_ref::<VersionSet>().is_some_and(|other| self == other)
    }
}

/// `.Capabilities.HelmVersion`.
#[derive(Debug)]
struct BuildInfo;

impl Object for BuildInfo {
    fn type_name(&self) -> &'static str {
        "version.BuildInfo"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        let (_, _, value) = HELM_VERSION.iter().find(|(field, _, _)| *field == name)?;
        Some(Value::from(*value))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        HELM_VERSION.iter().map(|(field, _, value)| (*field, Value::from(*value))).collect()
    }

    fn json_fields(&self) -> Vec<(&'static str, Value)> {
        HELM_VERSION.iter().map(|(_, key, value)| (*key, Value::from(*value))).collect()
    }

    fn is_equal(&self, _other: &dyn Object) -> bool {
        true
    }
}

/// `.Capabilities`.
#[derive(Debug)]
pub(crate) struct Capabilities {
    kube_version: Shared,
    api_versions: Shared,
    helm_version: Shared,
}

/// An object that is handed out as a value again and again.
type Shared = Arc<dyn Object>;

impl Capabilities {
    pub(crate) fn new(kube_version: &KubeVersion, more: &[String]) -> Capabilities {
        let known = DEFAULT_API_VERSIONS.iter().map(|version| (*version).to_owned());
        let versions = known.chain(more.iter().cloned()).collect();
        Capabilities {
            kube_version: Arc::new(kube_version.clone()),
            api_versions: Arc::new(VersionSet(Arc::new(versions))),
            helm_version: Arc::new(BuildInfo),
        }
    }
}

impl Object for Capabilities {
    fn type_name(&self) -> &'static str {
        "*common.Capabilities"
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn field(&self, name: &str) -> Option<Value> {
        let object = match name {
            "KubeVersion" => &self.kube_version,
            "APIVersions" => &self.api_versions,
            "HelmVersion" => &self.helm_version,
            _ => return None,
        };
        Some(Value::Object(Arc::clone(object)))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        ["KubeVersion", "APIVersions", "HelmVersion"]
            .into_iter()
            .filter_map(|name| Some((name, self.field(name)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::KubeVersion;

    #[test]
    fn versions_keep_what_was_given() {
        for (text, version, normalized) in [
            ("1.30", "v1.30", "v1.30"),
            ("v1.30.3-gke.1", "v1.30.3-gke.1", "v1.30.3"),
            ("1.30.3+k3s1", "v1.30.3+k3s1", "v1.30.3"),
            ("1.2.3.4", "v1.2.3.4", "v1.2.3.4"),
            ("1.30.", "v1.30.", "v1.30"),
        ] {
            let parsed = KubeVersion::parse(text).expect("it is a version");
            assert_eq!((parsed.version(), parsed.normalized()), (version, normalized), "{text}");
        }
        for text in ["", "x", "1", "01.2", "v"] {
            assert!(KubeVersion::parse(text).is_err(), "{text}");
        }
    }
}
