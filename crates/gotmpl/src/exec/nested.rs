//! `template`, `include` and `tpl`: templates that execute other templates.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::code::Template;
use crate::compile::compile;
use crate::data::Data;
use crate::parse;
use crate::registry;
use crate::value::{Str, Value};

use super::{Engine, MAX_INCLUDE_DEPTH, MAX_TEMPLATE_DEPTH};

/// How a frame came to be, and what its end does.
#[derive(Debug)]
pub(super) enum FrameKind {
    /// The template that was asked for.
    Root,
    /// `{{template}}`: writes where its caller writes.
    Template,
    /// `include`: the output becomes a value of the caller.
    Include { name: Str, output: Vec<u8> },
    /// `tpl`: the same, and the templates it defined are forgotten.
    Tpl { text: Str, output: Vec<u8>, space: Option<Rc<Space>> },
}

/// Templates defined by a text given to `tpl`, in front of those around it.
#[derive(Debug)]
pub(super) struct Space {
    templates: Rc<Vec<Arc<Template>>>,
    outer: Option<Rc<Space>>,
}

/// What was parsed for `tpl`, by text: the first template is the text itself.
pub(super) type ParseCache = HashMap<Str, Rc<Vec<Arc<Template>>>>;

/// The name that helm gives to the texts of `tpl`.
const TPL_NAME: &str = "gotpl";

impl Engine<'_> {
    fn find(&self, name: &[u8]) -> Option<Arc<Template>> {
        let mut space = self.space.as_ref();
        while let Some(inner) = space {
            if let Some(template) = inner.templates.iter().find(|template| template.name == name) {
                return Some(Arc::clone(template));
            }
            space = inner.outer.as_ref();
        }
        self.set.get(name).map(Arc::clone)
    }

    pub(super) fn check_template(&self, name: &[u8]) -> Result<(), String> {
        if self.find(name).is_none() {
            return Err(format!("template {} not defined", crate::fmt::quote::quote(name)));
        }
        if self.frames.last().is_some_and(|frame| frame.depth == MAX_TEMPLATE_DEPTH) {
            return Err(format!("exceeded maximum template depth ({MAX_TEMPLATE_DEPTH})"));
        }
        Ok(())
    }

    pub(super) fn enter_template(&mut self, name: &[u8], data: bool) -> Result<(), String> {
        let data = if data { self.pop() } else { Value::Nil };
        let Some(template) = self.find(name) else {
            return Err(format!("template {} not defined", crate::fmt::quote::quote(name)));
        };
        let depth = self.frames.last().map_or(0, |frame| frame.depth + 1);
        self.push_frame(template, FrameKind::Template, data, depth);
        Ok(())
    }

    /// Takes the two arguments of `include` and `tpl` from the stack.
    fn text_and_data(&mut self, piped: bool) -> (Str, Value) {
        let last = self.pop();
        let first = self.pop();
        // What was piped in lies lowest, but is the last argument.
        let (text, data) = if piped { (last, first) } else { (first, last) };
        match text {
            Value::Str(text) => (text, data),
            _ => (Str::default(), data),
        }
    }

    pub(super) fn include(&mut self, piped: bool) -> Result<(), String> {
        let (name, data) = self.text_and_data(piped);
        let count = self.included.entry(name.clone()).or_insert(0);
        if *count > MAX_INCLUDE_DEPTH {
            return Err(format!(
                "error calling include: rendering template has a nested reference name: {name}: \
                 unable to execute template"
            ));
        }
        *count += 1;
        let Some(template) = self.find(&name) else {
            let shown = crate::fmt::quote::quote(&name);
            return Err(format!(
                "error calling include: template: no template {shown} associated with template \
                 \"{TPL_NAME}\""
            ));
        };
        let spare = self.spare.pop().unwrap_or_default();
        let output = std::mem::replace(&mut self.output, spare);
        self.push_frame(template, FrameKind::Include { name, output }, data, 0);
        Ok(())
    }

    pub(super) fn tpl(&mut self, piped: bool) -> Result<(), String> {
        let (text, data) = self.text_and_data(piped);
        let templates = match self.parsed.get(&text) {
            Some(templates) => Rc::clone(templates),
            None => {
                let templates = Rc::new(self.parse_text(&text)?);
                self.parsed.insert(text.clone(), Rc::clone(&templates));
                templates
            }
        };
        let Some(main) = templates.first().map(Arc::clone) else {
            self.stack.push(Value::Str(Str::default()));
            return Ok(());
        };
        let outer = self.space.take();
        // A text that defines nothing, and does not name itself, needs no space of its own.
        let named = memchr::memmem::find(&text, TPL_NAME.as_bytes()).is_some();
        self.space = if templates.len() > 1 || named {
            Some(Rc::new(Space { templates, outer: outer.clone() }))
        } else {
            outer.clone()
        };
        let spare = self.spare.pop().unwrap_or_default();
        let output = std::mem::replace(&mut self.output, spare);
        self.push_frame(main, FrameKind::Tpl { text, output, space: outer }, data, 0);
        Ok(())
    }

    fn parse_text(&mut self, text: &Str) -> Result<Vec<Arc<Template>>, String> {
        self.context.spend(text.len()).map_err(|error| error.message().to_owned())?;
        let parsed = parse::parse(TPL_NAME, &Data::from(&**text), registry::is_function);
        let parsed = parsed.map_err(|error| {
            let shown = crate::fmt::quote::quote(text);
            format!("error calling tpl: cannot parse template {shown}: {error}")
        })?;
        let tree = Arc::new(parsed.tree);
        let mut templates = Vec::new();
        for (name, root) in parsed.templates {
            let template = Arc::new(compile(&tree, name, root, registry::find));
            if template.name == TPL_NAME.as_bytes() {
                templates.insert(0, template);
            } else if !(template.empty && self.find(&template.name).is_some()) {
                templates.push(template);
            }
        }
        Ok(templates)
    }

    /// Keeps a buffer for the next output, unless it has become large.
    fn put_by(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= 1 << 20 && self.spare.len() < 16 {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    /// Ends the present frame, and gives its output to whoever wanted it.
    pub(super) fn leave(&mut self) {
        match self.pop_frame() {
            Some(FrameKind::Include { name, output }) => {
                if let Some(count) = self.included.get_mut(&name) {
                    *count = count.saturating_sub(1);
                }
                let text = std::mem::replace(&mut self.output, output);
                self.stack.push(Value::Str(Str::from(text.as_slice())));
                self.put_by(text);
            }
            Some(FrameKind::Tpl { output, space, .. }) => {
                self.space = space;
                let text = std::mem::replace(&mut self.output, output);
                let text = without_no_value(text);
                self.stack.push(Value::Str(Str::from(text.as_slice())));
                self.put_by(text);
            }
            Some(FrameKind::Root | FrameKind::Template) | None => {}
        }
    }
}

/// Removes every `<no value>`, as helm does from whole files and from the results of `tpl`.
pub fn without_no_value(text: Vec<u8>) -> Vec<u8> {
    const NO_VALUE: &[u8] = b"<no value>";
    let finder = memchr::memmem::Finder::new(NO_VALUE);
    if finder.find(&text).is_none() {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    for at in finder.find_iter(&text) {
        out.extend_from_slice(text.get(from..at).unwrap_or_default());
        from = at + NO_VALUE.len();
    }
    out.extend_from_slice(text.get(from..).unwrap_or_default());
    out
}
