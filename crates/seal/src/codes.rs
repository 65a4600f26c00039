//! The findings about Secrets, SealedSecrets and certificates: constructors, and their pages.
//!
//! Each doc comment is the page that `mainstay explain` shows. No constructor is given a value.

use text::{Code, Diagnostic, Place, Stage};

use crate::key::{BadKey, BadTlsCrt};
use crate::layout::{BadCertificate, BadEnvelope, Scope, shown_date};

const fn code(number: u16) -> Code {
    Code::new(Stage::Secrets, number)
}

/// A Secret cannot be read.
///
/// The text is no YAML or JSON. Where it has template markers (`{{ … }}`) it is a template of Helm and not yet
/// a Secret: render it first, as in `helm template … | mainstay seal`.
///
/// The line is named, and the text is not shown, because it may hold the value.
pub fn s101_unreadable(message: &str, is_template: bool, place: Place) -> Diagnostic {
    let finding = Diagnostic::error(code(101), "the Secret cannot be read").at(place, message);
    match is_template {
        true => finding
            .hint("it has template markers: render it first, `helm template … | mainstay seal`"),
        false => finding,
    }
}

/// A document is no Secret.
///
/// Only `apiVersion: v1`, `kind: Secret` can be sealed (and a `List` of them).
pub fn s102_no_secret(found: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(102), format!("a Secret is wanted, and this is {found}"))
        .at(place, "")
        .hint("`apiVersion: v1` and `kind: Secret`; `kubectl create secret … --dry-run=client -o yaml` writes one")
}

/// A Secret has no name.
pub fn s103_no_name(place: Place) -> Diagnostic {
    Diagnostic::error(code(103), "the Secret has no `metadata.name`")
        .at(place, "")
        .hint("write `name` below `metadata`, or give `--name`")
}

/// A Secret has no namespace.
///
/// A strict or namespace-wide value is bound to its namespace: sealed for the wrong one it never opens. So it
/// is never guessed, not even from a kubeconfig.
pub fn s104_no_namespace(place: Place) -> Diagnostic {
    Diagnostic::error(code(104), "the Secret has no `metadata.namespace`, and its scope needs one")
        .at(place, "")
        .hint("write `namespace` below `metadata`, or give `--namespace`")
        .hint("a value that may be opened anywhere is sealed with `--scope cluster-wide`")
}

/// A Secret says another namespace than the command.
pub fn s105_other_namespace(written: &str, wanted: &str, place: Place) -> Diagnostic {
    Diagnostic::error(
        code(105),
        format!("the Secret is of namespace `{written}`, and `{wanted}` was asked for"),
    )
    .at(place, "")
    .hint("leave `--namespace` out, or change one of the two")
}

/// A Secret has no values.
///
/// There is not one key in `data` or `stringData`. That is most often a mistake.
pub fn s106_empty(place: Place) -> Diagnostic {
    Diagnostic::error(
        code(106),
        "the Secret has no values: there is no key in `data` or `stringData`",
    )
    .at(place, "")
    .hint("to seal it all the same: `--allow-empty-data`")
}

/// A value of a Secret is not what its place wants.
///
/// Values of `data` are base64 in the standard alphabet; values of `stringData`, labels and annotations are texts:
/// numbers and `true` need quotes there. `type` is a text, and `immutable` is `true` or `false` without quotes.
pub fn s107_bad_value(of: &str, wanted: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(107), format!("{of} is not {wanted}")).at(place, "")
}

/// A value ends with a line end.
///
/// `echo value | base64` and most editors put one there, and a password with a line end is another password.
/// Certificates and keys are files and are left out of this warning.
pub fn s108_line_end(key: &str, what: &str, place: Option<Place>) -> Diagnostic {
    let finding = Diagnostic::warning(code(108), format!("the value of `{key}` ends with {what}"))
        .hint("`--trim` takes line ends off; `printf %s` writes none");
    match place {
        Some(place) => finding.at(place, ""),
        None => finding,
    }
}

/// A key of a Secret cannot be one.
///
/// Letters, digits, `-`, `_` and `.` make a key, 253 at most, and not `.` or `..`.
pub fn s109_bad_key(key: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(109), format!("`{key}` cannot be a key of a Secret"))
        .at(place, "")
        .hint("letters, digits, `-`, `_` and `.` make a key")
}

/// A value has template markers.
///
/// It is sealed as it stands. If it was meant to be filled in by Helm, render it first; if it was meant to be
/// filled in by the controller, it belongs into `spec.template.data` of the SealedSecret.
pub fn s110_markers(key: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(code(110), format!("the value of `{key}` has template markers, `{{{{`"))
        .at(place, "sealed as it stands")
}

/// A name or namespace cannot be one.
///
/// Kubernetes wants lower-case letters, digits, `-` and `.`; a namespace has no `.` and 63 letters at most.
pub fn s111_bad_name(what: &str, name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(111), format!("`{name}` cannot be the {what} of a Secret"))
        .at(place, "")
        .hint(match what {
            "namespace" => {
                "63 lower-case letters, digits and `-` at most, a letter or digit first and last"
            }
            _ => "lower-case letters, digits, `-` and `.`, a letter or digit first and last",
        })
}

/// A value has no quotes.
///
/// A number or truth value is no text: a cluster refuses it in a Secret, and reading it may change it (`1.10` is `1.1`).
/// It is taken as it is written, as kubeseal does; a name or namespace that would become another one (`y` is `true`,
/// `1e3` is `1000`) is S107.
pub fn s112_no_quotes(of: &str, kind: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(code(112), format!("{of} is a {kind} and not a text"))
        .at(place, "")
        .hint("put it into quotes")
}

/// A key under which nobody reads the value.
///
/// Argo CD reads its credentials under names of its own; those of a secret manager's folder (`ADMIN_PASSWORD_HASH`,
/// `WEBHOOK_SECRET`, `REPOSITORY_TOKEN`, `DEPLOY_KEY`) are read only where the values come from such a manager.
pub fn s113_nobody_reads(key: &str, of: &str, right: &str) -> Diagnostic {
    Diagnostic::warning(code(113), format!("Argo CD reads no key `{key}` of `{of}`"))
        .hint(format!("it reads `{right}`: seal the value under that name, and take this one out"))
}

/// A Secret becomes one of another type.
///
/// A login of registries must be of the type `kubernetes.io/dockerconfigjson`, and the type of a Secret that is in a
/// cluster cannot change: what is sealed into one that is there already does not arrive until that one is removed.
pub fn s114_other_type(of: &str, has: &str, wanted: &str) -> Diagnostic {
    Diagnostic::warning(
        code(114),
        format!("`{of}` holds other keys with the type `{has}`, and gets the type `{wanted}`"),
    )
    .hint("where the Secret is in a cluster already, remove it there: its type cannot change")
    .hint("or seal the login under a name of its own, and pull with that")
}

/// A certificate cannot be used.
///
/// Values are sealed with exactly one certificate of an RSA key that is valid today. What is sealed with the wrong
/// one never opens, and that shows only in the cluster.
pub fn s120_bad_certificate(reason: &BadCertificate, place: Place) -> Diagnostic {
    let finding = Diagnostic::error(code(120), format!("the certificate cannot be used: {reason}"))
        .at(place, "");
    match reason {
        BadCertificate::PrivateKey => {
            finding.hint("a private key never belongs where certificates are: `mainstay keys cert KEY` takes it out")
        }
        BadCertificate::PublicKey | BadCertificate::Missing | BadCertificate::Broken => {
            finding.hint("`mainstay keys cert KEY` writes it from the key; a controller gives it at `/v1/cert.pem`")
        }
        BadCertificate::Several(_) => finding.hint("leave the newest one in the file"),
        BadCertificate::Expired(_) => finding.hint(
            "`mainstay keys new --replace` makes a new pair, and `mainstay reseal` seals everything with it",
        ),
        BadCertificate::NotYetValid(_) => finding.hint("is the clock of this machine right?"),
        BadCertificate::NotRsa(_) | BadCertificate::KeySize => {
            finding.hint("sealed-secrets works with RSA keys only: `mainstay keys new --replace`")
        }
    }
}

/// A certificate expires soon.
///
/// Nothing that is sealed stops opening then: only sealing does.
pub fn s121_expires_soon(not_after: i64, place: Place) -> Diagnostic {
    Diagnostic::warning(code(121), format!("the certificate expires on {}", shown_date(not_after)))
        .at(place, "")
        .hint(
            "`mainstay keys new --replace` makes a new pair, and `mainstay reseal` seals everything with it",
        )
}

/// No key that was given is that of the certificate.
///
/// The fingerprints of the certificate's public key and of the keys are shown: they are equal where a key is the
/// certificate's. With values to open it means that none of them opened either, so most likely the wrong file was given:
/// another platform's key, or one that was replaced since. Nothing else is said of the values then. Where some open and
/// others do not, or a key opens one for another name or namespace than its own, each SealedSecret says so (S140, S141).
///
/// `mainstay reseal` compares with the certificate that it seals with, of which an old key never is: there it is an error
/// only where nothing opens.
///
/// `mainstay keys show FILE` prints the fingerprint of a key or certificate, and `mainstay keys cert KEY` the certificate
/// of a key.
pub fn s122_other_key(
    certificate: &str,
    keys: &[(&str, &str)],
    unopened: usize,
    place: Place,
) -> Diagnostic {
    let opens = match unopened {
        0 => String::new(),
        1 => ", and none opens the one value".to_owned(),
        values => format!(", and none opens any of the {values} values"),
    };
    let words = format!("no key that was given is that of the certificate{opens}");
    let mut finding = Diagnostic::error(code(122), words)
        .at(place, "")
        .hint(format!("the certificate is of the key {certificate}"));
    for (name, key) in keys.iter().take(MOST_KEYS) {
        finding = finding.hint(format!("`{name}` is the key {key}"));
    }
    match keys.len().saturating_sub(MOST_KEYS) {
        0 => {}
        1 => finding = finding.hint("and 1 key more"),
        more => finding = finding.hint(format!("and {more} keys more")),
    }
    match unopened {
        0 => finding.hint("what is sealed with it cannot be opened with that key; `mainstay keys cert KEY` writes the right one"),
        _ => finding
            .hint("give the key that the values were sealed for: `--key` can be given several times")
            .hint("or, if it was given, they were renamed or moved since: a value opens only under the name and in the namespace that it was sealed for"),
    }
}

/// So many keys or objects are named one by one.
const MOST_KEYS: usize = 8;

/// A key is older than the controller's renewal period.
///
/// A controller with default settings makes a new key at its very first start when the newest one that it finds is
/// older than 30 days. `kubeseal --fetch-cert` then hands out a certificate whose key lives in that cluster alone, and
/// what is sealed with it is lost with the cluster.
///
/// Tell the controller not to renew (chart value `keyrenewperiod: "0"`, as generated repositories do), and seal with the
/// committed certificate only.
pub fn s123_older_than_renewal(days: i64, place: Place) -> Diagnostic {
    Diagnostic::note(code(123), format!("the certificate is {days} days old: a controller that renews keys makes another one at once"))
        .at(place, "")
        .hint("the controller's chart value `keyrenewperiod: \"0\"` keeps it from that")
}

/// The cluster seals with another certificate than the committed one.
///
/// The controller was started without the key of this repository, or has made one of its own since: what
/// `kubeseal --fetch-cert` gets, and what was sealed with it, is lost with the cluster; and what is sealed here may
/// not open there.
///
/// Give the controller the key of the committed certificate and restart it, and tell it not to make others
/// (`keyrenewperiod: "0"`). What was sealed with the cluster's certificate is sealed anew with `mainstay reseal`.
pub fn s124_other_in_cluster(cluster: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(124), format!("the cluster's certificate is another one: {cluster}"))
        .at(place, "")
        .hint("seal with the committed certificate only, and give the controller its key before it starts")
}

/// The Secret of a key has no certificate that can be used.
///
/// A controller that finds such a Secret ends as soon as it starts, and nothing in the cluster is opened.
pub fn s125_bad_tls_crt(secret: &str, reason: &BadTlsCrt, place: Place) -> Diagnostic {
    Diagnostic::error(
        code(125),
        format!("`tls.crt` of the Secret `{secret}` cannot be used: {reason}"),
    )
    .at(place, "")
    .hint("a controller that finds it ends as soon as it starts")
    .hint("`mainstay keys cert KEY --new` makes a certificate for the key: put it there, in base64")
}

/// The certificate in the Secret of a key is of another key.
///
/// A controller hands that certificate out at `/v1/cert.pem`, and opens with the key beside it: what others seal with it
/// never opens.
pub fn s126_tls_crt_of_another(secret: &str, place: Place) -> Diagnostic {
    Diagnostic::error(
        code(126),
        format!("`tls.crt` of the Secret `{secret}` is the certificate of another key than its `tls.key`"),
    )
    .at(place, "")
    .hint("what is sealed with the certificate that the controller hands out would never open")
    .hint("`mainstay keys cert KEY --new` makes a certificate for the key: put it there, in base64")
}

/// A controller does not take the key of a Secret, or takes it although its label says otherwise.
///
/// Controllers find their keys by the label `sealedsecrets.bitnami.com/sealed-secrets-key: active`; every other value
/// (`compromised` is usual) puts a key out of use. The Secret with the very name `sealed-secrets-key` is found by its
/// name, whatever its label says.
pub fn s127_label(secret: &str, label: Option<&str>, is_found: bool, place: Place) -> Diagnostic {
    let finding = match (label, is_found) {
        (None, _) => Diagnostic::error(
            code(127),
            format!(
                "a controller does not find the key of the Secret `{secret}`: its label is missing"
            ),
        ),
        (Some(value), false) => Diagnostic::warning(
            code(127),
            format!(
                "a controller does not use the key of the Secret `{secret}`: its label says `{value}`, not `active`"
            ),
        ),
        (Some(value), true) => Diagnostic::warning(
            code(127),
            format!(
                "a controller uses the key of the Secret `{secret}`, although its label says `{value}`"
            ),
        ),
    };
    let finding = finding.at(place, "");
    match is_found {
        false => finding.hint("the label of a key in use: `sealedsecrets.bitnami.com/sealed-secrets-key: active`"),
        true => finding.hint("the Secret of this name is found without a label: give it another name to put its key out of use"),
    }
}

/// The Secret of a key is for another namespace than the controller's.
///
/// A controller looks for its keys in its own namespace alone.
pub fn s128_key_elsewhere(secret: &str, written: &str, wanted: &str, place: Place) -> Diagnostic {
    let is = match written {
        "" => "names no namespace".to_owned(),
        written => format!("is for the namespace `{written}`"),
    };
    Diagnostic::error(
        code(128),
        format!("the Secret `{secret}` {is}, and the controller runs in `{wanted}`"),
    )
    .at(place, "")
    .hint("a controller looks for keys in its own namespace alone")
}

/// The Secret of a key has no private key that can be used.
///
/// A controller that finds such a Secret ends as soon as it starts.
pub fn s129_bad_tls_key(secret: &str, reason: &BadKey, place: Place) -> Diagnostic {
    Diagnostic::error(code(129), format!("the Secret `{secret}` cannot be used as a key: {reason}"))
        .at(place, "")
        .hint("a controller that finds it ends as soon as it starts")
}

/// A file with SealedSecrets cannot be read.
///
/// It is no YAML or JSON. A template of Helm is looked at where it is rendered, not here.
pub fn s130_unreadable(message: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(130), "a file with a SealedSecret cannot be read").at(place, message)
}

/// A sealed value is broken.
///
/// It is cut off, not base64, or no sealed value at all: no key will ever open it. Plain text that was put there by
/// mistake is in Git now: change it where it came from.
pub fn s131_bad_envelope(key: &str, reason: &BadEnvelope, place: Place) -> Diagnostic {
    Diagnostic::error(code(131), format!("the sealed value of `{key}` is broken: {reason}"))
        .at(place, "")
        .hint("seal it again: `mainstay seal`")
}

/// A value is sealed for a key of another size than the certificate's.
///
/// So it is sealed for another key. It opens only where that one is still in the cluster.
pub fn s132_other_size(key: &str, bits: usize, certificate: usize, place: Place) -> Diagnostic {
    Diagnostic::warning(
        code(132),
        format!(
            "`{key}` is sealed for a key of {bits} bits, and the certificate's has {certificate}"
        ),
    )
    .at(place, "")
    .hint("`mainstay reseal` seals it for the certificate's key")
}

/// The scope of a SealedSecret and that of its template differ.
///
/// kubeseal writes the same annotation to both. Only the object's own counts when it is opened; where somebody has
/// edited one of them, the values are most likely sealed for the other, and will not open.
pub fn s133_scopes_differ(own: Scope, template: Scope, place: Place) -> Diagnostic {
    Diagnostic::warning(
        code(133),
        format!("the SealedSecret says it is {own}, and its template {template}"),
    )
    .at(place, "")
    .hint("a scope is changed by sealing again, not by editing: `mainstay secrets check --key KEY` says what it is sealed for")
}

/// A scope annotation is no text.
///
/// `true` without quotes is a truth value, and the cluster refuses the object.
pub fn s134_scope_not_text(place: Place) -> Diagnostic {
    Diagnostic::error(code(134), "the value of an annotation must be a text")
        .at(place, "")
        .hint("write `\"true\"`, with the quotes")
}

/// A SealedSecret has nothing sealed in it.
pub fn s135_no_items(place: Place) -> Diagnostic {
    Diagnostic::warning(code(135), "the SealedSecret has no `spec.encryptedData`").at(place, "")
}

/// A SealedSecret is of the old form.
///
/// `spec.data` held a whole Secret in one value. Controllers accept it by default still; item by item is better:
/// `mainstay unseal` and `mainstay seal` make the new form of it.
pub fn s136_old_form(place: Place) -> Diagnostic {
    Diagnostic::warning(code(136), "the SealedSecret has the deprecated `spec.data`")
        .at(place, "")
        .hint("`mainstay unseal --key KEY FILE | mainstay seal` writes it in the new form")
}

/// A SealedSecret has no name, or its scope needs a namespace that it does not have.
pub fn s137_no_identity(what: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(137), format!("the SealedSecret has no `metadata.{what}`"))
        .at(place, "")
        .hint("its values are bound to it: write the one that it was sealed for")
}

/// A SealedSecret is delivered under another name or to another namespace than its file says.
///
/// Kustomize's `namespace`, `namePrefix` and `nameSuffix` move objects. A strict value opens only under the name and in
/// the namespace that it was sealed for, a namespace-wide one only in its namespace.
pub fn s138_moved(written: &str, delivered: &str, scope: Scope, environment: &str) -> Diagnostic {
    Diagnostic::error(
        code(138),
        format!("the SealedSecret `{written}` is {scope}, and is delivered as `{delivered}` in {environment}"),
    )
    .hint(format!("seal it for `{delivered}`, or deliver it where it belongs"))
}

/// No key opens a value, or several of one SealedSecret.
///
/// They are sealed for a key that was not given, or for another name or namespace than those that were tried.
pub fn s140_nothing_opens(keys: &[&str], place: Place) -> Diagnostic {
    let values = if keys.len() == 1 { "value" } else { "values" };
    let keys = keys.join("`, `");
    Diagnostic::error(code(140), format!("no key opens the {values} of `{keys}`"))
        .at(place, "")
        .hint("give the key that it was sealed for, too: `--key` can be given several times")
        .hint("or it was renamed or moved since: a value opens only under the name and in the namespace that it was sealed for")
        .hint("or seal it again from its source")
}

/// A value, or several of one SealedSecret, are sealed for another place.
///
/// The key opens them, but for another name, namespace or scope: the SealedSecret was renamed or moved, or its scope
/// annotation was edited by hand. In the cluster they will not open.
///
/// What is tried are the names and namespaces of the other SealedSecrets there, and of the Secrets that workloads read.
pub fn s141_sealed_for(keys: &[&str], sealed_for: &str, now: &str, place: Place) -> Diagnostic {
    let (values, verbs) = match keys {
        [_] => ("value", ("is", "stands")),
        _ => ("values", ("are", "stand")),
    };
    let keys = keys.join("`, `");
    let words = format!(
        "the {values} of `{keys}` {} sealed for {sealed_for}, and {} in {now}",
        verbs.0, verbs.1
    );
    Diagnostic::error(code(141), words)
        .at(place, "")
        .hint("put it back where it belongs, or seal it again for where it stands")
}

/// A value, or several of one SealedSecret, are sealed for another key than the certificate's.
///
/// They open while the old key is in the cluster. Sealing again for the new key does not take back what is in Git's
/// history: who has the old key can still read it there, so change the secrets themselves when a key is lost.
pub fn s142_old_key(keys: &[&str], opened_by: &str, place: Place) -> Diagnostic {
    let (values, are) = match keys {
        [_] => ("value", "is"),
        _ => ("values", "are"),
    };
    let keys = keys.join("`, `");
    let words = format!(
        "the {values} of `{keys}` {are} opened by `{opened_by}`, which is not the certificate's key"
    );
    Diagnostic::warning(code(142), words)
        .at(place, "")
        .hint("`mainstay reseal` seals them for the certificate's key")
}

/// A sealed value cannot be replaced where it stands.
///
/// It is an alias, or something else hangs on it. Nothing of the file was changed.
pub fn s143_no_place(key: &str, reason: &str, place: Place) -> Diagnostic {
    Diagnostic::error(
        code(143),
        format!("the sealed value of `{key}` cannot be replaced: {reason}"),
    )
    .at(place, "")
}

/// A template of a SealedSecret cannot be filled in.
///
/// `spec.template.data` is filled in by the controller, with Go templates over the opened values.
pub fn s144_template(key: &str, reason: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(144), format!("the template of `{key}` cannot be filled in: {reason}"))
        .at(place, "")
}

/// A template of a SealedSecret makes `<no value>`.
///
/// It names a value that the SealedSecret does not have. The controller writes the words `<no value>` in its place, and
/// the workload reads them.
pub fn s148_no_value(key: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(
        code(148),
        format!("the template of `{key}` makes `<no value>`: it names a value that is not sealed here"),
    )
    .at(place, "")
    .hint("is the name spelled as in `spec.encryptedData`? `{{ index . \"tls.crt\" }}` reads a key with a dot in it")
}

/// A value of a SealedSecret lies open.
///
/// `spec.template.data` is not sealed: kubeseal leaves what stands there as it is, and everybody who can read the
/// repository reads it. It is for templates over the sealed values, `{{ .password }}`, and for what is no secret.
/// A value that looks like a secret is an error; change it where it came from, since it stays in the history of Git.
pub fn s153_in_the_clear(key: &str, why: Option<&str>, place: Place) -> Diagnostic {
    let of = format!("`{key}` of `spec.template.data`");
    match why {
        Some(why) => Diagnostic::error(
            code(153),
            format!("{of} is a secret that lies open ({why})"),
        )
        .at(place, "")
        .hint("seal it: `mainstay seal --merge-into FILE`; a template reads it with `{{ .NAME }}`")
        .hint("it is in Git's history: change it where it came from, too"),
        None => Diagnostic::warning(
            code(153),
            format!("{of} is not sealed: everybody reads it who can read the repository"),
        )
        .at(place, "")
        .hint("a secret belongs into `spec.encryptedData`; what is none can stay"),
    }
}

/// A field of a SealedSecret's template is not what an API server takes.
///
/// `spec.template.type` is a text, `immutable` is `true` or `false` without quotes, and `data` holds texts. Every other
/// value is refused, and with it the whole SealedSecret.
pub fn s154_template_field(field: &str, wanted: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(154), format!("`spec.template.{field}` is not {wanted}"))
        .at(place, "")
        .hint("an API server refuses the SealedSecret")
}

/// A Secret of a type that wants a key which is not there.
///
/// An API server refuses such a Secret, so the controller opens the SealedSecret and cannot write what was in it.
pub fn s155_type_wants(kind: &str, wanted: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(155), format!("a Secret of type `{kind}` wants {wanted}"))
        .at(place, "")
        .hint("an API server refuses the Secret that the controller makes of it")
}

/// A key stands twice in a SealedSecret.
///
/// Of two values under one key the last one counts, and strict tools refuse the file. A key of `spec.encryptedData` that
/// stands in `spec.template.data` as well gets what the template makes: where the template does not read the sealed value,
/// that one is never used.
pub fn s156_twice(key: &str, is_template: bool, place: Place) -> Diagnostic {
    let (words, hint) = match is_template {
        true => (
            format!("`{key}` is sealed, and stands in `spec.template.data` too, which wins"),
            "take one of them out",
        ),
        false => (format!("`{key}` stands twice"), "the last one counts: take the other out"),
    };
    Diagnostic::warning(code(156), words).at(place, "").hint(hint)
}

/// A SealedSecret has both forms.
///
/// A controller refuses an object with the deprecated `spec.data` and with `spec.encryptedData`.
pub fn s157_both_forms(place: Place) -> Diagnostic {
    Diagnostic::error(code(157), "the SealedSecret has both `spec.data` and `spec.encryptedData`")
        .at(place, "")
        .hint("`spec.data` is the deprecated form: open it alone with `mainstay unseal`, and seal it again")
}

/// A file has several SealedSecrets, and it cannot be told which one is meant; or none that fits.
pub fn s145_which(what: &str, names: &[String], place: Place) -> Diagnostic {
    let finding = Diagnostic::error(code(145), what.to_owned()).at(place, "");
    match names {
        [] => finding,
        names => finding.hint(format!("there are: {}", names.join(", "))),
    }
}

/// A value would be merged into a SealedSecret of another scope.
///
/// All values of a SealedSecret have one scope: that of its annotations. kubeseal seals the new value for the scope that
/// was asked for and leaves the annotations, and then it never opens.
pub fn s146_other_scope(wanted: Scope, there: Scope, place: Place) -> Diagnostic {
    Diagnostic::error(
        code(146),
        format!("a {wanted} value cannot be merged into a SealedSecret that is {there}"),
    )
    .at(place, "")
    .hint(format!("leave `--scope` out, or give `--scope {there}`"))
}

/// A file with SealedSecrets lies behind a symbolic link, and was left for the old key.
///
/// Nothing is written through a link: it may lead out of the folder. All other files are sealed anew, and `reseal` exits
/// with 1, because what this one leads to does not open any more when the old key is gone. It is no finding where the
/// link leads to a file that `reseal` finds by itself, which is sealed anew where it lies, nor where the new key opens
/// everything. So what is left is a file whose name does not end in `.yaml`, `.yml` or `.json`, or a link that was named
/// itself: name the file that it leads to. A link that leads out of the folder is not read at all.
pub fn s147_behind_link(place: Place) -> Diagnostic {
    Diagnostic::error(code(147), "the file is behind a symbolic link, and was left as it is")
        .at(place, "")
        .hint("work on the file that the link leads to: `mainstay reseal --key KEY FILE`")
}

/// A Secret is read that nothing in the repository makes.
///
/// In a cluster that is built anew from this repository the Secret is missing, and the pods that read it do not start.
/// It is said once for each environment, whoever reads it. Where it is made by hand, that is a step that somebody has to
/// know of.
pub fn s150_missing_secret(
    readers: &[&str],
    secret: &str,
    keys: &[&str],
    environment: &str,
) -> Diagnostic {
    let command = format!("mainstay seal {} --env {environment}", name_of(secret));
    let how = match keys {
        [] => format!("`{command} KEY`"),
        [key] => format!("`{command} {key}`"),
        keys => format!("`{command} KEY`, for each KEY of `{}`", keys.join("`, `")),
    };
    Diagnostic::error(
        code(150),
        format!("{} the Secret `{secret}`, which nothing makes in {environment}", read(readers)),
    )
    .hint(format!("where the platform seals: {how}"))
    .hint(format!("what is made by hand is in `docs/prerequisites/{environment}.md`"))
}

/// A key of a Secret is read, and the Secret does not have it.
pub fn s151_missing_key(
    readers: &[&str],
    secret: &str,
    key: &str,
    environment: &str,
) -> Diagnostic {
    Diagnostic::error(
        code(151),
        format!(
            "{} `{key}` of the Secret `{secret}`, which has no such key in {environment}",
            read(readers)
        ),
    )
    .hint(format!("`mainstay seal {} --env {environment} {key}` seals it into it", name_of(secret)))
}

/// Says who reads: the first one, and how many more.
fn read(readers: &[&str]) -> String {
    match readers {
        [] => "something reads".to_owned(),
        [only] => format!("`{only}` reads"),
        [first, others @ ..] => format!("`{first}` and {} more read", others.len()),
    }
}

/// SealedSecrets are delivered to a cluster that does not know them.
///
/// Neither the definition of SealedSecrets nor their controller is delivered there: they are refused, and with them the
/// sync that they are part of. So it is after a platform was given another backend: what was sealed stays until somebody
/// takes it out of `overlays/ENVIRONMENT/custom` and `platform/credentials/custom`.
///
/// In a cluster that runs, the Secrets go with their SealedSecrets. So the values go first to where the new backend reads
/// them; `mainstay unseal` prints them. What the new backend does not make (Secrets that apps name themselves) can stay
/// sealed, with the controller kept.
pub fn s152_nothing_opens(sealed: &[String], environment: &str) -> Diagnostic {
    let (secrets, them) = match sealed {
        [_] => ("SealedSecret", "it"),
        _ => ("SealedSecrets", "them"),
    };
    let named = first_of(sealed);
    Diagnostic::error(
        code(152),
        format!("the {secrets} {named} cannot be delivered: nothing in {environment} opens {them}"),
    )
    .hint(format!("take {them} out of the kustomization, when the values are where `secrets.backend` reads them: `mainstay unseal --key KEY FILE` prints them"))
    .hint("or keep the controller: `spec.secrets.sealedSecrets: {enabled: true}`")
}

/// A Secret is made by a SealedSecret and by something else too.
///
/// Each refuses the Secret that the other one has made, or they overwrite each other's values for ever. So it is after a
/// platform was given another backend and the controller was kept: of what was sealed, the SealedSecrets stay that the
/// new backend does not make.
pub fn s158_made_twice(secrets: &[String], kind: &str, environment: &str) -> Diagnostic {
    let (noun, are) = match secrets {
        [_] => ("Secret", "is made twice in"),
        _ => ("Secrets", "are made twice in"),
    };
    let article = match kind.as_bytes().first() {
        Some(b'A' | b'E' | b'I' | b'O') => "an",
        _ => "a",
    };
    let named = first_of(secrets);
    Diagnostic::error(
        code(158),
        format!("the {noun} {named} {are} {environment}: by a SealedSecret and by {article} {kind}"),
    )
    .hint("take the SealedSecret out of its kustomization, when its values are where `secrets.backend` reads them: `mainstay unseal --key KEY FILE` prints them")
}

/// The first of some names, and how many more there are.
fn first_of(names: &[String]) -> String {
    let (first, others) = names.split_at(names.len().min(MOST_KEYS));
    let first = format!("`{}`", first.join("`, `"));
    match others.len() {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// The name in `namespace/name`.
fn name_of(secret: &str) -> &str {
    secret.rsplit_once('/').map_or(secret, |(_, name)| name)
}
