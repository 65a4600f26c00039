//! The generators of a kustomization: ConfigMaps, Secrets, charts, and those in files of their own.

use yaml::Value;

use crate::accumulate::{Builder, Context, item};
use crate::charts;
use crate::decode::Fields;
use crate::error::{Error, Reason};
use crate::generate;
use crate::kustomization::Target;
use crate::origin;
use crate::reading;
use crate::resource::{self, Resource};
use crate::state::State;
use crate::steps::function;

impl Builder<'_> {
    pub(crate) fn generators(
        &mut self,
        target: &Target,
        state: &mut State,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let fields = target.fields()?;
        let shared = fields.get("generatorOptions");
        let configs = self.configured(target, "generators", context)?;
        let reads = self.loader.reads(target);
        let load = |path: &str| reads.read(path);
        let kinds = [("configMapGenerator", false), ("secretGenerator", true)];
        for (name, secret) in kinds {
            let kind = if secret { "SecretGenerator" } else { "ConfigMapGenerator" };
            for (index, value) in target.list(name)?.iter().enumerate() {
                let fail = |message: String| {
                    reads.error(Reason::Generator, message, &[name, &index.to_string()])
                };
                let fields = item(value, name).map_err(fail)?;
                let mut made = generate::generate(&fields, shared, secret, &load).map_err(fail)?;
                self.warn_of_key(target, &made);
                let origin = context.origin.as_ref();
                made.origin = origin.map(|origin| origin.of_field(&target.file, kind));
                state.absorb(made).map_err(fail)?;
            }
        }
        self.charts(target, state, context)?;
        for config in configs {
            let fail = |message: String| {
                let message = format!("{}: {message}", config.id());
                reads.error(Reason::Generator, message, &["generators"])
            };
            let gvk = config.gvk();
            if !(gvk.group.is_empty() && gvk.version == "builtin") {
                return Err(function(target, "generators", &config));
            }
            let made = match gvk.kind.as_str() {
                "ConfigMapGenerator" | "SecretGenerator" => {
                    let secret = gvk.kind == "SecretGenerator";
                    let value = flattened(&config);
                    let fields = Fields::exact(&value, "generator").map_err(fail)?;
                    vec![generate::generate(&fields, None, secret, &load).map_err(fail)?]
                }
                "HelmChartInflationGenerator" => {
                    let value = flattened(&config);
                    let home =
                        Fields::exact(&value, "generator").and_then(|it| it.text("chartHome"));
                    // One that is configured apart knows no namespace but its own.
                    self.inflate(target, &value, &home.map_err(fail)?, "")
                        .map_err(|error| error.field(&["generators"]))?
                }
                "IAMPolicyGenerator" => vec![service_account(&config).map_err(fail)?],
                _ => return Err(fail(format!("unable to load builtin {gvk}"))),
            };
            for mut made in made {
                if made.generated {
                    self.warn_of_key(target, &made);
                }
                made.origin = origin::of_plugin(&config);
                state.absorb(made).map_err(fail)?;
            }
        }
        Ok(())
    }

    /// Says that a generated object has a key that no API server takes.
    fn warn_of_key(&mut self, target: &Target, made: &Resource) {
        if let Some(key) = generate::refused_key(made) {
            self.warnings.push(format!(
                "# Warning: {}: `{key}` is no key that an API server takes in {}: keys are made of letters, digits, `-`, `_` and `.`, and do not begin with `..`",
                target.file,
                made.id(),
            ));
        }
    }

    /// Adds what the charts of `helmCharts` render to.
    fn charts(
        &self,
        target: &Target,
        state: &mut State,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let globals = target.fields()?.get("helmGlobals").cloned().unwrap_or_default();
        let chart_home = item(&globals, "helmGlobals").and_then(|it| it.text("chartHome"));
        let mut home = chart_home.map_err(|message| target.error(Reason::Invalid, message))?;
        let has_globals = !globals.is_null();
        let own = target.text("namespace")?;
        let namespace = if own.is_empty() { &context.namespace } else { &own };
        let mut entries: Vec<(&str, usize, Value)> = Vec::new();
        for (index, value) in target.list("helmCharts")?.iter().enumerate() {
            entries.push(("helmCharts", index, value.clone()));
        }
        let old = "helmChartInflationGenerator";
        for (index, value) in target.list(old)?.iter().enumerate() {
            let modern = charts::modern(value);
            let (value, old_home) = modern.map_err(|message| {
                target.error(Reason::Invalid, message).field(&[old, &index.to_string()])
            })?;
            if let (false, Some(old_home)) = (has_globals, old_home) {
                home = old_home;
            }
            entries.push((old, index, value));
        }
        for (name, index, value) in entries {
            let field = [name, &index.to_string()];
            let made = self.inflate(target, &value, &home, namespace);
            let made = made.map_err(|error| error.field(&field))?;
            let origin = context.origin.as_ref();
            let origin =
                origin.map(|origin| origin.of_field(&target.file, "HelmChartInflationGenerator"));
            for mut made in made {
                made.origin.clone_from(&origin);
                state
                    .absorb(made)
                    .map_err(|message| target.error(Reason::Chart, message).field(&field))?;
            }
        }
        Ok(())
    }

    fn inflate(
        &self,
        target: &Target,
        entry: &Value,
        home: &str,
        namespace: &str,
    ) -> Result<Vec<Resource>, Error> {
        let reads = self.loader.reads(target);
        let load = |path: &str| reads.read(path);
        // Whoever asks knows the field.
        let fail = |message: String| reads.error(Reason::Chart, message, &[]);
        let Some(charts) = self.options.charts else {
            return Err(fail("must specify --enable-helm".to_owned()));
        };
        let around = charts::Around {
            folder: &target.folder,
            home,
            namespace,
            settings: &self.options.chart_settings,
            load: &load,
            check: &|path, entry| reads.check(path, entry),
        };
        let bytes = charts::inflate(charts, entry, &around).map_err(fail)?;
        let mut made = reading::read(&bytes).map_err(|error| fail(error.message))?;
        for resource in &mut made {
            resource.from_chart = true;
        }
        Ok(made)
    }
}

/// Returns the ServiceAccount of an `IAMPolicyGenerator`.
fn service_account(config: &Resource) -> Result<Resource, String> {
    let fields = Fields::exact(&config.value, "IAMPolicyGenerator")?;
    let cloud = fields.text("cloud")?;
    if cloud != "gke" {
        return Err(format!("cloud provider {cloud} not supported yet"));
    }
    let null = Value::Null;
    let of = |name| Fields::exact(fields.get(name).unwrap_or(&null), name);
    let (own, account) = (of("kubernetesService")?, of("serviceAccount")?);
    let mut made = Resource::new(resource::empty_map());
    made.set("apiVersion", "v1".to_owned());
    made.set("kind", "ServiceAccount".to_owned());
    made.set_metadata("name", own.text("name")?);
    made.set_metadata("namespace", own.text("namespace")?);
    let email =
        format!("{}@{}.iam.gserviceaccount.com", account.text("name")?, account.text("projectId")?);
    let pairs = vec![("iam.gke.io/gcp-service-account".to_owned(), email)];
    made.set_strings("annotations", pairs);
    Ok(made)
}

/// Returns the configuration with its object's name and namespace as fields of its own. `env` is what only
/// the fields of a kustomization still have.
fn flattened(config: &Resource) -> Value {
    let mut value = config.value.clone();
    if let Value::Map(fields) = &mut value {
        fields.shift_remove("env");
        for key in ["name", "namespace"] {
            let text = config.metadata(key);
            if !text.is_empty() && !fields.contains_key(key) {
                fields.insert(key.to_owned(), Value::String(text));
            }
        }
    }
    value
}
