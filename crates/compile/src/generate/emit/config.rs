//! `config/app-config.yaml`: the one source of truth for workloads and routing.

use crate::generate::write::document;
use crate::generate::{Context, Files, app_values};

use super::chart;

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let application = &context.platform.application;
    let schema = chart::schema_path(&application.config);
    let schema = schema.rsplit('/').next().unwrap_or_default();
    let head = format!(
        "yaml-language-server: $schema=./{schema}\n\
         \n\
         What runs, and how it is reached: the values of {}, for every environment.\n\
         It holds production's values; what another environment has instead is in its overlay.\n\
         To roll out a version, edit `image.tag` (or `image.digest`) of a service.",
        application.chart
    );
    files.generated(
        application.config.as_str(),
        document(&head, &app_values::of(context.platform).config),
    );
}
