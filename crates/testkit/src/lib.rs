//! Corpora and fakes for tests; never shipped.
//!
//! Decides where tests find recorded answers, what a world in memory looks like, and how an expected
//! text is compared and updated. In: paths and values from tests. Out: values, or a failed test.
//! Never used by the program itself, and never touches anything but temporary folders, the recorded
//! answers and the expectation files of the test that asks.

mod corpus;
mod expect;
mod folder;
mod world;

pub use corpus::{corpus, corpus_file, corpus_json};
pub use expect::{check_file, check_text, difference, updating};
pub use folder::{Folder, snapshot};
pub use world::MemoryWorld;
