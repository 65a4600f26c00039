//! What a user is told: the place of the mistake, and what helps.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use kustomize::Options;
use testkit::MemoryWorld;

const RESOURCE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

/// A kustomization, the file `p.yaml` beside it, where the mistake is shown, and words of the remedy.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("\n", "", "kustomization.yaml", "list what it builds"),
    ("resorces: [r.yaml]\n", "", "kustomization.yaml:1:1", "mend the name"),
    ("namePrefix: 5\n", "", "kustomization.yaml:1:1", "needs quotes"),
    ("commonLabels: {a: y}\n", "", "kustomization.yaml:1:16", "needs quotes"),
    ("resources: r.yaml\n", "", "kustomization.yaml:1:1", "as the type"),
    ("resources:\n\t- r.yaml\n", "", "kustomization.yaml:2:1", "a tab is no indentation"),
    ("kind: Foo\nresources: [r.yaml]\n", "", "kustomization.yaml:1:1", "one of the values"),
    ("resources: [r.yaml]\nsortOptions: {order: x}\n", "", ":2:1", "one of the values"),
    (
        "patches:\n- path: p.yaml\n",
        "kind: A\nb:\n\tc: 1\n",
        "p.yaml:3:1",
        "a tab is no indentation",
    ),
    (
        "resources: [r.yaml]\npatches:\n- path: p.yaml\n  target: {kind: ConfigMap}\n",
        "- {op: remove, path: /x}\n",
        "kustomization.yaml:3:3",
        "what the path leads to",
    ),
    (
        "resources: [r.yaml]\npatches:\n- path: p.yaml\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
        "kustomization.yaml:3:3",
        "as its file has them",
    ),
    ("transformers: [p.yaml]\n", "kind: {\n", "p.yaml", "mend"),
    (
        "configMapGenerator:\n- name: x\n  files:\n  - p.yaml\n  - k=b.txt\n",
        "",
        ":5:5",
        "paths begin",
    ),
    ("secretGenerator:\n- name: x\n  envs: [none.env]\n", "", ":3:10", "paths begin"),
    (
        "configMapGenerator: [{name: x, behavior: merge, literals: [a=b]}]\n",
        "",
        ":1:22",
        "what a base generates",
    ),
    ("configMapGenerator: [{name: x, literals: [a=b, a=c]}]\n", "", ":1:22", "keep one of the two"),
    (
        "resources: [r.yaml]\nvars: [{name: A, objref: {kind: X, name: c, apiVersion: v1}}]\n",
        "",
        ":2:1",
        "`objref` has apiVersion",
    ),
    (
        "resources: [r.yaml]\nreplacements:\n- sourceValue: x\n  targets:\n  - select: {name: a}\n    fieldPaths: [data.x]\n",
        "",
        ":2:1",
        "create: true",
    ),
];

#[test]
fn each_cause_has_its_place_and_its_remedy() {
    let mut wrong = String::new();
    for (kustomization, other, place, remedy) in CASES {
        let world = MemoryWorld::new()
            .file("top/kustomization.yaml", kustomization)
            .file("top/r.yaml", RESOURCE)
            .file("top/p.yaml", other);
        let error = kustomize::build(&world, "top", &Options::default()).unwrap_err();
        let (finding, sources) = kustomize::diagnostic(&error, &world);
        let shown = text::render(&finding, &sources, false);
        let is_there = shown.lines().any(|line| line.contains("--> top/") && line.contains(place));
        if !is_there || !shown.contains(remedy) {
            wrong.push_str(&format!("{kustomization}wanted {place}, {remedy}:\n{shown}\n\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
