//! Paths inside a repository: relative, with `/` between parts, never leaving it.

/// Returns `name` below `folder`; `""` is the repository itself.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Returns `entry`, as written in a file of `folder`, relative to the repository; `None` where it
/// is absolute or leaves the repository.
pub fn resolve(folder: &str, entry: &str) -> Option<String> {
    if entry.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in entry.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Whether `path` lies below `folder`; everything but the repository itself lies below `""`.
pub fn is_below(path: &str, folder: &str) -> bool {
    match folder {
        "" => !path.is_empty(),
        folder => path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
    }
}

/// Whether `path` is `folder`, or lies below it.
pub fn is_within(path: &str, folder: &str) -> bool {
    path == folder || is_below(path, folder)
}

#[cfg(test)]
mod tests {
    use super::{is_below, is_within, resolve};

    #[test]
    fn a_folder_holds_what_begins_with_its_whole_name() {
        assert!(is_below("a/b", "a") && is_below("a", "") && is_within("a", "a"));
        assert!(!is_below("a", "a") && !is_below("ab", "a") && !is_below("", ""));
        assert!(!is_within("ab/c", "a") && is_within("", "") && !is_within("", "a"));
    }

    #[test]
    fn entries_stay_inside_the_repository() {
        assert_eq!(resolve("clusters/dev", "../../platform").as_deref(), Some("platform"));
        assert_eq!(resolve("clusters/dev", "./a.yaml").as_deref(), Some("clusters/dev/a.yaml"));
        assert_eq!(resolve("a", "../../b"), None);
        assert_eq!(resolve("a", "/etc/passwd"), None);
    }
}
