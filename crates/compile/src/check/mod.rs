//! Whether a platform makes sense.
//!
//! Decides what is wrong or doubtful in a platform that its schemas accept. In: a
//! [`Platform`](crate::model::Platform). Out: diagnostics with code, places and what to type.
//! Never changes anything, and never looks at files.

pub mod codes;
