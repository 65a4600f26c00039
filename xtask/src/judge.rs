//! Generated repositories before the real programs: helm, kubectl, validators and linters.
//!
//! Each example, and fifty random payloads, become a repository; then every chart render must be
//! the real helm's bytes, every kustomization must give the real kustomize's objects, and every
//! object, workflow and script must pass the tools that others wrote. A hundred random kustomizations
//! must be the real kustomize's bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::kustomizations::{self, Wanted};
use crate::payloads;
use crate::programs::{call, mainstay};

/// Kubernetes versions that every object must be valid in.
const KUBERNETES: [&str; 2] = ["1.33", "1.37"];
const ENVIRONMENTS: [&str; 3] = ["dev", "test", "prod"];
const RANDOM_PAYLOADS: u64 = 50;
const KUSTOMIZATIONS: usize = 100;

/// Runs everything; the programs must be on the path (`.ci/judges`).
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(crate) fn run() -> Result<()> {
    for program in [
        "helm",
        "kubectl",
        "kubernetes-validate",
        "check-jsonschema",
        "actionlint",
        "zizmor",
        "shellcheck",
        "yamllint",
        "act",
        "yq",
    ] {
        ensure!(
            Command::new("sh")
                .args(["-c", &format!("command -v {program}")])
                .output()?
                .status
                .success(),
            "`{program}` is not on the path: run `.ci/judges DIR` and put DIR/bin in front"
        );
    }
    let mainstay = mainstay()?;
    let work = tempfile::tempdir()?;
    let mut charts = 0;

    let shop = work.path().join("shop");
    call(
        Command::new(&mainstay)
            .arg("new")
            .arg(&shop)
            .args(["--no-commit", "--from"])
            .arg("examples/shop/deployed_apps.json"),
    )?;
    for environment in ENVIRONMENTS {
        charts += same_bytes(&mainstay, &shop, environment)?;
        same_objects(&mainstay, &shop, environment)?;
    }
    validate_all(&mainstay, &shop)?;
    lint(&shop)?;
    own_script(&shop)?;
    reports(&mainstay, &shop)?;
    println!("examples/shop: helm, kustomize, kubernetes-validate and the linters agree");

    fields()?;
    println!(
        "crates/manifest/tests/fields: kubernetes-validate refuses and takes the same objects"
    );

    gitops_base(&mainstay, &work.path().join("gitops-base"))?;
    println!("examples/gitops-base: helm, kustomize, kubernetes-validate and the linters agree");
    for form in ["mainstay", "standard"] {
        let told = call(Command::new("xtask/judges/handoff.sh").arg(&mainstay).arg(form))?;
        print!("{}", String::from_utf8_lossy(&told.stdout));
    }

    dex(&mainstay, &work.path().join("dex"))?;
    println!(
        "examples/dex: kustomize's bytes, its registry changed in one place, the linters agree"
    );
    for script in ["xtask/judges/dex.sh", "xtask/judges/bases.sh"] {
        let told = call(Command::new(script).arg(&mainstay))?;
        print!("{}", String::from_utf8_lossy(&told.stdout));
    }

    for seed in 1..=RANDOM_PAYLOADS {
        let folder = work.path().join(format!("random-{seed}"));
        let payload = work.path().join("deployed_apps.json");
        let apps = 1 + (seed as usize * 7) % 30;
        fs::write(&payload, serde_json::to_vec_pretty(&payloads::payload(apps, seed))?)?;
        fs::copy("examples/shop/mainstay.yaml", work.path().join("mainstay.yaml"))?;
        call(
            Command::new(&mainstay)
                .arg("new")
                .arg(&folder)
                .args(["--no-commit", "--from"])
                .arg(&payload),
        )
        .with_context(|| format!("payload of seed {seed}"))?;
        for environment in ENVIRONMENTS {
            charts += same_bytes(&mainstay, &folder, environment)
                .with_context(|| format!("payload of seed {seed}, environment {environment}"))?;
        }
        if seed % 10 == 0 {
            validate_all(&mainstay, &folder).with_context(|| format!("payload of seed {seed}"))?;
        }
        fs::remove_dir_all(&folder)?;
    }
    println!("{charts} renders of charts/app are the real helm's bytes");
    let merged = call(
        Command::new(judge_python()?).args(["xtask/src/merged.py", "crates/compile/tests/merge"]),
    )?;
    print!("{}", String::from_utf8_lossy(&merged.stdout));
    let few = Wanted { duration: Duration::from_secs(300), count: KUSTOMIZATIONS, seed: 1 };
    kustomizations::run(&few)
}

/// The public base, and its files for the infra repository.
fn gitops_base(mainstay: &Path, repository: &Path) -> Result<()> {
    let arguments = ["--no-commit", "--example", "gitops-base"];
    call(Command::new(mainstay).arg("new").arg(repository).args(arguments))?;
    for environment in ENVIRONMENTS {
        same_bytes(mainstay, repository, environment)?;
        same_objects(mainstay, repository, environment)?;
    }
    validate_all(mainstay, repository)?;
    lint(repository)?;
    call(Command::new("scripts/validate.sh").current_dir(repository))?;
    let infra = repository.join("handoff/infra");
    let workflows = files(&infra.join(".github/workflows"), "yml")?;
    call(Command::new("actionlint").args(&workflows).current_dir(&infra))?;
    // The folder is a repository of its own there, with the same rule for actions.
    let rule = repository.join(".github/zizmor.yml");
    call(
        Command::new("zizmor")
            .args(["--offline", "--quiet", "--config"])
            .arg(rule)
            .args(&workflows),
    )?;
    let scripts = files(&infra.join("handoff"), "sh")?;
    call(Command::new("shellcheck").arg("--external-sources").args(scripts))?;
    let schema = infra.join("handoff/dispatch.json");
    call(Command::new("check-jsonschema").arg("--check-metaschema").arg(&schema))?;
    let example = infra.join("handoff/example.json");
    call(Command::new("check-jsonschema").arg("--schemafile").arg(&schema).arg(example))?;
    Ok(())
}

/// charts/app with the values of an environment: our bytes are helm's.
fn same_bytes(mainstay: &Path, repository: &Path, environment: &str) -> Result<usize> {
    let overlay = format!("overlays/{environment}");
    let custom = format!("{overlay}/custom/values.yaml");
    let arguments = [
        "template",
        "app",
        "charts/app",
        "--namespace",
        "shop",
        "--values",
        "config/app-config.yaml",
        "--values",
        &format!("{overlay}/values.yaml"),
        "--values",
        &custom,
    ];
    let theirs = call(Command::new("helm").args(arguments).current_dir(repository))?;
    let ours = call(Command::new(mainstay).arg("helm").args(arguments).current_dir(repository))?;
    if theirs.stdout != ours.stdout {
        let kept = tempfile::tempdir()?.keep();
        fs::write(kept.join("helm"), &theirs.stdout)?;
        fs::write(kept.join("mainstay"), &ours.stdout)?;
        bail!("different bytes: diff {0}/helm {0}/mainstay", kept.display());
    }
    Ok(1)
}

/// What the real kustomize builds from an environment's folders is among what we render for it.
fn same_objects(mainstay: &Path, repository: &Path, environment: &str) -> Result<()> {
    let files = tempfile::tempdir()?;
    let ours = call(
        Command::new(mainstay)
            .args(["render", "--env", environment, "-o", "yaml"])
            .current_dir(repository),
    )?;
    fs::write(files.path().join("ours"), &ours.stdout)?;
    for folder in [format!("clusters/{environment}"), format!("overlays/{environment}")] {
        let theirs =
            call(Command::new("kubectl").args(["kustomize", &folder]).current_dir(repository))?;
        fs::write(files.path().join("theirs"), &theirs.stdout)?;
        let script = "import json, sys, yaml\n\
            def text(d): return json.dumps(d, sort_keys=True, default=str)\n\
            def read(path): return {text(d) for d in yaml.safe_load_all(open(path)) if d}\n\
            theirs, ours = read(sys.argv[1]), read(sys.argv[2])\n\
            sys.exit(not theirs or bool(theirs - ours))";
        let python = Command::new(judge_python()?)
            .args(["-c", script])
            .arg(files.path().join("theirs"))
            .arg(files.path().join("ours"))
            .status()?;
        ensure!(python.success(), "{folder}: other objects than kustomize's");
    }
    Ok(())
}

/// Every object of a repository is valid Kubernetes; custom resources are only warned about.
fn validate_all(mainstay: &Path, repository: &Path) -> Result<()> {
    let objects =
        call(Command::new(mainstay).args(["render", "-o", "yaml"]).current_dir(repository))?;
    let file = repository.join("rendered-for-validation.yaml");
    fs::write(&file, &objects.stdout)?;
    for version in KUBERNETES {
        call(Command::new("kubernetes-validate").args(["--strict", "-k", version]).arg(&file))?;
    }
    fs::remove_file(&file)?;
    Ok(())
}

/// The objects of which `crates/manifest` says that they are sound, and those of which it says that an
/// API server refuses them: kubernetes-validate says the same of each.
fn fields() -> Result<()> {
    let folder = Path::new("crates/manifest/tests/fields");
    call(
        Command::new("kubernetes-validate")
            .args(["--strict", "-k", "1.37"])
            .arg(folder.join("sound.yaml")),
    )?;
    let faulty = folder.join("faulty.yaml");
    let documents = fs::read_to_string(&faulty)?.split("\n---\n").count();
    let said = Command::new("kubernetes-validate")
        .args(["--strict", "-k", "1.37"])
        .arg(&faulty)
        .output()?;
    let said = [said.stdout, said.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let refused = said.lines().filter(|line| line.starts_with("ERROR") || line.starts_with("WARN"));
    ensure!(refused.count() == documents, "not each of {documents} is refused:\n{said}");
    Ok(())
}

fn lint(repository: &Path) -> Result<()> {
    let workflows: Vec<PathBuf> = files(&repository.join(".github/workflows"), "yml")?;
    ensure!(!workflows.is_empty(), "no workflows");
    call(Command::new("actionlint").args(&workflows).current_dir(repository))?;
    call(Command::new("zizmor").args(["--offline", "--quiet", "."]).current_dir(repository))?;
    call(Command::new("shellcheck").args(files(&repository.join("scripts"), "sh")?))?;
    let rules =
        "{extends: relaxed, rules: {line-length: disable}, ignore: [\"**/charts/*/templates/\"]}";
    call(Command::new("yamllint").args(["--strict", "-d", rules, "."]).current_dir(repository))?;
    let renovate = repository.join("renovate.json");
    if renovate.is_file() {
        let schema = ["--builtin-schema", "vendor.renovate"];
        call(Command::new("check-jsonschema").args(schema).arg(renovate))?;
    }
    Ok(())
}

/// The overlays of `examples/dex` are the real kustomize's bytes, and the one line that the documents
/// name moves all of them to another registry.
fn dex(mainstay: &Path, repository: &Path) -> Result<()> {
    call(Command::new(mainstay).arg("new").arg(repository).args([
        "--no-commit",
        "--example",
        "dex",
    ]))?;
    lint(repository)?;
    call(Command::new("scripts/validate.sh").current_dir(repository))?;
    let overlays = ["dev", "stage", "prod", "preview"];
    let build = |overlay: &str| {
        let folder = format!("infra/argocd/overlays/{overlay}");
        call(Command::new("kubectl").args(["kustomize", &folder]).current_dir(repository))
    };
    for overlay in overlays {
        let folder = format!("infra/argocd/overlays/{overlay}");
        let arguments = ["kustomize", "build", &folder];
        let ours = call(Command::new(mainstay).args(arguments).current_dir(repository))?;
        let theirs = build(overlay)?.stdout;
        ensure!(theirs == ours.stdout, "{folder}: other bytes than kustomize's");
        let text = String::from_utf8(theirs)?;
        ensure!(
            text.contains("image: ghcr.io/data-literate/dex:sha-"),
            "{folder}: another registry"
        );
    }
    let arguments =
        ["set", "infra/argocd/registry/image.yaml", "imageTag.newName", "docker.io/example/dex"];
    call(Command::new(mainstay).args(arguments).current_dir(repository))?;
    for overlay in overlays {
        let text = String::from_utf8(build(overlay)?.stdout)?;
        ensure!(
            text.contains("image: docker.io/example/dex:sha-") && !text.contains("ghcr.io"),
            "{overlay} does not pull from the new registry"
        );
    }
    Ok(())
}

/// `scripts/validate.sh` says yes to the repository, and no to each way of breaking it.
fn own_script(repository: &Path) -> Result<()> {
    let script = || {
        let mut command = Command::new("scripts/validate.sh");
        command.current_dir(repository);
        command
    };
    call(&mut script())?;
    // A file, a text in it, what takes its place, and the words of the failure.
    let breaks = [
        (
            "charts/app/templates/workloads.yaml",
            "{{",
            "{{ fail \"broken\" }}{{",
            "FAIL  workloads of prod",
        ),
        ("config/app-config.yaml", "replicas: 4", "replicas: four", "FAIL  config/app-config.yaml"),
        ("mainstay.yaml", "kind: Platform", "kind: Plan", "FAIL  mainstay.yaml"),
        ("deployed_apps.json", "\"version\": 1", "\"version\": \"1\"", "FAIL  deployed_apps.json"),
        (
            "platform/kustomization.yaml",
            "resources:",
            "resources:\n  - nothing.yaml",
            "FAIL  platform",
        ),
        ("overlays/dev/namespace.yaml", "labels:", "label:", "FAIL  overlays/dev"),
        ("config/app-config.yaml", "services:", "service:", "FAIL  config/app-config.yaml"),
        ("config/app-config.yaml", "    replicas: 4", "   replicas: 4", "FAIL  "),
        ("config/app-config.yaml", "version: 1", "version: 9", "FAIL  config/app-config.yaml"),
        ("config/app-config.yaml", "cpu: 250m", "cpu: lots", "FAIL  "),
        ("mainstay.yaml", "domain:", "domian:", "FAIL  mainstay.yaml"),
        ("mainstay.yaml", "controller: traefik", "controller: apache", "FAIL  mainstay.yaml"),
        ("deployed_apps.json", "\"fqdn\"", "\"fqdm\"", "FAIL  deployed_apps.json"),
        ("deployed_apps.json", "{", "", "FAIL  deployed_apps.json"),
        ("overlays/prod/values.yaml", "app:", "app: [", "FAIL  "),
        ("overlays/test/kustomization.yaml", "roles.yaml", "rolls.yaml", "FAIL  overlays/test"),
        ("overlays/prod/roles.yaml", "kind: Role", "kind Role", "FAIL  overlays/prod"),
        ("clusters/prod/kustomization.yaml", "resources:", "resourses:", "FAIL  clusters/prod"),
        ("projects/dev/kustomization.yaml", "project.yaml", "none.yaml", "FAIL  "),
        ("charts/app/templates/_labels.tpl", "{{- define", "{{- defin", "FAIL  workloads of prod"),
        ("charts/app/Chart.yaml", "apiVersion: v2", "apiVersion: v9", "FAIL  workloads of prod"),
        (
            "applications/app/prod/application.yaml",
            "path: charts/app",
            "path: charts/nope",
            "its path `charts/nope` is not a folder here",
        ),
        (
            "applications/app/prod/application.yaml",
            "overlays/prod/custom/values.yaml",
            "overlays/prod/custom/nope.yaml",
            "FAIL  applications/app/prod/application.yaml",
        ),
        (
            "platform/applications/namespaces.yaml",
            "path: platform/namespaces",
            "path: platform/nope",
            "its path `platform/nope` is not a folder here",
        ),
        (
            "apps/root/dev.yaml",
            "path: clusters/dev",
            "path: clusters/nope",
            "FAIL  apps/root/dev.yaml",
        ),
        ("README.md", "# ", "<<<<<<< HEAD\n# ", "FAIL  README.md"),
        (
            "overlays/prod/custom/values.yaml",
            "{}",
            "{}\n<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x",
            "FAIL  overlays/prod/custom/values.yaml",
        ),
    ];
    for (path, text, broken, said) in breaks {
        let file = repository.join(path);
        let good = fs::read_to_string(&file).with_context(|| path.to_owned())?;
        ensure!(good.contains(text), "{path} has no `{text}` to break");
        fs::write(&file, good.replacen(text, broken, 1))?;
        let output = script().output()?;
        fs::write(&file, good)?;
        let words = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.code() == Some(1) && words.contains(said),
            "scripts/validate.sh does not see that {path} is broken ({}):\n{words}",
            output.status
        );
    }
    Ok(())
}

/// What commands print under `--json` fits its schema, as another validator reads it.
fn reports(mainstay: &Path, repository: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let runs: [&[&str]; 7] = [
        &["check", "--json"],
        &["render", "--json"],
        &["render", "nothing", "--json"],
        &["generate", "--check", "--json", "--verbose"],
        &["fetch", "--offline", "--json"],
        &["explain", "R001", "--json"],
        &["explain", "spec.policies", "--json"],
    ];
    let mut files = Vec::new();
    for (number, arguments) in runs.iter().enumerate() {
        let output = Command::new(mainstay).args(*arguments).current_dir(repository).output()?;
        let file = folder.path().join(format!("{number}.json"));
        fs::write(&file, &output.stdout)?;
        files.push(file);
    }
    let file = folder.path().join("new.json");
    let new = folder.path().join("new");
    let arguments = ["new", "--no-commit", "--json"];
    fs::write(&file, call(Command::new(mainstay).args(arguments).arg(new))?.stdout)?;
    files.push(file);
    let schema = ["--schemafile", "schemas/report.schema.json"];
    call(Command::new("check-jsonschema").args(schema).args(&files))?;
    call(Command::new("check-jsonschema").args(["--check-metaschema", schema[1]]))?;
    Ok(())
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The interpreter of the judges' own environment, which has a YAML reader.
fn judge_python() -> Result<PathBuf> {
    let found = call(Command::new("sh").args(["-c", "readlink -f \"$(command -v yamllint)\""]))?;
    let program = PathBuf::from(String::from_utf8(found.stdout)?.trim());
    Ok(program.parent().context("yamllint's folder")?.join("python"))
}
