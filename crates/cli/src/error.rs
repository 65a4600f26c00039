//! Why a command could not answer, and what to type next.

use std::io;

use operate::Error;

/// Why a command could not answer. Findings about a person's files are no errors: they are answers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// What was typed cannot be done.
    #[error("{message}")]
    Usage { message: String, hints: Vec<String> },
    /// An engine's no, as in a chart that does not render.
    #[error("{message}")]
    Refused { message: String, hints: Vec<String> },
    /// The cryptographic library, or the system's randomness, failed.
    #[error(transparent)]
    Sealing(#[from] seal::secret::SealError),
    /// The world failed.
    #[error(transparent)]
    World(#[from] Error),
    /// Standard output could not be written.
    #[error("could not write to standard output")]
    Output(#[source] io::Error),
    /// Ctrl-C was typed where a secret was asked for.
    #[error("interrupted; nothing was done")]
    Interrupted,
    /// Whoever read standard output has seen enough.
    #[error("standard output was closed")]
    BrokenPipe,
}

impl CliError {
    /// Returns a complaint about what was typed.
    pub(crate) fn usage(message: impl Into<String>) -> CliError {
        CliError::Usage { message: message.into(), hints: Vec::new() }
    }

    /// Returns a no to what was asked for.
    pub(crate) fn refused(message: impl Into<String>) -> CliError {
        CliError::Refused { message: message.into(), hints: Vec::new() }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> CliError {
        match &mut self {
            CliError::Usage { hints, .. } | CliError::Refused { hints, .. } => {
                hints.push(hint.into());
            }
            CliError::World(_)
            | CliError::Sealing(_)
            | CliError::Output(_)
            | CliError::Interrupted
            | CliError::BrokenPipe => {}
        }
        self
    }

    /// Returns what to do about it.
    pub(crate) fn hints(&self) -> Vec<String> {
        match self {
            CliError::Usage { hints, .. } | CliError::Refused { hints, .. } => hints.clone(),
            CliError::World(error) => world_hints(error),
            CliError::Sealing(_)
            | CliError::Output(_)
            | CliError::Interrupted
            | CliError::BrokenPipe => Vec::new(),
        }
    }

    /// Whether it lies in what was typed rather than in the world.
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            CliError::Usage { .. } => true,
            CliError::World(error) => matches!(
                error,
                Error::NotEmpty { .. }
                    | Error::NotAFolder { .. }
                    | Error::NoName { .. }
                    | Error::NoRepository { .. }
                    | Error::ChartsLock { .. }
                    | Error::BasesLock { .. }
                    | Error::Key { .. }
                    | Error::PulumiPassphrase
                    | Error::PulumiSalt
                    | Error::NotText { .. }
                    | Error::TooLarge { .. }
            ),
            CliError::Refused { .. }
            | CliError::Sealing(_)
            | CliError::Output(_)
            | CliError::Interrupted
            | CliError::BrokenPipe => false,
        }
    }
}

fn world_hints(error: &Error) -> Vec<String> {
    match error {
        Error::NotEmpty { .. } => vec![
            "name a folder that does not exist yet, or an empty one".to_owned(),
            "inside a repository that exists already: `mainstay generate`".to_owned(),
        ],
        Error::NotAFolder { .. } => vec!["name another folder".to_owned()],
        Error::NoName { .. } => vec![
            "a repository appears in one step, complete: name a new folder, as in `mainstay new shop`"
                .to_owned(),
        ],
        Error::NoRepository { looked } => {
            let looked: Vec<String> =
                looked.iter().map(|folder| format!("`{}`", folder.display())).collect();
            vec![
                format!("looked in {}", looked.join(", ")),
                "`mainstay new DIR` makes a repository; `--file PATH` names one elsewhere".to_owned(),
            ]
        }
        Error::Chart { reason, .. } | Error::Address { reason, .. } => reason.hints().to_vec(),
        Error::NotText { .. } => vec!["save it as UTF-8".to_owned()],
        Error::Disk { doing: "make the file", source, .. }
            if source.kind() == io::ErrorKind::AlreadyExists =>
        {
            vec!["nothing is ever written over a key: name another file, or move that one away".to_owned()]
        }
        Error::Key { .. } => vec![
            "a key is PEM, a Secret with `tls.key`, or a `List` of such Secrets, as `kubectl get secret -o yaml` prints them".to_owned(),
        ],
        Error::ChartsLock { .. } | Error::BasesLock { .. } => vec![
            "bring it back with `git checkout`, or remove it and run `mainstay fetch`".to_owned(),
        ],
        Error::GitMissing { install } => {
            let install = install.map(|command| format!("install it: `{command}`"));
            let without = "or leave the commit to you: `--no-commit`".to_owned();
            install.into_iter().chain([without]).collect()
        }
        Error::Git { command: "commit", .. } => vec![
            "nothing was written; `--no-commit` leaves the commit to you".to_owned(),
        ],
        Error::Journal { path, .. } => vec![format!(
            "look at the files that it names (`git status` shows them too), then remove `{}`",
            path.display()
        )],
        Error::Busy { .. } => {
            vec!["wait for it to end; nothing was written by this one".to_owned()]
        }
        Error::Outside { .. } => {
            vec!["mainstay writes to plain files in plain folders of the repository only".to_owned()]
        }
        Error::LeadsOut { .. } => {
            vec!["put a copy of what it leads to into the chart: elsewhere it may not be there".to_owned()]
        }
        Error::NotAFile { .. } => vec!["move it away, then run this again".to_owned()],
        Error::TooLarge { .. } => vec!["name the file itself, not a device or an archive".to_owned()],
        Error::Disk { doing: "read", path, source }
            if source.kind() == io::ErrorKind::PermissionDenied =>
        {
            vec![format!(
                "its permissions keep you from reading it: `ls -l {0}` shows them, `chmod u+r {0}` gives \
                 its owner the right",
                path.display()
            )]
        }
        Error::Disk { doing: "keep the owner and the permissions of", .. } => {
            vec!["the folder belongs to somebody else: name one that does not exist yet; nothing was written".to_owned()]
        }
        Error::Disk { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
            vec!["the folder belongs to somebody else, or is read-only; nothing was written".to_owned()]
        }
        Error::Disk { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
            vec!["the disk is full; nothing was written".to_owned()]
        }
        Error::Program { program, .. } => vec![format!("install `{program}`, or leave this to a machine that has it")],
        Error::Kubectl { .. } => vec![
            "`kubectl --kubeconfig FILE get --raw /version` says whether the cluster answers; the controller is looked for as the Service `sealed-secrets-controller`".to_owned(),
        ],
        Error::PulumiPassphrase => vec![
            "nothing was written; `pulumi config` with the same passphrase must work".to_owned(),
        ],
        Error::Disk { .. } | Error::Git { .. } | Error::Password | Error::PulumiSalt => Vec::new(),
    }
}
