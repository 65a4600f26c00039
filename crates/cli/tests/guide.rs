//! The documents of generated repositories: every command that needs no cluster is run, in the order of the
//! page. Of a repository that seals that is `docs/sealing.md`, and what it sealed is opened; of the dex
//! example every page, and what has no cluster here is listed with the reason.
//!
//! The part for kubeseal is run where kubeseal, kubectl and kustomize are on the path (`.ci/judges`); where one
//! is missing, which one is printed.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may touch the disk"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use testkit::Folder;

const SPEC: &str = "apiVersion: mainstay/v1\nkind: Platform\nmetadata: {name: shop}\nspec:\n  domain: shop.example.com\n  \
    repo: {url: https://github.com/acme/shop-gitops}\n  secrets: {backend: sealed-secrets}\n  environments: [prod]\n";
const PAYLOAD: &str = r#"[{"image": "ghcr.io/acme/web:1.2.3", "fqdn": "shop.example.com", "ports": [8080],
  "secrets": [{"key": "password", "existingSecret": "db", "env": "PASSWORD"}]}]"#;

/// A repository, and the key that its values are sealed for.
struct Place {
    folder: Folder,
}

impl Place {
    fn empty() -> Place {
        Place { folder: Folder::new().unwrap() }
    }

    fn new() -> Place {
        Place::of(SPEC)
    }

    fn of(spec: &str) -> Place {
        let place = Place::empty();
        place.folder.write("in/mainstay.yaml", spec).unwrap();
        place.folder.write("in/deployed_apps.json", PAYLOAD).unwrap();
        place.sh(".", "mainstay -qq new shop --from in/deployed_apps.json", "");
        place.sh(
            "shop",
            "mainstay -qq keys new --out ../key.yaml && git add --all && git commit -qm key",
            "",
        );
        place
    }

    /// Runs commands as a person would who types `input` when asked, and returns what they print.
    fn sh(&self, folder: &str, commands: &str, input: &str) -> String {
        let program = Path::new(env!("CARGO_BIN_EXE_mainstay")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut child = Command::new("/bin/bash")
            .args(["-euo", "pipefail", "-c", commands])
            .current_dir(self.folder.join(folder))
            .env(
                "PATH",
                format!("{}:{}:{path}", self.folder.join("bin").display(), program.display()),
            )
            .env("HOME", self.folder.path())
            .env("KUBECONFIG", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "A Person")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@example.com")))
            .env("PASSWORD", "correct horse")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who asks nothing has closed its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, error) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{commands}\n{out}{error}");
        out
    }

    /// Returns the blocks of commands below a heading of the guide.
    fn blocks(&self, heading: &str) -> Vec<String> {
        let page = std::fs::read_to_string(self.folder.join("shop/docs/sealing.md")).unwrap();
        let section = page.split("\n## ").find(|section| section.starts_with(heading));
        let section = section.unwrap_or_else(|| panic!("no `{heading}` in\n{page}"));
        let blocks = section.split("```sh\n").skip(1);
        blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
    }

    fn opened(&self) -> String {
        self.sh("shop", "mainstay unseal --key ../key.yaml overlays/prod/custom/db.sealed.yaml", "")
    }
}

/// Whether programs are on the path; says which one is not.
#[expect(clippy::print_stdout, reason = "a test that is left out says why")]
fn are_there(programs: &[&str]) -> bool {
    let is_missing = |program: &&&str| {
        let find = format!("command -v {program}");
        !Command::new("sh").args(["-c", &find]).output().unwrap().status.success()
    };
    let missing = programs.iter().find(is_missing);
    if let Some(program) = missing {
        println!("left out: {program} is not on the path (.ci/judges installs it)");
    }
    missing.is_none()
}

#[test]
fn every_command_with_mainstay_works_as_it_is_written() {
    let place = Place::new();
    let blocks = place.blocks("The same with mainstay");
    assert_eq!(blocks.len(), 3, "{blocks:?}");
    for block in &blocks {
        place.sh("shop", block, "correct horse");
    }
    assert!(place.opened().contains("password: Y29ycmVjdCBob3JzZQ=="), "{}", place.opened());
    assert_eq!(place.sh("shop", "git status --porcelain", ""), "", "everything is committed");
}

#[test]
fn every_command_with_kubeseal_works_as_it_is_written() {
    if !are_there(&["kubeseal", "kubectl", "kustomize"]) {
        return;
    }
    let place = Place::new();
    let blocks = place.blocks("Seal a secret");
    assert_eq!(blocks.len(), 5, "{blocks:?}");
    for block in &blocks {
        place.sh("shop", block, "");
    }
    assert!(place.opened().contains("password: Y29ycmVjdCBob3JzZQ=="), "{}", place.opened());
    assert_eq!(place.sh("shop", "git status --porcelain", ""), "", "everything is committed");
    assert!(!place.folder.join("plain").exists(), "what was readable is gone");
    let check = place.sh("shop", "mainstay secrets check --key ../key.yaml --json", "");
    assert!(check.contains("\"opened\": true"), "{check}");
}

#[test]
fn a_key_that_openssl_made_is_as_good() {
    if !are_there(&["kubectl", "openssl"]) {
        return;
    }
    let place = Place::new();
    let blocks = place.blocks("The key");
    assert_eq!(blocks.len(), 1, "{blocks:?}");
    // As a platform is before its first key.
    place.sh("shop", "rm -r secrets", "");
    place.sh("shop", &blocks[0], "");
    assert!(!place.folder.join("shop-sealing-key.yaml.pem").exists(), "one copy of the key");
    place.sh("shop", "mainstay keys check --key ../shop-sealing-key.yaml", "");
    place.sh("shop", "mainstay seal db --env prod password", "correct horse");
    let opened = place.sh(
        "shop",
        "mainstay unseal --key ../shop-sealing-key.yaml overlays/prod/custom/db.sealed.yaml",
        "",
    );
    assert!(opened.contains("password: Y29ycmVjdCBob3JzZQ=="), "{opened}");
}

/// Returns the command that a text shows in backticks and that begins with a program.
fn shown(text: &str, program: &str) -> String {
    let spans = text.split('`').skip(1).step_by(2);
    let found = spans.into_iter().find(|span| span.starts_with(&format!("{program} ")));
    found.unwrap_or_else(|| panic!("no `{program} …` in\n{text}")).to_owned()
}

/// Argo CD's password is one of people's own: the command that makes its hash is run as it is shown, in the message and
/// in the ledger, and what comes of it is compared by a bcrypt of others; and htpasswd compares a hash of mainstay's.
#[test]
fn the_hash_of_a_password_of_ones_own_is_made_as_it_is_written() {
    if !are_there(&["htpasswd"]) {
        return;
    }
    let place = Place::of(
        &SPEC.replace("  secrets:", "  delivery: {credentials: \"secret:/argocd\"}\n  secrets:"),
    );
    place.folder.write("password", "correct horse").unwrap();
    let sealed = "platform/credentials/custom/argocd-secret.sealed.yaml";
    let hash = || {
        let open = format!(
            "mainstay unseal --key ../key.yaml -o json {sealed} | \
             sed -n 's/.*\"admin.password\": \"\\(.*\\)\".*/\\1/p' | base64 -d"
        );
        place.sh("shop", &open, "")
    };
    let refused = "mainstay seal argocd-secret --env platform admin.password 2>&1 || true";
    let command = shown(&place.sh("shop", refused, "hunter2"), "htpasswd");
    place.sh("shop", &command.replace("FILE", "../password"), "");
    let of_htpasswd = hash();
    assert!(of_htpasswd.starts_with("$2a$10$"), "{of_htpasswd}");
    assert!(bcrypt::verify("correct horse", &of_htpasswd).unwrap(), "{of_htpasswd}");
    assert!(!bcrypt::verify("correct horse\n", &of_htpasswd).unwrap(), "a line end is none of it");

    place.sh("shop", "mainstay -q secrets rotate argocd-admin --out ../admin", "");
    place.folder.write("users", format!("admin:{}\n", hash())).unwrap();
    place.sh(".", "htpasswd -vi users admin <admin && ! htpasswd -vi users admin <password", "");

    let external = SPEC.replace(
        "  secrets: {backend: sealed-secrets}",
        "  delivery: {credentials: \"secret:/argocd\"}\n  secrets: {backend: external-secrets, \
         externalSecrets: {provider: aws, aws: {region: eu-central-1}}}",
    );
    let place = Place::of(&external);
    place.folder.write("password", "correct horse\n").unwrap();
    let ledger = std::fs::read_to_string(place.folder.join("shop/docs/credentials.md")).unwrap();
    let made = place.sh(".", &shown(&ledger, "htpasswd").replace("FILE", "password"), "");
    assert!(bcrypt::verify("correct horse", &made).unwrap(), "{made}");
}

/// Commands of the dex example's pages that are not run here: how they begin, and why not.
const NOT_RUN: [(&str, &str); 7] = [
    ("helm upgrade --install argocd", "installs Argo CD in a cluster, from the network"),
    ("kubectl apply --filename infra/application.yaml", "needs a cluster with Argo CD"),
    ("kubectl --namespace argocd ", "asks a cluster with Argo CD"),
    ("kubectl --namespace dex-dev ", "asks a cluster in which the application runs"),
    ("argocd app ", "asks a running Argo CD"),
    ("docker pull ", "asks the registry"),
    ("curl http://localhost:8000", "asks the application, through a port of the cluster"),
];

/// Returns the commands of a page, block by block; a line that goes on is one with the next.
fn commands(page: &str) -> Vec<Vec<String>> {
    let blocks = page.split("```sh\n").skip(1).map(|it| it.split("```").next().unwrap());
    let lines = |block: &str| {
        let joined = block.replace("\\\n", " ");
        joined.lines().map(str::to_owned).filter(|line| !line.trim().is_empty()).collect()
    };
    blocks.map(lines).collect()
}

#[test]
fn every_command_of_the_dex_example_works_as_it_is_written() {
    let place = Place::empty();
    if place.sh(".", "command -v kubectl || echo none", "").trim() == "none" {
        println!("kubectl is not on the path (.ci/judges installs it): mainstay stands in for it");
        let stand_in =
            "#!/bin/sh\n[ \"$1\" = kustomize ] && exec mainstay kustomize build \"$2\"\nexit 9\n";
        place.folder.write("bin/kubectl", stand_in).unwrap();
        place.sh(".", "chmod +x bin/kubectl", "");
    }
    // Another program has this name, too.
    let is_yq = "yq --version 2>/dev/null | grep -q mikefarah && echo it is || echo none";
    if place.sh(".", is_yq, "").trim() == "none" {
        println!("yq 4 is not on the path (.ci/judges installs it): mainstay stands in for it");
        let stand_in = "#!/bin/sh\n[ \"$1\" = --inplace ] || exit 9\n\
            exec mainstay -q set \"$3\" 'images[name=dex].newTag' \"$tag\"\n";
        place.folder.write("bin/yq", stand_in).unwrap();
        place.sh(".", "chmod +x bin/yq", "");
    }
    place.sh(
        ".",
        "mainstay -qq new dex --example dex && git init -q --bare remote \
         && cd dex && git remote add origin ../remote && git push -q -u origin main dev \
         && git branch -q --set-upstream-to origin/dev dev",
        "",
    );
    let pages =
        ["infra/README.md", "docs/promotion.md", "docs/rollback.md", "docs/troubleshooting.md"];
    let mut unused: Vec<&str> = NOT_RUN.iter().map(|(start, _)| *start).collect();
    let mut run = 0;
    for path in pages {
        let page = std::fs::read_to_string(place.folder.join("dex").join(path)).unwrap();
        for block in commands(&page) {
            for command in block {
                if let Some((start, _)) = NOT_RUN.iter().find(|(it, _)| command.starts_with(it)) {
                    unused.retain(|it| it != start);
                    continue;
                }
                // What a person would read off the log.
                let branch = place.sh("dex", "git branch --show-current", "");
                let overlay = if branch.trim() == "dev" { "dev" } else { "stage" };
                let last = format!(
                    "$(git log -1 --format=%h -- infra/argocd/overlays/{overlay}/kustomization.yaml)"
                );
                place.sh("dex", &command.replace("COMMIT", &last), "");
                run += 1;
                if command.starts_with("mainstay registry set") {
                    for overlay in ["dev", "stage", "prod", "preview"] {
                        let build =
                            format!("mainstay kustomize build infra/argocd/overlays/{overlay}");
                        let built = place.sh("dex", &build, "");
                        assert!(built.contains("image: docker.io/example/dex:sha-"), "{built}");
                    }
                    place.sh(
                        "dex",
                        "git commit -qam registry && git push -q && git switch -q dev",
                        "",
                    );
                    place.sh("dex", "git merge -q main && git push -q && git switch -q main", "");
                }
                if command.starts_with("git commit --all --message 'chore: run") {
                    let tag =
                        "git -C ../remote show dev:infra/argocd/overlays/dev/kustomization.yaml";
                    assert!(place.sh("dex", tag, "").contains("newTag: sha-0123abcd"));
                    // On the other branch the pipeline's commit is made by hand.
                    let both = "git switch -q main && for it in stage prod; do mainstay -q set \
                        infra/argocd/overlays/$it/kustomization.yaml 'images[name=dex].newTag' sha-0123abcd; \
                        done && git commit -qam 'chore: update' && git push -q && git switch -q dev";
                    place.sh("dex", both, "");
                }
            }
        }
    }
    assert!(run >= 12, "only {run} commands were run");
    assert_eq!(unused, Vec::<&str>::new(), "reasons for commands that no page has");
    for (branch, overlay) in [("dev", "dev"), ("main", "stage"), ("main", "prod")] {
        let show = format!(
            "git -C remote show {branch}:infra/argocd/overlays/{overlay}/kustomization.yaml"
        );
        let shown = place.sh(".", &show, "");
        assert!(shown.contains("newTag: sha-00000000"), "{overlay} is not back:\n{shown}");
    }
}
