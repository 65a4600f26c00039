//! Every environment variable that mainstay itself reads; `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and
//! `TERM` are read by the terminal library, the proxies' variables by the network library.

use std::path::PathBuf;

use operate::ChartCache;

/// Returns the person's chart cache (`XDG_CACHE_HOME`, `HOME`).
pub(crate) fn chart_cache() -> Option<ChartCache> {
    ChartCache::of_person(path("XDG_CACHE_HOME"), path("HOME"))
}

/// Returns where docker keeps a person's credentials (`DOCKER_CONFIG`, `HOME`).
pub(crate) fn docker_config() -> Option<PathBuf> {
    let folder = path("DOCKER_CONFIG").or_else(|| path("HOME").map(|home| home.join(".docker")));
    folder.map(|folder| folder.join("config.json"))
}

/// Returns a secret (`MAINSTAY_PASSWORD`, `MAINSTAY_TOKEN`).
pub(crate) fn secret(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the certificate to seal with, a file or an address (`SEALED_SECRETS_CERT`, as in kubeseal).
pub(crate) fn sealing_certificate() -> Option<String> {
    std::env::var("SEALED_SECRETS_CERT").ok().filter(|value| !value.is_empty())
}

/// Whether kustomize's own switch for the label of managed objects is on
/// (`KUSTOMIZE_ENABLE_MANAGEDBY_LABEL`).
pub(crate) fn managed_by_label() -> bool {
    std::env::var("KUSTOMIZE_ENABLE_MANAGEDBY_LABEL").is_ok_and(|value| value == "on")
}

fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
