//! The functions of sprig and Helm, one file for each group, each with a table of its functions.
//!
//! Decides what every function answers for every argument, in Go's words when it fails. In go a
//! [`CallContext`](crate::CallContext) and values that fit the function's signature, out comes a
//! value. `include`, `tpl`, `required`, `fail` and `lookup` need the engine and are not here.
//! Never reads a clock, a file, the environment or the network: `now` and random numbers come
//! from the options, `getHostByName` answers nothing, and `env` does not exist.

pub(crate) mod application_sets;
mod arguments;
mod cast;
mod certificates;
mod data;
mod dates;
mod decimal;
mod defaults;
mod der;
mod dicts;
mod durations;
mod encoding;
mod json_read;
mod json_write;
mod keys;
mod lists;
mod merge;
mod numbers;
mod passwords;
mod paths;
mod primes;
mod print;
mod random;
mod regex;
mod regex_compiled;
mod regex_syntax;
mod regex_weight;
pub(crate) mod sealed_secrets;
mod strings;
mod text;
mod toml_read;
mod toml_write;
mod types;
mod unicode;
mod url;
mod versions;
mod words;
mod yaml_pretty;
mod yaml_write;

use crate::call::FunctionEntry;

pub(crate) use data::FROM_JSON_OF_SPRIG;
pub(crate) use text::go_quote;

/// The tables of all groups.
static TABLES: &[&[FunctionEntry]] = &[
    application_sets::TABLE,
    strings::TABLE,
    words::TABLE,
    numbers::TABLE,
    lists::TABLE,
    dicts::TABLE,
    merge::TABLE,
    defaults::TABLE,
    types::TABLE,
    data::TABLE,
    encoding::TABLE,
    paths::TABLE,
    url::TABLE,
    regex::TABLE,
    dates::TABLE,
    durations::TABLE,
    versions::TABLE,
    random::TABLE,
    passwords::TABLE,
    certificates::TABLE,
];

/// Returns all functions, in no order that means anything.
pub fn all() -> impl Iterator<Item = &'static FunctionEntry> {
    TABLES.iter().flat_map(|table| table.iter())
}
