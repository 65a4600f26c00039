//! `--raw`: one value as it stands, and the sealed value alone, for pasting and for scripts.

use std::path::PathBuf;

use operate::Randomness;
use seal::key::{SealingKey, SessionKeys as _};
use seal::layout::Scope;
use seal::{codes, secret};
use zeroize::Zeroizing;

use super::Seal;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::prompt;
use crate::ui::Ui;

pub(super) fn run(ui: &Ui, arguments: &Seal, key: &SealingKey) -> Result<Outcome, CliError> {
    let scope = arguments.scope().unwrap_or_default();
    let needs = |flag: &str| {
        CliError::usage(format!("`--raw` needs `{flag}` with the scope {scope}"))
            .hint("a value is bound to it, and would never open elsewhere")
    };
    let namespace = arguments.namespace.as_deref().unwrap_or_default();
    if namespace.is_empty() && scope != Scope::ClusterWide {
        return Err(needs("--namespace"));
    }
    let name = arguments.name.as_deref().unwrap_or_default();
    if name.is_empty() && scope == Scope::Strict {
        return Err(needs("--name"));
    }
    let mut value = value(arguments)?;
    if arguments.trim {
        secret::trim(&mut value);
    } else if let Some(what) = secret::line_end(&value) {
        let finding = codes::s108_line_end("--raw", what, None);
        ui.diagnostics(&[finding], &text::Sources::new());
    }
    if value.len() as u64 > prompt::MOST_BYTES {
        return Err(prompt::too_large());
    }
    if value.is_empty() && !arguments.allow_empty_data {
        ui.warn("the value has 0 bytes; `--allow-empty-data` says that this is meant");
    }
    let session = Randomness::open()?.next().map_err(secret::SealError::from)?;
    let label = scope.label(namespace, name);
    let sealed = key.seal_text(&value, &label, session).map_err(secret::SealError::from)?;
    match &arguments.into {
        Some(file) => operate::put_file(file, sealed.as_bytes())?,
        // As in kubeseal: no line end.
        None => ui.data(sealed.as_bytes())?,
    }
    Ok(Outcome::Yes)
}

fn value(arguments: &Seal) -> Result<Zeroizing<Vec<u8>>, CliError> {
    match arguments.from_file.as_slice() {
        [] => prompt::secret("Value (it is not shown): "),
        [one] => {
            let file = one.split_once('=').map_or(one.as_str(), |(_, file)| file);
            Ok(operate::read_secret_bytes(&PathBuf::from(file))?)
        }
        _ => Err(CliError::usage("`--raw` seals one value: give one `--from-file`")
            .hint("for several, seal a Secret: `kubectl create secret generic NAME --from-file … --dry-run=client -o yaml`")),
    }
}
