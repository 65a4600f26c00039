//! Tokens: what the scanner hands to the parser.

use std::borrow::Cow;

use crate::ScalarStyle;

/// The kind of a token, with what belongs to it.
#[derive(Debug)]
pub(super) enum TokenKind<'t> {
    StreamStart,
    StreamEnd,
    VersionDirective {
        major: u8,
        minor: u8,
    },
    TagDirective(Box<(String, String)>),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    /// Handle and suffix.
    Tag(Box<(String, String)>),
    Scalar(Cow<'t, str>, ScalarStyle),
}

/// A token with its bytes.
#[derive(Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind<'t>,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What went wrong while scanning or parsing, in the terms of Go's library.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) message: Cow<'static, str>,
    /// Where it was noticed.
    pub(super) at: usize,
    /// Where that began which was being read.
    pub(super) context: usize,
    /// Whether the scanner noticed it; Go counts lines differently then.
    pub(super) by_scanner: bool,
    /// Whether it was noticed after the end, where Go counts one line more.
    pub(super) after_end: bool,
}

pub(super) type Scan<T> = Result<T, Box<Problem>>;
