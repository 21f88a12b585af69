//! The administrator's side: is this enrolment what it says, and which acts approve it.
//!
//! The relay has checked all of it already and is not believed: the MAC proves that the keys
//! come from who read the ticket, the evidence is judged again here.

use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::enrol::{BadBinding, Binding, PendingEnrolment, TicketSecret};
use estafette_protocol::statement::{Act, History};
use estafette_protocol::{AgentNumber, InventoryId, OrganisationId, RosterId, TeamNumber};

/// Why an enrolment must not be approved.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// T is not one, or not signed by both its keys.
    #[error(transparent)]
    Binding(#[from] BadBinding),
    /// The keys do not come from the device that read the ticket: the relay may have put them there.
    #[error("the keys are not those of the device that read the ticket")]
    Mac,
    /// T was made for another enrolment or organisation.
    #[error("made for another enrolment")]
    Foreign,
    /// The relay shows another inventory entry than the administrator's own: another device, agent,
    /// team or model, or a phone passed off as a computer.
    #[error("the inventory entry is another one")]
    Inventory,
    /// The evidence does not hold; the checks that failed, as stable words.
    #[error("the evidence does not hold: {}", .0.join(", "))]
    Evidence(Vec<String>),
}

/// Judges a phone's evidence: gives the level that it proves, or the checks that failed.
pub type EvidenceJudge<'a> = dyn Fn(&PendingEnrolment, &Binding) -> Result<Level, Vec<String>> + 'a;

/// What the administrator's device kept when it made the ticket, and what its own inventory says.
/// Nothing of it is taken from the relay.
pub struct Approval<'a> {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The ticket's secret.
    pub secret: &'a TicketSecret,
    /// The inventory entry that the ticket is for.
    pub inventory: InventoryId,
    /// Whose it is to be.
    pub agent: AgentNumber,
    /// The team for whose rosters it is meant.
    pub team: Option<TeamNumber>,
    /// Its model.
    pub model: &'a str,
    /// Whether it is a computer, which brings no evidence.
    pub computer: bool,
    /// Judges the evidence: gives the level that it proves, or the checks that failed. Not called
    /// for a computer, which brings none.
    pub evidence: &'a EvidenceJudge<'a>,
}

/// Checks an enrolment and gives the certificate that approves it.
///
/// # Errors
///
/// It must not be approved, and why.
pub fn verify(pending: &PendingEnrolment, approval: &Approval<'_>) -> Result<Certificate, ApprovalError> {
    let binding = pending.binding.verify()?;
    if !pending.binding.verify_mac(&approval.secret.bind()) {
        return Err(ApprovalError::Mac);
    }
    if (binding.organisation, binding.enrolment) != (approval.organisation, pending.enrolment) {
        return Err(ApprovalError::Foreign);
    }
    let shown = &pending.inventory;
    if (shown.id, shown.agent, shown.team, shown.model.as_str())
        != (approval.inventory, approval.agent, approval.team, approval.model)
        || (shown.level == Level::Supervised) != approval.computer
    {
        return Err(ApprovalError::Inventory);
    }
    let level = match approval.computer {
        true => Level::Supervised,
        false => (approval.evidence)(pending, &binding).map_err(ApprovalError::Evidence)?,
    };
    Ok(Certificate {
        device: binding.device,
        agent: approval.agent,
        es256: binding.es256,
        ed25519: binding.ed25519,
        x25519: binding.x25519,
        level,
        inventory: approval.inventory,
    })
}

/// The acts that put a certificate in force and admit its device to rosters.
pub fn admissions(certificate: Certificate, rosters: &[RosterId], history: History) -> Vec<Act> {
    let device = certificate.device;
    let admissions = rosters.iter().map(|roster| Act::Admit { roster: *roster, device, history });
    std::iter::once(Act::Certify(certificate)).chain(admissions).collect()
}

#[cfg(test)]
mod tests {
    use estafette_protocol::enrol::{InventoryEntry, SignedBinding, binding_mac};
    use estafette_protocol::sign::{self, Domain};
    use estafette_protocol::{
        DeviceId, Ed25519Public, EnrolmentId, Es256Public, Hash, Signature, Timestamp, X25519Public, codec,
    };
    use p256::ecdsa::signature::Signer as _;

    use super::*;

    const SECRET: TicketSecret = TicketSecret([3; 16]);
    const ORGANISATION: OrganisationId = OrganisationId([4; 16]);
    const ENTRY: InventoryId = InventoryId([5; 16]);
    const AGENT: AgentNumber = AgentNumber(12);

    fn binding() -> Binding {
        let es256 = p256::ecdsa::SigningKey::from_slice(&[1; 32]).unwrap();
        let point = es256.verifying_key().to_encoded_point(true);
        Binding {
            organisation: ORGANISATION,
            enrolment: EnrolmentId([6; 16]),
            device: DeviceId([7; 16]),
            es256: Es256Public::from_slice(point.as_bytes()).unwrap(),
            ed25519: Ed25519Public(
                ed25519_dalek::SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes(),
            ),
            x25519: X25519Public([8; 32]),
            key_packages: vec![Hash([9; 32])],
        }
    }

    fn pending(binding: &Binding, bind: &[u8; 32], level: Level) -> PendingEnrolment {
        let body = codec::to_bytes(binding);
        let es256 = p256::ecdsa::SigningKey::from_slice(&[1; 32]).unwrap();
        let signed: p256::ecdsa::Signature = es256.sign(&Domain::Enrolment.message(&[&body]));
        let ed25519 = ed25519_dalek::SigningKey::from_bytes(&[2; 32]);
        PendingEnrolment {
            enrolment: EnrolmentId([6; 16]),
            inventory: InventoryEntry {
                id: ENTRY,
                agent: AGENT,
                team: Some(TeamNumber(1)),
                platform: "android".to_owned(),
                model: "Pixel 9 Pro".to_owned(),
                serial: Hash([0; 32]),
                level,
            },
            nonce: [0; 32],
            binding: SignedBinding {
                es256: Signature(signed.to_bytes().into()),
                ed25519: Signature(sign::ed25519(&ed25519, Domain::Enrolment, &[&body])),
                mac: binding_mac(bind, &body).into(),
                body: body.into(),
            },
            evidence: vec![1, 2, 3].into(),
            at: Timestamp(0),
        }
    }

    fn judged(pending: &PendingEnrolment) -> Result<Certificate, ApprovalError> {
        judged_as(pending, false)
    }

    fn judged_as(pending: &PendingEnrolment, computer: bool) -> Result<Certificate, ApprovalError> {
        let evidence = |pending: &PendingEnrolment, _: &Binding| match pending.evidence[..] {
            [1, 2, 3] => Ok(Level::Attested),
            _ => Err(vec!["bad_signature".to_owned()]),
        };
        let approval = Approval {
            organisation: ORGANISATION,
            secret: &SECRET,
            inventory: ENTRY,
            agent: AGENT,
            team: Some(TeamNumber(1)),
            model: "Pixel 9 Pro",
            computer,
            evidence: &evidence,
        };
        verify(pending, &approval)
    }

    #[test]
    fn a_phone_that_read_the_ticket_gets_a_certificate_with_its_keys_and_the_level_proved() {
        let certificate = judged(&pending(&binding(), &SECRET.bind(), Level::Attested)).unwrap();
        let Binding { device, es256, ed25519, x25519, .. } = binding();
        let expected = Certificate {
            device,
            agent: AGENT,
            es256,
            ed25519,
            x25519,
            level: Level::Attested,
            inventory: ENTRY,
        };
        assert_eq!(certificate, expected);
    }

    #[test]
    fn a_computer_brings_no_evidence_and_is_supervised() {
        let mut computer = pending(&binding(), &SECRET.bind(), Level::Supervised);
        computer.evidence = Vec::new().into();
        assert_eq!(judged_as(&computer, true).unwrap().level, Level::Supervised);
    }

    #[test]
    fn keys_that_the_relay_slipped_in_are_refused() {
        let foreign = pending(&binding(), &TicketSecret([99; 16]).bind(), Level::Attested);
        assert!(matches!(judged(&foreign), Err(ApprovalError::Mac)));
        let mut without = pending(&binding(), &SECRET.bind(), Level::Attested);
        without.binding.mac = Vec::new().into();
        assert!(matches!(judged(&without), Err(ApprovalError::Mac)));
    }

    #[test]
    fn a_binding_that_one_key_did_not_sign_is_refused() {
        for forged in [0, 1] {
            let mut pending = pending(&binding(), &SECRET.bind(), Level::Attested);
            match forged {
                0 => pending.binding.es256 = Signature([1; 64]),
                _ => pending.binding.ed25519 = Signature([1; 64]),
            }
            assert!(matches!(judged(&pending), Err(ApprovalError::Binding(_))));
        }
    }

    #[test]
    fn what_the_relay_says_otherwise_than_the_administrator_s_inventory_is_refused() {
        let alien = Binding { organisation: OrganisationId([0; 16]), ..binding() };
        assert!(matches!(
            judged(&pending(&alien, &SECRET.bind(), Level::Attested)),
            Err(ApprovalError::Foreign)
        ));
        let other = Binding { enrolment: EnrolmentId([0; 16]), ..binding() };
        assert!(matches!(
            judged(&pending(&other, &SECRET.bind(), Level::Attested)),
            Err(ApprovalError::Foreign)
        ));
        let changes: [fn(&mut InventoryEntry); 5] = [
            |entry| entry.id = InventoryId([0; 16]),
            |entry| entry.agent = AgentNumber(13),
            |entry| entry.team = None,
            |entry| entry.model = "iPhone".to_owned(),
            // Would need no evidence.
            |entry| entry.level = Level::Supervised,
        ];
        for change in changes {
            let mut moved = pending(&binding(), &SECRET.bind(), Level::Attested);
            change(&mut moved.inventory);
            assert!(matches!(judged(&moved), Err(ApprovalError::Inventory)));
        }
    }

    #[test]
    fn evidence_that_does_not_hold_names_its_checks() {
        let mut pending = pending(&binding(), &SECRET.bind(), Level::Attested);
        pending.evidence = vec![0].into();
        match judged(&pending) {
            Err(ApprovalError::Evidence(reasons)) => assert_eq!(reasons, ["bad_signature"]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn approval_certifies_first_and_admits_to_every_roster() {
        let certificate = judged(&pending(&binding(), &SECRET.bind(), Level::Attested)).unwrap();
        let rosters = [RosterId([1; 32]), RosterId([2; 32])];
        let acts = admissions(certificate.clone(), &rosters, History::All);
        let admit = |roster| Act::Admit { roster, device: certificate.device, history: History::All };
        assert_eq!(acts, [Act::Certify(certificate.clone()), admit(rosters[0]), admit(rosters[1])]);
    }
}
