//! How the program is linked.

/// Where the C library is glibc the program has a fixed address, as programs written in Go have: one that can lie
/// anywhere must first write half a megabyte of its own pointers anew, which is a good part of its start.
/// What is read from users is read by code without `unsafe`, so that little is lost.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
