//! The certificate that a cluster's controller hands out at this moment: what `kubeseal --fetch-cert` gets.

use std::path::Path;
use std::process::Command;

use crate::Error;

/// The controller's Service, as generated repositories and kubeseal name it.
const SERVICE: &str = "sealed-secrets-controller";

/// Returns the text of the certificate, asked of the API server by `kubectl`.
///
/// The API server's proxy wants the port by its name, so the Service is asked for it first, as kubeseal does.
///
/// # Errors
/// If there is no `kubectl`, or it says no.
pub fn cluster_certificate(kubeconfig: &Path, namespace: &str) -> Result<String, Error> {
    let name = "jsonpath={.spec.ports[0].name}";
    let port = kubectl(
        kubeconfig,
        &["get", "service", SERVICE, "--namespace", namespace, "--output", name],
    )?;
    let path =
        format!("/api/v1/namespaces/{namespace}/services/http:{SERVICE}:{port}/proxy/v1/cert.pem");
    kubectl(kubeconfig, &["get", "--raw", &path])
}

fn kubectl(kubeconfig: &Path, arguments: &[&str]) -> Result<String, Error> {
    let output = Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["--request-timeout", "30s"])
        .args(arguments)
        .output()
        .map_err(|source| Error::Program { program: "kubectl", source })?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Kubectl { output });
    }
    let path = arguments.last().copied().unwrap_or_default();
    String::from_utf8(output.stdout).map_err(|_| Error::NotText { path: path.into() })
}
