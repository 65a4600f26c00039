//! The transformers that the fields of a kustomization stand for, in kustomize's order.

use yaml::Value;

use crate::accumulate::{Builder, item};
use crate::decode::Fields;
use crate::entries::located;
use crate::error::{Error, Reason};
use crate::external;
use crate::images::Image;
use crate::kustomization::Target;
use crate::namespaces::Subjects;
use crate::reading;
use crate::specs::{self, Config, FieldSpec};
use crate::transform::Transformer;

/// A transformer, and which field it comes from.
pub(crate) struct Step {
    pub(crate) transformer: Transformer,
    /// kustomize's name of it.
    pub(crate) kind: &'static str,
    pub(crate) field: (&'static str, Option<usize>),
    pub(crate) reason: Reason,
}

impl Step {
    fn new(field: &'static str, kind: &'static str, transformer: Transformer) -> Self {
        Self { transformer, kind, field: (field, None), reason: Reason::Transformer }
    }

    fn item(mut self, index: usize, reason: Reason) -> Self {
        self.field.1 = Some(index);
        self.reason = reason;
        self
    }
}

impl Builder<'_> {
    pub(crate) fn transformers(
        &self,
        target: &Target,
        config: &Config,
    ) -> Result<Vec<Step>, Error> {
        let mut all = Vec::new();
        self.merges(target, &mut all)?;
        let reads = self.loader.reads(target);
        let load = |path: &str| reads.read(path);
        for (index, fields) in items(target, "patches")? {
            let patch =
                external::patch(&fields, "patch", &load, self.validates).map_err(|message| {
                    reads.error(Reason::Patch, message, &["patches", &index.to_string()])
                })?;
            all.push(Step::new("patches", "PatchTransformer", patch).item(index, Reason::Patch));
        }
        plain(target, config, &mut all)?;
        for (index, fields) in items(target, "patchesJson6902")? {
            let name = "patchesJson6902";
            let patch = external::operations(&fields, "patch", &load).map_err(|message| {
                reads.error(Reason::Patch, message, &[name, &index.to_string()])
            })?;
            let step = Step::new(name, "PatchJson6902Transformer", patch);
            all.push(step.item(index, Reason::Patch));
        }
        for (index, fields) in items(target, "replicas")? {
            let fail = failed(target, Reason::Invalid, "replicas", index);
            let (name, count) = (fields.text("name"), fields.number("count"));
            let (name, count) = (name.map_err(&fail)?, count.map_err(&fail)?);
            let specs = config.replicas.clone();
            let replicas = Transformer::Replicas { name, count, specs };
            let step = Step::new("replicas", "ReplicaCountTransformer", replicas);
            all.push(step.item(index, Reason::Transformer));
        }
        for list in ["images", "imageTags"] {
            for (index, fields) in items(target, list)? {
                let image = image(&fields).map_err(failed(target, Reason::Invalid, list, index))?;
                let images = Transformer::Images { image, specs: config.images.clone() };
                let step = Step::new(list, "ImageTagTransformer", images);
                all.push(step.item(index, Reason::Transformer));
            }
        }
        let list = target.list("replacements")?;
        if !list.is_empty() {
            let replacements = external::field_replacements(list, &load)
                .map_err(|message| reads.error(Reason::Replacement, message, &["replacements"]))?;
            let step = Step::new("replacements", "ReplacementTransformer", replacements);
            all.push(Step { reason: Reason::Replacement, ..step });
        }
        Ok(all)
    }

    /// Adds `patchesStrategicMerge`: one transformer for all of them.
    fn merges(&self, target: &Target, all: &mut Vec<Step>) -> Result<(), Error> {
        let name = "patchesStrategicMerge";
        let mut patches = Vec::new();
        for (index, entry) in target.texts(name)?.iter().enumerate() {
            match reading::inline(entry, self.validates) {
                Some(inline) => patches.extend(inline),
                None => {
                    let field = [name, &index.to_string()];
                    let file = self.loader.file(target, entry);
                    let (path, bytes) = file.map_err(|error| error.field(&field))?;
                    let read = reading::patches(&bytes, self.validates);
                    patches.extend(read.map_err(|error| located(error, &path))?);
                }
            }
        }
        if !target.list(name)?.is_empty() {
            if patches.is_empty() {
                let message = "patch appears to be empty".to_owned();
                return Err(target.error(Reason::Patch, message).field(&[name]));
            }
            let merge = Transformer::Merge {
                patches,
                target: None,
                rename: false,
                rekind: false,
                source: String::new(),
            };
            let step = Step::new(name, "PatchStrategicMergeTransformer", merge);
            all.push(Step { reason: Reason::Patch, ..step });
        }
        Ok(())
    }
}

/// Adds namespace, prefix, suffix, labels and annotations.
fn plain(target: &Target, config: &Config, all: &mut Vec<Step>) -> Result<(), Error> {
    let name = target.text("namespace")?;
    if !name.is_empty() {
        let specs = config.namespace.clone();
        let subjects = Subjects::Default;
        let namespace = Transformer::Namespace { name, specs, unset_only: false, subjects };
        all.push(Step::new("namespace", "NamespaceTransformer", namespace));
    }
    let prefix = target.text("namePrefix")?;
    if !prefix.is_empty() {
        let specs = config.name_prefix.clone();
        let prefix = Transformer::Prefix { prefix, specs };
        all.push(Step::new("namePrefix", "PrefixTransformer", prefix));
    }
    let suffix = target.text("nameSuffix")?;
    if !suffix.is_empty() {
        let specs = config.name_suffix.clone();
        let suffix = Transformer::Suffix { suffix, specs };
        all.push(Step::new("nameSuffix", "SuffixTransformer", suffix));
    }
    for (index, fields) in items(target, "labels")? {
        let labels =
            labels(&fields, config).map_err(failed(target, Reason::Invalid, "labels", index))?;
        let step = Step::new("labels", "LabelTransformer", labels);
        all.push(step.item(index, Reason::Transformer));
    }
    // Without common labels this still runs where there are labels, and is written down.
    let pairs = target.pairs("commonLabels")?;
    if !pairs.is_empty() || !target.list("labels")?.is_empty() {
        let specs = config.common_labels.clone();
        let labels = Transformer::Entries { pairs, specs };
        all.push(Step::new("commonLabels", "LabelTransformer", labels));
    }
    let pairs = target.pairs("commonAnnotations")?;
    if !pairs.is_empty() {
        let specs = config.common_annotations.clone();
        let annotations = Transformer::Entries { pairs, specs };
        all.push(Step::new("commonAnnotations", "AnnotationsTransformer", annotations));
    }
    Ok(())
}

type Items<'v> = Vec<(usize, Fields<'v>)>;

/// Returns the items of a field that is a list of maps.
fn items<'v>(target: &'v Target, name: &'static str) -> Result<Items<'v>, Error> {
    let list: &'v [Value] = target.list(name)?;
    let read = |(index, value): (usize, &'v Value)| {
        let fields = item(value, name).map_err(failed(target, Reason::Invalid, name, index))?;
        Ok((index, fields))
    };
    list.iter().enumerate().map(read).collect()
}

fn failed<'t>(
    target: &'t Target,
    reason: Reason,
    name: &'static str,
    index: usize,
) -> impl Fn(String) -> Error + 't {
    move |message| target.error(reason, message).field(&[name, &index.to_string()])
}

pub(crate) fn image(item: &Fields<'_>) -> Result<Image, String> {
    Ok(Image {
        name: item.text("name")?,
        new_name: item.text("newName")?,
        new_tag: item.text("newTag")?,
        tag_suffix: item.text("tagSuffix")?,
        digest: item.text("digest")?,
    })
}

fn labels(item: &Fields<'_>, config: &Config) -> Result<Transformer, String> {
    let mut specs = specs::read_specs(item, "fields")?;
    specs::merge(&mut specs, &config.labels)?;
    if item.flag("includeSelectors")? {
        specs::merge(&mut specs, &config.common_labels)?;
    } else {
        if item.flag("includeTemplates")? {
            specs::merge(&mut specs, &config.template_labels)?;
        }
        specs::merge(&mut specs, &[FieldSpec::plain("metadata/labels", true)])?;
    }
    Ok(Transformer::Entries { pairs: item.pairs("pairs")?, specs })
}
