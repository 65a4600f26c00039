//! Classes of bytes.

/// `a-z A-Z 0-9 _ -`: what names of anchors and tag handles are made of.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// What a tag may be made of besides word characters.
pub(super) fn is_uri(byte: u8) -> bool {
    is_word(byte)
        || matches!(
            byte,
            b';' | b'/'
                | b'?'
                | b':'
                | b'@'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b','
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
                | b'('
                | b')'
                | b'['
                | b']'
                | b'%'
        )
}

/// The byte ends a plain scalar, or may end it, in block context.
pub(super) const BLOCK: u8 = 1;
/// The same in flow context.
pub(super) const FLOW: u8 = 2;
/// The byte is not simply copied in a single-quoted scalar.
pub(super) const SINGLE: u8 = 4;
/// The byte is not simply copied in a double-quoted scalar.
pub(super) const DOUBLE: u8 = 8;

/// For every byte the scalars in which it needs a closer look.
pub(super) const SPECIAL: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            // 0xC2 and 0xE2 begin the line breaks beyond ASCII.
            0 | b' ' | b'\t' | b'\n' | b'\r' | 0xC2 | 0xE2 => BLOCK | FLOW | SINGLE | DOUBLE,
            b':' => BLOCK | FLOW,
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => FLOW,
            b'\'' => SINGLE,
            b'"' | b'\\' => DOUBLE,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// The bytes that begin a plain scalar whatever follows them.
pub(crate) const PLAIN_START: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        // Bytes beyond ASCII may begin a line break, and are left to a closer look.
        table[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
            | b'_' | b'/' | b'.' | b'$' | b'(' | b')' | b'+' | b'<' | b'=' | b'^' | b'~' | b';' | b'\\');
        byte += 1;
    }
    table
};
