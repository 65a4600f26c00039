//! Parsed templates by name.

use std::collections::HashMap;
use std::sync::Arc;

use crate::code::Template;
use crate::compile::compile;
use crate::error::ParseError;
use crate::parse;
use crate::registry;

/// Parsed templates by name: made once per chart, shared between threads.
#[derive(Debug, Default, Clone)]
pub struct TemplateSet {
    templates: HashMap<Box<[u8]>, Arc<Template>>,
}

impl TemplateSet {
    /// Returns a set without templates.
    pub fn new() -> TemplateSet {
        TemplateSet::default()
    }

    /// Parses a file: the template of its name and all it defines.
    ///
    /// Later definitions win, except that an empty one does not replace an earlier one.
    pub fn add(&mut self, name: &str, source: &[u8]) -> Result<(), ParseError> {
        let parsed = parse::parse(name, source, &|name| registry::find(name).is_some())?;
        let tree = Arc::new(parsed.tree);
        for (name, root) in parsed.templates {
            let template = compile(&tree, name, root);
            if template.empty && self.templates.contains_key(&*template.name) {
                continue;
            }
            self.templates.insert(template.name.clone().into_boxed_slice(), Arc::new(template));
        }
        Ok(())
    }

    /// Reports whether there is a template of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.templates.contains_key(name.as_bytes())
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<&Arc<Template>> {
        self.templates.get(name)
    }
}
