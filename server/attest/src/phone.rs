//! What a phone of either maker shows, as it crosses the network and is stored; and the verdict on an iPhone's.
//!
//! Android's chains keep the form that they always had ([`Evidence`]). An iPhone shows an App Attest object,
//! whose client data names the device's key, and where the organisation manages it a certificate with its
//! serial number, whose key signs a challenge that names the device's key too. Later it shows assertions.
//!
//! Always true: one map, told apart by its first key; sizes are looked at before anything is parsed; rules
//! that name no application admit no iPhone. Apple says nothing about the model, so none is compared.

use std::collections::BTreeSet;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use estafette_protocol::Timestamp;
use estafette_protocol::certificate::Level;
use estafette_protocol::codec::{self, CodecError};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Decoder, Encode};

use crate::app_attest::{AppIdentity, Environment, ExpectedAppAttest, ExpectedAssertion};
use crate::{AttestedText, Evidence, Reason, Serial, app_attest, managed_device, verify_assertion, x509};

/// What a phone shows.
#[derive(Clone, PartialEq, Eq)]
pub enum PhoneEvidence {
    /// Chains of certificates.
    Android(Evidence),
    /// An App Attest object.
    Apple(AppleEvidence),
    /// An assertion by the key of an App Attest object that was accepted before.
    Assertion(AppleAssertion),
}

impl PhoneEvidence {
    /// Reads evidence of at most [`Evidence::MAX_ENCODED`] bytes.
    ///
    /// # Errors
    ///
    /// Too large, cut short, or not evidence.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let limit = Evidence::MAX_ENCODED;
        match first_key(bytes) {
            _ if bytes.len() > limit => Evidence::from_bytes(bytes).map(Self::Android),
            Some(2 | 3) => codec::from_bytes(bytes, limit).map(Self::Apple),
            Some(4) => codec::from_bytes(bytes, limit).map(Self::Assertion),
            _ => Evidence::from_bytes(bytes).map(Self::Android),
        }
    }

    /// The bytes that [`Self::from_bytes`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Android(evidence) => evidence.to_bytes(),
            Self::Apple(evidence) => codec::to_bytes(evidence),
            Self::Assertion(assertion) => codec::to_bytes(assertion),
        }
    }

    /// The serial numbers of an Android phone's certificates ([`Evidence::serials`]). Apple publishes no
    /// list of its own to look others up in.
    pub fn serials(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Android(evidence) => evidence.serials(),
            Self::Apple(_) | Self::Assertion(_) => Vec::new(),
        }
    }
}

fn first_key(bytes: &[u8]) -> Option<u32> {
    let mut decoder = Decoder::new(bytes);
    decoder.map().ok()?;
    decoder.u32().ok()
}

/// An iPhone's evidence. Its debug form is left out: certificates can hold serial numbers.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AppleEvidence {
    /// The App Attest object, at most 48 KiB.
    #[n(2)]
    pub object: ByteVec,
    /// Which phone it is, where the organisation manages it.
    #[n(3)]
    pub managed: Option<ManagedProof>,
}

/// A managed phone's certificate, and that its key is at hand.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ManagedProof {
    /// The phone's certificate first, the root left out.
    #[n(0)]
    pub chain: Vec<ByteVec>,
    /// By the certificate's key over the id challenge: ECDSA on P-256 with SHA-256, DER.
    #[n(1)]
    pub signature: ByteVec,
}

/// What an iPhone shows once its key is known.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AppleAssertion {
    /// An App Attest assertion, at most 1 KiB.
    #[n(4)]
    pub assertion: ByteVec,
}

/// The keys at which an iPhone's certificates end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppleRoot {
    /// Of App Attest: a DER SubjectPublicKeyInfo.
    pub app_attest: Vec<u8>,
    /// Of managed phones: a DER SubjectPublicKeyInfo.
    pub managed: Vec<u8>,
    /// Whether their private keys are public knowledge. What they vouch for counts as software.
    pub development: bool,
}

impl AppleRoot {
    /// Apple's own.
    pub fn apple() -> Self {
        Self {
            app_attest: crate::APPLE_APP_ATTEST_ROOT.to_vec(),
            managed: crate::APPLE_ENTERPRISE_ROOT.to_vec(),
            development: false,
        }
    }
}

/// An organisation's rules for iPhones. The default names no application, so nobody passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppleRules {
    /// Applications, as team, a dot, bundle.
    pub applications: BTreeSet<String>,
    /// The one environment that is accepted.
    pub environment: Environment,
    /// Where certificates may end.
    pub roots: Vec<AppleRoot>,
}

impl Default for AppleRules {
    fn default() -> Self {
        Self {
            applications: BTreeSet::new(),
            environment: Environment::Production,
            roots: vec![AppleRoot::apple()],
        }
    }
}

/// What an iPhone's evidence has to prove.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedApple<'a> {
    /// SHA-256 of the client data: the challenge that names the device's key.
    pub client_data_hash: &'a [u8; 32],
    /// What a managed phone's key signs; it names the device's key, too.
    pub id_challenge: &'a [u8; 32],
    /// The inventory entry's serial number.
    pub serial: Serial<'a>,
    /// What the organisation asks for.
    pub rules: &'a AppleRules,
    /// The verifier's time.
    pub now: Timestamp,
}

/// What an iPhone's accepted evidence says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppleFacts {
    /// The key that asserts, as an uncompressed SEC1 point.
    pub key: [u8; 65],
    /// The phone's serial number, where the organisation manages it.
    pub serial: Option<AttestedText>,
    /// Whether anybody could have made it: a public root, or an application under development.
    pub made_up: bool,
}

impl AppleFacts {
    /// How strongly this proves a device of the employer, as [`crate::Facts::level`].
    pub fn level(&self) -> Level {
        match (self.made_up, &self.serial) {
            (true, _) => Level::Software,
            (false, Some(_)) => Level::Owned,
            (false, None) => Level::Attested,
        }
    }
}

/// Judges an iPhone's evidence.
///
/// # Errors
///
/// Every check that failed, in the order of [`Reason`]; never empty. Reasons of the managed phone's
/// certificate come with [`Reason::IdChain`].
pub fn verify_apple(
    evidence: &AppleEvidence,
    expected: &ExpectedApple<'_>,
) -> Result<AppleFacts, Vec<Reason>> {
    let mut best: Option<Vec<Reason>> = None;
    for root in &expected.rules.roots {
        for application in &expected.rules.applications {
            match judge(evidence, expected, root, AppIdentity(application)) {
                Ok(facts) => return Ok(facts),
                Err(reasons) if best.as_ref().is_none_or(|best| distance(&reasons) < distance(best)) => {
                    best = Some(reasons);
                }
                Err(_) => {}
            }
        }
    }
    Err(best.unwrap_or(vec![Reason::AppIdMismatch]))
}

/// What failed under the root and for the application that come nearest is what is told.
fn distance(reasons: &[Reason]) -> (bool, usize) {
    (reasons.contains(&Reason::UntrustedRoot), reasons.len())
}

fn judge(
    evidence: &AppleEvidence,
    expected: &ExpectedApple<'_>,
    root: &AppleRoot,
    application: AppIdentity<'_>,
) -> Result<AppleFacts, Vec<Reason>> {
    let attested = app_attest::verify_app_attest(
        &evidence.object,
        &ExpectedAppAttest {
            client_data_hash: expected.client_data_hash,
            key_id: None,
            application,
            environment: expected.rules.environment,
            root: &root.app_attest,
            now: expected.now,
        },
    );
    let mut reasons: BTreeSet<Reason> = attested.as_ref().err().into_iter().flatten().copied().collect();
    let serial = match &evidence.managed {
        Some(proof) => managed(proof, expected, root, &mut reasons),
        None => None,
    };
    let same = |due: &str| serial.as_ref().is_some_and(|serial: &AttestedText| serial.0 == due.as_bytes());
    let holds = match expected.serial {
        Serial::Unknown => true,
        Serial::IfAttested(due) => serial.is_none() || same(due),
        Serial::Required(due) => same(due),
    };
    if !holds {
        reasons.insert(Reason::InventorySerial);
    }
    match attested {
        Ok(facts) if reasons.is_empty() => {
            let made_up = root.development || facts.environment == Environment::Development;
            Ok(AppleFacts { key: facts.key, serial, made_up })
        }
        _ => Err(reasons.into_iter().collect()),
    }
}

/// The serial number that a managed phone's certificate attests.
fn managed(
    proof: &ManagedProof,
    expected: &ExpectedApple<'_>,
    root: &AppleRoot,
    reasons: &mut BTreeSet<Reason>,
) -> Option<AttestedText> {
    let chain: Vec<Vec<u8>> = proof.chain.iter().map(|one| one.to_vec()).collect();
    let device = match managed_device::verify_managed_device(&chain, &root.managed, expected.now) {
        Ok(device) => device,
        Err(own) => {
            reasons.extend(own);
            reasons.insert(Reason::IdChain);
            return None;
        }
    };
    let leaf = chain.first().and_then(|leaf| x509::parse(leaf));
    let point = leaf.as_ref().and_then(x509::p256_point);
    let signed = point.is_some_and(|point| {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point);
        key.verify(expected.id_challenge, &proof.signature).is_ok()
    });
    if !signed {
        reasons.insert(Reason::IdNotTied);
    }
    // A phone of its user's own names none.
    if device.serial.is_none() {
        reasons.extend([Reason::InventorySerial, Reason::IdChain]);
    }
    device.serial
}

/// Judges an assertion by the key of evidence that was accepted before; gives its counter.
///
/// # Errors
///
/// As [`verify_assertion`].
pub fn verify_apple_again(
    assertion: &AppleAssertion,
    before: &AppleEvidence,
    client_data_hash: &[u8; 32],
    counter: u32,
    rules: &AppleRules,
) -> Result<u32, Vec<Reason>> {
    let key = app_attest::key_of(&before.object).ok_or(vec![Reason::KeyAlgorithm])?;
    let mut last = vec![Reason::AppIdMismatch];
    for application in &rules.applications {
        let application = AppIdentity(application);
        let expected = ExpectedAssertion { client_data_hash, key: &key, application, counter };
        match verify_assertion(&assertion.assertion, &expected) {
            Ok(counter) => return Ok(counter),
            Err(reasons) => last = reasons,
        }
    }
    Err(last)
}
