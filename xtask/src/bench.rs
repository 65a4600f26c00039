//! The measurements that docs/benchmarks.md quotes: whole processes, against the real program in
//! one run where there is one, and instruction counts as the guard.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::payloads;
use crate::programs::{call, mainstay};

/// Charts of the corpus that are rendered by both: archive, release, values file, more arguments.
const CHARTS: [(&str, &str, Option<&str>, &[&str]); 4] = [
    ("argo-cd-10.1.1.tgz", "argo-cd", None, &[]),
    ("traefik-41.3.0.tgz", "traefik", None, &[]),
    ("cert-manager-v0.0.0.tgz", "cert-manager", None, &[]),
    (
        "kube-prometheus-stack-88.5.3.tgz",
        "kube-prometheus-stack",
        Some("kube-prometheus-stack.static-volumes.yaml"),
        &["--include-crds"],
    ),
];

/// The guard: a count may grow by this much before somebody must look. Machines differ by some
/// percent too: the C library picks its routines by the processor.
const TOLERANCE_PERCENT: u64 = 15;
const GUARD: &str = "benches/instructions.txt";

/// Prints the tables of docs/benchmarks.md.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(crate) fn run() -> Result<()> {
    let program = mainstay()?;
    let program = program.display();
    let work = tempfile::tempdir()?;
    let at = |name: &str| work.path().join(name).display().to_string();

    println!("| command | median | min | max |\n| --- | --- | --- | --- |");
    for apps in [12, 100, 1_000, 10_000] {
        let payload = at(&format!("apps-{apps}.json"));
        write_payload(Path::new(&payload), apps)?;
        let out = at("out");
        let command = format!("{program} new {out} --no-commit --from {payload}");
        let times = hyperfine(
            &[&command],
            Some(&format!("rm -rf {out}")),
            if apps > 100 { 5 } else { 20 },
        )?;
        println!("| `new`, {apps} apps × 3 environments | {} |", times[0].row());
        let render = format!("cd {out} && {program} render -o name");
        let times = hyperfine(&[&render], None, if apps > 100 { 5 } else { 20 })?;
        println!("| `render` of all, {apps} apps × 3 environments | {} |", times[0].row());
    }

    println!(
        "\n| chart | helm | mainstay | ratio | memory helm / mainstay |\n| --- | --- | --- | --- | --- |"
    );
    for (chart, arguments) in charts()? {
        let ours = format!("{program} helm template {arguments}");
        let theirs = format!("helm template {arguments}");
        let times = hyperfine(&[&theirs, &ours], None, 20)?;
        let ratio = times[0].median / times[1].median;
        let memory = format!("{} / {} MB", peak_megabytes(&theirs)?, peak_megabytes(&ours)?);
        println!(
            "| {chart} | {:.0} ms | {:.1} ms | {ratio:.0}× | {memory} |",
            times[0].median * 1e3,
            times[1].median * 1e3
        );
    }
    kustomizations(&program.to_string(), work.path())
}

/// Prints the tables of kustomizations only.
pub(crate) fn run_kustomize() -> Result<()> {
    kustomizations(&mainstay()?.display().to_string(), tempfile::tempdir()?.path())
}

/// kustomize: both programs on the examples, and how ours grows.
#[expect(clippy::print_stdout, reason = "its output is the report")]
fn kustomizations(program: &str, work: &Path) -> Result<()> {
    println!(
        "\n| kustomization | kubectl kustomize | mainstay | ratio | memory kubectl / mainstay |\n| --- | --- | --- | --- | --- |"
    );
    for (name, folder) in kustomize_examples()? {
        let ours = format!("{program} kustomize build {folder}");
        let theirs = format!("kubectl kustomize {folder}");
        let times = hyperfine(&[&theirs, &ours], None, 20)?;
        let ratio = times[0].median / times[1].median;
        let memory = format!("{} / {} MB", peak_megabytes(&theirs)?, peak_megabytes(&ours)?);
        println!(
            "| {name} | {:.0} ms | {:.1} ms | {ratio:.0}× | {memory} |",
            times[0].median * 1e3,
            times[1].median * 1e3
        );
    }
    println!("\n| resources | time | peak memory | time for each |\n| --- | --- | --- | --- |");
    for count in [10, 30, 100, 300, 1_000, 3_000] {
        let folder = work.join(format!("kustomization-{count}"));
        write_kustomization(&folder, count)?;
        let ours = format!("{program} kustomize build {}", folder.display());
        let times = hyperfine(&[&ours], None, 10)?;
        let memory = peak_megabytes(&ours)?;
        let each = times[0].median * 1e6 / f64::from(count);
        println!("| {count} | {:.1} ms | {memory} MB | {each:.0} µs |", times[0].median * 1e3);
    }
    Ok(())
}

/// Writes a kustomization of so many Deployments, Services and ConfigMaps, with everything that looks at
/// each of them.
fn write_kustomization(folder: &Path, count: u32) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut text = String::new();
    for number in 0..count {
        let name = number / 3;
        let object = match number % 3 {
            0 => format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app-{name}}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: main\n        image: nginx:1\n        envFrom: [{{configMapRef: {{name: app-{name}}}}}]\n"
            ),
            1 => format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: app-{name}}}\ndata: {{a: b}}\n"
            ),
            _ => format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{name: app-{name}}}\nspec: {{ports: [{{port: 80}}]}}\n"
            ),
        };
        write!(text, "---\n{object}")?;
    }
    fs::write(folder.join("all.yaml"), text)?;
    let kustomization = "resources: [all.yaml]\nnamespace: shop\nnamePrefix: dev-\nlabels: [{pairs: {env: dev}, includeSelectors: true}]\nimages: [{name: nginx, newTag: \"2\"}]\n";
    fs::write(folder.join("kustomization.yaml"), kustomization)?;
    Ok(())
}

/// The examples: what they are called, and the folder.
fn kustomize_examples() -> Result<Vec<(String, String)>> {
    let shared = fs::canonicalize("../shared").context("the examples lie in ../shared")?;
    let example = |(name, folder): (&str, &str)| {
        let bench = shared.join("examples/bench").join(folder);
        let entry = ["overlay", "overlays/prod", "."]
            .iter()
            .map(|entry| bench.join(entry))
            .find(|entry| entry.join("kustomization.yaml").is_file());
        let entry = entry.with_context(|| format!("no kustomization in {}", bench.display()))?;
        Ok((name.to_owned(), entry.display().to_string()))
    };
    [("small, 9 resources", "kustomize-small"), ("large, 103 resources", "kustomize-large")]
        .into_iter()
        .map(example)
        .collect()
}

/// Compares instruction counts with the guard, or writes them anew.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(crate) fn instructions(update: bool) -> Result<()> {
    let program = mainstay()?;
    let mut text = String::from(
        "# Instructions of a whole process, in millions (valgrind --tool=callgrind).\n",
    );
    let known = fs::read_to_string(GUARD).unwrap_or_default();
    let mut grown = Vec::new();
    let of = |(name, arguments): (String, String), command: &str| {
        (name, format!("{} {command} {arguments}", program.display()))
    };
    let charts = charts()?.into_iter().map(|it| of(it, "helm template"));
    let kustomizations = kustomize_examples()?
        .into_iter()
        .map(|(name, folder)| of((format!("kustomization, {name}"), folder), "kustomize build"));
    for (chart, command) in charts.chain(kustomizations).collect::<Vec<_>>() {
        let count = instruction_count(&command)? / 1_000_000;
        writeln!(text, "{chart} {count}")?;
        let before =
            known.lines().find_map(|line| line.strip_prefix(&chart)?.trim().parse::<u64>().ok());
        println!("{chart}: {count} million instructions (guard: {before:?})");
        if before.is_none_or(|before| count * 100 > before * (100 + TOLERANCE_PERCENT)) {
            grown.push(chart);
        }
    }
    if update {
        fs::write(GUARD, text).context(GUARD)?;
        return Ok(());
    }
    ensure!(grown.is_empty(), "more instructions than {GUARD} allows: {}", grown.join(", "));
    Ok(())
}

fn charts() -> Result<Vec<(String, String)>> {
    let shared = fs::canonicalize("../shared").context("the corpus lies in ../shared")?;
    let shared = shared.display();
    let mut charts =
        vec![("app chart, 100 resources".to_owned(), format!("app {shared}/examples/bench/chart"))];
    for (archive, release, values, more) in CHARTS {
        let mut arguments = format!("{release} {shared}/corpus/charts/{archive} -n {release}");
        if let Some(values) = values {
            write!(arguments, " -f {shared}/corpus/charts/values/{values}")?;
        }
        for argument in more {
            write!(arguments, " {argument}")?;
        }
        charts.push((archive.trim_end_matches(".tgz").to_owned(), arguments));
    }
    Ok(charts)
}

fn write_payload(path: &Path, apps: usize) -> Result<()> {
    if apps == 12 {
        fs::copy("examples/shop/deployed_apps.json", path)?;
    } else {
        fs::write(path, serde_json::to_vec(&payloads::payload(apps, 1))?)?;
    }
    let spec = path.with_file_name("mainstay.yaml");
    fs::copy("examples/shop/mainstay.yaml", spec)?;
    Ok(())
}

pub(crate) struct Times {
    pub(crate) median: f64,
    min: f64,
    max: f64,
}

impl Times {
    fn row(&self) -> String {
        let ms = |seconds: f64| format!("{:.1} ms", seconds * 1e3);
        format!("{} | {} | {}", ms(self.median), ms(self.min), ms(self.max))
    }
}

/// Times whole commands, one after the other in one run.
pub(crate) fn hyperfine(
    commands: &[&str],
    prepare: Option<&str>,
    runs: usize,
) -> Result<Vec<Times>> {
    let export = tempfile::NamedTempFile::new()?;
    let mut command = Command::new("hyperfine");
    command.args([
        "--style",
        "none",
        "--warmup",
        "2",
        "--runs",
        &runs.to_string(),
        "--export-json",
    ]);
    command.arg(export.path());
    if let Some(prepare) = prepare {
        command.args(["--prepare", prepare]);
    }
    call(command.args(commands))?;
    let report: Value = serde_json::from_slice(&fs::read(export.path())?)?;
    let results = report["results"].as_array().context("hyperfine's report")?;
    let seconds = |result: &Value, key: &str| result[key].as_f64().context("hyperfine's report");
    results
        .iter()
        .map(|it| {
            Ok(Times {
                median: seconds(it, "median")?,
                min: seconds(it, "min")?,
                max: seconds(it, "max")?,
            })
        })
        .collect()
}

/// The largest resident memory of a command.
pub(crate) fn peak_megabytes(command: &str) -> Result<u64> {
    let script = "import resource, subprocess, sys\n\
        subprocess.run(sys.argv[1], shell=True, check=True, stdout=subprocess.DEVNULL)\n\
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)";
    let output = call(Command::new("python3").args(["-c", script, &format!("exec {command}")]))?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

fn instruction_count(command: &str) -> Result<u64> {
    let line =
        format!("valgrind --tool=callgrind --callgrind-out-file=/dev/null {command} >/dev/null");
    let output = Command::new("sh").args(["-c", &line]).output()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let Some(collected) = text.lines().find_map(|line| line.split("Collected : ").nth(1)) else {
        bail!("{line}:\n{text}");
    };
    Ok(collected.trim().parse()?)
}
