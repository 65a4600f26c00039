//! What a template asks of the data that it is given.
//!
//! In: the text of a template of ApplicationSets. Out: the names that it takes from its data (`.name`,
//! `$.name`), and its words that are no functions.
//! Inside of `range`, `with` and definitions the dot is something else, so that only `$` counts there.
//! Never executes anything.

use crate::parse::ast::{Branch, NodeId, NodeKind, Tree};
use crate::{parse, registry};

/// Functions that are meant for names which may be missing, or that answer a condition.
const CAREFUL: [&str; 17] = [
    "and", "coalesce", "default", "dig", "empty", "fail", "get", "has", "hasKey", "kindIs",
    "kindOf", "not", "or", "required", "ternary", "typeIs", "typeOf",
];

/// A name that a template uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The name, with those below it: `path.basename`.
    pub name: String,
    /// Whether it is taken from the data; otherwise it is a word that is no function.
    pub is_field: bool,
    /// Whether the template looks first whether it is there.
    pub is_guarded: bool,
}

/// Returns what a template uses, in order; `None` where it is no template, or one with definitions only.
pub fn uses_of_application_set(source: &str) -> Option<Vec<Use>> {
    let data = source.as_bytes().into();
    let parsed = parse::parse("", &data, |_| true).ok()?;
    let (_, root) = parsed.templates.iter().find(|(name, _)| name.is_empty())?;
    let mut walk = Walk { tree: &parsed.tree, uses: Vec::new(), guards: Vec::new() };
    walk.node(*root, true, false);
    Some(walk.uses)
}

struct Walk<'t> {
    tree: &'t Tree,
    uses: Vec<Use>,
    /// Names that conditions around this place look at.
    guards: Vec<String>,
}

impl Walk<'_> {
    /// `is_root` says whether the dot is the data itself, `is_guarded` whether a function or condition
    /// around looks whether a name is there.
    fn node(&mut self, id: NodeId, is_root: bool, is_guarded: bool) {
        match self.tree.kind(id) {
            NodeKind::List(members) => {
                self.all(self.tree.members(*members), is_root, is_guarded);
            }
            NodeKind::Action(pipe) => self.node(*pipe, is_root, is_guarded),
            NodeKind::If(branch) => self.branch(branch, is_root, is_root),
            NodeKind::With(branch) => self.branch(branch, is_root, false),
            NodeKind::Range(branch) => {
                self.node(branch.pipe, is_root, is_guarded);
                self.node(branch.list, false, is_guarded);
                self.rest(branch, is_root, is_guarded);
            }
            NodeKind::Template { pipe: Some(pipe), .. } => self.node(*pipe, is_root, is_guarded),
            NodeKind::Pipe { commands, .. } => {
                let commands = self.tree.members(*commands);
                let careful = commands.iter().any(|command| self.is_careful(*command));
                self.all(commands, is_root, is_guarded || careful);
            }
            NodeKind::Command(members) => {
                let members = self.tree.members(*members);
                let careful = self.is_careful(id);
                self.all(members, is_root, is_guarded || careful);
            }
            NodeKind::Chain { base, fields } => match self.tree.kind(*base) {
                // `name.below`: all of it is the word that somebody meant.
                NodeKind::Identifier(place)
                    if !registry::is_function_of_sets(&self.text(place.clone())) =>
                {
                    let name = format!("{}{}", self.text(place.clone()), self.text(fields.clone()));
                    self.add(&name, false, is_guarded);
                }
                _ => self.node(*base, is_root, is_guarded),
            },
            NodeKind::Field(place) if is_root => {
                let name = self.text(place.clone());
                self.add(name.trim_start_matches('.'), true, is_guarded);
            }
            NodeKind::Variable { name, fields } if self.tree.slice(name) == b"$" => {
                let name = self.text(fields.clone());
                if !name.is_empty() {
                    self.add(name.trim_start_matches('.'), true, is_guarded);
                }
            }
            NodeKind::Identifier(place) => {
                let name = self.text(place.clone());
                if !registry::is_function_of_sets(&name) {
                    self.add(&name, false, is_guarded);
                }
            }
            _ => {}
        }
    }

    fn all(&mut self, nodes: &[NodeId], is_root: bool, is_guarded: bool) {
        nodes.iter().for_each(|node| self.node(*node, is_root, is_guarded));
    }

    /// `if` and `with`: what the condition names may be missing, and is known to be there behind it.
    fn branch(&mut self, branch: &Branch, is_root: bool, is_root_inside: bool) {
        self.node(branch.pipe, is_root, true);
        let before = self.guards.len();
        self.guard(branch.pipe);
        self.node(branch.list, is_root_inside, false);
        self.rest(branch, is_root, false);
        self.guards.truncate(before);
    }

    fn rest(&mut self, branch: &Branch, is_root: bool, is_guarded: bool) {
        if let Some(list) = branch.else_list {
            self.node(list, is_root, is_guarded);
        }
    }

    /// Notes the names that a condition looks at: fields, and texts such as those of `hasKey`.
    fn guard(&mut self, id: NodeId) {
        let name = match self.tree.kind(id) {
            NodeKind::Pipe { commands: members, .. } | NodeKind::Command(members) => {
                let members = self.tree.members(*members);
                members.iter().for_each(|member| self.guard(*member));
                return;
            }
            NodeKind::Chain { base, .. } => return self.guard(*base),
            NodeKind::Field(place) | NodeKind::Variable { fields: place, .. } => {
                self.text(place.clone())
            }
            NodeKind::String(place) => {
                String::from_utf8_lossy(&self.tree.unquoted(place)).into_owned()
            }
            _ => return,
        };
        self.guards.push(top(name.trim_start_matches('.')).to_owned());
    }

    fn is_careful(&self, id: NodeId) -> bool {
        let NodeKind::Command(members) = self.tree.kind(id) else { return false };
        let first = self.tree.members(*members).first();
        match first.map(|first| self.tree.kind(*first)) {
            Some(NodeKind::Identifier(place)) => {
                CAREFUL.contains(&self.text(place.clone()).as_str())
            }
            _ => false,
        }
    }

    fn add(&mut self, name: &str, is_field: bool, is_guarded: bool) {
        let is_guarded = is_guarded || self.guards.iter().any(|guard| guard == top(name));
        self.uses.push(Use { name: name.to_owned(), is_field, is_guarded });
    }

    fn text(&self, place: std::ops::Range<u32>) -> String {
        String::from_utf8_lossy(self.tree.slice(&place)).into_owned()
    }
}

fn top(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(text: &str) -> String {
        let uses = uses_of_application_set(text).unwrap();
        let one = |it: &Use| {
            let dot = if it.is_field { "." } else { "" };
            let guard = if it.is_guarded { "?" } else { "" };
            format!("{dot}{}{guard}", it.name)
        };
        uses.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_are_those_of_the_data() {
        for (text, want) in [
            ("{{ .a }}-{{ .path.basename }}", ".a .path.basename"),
            ("{{ name }}{{ now }}", "name"),
            ("{{ pull_request.number }}{{ now.Year }}", "pull_request.number"),
            ("{{ if .a }}{{ .a }}{{ .b }}{{ else }}{{ .c }}{{ end }}", ".a? .a? .b .c"),
            ("{{ if hasKey . \"x\" }}{{ .x.y }}{{ end }}", ".x.y?"),
            ("{{ default \"q\" .e }}{{ .f | default 1 }}", ".e? .f?"),
            ("{{ range .list }}{{ .inner }}{{ $.outer }}{{ end }}", ".list .outer"),
            ("{{ with .e }}{{ . }}{{ .x }}{{ end }}", ".e?"),
            ("{{/* .foo */}}{{ \"{{ .quoted }}\" }}{{ `{{ .raw }}` }}", ""),
            ("{{ define \"t\" }}{{ .bar }}{{ end }}{{ template \"t\" .baz }}", ".baz"),
            ("{{ (index .l 0).q }}{{ $x := .e }}{{ $x.y }}", ".l .e"),
            ("{{ printf \"%s.%s\" .a (.b | upper) }}", ".a .b"),
        ] {
            assert_eq!(uses(text), want, "{text}");
        }
        assert_eq!(uses_of_application_set("{{ .a"), None);
    }
}
