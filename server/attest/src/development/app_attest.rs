//! Stands in for Apple: App Attest objects, assertions and managed devices' certificates.

use estafette_protocol::ids::Hash;
use minicbor::Encoder;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};

use super::certificate::{
    ALWAYS, Certificate, Validity, authority_extensions, extension, name, public_key_info, signing_extension,
};
use super::writer::{explicit, octets, sequence};
use super::{FEATURE_MARK, key};
use crate::{AppleEvidence, AppleRoot, Environment, ManagedProof};

/// The application that development objects name.
pub const APPLE_APPLICATION: &str = "ABCDE12345.org.example.estafette.development";
const NONCE_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02];
const SERIAL_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x09, 0x01];
const UDID_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x09, 0x02];

/// What an attestation object shall say. [`AppAttestation::of`] says what is right.
#[derive(Debug, Clone)]
pub struct AppAttestation<'a> {
    /// The application, as team, a dot, bundle.
    pub application: &'a str,
    /// SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// Sixteen bytes that name the environment.
    pub aaguid: [u8; 16],
    /// How often the key has signed.
    pub counter: u32,
    /// The key's name; its hash if `None`.
    pub key_id: Option<[u8; 32]>,
    /// First and last second of the key's certificate, as YYMMDDhhmmssZ.
    pub validity: [&'static str; 2],
}

impl<'a> AppAttestation<'a> {
    /// A new key of an application.
    pub fn of(application: &'a str, client_data_hash: [u8; 32], environment: Environment) -> Self {
        let aaguid = match environment {
            Environment::Production => *b"appattest\0\0\0\0\0\0\0",
            Environment::Development => *b"appattestdevelop",
        };
        Self { application, client_data_hash, aaguid, counter: 0, key_id: None, validity: ALWAYS }
    }
}

/// Makes what Apple makes, under a root whose key anybody can compute.
#[derive(Clone)]
pub struct DevelopmentApple {
    root: SigningKey,
    authority: SigningKey,
}

impl DevelopmentApple {
    /// The authority that stands in for Apple's.
    pub fn new() -> Self {
        Self { root: key(FEATURE_MARK, "apple root"), authority: key(FEATURE_MARK, "apple authority") }
    }

    /// The root's key, in place of [`crate::APPLE_APP_ATTEST_ROOT`].
    pub fn root(&self) -> Vec<u8> {
        public_key_info(self.root.verifying_key())
    }

    /// An attestation object for a key.
    pub fn attest(&self, device: &SigningKey, says: &AppAttestation<'_>) -> Vec<u8> {
        let point = device.verifying_key().to_encoded_point(false);
        let key_id = says.key_id.unwrap_or(Hash::of(&[point.as_bytes()]).0);
        let mut data = authenticator_data(says.application, 0x40, says.counter);
        data.extend_from_slice(&says.aaguid);
        data.extend_from_slice(&[0, 32]);
        data.extend_from_slice(&key_id);
        let nonce = Hash::of(&[&data, &says.client_data_hash]).0;
        let nonce = extension(NONCE_OID, &sequence(&[&explicit(1, &octets(&nonce))]));
        let chain = self.chain(device, says.validity, &[nonce]);
        encoded(|encoder| {
            encoder.map(3)?.str("fmt")?.str("apple-appattest")?;
            encoder.str("attStmt")?.map(2)?.str("x5c")?.array(chain.len() as u64)?;
            for certificate in &chain {
                encoder.bytes(certificate)?;
            }
            encoder.str("receipt")?.bytes(b"for Apple")?.str("authData")?.bytes(&data)?;
            Ok(())
        })
    }

    /// An assertion by an attested key.
    pub fn assert(
        &self,
        device: &SigningKey,
        application: &str,
        client_data_hash: &[u8; 32],
        counter: u32,
    ) -> Vec<u8> {
        let data = authenticator_data(application, 0x40, counter);
        let signature: DerSignature = device.sign(&Hash::of(&[&data, client_data_hash]).0);
        encoded(|encoder| {
            encoder.map(2)?.str("signature")?.bytes(signature.as_bytes())?;
            encoder.str("authenticatorData")?.bytes(&data)?;
            Ok(())
        })
    }

    /// The roots under which what is made here holds.
    pub fn roots(&self) -> AppleRoot {
        AppleRoot { app_attest: self.root(), managed: self.root(), development: true }
    }

    /// An iPhone's evidence for challenges; with a serial number where the organisation manages it.
    pub fn evidence(
        &self,
        key: &SigningKey,
        [client_data_hash, id_challenge]: [&[u8; 32]; 2],
        serial: Option<&str>,
    ) -> AppleEvidence {
        let says = AppAttestation::of(APPLE_APPLICATION, *client_data_hash, Environment::Production);
        let managed = serial.map(|serial| {
            let signature: DerSignature = key.sign(id_challenge);
            let chain = self.managed(key, Some(serial), None);
            ManagedProof {
                chain: chain.into_iter().map(Into::into).collect(),
                signature: signature.as_bytes().to_vec().into(),
            }
        });
        AppleEvidence { object: self.attest(key, &says).into(), managed }
    }

    /// The chain of a managed phone, without its root; no serial number where it is its user's own.
    pub fn managed(&self, device: &SigningKey, serial: Option<&str>, udid: Option<&str>) -> Vec<Vec<u8>> {
        let serial = serial.map(|serial| extension(SERIAL_OID, serial.as_bytes()));
        let udid = udid.map(|udid| extension(UDID_OID, udid.as_bytes()));
        self.chain(device, ALWAYS, &serial.into_iter().chain(udid).collect::<Vec<_>>())
    }

    /// What a managed phone's owner can do with its attested key: sign a certificate for any serial
    /// number.
    pub fn forged(&self, device: &SigningKey, serial: &str) -> Vec<Vec<u8>> {
        let forged = Certificate {
            serial: 1,
            issuer: &leaf_name(),
            subject: &name("Apple", "Forged"),
            validity: ALWAYS,
            key: device.verifying_key(),
            extensions: &[extension(SERIAL_OID, serial.as_bytes())],
        };
        let mut chain = self.managed(device, Some("its own"), None);
        chain.insert(0, forged.signed_by(device));
        chain
    }

    fn chain(&self, device: &SigningKey, validity: Validity, extensions: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let authority_name = name("Apple", "Authority");
        let leaf = Certificate {
            serial: 1,
            issuer: &authority_name,
            subject: &leaf_name(),
            validity,
            key: device.verifying_key(),
            extensions: &[&[signing_extension()], extensions].concat(),
        };
        let authority = Certificate {
            serial: 2,
            issuer: &name("Apple", "Root"),
            subject: &authority_name,
            validity: ALWAYS,
            key: self.authority.verifying_key(),
            extensions: &authority_extensions(),
        };
        vec![leaf.signed_by(&self.authority), authority.signed_by(&self.root)]
    }
}

impl Default for DevelopmentApple {
    fn default() -> Self {
        Self::new()
    }
}

fn leaf_name() -> Vec<u8> {
    name("Apple", "A key")
}

fn authenticator_data(application: &str, flags: u8, counter: u32) -> Vec<u8> {
    let mut data = Hash::of(&[application.as_bytes()]).0.to_vec();
    data.push(flags);
    data.extend_from_slice(&counter.to_be_bytes());
    data
}

fn encoded(
    write: impl FnOnce(
        &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into memory cannot fail.
    let _ = write(&mut Encoder::new(&mut bytes));
    bytes
}
