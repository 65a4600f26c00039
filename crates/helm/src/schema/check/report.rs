//! How broken rules are told: in the order and the words of the library that helm uses.

use super::super::Draft;
use super::super::words::{escaped, quote};
use super::{Checker, Token};

impl Checker<'_> {
    /// Returns the parts that lead to one, outermost first.
    pub(super) fn chain(&self, mut at: usize) -> Vec<usize> {
        let mut chain = vec![at];
        while let Some(parent) = self.parts.get(at).map(|part| part.parent).filter(|it| *it != at) {
            at = parent;
            chain.push(at);
        }
        chain.reverse();
        chain
    }

    pub(super) fn pointer(&self, chain: &[usize]) -> String {
        let mut pointer = String::new();
        for part in chain.iter().filter_map(|at| self.parts.get(*at)) {
            match part.token {
                Token::Root => {}
                Token::Keyword(keyword) => pointer.push_str(&format!("/{}", keyword.text())),
                Token::Item(keyword, at) => pointer.push_str(&format!("/{}/{at}", keyword.text())),
                Token::Member(keyword, name) => {
                    let name = self.document.string(name).unwrap_or_default();
                    pointer.push_str(&format!("/{}/{}", keyword.text(), escaped(&name)));
                }
            }
        }
        pointer
    }

    /// Says what is wrong, as validation against the metaschema would.
    pub(super) fn report(&self, place: &str) -> String {
        let mut output = format!(
            "\"{place}\" is not valid against metaschema: jsonschema validation failed with '{}#'",
            self.draft.url()
        );
        let mut line = |depth: usize, pointer: &str, words: &str| {
            output.push_str(&format!("\n{}- at {}: {words}", "  ".repeat(depth), quote(pointer)));
        };
        let mut before: Vec<usize> = Vec::new();
        for leaf in &self.leaves {
            let chain = self.chain(leaf.part);
            let mut depth = 0;
            if self.draft >= Draft::Draft2019 {
                // Each level of the newer metaschemas is an `allOf` of vocabularies.
                let levels = chain.len() - usize::from(leaf.is_whole);
                for (level, part) in chain.iter().enumerate().take(levels) {
                    if before.get(level) != Some(part) {
                        let pointer = self.pointer(chain.get(..=level).unwrap_or_default());
                        line(level, &pointer, "'allOf' failed");
                    }
                }
                depth = levels;
            }
            let home = self.pointer(&chain);
            let place = |path: &str| {
                if path.is_empty() { home.clone() } else { format!("{home}/{path}") }
            };
            line(depth, &place(&leaf.path), &leaf.words);
            for (path, words) in &leaf.causes {
                line(depth + 1, &place(path), words);
            }
            before = chain;
        }
        output
    }
}
