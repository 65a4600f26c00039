//! Small repositories, and what rendering an environment of them gives.
//!
//! A case is one text: `//- path` begins a file, `//- render ENVIRONMENT` the expected summary.
//! `UPDATE_EXPECT=1` writes the summaries anew.
#![allow(clippy::disallowed_methods, reason = "a test reads its cases from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use compile::render::{Rendered, environment, environments};
use testkit::MemoryWorld;
use text::{Sources, render_all};

const REPOSITORY: &str = "https://git.example.com/shop.git";

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/render/cases");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let mut world = MemoryWorld::new();
        let mut actual = String::new();
        for part in text.split("//- ").skip(1) {
            let (title, body) = part.split_once('\n').unwrap();
            match title.strip_prefix("render ") {
                None => {
                    world.insert(title, body);
                    write!(actual, "//- {part}").unwrap();
                }
                Some(name) => {
                    let rendered = environment(&world, REPOSITORY, name);
                    write!(actual, "//- {title}\n{}", summary(&rendered)).unwrap();
                }
            }
        }
        testkit::check_file(&path, &actual);
    }
}

#[test]
fn environments_are_the_folders_of_clusters() {
    let world = MemoryWorld::new()
        .file("clusters/prod/kustomization.yaml", "")
        .file("clusters/dev/kustomization.yaml", "")
        .file("clusters/dev/more.yaml", "")
        .file("clusters/README.md", "");
    assert_eq!(environments(&world), ["dev", "prod"]);
}

fn summary(rendered: &Rendered) -> String {
    let mut out = String::new();
    for application in &rendered.applications {
        writeln!(out, "{} from {}", application.name, application.source).unwrap();
        if let Some(reason) = &application.opaque {
            writeln!(out, "  opaque: {reason}").unwrap();
        }
        for object in &application.objects {
            writeln!(out, "  {} ({})", object.identity(), object.source).unwrap();
        }
    }
    out.push_str(&render_all(&rendered.diagnostics, &Sources::new(), false));
    out
}
