//! The cluster: etcd and the API server, and if wanted controllers, scheduler and simulated nodes.
//!
//! Nothing runs in the pods: kwok says that they are ready, and that Jobs are done. What a cloud or k3s
//! would do (addresses of load balancers, volumes) is in [`stand_in`].

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use serde_json::{Value, json};

use super::place::{Lab, port};
use super::processes::{start, stop_all, wait};
use super::serve;
use super::versions::KUBERNETES;
use crate::programs::call;

/// Starts an empty cluster that has an API server alone, instead of what ran before.
pub(super) fn api_server(lab: &Lab) -> Result<()> {
    down(lab)?;
    certificates(lab)?;
    let url = |port: u16| format!("http://127.0.0.1:{port}");
    let (client, peer) = (url(port::at(port::ETCD)), url(port::at(port::ETCD_PEER)));
    let mut etcd = lab.program("etcd")?;
    etcd.args(["--data-dir", "etcd", "--unsafe-no-fsync"])
        .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
        .args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer])
        .args(["--initial-cluster", &format!("default={peer}")]);
    start(lab, "etcd", &mut etcd)?;
    let mut server = lab.program("kube-apiserver")?;
    server.args([
        &format!("--etcd-servers={client}"),
        &format!("--secure-port={}", port::at(port::API)),
        "--bind-address=127.0.0.1",
        "--tls-cert-file=api.crt",
        "--tls-private-key-file=api.key",
        "--client-ca-file=ca.crt",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=accounts.key",
        "--service-account-signing-key-file=accounts.key",
        "--authorization-mode=Node,RBAC",
        "--service-cluster-ip-range=10.43.0.0/16",
        "--endpoint-reconciler-type=none",
        "--allow-privileged=true",
        // Those who would answer are pods, and nothing runs in pods.
        "--disable-admission-plugins=ValidatingAdmissionWebhook,MutatingAdmissionWebhook",
    ]);
    // What it asks of pods, nothing answers but the laboratory's server.
    server.env("HTTP_PROXY", serve::address());
    start(lab, "kube-apiserver", &mut server)?;
    wait("the API server", 180, || {
        call(lab.kubectl().args(["get", "--raw", "/readyz"])).map(|_| true)
    })
}

/// Starts a whole cluster: controllers, scheduler and one node that has room for everything.
pub(super) fn up(lab: &Lab) -> Result<()> {
    api_server(lab)?;
    let config = format!("--kubeconfig={}", lab.kubeconfig().display());
    let mut controllers = lab.program("kube-controller-manager")?;
    controllers.args([
        &config,
        "--service-account-private-key-file=accounts.key",
        "--root-ca-file=ca.crt",
        "--bind-address=127.0.0.1",
        &format!("--secure-port={}", port::at(port::CONTROLLERS)),
        "--leader-elect=false",
    ]);
    start(lab, "kube-controller-manager", &mut controllers)?;
    let mut scheduler = lab.program("kube-scheduler")?;
    scheduler.args([&config, "--bind-address=127.0.0.1", "--leader-elect=false"]);
    scheduler.arg(format!("--secure-port={}", port::at(port::SCHEDULER)));
    start(lab, "kube-scheduler", &mut scheduler)?;
    let mut stages = String::new();
    for file in lab.files_of("kwok")? {
        stages += &format!("---\n{}\n", fs::read_to_string(&file)?);
    }
    fs::write(lab.run().join("stages.yaml"), stages)?;
    let mut kwok = lab.program("kwok")?;
    kwok.args(["--config=stages.yaml", &config, "--manage-all-nodes", "--node-ip=127.0.0.1"]);
    start(lab, "kwok", &mut kwok)?;
    let room = json!({
        "cpu": "64", "memory": "256Gi", "pods": "500", "ephemeral-storage": "500Gi",
        "nvidia.com/gpu": "8",
    });
    let nodes: Vec<Value> = ["node-1", "node-2", "node-3"]
        .iter()
        .map(|name| {
            json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": {"name": name, "labels": {
                    "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux",
                    "kubernetes.io/hostname": name, "node.example.com/gpu": "true",
                    "topology.kubernetes.io/zone": name,
                }},
                "status": {"allocatable": room, "capacity": room, "nodeInfo": {
                    "architecture": "amd64", "operatingSystem": "linux",
                    "kubeletVersion": format!("v{KUBERNETES}"), "kubeProxyVersion": "",
                    "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "",
                    "osImage": "", "containerRuntimeVersion": "",
                }},
            })
        })
        .collect();
    apply(lab, &nodes, &[])?;
    wait("the default service account", 60, || {
        let arguments = ["get", "serviceaccount", "default", "--namespace", "default"];
        call(lab.kubectl().args(arguments)).map(|_| true)
    })
}

/// Stops everything and throws the cluster away; programs stay.
pub(super) fn down(lab: &Lab) -> Result<()> {
    stop_all(lab)?;
    fs::remove_dir_all(lab.run())?;
    fs::create_dir_all(lab.run())?;
    Ok(())
}

/// Applies objects with strict validation; answers with what was printed, and the warnings.
pub(super) fn apply(lab: &Lab, objects: &[Value], flags: &[&str]) -> Result<(String, String)> {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let mut command = lab.kubectl();
    command.args(["apply", "--validate=strict", "--filename", "-"]).args(flags);
    let output = fed(&mut command, &serde_json::to_vec(&list)?)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "kubectl apply {}:\n{said}", flags.join(" "));
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), said))
}

/// Runs a program that reads a text.
pub(super) fn fed(command: &mut Command, text: &[u8]) -> Result<std::process::Output> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{command:?}"))?;
    let mut input = child.stdin.take().context("its input")?;
    let text = text.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&text));
    let output = child.wait_with_output()?;
    // A program that failed before it had read everything says why itself.
    let _ = writer.join();
    Ok(output)
}

/// Objects of a kind, in every namespace.
pub(super) fn list(lab: &Lab, kind: &str) -> Result<Vec<Value>> {
    let told = call(lab.kubectl().args(["get", kind, "--all-namespaces", "--output", "json"]))?;
    let mut told: Value = serde_json::from_slice(&told.stdout)?;
    Ok(told.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default())
}

/// Does once what k3s' ServiceLB, a volume provisioner and cert-manager do: addresses for load balancers and
/// Ingresses, a volume for each claim that waits for one, and issuers that have their account.
pub(super) fn stand_in(lab: &Lab) -> Result<()> {
    // Without cert-manager's definitions there are none.
    for issuer in list(lab, "clusterissuers.cert-manager.io").unwrap_or_default() {
        if issuer.pointer("/status/conditions").is_none() {
            let patch = r#"{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#;
            let (_, name) = identity(&issuer);
            let mut command = lab.kubectl();
            command.args(["patch", "clusterissuers.cert-manager.io", name]);
            call(command.args(["--subresource=status", "--type=merge", "--patch", patch]))?;
        }
    }
    for kind in ["services", "ingresses"] {
        for object in list(lab, kind)? {
            let wanted = kind == "ingresses"
                || object.pointer("/spec/type").and_then(Value::as_str) == Some("LoadBalancer");
            if wanted && object.pointer("/status/loadBalancer/ingress").is_none() {
                let patch = r#"{"status":{"loadBalancer":{"ingress":[{"ip":"127.0.0.1"}]}}}"#;
                let arguments = ["--subresource=status", "--type=merge", "--patch", patch];
                let (namespace, name) = identity(&object);
                let mut command = lab.kubectl();
                command.args(["patch", kind, name, "--namespace", namespace]).args(arguments);
                call(&mut command)?;
            }
        }
    }
    let mut volumes = Vec::new();
    for claim in list(lab, "persistentvolumeclaims")? {
        if claim.pointer("/status/phase").and_then(Value::as_str) == Some("Pending") {
            let (namespace, name) = identity(&claim);
            let spec = &claim["spec"];
            volumes.push(json!({
                "apiVersion": "v1", "kind": "PersistentVolume",
                "metadata": {"name": format!("{namespace}-{name}")},
                "spec": {
                    "capacity": {"storage": spec["resources"]["requests"]["storage"]},
                    "accessModes": spec["accessModes"],
                    "storageClassName": spec["storageClassName"],
                    "claimRef": {"namespace": namespace, "name": name},
                    "hostPath": {"path": "/nowhere"},
                },
            }));
        }
    }
    if !volumes.is_empty() {
        apply(lab, &volumes, &["--server-side"])?;
    }
    Ok(())
}

/// Namespace and name of an object.
pub(super) fn identity(object: &Value) -> (&str, &str) {
    let text = |key: &str| object.pointer(key).and_then(Value::as_str).unwrap_or_default();
    (text("/metadata/namespace"), text("/metadata/name"))
}

/// Objects by what they are: version and kind, namespace, name.
pub(super) fn by_identity(objects: Vec<Value>) -> BTreeMap<String, Value> {
    objects.into_iter().map(|object| (key(&object), object)).collect()
}

fn key(object: &Value) -> String {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let (version, kind) = (text("/apiVersion"), text("/kind"));
    format!("{version} {kind} {}/{}", text("/metadata/namespace"), text("/metadata/name"))
}

/// An authority of the cluster's own, and what it signs.
fn certificates(lab: &Lab) -> Result<()> {
    let run = lab.run();
    let openssl = |arguments: &[&str]| {
        call(Command::new("openssl").args(arguments).current_dir(&run)).context("certificates")
    };
    openssl(&[
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt",
        "-days", "30", "-subj", "/CN=lab",
    ])?;
    openssl(&["genrsa", "-out", "accounts.key", "2048"])?;
    let names = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc";
    for (name, subject, extension) in [
        ("api", "/CN=kube-apiserver", names),
        ("admin", "/O=system:masters/CN=admin", "keyUsage=digitalSignature"),
    ] {
        let [key, request, certificate, extensions] =
            ["key", "csr", "crt", "ext"].map(|ending| format!("{name}.{ending}"));
        fs::write(run.join(&extensions), extension)?;
        openssl(&[
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-out", &request, "-subj",
            subject,
        ])?;
        openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "30",
            "-out",
            &certificate,
            "-extfile",
            &extensions,
        ])?;
    }
    let encoded = |name: &str| -> Result<String> {
        let path: &Path = &run.join(name);
        Ok(base64::engine::general_purpose::STANDARD.encode(fs::read(path)?))
    };
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": {
            "server": format!("https://127.0.0.1:{}", port::at(port::API)),
            "certificate-authority-data": encoded("ca.crt")?,
        }}],
        "users": [{"name": "admin", "user": {
            "client-certificate-data": encoded("admin.crt")?,
            "client-key-data": encoded("admin.key")?,
        }}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "admin"}}],
    });
    fs::write(lab.kubeconfig(), serde_json::to_vec_pretty(&config)?)?;
    Ok(())
}
