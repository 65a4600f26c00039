//! Chart archives: gzip and tar, read once into one buffer that all files share.
//!
//! In: the bytes of a `.tgz`. Out: the chart's files, their paths below the archive's one folder.
//! Nothing is written and no link is followed: a link is an empty file, as helm reads it.

use std::io::Read;
use std::sync::Arc;

use gotmpl::Data;
use libdeflater::Decompressor;

use crate::error::{Error, ErrorKind};
use crate::paths;
use crate::tar;

/// Helm's limit for all files of a chart together.
const MAX_CHART_SIZE: u64 = 100 << 20;
/// How much the tar headers and padding may add to that.
const MAX_TAR_OVERHEAD: u64 = 50 << 20;

/// A file of a chart: its path below the chart's folder, and its bytes without a byte order mark.
#[derive(Clone, Debug)]
pub struct File {
    /// Path with `/` between parts.
    pub path: String,
    /// Content.
    pub data: Data,
}

impl File {
    /// Returns a file; a byte order mark is left out.
    pub(crate) fn new(path: String, data: Data) -> File {
        let mark = if data.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        File { path, data: data.skip(mark) }
    }
}

/// Reads the files of a chart archive, in the archive's order.
///
/// # Errors
/// What helm says about archives that are damaged, too large, or hold paths outside the chart.
pub fn read(archive: &[u8]) -> Result<Vec<File>, Error> {
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
        files.push(File::new(path, Data::part(&buffer, entry.content)));
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
    // The last four bytes say how long the content is; a wrong number costs a second try.
    let hint = archive.last_chunk::<4>().map_or(0, |size| u32::from_le_bytes(*size));
    let limit = MAX_CHART_SIZE + MAX_TAR_OVERHEAD;
    // Deflate packs at most about 1,032 to 1, so that a lying hint cannot reserve much memory.
    let hint = u64::from(hint).min(limit).min(archive.len() as u64 * 1_032);
    let hint = usize::try_from(hint).unwrap_or(0);
    if let Some(buffer) = decompress_at_once(archive, hint) {
        return Ok(buffer);
    }
    let mut buffer = Vec::with_capacity(hint + 1);
    let read =
        flate2::bufread::MultiGzDecoder::new(archive).take(limit + 1).read_to_end(&mut buffer);
    match read {
        Ok(read) if read as u64 > limit => Err(too_large()),
        Ok(_) => Ok(buffer),
        // Go reads no further than the tar archive goes: what is wrong behind it, is not seen.
        Err(_) if tar::is_ended(&buffer) => Ok(buffer),
        Err(error) => Err(unreadable(error)),
    }
}

/// Unpacks straight into memory of the right size what all tools write: one gzip member, whose checksum and length
/// are what its last eight bytes say. Anything else is for the careful way.
///
/// That the checksum is the archive's last one says that no other member follows: the library itself stops after
/// the first.
fn decompress_at_once(archive: &[u8], size: usize) -> Option<Vec<u8>> {
    let checksum = u32::from_le_bytes(*archive.last_chunk::<8>()?.first_chunk()?);
    let mut buffer = vec![0; size];
    let written = Decompressor::new().gzip_decompress(archive, &mut buffer).ok()?;
    (written == size && libdeflater::crc32(&buffer) == checksum).then_some(buffer)
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
