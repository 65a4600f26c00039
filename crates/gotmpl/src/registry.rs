//! All functions by name: Helm's and sprig's first, then Go's own.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
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
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(build).get(name).copied()
}

/// Returns the function of a name where helm's own do not stand in front of sprig's: `fromJson` takes every value there,
/// and gives none where there is an error.
pub(crate) fn find_of_sprig(name: &str) -> Option<Callee> {
    match name {
        "fromJson" => Some(Callee::Plain(&functions::FROM_JSON_OF_SPRIG)),
        name => find(name),
    }
}

/// Reports whether helm has a function of a name.
pub(crate) fn is_function(name: &str) -> bool {
    find(name).is_some() && !functions::application_sets::NAMES.contains(&name)
}

/// Reports whether Argo CD's ApplicationSets have a function of a name.
pub(crate) fn is_function_of_sets(name: &str) -> bool {
    find(name).is_some() && !functions::application_sets::NOT_THEIRS.contains(&name)
}

/// Reports whether the controller of Sealed Secrets has a function of a name.
pub(crate) fn is_function_of_sealed_secrets(name: &str) -> bool {
    find(name).is_some() && !functions::sealed_secrets::NOT_THEIRS.contains(&name)
}

/// What is in the table is ours alone, so that a simple hash does.
type Table = HashMap<&'static str, Callee, BuildHasherDefault<NameHasher>>;

/// FNV-1a (Fowler, Noll, Vo), over eight bytes at a time.
struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> NameHasher {
        NameHasher(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut mix = |word: u64| {
            self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(23);
        };
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| mix(u64::from_le_bytes(*word)));
        rest.iter().for_each(|byte| mix(u64::from(*byte)));
    }

    fn finish(&self) -> u64 {
        // The table looks at the highest bits and the lowest.
        self.0 ^ (self.0 >> 29)
    }
}

fn build() -> Table {
    let mut table = Table::with_capacity_and_hasher(512, BuildHasherDefault::default());
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
