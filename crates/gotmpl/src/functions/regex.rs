//! Regular expressions: `regexMatch`, `regexFind`, `regexReplaceAll`, `regexSplit`, ….

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::value::{Str, Value};

use super::arguments::{Answer, any, int, nil_strings, string, text};
use super::regex_compiled::Compiled;
use super::regex_syntax::{SyntaxError, translate};
use super::regex_weight::weight;
use super::text::{go_quote, runes};
use super::unicode::{is_digit, is_letter};

use Param::{Int, String as Text};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("regexMatch", &[Text, Text], |context, arguments| {
        let Ok(regex) = compiled(context, text(arguments, 0))? else {
            return Ok(Value::Bool(false));
        };
        is_match(context, &regex, arguments)
    }),
    FunctionEntry::new("mustRegexMatch", &[Text, Text], |context, arguments| {
        let regex = must(context, arguments)?;
        is_match(context, &regex, arguments)
    }),
    FunctionEntry::new("regexFind", &[Text, Text], |context, arguments| {
        let regex = or_panic(context, arguments)?;
        find(context, &regex, arguments)
    }),
    FunctionEntry::new("mustRegexFind", &[Text, Text], |context, arguments| {
        let regex = must(context, arguments)?;
        find(context, &regex, arguments)
    }),
    FunctionEntry::new("regexFindAll", &[Text, Text, Int], |context, arguments| {
        let regex = or_panic(context, arguments)?;
        find_all(context, &regex, arguments)
    }),
    FunctionEntry::new("mustRegexFindAll", &[Text, Text, Int], |context, arguments| {
        let regex = must(context, arguments)?;
        find_all(context, &regex, arguments)
    }),
    FunctionEntry::new("regexReplaceAll", &[Text, Text, Text], |context, arguments| {
        let regex = or_panic(context, arguments)?;
        replace_all(context, &regex, arguments, true)
    }),
    FunctionEntry::new("mustRegexReplaceAll", &[Text, Text, Text], |context, arguments| {
        let regex = must(context, arguments)?;
        replace_all(context, &regex, arguments, true)
    }),
    FunctionEntry::new("regexReplaceAllLiteral", &[Text, Text, Text], |context, arguments| {
        let regex = or_panic(context, arguments)?;
        replace_all(context, &regex, arguments, false)
    }),
    FunctionEntry::new("mustRegexReplaceAllLiteral", &[Text, Text, Text], |context, arguments| {
        let regex = must(context, arguments)?;
        replace_all(context, &regex, arguments, false)
    }),
    FunctionEntry::new("regexSplit", &[Text, Text, Int], |context, arguments| {
        let regex = or_panic(context, arguments)?;
        split(context, &regex, arguments)
    }),
    FunctionEntry::new("mustRegexSplit", &[Text, Text, Int], |context, arguments| {
        let regex = must(context, arguments)?;
        split(context, &regex, arguments)
    }),
    FunctionEntry::new("regexQuoteMeta", &[Text], quote_meta),
];

/// The compiled expressions of a rendering.
#[derive(Debug, Default)]
struct Cache {
    compiled: BTreeMap<Str, Result<Rc<Compiled>, SyntaxError>>,
}

/// After so many different expressions the cache starts anew.
const CACHE_LIMIT: usize = 1_000;
/// An expression of so many states costs no more for each byte that it looks at than a small one.
const STATES_FOR_FREE: usize = 1_000;

/// Compiles an expression, or finds it compiled; an error of the outer kind is that there is no fuel for it.
fn compiled(
    context: &mut CallContext,
    expression: &[u8],
) -> Result<Result<Rc<Compiled>, SyntaxError>, FunctionError> {
    if let Some(known) = context.state::<Cache>().compiled.get(expression) {
        return Ok(known.clone());
    }
    let translated = match std::str::from_utf8(expression) {
        Ok(text) => translate(text).map(|translated| (text, translated)),
        Err(_) => Err(SyntaxError::new("invalid UTF-8", String::from_utf8_lossy(expression))),
    };
    let compiled = match translated {
        Ok((text, translated)) => {
            let weight = weight(text, &translated);
            context.spend(weight)?;
            Compiled::new(text, translated, weight).map(Rc::new)
        }
        Err(error) => Err(error),
    };
    let cache = context.state::<Cache>();
    if cache.compiled.len() >= CACHE_LIMIT {
        cache.compiled.clear();
    }
    cache.compiled.insert(Str::from(expression), compiled.clone());
    Ok(compiled)
}

/// Takes fuel for looking at a text once: the larger an expression, the more of it is looked at for each byte.
fn spend(context: &mut CallContext, regex: &Compiled, subject: &[u8]) -> Result<(), FunctionError> {
    context.spend(subject.len().saturating_mul(1 + regex.weight / STATES_FOR_FREE))
}

fn is_match(context: &mut CallContext, regex: &Compiled, arguments: &[Value]) -> Answer {
    let subject = text(arguments, 1);
    spend(context, regex, subject)?;
    Ok(Value::Bool(regex.is_match(subject)))
}

/// Compiles the first argument; failing is an error.
fn must(context: &mut CallContext, arguments: &[Value]) -> Result<Rc<Compiled>, FunctionError> {
    compiled(context, text(arguments, 0))?.map_err(|error| FunctionError::new(error.to_string()))
}

/// Compiles the first argument; failing is a panic in Go, with other words.
fn or_panic(context: &mut CallContext, arguments: &[Value]) -> Result<Rc<Compiled>, FunctionError> {
    let expression = text(arguments, 0);
    compiled(context, expression)?.map_err(|error| {
        let shown = if crate::fmt::quote::can_backquote(expression) {
            format!("`{}`", String::from_utf8_lossy(expression))
        } else {
            go_quote(expression)
        };
        FunctionError::new(format!("regexp: Compile({shown}): {error}"))
    })
}

fn find(context: &mut CallContext, regex: &Compiled, arguments: &[Value]) -> Answer {
    let subject = text(arguments, 1);
    spend(context, regex, subject)?;
    match regex.places(subject, 1).first() {
        Some(&(start, end)) => string(subject.get(start..end).unwrap_or_default()),
        None => string(""),
    }
}

/// Returns how many matches are wanted at most.
fn limit(count: i64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn find_all(context: &mut CallContext, regex: &Compiled, arguments: &[Value]) -> Answer {
    let subject = text(arguments, 1);
    spend(context, regex, subject)?;
    let places = regex.places(subject, limit(int(arguments, 2)));
    context.spend(places.len())?;
    if places.is_empty() {
        return Ok(nil_strings());
    }
    Ok(Value::strings(
        places.into_iter().map(|(start, end)| subject.get(start..end).unwrap_or_default()),
    ))
}

fn replace_all(
    context: &mut CallContext,
    regex: &Compiled,
    arguments: &[Value],
    expand_template: bool,
) -> Answer {
    let (subject, replacement) = (text(arguments, 1), text(arguments, 2));
    spend(context, regex, subject)?;
    let mut out = Vec::with_capacity(subject.len());
    let mut at = 0;
    let mut copy = |out: &mut Vec<u8>, start: usize, end: usize| {
        out.extend_from_slice(subject.get(at..start).unwrap_or_default());
        at = end;
    };
    if !expand_template || !replacement.contains(&b'$') {
        let places = regex.places(subject, usize::MAX);
        if places.is_empty() {
            return Ok(any(arguments, 1).clone());
        }
        context.spend(places.len().saturating_mul(replacement.len() + 1))?;
        for (start, end) in places {
            copy(&mut out, start, end);
            out.extend_from_slice(replacement);
        }
    } else {
        let found = regex.groups(subject);
        if found.is_empty() {
            return Ok(any(arguments, 1).clone());
        }
        let template = Template::parse(replacement, regex);
        for groups in found {
            let Some(Some((start, end))) = groups.first().copied() else { continue };
            copy(&mut out, start, end);
            let before = out.len();
            template.expand(&mut out, subject, &groups);
            context.spend(out.len() - before + 1)?;
        }
    }
    copy(&mut out, subject.len(), subject.len());
    string(out)
}

/// A replacement text, cut at its `$1` and `${name}`.
struct Template<'a> {
    parts: Vec<TemplatePart<'a>>,
}

enum TemplatePart<'a> {
    Text(&'a [u8]),
    Groups(Vec<usize>),
}

impl<'a> Template<'a> {
    fn parse(mut rest: &'a [u8], regex: &Compiled) -> Template<'a> {
        let mut parts = Vec::new();
        while let Some(at) = memchr::memchr(b'$', rest) {
            let (before, from) = rest.split_at(at);
            parts.push(TemplatePart::Text(before));
            let after = from.get(1..).unwrap_or_default();
            if after.first() == Some(&b'$') {
                parts.push(TemplatePart::Text(b"$"));
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            match group_name(after) {
                Some((name, length)) => {
                    let groups = match group_number(name) {
                        Some(number) => vec![number],
                        None => regex.named(name),
                    };
                    parts.push(TemplatePart::Groups(groups));
                    rest = after.get(length..).unwrap_or_default();
                }
                None => {
                    parts.push(TemplatePart::Text(b"$"));
                    rest = after;
                }
            }
        }
        parts.push(TemplatePart::Text(rest));
        Template { parts }
    }

    fn expand(&self, out: &mut Vec<u8>, subject: &[u8], groups: &[Option<(usize, usize)>]) {
        for part in &self.parts {
            match part {
                TemplatePart::Text(text) => out.extend_from_slice(text),
                TemplatePart::Groups(numbers) => {
                    // Of several groups of one name the first that took part counts.
                    let found = numbers.iter().find_map(|&number| groups.get(number).copied()?);
                    if let Some((start, end)) = found {
                        out.extend_from_slice(subject.get(start..end).unwrap_or_default());
                    }
                }
            }
        }
    }
}

/// Reads a name after `$`, in braces or as long as letters, digits and `_` go on.
fn group_name(text: &[u8]) -> Option<(&str, usize)> {
    let braced = text.first() == Some(&b'{');
    let start = usize::from(braced);
    let mut end = start;
    for (rune, width) in runes(text.get(start..)?) {
        if !is_letter(rune) && !is_digit(rune) && rune != '_' {
            break;
        }
        end += width;
    }
    let name = std::str::from_utf8(text.get(start..end)?).ok()?;
    if name.is_empty() || braced && text.get(end) != Some(&b'}') {
        return None;
    }
    Some((name, if braced { end + 1 } else { end }))
}

/// Returns the number that a name is; a leading zero makes it a name.
fn group_number(name: &str) -> Option<usize> {
    let digits = name.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || name.len() > 1 && name.starts_with('0') {
        return None;
    }
    name.parse().ok().filter(|&number| number < 100_000_000)
}

fn split(context: &mut CallContext, regex: &Compiled, arguments: &[Value]) -> Answer {
    let (subject, count) = (text(arguments, 1), int(arguments, 2));
    if count == 0 {
        return Ok(nil_strings());
    }
    if !regex.is_empty && subject.is_empty() {
        return Ok(Value::strings([""]));
    }
    spend(context, regex, subject)?;
    let mut pieces: Vec<&[u8]> = Vec::new();
    let (mut begin, mut last_end) = (0, 0);
    for (start, end) in regex.places(subject, limit(count)) {
        if count > 0 && pieces.len() as i64 == count - 1 {
            break;
        }
        last_end = start;
        if end != 0 {
            pieces.push(subject.get(begin..last_end).unwrap_or_default());
        }
        begin = end;
    }
    if last_end != subject.len() {
        pieces.push(subject.get(begin..).unwrap_or_default());
    }
    context.spend(pieces.len())?;
    Ok(Value::strings(pieces))
}

fn quote_meta(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let subject = text(arguments, 0);
    let mut out = Vec::with_capacity(subject.len() + 8);
    for &byte in subject {
        if br"\.+*?()|[]{}^$".contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
    string(out)
}
