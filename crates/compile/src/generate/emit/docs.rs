//! `docs`: quickstart, operations, secrets, infra integration.

use crate::generate::{Context, Files};

pub(super) fn emit(_context: &Context<'_>, _files: &mut Files<'_>) {}
