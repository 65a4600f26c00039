//! Transformers that stand in files of their own, and the settings they share with fields.

use yaml::Value;

use crate::decode::Fields;
use crate::generate::Load;
use crate::namespaces::Subjects;
use crate::replace::Replacement;
use crate::resource::Resource;
use crate::select::Selector;
use crate::specs::read_specs;
use crate::transform::{Transformer, read_patch};
use crate::transformers::image;

fn target(fields: &Fields<'_>) -> Result<Option<Selector>, String> {
    match fields.get("target") {
        None => Ok(None),
        Some(target) => Selector::read(&Fields::lenient(target, "target")?).map(Some),
    }
}

/// Returns the text of a patch and what it is called in messages.
fn patch_text(
    fields: &Fields<'_>,
    inline: &str,
    load: Load<'_>,
) -> Result<(String, String), String> {
    let (text, path) = (fields.text(inline)?, fields.text("path")?);
    match (text.trim().is_empty(), path.is_empty()) {
        (true, true) => Err(format!("must specify one of {inline} and path")),
        (false, false) => Err(format!("{inline} and path can't be set at the same time")),
        (false, true) => Ok((text.clone(), format!("[patch: {:?}]", text.trim()))),
        (true, false) => {
            let bytes = load(&path).map_err(|error| {
                format!("failed to get the patch file from path({path}): {error}")
            })?;
            let text = String::from_utf8(bytes.to_vec())
                .map_err(|_| format!("the patch file {path} is not UTF-8"))?;
            Ok((text, format!("[path: {path:?}]")))
        }
    }
}

/// Reads an entry of `patches`, marked where validators will ask.
pub(crate) fn patch(
    fields: &Fields<'_>,
    inline: &str,
    load: Load<'_>,
    marked: bool,
) -> Result<Transformer, String> {
    let (text, source) = patch_text(fields, inline, load)?;
    let null = Value::Null;
    let options = Fields::lenient(fields.get("options").unwrap_or(&null), "options")?;
    let (rename, rekind) = (options.flag("allowNameChange")?, options.flag("allowKindChange")?);
    read_patch(&text, target(fields)?, (rename, rekind), &source, marked)
}

/// Reads an entry of `patchesJson6902`.
pub(crate) fn operations(
    fields: &Fields<'_>,
    inline: &str,
    load: Load<'_>,
) -> Result<Transformer, String> {
    let (text, source) = patch_text(fields, inline, load)?;
    let target = target(fields)?.ok_or("must specify the target of a JSON patch")?;
    let named = fields.get("target").and_then(|it| it.get("name")).is_some_and(|it| !it.is_null());
    if !named {
        return Err("must specify the target name".to_owned());
    }
    let operations =
        manifest::read_json_patch(&text).map_err(|error| format!("{source}: {error}"))?;
    if operations.is_empty() {
        return Err(format!("patch appears to be empty: {source}"));
    }
    Ok(Transformer::Operations { operations, target, remember: false })
}

/// Reads the field `replacements` of a kustomization; kustomize takes an empty list of targets for none
/// there, because it writes the field once more.
pub(crate) fn field_replacements(list: &[Value], load: Load<'_>) -> Result<Transformer, String> {
    for item in list {
        let fields = Fields::lenient(item, "replacements")?;
        if fields.text("path")?.is_empty() && fields.list("targets")?.is_empty() {
            return Err(crate::replace::INCOMPLETE.to_owned());
        }
    }
    replacements(list, load)
}

/// Reads replacements, those in files among them.
fn replacements(list: &[Value], load: Load<'_>) -> Result<Transformer, String> {
    let mut all = Vec::new();
    for item in list {
        let fields = Fields::lenient(item, "replacements")?;
        let path = fields.text("path")?;
        if path.is_empty() {
            all.push(Replacement::read(item)?);
            continue;
        }
        if fields.get("source").is_some() || !fields.list("targets")?.is_empty() {
            return Err("cannot specify both path and inline replacement".to_owned());
        }
        let value = Value::decode_go2(&load(&path)?).map_err(|error| error.go_text())?;
        match &value {
            Value::List(items) => {
                for item in items {
                    all.push(Replacement::read(item)?);
                }
            }
            value => all.push(Replacement::read(value)?),
        }
    }
    Ok(Transformer::Replacements(all))
}

/// Returns the transformers of a configuration of the kind `builtin`; `None` for an unknown one.
pub(crate) fn transformers(
    config: &Resource,
    folder: &str,
    load: Load<'_>,
    marked: bool,
) -> Result<Option<Vec<Transformer>>, String> {
    let fields = Fields::lenient(&config.value, "transformer")?;
    let specs = || read_specs(&fields, "fieldSpecs");
    // Who writes before or behind names must be told where; no place at all is an answer.
    let named_specs = || match fields.get("fieldSpecs") {
        None => Err("fieldSpecs is not expected to be nil".to_owned()),
        Some(_) => specs(),
    };
    let one = match config.kind().as_str() {
        "PatchTransformer" => patch(&fields, "patch", load, marked)?,
        "PatchJson6902Transformer" => operations(&fields, "jsonOp", load)?,
        "PatchStrategicMergeTransformer" => {
            let mut patches = Vec::new();
            for path in fields.texts("paths")? {
                match crate::reading::inline(&path, marked) {
                    Some(inline) => patches.extend(inline),
                    None => patches.extend(read(&load(&path)?, marked)?),
                }
            }
            patches.extend(read(fields.text("patches")?.as_bytes(), marked)?);
            if patches.is_empty() {
                return Err("patch appears to be empty".to_owned());
            }
            Transformer::Merge {
                patches,
                target: None,
                rename: false,
                rekind: false,
                source: String::new(),
            }
        }
        "LabelTransformer" => {
            Transformer::Entries { pairs: fields.pairs("labels")?, specs: specs()? }
        }
        "AnnotationsTransformer" => {
            Transformer::Entries { pairs: fields.pairs("annotations")?, specs: specs()? }
        }
        "NamespaceTransformer" => Transformer::Namespace {
            name: config.metadata("namespace"),
            specs: specs()?,
            unset_only: fields.flag("unsetOnly")?,
            subjects: match fields.text("setRoleBindingSubjects")?.as_str() {
                "" | "defaultOnly" => Subjects::Default,
                "none" => Subjects::None,
                "allServiceAccounts" => Subjects::All,
                other => {
                    return Err(format!("invalid value \"{other}\" for setRoleBindingSubjects"));
                }
            },
        },
        "PrefixTransformer" => {
            Transformer::Prefix { prefix: fields.text("prefix")?, specs: named_specs()? }
        }
        "SuffixTransformer" => {
            Transformer::Suffix { suffix: fields.text("suffix")?, specs: named_specs()? }
        }
        "PrefixSuffixTransformer" => {
            let (prefix, suffix) = (fields.text("prefix")?, fields.text("suffix")?);
            let specs = named_specs()?;
            let mut both = Vec::new();
            if !prefix.is_empty() {
                both.push(Transformer::Prefix { prefix, specs: specs.clone() });
            }
            if !suffix.is_empty() {
                both.push(Transformer::Suffix { suffix, specs });
            }
            return Ok(Some(both));
        }
        "ReplicaCountTransformer" => {
            let null = Value::Null;
            let replica = Fields::lenient(fields.get("replica").unwrap_or(&null), "replica")?;
            Transformer::Replicas {
                name: replica.text("name")?,
                count: replica.number("count")?,
                specs: specs()?,
            }
        }
        "ImageTagTransformer" => {
            let null = Value::Null;
            let item = Fields::lenient(fields.get("imageTag").unwrap_or(&null), "imageTag")?;
            Transformer::Images { image: image(&item)?, specs: specs()? }
        }
        "HashTransformer" => Transformer::Hash,
        "ValueAddTransformer" => add_value(&fields, folder, load)?,
        "ReplacementTransformer" => replacements(fields.list("replacements")?, load)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![one]))
}

fn read(bytes: &[u8], marked: bool) -> Result<Vec<Resource>, String> {
    crate::reading::patches(bytes, marked).map_err(|error| error.message)
}

/// Reads a `ValueAddTransformer`; without a value it adds the name of the kustomization's folder.
fn add_value(fields: &Fields<'_>, folder: &str, load: Load<'_>) -> Result<Transformer, String> {
    let text = fields.text("value")?;
    let value = if text.trim().is_empty() { folder } else { text.trim() };
    let file = match fields.text("targetFilePath")?.as_str() {
        "" => Value::Null,
        path => Value::decode_go2(&load(path)?).map_err(|error| error.go_text())?,
    };
    let more = Fields::lenient(&file, "targetFilePath")?;
    let mut targets = Vec::new();
    for item in fields.list("targets")?.iter().chain(more.list("targets")?) {
        let item = Fields::lenient(item, "targets")?;
        let path = item.text("fieldPath")?;
        if path.is_empty() {
            return Err("fieldPath cannot be empty".to_owned());
        }
        let position = usize::try_from(item.number("filePathPosition")?)
            .map_err(|_| "value of FilePathPosition cannot be negative".to_owned())?;
        let selector = match item.get("selector") {
            None => None,
            Some(selector) => Some(Selector::read(&Fields::lenient(selector, "selector")?)?),
        };
        targets.push((selector, path, position));
    }
    if targets.is_empty() {
        return Err("must specify at least one target".to_owned());
    }
    Ok(Transformer::AddValue { value: value.to_owned(), targets })
}
