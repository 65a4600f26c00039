//! The `format` keyword of drafts 4 to 7: checks and words of the library that helm uses.
//! Formats it does not know are not checked.

use std::net::Ipv6Addr;

type Check = Result<(), String>;

fn fail(words: impl Into<String>) -> Check {
    Err(words.into())
}

/// Checks a text against a format; the error says why it does not fit.
pub(super) fn check(format: &str, text: &str) -> Check {
    match format {
        "regex" => regex(text),
        "json-pointer" => json_pointer(text),
        "relative-json-pointer" => relative_json_pointer(text),
        "uuid" => uuid(text),
        "duration" => duration(text),
        "period" => period(text),
        "ipv4" => ipv4(text),
        "ipv6" => ipv6(text),
        "hostname" => hostname(text),
        "email" => email(text),
        "date" => date(text),
        "time" => time(text),
        "date-time" => date_time(text),
        "uri" | "iri" => uri(text, true),
        "uri-reference" | "iri-reference" if text.contains('\\') => fail("contains \\"),
        "uri-reference" | "iri-reference" => uri(text, false),
        "uri-template" => uri_template(text),
        "semver" => semver(text),
        _ => Ok(()),
    }
}

/// Checks a regular expression.
pub(super) fn regex(text: &str) -> Check {
    match regex::Regex::new(&super::pattern::translate(text)) {
        Ok(_) | Err(regex::Error::CompiledTooBig(_)) => Ok(()),
        Err(_) => Err(format!("error parsing regexp: {}", syntax_words(text))),
    }
}

/// Returns Go's words for the commonest mistakes.
fn syntax_words(text: &str) -> String {
    let (mut depth, mut in_class, mut escaped) = (0_i64, false, false);
    let mut class_start = 0;
    for (at, c) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match c {
            '\\' => escaped = true,
            '[' if !in_class => {
                in_class = true;
                class_start = at;
            }
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => {
                depth -= 1;
                if depth < 0 {
                    return format!("unexpected ): `{text}`");
                }
            }
            _ => {}
        }
    }
    if escaped {
        return "trailing backslash at end of expression: ``".to_owned();
    }
    if in_class {
        return format!("missing closing ]: `{}`", text.get(class_start..).unwrap_or_default());
    }
    if depth > 0 {
        return format!("missing closing ): `{text}`");
    }
    if text.contains("(?=") || text.contains("(?!") || text.contains("(?<") {
        let at = text.find("(?").unwrap_or(0);
        let operator: String = text.chars().skip(at).take(3).collect();
        return format!("invalid or unsupported Perl syntax: `{operator}`");
    }
    if text.starts_with(['*', '+', '?']) {
        let operator: String = text.chars().take(1).collect();
        return format!("missing argument to repetition operator: `{operator}`");
    }
    format!("invalid syntax: `{text}`")
}

fn invalid_character(c: char) -> Check {
    fail(format!("invalid character '{}'", c.escape_debug()))
}

fn json_pointer(text: &str) -> Check {
    if text.is_empty() {
        return Ok(());
    }
    let Some(rest) = text.strip_prefix('/') else {
        return fail("not starting with /");
    };
    for token in rest.split('/') {
        let mut escaped = false;
        for c in token.chars() {
            if std::mem::take(&mut escaped) {
                if !matches!(c, '0' | '1') {
                    return fail("~ must be followed by 0 or 1");
                }
            } else if c == '~' {
                escaped = true;
            }
        }
        if escaped {
            return fail("~ must be followed by 0 or 1");
        }
    }
    Ok(())
}

fn relative_json_pointer(text: &str) -> Check {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - rest.len();
    if digits == 0 {
        return fail("must start with non-negative integer");
    }
    if digits > 1 && text.starts_with('0') {
        return fail("starts with zero");
    }
    if rest == "#" { Ok(()) } else { json_pointer(rest) }
}

fn uuid(text: &str) -> Check {
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != 5 {
        return fail("must have 5 elements");
    }
    for (at, (group, size)) in groups.iter().zip([8, 4, 4, 4, 12]).enumerate() {
        if group.len() != size {
            return fail(format!("element {} must be {size} characters long", at + 1));
        }
        if let Some(c) = group.chars().find(|c| !c.is_ascii_hexdigit()) {
            return fail(format!("non-hex character '{}'", c.escape_debug()));
        }
    }
    Ok(())
}

fn duration(text: &str) -> Check {
    let Some(rest) = text.strip_prefix('P') else {
        return fail("must start with P");
    };
    if rest.is_empty() {
        return fail("nothing after P");
    }
    if let Some(weeks) = rest.strip_suffix('W') {
        if weeks.is_empty() {
            return fail("no number in week");
        }
        let valid = weeks.bytes().all(|b| b.is_ascii_digit());
        return if valid { Ok(()) } else { fail("invalid week") };
    }
    for (at, part) in rest.split('T').enumerate() {
        if at != 0 && part.is_empty() {
            return fail("no time elements");
        }
        let all = match at {
            0 => "YMD",
            1 => "HMS",
            _ => return fail("more than one T"),
        };
        let (mut units, mut part) = (all, part);
        while !part.is_empty() {
            let after = part.trim_start_matches(|c: char| c.is_ascii_digit());
            if after.len() == part.len() {
                return fail("missing number");
            }
            let mut characters = after.chars();
            let Some(unit) = characters.next() else {
                return fail("missing unit");
            };
            let Some((_, left)) = units.split_once(unit) else {
                let words = if all.contains(unit) {
                    format!("unit '{unit}' out of order")
                } else {
                    format!("invalid unit '{}'", unit.escape_debug())
                };
                return fail(words);
            };
            units = left;
            part = characters.as_str();
        }
    }
    Ok(())
}

fn period(text: &str) -> Check {
    let Some((start, end)) = text.split_once('/') else {
        return fail("missing slash");
    };
    let either = |text: &str, which: &str| {
        if text.starts_with('P') {
            duration(text).map_err(|words| format!("invalid {which} duration: {words}"))
        } else {
            date_time(text).map_err(|words| format!("invalid {which} date-time: {words}"))
        }
    };
    either(start, "start")?;
    if start.starts_with('P') {
        return date_time(end).map_err(|words| format!("invalid end date-time: {words}"));
    }
    either(end, "end")
}

fn ipv4(text: &str) -> Check {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return fail("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return fail("leading zeros");
        }
        match group.parse::<i64>() {
            Ok(number) if (0..=255).contains(&number) => {}
            Ok(_) => return fail("decimal must be between 0 and 255"),
            Err(_) => return fail(format!("strconv.Atoi: parsing {group:?}: invalid syntax")),
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Check {
    if !text.contains(':') {
        return fail("missing colon");
    }
    if text.contains('%') {
        return fail("zone id is not a part of ipv6 address");
    }
    match text.parse::<Ipv6Addr>() {
        Ok(_) => Ok(()),
        Err(_) => fail(format!("ParseAddr({text:?}): unable to parse IP")),
    }
}

fn hostname(text: &str) -> Check {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return fail("more than 253 characters long");
    }
    for label in text.split('.') {
        if label.is_empty() || label.len() > 63 {
            return fail("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return fail("label starts with hyphen");
        }
        if label.ends_with('-') {
            return fail("label ends with hyphen");
        }
        if let Some(c) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return invalid_character(c);
        }
    }
    Ok(())
}

fn email(text: &str) -> Check {
    if text.len() > 254 {
        return fail("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return fail("missing @");
    };
    if local.len() > 64 {
        return fail("local part more than 64 characters long");
    }
    let quoted = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if let Some(inside) = quoted {
        if inside.contains(['\\', '"']) {
            return fail("backslash and quote are not allowed within quoted local part");
        }
    } else {
        if local.starts_with('.') {
            return fail("starts with dot");
        }
        if local.ends_with('.') {
            return fail("ends with dot");
        }
        if local.contains("..") {
            return fail("consecutive dots");
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
        if let Some(c) = local.chars().find(|c| !allowed(*c)) {
            return invalid_character(c);
        }
    }
    if let Some(address) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match address.strip_prefix("IPv6:") {
            Some(address) => {
                ipv6(address).map_err(|words| format!("invalid ipv6 address: {words}"))
            }
            None => ipv4(address).map_err(|words| format!("invalid ipv4 address: {words}")),
        };
    }
    hostname(domain).map_err(|words| format!("invalid domain: {words}"))
}

fn date(text: &str) -> Check {
    let layout = |rest: &str, want: &str| {
        fail(format!("parsing time {text:?} as \"2006-01-02\": cannot parse {rest:?} as {want:?}"))
    };
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let number = |digits: &str, size: usize| {
        let valid = digits.len() == size && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<u32>().ok().filter(|_| valid)
    };
    let Some(year) = number(part(0..4), 4) else { return layout(text, "2006") };
    if part(4..5) != "-" {
        return layout(text.get(4..).unwrap_or_default(), "-");
    }
    let Some(month) = number(part(5..7), 2) else {
        return layout(text.get(5..).unwrap_or_default(), "01");
    };
    if !(1..=12).contains(&month) {
        return fail(format!("parsing time {text:?}: month out of range"));
    }
    if part(7..8) != "-" {
        return layout(text.get(7..).unwrap_or_default(), "-");
    }
    let Some(day) = number(part(8..10), 2) else {
        return layout(text.get(8..).unwrap_or_default(), "02");
    };
    if text.len() > 10 {
        let extra = text.get(10..).unwrap_or_default();
        return fail(format!("parsing time {text:?}: extra text: {extra:?}"));
    }
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if (1..=days).contains(&day) {
        Ok(())
    } else {
        fail(format!("parsing time {text:?}: day out of range"))
    }
}

fn time(text: &str) -> Check {
    if text.len() < 9 {
        return fail("less than 9 characters long");
    }
    let bytes = text.as_bytes();
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return fail("missing colon in correct place");
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i32>().ok();
    let (Some(hour), Some(minute), Some(second)) = (number(0..2), number(3..5), number(6..8))
    else {
        return fail("invalid hour/min/sec");
    };
    if hour < 0 || minute < 0 || second < 0 {
        return fail("non-positive hour/min/sec");
    }
    if hour > 23 || minute > 59 || second > 60 {
        return fail("hour/min/sec out of range");
    }
    let mut rest = text.get(8..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == fraction.len() {
            return fail("no digits in second fraction");
        }
    }
    let mut minutes = hour * 60 + minute;
    if !matches!(rest, "z" | "Z") {
        if rest.len() != 6 {
            return fail("offset must be 6 characters long");
        }
        let sign = match rest.as_bytes().first() {
            Some(b'+') => -1,
            Some(b'-') => 1,
            _ => return fail("offset must begin with plus/minus"),
        };
        if rest.as_bytes().get(3) != Some(&b':') {
            return fail("missing colon in offset in correct place");
        }
        let number = |range: std::ops::Range<usize>| rest.get(range)?.parse::<i32>().ok();
        let (Some(hour), Some(minute)) = (number(1..3), number(4..6)) else {
            return fail("invalid hour/min in offset");
        };
        if hour < 0 || minute < 0 {
            return fail("non-positive hour/min in offset");
        }
        if hour > 23 || minute > 59 {
            return fail("hour/min in offset out of range");
        }
        minutes += sign * (hour * 60 + minute);
        if minutes < 0 {
            minutes += 24 * 60;
        }
    }
    if second >= 60 && minutes != 23 * 60 + 59 {
        return fail("invalid leap second");
    }
    Ok(())
}

fn date_time(text: &str) -> Check {
    if text.len() < 20 {
        return fail("less than 20 characters long");
    }
    if !matches!(text.as_bytes().get(10), Some(b't' | b'T')) {
        return fail("11th character must be t or T");
    }
    date(text.get(..10).unwrap_or_default())
        .map_err(|words| format!("invalid date element: {words}"))?;
    time(text.get(11..).unwrap_or_default())
        .map_err(|words| format!("invalid time element: {words}"))
}

fn uri(text: &str, absolute: bool) -> Check {
    if text.bytes().any(|b| b < 0x20 || b == 0x7F) {
        return fail(format!("parse {text:?}: net/url: invalid control character in URL"));
    }
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let hex = after.get(..2).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if hex.is_none() {
            let bad: String = after.chars().take(2).collect();
            return fail(format!("parse {text:?}: invalid URL escape {:?}", format!("%{bad}")));
        }
        rest = after;
    }
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let first_part = text.split(['/', '?', '#']).next().unwrap_or_default();
    let has_scheme = scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    if scheme == Some("") {
        return fail(format!("parse {text:?}: missing protocol scheme"));
    }
    if !has_scheme && first_part.contains(':') {
        return fail(format!("parse {text:?}: first path segment in URL cannot contain colon"));
    }
    let after_scheme =
        if has_scheme { text.split_once(':').map_or("", |(_, rest)| rest) } else { text };
    if let Some(rest) = after_scheme.strip_prefix("//") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some(c) = host
            .chars()
            .find(|c| matches!(c, ' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}'))
        {
            return fail(format!(
                "parse {text:?}: invalid character {:?} in host name",
                c.to_string()
            ));
        }
    }
    if absolute && !has_scheme { fail("relative url") } else { Ok(()) }
}

fn uri_template(text: &str) -> Check {
    uri(text, false)?;
    for part in text.split('/') {
        let mut open = false;
        for c in part.chars().filter(|c| matches!(c, '{' | '}')) {
            if open == (c == '{') {
                return fail("nested curly braces");
            }
            open = !open;
        }
        if open {
            return fail("no matching closing brace");
        }
    }
    Ok(())
}

fn semver(text: &str) -> Check {
    let identifier = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut core = text;
    if let Some((rest, build)) = core.split_once('+') {
        if build.is_empty() {
            return fail("build is empty");
        }
        for part in build.split('.') {
            if part.is_empty() {
                return fail("build identifier is empty");
            }
            if let Some(c) = part.chars().find(|c| !identifier(*c)) {
                return fail(format!("invalid character '{c}' in build identifier"));
            }
        }
        core = rest;
    }
    if let Some((rest, pre)) = core.split_once('-') {
        for part in pre.split('.') {
            if part.is_empty() {
                return fail("pre-release identifier is empty");
            }
            if let Some(c) = part.chars().find(|c| !identifier(*c)) {
                return fail(format!("invalid character '{c}' in pre-release identifier"));
            }
            let digits = part.bytes().all(|b| b.is_ascii_digit());
            if digits && part.len() > 1 && part.starts_with('0') {
                return fail("pre-release numeric identifier starts with zero");
            }
        }
        core = rest;
    }
    let numbers: Vec<&str> = core.split('.').collect();
    if numbers.len() != 3 {
        return fail("versionCore must have 3 numbers separated by dot");
    }
    for (number, name) in numbers.iter().zip(["major", "minor", "patch"]) {
        if number.is_empty() {
            return fail(format!("{name} is empty"));
        }
        if number.len() > 1 && number.starts_with('0') {
            return fail(format!("{name} starts with zero"));
        }
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return fail(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}
