//! The functions that Argo CD's ApplicationSets add to sprig's: `normalize` and `slugify`.
//!
//! Source: Argo CD, `applicationset/utils` (3.2), "Go Template" of its manual; the library gosimple/slug
//! with its English table.

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::value::Value;

/// The table of these functions.
pub(crate) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("normalize", &[Param::String], |_, arguments| {
        Ok(Value::string(normalize(&text(arguments.first()))))
    }),
    FunctionEntry::variadic("slugify", &[], Param::Any, slugify),
];

/// Only these sets have them.
pub(crate) const NAMES: [&str; 2] = ["normalize", "slugify"];

/// The functions that helm adds, and sets do not have.
pub(crate) const NOT_THEIRS: [&str; 11] = [
    "include",
    "tpl",
    "required",
    "lookup",
    "toToml",
    "mustToToml",
    "fromToml",
    "fromJsonArray",
    "toYamlPretty",
    "mustToYaml",
    "getHostByName",
];

/// The longest slug that a branch gives, and that `slugify` gives where nothing else is said.
const LONGEST: usize = 50;

/// Returns a text as a name of Kubernetes: in lower case, at most 253 characters, other letters as `-`.
pub fn normalize(text: &str) -> String {
    let letter = |it: char| {
        let keeps = it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-' || it == '.';
        if keeps { it } else { '-' }
    };
    let name: String = text.to_lowercase().chars().map(letter).take(253).collect();
    name.trim_matches(['-', '.']).to_owned()
}

/// Returns the slug of a branch's name: at most 50 characters, cut between words.
pub fn slug(branch: &str) -> String {
    // An underscore is a dash here.
    make(&branch.trim().replace('_', "-"), LONGEST, true)
}

fn make(text: &str, longest: usize, smart: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        match letter {
            '&' => out.push_str("and"),
            '@' => out.push_str("at"),
            '"' | '\'' | '\u{2019}' => {}
            '\u{2012}'..='\u{2015}' => out.push('-'),
            other => match plain(other) {
                Some(plain) => out.push_str(plain),
                None => out.push(other),
            },
        }
    }
    let mut out = out.to_lowercase();
    if !smart && out.len() >= longest {
        out = out.chars().take(longest).collect();
    }
    let mut slug = String::with_capacity(out.len());
    for letter in out.chars() {
        let keeps = letter.is_ascii_alphanumeric() || letter == '_';
        if keeps {
            slug.push(letter);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches(['-', '_']);
    if !smart || longest == 0 || slug.len() <= longest {
        return slug.to_owned();
    }
    let cut = slug.get(..=longest).and_then(|it| it.rfind('-')).unwrap_or(longest);
    slug.get(..cut).unwrap_or(slug).to_owned()
}

/// Letters of Latin alphabets without their marks; what is not here becomes a dash.
fn plain(letter: char) -> Option<&'static str> {
    const GROUPS: [(&str, &str); 24] = [
        ("a", "àáâãäåāăą"),
        ("A", "ÀÁÂÃÄÅĀĂĄ"),
        ("c", "çćĉċč"),
        ("C", "ÇĆĈĊČ"),
        ("d", "ďđ"),
        ("e", "èéêëēĕėęě"),
        ("E", "ÈÉÊËĒĔĖĘĚ"),
        ("g", "ĝğġģ"),
        ("i", "ìíîïĩīĭįı"),
        ("I", "ÌÍÎÏĨĪĬĮİ"),
        ("l", "ĺļľł"),
        ("L", "ĹĻĽŁ"),
        ("n", "ñńņň"),
        ("N", "ÑŃŅŇ"),
        ("o", "òóôõöøōŏő"),
        ("O", "ÒÓÔÕÖØŌŎŐ"),
        ("r", "ŕŗř"),
        ("s", "śŝşš"),
        ("S", "ŚŜŞŠ"),
        ("t", "ţťŧ"),
        ("u", "ùúûüũūŭůűų"),
        ("U", "ÙÚÛÜŨŪŬŮŰŲ"),
        ("y", "ýÿ"),
        ("z", "źżž"),
    ];
    match letter {
        'ß' => return Some("ss"),
        'æ' => return Some("ae"),
        'Æ' => return Some("AE"),
        'œ' => return Some("oe"),
        _ => {}
    }
    GROUPS.iter().find(|(_, letters)| letters.contains(letter)).map(|(plain, _)| *plain)
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_string).map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
}

/// `slugify [LONGEST [SMART]] TEXT`.
fn slugify(_: &mut CallContext, arguments: &[Value]) -> Result<Value, FunctionError> {
    let Some((name, settings)) = arguments.split_last() else { return Ok(Value::string("")) };
    let wrong = |value: &Value, wanted: &str| {
        let found = value.type_name();
        FunctionError::new(format!("interface conversion: interface {{}} is {found}, not {wanted}"))
    };
    let Value::Str(name) = name else { return Err(wrong(name, "string")) };
    let longest = match settings.first() {
        Some(Value::Int(number)) => usize::try_from(number.to_i64()).unwrap_or(0),
        Some(other) => return Err(wrong(other, "int")),
        None => LONGEST,
    };
    let smart = match settings.get(1) {
        Some(Value::Bool(smart)) => *smart,
        Some(other) => return Err(wrong(other, "bool")),
        None => true,
    };
    let name = normalize(&name.to_string_lossy());
    Ok(Value::string(make(&name, longest, smart)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_slugs() {
        for (text, want) in [("Feat/Über_X", "feat--ber-x"), (".a.b-", "a.b"), ("", "")] {
            assert_eq!(normalize(text), want, "{text}");
        }
        let long = "feat/a_really+long_pull_request_name_to_test_argo_slugification";
        for (text, want) in [
            ("feature/ADD-login", "feature-add-login"),
            ("a_b__c", "a-b-c"),
            (long, "feat-a-really-long-pull-request-name-to-test-argo"),
            ("x & y", "x-and-y"),
        ] {
            assert_eq!(slug(text), want, "{text}");
        }
    }
}
