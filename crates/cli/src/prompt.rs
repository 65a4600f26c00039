//! Asking for a secret: from the terminal without echo, or from a pipe.
//!
//! The terminal is read letter by letter: a line of a terminal holds 4,096 bytes at most, and a key or a
//! token may be longer, and past the buffer of standard input, which would keep a copy. What was typed is wiped when it is
//! dropped. Never shows anything of it.

use std::io::{IsTerminal as _, Read as _};

use zeroize::Zeroizing;

use crate::error::CliError;
use crate::ui;

/// The most that is read from a pipe: a Secret holds 1 MiB at most.
pub(crate) const MOST_BYTES: u64 = 1 << 20;

/// What is said of a value that no Secret can hold.
pub(crate) fn too_large() -> CliError {
    CliError::usage("the value is larger than 1 MiB, the most that a Secret holds")
}

/// Returns all of standard input.
pub(crate) fn standard_input() -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    Ok(bytes)
}

fn unreadable(error: &std::io::Error) -> CliError {
    CliError::usage(format!("standard input cannot be read: {error}"))
}

/// Returns a secret: typed without echo where standard input is a terminal, else all of standard input.
pub(crate) fn secret(words: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
    if std::io::stdin().is_terminal() {
        let typed = terminal::read(words);
        ui::stderr("\n");
        return typed;
    }
    let most = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
    let bytes = operate::read_wiping(std::io::stdin().lock(), most);
    let bytes = bytes.map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large());
    }
    Ok(bytes)
}

#[cfg(unix)]
mod terminal {
    use std::io::{Stdin, stdin};

    use rustix::io::retry_on_intr;
    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };
    use zeroize::Zeroizing;

    use crate::error::CliError;
    use crate::ui;

    /// Puts the terminal back as it was.
    struct Restore(Stdin, Termios);

    impl Drop for Restore {
        fn drop(&mut self) {
            let _ = tcsetattr(&self.0, OptionalActions::Flush, &self.1);
        }
    }

    /// Asks, and reads a line without echo. Ctrl-C and Ctrl-D stop, backspace and Ctrl-U take back.
    pub(super) fn read(words: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
        let before = tcgetattr(stdin()).map_err(|error| failed(&error.into()))?;
        let mut silent = before.clone();
        // Signals too: else Ctrl-C would end the program and leave the terminal silent.
        silent.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        let restore = Restore(stdin(), before);
        tcsetattr(stdin(), OptionalActions::Flush, &silent)
            .map_err(|error| failed(&error.into()))?;
        // Only now: who answers at once is not shown either.
        ui::stderr(words);
        let mut typed = Zeroizing::new(Vec::with_capacity(64 << 10));
        let mut byte = Zeroizing::new([0]);
        loop {
            let count = next(&mut byte)?;
            match *byte {
                _ if count == 0 => break,
                [b'\n' | b'\r'] => {
                    if was_more_pasted(&silent)? {
                        return Err(several_lines());
                    }
                    break;
                }
                [4] => break,
                [3] => {
                    drop(restore);
                    return Err(CliError::Interrupted);
                }
                [8 | 0x7f] => back(&mut typed),
                [0x15] => typed.clear(),
                letter => operate::push_wiping(&mut typed, &letter),
            }
        }
        Ok(typed)
    }

    /// Reads away what was pasted behind the first line, so that it does not go on into the shell; says whether there
    /// was more than line ends. Nobody types on within the tenth of a second that is waited for more.
    fn was_more_pasted(silent: &Termios) -> Result<bool, CliError> {
        let mut waiting = silent.clone();
        waiting.special_codes[SpecialCodeIndex::VMIN] = 0;
        waiting.special_codes[SpecialCodeIndex::VTIME] = 1;
        tcsetattr(stdin(), OptionalActions::Now, &waiting)
            .map_err(|error| failed(&error.into()))?;
        let (mut more, mut byte) = (false, Zeroizing::new([0]));
        while next(&mut byte)? > 0 {
            more |= !matches!(*byte, [b'\n' | b'\r']);
        }
        Ok(more)
    }

    /// Reads one byte, of the terminal itself.
    fn next(byte: &mut [u8; 1]) -> Result<usize, CliError> {
        retry_on_intr(|| rustix::io::read(stdin(), &mut *byte))
            .map_err(|error| failed(&error.into()))
    }

    fn several_lines() -> CliError {
        CliError::usage("the value has several lines, and a terminal gives one: nothing was done")
            .hint("give it on standard input: `mainstay seal … <FILE`")
    }

    /// Takes back the last letter: its last byte, and those that continue it.
    fn back(typed: &mut Vec<u8>) {
        while let Some(byte) = typed.pop() {
            if byte & 0xc0 != 0x80 {
                break;
            }
        }
    }

    fn failed(error: &std::io::Error) -> CliError {
        CliError::usage(format!("the terminal cannot be read: {error}"))
            .hint("give the value on standard input: `printf %s \"$VALUE\" | mainstay seal …`")
    }
}

#[cfg(not(unix))]
mod terminal {
    use zeroize::Zeroizing;

    use crate::error::CliError;

    pub(super) fn read(_words: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
        Err(CliError::usage("a value cannot be typed without echo on this system")
            .hint("give it on standard input"))
    }
}
