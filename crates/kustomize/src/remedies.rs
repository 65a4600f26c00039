//! Which remedy stands under a finding, where one kind of mistake has several causes.
//!
//! kustomize's messages are kept word for word, so that the cause is told by a phrase of the message. The
//! first that fits counts; where none does, the finding has the remedy of its code.

use crate::error::Reason;

/// A kind of mistake, a phrase of its message, and what helps.
type Row = (Reason, &'static str, &'static str);

const QUOTES: &str =
    "a text that YAML 1.1 takes for something else, such as `y` or `1.0`, needs quotes";
const ONE_OF: &str = "write one of the values that the message names";
const YAML: &str = "mend the YAML at that line; a tab is no indentation";
const SELECTOR: &str = "a selector is written as for `kubectl get -l`: `app=web,tier in (a,b)`";

const ROWS: &[Row] = &[
    (Reason::Invalid, "is empty", "list what it builds, as in `resources: [deployment.yaml]`"),
    (Reason::Invalid, "unmarshal number", QUOTES),
    (Reason::Invalid, "unmarshal bool", QUOTES),
    (Reason::Invalid, "unmarshal", "write the field as the type at the end of the message"),
    (
        Reason::Invalid,
        "unknown field",
        "mend the name, or move the field to where it belongs: kustomize refuses the whole file",
    ),
    (Reason::Invalid, "yaml: ", YAML),
    (Reason::Invalid, "must be one of", ONE_OF),
    (Reason::Invalid, "should be", ONE_OF),
    (
        Reason::Invalid,
        "OpenAPI version",
        "leave `openapi` out: kustomize 5.8.1 has the schema of Kubernetes v1.21.2 built in; `path` names another",
    ),
    (
        Reason::Patch,
        "no matches for Id",
        "kind, name and namespace of a patch without `target` are those of one resource, as its file has them; `target` chooses by pattern or label",
    ),
    (
        Reason::Patch,
        "multiple matches",
        "name the namespace in the patch, or choose several with `target`",
    ),
    (
        Reason::Patch,
        "does not apply",
        "`remove` and `replace` need what the path leads to, `add` what is above it; `~1` is a `/` inside a key",
    ),
    (
        Reason::Patch,
        "regex",
        "names, kinds and namespaces of a `target` are regular expressions: `\\.` is a dot",
    ),
    (Reason::Patch, "selector", SELECTOR),
    (Reason::Patch, "requirement", SELECTOR),
    (Reason::Patch, "yaml: ", YAML),
    (
        Reason::Generator,
        "cannot merge or replace",
        "`behavior` changes what a base generates, by its name before any prefix, in the same namespace; leave it out to make a new one",
    ),
    (
        Reason::Generator,
        "repeats the key",
        "keep one of the two; `behavior: merge` is for keys of a base",
    ),
    (Reason::Generator, "unable to load builtin", ONE_OF_BUILTIN),
    (Reason::Transformer, "unable to load builtin", ONE_OF_BUILTIN),
    (
        Reason::Replacement,
        "var '",
        "`objref` has apiVersion, kind and name of one resource; `replacements` are what came after `vars`",
    ),
    (
        Reason::Replacement,
        "unable to find",
        "`options: {create: true}` makes a field that is missing",
    ),
    (Reason::Chart, "must be one of", ONE_OF),
    (Reason::Chart, "may not add resource", "give one of the two another name or namespace"),
];

const ONE_OF_BUILTIN: &str = "with `apiVersion: builtin`, kind is one of kustomize's own, as `LabelTransformer` or `ConfigMapGenerator`";

/// Returns what helps against a mistake, where its message says more than its kind.
pub(crate) fn remedy(reason: Reason, message: &str) -> Option<&'static str> {
    let mut rows = ROWS.iter().filter(|(of, phrase, _)| *of == reason && message.contains(phrase));
    rows.next().map(|(_, _, remedy)| *remedy)
}
