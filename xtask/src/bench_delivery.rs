//! How long `render` takes for a repository of Argo CD that mainstay did not write, and how that grows.
//!
//! The repository is made here: ApplicationSets of all generators, and Applications whose sources are a Helm
//! chart with value files, kustomize overlays, and plain folders.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::bench::{hyperfine, peak_megabytes};
use crate::programs::{call, mainstay};

const ADDRESS: &str = "https://git.example.com/platform.git";
/// How many folders each set finds: 15 for each two sets, so that 40 make 300 applications.
const FOLDERS: [usize; 2] = [7, 8];

/// Prints the table of docs/benchmarks.md.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(crate) fn run() -> Result<()> {
    let program = mainstay()?;
    let work = tempfile::tempdir()?;
    println!(
        "| sets | applications | objects | time | peak memory |\n| --- | --- | --- | --- | --- |"
    );
    for sets in [10, 20, 40, 80, 160] {
        let folder = work.path().join(format!("sets-{sets}"));
        write(&folder, sets)?;
        let render = format!("{} render -o json --file {}", program.display(), folder.display());
        let told = call(std::process::Command::new("sh").args(["-c", &render]))?;
        let list: serde_json::Value = serde_json::from_slice(&told.stdout)?;
        let objects = list["items"].as_array().map_or(0, Vec::len);
        let times = hyperfine(&[&render], None, 10)?;
        let memory = peak_megabytes(&render)?;
        let applications = sets * 15 / 2;
        let time = times[0].median * 1e3;
        println!("| {sets} | {applications} | {objects} | {time:.0} ms | {memory} MB |");
    }
    Ok(())
}

/// Writes a repository with so many sets; an even number.
pub(crate) fn write(folder: &Path, sets: usize) -> Result<()> {
    let put = |path: String, text: &str| -> Result<()> {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, text)?;
        Ok(())
    };
    put("charts/service/Chart.yaml".into(), "apiVersion: v2\nname: service\nversion: 1.0.0\n")?;
    put("charts/service/values.yaml".into(), "replicas: 1\nport: 8080\nenv: {LEVEL: info}\n")?;
    put("charts/service/templates/all.yaml".into(), CHART)?;
    put(
        ".mainstay/delivery.yaml".into(),
        &format!("sources:\n- {{repo: \"{ADDRESS}\", path: .}}\n"),
    )?;
    for set in 0..sets {
        put(format!("sets/set-{set}.yaml"), &object(set))?;
        for number in 0..FOLDERS[set % 2] {
            let name = format!("app-{number}");
            let base = format!("teams/team-{set}/{name}");
            match set % 4 {
                0 => {
                    put(format!("{base}/values.yaml"), &format!("replicas: {}\n", number + 1))?;
                    put(format!("{base}/config.yaml"), &format!("name: {name}\nreplicas: 2\n"))?;
                }
                1 | 2 => {
                    put(format!("{base}/kustomization.yaml"), KUSTOMIZATION)?;
                    put(format!("{base}/all.yaml"), &plain(&name))?;
                }
                _ => put(format!("{base}/all.yaml"), &plain(&name))?,
            }
        }
    }
    Ok(())
}

/// A set: by files of git, folders of git, a matrix of folders and a list, a list.
fn object(set: usize) -> String {
    let team = format!("team-{set}");
    let head = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {team}, namespace: argocd}}\nspec:\n  goTemplate: true\n  goTemplateOptions: [missingkey=error]\n"
    );
    let folders = format!(
        "git: {{repoURL: \"{ADDRESS}\", revision: HEAD, directories: [{{path: \"teams/{team}/*\"}}]}}"
    );
    let (generators, name, source) = match set % 4 {
        0 => (
            format!(
                "  - git: {{repoURL: \"{ADDRESS}\", revision: HEAD, files: [{{path: \"teams/{team}/*/config.yaml\"}}]}}\n"
            ),
            "{{.path.basename}}",
            "path: charts/service, helm: {valueFiles: [\"/{{.path.path}}/values.yaml\"], parameters: [{name: env.NAME, value: \"{{.name}}\"}]}",
        ),
        1 => (format!("  - {folders}\n"), "{{.path.basename}}", "path: \"{{.path.path}}\""),
        2 => (
            format!(
                "  - matrix:\n      generators:\n      - {folders}\n      - list: {{elements: [{{env: prod}}]}}\n"
            ),
            "{{.path.basename}}-{{.env}}",
            "path: \"{{.path.path}}\", kustomize: {namePrefix: \"{{.env}}-\"}",
        ),
        _ => {
            let elements: Vec<String> =
                (0..FOLDERS[set % 2]).map(|number| format!("{{name: app-{number}}}")).collect();
            (
                format!("  - list: {{elements: [{}]}}\n", elements.join(", ")),
                "{{.name}}",
                "path: \"teams/TEAM/{{.name}}\"",
            )
        }
    };
    let source = source.replace("TEAM", &team);
    format!(
        "{head}  generators:\n{generators}  template:\n    metadata: {{name: \"{team}-{name}\"}}\n    spec:\n      project: default\n      source: {{repoURL: \"{ADDRESS}\", targetRevision: HEAD, {source}}}\n      destination: {{server: \"https://kubernetes.default.svc\", namespace: \"{team}-{name}\"}}\n"
    )
}

const KUSTOMIZATION: &str = "resources: [all.yaml]\nlabels: [{pairs: {env: prod}, includeSelectors: true}]\nimages: [{name: registry.example.com/app, newTag: \"2\"}]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n";

fn plain(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: 2\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      containers:\n      - {{name: main, image: \"registry.example.com/app:1\", ports: [{{containerPort: 8080}}]}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 8080}}]}}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}}}\n"
    )
}

const CHART: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {app.kubernetes.io/managed-by: {{ .Release.Service }}}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      containers:
      - name: main
        image: "registry.example.com/app:{{ .Values.tag | default "1" }}"
        ports: [{containerPort: {{ .Values.port }}}]
        env:
        {{- range $name, $value := .Values.env }}
        - {name: {{ $name }}, value: {{ $value | quote }}}
        {{- end }}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80, targetPort: {{ .Values.port }}}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ .Release.Name }}}
"#;
