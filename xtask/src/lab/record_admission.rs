//! Records what the API server says of single objects: `crates/compile/tests/admission` (what is refused whatever the
//! cluster) and `crates/compile/tests/pod_security` (pods in namespaces of the levels Baseline and Restricted).
//!
//! A case is an object behind `--- # NAME`; answers are lines of `NAME: admitted|refused: WORDS`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

use super::place::Lab;
use super::processes::wait;
use super::{cluster, versions};
use crate::programs::call;

const FOLDER: &str = "crates/compile/tests";
const LEVELS: [&str; 2] = ["baseline", "restricted"];

/// Asks for every case again, in a cluster of its own.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(super) fn run(lab: &Lab) -> Result<()> {
    cluster::up(lab)?;
    let objects = answers(lab, "admission", &["default"])?;
    let namespaces = LEVELS.map(|level| {
        let labels = json!({"pod-security.kubernetes.io/enforce": level});
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": level, "labels": labels}})
    });
    cluster::apply(lab, &namespaces, &[])?;
    for level in LEVELS {
        wait("the service account of a namespace", 60, || {
            let account = ["get", "serviceaccount", "default", "--namespace", level];
            call(lab.kubectl().args(account)).map(|_| true)
        })?;
    }
    let pods = answers(lab, "pod_security", &LEVELS)?;
    println!("{objects} objects and {pods} pods were asked for");
    Ok(())
}

/// Writes the answers of a folder's cases; one for each namespace, whose name stands behind the case's where there are
/// several.
fn answers(lab: &Lab, folder: &str, namespaces: &[&str]) -> Result<usize> {
    let folder = Path::new(FOLDER).join(folder);
    let path = folder.join("cases.yaml");
    let cases = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    for case in cases.split("--- # ").skip(1) {
        let (name, text) = case.split_once('\n').context("a case has a name")?;
        for namespace in namespaces {
            let mut apply = lab.kubectl();
            apply.args(["apply", "--server-side", "--dry-run=server", "--validate=strict"]);
            apply.args(["--filename", "-", "--namespace", namespace]);
            let output = cluster::fed(&mut apply, text.as_bytes())?;
            let word = if output.status.success() { "admitted" } else { "refused" };
            let said = [output.stdout, b" ".to_vec(), output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            let name = match namespaces.len() {
                1 => name.to_owned(),
                _ => format!("{name}/{namespace}"),
            };
            lines.insert(name, format!("{word}: {said}"));
        }
    }
    let mut text = format!(
        "# What the API server of Kubernetes {} says of each case (server-side dry run, strict). Recorded; never edited.\n",
        versions::KUBERNETES
    );
    for (name, answer) in &lines {
        let _ = writeln!(text, "{name}: {answer}");
    }
    fs::write(folder.join("answers.txt"), text)?;
    Ok(lines.len())
}
