//! The rules of schemas in words that a person understands.

use super::{Form, Type};

/// Returns what a text must be, for each pattern of the schemas: a rule, and an example.
pub(crate) fn pattern(pattern: &str) -> Option<(&'static str, &'static str)> {
    Some(match pattern {
        r"^[0-9]+(\.[0-9]+)?m?$" => ("an amount of CPU: cores, or thousandths with `m`", "250m"),
        r"^[0-9]+(\.[0-9]+)?(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$" => {
            ("an amount of memory: a number and Ki, Mi or Gi (or k, M, G)", "128Mi")
        }
        r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" | r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$" => (
            "lower-case letters, digits and `-`, beginning and ending with a letter or digit",
            "web-1",
        ),
        r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$" | r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$" => (
            "lower-case letters, digits, `-` and `.`, beginning and ending with a letter or digit",
            "web.tls",
        ),
        r"^[A-Za-z_][A-Za-z0-9_]*$" => {
            ("letters, digits and `_`, not beginning with a digit", "LOG_LEVEL")
        }
        r"^[A-Z_]+$" => ("a Linux capability in capitals, without CAP_", "NET_BIND_SERVICE"),
        r"^[0-9a-fA-F.:]+/[0-9]{1,3}$" => {
            ("an address block: an address, a slash and the length of the prefix", "10.20.0.0/16")
        }
        r"^(\*\.)?([a-z0-9-]|\{(app|env|domain)\})+(\.([a-z0-9-]|\{(app|env|domain)\})+)*$" => (
            "a host name without scheme and path; `{app}`, `{env}` and `{domain}` are replaced",
            "shop.example.com",
        ),
        r"^([a-z0-9-]|\{(env|domain)\})+(\.([a-z0-9-]|\{(env|domain)\})+)*$" => (
            "a host name without scheme and path; `{env}` and `{domain}` are replaced",
            "argocd.{domain}",
        ),
        r"^/" => ("a path that begins with `/`", "/healthz"),
        r"^/." => ("a folder that begins with `/`, not the root itself", "/var/lib/data"),
        r"^[^/].*" => ("a path that does not begin with `/`", "uploads"),
        "[a-z]" => ("at least one letter, because a number is taken for a port number", "http"),
        r"^[A-Za-z0-9._-]+$" => ("letters, digits, `.`, `_` and `-`", "tls.crt"),
        r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$" | r"^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$" => {
            ("an image tag: letters, digits, `.`, `_` and `-`, at most 128", "1.4.2")
        }
        r"^sha256:[0-9a-f]{64}$" | r"^(sha256:[0-9a-f]{64})?$" => {
            ("a digest: `sha256:` and 64 digits 0-9 a-f", "sha256:… as `docker inspect` prints it")
        }
        r"^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|(\S+\s+){4}\S+)$" => (
            "five fields (minute, hour, day of month, month, day of week), or `@daily` and the like",
            "30 2 * * *",
        ),
        r"^[A-Za-z0-9][A-Za-z0-9._/:@-]*$" => {
            ("an image reference without scheme, blanks or other signs", "ghcr.io/acme/web:1.4.2")
        }
        r"^[A-Za-z0-9_+/-]+$" => ("a time zone of the IANA database", "Europe/Berlin"),
        r"^(app\.kubernetes\.io|helm\.sh)/" => (
            "a label of one's own: those of app.kubernetes.io/ and helm.sh/ are set by the chart",
            "team",
        ),
        r"^[0-9]{4}\.[0-9]{2}$" => ("year and month of a catalog, in quotes", "\"2026.11\""),
        r"^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$" => {
            ("a domain in lower case, without scheme and path", "shop.example.com")
        }
        r"^(https?://|ssh://|git@|file://)\S+$" => (
            "the address of a Git repository: https://…, ssh://… or git@host:path",
            "https://github.com/acme/shop-gitops",
        ),
        r"^(https?://|ssh://|git@|file://)\S*\{customer\}\S*$" => (
            "an address of a Git repository with `{customer}` in it",
            "https://github.com/example/{customer}-gitops",
        ),
        r"^[^@\s]+@[^@\s]+\.[^@\s]+$" => ("an e-mail address", "platform@example.com"),
        r"^https?://\S+$" | r"^https?://" => {
            ("an address that begins with https://", "https://secrets.example.com")
        }
        r"^https://[A-Za-z0-9._~:/?#@!&()*+,;=%-]+$" => {
            ("an address that begins with https://", "https://example.com/mainstay.tar.gz")
        }
        r"^[0-9a-f]{64}$" => {
            ("64 digits 0-9 a-f, as `sha256sum` prints them", "sha256sum mainstay.tar.gz")
        }
        r"^[a-z0-9][a-zA-Z0-9._:/-]*@sha256:[0-9a-f]{64}$" => {
            ("an image's name with its digest", "ghcr.io/acme/mainstay@sha256:…")
        }
        r"^https://" => {
            ("the address of an API server, https://…", "https://kubernetes.default.svc")
        }
        r"^([0-9]+(s|m|h))+$" => ("a time span of hours, minutes and seconds", "2m"),
        r"^(secret|pulumi|esc|env|sealed|infisical):\S+$" => (
            "a reference to a secret: secret:, pulumi:, esc:, env:, sealed: or infisical: and its place",
            "secret:/registry/DOCKER_CONFIG",
        ),
        r"^([a-z0-9.-]|\{(host|app|env|domain)\})+$" => (
            "a host rule of letters, digits, `.`, `-` and `{host}`, `{app}`, `{env}`, `{domain}`",
            "{app}.{env}.{domain}",
        ),
        r"^[a-z0-9]([a-z0-9-]|\{\{number\}\})*$" => (
            "a namespace: lower-case letters, digits and `-`; a preview's with `{{number}}`",
            "shop-pr-{{number}}",
        ),
        r"^[a-z0-9]+/[a-z0-9]+(/[a-z0-9]+)?$" => {
            ("a platform: an operating system, a slash and an architecture", "linux/arm64")
        }
        r"^[^/\\]+(/[^/\\]+)*\.(crt|cert)$" => {
            ("the path of a certificate in the repository, ending in .crt", "secrets/sealing.crt")
        }
        r"^secret:/[A-Za-z0-9._/-]*$" => {
            ("a folder of where the apps' secrets come from", "secret:/argocd")
        }
        r"^[^/]+$" => ("a name without `/`", "shop"),
        r"^[0-9]+%$" => ("a share in percent", "25%"),
        r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
        | r"^([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$" => {
            (
                "a name of at most 63 letters, digits, `-`, `_` and `.`, with or without a domain and `/` before it",
                "example.com/team",
            )
        }
        r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$" => (
            "at most 63 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
            "payments",
        ),
        _ => return None,
    })
}

/// Returns what a form asks for, as the end of "must …".
pub(crate) fn form(form: &Form) -> String {
    match form {
        Form::Pattern(source) => match pattern(source) {
            Some((rule, _)) => format!("must be {rule}"),
            None => format!("must match `{source}`"),
        },
        Form::NotPattern(source) => match pattern(source) {
            Some((rule, _)) => format!("must be {rule}"),
            None => format!("must not match `{source}`"),
        },
        Form::TooShort(1) => "must not be empty".to_owned(),
        Form::TooShort(least) => format!("must have at least {least} characters"),
        Form::TooLong(most) => format!("must have at most {most} characters"),
        Form::TooFew(1) => "must have at least one item".to_owned(),
        Form::TooFew(least) => format!("must have at least {least} items"),
        Form::TooMany(1) => "must have only one item".to_owned(),
        Form::TooMany(most) => format!("must have at most {most} items"),
        Form::Below(least) => format!("must be at least {least}"),
        Form::Above(most) => format!("must be at most {most}"),
        Form::NotAbove(bound) => format!("must be more than {bound}"),
    }
}

/// Returns an example of a text in form.
pub(crate) fn example(form: &Form) -> Option<&'static str> {
    match form {
        Form::Pattern(source) => pattern(source).map(|(_, example)| example),
        _ => None,
    }
}

/// Returns a type with its article.
pub(crate) fn a_type(wanted: Type) -> &'static str {
    match wanted {
        Type::Object => "a map",
        Type::Array => "a list",
        Type::String => "a text",
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::Boolean => "true or false",
        Type::Null => "null",
    }
}

/// Returns what a value is, in the same words.
pub(crate) fn a_found(found: &str) -> &'static str {
    match found {
        "null" => "nothing",
        "boolean" => "true or false",
        "number" => "a number",
        "string" => "a text",
        "list" => "a list",
        "map" => "a map",
        _ => "something else",
    }
}

/// Returns `a`, `a or b`, `a, b or c`.
pub(crate) fn any_of<T: AsRef<str>>(words: &[T]) -> String {
    join(words, "or")
}

/// Returns `a`, `a and b`, `a, b and c`.
pub(crate) fn all_of<T: AsRef<str>>(words: &[T]) -> String {
    join(words, "and")
}

fn join<T: AsRef<str>>(words: &[T], last: &str) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [before @ .., end] => {
            let before: Vec<&str> = before.iter().map(AsRef::as_ref).collect();
            format!("{} {last} {}", before.join(", "), end.as_ref())
        }
    }
}
