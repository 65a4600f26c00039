//! Between Secret and SealedSecret: reading, writing, merging, sealing anew, opening.
//!
//! In: texts, and keys from [`crate::key`]. Out: texts and findings. kubeseal's rules are followed where
//! they make sense; where they lose something (annotations, comments, other documents) they are not,
//! and the module that differs says so.
//! Values are held in buffers that wipe themselves; a text that is shown in a finding is blotted first.

mod documents;
mod merge;
mod opens;
mod read;
mod reseal;
mod splice;
mod unseal;
mod wipe;
mod write;

pub use merge::{Merged, merge_into, merge_secret};
pub use opens::{Guess, check_opens, explain_unopened, wrong_keys};
pub use read::{Entry, Options, Secret, is_key, is_name, line_end, read, trim};
pub use reseal::{Resealed, reseal};
pub use splice::{NoPlace, add_to_list};
pub use unseal::{FillIn, check_templates, unseal};
pub(crate) use wipe::wipe;
pub use wipe::{blot, shown};
pub use write::{Format, SealError, sealed_secret, write, write_secret};
