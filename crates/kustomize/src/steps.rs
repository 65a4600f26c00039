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
use crate::validating;

impl Builder<'_> {
    /// Runs the transformers of the fields, then those of `transformers`, then `validators`.
    pub(crate) fn transform(
        &mut self,
        target: &Target,
        state: &mut State,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let config = state.config.clone().unwrap_or_else(Config::default_config);
        if self.validates {
            for resource in &mut state.resources {
                resource.written.get_or_insert_default();
            }
        }
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
                let Some(before) = before else { continue };
                let error = |what: String| {
                    let message = format!(
                        "validator shouldn't modify the resource map: {} {what}",
                        config.id()
                    );
                    target.error(Reason::Transformer, message).field(&[name])
                };
                if before.len() != state.resources.len() {
                    return Err(error("takes resources away".to_owned()));
                }
                if let Some(changed) = validating::changed(&before, &state.resources) {
                    let what = "writes into";
                    return Err(error(format!("{what} {}", changed.id())));
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
            reads.error(Reason::Transformer, message, &[name])
        };
        let folder = target.folder.rsplit('/').next().unwrap_or_default();
        let list = external::transformers(config, folder, &load, self.validates).map_err(fail)?;
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
