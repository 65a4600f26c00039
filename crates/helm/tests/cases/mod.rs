//! Cases as text: the files of charts, the arguments, and what helm 4.3.1 answered.
//!
//! A case is one file: lines with `#` say what it shows, `args:` is a command line behind
//! `helm template`, `== NAME` begins a file (`== NAME crlf`, `bom`, `raw` change how its lines
//! become bytes: with carriage returns, with a byte order mark, without the last line feed), and
//! `== want` or `== error` at the end holds the recorded answer.

#![allow(unreachable_pub, reason = "a module of a test and of an example")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A case.
pub struct Case {
    /// Its file.
    pub path: PathBuf,
    /// Everything up to the answer.
    pub question: String,
    /// Arguments.
    pub arguments: Vec<String>,
    /// Files by path.
    pub files: Vec<(String, Vec<u8>)>,
    /// What helm printed, or the error that it ended with.
    pub answer: Option<Result<String, String>>,
}

/// Returns all cases in their order.
pub fn all() -> Vec<Case> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charts"));
    let entries = std::fs::read_dir(folder).expect("because the folder is part of the crate");
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Case {
    let text = std::fs::read_to_string(path).expect("because cases are text");
    parse(path, &text)
}

/// Reads a case from its text.
pub fn parse(path: &Path, text: &str) -> Case {
    let mut case = Case {
        path: path.to_owned(),
        question: String::new(),
        arguments: Vec::new(),
        files: Vec::new(),
        answer: None,
    };
    let mut section: Option<(String, String)> = None;
    let mut sections = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("== ") {
            sections.extend(section.replace((name.trim_end().to_owned(), String::new())));
        } else if let Some((_, content)) = &mut section {
            content.push_str(line);
        } else if let Some(arguments) = line.strip_prefix("args:") {
            case.arguments = split_arguments(arguments);
        }
        let is_answer = matches!(&section, Some((name, _)) if name == "want" || name == "error");
        if !is_answer {
            case.question.push_str(line);
        }
    }
    sections.extend(section);
    for (name, content) in sections {
        match name.as_str() {
            "want" => case.answer = Some(Ok(content)),
            "error" => case.answer = Some(Err(content)),
            _ => {
                let (name, style) = name.split_once(' ').unwrap_or((&name, ""));
                case.files.push((name.to_owned(), bytes(&content, style)));
            }
        }
    }
    case
}

fn bytes(content: &str, style: &str) -> Vec<u8> {
    let content = match style {
        "crlf" => content.replace('\n', "\r\n"),
        "bom" => format!("\u{FEFF}{content}"),
        "raw" => content.strip_suffix('\n').unwrap_or(content).to_owned(),
        _ => content.to_owned(),
    };
    content.into_bytes()
}

/// Splits at blanks; single quotes keep a piece together.
fn split_arguments(text: &str) -> Vec<String> {
    let mut arguments: Vec<String> = Vec::new();
    let (mut current, mut quoted, mut began) = (String::new(), false, false);
    for c in text.trim().chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                began = true;
            }
            ' ' if !quoted => {
                if began {
                    arguments.push(std::mem::take(&mut current));
                }
                began = false;
            }
            c => {
                current.push(c);
                began = true;
            }
        }
    }
    if began {
        arguments.push(current);
    }
    arguments
}

/// Returns the text of a case with another answer.
#[allow(dead_code, reason = "only the recorder writes")]
pub fn with_answer(case: &Case, answer: &Result<String, String>) -> String {
    let (name, content) = match answer {
        Ok(content) => ("want", content),
        Err(content) => ("error", content),
    };
    let mut text = case.question.clone();
    let _ = write!(text, "== {name}\n{content}");
    text
}

/// Returns what mainstay answers: what `helm template` would print, or its last words.
pub fn answer(case: &Case) -> Result<String, String> {
    let mut values = helm::ValuesInput::default();
    let mut options = helm::Options::default();
    let mut print = helm::Print::default();
    let mut names: Vec<&str> = Vec::new();
    let mut namespace = "default".to_owned();
    let mut is_upgrade = false;
    let content = |path: &str| {
        let found = case.files.iter().find(|(known, _)| known == path);
        found.map(|(_, content)| content.clone()).unwrap_or_default()
    };
    let mut rest = case.arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().cloned().unwrap_or_default();
        match argument.as_str() {
            "-n" => namespace = value(),
            "-f" => {
                let path = value();
                values.files.push((path.clone(), content(&path)));
            }
            "--set" => values.sets.push(helm::Set::Value(value())),
            "--set-string" => values.sets.push(helm::Set::Text(value())),
            "--set-json" => values.sets.push(helm::Set::Json(value())),
            "--set-literal" => values.sets.push(helm::Set::Literal(value())),
            "--set-file" => {
                let text = value();
                for (path, content) in &case.files {
                    values.set_files.push((path.clone(), content.clone()));
                }
                values.sets.push(helm::Set::File(text));
            }
            "--include-crds" => options.include_crds = true,
            "--kube-version" => {
                options.kube_version =
                    helm::KubeVersion::parse(&value()).map_err(|error| error.stderr())?;
            }
            "-a" => options.api_versions.extend(value().split(',').map(str::to_owned)),
            "--is-upgrade" => is_upgrade = true,
            "--skip-schema-validation" => options.skip_schema_validation = true,
            "--no-hooks" => print.no_hooks = true,
            "--skip-tests" => print.skip_tests = true,
            "-s" => print.show_only.push(value()),
            name => names.push(name),
        }
    }
    let [name, folder] = names.as_slice() else {
        return Err(format!("{}: not a name and a chart: {names:?}", case.path.display()));
    };
    let mut release = helm::Release::new(*name, namespace);
    release.is_upgrade = is_upgrade;
    let prefix = format!("{folder}/");
    let files = case.files.iter().filter_map(|(path, content)| {
        Some((path.strip_prefix(&prefix)?.to_owned(), content.clone()))
    });
    helm::Chart::from_files(files)
        .and_then(|chart| helm::render(&chart, &release, &values, &options))
        .and_then(|rendered| rendered.to_text(&print))
        .map_err(|error| error.stderr())
}

/// Returns a text in which the order of lines does not matter, where helm's is random: it walks
/// a Go map of what a schema says about each property.
#[allow(dead_code, reason = "only the test compares")]
pub fn comparable(answer: &Result<String, String>) -> Result<String, String> {
    match answer {
        Err(text) if text.contains("specifications of the schema") => {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            Err(lines.join("\n"))
        }
        other => other.clone(),
    }
}
