//! Lists the files of `assets/chart-app`, so that the chart is embedded as it lies there.

#![allow(clippy::disallowed_methods, reason = "a build script reads the files that it embeds")]

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let chart = root.join("assets/chart-app");
    println!("cargo::rerun-if-changed={}", chart.display());
    let mut paths = Vec::new();
    collect(&chart, "", &mut paths)?;
    paths.sort();
    let mut code = String::from("&[\n");
    for path in paths {
        let file = chart.join(&path);
        code.push_str(&format!(
            "    ({path:?}, include_str!({:?})),\n",
            file.display().to_string()
        ));
    }
    code.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("chart_app.rs"), code)
}

fn collect(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), paths)?;
        } else {
            paths.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}
