//! `mainstay seal`: values that only the owner of the private key can read; kubeseal's job and arguments.

pub(crate) mod interactive;
mod merge;
mod raw;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use seal::key::{KeyRing, SealingKey};
use seal::secret::{self, Format};
use zeroize::Zeroizing;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::sealing::{CertificateArgument, KeyArguments, repository_here};
use crate::ui::Ui;

/// Seals Secrets, as kubeseal does, without a cluster
///
/// Reads Secrets (YAML or JSON, several documents) and prints SealedSecrets. With a
/// name, an environment and a key it asks for one value without echo, or takes it
/// from standard input, and puts the SealedSecret where the platform reads it.
///
/// Examples:
///   kubectl create secret generic db --dry-run=client -o yaml … | mainstay seal -o yaml
///   mainstay seal db --env prod password
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Seal {
    /// Name of the Secret that gets a value
    #[arg(
        value_name = "NAME",
        requires = "item",
        requires = "env",
        conflicts_with_all = ["input", "namespace", "name", "output", "into", "merge_into", "raw", "from_file"]
    )]
    secret: Option<String>,

    /// Key of the value in that Secret
    #[arg(value_name = "KEY")]
    item: Option<String>,

    /// Environment whose Secret it is
    #[arg(long, value_name = "ENVIRONMENT", requires = "secret")]
    env: Option<String>,

    #[command(flatten)]
    certificate: CertificateArgument,

    /// Secrets to seal [default: standard input]
    #[arg(short = 'f', long = "secret-file", value_name = "FILE")]
    input: Option<PathBuf>,

    /// How far a sealed value may move: strict (default), namespace-wide, cluster-wide; wider ones win over
    /// the annotations of the Secret
    #[arg(long, value_name = "SCOPE", value_enum, hide_possible_values = true)]
    scope: Option<Scope>,

    /// Namespace of Secrets that say none; another than they say is an error
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<String>,

    /// Name, in place of the one that the Secret says
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// How SealedSecrets are printed: json (as kubeseal) or yaml; a file ending in .yaml or .yml is YAML
    #[arg(
        short,
        long = "output",
        alias = "format",
        value_name = "FORM",
        value_enum,
        hide_possible_values = true
    )]
    output: Option<Form>,

    /// Write to this file instead of standard output
    #[arg(
        short = 'w',
        long = "sealed-secret-file",
        value_name = "FILE",
        conflicts_with = "merge_into"
    )]
    into: Option<PathBuf>,

    /// Put the values into the SealedSecret of this file; all its other bytes stay
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    merge_into: Option<PathBuf>,

    /// Seal one value as it stands and print the sealed value alone
    #[arg(long, conflicts_with_all = ["merge_into", "output"])]
    raw: bool,

    /// The value of --raw: a file, or KEY=FILE [default: standard input]
    #[arg(long, value_name = "[KEY=]FILE", requires = "raw")]
    from_file: Vec<String>,

    /// Seal a Secret without values too
    #[arg(long)]
    allow_empty_data: bool,

    /// Take line ends off the end of values
    #[arg(long)]
    trim: bool,

    #[command(flatten)]
    keys: KeyArguments,
}

/// How far a sealed value may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scope {
    /// This name in this namespace
    Strict,
    /// Any name in this namespace
    NamespaceWide,
    /// Any name in any namespace
    ClusterWide,
}

/// How objects are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// JSON
    Json,
    /// YAML
    Yaml,
}

pub(crate) fn run(ui: &Ui, arguments: &Seal) -> Result<Outcome, CliError> {
    let root = repository_here();
    if let (Some(name), Some(item), Some(env)) =
        (&arguments.secret, &arguments.item, &arguments.env)
    {
        return interactive::run(ui, arguments, &interactive::Wanted { name, item, env });
    }
    let Some(key) = arguments.certificate.sealing_key(ui, root.as_deref())? else {
        return Ok(Outcome::Invalid);
    };
    let own = arguments.own_keys(&key)?;
    if arguments.raw {
        return raw::run(ui, arguments, &key);
    }
    match &arguments.merge_into {
        Some(file) => merge::run(ui, arguments, &key, file),
        None => whole::run(ui, arguments, &key, &own),
    }
}

/// What no cluster takes is refused, and what is empty is most often a mistake: of a text with SealedSecrets, the size of
/// all values of each, and the `sealed` ones (SealedSecret and key) that have 0 bytes.
fn bounded(
    ui: &Ui,
    empty_is_meant: bool,
    text: &str,
    sealed: &[(String, String)],
) -> Result<(), CliError> {
    for secret in seal::layout::read(text).unwrap_or_default() {
        let size: usize = secret.items.iter().filter_map(seal::layout::Item::bytes).sum();
        if size as u64 > crate::prompt::MOST_BYTES {
            let of = format!("the values of `{}` are larger than 1 MiB together", secret.name);
            return Err(CliError::usage(of).hint(
                "a Secret holds 1 MiB at most, all its values together: nothing was written",
            ));
        }
        let new = |key: &str| sealed.iter().any(|(name, it)| *name == secret.name && it == key);
        for item in secret.items.iter().filter(|it| it.bytes() == Some(0) && new(&it.key)) {
            if !empty_is_meant {
                ui.warn(&format!(
                    "the value of `{}` has 0 bytes; `--allow-empty-data` says that this is meant",
                    item.key
                ));
            }
        }
    }
    Ok(())
}

impl Seal {
    /// Returns the private keys that were given. With one at hand what was sealed is opened again: it must be
    /// that of the certificate.
    fn own_keys(&self, key: &SealingKey) -> Result<KeyRing, CliError> {
        let own = operate::read_keys(&self.keys.key)?;
        if !own.is_empty() && own.iter().all(|(_, own)| own.fingerprint() != key.fingerprint()) {
            return Err(CliError::usage("the certificate is of another key than the one that was given")
                .hint("what is sealed with it cannot be opened with that key: `mainstay keys check --key KEY`"));
        }
        Ok(own)
    }

    fn options(&self) -> secret::Options<'_> {
        secret::Options {
            name: self.name.as_deref(),
            namespace: self.namespace.as_deref(),
            override_namespace: false,
            scope: self.scope(),
            allow_empty: self.allow_empty_data,
            trim: self.trim,
        }
    }

    fn scope(&self) -> Option<seal::layout::Scope> {
        self.scope.map(|scope| match scope {
            Scope::Strict => seal::layout::Scope::Strict,
            Scope::NamespaceWide => seal::layout::Scope::NamespaceWide,
            Scope::ClusterWide => seal::layout::Scope::ClusterWide,
        })
    }

    fn format(&self) -> Format {
        let ending = |file: &Path| {
            file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
        };
        match self.output {
            // As in kubeseal: the name of the file decides.
            _ if self.into.as_deref().is_some_and(ending) => Format::Yaml,
            Some(Form::Yaml) => Format::Yaml,
            Some(Form::Json) | None => Format::Json,
        }
    }

    /// Returns the Secrets that were given: the name that a person knows them by, and the text.
    fn input(&self, ui: &Ui) -> Result<(Arc<str>, Zeroizing<String>), CliError> {
        let file = self.input.clone().unwrap_or_else(|| PathBuf::from("-"));
        if file.as_os_str() != "-" {
            return Ok((file.display().to_string().into(), operate::read_secret_text(&file)?));
        }
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            ui.important(
                "Reading a Secret from the terminal, up to Ctrl-D; `-f FILE` reads one from a file",
            );
        }
        Ok(("standard input".into(), operate::read_secret_text(&file)?))
    }
}
