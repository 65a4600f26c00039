//! The certificate that a cluster's controller hands out at this moment: what `kubeseal --fetch-cert` gets.

use std::path::Path;
use std::process::Command;

use crate::Error;

/// The controller's Service, as generated repositories and kubeseal name it.
const SERVICE: &str = "sealed-secrets-controller";

/// Returns the text of the certificate, asked of the API server by `kubectl`.
///
/// # Errors
/// If there is no `kubectl`, or it says no.
pub fn cluster_certificate(kubeconfig: &Path, namespace: &str) -> Result<String, Error> {
    let path = format!("/api/v1/namespaces/{namespace}/services/http:{SERVICE}:/proxy/v1/cert.pem");
    let output = Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["--request-timeout", "30s", "get", "--raw", &path])
        .output()
        .map_err(|source| Error::Program { program: "kubectl", source })?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Kubectl { output });
    }
    String::from_utf8(output.stdout).map_err(|_| Error::NotText { path: path.into() })
}
