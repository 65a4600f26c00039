//! Splitting a text into documents before it is read, as Kubernetes' `YAMLReader` does.

/// Splits a text at its `---` lines, as Kubernetes' reader does: only blanks or a comment may follow
/// the dashes. Empty pieces are left out; comments and blank lines are not empty.
pub fn split_documents(text: &[u8]) -> Vec<&[u8]> {
    let mut documents = Vec::new();
    let (mut begin, mut at) = (0, 0);
    let mut keep = |from: usize, to: usize| {
        if let Some(document) = text.get(from..to).filter(|document| !document.is_empty()) {
            documents.push(document);
        }
    };
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
        let line = rest.get(..length).unwrap_or_default();
        let separates = line.strip_prefix(b"---").is_some_and(|after| {
            let after = String::from_utf8_lossy(after);
            let after = after.trim();
            after.is_empty() || after.starts_with('#')
        });
        if separates {
            keep(begin, at);
            begin = at + length;
        }
        at += length;
    }
    keep(begin, at);
    documents
}
