//! Apple's App Attest: a key in an iPhone's secure hardware that belongs to one application.
//!
//! An *attestation object* certifies the key once; *assertions* signed by it follow, each with a
//! counter. The steps are Apple's ("Validating apps that connect to your server", DeviceCheck
//! documentation). Apple says nothing about which phone it is: see `managed_device.rs`.
//!
//! Always true: sizes are looked at before parsing, every failed check is named, the two
//! environments never mix. A certificate's validity counts on the day of enrolment only: the
//! first ones were valid for three days.

use std::collections::BTreeSet;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use estafette_protocol::Timestamp;
use estafette_protocol::ids::Hash;
use minicbor::Decoder;
use minicbor::data::Type;
use subtle::ConstantTimeEq;
use x509_parser::certificate::X509Certificate;

use crate::der::{Malformed, Reader, Tag};
use crate::x509::{self, Signature};
use crate::{Evidence, Reason};

/// The largest attestation object, in bytes. Real ones have some five thousand.
const MAX_OBJECT: usize = 48 * 1024;
/// The largest assertion, in bytes. Real ones have some hundred and forty.
const MAX_ASSERTION: usize = 1024;
/// Apple's extension with the nonce, 1.2.840.113635.100.8.2, in DER without its header.
const NONCE_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02];

/// In which of Apple's environments a key was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// An application from the store, TestFlight or the organisation.
    Production,
    /// An application under development.
    Development,
}

impl Environment {
    fn of_aaguid(aaguid: &[u8; 16]) -> Option<Self> {
        match aaguid {
            b"appattest\0\0\0\0\0\0\0" => Some(Self::Production),
            b"appattestdevelop" => Some(Self::Development),
            _ => None,
        }
    }
}

/// An application in Apple's words: team, a dot, bundle, as in "9CYHJNG644.at.example.app".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppIdentity<'a>(pub &'a str);

impl AppIdentity<'_> {
    /// The "relying party" of the application's keys.
    fn hash(self) -> [u8; 32] {
        Hash::of(&[self.0.as_bytes()]).0
    }
}

/// What an attestation object has to prove.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedAppAttest<'a> {
    /// SHA-256 of the client data; [`crate::challenge()`] in an enrolment.
    pub client_data_hash: &'a [u8; 32],
    /// The key's name, as the phone gave it; `None` takes the object's own.
    pub key_id: Option<&'a [u8]>,
    /// The application.
    pub application: AppIdentity<'a>,
    /// The one environment that is accepted.
    pub environment: Environment,
    /// The root's key as a DER SubjectPublicKeyInfo: [`crate::APPLE_APP_ATTEST_ROOT`].
    pub root: &'a [u8],
    /// The verifier's time.
    pub now: Timestamp,
}

/// What an accepted attestation object says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppAttestFacts {
    /// The key as an uncompressed SEC1 point; assertions are checked with it.
    pub key: [u8; 65],
    /// Its name: the SHA-256 of the point.
    pub key_id: [u8; 32],
    /// Where it was made.
    pub environment: Environment,
}

/// What an assertion has to prove.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedAssertion<'a> {
    /// SHA-256 of the client data.
    pub client_data_hash: &'a [u8; 32],
    /// The attested key as an uncompressed SEC1 point.
    pub key: &'a [u8; 65],
    /// The application.
    pub application: AppIdentity<'a>,
    /// The counter of the last accepted assertion; 0 after the attestation.
    pub counter: u32,
}

/// Judges an attestation object.
///
/// # Errors
///
/// Every check that failed, in the order of [`Reason`]; never empty. An object that does not parse
/// or is too large is told alone.
pub fn verify_app_attest(
    object: &[u8],
    expected: &ExpectedAppAttest<'_>,
) -> Result<AppAttestFacts, Vec<Reason>> {
    if object.len() > MAX_OBJECT {
        return Err(vec![Reason::EvidenceTooLarge]);
    }
    let object = AttestationObject::read(object).map_err(|_| vec![Reason::ParseAppAttest])?;
    if let Some(reason) = crate::evidence::oversize(&object.chain) {
        return Err(vec![reason]);
    }
    let chain: Option<Vec<_>> = object.chain.iter().map(|der| x509::parse(der)).collect();
    let chain = chain.ok_or(vec![Reason::ParseCert])?;
    let Some(leaf) = chain.first() else { return Err(vec![Reason::ChainTooShort]) };
    let mut reasons = BTreeSet::new();
    check_chain(&chain, expected.root, expected.now, &mut reasons);
    let data = &object.authenticator;
    let nonce = Hash::of(&[data.bytes, expected.client_data_hash]).0;
    if !nonce_of(leaf).is_some_and(|told| bool::from(told.ct_eq(&nonce))) {
        reasons.insert(Reason::NonceMismatch);
    }
    if data.application != expected.application.hash() {
        reasons.insert(Reason::AppIdMismatch);
    }
    if data.counter != 0 {
        reasons.insert(Reason::CounterNotZero);
    }
    let environment = Environment::of_aaguid(&object.aaguid);
    reasons.extend(match environment {
        None => Some(Reason::UnknownAaguid),
        Some(one) if one == expected.environment => None,
        Some(Environment::Development) => Some(Reason::DevelopmentAaguid),
        Some(Environment::Production) => Some(Reason::ProductionAaguid),
    });
    let key = x509::p256_point(leaf);
    if key.is_none() {
        reasons.insert(Reason::KeyAlgorithm);
    }
    let key_id = key.map(|key| Hash::of(&[&key]).0);
    let named = |key_id: &[u8; 32]| {
        object.credential == key_id && expected.key_id.is_none_or(|told| bool::from(told.ct_eq(&key_id[..])))
    };
    if key_id.as_ref().is_some_and(|key_id| !named(key_id)) {
        reasons.insert(Reason::KeyIdMismatch);
    }
    match (key, key_id, environment) {
        (Some(key), Some(key_id), Some(environment)) if reasons.is_empty() => {
            Ok(AppAttestFacts { key, key_id, environment })
        }
        _ => Err(reasons.into_iter().collect()),
    }
}

/// The key of an object that was accepted before, as an uncompressed SEC1 point.
pub(crate) fn key_of(object: &[u8]) -> Option<[u8; 65]> {
    if object.len() > MAX_OBJECT {
        return None;
    }
    let object = AttestationObject::read(object).ok()?;
    x509::p256_point(&x509::parse(object.chain.first()?)?)
}

/// Judges an assertion; gives its counter, which the caller stores before it acts on it.
///
/// Any counter above the last one will do: an answer may have been lost.
///
/// # Errors
///
/// As [`verify_app_attest`].
pub fn verify_assertion(assertion: &[u8], expected: &ExpectedAssertion<'_>) -> Result<u32, Vec<Reason>> {
    if assertion.len() > MAX_ASSERTION {
        return Err(vec![Reason::EvidenceTooLarge]);
    }
    let assertion = Assertion::read(assertion).map_err(|_| vec![Reason::ParseAppAttest])?;
    let mut reasons = BTreeSet::new();
    let nonce = Hash::of(&[assertion.authenticator.bytes, expected.client_data_hash]).0;
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, expected.key);
    if key.verify(&nonce, assertion.signature).is_err() {
        reasons.insert(Reason::AssertionSignature);
    }
    if assertion.authenticator.application != expected.application.hash() {
        reasons.insert(Reason::AppIdMismatch);
    }
    if assertion.authenticator.counter <= expected.counter {
        reasons.insert(Reason::CounterNotGreater);
    }
    match reasons.is_empty() {
        true => Ok(assertion.authenticator.counter),
        false => Err(reasons.into_iter().collect()),
    }
}

/// A chain whose root is not part of it, as Apple sends them. All validities count.
///
/// Who signs must be an authority: a managed device's attested key signs whatever its owner
/// wants, also a certificate for another serial number.
pub(crate) fn check_chain(
    chain: &[X509Certificate<'_>],
    root: &[u8],
    now: Timestamp,
    reasons: &mut BTreeSet<Reason>,
) {
    // The leaf and who signed it; the root is known.
    if chain.len() + 1 < Evidence::MIN_CERTIFICATES {
        reasons.insert(Reason::ChainTooShort);
    }
    let pairs = chain.iter().zip(chain.iter().skip(1));
    for (certificate, issuer) in pairs {
        if certificate.issuer().as_raw() != issuer.subject().as_raw() {
            reasons.insert(Reason::NameChaining);
        }
        if x509::signature(certificate, issuer.public_key()) != Signature::Good {
            reasons.insert(Reason::BadSignature);
        }
    }
    if chain.iter().skip(1).any(|issuer| !issuer.is_ca()) {
        reasons.insert(Reason::NotAuthority);
    }
    let trusted = x509::parse_key(root).zip(chain.last());
    if !trusted.is_some_and(|(root, last)| x509::signature(last, &root) == Signature::Good) {
        reasons.insert(Reason::UntrustedRoot);
    }
    let now = i64::try_from(now.as_millis() / 1000).unwrap_or(i64::MAX);
    for validity in chain.iter().map(|certificate| certificate.validity()) {
        if now < validity.not_before.timestamp() {
            reasons.insert(Reason::NotYetValid);
        }
        if now > validity.not_after.timestamp() {
            reasons.insert(Reason::Expired);
        }
    }
}

/// The nonce in a certificate: SEQUENCE { [1] OCTET STRING }. Two extensions are none.
fn nonce_of<'c>(leaf: &'c X509Certificate<'_>) -> Option<&'c [u8]> {
    let mut values = x509::extensions(leaf, NONCE_OID);
    let value = values.next().filter(|_| values.next().is_none())?;
    let read = || -> Result<&[u8], Malformed> {
        let mut outer = Reader::new(value);
        let mut fields = outer.sequence()?;
        outer.end()?;
        let (Tag::Context(1), content) = fields.element()? else { return Err(Malformed) };
        let mut inner = Reader::new(content);
        let nonce = inner.octets()?;
        inner.end()?;
        Ok(nonce)
    };
    read().ok()
}

/// What the phone's hardware says beside a signature (WebAuthn level 2, §6.1).
struct AuthenticatorData<'a> {
    bytes: &'a [u8],
    application: [u8; 32],
    counter: u32,
}

impl<'a> AuthenticatorData<'a> {
    /// Hash, flags, counter; the rest is given back.
    fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let (application, rest) = bytes.split_first_chunk::<32>().ok_or(Malformed)?;
        let (_flags, rest) = rest.split_first().ok_or(Malformed)?;
        let (counter, rest) = rest.split_first_chunk::<4>().ok_or(Malformed)?;
        Ok((Self { bytes, application: *application, counter: u32::from_be_bytes(*counter) }, rest))
    }
}

/// `{fmt: "apple-appattest", attStmt: {x5c: […], receipt}, authData}`. The receipt is for Apple.
struct AttestationObject<'a> {
    chain: Vec<Vec<u8>>,
    authenticator: AuthenticatorData<'a>,
    aaguid: [u8; 16],
    credential: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut decoder = Decoder::new(bytes);
        let (mut format, mut chain, mut data) = (None, None, None);
        members(&mut decoder, |name, decoder| {
            match name {
                "fmt" => once(&mut format, decoder.str().map_err(malformed)?)?,
                "attStmt" => once(&mut chain, statement(decoder)?)?,
                "authData" => once(&mut data, decoder.bytes().map_err(malformed)?)?,
                _ => decoder.skip().map_err(malformed)?,
            }
            Ok(())
        })?;
        let (Some("apple-appattest"), Some(chain), Some(data)) = (format, chain, data) else {
            return Err(Malformed);
        };
        if decoder.position() != bytes.len() {
            return Err(Malformed);
        }
        let (authenticator, rest) = AuthenticatorData::read(data)?;
        let (aaguid, rest) = rest.split_first_chunk::<16>().ok_or(Malformed)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(Malformed)?;
        let credential = rest.get(..usize::from(u16::from_be_bytes(*length))).ok_or(Malformed)?;
        Ok(Self { chain, authenticator, aaguid: *aaguid, credential })
    }
}

/// The certificates of `attStmt`.
fn statement(decoder: &mut Decoder<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut chain = None;
    members(decoder, |name, decoder| match name {
        "x5c" => once(&mut chain, certificates(decoder)?),
        _ => decoder.skip().map_err(malformed),
    })?;
    chain.ok_or(Malformed)
}

fn certificates(decoder: &mut Decoder<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let count = decoder.array().map_err(malformed)?.ok_or(Malformed)?;
    // One more than allowed is kept, to be refused for being too many.
    if count > Evidence::MAX_CERTIFICATES as u64 + 1 {
        return Err(Malformed);
    }
    (0..count).map(|_| Ok(decoder.bytes().map_err(malformed)?.to_vec())).collect()
}

/// `{signature, authenticatorData}`.
struct Assertion<'a> {
    signature: &'a [u8],
    authenticator: AuthenticatorData<'a>,
}

impl<'a> Assertion<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut decoder = Decoder::new(bytes);
        let (mut signature, mut data) = (None, None);
        members(&mut decoder, |name, decoder| match name {
            "signature" => once(&mut signature, decoder.bytes().map_err(malformed)?),
            "authenticatorData" => once(&mut data, decoder.bytes().map_err(malformed)?),
            _ => decoder.skip().map_err(malformed),
        })?;
        let (Some(signature), Some(data)) = (signature, data) else { return Err(Malformed) };
        if decoder.position() != bytes.len() {
            return Err(Malformed);
        }
        let (authenticator, rest) = AuthenticatorData::read(data)?;
        match rest {
            [] => Ok(Self { signature, authenticator }),
            _ => Err(Malformed),
        }
    }
}

/// Walks over a map with text keys, of definite or indefinite length.
fn members<'b>(
    decoder: &mut Decoder<'b>,
    mut take: impl FnMut(&'b str, &mut Decoder<'b>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut left = decoder.map().map_err(malformed)?;
    loop {
        match &mut left {
            Some(0) => return Ok(()),
            Some(count) => *count -= 1,
            None if decoder.datatype().map_err(malformed)? == Type::Break => {
                return decoder.skip().map_err(malformed);
            }
            None => {}
        }
        let name = decoder.str().map_err(malformed)?;
        take(name, decoder)?;
    }
}

/// A member that stands twice could be read in two ways.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Malformed> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Malformed),
    }
}

fn malformed(_: minicbor::decode::Error) -> Malformed {
    Malformed
}
