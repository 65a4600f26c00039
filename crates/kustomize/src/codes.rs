//! The findings of kustomizations: an [`Error`] as a diagnostic with its place and a remedy.
//!
//! The doc comments are the pages of `mainstay explain`.

use text::{Code, Diagnostic, Place, Sources, Stage, World};
use yaml::{Kind, Node, Schema};

use crate::error::{At, Error, Reason};
use crate::remedies;

/// The text of this file, for the pages.
pub const SOURCE: &str = include_str!("codes.rs");

const fn code(number: u16) -> Code {
    Code::new(Stage::Render, number)
}

/// Returns a finding with the remedy for its message, or the other where there is none.
fn hinted(number: u16, error: &Error, other: &str) -> Diagnostic {
    let remedy = remedies::remedy(error.reason, &error.message);
    Diagnostic::error(code(number), &error.message).hint(remedy.unwrap_or(other))
}

/// A folder is to be built and has no kustomization file, or has two.
///
/// kustomize looks for `kustomization.yaml`, `kustomization.yml` and `Kustomization`, and wants exactly one
/// of them.
fn r020_no_kustomization(error: &Error) -> Diagnostic {
    Diagnostic::error(code(20), &error.message)
        .hint("name a folder with one `kustomization.yaml`, or list its files one by one")
}

/// A kustomization file is not what kustomize reads.
///
/// It is read as YAML 1.1, so `y`, `no` and `on` without quotes are truth values; a field that kustomize does
/// not know is an error at any depth.
fn r021_invalid(error: &Error) -> Diagnostic {
    hinted(21, error, "mend the field that is shown: kustomize refuses the whole file")
}

/// A file or folder that a kustomization names is not there, or cannot be read.
fn r022_missing(error: &Error) -> Diagnostic {
    Diagnostic::error(code(22), &error.message)
        .hint("paths begin at the folder of the kustomization that names them")
}

/// A kustomization names a file outside its own folder.
///
/// kustomize refuses that, links followed, so that a folder can be moved; other folders with a
/// kustomization of their own may be anywhere.
fn r023_outside(error: &Error) -> Diagnostic {
    Diagnostic::error(code(23), &error.message)
        .hint("move the file below the kustomization, or make its folder a kustomization and name that")
        .hint("`mainstay kustomize build --load-restrictor LoadRestrictionsNone` reads it, Argo CD does not")
}

/// A kustomization contains itself.
fn r024_cycle(error: &Error) -> Diagnostic {
    Diagnostic::error(code(24), &error.message)
        .hint("remove the entry that leads back; a base never names its overlays")
}

/// A file that a kustomization names is not what it should be.
///
/// Resources need a kind and a name; a key may be there only once; a tab is no indentation.
fn r025_resource(error: &Error) -> Diagnostic {
    Diagnostic::error(code(25), &error.message).hint("mend the file at the place that is shown")
}

/// A resource is there already.
///
/// Group, kind, name and namespace together may occur once.
fn r026_twice(error: &Error) -> Diagnostic {
    Diagnostic::error(code(26), &error.message)
        .hint("list the file once, or give one of the two another name or namespace")
}

/// A patch cannot be applied.
///
/// A patch without a target must fit exactly one resource, by its kind, name and namespace as they are in the
/// files; with a target it changes all that fit, also none.
fn r027_patch(error: &Error) -> Diagnostic {
    hinted(27, error, "a patch is an object with kind and name, or a list of JSON 6902 operations")
}

/// A ConfigMap or Secret cannot be generated.
fn r028_generator(error: &Error) -> Diagnostic {
    let other = "`files` take `KEY=PATH` or `PATH`, `literals` take `KEY=VALUE`, `envs` files of such lines";
    hinted(28, error, other)
}

/// A replacement or variable finds no source, or no field to write to.
fn r029_replacement(error: &Error) -> Diagnostic {
    hinted(29, error, "`source` must fit one resource, and each target at least one field")
}

/// A transformer cannot do what it should.
fn r030_transformer(error: &Error) -> Diagnostic {
    let other = "mend that field of that resource, or name other fields in `fieldSpecs`";
    hinted(30, error, other)
}

/// A kustomization names something that lies elsewhere.
///
/// Nothing is fetched while rendering: the result would depend on what others push, and could not be proved
/// again tomorrow. `mainstay fetch` gets it once, keeps it in the cache, and pins commit and digest in
/// `.mainstay/bases.lock.yaml`; what is pinned and in the cache is read from there.
fn r031_remote(error: &Error) -> Diagnostic {
    let finding = Diagnostic::error(code(31), &error.message);
    if error.message.contains("is no file") || error.message.contains("no git repository") {
        return finding.hint("copy it into the repository, and name it there");
    }
    let whose = if error.message.contains("not fetched") {
        "`mainstay fetch DIR` fetches it once, and pins it in `.mainstay/bases.lock.yaml`; `DIR` is the folder that you build"
    } else {
        "`mainstay fetch DIR` gets what is pinned; `DIR` is the folder that you build"
    };
    finding
        .hint(whose)
        .hint("or copy it into the repository (`git subtree add`, or `kustomize localize`), and name that folder")
}

/// A kustomization would run a program.
///
/// Functions in containers, exec functions and plugins are refused: only kustomize's built-in generators and
/// transformers are known.
fn r032_function(error: &Error) -> Diagnostic {
    Diagnostic::error(code(32), &error.message)
        .hint("use a built-in transformer, or commit what the program makes")
}

/// A chart of `helmCharts` cannot be rendered.
///
/// Charts come from `helmGlobals.chartHome` or from the cache that `mainstay fetch` and
/// `mainstay helm template` fill; Argo CD renders them only where it is told to.
fn r033_chart(error: &Error) -> Diagnostic {
    if error.message.contains("--enable-helm") {
        return Diagnostic::error(code(33), &error.message)
            .hint("`mainstay kustomize build --enable-helm` renders it with the own engine");
    }
    let other = "put the chart below `charts/NAME`, or fetch it: `mainstay helm template NAME --repo URL --version VERSION`";
    hinted(33, error, other)
}

/// Returns an error as a diagnostic, with the texts that it shows.
pub fn diagnostic(error: &Error, world: &dyn World) -> (Diagnostic, Sources) {
    let make = match error.reason {
        Reason::NoKustomization => r020_no_kustomization,
        Reason::Invalid => r021_invalid,
        Reason::Missing => r022_missing,
        Reason::Outside => r023_outside,
        Reason::Cycle => r024_cycle,
        Reason::Resource => r025_resource,
        Reason::Twice => r026_twice,
        Reason::Patch => r027_patch,
        Reason::Generator => r028_generator,
        Reason::Replacement => r029_replacement,
        Reason::Transformer => r030_transformer,
        Reason::Remote => r031_remote,
        Reason::Function => r032_function,
        Reason::Chart => r033_chart,
    };
    let message = without_passwords(&error.message);
    let finding = make(&Error { message, ..error.clone() });
    let mut sources = Sources::new();
    let bytes = world.read(&error.file).ok();
    let text = bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    let Some(text) = text else {
        return (finding.at(Place::of_file(&error.file.as_str().into()), ""), sources);
    };
    let file = sources.add(error.file.as_str(), without_passwords(text));
    let place = match &error.at {
        At::File => Place::of_file(&file),
        At::Offset(offset) => {
            let start = (0..=*offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            Place::new(&file, start..start)
        }
        At::Field(path) => match yaml::parse(text, Schema::Go2) {
            Ok(node) => Place::new(&file, found(&node, path).0),
            Err(_) => Place::of_file(&file),
        },
        At::Entry(path, entry) => match yaml::parse(text, Schema::Go2) {
            Ok(node) => {
                let (range, field) = found(&node, path);
                Place::new(&file, named(field, entry).map_or(range, |it| it.span.range()))
            }
            Err(_) => Place::of_file(&file),
        },
    };
    (finding.at(place, ""), sources)
}

/// Returns a text with stars for the passwords of the addresses in it, as long as it was.
fn without_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let is_end =
            |it: char| it.is_whitespace() || matches!(it, '/' | '?' | '#' | '"' | '\'' | '`');
        let authority = after.split(is_end).next().unwrap_or_default();
        let (user, _) = authority.rsplit_once('@').unwrap_or_default();
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        shown.extend([before, "://", name]);
        rest = after.get(name.len()..).unwrap_or_default();
        if !password.is_empty() {
            shown.push(':');
            shown.push_str(&"*".repeat(password.len()));
            rest = after.get(user.len()..).unwrap_or_default();
        }
    }
    shown + rest
}

/// Returns the text that names a file, as in `a.txt` or `KEY=a.txt`.
fn named<'n>(node: &'n Node, entry: &str) -> Option<&'n Node> {
    match &node.kind {
        Kind::Map(entries) => entries.iter().find_map(|(_, value)| named(value, entry)),
        Kind::List(items) => items.iter().find_map(|item| named(item, entry)),
        Kind::String(text) => {
            let is_it = text == entry || text.split_once('=').is_some_and(|(_, it)| it == entry);
            is_it.then_some(node)
        }
        _ => None,
    }
}

/// Returns the bytes of the field that a path leads to, or as far as it leads, and its value.
fn found<'n>(node: &'n Node, path: &[String]) -> (std::ops::Range<usize>, &'n Node) {
    let mut at = node;
    let mut range = 0..0;
    for part in path {
        let next = match part.parse::<usize>() {
            Ok(index) if at.as_list().is_some() => at.item(index).map(|item| (item, item)),
            _ => at
                .as_map()
                .and_then(|map| {
                    map.iter().rev().find(|(key, _)| {
                        key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(part))
                    })
                })
                .map(|(key, value)| (key, value)),
        };
        let Some((shown, value)) = next else { break };
        range = shown.span.range();
        at = value;
    }
    (range, at)
}

#[cfg(test)]
mod tests {
    use super::without_passwords;

    #[test]
    fn passwords_of_addresses_are_not_shown() {
        for (text, shown) in [
            ("a: https://b:cd@e/f, git://g:hé@i", "a: https://b:**@e/f, git://g:***@i"),
            ("ssh://git@a/b:c@d and `https://a`", "ssh://git@a/b:c@d and `https://a`"),
            ("https://a:b@c:d@e://", "https://a:*****@e://"),
            ("https://:@a https://:b@c", "https://:@a https://:*@c"),
            ("://", "://"),
        ] {
            assert_eq!(without_passwords(text), shown);
            assert_eq!(shown.len(), text.len());
        }
    }
}
