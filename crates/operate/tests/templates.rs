//! Templates of SealedSecrets, with the answers of the controller's own code: `tests/templates`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may read its cases")]

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use operate::Templates;
use seal::secret::FillIn as _;

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// Reads a value: `\n` is a line end, and `\x..` a byte.
fn value(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().replace("\\n", "\n").into_bytes();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].replace("\\n", "\n").bytes());
    }
    bytes
}

#[test]
fn templates_are_filled_in_as_the_controller_does() {
    let values: Vec<(String, Vec<u8>)> = read("values.txt")
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(key, text)| (key.to_owned(), value(text)))
        .collect();
    let values: Vec<(&str, &[u8])> =
        values.iter().map(|(key, value)| (key.as_str(), value.as_slice())).collect();
    let text = |json: &str| serde_json::from_str::<String>(&format!("\"{json}\"")).unwrap();
    let (cases, templates) = (read("cases.txt"), Templates::new().unwrap());
    let mut lines = cases.lines();
    let (mut compared, mut differ) = (0, Vec::new());
    while let Some(line) = lines.next() {
        let Some(template) = line.strip_prefix("$ ") else { continue };
        let answer = lines.next().unwrap();
        let wanted = match answer.split_at(1) {
            ("!", _) => None,
            ("=", rest) => Some(text(&rest[1..]).into_bytes()),
            ("~", rest) => Some(STANDARD.decode(&rest[1..]).unwrap()),
            _ => panic!("{answer}"),
        };
        let made = templates.fill_in("out", &text(template), &values);
        compared += 1;
        if made.as_ref().ok().map(|it| it.to_vec()) != wanted {
            let made = made.map(|it| String::from_utf8_lossy(&it).into_owned());
            differ.push(format!("{template}\n  controller: {answer}\n  mainstay:   {made:?}"));
        }
    }
    assert!(compared > 100, "only {compared} cases");
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn the_controllers_functions_are_known_and_no_others() {
    for line in read("functions.txt").lines() {
        let (name, known) = line.split_once(' ').unwrap();
        let template = format!("{{{{ if false }}}}{{{{ {name} }}}}{{{{ end }}}}");
        let parsed = Templates::new().unwrap().parse("x", &template);
        assert_eq!(parsed.is_ok(), known == "yes", "{name}: {parsed:?}");
    }
}
