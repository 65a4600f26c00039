//! What a workload may do, and where it may run.

use std::net::IpAddr;

use text::{Place, nearest};

use super::codes::workload as codes;
use super::{Findings, instances};
use crate::model::{App, Platform, PodSecurity, Spread, Toleration, Workload};

/// Capabilities that Pod Security's baseline lets a container add.
pub(crate) const BASELINE: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

pub(super) fn check(platform: &Platform, app: &App, findings: &mut Findings) {
    let context = &app.security_context;
    let place = |field: &str| app.origin.place(&format!("securityContext.{field}"));
    if context.run_as_non_root && context.run_as_user == Some(0) {
        findings.add(codes::c161_root(place("runAsUser")));
    }
    // The level is a default where nobody wrote it.
    let policy = || -> Option<Place> {
        let field = "spec.policies.podSecurity";
        platform.origin.has(field).then(|| platform.origin.place(field))
    };
    let level = match platform.policies.pod_security {
        PodSecurity::Privileged => None,
        PodSecurity::Baseline => Some("baseline"),
        PodSecurity::Restricted => Some("restricted"),
    };
    if let Some(level) = level {
        let restricted = level == "restricted";
        let mut refuse = |what: &str, field: &str| {
            findings.add(codes::c160_pod_security(what, level, place(field), policy()));
        };
        if context.seccomp_unconfined {
            refuse("`seccompProfile: Unconfined`", "seccompProfile");
        }
        if restricted && !context.run_as_non_root {
            refuse("`runAsNonRoot: false`", "runAsNonRoot");
        }
        if restricted && context.allow_privilege_escalation {
            refuse("`allowPrivilegeEscalation: true`", "allowPrivilegeEscalation");
        }
        for (index, capability) in context.add_capabilities.iter().enumerate() {
            let allowed = if restricted {
                capability == "NET_BIND_SERVICE"
            } else {
                BASELINE.contains(&capability.as_str())
            };
            if !allowed {
                refuse(
                    &format!("the capability `{capability}`"),
                    &format!("addCapabilities.{index}"),
                );
            }
        }
    }
    placement(platform, app, findings);
}

fn placement(platform: &Platform, app: &App, findings: &mut Findings) {
    if let Some(other) = &app.affinity.same_node_as
        && (*other == app.name || platform.app(other).is_none())
    {
        let known = platform.apps.iter().filter(|known| known.name != app.name);
        let meant = nearest(other, known.map(|known| known.name.as_str()));
        let place = app.origin.place("affinity.sameNodeAs");
        findings.add(codes::c162_same_node(other, place, meant));
    }
    // Said once, at the one that comes later.
    let other = app.affinity.same_node_as.as_deref().and_then(|name| platform.app(name));
    if let Some(other) = other
        && other.affinity.same_node_as.as_deref() == Some(app.name.as_str())
        && other.name < app.name
    {
        let place = app.origin.place("affinity.sameNodeAs");
        findings.add(codes::c165_same_node_circle(&other.name, &app.name, place));
    }
    if let Some(other) = other {
        let place = || app.origin.place("affinity.sameNodeAs");
        if other.workload != Workload::Deployment {
            findings.add(codes::c166_nobody_there(&other.name, "is a job", place()));
        } else if let Some((environment, _)) =
            instances(platform, app).find(|(it, _)| !other.in_environment(it).enabled)
        {
            let why = format!("is off in {}", environment.name);
            findings.add(codes::c166_nobody_there(&other.name, &why, place()));
        }
        if app.affinity.spread == Spread::Required {
            findings.add(codes::c167_spread_on_one_node(place()));
        }
    }
    for (index, toleration) in app.tolerations.iter().enumerate() {
        if let Some(why) = refused(toleration) {
            let place = app.origin.place(&format!("tolerations.{index}"));
            findings.add(codes::c163_toleration(why, place));
        }
    }
    for (index, egress) in app.egress.iter().enumerate() {
        if !is_cidr(&egress.cidr) {
            let place = app.origin.place(&format!("egress.{index}.cidr"));
            findings.add(codes::c164_cidr(&egress.cidr, place));
        }
    }
}

/// Returns why Kubernetes refuses a toleration (validation of core/v1).
fn refused(toleration: &Toleration) -> Option<&'static str> {
    let has_value = toleration.value.as_ref().is_some_and(|value| !value.is_empty());
    let has_key = toleration.key.as_ref().is_some_and(|key| !key.is_empty());
    if !toleration.exists && !has_key {
        Some("`operator: Equal` needs a `key`")
    } else if toleration.exists && has_value {
        Some("`operator: Exists` takes no `value`")
    } else if toleration.toleration_seconds.is_some()
        && toleration.effect.as_deref() != Some("NoExecute")
    {
        Some("`tolerationSeconds` needs `effect: NoExecute`")
    } else {
        None
    }
}

pub(crate) fn is_cidr(cidr: &str) -> bool {
    let Some((address, length)) = cidr.split_once('/') else { return false };
    let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u8>()) else {
        return false;
    };
    length <= if address.is_ipv4() { 32 } else { 128 }
}
