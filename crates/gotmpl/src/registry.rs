//! All functions by name: Helm's and sprig's first, then Go's own.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::call::{FunctionEntry, Param, Signature};
use crate::{builtins, functions, helm_functions};

/// What stands behind a function's name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Callee {
    /// A function of the table.
    Plain(&'static FunctionEntry),
    /// `and`, which stops early.
    And,
    /// `or`, which stops early.
    Or,
    /// `include`, which needs the engine.
    Include,
    /// `tpl`, which needs the engine.
    Tpl,
}

static VARIADIC: Signature = Signature { params: &[Param::Any], variadic: Some(Param::Any) };
static TEXT_AND_DATA: Signature =
    Signature { params: &[Param::String, Param::Any], variadic: None };

impl Callee {
    pub(crate) fn signature(self) -> &'static Signature {
        match self {
            Callee::Plain(entry) => &entry.signature,
            Callee::And | Callee::Or => &VARIADIC,
            Callee::Include | Callee::Tpl => &TEXT_AND_DATA,
        }
    }
}

/// Returns the function of a name.
pub(crate) fn find(name: &str) -> Option<Callee> {
    static TABLE: OnceLock<HashMap<&'static str, Callee>> = OnceLock::new();
    TABLE.get_or_init(build).get(name).copied()
}

fn build() -> HashMap<&'static str, Callee> {
    let mut table = HashMap::new();
    // Later ones win, as Helm's functions win over Go's.
    for entry in builtins::TABLE.iter().chain(functions::all()).chain(helm_functions::TABLE) {
        table.insert(entry.name, Callee::Plain(entry));
    }
    table.insert("and", Callee::And);
    table.insert("or", Callee::Or);
    table.insert("include", Callee::Include);
    table.insert("tpl", Callee::Tpl);
    table
}
