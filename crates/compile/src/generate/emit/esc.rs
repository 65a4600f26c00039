//! `esc/<environment>.yaml`: the definition of a Pulumi ESC environment, with references to 1Password.
//!
//! Format: Pulumi's documentation, "ESC syntax reference" and "1password-secrets". No value and no token is in it:
//! the token of 1Password comes from an environment that is imported.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::prerequisites;
use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files};
use crate::model::{Environment, ExternalSecrets, Manager, folder_secret};

use super::docs::external_secrets::onepassword_item;

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let Some(external) = context.platform.secrets.backend.external() else { return };
    let Manager::PulumiEsc { project, vault: Some(vault), .. } = &external.manager else { return };
    for environment in &context.platform.environments {
        let needs = prerequisites::of(context.platform, environment).managed;
        files.generated(
            format!("esc/{}.yaml", environment.name),
            definition(external, environment, (project, vault), &needs),
        );
    }
}

fn definition(
    external: &ExternalSecrets,
    environment: &Environment,
    (project, vault): (&str, &str),
    needs: &BTreeMap<String, BTreeSet<String>>,
) -> String {
    let mut get = Map::new();
    let mut secrets: Vec<(String, Map)> = Vec::new();
    for (folder, keys) in needs {
        let secret = folder_secret(folder);
        let item = onepassword_item(external, environment, folder);
        for key in keys {
            let name = format!("{secret}.{key}");
            get =
                get.put(name.as_str(), Map::new().put("ref", format!("op://{vault}/{item}/{key}")));
            let value = format!("${{onepassword[\"{name}\"]}}");
            match secrets.iter_mut().find(|(known, _)| *known == secret) {
                Some((_, map)) => *map = std::mem::take(map).put(key.as_str(), value),
                None => secrets.push((secret.clone(), Map::new().put(key.as_str(), value))),
            }
        }
    }
    let secrets: Map = secrets.into_iter().collect();
    let login = Map::new()
        .note("From the imported environment: docs/secrets.md.")
        .put("serviceAccountToken", "${onepasswordToken}");
    let open = Map::new()
        .put("fn::open::1password-secrets", Map::new().put("login", login).put("get", get));
    document(
        &format!(
            "What {} reads of 1Password. Written to Pulumi by hand: docs/secrets.md.\n\
             Every op:// is a reference that Pulumi ESC resolves when it is read.",
            environment.name
        ),
        &Map::new()
            .put("imports", List::new().item(format!("{project}/onepassword")))
            .put("values", Map::new().put("onepassword", open).put("secrets", secrets)),
    )
}
