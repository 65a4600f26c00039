//! Ports, and the probes and paths that name them.

use super::Findings;
use super::codes::workload as codes;
use crate::admission::{is_path, is_port_name};
use crate::model::{App, Port, PortReference, Probe, ProbeAction, Protocol, Workload};

pub(super) fn check(app: &App, findings: &mut Findings) {
    for (index, port) in app.ports.iter().enumerate() {
        for (before, other) in app.ports[..index].iter().enumerate() {
            let same_protocol = port.protocol == other.protocol;
            // A name that nobody gave follows from the number: that is what was typed twice.
            let what = if same_protocol && port.container_port == other.container_port {
                "container port"
            } else if port.name == other.name {
                "name"
            } else if same_protocol && port.service_port == other.service_port {
                "service port"
            } else {
                continue;
            };
            let place = |index| app.origin.place(&format!("ports.{index}"));
            findings.add(codes::c140_same_port(what, place(before), place(index)));
        }
    }
    for (index, port) in app.ports.iter().enumerate() {
        if !is_port_name(&port.name) {
            let place = app.origin.place(&format!("ports.{index}.name"));
            findings.add(codes::c139_port_name(&port.name, place));
        }
    }
    let probes = &app.probes;
    for (probe, single) in
        [(&probes.readiness, false), (&probes.liveness, true), (&probes.startup, true)]
    {
        let Some(probe) = probe else { continue };
        self::probe(app, probe, findings);
        if single && probe.success_threshold != 1 {
            let field = format!("{}.successThreshold", probe.field);
            findings.add(codes::c143_success_threshold(app.origin.place(&field)));
        }
    }
    // Hosts of other workloads are an error of their own.
    if app.workload != Workload::Deployment {
        return;
    }
    let has_hosts = !app.hosts.hosts.is_empty()
        || app.overrides.values().any(|differing| !differing.hosts.hosts.is_empty());
    if has_hosts && app.ports.first().is_some_and(|port| port.protocol == Protocol::Udp) {
        findings.add(codes::c148_udp_host(app.origin.place("ports.0")));
    }
    let overrides = app
        .overrides
        .iter()
        .map(|(name, differing)| (format!("environments.{name}."), &differing.hosts.hosts));
    for (prefix, hosts) in std::iter::once((String::new(), &app.hosts.hosts)).chain(overrides) {
        let all = hosts.iter().flat_map(|host| {
            host.paths.iter().enumerate().map(move |(index, path)| (host, index, path))
        });
        for (host, index, path) in all {
            let here = format!("{prefix}{}.paths", host.field);
            let field = if app.origin.has(&here) { here } else { format!("{prefix}paths") };
            if !is_path(&path.path) {
                let item = format!("{field}.{index}");
                findings.add(codes::c158_no_path(&path.path, app.origin.place(&item)));
            }
            if let Some(port) = missing(&path.port, &app.ports) {
                let place = app.origin.place(&field);
                findings.add(codes::c142_path_port(&port, &exposed(&app.ports), place));
            }
        }
    }
}

fn probe(app: &App, probe: &Probe, findings: &mut Findings) {
    let (port, action) = match &probe.action {
        ProbeAction::HttpGet { port, .. } => (port, "httpGet"),
        ProbeAction::TcpSocket { port } => (port, "tcpSocket"),
        ProbeAction::Grpc { port, .. } => (port, "grpc"),
        ProbeAction::Exec { .. } => return,
    };
    if let Some(port) = missing(port, &app.ports) {
        let place = app.origin.place(&format!("{}.{action}.port", probe.field));
        findings.add(codes::c141_probe_port(&port, &exposed(&app.ports), place));
    }
}

/// Returns the name of a port that is not among those of the app.
fn missing(port: &PortReference, ports: &[Port]) -> Option<String> {
    match port {
        PortReference::First => ports.is_empty().then(|| "http".to_owned()),
        PortReference::Name(name) => {
            (!ports.iter().any(|port| port.name == *name)).then(|| name.clone())
        }
        PortReference::Number(number) => {
            (!ports.iter().any(|port| port.container_port == *number)).then(|| number.to_string())
        }
    }
}

fn exposed(ports: &[Port]) -> String {
    if ports.is_empty() {
        return "the app has no ports; add `\"port\": 8080`".to_owned();
    }
    let names: Vec<String> =
        ports.iter().map(|port| format!("`{}` ({})", port.name, port.container_port)).collect();
    format!("the app's ports are {}", names.join(", "))
}
