//! Any text may be given as a Secret; what is shown of it has its length and lines, and a value that was put
//! into a SealedSecret is there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seal::secret::{Options, add_to_list, read, shown};

fuzz_target!(|text: &str| {
    let blotted = shown(text);
    assert_eq!(blotted.len(), text.len());
    assert_eq!(blotted.matches('\n').count(), text.matches('\n').count());
    let (secrets, found) = read(&"fuzz".into(), text, Options::default());
    assert!(!secrets.is_empty() || !found.is_empty());
    for trim in [false, true] {
        let options = Options { trim, allow_empty: true, namespace: Some("prod"), ..Options::default() };
        let _ = read(&"fuzz".into(), text, options);
    }
    if let Ok(Some(edited)) = add_to_list(text, "resources", "x.yaml") {
        assert!(add_to_list(&edited, "resources", "x.yaml").is_ok_and(|again| again.is_none()));
    }
});
