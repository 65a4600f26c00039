//! Executes compiled templates on a machine of its own: frames, values, dots and loops are all
//! kept in vectors, so that no template can use up Rust's stack.
//!
//! `template`, `include` and `tpl` push a frame; everything else happens within one. Each
//! operation and each byte written costs fuel.

mod call;
mod chart_values;
mod field;
mod nested;
mod range;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::call::CallContext;
use crate::code::{Base, Op, Source, Template};
use crate::error::ExecError;
use crate::options::Options;
use crate::parse::ast::NodeId;
use crate::set::TemplateSet;
use crate::value::frozen::Scalar;
use crate::value::{Str, Value};

pub use nested::without_no_value;
use nested::{FrameKind, Space};
use range::Iteration;

/// Go's limit for templates that call templates.
const MAX_TEMPLATE_DEPTH: usize = 100_000;

/// Helm's limit for `include` of the same name within itself.
const MAX_INCLUDE_DEPTH: usize = 1_000;

/// A value, and whether Go would see it through an `interface {}`.
#[derive(Debug, Clone, Default)]
struct Slot {
    value: Value,
    interface: bool,
}

impl Slot {
    fn plain(value: Value) -> Slot {
        Slot { value, interface: false }
    }
}

/// A template being executed.
#[derive(Debug)]
struct Frame {
    template: Arc<Template>,
    pc: usize,
    kind: FrameKind,
    /// Where this frame's part of each of the machine's vectors begins.
    variables: usize,
    dots: usize,
    loops: usize,
    stack: usize,
    /// The dot of the frame below.
    outer_dot: Slot,
    /// How many templates called each other to come here, as Go counts.
    depth: usize,
}

/// Renders templates of one set with one state: options, fuel, random generator, caches.
#[derive(Debug)]
pub struct Engine<'a> {
    set: &'a TemplateSet,
    context: CallContext,
    frames: Vec<Frame>,
    stack: Vec<Value>,
    variables: Vec<Slot>,
    dots: Vec<Slot>,
    loops: Vec<Iteration>,
    dot: Slot,
    output: Vec<u8>,
    /// Empty buffers, to be used for outputs again.
    spare: Vec<Vec<u8>>,
    /// Templates defined by the `tpl` calls around the present frame.
    space: Option<Rc<Space>>,
    included: HashMap<Str, usize>,
    /// Where `and` or `or` last stopped early: the operation gone on with, and the argument.
    stopped_early: Option<(usize, NodeId)>,
    parsed: nested::ParseCache,
}

/// What an operation makes of the flow.
enum Flow {
    Next,
    /// Another frame is on top now, or one less.
    Switch,
}

impl<'a> Engine<'a> {
    /// Returns an engine; use one for all the templates of a release.
    pub fn new(set: &'a TemplateSet, options: Options) -> Engine<'a> {
        Engine {
            set,
            context: CallContext::new(options),
            frames: Vec::new(),
            stack: Vec::new(),
            variables: Vec::new(),
            dots: Vec::new(),
            loops: Vec::new(),
            dot: Slot::default(),
            output: Vec::new(),
            spare: Vec::new(),
            space: None,
            included: HashMap::new(),
            stopped_early: None,
            parsed: nested::ParseCache::default(),
        }
    }

    /// Returns what functions of this rendering share: fuel left, random generator, caches.
    pub fn context(&mut self) -> &mut CallContext {
        &mut self.context
    }

    /// Renders one template.
    ///
    /// `<no value>` is left in the output: helm removes it from whole files only.
    pub fn render(&mut self, name: &str, data: &Value) -> Result<Vec<u8>, ExecError> {
        let Some(template) = self.set.get(name.as_bytes()) else {
            return Err(ExecError::no_template(name));
        };
        let template = Arc::clone(template);
        self.reset();
        self.push_frame(template, FrameKind::Root, data.clone(), 0);
        match self.run() {
            Ok(()) => Ok(std::mem::take(&mut self.output)),
            Err(message) => {
                let error = self.error(message);
                self.reset();
                Err(error)
            }
        }
    }

    fn reset(&mut self) {
        self.frames.clear();
        self.stack.clear();
        self.variables.clear();
        self.dots.clear();
        self.loops.clear();
        self.dot = Slot::default();
        self.output = Vec::new();
        self.space = None;
        self.included.clear();
    }

    fn push_frame(&mut self, template: Arc<Template>, kind: FrameKind, data: Value, depth: usize) {
        let outer_dot = std::mem::replace(&mut self.dot, Slot::plain(data.clone()));
        let variables = self.variables.len();
        self.variables.push(Slot::plain(data));
        self.variables.resize_with(variables + template.slots, Slot::default);
        self.frames.push(Frame {
            template,
            pc: 0,
            kind,
            variables,
            dots: self.dots.len(),
            loops: self.loops.len(),
            stack: self.stack.len(),
            outer_dot,
            depth,
        });
    }

    fn pop_frame(&mut self) -> Option<FrameKind> {
        let frame = self.frames.pop()?;
        self.variables.truncate(frame.variables);
        self.dots.truncate(frame.dots);
        self.loops.truncate(frame.loops);
        self.stack.truncate(frame.stack);
        self.dot = frame.outer_dot;
        Some(frame.kind)
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(frame) = self.frames.last() {
            let template = Arc::clone(&frame.template);
            let variables = frame.variables;
            let mut pc = frame.pc;
            let result = loop {
                let Some(op) = template.code.get(pc) else {
                    break Ok(());
                };
                pc += 1;
                match self.step(op, &template, variables, &mut pc) {
                    Ok(Flow::Next) => {}
                    Ok(Flow::Switch) => break Ok(()),
                    Err(message) => break Err(message),
                }
            };
            if let Err(message) = result {
                if let Some(frame) = self.frames.last_mut() {
                    frame.pc = pc;
                }
                return Err(message);
            }
        }
        Ok(())
    }

    fn step(
        &mut self,
        op: &Op,
        template: &Arc<Template>,
        variables: usize,
        pc: &mut usize,
    ) -> Result<Flow, String> {
        self.context.spend_one()?;
        match op {
            Op::Text(place) => self.write(template.tree.slice(place))?,
            Op::Print => {
                let value = self.pop();
                self.print(&value)?;
            }
            Op::Pop => drop(self.pop()),
            Op::Nip => {
                let top = self.pop();
                self.pop();
                self.stack.push(top);
            }
            Op::Constant(index) => {
                let value = template.constants.get(*index as usize);
                self.stack.push(value.map(Scalar::to_value).unwrap_or_default());
            }
            Op::Dot => self.stack.push(self.dot.value.clone()),
            Op::Variable(slot) => {
                let value = self.variables.get(variables + *slot as usize);
                self.stack.push(value.map(|slot| slot.value.clone()).unwrap_or_default());
            }
            Op::Store(slot) => {
                let value = self.stack.last().cloned().unwrap_or_default();
                if let Some(variable) = self.variables.get_mut(variables + *slot as usize) {
                    *variable = Slot::plain(value);
                }
            }
            Op::Chain(index) => {
                if let Some(chain) = template.chains.get(*index as usize) {
                    let base = self.base(chain.base, variables);
                    let end = self.follow(template, base, &chain.names)?;
                    self.stack.push(end.value);
                }
            }
            Op::Receiver(index) => {
                if let Some(chain) = template.chains.get(*index as usize) {
                    self.receiver(template, chain, variables)?;
                }
            }
            Op::Method(index) => {
                if let Some(chain) = template.chains.get(*index as usize) {
                    self.method(template, chain)?;
                }
            }
            Op::CheckMethod { chain, position, source } => {
                if let Some(chain) = template.chains.get(*chain as usize) {
                    let shown = || {
                        let site = template.sites.get(*pc - 1).copied();
                        site.map(|site| template.tree.text(site)).unwrap_or_default()
                    };
                    let interface = self.is_interface(*source, variables);
                    let literal = (*source == Source::Literal).then_some(&shown as _);
                    let position = *position as usize;
                    self.check_method(template, chain, position, interface, literal)?;
                }
            }
            Op::CheckMethodPiped(chain) => {
                if let Some(chain) = template.chains.get(*chain as usize) {
                    self.check_method_piped(template, chain)?;
                }
            }
            Op::Check(parameter, source) => self.check_top(parameter, *source, variables)?,
            Op::CheckPiped(parameter, below) => self.check_piped(parameter, *below)?,
            Op::Call { function, arguments, piped } => {
                self.call(function, *arguments as usize, *piped)?;
            }
            Op::Include { piped } => {
                self.save(*pc);
                self.include(*piped)?;
                return Ok(Flow::Switch);
            }
            Op::Tpl { piped } => {
                self.save(*pc);
                self.tpl(*piped)?;
                return Ok(Flow::Switch);
            }
            Op::Jump(to) => *pc = *to as usize,
            Op::JumpUnless(to) => {
                if !self.pop().truth() {
                    *pc = *to as usize;
                }
            }
            Op::JumpKeeping { when, to } => {
                let truth = self.stack.last().is_some_and(Value::truth);
                if truth == *when {
                    let site = template.sites.get(*pc - 1).copied();
                    *pc = *to as usize;
                    self.stopped_early = site.map(|site| (*pc, site));
                } else {
                    self.pop();
                }
            }
            Op::EnterWith => {
                let value = self.pop();
                let outer = std::mem::replace(&mut self.dot, Slot::plain(value));
                self.dots.push(outer);
            }
            Op::LeaveWith => self.dot = self.dots.pop().unwrap_or_default(),
            Op::RangeStart(index) => {
                if let Some(this) = template.loops.get(*index as usize) {
                    self.range_start(this, variables, pc)?;
                }
            }
            Op::RangeNext(index) => {
                if let Some(this) = template.loops.get(*index as usize) {
                    self.range_next(this, variables, pc);
                }
            }
            Op::RangeLeave => self.range_leave(),
            Op::TemplateCheck { name } => {
                let name = template.names.get(*name as usize).map_or(&[][..], Vec::as_slice);
                self.check_template(name)?;
            }
            Op::Template { name, data } => {
                self.save(*pc);
                let name = template.names.get(*name as usize).map_or(&[][..], Vec::as_slice);
                self.enter_template(name, *data)?;
                return Ok(Flow::Switch);
            }
            Op::Fail(index) => {
                return Err(template.messages.get(*index as usize).cloned().unwrap_or_default());
            }
            Op::Return => {
                self.leave();
                return Ok(Flow::Switch);
            }
        }
        Ok(Flow::Next)
    }

    fn save(&mut self, pc: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = pc;
        }
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or_default()
    }

    fn base(&mut self, base: Base, variables: usize) -> Slot {
        match base {
            Base::Dot => self.dot.clone(),
            Base::Variable(slot) => {
                self.variables.get(variables + slot as usize).cloned().unwrap_or_default()
            }
            Base::Stack => Slot::plain(self.pop()),
        }
    }

    fn write(&mut self, text: &[u8]) -> Result<(), String> {
        self.context.spend(text.len()).map_err(|error| error.message().to_owned())?;
        self.output.extend_from_slice(text);
        Ok(())
    }

    fn print(&mut self, value: &Value) -> Result<(), String> {
        let before = self.output.len();
        crate::fmt::print_value(&mut self.output, value).map_err(|error| error.to_string())?;
        let written = self.output.len() - before;
        self.context.spend(written).map_err(|error| error.message().to_owned())
    }

    /// Puts the places around a message, from the innermost frame outwards, as nested errors of
    /// Go do.
    fn error(&mut self, message: String) -> ExecError {
        let foreign = message.starts_with("error calling ")
            && !message.starts_with("error calling include: template: no template ");
        let mut error = ExecError::start(message);
        if foreign {
            error.set_foreign();
        }
        let mut called: Option<FrameKind> = None;
        let mut innermost = true;
        while let Some(frame) = self.frames.pop() {
            // Go's error names the template it happened in, not those that called it by
            // `template`; `include` and `tpl` are function calls that failed.
            if let Some(FrameKind::Template) = called {
                called = Some(frame.kind);
                continue;
            }
            match &called {
                Some(FrameKind::Include { .. }) => error.wrap("error calling include: "),
                Some(FrameKind::Tpl { text, .. }) => {
                    let text = crate::fmt::quote::quote(text);
                    error.set_foreign();
                    error.wrap(&format!(
                        "error calling tpl: error during tpl function execution for {text}: "
                    ));
                }
                _ if innermost => {}
                _ => break,
            }
            innermost = false;
            let site = frame.pc.checked_sub(1).and_then(|at| frame.template.sites.get(at));
            let mut node = site.copied().unwrap_or(NodeId(0));
            // Go is still at the argument that decided, when the result turns out not to fit.
            if error.is_unplaced()
                && let Some((at, argument)) = self.stopped_early
                && (at + 1..=at + 2).contains(&frame.pc)
                && let Some(Op::Check(..) | Op::CheckPiped(..) | Op::RangeStart(_)) =
                    frame.template.code.get(frame.pc - 1)
            {
                node = argument;
            }
            let tree = &frame.template.tree;
            let name = String::from_utf8_lossy(&frame.template.name).into_owned();
            error.place(tree.location(node), name, tree.text(node));
            called = Some(frame.kind);
        }
        error
    }
}
