//! The laboratory's server: git repositories (`/git/NAME`, through git's own http-backend), charts
//! (`/charts`) and a registry that is only read (`/v2`), on loopback, as threads of the program that started it.
//!
//! It is the pods' network too: the API server asks it, as its proxy, for what it would ask of a pod, and the
//! one program that answers is the one that runs in that pod's place.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};

use super::cluster::fed;
use super::oci;
use super::place::port;
use crate::programs::call;

/// The address of the server.
pub(super) fn address() -> String {
    format!("http://127.0.0.1:{}", port::at(port::SERVER))
}

/// The folder that is served; there is one server, and each test gives it a folder of its own.
static SERVED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Where the program listens that answers for pods; 0 where there is none.
static PODS: AtomicU16 = AtomicU16::new(0);

/// Lets a program answer what the API server asks of pods.
pub(super) fn pods_answer_at(port: u16) {
    PODS.store(port, Ordering::Relaxed);
}

/// Asks a program on loopback, and returns its answer, headers included.
pub(super) fn ask(port: u16, path: &str) -> Result<String> {
    Ok(String::from_utf8(exchange(port, &format!("GET {path} HTTP/1.0\r\n"), b"")?)?)
}

fn exchange(port: u16, head: &str, body: &[u8]) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    write!(stream, "{head}Host: 127.0.0.1\r\nContent-Length: {}\r\n\r\n", body.len())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Serves the folders `git` and `charts` of `root` until the program ends, or another root is given.
pub(super) fn start(root: &Path) -> Result<()> {
    let mut served = SERVED.lock().unwrap_or_else(PoisonError::into_inner);
    if served.is_some() {
        *served = Some(root.to_path_buf());
        return Ok(());
    }
    let listener = TcpListener::bind(("127.0.0.1", port::at(port::SERVER)))
        .with_context(|| format!("listening at {}", address()))?;
    *served = Some(root.to_path_buf());
    drop(served);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Some(root) = SERVED.lock().unwrap_or_else(PoisonError::into_inner).clone() else {
                continue;
            };
            // A client that went away needs no answer.
            std::thread::spawn(move || answer(&root, stream).ok());
        }
    });
    Ok(())
}

/// Packs the charts of the corpus into `folder` as their publishers do, without what `.helmignore` names;
/// charts that the corpus has without a version get that of the catalog.
pub(super) fn charts(corpus: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let catalog = fs::read_to_string("crates/compile/catalog/2026.11.yaml")?;
    for entry in fs::read_dir(corpus).with_context(|| corpus.display().to_string())? {
        let archive = entry?.path();
        if archive.extension().is_none_or(|it| it != "tgz") {
            continue;
        }
        let unpacked = tempfile::tempdir()?;
        call(Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(unpacked.path()))?;
        let chart = fs::read_dir(unpacked.path())?.next().context("an empty archive")??.path();
        let name = chart.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut pack = Command::new("helm");
        pack.arg("package").arg(&chart).arg("--destination").arg(folder);
        if archive.to_string_lossy().ends_with("-v0.0.0.tgz") {
            let version =
                pinned(&catalog, &name).with_context(|| format!("{name} is not pinned"))?;
            pack.args(["--version", version, "--app-version", version]);
        }
        call(&mut pack)?;
    }
    let url = format!("{}/charts", address());
    call(Command::new("helm").args(["repo", "index", "--url", &url]).arg(folder))?;
    Ok(())
}

/// Makes an empty repository that the server has.
pub(super) fn repository(root: &Path, name: &str) -> Result<PathBuf> {
    let folder = root.join("git").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    call(Command::new("git").args(["init", "--quiet", "--bare", "-b", "main"]).arg(&folder))?;
    Ok(folder)
}

/// The version of a chart in the catalog.
fn pinned<'a>(catalog: &'a str, chart: &str) -> Option<&'a str> {
    let (_, rest) = catalog.split_once(&format!("chart: {chart}\n"))?;
    rest.lines().find_map(|line| line.trim().strip_prefix("version: "))
}

/// The chart repositories that the catalog names.
pub(super) fn repositories() -> Result<Vec<String>> {
    let catalog = fs::read_to_string("crates/compile/catalog/2026.11.yaml")?;
    let lines = catalog.lines().filter_map(|line| line.trim().strip_prefix("repository: "));
    Ok(lines.filter(|line| line.starts_with("https://")).map(str::to_owned).collect())
}

fn answer(root: &Path, mut stream: TcpStream) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let mut body = Vec::new();
    if header("transfer-encoding") == "chunked" {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let size = u64::from_str_radix(line.trim(), 16)?;
            (&mut reader).take(size).read_to_end(&mut body)?;
            reader.read_line(&mut line)?;
            if size == 0 {
                break;
            }
        }
    } else {
        let size = header("content-length").parse().unwrap_or_default();
        (&mut reader).take(size).read_to_end(&mut body)?;
    }
    if let Some(place) = target.strip_prefix("http://") {
        let path = place.split_once('/').map_or("", |(_, path)| path);
        let head = format!("{method} /{path} HTTP/1.0\r\n");
        let answer = exchange(PODS.load(Ordering::Relaxed), &head, &body)?;
        stream.write_all(&answer)?;
        return Ok(());
    }
    let plain = Path::new(path).components().all(|it| it != Component::ParentDir);
    let file = root.join(path.trim_start_matches('/'));
    if plain && path.starts_with("/charts/") && file.is_file() {
        let content = fs::read(file)?;
        write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", content.len())?;
        stream.write_all(&content)?;
        return Ok(());
    }
    if plain && (path == "/v2/" || (path.starts_with("/v2/") && file.is_file())) {
        let content = if path == "/v2/" { Vec::new() } else { fs::read(file)? };
        let length = content.len();
        write!(
            stream,
            "HTTP/1.0 200 OK\r\nContent-Length: {length}\r\n{}\r\n",
            oci::headers(path, &content)
        )?;
        if method != "HEAD" {
            stream.write_all(&content)?;
        }
        return Ok(());
    }
    let Some(repository) = path.strip_prefix("/git").filter(|_| plain) else {
        write!(stream, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")?;
        return Ok(());
    };
    let mut backend = Command::new("git");
    backend
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root.join("git"))
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", repository)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", method)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"));
    let output = fed(&mut backend, &body)?;
    ensure!(output.status.success(), "git http-backend");
    let end = output.stdout.windows(4).position(|it| it == b"\r\n\r\n").context("its answer")?;
    let (head, content) = output.stdout.split_at(end);
    let head = String::from_utf8_lossy(head);
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    write!(stream, "HTTP/1.0 {status}\r\n")?;
    for line in head.lines().filter(|line| !line.starts_with("Status: ")) {
        write!(stream, "{line}\r\n")?;
    }
    // The last header's line is ended already: of its two ends one is left.
    stream.write_all(content.get(2..).unwrap_or_default())?;
    Ok(())
}
