//! What a template function is: its parameters as Go declares them, and the Rust code behind it.
//!
//! The executor checks number and types of the arguments against the [`Signature`], with Go's
//! messages; the code then sees only arguments that fit. [`CallContext`] is all that a function
//! may know of the world.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;

use crate::value::Value;

/// The code of a function; the arguments fit its signature.
pub type Function = fn(&mut CallContext, &[Value]) -> Result<Value, FunctionError>;

/// The type of a parameter, as Go declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Param {
    /// `interface {}`: everything fits, also nil.
    Any,
    /// `string`.
    String,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `int64`.
    Int64,
    /// `float64`.
    Float64,
    /// `map[string]interface {}`; nil arrives as [`Value::Nil`].
    Dict,
    /// `[]interface {}`; nil arrives as [`Value::Nil`].
    List,
    /// `[]string`; nil arrives as [`Value::Nil`].
    Strings,
    /// `[]byte`; nil arrives as [`Value::Nil`].
    Bytes,
    /// Another type, by Go's name of it: only values of exactly that type fit.
    Named(&'static str),
}

impl Param {
    /// Returns Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Param::Any => "interface {}",
            Param::String => "string",
            Param::Bool => "bool",
            Param::Int => "int",
            Param::Int64 => "int64",
            Param::Float64 => "float64",
            Param::Dict => "map[string]interface {}",
            Param::List => "[]interface {}",
            Param::Strings => "[]string",
            Param::Bytes => "[]uint8",
            Param::Named(name) => name,
        }
    }
}

/// The parameters of a function or method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The parameters that must be given.
    pub params: &'static [Param],
    /// The element type of a last `...` parameter.
    pub variadic: Option<Param>,
}

/// One function of the table.
#[derive(Debug, Clone, Copy)]
pub struct FunctionEntry {
    /// The name in templates.
    pub name: &'static str,
    /// Its parameters.
    pub signature: Signature,
    /// Its code.
    pub function: Function,
}

impl FunctionEntry {
    /// Returns the entry of a function with a fixed number of parameters.
    pub const fn new(
        name: &'static str,
        params: &'static [Param],
        function: Function,
    ) -> FunctionEntry {
        FunctionEntry { name, signature: Signature { params, variadic: None }, function }
    }

    /// Returns the entry of a function whose last parameter may be repeated or left out.
    pub const fn variadic(
        name: &'static str,
        params: &'static [Param],
        rest: Param,
        function: Function,
    ) -> FunctionEntry {
        FunctionEntry { name, signature: Signature { params, variadic: Some(rest) }, function }
    }
}

/// Why a function failed, in Go's words and without the place: the executor adds that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    message: String,
}

impl FunctionError {
    /// Returns an error with this message.
    pub fn new(message: impl Into<String>) -> FunctionError {
        FunctionError { message: message.into() }
    }

    /// Returns the message.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl std::fmt::Display for FunctionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FunctionError {}

impl From<crate::value::TooDeep> for FunctionError {
    fn from(error: crate::value::TooDeep) -> FunctionError {
        FunctionError::new(error.to_string())
    }
}

const OUT_OF_FUEL: &str = "template does too much work: out of fuel";

/// What functions may know of the world and keep between calls of one rendering.
#[derive(Debug)]
pub struct CallContext {
    options: crate::Options,
    fuel: u64,
    states: BTreeMap<TypeId, Box<dyn Any>>,
}

impl CallContext {
    /// Returns a context for one rendering (for tests of single functions too).
    pub fn new(options: crate::Options) -> CallContext {
        CallContext { fuel: options.fuel, options, states: BTreeMap::new() }
    }

    /// Returns the options of this rendering.
    pub fn options(&self) -> &crate::Options {
        &self.options
    }

    /// Takes fuel for `units` of work (about: bytes written or elements visited).
    pub fn spend(&mut self, units: usize) -> Result<(), FunctionError> {
        match self.fuel.checked_sub(units as u64) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => {
                self.fuel = 0;
                Err(FunctionError::new(OUT_OF_FUEL))
            }
        }
    }

    /// Takes fuel for one step of a template.
    pub(crate) fn spend_one(&mut self) -> Result<(), String> {
        match self.fuel.checked_sub(1) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => Err(OUT_OF_FUEL.to_owned()),
        }
    }

    /// Returns how much fuel is left.
    pub fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Returns state of the caller's own type, made on first use and kept for this rendering
    /// (compiled regular expressions, the random generator, …).
    pub fn state<T: Default + 'static>(&mut self) -> &mut T {
        let state = self.states.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        if !state.is::<T>() {
            *state = Box::new(T::default());
        }
        state.downcast_mut().expect("because the entry of this type was made of this type")
    }
}
