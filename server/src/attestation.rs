//! Between the relay and the verifier of evidence: which proof an inventory entry asks for.
//!
//! Always true: whoever is admitted was judged by [`Rules`] that somebody stated; rules that name
//! no application admit no phone. The relay does not know serial numbers: it sees that one is
//! attested, and the administrator's desk, which signs the certificate, compares it.

use estafette_attest::{
    AppleRules, Evidence, Expected, ExpectedApple, Facts, PhoneEvidence, Policy, Reason, RevocationList,
    Role, Serial, TrustedRoot, challenge, is_same_phone, verify_android, verify_apple, verify_apple_again,
};
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::{Binding, InventoryEntry};
use estafette_protocol::reattestation::Renewed;
use estafette_protocol::{Fault, FaultCode, Hash, Timestamp};

use crate::store::PhoneRow;

/// The platform of an inventory entry for an iPhone.
const IPHONE: &str = "ios";

/// By what the relay judges evidence; the same for all organisations of a relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The keys at which a chain of certificates may end.
    pub roots: Vec<TrustedRoot>,
    /// What is asked of Android phones.
    pub policy: Policy,
    /// What is asked of iPhones.
    pub apple: AppleRules,
    /// Whether an Android phone is admitted only while a fresh list of revoked keys is at hand.
    pub list_required: bool,
}

/// What a device's answer is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// SHA-256 of the relay's signing key.
    pub relay: Hash,
    /// The nonce of the challenge.
    pub nonce: [u8; 32],
    /// The hash of the ticket's claim.
    pub claim: Hash,
    /// What the device binds together.
    pub binding: &'a Binding,
    /// The inventory entry of the ticket.
    pub inventory: &'a InventoryEntry,
    /// By what it is judged.
    pub rules: &'a Rules,
    /// Google's list, if there is one.
    pub revoked: Option<&'a RevocationList>,
    /// The relay's clock.
    pub now: Timestamp,
}

impl Trial<'_> {
    fn challenge(&self, role: Role<'_>) -> [u8; 32] {
        challenge(&self.relay.0, &self.binding.enrolment, &self.nonce, &self.claim.0, role)
    }
}

/// How strongly the evidence proves the device. A computer brings none and is `supervised`: its
/// approval by a person is the proof.
///
/// # Errors
///
/// `status_list_stale` where the list of revoked keys is missing or old, which is not the phone's
/// fault; `not_in_inventory` where a genuine phone is of another model than the entry's; else
/// `attestation_rejected` with the checks that failed.
pub fn prove(trial: &Trial<'_>, evidence: &[u8]) -> Result<Level, Fault> {
    if trial.inventory.level == Level::Supervised {
        return match evidence.is_empty() {
            true => Ok(Level::Supervised),
            false => Err(rejected(vec!["evidence_unexpected".to_owned()])),
        };
    }
    let key = &trial.binding.es256.0;
    let evidence = match (read(evidence)?, trial.inventory.platform == IPHONE) {
        (PhoneEvidence::Android(evidence), false) => evidence,
        (PhoneEvidence::Apple(evidence), true) => {
            let expected = ExpectedApple {
                client_data_hash: &trial.challenge(Role::AppAttest(key)),
                id_challenge: &trial.challenge(Role::Id(key)),
                serial: Serial::Unknown,
                rules: &trial.rules.apple,
                now: trial.now,
            };
            let facts = verify_apple(&evidence, &expected).map_err(all)?;
            return at_least(facts.level(), trial.inventory.level);
        }
        _ => return Err(rejected(vec!["platform".to_owned()])),
    };
    if trial.rules.list_required && trial.revoked.is_none() {
        return Err(FaultCode::StatusListStale.into());
    }
    let expected = Expected {
        challenge: Some(&trial.challenge(Role::Device)),
        id_challenge: Some(&trial.challenge(Role::Id(key))),
        key: Some(key),
        model: Some(&trial.inventory.model),
        serial: Serial::Unknown,
        policy: &trial.rules.policy,
        roots: &trial.rules.roots,
        revoked: trial.revoked,
        now: trial.now,
    };
    at_least(android(&evidence, &expected)?.level(), trial.inventory.level)
}

fn android(evidence: &Evidence, expected: &Expected<'_>) -> Result<Facts, Fault> {
    verify_android(evidence, expected).map_err(|reasons| match reasons[..] {
        [Reason::InventoryModel] => Fault::new(FaultCode::NotInInventory),
        [Reason::StatusListStale] => Fault::new(FaultCode::StatusListStale),
        _ => all(reasons),
    })
}

fn all(reasons: Vec<Reason>) -> Fault {
    rejected(reasons.into_iter().map(|reason| reason.as_str().to_owned()).collect())
}

fn read(evidence: &[u8]) -> Result<PhoneEvidence, Fault> {
    PhoneEvidence::from_bytes(evidence).map_err(|_| rejected(vec![Reason::ParseCert.as_str().to_owned()]))
}

fn at_least(proved: Level, due: Level) -> Result<Level, Fault> {
    match proved >= due {
        true => Ok(proved),
        false => Err(rejected(vec!["level".to_owned()])),
    }
}

/// What the fresh evidence of a phone in use is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Retrial<'a> {
    /// Whose it is.
    pub renewed: &'a Renewed<'a>,
    /// The nonce of the challenge.
    pub nonce: &'a [u8; 32],
    /// What it has shown before.
    pub before: &'a PhoneRow,
    /// What its certificate says; the fresh evidence proves no less.
    pub level: Level,
    /// The model of its inventory entry.
    pub model: &'a str,
    /// By what it is judged.
    pub rules: &'a Rules,
    /// Google's list, if there is one.
    pub revoked: Option<&'a RevocationList>,
    /// The relay's clock.
    pub now: Timestamp,
}

/// Judges fresh evidence by the rules of an enrolment: it must come from the phone that enrolled. Gives
/// the counter to be kept, 0 for a phone that has none.
///
/// # Errors
///
/// As [`prove`]; the reason `other_phone` for a genuine one that is not the same.
pub fn prove_again(trial: &Retrial<'_>, evidence: &[u8]) -> Result<u32, Fault> {
    let (evidence, before) = match (read(evidence)?, read(&trial.before.enrolled)?) {
        (PhoneEvidence::Android(evidence), PhoneEvidence::Android(before)) => (evidence, before),
        (PhoneEvidence::Assertion(assertion), PhoneEvidence::Apple(before)) => {
            let (challenge, rules) = (trial.renewed.challenge(trial.nonce), &trial.rules.apple);
            return verify_apple_again(&assertion, &before, &challenge, trial.before.counter, rules)
                .map_err(all);
        }
        _ => return Err(rejected(vec!["platform".to_owned()])),
    };
    if trial.rules.list_required && trial.revoked.is_none() {
        return Err(FaultCode::StatusListStale.into());
    }
    let expected = Expected {
        challenge: Some(&trial.renewed.challenge(trial.nonce)),
        id_challenge: Some(&trial.renewed.id_challenge(trial.nonce)),
        // A passing key: which one does not matter, since its challenge names the device's own.
        key: None,
        model: Some(trial.model),
        serial: Serial::Unknown,
        policy: &trial.rules.policy,
        roots: &trial.rules.roots,
        revoked: trial.revoked,
        now: trial.now,
    };
    at_least(android(&evidence, &expected)?.level(), trial.level)?;
    match is_same_phone(&before, &evidence) {
        true => Ok(0),
        false => Err(rejected(vec!["other_phone".to_owned()])),
    }
}

fn rejected(reasons: Vec<String>) -> Fault {
    Fault::new(FaultCode::AttestationRejected).with_reasons(reasons)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use estafette_attest::AppleRoot;
    use estafette_attest::development::{self, DevelopmentApple, DevelopmentAttestor, Phone};
    use estafette_protocol::{
        AgentNumber, DeviceId, Ed25519Public, EnrolmentId, Es256Public, InventoryId, OrganisationId,
        X25519Public,
    };
    use p256::ecdsa::SigningKey;

    use super::*;

    const PHONE: Phone<'static> = Phone { manufacturer: "Google", model: "Pixel 9 Pro" };
    const SERIAL: &str = "41121FDAQ000RM";
    const NOW: Timestamp = Timestamp(1_795_348_800_000);

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_slice(&[seed; 32]).unwrap()
    }

    fn binding() -> Binding {
        let point = key(1).verifying_key().to_encoded_point(true);
        Binding {
            organisation: OrganisationId([4; 16]),
            enrolment: EnrolmentId([6; 16]),
            device: DeviceId([7; 16]),
            es256: Es256Public::from_slice(point.as_bytes()).unwrap(),
            ed25519: Ed25519Public([8; 32]),
            x25519: X25519Public([9; 32]),
            key_packages: Vec::new(),
        }
    }

    fn entry(level: Level) -> InventoryEntry {
        InventoryEntry {
            id: InventoryId([5; 16]),
            agent: AgentNumber(12),
            team: None,
            platform: "android".to_owned(),
            model: PHONE.model.to_owned(),
            serial: Hash([0; 32]),
            level,
        }
    }

    /// Rules that take the development chains for a maker's, since levels follow from that.
    fn rules() -> Rules {
        let maker = TrustedRoot { development: false, ..development::root() };
        let apple = AppleRoot { development: false, ..DevelopmentApple::new().roots() };
        let apple = AppleRules { roots: vec![apple], ..development::apple_rules() };
        Rules { roots: vec![maker], policy: development::policy(), apple, list_required: false }
    }

    fn list(entries: &str, fetched_at: Timestamp) -> RevocationList {
        let text = format!(r#"{{"entries": {{{entries}}}}}"#);
        RevocationList::from_json(text.as_bytes(), fetched_at).unwrap()
    }

    /// The verdict on a phone that brings a second chain for a role, or none.
    fn judged(
        level: Level,
        second: Option<Role<'_>>,
        rules: &Rules,
        revoked: Option<&RevocationList>,
    ) -> Result<Level, Fault> {
        let (binding, inventory) = (binding(), entry(level));
        let (relay, nonce, claim) = (Hash([1; 32]), [2; 32], Hash([3; 32]));
        let trial =
            Trial { relay, nonce, claim, binding: &binding, inventory: &inventory, rules, revoked, now: NOW };
        let attestor = DevelopmentAttestor::new();
        let challenge = trial.challenge(Role::Device);
        let mut evidence = attestor.attest(key(1).verifying_key(), &challenge, PHONE);
        evidence.id_chain = second.map(|role| {
            attestor.attest_serial(key(2).verifying_key(), &trial.challenge(role), PHONE, SERIAL)
        });
        prove(&trial, &evidence.to_bytes())
    }

    fn reasons(verdict: Result<Level, Fault>) -> (FaultCode, Vec<String>) {
        let fault = verdict.unwrap_err();
        (fault.code, fault.reasons.unwrap_or_default())
    }

    #[test]
    fn a_phone_is_owned_by_a_second_chain_for_its_own_key_and_attested_without() {
        let own = Role::Id(&binding().es256.0);
        assert_eq!(judged(Level::Attested, None, &rules(), None), Ok(Level::Attested));
        assert_eq!(judged(Level::Attested, Some(own), &rules(), None), Ok(Level::Owned));
        assert_eq!(judged(Level::Owned, Some(own), &rules(), None), Ok(Level::Owned));
        let without = reasons(judged(Level::Owned, None, &rules(), None));
        assert_eq!(without, (FaultCode::AttestationRejected, vec!["level".to_owned()]));
    }

    #[test]
    fn a_second_chain_for_another_device_s_key_lends_no_serial_number() {
        for role in [Role::Id(&[2; 33]), Role::Device] {
            let (code, reasons) = reasons(judged(Level::Attested, Some(role), &rules(), None));
            assert_eq!(code, FaultCode::AttestationRejected);
            assert_eq!(reasons, ["challenge_mismatch", "id_chain"]);
        }
    }

    #[test]
    fn without_a_fresh_list_of_revoked_keys_no_phone_is_admitted_where_one_is_required() {
        let rules = Rules { list_required: true, ..rules() };
        let stale = |list| judged(Level::Attested, None, &rules, list).unwrap_err();
        assert_eq!(stale(None), Fault::new(FaultCode::StatusListStale));
        assert_eq!(stale(Some(&list("", Timestamp(0)))), Fault::new(FaultCode::StatusListStale));
        let fresh = list("", NOW);
        assert_eq!(judged(Level::Attested, None, &rules, Some(&fresh)), Ok(Level::Attested));
        // Every other reason than the list's age is the phone's.
        let (code, reasons) =
            reasons(judged(Level::Attested, None, &rules, Some(&list(r#""2": {}"#, Timestamp(0)))));
        assert_eq!(code, FaultCode::AttestationRejected);
        assert_eq!(reasons, ["revoked", "status_list_stale"]);
    }

    #[test]
    fn a_list_at_hand_counts_also_where_none_is_required() {
        let (code, reasons) =
            reasons(judged(Level::Attested, None, &rules(), Some(&list(r#""2": {}"#, NOW))));
        assert_eq!((code, reasons), (FaultCode::AttestationRejected, vec!["revoked".to_owned()]));
    }

    #[test]
    fn rules_that_name_no_application_admit_nobody() {
        let rules = Rules { policy: Policy::default(), ..rules() };
        let (_, reasons) = reasons(judged(Level::Attested, None, &rules, None));
        assert_eq!(reasons, ["app_package", "app_digest"]);
    }

    /// The verdict on an iPhone's evidence for an entry of a platform, with a stale list required.
    fn judged_iphone(platform: &str, level: Level, serial: Option<&str>) -> Result<Level, Fault> {
        let rules = Rules { list_required: true, ..rules() };
        let inventory = InventoryEntry { platform: platform.to_owned(), ..entry(level) };
        let (binding, relay, nonce, claim) = (binding(), Hash([1; 32]), [2; 32], Hash([3; 32]));
        let trial = Trial {
            relay,
            nonce,
            claim,
            binding: &binding,
            inventory: &inventory,
            rules: &rules,
            revoked: None,
            now: NOW,
        };
        let own = &binding.es256.0;
        let challenges = [&trial.challenge(Role::AppAttest(own)), &trial.challenge(Role::Id(own))];
        let evidence = DevelopmentApple::new().evidence(&key(3), challenges, serial);
        prove(&trial, &PhoneEvidence::Apple(evidence).to_bytes())
    }

    #[test]
    fn an_iphone_is_judged_by_its_own_rules_and_for_an_entry_of_its_platform() {
        assert_eq!(judged_iphone("ios", Level::Attested, None), Ok(Level::Attested));
        assert_eq!(judged_iphone("ios", Level::Owned, Some(SERIAL)), Ok(Level::Owned));
        assert_eq!(reasons(judged_iphone("ios", Level::Owned, None)).1, ["level"]);
        assert_eq!(reasons(judged_iphone("android", Level::Attested, None)).1, ["platform"]);
    }

    #[test]
    fn a_computer_brings_no_evidence_and_a_phone_must() {
        let (binding, rules) = (binding(), rules());
        let proved = |level, evidence: &[u8]| {
            let trial = Trial {
                relay: Hash([1; 32]),
                nonce: [2; 32],
                claim: Hash([3; 32]),
                binding: &binding,
                inventory: &entry(level),
                rules: &rules,
                revoked: None,
                now: NOW,
            };
            prove(&trial, evidence)
        };
        assert_eq!(proved(Level::Supervised, &[]), Ok(Level::Supervised));
        assert_eq!(reasons(proved(Level::Supervised, &[0])).1, ["evidence_unexpected"]);
        assert_eq!(reasons(proved(Level::Attested, &[])).1, ["parse_cert"]);
    }
}
