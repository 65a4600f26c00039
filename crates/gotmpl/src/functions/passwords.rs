//! Passwords and ciphers: `bcrypt`, `htpasswd`, `derivePassword`, `encryptAES`, `decryptAES`.

use aes::Aes256;
use aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::value::Value;

use super::arguments::{Answer, any, failure, string, text};
use super::encoding::{base64_decode, base64_encode};
use super::random;
use super::text::valid;

use Param::{Int, String as Text};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("bcrypt", &[Text], |context, arguments| {
        string(bcrypt_text(context, text(arguments, 0))?)
    }),
    FunctionEntry::new("htpasswd", &[Text, Text], htpasswd),
    FunctionEntry::new("derivePassword", &[Int, Text, Text, Text, Text], derive_password),
    FunctionEntry::new("encryptAES", &[Text, Text], encrypt),
    FunctionEntry::new("decryptAES", &[Text, Text], decrypt),
];

/// What one slow derivation of a key costs in fuel.
const SLOW: usize = 100_000;

/// Go's default cost.
const BCRYPT_COST: u32 = 10;

fn bcrypt_text(context: &mut CallContext, password: &[u8]) -> Result<String, FunctionError> {
    context.spend(SLOW)?;
    if password.len() > 72 {
        let reason = "bcrypt: password length exceeds 72 bytes";
        return Ok(format!("failed to encrypt string with bcrypt: {reason}"));
    }
    let salt = random::bytes(context);
    match bcrypt::hash_with_salt(password, BCRYPT_COST, salt) {
        Ok(parts) => Ok(parts.format_for_version(bcrypt::Version::TwoA)),
        Err(error) => Ok(format!("failed to encrypt string with bcrypt: {error}")),
    }
}

fn htpasswd(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let user = valid(text(arguments, 0));
    if user.contains(':') {
        return string(format!("invalid username: {user}"));
    }
    let hash = bcrypt_text(context, text(arguments, 1))?;
    string([text(arguments, 0), b":", hash.as_bytes()].concat())
}

/// The forms of a master password's derived passwords: each letter names a set of characters.
fn templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

fn picked<T: Copy>(choices: &[T], number: u8) -> Option<T> {
    choices.get(usize::from(number).checked_rem(choices.len())?).copied()
}

/// The Master Password algorithm, version 3.
fn derive_password(context: &mut CallContext, arguments: &[Value]) -> Answer {
    const SCOPE: &[u8] = b"com.lyndir.masterpassword";
    let counter = match any(arguments, 0) {
        Value::Int(int) => int.value(),
        _ => 0,
    };
    // In Go the parameter is a uint32, and constants must fit it.
    let Ok(counter) = u32::try_from(counter) else {
        return failure(format!("expected unsigned integer; found {counter}"));
    };
    let kind = text(arguments, 1);
    let Some(templates) = templates(kind) else {
        return string([b"cannot find password template ".as_slice(), kind].concat());
    };
    context.spend(SLOW)?;
    let counted = |text: &[u8]| {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
        [length.as_slice(), text].concat()
    };
    let salt = [SCOPE, &counted(text(arguments, 3))].concat();
    let mut key = [0; 64];
    let derived = scrypt::Params::new(15, 8, 2, key.len())
        .map_err(|error| error.to_string())
        .and_then(|params| {
            scrypt::scrypt(text(arguments, 2), &salt, &params, &mut key)
                .map_err(|error| error.to_string())
        });
    if let Err(error) = derived {
        return string(format!("failed to derive password: {error}"));
    }
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&key) else {
        return failure("failed to derive password");
    };
    mac.update(SCOPE);
    mac.update(&counted(text(arguments, 4)));
    mac.update(&counter.to_be_bytes());
    let seed = mac.finalize().into_bytes();
    let template = seed.first().and_then(|&number| picked(templates, number)).unwrap_or_default();
    let password: Vec<u8> = template
        .bytes()
        .zip(seed.iter().skip(1))
        .filter_map(|(class, &number)| picked(characters(class), number))
        .collect();
    string(password)
}

/// The size of a block of AES.
const BLOCK: usize = 16;

fn cipher(password: &[u8]) -> Aes256 {
    // The password itself, cut or filled up with zeros.
    let mut key = [0; 32];
    for (slot, &byte) in key.iter_mut().zip(password) {
        *slot = byte;
    }
    Aes256::new(&key.into())
}

fn xor(block: &mut [u8; BLOCK], other: &[u8]) {
    for (byte, other) in block.iter_mut().zip(other) {
        *byte ^= other;
    }
}

fn encrypt(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let plain = text(arguments, 1);
    if plain.is_empty() {
        return string("");
    }
    context.spend(plain.len())?;
    let cipher = cipher(text(arguments, 0));
    let padding = BLOCK - plain.len() % BLOCK;
    let mut padded = plain.to_vec();
    padded.extend(std::iter::repeat_n(u8::try_from(padding).unwrap_or(0), padding));
    let mut last: [u8; BLOCK] = random::bytes(context);
    let mut out = last.to_vec();
    for chunk in padded.chunks(BLOCK) {
        xor(&mut last, chunk);
        let mut block = last.into();
        cipher.encrypt_block(&mut block);
        last = block.into();
        out.extend_from_slice(&last);
    }
    string(base64_encode(&out))
}

fn decrypt(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let coded = text(arguments, 1);
    if coded.is_empty() {
        return string("");
    }
    context.spend(coded.len())?;
    let bytes = base64_decode(coded).map_err(FunctionError::new)?;
    let Some((first, body)) = bytes.split_at_checked(BLOCK) else {
        // Go reserves room by the length of the text.
        let room = coded.len() / 4 * 3;
        return failure(format!(
            "runtime error: slice bounds out of range [:16] with capacity {room}"
        ));
    };
    if body.len() % BLOCK != 0 {
        return failure("crypto/cipher: input not full blocks");
    }
    let cipher = cipher(text(arguments, 0));
    let mut last = first;
    let mut out = Vec::with_capacity(body.len());
    for chunk in body.chunks(BLOCK) {
        let Ok(start) = <[u8; BLOCK]>::try_from(chunk) else { continue };
        let mut block = start.into();
        cipher.decrypt_block(&mut block);
        let mut plain: [u8; BLOCK] = block.into();
        xor(&mut plain, last);
        out.extend_from_slice(&plain);
        last = chunk;
    }
    let Some(&padding) = out.last() else {
        return failure("runtime error: index out of range [-1]");
    };
    let end = out.len() as i64 - i64::from(padding);
    match usize::try_from(end).ok().and_then(|end| out.get(..end)) {
        Some(plain) => string(plain),
        None => failure(format!("runtime error: slice bounds out of range [:{end}]")),
    }
}
