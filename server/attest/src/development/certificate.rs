//! X.509 certificates with P-256 keys, as far as development chains need them.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};

use super::writer::{bits, explicit, integer, object, octets, sequence, set, utc_time, utf8, yes};

/// 2.5.4.10 and 2.5.4.3.
pub(super) const ORGANISATION_NAME: &[u8] = &[0x55, 0x04, 0x0a];
pub(super) const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 2.5.29.19 and 2.5.29.15.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
/// 1.2.840.10045.2.1, 1.2.840.10045.3.1.7 and 1.2.840.10045.4.3.2.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/// First and last second of a certificate, as YYMMDDhhmmssZ.
pub(super) type Validity = [&'static str; 2];

/// All that UTCTime can say since the Unix epoch: any virtual clock fits.
pub(super) const ALWAYS: Validity = ["700101000000Z", "491231235959Z"];

/// What a certificate says before it is signed. Names and extensions are DER.
pub(super) struct Certificate<'a> {
    pub serial: u64,
    pub issuer: &'a [u8],
    pub subject: &'a [u8],
    pub validity: Validity,
    pub key: &'a VerifyingKey,
    pub extensions: &'a [Vec<u8>],
}

impl Certificate<'_> {
    /// The certificate in DER. ECDSA draws its nonce from key and message (RFC 6979).
    pub(super) fn signed_by(&self, issuer_key: &SigningKey) -> Vec<u8> {
        const VERSION_3: u64 = 2;
        let algorithm = sequence(&[&object(ECDSA_WITH_SHA256)]);
        let body = sequence(&[
            &explicit(0, &integer(VERSION_3)),
            &integer(self.serial),
            &algorithm,
            self.issuer,
            &sequence(&[&utc_time(self.validity[0]), &utc_time(self.validity[1])]),
            self.subject,
            &public_key_info(self.key),
            &explicit(3, &sequence(&[&self.extensions.concat()])),
        ]);
        let signature: DerSignature = issuer_key.sign(&body);
        sequence(&[&body, &algorithm, &bits(signature.as_bytes())])
    }
}

/// A distinguished name of an organisation and a common name.
pub(super) fn name(organisation: &str, common: &str) -> Vec<u8> {
    name_of(&[(ORGANISATION_NAME, organisation), (COMMON_NAME, common)])
}

/// A distinguished name of any parts: an object identifier in DER and a text each.
pub(super) fn name_of(parts: &[(&[u8], &str)]) -> Vec<u8> {
    let part = |(kind, text): &(&[u8], &str)| set(&[&sequence(&[&object(kind), &utf8(text)])]);
    sequence(&[&parts.iter().flat_map(part).collect::<Vec<u8>>()])
}

/// A key as SubjectPublicKeyInfo, 91 bytes.
pub(super) fn public_key_info(key: &VerifyingKey) -> Vec<u8> {
    let point = key.to_encoded_point(false);
    sequence(&[&sequence(&[&object(EC_PUBLIC_KEY), &object(P256)]), &bits(point.as_bytes())])
}

/// The extensions of a certificate whose key signs certificates.
pub(super) fn authority_extensions() -> Vec<Vec<u8>> {
    const CERTIFICATE_AND_LIST_SIGNING: u8 = 0x06;
    vec![
        sequence(&[&object(BASIC_CONSTRAINTS), &yes(), &octets(&sequence(&[&yes()]))]),
        key_usage(1, CERTIFICATE_AND_LIST_SIGNING),
    ]
}

/// The extension of a certificate whose key signs messages.
pub(super) fn signing_extension() -> Vec<u8> {
    const DIGITAL_SIGNATURE: u8 = 0x80;
    key_usage(7, DIGITAL_SIGNATURE)
}

/// An extension that is not critical.
pub(super) fn extension(oid: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&object(oid), &octets(value)])
}

fn key_usage(unused_bits: u8, usage: u8) -> Vec<u8> {
    let value = [0x03, 0x02, unused_bits, usage];
    sequence(&[&object(KEY_USAGE), &yes(), &octets(&value)])
}
