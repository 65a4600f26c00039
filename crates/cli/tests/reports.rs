//! What commands print under `--json`, against `schemas/report.schema.json` and another's validator.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may touch the disk")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use testkit::Folder;

/// Commands, and the kind of what they print; `shop$ ` is in front of those that run in that folder, which is
/// there from the first on.
const RUNS: &[(&str, &str)] = &[
    ("new shop --no-commit --json", "new"),
    ("new shop --json", "error"),
    ("new other --from wrong.json --json", "new"),
    ("new twice --from twice.json --json", "new"),
    ("check -f shop --json", "check"),
    ("render -f shop --json", "render"),
    ("render web -f shop --json", "error"),
    ("generate -f shop --check --json", "generate"),
    ("upgrade -f shop --json", "upgrade"),
    ("generate -f shop --from wrong.json --json", "generate"),
    ("generate -f shop --from apps.json -v --json", "generate"),
    ("set shop/renovate.json /$schema https://example.com/x.json --json", "set"),
    ("set shop/renovate.json /nothing false --json", "error"),
    ("keys new --out master.key --cert-out master.crt --json", "keys new"),
    ("keys new --out - --cert-out other.crt --json", "error"),
    ("keys store master.crt --stack Pulumi.x.yaml --name a:b --json", "error"),
    ("keys store master.key --stack Pulumi.x.yaml --name a:b --json", "keys store"),
    ("shop$ secrets rotate --json", "secrets rotate"),
    ("keys show master.key master.crt --json", "keys"),
    ("keys check --key master.key --cert master.crt --json", "keys check"),
    ("secrets check shop --json", "secrets check"),
    ("reseal shop --key master.key --cert master.crt --json", "reseal"),
    ("check -f foreign --json", "check"),
    ("render -f foreign --json", "render"),
    ("check --json --nosuchflag", "error"),
    ("check -f broken --json", "check"),
    ("render -f broken --json", "render"),
    ("fetch -f shop --offline --json", "fetch"),
    ("explain C101 --json", "finding"),
    ("explain spec.environments --json", "key"),
    ("explain spec.infra.provider --json", "key"),
    ("explain nothing --json", "error"),
];

/// A repository that mainstay did not write.
const FOREIGN: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://git.example.com/shop.git, path: nowhere}
  destination: {server: https://kubernetes.default.svc, namespace: web}
";

#[test]
fn every_report_fits_its_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/report.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(root).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = Folder::new().unwrap();
    folder.write("wrong.json", r#"[{"image": "a/b:1", "replica": 2}]"#).unwrap();
    let app = r#"{"image": "a/web:1", "fqdn": "a.example.org", "port": 80}"#;
    folder.write("apps.json", format!("[{app}]")).unwrap();
    folder.write("twice.json", format!("[{app}, {app}]")).unwrap();
    folder.write("foreign/app.yaml", FOREIGN).unwrap();
    let mut kinds = BTreeSet::new();
    for (arguments, kind) in RUNS {
        if *arguments == "check -f broken --json" {
            break_copy(&folder);
        }
        let place = arguments.split_once("$ ").map_or("", |(place, _)| place);
        let command = arguments.split_once("$ ").map_or(*arguments, |(_, command)| command);
        let output = Command::new(env!("CARGO_BIN_EXE_mainstay"))
            .args(command.split(' '))
            .current_dir(folder.join(place))
            .env("HOME", folder.path())
            .env("PULUMI_CONFIG_PASSPHRASE", "of the tests")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        if kind.is_empty() {
            assert!(output.status.success(), "{arguments}");
            continue;
        }
        let report: Value = serde_json::from_str(&said)
            .unwrap_or_else(|error| panic!("{arguments}: {error}\n{said}"));
        assert_eq!(report.get("kind").and_then(Value::as_str), Some(*kind), "{arguments}\n{said}");
        let faults: Vec<String> =
            validator.iter_errors(&report).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{arguments}: {faults:#?}\n{said}");
        kinds.insert(*kind);
    }
    let known = schema.pointer("/properties/kind/enum").and_then(Value::as_array).unwrap();
    assert_eq!(kinds.len(), known.len(), "a kind that no run gives: {known:?}");
}

/// A repository with findings of rendering: their places are in several files.
fn break_copy(folder: &Folder) {
    let from = folder.join("shop");
    for (path, bytes) in testkit::snapshot(&from).unwrap() {
        if !path.ends_with('/') {
            folder.write(&format!("broken/{path}"), bytes).unwrap();
        }
    }
    folder.write("broken/charts/app/templates/zz.yaml", "{{ fail \"no\" }}").unwrap();
}
