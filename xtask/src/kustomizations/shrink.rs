//! Makes a tree smaller while a difference stays: files, documents, fields and items are taken away.

use anyhow::Result;
use serde_json::Value;

use super::tree::{File, Tree};

/// So many trials are enough for any tree of the grammar.
const MOST_TRIALS: usize = 1500;

/// Returns the smallest tree that was found for which `differs` still holds.
pub(crate) fn shrink(mut tree: Tree, differs: impl Fn(&Tree) -> Result<bool>) -> Result<Tree> {
    let mut trials = 0;
    loop {
        let mut smaller = false;
        // A smaller tree has other places, so each success begins again at the same number.
        let mut number = 0;
        while let Some(candidate) = without(&tree, number) {
            trials += 1;
            if trials > MOST_TRIALS {
                return Ok(tree);
            }
            if differs(&candidate)? {
                tree = candidate;
                smaller = true;
            } else {
                number += 1;
            }
        }
        if !smaller {
            return Ok(tree);
        }
    }
}

/// Returns the tree without its part of this number: files first, then what is in them, outside in.
fn without(tree: &Tree, number: usize) -> Option<Tree> {
    let mut left = number;
    if let Some(path) = tree.files.keys().nth(left) {
        let mut smaller = tree.clone();
        smaller.files.remove(path);
        return Some(smaller);
    }
    left -= tree.files.len();
    for depth in 0..12 {
        for (path, file) in &tree.files {
            let File::Documents(documents) = file else { continue };
            let mut documents = Value::Array(documents.clone());
            if remove(&mut documents, depth, &mut left) {
                let Value::Array(documents) = documents else { return None };
                let mut smaller = tree.clone();
                smaller.files.insert(path.clone(), File::Documents(documents));
                return Some(smaller);
            }
        }
    }
    None
}

/// Takes away the part of this number among those at a depth; says whether there was one.
fn remove(value: &mut Value, depth: usize, left: &mut usize) -> bool {
    match value {
        Value::Array(items) if depth == 0 => {
            if *left < items.len() {
                items.remove(*left);
                return true;
            }
            *left -= items.len();
            false
        }
        Value::Object(fields) if depth == 0 => {
            let key = fields.keys().nth(*left).cloned();
            match key {
                Some(key) => fields.shift_remove(&key).is_some(),
                None => {
                    *left -= fields.len();
                    false
                }
            }
        }
        Value::Array(items) => items.iter_mut().any(|item| remove(item, depth - 1, left)),
        Value::Object(fields) => fields.values_mut().any(|value| remove(value, depth - 1, left)),
        _ => false,
    }
}
