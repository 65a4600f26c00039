//! Random texts and numbers: a stream that the seed of the rendering decides, so that the same
//! input gives the same output. Who wants other ones every time gives another seed.

use sha2::{Digest, Sha512};

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::value::Value;

use super::arguments::{Answer, failure, int, string, text};
use super::encoding::{base64_encode, hex};
use super::text::{push_rune, runes};

use Param::{Int, String as Text};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("randAlphaNum", &[Int], |context, a| {
        random_text(context, a, &|byte| byte.is_ascii_alphanumeric())
    }),
    FunctionEntry::new("randAlpha", &[Int], |context, a| {
        random_text(context, a, &|byte| byte.is_ascii_alphabetic())
    }),
    FunctionEntry::new("randNumeric", &[Int], |context, a| {
        random_text(context, a, &|byte| byte.is_ascii_digit())
    }),
    FunctionEntry::new("randAscii", &[Int], |context, a| {
        random_text(context, a, &|byte| (b' '..=b'~').contains(byte))
    }),
    FunctionEntry::new("randBytes", &[Int], random_base64),
    FunctionEntry::new("randInt", &[Int, Int], random_int),
    FunctionEntry::new("shuffle", &[Text], shuffle),
    FunctionEntry::new("uuidv4", &[], uuid),
];

/// The stream of random bytes of a rendering.
#[derive(Debug, Default)]
struct Stream {
    blocks: u64,
    left: Vec<u8>,
}

/// Fills a buffer with the next random bytes.
pub(super) fn fill(context: &mut CallContext, buffer: &mut [u8]) {
    let seed = context.options().seed;
    let stream = context.state::<Stream>();
    for byte in buffer {
        if stream.left.is_empty() {
            let block = Sha512::new()
                .chain_update(b"mainstay template functions")
                .chain_update(seed)
                .chain_update(stream.blocks.to_le_bytes())
                .finalize();
            stream.blocks += 1;
            stream.left.extend_from_slice(&block);
        }
        *byte = stream.left.pop().unwrap_or(0);
    }
}

/// Returns so many random bytes.
pub(super) fn bytes<const LENGTH: usize>(context: &mut CallContext) -> [u8; LENGTH] {
    let mut buffer = [0; LENGTH];
    fill(context, &mut buffer);
    buffer
}

/// Returns a random number below a limit, all equally likely.
fn below(context: &mut CallContext, limit: u64) -> u64 {
    if limit < 2 {
        return 0;
    }
    // Numbers at the top that would favour some results are drawn again.
    let fair = u64::MAX - u64::MAX % limit;
    loop {
        let number = u64::from_le_bytes(bytes(context));
        if number < fair {
            return number % limit;
        }
    }
}

fn random_text(
    context: &mut CallContext,
    arguments: &[Value],
    wanted: &dyn Fn(&u8) -> bool,
) -> Answer {
    // A negative count is an error that sprig swallows.
    let Ok(count) = usize::try_from(int(arguments, 0)) else { return string("") };
    context.spend(count.saturating_mul(8))?;
    let alphabet: Vec<u8> = (0..=127).filter(wanted).collect();
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        let place = below(context, alphabet.len() as u64);
        let place = usize::try_from(place).unwrap_or(0);
        out.push(alphabet.get(place).copied().unwrap_or(b'a'));
    }
    string(out)
}

fn random_base64(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let Ok(count) = usize::try_from(int(arguments, 0)) else {
        return failure("runtime error: makeslice: len out of range");
    };
    context.spend(count.saturating_mul(2))?;
    let mut buffer = vec![0; count];
    fill(context, &mut buffer);
    string(base64_encode(&buffer))
}

fn random_int(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let (least, limit) = (int(arguments, 0), int(arguments, 1));
    let width = limit.wrapping_sub(least);
    let Some(width) = u64::try_from(width).ok().filter(|&width| width > 0) else {
        return failure("invalid argument to Intn");
    };
    let drawn = i64::try_from(below(context, width)).unwrap_or(0);
    Ok(Value::int(least.wrapping_add(drawn)))
}

fn shuffle(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut all: Vec<char> = runes(text(arguments, 0)).map(|(rune, _)| rune).collect();
    context.spend(all.len().saturating_mul(8))?;
    for last in (1..all.len()).rev() {
        let place = below(context, last as u64 + 1);
        all.swap(last, usize::try_from(place).unwrap_or(0));
    }
    let mut out = Vec::with_capacity(all.len());
    for rune in all {
        push_rune(&mut out, rune);
    }
    string(out)
}

#[expect(clippy::unnecessary_wraps, reason = "an answer like all the others")]
fn uuid(context: &mut CallContext, _: &[Value]) -> Result<Value, FunctionError> {
    let [a, b, c, d, e, f, g, h, rest @ ..]: [u8; 16] = bytes(context);
    // Version 4, variant 1 of RFC 9562.
    let (g, h2) = (g & 0x0f | 0x40, h);
    let [i, j, node @ ..] = rest;
    let i = i & 0x3f | 0x80;
    Ok(Value::string(format!(
        "{}-{}-{}-{}-{}",
        hex(&[a, b, c, d]),
        hex(&[e, f]),
        hex(&[g, h2]),
        hex(&[i, j]),
        hex(&node)
    )))
}
