//! `mainstay secrets check`: every SealedSecret of a repository, and whether a rebuilt cluster would have
//! every secret.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, Subcommand};
use compile::check::suspicion;
use compile::model::SecretsBackend;
use compile::{render, secrets};
use operate::{Access, DiskWorld, Repository, SealedFile};
use seal::codes;
use seal::layout;
use seal::secret::{self, Guess};
use serde_json::{Map, json};
use text::{Diagnostic, Place, Severity};

use super::rotate;
use super::seal::interactive;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::proof::{self, Findings};
use crate::sealing::{CertificateArgument, KeyArguments, Named, Searched, committed, sealed_of};
use crate::ui::{GOOD, Ui};
use crate::{environment, report};

/// Checks the secrets of a repository, without a cluster
///
/// Example: mainstay secrets check --key ~/keys/shop.yaml
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Secrets {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(Check),
    Rotate(rotate::Rotate),
}

/// Checks every SealedSecret, and that a rebuilt cluster would have every secret that workloads read
///
/// Without a key: layout, scope, place, certificate. With --key: that every value opens where it will stand, or for what
/// it is sealed instead. Exits with 1 where something is wrong.
///
/// Example: mainstay secrets check --key ~/keys/shop.yaml
#[derive(Args, Debug)]
struct Check {
    #[command(flatten)]
    keys: KeyArguments,

    #[command(flatten)]
    certificate: CertificateArgument,

    /// Ask the cluster of this kubeconfig too, by `kubectl`: whether it seals with the same certificate
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,

    /// Folder to look at, or one file, without what workloads read [default: the repository one stands in]
    #[arg(value_name = "PATH")]
    folder: Option<PathBuf>,

    /// Print a JSON document instead of text
    #[arg(long)]
    json: bool,
}

impl Secrets {
    /// Whether `--json` was asked for.
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            Verb::Check(arguments) => arguments.json,
            Verb::Rotate(arguments) => arguments.json,
        }
    }
}

pub(crate) fn run(ui: &Ui, arguments: &Secrets) -> Result<Outcome, CliError> {
    match &arguments.command {
        Verb::Check(arguments) => check(ui, arguments),
        Verb::Rotate(arguments) => rotate::run(ui, arguments),
    }
}

fn check(ui: &Ui, arguments: &Check) -> Result<Outcome, CliError> {
    let begin = Instant::now();
    let searched = Searched::of(arguments.folder.as_deref())?;
    let root = searched.repository();
    let keys = operate::read_keys(&arguments.keys.key)?;
    let repository = Repository::open(&searched.root, Access::Read)?;
    let world = repository.world(environment::chart_cache())?;
    let files = searched.files(&world)?;
    let wants_certificate =
        arguments.certificate.is_given() || root.join(committed(&root)).is_file();
    let (named, mut findings) = match wants_certificate {
        true => arguments.certificate.read(Some(&root))?,
        false => (None, Findings::default()),
    };
    if !wants_certificate && !files.is_empty() && root.join(operate::MANIFEST).is_file() {
        let file = findings.sources.add(committed(&root).as_str(), "");
        findings.extend([codes::s120_bad_certificate(
            &layout::BadCertificate::Missing,
            Place::of_file(&file),
        )]);
    }
    let certificate = named.as_ref().map(|named| &named.certificate);
    if let Some(kubeconfig) = &arguments.kubeconfig {
        let Some(named) = &named else {
            return Err(CliError::usage("there is no certificate to compare the cluster's with")
                .hint("commit the one to seal with, or name it with `--cert`"));
        };
        findings.extend(of_cluster(kubeconfig, &world, named)?);
    }
    let mut rendered = match searched.only {
        Some(_) => Vec::new(),
        None => proof::render(&world, None)?,
    };
    let sealed = || sealed_of(&files);
    if rendered.iter().any(secrets::is_broken) {
        // What is not known to be made is not missed; its fault is said instead.
        let faults = render::findings(&mut rendered, &world, &mut findings.sources);
        findings.extend(faults.into_iter().filter(Diagnostic::is_error));
    }
    let drill = secrets::drill(&rendered, sealed());
    let guess = guess(&files, &searched.others(), &drill);
    let templates = operate::Templates::new()?;
    // What no key at all opens needs no search for what it may have been sealed for.
    let opens = !keys.is_empty()
        && !named
            .as_ref()
            .is_some_and(|named| named.finds_wrong_keys(&mut findings, sealed(), &keys, &guess));
    let mut values = 0;
    for file in &files {
        let name: Arc<str> = file.path.as_str().into();
        match &file.sealed {
            Err(error) => {
                findings.sources.add(Arc::clone(&name), secret::shown(&file.text));
                let place = Place::new(&name, error.offset..error.offset);
                findings.extend([codes::s130_unreadable(&error.message, place)]);
            }
            Ok(sealed) => {
                values += sealed.iter().map(|secret| secret.items.len()).sum::<usize>();
                findings.sources.add(Arc::clone(&name), layout::blotted(&file.text, sealed));
                findings.extend(layout::check(&name, sealed, certificate, &suspicion));
                findings.extend(secret::check_templates(&name, sealed, &templates));
                if opens {
                    let current = certificate.map(layout::Certificate::fingerprint);
                    let found =
                        secret::check_opens(&name, sealed, &keys, current, &guess, &templates);
                    findings.extend(found);
                }
            }
        }
    }
    let read = drill.read.len();
    let platform = interactive::platform(&world).ok();
    let backend = platform.as_ref().map(|platform| &platform.secrets);
    let by_hand = backend.is_some_and(|it| matches!(it.backend, SecretsBackend::ByHand));
    // The login of a store cannot come through it: without sealed secrets it is made by hand.
    let logins_by_hand = backend.is_some_and(|it| it.sealed_secrets.is_none());
    let installed = platform.as_ref().is_some_and(proof::installs_controller);
    let found = drill.found.into_iter();
    let found = found.filter(|it| !(installed && it.code.to_string() == "S152"));
    let made_by = |hand: bool| move |it: Diagnostic| if hand { left_to_do(it) } else { it };
    findings.extend(found.map(made_by(by_hand)));
    findings.extend(drill.logins.into_iter().map(made_by(by_hand || logins_by_hand)));
    if let Some(platform) = &platform {
        findings.extend(secrets::of_platform(platform, &rendered));
    }
    let sealed = sealed().count();
    let nothing_opens = |it: &Diagnostic| it.code.to_string() == "S140";
    let all_opened = opens && !findings.diagnostics.iter().any(nothing_opens);
    if arguments.json {
        let mut fields = Map::new();
        fields.insert("sealedSecrets".into(), json!(sealed));
        fields.insert("values".into(), json!(values));
        fields.insert("opened".into(), json!(all_opened));
        fields.insert("secretsRead".into(), json!(read));
        fields.insert("opaque".into(), report::opaque_json(&rendered));
        let (found, sources) = (&findings.diagnostics, &findings.sources);
        ui.json(&text::report("secrets check", fields, found, sources))?;
        return Ok(proof::outcome(&findings));
    }
    ui.diagnostics(&findings.diagnostics, &findings.sources);
    report::say_opaque(ui, &rendered);
    let opened = match () {
        () if keys.is_empty() => "looked at without a key",
        () if all_opened => "opened",
        () if opens => "not all of them opened",
        () => "none of them opened",
    };
    ui.status(&format!(
        "{GOOD}Checked{GOOD:#} {} with {}, {opened}; {} that workloads read; in {}",
        report::count(sealed, "SealedSecret"),
        report::count(values, "value"),
        report::count(read, "secret"),
        report::since(begin)
    ));
    report::say_findings(ui, &findings);
    Ok(proof::outcome(&findings))
}

/// What is made by hand cannot be known here: a Secret that nothing makes is left to do, and no error.
fn left_to_do(mut finding: Diagnostic) -> Diagnostic {
    if finding.code.to_string() == "S150" {
        finding.severity = Severity::Note;
        finding.hints.retain(|hint| !hint.contains("mainstay seal"));
    }
    finding
}

/// Compares the certificate that the cluster's controller hands out with ours.
fn of_cluster(
    kubeconfig: &Path,
    world: &DiskWorld,
    ours: &Named,
) -> Result<Option<Diagnostic>, CliError> {
    let platform = interactive::platform(world)?;
    let sealed = platform.secrets.sealed_secrets.as_ref();
    let namespace = sealed.map_or("kube-system", |sealed| sealed.namespace.as_str());
    let text = operate::cluster_certificate(kubeconfig, namespace)?;
    let place = Place::of_file(&ours.name.as_str().into());
    Ok(match layout::Certificate::read(&text) {
        Err(reason) => Some(codes::s120_bad_certificate(&reason, place)),
        Ok(theirs) if theirs.fingerprint() == ours.certificate.fingerprint() => None,
        Ok(theirs) => Some(codes::s124_other_in_cluster(theirs.fingerprint(), place)),
    })
}

/// What a value may have been sealed for: the names and namespaces that are written or read anywhere.
fn guess(files: &[SealedFile], others: &[SealedFile], drill: &secrets::Drill) -> Guess {
    let sealed = sealed_of(files).chain(sealed_of(others));
    let (mut namespaces, mut names): (Vec<String>, Vec<String>) =
        sealed.map(|secret| (secret.namespace.clone(), secret.name.clone())).unzip();
    for (namespace, name) in &drill.read {
        names.push(name.clone());
        namespaces.push(namespace.clone());
    }
    Guess::new(namespaces, names)
}
