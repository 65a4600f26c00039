//! `genCA`, `genSelfSignedCert`, `genSignedCert` and their kin, `genPrivateKey`,
//! `buildCustomCert`: real certificates, from the seeded stream and the clock of the rendering.

use std::net::IpAddr;

use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::gotime::{Time, Zone};
use crate::value::{Kind, Object, Value};

use super::arguments::{Answer, any, elements, failure, int, string, text};
use super::der::{
    bits, integer, items, next, octets, oid, pem, read_pem, sequence, sequence_items, tagged,
};
use super::encoding::base64_decode;
use super::keys::{PrivateKey, new_dsa, new_ec, new_ed25519, new_rsa};
use super::print::print;
use super::text::valid;
use super::{dates, random};

use Param::{Int, List, String as Text};

const CERTIFICATE: Param = Param::Named("sprig.certificate");

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("genPrivateKey", &[Text], gen_private_key),
    FunctionEntry::new("buildCustomCert", &[Text, Text], build_custom_cert),
    FunctionEntry::new("genCA", &[Text, Int], |context, arguments| {
        let key = new_rsa(context, 2_048)?;
        authority(context, arguments, &key)
    }),
    FunctionEntry::new("genCAWithKey", &[Text, Int, Text], |context, arguments| {
        let key = given_key(arguments, 2)?;
        authority(context, arguments, &key)
    }),
    FunctionEntry::new("genSelfSignedCert", &[Text, List, List, Int], |context, arguments| {
        let key = new_rsa(context, 2_048)?;
        self_signed(context, arguments, &key)
    }),
    FunctionEntry::new(
        "genSelfSignedCertWithKey",
        &[Text, List, List, Int, Text],
        |context, arguments| {
            let key = given_key(arguments, 4)?;
            self_signed(context, arguments, &key)
        },
    ),
    FunctionEntry::new(
        "genSignedCert",
        &[Text, List, List, Int, CERTIFICATE],
        |context, arguments| {
            let key = new_rsa(context, 2_048)?;
            signed(context, arguments, &key)
        },
    ),
    FunctionEntry::new(
        "genSignedCertWithKey",
        &[Text, List, List, Int, CERTIFICATE, Text],
        |context, arguments| {
            let key = given_key(arguments, 5)?;
            signed(context, arguments, &key)
        },
    ),
];

/// `sprig.certificate`: the two PEM texts.
#[derive(Debug)]
struct Certificate {
    cert: String,
    key: String,
}

impl Object for Certificate {
    fn type_name(&self) -> &'static str {
        "sprig.certificate"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(Value::string(self.cert.as_str())),
            "Key" => Some(Value::string(self.key.as_str())),
            _ => None,
        }
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Cert", Value::string(self.cert.as_str())), ("Key", Value::string(self.key.as_str()))]
    }

    fn is_equal(&self, other: &dyn Object) -> bool {
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<Certificate>()
            .is_some_and(|other| other.cert == self.cert && other.key == self.key)
    }
}

fn gen_private_key(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let key = match text(arguments, 0) {
        b"" | b"rsa" => new_rsa(context, 4_096)?,
        b"dsa" => new_dsa(context)?,
        b"ecdsa" => new_ec(context),
        b"ed25519" => new_ed25519(context),
        other => return string([b"Unknown type ".as_slice(), other].concat()),
    };
    string(key.to_pem())
}

fn given_key(arguments: &[Value], at: usize) -> Result<PrivateKey, FunctionError> {
    PrivateKey::from_pem(&valid(text(arguments, at)))
        .map_err(|error| FunctionError::new(format!("parsing private key: {error}")))
}

fn build_custom_cert(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let decoded = |at: usize, what: &str| {
        base64_decode(text(arguments, at))
            .map_err(|_| FunctionError::new(format!("unable to decode base64 {what}")))
    };
    let cert = decoded(0, "certificate")?;
    let key = decoded(1, "private key")?;
    let (cert, key) = (valid(&cert).into_owned(), valid(&key).into_owned());
    let Some((_, der)) = read_pem(&cert) else {
        return failure("unable to decode certificate");
    };
    if Parent::read(&der).is_none() {
        return failure(
            "error parsing certificate: decodedCert.Bytes: x509: malformed certificate",
        );
    }
    if let Err(error) = PrivateKey::from_pem(&key) {
        return failure(format!("error parsing private key: {error}"));
    }
    Ok(Value::object(Certificate { cert, key }))
}

/// The parts of a signer's certificate that its signatures refer to.
struct Parent {
    subject: Vec<u8>,
    public_info: Vec<u8>,
    key_id: Vec<u8>,
}

const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];

impl Parent {
    fn read(der: &[u8]) -> Option<Parent> {
        let outer = sequence_items(der)?;
        let all = items(outer.first().filter(|item| item.tag == 0x30)?.content)?;
        // The version comes first, where it is not 1.
        let skip = usize::from(all.first()?.tag == 0xa0);
        let subject = all.get(skip + 4)?.whole.to_vec();
        let public_info = all.get(skip + 5)?.whole.to_vec();
        let mut key_id = Vec::new();
        if let Some(extensions) = all.iter().find(|item| item.tag == 0xa3) {
            for extension in items(next(extensions.content)?.content)? {
                let parts = items(extension.content)?;
                if parts.first().is_some_and(|name| name.content == SUBJECT_KEY_ID) {
                    key_id = next(parts.last()?.content)?.content.to_vec();
                }
            }
        }
        Some(Parent { subject, public_info, key_id })
    }
}

/// What a certificate says of its holder.
struct Request {
    name: String,
    addresses: Vec<IpAddr>,
    host_names: Vec<String>,
    days: i64,
    authority: bool,
}

fn request(arguments: &[Value]) -> Result<Request, FunctionError> {
    let mut addresses = Vec::new();
    for item in elements(any(arguments, 1)).iter().flat_map(|list| list.iter()) {
        let Value::Str(written) = item else {
            let shown = print(item)?;
            return failure(format!("error parsing ip: {} is not a string", valid(&shown)));
        };
        match valid(written).parse() {
            Ok(address) => addresses.push(address),
            Err(_) => return failure(format!("error parsing ip: {written}")),
        }
    }
    let mut host_names = Vec::new();
    for item in elements(any(arguments, 2)).iter().flat_map(|list| list.iter()) {
        let Value::Str(written) = item else {
            let shown = valid(&print(item)?).into_owned();
            return failure(format!(
                "error processing alternate dns name: {shown} is not a string"
            ));
        };
        host_names.push(valid(written).into_owned());
    }
    let name = valid(text(arguments, 0)).into_owned();
    Ok(Request { name, addresses, host_names, days: int(arguments, 3), authority: false })
}

fn authority(context: &mut CallContext, arguments: &[Value], key: &PrivateKey) -> Answer {
    let name = valid(text(arguments, 0)).into_owned();
    let days = int(arguments, 1);
    let request =
        Request { name, addresses: Vec::new(), host_names: Vec::new(), days, authority: true };
    issue(context, &request, key, None, key)
}

fn self_signed(context: &mut CallContext, arguments: &[Value], key: &PrivateKey) -> Answer {
    let request = request(arguments)?;
    issue(context, &request, key, None, key)
}

fn signed(context: &mut CallContext, arguments: &[Value], key: &PrivateKey) -> Answer {
    let Some(signer) = any(arguments, 4).downcast::<Certificate>() else {
        return failure("cannot assign nil to sprig.certificate");
    };
    let Some((_, der)) = read_pem(&signer.cert) else {
        return failure("unable to decode certificate");
    };
    let Some(parent) = Parent::read(&der) else {
        return failure(
            "error parsing certificate: decodedSignerCert.Bytes: x509: malformed certificate",
        );
    };
    let signing_key = PrivateKey::from_pem(&signer.key)
        .map_err(|error| FunctionError::new(format!("error parsing private key: {error}")))?;
    let request = request(arguments)?;
    issue(context, &request, key, Some(&parent), &signing_key)
}

fn distinguished_name(name: &str) -> Vec<u8> {
    if name.is_empty() {
        return sequence(&[]);
    }
    let printable = |c: char| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c);
    let tag = if name.chars().all(printable) { 0x13 } else { 0x0c };
    let attribute = sequence(&[oid(COMMON_NAME), tagged(tag, name.as_bytes())]);
    sequence(&[tagged(0x31, &attribute)])
}

fn moment(time: &Time) -> Vec<u8> {
    if (1950..2050).contains(&time.date().0) {
        tagged(0x17, time.format("060102150405Z").as_bytes())
    } else {
        tagged(0x18, time.format("20060102150405Z").as_bytes())
    }
}

fn extension(name: &[u8], critical: bool, content: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(name)];
    if critical {
        parts.push(tagged(1, &[0xff]));
    }
    parts.push(octets(content));
    sequence(&parts)
}

fn extensions(request: &Request, key_id: Option<&[u8]>, parent_id: &[u8]) -> Vec<u8> {
    // Digital signature and key encipherment; an authority signs certificates too.
    let (unused, usage) = if request.authority { (2, 0xa4) } else { (5, 0xa0) };
    let constraints =
        if request.authority { sequence(&[tagged(1, &[0xff])]) } else { sequence(&[]) };
    let purposes = sequence(&[oid(SERVER_AUTH), oid(CLIENT_AUTH)]);
    let mut all = vec![
        extension(KEY_USAGE, true, &tagged(3, &[unused, usage])),
        extension(EXTENDED_KEY_USAGE, false, &purposes),
        extension(BASIC_CONSTRAINTS, true, &constraints),
    ];
    if let Some(id) = key_id {
        all.push(extension(SUBJECT_KEY_ID, false, &octets(id)));
    }
    if !parent_id.is_empty() {
        all.push(extension(AUTHORITY_KEY_ID, false, &sequence(&[tagged(0x80, parent_id)])));
    }
    let mut names: Vec<Vec<u8>> =
        request.host_names.iter().map(|name| tagged(0x82, name.as_bytes())).collect();
    names.extend(request.addresses.iter().map(|address| match address.to_canonical() {
        IpAddr::V4(address) => tagged(0x87, &address.octets()),
        IpAddr::V6(address) => tagged(0x87, &address.octets()),
    }));
    if !names.is_empty() {
        let critical = request.name.is_empty();
        all.push(extension(ALTERNATIVE_NAMES, critical, &sequence(&names)));
    }
    tagged(0xa3, &sequence(&all))
}

/// Makes the certificate of a key, signed by its parent or, without one, by itself.
fn issue(
    context: &mut CallContext,
    request: &Request,
    key: &PrivateKey,
    parent: Option<&Parent>,
    signing_key: &PrivateKey,
) -> Answer {
    let wrong = |error: String| FunctionError::new(format!("error creating certificate: {error}"));
    if let Some(name) = request.host_names.iter().find(|name| !name.is_ascii()) {
        let shown = super::text::go_quote(name.as_bytes());
        return Err(wrong(format!("x509: {shown} cannot be encoded as an IA5String")));
    }
    let public_info = key.public_info().map_err(wrong)?;
    let subject = distinguished_name(&request.name);
    let issuer = parent.map_or(&subject, |parent| &parent.subject);
    let digest = Sha256::digest(key.public_bytes());
    let key_id = request.authority.then(|| digest.get(..20).unwrap_or_default());
    let parent_id = match parent {
        Some(parent) if parent.subject != subject => parent.key_id.as_slice(),
        _ => &[],
    };
    if let Some(parent) = parent
        && signing_key.public_info().map_err(wrong)? != parent.public_info
    {
        let error = "x509: provided PrivateKey doesn't match parent's PublicKey";
        return Err(wrong(error.to_owned()));
    }
    let serial: [u8; 16] = random::bytes(context);
    let start = dates::now(context).in_zone(Zone::Utc);
    let seconds = request.days.wrapping_mul(86_400);
    let end = Time::unix(start.seconds.wrapping_add(seconds), Zone::Utc);
    let body = sequence(&[
        tagged(0xa0, &super::der::small(2)),
        integer(&BigUint::from_bytes_be(&serial)),
        signing_key.signature_algorithm(),
        issuer.clone(),
        sequence(&[moment(&start), moment(&end)]),
        subject.clone(),
        public_info,
        extensions(request, key_id, parent_id),
    ]);
    let signature = signing_key.sign(&body).map_err(wrong)?;
    let whole = sequence(&[body, signing_key.signature_algorithm(), bits(&signature)]);
    let certificate = Certificate { cert: pem("CERTIFICATE", &whole), key: key.to_pem() };
    Ok(Value::object(certificate))
}
