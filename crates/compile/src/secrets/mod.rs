//! Whether a cluster that is built from the repository alone has every secret that its workloads read.
//!
//! In: rendered environments, and the SealedSecrets as they stand in files. Out: findings: Secrets and
//! keys that nothing makes, and SealedSecrets that are delivered where they do not open.
//! Never opens anything and knows no value.

mod made;
mod references;

use std::collections::BTreeSet;

use seal::codes;
use seal::layout::SealedSecret;
use text::Diagnostic;

use crate::render::{Delivered, Rendered};

use made::Made;
use references::Reference;

/// What a drill has found.
#[derive(Clone, Debug, Default)]
pub struct Drill {
    /// The Secrets that are read, over all environments: namespace and name.
    pub read: BTreeSet<(String, String)>,
    /// What is missing or misplaced.
    pub found: Vec<Diagnostic>,
}

/// Goes through every environment: what its workloads read, what its repository makes.
pub fn drill<'a>(
    rendered: &[Rendered],
    sealed: impl IntoIterator<Item = &'a SealedSecret>,
) -> Drill {
    let sealed: Vec<&SealedSecret> = sealed.into_iter().collect();
    let mut drill = Drill::default();
    for environment in rendered {
        let made = Made::of(environment);
        for application in &environment.applications {
            for object in &application.objects {
                for reference in references::of(object, namespace(application, object.namespace()))
                {
                    drill.read.insert((reference.namespace.clone(), reference.name.clone()));
                    if let Some(finding) = missing(&reference, &made, environment) {
                        drill.found.push(of_addon(application, finding));
                    }
                }
            }
        }
        made::moved(environment, &sealed, &mut drill.found);
        drill.found.extend(made::unopened(environment));
    }
    drill.found.dedup();
    drill
}

fn missing(reference: &Reference, made: &Made, environment: &Rendered) -> Option<Diagnostic> {
    let secret = format!("{}/{}", reference.namespace, reference.name);
    let Some(keys) = made.keys(&reference.namespace, &reference.name) else {
        let workload = &reference.workload;
        return Some(codes::s150_missing_secret(workload, &secret, &environment.environment));
    };
    let key = reference.key.as_ref()?;
    // Where the keys are known only in the cluster, any may be among them.
    let has = keys.as_ref().is_none_or(|keys| keys.contains(key));
    (!has).then(|| {
        codes::s151_missing_key(&reference.workload, &secret, key, &environment.environment)
    })
}

/// Charts of add-ons may make Secrets of their own while they run: that is worth a look, and no error.
fn of_addon(application: &Delivered, mut finding: Diagnostic) -> Diagnostic {
    if application.source.starts_with("chart ") {
        finding.severity = text::Severity::Warning;
        finding.hints = vec![format!("`{}` may make it itself when it starts", application.name)];
    }
    finding
}

/// The namespace in which an object ends up.
fn namespace<'a>(application: &'a Delivered, written: &'a str) -> &'a str {
    if written.is_empty() { &application.namespace } else { written }
}
