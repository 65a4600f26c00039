//! What templates are compiled to: a flat list of operations for a small stack machine.
//!
//! Names are resolved as far as they can be before execution: functions to their code, variables
//! to slots, blocks to jumps, mistakes that Go would find when it gets there to [`Op::Fail`].

use std::sync::Arc;

use crate::call::{FunctionEntry, Param};
use crate::parse::ast::{NodeId, Place, Tree};
use crate::value::frozen::Scalar;

/// One operation. "Push" and "pop" are about the value stack.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// Write a piece of the source.
    Text(Place),
    /// Pop and write.
    Print,
    /// Pop.
    Pop,
    /// Remove the value below the top one.
    Nip,
    /// Push a constant.
    Constant(u32),
    /// Push dot.
    Dot,
    /// Push a variable.
    Variable(u32),
    /// Copy the top value into a variable.
    Store(u32),
    /// Push what a chain of fields leads to.
    Chain(u32),
    /// Find the receiver and method for a call with arguments, or fail; push the receiver.
    Receiver(u32),
    /// Call the method found by [`Op::Receiver`] with the values pushed since.
    Method(u32),
    /// Check the top value as an argument of the method found by [`Op::Receiver`].
    CheckMethod { chain: u32, position: u32, source: Source },
    /// Check the piped value as the last argument of that method.
    CheckMethodPiped(u32),
    /// Check the type of the top value.
    Check(&'static Param, Source),
    /// Check the type of the value that was piped in and lies below the arguments.
    CheckPiped(&'static Param, u32),
    /// Call a function with that many values from the stack.
    Call { function: &'static FunctionEntry, arguments: u32, piped: bool },
    /// Call `include`.
    Include { piped: bool },
    /// Call `tpl`.
    Tpl { piped: bool },
    /// Go on elsewhere.
    Jump(u32),
    /// Pop; go on elsewhere if it is not true.
    JumpUnless(u32),
    /// Go on elsewhere if the top value is as true as `when`, else pop it.
    JumpKeeping { when: bool, to: u32 },
    /// Pop and make it dot.
    EnterWith,
    /// Go back to the dot before.
    LeaveWith,
    /// Pop and begin to go over its elements.
    RangeStart(u32),
    /// Take the next element, or leave the loop.
    RangeNext(u32),
    /// Leave the loop early.
    RangeLeave,
    /// Execute another template on the value popped, or on nothing.
    Template { name: u32, data: bool },
    /// Check that a template is there and may be entered, before its data is evaluated.
    TemplateCheck { name: u32 },
    /// Stop with a message.
    Fail(u32),
    /// The end of the template.
    Return,
}

/// Where an argument comes from: Go's messages about nil depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Plain,
    Literal,
    Field,
    Dot,
    Variable(u32),
}

/// What a chain of fields starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    Dot,
    Variable(u32),
    Stack,
}

/// A chain of fields, perhaps with arguments for the last one.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(crate) base: Base,
    pub(crate) names: Vec<Place>,
    pub(crate) arguments: u32,
    pub(crate) piped: bool,
}

/// A `range` loop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loop {
    /// How many variables are named.
    pub(crate) variables: usize,
    pub(crate) first: Option<u32>,
    pub(crate) second: Option<u32>,
    /// `range $i, $x = …`: the variables are those of an outer scope.
    pub(crate) assign: bool,
    pub(crate) else_at: u32,
    pub(crate) end_at: u32,
}

/// A template ready to be executed.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) name: Vec<u8>,
    pub(crate) tree: Arc<Tree>,
    /// Nothing but blanks and comments: such a template does not replace another.
    pub(crate) empty: bool,
    pub(crate) code: Vec<Op>,
    /// For each operation, the node that Go would name in an error.
    pub(crate) sites: Vec<NodeId>,
    pub(crate) constants: Vec<Scalar>,
    pub(crate) chains: Vec<Chain>,
    pub(crate) loops: Vec<Loop>,
    pub(crate) names: Vec<Vec<u8>>,
    pub(crate) messages: Vec<String>,
    pub(crate) slots: usize,
}
