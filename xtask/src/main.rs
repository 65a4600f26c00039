//! Chores of the project: `cargo xtask help` lists them.
//!
//! Everything here may touch disk, network and programs; nothing here is shipped.

mod bench;
mod bench_delivery;
mod bench_seal;
mod delivery_fields;
mod judge;
mod judge_seal;
mod kubernetes_fields;
mod kustomizations;
mod lab;
mod payloads;
mod programs;
mod random;
mod random_charts;
mod record_delivery;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask tidy                 the house rules: file sizes, module heads, words that may not appear
cargo xtask judge                generated repositories through the real helm, kubectl and linters
cargo xtask judge seal           sealed values through kubeseal and three other implementations
cargo xtask random-kustomizations [--minutes N] [--count N] [--seed S]
                                 random kustomizations through the real kustomize; differences become cases
cargo xtask kubernetes-fields DIR
                                 converts the schemas of kubernetes-validate into crates/manifest/data
cargo xtask delivery-fields FILE...
                                 converts definitions of Flux and Argo CD into compile's delivery/fields.txt
cargo xtask lab build|up|status|down|test
                                 the real Kubernetes, Argo CD, Flux and sealed-secrets (docs/laboratory.md)
cargo xtask lab record [CASE...] asks the real Flux again for the answers of tests/delivery/flux
cargo xtask record-delivery [CASE...] asks the real Argo CD again for the answers of tests/delivery/argocd
cargo xtask payload APPS [SEED]  prints a random payload of APPS apps
cargo xtask random-charts [--minutes N] [--seed S]   random charts, compared with the real helm
cargo xtask bench                the measurements of docs/benchmarks.md
cargo xtask bench kustomize      those of kustomizations alone
cargo xtask bench delivery       `render` of a repository of ApplicationSets, and how it grows
cargo xtask bench seal           sealing a repository anew, against kubeseal
cargo xtask instructions [--update]   instruction counts against benches/instructions.txt
";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for developers")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["tidy"] => tidy::run(),
        ["judge"] => judge::run().and_then(|()| judge_seal::run()),
        ["judge", "seal"] => judge_seal::run(),
        ["bench"] => bench::run().and_then(|()| bench_seal::run()),
        ["bench", "seal"] => bench_seal::run(),
        ["random-kustomizations", rest @ ..] => {
            kustomizations::Wanted::read(rest).and_then(|wanted| kustomizations::run(&wanted))
        }
        ["bench", "delivery"] => bench_delivery::run(),
        ["bench", "kustomize"] => bench::run_kustomize(),
        ["instructions"] => bench::instructions(false),
        ["instructions", "--update"] => bench::instructions(true),
        ["random-charts", rest @ ..] => random_charts::run(rest),
        ["kubernetes-fields", folder] => kubernetes_fields::run(folder),
        ["delivery-fields", files @ ..] => delivery_fields::run(files),
        ["lab", rest @ ..] => lab::run(rest),
        ["record-delivery", cases @ ..] => record_delivery::run(cases),
        ["payload", apps, rest @ ..] => payloads::print(apps, rest.first().copied().unwrap_or("1")),
        [] | ["help"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => {
            eprint!("unknown chore\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
