//! The pipeline, called in order: two texts to a repository in memory, rendered and checked.
//!
//! In: the texts and a world to lay the repository over. Out: what was found, and the repository where
//! the texts make sense. Decides nothing: each step is one call, and errors of one keep the next away.

use std::mem::ManuallyDrop;

use compile::check::ValueFile;
use compile::intake::{self, Inputs};
use compile::model::{Platform, SealedSecrets};
use compile::render::Rendered;
use compile::{check, generate, render};
use operate::Overlay;
use text::{Code, Diagnostic, Sources, Stage, World};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::locate;

/// Where the root Applications are: they know the address of their own repository.
const ROOTS: &str = "apps/root";
/// The payload's place in a repository whose spec does not say another.
pub(crate) const PAYLOAD: &str = "deployed_apps.json";
/// The place of the certificate to seal with, where the spec does not say another.
const CERTIFICATE: &str = "secrets/sealing.crt";

/// The findings of a plaintext secret.
const PLAINTEXT: [Code; 2] = [Code::new(Stage::Check, 170), Code::new(Stage::Check, 178)];

/// A source that cannot be rendered, and what helm says where values are not what a schema wants.
const FAILED: Code = Code::new(Stage::Render, 1);

/// A quota that the delivered objects do not fit into.
pub(crate) const QUOTA_OF_OBJECTS: Code = Code::new(Stage::Render, 58);

/// What payload, spec or values tell with their own places, and the finding that says the same of the objects:
/// hosts that two claim, what the level of the namespaces refuses, quotas that are too small.
const TOLD_BETTER: &[(&[Code], Code)] = &[
    (
        &[Code::new(Stage::Check, 110), Code::new(Stage::Platform, 185)],
        Code::new(Stage::Render, 44),
    ),
    (&[Code::new(Stage::Check, 160)], Code::new(Stage::Render, 57)),
    (&[Code::new(Stage::Check, 136)], QUOTA_OF_OBJECTS),
];

/// The words of helm where values are not what the chart's schema wants.
const SCHEMA: &str = "`charts/app` cannot be rendered: values don't meet the specifications";

/// What a run has found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) sources: Sources,
}

impl Findings {
    /// Whether there is an error among them.
    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Returns how many plaintext secrets were found.
    pub(crate) fn plaintext_secrets(&self) -> usize {
        self.diagnostics.iter().filter(|finding| PLAINTEXT.contains(&finding.code)).count()
    }

    /// Adds findings of a later step.
    pub(crate) fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(diagnostics);
        text::sort(&mut self.diagnostics);
    }
}

/// A platform that could be read, perhaps with findings.
pub(crate) struct Platforms {
    pub(crate) platform: Platform,
    pub(crate) findings: Findings,
}

/// Reads and checks spec and payload. Where they cannot be read there are only findings.
pub(crate) fn read(inputs: &Inputs<'_>) -> Result<Platforms, Findings> {
    let read = intake::read(inputs);
    let mut findings = Findings { diagnostics: read.diagnostics, sources: read.sources };
    let Some(platform) = read.platform else {
        if let Some(faulty) = &read.faulty {
            let found = check::beside_faults(faulty, &findings.diagnostics);
            findings.extend(found);
        }
        return Err(findings);
    };
    findings.extend(check::platform(&platform));
    Ok(Platforms { platform, findings })
}

/// A payload without apps.
pub(crate) const NO_APPS: &str = "[]";

/// Returns the texts of a repository: spec, path of the payload, payload.
pub(crate) fn texts(world: &dyn World) -> Result<(String, String, String), CliError> {
    let spec = read_text(world, operate::MANIFEST)?;
    let (path, is_faulty) = match payload_of(&spec) {
        Payload::None => return Ok((spec, PAYLOAD.to_owned(), NO_APPS.to_owned())),
        Payload::At(path) => (path, false),
        Payload::Perhaps(path) => (path, true),
    };
    let payload = match read_text(world, &path) {
        // Whether it is missed at all is known once the spec is right; what is wrong there comes first.
        Err(_) if is_faulty => NO_APPS.to_owned(),
        read => read?,
    };
    Ok((spec, path, payload))
}

/// What a spec says of the payload.
enum Payload {
    /// It needs none.
    None,
    /// It is at this path.
    At(String),
    /// The spec is not what its schema says: it may be at this path, or not be needed.
    Perhaps(String),
}

fn payload_of(spec: &str) -> Payload {
    let inputs = Inputs { spec: (operate::MANIFEST, spec), payload: (PAYLOAD, NO_APPS) };
    let read = intake::read(&inputs);
    match (read.platform, read.faulty) {
        (Some(Platform { kustomization: Some(_), .. }), _) => Payload::None,
        (Some(platform), _) => Payload::At(platform.application.payload),
        (None, Some(faulty)) => Payload::Perhaps(faulty.application.payload),
        (None, None) => Payload::Perhaps(PAYLOAD.to_owned()),
    }
}

/// Whether a spec needs a payload. One that cannot be read is not known to.
pub(crate) fn needs_payload(spec: &str) -> bool {
    matches!(payload_of(spec), Payload::At(_))
}

/// Returns the name of the application that is a kustomization; `None` where a spec has none.
pub(crate) fn kustomized(spec: &str) -> Option<String> {
    let inputs = Inputs { spec: (operate::MANIFEST, spec), payload: (PAYLOAD, NO_APPS) };
    Some(intake::read(&inputs).platform?.kustomization?.name)
}

/// Returns where a spec says that the certificate to seal with is.
pub(crate) fn certificate_path(spec: &str) -> String {
    sealed_secrets(spec).map_or_else(|| CERTIFICATE.to_owned(), |sealed| sealed.certificate)
}

/// Returns in which namespace the controller of sealed secrets runs; `None` where a spec has none.
pub(crate) fn controller_namespace(spec: &str) -> Option<String> {
    sealed_secrets(spec).map(|sealed| sealed.namespace)
}

/// Returns where the spec says that the private key is kept.
pub(crate) fn master_key(spec: &str) -> Option<String> {
    sealed_secrets(spec)?.master_key
}

fn sealed_secrets(spec: &str) -> Option<SealedSecrets> {
    let inputs = Inputs { spec: (operate::MANIFEST, spec), payload: (PAYLOAD, NO_APPS) };
    intake::read(&inputs).platform?.secrets.sealed_secrets
}

/// Returns a text file of a repository.
pub(crate) fn read_text(world: &dyn World, path: &str) -> Result<String, CliError> {
    let bytes = world.read(path).map_err(|missing| {
        CliError::usage(format!("`{path}` cannot be read: {missing}"))
            .hint("it is part of every repository; `git checkout` brings back a lost one")
    })?;
    locate::text_of(path, bytes.to_vec())
}

/// Checks what a person or a pipeline edited or added: the values that the workloads are rendered
/// with, and secrets in plain text. `tree` is the repository as it would be generated.
pub(crate) fn check_edited(
    platform: &Platform,
    tree: &generate::Tree,
    world: &dyn World,
    findings: &mut Findings,
) {
    let file = |path: String| {
        // Bytes that are no text are a fault that the reader of YAML names; a missing file is one of
        // rendering.
        let bytes = world.read(&path).ok();
        let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let generated = tree.files.get(&path);
        let generated = generated.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
        let generated = generated.unwrap_or_default();
        // Without one of its files nothing sensible can be said about an environment's values.
        (text.is_some() || generated.is_empty()).then(|| ValueFile {
            path,
            text: text.unwrap_or_default(),
            generated,
        })
    };
    let environments = platform.environments.iter().filter_map(|environment| {
        generate::value_files(platform, environment).into_iter().map(file).collect()
    });
    let environments: Vec<Vec<ValueFile>> = environments.collect();
    let found = check::app_config(platform, &environments, &mut findings.sources);
    findings.extend(found);
    let found = check::files(platform, tree, world, &mut findings.sources);
    findings.extend(found);
}

/// Lays a generated tree over a world.
pub(crate) fn lay_over(world: &mut Overlay<'_>, tree: &generate::Tree) {
    for (path, file) in &tree.files {
        world.insert(path.as_str(), file.bytes.as_slice());
    }
}

/// Renders every environment of a repository, or one.
pub(crate) fn render(world: &dyn World, only: Option<&str>) -> Result<Vec<Rendered>, CliError> {
    let mut names = render::environments(world);
    if let Some(only) = only {
        if !names.iter().any(|name| name == only) {
            let error = CliError::usage(format!("there is no environment `{only}`"));
            return Err(match text::nearest(only, names.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("there are: {}", names.join(", "))),
            });
        }
        names.retain(|name| name == only);
    }
    Ok(render::everything(world, &address(world), &names))
}

/// Renders every environment for a command that ends soon after: the objects are left to the end of the
/// process, as giving back each of their texts is work that nobody needs (3 % of the instructions of `generate`
/// for 1,000 apps).
pub(crate) fn rendered(world: &dyn World) -> Result<ManuallyDrop<Vec<Rendered>>, CliError> {
    render(world, None).map(ManuallyDrop::new)
}

/// Adds what rendering found to what is known already.
pub(crate) fn take_findings(rendered: &mut [Rendered], world: &dyn World, findings: &mut Findings) {
    let names: Vec<String> = rendered.iter().map(|it| it.environment.clone()).collect();
    let roots = render::bootstrap(world, names.iter().map(String::as_str));
    if let Some(first) = rendered.first_mut() {
        first.diagnostics.extend(roots);
    }
    let mut found = render::findings(rendered, world, &mut findings.sources);
    let read = |finding: &Diagnostic| finding.is_error() && finding.code.stage == Stage::Intake;
    if findings.diagnostics.iter().any(read) {
        // The chart's schema says once more, without a place, what was found in the values.
        found.retain(|finding| !(finding.code == FAILED && finding.message.contains(SCHEMA)));
    }
    for (told, of_objects) in TOLD_BETTER {
        if findings.diagnostics.iter().any(|finding| told.contains(&finding.code)) {
            found.retain(|finding| finding.code != *of_objects);
        }
    }
    findings.extend(found);
}

/// Checks the images of objects that people added.
pub(crate) fn check_own_images(
    platform: &Platform,
    rendered: &[Rendered],
    world: &dyn World,
    findings: &mut Findings,
) {
    let found = check::own_images(platform, rendered, world);
    render::add_sources(&found, world, &mut findings.sources);
    findings.extend(found);
}

/// Whether people install the controller of sealed secrets: a kustomization has no add-ons, and its documents say how.
pub(crate) fn installs_controller(platform: &Platform) -> bool {
    platform.kustomization.is_some() && platform.secrets.sealed_secrets.is_some()
}

/// Checks the overlays of an application that is a kustomization.
pub(crate) fn check_overlays(platform: &Platform, world: &dyn World, findings: &mut Findings) {
    let found = check::overlays(platform, world);
    render::add_sources(&found, world, &mut findings.sources);
    findings.extend(found);
}

/// Returns the address under which a repository's Applications know it; empty where nothing says so.
fn address(world: &dyn World) -> String {
    let address = world.list(ROOTS).into_iter().find_map(|path| {
        let bytes = world.read(&path).ok()?;
        let objects = manifest::read(&String::from_utf8_lossy(&bytes), &path).ok()?;
        objects.iter().find_map(|object| {
            let source = object.at(&["spec", "source", "repoURL"])?;
            source.as_str().map(str::to_owned)
        })
    });
    address.unwrap_or_default()
}

/// Returns the exit sense of findings about files that could be read.
pub(crate) fn outcome(findings: &Findings) -> Outcome {
    if findings.has_errors() { Outcome::No } else { Outcome::Yes }
}
