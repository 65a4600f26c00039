//! What a person reads when mainstay itself has failed.

use std::panic::PanicHookInfo;

/// Replaces Rust's own message by one that says how to report a bug. The process then ends with 101,
/// the code that Rust gives a panic.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let words = format!(
        "error: this is a bug in mainstay {version}, not in what you typed\n  {said}\n  at {place}\n\n\
         hint: please report it with these lines, the command, and if you can the files it was given;\n\
         hint: set RUST_BACKTRACE=1 and run it again for more\n"
    );
    crate::ui::stderr(&words);
    let backtrace = std::backtrace::Backtrace::capture();
    if backtrace.status() == std::backtrace::BacktraceStatus::Captured {
        crate::ui::stderr(&format!("\n{backtrace}\n"));
    }
}
