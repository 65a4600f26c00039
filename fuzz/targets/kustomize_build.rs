//! A tree of files, whatever it holds: the first one's folder is built, or refused.
//!
//! The input is text: a line `-- PATH --` begins a file. So are the seeds, which are the cases of the tests.
#![no_main]

use kustomize::Options;
use libfuzzer_sys::fuzz_target;
use testkit::MemoryWorld;

fuzz_target!(|input: &str| {
    let Some(input) = input.strip_prefix("-- ") else { return };
    let mut world = MemoryWorld::new();
    let mut root = None;
    for file in input.split("\n-- ") {
        let Some((path, text)) = file.split_once(" --\n") else { continue };
        world = world.file(path, text);
        root = root.or_else(|| Some(path.rsplit_once('/')?.0));
    }
    let Some(root) = root else { return };
    match kustomize::build(&world, root, &Options::default()) {
        Ok(built) => drop(built.to_yaml()),
        Err(error) => drop(kustomize::diagnostic(&error, &world)),
    }
});
