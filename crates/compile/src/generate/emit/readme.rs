//! `README.md`: for an operator who has never heard of mainstay.

use crate::generate::{Context, Files};

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let platform = context.platform;
    files.generated("README.md", format!("# {}\n", platform.name));
}
