//! `renovate.json`: raises the pinned versions of the add-ons.

use serde_json::{Value, json};

use crate::generate::{Context, Files};
use crate::model::{Engine, ImageUpdates};

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let platform = context.platform;
    if !platform.ci.renovate {
        return;
    }
    // Renovate calls its readers of delivery objects like the engines.
    let (manager, own, addons) = match platform.delivery.engine {
        Engine::ArgoCd => (
            "argocd",
            &context.catalog.argocd,
            vec!["/^platform/applications/.+\\.yaml$/", "/^clusters/.+/platform/.+\\.yaml$/"],
        ),
        Engine::Flux => ("flux", &context.catalog.flux, vec!["/^platform/controllers/.+\\.yaml$/"]),
    };
    let mut rules = vec![json!({
        "description": "An add-on is raised by itself, so that its change can be read and undone by itself.",
        "matchManagers": [manager],
        "groupName": null,
        "commitMessagePrefix": "platform:",
        "labels": ["platform"]
    })];
    if let (ImageUpdates::Ci, Some(images)) =
        (platform.delivery.image_updates, &platform.registry.repository)
    {
        rules.push(json!({
            "description": "The apps' own images are raised by the pipelines that build them.",
            "matchDatasources": ["docker"],
            "matchPackageNames": [format!("{}/**", context.mirrors.image(images))],
            "enabled": false
        }));
    }
    rules.push(json!({
        "description": "Major versions may need a change of values: read their notes first.",
        "matchUpdateTypes": ["major"],
        "labels": ["major"]
    }));
    let config = pattern(&platform.application.config);
    let body = json!({
        "$schema": "https://docs.renovatebot.com/renovate-schema.json",
        "extends": ["config:recommended", ":semanticCommitsDisabled"],
        "timezone": "Etc/UTC",
        "minimumReleaseAge": "3 days",
        "ignorePaths": [".mainstay/**"],
        manager: {"managerFilePatterns": addons},
        "helm-values": {
            "managerFilePatterns": [config, "/^overlays/.+/values\\.yaml$/"]
        },
        "customManagers": [
            {
                "customType": "regex",
                "description": format!("{} itself, which is installed by hand.", context.engine()),
                "managerFilePatterns": ["/^README\\.md$/", format!("/^platform/{manager}/values\\.yaml$/")],
                "matchStrings": [
                    "--repo (?<registryUrl>\\S+) --version (?<currentValue>\\S+)",
                    format!("# Values of the chart {} (?<currentValue>\\S+) \\((?<registryUrl>\\S+)\\)", own.chart)
                ],
                "depNameTemplate": own.chart,
                "datasourceTemplate": "helm"
            },
            {
                "customType": "regex",
                "description": "What the workflows install.",
                "managerFilePatterns": ["/^\\.github/workflows/.+\\.yml$/"],
                "matchStrings": ["pipx install (?<depName>[\\w.-]+)==(?<currentValue>\\S+)"],
                "datasourceTemplate": "pypi"
            }
        ],
        "packageRules": rules
    });
    files.generated("renovate.json", pretty(&body));
}

/// Returns a regular expression, between slashes, for exactly this path.
fn pattern(path: &str) -> String {
    let mut out = String::from("/^");
    for c in path.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '/' | '-' | '_') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push_str("$/");
    out
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
