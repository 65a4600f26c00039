//! Addresses as they are written into the repository: with the spec's mirrors in place.

use crate::model::Platform;

/// What replaces the beginning of addresses, longest beginning first.
pub(super) struct Mirrors {
    rules: Vec<(String, String)>,
}

impl Mirrors {
    /// Returns the mirrors of a platform.
    pub(super) fn of(platform: &Platform) -> Mirrors {
        let mut rules: Vec<(String, String)> =
            platform.mirrors.iter().map(|(from, to)| (from.clone(), to.clone())).collect();
        rules.sort_by(|left, right| {
            right.0.len().cmp(&left.0.len()).then_with(|| left.0.cmp(&right.0))
        });
        Mirrors { rules }
    }

    /// Returns the address of a Git or chart repository.
    pub(super) fn url(&self, url: &str) -> String {
        self.replaced(url, "").unwrap_or_else(|| url.to_owned())
    }

    /// Returns a line of a project's list of repositories, in which `*` is anything and `!` forbids.
    pub(super) fn pattern(&self, pattern: &str) -> String {
        match pattern.strip_prefix('!') {
            Some(forbidden) => format!("!{}", self.url(forbidden)),
            None => self.url(pattern),
        }
    }

    /// Returns an image's registry and repository. A rule may name a registry with or without its
    /// scheme: `https://ghcr.io` and `ghcr.io` mean the same here.
    pub(super) fn image(&self, repository: &str) -> String {
        let mirrored = self.mirrored_image(repository);
        mirrored.unwrap_or_else(|| repository.to_owned())
    }

    /// Returns an image's address on its mirror, if it has one.
    pub(super) fn mirrored_image(&self, repository: &str) -> Option<String> {
        let mirrored = self.replaced(&in_full(repository), "https://")?;
        Some(without_scheme(&mirrored).to_owned())
    }

    fn replaced(&self, address: &str, scheme: &str) -> Option<String> {
        self.rules.iter().find_map(|(from, to)| {
            let from = if scheme.is_empty() { from.as_str() } else { without_scheme(from) };
            let from = from.strip_suffix('/').unwrap_or(from);
            let rest = address.strip_prefix(from)?;
            // `https://git.example` is no beginning of `https://git.example.org`.
            let ends_well = rest.is_empty() || rest.starts_with(['/', ':']);
            (!from.is_empty() && ends_well)
                .then(|| format!("{}{rest}", to.strip_suffix('/').unwrap_or(to)))
        })
    }
}

/// Returns an image with its registry: `nginx` is `docker.io/library/nginx`.
fn in_full(repository: &str) -> String {
    match repository.split_once('/') {
        None if repository.contains(['.', ':']) => repository.to_owned(),
        None => format!("docker.io/library/{repository}"),
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => {
            repository.to_owned()
        }
        Some(_) => format!("docker.io/{repository}"),
    }
}

fn without_scheme(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirrors() -> Mirrors {
        Mirrors {
            rules: vec![
                (
                    "https://charts.jetstack.io".to_owned(),
                    "https://mirror.example/jetstack/".to_owned(),
                ),
                ("https://ghcr.io/".to_owned(), "https://registry.example/ghcr".to_owned()),
                ("docker.io".to_owned(), "registry.example/hub".to_owned()),
            ],
        }
    }

    #[test]
    fn whole_parts_of_an_address_are_replaced() {
        let mirrors = mirrors();
        assert_eq!(mirrors.url("https://charts.jetstack.io"), "https://mirror.example/jetstack");
        assert_eq!(
            mirrors.url("https://charts.jetstack.io.evil"),
            "https://charts.jetstack.io.evil"
        );
        assert_eq!(mirrors.pattern("!https://ghcr.io/*"), "!https://registry.example/ghcr/*");
        assert_eq!(mirrors.image("ghcr.io/acme/web"), "registry.example/ghcr/acme/web");
        assert_eq!(mirrors.image("docker.io/traefik"), "registry.example/hub/traefik");
        assert_eq!(mirrors.image("quay.io/x"), "quay.io/x");
        assert_eq!(mirrors.image("acme/worker"), "registry.example/hub/acme/worker");
        assert_eq!(mirrors.image("nginx"), "registry.example/hub/library/nginx");
    }
}
