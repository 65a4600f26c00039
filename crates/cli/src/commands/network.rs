//! How the network is asked, the same for every command that fetches: credentials, and how careful.
//!
//! A password or a token never stands on the command line, where every process of the machine could read
//! it: it comes from standard input, from a file, or from the environment.

use std::path::PathBuf;

use clap::Args;
use operate::{Credentials, Keyring, Settings};

use crate::environment;
use crate::error::CliError;
use crate::prompt;

#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Network")]
pub(crate) struct Network {
    /// Ask nothing of the network: only what was fetched before
    #[arg(long)]
    offline: bool,

    /// User of the chart repository or registry
    #[arg(long, value_name = "USER")]
    username: Option<String>,

    /// Read the password from standard input
    #[arg(long, requires = "username", conflicts_with_all = ["password_file", "token_stdin"])]
    password_stdin: bool,

    /// Read the password from a file
    #[arg(long, value_name = "FILE", requires = "username")]
    password_file: Option<PathBuf>,

    /// Read a token from standard input, instead of a user and a password
    #[arg(long, conflicts_with_all = ["username", "password_file"])]
    token_stdin: bool,

    /// Refused: a password on the command line can be read by everybody on the machine
    #[arg(long, hide = true, value_name = "PASSWORD")]
    password: Option<String>,

    /// Host, or host and path, that the credentials are for
    #[arg(long, value_name = "HOST")]
    login: Option<String>,

    /// Credentials of several hosts: a docker config file instead of `~/.docker/config.json`
    #[arg(long, value_name = "FILE")]
    registry_config: Option<PathBuf>,

    /// Give the credentials of a chart repository to every host that it names
    #[arg(long)]
    pass_credentials: bool,

    /// Take addresses that are not encrypted, on other machines too
    #[arg(long)]
    plain_http: bool,
}

impl Network {
    /// Returns how to fetch from the places that the repository names.
    pub(crate) fn settings(&self) -> Result<Settings, CliError> {
        self.settings_for(None)
    }

    /// Returns how to fetch; the credentials that were typed are for `place`, unless `--login` says
    /// another one.
    pub(crate) fn settings_for(&self, place: Option<&str>) -> Result<Settings, CliError> {
        if self.password.is_some() {
            return Err(CliError::usage(
                "`--password` is refused: everybody on the machine could read it",
            )
            .hint("`--password-stdin`, `--password-file FILE`, or `MAINSTAY_PASSWORD`"));
        }
        let mut keyring = self.keyring()?;
        if let Some(credentials) = self.credentials()? {
            let Some(place) = self.login.as_deref().or(place) else {
                return Err(CliError::usage("credentials are given, but not what they are for")
                    .hint("add `--login HOST`; other hosts are not told"));
            };
            keyring.insert(place, credentials);
        }
        Ok(Settings {
            keyring,
            offline: self.offline,
            plain_http: self.plain_http,
            pass_credentials: self.pass_credentials,
            ..Settings::default()
        })
    }

    fn keyring(&self) -> Result<Keyring, CliError> {
        let file = match &self.registry_config {
            Some(file) => file.clone(),
            None => match environment::docker_config().filter(|file| file.is_file()) {
                Some(file) => file,
                None => return Ok(Keyring::default()),
            },
        };
        Keyring::from_docker_config(&operate::read_file(&file)?).map_err(|why| {
            CliError::usage(format!("`{}` is no docker config file: {why}", file.display()))
        })
    }

    fn credentials(&self) -> Result<Option<Credentials>, CliError> {
        if self.token_stdin {
            return Ok(Some(Credentials::token(&standard_input()?)));
        }
        let Some(user) = &self.username else {
            let token = environment::secret("MAINSTAY_TOKEN").filter(|_| self.login.is_some());
            return Ok(token.map(|token| Credentials::token(&token)));
        };
        let password = if self.password_stdin {
            standard_input()?
        } else if let Some(file) = &self.password_file {
            line(&operate::read_file(file)?)
        } else if let Some(password) = environment::secret("MAINSTAY_PASSWORD") {
            password
        } else {
            return Err(CliError::usage("`--username` is given, and no password")
                .hint("`--password-stdin`, `--password-file FILE`, or `MAINSTAY_PASSWORD`"));
        };
        Ok(Some(Credentials::basic(user, &password)))
    }
}

fn standard_input() -> Result<String, CliError> {
    Ok(line(&prompt::standard_input()?))
}

/// Returns a secret without the line end that editors and `echo` add.
fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\r', '\n']).to_owned()
}
