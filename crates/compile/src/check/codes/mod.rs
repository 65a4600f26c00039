//! Every diagnostic of the program: its constructor, and its page in `mainstay explain`.
//!
//! A constructor is called like its code (`fn c101_duplicate_name`), and its doc comment is the
//! page: a title, what it means, why it is so, how to mend it. The pages are taken from the source
//! files themselves, so that there is one text. Codes of one subject share a file, because their
//! words and helpers do; the files of other stages are listed here too.

pub(crate) mod hosts;
pub(crate) mod images;
pub(crate) mod kustomization;
pub(crate) mod names;
pub(crate) mod platform;
pub(crate) mod resources;
pub(crate) mod secrets;
pub(crate) mod workload;

use std::sync::OnceLock;

use text::{Code, Stage};

/// The page of one diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its code.
    pub code: Code,
    /// One sentence: what it means.
    pub title: String,
    /// Why, and how to mend it, in Markdown; may be empty.
    pub text: String,
}

/// The sources that have constructors.
const SOURCES: &[&str] = &[
    crate::generate::CODES,
    crate::handoff::CODES,
    crate::intake::CODES,
    include_str!("hosts.rs"),
    include_str!("images.rs"),
    include_str!("kustomization.rs"),
    include_str!("names.rs"),
    include_str!("platform.rs"),
    include_str!("resources.rs"),
    include_str!("secrets.rs"),
    include_str!("workload.rs"),
    include_str!("../../delivery/codes.rs"),
    include_str!("../../render/codes.rs"),
    crate::render::CLAIM_CODES,
    crate::render::BACKEND_CODES,
    crate::render::ISSUER_CODES,
    crate::render::POD_SECURITY_CODES,
    crate::render::QUOTA_CODES,
    crate::render::SIZE_CODES,
    crate::render::FIELD_CODES,
    crate::render::SECRET_CLASS_CODES,
    crate::render::SECRETS_DRIVER_CODES,
    include_str!("../../delivery/flux/codes.rs"),
    seal::CODES,
    kustomize::codes::SOURCE,
];

/// Returns the pages of all diagnostics, by code.
pub fn all() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let mut pages: Vec<Page> = SOURCES.iter().flat_map(|source| pages(source)).collect();
        pages.sort_by_key(|page| page.code);
        pages
    })
}

/// Returns the page of a code as a person types it: `C101`, `c101`.
pub fn page(code: &str) -> Option<&'static Page> {
    all().iter().find(|page| page.code.to_string().eq_ignore_ascii_case(code.trim()))
}

/// Takes the doc comments of constructors out of a source file.
fn pages(source: &str) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in source.lines() {
        let trimmed = line.trim();
        if let Some(text) = trimmed.strip_prefix("///") {
            comment.push(text.strip_prefix(' ').unwrap_or(text));
        } else if let Some(code) = constructor(trimmed) {
            if !comment.is_empty() {
                pages.push(page_of(code, &comment));
            }
            comment.clear();
        } else if !trimmed.starts_with("#[") {
            comment.clear();
        }
    }
    pages
}

fn page_of(code: Code, comment: &[&str]) -> Page {
    let end = comment.iter().position(|line| line.is_empty()).unwrap_or(comment.len());
    let (title, text) = comment.split_at(end);
    Page { code, title: title.join(" "), text: text.join("\n").trim().to_owned() }
}

/// Returns the code of a line that begins a constructor: `pub(crate) fn c101_duplicate_name(`.
fn constructor(line: &str) -> Option<Code> {
    let line = line.strip_prefix("pub").map_or(line, |rest| {
        rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest)
    });
    let name = line.trim_start().strip_prefix("fn ")?;
    let mut letters = name.chars();
    let stage = match letters.next()? {
        'c' => Stage::Check,
        'd' => Stage::Delivery,
        'g' => Stage::Generate,
        'i' => Stage::Intake,
        'p' => Stage::Platform,
        'r' => Stage::Render,
        's' => Stage::Secrets,
        'v' => Stage::Versions,
        _ => return None,
    };
    let (number, _) = letters.as_str().split_once('_')?;
    let three_digits = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    three_digits.then(|| number.parse().ok())?.map(|number| Code::new(stage, number))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_constructor_has_one_page_and_makes_its_own_code() {
        let mut seen = BTreeSet::new();
        for page in all() {
            assert!(seen.insert(page.code), "{} has two pages", page.code);
            assert!(page.title.ends_with('.'), "{}: the title is no sentence", page.code);
        }
        for source in SOURCES {
            let mut open: Option<Code> = None;
            for line in source.lines() {
                if let Some(code) = constructor(line.trim()) {
                    assert!(seen.contains(&code), "{code} has no page");
                    open = Some(code);
                } else if let Some(number) = made(line)
                    && let Some(code) = open
                {
                    assert_eq!(number, code.number, "in the constructor of {code}: {line}");
                }
            }
        }
    }

    /// Returns the number in `code(101)`.
    fn made(line: &str) -> Option<u16> {
        let (_, rest) = line.split_once("code(")?;
        rest.split_once([')', ','])?.0.parse().ok()
    }
}
