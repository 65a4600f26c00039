//! What a kustomization's `secretGenerator` makes Secrets of, where that lies in the repository in plain text:
//! the values of `literals`, and the files that `files`, `envs` and `env` name.
//!
//! Never shows a value. Certificates and public keys are no secrets, whatever they are put into.

use text::World;
use yaml::{Node, Span};

use super::plaintext::{self, Suspect};

const WHY: &str = "the data of a Secret";

/// Returns what the Secrets of a kustomization in `folder` hold.
pub(super) fn held(kustomization: &Node, folder: &str, world: &dyn World) -> Vec<Suspect> {
    let list = |node: &Node, field: &str| -> Vec<Node> {
        node.get(field).and_then(Node::as_list).unwrap_or_default().to_vec()
    };
    let mut found = Vec::new();
    for generator in list(kustomization, "secretGenerator") {
        for literal in list(&generator, "literals") {
            if let Some((name, value)) = literal.as_str().and_then(|text| text.split_once('='))
                && !plaintext::is_reference(value.trim())
            {
                found.push(suspect(name, literal.span));
            }
        }
        let old = generator.get("env").cloned();
        let envs = list(&generator, "envs").into_iter().chain(old);
        for file in list(&generator, "files").into_iter().chain(envs) {
            let Some(text) = file.as_str() else { continue };
            let path = text.split_once('=').map_or(text, |(_, path)| path);
            let Some(resolved) = text::path::resolve(folder, path) else { continue };
            if world.read(&resolved).is_ok_and(|bytes| !is_public(&bytes)) {
                found.push(Suspect { value_span: Span::default(), ..suspect(path, file.span) });
            }
        }
    }
    found
}

fn suspect(name: &str, span: Span) -> Suspect {
    Suspect { name: name.to_owned(), name_span: span, value_span: span, why: WHY }
}

/// Whether a file is nothing that has to be hidden.
fn is_public(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    text.is_empty()
        || (!text.contains("PRIVATE KEY")
            && ["-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "ssh-", "ecdsa-"]
                .iter()
                .any(|begin| text.starts_with(begin)))
}
