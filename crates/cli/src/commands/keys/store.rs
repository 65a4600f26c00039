//! `mainstay keys store`: the key into a Pulumi stack's configuration, encrypted as Pulumi does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use operate::{PulumiCrypter, Randomness};
use seal::key::{KeyRing, KeySecret};
use seal::secret;
use serde_json::{Map, json};
use zeroize::Zeroizing;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::proof::{self, Findings};
use crate::sealing::repository_here;
use crate::ui::{GOOD, Ui};
use crate::{environment, prompt, sealing};

/// Puts a key into a Pulumi stack's file, as `pulumi config set --secret` would
///
/// For stacks whose secrets are encrypted with a passphrase, which is taken from PULUMI_CONFIG_PASSPHRASE or
/// PULUMI_CONFIG_PASSPHRASE_FILE, or asked for. What is stored is the file as it stands: the Secret that is applied
/// before the controller starts. All other bytes of the stack's file stay.
///
/// Example: mainstay keys store ~/keys/shop.yaml --stack infra/Pulumi.prod.yaml --name shop:sealedSecretsKey
#[derive(Args, Debug)]
pub(crate) struct Store {
    /// The key: the file that `mainstay keys new` made
    #[arg(value_name = "KEY")]
    key: PathBuf,

    /// The stack's file; it is made where it is missing
    #[arg(long, value_name = "FILE")]
    stack: PathBuf,

    /// Name of the value, with its project's [default: the `pulumi:NAME` of `secrets.sealedSecrets.masterKey` in the spec, in
    /// the project of the `Pulumi.yaml` beside the stack's file]
    #[arg(long, value_name = "PROJECT:NAME")]
    name: Option<String>,

    /// Put the key in the place of one that is stored under the name, as after `mainstay reseal`; nothing else changes
    #[arg(long)]
    replace: bool,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(ui: &Ui, arguments: &Store) -> Result<Outcome, CliError> {
    let file = arguments.stack.display();
    let refused = |reason: String| {
        CliError::refused(format!("`{file}` was not changed: {reason}"))
            .hint("`pulumi config set --secret NAME <KEY` does the same by Pulumi's own hands")
    };
    let value_name = match &arguments.name {
        Some(name) => name.clone(),
        None => named_by_spec(&arguments.stack)?,
    };
    if !is_name(&value_name) {
        return Err(CliError::usage(format!("`{value_name}` is no name of a value"))
            .hint("PROJECT:NAME, of letters, digits, `.`, `-` and `_`"));
    }
    let value = operate::read_secret_text(&arguments.key)?;
    let name = arguments.key.display().to_string();
    let secrets = KeySecret::read_all(&value).map_err(super::broken(&arguments.key))?;
    if secrets.is_empty() {
        KeyRing::default().add(&name, &value).map_err(super::broken(&arguments.key))?;
        return Err(CliError::usage(format!("`{name}` is a bare key")).hint(
            "what is stored is applied as it stands: give the Secret that `mainstay keys new` makes",
        ));
    }
    let mut findings = Findings::default();
    let source: Arc<str> = findings.sources.add(name.as_str(), secret::shown(&value));
    findings.extend(secrets.iter().flat_map(|secret| secret.check(&source, None)));
    if findings.has_errors() && arguments.json {
        let (found, sources) = (&findings.diagnostics, &findings.sources);
        ui.json(&text::report("keys store", Map::new(), found, sources))?;
    } else if !arguments.json {
        sealing::say(ui, &findings);
    }
    if findings.has_errors() {
        // What is stored is applied as it stands: a controller would not start with it.
        return Ok(Outcome::Invalid);
    }
    let is_there = arguments.stack.exists();
    let text = match is_there {
        true => String::from_utf8(operate::read_file(&arguments.stack)?)
            .map_err(|_| refused("it is no UTF-8 text".to_owned()))?,
        false => String::new(),
    };
    let stack = operate::read_stack(&text).map_err(refused)?;
    if stack.other_provider {
        return Err(refused("its secrets are not encrypted with a passphrase".to_owned()));
    }
    let passphrase = passphrase()?;
    let mut randomness = Randomness::open()?;
    let crypter = match &stack.salt {
        Some(salt) => PulumiCrypter::of_salt(&passphrase, salt)?,
        None => PulumiCrypter::new(&passphrase, &mut randomness)?,
    };
    let sealed = crypter.seal(value.as_bytes(), &mut randomness)?;
    let salt = crypter.salt();
    let edited = operate::put_secret(&text, salt, &value_name, &sealed, arguments.replace);
    let edited = edited.map_err(|reason| {
        let is_there = !arguments.replace && reason.ends_with("is there already");
        match is_there {
            true => refused(reason)
                .hint("`--replace` puts the new key in its place, when everything is sealed for the new one"),
            false => refused(reason),
        }
    })?;
    operate::put_file(&arguments.stack, edited.as_bytes())?;
    if arguments.json {
        let mut fields = Map::new();
        fields.insert("name".into(), json!(value_name));
        fields.insert("stack".into(), json!(arguments.stack));
        let report = text::report("keys store", fields, &findings.diagnostics, &findings.sources);
        ui.json(&report)?;
        return Ok(Outcome::Yes);
    }
    ui.status(&format!("{GOOD}Stored{GOOD:#} the key as `{value_name}` in `{file}`, encrypted"));
    ui.status("  whoever has the passphrase has the key: keep it where this repository is not");
    Ok(Outcome::Yes)
}

/// Returns the passphrase of the stack, from where Pulumi takes it. An empty one is none: it would lock nothing.
fn passphrase() -> Result<Zeroizing<String>, CliError> {
    let (passphrase, from) =
        if let Some(passphrase) = environment::secret("PULUMI_CONFIG_PASSPHRASE") {
            (Zeroizing::new(passphrase), "PULUMI_CONFIG_PASSPHRASE is empty".to_owned())
        } else if let Some(file) = environment::secret("PULUMI_CONFIG_PASSPHRASE_FILE") {
            let text = operate::read_secret_text(&PathBuf::from(&file))?;
            (Zeroizing::new(text.trim().to_owned()), format!("`{file}` is empty"))
        } else {
            let typed = prompt::secret("Passphrase of the stack (it is not shown): ")?;
            let passphrase = std::str::from_utf8(&typed)
                .map_err(|_| CliError::usage("the passphrase is no UTF-8 text"))?;
            (Zeroizing::new(passphrase.to_owned()), "no passphrase was given".to_owned())
        };
    if passphrase.is_empty() {
        return Err(CliError::usage(from)
            .hint("PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE, or type it")
            .hint("an empty passphrase would lock nothing: the key would lie open in the stack's file"));
    }
    Ok(passphrase)
}

/// Returns the name that the spec gives the key, in the project that the stack is of.
fn named_by_spec(stack: &Path) -> Result<String, CliError> {
    let missing = |what: String| {
        CliError::usage(what).hint("`--name PROJECT:NAME` says under which name the key is stored")
    };
    let spec = repository_here()
        .and_then(|root| operate::read_file(&root.join(operate::MANIFEST)).ok())
        .ok_or_else(|| {
            missing("there is no repository here whose spec names the key".to_owned())
        })?;
    let reference = proof::master_key(&String::from_utf8_lossy(&spec));
    let name = reference.as_deref().and_then(|it| it.strip_prefix("pulumi:")).ok_or_else(|| {
        let what = "the spec names no value of Pulumi's for the key: `secrets.sealedSecrets.masterKey: pulumi:NAME`";
        missing(what.to_owned())
    })?;
    if name.contains(':') {
        return Ok(name.to_owned());
    }
    let project = stack.with_file_name("Pulumi.yaml");
    let text = operate::read_file(&project).unwrap_or_default();
    let documents = yaml::parse_all(&String::from_utf8_lossy(&text), yaml::Schema::Go2);
    let documents = documents.unwrap_or_default();
    let own = documents.first().and_then(|root| root.get("name")).and_then(yaml::Node::as_str);
    let own = own.ok_or_else(|| {
        missing(format!("`{}` does not say of which project the stack is", project.display()))
    })?;
    Ok(format!("{own}:{name}"))
}

fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it))
    };
    name.split_once(':').is_some_and(|(project, name)| part(project) && part(name))
}
