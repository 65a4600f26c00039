//! What kustomizations name elsewhere: fetched once from servers of a test's own, pinned, and read from the lock
//! and the cache; what kustomize itself makes of the same is compared by `xtask/judges/bases.sh`.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a test may touch the disk, and the network of its own machine"
)]

#[path = "../../operate/tests/server/mod.rs"]
#[allow(dead_code, reason = "the tests of `operate` use more of it")]
mod server;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use server::{Asked, Reply, Server};
use testkit::Folder;

const WEB: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n";

/// A folder with a repository `remote`, another one `own` whose kustomization names it, and a cache.
struct Place {
    folder: Folder,
}

impl Place {
    fn new() -> Place {
        let place = Place { folder: Folder::new().unwrap() };
        place.write("remote/base/kustomization.yaml", "resources: [web.yaml]\n");
        place.write("remote/base/web.yaml", WEB);
        place.write("remote/over/kustomization.yaml", "resources: [../base]\nnamePrefix: over-\n");
        place.git("remote", &["init", "--quiet", "--initial-branch=main"]);
        place.commit();
        place.git("remote", &["tag", "v1"]);
        place.write("own/.git/HEAD", "ref: refs/heads/main\n");
        place
    }

    fn write(&self, path: &str, text: &str) {
        self.folder.write(path, text).unwrap();
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    fn command(&self, program: &str, folder: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap();
        command.env_clear().env("PATH", path).env("HOME", self.path("home"));
        command.env("XDG_CACHE_HOME", self.path("cache")).env("GIT_CONFIG_NOSYSTEM", "1");
        command.current_dir(self.path(folder)).stdin(Stdio::null());
        command
    }

    fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let mut command = self.command("git", folder);
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Commits everything of `remote`, and returns the commit.
    fn commit(&self) -> String {
        self.git("remote", &["add", "--all"]);
        self.git("remote", &["commit", "--quiet", "--message", "more"]);
        self.git("remote", &["rev-parse", "HEAD"])
    }

    /// Runs mainstay in `own`; returns the exit code, what it printed, and what it said.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = self.command(env!("CARGO_BIN_EXE_mainstay"), "own");
        let output = command.args(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    fn lock(&self) -> String {
        std::fs::read_to_string(self.path("own/.mainstay/bases.lock.yaml")).unwrap_or_default()
    }

    fn forget_cache(&self) {
        std::fs::remove_dir_all(self.path("cache")).unwrap();
    }

    fn names(&self, url: &str) {
        self.write("own/app/kustomization.yaml", &format!("resources: [\"{url}\"]\n"));
    }

    /// Serves `remote` as git's own server does over HTTP.
    fn serve(&self) -> Server {
        let root = self.path("");
        Server::start(move |asked, _| http_backend(&root, asked))
    }
}

/// Answers as `git http-backend` does (git's documentation, "git-http-backend").
fn http_backend(root: &std::path::Path, asked: &Asked) -> Reply {
    use std::io::Write as _;
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", &asked.method)
        .env("CONTENT_TYPE", "application/x-git-upload-pack-request")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "uploadpack.allowAnySHA1InWant")
        .env("GIT_CONFIG_VALUE_0", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(asked.body.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap().stdout;
    let end = output.windows(4).position(|it| it == b"\r\n\r\n").unwrap_or(output.len());
    let head = String::from_utf8_lossy(&output[..end]).into_owned();
    let mut reply = Reply::ok(output.get(end + 4..).unwrap_or_default());
    for line in head.lines() {
        match line.split_once(": ") {
            Some(("Status", status)) => reply.status = status[..3].parse().unwrap(),
            Some(("Content-Type", kind)) => reply = reply.header("Content-Type", kind),
            _ => {}
        }
    }
    reply
}

#[test]
fn a_base_is_fetched_once_and_stays_what_it_was() {
    let place = Place::new();
    let server = place.serve();
    let commit = place.git("remote", &["rev-parse", "HEAD"]);
    place.names(&server.url("/remote//over?ref=main"));
    let (code, _, said) = place.run(&["kustomize", "build", "app"]);
    assert!(
        code == 1 && said.contains("error[R031]") && said.contains("was not fetched"),
        "{said}"
    );
    assert!(said.contains("app/kustomization.yaml:1") && said.contains("mainstay fetch"), "{said}");
    let (code, _, said) = place.run(&["fetch", "app"]);
    assert!(code == 0 && said.contains("bases.lock.yaml is written"), "{said}");
    let lock = place.lock();
    assert!(lock.contains(&commit) && lock.contains("ref: main"), "{lock}");
    let (code, printed, said) = place.run(&["kustomize", "build", "app"]);
    assert!(code == 0 && printed.contains("name: over-web"), "{printed}{said}");
    // Others push: nothing changes here until somebody wants it to, and the server is not asked.
    place.write("remote/base/web.yaml", &WEB.replace("b}", "c}"));
    let newer = place.commit();
    let asked = server.log().len();
    let (code, _, said) = place.run(&["fetch", "app"]);
    assert!(code == 0 && said.contains("0 bases, 1 from the cache"), "{said}");
    assert_eq!(place.run(&["kustomize", "build", "app", "--offline"]).1, printed);
    assert_eq!(server.log().len(), asked);
    // Somebody else has the lock only: the same commit is fetched, or refused where nothing may be asked.
    place.forget_cache();
    let (code, _, said) = place.run(&["kustomize", "build", "app", "--offline"]);
    assert!(code == 1 && said.contains("R031") && said.contains("not in the cache"), "{said}");
    assert_eq!(place.run(&["kustomize", "build", "app"]).1, printed);
    assert_eq!(place.lock(), lock);
    let (code, _, said) = place.run(&["fetch", "app", "--update"]);
    assert!(code == 0 && place.lock().contains(&newer), "{said}");
    assert!(place.run(&["kustomize", "build", "app"]).1.contains("a: c"));
}

#[test]
fn files_are_fetched_and_pages_are_not_taken_for_them() {
    let place = Place::new();
    let root = place.path("");
    let server = Server::start(move |asked, _| match asked.path.as_str() {
        "/files/web.yaml" => Reply::ok(WEB),
        "/patch.yaml" => Reply::ok("- {op: add, path: /data/more, value: d}\n"),
        "/remote" => Reply::ok("<!DOCTYPE html>\n<html><body>a: b</body></html>\n"),
        _ => http_backend(&root, asked),
    });
    place.write(
        "own/app/kustomization.yaml",
        &format!(
            "resources: [\"{}\", \"{}\"]\npatches: [{{target: {{name: web}}, path: \"{}\"}}]\n",
            server.url("/files/web.yaml"),
            server.url("/remote//over"),
            server.url("/patch.yaml"),
        ),
    );
    let (code, _, said) = place.run(&["fetch", "app"]);
    assert!(code == 0 && said.contains("3 bases"), "{said}");
    assert_eq!(place.lock().matches("url: ").count(), 2, "{}", place.lock());
    let (code, printed, said) = place.run(&["kustomize", "build", "app", "--offline"]);
    assert!(code == 0 && printed.matches("more: d").count() == 2, "{printed}{said}");
    assert!(printed.contains("name: over-web"), "{printed}");
}

#[test]
fn faults_of_servers_and_of_addresses_are_told_and_nothing_is_written() {
    let place = Place::new();
    let server = place.serve();
    let slow = Server::start(|_, _| Reply { think: Duration::from_secs(20), ..Reply::status(404) });
    let broken = Server::start(|_, _| Reply { cut: Some(3), ..Reply::ok("0123456789") });
    for (url, words) in [
        (server.url("/none//base"), "git fetch"),
        (server.url("/remote//base?ref=no-such-branch"), "git fetch"),
        (server.url("/remote//base?ref=--upload-pack=touch%20x"), "is no reference"),
        (format!("ssh://git@127.0.0.1:1{}", "/team/repo//base"), "git fetch"),
        (slow.url("/team/repo.git//base?timeout=1"), "longer than 1 second"),
        (broken.url("/team/repo.git//base"), "git fetch"),
        ("http://git.example.org/team/repo//base".to_owned(), "is not encrypted"),
        ("https://somebody:secret@127.0.0.1/team/repo//base".to_owned(), "password"),
        (server.url("/one.yaml"), "answered 404"),
    ] {
        // An address without a scheme that git gets is looked at as a file first, which is slow there.
        let field = if url.starts_with("http") && url.contains(".git") {
            "components"
        } else {
            "resources"
        };
        place.write(
            "own/app/kustomization.yaml",
            &format!("{field}: [\"{url}\"]\nnamePrefix: a-\n"),
        );
        let (code, _, said) = place.run(&["fetch", "app"]);
        assert!(code == 3 && said.contains(words), "{url}: {code} {said}");
        assert!(!said.contains("secret"), "{said}");
        assert_eq!(place.lock(), "", "{url}");
        let (code, _, said) = place.run(&["kustomize", "build", "app"]);
        assert!(
            code == 1 && said.contains("R031") && !said.contains("secret"),
            "{url}: {code} {said}"
        );
    }
    assert!(!place.path("own/x").exists());
}

#[test]
fn a_moved_commit_and_a_damaged_cache_are_found() {
    let place = Place::new();
    let server = place.serve();
    place.names(&server.url("/remote//base?ref=main"));
    assert_eq!(place.run(&["fetch", "app"]).0, 0);
    let kept = place.path("cache/mainstay/charts/sha256");
    for entry in std::fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "file") {
            std::fs::write(path, "other").unwrap();
        }
    }
    let (code, _, said) = place.run(&["kustomize", "build", "app", "--offline"]);
    assert!(code == 1 && said.contains("is damaged"), "{said}");
    assert_eq!(place.run(&["fetch", "app"]).0, 0);
    assert_eq!(place.run(&["kustomize", "build", "app", "--offline"]).0, 0);
    // History is written anew, and the pinned commit is gone.
    place.forget_cache();
    place.git("remote", &["checkout", "--quiet", "--orphan", "other"]);
    place.write("remote/base/web.yaml", &WEB.replace("b}", "c}"));
    place.commit();
    place.git("remote", &["branch", "--quiet", "--force", "main"]);
    place.git("remote", &["tag", "--delete", "v1"]);
    place.git("remote", &["reflog", "expire", "--expire=now", "--all"]);
    place.git("remote", &["gc", "--quiet", "--prune=now"]);
    let (code, _, said) = place.run(&["kustomize", "build", "app"]);
    assert!(code == 3 && said.contains("does not give that one"), "{code} {said}");
    place.write("own/.mainstay/bases.lock.yaml", "version: 9\n");
    let (code, _, said) = place.run(&["kustomize", "build", "app"]);
    assert!(code == 2 && said.contains("newer than this mainstay"), "{code} {said}");
}
