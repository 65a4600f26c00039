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

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn entries_stay_inside_the_repository() {
        assert_eq!(resolve("clusters/dev", "../../platform").as_deref(), Some("platform"));
        assert_eq!(resolve("clusters/dev", "./a.yaml").as_deref(), Some("clusters/dev/a.yaml"));
        assert_eq!(resolve("a", "../../b"), None);
        assert_eq!(resolve("a", "/etc/passwd"), None);
    }
}
