//! `mainstay fetch` with a server of its own: what was opaque is rendered, and the lock is kept.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a test may touch the disk, and the network of its own machine"
)]

#[path = "../../operate/tests/server/mod.rs"]
#[allow(dead_code, reason = "the tests of `operate` use more of it")]
mod server;

use std::path::Path;
use std::process::{Command, Output};

use server::{Reply, Server};
use testkit::Folder;

/// The charts that the example's add-ons are, as far as they are recorded: name and version.
const CHARTS: [(&str, &str); 4] = [
    ("cert-manager", "v0.0.0"),
    ("infisical-csi-provider", "0.2.3"),
    ("secrets-store-csi-driver", "1.6.0"),
    ("traefik", "41.3.0"),
];

/// Serves the recorded charts; whoever asks for traefik a second time gets another archive.
fn charts() -> Option<Server> {
    let folder = testkit::corpus("charts")?;
    let archive = move |name: &str| std::fs::read(folder.join(name)).ok();
    let index = CHARTS.map(|(name, version)| {
        format!("  {name}: [{{name: {name}, version: {version}, urls: [{name}-{version}.tgz]}}]\n")
    });
    let index = format!("apiVersion: v1\nentries:\n{}", index.concat());
    Some(Server::start(move |asked, before| {
        let name = asked.path.rsplit('/').next().unwrap_or_default();
        match name {
            "index.yaml" => Reply::ok(index.clone()),
            "traefik-41.3.0.tgz" if before > 0 => {
                Reply::ok(archive("infisical-csi-provider-0.2.3.tgz").unwrap_or_default())
            }
            name => archive(name).map_or(Reply::status(404), Reply::ok),
        }
    }))
}

struct Shop {
    folder: Folder,
}

impl Shop {
    /// A repository whose add-ons come from a server.
    fn new(server: &Server) -> Shop {
        let shop = Shop { folder: Folder::new().unwrap() };
        assert!(shop.run("one", &["new", "shop", "--no-commit"]).status.success());
        let applications = shop.folder.join("shop/platform/applications");
        for entry in std::fs::read_dir(applications).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(path, moved(&text, server)).unwrap();
        }
        let project = shop.folder.join("shop/projects/platform/project.yaml");
        let text = std::fs::read_to_string(&project).unwrap();
        let allowed = format!("  sourceRepos:\n    - {}\n", server.url("/charts"));
        std::fs::write(project, text.replace("  sourceRepos:\n", &allowed)).unwrap();
        shop
    }

    /// Runs mainstay with one of several caches.
    fn run(&self, cache: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_mainstay"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.join("home"))
            .env("XDG_CACHE_HOME", self.folder.join(cache))
            .output()
            .unwrap()
    }

    /// Runs mainstay in the repository, and returns its exit code and what it said.
    fn in_shop(&self, cache: &str, arguments: &[&str]) -> (i32, String) {
        let output = self.run(cache, &[arguments, &["--file", "shop"]].concat());
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
    }

    fn lock(&self) -> String {
        std::fs::read_to_string(self.folder.join("shop/.mainstay/charts.lock.yaml")).unwrap()
    }
}

/// Returns an Application with the server for its chart repository, and a version that it has.
fn moved(text: &str, server: &Server) -> String {
    let is_chart = text.lines().any(|line| line.trim_start().starts_with("chart: "));
    let mut out = String::new();
    for line in text.lines() {
        let (margin, rest) = line.split_at(line.len() - line.trim_start().len());
        let line = match rest.split_once(": ") {
            Some(("repoURL", _)) if is_chart && !rest.contains("example/shop") => {
                format!("{margin}repoURL: {}", server.url("/charts"))
            }
            Some(("targetRevision", version)) if version.starts_with("v1.") => {
                format!("{margin}targetRevision: v0.0.0")
            }
            _ => line.to_owned(),
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

#[test]
fn what_was_opaque_is_rendered_and_stays_what_it_was() {
    let Some(server) = charts() else { return };
    let shop = Shop::new(&server);
    let (_, said) = shop.in_shop("one", &["check"]);
    assert!(said.contains("not in the local cache"), "{said}");
    let (code, said) = shop.in_shop("one", &["fetch"]);
    assert!(code == 0 && said.contains("Fetched 4 charts, 0 from the cache"), "{said}");
    let lock = shop.lock();
    assert_eq!(lock.matches("digest: sha256:").count(), 4, "{lock}");
    let (code, said) = shop.in_shop("one", &["check"]);
    assert!(code == 0 && !said.contains("Opaque"), "{said}");
    let (_, said) = shop.in_shop("one", &["render", "traefik", "--env", "prod", "-o", "name"]);
    assert!(said.contains("deployment"), "{said}");
    let asked = server.log().len();
    let (code, said) = shop.in_shop("one", &["fetch"]);
    assert!(code == 0 && said.contains("Fetched 0 charts, 4 from the cache"), "{said}");
    assert_eq!((shop.lock(), server.log().len()), (lock.clone(), asked));
    // Somebody else, to whom the server gives another archive.
    let (code, said) = shop.in_shop("two", &["fetch"]);
    assert!(code == 3 && said.contains("pins sha256:"), "{said}");
    assert_eq!(shop.lock(), lock);
    let (code, said) = shop.in_shop("two", &["fetch", "--update"]);
    assert!(code == 0 && said.contains("is written"), "{said}");
    assert_ne!(shop.lock(), lock);
    // Whoever has the older archive only is told so, instead of rendering another platform.
    std::fs::remove_dir_all(shop.folder.join("one/mainstay/charts/sha256")).unwrap();
    let (code, said) = shop.in_shop("one", &["render", "-o", "name"]);
    assert!(code == 3 && said.contains("could not fetch `traefik` 41.3.0"), "{said}");
    assert!(!Path::new("home").exists());
}

/// A repository that mainstay did not write: the charts that its delivery objects name.
#[test]
fn any_repository_has_its_charts_fetched() {
    let Some(server) = charts() else { return };
    let folder = Folder::new().unwrap();
    let shop = Shop { folder };
    let of_argo_cd = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all, namespace: argocd}}\n\
         spec:\n  generators: [{{list: {{elements: [{{name: secrets-store-csi-driver, version: 1.6.0}}]}}}}]\n\
         \x20 template:\n    metadata: {{name: '{{{{name}}}}'}}\n    spec:\n      project: default\n\
         \x20     source: {{repoURL: {0}, chart: '{{{{name}}}}', targetRevision: '{{{{version}}}}'}}\n\
         \x20     destination: {{server: https://kubernetes.default.svc, namespace: x}}\n",
        server.url("/charts")
    );
    let of_flux = format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: charts, namespace: x}}\n\
         spec: {{interval: 1m, url: {0}}}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
         metadata: {{name: csi, namespace: x}}\nspec:\n  interval: 1m\n  chart: {{spec: {{chart: \
         infisical-csi-provider, version: 0.2.x, sourceRef: {{kind: HelmRepository, name: charts}}}}}}\n",
        server.url("/charts")
    );
    shop.folder.write("shop/argocd.yaml", of_argo_cd).unwrap();
    shop.folder.write("shop/flux.yaml", of_flux).unwrap();
    let (code, said) = shop.in_shop("one", &["render", "-o", "name"]);
    assert!(
        code == 0 && said.contains("not in the local cache: `mainstay fetch` gets it"),
        "{said}"
    );
    let (code, said) = shop.in_shop("one", &["fetch"]);
    assert_eq!(code, 0, "{said}");
    let lock = shop.lock();
    let is_pinned = |name: &str| lock.contains(name);
    assert!(["secrets-store-csi-driver", "infisical-csi-provider"].iter().all(|it| is_pinned(it)));
    let (code, said) = shop.in_shop("one", &["render", "-o", "name"]);
    assert!(code == 0 && !said.contains("Opaque"), "{said}");
    assert!(said.contains("/daemonset.apps/"), "{said}");
}

#[test]
fn many_may_fetch_at_once() {
    let Some(server) = charts() else { return };
    let shop = Shop::new(&server);
    assert_eq!(shop.in_shop("one", &["fetch"]).0, 0);
    let lock = shop.lock();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(shop.in_shop("one", &["fetch", "-q"]), (0, String::new())));
        }
    });
    assert_eq!(shop.lock(), lock);
}
