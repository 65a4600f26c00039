//! Runs the transformers of a kustomization, those of its fields first, and its validators.
//!
//! What a transformer does is in `transform`, how it is read in `transformers` and `external`.

use crate::accumulate::{Builder, Context};
use crate::error::{Error, Reason};
use crate::external;
use crate::kustomization::Target;
use crate::origin;
use crate::resource::Resource;
use crate::specs::Config;
use crate::state::State;
use crate::transform;

impl Builder<'_> {
    /// Runs the transformers of the fields, then those of `transformers`, then `validators`.
    pub(crate) fn transform(
        &mut self,
        target: &Target,
        state: &mut State,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let config = state.config.clone().unwrap_or_else(Config::default_config);
        for step in self.transformers(target, &config)? {
            self.ask_merge_keys(&step.transformer, &state.resources);
            let schema = self.schema.chosen.as_deref();
            transform::apply(&step.transformer, &mut state.resources, schema).map_err(
                |message| {
                    let (name, index) = step.field;
                    let error = target.error(step.reason, message);
                    match index {
                        Some(index) => error.field(&[name, &index.to_string()]),
                        None => error.field(&[name]),
                    }
                },
            )?;
            if let Some(origin) = &context.origin {
                let text = origin.of_field(&target.file, step.kind);
                origin::note(&mut state.resources, &text);
            }
        }
        for name in ["transformers", "validators"] {
            let configs = self.configured(target, name, context)?;
            for config in configs {
                let before = (name == "validators").then(|| state.resources.clone());
                self.run(target, name, &config, state)?;
                if before.is_some_and(|before| !same(&before, &state.resources)) {
                    let message = format!(
                        "validator shouldn't modify the resource map: {} does",
                        config.id()
                    );
                    return Err(target.error(Reason::Transformer, message).field(&[name]));
                }
            }
        }
        Ok(())
    }

    /// Runs a transformer that is configured by an object of its own.
    fn run(
        &mut self,
        target: &Target,
        name: &str,
        config: &Resource,
        state: &mut State,
    ) -> Result<(), Error> {
        if config.text("apiVersion") != "builtin" {
            return Err(function(target, name, config));
        }
        let reads = self.loader.reads(target);
        let load = |path: &str| reads.read(path);
        let fail = |message: String| {
            let message = format!("{}: {message}", config.id());
            target.error(reads.reason(Reason::Transformer), message).field(&[name])
        };
        let folder = target.folder.rsplit('/').next().unwrap_or_default();
        let list = external::transformers(config, folder, &load).map_err(fail)?;
        let list = list.ok_or_else(|| fail(format!("unable to load builtin {}", config.gvk())))?;
        for transformer in list {
            self.ask_merge_keys(&transformer, &state.resources);
            let schema = self.schema.chosen.as_deref();
            transform::apply(&transformer, &mut state.resources, schema).map_err(fail)?;
        }
        if name == "transformers"
            && let Some(text) = origin::of_plugin(config)
        {
            origin::note(&mut state.resources, &text);
        }
        Ok(())
    }
}

/// Whether a validator left the resources alone, but for the label that it may add.
fn same(before: &[Resource], after: &[Resource]) -> bool {
    let plain = |resource: &Resource| {
        let mut resource = resource.clone();
        let mut labels = resource.strings("labels");
        labels.retain(|(key, _)| key != "validated-by");
        resource.set_strings("labels", labels);
        // kustomize's own notes count too.
        (resource.value, resource.previous, resource.prefixes, resource.suffixes)
    };
    before.len() == after.len() && before.iter().zip(after).all(|(a, b)| plain(a) == plain(b))
}

/// Refuses to run a program.
pub(crate) fn function(target: &Target, name: &str, config: &Resource) -> Error {
    let annotations = config.strings("annotations");
    let is_function = annotations.iter().any(|(key, _)| {
        matches!(key.as_str(), "config.kubernetes.io/function" | "config.k8s.io/function")
    });
    let what = if is_function { "the function" } else { "the plugin" };
    let message = format!("{what} {} would be run, and no program is run", config.id());
    target.error(Reason::Function, message).field(&[name])
}
