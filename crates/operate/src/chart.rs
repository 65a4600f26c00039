//! A chart that a person names: a folder or an archive on their disk.

use std::io;
use std::path::{Path, PathBuf};

use crate::Error;

/// The bytes of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartFiles {
    /// A `.tgz`.
    Archive(Vec<u8>),
    /// The files of a folder: path relative to it, and content.
    Folder(Vec<(String, Vec<u8>)>),
}

/// Reads the chart at `path`. Links inside a chart's folder are followed, as helm does; one that leads
/// out of it is an error, since the chart would be another one elsewhere.
///
/// # Errors
/// If there is nothing, or it cannot be read.
pub fn read_chart(path: &Path) -> Result<ChartFiles, Error> {
    let metadata = path.metadata().map_err(Error::disk("read the chart", path))?;
    if !metadata.is_dir() {
        return std::fs::read(path).map(ChartFiles::Archive).map_err(Error::disk("read", path));
    }
    let root = path.canonicalize().map_err(Error::disk("read the folder", path))?;
    let mut files = Vec::new();
    let mut folders = vec![(root.clone(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).map_err(Error::disk("read the folder", &folder))?;
        for entry in entries {
            let entry = entry.map_err(Error::disk("read the folder", &folder))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(Error::disk("look at", &entry.path()))?;
            let real = if kind.is_symlink() {
                inside(&root, &folder, &entry.path(), &name)?
            } else {
                entry.path()
            };
            if real.is_dir() {
                folders.push((real, format!("{name}/")));
            } else {
                let bytes = std::fs::read(&real).map_err(Error::disk("read", &real))?;
                files.push((name, bytes));
            }
        }
    }
    files.sort();
    Ok(ChartFiles::Folder(files))
}

/// Returns where a link leads: inside the chart, and not to a folder that the link itself is in.
fn inside(root: &Path, folder: &Path, link: &Path, name: &str) -> Result<PathBuf, Error> {
    let real = link.canonicalize().map_err(Error::disk("follow the link", link))?;
    if !real.starts_with(root) {
        return Err(Error::LeadsOut { path: name.to_owned() });
    }
    if folder.starts_with(&real) {
        let endless = io::Error::other("it leads to a folder that it is in");
        return Err(Error::disk("follow the link", link)(endless));
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Folder;

    #[test]
    fn a_folder_is_read_with_its_links_and_an_archive_as_it_is() {
        let folder = Folder::new().unwrap();
        folder.write("chart/Chart.yaml", "name: x").unwrap();
        folder.write("chart/templates/a.yaml", "a").unwrap();
        folder.write("x.tgz", "archive").unwrap();
        let chart = || read_chart(&folder.join("chart"));
        let names = |files: ChartFiles| match files {
            ChartFiles::Folder(files) => files.into_iter().map(|(name, _)| name).collect(),
            ChartFiles::Archive(_) => Vec::new(),
        };
        assert_eq!(names(chart().unwrap()), ["Chart.yaml", "templates/a.yaml"]);
        assert_eq!(
            read_chart(&folder.join("x.tgz")).unwrap(),
            ChartFiles::Archive(b"archive".to_vec())
        );
        assert!(read_chart(&folder.join("none")).is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink("templates", folder.join("chart/also")).unwrap();
            let names = names(chart().unwrap());
            assert_eq!(names, ["Chart.yaml", "also/a.yaml", "templates/a.yaml"]);
            symlink(".", folder.join("chart/templates/loop")).unwrap();
            assert!(chart().is_err());
            std::fs::remove_file(folder.join("chart/templates/loop")).unwrap();
            symlink("/etc/hostname", folder.join("chart/out")).unwrap();
            assert!(matches!(chart(), Err(Error::LeadsOut { .. })));
        }
    }
}
