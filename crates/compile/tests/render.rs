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

#[test]
fn overlays_are_those_that_are_deployed_and_not_what_was_generated_last() {
    let pod = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {name}\nspec: {{containers: [{{name: a, image: {image}}}]}}\n",
            name = "{name: a, namespace: a}"
        )
    };
    let world = MemoryWorld::new()
        .file(".mainstay/base/infra/base/kustomization.yaml", "resources: [pod.yaml]")
        .file(".mainstay/base/infra/base/pod.yaml", pod("old"))
        .file(".mainstay/base/infra/overlays/gone/kustomization.yaml", "resources: [../../base]")
        .file(".mainstay/base/infra/overlays/dev/kustomization.yaml", "resources: [../../base]")
        .file("data/database/kustomization.yaml", "resources: []")
        .file("infra/base/kustomization.yaml", "resources: [pod.yaml]")
        .file("infra/base/pod.yaml", pod("new"))
        .file("infra/overlays/dev/kustomization.yaml", "resources: [../../base]");
    assert_eq!(environments(&world), ["dev"]);
    let rendered = environment(&world, REPOSITORY, "dev");
    let texts: Vec<&str> = rendered.objects().map(|object| &*object.text).collect();
    assert!(matches!(texts[..], [one] if one.contains("image: new")), "{texts:?}");
}

#[test]
fn what_no_cluster_keeps_is_found() {
    let object = |kind: &str, field: &str, bytes: usize| {
        let field = match field {
            "annotations" => {
                format!("metadata: {{name: a, annotations: {{a: {}}}}}", "x".repeat(bytes))
            }
            field => format!("metadata: {{name: a}}\n{field}: {{a: {}}}", "x".repeat(bytes)),
        };
        format!("apiVersion: v1\nkind: {kind}\n{field}\n")
    };
    for (text, want) in [
        (object("ConfigMap", "data", (1 << 20) - 10), None),
        (object("ConfigMap", "data", (1 << 20) + 10), Some("has 1025 KiB of data,")),
        // Text in base64 is a third longer than what it stands for.
        (object("Secret", "data", 1_300_000), None),
        (object("Secret", "data", 1_500_000), Some("has 1099 KiB of data,")),
        (object("ConfigMap", "annotations", 256 << 10), Some("has 257 KiB of annotations,")),
        (object("ConfigMap", "data", 2 << 20), Some("has 2049 KiB, and")),
    ] {
        let world = MemoryWorld::new()
            .file("clusters/dev/kustomization.yaml", "resources: [a.yaml]")
            .file("clusters/dev/a.yaml", text.as_str());
        let found = environment(&world, REPOSITORY, "dev").diagnostics;
        let found: Vec<&str> = found
            .iter()
            .filter(|finding| finding.code.to_string() == "R046")
            .map(|finding| finding.message.as_str())
            .collect();
        match want {
            None => assert!(found.is_empty(), "{found:?}"),
            Some(want) => assert!(matches!(found[..], [one] if one.contains(want)), "{found:?}"),
        }
    }
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
