//! Compiles the tree of a template to operations.
//!
//! Follows the order in which Go evaluates, and keeps track of the node that Go would be at, so
//! that messages name the same place. Recursion is as deep as the parser lets nodes nest.

use std::sync::Arc;

use crate::builtins;
use crate::call::{Param, Signature};
use crate::code::{Base, Chain, Loop, Op, Source, Template};
use crate::parse::ast::{Branch, NodeId, NodeKind, Place, Tree};
use crate::parse::number::{self, Ideal, Number};
use crate::registry::Callee;
use crate::value::frozen::Scalar;
use crate::value::{Int, IntKind, Str};

/// Compiles one template of a file; `find` returns what stands behind the name of a function.
pub(crate) fn compile(
    tree: &Arc<Tree>,
    name: Vec<u8>,
    root: NodeId,
    find: fn(&str) -> Option<Callee>,
) -> Template {
    let mut compiler = Compiler {
        tree,
        find,
        at: root,
        template: Template {
            name,
            tree: Arc::clone(tree),
            empty: crate::parse::is_empty(tree, root),
            code: Vec::new(),
            sites: Vec::new(),
            constants: Vec::new(),
            chains: Vec::new(),
            loops: Vec::new(),
            names: Vec::new(),
            messages: Vec::new(),
            slots: 1,
        },
        scope: vec![(b"$", 0)],
        loops: Vec::new(),
        withs: 0,
    };
    compiler.node(root);
    compiler.emit(Op::Return);
    compiler.template
}

struct OpenLoop {
    next: u32,
    /// How many `with`s were open when the loop began.
    withs: usize,
    breaks: Vec<usize>,
}

struct Compiler<'a> {
    tree: &'a Tree,
    find: fn(&str) -> Option<Callee>,
    /// The node Go would name if something failed now.
    at: NodeId,
    template: Template,
    scope: Vec<(&'a [u8], u32)>,
    loops: Vec<OpenLoop>,
    withs: usize,
}

impl<'a> Compiler<'a> {
    fn emit(&mut self, op: Op) -> usize {
        self.template.code.push(op);
        self.template.sites.push(self.at);
        self.template.code.len() - 1
    }

    fn here(&self) -> u32 {
        index(self.template.code.len())
    }

    /// Makes the jump at a place lead here.
    fn land(&mut self, at: usize) {
        let here = self.here();
        if let Some(Op::Jump(to) | Op::JumpUnless(to) | Op::JumpKeeping { to, .. }) =
            self.template.code.get_mut(at)
        {
            *to = here;
        }
    }

    fn fail(&mut self, message: String) {
        let index = index(self.template.messages.len());
        self.template.messages.push(message);
        self.emit(Op::Fail(index));
    }

    fn constant(&mut self, value: Scalar) {
        let index = index(self.template.constants.len());
        self.template.constants.push(value);
        self.emit(Op::Constant(index));
    }

    fn slot(&mut self) -> u32 {
        self.template.slots += 1;
        index(self.template.slots - 1)
    }

    fn node(&mut self, id: NodeId) {
        self.at = id;
        let tree = self.tree;
        match tree.kind(id) {
            NodeKind::List(nodes) => {
                for node in tree.members(*nodes) {
                    self.node(*node);
                }
            }
            NodeKind::Text(place) => {
                self.emit(Op::Text(place.clone()));
            }
            NodeKind::Action(pipe) => {
                let declares = matches!(tree.kind(*pipe), NodeKind::Pipe { variables, .. } if !variables.is_empty());
                self.pipe(*pipe);
                self.at = id;
                self.emit(if declares { Op::Pop } else { Op::Print });
            }
            NodeKind::If(branch) => self.if_or_with(branch, false),
            NodeKind::With(branch) => self.if_or_with(branch, true),
            NodeKind::Range(branch) => self.range(branch),
            NodeKind::Template { name, pipe } => {
                let name_index = index(self.template.names.len());
                self.template.names.push(tree.unquoted(name));
                self.emit(Op::TemplateCheck { name: name_index });
                if let Some(pipe) = pipe {
                    self.pipe(*pipe);
                }
                self.at = id;
                self.emit(Op::Template { name: name_index, data: pipe.is_some() });
            }
            NodeKind::Break | NodeKind::Continue => {
                let Some(open) = self.loops.last() else {
                    return;
                };
                let (next, withs) = (open.next, self.withs - open.withs);
                for _ in 0..withs {
                    self.emit(Op::LeaveWith);
                }
                if matches!(tree.kind(id), NodeKind::Continue) {
                    self.emit(Op::Jump(next));
                } else {
                    self.emit(Op::RangeLeave);
                    let jump = self.emit(Op::Jump(0));
                    if let Some(open) = self.loops.last_mut() {
                        open.breaks.push(jump);
                    }
                }
            }
            _ => {}
        }
    }

    fn if_or_with(&mut self, branch: &Branch, with: bool) {
        let visible = self.scope.len();
        self.pipe(branch.pipe);
        if with {
            // Kept on the stack where it is true, popped where not: the else branch comes first.
            let enter = self.emit(Op::JumpKeeping { when: true, to: 0 });
            if let Some(else_list) = branch.else_list {
                self.node(else_list);
            }
            let skip = self.emit(Op::Jump(0));
            self.land(enter);
            self.emit(Op::EnterWith);
            self.withs += 1;
            self.node(branch.list);
            self.withs -= 1;
            self.emit(Op::LeaveWith);
            self.land(skip);
        } else {
            let otherwise = self.emit(Op::JumpUnless(0));
            self.node(branch.list);
            match branch.else_list {
                Some(else_list) => {
                    let skip = self.emit(Op::Jump(0));
                    self.land(otherwise);
                    self.node(else_list);
                    self.land(skip);
                }
                None => self.land(otherwise),
            }
        }
        self.scope.truncate(visible);
    }

    fn range(&mut self, branch: &Branch) {
        let visible = self.scope.len();
        self.pipe(branch.pipe);
        let mut this = Loop::default();
        if let NodeKind::Pipe { variables, assign, .. } = self.tree.kind(branch.pipe) {
            this.variables = variables.len();
            this.assign = *assign;
            let names = self.tree.members(*variables);
            this.first = names.first().and_then(|variable| self.lookup(*variable));
            this.second = names.get(1).and_then(|variable| self.lookup(*variable));
        }
        let loop_index = index(self.template.loops.len());
        self.template.loops.push(this);
        self.emit(Op::RangeStart(loop_index));
        let next = self.here();
        self.emit(Op::RangeNext(loop_index));
        self.loops.push(OpenLoop { next, withs: self.withs, breaks: Vec::new() });
        self.node(branch.list);
        self.emit(Op::Jump(next));
        let else_at = self.here();
        let breaks = self.loops.pop().map(|open| open.breaks).unwrap_or_default();
        if let Some(else_list) = branch.else_list {
            self.node(else_list);
        }
        let end_at = self.here();
        if let Some(this) = self.template.loops.get_mut(loop_index as usize) {
            this.else_at = else_at;
            this.end_at = end_at;
        }
        for jump in breaks {
            self.land(jump);
        }
        self.scope.truncate(visible);
    }

    fn lookup(&self, variable: NodeId) -> Option<u32> {
        let NodeKind::Variable { name, .. } = self.tree.kind(variable) else {
            return None;
        };
        let name = self.tree.slice(name);
        self.scope.iter().rev().find(|entry| entry.0 == name).map(|entry| entry.1)
    }

    fn pipe(&mut self, id: NodeId) {
        self.at = id;
        let tree = self.tree;
        let NodeKind::Pipe { variables, assign, commands } = tree.kind(id) else {
            return;
        };
        for (stage, command) in tree.members(*commands).iter().enumerate() {
            self.command(*command, stage > 0);
        }
        for variable in tree.members(*variables) {
            let slot = if *assign {
                self.lookup(*variable)
            } else {
                let NodeKind::Variable { name, .. } = tree.kind(*variable) else {
                    continue;
                };
                let slot = self.slot();
                self.scope.push((tree.slice(name), slot));
                Some(slot)
            };
            match slot {
                Some(slot) => {
                    self.emit(Op::Store(slot));
                }
                None => self.undefined(*variable),
            }
        }
    }

    fn undefined(&mut self, variable: NodeId) {
        if let NodeKind::Variable { name, .. } = self.tree.kind(variable) {
            let name = String::from_utf8_lossy(self.tree.slice(name)).into_owned();
            self.fail(format!("undefined variable: {name}"));
        }
    }

    /// Leaves one value on the stack, in place of the piped one if there is that.
    fn command(&mut self, id: NodeId, piped: bool) {
        let tree = self.tree;
        let NodeKind::Command(arguments) = tree.kind(id) else {
            return;
        };
        let Some((&first, rest)) = tree.members(*arguments).split_first() else {
            return;
        };
        match tree.kind(first) {
            NodeKind::Field(_) | NodeKind::Chain { .. } => self.chain(first, rest, piped),
            NodeKind::Variable { fields, .. } => {
                if fields.is_empty() {
                    self.at = first;
                    if self.takes_no_arguments(first, rest, piped) {
                        self.variable(first);
                    }
                } else {
                    self.chain(first, rest, piped);
                }
            }
            NodeKind::Identifier(place) => self.call(first, place, id, rest, piped),
            NodeKind::Pipe { .. } => {
                if self.takes_no_arguments(first, rest, piped) {
                    self.pipe(first);
                }
            }
            kind => {
                self.at = first;
                if !self.takes_no_arguments(first, rest, piped) {
                    return;
                }
                match kind {
                    NodeKind::Bool(value) => self.constant(Scalar::Bool(*value)),
                    NodeKind::Dot => {
                        self.emit(Op::Dot);
                    }
                    NodeKind::Nil => self.fail("nil is not a command".to_owned()),
                    NodeKind::Number(_) | NodeKind::Character(_) => self.ideal(first),
                    NodeKind::String(quoted) => {
                        self.constant(Scalar::Str(Str::from(tree.unquoted(quoted).as_slice())));
                    }
                    _ => {}
                }
            }
        }
    }

    fn takes_no_arguments(&mut self, first: NodeId, rest: &[NodeId], piped: bool) -> bool {
        if rest.is_empty() && !piped {
            return true;
        }
        let shown = self.tree.text(first);
        self.fail(format!("can't give argument to non-function {shown}"));
        false
    }

    fn variable(&mut self, id: NodeId) {
        match self.lookup(id) {
            Some(slot) => {
                self.emit(Op::Variable(slot));
            }
            None => self.undefined(id),
        }
    }

    /// Returns the value of a number or character; the parser has checked that it can be read.
    fn number(&self, id: NodeId) -> Number {
        let read = match self.tree.kind(id) {
            NodeKind::Character(text) => number::character(self.tree.slice(text)),
            NodeKind::Number(text) => number::number(self.tree.slice(text)),
            _ => return Number::default(),
        };
        read.unwrap_or_default()
    }

    fn ideal(&mut self, id: NodeId) {
        self.at = id;
        match self.number(id).ideal {
            Ideal::Float(value) => self.constant(Scalar::Float(value)),
            Ideal::Int(value) => self.constant(Scalar::Int(Int::new(IntKind::Int, value))),
            Ideal::Overflow => {
                let shown = self.tree.text(id);
                self.fail(format!("{shown} overflows int"));
            }
        }
    }

    /// A field chain, with the arguments that follow it.
    fn chain(&mut self, id: NodeId, rest: &[NodeId], piped: bool) {
        self.at = id;
        let tree = self.tree;
        let (base, fields) = match tree.kind(id) {
            NodeKind::Field(place) => (Base::Dot, place),
            NodeKind::Variable { fields, .. } => match self.lookup(id) {
                Some(slot) => (Base::Variable(slot), fields),
                None => return self.undefined(id),
            },
            NodeKind::Chain { base, fields } => {
                if matches!(tree.kind(*base), NodeKind::Nil) {
                    let shown = tree.text(id);
                    return self.fail(format!("indirection through explicit nil in {shown}"));
                }
                self.argument(*base, None);
                (Base::Stack, fields)
            }
            _ => return,
        };
        let names = split_fields(tree, fields);
        let arguments = index(rest.len());
        let chain = Chain { base, names, arguments, piped };
        let chain_index = index(self.template.chains.len());
        self.template.chains.push(chain);
        if rest.is_empty() && !piped {
            self.emit(Op::Chain(chain_index));
            return;
        }
        // What stands at the receiver is known only at run time: arguments are taken as they are.
        self.emit(Op::Receiver(chain_index));
        for (position, argument) in rest.iter().enumerate() {
            self.argument(*argument, Some(&Param::Any));
            let source = self.source(*argument);
            self.emit(Op::CheckMethod { chain: chain_index, position: index(position), source });
        }
        if piped {
            self.emit(Op::CheckMethodPiped(chain_index));
        }
        self.emit_at(id, Op::Method(chain_index));
    }

    fn call(&mut self, id: NodeId, place: &Place, node: NodeId, rest: &[NodeId], piped: bool) {
        self.at = id;
        let tree = self.tree;
        let name = String::from_utf8_lossy(tree.slice(place)).into_owned();
        let Some(callee) = (self.find)(&name) else {
            return self.fail(format!("{name:?} is not a defined function"));
        };
        let signature = callee.signature();
        if let Some(message) = wrong_count(&name, signature, rest.len(), piped) {
            return self.fail(message);
        }
        let function = match callee {
            Callee::And => return self.and_or(rest, piped, false),
            Callee::Or => return self.and_or(rest, piped, true),
            Callee::Include | Callee::Tpl => None,
            Callee::Plain(function) => Some(function),
        };
        let mut arguments = rest.len();
        if name == "call" {
            // Its messages name the expression that should have been a function.
            let shown = rest.first().map(|first| tree.text(*first)).unwrap_or_default();
            self.constant(Scalar::Str(Str::from(shown)));
            arguments += 1;
        }
        for (position, argument) in rest.iter().enumerate() {
            self.argument(*argument, Some(parameter(signature, position)));
        }
        if piped {
            let parameter = parameter(signature, rest.len());
            if *parameter != Param::Any {
                self.emit(Op::CheckPiped(parameter, index(arguments)));
            }
        }
        let op = match (function, callee) {
            (Some(function), _) => {
                let function = match rest.first() {
                    // Go tells a nil that was read from a map from no value at all.
                    Some(first) if name == "len" && self.is_chain(*first) => {
                        &builtins::LEN_OF_FIELD
                    }
                    _ => function,
                };
                Op::Call { function, arguments: index(arguments), piped }
            }
            (None, Callee::Tpl) => Op::Tpl { piped },
            (None, _) => Op::Include { piped },
        };
        self.emit_at(node, op);
    }

    /// Emits an operation that Go would name another node for, but only if it fails.
    fn emit_at(&mut self, node: NodeId, op: Op) {
        let at = std::mem::replace(&mut self.at, node);
        self.emit(op);
        self.at = at;
    }

    /// Where the value of an argument comes from.
    fn source(&self, id: NodeId) -> Source {
        match self.tree.kind(id) {
            NodeKind::Dot => Source::Dot,
            NodeKind::Variable { fields, .. } if fields.is_empty() => {
                self.lookup(id).map_or(Source::Plain, Source::Variable)
            }
            NodeKind::Bool(_)
            | NodeKind::Number(_)
            | NodeKind::Character(_)
            | NodeKind::String(_) => Source::Literal,
            _ if self.is_chain(id) => Source::Field,
            _ => Source::Plain,
        }
    }

    fn is_chain(&self, id: NodeId) -> bool {
        match self.tree.kind(id) {
            NodeKind::Field(_) | NodeKind::Chain { .. } => true,
            NodeKind::Variable { fields, .. } => !fields.is_empty(),
            _ => false,
        }
    }

    fn and_or(&mut self, rest: &[NodeId], piped: bool, when: bool) {
        let mut jumps = Vec::new();
        for (position, argument) in rest.iter().enumerate() {
            self.argument(*argument, Some(&Param::Any));
            if piped || position + 1 < rest.len() {
                jumps.push(self.emit(Op::JumpKeeping { when, to: 0 }));
            }
        }
        if !piped {
            for jump in jumps {
                self.land(jump);
            }
            return;
        }
        // No argument decided: the piped value is on top.
        let done = self.emit(Op::Jump(0));
        for jump in jumps {
            self.land(jump);
        }
        self.emit(Op::Nip);
        self.land(done);
    }

    fn argument(&mut self, id: NodeId, parameter: Option<&'static Param>) {
        self.at = id;
        let tree = self.tree;
        match tree.kind(id) {
            NodeKind::Dot => {
                self.emit(Op::Dot);
            }
            NodeKind::Nil => {
                match parameter {
                    Some(
                        Param::String | Param::Bool | Param::Int | Param::Int64 | Param::Float64,
                    ) => {
                        let expected = parameter.map_or("", |parameter| parameter.name());
                        self.fail(format!("cannot assign nil to {expected}"));
                    }
                    _ => self.constant(Scalar::Nil),
                }
                return;
            }
            NodeKind::Variable { fields, .. } if fields.is_empty() => self.variable(id),
            NodeKind::Field(_) | NodeKind::Chain { .. } | NodeKind::Variable { .. } => {
                self.chain(id, &[], false);
            }
            NodeKind::Pipe { .. } => self.pipe(id),
            NodeKind::Identifier(place) => self.call(id, place, id, &[], false),
            kind => {
                self.literal(id, kind, parameter.unwrap_or(&Param::Any));
                return;
            }
        }
        if let Some(parameter) = parameter
            && *parameter != Param::Any
        {
            let source = self.source(id);
            self.emit(Op::Check(parameter, source));
        }
    }

    fn literal(&mut self, id: NodeId, kind: &NodeKind, parameter: &Param) {
        let value = match (parameter, kind) {
            (Param::Any | Param::Bool, NodeKind::Bool(value)) => Some(Scalar::Bool(*value)),
            (Param::Any | Param::String, NodeKind::String(quoted)) => {
                Some(Scalar::Str(Str::from(self.tree.unquoted(quoted).as_slice())))
            }
            (Param::Any, NodeKind::Number(_) | NodeKind::Character(_)) => return self.ideal(id),
            (Param::Int, NodeKind::Number(_) | NodeKind::Character(_)) => {
                self.number(id).int.map(|value| Scalar::Int(Int::new(IntKind::Int, value)))
            }
            (Param::Int64, NodeKind::Number(_) | NodeKind::Character(_)) => {
                self.number(id).int.map(|value| Scalar::Int(Int::new(IntKind::Int64, value)))
            }
            (Param::Float64, NodeKind::Number(_) | NodeKind::Character(_)) => {
                self.number(id).float.map(Scalar::Float)
            }
            _ => None,
        };
        if let Some(value) = value {
            return self.constant(value);
        }
        let found = self.tree.text(id);
        let expected = match parameter {
            Param::Bool => "bool",
            Param::String => "string",
            Param::Int | Param::Int64 => "integer",
            Param::Float64 => "float",
            other => {
                let name = other.name();
                return self.fail(format!("can't handle {found} for arg of type {name}"));
            }
        };
        self.fail(format!("expected {expected}; found {found}"));
    }
}

fn parameter(signature: &'static Signature, position: usize) -> &'static Param {
    match signature.params.get(position) {
        Some(parameter) => parameter,
        None => signature.variadic.as_ref().unwrap_or(&Param::Any),
    }
}

/// Go's message when the number of arguments does not fit.
pub(crate) fn wrong_count(
    name: &str,
    signature: &Signature,
    arguments: usize,
    piped: bool,
) -> Option<String> {
    let want = signature.params.len();
    let got = arguments + usize::from(piped);
    if signature.variadic.is_some() {
        (got < want).then(|| {
            format!("wrong number of args for {name}: want at least {want} got {arguments}")
        })
    } else {
        (got != want).then(|| format!("wrong number of args for {name}: want {want} got {got}"))
    }
}

/// Returns the places of the names in `.a.b`.
fn split_fields(tree: &Tree, fields: &Place) -> Vec<Place> {
    let mut names = Vec::new();
    let mut start = fields.start;
    for (offset, byte) in tree.slice(fields).iter().enumerate() {
        if *byte == b'.' {
            let at = fields.start + index(offset);
            if at > start {
                names.push(start..at);
            }
            start = at + 1;
        }
    }
    names.push(start..fields.end);
    names
}

fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
