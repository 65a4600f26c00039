//! `mainstay secrets rotate`: a credential made anew, or what to do where only others can.

use std::path::PathBuf;

use clap::Args;
use compile::generate::credentials::{self, ARGOCD_SECRET, Credential, Reissue};
use compile::model::Platform;
use operate::{Access, Randomness, Repository};
use seal::secret::Entry;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::seal::interactive::{self, ADMIN_PASSWORD, PLATFORM, Target, Wanted};
use crate::environment;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::places;
use crate::sealing::{CertificateArgument, repository_here};
use crate::ui::{GOOD, Ui};

/// Makes a credential anew, or says how it is replaced
///
/// NAME is one of docs/credentials.md. What needs no one else (the password of Argo CD's admin, the secret of the
/// webhook, where they are sealed) is made anew and sealed; for all others what must be done is said, and the exit
/// code is 1. A new value is written to the file of --out alone, readable by you alone, and never shown.
///
/// Example: mainstay secrets rotate argocd-admin --out ~/keys/argocd-admin
#[derive(Args, Debug)]
pub(crate) struct Rotate {
    /// Name of the credential; left out, the names are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Where the new value goes, for people and for the other side: a new file outside of the repository
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    certificate: CertificateArgument,

    /// Print a JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(ui: &Ui, arguments: &Rotate) -> Result<Outcome, CliError> {
    let root = match repository_here() {
        Some(root) => root,
        None => operate::find_repository(std::path::Path::new("."))?,
    };
    let mut repository = Repository::open(&root, Access::Change)?;
    let world = repository.world(environment::chart_cache())?;
    let platform = interactive::platform(&world)?;
    let all = credentials::of(&platform);
    let Some(name) = &arguments.name else {
        if arguments.json {
            let all = all.iter().map(|it| {
                let reissued = it.reissue != Reissue::No;
                json!({"name": it.name, "what": it.what, "place": it.place, "reissued": reissued})
            });
            let fields = Map::from_iter([("credentials".to_owned(), all.collect::<Value>())]);
            ui.json(&report(fields))?;
            return Ok(Outcome::Yes);
        }
        let names: String = all.iter().map(|it| format!("{}\n", it.name)).collect();
        ui.data(names.as_bytes())?;
        return Ok(Outcome::Yes);
    };
    let Some(credential) = all.iter().find(|it| it.name == *name) else {
        let error = CliError::usage(format!("there is no credential `{name}`"));
        return Err(match text::nearest(name, all.iter().map(|it| it.name.as_str())) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`mainstay secrets rotate` lists them"),
        });
    };
    if credential.reissue == Reissue::No {
        return Err(by_others(credential));
    }
    let Some(out) = &arguments.out else {
        return Err(CliError::usage("the new value must go somewhere: it is never shown").hint(
            format!("`mainstay secrets rotate {name} --out FILE`, outside of the repository"),
        ));
    };
    places::for_private(out, "a password")?;
    let Some(key) = arguments.certificate.sealing_key(ui, Some(&root))? else {
        return Ok(Outcome::Invalid);
    };
    let place = Target::of(&world, PLATFORM)?;
    let Issued { value, item, sealed } = issued(&platform, credential.reissue)?;
    let wanted = Wanted { name: ARGOCD_SECRET, item, env: PLATFORM };
    let mut entries = vec![Entry { key: item.to_owned(), value: sealed }];
    if item == ADMIN_PASSWORD {
        // Argo CD ends the sessions that are older than this.
        let value = Zeroizing::new(seal::layout::shown_moment(operate::seconds_now()).into_bytes());
        entries.push(Entry { key: "admin.passwordMtime".to_owned(), value });
    }
    let Some(changes) = interactive::put(ui, &world, &place, &wanted, entries, (None, &key))?
    else {
        return Ok(Outcome::Invalid);
    };
    // First the value: one that is sealed and known to nobody would lock people out.
    operate::write_private(out, value.as_bytes())?;
    if let Err(error) = repository.apply(&changes) {
        // A value that nothing was changed to is no password.
        operate::take_back(out)?;
        return Err(error.into());
    }
    if arguments.json {
        let mut fields = Map::new();
        fields.insert("name".into(), json!(name));
        fields.insert("out".into(), json!(out));
        let files: Vec<&str> = changes.writes.iter().map(|write| write.path.as_str()).collect();
        fields.insert("files".into(), json!(files));
        fields.insert("left".into(), json!(credential.rotate.get(1..).unwrap_or_default()));
        ui.json(&report(fields))?;
        return Ok(Outcome::Yes);
    }
    place.say(ui, &wanted, changes.writes.len() > 1);
    ui.status(&format!(
        "{GOOD}Made{GOOD:#} `{name}` anew: `{}`, readable by you alone",
        out.display()
    ));
    for line in credential.rotate.iter().skip(1) {
        ui.status(&format!("  {line}"));
    }
    Ok(Outcome::Yes)
}

fn report(fields: Map<String, Value>) -> Value {
    text::report("secrets rotate", fields, &[], &text::Sources::default())
}

/// A credential made anew.
struct Issued {
    /// The value, for people and for the other side.
    value: Zeroizing<String>,
    /// The key of [`ARGOCD_SECRET`] that it belongs to.
    item: &'static str,
    /// What stands there: of a password its hash.
    sealed: Zeroizing<Vec<u8>>,
}

/// Returns a new value, and what of it is sealed under which key.
fn issued(platform: &Platform, reissue: Reissue) -> Result<Issued, CliError> {
    let mut randomness = Randomness::open()?;
    let value = operate::new_password(&mut randomness)?;
    let (item, sealed) = match reissue {
        Reissue::AdminPassword => (ADMIN_PASSWORD, operate::bcrypt_hash(&value, &mut randomness)?),
        Reissue::Webhook | Reissue::No => {
            (credentials::webhook_key(&platform.repository.url), value.clone())
        }
    };
    let sealed = Zeroizing::new(sealed.as_bytes().to_vec());
    Ok(Issued { value, item, sealed })
}

fn by_others(credential: &Credential) -> CliError {
    let error = CliError::refused(format!(
        "`{}` ({}) is not mainstay's to issue",
        credential.name, credential.what
    ));
    let error = error.hint(format!("it is here: {}", credential.place));
    credential.rotate.iter().fold(error, |error, line| error.hint(line.clone()))
}
