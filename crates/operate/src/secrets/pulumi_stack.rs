//! A secret in a stack's file, `Pulumi.<stack>.yaml`: one value and, where it is missing, the salt; all other
//! bytes stay, and what was written is read again before it counts.

use indexmap::IndexMap;
use yaml::{Kind, Node, Schema, Value};

/// What a stack's file says of encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// `encryptionsalt`, of the passphrase provider.
    pub salt: Option<String>,
    /// Whether its secrets are of another provider: Pulumi's service, or a cloud's key.
    pub other_provider: bool,
}

/// Reads a stack's file; an empty text is a new one.
///
/// # Errors
/// Why it is none, in words.
pub fn read_stack(text: &str) -> Result<Stack, String> {
    let Some(root) = root(text)? else { return Ok(Stack::default()) };
    let salt = root.get("encryptionsalt").and_then(Node::as_str).map(str::to_owned);
    let of = |key: &str| root.get(key).and_then(Node::as_str);
    let provider = of("secretsprovider").is_some_and(|it| it != "passphrase");
    Ok(Stack { salt, other_provider: provider || of("encryptedkey").is_some() })
}

/// Returns the text with `config.<name>.secure`, and with `encryptionsalt` where it has none. A value that is there
/// is kept, and refused, unless it shall be replaced; then nothing but the encrypted text changes.
///
/// # Errors
/// Why that cannot be, in words.
pub fn put_secret(
    text: &str,
    salt: &str,
    name: &str,
    sealed: &str,
    replace: bool,
) -> Result<String, String> {
    let root = root(text)?;
    let before = root.as_ref().map_or(Value::Map(IndexMap::new()), Value::from);
    let mut edited = text.to_owned();
    if !edited.is_empty() && !edited.ends_with('\n') {
        edited.push('\n');
    }
    let config = root.as_ref().and_then(|root| root.get("config"));
    let present = config.and_then(|config| config.get(name));
    if present.is_some() && !replace {
        return Err(format!("`{name}` is there already"));
    }
    let entry = |indent: &str| format!("{indent}{name}:\n{indent}  secure: {sealed}\n");
    match config.map(|config| (&config.kind, config)) {
        _ if present.is_some() => {
            let secure = present.and_then(|it| it.get("secure"));
            let secure = secure.filter(|it| it.as_str().is_some());
            let secure = secure.ok_or_else(|| format!("`{name}` is no encrypted value"))?;
            let (start, end) = (secure.span.start as usize, secure.span.end as usize);
            if edited.get(start..end).is_none() {
                return Err(format!("`{name}` cannot be replaced where it stands"));
            }
            edited.replace_range(start..end, sealed);
        }
        Some((Kind::Map(entries), config)) if !entries.is_empty() => {
            // Before the first entry, at its depth.
            let first = config.span.start as usize;
            let line = edited.get(..first).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
            let indent = edited.get(line..first).unwrap_or_default().to_owned();
            if !indent.chars().all(|it| it == ' ') {
                return Err("`config` is not written as a block".to_owned());
            }
            edited.insert_str(line, &entry(&indent));
        }
        None => edited.push_str(&format!("config:\n{}", entry("  "))),
        Some(_) => return Err("`config` is empty or no map".to_owned()),
    }
    let has_salt = root.as_ref().is_some_and(|root| root.get("encryptionsalt").is_some());
    if !has_salt {
        let separator = edited.strip_prefix("---\n").map_or(0, |_| "---\n".len());
        edited.insert_str(separator, &format!("encryptionsalt: {salt}\n"));
    }
    let after = self::root(&edited)?.as_ref().map(Value::from);
    if after == Some(expected(before, has_salt, salt, name, sealed)) {
        return Ok(edited);
    }
    Err("something else would change with it".to_owned())
}

fn expected(before: Value, has_salt: bool, salt: &str, name: &str, sealed: &str) -> Value {
    let text = |text: &str| Value::String(text.to_owned());
    let Value::Map(mut root) = before else { return before };
    if !has_salt {
        root.insert("encryptionsalt".to_owned(), text(salt));
    }
    let secure = Value::Map(IndexMap::from([("secure".to_owned(), text(sealed))]));
    let config = root.entry("config".to_owned()).or_insert(Value::Map(IndexMap::new()));
    if let Value::Map(config) = config {
        config.insert(name.to_owned(), secure);
    }
    Value::Map(root)
}

fn root(text: &str) -> Result<Option<Node>, String> {
    let documents = yaml::parse_all(text, Schema::Go2).map_err(|error| error.message)?;
    let mut documents = documents.into_iter();
    match (documents.next(), documents.next()) {
        (None, _) => Ok(None),
        (Some(root), None) if root.is_null() => Ok(None),
        (Some(root), None) if root.as_map().is_some() => Ok(Some(root)),
        _ => Err("it is no stack's file".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_put_into_any_stacks_file_and_nothing_else_changes() {
        let put = |text: &str| put_secret(text, "v1:s:v1:n:c", "shop:key", "v1:n:c", false);
        assert_eq!(
            put("").unwrap(),
            "encryptionsalt: v1:s:v1:n:c\nconfig:\n  shop:key:\n    secure: v1:n:c\n"
        );
        assert_eq!(
            put("# mine\nencryptionsalt: v1:x\nconfig:\n    # size\n    hcloud:token:\n      secure: v1:a:b\n").unwrap(),
            "# mine\nencryptionsalt: v1:x\nconfig:\n    # size\n    shop:key:\n      secure: v1:n:c\n    hcloud:token:\n      secure: v1:a:b\n"
        );
        assert!(
            put("---\nconfig:\n  a:b: c # note\n").unwrap().starts_with("---\nencryptionsalt: ")
        );
        assert!(put("config: {}\n").is_err());
        assert!(put("config: {a: b}\n").is_err());
        assert!(put("config:\n  shop:key: x\n").is_err());
        assert!(put("- a\n").is_err() && put("a: [").is_err());
    }

    #[test]
    fn a_secret_that_is_there_is_replaced_only_on_demand() {
        let put = |text: &str, replace| put_secret(text, "v1:s", "shop:key", "v1:new", replace);
        let text = |value: &str| {
            format!(
                "# mine\nencryptionsalt: v1:x\nconfig:\n    a:b: c # note\n    shop:key:\n        # old\n        \
                 secure: {value} # the key\n    z: {{secure: v1:a:b}}"
            )
        };
        assert!(put(&text("v1:old"), false).unwrap_err().contains("there already"));
        for old in ["v1:old", "\"v1:old\"", "'v1:old'"] {
            assert_eq!(put(&text(old), true).unwrap(), format!("{}\n", text("v1:new")));
        }
        let folded =
            "encryptionsalt: v1:x\nconfig:\n  shop:key:\n    secure: >-\n      v1:old\n  z: x\n";
        assert!(
            put(folded, true).is_err() || put(folded, true).unwrap().contains("secure: v1:new")
        );
        assert!(put("config:\n  shop:key: x\n", true).unwrap_err().contains("no encrypted value"));
        assert!(
            put("config:\n  shop:key: {secure: v1:o}\n", true)
                .unwrap()
                .contains("{secure: v1:new}")
        );
        assert!(put("config:\n  a: b\n", true).unwrap().contains("shop:key"), "a new one goes in");
    }

    #[test]
    fn another_provider_is_told() {
        assert!(
            read_stack("secretsprovider: awskms://x\nencryptedkey: y\n").unwrap().other_provider
        );
        let own = read_stack("encryptionsalt: v1:x:y\n").unwrap();
        assert_eq!((own.salt.as_deref(), own.other_provider), (Some("v1:x:y"), false));
    }
}
