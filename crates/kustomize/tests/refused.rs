//! What a kustomization may not name: something that lies elsewhere, or a program; wherever it may stand.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use kustomize::{Error, Options, Reason};
use testkit::MemoryWorld;

const RESOURCE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";

fn refusal(kustomization: &str) -> (Error, String) {
    let world = MemoryWorld::new()
        .file("top/kustomization.yaml", kustomization)
        .file("top/web.yaml", RESOURCE);
    let error = kustomize::build(&world, "top", &Options::default()).unwrap_err();
    let (finding, sources) = kustomize::diagnostic(&error, &world);
    (error, text::render(&finding, &sources, false))
}

/// Every field that names files or folders, with `URL` where one stands.
const PLACES: [&str; 24] = [
    "resources:\n- URL\n",
    "bases:\n- URL\n",
    "components:\n- URL\n",
    "crds:\n- URL\n",
    "configurations:\n- URL\n",
    "generators:\n- URL\n",
    "transformers:\n- URL\n",
    "validators:\n- URL\n",
    "openapi:\n  path: URL\n",
    "patches:\n- path: URL\n",
    "patchesStrategicMerge:\n- URL\n",
    "patchesJson6902:\n- target: {version: v1, kind: Deployment, name: web}\n  path: URL\n",
    "replacements:\n- path: URL\n",
    "configMapGenerator:\n- name: a\n  files:\n  - URL\n",
    "configMapGenerator:\n- name: a\n  files:\n  - key=URL\n",
    "configMapGenerator:\n- name: a\n  envs:\n  - URL\n",
    "configMapGenerator:\n- name: a\n  env: URL\n",
    "secretGenerator:\n- name: a\n  files:\n  - URL\n",
    "generators:\n- |-\n  apiVersion: builtin\n  kind: SecretGenerator\n  metadata: {name: a}\n  files: [\"k=URL\"]\n",
    "transformers:\n- |-\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: a}\n  path: URL\n",
    "transformers:\n- |-\n  apiVersion: builtin\n  kind: PatchJson6902Transformer\n  metadata: {name: a}\n  target: {name: web}\n  path: URL\n",
    "transformers:\n- |-\n  apiVersion: builtin\n  kind: PatchStrategicMergeTransformer\n  metadata: {name: a}\n  paths: [\"URL\"]\n",
    "transformers:\n- |-\n  apiVersion: builtin\n  kind: ReplacementTransformer\n  metadata: {name: a}\n  replacements: [{path: \"URL\"}]\n",
    "transformers:\n- |-\n  apiVersion: builtin\n  kind: ValueAddTransformer\n  metadata: {name: a}\n  targetFilePath: URL\n",
];

#[test]
fn remote_files_and_bases_are_refused_everywhere() {
    let urls = [
        "https://example.org/team/repo//deploy?ref=v1",
        "http://example.org/a.yaml",
        "ssh://git@example.org/team/repo.git",
        "git@github.com:team/repo",
        "github.com/team/repo/deploy",
    ];
    let mut wrong = String::new();
    for place in PLACES {
        for url in urls {
            // There the text behind `=` is the path, as in kustomize.
            if place.contains("files:") && url.contains('=') {
                continue;
            }
            let text = place.replace("URL", url);
            let own = if place.starts_with("resources") { "" } else { "resources: [web.yaml]\n" };
            let (error, shown) = refusal(&format!("{own}{text}"));
            let is_placed = shown.contains("top/kustomization.yaml:") && shown.contains(url);
            if error.reason != Reason::Remote || !shown.contains("R031") || !is_placed {
                wrong.push_str(&format!("{text}{error:?}\n{shown}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn files_that_are_missing_or_outside_say_so_everywhere() {
    for place in PLACES {
        let own = if place.starts_with("resources") { "" } else { "resources: [web.yaml]\n" };
        let (error, shown) = refusal(&format!("{own}{}", place.replace("URL", "nowhere.yaml")));
        assert_eq!(error.reason, Reason::Missing, "{place}{shown}");
        assert!(shown.contains("top/kustomization.yaml:"), "{place}{shown}");
    }
}

#[test]
fn selectors_of_labels_that_kubernetes_does_not_read_are_refused() {
    let places = [
        (
            "patches:\n- target: {labelSelector: \"TEXT\"}\n  patch: '[{op: add, path: /a, value: b}]'\n",
            Reason::Patch,
        ),
        (
            "patches:\n- target: {annotationSelector: \"TEXT\"}\n  patch: '[{op: add, path: /a, value: b}]'\n",
            Reason::Patch,
        ),
        (
            "replacements:\n- source: {kind: Deployment}\n  targets: [{select: {labelSelector: \"TEXT\"}, fieldPaths: [a]}]\n",
            Reason::Replacement,
        ),
        (
            "replacements:\n- source: {kind: Deployment}\n  targets: [{select: {kind: Deployment}, reject: [{annotationSelector: \"TEXT\"}], fieldPaths: [a]}]\n",
            Reason::Replacement,
        ),
    ];
    let long = "a".repeat(64);
    let texts = [
        "a in",
        "a b",
        "=b",
        "a!=b,",
        "a==b==c",
        "a=b c",
        ",a",
        "a=x,,b",
        "-a",
        "é=1",
        "a=é",
        "a/b/c=1",
        "a in b",
        "a in (b",
        "a in (b c)",
        "a in (,,)",
        "a in (b,,)",
        "a in (!)",
        "a not in (b)",
        "!",
        "!!a",
        "!a=b",
        "a=!",
        "X.io/a",
        "x.io/",
        "/a",
        "a-",
        "a=5.",
        "a>b",
        "a<",
        "()",
        ")",
        &long,
        &format!("a={long}"),
        &format!("{long}/{long}"),
    ];
    for (place, reason) in places {
        for selector in texts {
            let text = format!("resources: [web.yaml]\n{}", place.replace("TEXT", selector));
            let (error, shown) = refusal(&text);
            assert_eq!(error.reason, reason, "{text}{shown}");
        }
    }
}

#[test]
fn programs_are_refused() {
    let program = |lines: &str| {
        let config = format!(
            "apiVersion: example.org/v1\nkind: Maker\nmetadata:\n  name: m\n  annotations:\n{lines}"
        );
        config.lines().map(|line| format!("  {line}\n")).collect::<String>()
    };
    for field in ["generators", "transformers", "validators"] {
        for lines in [
            "    config.kubernetes.io/function: |\n      container: {image: example.org/maker}\n",
            "    config.kubernetes.io/function: |\n      exec: {path: ./maker}\n",
            "    config.k8s.io/function: |\n      starlark: {path: a.star}\n",
            "    plain: plugin\n",
        ] {
            let text = format!("resources: [web.yaml]\n{field}:\n- |-\n{}", program(lines));
            let (error, shown) = refusal(&text);
            assert_eq!(error.reason, Reason::Function, "{text}{shown}");
            assert!(shown.contains("R032") && shown.contains("kustomization.yaml:2"), "{shown}");
        }
    }
}

#[test]
fn files_from_elsewhere_are_no_larger_than_our_own() {
    let address = "https://example.org/large.yaml";
    let mut large = RESOURCE.as_bytes().to_vec();
    large.resize(text::LARGEST_FILE + 1, b'\n');
    for field in ["resources: [ADDRESS]\n", "patches: [{path: ADDRESS, target: {kind: A}}]\n"] {
        let world = MemoryWorld::new()
            .file("top/kustomization.yaml", field.replace("ADDRESS", address))
            .file("cache/large.yaml", &large)
            .with_remote(address, "", text::Found::File("cache/large.yaml".to_owned()));
        let error = kustomize::build(&world, "top", &Options::default()).unwrap_err();
        let (finding, sources) = kustomize::diagnostic(&error, &world);
        let shown = text::render(&finding, &sources, false);
        let said = "`https://example.org/large.yaml` is too large: 65 MiB";
        assert!(shown.contains(said) && shown.contains("top/kustomization.yaml:1"), "{shown}");
    }
}

/// kustomize hashes its own memory of such an object; a name that is only likely would be worse than none.
#[test]
fn a_hash_of_another_kind_is_refused() {
    let kustomization = |options: &str| {
        let change = "{kind: Secretive, metadata: {name: a}}";
        format!(
            "configMapGenerator:\n- name: a\n  options: {{{options}}}\npatches:\n- patch: '{change}'\n  \
             target: {{name: a}}\n  options: {{allowKindChange: true}}\n"
        )
    };
    let (error, shown) = refusal(&kustomization(""));
    assert_eq!(error.reason, Reason::Patch, "{shown}");
    assert!(shown.contains("disableNameSuffixHash: true"), "{shown}");
    let world = MemoryWorld::new()
        .file("top/kustomization.yaml", kustomization("disableNameSuffixHash: true"));
    let built = kustomize::build(&world, "top", &Options::default()).unwrap();
    assert!(built.to_yaml().contains("kind: Secretive"), "{}", built.to_yaml());
}
