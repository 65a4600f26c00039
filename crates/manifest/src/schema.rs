//! How the lists of Kubernetes' own objects merge.

use crate::schema_table::{KINDS, TYPES};

/// A type of the schema, as an entry of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergeType(u16);

/// What the schema says about a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergeField {
    /// The keys by which the items of a list are the same; no keys for a set of plain values;
    /// `None` where lists are replaced.
    pub keys: Option<&'static [&'static str]>,
    /// The type of the value, or of the items of a list.
    pub target: Option<MergeType>,
}

impl MergeType {
    /// Returns the type of a kind, where one of its lists merges.
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        let found = KINDS.binary_search_by(|(known, _)| {
            known.bytes().cmp(api_version.bytes().chain([b' ']).chain(kind.bytes()))
        });
        KINDS.get(found.ok()?).map(|(_, index)| Self(*index))
    }

    /// Returns what is known about a field.
    pub fn field(self, name: &str) -> Option<MergeField> {
        let rows = TYPES.get(usize::from(self.0))?;
        let (_, keys, target) = rows.iter().find(|(field, _, _)| *field == name)?;
        Some(MergeField { keys: *keys, target: target.map(Self) })
    }
}
