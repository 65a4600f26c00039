//! Parsed templates by name.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::code::Template;
use crate::compile::compile;
use crate::data::Data;
use crate::error::ParseError;
use crate::parse::ast::{NodeId, Tree};
use crate::parse::{self, is_empty};
use crate::registry::{self, Callee};

/// Parsed templates by name: made once per chart, shared between threads.
///
/// A template is compiled when it is first executed: a release uses few of those that a chart defines.
#[derive(Debug)]
pub struct TemplateSet {
    templates: HashMap<Box<[u8]>, Parsed>,
    is_function: fn(&str) -> bool,
    find: fn(&str) -> Option<Callee>,
}

impl Default for TemplateSet {
    fn default() -> TemplateSet {
        TemplateSet::of(registry::is_function, registry::find)
    }
}

#[derive(Debug)]
struct Parsed {
    tree: Arc<Tree>,
    root: NodeId,
    compiled: OnceLock<Arc<Template>>,
}

impl TemplateSet {
    /// Returns a set without templates.
    pub fn new() -> TemplateSet {
        TemplateSet::default()
    }

    /// Returns a set whose templates have the functions of Argo CD's ApplicationSets: sprig's, `toYaml`
    /// and the like, `normalize` and `slugify`, but none of helm's own.
    pub fn of_application_sets() -> TemplateSet {
        TemplateSet::of(registry::is_function_of_sets, registry::find_of_sprig)
    }

    /// Returns a set whose templates have the functions of the controller of Sealed Secrets: sprig's, and none of
    /// helm's own.
    pub fn of_sealed_secrets() -> TemplateSet {
        TemplateSet::of(registry::is_function_of_sealed_secrets, registry::find_of_sprig)
    }

    fn of(is_function: fn(&str) -> bool, find: fn(&str) -> Option<Callee>) -> TemplateSet {
        TemplateSet { templates: HashMap::new(), is_function, find }
    }

    /// Parses a file: the template of its name and all it defines.
    ///
    /// Later definitions win, except that an empty one does not replace an earlier one.
    pub fn add(&mut self, name: &str, source: impl Into<Data>) -> Result<(), ParseError> {
        let parsed = parse::parse(name, &source.into(), self.is_function)?;
        let tree = Arc::new(parsed.tree);
        for (name, root) in parsed.templates {
            let name = name.into_boxed_slice();
            if is_empty(&tree, root) && self.templates.contains_key(&name) {
                continue;
            }
            let tree = Arc::clone(&tree);
            self.templates.insert(name, Parsed { tree, root, compiled: OnceLock::new() });
        }
        Ok(())
    }

    /// Reports whether there is a template of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.templates.contains_key(name.as_bytes())
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<&Arc<Template>> {
        let (name, parsed) = self.templates.get_key_value(name)?;
        let compiled = || Arc::new(compile(&parsed.tree, name.to_vec(), parsed.root, self.find));
        Some(parsed.compiled.get_or_init(compiled))
    }
}
