//! `charts/app`: the chart that renders every workload, and the schema beside the config.

use crate::generate::{Context, Files};

/// The chart's files, by their path in it.
const CHART: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/chart_app.rs"));

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let application = &context.platform.application;
    for (path, text) in CHART {
        files.generated(format!("{}/{path}", application.chart), *text);
        // The config is the chart's values file: one schema is for both.
        if *path == "values.schema.json" {
            files.generated(schema_path(&application.config), *text);
        }
    }
}

/// Returns the path of the schema beside the config: `config/app-config.schema.json`.
pub(super) fn schema_path(config: &str) -> String {
    let stem =
        config.strip_suffix(".yaml").or_else(|| config.strip_suffix(".yml")).unwrap_or(config);
    format!("{stem}.schema.json")
}
