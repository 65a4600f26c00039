//! A place in the text, and what is wrong there.

/// A half-open range of bytes in the text that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Returns the span of two offsets, which are cut to 4 GiB.
    pub fn new(start: usize, end: usize) -> Self {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: cut(start), end: cut(end) }
    }

    /// Returns the span as a range, for indexing the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns how many bytes are in it.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Says whether no byte is in it.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong; for YAML in the words that Go's library uses after `yaml: `.
    pub message: String,
    /// The byte at which it was noticed.
    pub offset: usize,
    /// The line of that byte, from 1.
    pub line: usize,
    /// The character in that line, from 1.
    pub column: usize,
}

impl Error {
    /// Returns an error at a byte of a text.
    pub fn at(message: impl Into<String>, text: &str, offset: usize) -> Self {
        let (line, column) = line_and_column(text.as_bytes(), offset);
        Self { message: message.into(), offset, line, column }
    }

    /// Returns the text of the error as Go's `sigs.k8s.io/yaml` gives it.
    ///
    /// Errors of the YAML reader are prefixed with `yaml: `, those of the step through JSON are not.
    pub fn go_text(&self) -> String {
        let unprefixed =
            ["json: ", "unsupported map key of type: ", "invalid Yaml document separator: "];
        if unprefixed.iter().any(|start| self.message.starts_with(start)) {
            return self.message.clone();
        }
        format!("yaml: {}", self.message)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Returns line and column (in characters) of a byte, both from 1.
pub(crate) fn line_and_column(text: &[u8], offset: usize) -> (usize, usize) {
    let before = text.get(..offset.min(text.len())).unwrap_or_default();
    let line = 1 + memchr::memchr_iter(b'\n', before).count();
    let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    let in_line = before.get(start..).unwrap_or_default();
    // Continuation bytes of UTF-8 are no characters of their own.
    let column = 1 + in_line.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
    (line, column)
}
