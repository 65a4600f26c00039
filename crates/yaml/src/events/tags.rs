//! Scanning directives, anchors and tags.

use super::characters::{is_uri, is_word};
use super::scanner::Scanner;
use super::token::{Scan, TokenKind};

impl<'t> Scanner<'t> {
    /// Scans `%YAML 1.1` or `%TAG ! prefix`.
    pub(super) fn scan_directive(&mut self) -> Scan<()> {
        let start = self.at;
        self.at += 1;
        let name_start = self.at;
        self.skip_word();
        let name = self.text.get(name_start..self.at).unwrap_or_default();
        if name.is_empty() {
            return Err(self.problem("could not find expected directive name", start));
        }
        if !self.is_blankz_at(self.at) {
            return Err(self.problem("found unexpected non-alphabetical character", start));
        }
        let kind = match name {
            "YAML" => self.scan_version(start)?,
            "TAG" => self.scan_tag_directive(start)?,
            _ => return Err(self.problem("found unknown directive name", start)),
        };
        let end = self.at;
        self.skip_blanks();
        self.skip_comment();
        if !self.is_end() && !self.is_break_at(self.at) {
            return Err(self.problem("did not find expected comment or line break", start));
        }
        self.skip_line();
        self.push(kind, start, end);
        Ok(())
    }

    fn scan_version(&mut self, start: usize) -> Scan<TokenKind<'t>> {
        self.skip_blanks();
        let major = self.scan_version_number(start)?;
        if self.byte() != b'.' {
            return Err(self.problem("did not find expected digit or '.' character", start));
        }
        self.at += 1;
        let minor = self.scan_version_number(start)?;
        Ok(TokenKind::VersionDirective { major, minor })
    }

    fn scan_version_number(&mut self, start: usize) -> Scan<u8> {
        let begin = self.at;
        let mut value = 0;
        while self.byte().is_ascii_digit() {
            if self.at - begin == 2 {
                return Err(self.problem("found extremely long version number", start));
            }
            value = value * 10 + (self.byte() - b'0');
            self.at += 1;
        }
        if self.at == begin {
            return Err(self.problem("did not find expected version number", start));
        }
        Ok(value)
    }

    fn scan_tag_directive(&mut self, start: usize) -> Scan<TokenKind<'t>> {
        self.skip_blanks();
        let handle = self.scan_tag_handle(true, start)?.to_owned();
        if !self.is_blank_at(self.at) {
            return Err(self.problem("did not find expected whitespace", start));
        }
        self.skip_blanks();
        let prefix = self.scan_tag_uri("", start)?;
        if !self.is_blankz_at(self.at) {
            return Err(self.problem("did not find expected whitespace or line break", start));
        }
        Ok(TokenKind::TagDirective(Box::new((handle, prefix))))
    }

    /// Scans `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self) -> Scan<()> {
        let start = self.at;
        let alias = self.byte() == b'*';
        self.at += 1;
        self.skip_word();
        let name = self.text.get(start + 1..self.at).unwrap_or_default();
        let ends = self.is_blankz_at(self.at)
            || matches!(self.byte(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            let message = "did not find expected alphabetic or numeric character";
            return Err(self.problem(message, start));
        }
        let kind = if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        self.push(kind, start, self.at);
        Ok(())
    }

    /// Scans `!suffix`, `!handle!suffix` or `!<tag>`.
    pub(super) fn scan_tag(&mut self) -> Scan<()> {
        let start = self.at;
        let tag = if self.byte_at(self.at + 1) == b'<' {
            self.at += 2;
            let suffix = self.scan_tag_uri("", start)?;
            if self.byte() != b'>' {
                return Err(self.problem("did not find the expected '>'", start));
            }
            self.at += 1;
            (String::new(), suffix)
        } else {
            let handle = self.scan_tag_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                (handle.to_owned(), self.scan_tag_uri("", start)?)
            } else {
                let suffix = self.scan_tag_uri(handle, start)?;
                // `!` alone says that the value is what it looks like.
                if suffix.is_empty() {
                    (String::new(), "!".to_owned())
                } else {
                    ("!".to_owned(), suffix)
                }
            }
        };
        if !self.is_blankz_at(self.at) {
            return Err(self.problem("did not find expected whitespace or line break", start));
        }
        self.push(TokenKind::Tag(Box::new(tag)), start, self.at);
        Ok(())
    }

    fn skip_word(&mut self) {
        while is_word(self.byte()) {
            self.at += 1;
        }
    }

    /// Scans `!`, `!word` or `!word!`.
    fn scan_tag_handle(&mut self, directive: bool, start: usize) -> Scan<&'t str> {
        let begin = self.at;
        if self.byte() != b'!' {
            return Err(self.problem("did not find expected '!'", start));
        }
        self.at += 1;
        self.skip_word();
        if self.byte() == b'!' {
            self.at += 1;
        } else if directive && self.at - begin > 1 {
            return Err(self.problem("did not find expected '!'", start));
        }
        Ok(self.text.get(begin..self.at).unwrap_or_default())
    }

    /// Scans the rest of a tag; of what was read of it already the `!` at the beginning is left out.
    fn scan_tag_uri(&mut self, head: &str, start: usize) -> Scan<String> {
        let begin = self.at;
        let mut uri = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        while is_uri(self.byte()) {
            if self.byte() == b'%' {
                self.scan_uri_escapes(start, &mut uri)?;
            } else {
                uri.push(self.byte());
                self.at += 1;
            }
        }
        if head.is_empty() && self.at == begin {
            return Err(self.problem("did not find expected tag URI", start));
        }
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// Scans the `%C3%A9` of one character.
    fn scan_uri_escapes(&mut self, start: usize, uri: &mut Vec<u8>) -> Scan<()> {
        let mut missing = None;
        while missing != Some(0) {
            let digit = |at| char::from(self.byte_at(at)).to_digit(16);
            let octet = match (self.byte(), digit(self.at + 1), digit(self.at + 2)) {
                (b'%', Some(high), Some(low)) => (high << 4 | low) as u8,
                _ => return Err(self.problem("did not find URI escaped octet", start)),
            };
            missing = Some(match missing {
                None => match octet {
                    0x00..=0x7F => 0,
                    0xC0..=0xDF => 1,
                    0xE0..=0xEF => 2,
                    0xF0..=0xF7 => 3,
                    _ => {
                        let message = "found an incorrect leading UTF-8 octet";
                        return Err(self.problem(message, start));
                    }
                },
                Some(_) if octet & 0xC0 != 0x80 => {
                    let message = "found an incorrect trailing UTF-8 octet";
                    return Err(self.problem(message, start));
                }
                Some(left) => left - 1,
            });
            uri.push(octet);
            self.at += 3;
        }
        Ok(())
    }
}
