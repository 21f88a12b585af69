//! The verdict on an Android phone's evidence.
//!
//! One chain attests the device's key, made by our application. A second one may attest the
//! phone's serial number; only an organisation that owns a phone gets it, by a key that the
//! system makes. Its challenge commits to the device's key, and both must come from one phone.
//!
//! Always true: what decides is read from the *hardware* list, except the application, which
//! only Android knows and which is as good as the locked, verified system that names it.
//! Versions are not looked at: a field says itself whether it is there.

use std::collections::BTreeSet;

use estafette_protocol::Timestamp;
use estafette_protocol::certificate::Level;
use subtle::ConstantTimeEq;

use crate::chain::Chain;
use crate::{
    ApplicationId, AttestedText, AuthorizationList, Boolean, BootState, Evidence, KeyDescription, Policy,
    Provisioning, Reason, RevocationList, RootOfTrust, SecurityLevel, TrustedRoot,
};

/// KeyMint's numbers (`Algorithm`, `EcCurve`, `KeyPurpose`, `KeyOrigin`).
const EC: u64 = 3;
const P256: u64 = 1;
const P256_BITS: u64 = 256;
const SIGN: u64 = 2;
const ATTEST_KEY: u64 = 7;
const GENERATED: u64 = 0;

/// What the evidence has to prove. `None` asks nothing, which is for diagnoses: whoever admits a
/// device states challenge, key, model and list.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The challenge of this enrolment, made by [`crate::challenge()`].
    pub challenge: Option<&'a [u8]>,
    /// The challenge of the second chain; where there is none, evidence with a second chain is refused.
    pub id_challenge: Option<&'a [u8]>,
    /// The ES256 key that the device enrols with, as a compressed SEC1 point.
    pub key: Option<&'a [u8; 33]>,
    /// The inventory entry's model, compared byte for byte; `None` where the entry names none.
    pub model: Option<&'a str>,
    /// The inventory entry's serial number.
    pub serial: Serial<'a>,
    /// What the organisation asks for.
    pub policy: &'a Policy,
    /// The keys at which a chain may end; none of them means that nothing is accepted.
    pub roots: &'a [TrustedRoot],
    /// Google's list; a stale one refuses.
    pub revoked: Option<&'a RevocationList>,
    /// The verifier's time.
    pub now: Timestamp,
}

/// What an inventory entry says about the serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serial<'a> {
    /// Not known to the verifier: any, or none.
    Unknown,
    /// Another one refuses; none passes, at a lower level.
    IfAttested(&'a str),
    /// Must be attested.
    Required(&'a str),
}

/// What accepted evidence says. The hardware vouches for what stands in
/// [`KeyDescription::hardware`]; Android alone for the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Where the chain ends.
    pub root: TrustedRoot,
    /// How the attesting key came into the phone.
    pub provisioning: Provisioning,
    /// Serial numbers of the certificates, the device's first, then those of the second chain:
    /// big-endian, without leading zeros. A list of tomorrow may name one.
    pub serials: Vec<Vec<u8>>,
    /// The device's key, as a compressed SEC1 point.
    pub key: [u8; 33],
    /// All that was said about the key and its phone.
    pub description: KeyDescription,
    /// The phone's serial number, as the hardware attests it in either chain.
    pub serial: Option<AttestedText>,
}

impl Facts {
    /// The model that the hardware attests, if it does and the name is UTF-8.
    pub fn model(&self) -> Option<&str> {
        self.description.hardware.model.as_ref().and_then(AttestedText::as_str)
    }

    /// The manufacturer that the hardware attests, if it does and the name is UTF-8.
    pub fn manufacturer(&self) -> Option<&str> {
        self.description.hardware.manufacturer.as_ref().and_then(AttestedText::as_str)
    }

    /// How strongly this proves a device of the employer. [`Level::Owned`] holds for whoever
    /// compared the serial number; without it, only that there is one.
    pub fn level(&self) -> Level {
        match (self.root.development, &self.serial) {
            (true, _) => Level::Software,
            (false, Some(_)) => Level::Owned,
            (false, None) => Level::Attested,
        }
    }
}

/// Judges an Android device's evidence.
///
/// # Errors
///
/// Every check that failed, each once, in the order of [`Reason`]; never empty. Where sizes or the
/// certificates' syntax fail, nothing further was looked at and the reason stands alone. Reasons
/// of the second chain come with [`Reason::IdChain`].
pub fn verify_android(evidence: &Evidence, expected: &Expected<'_>) -> Result<Facts, Vec<Reason>> {
    if let Some(reason) = evidence.oversize() {
        return Err(vec![reason]);
    }
    let chain = Chain::parse(&evidence.chain).map_err(|reason| vec![reason])?;
    let mut reasons = BTreeSet::new();
    let root = check_chain(&chain, expected, &mut reasons);
    let description = chain.key_description(&mut reasons);
    if let Some(description) = &description {
        check_challenge(description, expected.challenge, &mut reasons);
        check_security_level(description, expected.policy, &mut reasons);
        check_key(&description.hardware, chain.key().is_some(), &mut reasons);
        if description.software.all_applications || description.hardware.all_applications {
            reasons.insert(Reason::AllApplications);
        }
        check_boot(&description.hardware, &mut reasons);
        check_application(description.software.application.as_ref(), expected.policy, &mut reasons);
        check_patch_level(&description.hardware, expected.policy, &mut reasons);
        check_model(&description.hardware, expected, &mut reasons);
    }
    let key = chain.key().filter(|key| expected.key.is_none_or(|due| bool::from(key.ct_eq(due))));
    // Where no key is expected, one of another kind is `key_algorithm`.
    if key.is_none() && expected.key.is_some() {
        reasons.insert(Reason::KeyMismatch);
    }
    let first = description.as_ref().map(|description| Half { root, chain: &chain, description });
    let second = evidence.id_chain.as_deref().map(|id| check_second(id, first, expected, &mut reasons));
    let (id_serial, id_serials) = second.unwrap_or_default();
    let own_serial = || description.as_ref().and_then(|one| one.hardware.serial.clone());
    let serial = id_serial.or_else(own_serial);
    // Where no description could be read, nothing that it lacks is told.
    if description.is_some() {
        check_serial(serial.as_ref(), expected.serial, &mut reasons);
    }
    match (root, description, key) {
        (Some(root), Some(description), Some(key)) if reasons.is_empty() => {
            let serials = [chain.serials(), id_serials].concat();
            Ok(Facts { root, provisioning: chain.provisioning(), serials, key, description, serial })
        }
        _ => Err(reasons.into_iter().collect()),
    }
}

/// What both chains are asked: where they end, who provisioned them, whether they were revoked.
fn check_chain(
    chain: &Chain<'_>,
    expected: &Expected<'_>,
    reasons: &mut BTreeSet<Reason>,
) -> Option<TrustedRoot> {
    let root = chain.check(expected.roots, expected.now, reasons);
    if expected.policy.require_rkp && chain.provisioning() != Provisioning::Remote {
        reasons.insert(Reason::RkpRequired);
    }
    if let Some(list) = expected.revoked {
        chain.check_revocation(list, expected.now, reasons);
    }
    root
}

fn check_challenge(description: &KeyDescription, due: Option<&[u8]>, reasons: &mut BTreeSet<Reason>) {
    if due.is_some_and(|due| !bool::from(description.challenge.ct_eq(due))) {
        reasons.insert(Reason::ChallengeMismatch);
    }
}

/// Both levels must be the same: an attestation made by Android vouches for nothing.
fn check_security_level(description: &KeyDescription, policy: &Policy, reasons: &mut BTreeSet<Reason>) {
    let least = policy.minimum_security_level.max(SecurityLevel::TrustedEnvironment);
    let (attestation, key) = (description.attestation_security_level, description.keymint_security_level);
    if attestation != key || key < least {
        reasons.insert(Reason::SecurityLevel);
    }
}

/// An ES256 key, made inside, that signs, and that attests no other key.
fn check_key(hardware: &AuthorizationList, is_p256: bool, reasons: &mut BTreeSet<Reason>) {
    if hardware.origin != Some(GENERATED) {
        reasons.insert(Reason::KeyOrigin);
    }
    if !hardware.purposes.contains(&SIGN) || hardware.purposes.contains(&ATTEST_KEY) {
        reasons.insert(Reason::KeyPurpose);
    }
    // The first versions of Keymaster told the size and not the curve.
    let curve = hardware.curve.map_or(hardware.key_size == Some(P256_BITS), |curve| curve == P256);
    if hardware.algorithm != Some(EC) || !curve || !is_p256 {
        reasons.insert(Reason::KeyAlgorithm);
    }
}

/// A locked bootloader and the maker's own system.
fn check_boot(hardware: &AuthorizationList, reasons: &mut BTreeSet<Reason>) {
    let Some(boot) = &hardware.root_of_trust else {
        reasons.insert(Reason::NoRootOfTrust);
        return;
    };
    if matches!(boot.device_locked, Boolean::NotDer(_)) {
        reasons.insert(Reason::MalformedBoolean);
    }
    // What is not exactly TRUE is not locked.
    if boot.device_locked != Boolean::True {
        reasons.insert(Reason::BootloaderUnlocked);
    }
    if boot.boot_state != BootState::Verified {
        reasons.insert(Reason::BootNotVerified);
    }
}

fn check_application(application: Option<&ApplicationId>, policy: &Policy, reasons: &mut BTreeSet<Reason>) {
    let Some(application) = application.filter(|application| !application.packages.is_empty()) else {
        reasons.insert(Reason::NoAppId);
        return;
    };
    let known = |packages: &BTreeSet<String>| {
        let mut names = application.packages.iter().map(|package| package.name.as_str());
        names.all(|name| name.is_some_and(|name| packages.contains(name)))
    };
    if policy.packages.as_ref().is_some_and(|packages| !known(packages)) {
        reasons.insert(Reason::AppPackage);
    }
    let told: BTreeSet<&[u8]> = application.signing_digests.iter().map(Vec::as_slice).collect();
    if told.is_empty() {
        reasons.insert(Reason::NoAppSignature);
    }
    let equal = |due: &BTreeSet<[u8; 32]>| told.iter().copied().eq(due.iter().map(<[u8; 32]>::as_slice));
    if policy.signers.as_ref().is_some_and(|signers| !signers.iter().any(equal)) {
        reasons.insert(Reason::AppDigest);
    }
}

fn check_patch_level(hardware: &AuthorizationList, policy: &Policy, reasons: &mut BTreeSet<Reason>) {
    let Some(least) = policy.minimum_patch_level else { return };
    if hardware.os_patch_level.is_none_or(|level| level < u64::from(least)) {
        reasons.insert(Reason::PatchLevel);
    }
}

fn check_model(hardware: &AuthorizationList, expected: &Expected<'_>, reasons: &mut BTreeSet<Reason>) {
    let Some(model) = expected.model else { return };
    // Of the hardware's list only: Android could write any model into its own.
    if hardware.model.as_ref().is_none_or(|attested| attested.0 != model.as_bytes()) {
        reasons.insert(Reason::InventoryModel);
    }
}

fn check_serial(attested: Option<&AttestedText>, due: Serial<'_>, reasons: &mut BTreeSet<Reason>) {
    let holds = match (due, attested) {
        (Serial::Unknown, _) | (Serial::IfAttested(_), None) => true,
        (Serial::Required(_), None) => false,
        (Serial::IfAttested(due) | Serial::Required(due), Some(attested)) => attested.0 == due.as_bytes(),
    };
    if !holds {
        reasons.insert(Reason::InventorySerial);
    }
}

/// One of two chains that are to come from one phone.
#[derive(Clone, Copy)]
struct Half<'h, 'c> {
    root: Option<TrustedRoot>,
    chain: &'h Chain<'c>,
    description: &'h KeyDescription,
}

/// The second chain: the serial number that it attests, and its certificates' serial numbers.
///
/// Its key is made by the system for the phone's owner, so our application is not in it.
fn check_second(
    id: &[Vec<u8>],
    first: Option<Half<'_, '_>>,
    expected: &Expected<'_>,
    reasons: &mut BTreeSet<Reason>,
) -> (Option<AttestedText>, Vec<Vec<u8>>) {
    let chain = match Chain::parse(id) {
        Ok(chain) => chain,
        Err(reason) => {
            reasons.extend([reason, Reason::IdChain]);
            return Default::default();
        }
    };
    let mut own = BTreeSet::new();
    let root = check_chain(&chain, expected, &mut own);
    let description = chain.key_description(&mut own);
    if let Some(description) = &description {
        check_challenge(description, expected.id_challenge, &mut own);
        check_security_level(description, expected.policy, &mut own);
        check_boot(&description.hardware, &mut own);
        if description.hardware.origin != Some(GENERATED) {
            own.insert(Reason::KeyOrigin);
        }
        if description.hardware.serial.is_none() {
            own.insert(Reason::InventorySerial);
        }
    }
    // Nobody said for which challenge it was made: it could be any phone's.
    if !own.is_empty() || expected.id_challenge.is_none() {
        reasons.extend(own);
        reasons.insert(Reason::IdChain);
    }
    if let (Some(first), Some(description)) = (first, &description)
        && !tied(first, Half { root, chain: &chain, description })
    {
        reasons.insert(Reason::IdNotTied);
    }
    (description.and_then(|one| one.hardware.serial), chain.serials())
}

/// Whether fresh evidence can come from the phone whose evidence was accepted before.
///
/// Android may have been updated since, and never set back; the lock of the boot, the maker and the model stay.
/// Both are judged by [`verify_android`], this compares them only.
pub fn is_same_phone(before: &Evidence, after: &Evidence) -> bool {
    let read = |evidence: &Evidence| {
        let chain = Chain::parse(&evidence.chain).ok()?;
        let description = chain.key_description(&mut BTreeSet::new())?;
        let keybox = (chain.provisioning() == Provisioning::Factory)
            .then(|| (description.attestation_security_level, chain.attesting_key().map(<[u8]>::to_vec)));
        Some((description.hardware, keybox))
    };
    let (Some((one, one_keybox)), Some((other, other_keybox))) = (read(before), read(after)) else {
        return false;
    };
    let boot =
        |list: &AuthorizationList| list.root_of_trust.as_ref().map(|boot| boot.verified_boot_key.clone());
    // A factory key stays for the phone's lifetime; one from Google's servers may take its place, not the reverse.
    let same_keybox = match (one_keybox, other_keybox) {
        (Some((level, key)), Some((other_level, other_key))) => level != other_level || key == other_key,
        (None, Some(_)) => false,
        (_, None) => true,
    };
    same_keybox
        && boot(&one) == boot(&other)
        && other.os_patch_level >= one.os_patch_level
        && same_text(&one.brand, &other.brand)
        && same_text(&one.manufacturer, &other.manufacturer)
        && same_text(&one.model, &other.model)
        && same_text(&one.serial, &other.serial)
}

/// What one of them does not tell is no difference.
fn same_text(one: &Option<AttestedText>, other: &Option<AttestedText>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// Whether two chains can come from one phone that has not been restarted in between.
fn tied(first: Half<'_, '_>, second: Half<'_, '_>) -> bool {
    let boot = |boot: &RootOfTrust| (boot.verified_boot_key.clone(), boot.verified_boot_hash.clone());
    let of = |list: &AuthorizationList| (list.root_of_trust.as_ref().map(boot), list.os_patch_level);
    let made_up = |half: Half<'_, '_>| half.root.map(|root| root.development);
    let level = |half: Half<'_, '_>| half.description.attestation_security_level;
    let (one, other) = (&first.description.hardware, &second.description.hardware);
    // A factory key serves a batch of phones, and every key of a phone at one security level.
    let one_keybox = first.chain.provisioning() != Provisioning::Factory
        || level(first) != level(second)
        || first.chain.attesting_key() == second.chain.attesting_key();
    // What anybody can make lends nothing to a genuine phone.
    made_up(first) == made_up(second)
        && first.chain.provisioning() == second.chain.provisioning()
        && one_keybox
        && of(one) == of(other)
        && same_text(&one.brand, &other.brand)
        && same_text(&one.manufacturer, &other.manufacturer)
        && same_text(&one.model, &other.model)
        && same_text(&one.serial, &other.serial)
}
