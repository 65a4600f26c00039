//! Putting a value into a map of a text, all other bytes untouched.
//!
//! In: a text, the path of a map in one of its objects, a key and a plain one-line value. Out: the text
//! with that one value replaced or added, in the style of what stands around it. Before the result is
//! given it is read again: nothing else may have changed.

use yaml::{Kind, Node, ScalarStyle, Schema, Span, Value};

/// Why a value could not be put there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoPlace(pub(super) String);

/// Puts `value` under `path` and `key` of the object whose bytes begin at `object`.
pub(super) fn put(
    text: &str,
    object: u32,
    path: &[&str],
    key: &str,
    value: &str,
) -> Result<String, NoPlace> {
    let before = documents(text)?;
    let root = find(&before, object).ok_or_else(|| no_place("the object is not there"))?;
    let (node, left) = deepest(root, path);
    let missing = left.first().and_then(|name| node.get(name)).filter(|next| next.is_null());
    let edit = match (node.entry(key).filter(|_| left.is_empty()), &node.kind) {
        (None, _) if missing.is_some() => {
            map_for_null(text, missing.unwrap_or(node), left, key, value)?
        }
        (Some((_, old)), _) if old.as_map().is_some() || old.as_list().is_some() => {
            return Err(no_place("there is a list or map in its place"));
        }
        (Some((_, old)), _) => {
            let tied = old.alias || old.anchor.is_some() || old.tag.is_some();
            replacement(text, old.span, old.style, tied, value)?
        }
        (None, Kind::Map(entries)) => addition(text, node, entries, left, key, value)?,
        (None, _) => return Err(no_place(format!("`{}` is no map", path.join(".")))),
    };
    let (range, new) = edit;
    let (head, tail) = (text.get(..range.start), text.get(range.end..));
    let edited = format!("{}{new}{}", head.unwrap_or_default(), tail.unwrap_or_default());
    let mut wanted: Vec<Value> = before.iter().map(Value::from).collect();
    let place = index_of(&before, object).ok_or_else(|| no_place("the object is not there"))?;
    let mut after: Vec<Value> = documents(&edited)?.iter().map(Value::from).collect();
    // A block scalar keeps its line ends, which no sealed value is bound to.
    let put_there = object_at(&mut after, &place)
        .and_then(|object| path.iter().try_fold(object, |value, name| field_of(value, name)))
        .and_then(|map| field_of(map, key))
        .and_then(|put| put.as_str().map(str::to_owned))
        .filter(|put| put.trim_matches('\n') == value)
        .unwrap_or_else(|| value.to_owned());
    let mut target =
        object_at(&mut wanted, &place).ok_or_else(|| no_place("the object is not there"))?;
    for name in path {
        let Value::Map(fields) = target else { return Err(no_place("it is no map")) };
        target = fields.entry((*name).to_owned()).or_insert_with(|| Value::Map(Default::default()));
        if target.is_null() {
            *target = Value::Map(Default::default());
        }
    }
    let Value::Map(fields) = target else { return Err(no_place("it is no map")) };
    fields.insert(key.to_owned(), Value::String(put_there));
    match after == wanted {
        true => Ok(edited),
        false => {
            Err(no_place(format!("`{key}` cannot be put there without touching something else")))
        }
    }
}

/// Returns an object of some documents, by the way that [`index_of`] found.
fn object_at<'a>(
    documents: &'a mut [Value],
    (document, way): &(usize, Vec<usize>),
) -> Option<&'a mut Value> {
    way.iter().try_fold(documents.get_mut(*document)?, |value, index| {
        match field_of(value, "items")? {
            Value::List(items) => items.get_mut(*index),
            _ => None,
        }
    })
}

fn field_of<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    match value {
        Value::Map(fields) => fields.get_mut(name),
        _ => None,
    }
}

/// Adds a plain word to the list under a key at the top of a text's first document; `None` where it is in it already.
///
/// # Errors
/// If the list stands there in a way that cannot be added to safely.
pub fn add_to_list(text: &str, key: &str, word: &str) -> Result<Option<String>, NoPlace> {
    let before = documents(text)?;
    let root = before.first().ok_or_else(|| no_place("it is empty"))?;
    let item = scalar(word, false);
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let node = root.get(key);
    let edited = match node.map(|node| (node, &node.kind)) {
        Some((_, Kind::List(items))) if items.iter().any(|it| it.as_str() == Some(word)) => {
            return Ok(None);
        }
        Some((node, Kind::List(items))) if !node.flow => {
            let last = items.last().map_or(0, |last| last.span.start as usize);
            let line = text.get(..last).and_then(|head| head.rfind('\n')).map_or(0, |at| at + 1);
            let lead = text.get(line..last).unwrap_or_default();
            let end = items.last().map_or(0, end_of);
            let rest = text.get(end..).unwrap_or_default();
            let at = end + rest.find('\n').map_or(rest.len(), |line| line + 1);
            let head = text.get(..at).unwrap_or_default();
            let gap = if head.ends_with('\n') { "" } else { newline };
            format!("{head}{gap}{lead}{item}{newline}{}", text.get(at..).unwrap_or_default())
        }
        Some((node, Kind::List(items))) => {
            let (start, end) = (node.span.start as usize, node.span.end as usize);
            let (head, tail) =
                (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
            match items.last() {
                // `[]` becomes a list of lines, as people write it.
                None => format!("{}{newline}  - {item}{tail}", head.trim_end_matches(' ')),
                Some(last) => {
                    let at = last.span.end as usize;
                    format!(
                        "{}, {item}{}",
                        text.get(..at).unwrap_or_default(),
                        text.get(at..).unwrap_or_default()
                    )
                }
            }
        }
        None if root.as_map().is_some() && !root.flow => {
            let gap = if text.ends_with('\n') { "" } else { newline };
            format!("{text}{gap}{key}:{newline}  - {item}{newline}")
        }
        _ => return Err(no_place(format!("`{key}` is no list"))),
    };
    let mut wanted: Vec<Value> = before.iter().map(Value::from).collect();
    if let Some(Value::Map(fields)) = wanted.first_mut() {
        match fields.entry(key.to_owned()).or_insert_with(|| Value::List(Vec::new())) {
            Value::List(items) => items.push(Value::String(word.to_owned())),
            _ => return Err(no_place(format!("`{key}` is no list"))),
        }
    }
    let after: Vec<Value> = documents(&edited)?.iter().map(Value::from).collect();
    if after == wanted {
        Ok(Some(edited))
    } else {
        Err(no_place("something else would change with it"))
    }
}

type Edit = (std::ops::Range<usize>, String);

/// Replaces a scalar; quotes stay. `tied` says that other parts of the text hang on it.
pub(super) fn replacement(
    text: &str,
    span: Span,
    style: ScalarStyle,
    tied: bool,
    value: &str,
) -> Result<Edit, NoPlace> {
    if tied {
        return Err(no_place(
            "it is an alias, or has an anchor or a tag: write the value there itself",
        ));
    }
    let new = match style {
        ScalarStyle::DoubleQuoted => format!("\"{value}\""),
        ScalarStyle::SingleQuoted => format!("'{value}'"),
        ScalarStyle::Plain => {
            // A value that is empty stands right behind the colon.
            let gap = if span.is_empty() { " " } else { "" };
            format!("{gap}{}", scalar(value, in_json(text)))
        }
        ScalarStyle::Literal | ScalarStyle::Folded => {
            if let Some(range) = block_lines(text, span) {
                return Ok((range, value.to_owned()));
            }
            let ended = text.get(span.range()).is_some_and(|old| old.ends_with('\n'));
            format!("{}{}", scalar(value, false), if ended { "\n" } else { "" })
        }
    };
    Ok((span.range(), new))
}

/// Returns where the words of a block scalar stand: after its header (with its comment) and the first line's indent,
/// up to the end of its last line. Blank lines before and after stay. `None` where it has no words.
fn block_lines(text: &str, span: Span) -> Option<std::ops::Range<usize>> {
    let old = text.get(span.range())?;
    let indent_of = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut at = old.find('\n')? + 1;
    let mut words: Option<std::ops::Range<usize>> = None;
    for line in old.get(at..)?.split_inclusive('\n') {
        let (indent, end) = (indent_of(line), at + line.trim_end().len());
        if !line.trim().is_empty() {
            words.get_or_insert(at + indent..end).end = end;
        }
        at += line.len();
    }
    let start = span.start as usize;
    words.map(|words| start + words.start..start + words.end)
}

/// Puts a map where nothing stands yet, as in `encryptedData:`.
fn map_for_null(
    text: &str,
    null: &Node,
    left: &[&str],
    key: &str,
    value: &str,
) -> Result<Edit, NoPlace> {
    let rest = left.get(1..).unwrap_or_default();
    let map = format!("{{{}}}", in_flow(rest, key, value, in_json(text)));
    let tied = null.alias || null.anchor.is_some() || null.tag.is_some();
    let (range, _) = replacement(text, null.span, null.style, tied, value)?;
    let before = text.get(..range.start).unwrap_or_default();
    let gap = if before.ends_with([' ', '\n']) { "" } else { " " };
    Ok((range, format!("{gap}{map}")))
}

fn addition(
    text: &str,
    node: &Node,
    entries: &[(Node, Node)],
    left: &[&str],
    key: &str,
    value: &str,
) -> Result<Edit, NoPlace> {
    let (Some((first, _)), Some((_, last))) = (entries.first(), entries.last()) else {
        // `{}`
        let quoted = in_json(text);
        let inner = in_flow(left, key, value, quoted);
        return Ok((node.span.range(), format!("{{{inner}}}")));
    };
    if node.flow {
        let quoted = first.style == ScalarStyle::DoubleQuoted;
        let opening = node.span.start as usize + 1..first.span.start as usize;
        let gap = text.get(opening).unwrap_or_default();
        let gap = if gap.is_empty() || gap.contains('#') { " " } else { gap };
        let at = last.span.end as usize;
        return Ok((at..at, format!(",{gap}{}", in_flow(left, key, value, quoted))));
    }
    let start = first.span.start as usize;
    let line = text.get(..start).and_then(|head| head.rfind('\n')).map_or(0, |at| at + 1);
    // Inside of a list (`- a: 1`) the first key does not begin its line: the dash counts as a space.
    let indent = text.get(line..start).unwrap_or_default().chars().map(|_| ' ').collect::<String>();
    let mut at = end_of(last);
    let ended = text.get(..at).is_some_and(|head| head.ends_with('\n'));
    if !ended {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.find('\n').map_or(rest.len(), |line| line + 1);
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = if text.get(..at).is_some_and(|head| head.ends_with('\n')) { "" } else { newline };
    let mut new = before.to_owned();
    for (depth, name) in left.iter().enumerate() {
        new.push_str(&format!("{indent}{}{}:{newline}", "  ".repeat(depth), scalar(name, false)));
    }
    let deep = "  ".repeat(left.len());
    new.push_str(&format!(
        "{indent}{deep}{}: {}{newline}",
        scalar(key, false),
        scalar(value, false)
    ));
    Ok((at..at, new))
}

/// The last byte of a value with all that is in it.
fn end_of(node: &Node) -> usize {
    let inner = match &node.kind {
        Kind::Map(entries) if !node.flow => entries.last().map(|(_, value)| end_of(value)),
        Kind::List(items) if !node.flow => items.last().map(end_of),
        _ => None,
    };
    inner.unwrap_or(node.span.end as usize)
}

fn in_flow(left: &[&str], key: &str, value: &str, quoted: bool) -> String {
    let mut out = String::new();
    for name in left {
        out.push_str(&format!("{}: {{", scalar(name, quoted)));
    }
    out.push_str(&format!("{}: {}", scalar(key, quoted), scalar(value, true)));
    out.push_str(&"}".repeat(left.len()));
    out
}

/// Writes a text as a scalar: in double quotes as JSON has it, or as Go's YAML would.
fn scalar(text: &str, quoted: bool) -> String {
    if quoted { serde_json::Value::from(text).to_string() } else { yaml::scalar_go2(text) }
}

fn in_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Follows a path as far as there are maps; returns where that ends and what is left.
fn deepest<'a, 'p>(root: &'a Node, path: &'p [&'p str]) -> (&'a Node, &'p [&'p str]) {
    let mut node = root;
    for (at, name) in path.iter().enumerate() {
        match node.get(name) {
            Some(next) if next.as_map().is_some() => node = next,
            _ => return (node, path.get(at..).unwrap_or_default()),
        }
    }
    (node, &[])
}

fn documents(text: &str) -> Result<Vec<Node>, NoPlace> {
    yaml::parse_all(text, Schema::Go2)
        .map_err(|error| no_place(format!("line {}: it cannot be read", error.line)))
}

fn find(nodes: &[Node], start: u32) -> Option<&Node> {
    nodes.iter().find_map(|node| {
        let is_list =
            node.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
        let items = node.get("items").and_then(Node::as_list).filter(|_| is_list);
        match items {
            Some(items) => find(items, start),
            None => (node.span.start == start).then_some(node),
        }
    })
}

/// Returns the document that an object is in, and its way through lists.
fn index_of(nodes: &[Node], start: u32) -> Option<(usize, Vec<usize>)> {
    nodes.iter().enumerate().find_map(|(at, node)| {
        let is_list =
            node.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
        match node.get("items").and_then(Node::as_list).filter(|_| is_list) {
            Some(items) => {
                let (first, mut rest) = index_of(items, start)?;
                rest.insert(0, first);
                Some((at, rest))
            }
            None => (node.span.start == start).then(|| (at, Vec::new())),
        }
    })
}

fn no_place(words: impl Into<String>) -> NoPlace {
    NoPlace(words.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_at(text: &str, path: &[&str], key: &str) -> String {
        let start = documents(text).unwrap()[0].span.start;
        put(text, start, path, key, "NEW").unwrap()
    }

    #[test]
    fn a_value_is_replaced_or_added_in_the_style_around_it() {
        for (text, wanted) in [
            ("a:\n  k: old # why\n  z: 1\n", "a:\n  k: NEW # why\n  z: 1\n"),
            ("a:\n  k: 'old'\n", "a:\n  k: 'NEW'\n"),
            ("a:\n  k: >-\n    one\n    two\n  z: 1\n", "a:\n  k: >-\n    NEW\n  z: 1\n"),
            (
                "a:\n  k: >- # why\n    one\n  # next\n  z: 1\n",
                "a:\n  k: >- # why\n    NEW\n  # next\n  z: 1\n",
            ),
            ("a:\n  k: |\n\n    one\n\n\n  z: 1\n", "a:\n  k: |\n\n    NEW\n\n\n  z: 1\n"),
            ("a:\n  k: |2+\n    one\n\n", "a:\n  k: |2+\n    NEW\n\n"),
            ("a:\r\n  k: |\r\n    one\r\n", "a:\r\n  k: |\r\n    NEW\r\n"),
            ("a:\n  k: | # none\n  z: 1\n", "a:\n  k: NEW\n  z: 1\n"),
            ("a:\n  z: 1 # last\n# after\nb: 2\n", "a:\n  z: 1 # last\n  k: NEW\n# after\nb: 2\n"),
            ("a:\n  z: |\n    x\nb: 2\n", "a:\n  z: |\n    x\n  k: NEW\nb: 2\n"),
            ("a:\n  z: 1", "a:\n  z: 1\n  k: NEW\n"),
            ("a: {z: 1}\n", "a: {z: 1, k: \"NEW\"}\n"),
            ("a: {}\n", "a: {k: \"NEW\"}\n"),
            ("a:\nb: 1\n", "a: {k: \"NEW\"}\nb: 1\n"),
            ("a: null # why\n", "a: {k: \"NEW\"} # why\n"),
            ("a:", "a: {k: \"NEW\"}"),
            ("{\"a\": null}", "{\"a\": {\"k\": \"NEW\"}}"),
            (
                "{\n  \"a\": {\n    \"z\": \"1\"\n  }\n}\n",
                "{\n  \"a\": {\n    \"z\": \"1\",\n    \"k\": \"NEW\"\n  }\n}\n",
            ),
            ("{\"a\": {}}", "{\"a\": {\"k\": \"NEW\"}}"),
            ("{\"a\": {\"k\": null}}", "{\"a\": {\"k\": \"NEW\"}}"),
            ("b: 1\n", "b: 1\na:\n  k: NEW\n"),
            ("{\"b\": 1}", "{\"b\": 1, \"a\": {\"k\": \"NEW\"}}"),
            ("a:\r\n  z: 1\r\n", "a:\r\n  z: 1\r\n  k: NEW\r\n"),
            ("a:\n  z: [1]\n", "a:\n  z: [1]\n  k: NEW\n"),
            ("a:\n  z:\n  - 1\n  - 2\n", "a:\n  z:\n  - 1\n  - 2\n  k: NEW\n"),
            ("a:\n  z:\n    y: {x: 1}\n", "a:\n  z:\n    y: {x: 1}\n  k: NEW\n"),
            ("a: { # why\n  z: 1}\n", "a: { # why\n  z: 1, k: \"NEW\"}\n"),
            ("a:\n  k: \n  z: 1\n", "a:\n  k: NEW \n  z: 1\n"),
            ("a:\n  k: >-\n    one", "a:\n  k: >-\n    NEW"),
        ] {
            assert_eq!(put_at(text, &["a"], "k"), wanted, "{text:?}");
        }
        assert_eq!(put_at("b: 1\n", &["a", "c"], "k"), "b: 1\na:\n  c:\n    k: NEW\n");
        assert_eq!(put_at("a:\n  k:\n", &["a"], "k"), "a:\n  k: NEW\n");
        assert_eq!(put_at("a:\n  z: 1\n", &["a"], "true"), "a:\n  z: 1\n  \"true\": NEW\n");
    }

    #[test]
    fn a_word_is_added_to_a_list() {
        for (text, wanted) in [
            ("r: []\n", "r:\n  - NEW\n"),
            ("r:\n  - a # x\nb: 1\n", "r:\n  - a # x\n  - NEW\nb: 1\n"),
            ("r:\n- a", "r:\n- a\n- NEW\n"),
            ("r: [a]\n", "r: [a, NEW]\n"),
            ("b: 1\n", "b: 1\nr:\n  - NEW\n"),
            ("b: 1", "b: 1\nr:\n  - NEW\n"),
            ("r:\r\n  - a\r\n", "r:\r\n  - a\r\n  - NEW\r\n"),
        ] {
            assert_eq!(add_to_list(text, "r", "NEW").unwrap().as_deref(), Some(wanted));
            assert_eq!(add_to_list(wanted, "r", "NEW").unwrap(), None);
        }
        for text in ["r: 1\n", "r:\n", "", "- a\n", "{b: 1}\n", "a: [", "r: &x [a]\nb: *x\n"] {
            assert!(add_to_list(text, "r", "NEW").is_err(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_done_safely_is_refused() {
        for text in [
            "a: 1\n",
            "a: &x\nb: *x\n",
            "- 1\n",
            "a: &x {k: 1}\nb: *x\n",
            "a: {k: &x 1}\nb: *x\n",
            "b: &x 1\na: {k: *x}\n",
            "a: {k: !!str 1}\n",
            "a: {k: [1]}\n",
            "a: {k: {l: 1}}\n",
        ] {
            let start = documents(text).unwrap()[0].span.start;
            assert!(put(text, start, &["a"], "k", "NEW").is_err(), "{text}");
            assert!(put(text, start, &["a", "k"], "l", "NEW").is_err() || text.contains("{l: 1}"));
            assert!(put(text, start + 1, &["a"], "k", "NEW").is_err(), "{text}");
        }
        assert!(put("a: [", 0, &["a"], "k", "NEW").is_err());
    }
}
