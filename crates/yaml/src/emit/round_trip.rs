//! What Go's way through JSON does to a text: `toYaml` writes JSON and reads that as YAML.

/// Returns the text as it comes back, when that differs, or why reading it back fails.
pub(super) fn read_back(text: &str) -> Result<Option<String>, String> {
    let bytes = text.as_bytes();
    // Everything that matters has DEL in it or a byte beyond ASCII.
    if bytes.iter().all(|byte| *byte < 0x7F) {
        return Ok(None);
    }
    let mut next_line = false;
    for character in text.chars() {
        match character {
            '\u{85}' => next_line = true,
            '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => {
                return Err("control characters are not allowed".to_owned());
            }
            _ => {}
        }
    }
    if next_line { fold_next_lines(text).map(Some) } else { Ok(None) }
}

/// Says why a key cannot be read back: in JSON it must end on its line, within 1,024 characters.
pub(super) fn key_problem(key: &str) -> Option<String> {
    // No byte makes more than six characters in JSON.
    let long = key.len() > 170 && key.chars().map(json_length).sum::<usize>() + 2 > 1024;
    (long || key.contains('\u{85}')).then(|| "did not find expected ',' or '}'".to_owned())
}

fn json_length(character: char) -> usize {
    match character {
        '"' | '\\' | '\u{8}' | '\u{c}' | '\n' | '\r' | '\t' => 2,
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 6,
        _ => 1,
    }
}

/// U+0085 is not escaped in JSON and is a line break in YAML: it and the blanks around are folded.
fn fold_next_lines(text: &str) -> Result<String, String> {
    let mut folded = String::with_capacity(text.len());
    let mut parts = text.split('\u{85}').peekable();
    // Only spaces are blanks here: tabs are escaped in JSON.
    folded.push_str(parts.next().unwrap_or_default().trim_end_matches(' '));
    let mut breaks = 0usize;
    while let Some(part) = parts.next() {
        breaks += 1;
        let last = parts.peek().is_none();
        let line = part.trim_start_matches(' ');
        if line.is_empty() && !last {
            continue;
        }
        if let Some(after) = part.strip_prefix("---").or_else(|| part.strip_prefix("..."))
            && (after.starts_with(' ') || after.is_empty() && !last)
        {
            return Err("found unexpected document indicator".to_owned());
        }
        match breaks {
            1 => folded.push(' '),
            more => folded.push_str(&"\n".repeat(more - 1)),
        }
        folded.push_str(if last { line } else { line.trim_end_matches(' ') });
        breaks = 0;
    }
    Ok(folded)
}
