//! By which schema lists are merged: Kubernetes' own, or what `openapi` chooses.
//!
//! kustomize reads its own schema when it is first needed, so that what was asked before the choice decides
//! how the chosen one stands to it. Never merges anything.

use std::sync::Arc;

use manifest::{MergeSchema, Standing};

use crate::accumulate::Builder;
use crate::error::{Error, Reason};
use crate::kustomization::Target;
use crate::resource::Resource;
use crate::transform::Transformer;

/// The choice as far as it was made.
pub(crate) struct Schema {
    /// The schema that the first kustomization with an `openapi` field chose.
    pub(crate) chosen: Option<Arc<MergeSchema>>,
    is_chosen: bool,
    /// How a schema that is chosen now will stand to Kubernetes' own: beside it once that was needed.
    standing: Standing,
}

impl Default for Schema {
    fn default() -> Self {
        Self { chosen: None, is_chosen: false, standing: Standing::Instead }
    }
}

impl Builder<'_> {
    /// Reads the field `openapi`; the first kustomization that has one chooses.
    pub(crate) fn choose_schema(&mut self, target: &Target) -> Result<(), Error> {
        let pairs = target.pairs("openapi")?;
        let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, text)| text);
        let fail = |message: String| target.error(Reason::Invalid, message).field(&["openapi"]);
        let (path, version) = (get("path"), get("version"));
        let read = match path {
            None => None,
            Some(path) => {
                let file = self.loader.file(target, path);
                Some(file.map_err(|error| error.field(&["openapi", "path"]))?)
            }
        };
        if self.schema.is_chosen {
            return Ok(());
        }
        match (read, version) {
            (Some(_), Some(_)) => {
                Err(fail("builtin version and custom schema provided, cannot use both".to_owned()))
            }
            (Some((path, bytes)), None) => {
                let schema = MergeSchema::read(&bytes);
                let mut schema = schema.map_err(|error| {
                    let message = format!("invalid schema file: {error}");
                    Error::new(Reason::Resource, &path, message)
                })?;
                schema.standing = self.schema.standing;
                self.schema.chosen = Some(Arc::new(schema));
                self.schema.is_chosen = true;
                Ok(())
            }
            (None, Some(version)) if version == "v1.21.2" => {
                self.schema.is_chosen = true;
                Ok(())
            }
            (None, Some(version)) if !version.is_empty() => {
                Err(fail("the specified OpenAPI version is not built in".to_owned()))
            }
            (None, _) => Ok(()),
        }
    }

    /// Notes that the scopes of resources' kinds were asked for. kustomize knows those of Kubernetes' own
    /// kinds by heart; for others it will read its own schema, after one that is chosen in the meantime
    /// (`IsNamespaceScoped` of sigs.k8s.io/kustomize/kyaml v0.21.1).
    pub(crate) fn ask_scopes(&mut self, resources: &[Resource]) {
        let is_asked = self.schema.standing == Standing::Instead && !self.schema.is_chosen;
        if is_asked && resources.iter().any(|it| !it.gvk().is_known()) {
            self.schema.standing = Standing::Under;
        }
    }

    /// Notes that lists were merged: then kustomize has read its own schema, and reads another one that is
    /// chosen later on top of it.
    pub(crate) fn ask_merge_keys(&mut self, transformer: &Transformer, resources: &[Resource]) {
        let Transformer::Merge { patches, target, .. } = transformer else { return };
        if self.schema.is_chosen {
            return;
        }
        // With a target, nobody asks what the patch itself is.
        if target.is_none() {
            self.ask_scopes(patches);
        }
        let has_type = |it: &Resource| !it.kind().is_empty() && !it.text("apiVersion").is_empty();
        if resources.iter().any(has_type) {
            self.schema.standing = Standing::Over;
        }
    }
}
