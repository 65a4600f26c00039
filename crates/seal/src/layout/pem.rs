//! PEM: named blocks of base64 (RFC 7468), read with the leniency of Go's `encoding/pem`.
//!
//! What is between blocks is left out. Buffers are wiped, because a block may be a private key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
const LINE: usize = 64;

/// One block.
pub(crate) struct Block {
    /// What it is, as in `CERTIFICATE`.
    pub(crate) label: String,
    /// Its content; `None` where the base64 is broken, or the block has headers (it is encrypted).
    pub(crate) content: Option<Zeroizing<Vec<u8>>>,
}

/// Returns the blocks of a text.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let label = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES));
        let Some(label) = label else { continue };
        let end = format!("{END}{label}{DASHES}");
        let mut parts: Vec<&str> = Vec::new();
        let mut ended = false;
        for line in lines.by_ref() {
            if line == end {
                ended = true;
                break;
            }
            parts.push(line);
        }
        // Enough room at once, and no more: a buffer that grows leaves copies behind, and all of its room is wiped.
        let room = parts.iter().map(|part| part.len()).sum();
        let mut body = Zeroizing::new(String::with_capacity(room));
        parts.iter().for_each(|part| body.push_str(part));
        let content = STANDARD.decode(body.as_bytes()).ok().map(Zeroizing::new);
        blocks.push(Block { label: label.to_owned(), content: content.filter(|_| ended) });
    }
    blocks
}

/// Returns a block as text.
pub(crate) fn encode(label: &str, content: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(content));
    let lines = body.len().div_ceil(LINE);
    // Enough at once: a buffer that grows leaves copies behind that nobody wipes.
    let room = body.len() + lines + 2 * (label.len() + END.len() + DASHES.len() + 8);
    let mut out = Zeroizing::new(String::with_capacity(room));
    out.push_str(BEGIN);
    out.push_str(label);
    out.push_str(DASHES);
    out.push('\n');
    for at in (0..body.len()).step_by(LINE) {
        out.push_str(body.get(at..body.len().min(at + LINE)).unwrap_or_default());
        out.push('\n');
    }
    out.push_str(END);
    out.push_str(label);
    out.push_str(DASHES);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_cut_off_has_no_content() {
        let text = encode("THING", &[5; 100]);
        let read = blocks(&format!("words\n{}more\n{}", *text, *encode("OTHER", b"")));
        assert_eq!(read[0].label, "THING");
        assert_eq!(read[0].content.as_ref().unwrap().as_slice(), [5; 100]);
        assert_eq!(read[1].content.as_ref().unwrap().as_slice(), b"");
        assert!(blocks(&text.replace("-----END", "---END"))[0].content.is_none());
        assert!(blocks(&text.replace("BQUF", "B!UF"))[0].content.is_none());
    }

    #[test]
    fn many_blocks_take_no_more_time_than_one_long_one() {
        let many = encode("THING", b"x").repeat(200_000);
        assert_eq!(blocks(&many).len(), 200_000);
    }
}
