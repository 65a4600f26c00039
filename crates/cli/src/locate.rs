//! Which repository a command works in, and what an interrupted run left there.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use operate::{Access, MANIFEST, Recovered, Repository};

use crate::error::CliError;
use crate::ui::Ui;

/// Where the repository is.
#[derive(Args, Clone, Debug)]
pub(crate) struct Locate {
    /// The repository's `mainstay.yaml`, or its folder; left out, the nearest one upwards from here
    #[arg(short, long, value_name = "PATH")]
    file: Option<PathBuf>,
}

impl Locate {
    /// Returns the place that a command's own `--file` names.
    pub(crate) fn at(file: Option<PathBuf>) -> Locate {
        Locate { file }
    }

    /// Returns what was typed.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        self.file.as_ref()
    }

    /// Opens the repository, and says so where an interrupted run had to be finished or undone.
    pub(crate) fn open(&self, ui: &Ui, access: Access) -> Result<Repository, CliError> {
        let repository = Repository::open(&self.root()?, access)?;
        match repository.recovered() {
            Some(Recovered::Finished) => {
                ui.warn("an interrupted run was finished: all of its changes are made now");
            }
            Some(Recovered::Undone) => {
                ui.warn("an interrupted run was undone: none of its changes are made");
            }
            None => {}
        }
        Ok(repository)
    }

    fn root(&self) -> Result<PathBuf, CliError> {
        let Some(path) = &self.file else {
            return Ok(operate::find_repository(Path::new("."))?);
        };
        let folder = match path.is_dir() {
            true => path.clone(),
            false => match path.parent() {
                Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
                Some(parent) => parent.to_owned(),
                None => path.clone(),
            },
        };
        if !path.is_dir() && path.file_name().is_none_or(|name| name != MANIFEST) {
            return Err(CliError::usage(format!(
                "`{}` is not called `{MANIFEST}`",
                path.display()
            ))
            .hint("a repository's spec lies at its top, under that name"));
        }
        if !folder.join(MANIFEST).is_file() {
            let looked = std::path::absolute(folder.join(MANIFEST)).unwrap_or(folder);
            return Err(CliError::usage(format!("there is no `{MANIFEST}`"))
                .hint(format!("looked for `{}`", looked.display())));
        }
        Ok(folder)
    }
}

/// Reads a text file that was named on the command line.
pub(crate) fn read_text(path: &Path) -> Result<String, CliError> {
    if path.is_symlink()
        && let Err(error) = path.metadata()
        && !matches!(error.kind(), io::ErrorKind::PermissionDenied)
    {
        let leads_to = std::fs::read_link(path).unwrap_or_default();
        let why = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "which is not there",
            _ => "which leads back to it",
        };
        return Err(CliError::usage(format!(
            "`{}` is a symbolic link to `{}`, {why}",
            path.display(),
            leads_to.display()
        ))
        .hint("name the file itself"));
    }
    if !path.exists() {
        let looked = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        return Err(CliError::usage(format!("there is no file `{}`", path.display()))
            .hint(format!("looked for `{}`", looked.display())));
    }
    if path.is_dir() {
        return Err(CliError::usage(format!("`{}` is a folder, not a file", path.display())));
    }
    text_of(&path.display().to_string(), operate::read_file(path)?)
}

/// Reads a payload that was named on the command line; `-` is standard input. Returns its name, which says the
/// language, and its text.
pub(crate) fn read_payload(path: &Path) -> Result<(String, String), CliError> {
    if path != Path::new("-") {
        return Ok((path.display().to_string(), read_text(path)?));
    }
    let text = text_of("standard input", operate::read_standard_input()?)?;
    // What comes through a pipe has no name that says its language.
    let json = text.trim_start_matches('\u{feff}').trim_start();
    let json = json.is_empty() || json.starts_with(['[', '{']);
    Ok((if json { "stdin.json" } else { "stdin.yaml" }.to_owned(), text))
}

/// Returns bytes as text; only UTF-8 is text.
pub(crate) fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, CliError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CliError::usage(format!("`{name}` is no text: byte {} is not UTF-8", at + 1))
            .hint("save it as UTF-8")
    })
}
