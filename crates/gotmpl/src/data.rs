//! Bytes that many own together: a part of one buffer, copied by nobody.

use std::ops::{Deref, Range};
use std::sync::Arc;

/// The bytes of a file: a part of a buffer that is shared, as by all files of an archive.
#[derive(Clone, Default)]
pub struct Data {
    buffer: Arc<Vec<u8>>,
    start: usize,
    end: usize,
}

impl Data {
    /// Returns a part of a buffer; what lies outside is left out.
    pub fn part(buffer: &Arc<Vec<u8>>, range: Range<usize>) -> Data {
        let end = range.end.min(buffer.len());
        Data { buffer: Arc::clone(buffer), start: range.start.min(end), end }
    }

    /// Leaves out that many bytes at the beginning.
    #[must_use]
    pub fn skip(mut self, count: usize) -> Data {
        self.start = (self.start + count).min(self.end);
        self
    }
}

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Data {
        let end = bytes.len();
        Data { buffer: Arc::new(bytes), start: 0, end }
    }
}

impl From<&[u8]> for Data {
    fn from(bytes: &[u8]) -> Data {
        Data::from(bytes.to_vec())
    }
}

impl Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }
}

impl std::fmt::Debug for Data {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} bytes", self.len())
    }
}
