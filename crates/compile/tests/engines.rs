//! One platform, two engines: what runs is the same.
//!
//! `examples/shop` is generated for Argo CD and for Flux, both are rendered, and every object that is not
//! one of the engines' own must be the same, field by field; only the marks that an engine puts on objects
//! may differ. The real engines are asked in the laboratory (`cargo xtask lab`).
#![allow(clippy::disallowed_methods, reason = "a test reads the example from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use compile::generate::repository;
use compile::intake::{self, Inputs};
use compile::render;
use manifest::Identity;
use testkit::MemoryWorld;
use yaml::Value;

/// Where the marks of the engines are.
const MARKS: [&str; 3] =
    ["argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/"];
/// The groups of the engines' own objects.
const OWN: [&str; 4] = [
    "argoproj.io",
    "kustomize.toolkit.fluxcd.io",
    "helm.toolkit.fluxcd.io",
    "source.toolkit.fluxcd.io",
];

fn rendered(engine: &str) -> Vec<render::Rendered> {
    rendered_with(engine, &[])
}

/// `files` are what people added.
fn rendered_with(engine: &str, files: &[(&str, &str)]) -> Vec<render::Rendered> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let spec = read("mainstay.yaml").replace("engine: argocd", &format!("engine: {engine}"));
    assert!(spec.contains(&format!("engine: {engine}")));
    let payload = read("deployed_apps.json");
    let inputs =
        Inputs { spec: ("mainstay.yaml", &spec), payload: ("deployed_apps.json", &payload) };
    let platform = intake::read(&inputs).platform.unwrap();
    let mut world = MemoryWorld::new();
    for (path, file) in repository(&platform, &inputs).files {
        world = world.file(path, file.bytes);
    }
    for (path, text) in files {
        world = world.file(*path, text);
    }
    let names = render::environments(&world);
    assert_eq!(names, ["dev", "prod", "test"], "{engine}");
    render::everything(&world, "https://github.com/example-shop/shop-gitops", &names)
}

/// Returns what runs, without the engines' own objects and marks.
fn objects(rendered: &render::Rendered) -> BTreeMap<Identity, Value> {
    let mut out = BTreeMap::new();
    for delivered in &rendered.applications {
        assert!(!delivered.failed, "{}", delivered.name);
        for object in delivered.objects.iter().filter(|object| !OWN.contains(&object.group())) {
            let mut identity = object.identity();
            if identity.namespace.is_empty()
                && !manifest::is_cluster_scoped(&identity.group, &identity.kind)
            {
                identity.namespace.clone_from(&delivered.namespace);
            }
            let before = out.insert(identity.clone(), without_marks(object.value.clone()));
            assert!(before.is_none(), "{identity} twice");
        }
    }
    out
}

fn without_marks(mut value: Value) -> Value {
    if let Value::Map(fields) = &mut value
        && let Some(Value::Map(metadata)) = fields.get_mut("metadata")
    {
        for key in ["labels", "annotations"] {
            if let Some(Value::Map(entries)) = metadata.get_mut(key) {
                entries.retain(|name, _| !MARKS.iter().any(|mark| name.starts_with(mark)));
                entries.sort_keys();
                if entries.is_empty() {
                    metadata.shift_remove(key);
                }
            }
        }
    }
    value
}

/// Returns what installs each add-on: repository, chart, version, name and namespace of the release, values.
/// The charts themselves are in no cache here.
fn addons(rendered: &render::Rendered) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let all: Vec<_> = rendered.objects().collect();
    let opaque: Vec<&str> = rendered
        .applications
        .iter()
        .filter(|delivered| delivered.opaque.is_some())
        .map(|delivered| delivered.name.as_str())
        .collect();
    for object in &all {
        let at = |path: &[&str]| object.at(path).cloned().unwrap_or(Value::Null);
        let facts = match object.kind() {
            "Application" => {
                let source = |key: &str| at(&["spec", "source", key]);
                let helm = |key: &str| at(&["spec", "source", "helm", key]);
                let namespace = at(&["spec", "destination", "namespace"]);
                [
                    source("repoURL"),
                    source("chart"),
                    source("targetRevision"),
                    helm("releaseName"),
                    namespace,
                    helm("valuesObject"),
                ]
            }
            "HelmRelease" => {
                let chart = |key: &str| at(&["spec", "chart", "spec", key]);
                let name = at(&["spec", "chart", "spec", "sourceRef", "name"]);
                let repository = all
                    .iter()
                    .find(|it| it.kind() == "HelmRepository" && Some(it.name()) == name.as_str())
                    .and_then(|it| it.at(&["spec", "url"]).cloned())
                    .unwrap_or(Value::Null);
                [
                    repository,
                    chart("chart"),
                    chart("version"),
                    at(&["spec", "releaseName"]),
                    at(&["spec", "targetNamespace"]),
                    at(&["spec", "values"]),
                ]
            }
            _ => continue,
        };
        if opaque.contains(&object.name()) {
            let facts = yaml::to_string_go2(&Value::List(facts.into()));
            out.insert(object.name().to_owned(), facts);
        }
    }
    out
}

#[test]
fn argocd_and_flux_run_the_same() {
    let (argocd, flux) = (rendered("argocd"), rendered("flux"));
    for (argocd, flux) in argocd.iter().zip(&flux) {
        assert!(argocd.diagnostics.is_empty(), "{:?}", argocd.diagnostics);
        assert!(flux.diagnostics.is_empty(), "{:?}", flux.diagnostics);
        let charts = addons(argocd);
        assert_eq!(charts.len(), 4);
        assert_eq!(charts, addons(flux));
        let (argocd, flux) = (objects(argocd), objects(flux));
        assert!(argocd.len() > 60, "only {} objects", argocd.len());
        let names = |objects: &BTreeMap<Identity, Value>| -> Vec<String> {
            objects.keys().map(ToString::to_string).collect()
        };
        assert_eq!(names(&argocd), names(&flux));
        for (identity, value) in &argocd {
            let (one, other) = (yaml::to_string_go2(value), yaml::to_string_go2(&flux[identity]));
            assert_eq!(one, other, "{identity}");
        }
    }
}

/// What a cluster would refuse is found whichever engine would deliver it.
#[test]
fn objects_are_checked_for_both() {
    let added = [
        ("overlays/prod/custom/kustomization.yaml", "resources: [odd.yaml]\n"),
        (
            "overlays/prod/custom/odd.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\ndatas: {a: b}\n",
        ),
    ];
    for engine in ["argocd", "flux"] {
        let found: Vec<String> = rendered_with(engine, &added)
            .iter()
            .flat_map(|environment| &environment.diagnostics)
            .map(|finding| format!("{} {}", finding.code, finding.message))
            .collect();
        assert!(found.iter().any(|it| it.contains("datas")), "{engine}: {found:?}");
    }
}
