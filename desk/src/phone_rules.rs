//! What this administrator's computer asks of phones, and its verdict on one that waits.
//!
//! The relay has judged already and is not believed: rules that came from it would be those of a relay
//! that lies. So they are this computer's own (`estafette admin phones`), and nobody approves a phone
//! before they name an application. Here, and only here, an attested serial number is compared: the relay
//! does not know it.
//!
//! Google's list of revoked keys is looked up if one was brought here; a stale one refuses. Without one
//! the relay's own look-up is all there is.

use std::collections::BTreeSet;

use estafette_attest::{
    AppleRules, Expected, ExpectedApple, PhoneEvidence, Policy, Reason, RevocationList, Role, SecurityLevel,
    Serial, TrustedRoot, verify_android, verify_apple,
};
use estafette_core::store::StoreError;
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::{Binding, PendingEnrolment};
use estafette_protocol::{Hash, Timestamp, codec};
use minicbor::{Decode, Encode};
use rusqlite::OptionalExtension as _;

use crate::administration::{Administration, Item};

/// Bytes of the rules' row.
const LARGEST: usize = 64 * 1024;

/// What this computer asks of phones.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PhoneRules {
    /// Android packages of the application.
    #[n(0)]
    pub packages: Vec<String>,
    /// Each set is all that a phone names as signers.
    #[n(1)]
    pub signers: Vec<Vec<Hash>>,
    /// The oldest patch level of Android, as YYYYMM.
    #[n(2)]
    pub minimum_patch_level: Option<u32>,
    /// Whether the key must live in a separate chip.
    #[n(3)]
    pub strong_box: bool,
    /// Whether the attesting key must have come from Google's servers.
    #[n(4)]
    pub require_rkp: bool,
    /// Applications of iPhones, as team, a dot, bundle.
    #[n(5)]
    pub apple_apps: Vec<String>,
}

impl PhoneRules {
    /// Before anybody has said anything: nobody passes, but for development's own chains in a program that
    /// was made for them.
    pub fn unsaid() -> Self {
        #[cfg(feature = "dev-attestation")]
        let (packages, signers, apple_apps) = {
            use estafette_attest::development::{APPLE_APPLICATION, APPLICATION, SIGNER};
            (vec![APPLICATION.to_owned()], vec![vec![Hash(SIGNER)]], vec![APPLE_APPLICATION.to_owned()])
        };
        #[cfg(not(feature = "dev-attestation"))]
        let (packages, signers, apple_apps) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            packages,
            signers,
            minimum_patch_level: None,
            strong_box: false,
            require_rkp: false,
            apple_apps,
        }
    }

    fn android(&self) -> Policy {
        let set = |digests: &Vec<Hash>| digests.iter().map(|digest| digest.0).collect::<BTreeSet<_>>();
        Policy {
            packages: Some(self.packages.iter().cloned().collect()),
            signers: Some(self.signers.iter().map(set).collect()),
            minimum_patch_level: self.minimum_patch_level,
            minimum_security_level: match self.strong_box {
                true => SecurityLevel::StrongBox,
                false => SecurityLevel::TrustedEnvironment,
            },
            require_rkp: self.require_rkp,
        }
    }

    fn apple(&self) -> AppleRules {
        #[cfg(feature = "dev-attestation")]
        let unsaid = estafette_attest::development::apple_rules();
        #[cfg(not(feature = "dev-attestation"))]
        let unsaid = AppleRules::default();
        AppleRules { applications: self.apple_apps.iter().cloned().collect(), ..unsaid }
    }
}

impl Administration {
    /// What this computer asks of phones.
    ///
    /// # Errors
    ///
    /// The records cannot be read.
    pub fn phone_rules(&self) -> Result<PhoneRules, StoreError> {
        let body: Option<Vec<u8>> =
            self.connection().query_row("SELECT body FROM phone_rules", [], |row| row.get(0)).optional()?;
        match body {
            Some(body) => codec::from_bytes(&body, LARGEST).map_err(|_| StoreError::Corrupt),
            None => Ok(PhoneRules::unsaid()),
        }
    }

    /// Sets what this computer asks of phones.
    ///
    /// # Errors
    ///
    /// The records cannot be written.
    pub fn put_phone_rules(&self, rules: &PhoneRules) -> Result<(), StoreError> {
        let query = "INSERT INTO phone_rules (id, body) VALUES (1, ?1)
                     ON CONFLICT (id) DO UPDATE SET body = excluded.body";
        self.connection().execute(query, [codec::to_bytes(rules)])?;
        Ok(())
    }

    /// The list of revoked keys that was brought here.
    ///
    /// # Errors
    ///
    /// The records cannot be read, or hold no list.
    pub fn revocation_list(&self) -> Result<Option<RevocationList>, StoreError> {
        let query = "SELECT fetched_at, body FROM revocation_list";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
        let Some((at, body)) = self.connection().query_row(query, [], read).optional()? else {
            return Ok(None);
        };
        let list = RevocationList::from_json(&body, Timestamp(at.unsigned_abs()));
        list.map(Some).map_err(|_| StoreError::Corrupt)
    }

    /// Keeps a list of revoked keys, judged before.
    ///
    /// # Errors
    ///
    /// The records cannot be written.
    pub fn put_revocation_list(&self, fetched_at: Timestamp, body: &[u8]) -> Result<(), StoreError> {
        let query = "INSERT INTO revocation_list (id, fetched_at, body) VALUES (1, ?1, ?2)
                     ON CONFLICT (id) DO UPDATE SET fetched_at = excluded.fetched_at, body = excluded.body";
        let at = i64::try_from(fetched_at.0).unwrap_or(i64::MAX);
        self.connection().execute(query, (at, body))?;
        Ok(())
    }
}

/// What a phone's evidence is judged by here.
pub struct Judge<'a> {
    /// What this computer asks.
    pub rules: &'a PhoneRules,
    /// The list that was brought here, if one was.
    pub revoked: Option<&'a RevocationList>,
    /// SHA-256 of the relay's signing key.
    pub relay: &'a Hash,
    /// The inventory's line.
    pub item: &'a Item,
    /// The hash of the ticket's claim.
    pub claim: &'a Hash,
    /// This computer's clock.
    pub now: Timestamp,
}

impl Judge<'_> {
    /// The level that the evidence proves.
    ///
    /// # Errors
    ///
    /// The checks that failed, as stable words.
    pub fn judge(&self, pending: &PendingEnrolment, binding: &Binding) -> Result<Level, Vec<String>> {
        let evidence = PhoneEvidence::from_bytes(&pending.evidence).map_err(|_| word(Reason::ParseCert))?;
        let key = &binding.es256.0;
        let challenge = |role| {
            estafette_attest::challenge(
                &self.relay.0,
                &pending.enrolment,
                &pending.nonce,
                &self.claim.0,
                role,
            )
        };
        // The level that was asked for is this computer's own word too, not what the relay says of it.
        let serial = match self.item.owned {
            true => Serial::Required(&self.item.serial),
            false => Serial::IfAttested(&self.item.serial),
        };
        let words = |reasons: Vec<Reason>| reasons.iter().map(ToString::to_string).collect::<Vec<_>>();
        match (evidence, self.item.platform == "ios") {
            (PhoneEvidence::Android(evidence), false) => {
                let expected = Expected {
                    challenge: Some(&challenge(Role::Device)),
                    id_challenge: Some(&challenge(Role::Id(key))),
                    key: Some(key),
                    model: Some(&self.item.model),
                    serial,
                    policy: &self.rules.android(),
                    roots: &roots(),
                    revoked: self.revoked,
                    now: self.now,
                };
                verify_android(&evidence, &expected).map(|facts| facts.level()).map_err(words)
            }
            (PhoneEvidence::Apple(evidence), true) => {
                let expected = ExpectedApple {
                    client_data_hash: &challenge(Role::AppAttest(key)),
                    id_challenge: &challenge(Role::Id(key)),
                    serial,
                    rules: &self.rules.apple(),
                    now: self.now,
                };
                verify_apple(&evidence, &expected).map(|facts| facts.level()).map_err(words)
            }
            _ => Err(vec!["platform".to_owned()]),
        }
    }
}

fn word(reason: Reason) -> Vec<String> {
    vec![reason.to_string()]
}

fn roots() -> Vec<TrustedRoot> {
    #[cfg_attr(
        not(feature = "dev-attestation"),
        expect(unused_mut, reason = "the second root is for development")
    )]
    let mut roots = estafette_attest::GOOGLE_ROOTS.to_vec();
    #[cfg(feature = "dev-attestation")]
    roots.push(estafette_attest::development::root());
    roots
}

#[cfg(all(test, feature = "dev-attestation"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use estafette_attest::development::{DevelopmentApple, DevelopmentAttestor, Phone};
    use estafette_protocol::enrol::{InventoryEntry, SignedBinding};
    use estafette_protocol::{
        AgentNumber, DeviceId, Ed25519Public, EnrolmentId, Es256Public, InventoryId, OrganisationId,
        Signature, X25519Public,
    };

    use super::*;

    const PHONE: Phone<'static> = Phone { manufacturer: "Google", model: "Pixel 9 Pro" };
    const NOW: Timestamp = Timestamp(1_795_348_800_000);
    const RELAY: Hash = Hash([1; 32]);
    const CLAIM: Hash = Hash([3; 32]);
    const NONCE: [u8; 32] = [2; 32];
    const ENROLMENT: EnrolmentId = EnrolmentId([6; 16]);

    fn key() -> (p256::ecdsa::SigningKey, Es256Public) {
        let key = p256::ecdsa::SigningKey::from_slice(&[1; 32]).unwrap();
        let public = Es256Public::from_slice(key.verifying_key().to_encoded_point(true).as_bytes()).unwrap();
        (key, public)
    }

    fn item(platform: &str) -> Item {
        Item {
            id: InventoryId([5; 16]),
            agent: AgentNumber(12),
            team: None,
            platform: platform.to_owned(),
            model: PHONE.model.to_owned(),
            serial: "41121FDAQ000RM".to_owned(),
            owned: false,
        }
    }

    fn evidence(platform: &str, serial: Option<&str>) -> Vec<u8> {
        let (signing, key) = key();
        let challenge = |role| estafette_attest::challenge(&RELAY.0, &ENROLMENT, &NONCE, &CLAIM.0, role);
        let id = challenge(Role::Id(&key.0));
        if platform == "ios" {
            let data = challenge(Role::AppAttest(&key.0));
            let evidence = DevelopmentApple::new().evidence(&signing, [&data, &id], serial);
            return PhoneEvidence::Apple(evidence).to_bytes();
        }
        let attestor = DevelopmentAttestor::new();
        let mut evidence = attestor.attest(signing.verifying_key(), &challenge(Role::Device), PHONE);
        evidence.id_chain =
            serial.map(|serial| attestor.attest_serial(signing.verifying_key(), &id, PHONE, serial));
        evidence.to_bytes()
    }

    fn judged(
        platform: &str,
        evidence: Vec<u8>,
        rules: &PhoneRules,
        revoked: Option<&RevocationList>,
    ) -> Result<Level, Vec<String>> {
        judged_item(&item(platform), evidence, rules, revoked)
    }

    fn judged_item(
        item: &Item,
        evidence: Vec<u8>,
        rules: &PhoneRules,
        revoked: Option<&RevocationList>,
    ) -> Result<Level, Vec<String>> {
        let (_, es256) = key();
        let binding = Binding {
            organisation: OrganisationId([4; 16]),
            enrolment: ENROLMENT,
            device: DeviceId([7; 16]),
            es256,
            ed25519: Ed25519Public([8; 32]),
            x25519: X25519Public([9; 32]),
            key_packages: Vec::new(),
        };
        let (empty, none) = (Vec::<u8>::new(), Signature([0; 64]));
        let pending = PendingEnrolment {
            enrolment: ENROLMENT,
            inventory: InventoryEntry {
                id: InventoryId([5; 16]),
                agent: AgentNumber(12),
                team: None,
                platform: item.platform.clone(),
                model: PHONE.model.to_owned(),
                serial: Hash([0; 32]),
                level: Level::Software,
            },
            nonce: NONCE,
            binding: SignedBinding {
                body: empty.clone().into(),
                es256: none,
                ed25519: none,
                mac: empty.into(),
            },
            evidence: evidence.into(),
            at: NOW,
        };
        let judge = Judge { rules, revoked, relay: &RELAY, item, claim: &CLAIM, now: NOW };
        judge.judge(&pending, &binding)
    }

    #[test]
    fn this_computer_judges_application_patch_level_and_revocation_itself() {
        let unsaid = PhoneRules::unsaid();
        let refused = |rules: &PhoneRules, list: Option<&RevocationList>| {
            judged("android", evidence("android", None), rules, list).unwrap_err()
        };
        assert_eq!(judged("android", evidence("android", None), &unsaid, None), Ok(Level::Software));
        let nobody = PhoneRules { packages: vec![], signers: vec![], ..unsaid.clone() };
        assert_eq!(refused(&nobody, None), ["app_package", "app_digest"]);
        let newer = PhoneRules { minimum_patch_level: Some(209_901), ..unsaid.clone() };
        assert_eq!(refused(&newer, None), ["patch_level"]);
        assert_eq!(refused(&PhoneRules { strong_box: true, ..unsaid.clone() }, None), ["security_level"]);
        let list = |at| RevocationList::from_json(br#"{"entries": {"2": {}}}"#, at).unwrap();
        assert_eq!(refused(&unsaid, Some(&list(NOW))), ["revoked"]);
        assert_eq!(refused(&unsaid, Some(&list(Timestamp(0)))), ["revoked", "status_list_stale"]);
    }

    #[test]
    fn an_attested_serial_number_is_that_of_the_inventory() {
        let unsaid = PhoneRules::unsaid();
        for platform in ["android", "ios"] {
            let with = |serial| judged(platform, evidence(platform, serial), &unsaid, None);
            assert_eq!(with(Some("41121FDAQ000RM")), Ok(Level::Software));
            assert_eq!(with(None), Ok(Level::Software));
            let owned = Item { owned: true, ..item(platform) };
            let lacks = judged_item(&owned, evidence(platform, None), &unsaid, None);
            assert_eq!(lacks, Err(vec!["inventory_serial".to_owned()]), "asked for, line by line");
            assert_eq!(with(Some("41121FDAQ000RN")), Err(vec!["inventory_serial".to_owned()]));
        }
        let nobody = PhoneRules { apple_apps: vec![], ..unsaid.clone() };
        assert_eq!(
            judged("ios", evidence("ios", None), &nobody, None),
            Err(vec!["app_id_mismatch".to_owned()])
        );
        assert_eq!(judged("ios", evidence("android", None), &unsaid, None), Err(vec!["platform".to_owned()]));
    }
}
