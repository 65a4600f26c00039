//! Diagnostics as JSON: the same fields as a person sees, for pipelines.

use serde_json::{Map, Value, json};

use crate::{Diagnostic, Label, Place, Sources};

/// Returns one diagnostic as a JSON object (`schemas/report.schema.json`, `diagnostics`).
pub fn to_json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let mut object = Map::new();
    object.insert("code".into(), json!(diagnostic.code.to_string()));
    object.insert("severity".into(), json!(diagnostic.severity.word()));
    object.insert("message".into(), json!(diagnostic.message));
    if let Some(label) = &diagnostic.primary {
        object.insert("place".into(), label_json(label, sources));
    }
    if !diagnostic.secondary.is_empty() {
        let also = diagnostic.secondary.iter().map(|label| label_json(label, sources));
        object.insert("also".into(), also.collect());
    }
    if !diagnostic.hints.is_empty() {
        object.insert("help".into(), json!(diagnostic.hints));
    }
    if let Some(patch) = &diagnostic.patch {
        let mut fields = place_json(&patch.place, sources);
        fields.insert("replacement".into(), json!(patch.replacement));
        object.insert("patch".into(), Value::Object(fields));
    }
    Value::Object(object)
}

/// Returns the document that a reporting command prints under `--json`: `version` 1, the `kind` of
/// report, the counts of errors and warnings, and the diagnostics; `fields` come between them.
pub fn report(
    kind: &str,
    fields: Map<String, Value>,
    diagnostics: &[Diagnostic],
    sources: &Sources,
) -> Value {
    let count =
        |word| diagnostics.iter().filter(|diagnostic| diagnostic.severity.word() == word).count();
    let mut document = Map::new();
    document.insert("version".into(), json!(1));
    document.insert("kind".into(), json!(kind));
    document.extend(fields);
    document.insert("errors".into(), json!(count("error")));
    document.insert("warnings".into(), json!(count("warning")));
    let all = diagnostics.iter().map(|diagnostic| to_json(diagnostic, sources));
    document.insert("diagnostics".into(), all.collect());
    Value::Object(document)
}

fn label_json(label: &Label, sources: &Sources) -> Value {
    let mut fields = place_json(&label.place, sources);
    if !label.text.is_empty() {
        fields.insert("label".into(), json!(label.text));
    }
    Value::Object(fields)
}

fn place_json(place: &Place, sources: &Sources) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("file".into(), json!(place.file.as_ref()));
    if let Some(at) = sources.line_column(place) {
        fields.insert("line".into(), json!(at.line));
        fields.insert("column".into(), json!(at.column));
        fields.insert("start".into(), json!(place.start));
        fields.insert("end".into(), json!(place.end));
    }
    fields
}
