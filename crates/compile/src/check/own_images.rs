//! Images of objects that people added: do they say their version, and come from where they may?
//!
//! What payload and values say is looked at there, with their places; here are the objects that stand in
//! files of the repository. Only the environments' own namespaces are meant: add-ons come from elsewhere.

use text::{Diagnostic, World};
use yaml::Value;

use super::codes::images as codes;
use super::{Findings, images};
use crate::model::{Image, Platform};
use crate::render::{Rendered, place, pods};

/// Returns what is wrong with the images of added objects.
pub fn own_images(
    platform: &Platform,
    rendered: &[Rendered],
    world: &dyn World,
) -> Vec<Diagnostic> {
    let mut findings = Findings { found: Vec::new() };
    for environment in rendered {
        let Some(known) = platform.environment(&environment.environment) else { continue };
        for application in &environment.applications {
            for object in &application.objects {
                let Some(pod) = pods::of(object) else { continue };
                // What a chart renders has its images from values.
                if application.namespace_of(object) != known.namespace
                    || world.read(&object.source).is_err()
                {
                    continue;
                }
                for (mut way, container) in pod.containers() {
                    let Some(text) = container.get("image").and_then(Value::as_str) else {
                        continue;
                    };
                    way.push(manifest::fields::Step::Key("image".to_owned()));
                    let image = Image::parse(text);
                    let here = || place::of_field(world, object, &way);
                    if image.digest.is_none() {
                        match image.tag.as_deref() {
                            None => findings.add(codes::c120_no_tag(&image.repository, here())),
                            Some("latest") => {
                                findings.add(codes::c121_latest(&image.repository, here()));
                            }
                            Some(_) => {}
                        }
                    }
                    if !images::is_allowed(&platform.policies.registries, &image) {
                        let list = images::list(platform);
                        findings.add(codes::c125_registry(&image.repository, here(), list));
                    }
                }
            }
        }
    }
    findings.done()
}
