//! A phone's evidence on its way through enrolment. The verifier's own checks are tested where it is.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use estafette_attest::development::{DevelopmentAttestor, Phone, root};
use estafette_attest::{GOOGLE_ROOTS, RevocationList, Role, challenge};
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::{EnrolmentState, TicketSecret, claim_hash};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::policy::{Policy, PolicyChange};
use estafette_protocol::statement::{Act, Role as AgentRole};
use estafette_protocol::{FaultCode, StatementNumber, Timestamp};

use super::{Device, Town};
use crate::audit::What;
use crate::relay::{Answer, EnrolRequest, Event};

const PIXEL: Phone<'static> = Phone { manufacturer: "Google", model: "Pixel 9 Pro" };
const OTHER: Phone<'static> = Phone { manufacturer: "Fairphone", model: "FP5-canari" };

/// An inventory entry for a Pixel, and a phone that enrols for it.
fn enrol(town: &mut Town, level: Level, phone: Phone<'_>, stale: bool) -> Result<Answer, FaultCode> {
    let device = Device::new(1);
    let secret = town.ticket_for(&device, PIXEL.model, level);
    let Ok(Answer::Begun(begun)) = town.begin(&device, secret.claim()) else { panic!("not begun") };
    assert_eq!((begun.model.as_str(), begun.level), (PIXEL.model, level));
    if stale {
        assert!(town.begin(&device, secret.claim()).is_ok(), "another nonce takes its place");
    }
    let claim = claim_hash(&secret.claim());
    let challenge = challenge(&begun.relay.0, &device.enrolment(), &begun.nonce, &claim.0, Role::Device);
    let evidence = DevelopmentAttestor::new().attest(device.es256.verifying_key(), &challenge, phone);
    let mut request = town.completion(&device, &secret);
    request.evidence = evidence.to_bytes().into();
    town.enrol_request(EnrolRequest::Complete(Box::new(request))).map_err(|fault| fault.code)
}

fn development() -> Town {
    let mut town = Town::new();
    town.roots = vec![root()];
    town.restart();
    town
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged while something is done.
fn logged(deed: impl FnOnce()) -> String {
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || lines.clone()).finish();
    // With one dispatcher alone, a test in another thread that reaches a line first, and logs
    // nowhere, would have it switched off for this thread too.
    let second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(std::io::sink).finish());
    tracing::subscriber::with_default(subscriber, deed);
    drop(second);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_phone_of_the_inventory_waits_for_approval() {
    let answer = enrol(&mut development(), Level::Software, PIXEL, false);
    assert!(matches!(answer, Ok(Answer::State(EnrolmentState::Pending))));
}

#[test]
fn a_strangers_phone_with_a_good_ticket_is_not_in_the_inventory_and_one_line_says_so() {
    let mut town = development();
    let log = logged(|| {
        assert!(matches!(enrol(&mut town, Level::Software, OTHER, false), Err(FaultCode::NotInInventory)));
    });
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("WARN") && lines[0].contains("not_in_inventory"), "{log}");
    assert!(!log.contains("canari"), "a log holds no model, name or token");
}

#[test]
fn evidence_for_an_older_challenge_is_rejected() {
    let answer = enrol(&mut development(), Level::Software, PIXEL, true);
    assert!(matches!(answer, Err(FaultCode::AttestationRejected)));
}

#[test]
fn what_the_development_root_vouches_for_is_software_and_no_more() {
    let answer = enrol(&mut development(), Level::Attested, PIXEL, false);
    assert!(matches!(answer, Err(FaultCode::AttestationRejected)));
}

/// What the relay answers to a phone after it was given lists with these entries, fetched then.
fn enrolled_after(lists: &[(&str, Timestamp)]) -> Result<Answer, FaultCode> {
    let mut town = development();
    for (entries, fetched_at) in lists {
        let text = format!(r#"{{"entries": {{{entries}}}}}"#);
        let list = RevocationList::from_json(text.as_bytes(), *fetched_at).unwrap();
        town.handle(Event::Revoked(Arc::new(list)));
    }
    enrol(&mut town, Level::Software, PIXEL, false)
}

#[test]
fn a_list_of_revoked_keys_counts_for_the_next_phone_and_the_newest_list_alone() {
    let revoked = (r#""2": {"status": "REVOKED"}"#, Timestamp::MAX);
    let (empty, old) = (("", Timestamp::MAX), ("", Timestamp(0)));
    assert!(matches!(enrolled_after(&[empty]), Ok(Answer::State(EnrolmentState::Pending))));
    assert!(matches!(enrolled_after(&[revoked, empty]), Ok(Answer::State(EnrolmentState::Pending))));
    assert!(matches!(enrolled_after(&[empty, revoked]), Err(FaultCode::AttestationRejected)));
    assert!(matches!(enrolled_after(&[empty, old]), Err(FaultCode::StatusListStale)));
}

#[test]
fn a_relay_that_trusts_makers_only_rejects_the_development_root() {
    let mut town = Town::new();
    town.roots = GOOGLE_ROOTS.to_vec();
    town.restart();
    assert!(matches!(enrol(&mut town, Level::Software, PIXEL, false), Err(FaultCode::AttestationRejected)));
}

/// C5: a phone whose evidence does not hold is in the inventory. What two persons decide admits it, for a
/// time, and stands in the audit.
#[test]
fn c5_a_refused_phone_is_admitted_by_two_persons_for_a_time_and_by_nobody_alone() {
    let mut town = development();
    let second = town.enrol(Device::new(2));
    let role = Act::SetRole { agent: second.agent, role: AgentRole::Administrator, teams: vec![] };
    town.state(vec![role]);
    assert!(matches!(enrol(&mut town, Level::Attested, PIXEL, false), Err(FaultCode::AttestationRejected)));
    let device = Device::new(1);
    let secret = TicketSecret([device.id.0[0]; 16]);
    let level = |town: &mut Town| match town.begin(&device, secret.claim()) {
        Ok(Answer::Begun(begun)) => begun.level,
        other => panic!("{other:?}"),
    };
    assert_eq!(level(&mut town), Level::Attested);

    let until = town.now.after(Duration::from_secs(48 * 3600));
    let policy =
        Policy::Exception { inventory: device.inventory(), reason: "En attente du modèle".into(), until };
    town.state(vec![Act::Propose { changes: vec![PolicyChange { policy, replaces: None }] }]);
    assert_eq!(
        level(&mut town),
        Level::Attested,
        "nobody is bound by two persons here, and still one is not enough"
    );
    let proposal = town.last();
    let socket = town.open(&second);
    let statement = town.sign(Some(&second), vec![Act::Approve { proposal }]);
    assert_eq!(town.ask(socket, RequestBody::State { statement }), Ok(Reply::Done));
    assert_eq!(level(&mut town), Level::Supervised);
    let completed = town.enrol_request(EnrolRequest::Complete(Box::new(town.completion(&device, &secret))));
    assert!(matches!(completed, Ok(Answer::State(EnrolmentState::Pending))));
    town.state(vec![Act::Certify(device.certificate())]);
    let words: Vec<_> = town.audit().into_iter().map(|line| line.what).collect();
    assert!(words.contains(&What::PolicyProposed) && words.contains(&What::PolicyApproved));

    // It works until its end, and not a minute longer; nobody else is touched.
    let open = town.open(&device);
    assert_eq!(town.closed(open), None);
    let wait = until.since(town.now);
    town.pass(wait);
    assert_eq!(town.closed(open), Some(FaultCode::TokenExpired));
    let again = town.open(&device);
    assert_eq!(town.closed(again), Some(FaultCode::ExceptionOver));
    let other = town.open(&second);
    assert_eq!(town.closed(other), None, "a computer needs no exception");
    // Renewed by two, it is admitted again; ended early, its socket closes at once.
    let version =
        except(&mut town, &second, &device, until.after(Duration::from_secs(48 * 3600)), proposal.next());
    let again = town.open(&device);
    assert_eq!(town.closed(again), None);
    except(&mut town, &second, &device, Timestamp(0), version);
    town.pass(Duration::from_secs(1));
    assert_eq!(town.closed(again), Some(FaultCode::TokenExpired));
}

/// Another end of a phone's exception, proposed and approved. Its version.
fn except(
    town: &mut Town,
    second: &Device,
    phone: &Device,
    until: Timestamp,
    version: StatementNumber,
) -> StatementNumber {
    let policy = Policy::Exception { inventory: phone.inventory(), reason: "Encore".to_owned(), until };
    town.state(vec![Act::Propose { changes: vec![PolicyChange { policy, replaces: Some(version) }] }]);
    let proposal = town.last();
    let socket = town.open(second);
    let statement = town.sign(Some(second), vec![Act::Approve { proposal }]);
    assert_eq!(town.ask(socket, RequestBody::State { statement }), Ok(Reply::Done));
    town.last()
}
