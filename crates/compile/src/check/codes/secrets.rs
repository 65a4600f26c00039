//! Secrets, and what looks like one.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;

const fn code(number: u16) -> Code {
    Code::new(Stage::Check, number)
}

/// Where a plain value stands, which decides what is to be done about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// In the payload or the spec.
    Payload,
    /// In a Kubernetes object.
    Object,
    /// In another file.
    File,
}

/// Secrets are fetched without TLS.
///
/// Whoever is on the way between the nodes and the secret manager reads every secret, and the pods' tokens.
///
/// Give the manager a certificate, and write `https://`.
pub(crate) fn c202_in_clear(place: Place) -> Diagnostic {
    Diagnostic::warning(code(202), "secrets are fetched in plain text over the network")
        .at(place, "no TLS")
        .hint("write `https://`")
}

/// The secret manager is in the cluster that needs it.
///
/// No pod that reads a secret starts without the manager, and a cluster that is made anew has none: the platform is
/// made for a manager outside, which outlives each cluster.
///
/// Name the address of one outside, or take another backend.
pub(crate) fn c203_manager_inside(host: &str, place: Place) -> Diagnostic {
    let message =
        format!("the secret manager `{}` is in the cluster that needs it", printable(host));
    Diagnostic::warning(code(203), message)
        .at(place, "a cluster that is made anew has none")
        .hint("name one outside of the cluster")
}

/// A plain value looks like a secret.
///
/// Everything in the repository ends up in Git, where it stays for ever. The value is never shown here.
/// If it was real, it is known now: change it where it came from.
///
/// In the payload, put it into the secret manager and name it under `secrets`, or into a Secret and name that
/// as `existingSecret`. In an object, read it from a Secret: `valueFrom: {secretKeyRef: …}`. Out of any other
/// file, take it: private keys, tokens of well-known shapes, and settings in `*.env` and `*.properties` are
/// looked for in every text of the repository up to 4 MiB.
pub(crate) fn c170_plaintext(name: &str, why: &str, stands: Stands, place: Place) -> Diagnostic {
    let (message, label) = match name {
        "" => (format!("{why} is in plain text"), ""),
        _ => (format!("`{}` looks like a secret in plain text", printable(name)), why),
    };
    let found = Diagnostic::error(code(170), message).at(place, label);
    match stands {
        Stands::Payload => {}
        Stands::Object => {
            return found.hint(
                "put the value into the secret manager, and read it from the Secret that it fills: \
                 `valueFrom: {secretKeyRef: {name: …, key: …}}`",
            );
        }
        Stands::File => {
            return found.hint(
                "take it out, and change it where it came from: Git keeps what was once committed",
            );
        }
    }
    // A variable can be had from the secret manager under its own name; nothing else can.
    let is_variable = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if is_variable {
        return found.hint(format!(
            "put it into the secret manager and write `\"secrets\": [\"{}\"]`",
            printable(name)
        ));
    }
    found.hint(
        "put it into the secret manager, name it under `secrets`, and read the variable or file",
    )
}

/// A variable is set twice.
///
/// It stands in `env` and in `secrets`, or twice in `secrets`. Kubernetes takes the last one.
pub(crate) fn c171_twice(name: &str, first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(171), format!("variable `{}` is set twice", printable(name)))
        .at(second, "second")
        .also(first, "first")
        .hint("remove one of the two")
}

/// A secret comes from nowhere.
///
/// The platform has no secret manager, so a secret must name the `existingSecret` that holds it.
pub(crate) fn c172_no_backend(key: &str, place: Place) -> Diagnostic {
    Diagnostic::error(
        code(172),
        format!("there is no secret manager to take `{}` from", printable(key)),
    )
    .at(place, "")
    .hint(
        "set `spec.secrets.backend` in mainstay.yaml: `sealed-secrets`, `external-secrets`, `esc`, `infisical-csi` or `kubernetes`",
    )
    .hint("or name the Secret as `existingSecret`, and make it yourself")
}

/// A secret file is written twice.
pub(crate) fn c173_same_file(file: &str, first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(173), format!("the secret file `{}` is written twice", printable(file)))
        .at(second, "second")
        .also(first, "first")
        .hint("give one of them another `file`")
}

/// A secret is listed twice.
///
/// The Infisical provider keys its files by secret: one that is listed twice is mounted once, and
/// the other file is missing. List it once, with `env` and `file` together.
pub(crate) fn c174_listed_twice(key: &str, first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(174), format!("the secret `{}` is listed twice", printable(key)))
        .at(second, "second")
        .also(first, "first")
        .hint("list it once; `env` and `file` can stand together")
}

/// A secret's key is no name of a variable.
///
/// Say under which name the app reads it.
pub(crate) fn c175_no_variable(key: &str, place: Place, suggestion: &str) -> Diagnostic {
    Diagnostic::error(code(175), format!("`{}` cannot be the name of a variable", printable(key)))
        .at(place, "")
        .hint(format!("add `\"env\": \"{suggestion}\"` or a `file`"))
}

/// The platform's secret manager is chosen but not described.
pub(crate) fn c176_no_section(backend: &str, section: &str, place: Place) -> Diagnostic {
    let fields = match section {
        "secrets.infisical" => "infisical: {url: …, identityId: …, projectId: …}",
        "secrets.esc" => "esc: {organization: …}",
        "secrets.externalSecrets" => "externalSecrets: {provider: aws, aws: {region: …}}",
        "secrets.externalSecrets.aws" => "aws: {region: …}",
        "secrets.externalSecrets.gcp" => "gcp: {projectId: …}",
        "secrets.externalSecrets.azure" => "azure: {vaultUrl: …, tenantId: …}",
        "secrets.externalSecrets.vault" => "vault: {server: …, role: …}",
        "secrets.externalSecrets.infisical" => "infisical: {projectSlug: …}",
        _ => "onepassword: {vault: …}",
    };
    Diagnostic::error(
        code(176),
        format!("`secrets.backend` is `{backend}`, but `{section}` is missing"),
    )
    .at(place, "")
    .hint(format!("write `{fields}` into `{}`", section.rsplit_once('.').map_or("", |it| it.0)))
}

/// A credential of the platform comes from a place that the platform does not have.
///
/// `infisical:` needs `spec.secrets.infisical`; `sealed:` needs `spec.secrets.sealedSecrets.enabled`.
pub(crate) fn c177_no_source(reference: &str, needs: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(177), format!("`{}` needs `{needs}`", printable(reference)))
        .at(place, "")
        .hint(format!("set `{needs}` in mainstay.yaml"))
}

/// Two folders of the secret manager would be one Secret.
///
/// A folder becomes a Secret with its name, in which everything but letters and digits is a `-`: `/a/b` and `/a-b` are
/// both `a-b`. A key that both have would have two values. Infisical's CSI driver knows folders as they are, the other
/// backends do not: the platform could not move to them.
pub(crate) fn c179_one_secret(first: &str, second: &str, key: &str, place: Place) -> Diagnostic {
    Diagnostic::error(
        code(179),
        format!(
            "the folders `{}` and `{}` would be one Secret, and both have `{}`",
            printable(first),
            printable(second),
            printable(key)
        ),
    )
    .at(place, "")
    .hint("rename one of the folders, or the key in it")
}

/// Argo CD's own credentials are made by hand, although the spec names a folder for them.
///
/// `delivery.credentials` brings them from where the apps' secrets come from. Infisical's CSI driver cannot: it makes a
/// Secret only for as long as a pod mounts it, and never adds to one that is there, as `argocd-secret` is. With the
/// backend `kubernetes` nothing brings any Secret.
///
/// Seal them beside the backend (`secrets.sealedSecrets.enabled: true`), or make them as `docs/credentials.md` of the
/// repository says.
pub(crate) fn c200_credentials_by_hand(backend: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(
        code(200),
        format!("the backend `{backend}` does not bring Argo CD's own credentials"),
    )
    .at(place, "")
    .hint("`secrets.sealedSecrets.enabled: true` seals them, whatever the backend is")
    .hint("without it they are made by hand: `docs/credentials.md` says where")
}

/// A reference to 1Password stands where nothing resolves it.
///
/// `op://vault/item/field` is a text like any other to Kubernetes and to Pulumi's configuration: the app gets these
/// letters, and not the value. 1Password is asked by Pulumi ESC (`fn::open::1password-secrets`, which
/// `secrets.backend: esc` writes) and by External Secrets (`provider: onepassword`).
///
/// Name the value under `secrets`, or put the reference into the definition of an ESC environment.
pub(crate) fn p124_unresolved(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(
        Code::new(Stage::Platform, 124),
        format!("`{}` is a reference to 1Password that nothing resolves", printable(name)),
    )
    .at(place, "the app gets these letters")
    .hint("name it under `secrets`; `secrets.backend: esc` or `external-secrets` reads 1Password")
}

/// A Secret lies in the repository in plain text.
///
/// base64 hides nothing: whoever can read the repository can read the Secret, also after it was
/// removed, because Git keeps it. If it was real, it is known now: change it where it came from.
/// The same goes for what a kustomization's `secretGenerator` makes a Secret of.
///
/// Take the values from the secret manager, seal them, or make the Secret by hand in the cluster.
pub(crate) fn c178_secret(key: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(178), format!("`{}` of a Secret is in plain text", printable(key)))
        .at(place, "")
        .hint("take it out, and name the Secret as `existingSecret` where it is needed")
}
