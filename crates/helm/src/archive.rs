//! Chart archives: gzip and tar, read once into one buffer that all files share.
//!
//! In: the bytes of a `.tgz`. Out: the chart's files, their paths below the archive's one folder.
//! Nothing is written and no link is followed: a link is an empty file, as helm reads it.

use std::io::Read;
use std::ops::Deref;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::paths;
use crate::tar;

/// Helm's limit for all files of a chart together.
const MAX_CHART_SIZE: u64 = 100 << 20;
/// How much the tar headers and padding may add to that.
const MAX_TAR_OVERHEAD: u64 = 50 << 20;

/// The bytes of a file: a part of a buffer that is shared by all files of an archive.
#[derive(Clone)]
pub struct Data {
    buffer: Arc<Vec<u8>>,
    start: usize,
    end: usize,
}

impl Data {
    fn part(buffer: &Arc<Vec<u8>>, start: usize, end: usize) -> Data {
        Data { buffer: Arc::clone(buffer), start, end }.without_byte_order_mark()
    }

    fn without_byte_order_mark(mut self) -> Data {
        if self.starts_with(b"\xEF\xBB\xBF") {
            self.start += 3;
        }
        self
    }
}

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Data {
        let end = bytes.len();
        Data { buffer: Arc::new(bytes), start: 0, end }.without_byte_order_mark()
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

/// A file of a chart: its path below the chart's folder, and its bytes without a byte order mark.
#[derive(Clone, Debug)]
pub struct File {
    /// Path with `/` between parts.
    pub path: String,
    /// Content.
    pub data: Data,
}

/// Reads the files of a chart archive, in the archive's order.
///
/// # Errors
/// What helm says about archives that are damaged, too large, or hold paths outside the chart.
pub(crate) fn read(archive: &[u8]) -> Result<Vec<File>, Error> {
    let buffer = Arc::new(decompress(archive)?);
    let entries = tar::entries(&buffer).map_err(unreadable)?;
    let mut files = Vec::with_capacity(entries.len());
    let mut size_left = MAX_CHART_SIZE;
    for entry in entries {
        if entry.is_folder {
            continue;
        }
        let path = path_in_chart(&entry.name)?;
        let size = entry.content.len() as u64;
        if size >= size_left {
            return Err(too_large());
        }
        size_left -= size;
        files
            .push(File { path, data: Data::part(&buffer, entry.content.start, entry.content.end) });
    }
    if files.is_empty() {
        return Err(Error::new(ErrorKind::Archive, "no files in chart archive"));
    }
    Ok(files)
}

/// Returns the path below the archive's folder.
fn path_in_chart(name: &str) -> Result<String, Error> {
    let invalid = |message: &str| Err(Error::new(ErrorKind::Archive, message));
    let delimiter = if name.contains('\\') { '\\' } else { '/' };
    let (folder, rest) = name.split_once(delimiter).unwrap_or((name, ""));
    let path = rest.replace(delimiter, "/");
    if path.starts_with('/') {
        return invalid("chart illegally contains absolute paths");
    }
    let path = paths::clean(&path);
    if path == "." {
        return Err(Error::new(
            ErrorKind::Archive,
            format!("chart illegally contains content outside the base directory: {name:?}"),
        ));
    }
    if path.starts_with("..") {
        return invalid("chart illegally references parent directory");
    }
    let mut bytes = path.bytes();
    if bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.next() == Some(b':')
        && bytes.next() == Some(b'/')
    {
        return invalid("chart contains illegally named files");
    }
    if folder == "Chart.yaml" {
        return invalid("chart yaml not in base directory");
    }
    Ok(path)
}

fn decompress(archive: &[u8]) -> Result<Vec<u8>, Error> {
    if !archive.starts_with(&[0x1F, 0x8B]) {
        return Err(Error::new(ErrorKind::Archive, "gzip: invalid header"));
    }
    // The last four bytes say how long the content is; a wrong number costs a reallocation.
    let hint = archive.last_chunk::<4>().map_or(0, |size| u32::from_le_bytes(*size));
    let limit = MAX_CHART_SIZE + MAX_TAR_OVERHEAD;
    // Deflate packs at most about 1,032 to 1, so that a lying hint cannot reserve much memory.
    let hint = u64::from(hint).min(limit).min(archive.len() as u64 * 1_032);
    let mut buffer = Vec::with_capacity(usize::try_from(hint).unwrap_or(0) + 1);
    let read = flate2::bufread::MultiGzDecoder::new(archive)
        .take(limit + 1)
        .read_to_end(&mut buffer)
        .map_err(unreadable)?;
    if read as u64 > limit {
        return Err(too_large());
    }
    Ok(buffer)
}

fn too_large() -> Error {
    let message = format!("decompressed chart is larger than the maximum size {MAX_CHART_SIZE}");
    Error::new(ErrorKind::Archive, message)
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Archive, format!("unable to load chart archive: {error}"))
}

#[cfg(test)]
mod tests {
    use super::path_in_chart;

    #[test]
    fn paths_stay_inside_the_chart() {
        for (name, want) in [
            ("chart/templates/a.yaml", Ok("templates/a.yaml")),
            ("chart\\templates\\a.yaml", Ok("templates/a.yaml")),
            ("/Chart.yaml", Ok("Chart.yaml")),
            ("../../x", Err("chart illegally references parent directory")),
            ("/foo/../../x", Err("chart illegally references parent directory")),
            ("//foo", Err("chart illegally contains absolute paths")),
            ("\\\\foo", Err("chart illegally contains absolute paths")),
            ("/./c://foo", Err("chart contains illegally named files")),
            ("Chart.yaml/x", Err("chart yaml not in base directory")),
            (
                "loose",
                Err("chart illegally contains content outside the base directory: \"loose\""),
            ),
        ] {
            let got = path_in_chart(name).map_err(|error| error.message);
            assert_eq!(got, want.map(str::to_owned).map_err(str::to_owned), "{name}");
        }
    }
}
