//! A supervisor's day (`design/scenarios.md`, B), as far as this version goes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::PersonRow;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::{HoursState, Period, Reach};
use estafette_protocol::lease::Contact;
use estafette_protocol::statement::{Act, Role};
use estafette_protocol::{AgentNumber, Fault, FaultCode, TeamNumber};
use estafette_world::{DAY, Phone, World, paris};

fn contacts(world: &mut World, phone: Phone) -> Result<Vec<Contact>, Fault> {
    match world.ask(phone, Command::Ask(RequestBody::Contacts)) {
        CommandAnswer::Reply(Reply::Contacts { contacts }) => Ok(contacts),
        CommandAnswer::Refused(fault) => Err(fault),
        other => panic!("{other:?}"),
    }
}

fn agents(people: &[PersonRow]) -> Vec<AgentNumber> {
    people.iter().map(|person| person.agent).collect()
}

#[test]
fn b1_whoever_leads_sees_who_is_on_duty_and_on_leave_and_whose_phone_is_missed_and_nothing_of_the_others() {
    let mut world = World::seeded(81);
    let all = world.team(["chloe", "amine", "bruno", "denis", "elsa"]);
    let [chloe, amine, bruno, denis, elsa] = all;
    world.service_roster_of(1, &all);
    world.set_role(chloe, Role::Supervisor);
    world.set_hours(&[("08:00", "17:00")]);
    // Denis works in the evening. Amine's and his phone are off from Monday on; Bruno goes on leave.
    world.set_own_hours(denis, &[("18:00", "22:00")]);
    let (agent, until) = (world.agent(bruno), paris(11, "00:00"));
    let period = Period { from: paris(2, "00:00"), until };
    world.state(vec![Act::GrantLeave { agent, period }]);
    world.run_until_quiet();
    world.at("10:00");
    world.cut(amine);
    world.cut(denis);
    let monday = estafette_protocol::Timestamp(paris(0, "10:00").0 / DAY * DAY);

    world.run_until(paris(3, "16:59"));
    assert_eq!(contacts(&mut world, chloe), Ok(vec![]), "not three days yet");
    world.run_until(paris(4, "08:05"));
    let (wipe, attest_by, barred_since) = (None, None, None);
    let of_amine =
        Contact { device: world.device_id(amine), day: Some(monday), wipe, attest_by, barred_since };
    assert_eq!(contacts(&mut world, chloe), Ok(vec![of_amine]), "one device not seen for three days");
    let now = world.now();
    let [team] = &world.reader(chloe).team_standing(now).unwrap()[..] else { panic!("one team") };
    assert_eq!(team.team, TeamNumber(1));
    let mut on_duty = agents(&team.on_duty);
    on_duty.sort_unstable();
    let mut expected = [chloe, amine, elsa].map(|phone| world.agent(phone));
    expected.sort_unstable();
    assert_eq!(on_duty, expected);
    let [(person, leave)] = &team.on_leave[..] else { panic!("one person is on leave") };
    assert_eq!((person.agent, *leave), (world.agent(bruno), until));
    assert_eq!(team.off_duty, 1, "Denis, who is not named");

    // Friday evening: Denis is at work and missed; nothing is known of the others any more.
    world.run_until(paris(4, "18:05"));
    assert_eq!(contacts(&mut world, chloe).unwrap()[..].len(), 1);
    assert_eq!(contacts(&mut world, chloe).unwrap()[0].device, world.device_id(denis));
    let now = world.now();
    let [team] = &world.reader(chloe).team_standing(now).unwrap()[..] else { panic!("one team") };
    assert_eq!(agents(&team.on_duty), [world.agent(denis)]);
    assert_eq!((team.on_leave.len(), team.off_duty), (1, 3));

    // Nobody else asks in vain only by accident.
    assert_eq!(contacts(&mut world, elsa).map_err(|fault| fault.code), Err(FaultCode::Forbidden));
    assert_eq!(world.reader(elsa).team_standing(now).unwrap(), []);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn b9_written_to_somebody_off_duty_it_is_delivered_at_eight_and_said_so() {
    let mut world = World::seeded(21);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_hours(&[("08:00", "17:00")]);
    world.set_own_hours(chloe, &[("08:00", "19:00")]);
    world.run_until_quiet();
    world.at("18:20");
    let hours = world.registry_of(chloe).hours_of(world.agent(amine)).unwrap();
    let said = hours.state(world.now(), Reach::Duty);
    assert_eq!(
        said,
        HoursState::Closed { reopens_at: Some(paris(1, "08:00")) },
        "« sera remis demain 08:00 »"
    );
    let sent = world.write(chloe, "Demain, commencez par la rue des Lilas.");
    world.at("07:59");
    assert_eq!(world.relay_log(world.team_thread()).len(), 1, "the relay holds it");
    assert_eq!(world.timeline(amine, world.team_thread()), [], "the phone does not");
    world.at("08:00");
    world.run_until_quiet();
    assert_eq!(world.inbox(amine), [sent]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}
