//! Arguments in, words and exit codes out.
fn main() {}
