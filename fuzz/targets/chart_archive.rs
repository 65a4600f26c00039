//! Any bytes may be a chart archive, packed or not.
#![no_main]

use std::io::Write as _;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = helm::Chart::from_archive(bytes);
    // Most random bytes are no gzip: pack them, so that the tar reader is reached.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    if packer.write_all(bytes).is_ok() {
        if let Ok(packed) = packer.finish() {
            let _ = helm::Chart::from_archive(&packed);
        }
    }
});
