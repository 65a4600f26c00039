//! The private key of what is sealed: how it gets to the place that `secrets.sealedSecrets.masterKey` names, and
//! from there into a cluster. In: the reference, and the key's file. Out: commands in words, for every page alike.
//! Nothing here knows a key.

use crate::model::{Platform, SealedSecrets};

/// Returns the file in which the documents keep the private key.
pub fn file(platform: &Platform) -> String {
    format!("~/{}-sealing-key.yaml", platform.name)
}

/// Returns the commands that put a key's file where a reference says; none where nobody but people can.
pub fn stored(reference: &str, key: &str, replace: bool) -> Option<String> {
    let replace = if replace { " --replace" } else { "" };
    match reference.split_once(':')? {
        ("pulumi", name) => Some(format!(
            "`pulumi config set --secret {name} <{key}`, or for a stack with a passphrase \
             `mainstay keys store {key} --stack Pulumi.STACK.yaml{replace}`"
        )),
        ("esc", path) => {
            Some(format!("`pulumi env set --secret --string --file {key} ENVIRONMENT {path}`"))
        }
        _ => None,
    }
}

/// Returns the command that hands the key from where a reference says to a cluster.
pub fn handed_over(reference: &str) -> Option<String> {
    match reference.split_once(':')? {
        ("pulumi", name) => {
            Some(format!("`pulumi config get {name} | kubectl apply --filename -`"))
        }
        ("esc", path) => Some(format!(
            "`pulumi env get ENVIRONMENT {path} --value string --show-secrets | kubectl apply --filename -`"
        )),
        ("env", name) => Some(format!("`printenv {name} | kubectl apply --filename -`")),
        _ => None,
    }
}

/// Returns a sentence for day one: where the key is kept besides; empty where the spec names no place.
pub fn day_one(platform: &Platform, sealed: &SealedSecrets) -> String {
    let Some(reference) = &sealed.master_key else { return String::new() };
    let Some(stored) = stored(reference, &file(platform), false) else { return String::new() };
    let Some(handed_over) = handed_over(reference) else { return String::new() };
    format!(
        " Put it where `mainstay.yaml` says that it is kept, `{reference}`: {stored}. A cluster that is built later gets \
         it from there: {handed_over}."
    )
}

/// Returns the line of a command that makes the controller's namespace, where no cluster brings it: the key comes before
/// everything else there.
pub fn namespace_first(sealed: &SealedSecrets) -> String {
    match sealed.namespace.as_str() {
        "kube-system" => String::new(),
        other => format!(
            "kubectl create namespace {other} --dry-run=client --output yaml | kubectl apply --filename -\n"
        ),
    }
}

/// Returns what a new key takes the place of, besides the one in the cluster: a rebuild would bring the old one back.
pub fn replaced(platform: &Platform, sealed: &SealedSecrets) -> String {
    let copy = format!(
        "the copy that a new cluster gets becomes the new key as well, or its next rebuild opens nothing: \
         `mv NEW {}`",
        file(platform)
    );
    let Some(reference) = &sealed.master_key else { return copy };
    match stored(reference, "NEW", true) {
        Some(stored) => {
            format!("put the new key where it is kept, `{reference}`, too: {stored}; {copy}")
        }
        None => format!("put the new key where it is kept, `{reference}`, too; {copy}"),
    }
}
