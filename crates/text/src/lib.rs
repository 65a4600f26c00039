//! Source files, places in them, diagnostics, and the one door to the world.
//!
//! Decides what a finding about a user's input looks like, in memory, in a terminal and as JSON.
//! In: file texts and byte ranges. Out: [`Diagnostic`]s, rendered as text or JSON.
//! Never reads a file, a clock or the environment itself: [`World`] is the door through which pure
//! code learns about its surroundings, and `operate` and `testkit` implement it.

mod diagnostic;
mod json;
mod nearest;
pub mod path;
mod place;
mod remote;
mod render;
mod world;

pub use diagnostic::{Code, Diagnostic, Label, Patch, Severity, Stage, sort};
pub use json::{report, to_json};
pub use nearest::nearest;
pub use place::{LineColumn, Place, Sources, line_column};
pub use remote::{Found, Remote, RemoteRepository};
pub use render::{render, render_all};
pub use world::{Date, LARGEST_FILE, Missing, World};
