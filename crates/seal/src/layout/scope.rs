//! How far a sealed value may move: the scope, its annotations, and the label that binds it.
//!
//! Source: `pkg/apis/sealedsecrets/v1alpha1/sealedsecret_expansion.go` (`EncryptionLabel`,
//! `SecretScope`, `UpdateScopeAnnotations`).

/// The annotation that lets a value be opened in any namespace and under any name.
pub const CLUSTER_WIDE: &str = "sealedsecrets.bitnami.com/cluster-wide";
/// The annotation that lets a value be opened under any name of its namespace.
pub const NAMESPACE_WIDE: &str = "sealedsecrets.bitnami.com/namespace-wide";

/// How far a sealed value may move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Not at all: this name in this namespace.
    #[default]
    Strict,
    /// Any name in this namespace.
    NamespaceWide,
    /// Any name in any namespace.
    ClusterWide,
}

impl Scope {
    /// All scopes, the narrowest first.
    pub const ALL: [Scope; 3] = [Scope::Strict, Scope::NamespaceWide, Scope::ClusterWide];

    /// Returns the word that kubeseal's `--scope` takes.
    pub fn word(self) -> &'static str {
        match self {
            Scope::Strict => "strict",
            Scope::NamespaceWide => "namespace-wide",
            Scope::ClusterWide => "cluster-wide",
        }
    }

    /// Returns the scope of a word.
    pub fn parse(word: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.word() == word)
    }

    /// Returns the scope that annotations ask for: only the text `true` counts, and cluster-wide wins.
    pub fn of_annotations<'a>(annotation: impl Fn(&str) -> Option<&'a str>) -> Scope {
        if annotation(CLUSTER_WIDE) == Some("true") {
            Scope::ClusterWide
        } else if annotation(NAMESPACE_WIDE) == Some("true") {
            Scope::NamespaceWide
        } else {
            Scope::Strict
        }
    }

    /// Returns the annotation that says it; a strict value has none.
    pub fn annotation(self) -> Option<&'static str> {
        match self {
            Scope::Strict => None,
            Scope::NamespaceWide => Some(NAMESPACE_WIDE),
            Scope::ClusterWide => Some(CLUSTER_WIDE),
        }
    }

    /// Returns the label of RSA-OAEP, which must be the same when a value is opened: `namespace/name`,
    /// `namespace`, or nothing. The key of an item is not part of it.
    pub fn label(self, namespace: &str, name: &str) -> Vec<u8> {
        match self {
            Scope::Strict => format!("{namespace}/{name}").into_bytes(),
            Scope::NamespaceWide => namespace.as_bytes().to_vec(),
            Scope::ClusterWide => Vec::new(),
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_true_counts_and_the_wider_scope_wins() {
        let scope = |pairs: &[(&str, &str)]| {
            let pairs: Vec<(String, String)> =
                pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            Scope::of_annotations(|key| {
                pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
            })
        };
        assert_eq!(scope(&[]), Scope::Strict);
        assert_eq!(scope(&[(CLUSTER_WIDE, "yes"), (NAMESPACE_WIDE, "True")]), Scope::Strict);
        assert_eq!(scope(&[(NAMESPACE_WIDE, "true")]), Scope::NamespaceWide);
        assert_eq!(scope(&[(NAMESPACE_WIDE, "true"), (CLUSTER_WIDE, "true")]), Scope::ClusterWide);
    }

    #[test]
    fn the_label_says_where_a_value_belongs() {
        assert_eq!(Scope::Strict.label("prod", "db"), b"prod/db");
        assert_eq!(Scope::NamespaceWide.label("prod", "db"), b"prod");
        assert_eq!(Scope::ClusterWide.label("prod", "db"), b"");
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.word()), Some(scope));
        }
    }
}
