//! What sealing promises, tried bit by bit.

use estafette_protocol::entry::{Deed, EntryKind, ItemKind, Operation, Place, Urgency};
use estafette_protocol::{
    EntryUid, Epoch, Hash, LogGeneration, Position, RosterGeneration, Salt, ThreadId, Timestamp,
};
use proptest::prelude::*;

use super::*;

fn secret() -> EpochSecret {
    EpochSecret::new([1; 32])
}

fn signing_key() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[2; 32])
}

fn author_key() -> Ed25519Public {
    Ed25519Public(signing_key().verifying_key().to_bytes())
}

fn header() -> Header {
    Header {
        version: VERSION,
        urgency: Urgency::Normal,
        kind: EntryKind::Create,
        thread: ThreadId([3; 32]),
        generation: RosterGeneration(0),
        epoch: Epoch(40),
        uid: EntryUid([4; 16]),
        salt: Salt([5; 8]),
        acknowledgement_due: None,
        escalation_minutes: None,
        announced: None,
        terms: None,
    }
}

fn payload(operation: &[u8]) -> Payload {
    Payload {
        author: DeviceId([6; 16]),
        statement: StatementNumber(300),
        operation: operation.to_vec().into(),
        place: Some(Place { generation: LogGeneration([7; 8]), position: Position(9_000), chain: [8; 8] }),
    }
}

fn sealed(operation: &[u8]) -> SealedEntry {
    seal(&secret(), header(), &payload(operation), &signing_key()).unwrap()
}

/// Seals a plaintext of the test's choice, as a faulty member's program could.
fn sealed_plain(padded: &[u8]) -> SealedEntry {
    let bytes = codec::to_bytes(&header());
    let signature = sign::ed25519(&signing_key(), Domain::Entry, &[&bytes, padded]);
    let sealed =
        cipher(&secret(), &header(), &bytes).seal(&[padded, &signature[..]].concat(), &bytes).unwrap();
    SealedEntry { header: header(), sealed }
}

#[test]
fn what_is_sealed_is_what_is_read() {
    let opened = open(&secret(), &sealed(b"une consigne")).unwrap();
    assert_eq!((opened.author(), opened.statement()), (DeviceId([6; 16]), StatementNumber(300)));
    assert_eq!(opened.verify(&author_key()), Ok(payload(b"une consigne")));
}

#[test]
fn another_members_signature_is_not_the_authors() {
    let other = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let entry = seal(&secret(), header(), &payload(b"x"), &other).unwrap();
    assert_eq!(open(&secret(), &entry).unwrap().verify(&author_key()), Err(BadSignature));
}

#[test]
fn any_flipped_bit_is_refused() {
    let entry = sealed(b"une consigne");
    for bit in 0..entry.sealed.len() * 8 {
        let mut altered = entry.clone();
        altered.sealed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&secret(), &altered).unwrap_err(), OpenError::Seal, "bit {bit}");
    }
}

#[test]
fn an_entry_opens_under_its_own_header_only() {
    let alien = [
        Header { urgency: Urgency::Emergency, ..header() },
        Header { kind: EntryKind::Change, ..header() },
        Header { thread: ThreadId([9; 32]), ..header() },
        Header { generation: RosterGeneration(1), ..header() },
        Header { epoch: Epoch(41), ..header() },
        Header { uid: EntryUid([9; 16]), ..header() },
        Header { salt: Salt([9; 8]), ..header() },
        Header { acknowledgement_due: Some(Timestamp(1)), ..header() },
        Header { escalation_minutes: Some(10), ..header() },
    ];
    let sealed = sealed(b"une consigne").sealed;
    for header in alien {
        let entry = SealedEntry { header, sealed: sealed.clone() };
        assert_eq!(open(&secret(), &entry).unwrap_err(), OpenError::Seal, "{:?}", entry.header);
    }
}

#[test]
fn another_epochs_secret_opens_nothing() {
    assert_eq!(open(&EpochSecret::new([9; 32]), &sealed(b"x")).unwrap_err(), OpenError::Seal);
}

#[test]
fn a_newer_version_is_named_and_an_unknown_one_never_written() {
    let newer = Header { version: VERSION + 1, ..header() };
    let entry = SealedEntry { header: newer.clone(), ..sealed(b"x") };
    assert_eq!(open(&secret(), &entry).unwrap_err(), OpenError::UnknownVersion(2));
    let refused = seal(&secret(), newer, &payload(b"x"), &signing_key());
    assert_eq!(refused, Err(SealError::UnknownVersion(2)));
}

#[test]
fn two_sealings_of_one_payload_have_nothing_in_common() {
    let again = seal(
        &secret(),
        Header { salt: Salt([10; 8]), ..header() },
        &payload(b"une consigne"),
        &signing_key(),
    );
    let (first, second) = (sealed(b"une consigne").sealed, again.unwrap().sealed);
    assert_eq!(first.len(), second.len());
    let equal = first.iter().zip(&second).filter(|(one, other)| one == other).count();
    assert!(equal < 8, "{equal} equal bytes of {}", first.len());
}

#[test]
fn lengths_are_hidden_within_blocks_of_32() {
    let random = |len: u8| (0..len).map(|index| index.wrapping_mul(151) ^ 0x5a).collect::<Vec<_>>();
    let lengths: std::collections::BTreeSet<_> =
        (0..64).map(|len| sealed(&random(len)).sealed.len()).collect();
    assert!(lengths.len() <= 4, "{lengths:?}");
    assert!(lengths.iter().all(|len| (len - Signature::LEN - TAG).is_multiple_of(BLOCK)), "{lengths:?}");
}

#[test]
fn sizes_are_refused_before_anything_is_opened() {
    let with = |len| SealedEntry { header: header(), sealed: vec![0; len] };
    let header_len = codec::to_bytes(&header()).len();
    for len in [0, 79, 80, 81, 111, 113, limits::ENTRY] {
        let refused = open(&secret(), &with(len)).unwrap_err();
        assert_eq!(refused, OpenError::Size { len: len + header_len });
    }
    assert_eq!(open(&secret(), &with(112)).unwrap_err(), OpenError::Seal);
}

#[test]
fn the_largest_payload_fits_and_the_next_is_refused() {
    let overhead = codec::to_bytes(&payload(&[0; 60_000])).len() - 60_000;
    let mut noise = vec![0; limits::OPERATION - overhead];
    rand_core::RngCore::fill_bytes(
        &mut <rand_chacha::ChaCha8Rng as rand_core::SeedableRng>::seed_from_u64(1),
        &mut noise,
    );
    let entry = sealed(&noise);
    assert!(entry.size() <= limits::ENTRY, "{} bytes", entry.size());
    assert_eq!(open(&secret(), &entry).unwrap().verify(&author_key()).unwrap().operation.as_slice(), noise);
    noise.push(0);
    let refused = seal(&secret(), header(), &payload(&noise), &signing_key());
    assert_eq!(refused, Err(SealError::TooLarge { len: limits::OPERATION + 1 }));
}

#[test]
fn a_members_bomb_or_nonsense_is_refused_as_content() {
    let mut bomb = payload(&[]);
    bomb.operation = vec![b'a'; 16 * 1024 * 1024].into();
    for padded in [padding::pack(&codec::to_bytes(&bomb)), padding::pack(b"not a payload"), vec![0xff; 64]] {
        assert_eq!(open(&secret(), &sealed_plain(&padded)).unwrap_err(), OpenError::Content);
    }
}

#[test]
fn a_recorded_entry_still_opens_and_is_still_written_so() {
    let change = [&[12; 16], "Vanne fermée rue des Lilas, je passe à l'école.".as_bytes()].concat();
    let entry = sealed(&change);
    let recorded = include_str!("recorded.hex").replace('\n', "");
    let written: String = entry.sealed.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, recorded);
    assert_eq!(open(&secret(), &entry).unwrap().verify(&author_key()), Ok(payload(&change)));
}

#[test]
fn a_message_of_100_characters_takes_240_bytes_beside_its_header() {
    let text = "Bonjour, le regard devant le lavoir est descellé, j'ai posé un cône. Peux-tu venir avec la plaque ? ";
    assert_eq!(text.chars().count(), 100);
    let random = |len: u8| Hash::of(&[&[len]]).0;
    let content = text.as_bytes().to_vec().into();
    let deed = Deed::Create { kind: ItemKind::Message, content, parents: None, mentions: None };
    let operation = codec::to_bytes(&Operation { written_at: Timestamp(1_763_812_345_678), deed });
    let mut payload = payload(&operation);
    payload.author.0.copy_from_slice(&random(2)[..16]);
    payload.place = Some(Place {
        generation: LogGeneration(Hash(random(3)).short()),
        position: Position(1_234),
        chain: Hash(random(4)).short(),
    });
    let entry = seal(&secret(), header(), &payload, &signing_key()).unwrap();
    assert_eq!(entry.sealed.len(), 240);
}

proptest! {
    #[test]
    fn any_operation_comes_back(operation in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let opened = open(&secret(), &sealed(&operation)).unwrap();
        prop_assert_eq!(opened.verify(&author_key()), Ok(payload(&operation)));
    }

    #[test]
    fn hostile_bytes_never_open(sealed in prop::collection::vec(any::<u8>(), 0..400)) {
        let opened = open(&secret(), &SealedEntry { header: header(), sealed });
        let refused = matches!(opened, Err(OpenError::Size { .. } | OpenError::Seal));
        prop_assert!(refused);
    }

    #[test]
    fn hostile_content_under_a_good_seal_is_read_or_refused(padded in prop::collection::vec(any::<u8>(), 32..33)) {
        prop_assert!(open(&secret(), &sealed_plain(&padded)).is_err());
    }
}
