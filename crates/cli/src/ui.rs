//! The only door to the terminal: data to standard output, words to standard error.

use std::cell::Cell;
use std::error::Error as _;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use anstream::{AutoStream, ColorChoice};
use clap::builder::styling::{AnsiColor, Style};
use serde_json::{Value, json};
use text::{Diagnostic, Sources};

use crate::arguments::{Color, Global};
use crate::error::CliError;

/// A word that is good news.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// A word that is bad news.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// A word that wants attention.
pub(crate) const CAREFUL: Style = AnsiColor::Yellow.on_default().bold();
/// A hint, a path, something to type.
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default().bold();
/// What is less important.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Volume {
    Nothing,
    Important,
    Normal,
    More,
}

/// What a command prints through.
#[derive(Debug)]
pub(crate) struct Ui {
    volume: Volume,
    colour_out: bool,
    colour_err: bool,
    /// Whether findings were the last thing shown: a blank line goes before what follows.
    after_findings: Cell<bool>,
}

impl Ui {
    /// Returns the terminal as the flags (and, for `auto`, the environment) want it.
    pub(crate) fn new(global: &Global) -> Ui {
        let choice = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        choice.write_global();
        let volume = match (global.quiet, global.verbose) {
            (0, 0) => Volume::Normal,
            (0, _) => Volume::More,
            (1, _) => Volume::Important,
            _ => Volume::Nothing,
        };
        Ui {
            volume,
            colour_out: AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            colour_err: AutoStream::choice(&io::stderr()) != ColorChoice::Never,
            after_findings: Cell::new(false),
        }
    }

    /// Whether a person asked for more than usual.
    pub(crate) fn is_verbose(&self) -> bool {
        self.volume == Volume::More
    }

    /// Writes data to standard output, byte for byte.
    pub(crate) fn data(&self, bytes: &[u8]) -> Result<(), CliError> {
        self.pieces(&[bytes])
    }

    /// Writes data that lies in pieces; large ones are not copied.
    pub(crate) fn pieces(&self, pieces: &[&[u8]]) -> Result<(), CliError> {
        let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let written = pieces.iter().try_for_each(|piece| out.write_all(piece));
        written.and_then(|()| out.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => CliError::BrokenPipe,
            _ => CliError::Output(error),
        })
    }

    /// Writes a JSON document to standard output.
    pub(crate) fn json(&self, document: &Value) -> Result<(), CliError> {
        self.data(format!("{document:#}\n").as_bytes())
    }

    /// Writes text to standard output, its styles only if they are wanted there.
    pub(crate) fn text(&self, text: &str) -> Result<(), CliError> {
        if self.colour_out {
            self.data(text.as_bytes())
        } else {
            self.data(anstream::adapter::strip_str(text).to_string().as_bytes())
        }
    }

    /// Says something in passing, on a line of its own.
    pub(crate) fn status(&self, words: &str) {
        if self.volume >= Volume::Normal {
            self.say(&format!("{words}\n"));
        }
    }

    /// Says something that matters even if little is to be said.
    pub(crate) fn important(&self, words: &str) {
        if self.volume >= Volume::Important {
            self.say(&format!("{words}\n"));
        }
    }

    /// Warns.
    pub(crate) fn warn(&self, words: &str) {
        self.important(&format!("{CAREFUL}warning{CAREFUL:#}: {words}"));
    }

    /// Says what to type.
    pub(crate) fn hint(&self, words: &str) {
        self.important(&format!("{HINT}hint{HINT:#}: {words}"));
    }

    /// Shows findings; unless a person asked for quiet, warnings and notes too.
    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic], sources: &Sources) {
        let wanted: Vec<Diagnostic> = diagnostics
            .iter()
            .filter(|diagnostic| self.volume >= Volume::Normal || diagnostic.is_error())
            .cloned()
            .collect();
        if self.volume > Volume::Nothing && !wanted.is_empty() {
            self.say(&text::render_all(&wanted, sources, self.colour_err));
            self.after_findings.set(true);
        }
    }

    /// Shows why a command could not answer, and as JSON too where JSON was asked for.
    pub(crate) fn error(&self, error: &CliError, as_json: bool) {
        if matches!(error, CliError::BrokenPipe) {
            return;
        }
        let mut words = format!("{BAD}error{BAD:#}: {error}\n");
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(next) = cause {
            causes.push(next.to_string());
            cause = next.source();
        }
        for cause in &causes {
            let _ = writeln!(words, "  caused by: {cause}");
        }
        let hints = error.hints();
        for (at, hint) in hints.iter().enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            let _ = writeln!(words, "{gap}{HINT}hint{HINT:#}: {hint}");
        }
        if self.volume > Volume::Nothing {
            self.say(&words);
        }
        if as_json {
            // If standard output fails too there is nobody left to tell.
            let _ = self.json(&error_document(&error.to_string(), &causes, &hints));
        }
    }

    fn say(&self, words: &str) {
        if self.after_findings.take() {
            stderr("\n");
        }
        if self.colour_err {
            stderr(words);
        } else {
            stderr(&anstream::adapter::strip_str(words).to_string());
        }
    }
}

/// Writes to standard error; if nobody reads that, there is nobody to tell.
pub(crate) fn stderr(words: &str) {
    let _ = io::stderr().lock().write_all(words.as_bytes());
}

/// Returns what `--json` prints where a command could not answer.
fn error_document(message: &str, causes: &[String], help: &[impl AsRef<str>]) -> Value {
    let help: Vec<&str> = help.iter().map(AsRef::as_ref).collect();
    json!({"version": 1, "kind": "error", "message": message, "causes": causes, "help": help})
}

/// Whether arguments that the parser refused ask for JSON.
pub(crate) fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// Writes what the parser had to say as the JSON document of an error.
pub(crate) fn usage_error_as_json(error: &clap::Error) {
    let words = error.render().to_string();
    let mut parts = words.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    let message = parts.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let help: Vec<&str> = parts.collect();
    // If standard output fails too there is nobody left to tell.
    let _ = writeln!(io::stdout(), "{:#}", error_document(message, &[], &help));
}
