//! Nothing that a client sends reaches the log, at the most talkative level.
//!
//! Every field that a client controls carries a word of its own; the log is then searched for
//! each, as text and in the forms that a program would print bytes in.

use estafette_protocol::alias::ThreadRef;
use estafette_protocol::entry::{EntryKind, Urgency, WireEntry};
use estafette_protocol::frame::{CommitUpload, Cursor, Directory, RequestBody, Slot, SlotKind};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::{EntryUid, Epoch, RosterGeneration, RosterId, Salt, Signature, ThreadId};
use futures_util::SinkExt as _;
use http_body_util::Full;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::client::Connection;
use crate::organisation::{Organisation, begin, complete};
use crate::program::Program;
use crate::running::Folder;

/// The canaries: 32 bytes of text each, so that they fit where ids stand.
const CANARY: &str = "canari-%-jaune-chante-dans-mine-";

fn canary(number: usize) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(CANARY.replace('%', &char::from(b'A' + number as u8).to_string()).as_bytes());
    bytes
}

fn half(number: usize) -> [u8; 16] {
    canary(number)[..16].try_into().unwrap()
}

/// The forms in which the log could show a canary; each is long enough not to be there by chance.
fn forms(number: usize) -> [String; 3] {
    let bytes = &half(number)[..12];
    let hexadecimal = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let decimal = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    [String::from_utf8(bytes.to_vec()).unwrap(), hexadecimal, decimal]
}

fn requests() -> Vec<RequestBody> {
    let thread = ThreadRef::Full(ThreadId(canary(0)));
    let entry = WireEntry {
        thread,
        urgency: Urgency::Normal,
        generation: RosterGeneration(0),
        epoch: Epoch(0),
        uid: EntryUid(half(1)),
        salt: Salt(canary(2)[..8].try_into().unwrap()),
        sealed: canary(3).to_vec().into(),
        version: 1,
        kind: EntryKind::Create,
        acknowledgement_due: None,
        escalation_minutes: None,
        announced: None,
        terms: None,
    };
    let commit = CommitUpload {
        roster: RosterName::Stated(RosterId(canary(4))),
        commit: canary(5).to_vec().into(),
        welcomes: vec![],
        key_packages: vec![],
        group_info: canary(6).to_vec().into(),
        tree: canary(7).to_vec().into(),
    };
    let slot = Slot {
        thread,
        device: estafette_protocol::DeviceId(half(8)),
        kind: SlotKind::Read,
        version: 1,
        sealed: canary(9).to_vec().into(),
    };
    let directory = Directory {
        version: 1,
        author: estafette_protocol::DeviceId(half(10)),
        sealed: canary(11).to_vec().into(),
        signature: Signature([0; 64]),
        keys: vec![],
        recovery: Some(canary(20).to_vec().into()),
    };
    vec![
        RequestBody::Append { entries: vec![entry] },
        RequestBody::Commit(commit),
        RequestBody::Slot { slot },
        RequestBody::Directory(directory),
        RequestBody::KeyPackages { packages: vec![canary(12).to_vec().into()], last_resort: None },
        RequestBody::Check { cursor: Cursor(canary(13).to_vec().into()) },
        RequestBody::Hello { cursor: Cursor(canary(13).to_vec().into()) },
    ]
}

/// The canaries of this list were sent; each number is used once.
const SENT: usize = 21;

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_a_client_reaches_the_log() {
    for format in ["human", "json"] {
        let folder = Folder::new();
        let settings = folder.config.folder.join("relay.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        let text = text.replace("\"info\"", "\"trace\"").replace("\"human\"", &format!("\"{format}\""));
        std::fs::write(&settings, text).unwrap();
        let program = Program::serve(&folder.config.folder);
        let tokens = speak(&program, &folder).await;
        let ended = program.terminate();
        assert!(ended.log.contains("the relay is ready"), "the log was read: {}", ended.log);
        assert!(ended.log.contains("a socket is gone"), "at its most talkative level: {}", ended.log);
        for number in 0..SENT {
            for form in forms(number) {
                assert!(!ended.log.contains(&form), "canary {number} as {form}: {}", ended.log);
            }
        }
        for token in tokens {
            let signature = token.rsplit('.').next().unwrap();
            assert!(!ended.log.contains(signature), "a token: {}", ended.log);
        }
        let secret =
            folder.ticket.secret.claim().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert!(!ended.log.contains(&secret), "the claim: {}", ended.log);
    }
}

/// A day of a client with a word of its own in every field.
async fn speak(program: &Program, folder: &Folder) -> Vec<String> {
    let open = || Connection::open(program.address, folder.ticket.pin);
    let mut organisation = Organisation::found_at(open().await, &folder.ticket, 1).await;
    let mut connection = open().await;
    let mut device = organisation.enrol(&mut connection, 2).await;

    let mut own = open().await;
    let token = device.token(&mut own).await;
    assert!(device.post(&mut own, requests()).await.status.is_success());
    let mut socket = own.socket(Some(&token)).await.unwrap();
    for request in requests() {
        socket.ask(request).await;
    }
    socket.frames.send(Frame::Binary(canary(14).to_vec().into())).await.unwrap();
    while socket.next().await.is_some() {}

    // Headers, paths and bodies that are refused.
    let text = |number| String::from_utf8(canary(number).to_vec()).unwrap();
    let odd = hyper::Request::builder()
        .uri(format!("/{}?{}", text(15), text(15)))
        .header("host", text(16))
        .header("user-agent", text(16))
        .header("authorization", format!("Bearer {}", text(16)))
        .header("accept-language", text(16));
    open().await.send(odd.body(Full::default()).unwrap()).await;
    open().await.post("/v1/exchange", canary(17).to_vec()).await;
    open().await.try_socket(Some(&text(18)), &[]).await.err().unwrap();

    // An enrolment that is refused for its evidence, its model and its claim.
    let mut invitation = organisation.invite_model(&mut connection, 3, &text(19)).await;
    let stranger = organisation.device_for(&invitation);
    open().await.post_value("/v1/enrol/begin", &begin(organisation.id, &invitation)).await;
    let mut completed = complete(&stranger, &invitation);
    completed.evidence = canary(19).to_vec().into();
    let refused = open().await.post_value("/v1/enrol/complete", &completed).await;
    assert_eq!(refused.code(), "attestation_rejected");
    invitation.secret.0 = half(19);
    let refused = open().await.post_value("/v1/enrol/begin", &begin(organisation.id, &invitation)).await;
    assert_eq!(refused.code(), "enrolment_invalid");
    vec![token, organisation.admin.token(&mut connection).await]
}

#[test]
fn a_canary_would_be_found_in_each_of_its_forms() {
    let bytes = canary(3);
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let printed = [text, format!("{bytes:?}"), estafette_protocol::Hash(bytes).to_string()];
    for (text, form) in printed.iter().zip([0, 2, 1]) {
        assert!(text.contains(&forms(3)[form]), "{text}");
    }
    assert_eq!((0..SENT).map(canary).collect::<std::collections::BTreeSet<_>>().len(), SENT);
}
