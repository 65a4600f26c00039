//! Where a part of the model was written, and where a field of it stands.

use std::sync::Arc;

use text::Place;
use yaml::Node;

/// A part of a file that was read: the tree, and the way to the part.
#[derive(Clone, Debug)]
pub struct Origin {
    file: Arc<str>,
    tree: Arc<Node>,
    path: Vec<Step>,
}

/// One step from the root of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Origin {
    /// Returns the origin of the whole of a file.
    pub fn of_file(file: &Arc<str>, tree: &Arc<Node>) -> Origin {
        Origin { file: Arc::clone(file), tree: Arc::clone(tree), path: Vec::new() }
    }

    /// Returns the file's name.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// Returns the origin of a part of this one; the part need not be there.
    ///
    /// A field is written `resources.limits.memory`, an item of a list `volumes.0`.
    #[must_use]
    pub fn part(&self, field: &str) -> Origin {
        let mut part = self.clone();
        part.path.extend(steps(field));
        part
    }

    /// Returns the origin of the value of one key, whatever characters the key has.
    #[must_use]
    pub fn key(&self, key: &str) -> Origin {
        let mut part = self.clone();
        part.path.push(Step::Key(key.to_owned()));
        part
    }

    /// Returns the origin of an item of a list.
    #[must_use]
    pub fn item(&self, index: usize) -> Origin {
        let mut part = self.clone();
        part.path.push(Step::Index(index));
        part
    }

    /// Returns the node itself, if it was written.
    pub fn node(&self) -> Option<&Node> {
        let (node, rest) = walk(&self.tree, &self.path);
        rest.is_empty().then_some(node)
    }

    /// Returns the node of a field, if it was written.
    pub fn get(&self, field: &str) -> Option<&Node> {
        let mut node = self.node()?;
        for step in steps(field) {
            node = child(node, &step)?;
        }
        Some(node)
    }

    /// Whether a field was written and is not null.
    pub fn has(&self, field: &str) -> bool {
        self.get(field).is_some_and(|node| !node.is_null())
    }

    /// Returns the place of a field's value, or of the nearest parent that was written.
    ///
    /// A parent that is a list or map over several lines is pointed at by its first line.
    pub fn place(&self, field: &str) -> Place {
        self.part(field).here()
    }

    /// Returns the place of this part, or of the nearest parent that was written.
    pub fn here(&self) -> Place {
        let (node, _) = walk(&self.tree, &self.path);
        Place::new(&self.file, node.span.range())
    }

    /// Returns the place of a field's key, or of its nearest parent where it was not written.
    pub fn key_place(&self, field: &str) -> Place {
        let part = self.part(field);
        let Some((Step::Key(name), parents)) = part.path.split_last() else {
            return part.here();
        };
        let (parent, rest) = walk(&self.tree, parents);
        match parent.entry(name) {
            Some((key, _)) if rest.is_empty() => Place::new(&self.file, key.span.range()),
            _ => part.here(),
        }
    }
}

/// Returns the deepest written node on the way, and the steps that lead to nothing.
fn walk<'n, 's>(tree: &'n Node, path: &'s [Step]) -> (&'n Node, &'s [Step]) {
    let mut node = tree;
    let mut rest = path;
    while let Some((step, further)) = rest.split_first() {
        let Some(next) = child(node, step) else { break };
        node = next;
        rest = further;
    }
    (node, rest)
}

fn child<'n>(node: &'n Node, step: &Step) -> Option<&'n Node> {
    match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.item(*index),
    }
}

fn steps(field: &str) -> impl Iterator<Item = Step> {
    field.split('.').filter(|part| !part.is_empty()).map(|part| match part.parse() {
        Ok(index) => Step::Index(index),
        Err(_) => Step::Key(part.to_owned()),
    })
}
