//! Stored and signed bytes: they come back as they were, hostile ones are refused without a
//! panic, and the recorded ones never change.
#![expect(clippy::unwrap_used, reason = "a test ends where its story does not hold")]

use estafette_protocol::alias::{Aliases, ThreadRef};
use estafette_protocol::announcement::{Announced, Receipt};
use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::chain::{HeadClaim, Placement};
use estafette_protocol::codec::{self, CodecError};
use estafette_protocol::dated_head::DatedHead;
use estafette_protocol::enrol::{Ticket, TicketSecret};
use estafette_protocol::entry::{
    Deed, EntryKind, Header, ItemKind, Operation, Payload, Place, SealedEntry, Urgency, WireEntry,
};
use estafette_protocol::exchange::{ExchangeBody, ExchangeRequest, Proof};
use estafette_protocol::frame::*;
use estafette_protocol::handshake::{CommitHeader, CommitNote, RosterName};
use estafette_protocol::hours::LegalBasis;
use estafette_protocol::statement::{Act, Class, History, SignedStatement, Signer, Statement};
use estafette_protocol::urgency::Terms;
use estafette_protocol::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn bytes<const N: usize>() -> impl Strategy<Value = [u8; N]> {
    vec(any::<u8>(), N).prop_map(|bytes| bytes.try_into().unwrap())
}

prop_compose! {
    fn header()(
        thread in bytes(), uid in bytes(), salt in bytes(), epoch: u64, generation: u32,
        urgency in prop_oneof![Just(Urgency::Normal), Just(Urgency::OnCall), Just(Urgency::Emergency)],
        due in proptest::option::of(any::<u64>()), escalation in proptest::option::of(any::<u16>()),
        announced in proptest::option::of((bytes(), bytes(), proptest::option::of(bytes()))),
        terms in proptest::option::of((any::<u16>(), "[a-zé ]{0,40}", any::<u64>())),
    ) -> Header {
        Header {
            version: 1, urgency, kind: EntryKind::Create, thread: ThreadId(thread),
            generation: RosterGeneration(generation), epoch: Epoch(epoch), uid: EntryUid(uid), salt: Salt(salt),
            acknowledgement_due: due.map(Timestamp), escalation_minutes: escalation,
            announced: announced.map(|(version, common, corrects)| Announced {
                version: EntryUid(version), common: Hash(common), corrects: corrects.map(EntryUid),
            }),
            terms: terms.map(|(basis, reason, until)| Terms {
                basis: LegalBasis(basis), reason, until: Timestamp(until),
            }),
        }
    }
}

fn header_of(thread: u8) -> Header {
    Header {
        version: 1,
        urgency: Urgency::Normal,
        kind: EntryKind::Create,
        thread: ThreadId([thread; 32]),
        generation: RosterGeneration(0),
        epoch: Epoch(3),
        uid: EntryUid([2; 16]),
        salt: Salt([3; 8]),
        acknowledgement_due: None,
        escalation_minutes: None,
        announced: None,
        terms: None,
    }
}

fn statement() -> Statement {
    let certificate = Certificate {
        device: DeviceId([1; 16]),
        agent: AgentNumber(12),
        es256: Es256Public([2; 33]),
        ed25519: Ed25519Public([3; 32]),
        x25519: X25519Public([4; 32]),
        level: Level::Supervised,
        inventory: InventoryId([5; 16]),
    };
    let roster = RosterId([6; 32]);
    Statement {
        organisation: OrganisationId([9; 16]),
        number: StatementNumber(7),
        previous: Hash([8; 32]),
        at: Timestamp(1_790_000_000_000),
        signer: Signer::Device(DeviceId([1; 16])),
        acts: vec![
            Act::Certify(certificate),
            Act::CreateRoster {
                roster,
                class: Class::Service,
                team: Some(TeamNumber(3)),
                retention_days: 365,
            },
            Act::Admit { roster, device: DeviceId([1; 16]), history: History::All },
        ],
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn recorded_bytes_of_what_is_stored_and_signed_stay_as_they_are() {
    let payload = Payload {
        author: DeviceId([1; 16]),
        statement: StatementNumber(7),
        operation: codec::to_bytes(&Operation {
            written_at: Timestamp(1_790_000_000_000),
            deed: Deed::Message { change: vec![0xaa, 0xbb].into(), parents: vec![EntryUid([4; 16])] },
        })
        .into(),
        place: Some(Place { generation: LogGeneration([5; 8]), position: Position(300), chain: [6; 8] }),
    };
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let signed = SignedStatement::sign(&statement(), &key);
    insta::assert_snapshot!("header", hex(&codec::to_bytes(&header_of(1))));
    let announced = Announced { version: EntryUid([5; 16]), common: Hash([6; 32]), corrects: None };
    let announcing =
        Header { announced: Some(announced), acknowledgement_due: Some(Timestamp(9)), ..header_of(1) };
    insta::assert_snapshot!("header_of_an_announcement", hex(&codec::to_bytes(&announcing)));
    let deed = Deed::Announce { key: [7; 32].into() };
    let announce = Operation { written_at: Timestamp(8), deed };
    insta::assert_snapshot!("operation_announce", hex(&codec::to_bytes(&announce)));
    let receipt = Receipt {
        thread: ThreadId([1; 32]),
        version: EntryUid([5; 16]),
        common: Hash([6; 32]),
        device: DeviceId([4; 16]),
        at: Timestamp(10),
        signature: Signature([0; 64]),
    };
    let receipt = receipt.sign(OrganisationId([9; 16]), &ed25519_dalek::SigningKey::from_bytes(&[7; 32]));
    insta::assert_snapshot!("receipt", hex(&codec::to_bytes(&receipt)));
    insta::assert_snapshot!("payload", hex(&codec::to_bytes(&payload)));
    let deed = Deed::Create {
        kind: ItemKind::Message,
        content: vec![0xaa, 0xbb].into(),
        parents: None,
        mentions: None,
    };
    let operation = Operation { written_at: Timestamp(1_790_000_000_000), deed };
    insta::assert_snapshot!("operation_create", hex(&codec::to_bytes(&operation)));
    insta::assert_snapshot!("statement", hex(&codec::to_bytes(&signed)));
    insta::assert_snapshot!("statement_link", signed.hash().to_string());
    let at = Timestamp(1_790_000_000_000);
    let head = (StatementNumber(300), Hash([8; 32]));
    let dated = DatedHead::sign(OrganisationId([9; 16]), head, at, DeviceId([1; 16]), &key);
    insta::assert_snapshot!("dated_head", hex(&codec::to_bytes(&dated)));
    let note = CommitNote::Close { statements: vec![StatementNumber(4), StatementNumber(300)] };
    insta::assert_snapshot!("commit_note", hex(&codec::to_bytes(&note)));
    let pair = RosterName::pair(Class::Personnel, AgentNumber(9), AgentNumber(2)).unwrap();
    insta::assert_snapshot!("pair_roster", pair.id(OrganisationId([9; 16])).to_string());
    let placement = Placement {
        position: Position(1),
        received_at: Timestamp(1_790_000_000_000),
        statement: StatementNumber(7),
    };
    let entry = SealedEntry { header: header_of(1), sealed: vec![1, 2, 3] };
    let link = chain::next(chain::start(ThreadId([1; 32])), entry.hash(), placement);
    insta::assert_snapshot!("chain_link", link.to_string());
    let claim = HeadClaim {
        organisation: OrganisationId([9; 16]),
        generation: LogGeneration([5; 8]),
        thread: ThreadId([1; 32]),
        position: Position(1),
        hash: link,
    };
    insta::assert_snapshot!("thread_head", claim.sign(&key).to_string());
    let proof = Proof {
        organisation: OrganisationId([9; 16]),
        device: DeviceId([1; 16]),
        auth_epoch: AuthEpoch(2),
        number: 9,
        signature: Signature([0; 64]),
    };
    insta::assert_snapshot!("exchange_proof", hex(&proof.message(&Hash([1; 32]), b"body")));
}

#[test]
fn a_pairs_roster_has_one_name_whoever_asks_and_another_in_each_class_and_organisation() {
    let pair = |class, one, other| RosterName::pair(class, AgentNumber(one), AgentNumber(other));
    let here = OrganisationId([1; 16]);
    let name = pair(Class::Service, 4, 9).unwrap();
    assert_eq!(name, pair(Class::Service, 9, 4).unwrap());
    assert_ne!(name.id(here), pair(Class::Personnel, 4, 9).unwrap().id(here));
    assert_ne!(name.id(here), name.id(OrganisationId([2; 16])));
    assert_eq!(pair(Class::Service, 4, 4), None);
    assert_eq!(pair(Class::Diffusion, 4, 9), None);
}

#[test]
fn a_ticket_reads_back_from_its_text_and_a_damaged_one_does_not() {
    let ticket = Ticket {
        address: "relais.example.org:8443".into(),
        pin: Hash([1; 32]),
        organisation_key: Some(Ed25519Public([2; 32])),
        relay_key: Some(Ed25519Public([9; 32])),
        enrolment: EnrolmentId([3; 16]),
        secret: TicketSecret([4; 16]),
    };
    let text = ticket.to_string();
    let read: Ticket = format!(" {text}\n").parse().unwrap();
    assert!(read == ticket);
    assert_ne!(ticket.secret.claim(), ticket.secret.bind());
    for damaged in [&text[..text.len() - 70], "https://e?v=1", "", &text.replace("v=1", "v=2")] {
        assert!(damaged.parse::<Ticket>().is_err(), "{damaged}");
    }
}

#[test]
fn a_frame_over_its_limit_is_refused_before_it_is_read() {
    let huge = vec![0x9f; limits::FRAME + 1];
    let refused = CodecError::TooLarge { len: limits::FRAME + 1, limit: limits::FRAME };
    assert_eq!(Request::from_bytes(&huge), Err(refused.clone()));
    assert_eq!(Message::from_bytes(&huge), Err(refused));
}

#[test]
fn fields_of_a_newer_version_are_skipped() {
    // A certificate with a field 99 that this version does not know.
    let known = match &statement().acts[0] {
        Act::Certify(certificate) => certificate.clone(),
        _ => unreachable!(),
    };
    let mut newer = codec::to_bytes(&known);
    assert_eq!(newer[0], 0xa7, "a map of seven fields");
    newer[0] = 0xa8;
    newer.extend([0x18, 99, 0x82, 1, 2]);
    assert_eq!(codec::from_bytes::<Certificate>(&newer, 4096), Ok(known));
}

#[test]
fn a_thread_crosses_a_session_in_full_once() {
    let (mut sender, mut receiver) = (Aliases::default(), Aliases::default());
    let entry = |thread| WireEntry::from(SealedEntry { header: header_of(thread), sealed: vec![7; 40] });
    let request =
        Request { id: 1, body: RequestBody::Append { entries: vec![entry(1), entry(2), entry(1)] } };
    let mut short = request.clone();
    sender.shorten(&mut short).unwrap();
    let sent = codec::to_bytes(&short);
    assert_eq!(codec::to_bytes(&request).len() - sent.len(), 33);
    let mut read = Request::from_bytes(&sent).unwrap();
    receiver.expand(&mut read).unwrap();
    assert_eq!(read, request);
    let mut again = Request {
        id: 2,
        body: RequestBody::Range { thread: ThreadRef::Alias(7), from: Position(1), to: Position(2) },
    };
    assert_eq!(receiver.expand(&mut again).unwrap_err().code, FaultCode::Malformed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn headers_and_entries_come_back_as_they_were(header in header(), sealed in vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(codec::from_bytes::<Header>(&codec::to_bytes(&header), 4096), Ok(header.clone()));
        let entry = SealedEntry { header, sealed };
        let wire = WireEntry::from(entry.clone());
        let read: WireEntry = codec::from_bytes(&codec::to_bytes(&wire), 8192).unwrap();
        prop_assert_eq!(read.into_sealed(), Some(entry));
    }

    #[test]
    fn operations_come_back_as_they_were(
        at: u64, change in vec(any::<u8>(), 0..300), parents in vec(bytes::<16>(), 0..33),
    ) {
        let parents = parents.into_iter().map(EntryUid).collect();
        let operation = Operation { written_at: Timestamp(at), deed: Deed::Create { kind: ItemKind::Message, content: change.into(), parents: Some(parents), mentions: Some(vec![AgentNumber(7)]) } };
        prop_assert_eq!(Operation::from_bytes(&codec::to_bytes(&operation)), Ok(operation));
    }

    #[test]
    fn hostile_bytes_are_refused_without_a_panic(hostile in vec(any::<u8>(), 0..600)) {
        let _ = Request::from_bytes(&hostile);
        let _ = Message::from_bytes(&hostile);
        let _ = Operation::from_bytes(&hostile);
        let _ = codec::from_bytes::<SignedStatement>(&hostile, limits::STATEMENT);
        let _ = codec::from_bytes::<Statement>(&hostile, limits::STATEMENT);
        let _ = codec::from_bytes::<ExchangeRequest>(&hostile, limits::FRAME);
        let _ = codec::from_bytes::<ExchangeBody>(&hostile, limits::FRAME);
        let _ = codec::from_bytes::<CommitNote>(&hostile, 4096);
        let _ = CommitHeader::parse(&hostile);
        let _ = String::from_utf8_lossy(&hostile).parse::<Ticket>();
    }

    #[test]
    fn a_damaged_statement_is_refused_or_no_longer_verifies(at in 0usize..400, flip in 1u8..=255) {
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let public = Ed25519Public(key.verifying_key().to_bytes());
        let signed = SignedStatement::sign(&statement(), &key);
        let mut damaged = codec::to_bytes(&signed);
        let at = at % damaged.len();
        damaged[at] ^= flip;
        if let Ok(read) = codec::from_bytes::<SignedStatement>(&damaged, limits::STATEMENT) {
            prop_assert!(read == signed || read.verify(&public).is_err());
        }
    }

    #[test]
    fn a_damaged_or_short_commit_header_never_panics(
        note in vec(any::<u8>(), 0..300), epoch: u64, at in 0usize..400, flip: u8, keep in 0usize..400,
    ) {
        let group = RosterId([1; 32]).group(RosterGeneration(2));
        let mut message = vec![0, 1, 0, 1, group.len() as u8];
        message.extend_from_slice(&group);
        message.extend(epoch.to_be_bytes());
        message.extend([1, 0, 0, 0, 5]);
        match note.len() {
            short @ 0..=63 => message.push(short as u8),
            long => message.extend([0x40 | (long >> 8) as u8, long as u8]),
        }
        message.extend_from_slice(&note);
        message.push(3);
        let header = CommitHeader::parse(&message).unwrap();
        prop_assert_eq!((header.epoch, header.note), (Epoch(epoch), note));
        prop_assert_eq!((header.roster, header.generation), (RosterId([1; 32]), RosterGeneration(2)));
        let end = message.len() - 1;
        prop_assert_eq!(CommitHeader::parse(&message[..keep.min(end)]), None);
        let at = at % message.len();
        message[at] ^= flip;
        let _ = CommitHeader::parse(&message);
    }
}
