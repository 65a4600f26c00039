//! The order in which Go's YAML writer puts the keys of a map.
//!
//! Numbers inside keys compare as numbers (`b9` before `b10`), letters come after everything else.
//! The rule is no total order: for some sets of keys Go's own result depends on chance, so sorting
//! here must survive contradictions and gives one fixed result for them.

use std::cmp::Ordering;

use crate::letters::{is_digit, is_letter};

/// Says whether go-yaml v2 writes key `a` before key `b`.
pub fn key_less(a: &str, b: &str) -> bool {
    let shared = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let (Some(left), Some(right)) = (a.as_bytes().get(shared), b.as_bytes().get(shared)) else {
        // One is the beginning of the other.
        return a.len() < b.len();
    };
    if left.is_ascii() && right.is_ascii() {
        let (is_left, is_right) = (left.is_ascii_alphabetic(), right.is_ascii_alphabetic());
        if is_left && is_right {
            return left < right;
        }
        if is_left || is_right {
            return is_right;
        }
    }
    // Back to the beginning of the character in which they differ.
    let mut at = shared;
    while !a.is_char_boundary(at) {
        at -= 1;
    }
    less_from(a, b, at)
}

/// Says whether go-yaml v3 writes key `a` before key `b`: as v2, except that after a digit a letter comes before what
/// is none.
fn key_less_go3(a: &str, b: &str) -> bool {
    let mut before = None;
    for (left, right) in a.chars().zip(b.chars()) {
        if left != right {
            let (is_left, is_right) = (is_letter(left), is_letter(right));
            if is_left != is_right && before.is_some_and(is_digit) {
                return is_left;
            }
            break;
        }
        before = Some(left);
    }
    key_less(a, b)
}

/// Compares from the first character that differs.
fn less_from(a: &str, b: &str, at: usize) -> bool {
    let (before, a_rest) = a.split_at(at);
    let b_rest = b.get(at..).unwrap_or_default();
    let (Some(left), Some(right)) = (a_rest.chars().next(), b_rest.chars().next()) else {
        return a.len() < b.len();
    };
    let (is_left, is_right) = (is_letter(left), is_letter(right));
    if is_left && is_right {
        return left < right;
    }
    if is_left || is_right {
        return is_right;
    }
    // A zero inside a longer number counts: a leading 1 stands for the digits before it.
    let inside = (left == '0' || right == '0')
        && before.chars().rev().take_while(|&c| is_digit(c)).any(|c| c != '0');
    let (left_number, left_digits) = leading_number(a_rest, inside);
    let (right_number, right_digits) = leading_number(b_rest, inside);
    left_number
        .cmp(&right_number)
        .then(left_digits.cmp(&right_digits))
        .then(left.cmp(&right))
        .is_lt()
}

/// Returns the number at the beginning (wrapping as Go's does) and how many digits it has.
fn leading_number(text: &str, inside: bool) -> (i64, usize) {
    let mut number = i64::from(inside);
    let mut digits = 0;
    for digit in text.chars().take_while(|&c| is_digit(c)) {
        let value = i64::from(u32::from(digit)) - i64::from(u32::from('0'));
        number = number.wrapping_mul(10).wrapping_add(value);
        digits += 1;
    }
    (number, digits)
}

/// Sorts keys into the order in which they are written.
pub fn sort_keys<K: AsRef<str>>(keys: &mut Vec<K>) {
    sort_by_key_order(keys, |key| key.as_ref());
}

/// Sorts anything that has a key into the order in which the keys are written.
///
/// A merge sort of our own: the standard sorts may panic on an order that contradicts itself.
pub fn sort_by_key_order<T>(items: &mut Vec<T>, key: impl Fn(&T) -> &str) {
    sort(items, |a, b| key_less(key(a), key(b)));
}

/// Sorts anything that has a key into the order in which go-yaml v3 writes the keys.
pub fn sort_by_go3_order<T>(items: &mut Vec<T>, key: impl Fn(&T) -> &str) {
    sort(items, |a, b| key_less_go3(key(a), key(b)));
}

fn sort<T>(items: &mut Vec<T>, less: impl Fn(&T, &T) -> bool) {
    if items.is_sorted_by(|a, b| !less(b, a)) {
        return;
    }
    let compare = |a: &T, b: &T| if less(b, a) { Ordering::Greater } else { Ordering::Less };
    let mut runs: Vec<Vec<T>> = std::mem::take(items).into_iter().map(|item| vec![item]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut rest = runs.into_iter();
        while let Some(left) = rest.next() {
            match rest.next() {
                Some(right) => merged.push(merge(left, right, &compare)),
                None => merged.push(left),
            }
        }
        runs = merged;
    }
    *items = runs.pop().unwrap_or_default();
}

fn merge<T>(left: Vec<T>, right: Vec<T>, compare: &impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        if compare(a, b).is_gt() {
            merged.extend(right.next());
        } else {
            merged.extend(left.next());
        }
    }
    merged.extend(left);
    merged.extend(right);
    merged
}
