//! `configurations`: files that say in which fields names, labels and the like are.
//!
//! Decides what such a file may hold: its reader takes no key that it does not know, and none twice. What the
//! fields are for is decided in `specs`.

use std::collections::BTreeSet;

use yaml::{Kind, Node, Schema, Value};

use crate::decode::Fields;
use crate::shape;
use crate::specs::{BackReference, Config, read_specs};

/// The lists of fields, in the order of [`Config::lists`].
const LISTS: [&str; 10] = [
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "templateLabels",
    "commonAnnotations",
    "varReference",
    "images",
    "replicas",
];

/// Reads a file of `configurations`.
pub(crate) fn read(bytes: &[u8]) -> Result<Config, String> {
    let value = Value::decode_go2(bytes).map_err(|error| error.go_text())?;
    let node = std::str::from_utf8(bytes).ok().map(|text| yaml::parse(text, Schema::Go2));
    if let Some(Ok(node)) = node {
        once(&node)?;
    }
    shape::check_configuration(&value)?;
    let fields = Fields::lenient(&value, "configuration")?;
    let mut config = Config::default();
    for (list, name) in config.lists().into_iter().zip(LISTS) {
        *list = read_specs(&fields, name)?;
    }
    for item in fields.list("nameReference")? {
        let item = Fields::lenient(item, "nameReference")?;
        let (gvk, fields) = (item.gvk()?, read_specs(&item, "fieldSpecs")?);
        config.name_reference.push(BackReference { gvk, fields });
    }
    Ok(config)
}

/// Notes the keys that a merge key brings: one that is there besides counts as a second.
fn merged_once<'n>(value: &'n Node, seen: &mut BTreeSet<&'n str>) -> Result<(), String> {
    match &value.kind {
        Kind::Map(entries) => {
            entries.iter().try_for_each(|(key, value)| match key.is_merge_key() {
                true => merged_once(value, seen),
                false => note(key, seen),
            })
        }
        Kind::List(items) => items.iter().try_for_each(|item| merged_once(item, seen)),
        _ => Ok(()),
    }
}

fn note<'n>(key: &'n Node, seen: &mut BTreeSet<&'n str>) -> Result<(), String> {
    match key.as_str() {
        Some(key) if !seen.insert(key) => Err(format!("key \"{key}\" already set in map")),
        _ => Ok(()),
    }
}

/// Refuses a key that is there twice in a map.
fn once(node: &Node) -> Result<(), String> {
    match &node.kind {
        Kind::Map(entries) => {
            let mut seen = BTreeSet::new();
            for (key, value) in entries {
                if key.is_merge_key() {
                    merged_once(value, &mut seen)?;
                } else {
                    note(key, &mut seen)?;
                }
                once(value)?;
            }
            Ok(())
        }
        Kind::List(items) => items.iter().try_for_each(once),
        _ => Ok(()),
    }
}
