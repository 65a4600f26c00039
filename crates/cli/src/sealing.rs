//! What the commands about secrets share: which certificate, which keys, how findings are shown.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use operate::{Access, CertificateSource, DiskWorld, Repository, SealedFile};
use seal::key::{KeyRing, SealingKey};
use seal::layout::{Certificate, SealedSecret, check_certificate};
use seal::secret::Guess;
use seal::{codes, secret};
use text::{Diagnostic, Place, World as _};

use crate::environment;
use crate::error::CliError;
use crate::proof::{self, Findings};
use crate::ui::Ui;

/// Returns where a repository's certificate is committed: as its spec says, `secrets.sealedSecrets.cert`.
pub(crate) fn committed(root: &Path) -> String {
    let spec = operate::read_file(&root.join(operate::MANIFEST)).unwrap_or_default();
    proof::certificate_path(&String::from_utf8_lossy(&spec))
}

/// Returns the namespace of a repository's controller, as its spec says, `secrets.sealedSecrets.namespace`; `None` where
/// the spec has no controller or cannot be read.
pub(crate) fn controller_namespace(root: &Path) -> Option<String> {
    let spec = operate::read_file(&root.join(operate::MANIFEST)).ok()?;
    proof::controller_namespace(&String::from_utf8_lossy(&spec))
}

/// Which certificate to seal with.
#[derive(Args, Debug)]
pub(crate) struct CertificateArgument {
    /// Certificate to seal with: a file, or an address such as a controller's `/v1/cert.pem`;
    /// left out, `SEALED_SECRETS_CERT`, or the one that the repository holds
    #[arg(long, value_name = "FILE|URL")]
    cert: Option<String>,
}

/// A certificate, and the name that a person knows it by.
pub(crate) struct Named {
    pub(crate) certificate: Certificate,
    pub(crate) name: String,
}

impl CertificateArgument {
    /// Whether one was typed.
    pub(crate) fn is_given(&self) -> bool {
        self.cert.is_some()
    }

    /// Returns the certificate that was asked for, and what is wrong with it. `root` is the repository.
    pub(crate) fn read(&self, root: Option<&Path>) -> Result<(Option<Named>, Findings), CliError> {
        let source = self.source(root)?;
        let name = source.shown();
        let text = operate::read_certificate(&source)?;
        let mut findings = Findings::default();
        let file = findings.sources.add(name.as_str(), "");
        let named = match Certificate::read(&text) {
            Ok(certificate) => {
                findings.extend(check_certificate(&file, &certificate, operate::seconds_now()));
                Some(Named { certificate, name })
            }
            Err(reason) => {
                findings.extend([codes::s120_bad_certificate(&reason, Place::of_file(&file))]);
                None
            }
        };
        Ok((named, findings))
    }

    /// Returns the certificate to seal with, its warnings said; `None` where it cannot be used, which was said too.
    pub(crate) fn usable(&self, ui: &Ui, root: Option<&Path>) -> Result<Option<Named>, CliError> {
        let (named, findings) = self.read(root)?;
        ui.diagnostics(&findings.diagnostics, &findings.sources);
        Ok(named.filter(|_| !findings.has_errors()))
    }

    /// Returns the key to seal with, as [`CertificateArgument::usable`] does its certificate.
    pub(crate) fn sealing_key(
        &self,
        ui: &Ui,
        root: Option<&Path>,
    ) -> Result<Option<SealingKey>, CliError> {
        self.usable(ui, root)?.map(|named| named.sealing_key()).transpose()
    }

    fn source(&self, root: Option<&Path>) -> Result<CertificateSource, CliError> {
        if let Some(text) = self.cert.clone().or_else(environment::sealing_certificate) {
            return Ok(CertificateSource::parse(&text));
        }
        let missing = || CliError::usage("there is no certificate to seal with");
        let Some(root) = root else {
            return Err(missing().hint("give `--cert FILE`, or an address; without it the one of the repository is taken, and here is none"));
        };
        let file = root.join(committed(root));
        if !file.is_file() {
            return Err(missing()
                .hint(format!("looked for `{}`", file.display()))
                .hint("`mainstay keys new` makes a key pair and its certificate; `--cert` names another one"));
        }
        // Shown as a person would type it.
        let here = std::env::current_dir().ok();
        let shown = here.and_then(|here| Some(file.strip_prefix(here).ok()?.to_owned()));
        Ok(CertificateSource::File(shown.unwrap_or(file)))
    }
}

impl Named {
    /// Returns the certificate of the repository one stands in, if it holds one that can be read.
    pub(crate) fn committed_here() -> Option<Named> {
        let root = repository_here()?;
        let name = committed(&root);
        let text = operate::read_file(&root.join(&name)).ok()?;
        let certificate = Certificate::read(std::str::from_utf8(&text).ok()?).ok()?;
        Some(Named { certificate, name })
    }

    /// Whether the wrong keys were given: none is the certificate's, and none opens anything. That is added to the
    /// findings, once for all values.
    pub(crate) fn finds_wrong_keys<'a>(
        &self,
        findings: &mut Findings,
        sealed: impl Iterator<Item = &'a SealedSecret>,
        keys: &KeyRing,
        guess: &Guess,
    ) -> bool {
        let place = Place::of_file(&self.name.as_str().into());
        let wrong = secret::wrong_keys(sealed, keys, &self.certificate, guess, place);
        if wrong.is_some() {
            findings.sources.add(self.name.as_str(), "");
        }
        let found = wrong.is_some();
        findings.extend(wrong);
        found
    }

    /// Returns the key to seal with.
    pub(crate) fn sealing_key(&self) -> Result<SealingKey, CliError> {
        Ok(SealingKey::new(&self.certificate).map_err(secret::SealError::from)?)
    }
}

/// Private keys.
#[derive(Args, Debug)]
pub(crate) struct KeyArguments {
    /// Private key: PEM, a Secret with `tls.key`, or a `List` of such Secrets; can be given several times,
    /// and `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
}

/// Where SealedSecrets are looked for: everything below a folder, or one file of it.
pub(crate) struct Searched {
    /// The folder.
    pub(crate) root: PathBuf,
    /// The one file.
    pub(crate) only: Option<String>,
}

impl Searched {
    /// Takes what was typed: a folder, a file, or nothing, which is the repository one stands in.
    pub(crate) fn of(typed: Option<&Path>) -> Result<Searched, CliError> {
        let Some(path) = typed else {
            let root = repository_here().ok_or_else(|| {
                CliError::usage("there is no repository here")
                    .hint("name a folder, or go into the repository")
            })?;
            return Ok(Searched { root, only: None });
        };
        match (path.file_name().and_then(|name| name.to_str()), path.parent()) {
            (Some(name), Some(folder)) if path.is_file() => {
                let here = folder.as_os_str().is_empty();
                let root = if here { PathBuf::from(".") } else { folder.to_owned() };
                Ok(Searched { root, only: Some(name.to_owned()) })
            }
            _ => Ok(Searched { root: path.to_owned(), only: None }),
        }
    }

    /// Returns the files that hold SealedSecrets. Of the one that was named it is an error to hold none.
    pub(crate) fn files(&self, world: &DiskWorld) -> Result<Vec<SealedFile>, CliError> {
        let Some(only) = &self.only else { return Ok(operate::sealed_files(world, "")) };
        world
            .read(only)
            .map_err(|missing| CliError::usage(format!("`{only}` cannot be read: {missing}")))?;
        let file = operate::sealed_file(world, only);
        let none = || CliError::usage(format!("there is no SealedSecret in `{only}`"));
        Ok(vec![file.ok_or_else(none)?])
    }

    /// Returns the other files of the repository with SealedSecrets, where one file alone is looked at.
    pub(crate) fn others(&self) -> Vec<SealedFile> {
        self.only.as_ref().map(|_| sealed_around()).unwrap_or_default()
    }

    /// Returns the repository whose certificate counts.
    pub(crate) fn repository(&self) -> PathBuf {
        match &self.only {
            Some(_) => repository_here().unwrap_or_else(|| self.root.clone()),
            None => self.root.clone(),
        }
    }
}

/// Returns the repository that one stands in, if one does.
pub(crate) fn repository_here() -> Option<PathBuf> {
    operate::find_repository(Path::new(".")).ok()
}

/// Returns the files with SealedSecrets of the repository that one stands in: what they are named and where they belong
/// is tried for a value of one file that does not open. None where there is no repository, or it cannot be read.
pub(crate) fn sealed_around() -> Vec<SealedFile> {
    let Some(root) = repository_here() else { return Vec::new() };
    let world = Repository::open(&root, Access::Read).and_then(|it| it.world(None));
    world.map(|world| operate::sealed_files(&world, "")).unwrap_or_default()
}

/// Returns the SealedSecrets of files, of those that can be read.
pub(crate) fn sealed_of(files: &[SealedFile]) -> impl Iterator<Item = &SealedSecret> {
    files.iter().filter_map(|file| file.sealed.as_ref().ok()).flatten()
}

/// Returns findings about a text that must not be shown as it is, but as `shown`.
pub(crate) fn findings(
    file: &Arc<str>,
    shown: String,
    found: impl IntoIterator<Item = Diagnostic>,
) -> Findings {
    let mut findings = Findings::default();
    findings.sources.add(Arc::clone(file), shown);
    findings.extend(found);
    findings
}

/// Shows findings about what was typed or given.
pub(crate) fn say(ui: &Ui, findings: &Findings) {
    ui.diagnostics(&findings.diagnostics, &findings.sources);
}
