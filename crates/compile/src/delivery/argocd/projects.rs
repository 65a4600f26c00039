//! What AppProjects forbid, of all applications of a repository.
//!
//! The rules are `render::project`'s; here they meet applications that mainstay did not write.

use std::collections::BTreeMap;

use manifest::Scopes;
use text::{Diagnostic, World};

use super::application::Application;
use crate::delivery::{Delivered, Engine, Found};
use crate::render::{Permits, check_project};

/// Reports what Argo CD would refuse because of a project.
pub(super) fn check(
    tree: &dyn World,
    known: &[Found],
    scopes: &Scopes,
    applications: &mut [Delivered],
) {
    let projects: BTreeMap<&str, &Found> = known
        .iter()
        .filter(|found| found.object.kind() == "AppProject")
        .map(|found| (found.object.name(), found))
        .collect();
    for delivered in applications.iter_mut().filter(|it| it.engine == Engine::ArgoCd) {
        let found = Found {
            object: delivered.object.clone(),
            place: delivered.place.clone(),
            parent: None,
            is_built: false,
        };
        let Ok(application) = Application::read(&found) else { continue };
        let project = projects.get(application.project.as_str());
        let permits = Permits {
            application: &application.name,
            project_name: &application.project,
            project: project.map(|project| &project.object),
            there_are_projects: !projects.is_empty(),
            server: &application.server,
            cluster: &application.cluster,
            namespace: &application.namespace,
            repositories: application
                .sources
                .iter()
                .map(|source| super::application::text(source, "repoURL"))
                .collect(),
            objects: &delivered.objects,
            scopes,
            has_spec: false,
            place: &|| delivered.place.clone(),
        };
        let mut found: Vec<Diagnostic> = Vec::new();
        check_project(&permits, tree, &mut found);
        // Without its project nothing of it is applied.
        if project.is_none() && !found.is_empty() {
            delivered.failed = true;
            delivered.objects.clear();
        }
        delivered.findings.extend(found);
    }
}
