//! What a namespace with a level of Pod Security refuses in pods.
//!
//! In: an object that makes pods, and the level (`baseline`, `restricted`; any other refuses nothing). Out: what is
//! refused, each with its way from the root. The rules are those of the newest version: a namespace that is pinned to
//! an older one (`enforce-version`) may refuse less.
//!
//! Source: Kubernetes' documentation, "Pod Security Standards"; the answers of the API server of Kubernetes 1.37.1,
//! recorded in `tests/pod_security/answers.txt`.

use manifest::Object;
use manifest::fields::Step;
use yaml::Value;

use super::Refusal;
use crate::check::security::BASELINE;
use crate::render::pods::{self, Pod};

/// Kinds of volumes that Restricted lets a pod have.
const VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];
/// Kernel parameters that count as safe.
const SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];
const SELINUX_TYPES: &[&str] =
    &["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Returns what a level refuses in the pods of an object; nothing where it makes none.
pub fn refused_pods(object: &Object, level: &str) -> Vec<Refusal> {
    let Some(pod) = pods::of(object) else { return Vec::new() };
    let mut look = Look { pod, found: Vec::new() };
    if !matches!(level, "baseline" | "restricted") {
        return look.found;
    }
    look.namespaces();
    look.volumes(level);
    look.sysctls();
    look.annotations(object);
    let of_pod = pod.spec.get("securityContext");
    look.context(of_pod, &pod.way(&["securityContext"]));
    for (way, container) in pod.containers() {
        let context = container.get("securityContext");
        look.context(context, &below(&way, &["securityContext"]));
        look.container(&way, container, level);
    }
    if level == "restricted" {
        look.restricted(of_pod);
    }
    look.found
}

/// A pod, and what was found in it.
struct Look<'o> {
    pod: Pod<'o>,
    found: Vec<Refusal>,
}

impl Look<'_> {
    fn add(&mut self, path: Vec<Step>, why: impl Into<String>) {
        self.found.push(Refusal { path, why: why.into() });
    }

    /// Whether its users are none of the node's: who is root in it is nobody outside.
    fn has_own_users(&self) -> bool {
        is(Some(self.pod.spec), "hostUsers", false)
    }

    fn namespaces(&mut self) {
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            if is(Some(self.pod.spec), field, true) {
                self.add(self.pod.way(&[field]), format!("`{field}: true`"));
            }
        }
    }

    fn volumes(&mut self, level: &str) {
        for (index, volume) in list(self.pod.spec, "volumes").iter().enumerate() {
            let mut kinds = volume.as_map().into_iter().flatten().map(|(key, _)| key.as_str());
            let Some(kind) = kinds.find(|key| *key != "name") else { continue };
            if kind == "hostPath" || (level == "restricted" && !VOLUMES.contains(&kind)) {
                let mut way = self.pod.way(&["volumes"]);
                way.push(Step::Item(index));
                self.add(way, format!("a volume of the kind `{kind}`"));
            }
        }
    }

    fn sysctls(&mut self) {
        let Some(context) = self.pod.spec.get("securityContext") else { return };
        for (index, entry) in list(context, "sysctls").iter().enumerate() {
            let name = text(Some(entry), "name");
            if !SYSCTLS.contains(&name) {
                let mut way = self.pod.way(&["securityContext", "sysctls"]);
                way.push(Step::Item(index));
                self.add(way, format!("the sysctl `{name}`"));
            }
        }
    }

    /// AppArmor was an annotation of the pod once, and is looked at still.
    fn annotations(&mut self, object: &Object) {
        let (_, before) = self.pod.path().split_last().unwrap_or((&"", &[]));
        let path = [before, &["metadata", "annotations"]].concat();
        let Some(annotations) = object.at(&path).and_then(Value::as_map) else { return };
        for (key, value) in annotations.iter().filter(|(key, _)| key.starts_with(APP_ARMOR)) {
            let profile = value.as_str().unwrap_or_default();
            let is_fine = profile.is_empty()
                || profile == "runtime/default"
                || profile.starts_with("localhost/");
            if !is_fine {
                let way = below(&below(&[], &path), &[key]);
                self.add(way, format!("the AppArmor profile `{profile}`"));
            }
        }
    }

    /// What both pods and containers say.
    fn context(&mut self, context: Option<&Value>, way: &[Step]) {
        let part = |name: &str| context.and_then(|it| it.get(name));
        if let Some(profile) = part("appArmorProfile")
            && !matches!(text(Some(profile), "type"), "" | "RuntimeDefault" | "Localhost")
        {
            let kind = text(Some(profile), "type");
            self.add(below(way, &["appArmorProfile"]), format!("the AppArmor profile `{kind}`"));
        }
        if text(part("seccompProfile"), "type") == "Unconfined" {
            let what = "the seccomp profile `Unconfined`".to_owned();
            self.add(below(way, &["seccompProfile", "type"]), what);
        }
        let selinux = part("seLinuxOptions");
        let kind = text(selinux, "type");
        if !SELINUX_TYPES.contains(&kind) {
            let way = below(way, &["seLinuxOptions", "type"]);
            self.add(way, format!("the SELinux type `{kind}`"));
        }
        for field in ["user", "role"] {
            if !text(selinux, field).is_empty() {
                let way = below(way, &["seLinuxOptions", field]);
                self.add(way, format!("a `{field}` of SELinux"));
            }
        }
        if is(part("windowsOptions"), "hostProcess", true) {
            let what = "`hostProcess: true`".to_owned();
            self.add(below(way, &["windowsOptions", "hostProcess"]), what);
        }
    }

    fn container(&mut self, way: &[Step], container: &Value, level: &str) {
        let own = container.get("securityContext");
        if is(own, "privileged", true) {
            let way = below(way, &["securityContext", "privileged"]);
            self.add(way, "`privileged: true`");
        }
        let mount = text(own, "procMount");
        let is_masked = matches!(mount, "" | "Default");
        if !is_masked && (level == "restricted" || !self.has_own_users()) {
            let way = below(way, &["securityContext", "procMount"]);
            self.add(way, format!("`procMount: {mount}`"));
        }
        let taken = |port: &Value| matches!(port.get("hostPort"), Some(Value::Int(1..)));
        if list(container, "ports").iter().any(taken) {
            self.add(below(way, &["ports"]), "a `hostPort`");
        }
        self.handlers(way, container);
        let capabilities = own.and_then(|own| own.get("capabilities"));
        for name in names(capabilities, "add") {
            let allowed = match level {
                "restricted" => name == "NET_BIND_SERVICE",
                _ => BASELINE.contains(&name),
            };
            if !allowed {
                let way = below(way, &["securityContext", "capabilities"]);
                self.add(way, format!("the capability `{name}`"));
            }
        }
    }

    /// Probes and hooks of the life cycle ask the pod itself.
    fn handlers(&mut self, way: &[Step], container: &Value) {
        let at = |path: &[&str]| path.iter().try_fold(container, |value, key| value.get(key));
        let handlers: [&[&str]; 5] = [
            &["livenessProbe"],
            &["readinessProbe"],
            &["startupProbe"],
            &["lifecycle", "postStart"],
            &["lifecycle", "preStop"],
        ];
        for handler in handlers {
            for action in ["httpGet", "tcpSocket"] {
                let path = [handler, &[action, "host"]].concat();
                let host = at(&path).and_then(Value::as_str).unwrap_or_default();
                if !host.is_empty() {
                    self.add(below(way, &path), format!("a probe or hook that asks `{host}`"));
                }
            }
        }
    }

    /// What Restricted asks for beside; Windows has most of it not.
    fn restricted(&mut self, of_pod: Option<&Value>) {
        let own_users = self.has_own_users();
        let windows = self.pod.spec.get("os").is_some_and(|os| text(Some(os), "name") == "windows");
        let says = |context: Option<&Value>, field: &str| context?.get(field)?.as_bool();
        let way_of_pod = |field: &str| self.pod.way(&["securityContext", field]);
        let mut found: Vec<(Vec<Step>, String)> = Vec::new();
        let no_root_words = "pods without `runAsNonRoot: true`";
        let no_profile = "pods without a `seccompProfile` of `RuntimeDefault` or `Localhost`";
        let profile = |context: Option<&Value>| {
            let kind = context?.get("seccompProfile")?;
            Some(matches!(text(Some(kind), "type"), "RuntimeDefault" | "Localhost"))
        };
        if !own_users && says(of_pod, "runAsNonRoot") == Some(false) {
            found.push((way_of_pod("runAsNonRoot"), no_root_words.to_owned()));
        }
        if !own_users && is_root(of_pod) {
            found.push((way_of_pod("runAsUser"), "`runAsUser: 0`".to_owned()));
        }
        if !windows && profile(of_pod) == Some(false) {
            found.push((way_of_pod("seccompProfile"), no_profile.to_owned()));
        }
        for (way, container) in self.pod.containers() {
            let own = container.get("securityContext");
            let at = |field: &str| below(&way, &["securityContext", field]);
            let no_root_is_said =
                says(own, "runAsNonRoot").or_else(|| says(of_pod, "runAsNonRoot")) == Some(true);
            if !own_users && !no_root_is_said {
                found.push((at("runAsNonRoot"), no_root_words.to_owned()));
            }
            if !own_users && is_root(own) {
                found.push((at("runAsUser"), "`runAsUser: 0`".to_owned()));
            }
            if windows {
                continue;
            }
            if says(own, "allowPrivilegeEscalation") != Some(false) {
                let what = "containers without `allowPrivilegeEscalation: false`";
                found.push((at("allowPrivilegeEscalation"), what.to_owned()));
            }
            if !names(own.and_then(|it| it.get("capabilities")), "drop").contains(&"ALL") {
                let what = "containers that do not drop the capabilities `ALL`";
                found.push((at("capabilities"), what.to_owned()));
            }
            if profile(own).or_else(|| profile(of_pod)) != Some(true) {
                found.push((at("seccompProfile"), no_profile.to_owned()));
            }
        }
        self.found.extend(found.into_iter().map(|(path, why)| Refusal { path, why }));
    }
}

fn below(way: &[Step], path: &[&str]) -> Vec<Step> {
    way.iter().cloned().chain(path.iter().map(|key| Step::Key((*key).to_owned()))).collect()
}

fn is(value: Option<&Value>, key: &str, wanted: bool) -> bool {
    value.and_then(|it| it.get(key)).and_then(Value::as_bool) == Some(wanted)
}

fn is_root(context: Option<&Value>) -> bool {
    matches!(context.and_then(|it| it.get("runAsUser")), Some(Value::Int(0) | Value::Uint(0)))
}

fn text<'v>(value: Option<&'v Value>, key: &str) -> &'v str {
    value.and_then(|it| it.get(key)).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_list).unwrap_or_default()
}

fn names<'v>(value: Option<&'v Value>, key: &str) -> Vec<&'v str> {
    value.map(|it| list(it, key)).unwrap_or_default().iter().filter_map(Value::as_str).collect()
}
