//! A kustomization with a base, a patch and a file of settings, whatever they hold: built, or refused.
#![no_main]

use kustomize::Options;
use libfuzzer_sys::fuzz_target;
use testkit::MemoryWorld;

fuzz_target!(|input: (&str, &str, &str, &str)| {
    let (own, base, resource, patch) = input;
    let world = MemoryWorld::new()
        .file("top/kustomization.yaml", own)
        .file("top/patch.yaml", patch)
        .file("base/kustomization.yaml", base)
        .file("base/resource.yaml", resource);
    match kustomize::build(&world, "top", &Options::default()) {
        Ok(built) => drop(built.to_yaml()),
        Err(error) => drop(kustomize::diagnostic(&error, &world)),
    }
});
