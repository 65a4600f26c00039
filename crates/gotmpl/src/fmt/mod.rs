//! Go's fmt, over template values: `Print`, `Println`, `Printf` and what they are made of.
//!
//! Values go in, bytes come out; a mistake in a format shows in the output, as in Go. Fails only
//! for values nested without end.

pub mod float;
mod printer;
mod printf;
pub mod quote;

use crate::value::{Kind, TooDeep, Value};

pub use printf::sprintf;

use printer::Printer;

/// Appends what an action prints for a value: nothing there is `<no value>`.
pub fn print_value(out: &mut Vec<u8>, value: &Value) -> Result<(), TooDeep> {
    match value {
        // The two commonest first; all else would do for them too.
        Value::Str(text) => {
            out.extend_from_slice(text);
            Ok(())
        }
        Value::Nil => {
            out.extend_from_slice(b"<no value>");
            Ok(())
        }
        value => Printer::new(out).print_indirect(value),
    }
}

/// Returns a value as `%v` prints it.
pub fn to_text(value: &Value) -> Result<Vec<u8>, TooDeep> {
    let mut out = Vec::new();
    Printer::new(&mut out).argument(value, 'v')?;
    Ok(out)
}

/// Go's `fmt.Sprint`: blanks only between two values that are both no strings.
pub fn sprint(values: &[Value]) -> Result<Vec<u8>, TooDeep> {
    let mut out = Vec::new();
    let mut previous_is_string = true;
    for (index, value) in values.iter().enumerate() {
        let is_string = value.kind() == Kind::String;
        if index > 0 && !is_string && !previous_is_string {
            out.push(b' ');
        }
        Printer::new(&mut out).argument(value, 'v')?;
        previous_is_string = is_string;
    }
    Ok(out)
}

/// Go's `fmt.Sprintln`: blanks between all values and a newline.
pub fn sprintln(values: &[Value]) -> Result<Vec<u8>, TooDeep> {
    let mut out = Vec::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        Printer::new(&mut out).argument(value, 'v')?;
    }
    out.push(b'\n');
    Ok(out)
}
