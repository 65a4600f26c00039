//! `mainstay keys new`: a new key pair, where a person says, and its certificate for the repository.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use operate::{Access, Changes, Repository, Write};
use seal::key::{CONTROLLERS_NAME, KeyPair, controller_secret};
use seal::layout::{shown_date, shown_moment};
use serde_json::{Map, json};
use zeroize::Zeroizing;

use super::broken;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::places;
use crate::sealing::{committed, controller_namespace, repository_here};
use crate::ui::{GOOD, Ui};

/// The namespace that controllers run in, where nothing else is said.
const NAMESPACE: &str = "kube-system";

/// Makes a key pair: RSA 4096, and a certificate for ten years
///
/// The private key goes to --out, readable by its owner alone, and never into a repository: as a Kubernetes Secret
/// that a controller adopts when it is there before the controller starts, or as PEM. The certificate goes
/// into the repository, to seal with.
///
/// Example: mainstay keys new --out ~/keys/shop.yaml
#[derive(Args, Debug)]
pub(crate) struct New {
    /// Where the private key goes: a new file outside of every repository, or `-` for standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Where the certificate goes [default: `secrets/sealing.crt` of the repository one stands in]
    #[arg(long, value_name = "FILE")]
    cert_out: Option<PathBuf>,

    /// Replace a certificate that is there; what was sealed with it needs its key still, or `reseal`
    #[arg(long)]
    replace: bool,

    /// How long the certificate is valid
    #[arg(long, value_name = "DAYS", default_value_t = 3650, value_parser = clap::value_parser!(u32).range(1..=36500))]
    days: u32,

    /// How the private key is written
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    format: Form,

    /// Namespace of the controller [default: that of the repository one stands in, else `kube-system`]
    #[arg(long, value_name = "NAMESPACE")]
    controller_namespace: Option<String>,

    /// Name of the Secret that holds the key [default: `sealed-secrets-key`, which a controller finds without
    /// looking at labels; with --replace a name of its own, so that both keys can be in the cluster]
    #[arg(long, value_name = "NAME")]
    secret_name: Option<String>,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a private key is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A Kubernetes Secret with key and certificate, labelled as active
    #[default]
    Secret,
    /// PEM, PKCS#1; without the certificate
    Pem,
}

/// Where the certificate goes.
enum Place {
    /// Into a repository, as its change.
    Committed(Box<Repository>),
    File(PathBuf),
}

pub(crate) fn run(ui: &Ui, arguments: &New) -> Result<Outcome, CliError> {
    let to_stdout = arguments.out.as_os_str() == "-";
    if to_stdout && arguments.json {
        return Err(CliError::usage("`--json` and the key cannot both go to standard output")
            .hint("`--out FILE` writes the key into a file"));
    }
    if !to_stdout {
        places::for_private(&arguments.out, "a private key")?;
    }
    let names = [
        (arguments.secret_name.as_deref(), "a Secret", 253, true),
        (arguments.controller_namespace.as_deref(), "a namespace", 63, false),
    ];
    for (name, of, most, dots) in names {
        if let Some(name) = name.filter(|name| !seal::secret::is_name(name, most, dots)) {
            return Err(CliError::usage(format!("`{name}` cannot be the name of {of}"))
                .hint("lower-case letters, digits and `-`, a letter or digit first and last"));
        }
    }
    let (mut place, shown) = certificate_place(arguments)?;
    let serial = operate::Randomness::open()?.serial()?;
    let valid_for = i64::from(arguments.days) * 86_400;
    let pair = KeyPair::generate(serial, operate::seconds_now(), valid_for)
        .map_err(broken(&arguments.out))?;
    let key = written(arguments, &pair)?;
    let certificate = pair.certificate.to_pem().into_bytes();
    // The key first: a certificate without its key would seal what nobody can open.
    if to_stdout {
        ui.data(key.as_bytes())?;
    } else {
        operate::write_private(&arguments.out, key.as_bytes())?;
    }
    let written = match &mut place {
        Place::Committed(repository) => {
            let write = Write { path: shown.clone(), bytes: certificate, executable: false };
            repository.apply(&Changes { writes: vec![write], removes: Vec::new() })
        }
        Place::File(path) => operate::put_file(path, &certificate),
    };
    if let Err(error) = written {
        // Nothing was sealed with it yet, and a key that lies about unknown is a danger.
        if !to_stdout {
            operate::take_back(&arguments.out)?;
        }
        return Err(error.into());
    }
    let certificate = &pair.certificate;
    if arguments.json {
        let mut fields = Map::new();
        fields.insert("bits".into(), json!(certificate.bits()));
        fields.insert("fingerprint".into(), json!(certificate.fingerprint()));
        fields.insert("notBefore".into(), json!(shown_moment(certificate.not_before())));
        fields.insert("notAfter".into(), json!(shown_moment(certificate.not_after())));
        fields.insert("key".into(), json!(arguments.out));
        fields.insert("certificate".into(), json!(shown));
        ui.json(&text::report("keys new", fields, &[], &text::Sources::default()))?;
        return Ok(Outcome::Yes);
    }
    ui.status(&format!(
        "{GOOD}Made{GOOD:#} an RSA key of {} bits, {}, valid until {}",
        certificate.bits(),
        certificate.fingerprint(),
        shown_date(certificate.not_after())
    ));
    if !to_stdout {
        ui.status(&format!(
            "  private key  `{}`, readable by you alone: keep a copy in a safe place",
            arguments.out.display()
        ));
    }
    ui.status(&format!("  certificate  `{shown}`, to be committed"));
    Ok(Outcome::Yes)
}

fn written(arguments: &New, pair: &KeyPair) -> Result<Zeroizing<String>, CliError> {
    let text = match arguments.format {
        Form::Pem => pair.key.to_pem(),
        Form::Secret => {
            let name =
                arguments.secret_name.clone().unwrap_or_else(|| secret_name(arguments, pair));
            let namespace = arguments.controller_namespace.clone();
            let own = || controller_namespace(&repository_here()?);
            let namespace = namespace.or_else(own).unwrap_or_else(|| NAMESPACE.to_owned());
            controller_secret(pair, &namespace, &name)
        }
    };
    text.map_err(broken(&arguments.out))
}

/// Beside the old key a new one needs another name, or applying it would overwrite the old one.
fn secret_name(arguments: &New, pair: &KeyPair) -> String {
    let digest = pair.certificate.fingerprint().trim_start_matches("SHA256:");
    match digest.get(..12).filter(|_| arguments.replace) {
        Some(digest) => format!("{CONTROLLERS_NAME}-{digest}"),
        None => CONTROLLERS_NAME.to_owned(),
    }
}

fn certificate_place(arguments: &New) -> Result<(Place, String), CliError> {
    let (place, shown, there) = match &arguments.cert_out {
        Some(path) => {
            if operate::is_same_place(path, &arguments.out) {
                return Err(CliError::usage(format!(
                    "`{}` cannot hold both the private key and the certificate",
                    path.display()
                ))
                .hint(
                    "`--out` and `--cert-out` name one file: the certificate would replace the key",
                ));
            }
            places::needs_folder(path)?;
            let there = path.symlink_metadata().is_ok();
            if there && arguments.replace {
                places::holds_certificate(path)?;
            }
            (Place::File(path.clone()), path.display().to_string(), there)
        }
        None => {
            let root = repository_here().ok_or_else(|| {
                CliError::usage("there is no repository here to put the certificate into")
                    .hint("give `--cert-out FILE`, or go into the repository")
            })?;
            let path = committed(&root);
            let there = root.join(&path).exists();
            let repository = Repository::open(&root, Access::Change)?;
            (Place::Committed(Box::new(repository)), path, there)
        }
    };
    if there && !arguments.replace {
        return Err(CliError::usage(format!("there is a certificate already: `{shown}`"))
            .hint("`mainstay keys check --key KEY` says whether it is still good")
            .hint("to change the key: `--replace`, then `mainstay reseal --key OLD --key NEW`"));
    }
    Ok((place, shown))
}
