//! `platform/argocd/values.yaml`: how Argo CD itself is installed, by hand and once.

use crate::generate::write::{Map, Yaml, document};
use crate::generate::{Context, Files, credentials};

use crate::generate::emit::platform::images;

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let argocd = &context.catalog.argocd;
    let health = "hs = {}\n\
                  hs.status = \"Progressing\"\n\
                  hs.message = \"\"\n\
                  if obj.status ~= nil and obj.status.health ~= nil then\n\
                  \x20 hs.status = obj.status.health.status\n\
                  \x20 hs.message = obj.status.health.message or \"\"\n\
                  end\n\
                  return hs\n";
    let definition = "hs = {}\n\
                      hs.status = \"Progressing\"\n\
                      hs.message = \"not established yet\"\n\
                      if obj.status ~= nil and obj.status.conditions ~= nil then\n\
                      \x20 for _, condition in ipairs(obj.status.conditions) do\n\
                      \x20   if condition.type == \"NamesAccepted\" and condition.status == \"False\" then\n\
                      \x20     hs.status = \"Degraded\"\n\
                      \x20     hs.message = condition.message\n\
                      \x20     return hs\n\
                      \x20   end\n\
                      \x20   if condition.type == \"Established\" and condition.status == \"True\" then\n\
                      \x20     hs.status = \"Healthy\"\n\
                      \x20     hs.message = \"\"\n\
                      \x20   end\n\
                      \x20 end\n\
                      end\n\
                      return hs\n";
    let image = images::repository(context, "quay.io/argoproj/argocd");
    let ui = context.platform.delivery.ui.as_ref();
    let configs = Map::new().put(
        "cm",
        Map::new()
            .note("An Application is as healthy as what it deploys: sync waves of the root wait for it.")
            .put("resource.customizations.health.argoproj.io_Application", health)
            .note(
                "A definition is not broken while the API server takes it up. Argo CD calls it\n\
                 Degraded then, and a root whose sync looks at that moment fails.",
            )
            .put(
                "resource.customizations.health.apiextensions.k8s.io_CustomResourceDefinition",
                definition,
            ),
    );
    let configs = match ui {
        Some(_) => configs.put(
            "params",
            Map::new()
                .note("TLS ends at the ingress controller: platform/argocd-ui.")
                .put("server.insecure", true),
        ),
        None => configs,
    };
    let patched = credentials::through_backend(context.platform)
        && context.platform.secrets.backend.external().is_none();
    let configs = match patched {
        true => configs.put(
            "secret",
            Map::new().put(
                "annotations",
                Map::new()
                    .note("Sealed Secrets adds to argocd-secret what is sealed, and does not take it over.")
                    .put("sealedsecrets.bitnami.com/patch", Yaml::Quoted("true".to_owned())),
            ),
        ),
        false => configs,
    };
    let global =
        Map::new().put_some("domain", ui.filter(|ui| !ui.differs()).map(|ui| ui.host.as_str()));
    let body = Map::new()
        .put_filled("global", global.put_filled("image", image))
        .put("configs", configs)
        .note("Single sign-on and notifications are off until somebody needs them.")
        .put("dex", Map::new().put("enabled", false))
        .put("notifications", Map::new().put("enabled", false));
    files.generated(
        "platform/argocd/values.yaml",
        document(
            &format!(
                "Values of the chart {} {} ({}).\n\
                 Installed by hand, because Argo CD cannot deploy itself before it is there:\n\
                 README.md, \"Day one\".",
                argocd.chart, argocd.version, argocd.repository
            ),
            &body,
        ),
    );
}
