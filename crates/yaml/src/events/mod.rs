//! Events: what a YAML text is made of, piece by piece, each with its bytes.
//!
//! In goes a text; out come the events of YAML 1.1 as libyaml and Go's two libraries read it, or
//! the error that Go would give. Nothing is resolved here: a scalar is its text, an alias a name.
//! Comments and blank lines are what lies between the spans of the events.
//! It never recurses: nesting costs memory only, and is bounded as in Go.

mod characters;
mod common_lines;
mod input;
mod parser;
mod scalars;
mod scanner;
mod tags;
mod token;

use std::borrow::Cow;

use crate::{Error, ScalarStyle, Span};

pub(crate) use characters::PLAIN_START;
pub(crate) use input::Input;
pub use parser::{Dialect, Parser};

/// How deep collections may lie in one another, as in go-yaml.
pub const NESTING_LIMIT: usize = 10_000;

/// One piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'t> {
    /// What it is.
    pub kind: EventKind<'t>,
    /// Its bytes; anchor and tag are not in it.
    pub span: Span,
}

/// What a piece of a text is.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind<'t> {
    /// The text begins.
    StreamStart,
    /// The text ends.
    StreamEnd,
    /// A document begins, with or without `---`.
    DocumentStart {
        /// Whether there is no `---`.
        implicit: bool,
    },
    /// A document ends, with or without `...`.
    DocumentEnd {
        /// Whether there is no `...`.
        implicit: bool,
    },
    /// `*name`.
    Alias(&'t str),
    /// A text, number, word or nothing.
    Scalar(Scalar<'t>),
    /// A list begins.
    SequenceStart {
        /// Whether it is written with brackets.
        flow: bool,
        /// Anchor and tag.
        properties: Option<Box<Properties<'t>>>,
    },
    /// A list ends.
    SequenceEnd,
    /// A map begins; keys and values follow in turn.
    MappingStart {
        /// Whether it is written with braces.
        flow: bool,
        /// Anchor and tag.
        properties: Option<Box<Properties<'t>>>,
    },
    /// A map ends.
    MappingEnd,
}

/// A scalar as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar<'t> {
    /// The text, with line folding and escapes worked in.
    pub text: Cow<'t, str>,
    /// How it is written.
    pub style: ScalarStyle,
    /// Anchor and tag.
    pub properties: Option<Box<Properties<'t>>>,
}

/// What may stand before a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties<'t> {
    /// The name after `&`.
    pub anchor: Option<&'t str>,
    /// The tag, with its handle replaced (`tag:yaml.org,2002:str`).
    pub tag: Option<Cow<'t, str>>,
    /// The bytes of anchor and tag.
    pub span: Span,
}

impl Scalar<'_> {
    /// Says whether the text says what it is: plain or tagged `!`, but not otherwise tagged.
    pub fn is_implicit(&self) -> bool {
        match self.tag() {
            None => self.style == ScalarStyle::Plain,
            Some(tag) => tag == "!",
        }
    }

    /// Returns the tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        self.properties.as_deref().and_then(|properties| properties.tag.as_deref())
    }

    /// Returns the anchor, if there is one.
    pub fn anchor(&self) -> Option<&str> {
        self.properties.as_deref().and_then(|properties| properties.anchor)
    }
}

/// Returns all events of a text.
pub fn parse(text: &str) -> Result<Vec<Event<'_>>, Error> {
    if let Some(broken) = Input::of_text(text).broken {
        return Err(broken);
    }
    let mut parser = Parser::new(text);
    let mut events = Vec::new();
    loop {
        let event = parser.next_event()?;
        let last = event.kind == EventKind::StreamEnd;
        events.push(event);
        if last {
            return Ok(events);
        }
    }
}
