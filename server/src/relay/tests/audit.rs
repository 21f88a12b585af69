use std::time::Duration;

use estafette_protocol::certificate::Level;
use estafette_protocol::frame::RequestBody;
use estafette_protocol::statement::{Act, Class, RevocationReason};
use estafette_protocol::{Ed25519Public, FaultCode};

use super::{Device, Town};
use crate::audit::folder::{self, AuditError};
use crate::audit::verify::Broken;
use crate::audit::{Line, Who};
use crate::relay::Event;

fn words(lines: &[Line]) -> Vec<&'static str> {
    lines.iter().map(|line| line.what.as_str()).collect()
}

fn by(device: &Device) -> Who {
    Who::Device { device: device.id, agent: device.agent }
}

/// What the audit gains while a story is told.
fn gained(town: &mut Town, story: impl FnOnce(&mut Town)) -> Vec<Line> {
    let before = town.audit().len();
    story(town);
    town.audit().split_off(before)
}

#[test]
fn a_devices_way_from_inventory_to_revocation_is_told_act_by_act_with_its_author() {
    let mut town = Town::new();
    let admin = town.admin.clone();
    assert_eq!(words(&town.audit()), ["organisation_founded", "device_certified", "role_set"]);
    assert!(town.audit().iter().all(|line| line.who == Who::OrganisationKey));
    let device = Device::new(1);
    let lines = gained(&mut town, |town| {
        town.enrol(device.clone());
        town.roster(1, Class::Service, std::slice::from_ref(&device));
        town.state(vec![Act::Revoke { device: device.id, reason: RevocationReason::Lost }]);
    });
    assert_eq!(
        words(&lines),
        [
            "inventory_changed",
            "ticket_opened",
            "enrolment_begun",
            "enrolment_completed",
            "device_certified",
            "enrolment_approved",
            "roster_made",
            "device_admitted",
            "device_revoked",
        ]
    );
    let strangers: Vec<_> = lines.iter().filter(|line| line.who == Who::Stranger).collect();
    assert_eq!(strangers.len(), 2, "whoever enrols has proved nothing yet");
    assert!(strangers.iter().all(|line| line.subject.enrolment == Some(device.enrolment())));
    assert!(lines.iter().filter(|line| line.who != Who::Stranger).all(|line| line.who == by(&admin)));
    let revoked = lines.last().unwrap();
    assert_eq!((revoked.subject.device, revoked.at), (Some(device.id), town.now));
    assert!(revoked.subject.statement.is_some());
}

#[test]
fn a_line_is_there_when_its_act_is_durable_and_not_before_and_once() {
    let mut town = Town::new();
    let admin = town.admin.clone();
    let before = town.audit().len();
    let statement = town.sign(
        Some(&admin),
        vec![Act::GrantLeave {
            agent: admin.agent,
            period: estafette_protocol::hours::Period {
                from: town.now,
                until: town.now.after(Duration::from_hours(1)),
            },
        }],
    );
    let console = town.open(&admin);
    town.hold = true;
    town.send(console, RequestBody::State { statement: statement.clone() });
    assert_eq!(town.audit().len(), before);
    town.release();
    assert_eq!(words(&town.audit()[before..]), ["leave_granted"]);
    town.hold = false;
    // The answer was lost: the same statement stands, and the audit tells it once.
    let console = town.open(&admin);
    assert!(town.ask(console, RequestBody::State { statement }).is_ok());
    assert_eq!(town.audit().len(), before + 1);
}

#[test]
fn whoever_is_refused_is_told_with_the_reason() {
    let (mut town, devices, _) = Town::with_team(&[1, 2]);
    let forbidden = gained(&mut town, |town| {
        let socket = town.open(&devices[0]);
        assert_eq!(town.ask(socket, RequestBody::Pending).unwrap_err().code, FaultCode::Forbidden);
    });
    let told =
        |lines: &[Line]| -> Vec<_> { lines.iter().map(|line| (line.who, line.subject.fault)).collect() };
    assert_eq!(told(&forbidden), [(by(&devices[0]), Some(FaultCode::Forbidden))]);

    town.state(vec![Act::Revoke { device: devices[1].id, reason: RevocationReason::Lost }]);
    let revoked = gained(&mut town, |town| {
        town.open(&devices[1]);
    });
    assert_eq!(told(&revoked), [(by(&devices[1]), Some(FaultCode::DeviceRevoked))]);

    let foreign = Device::new(9);
    let unknown = gained(&mut town, |town| {
        town.open(&foreign);
    });
    assert_eq!(told(&unknown), [(Who::Stranger, Some(FaultCode::BadProof))]);
    assert_eq!(unknown[0].subject.device, Some(foreign.id), "the one that it claims to be");

    let guessed = gained(&mut town, |town| {
        assert!(town.begin(&foreign, [0; 32]).is_err());
    });
    assert_eq!(told(&guessed), [(Who::Stranger, Some(FaultCode::EnrolmentInvalid))]);
    assert_eq!(guessed[0].subject.enrolment, Some(foreign.enrolment()));
}

#[test]
fn five_wrong_secrets_burn_a_ticket_and_the_audit_says_so() {
    let mut town = Town::new();
    let device = Device::new(1);
    town.ticket(&device);
    let lines = gained(&mut town, |town| {
        (0..5).for_each(|_| assert!(town.begin(&device, [0; 32]).is_err()));
    });
    assert_eq!(words(&lines), ["refused", "enrolment_burnt"]);
    let counted = gained(&mut town, |town| town.pass(Duration::from_secs(61)));
    assert_eq!(words(&counted), ["refused"]);
    assert_eq!(counted[0].subject.times, Some(4), "the first one has a line of its own");
}

#[test]
fn a_device_that_hammers_gets_one_line_a_minute() {
    let (mut town, devices, _) = Town::with_team(&[1]);
    let lines = gained(&mut town, |town| {
        let socket = town.open(&devices[0]);
        for _ in 0..400 {
            assert!(town.ask(socket, RequestBody::Pending).is_err());
        }
        town.pass(Duration::from_secs(61));
    });
    assert_eq!(lines.iter().map(|line| line.subject.times).collect::<Vec<_>>(), [None, Some(399)]);
}

#[test]
fn what_is_still_counted_is_written_when_the_relay_ends() {
    let (mut town, devices, _) = Town::with_team(&[1]);
    let lines = gained(&mut town, |town| {
        let socket = town.open(&devices[0]);
        (0..3).for_each(|_| assert!(town.ask(socket, RequestBody::Pending).is_err()));
        town.handle(Event::Drain);
    });
    assert_eq!(lines.last().unwrap().subject.times, Some(2));
}

#[test]
fn an_operators_word_about_the_clock_is_told() {
    let mut town = Town::new();
    let lines = gained(&mut town, |town| town.handle(Event::ClockConfirmed));
    assert_eq!((words(&lines), lines[0].who), (vec!["clock_confirmed"], Who::Operator));
}

#[test]
fn a_token_that_is_used_elsewhere_is_told_though_the_relay_never_saw_the_request() {
    let (mut town, devices, _) = Town::with_team(&[1]);
    let lines = gained(&mut town, |town| {
        town.handle(Event::Refused { device: devices[0].id, fault: FaultCode::BadProof.into() });
        town.handle(Event::Refused { device: devices[0].id, fault: FaultCode::TokenExpired.into() });
    });
    assert_eq!(lines.len(), 1, "an expired token is no offence");
    assert_eq!((lines[0].who, lines[0].subject.fault), (by(&devices[0]), Some(FaultCode::BadProof)));
}

#[test]
fn the_head_is_signed_hourly_and_finds_a_database_that_was_cut_or_rewritten() {
    let (mut town, _, _) = Town::with_team(&[1]);
    town.ticket_for(&Device::new(7), "PC", Level::Supervised);
    town.pass(Duration::from_hours(2));
    let key = Ed25519Public(town.key.verifying_key().to_bytes());
    let organisation = town.organisation();
    let lines = town.audit().len() as u64;
    let verify = |town: &Town| folder::verify(&town.reader(), organisation, &key);
    assert_eq!(verify(&town).unwrap().number, lines);
    // Whoever owns the machine can take the triggers away, but not the relay's word.
    let sql = town.sql();
    assert!(sql.execute("DELETE FROM audit WHERE number = ?1", [lines as i64]).is_err());
    assert!(sql.execute("UPDATE audit SET body = x'00' WHERE number = 2", ()).is_err());
    sql.execute_batch("DROP TRIGGER audit_is_not_deleted; DROP TRIGGER audit_is_not_rewritten;").unwrap();
    sql.execute("DELETE FROM audit WHERE number = ?1", [lines as i64]).unwrap();
    let cut = verify(&town).unwrap_err();
    assert!(
        matches!(cut, AuditError::Broken(Broken::HeadMissed { signed, last }) if signed == lines && last + 1 == lines),
        "{cut}"
    );
    sql.execute("UPDATE audit SET body = (SELECT body FROM audit WHERE number = 3) WHERE number = 2", ())
        .unwrap();
    let altered = verify(&town).unwrap_err();
    assert!(matches!(altered, AuditError::Broken(Broken::Altered(2))), "{altered}");
}
