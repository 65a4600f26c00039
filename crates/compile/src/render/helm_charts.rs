//! `helmCharts` of kustomizations, rendered by our own helm: where the two engines meet.
//!
//! A chart is the folder that kustomize would find it in, or an archive of the cache. Never fetches one.

use std::sync::Arc;

use helm::{Chart, KubeVersion, Print, Release, ValuesInput};
use text::World;
use text::path::join;

use super::chart::Charts;

/// Renders the charts of kustomizations.
pub struct HelmCharts<'w> {
    world: &'w dyn World,
    charts: Charts,
    seconds: i64,
}

impl<'w> HelmCharts<'w> {
    /// Takes charts from a world; `seconds` is the time that templates see.
    pub fn new(world: &'w dyn World, seconds: i64) -> HelmCharts<'w> {
        HelmCharts { world, charts: Charts::default(), seconds }
    }

    fn find(&self, chart: &kustomize::Chart) -> Result<Arc<Chart>, String> {
        if self.world.read(&join(&chart.folder, "Chart.yaml")).is_ok() {
            return self.charts.folder(self.world, &chart.folder);
        }
        let place = &chart.place;
        if chart.repository.is_empty() {
            return Err(format!("no repo specified for pull, no chart found at `{place}`"));
        }
        let (repository, name, version) = (&chart.repository, &chart.name, &chart.version);
        let archive = self.world.chart(repository, name, version).map_err(|reason| {
            format!("chart `{name}` {version} of {repository} is neither at `{place}` nor in the cache: {reason}")
        })?;
        self.charts.archive(&archive)
    }
}

impl kustomize::Charts for HelmCharts<'_> {
    fn values(&self, chart: &kustomize::Chart) -> Result<Option<Vec<u8>>, String> {
        let own = self.world.read(&join(&chart.folder, "values.yaml"));
        if own.is_err() {
            // Whether there is such a chart at all is worth saying first.
            self.find(chart)?;
            if self.world.read(&join(&chart.folder, "Chart.yaml")).is_ok() {
                // Of a chart that is fetched, only its archive knows.
                return Err(format!(
                    "`{}/values.yaml` is not there, and kustomize reads it",
                    chart.folder
                ));
            }
        }
        Ok(own.ok().map(|bytes| bytes.to_vec()))
    }

    fn render(
        &self,
        chart: &kustomize::Chart,
        values: &[(String, Vec<u8>)],
    ) -> Result<Vec<u8>, String> {
        let found = self.find(chart)?;
        let or = |text: &str, otherwise: &str| {
            if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
        };
        let mut name = or(&chart.release, "release-name");
        if !chart.name_template.is_empty() {
            if !chart.release.is_empty() {
                return Err("cannot set `nameTemplate` and also `releaseName`".to_owned());
            }
            name = name_from(&chart.name_template)?;
        }
        let release = Release::new(name, or(&chart.namespace, "default"));
        let input = ValuesInput { files: values.to_vec(), ..ValuesInput::default() };
        let mut options = helm::Options {
            api_versions: chart.api_versions.clone(),
            include_crds: chart.include_crds,
            ..helm::Options::default()
        };
        if !chart.kube_version.is_empty() {
            options.kube_version =
                KubeVersion::parse(&chart.kube_version).map_err(|error| error.to_string())?;
        }
        options.engine.now.seconds = self.seconds;
        let rendered =
            helm::render(&found, &release, &input, &options).map_err(|error| error.to_string())?;
        let print = Print {
            no_hooks: chart.skip_hooks,
            skip_tests: chart.skip_tests,
            show_only: Vec::new(),
        };
        rendered.to_bytes(&print).map_err(|error| error.to_string())
    }
}

fn name_from(template: &str) -> Result<String, String> {
    let failed = |reason: String| format!("the name template cannot be rendered: {reason}");
    let name = "name-template";
    let mut set = gotmpl::TemplateSet::new();
    set.add(name, template.as_bytes()).map_err(|error| failed(error.to_string()))?;
    let mut engine = gotmpl::Engine::new(&set, gotmpl::Options::default());
    let bytes =
        engine.render(name, &gotmpl::Value::Nil).map_err(|error| failed(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
