//! The flags of helm that change nothing in what `template` prints, and those that cannot be had.
//!
//! Decides how such flags are read, and what is said of them. Never what is rendered.

use clap::{Arg, ArgAction, Args};

use crate::error::CliError;
use crate::ui::Ui;

/// Arguments of helm that change nothing in what `template` prints: scripts may give them.
#[derive(Args, Debug)]
pub(super) struct WithoutEffect {
    #[arg(long, hide = true)]
    create_namespace: bool,
    #[arg(long, hide = true, value_name = "TEXT")]
    description: Option<String>,
    #[arg(long, hide = true)]
    disable_openapi_validation: bool,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, value_parser = dry_run)]
    dry_run: Option<Option<String>>,
    #[arg(long, hide = true)]
    force_conflicts: bool,
    #[arg(long, hide = true)]
    force_replace: bool,
    #[arg(short, long, hide = true, value_delimiter = ',', value_parser = label)]
    labels: Vec<String>,
    #[arg(long, hide = true)]
    replace: bool,
    #[arg(long, hide = true)]
    rollback_on_failure: bool,
    #[arg(long, hide = true)]
    skip_crds: bool,
    #[arg(long, hide = true)]
    take_ownership: bool,
    #[arg(long, hide = true, value_parser = timeout)]
    timeout: Option<String>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, value_parser = WAITS)]
    wait: Option<Option<String>>,
    #[arg(long, hide = true)]
    wait_for_jobs: bool,
    #[arg(long, hide = true)]
    server_side: bool,
    // Where a cluster is, and how it is asked: `template` asks none.
    #[arg(long, hide = true, value_name = "FILE")]
    kubeconfig: Option<String>,
    #[arg(long, hide = true, value_name = "NAME")]
    kube_context: Option<String>,
    #[arg(long, hide = true, value_name = "TOKEN")]
    kube_token: Option<String>,
    #[arg(long, hide = true, value_name = "ADDRESS")]
    kube_apiserver: Option<String>,
    #[arg(long, hide = true, value_name = "FILE")]
    kube_ca_file: Option<String>,
    #[arg(long, hide = true, value_name = "NAME")]
    kube_tls_server_name: Option<String>,
    #[arg(long, hide = true)]
    kube_insecure_skip_tls_verify: bool,
    #[arg(long, hide = true, value_name = "USER")]
    kube_as_user: Option<String>,
    #[arg(long, hide = true, value_name = "GROUP")]
    kube_as_group: Vec<String>,
    #[arg(long, hide = true, value_name = "NUMBER")]
    burst_limit: Option<i64>,
    #[arg(long, hide = true, value_name = "NUMBER")]
    qps: Option<f32>,
    // helm's own files: the cache here is another, and repositories are named by address.
    #[arg(long, hide = true, value_name = "FILE")]
    repository_config: Option<String>,
    #[arg(long, hide = true, value_name = "FOLDER")]
    repository_cache: Option<String>,
    #[arg(long, hide = true, value_name = "FOLDER")]
    content_cache: Option<String>,
    // Names of other times, which helm still takes, with a word.
    #[arg(long, hide = true)]
    atomic: bool,
    #[arg(long, hide = true)]
    force: bool,
    #[arg(long, hide = true)]
    hide_notes: bool,
    #[arg(long, hide = true)]
    render_subchart_notes: bool,
}

/// What `--wait` takes.
const WAITS: [&str; 5] = ["watcher", "hookOnly", "legacy", "true", "false"];

impl WithoutEffect {
    /// Says what is written in the words of an older helm.
    pub(super) fn warn(&self, ui: &Ui) {
        let old = [
            (self.atomic, "`--atomic` is now `--rollback-on-failure`"),
            (self.force, "`--force` is now `--force-replace`"),
            (self.hide_notes, "`--hide-notes` has no effect"),
            (self.render_subchart_notes, "`--render-subchart-notes` has no effect"),
        ];
        for (_, words) in old.iter().filter(|(given, _)| *given) {
            ui.warn(words);
        }
    }
}

/// Reads `true` and `false` as helm's flags take them (Go, `strconv.ParseBool`).
pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("`true` or `false` is wanted".to_owned()),
    }
}

/// Reads a flag as helm's parser does: one that is given or not takes `=true` and `=false` too, and what follows one
/// with a value is that value, whatever it begins with.
pub(super) fn with_value(argument: Arg) -> Arg {
    match argument.get_action() {
        ArgAction::SetTrue => {}
        ArgAction::Set | ArgAction::Append if !argument.is_positional() => {
            return argument.allow_hyphen_values(true);
        }
        _ => return argument,
    }
    argument
        .action(ArgAction::Set)
        .num_args(0..=1)
        .require_equals(true)
        .default_value("false")
        .default_missing_value("true")
        .hide_default_value(true)
        .value_name("BOOL")
        .value_parser(boolean)
}

fn dry_run(text: &str) -> Result<String, String> {
    match text {
        "server" => Err("a cluster is not asked; `client` is possible".to_owned()),
        "client" => Ok(text.to_owned()),
        _ if boolean(text) == Ok(true) => Ok(text.to_owned()),
        _ => Err("`client` is wanted".to_owned()),
    }
}

fn label(text: &str) -> Result<String, String> {
    let is_one = text.contains('=');
    if is_one { Ok(text.to_owned()) } else { Err("`key=value` is wanted".to_owned()) }
}

/// A duration as Go writes it, such as `5m0s`.
fn timeout(text: &str) -> Result<String, String> {
    match gotmpl::gotime::Duration::parse(text.as_bytes()) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("a time is wanted, such as `5m0s`".to_owned()),
    }
}

/// Arguments of helm that would change what happens, and that nobody would want to be left out silently.
#[derive(Args, Debug)]
pub(super) struct Unsupported {
    #[arg(long, hide = true)]
    dependency_update: bool,
    #[arg(long, hide = true)]
    verify: bool,
    #[arg(long, hide = true, value_name = "FILE")]
    keyring: Option<String>,
    #[arg(long, hide = true)]
    enable_dns: bool,
    #[arg(long, hide = true)]
    insecure_skip_tls_verify: bool,
    #[arg(long, hide = true, value_name = "FILE")]
    ca_file: Option<String>,
    #[arg(long, hide = true, value_name = "FILE")]
    cert_file: Option<String>,
    #[arg(long, hide = true, value_name = "FILE")]
    key_file: Option<String>,
    #[arg(long, hide = true, value_name = "PLUGIN")]
    post_renderer: Option<String>,
    #[arg(long, hide = true, value_name = "ARGUMENT")]
    post_renderer_args: Vec<String>,
}

impl Unsupported {
    /// Says why the first of them that was given cannot be had.
    pub(super) fn refuse(&self) -> Result<(), CliError> {
        let refused = |flag: &str, hint: &str| {
            Err(CliError::usage(format!("not supported: `{flag}`")).hint(hint.to_owned()))
        };
        let certificates = "certificates are those that the system trusts; add the authority there";
        if self.dependency_update {
            return refused("--dependency-update", "run `helm dependency update` first");
        }
        if self.verify || self.keyring.is_some() {
            let hint = "provenance files are not read; a lock pins each archive by its digest";
            return refused(if self.verify { "--verify" } else { "--keyring" }, hint);
        }
        if self.enable_dns {
            let hint = "the same input gives the same bytes: `getHostByName` answers nothing";
            return refused("--enable-dns", hint);
        }
        if self.insecure_skip_tls_verify {
            return refused("--insecure-skip-tls-verify", certificates);
        }
        for (flag, value) in [
            ("--ca-file", &self.ca_file),
            ("--cert-file", &self.cert_file),
            ("--key-file", &self.key_file),
        ] {
            if value.is_some() {
                return refused(flag, certificates);
            }
        }
        if self.post_renderer.is_some() || !self.post_renderer_args.is_empty() {
            return refused("--post-renderer", "pipe what is printed into the program");
        }
        Ok(())
    }
}
