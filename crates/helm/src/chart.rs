//! A chart as it is stored: metadata, default values, templates and the charts below it.
//!
//! Made once for an archive or folder; shared by threads and environments. What a release switches
//! on or off, renames or imports is decided per rendering, in [`crate::tree`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use gotmpl::{Data, Frozen, Map, MapType, TemplateSet, Value};

use crate::archive::{self, File};
use crate::error::{Error, ErrorKind};
use crate::ignore::Ignore;
use crate::metadata::Metadata;
use crate::paths;
use crate::schema::Schema;
use crate::values;

/// How deep charts may lie in each other.
const MAX_DEPTH: usize = 64;
/// How many sets of parsed templates are kept: one for each combination of enabled subcharts.
const MAX_TEMPLATE_SETS: usize = 16;

/// A parsed chart.
#[derive(Debug)]
pub struct Chart {
    /// `Chart.yaml`.
    pub metadata: Metadata,
    /// Files under `templates/`, in the archive's order.
    pub templates: Vec<File>,
    /// All other files that templates may read.
    pub files: Vec<File>,
    /// The charts under `charts/`, by folder or archive name.
    pub dependencies: Vec<Chart>,
    /// What helm says on standard error while it reads the chart.
    pub warnings: Vec<String>,
    values: Option<Frozen>,
    schema: Option<Data>,
    parsed_schema: OnceLock<Result<Schema, String>>,
    template_sets: Mutex<BTreeMap<Vec<String>, Arc<TemplateSet>>>,
}

impl Chart {
    /// Reads a `.tgz`.
    ///
    /// # Errors
    /// What helm says about a damaged archive or an invalid chart.
    pub fn from_archive(bytes: &[u8]) -> Result<Chart, Error> {
        let files = archive::read(bytes)?;
        if !files.iter().any(|file| file.path == "Chart.yaml") {
            return Err(chart("unable to detect chart version, no Chart.yaml found"));
        }
        Chart::from_listed(files, 0)
    }

    /// Reads the files of a chart folder: path relative to the folder, and content. Files that
    /// `.helmignore` names are left out.
    ///
    /// # Errors
    /// What helm says about an invalid chart or `.helmignore`.
    pub fn from_files<P: Into<String>, D: Into<Vec<u8>>>(
        files: impl IntoIterator<Item = (P, D)>,
    ) -> Result<Chart, Error> {
        let files: Vec<File> = files
            .into_iter()
            .map(|(path, data)| File::new(path.into(), Data::from(data.into())))
            .collect();
        let ignore = files.iter().find(|file| file.path == ".helmignore");
        let ignore = Ignore::parse(ignore.map(|file| &*file.data).unwrap_or_default())?;
        let mut files: Vec<File> =
            files.into_iter().filter(|file| !ignore.ignores_file(&file.path)).collect();
        // Helm walks a folder in the order of its names, part by part.
        files.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
        Chart::from_listed(files, 0)
    }

    fn from_listed(files: Vec<File>, depth: usize) -> Result<Chart, Error> {
        if depth > MAX_DEPTH {
            return Err(chart("charts lie too deep in each other"));
        }
        let mut parts = Parts::default();
        for file in &files {
            if file.path == "Chart.yaml" {
                let metadata = parts.metadata.get_or_insert_default();
                metadata.read(&file.data).map_err(|error| error.wrap("cannot load Chart.yaml"))?;
                if metadata.api_version.is_empty() {
                    metadata.api_version = "v1".to_owned();
                }
                match metadata.api_version.as_str() {
                    "v1" | "v2" => {}
                    "v3" if depth == 0 => return Err(chart("invalid chart apiVersion")),
                    _ if depth == 0 => return Err(chart("unsupported chart version")),
                    // Helm looks at the version of the outermost chart only.
                    _ => {}
                }
            }
        }
        for file in files {
            parts.sort_in(file)?;
        }
        parts.finish(depth)
    }

    /// Returns the chart's own values, as a picture that can be shared.
    pub fn values(&self) -> Option<&Frozen> {
        self.values.as_ref()
    }

    /// Whether the chart's own values have a key: a path of keys.
    pub fn has_value(&self, path: &[String]) -> bool {
        let Some((last, sections)) = path.split_last() else { return true };
        let mut map = thaw(self.values.as_ref());
        for section in sections {
            match map.get(section.as_bytes()) {
                Some(Value::Map(inner)) => map = inner,
                _ => return false,
            }
        }
        map.get(last.as_bytes()).is_some()
    }

    /// Returns the parsed `values.schema.json`, if the chart has one.
    pub(crate) fn schema(&self) -> Option<Result<&Schema, &str>> {
        let text = self.schema.as_ref()?;
        let parsed = self.parsed_schema.get_or_init(|| Schema::parse(text));
        Some(parsed.as_ref().map_err(String::as_str))
    }

    /// Returns the files under `crds/` that hold objects, as helm lists them.
    pub(crate) fn crds(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| {
            let extension = paths::extension(&file.path);
            file.path.starts_with("crds/")
                && [".yaml", ".yml", ".json"]
                    .iter()
                    .any(|known| extension.eq_ignore_ascii_case(known))
        })
    }

    /// Returns the set for these templates, parsed now or before.
    pub(crate) fn template_set(
        &self,
        names: Vec<String>,
        parse: impl FnOnce() -> Result<TemplateSet, Error>,
    ) -> Result<Arc<TemplateSet>, Error> {
        let lock = || self.template_sets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = lock().get(&names) {
            return Ok(Arc::clone(known));
        }
        let parsed = Arc::new(parse()?);
        let mut sets = lock();
        if sets.len() >= MAX_TEMPLATE_SETS {
            sets.clear();
        }
        sets.insert(names, Arc::clone(&parsed));
        Ok(parsed)
    }
}

/// A chart while its files are sorted.
#[derive(Default)]
struct Parts {
    metadata: Option<Metadata>,
    templates: Vec<File>,
    files: Vec<File>,
    subcharts: BTreeMap<String, Vec<File>>,
    values: Option<Frozen>,
    schema: Option<Data>,
    warnings: Vec<String>,
}

impl Parts {
    fn sort_in(&mut self, file: File) -> Result<(), Error> {
        match file.path.as_str() {
            "Chart.yaml" => {}
            "Chart.lock" => lock(&file.data).map_err(|e| e.wrap("cannot load Chart.lock"))?,
            "values.yaml" => {
                let values = values::load(&file.data).map_err(|mut error| {
                    error.kind = ErrorKind::Chart;
                    error.wrap("cannot load values.yaml")
                })?;
                let frozen = Value::Map(values).freeze();
                self.values = Some(frozen.map_err(|deep| chart(&deep.to_string()))?);
            }
            "values.schema.json" => self.schema = Some(file.data),
            "requirements.yaml" => {
                let metadata = self.metadata.get_or_insert_default();
                let v1 = metadata.api_version == "v1";
                metadata
                    .read(&file.data)
                    .map_err(|error| error.wrap("cannot load requirements.yaml"))?;
                if v1 {
                    self.files.push(file);
                } else {
                    self.warnings.push(
                        "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". \
                         We recommend migrating dependencies to Chart.yaml."
                            .to_owned(),
                    );
                }
            }
            "requirements.lock" => {
                lock(&file.data).map_err(|error| error.wrap("cannot load requirements.lock"))?;
                if self.metadata.as_ref().is_some_and(|metadata| metadata.api_version == "v1") {
                    self.files.push(file);
                } else {
                    self.warnings.push(
                        "Warning: Dependency locking is handled in Chart.lock since apiVersion \
                         \"v2\". We recommend migrating to Chart.lock."
                            .to_owned(),
                    );
                }
            }
            path if path.starts_with("templates/") => self.templates.push(file),
            path if path.starts_with("charts/") => {
                if paths::extension(path) == ".prov" {
                    self.files.push(file);
                } else {
                    let below = path.strip_prefix("charts/").unwrap_or(path).to_owned();
                    let name = below.split('/').next().unwrap_or_default().to_owned();
                    let file = File { path: below, data: file.data };
                    self.subcharts.entry(name).or_default().push(file);
                }
            }
            _ => self.files.push(file),
        }
        Ok(())
    }

    fn finish(self, depth: usize) -> Result<Chart, Error> {
        let Some(mut metadata) = self.metadata else {
            return Err(chart("Chart.yaml file is missing"));
        };
        metadata.validate()?;
        let mut warnings = self.warnings;
        let mut dependencies = Vec::new();
        for (name, files) in self.subcharts {
            if name.starts_with(['_', '.']) {
                continue;
            }
            let mut read = subchart(&name, files, &metadata.name, depth).map_err(|error| {
                error.wrap(format!("error unpacking subchart {name} in {}", metadata.name))
            })?;
            warnings.append(&mut read.warnings);
            dependencies.push(read);
        }
        Ok(Chart {
            metadata,
            templates: self.templates,
            files: self.files,
            dependencies,
            warnings,
            values: self.values,
            schema: self.schema,
            parsed_schema: OnceLock::new(),
            template_sets: Mutex::default(),
        })
    }
}

fn subchart(name: &str, files: Vec<File>, parent: &str, depth: usize) -> Result<Chart, Error> {
    if paths::extension(name) == ".tgz" {
        let Some(file) = files.first() else {
            return Err(chart("Chart.yaml file is missing"));
        };
        if file.path != name {
            return Err(chart(&format!(
                "error unpacking subchart tar in {parent}: expected {name}, got {}",
                file.path
            )));
        }
        return Chart::from_listed(archive::read(&file.data)?, depth + 1);
    }
    let inside = files.into_iter().filter_map(|file| {
        let (_, path) = file.path.split_once('/')?;
        Some(File { path: path.to_owned(), data: file.data.clone() })
    });
    Chart::from_listed(inside.collect(), depth + 1)
}

/// Checks that a lock file can be read; nothing in it matters for rendering.
fn lock(text: &[u8]) -> Result<(), Error> {
    yaml::Value::decode_go2(text)
        .map(|_| ())
        .map_err(|e| chart(&format!("error converting YAML to JSON: {}", e.go_text())))
}

fn chart(message: &str) -> Error {
    Error::new(ErrorKind::Chart, message)
}

/// Returns a map of its own from a chart's values.
pub(crate) fn thaw(values: Option<&Frozen>) -> Map {
    match values.map(Value::thaw) {
        Some(Value::Map(map)) => map,
        _ => Map::new(MapType::Any),
    }
}
