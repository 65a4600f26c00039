//! Asks the real helm about the cases in `tests/charts` and writes its answers into them:
//! `HELM=/path/to/helm cargo run -p helm --example record [PART OF A NAME]`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::panic, clippy::expect_used)]

use std::path::Path;
use std::process::Command;

#[path = "../tests/cases/mod.rs"]
mod cases;

fn main() {
    let helm = std::env::var("HELM").unwrap_or_else(|_| "helm".to_owned());
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let base = std::env::temp_dir().join(format!("record-{}", std::process::id()));
    for case in cases::all() {
        let name = case.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.contains(&wanted) {
            continue;
        }
        let answer = ask(&helm, &base.join(&name), &case);
        let text = cases::with_answer(&case, &answer);
        let differs = cases::comparable(&cases::answer(&case)) != cases::comparable(&answer);
        println!("{name}{}", if differs { "  <- mainstay answers otherwise" } else { "" });
        std::fs::write(&case.path, text).expect("because the case could be read");
    }
    // A folder of our own making; what is left of it does no harm.
    drop(std::fs::remove_dir_all(&base));
}

fn ask(helm: &str, folder: &Path, case: &cases::Case) -> Result<String, String> {
    for (path, content) in &case.files {
        let path = folder.join(path);
        let parent = path.parent().expect("because it lies in a folder");
        std::fs::create_dir_all(parent).expect("because temporary folders can be made");
        std::fs::write(&path, content).expect("because temporary files can be written");
    }
    let output = Command::new(helm)
        .arg("template")
        .args(&case.arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("TZ", "UTC")
        .output()
        .expect("because helm is there");
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).expect("because cases print text"));
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    // Warnings come before; they carry the time of day.
    let start = words.find("Error: ").unwrap_or(0);
    let words = words.get(start..).unwrap_or_default().to_owned();
    // Error texts name the folder that the chart was read from.
    Err(words.replace(&format!("{}/", folder.display()), ""))
}
