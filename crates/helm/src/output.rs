//! What `helm template` prints, and the files it would write.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind};
use crate::manifest::{Manifest, split};
use crate::pattern::Pattern;
use gotmpl::Data;

/// A file of a chart's `crds/` folder, printed as it is.
#[derive(Clone, Debug)]
pub struct Crd {
    /// Path with the chart's, as in `# Source:`.
    pub path: String,
    /// Content, never rendered.
    pub data: Data,
}

/// A rendered release.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The files of `crds/`, where they were asked for.
    pub crds: Vec<Crd>,
    /// The documents of the release in helm's order.
    pub manifests: Vec<Manifest>,
    /// The hooks in helm's order.
    pub hooks: Vec<Manifest>,
    /// What helm says on standard error, without its times and levels.
    pub warnings: Vec<String>,
}

/// The options of `helm template` that change what is printed.
#[derive(Clone, Debug, Default)]
pub struct Print {
    /// `--no-hooks`.
    pub no_hooks: bool,
    /// `--skip-tests`.
    pub skip_tests: bool,
    /// `--show-only`, each a pattern on the path below the chart.
    pub show_only: Vec<String>,
}

/// A file that `--output-dir` writes: path below that folder, and content.
pub type OutputFile = (String, Vec<u8>);

impl Rendered {
    /// Returns helm's standard output, byte for byte.
    ///
    /// # Errors
    /// A `--show-only` pattern that matches no document.
    pub fn to_bytes(&self, print: &Print) -> Result<Vec<u8>, Error> {
        let pieces = self.pieces(print);
        let mut output = Vec::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
        pieces.iter().for_each(|piece| output.extend_from_slice(piece));
        if print.show_only.is_empty() { Ok(output) } else { show_only(&output, &print.show_only) }
    }

    /// Returns the pieces of helm's standard output without `--show-only`: what is large is not
    /// copied.
    pub fn pieces<'a>(&'a self, print: &'a Print) -> Vec<&'a [u8]> {
        let mut pieces: Vec<&[u8]> = Vec::new();
        let mut document = |path: &'a str, content: &'a [u8]| {
            pieces.extend([&b"---\n# Source: "[..], path.as_bytes(), b"\n", content, b"\n"]);
        };
        for crd in &self.crds {
            document(&crd.path, &crd.data);
        }
        for manifest in &self.manifests {
            document(&manifest.path, manifest.text().as_bytes());
        }
        trim_end(&mut pieces);
        pieces.push(b"\n");
        for hook in self.printed_hooks(print) {
            let (path, content) = (hook.path.as_bytes(), hook.text().as_bytes());
            pieces.extend([&b"---\n# Source: "[..], path, b"\n", content, b"\n"]);
        }
        pieces
    }

    /// Returns helm's standard output as text; what is not UTF-8 (only in CRDs) is replaced.
    ///
    /// # Errors
    /// As [`Rendered::to_bytes`].
    pub fn to_text(&self, print: &Print) -> Result<String, Error> {
        let bytes = self.to_bytes(print)?;
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// Returns the files that `--output-dir` writes; several documents of one template share one.
    /// `folder` is the release's name where `--release-name` is given; it does not hold for CRDs.
    pub fn output_files(&self, print: &Print, folder: Option<&str>) -> Vec<OutputFile> {
        let mut files: Vec<OutputFile> = Vec::new();
        let mut write = |path: String, source: &str, content: &[u8]| {
            let at = files.iter().position(|(known, _)| *known == path).unwrap_or_else(|| {
                files.push((path, Vec::new()));
                files.len() - 1
            });
            if let Some((_, file)) = files.get_mut(at) {
                document(file, source, content);
            }
        };
        for crd in &self.crds {
            write(crd.path.clone(), &crd.path, &crd.data);
        }
        for manifest in self.manifests.iter().chain(self.printed_hooks(print)) {
            let path = match folder {
                Some(folder) => format!("{folder}/{}", manifest.path),
                None => manifest.path.to_string(),
            };
            write(path, &manifest.path, manifest.text().as_bytes());
        }
        files
    }

    fn printed_hooks<'a>(&'a self, print: &'a Print) -> impl Iterator<Item = &'a Manifest> {
        let hooks = if print.no_hooks { &[] } else { self.hooks.as_slice() };
        hooks.iter().filter(|hook| !(print.skip_tests && hook.is_test()))
    }
}

fn document(output: &mut Vec<u8>, path: &str, content: &[u8]) {
    for part in [b"---\n# Source: ", path.as_bytes(), b"\n", content, b"\n"] {
        output.extend_from_slice(part);
    }
}

/// Removes white space at the end, as Go's `strings.TrimSpace` does; the beginning has none.
fn trim_end(pieces: &mut Vec<&[u8]>) {
    while let Some(piece) = pieces.last_mut() {
        let mut end = piece.len();
        loop {
            end = piece.get(..end).unwrap_or_default().trim_ascii_end().len();
            // A vertical tab and white space beyond ASCII are looked at one by one.
            let tail = piece.get(end.saturating_sub(4)..end).unwrap_or_default();
            match String::from_utf8_lossy(tail).chars().next_back() {
                Some(c) if c.is_whitespace() => end -= c.len_utf8(),
                _ => break,
            }
        }
        *piece = piece.get(..end).unwrap_or_default();
        if end > 0 {
            return;
        }
        pieces.pop();
    }
}

/// Keeps the documents whose template matches one of the patterns, in the order of the patterns.
fn show_only(output: &[u8], patterns: &[String]) -> Result<Vec<u8>, Error> {
    let text: Cow<'_, str> = String::from_utf8_lossy(output);
    let documents: Vec<&str> =
        split(&text).into_iter().filter_map(|range| text.get(range)).collect();
    let mut shown = Vec::new();
    for wanted in patterns {
        let pattern = Pattern::parse(wanted);
        let mut missing = true;
        for document in &documents {
            let matches = source(document)
                .zip(pattern.as_ref())
                .is_some_and(|(source, pattern)| pattern.matches(source));
            if matches {
                missing = false;
                for part in ["---\n", document, "\n"] {
                    shown.extend_from_slice(part.as_bytes());
                }
            }
        }
        if missing {
            let message = format!("could not find template {wanted} in chart");
            return Err(Error::new(ErrorKind::Argument, message));
        }
    }
    Ok(shown)
}

/// Returns the path below the chart that the first `# Source:` of a document names.
fn source(document: &str) -> Option<&str> {
    let mut rest = document;
    loop {
        let (_, after) = rest.split_once("# Source: ")?;
        let line = after.lines().next().unwrap_or_default();
        match line.split_once('/') {
            Some((chart, path)) if !chart.is_empty() && !path.is_empty() => return Some(path),
            _ => rest = after,
        }
    }
}
