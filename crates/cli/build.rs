//! How the program is linked.

use std::path::PathBuf;
use std::process::Command;

/// Where the C library is glibc the program has a fixed address, as programs written in Go have: one that can lie
/// anywhere must first write half a megabyte of its own pointers anew, which is a good part of its start.
/// What is read from users is read by code without `unsafe`, so that little is lost.
///
/// The compiler's own library, of which a few functions are used, becomes part of the program: finding and mapping
/// one more file is another part.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
        if let Some(folder) = folder_of("libgcc_eh.a") {
            println!("cargo:rustc-link-search=native={}", folder.display());
            println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
        }
    }
}

/// Asks the C compiler that links where a static library is; `None` where it is not installed, or for another
/// machine.
fn folder_of(name: &str) -> Option<PathBuf> {
    if std::env::var_os("HOST") != std::env::var_os("TARGET") {
        return None;
    }
    let answer = Command::new("cc").arg(format!("-print-file-name={name}")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim());
    path.is_absolute().then(|| path.parent().map(PathBuf::from)).flatten()
}
