//! Cron expressions as Kubernetes reads them (robfig/cron's standard parser).

/// Reads an expression: whether it ever comes due, or why it is none.
pub(super) fn check(expression: &str) -> Result<bool, String> {
    let expression = expression.trim();
    if let Some(word) = expression.strip_prefix('@') {
        let known = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        if known.contains(&word) || word.strip_prefix("every ").is_some_and(is_duration) {
            return Ok(true);
        }
        return Err(format!("`@{word}` is not one of @yearly, @monthly, @weekly, @daily, @hourly"));
    }
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(format!("it has {} fields instead of 5", fields.len()));
    };
    values(minute, &MINUTE)?;
    values(hour, &HOUR)?;
    let days = values(day, &DAY)?;
    let months = values(month, &MONTH)?;
    values(weekday, &WEEKDAY)?;
    // With a day of the week, either of the two is enough.
    if !weekday.starts_with(['*', '?']) {
        return Ok(true);
    }
    let longest = |month: u32| match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    Ok(months.iter().any(|&month| days.iter().any(|&day| day <= longest(month))))
}

/// Whether a text is a duration as Go writes it: `1h30m`, `1.5h`.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|sign: char| sign.is_ascii_digit() || sign == '.');
        let units = ["ns", "us", "µs", "ms", "s", "m", "h"];
        let unit = units.iter().find(|unit| number.starts_with(**unit));
        let (Some(unit), true) = (unit, number.len() < rest.len()) else { return false };
        rest = number.get(unit.len()..).unwrap_or_default();
    }
    !text.is_empty()
}

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    words: &'static [&'static str],
}

const MINUTE: Field = Field { name: "minute", least: 0, most: 59, words: &[] };
const HOUR: Field = Field { name: "hour", least: 0, most: 23, words: &[] };
const DAY: Field = Field { name: "day of month", least: 1, most: 31, words: &[] };
const MONTH: Field = Field {
    name: "month",
    least: 1,
    most: 12,
    words: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Field = Field {
    name: "day of week",
    least: 0,
    most: 6,
    words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

/// Returns the values that a field means.
fn values(text: &str, field: &Field) -> Result<Vec<u32>, String> {
    let mut values = Vec::new();
    for part in text.split(',') {
        // robfig/cron passes over empty parts of a list, but not over an empty list.
        if part.is_empty() {
            continue;
        }
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let (from, to) = match range {
            "*" | "?" => (field.least, field.most),
            _ => match range.split_once('-') {
                Some((from, to)) => (value(from, field)?, value(to, field)?),
                None => {
                    let from = value(range, field)?;
                    (from, if step.is_some() { field.most } else { from })
                }
            },
        };
        if from > to {
            return Err(format!("in the {}, `{range}` goes backwards", field.name));
        }
        let step = step.map_or(Ok(1), |step| {
            let step = step.parse::<u32>().ok().filter(|&step| step > 0);
            step.ok_or_else(|| format!("in the {}, the step of `{part}` is no number", field.name))
        })?;
        // Steps beyond the range leave its first value.
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        values.extend((from..=to).step_by(step));
    }
    if values.is_empty() {
        return Err(format!("the {} is empty", field.name));
    }
    Ok(values)
}

fn value(text: &str, field: &Field) -> Result<u32, String> {
    let lower = text.to_ascii_lowercase();
    if let Some(index) = field.words.iter().position(|word| *word == lower) {
        return Ok(field.least + u32::try_from(index).unwrap_or(0));
    }
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok());
    match number.flatten() {
        Some(number) if (field.least..=field.most).contains(&number) => Ok(number),
        Some(7) if field.name == WEEKDAY.name => {
            Err("the day of week 7 is not known to Kubernetes; Sunday is 0".to_owned())
        }
        Some(number) => Err(format!(
            "the {} {number} is not between {} and {}",
            field.name, field.least, field.most
        )),
        None => {
            let shown: String = text.chars().filter(|sign| !sign.is_control()).take(20).collect();
            Err(format!("`{shown}` is no {}", field.name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn expressions_are_read_as_kubernetes_reads_them() {
        for good in [
            "* * * * *",
            "*/5 0-6 1,15 jan-mar MON",
            "0 0 31 1 *",
            "@daily",
            "5/15 * ? * ?",
            "0 0 29 2 *",
            "@every 1h30m",
        ] {
            assert_eq!(check(good), Ok(true), "{good}");
        }
        for never in ["0 0 30 2 *", "0 0 31 4,6 *", "0 0 31 feb *"] {
            assert_eq!(check(never), Ok(false), "{never}");
        }
        assert_eq!(check("0 0 30 2 1"), Ok(true), "the day of the week is enough");
        for bad in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "a * * * *",
            "*/0 * * * *",
            "5-1 * * * *",
            "@reboot",
            "@every",
            "@every soon",
            "1- * * * *",
            "-1 * * * *",
            "+1 * * * *",
            ", * * * *",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
