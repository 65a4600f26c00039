//! `mainstay kustomize build`: kustomize's arguments in, kustomize's bytes out.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use compile::render::HelmCharts;
use kustomize::{ChartSettings, Options};
use operate::{DiskWorld, Recording};
use text::World;

use crate::commands::bases::{self, Place, finding};
use crate::environment;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::ui::Ui;

/// Builds a kustomization and prints its objects
///
/// Example: mainstay kustomize build overlays/prod | kubectl apply -f -
#[derive(Args, Debug)]
pub(crate) struct Build {
    /// Folder with a kustomization.yaml, or the address of one in a git repository
    #[arg(value_name = "DIR", default_value = ".")]
    folder: String,

    /// Write to this file instead of printing; to a folder, one file for each object
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,

    /// Ask nothing of the network: what is pinned and not in the cache is refused
    #[arg(long)]
    offline: bool,

    /// Whether files from outside a kustomization's folder may be read
    #[arg(long, value_enum, default_value_t = LoadRestrictor::RootOnly)]
    load_restrictor: LoadRestrictor,

    /// Order of the objects, where the kustomization has no `sortOptions`
    #[arg(long, value_enum)]
    reorder: Option<Reorder>,

    /// Label every object as managed by kustomize
    #[arg(long)]
    enable_managedby_label: bool,

    #[command(flatten)]
    charts: Charts,

    #[command(flatten)]
    programs: Programs,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Charts")]
struct Charts {
    /// Render `helmCharts`, with the engine of `mainstay helm template`
    #[arg(long)]
    enable_helm: bool,

    /// API versions that charts see, where an entry names none
    #[arg(long, value_name = "VERSION")]
    helm_api_versions: Vec<String>,

    /// Version of Kubernetes that charts see, where an entry names none
    #[arg(long, value_name = "VERSION")]
    helm_kube_version: Option<String>,

    /// Without effect: no helm is run
    #[arg(long, hide = true, value_name = "COMMAND")]
    helm_command: Option<String>,

    #[arg(long, hide = true)]
    helm_debug: bool,
}

/// Arguments of kustomize for functions and plugins, which are never run: scripts may give them, and a
/// kustomization that needs one is refused.
#[derive(Args, Debug)]
struct Programs {
    #[arg(long, hide = true)]
    enable_alpha_plugins: bool,
    #[arg(long, hide = true)]
    enable_exec: bool,
    #[arg(long, hide = true)]
    network: bool,
    #[arg(long, hide = true, value_name = "NAME")]
    network_name: Option<String>,
    #[arg(long, hide = true, value_name = "MOUNT")]
    mount: Vec<String>,
    #[arg(short, long, hide = true, value_name = "NAME")]
    env: Vec<String>,
    #[arg(long, hide = true)]
    as_current_user: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LoadRestrictor {
    #[value(name = "LoadRestrictionsRootOnly")]
    RootOnly,
    #[value(name = "LoadRestrictionsNone")]
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reorder {
    Legacy,
    None,
}

pub(crate) fn run(ui: &Ui, arguments: &Build) -> Result<Outcome, CliError> {
    let place = Place::of(&arguments.folder)?;
    let here = std::env::current_dir().unwrap_or_default();
    let mut world = DiskWorld::whole(place.folder().unwrap_or(&here), environment::chart_cache())?;
    if arguments.reorder.is_some() {
        ui.important("Flag --reorder has been deprecated, use the new 'sortOptions' field in kustomization.yaml instead.");
    }
    let built = loop {
        let recording = Recording::new(&world);
        let error = match built(&recording, &place, arguments) {
            Ok(built) => break built,
            Err(error) => error,
        };
        let wanted = recording.remotes();
        // What is pinned is the same today and tomorrow: it may be fetched, once for each that turns up.
        if error.reason == kustomize::Reason::Remote
            && !arguments.offline
            && let Some(more) = bases::pinned(&world, &wanted)?
        {
            world = more;
            continue;
        }
        let (finding, sources) = finding(&error, &world, &here);
        ui.diagnostics(&[finding], &sources);
        return Ok(Outcome::No);
    };
    for warning in &built.warnings {
        ui.important(&bases::called_from(&here, warning));
    }
    match &arguments.output {
        None => ui.data(built.to_yaml().as_bytes())?,
        Some(path) if path.is_dir() => operate::write_files(path, &built.files())?,
        Some(path) => operate::write_file(path, built.to_yaml().as_bytes())?,
    }
    // The process ends right after: the system takes the memory back faster than we could.
    std::mem::forget(built);
    Ok(Outcome::Yes)
}

/// Builds once, with what is in the cache.
fn built(
    world: &dyn World,
    place: &Place,
    arguments: &Build,
) -> Result<kustomize::Build, kustomize::Error> {
    let charts = HelmCharts::new(world, operate::seconds_now());
    let options = Options {
        charts: arguments.charts.enable_helm.then_some(&charts),
        chart_settings: ChartSettings {
            api_versions: arguments.charts.helm_api_versions.clone(),
            kube_version: arguments.charts.helm_kube_version.clone().unwrap_or_default(),
        },
        load_restrictor: match arguments.load_restrictor {
            LoadRestrictor::RootOnly => kustomize::LoadRestrictor::RootOnly,
            LoadRestrictor::None => kustomize::LoadRestrictor::None,
        },
        reorder: match arguments.reorder {
            None | Some(Reorder::Legacy) => kustomize::Reorder::Legacy,
            Some(Reorder::None) => kustomize::Reorder::None,
        },
        managed_by_label: arguments.enable_managedby_label || environment::managed_by_label(),
        is_whole: true,
    };
    place.build(world, &options)
}
