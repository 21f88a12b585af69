//! Evidence of a phone that nobody should parse, or believe, over the real route.

use estafette_attest::development::{DevelopmentAttestor, Phone};
use estafette_attest::{Evidence, Role, challenge};
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::{BeginResponse, EnrolmentState, claim_hash};
use estafette_protocol::texts::{Language, fault_advice, fault_sentence};
use estafette_protocol::{Fault, FaultCode};
use minicbor::bytes::ByteVec;

use crate::organisation::{Organisation, begin, complete};
use crate::running::{Folder, connect};

const MODEL: &str = "Stellar-X5";

/// The tag of the root of trust, [704], in DER.
const ROOT_OF_TRUST: [u8; 3] = [0xbf, 0x85, 0x40];

/// CBOR of chains that no encoder of ours would write.
fn chain_of(certificates: &[Vec<u8>]) -> Vec<u8> {
    let chain: Vec<ByteVec> = certificates.iter().cloned().map(Into::into).collect();
    [&[0xa1, 0x00][..], &estafette_protocol::codec::to_bytes(&chain)].concat()
}

/// The leaf with a tag whose number never ends.
fn with_endless_tag(mut chain: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let at = chain[0].windows(3).position(|bytes| bytes == ROOT_OF_TRUST).unwrap();
    chain[0][at..at + 6].fill(0xff);
    chain[0][at] = 0xbf;
    chain
}

fn swapped(mut chain: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    chain.swap(1, 2);
    chain
}

#[tokio::test]
async fn bad_evidence_is_refused_with_a_code_and_a_sentence_and_the_ticket_stays_good() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let invitation = organisation.invite_phone(&mut connection, 2, MODEL, Level::Software).await;
    let device = organisation.device_for(&invitation);
    let asked = begin(organisation.id, &invitation);
    let begun: BeginResponse = connection.post_value("/v1/enrol/begin", &asked).await.read();
    let claim = claim_hash(&invitation.secret.claim());
    let challenge = challenge(&begun.relay.0, &invitation.enrolment, &begun.nonce, &claim.0, Role::Device);
    let phone = Phone { manufacturer: "Crosscall", model: MODEL };
    let good = DevelopmentAttestor::new().attest(device.es256.verifying_key(), &challenge, phone);
    let Evidence { chain, .. } = good.clone();
    let fifty: Vec<Vec<u8>> = chain.iter().cycle().take(50).cloned().collect();
    let rejected = FaultCode::AttestationRejected;
    let cases = [
        (chain_of(&fifty), rejected, "parse_cert"),
        (chain_of(&vec![vec![0x30; 8000]; 8]), rejected, "parse_cert"),
        (vec![0; 1024 * 1024], FaultCode::TooLarge, ""),
        (chain_of(&with_endless_tag(chain.clone())), rejected, "parse_key_description"),
        (chain_of(&swapped(chain)), rejected, "name_chaining"),
        // Lengths and a depth that nobody has.
        (vec![0xa1, 0x00, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], rejected, "parse_cert"),
        (vec![0x81; 60_000], rejected, "parse_cert"),
    ];
    for (evidence, code, reason) in cases {
        let request = estafette_protocol::enrol::CompleteRequest {
            evidence: evidence.into(),
            ..complete(&device, &invitation)
        };
        let answer = connection.post_value("/v1/enrol/complete", &request).await;
        assert_eq!(answer.code(), code.as_str(), "{reason}");
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(told.contains(reason), "{reason}: {told}");
        for language in Language::ALL {
            let fault = Fault::new(code);
            assert!(
                !fault_sentence(language, &fault).is_empty() && !fault_advice(language, &fault).is_empty()
            );
        }
    }
    let request = estafette_protocol::enrol::CompleteRequest {
        evidence: good.to_bytes().into(),
        ..complete(&device, &invitation)
    };
    let state: EnrolmentState = connection.post_value("/v1/enrol/complete", &request).await.read();
    assert_eq!(state, EnrolmentState::Pending, "nothing of it burnt the ticket");
    relay.shutdown().await;
}
