//! Errors of templates in helm's words: it takes Go's one long line apart into a chain of places.
//!
//! Rules: helm v4.3.1 `pkg/engine/engine.go` (`cleanupParseError`, `reformatExecErrorMsg`).

use gotmpl::{ExecError, ParseError};

use crate::error::{Error, ErrorKind, Location};

/// What `required` and `fail` put round their message.
const WARN_START: &str = "HELM_ERR_START";
const WARN_END: &str = "HELM_ERR_END";

/// Turns a parse error round: place first.
pub(crate) fn parse(file: &str, error: &ParseError) -> Error {
    let text = error.to_string();
    let tokens: Vec<&str> = text.split(": ").collect();
    let message = match tokens.as_slice() {
        [_, place, .., last] => format!("parse error at ({place}): {last}"),
        [_, place] => format!("parse error at ({place}): {place}"),
        _ => format!("parse error in ({file}): {text}"),
    };
    let mut failed = Error::new(ErrorKind::Parse, message);
    failed.locations.push(Location {
        template: error.name().to_owned(),
        line: error.line(),
        column: 0,
        executing: String::new(),
        node: String::new(),
    });
    failed
}

/// Takes the chain of an execution error apart.
pub(crate) fn execute(error: &ExecError) -> Error {
    let text = error.to_string();
    let steps = chain(&text);
    let locations = steps.iter().flatten().filter_map(Step::place).collect();
    let message = message(&text, steps);
    Error { locations, ..Error::new(ErrorKind::Execute, message) }
}

fn message(text: &str, steps: Option<Vec<Step<'_>>>) -> String {
    // A template that is not there at all is no execution error for Go: its text stays.
    if text.starts_with("template: no template ") {
        return text.to_owned();
    }
    let mut parts = text.splitn(3, ": ");
    if let (Some(_), Some(place), Some(rest)) = (parts.next(), parts.next(), parts.next())
        && let Some((_, warning)) = rest.split_once(WARN_START)
        && let Some((warning, _)) = warning.rsplit_once(WARN_END)
    {
        return format!("execution error at ({place}): {warning}");
    }
    let Some(steps) = steps else { return text.to_owned() };
    let mut words = String::new();
    for step in &steps {
        for (part, indent) in [(step.location, "  "), (step.executed.as_str(), "    ")] {
            if !part.is_empty() {
                words.push_str(part);
                words.push('\n');
                words.push_str(indent);
            }
        }
        if !step.message.is_empty() {
            words.push_str(step.message);
            words.push('\n');
        }
    }
    words.trim().to_owned()
}

/// One error of a chain, as helm shows it.
#[derive(Debug, PartialEq, Eq)]
struct Step<'t> {
    location: &'t str,
    executed: String,
    message: &'t str,
}

impl Step<'_> {
    fn place(&self) -> Option<Location> {
        let (rest, last) = self.location.rsplit_once(':')?;
        let last: usize = last.parse().ok()?;
        let executing = self.executed.strip_prefix("executing \"")?;
        let (executing, node) = executing.split_once("\" at <")?;
        let (template, line, column) = match rest.rsplit_once(':') {
            Some((template, line)) => match line.parse() {
                Ok(line) => (template, line, last),
                Err(_) => (rest, last, 0),
            },
            None => (rest, last, 0),
        };
        Some(Location {
            template: template.to_owned(),
            line,
            column,
            executing: executing.to_owned(),
            node: node.strip_suffix(">:").unwrap_or(node).to_owned(),
        })
    }
}

/// Returns the steps from the outermost error inwards; `None` where one of them is no template
/// error, for which helm falls back to Go's own text.
fn chain(text: &str) -> Option<Vec<Step<'_>>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let mut current = Some(text);
    while let Some(text) = current {
        let step = step(text)?;
        if steps.last() != Some(&step) {
            steps.push(step);
        }
        current = inner(text);
    }
    Some(steps)
}

fn step(text: &str) -> Option<Step<'_>> {
    let rest = text.strip_prefix("template: ")?;
    if rest.starts_with("no template ") {
        return Some(Step { location: "", executed: String::new(), message: text });
    }
    let cut = |message: &str| message.find(" template:").unwrap_or(message.len());
    if let Some((location, after)) = rest.split_once(": executing ")
        && let Some(after) = after.strip_prefix('"')
        && let Some((name, after)) = after.split_once('"')
        && let Some(after) = after.strip_prefix(" at <")
        && let Some((node, message)) = after.split_once(">: ")
    {
        return Some(Step {
            location,
            executed: format!("executing \"{name}\" at <{node}>:"),
            message: message.get(..cut(message)).unwrap_or(message),
        });
    }
    let (location, message) = rest.rsplit_once(": ")?;
    let message = message.get(..cut(message)).unwrap_or(message);
    Some(Step { location, executed: String::new(), message })
}

/// Returns the error inside one: that of the function or method that was called.
fn inner(text: &str) -> Option<&str> {
    let (_, after) = text.strip_prefix("template: ")?.split_once(": executing \"")?;
    let (_, message) = after.split_once(">: ")?;
    let called = message.strip_prefix("error calling ")?;
    let (_, inner) = called.split_once(": ")?;
    Some(inner)
}

#[cfg(test)]
mod tests {
    use super::{chain, message};

    fn words(text: &str) -> String {
        message(text, chain(text))
    }

    #[test]
    fn chains_are_taken_apart_as_helm_does() {
        for (text, want) in [
            (
                "template: c/templates/a.yaml:1:3: executing \"c/templates/a.yaml\" at \
                 <.Values.a.b>: nil pointer evaluating interface {}.b",
                "c/templates/a.yaml:1:3\n  executing \"c/templates/a.yaml\" at <.Values.a.b>:\n    \
                 nil pointer evaluating interface {}.b",
            ),
            (
                "template: c/templates/a.yaml:1:3: executing \"c/templates/a.yaml\" at <include \
                 \"x\" .>: error calling include: template: c/templates/_h.tpl:2:5: executing \
                 \"x\" at <.Values.a.b>: nil pointer evaluating interface {}.b",
                "c/templates/a.yaml:1:3\n  executing \"c/templates/a.yaml\" at <include \"x\" .>:\n    \
                 error calling include:\nc/templates/_h.tpl:2:5\n  executing \"x\" at \
                 <.Values.a.b>:\n    nil pointer evaluating interface {}.b",
            ),
            (
                "template: c/templates/a.yaml:1:3: executing \"c/templates/a.yaml\" at <fail \
                 \"no\">: error calling fail: HELM_ERR_STARTnoHELM_ERR_END",
                "execution error at (c/templates/a.yaml:1:3): no",
            ),
            (
                "template: c/a.yaml:1:3: executing \"c/a.yaml\" at <atoi>: error calling x: plain",
                "template: c/a.yaml:1:3: executing \"c/a.yaml\" at <atoi>: error calling x: plain",
            ),
        ] {
            assert_eq!(words(text), want, "{text}");
        }
    }
}
