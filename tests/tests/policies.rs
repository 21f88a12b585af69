//! Policies on whole devices: seen before they hold, approved by a second person, known offline.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::frame::Reply;
use estafette_protocol::hours::{Calendar, LegalBasis, Override, Period, Place, Rota, Turn};
use estafette_protocol::policy::{Policy, PolicyChange, PolicySubject};
use estafette_protocol::registry::Reachable;
use estafette_protocol::statement::{Act, HoursScope, Role};
use estafette_protocol::{Fault, FaultCode, StatementNumber, TeamNumber, Timestamp};
use estafette_world::{DAY, HOUR, Link, MINUTE, Phone, World, paris};

/// Mireille administers, and policies take two persons. Gaston administers too; Chloé and Denis work.
fn town(seed: u64) -> (World, [Phone; 3]) {
    println!("seed {seed}");
    let mut world = World::seeded(seed);
    let phones = world.team(["gaston", "chloe", "denis"]);
    world.set_role(phones[0], Role::Administrator);
    world.state(vec![Act::RequireSecondPerson]);
    world.run_until_quiet();
    (world, phones)
}

fn hours(week: &str) -> Policy {
    let calendar =
        Calendar { place: Some(Place::METROPOLE), ..Calendar::weekly("Europe/Paris", week.parse().unwrap()) };
    Policy::Calendar { scope: HoursScope::Organisation, calendar }
}

fn says(world: &mut World, phone: Phone, act: Act) -> Result<(), Fault> {
    match world.ask(phone, Command::State(vec![act])) {
        CommandAnswer::Reply(Reply::Done) => Ok(()),
        CommandAnswer::Refused(fault) => Err(fault),
        other => panic!("{other:?}"),
    }
}

fn change(world: &World, phone: Phone, policy: Policy) -> PolicyChange {
    world.registry_of(phone).change_to(policy)
}

/// Proposes and waits until everybody who listens has heard of it.
fn propose(world: &mut World, phone: Phone, policy: Policy) -> StatementNumber {
    let changes = vec![change(world, phone, policy)];
    says(world, phone, Act::Propose { changes }).unwrap();
    world.run_until_quiet();
    world.registry_of(phone).proposals().last().unwrap().0
}

fn week_of(world: &World, phone: Phone) -> Option<String> {
    world.registry_of(phone).calendar_of(HoursScope::Organisation).map(|calendar| calendar.week.to_string())
}

#[test]
fn c7_hours_holidays_and_on_call_are_previewed_and_hold_when_a_second_person_approves() {
    let (mut world, [gaston, chloe, denis]) = town(1);
    let mireille = world.administrator();
    // Day 0 of a world is a Monday.
    let (sunday, monday) = (paris(6, "22:00"), paris(7, "08:00"));
    let covers = Period { from: paris(6, "20:00"), until: paris(7, "07:00") };
    let agent = world.agent(denis);
    let turn = Turn { period: covers, order: vec![agent] };
    let rota = Rota { covers, turns: vec![turn] };
    says(&mut world, mireille, Act::SetRota { team: TeamNumber(1), rota }).unwrap();
    let proposal = propose(&mut world, mireille, hours("lun-ven 08:00-17:00"));

    // Nothing is closed yet, and everybody can see what would be: on Sunday at 22:00, on a holiday.
    let seen = |world: &World, phone: Phone| {
        let preview = world.registry_of(phone).preview(proposal).unwrap();
        [chloe, denis].map(|who| preview.reachable(world.agent(who), sunday))
    };
    for phone in [mireille, gaston, chloe] {
        assert_eq!(world.registry_of(phone).reachable(world.agent(chloe), sunday), Reachable::OnDuty);
        let [of_chloe, of_denis] = seen(&world, phone);
        assert!(matches!(of_chloe, Reachable::OffDuty { reopens_at: Some(at) } if at == monday));
        assert!(matches!(of_denis, Reachable::OnCall { .. }));
    }
    let own = says(&mut world, mireille, Act::Approve { proposal }).unwrap_err();
    assert_eq!(own.code, FaultCode::SecondPersonRequired);
    let agents = says(&mut world, chloe, Act::Approve { proposal }).unwrap_err();
    assert_eq!(agents.code, FaultCode::StatementForbidden);
    assert_eq!(week_of(&world, chloe), None);

    // Denis is in the valley when it is approved: the old hours are his until he hears of the new ones.
    world.cut(denis);
    says(&mut world, gaston, Act::Approve { proposal }).unwrap();
    world.run_until_quiet();
    let standing =
        *world.registry_of(chloe).standing_policy(PolicySubject::Calendar(HoursScope::Organisation)).unwrap();
    assert_eq!(
        (standing.author, standing.approver),
        (Some(world.agent(mireille)), Some(world.agent(gaston)))
    );
    assert_eq!((week_of(&world, chloe), week_of(&world, denis)), (Some("lun-ven 08:00-17:00".into()), None));
    world.restore(denis, Link::default());
    world.pass(10 * MINUTE);
    assert_eq!(week_of(&world, denis), Some("lun-ven 08:00-17:00".into()));

    // They hold: what is written in the evening comes at eight.
    world.run_until(paris(world.day() + 1, "18:00"));
    let held = world.write(gaston, "Pour demain matin.");
    world.run_until(paris(world.day(), "23:00"));
    assert!(!world.inbox(chloe).contains(&held));
    // A phone without network knows them by itself.
    world.cut(denis);
    let offline = world.registry_of(denis).reachable(world.agent(denis), paris(world.day(), "23:00"));
    assert!(matches!(offline, Reachable::OffDuty { .. }));
}

#[test]
fn c7_whoever_administers_alone_waits_a_day_in_which_all_agents_see_it() {
    println!("seed 2");
    let mut world = World::seeded(2);
    let [chloe, denis] = world.team(["chloe", "denis"]);
    let mireille = world.administrator();
    world.state(vec![Act::RequireSecondPerson]);
    let proposed = world.now();
    let proposal = propose(&mut world, mireille, hours("lun-ven 08:00-17:00"));
    for phone in [chloe, denis] {
        let [(number, seen)] = world.registry_of(phone).proposals().collect::<Vec<_>>()[..] else {
            panic!("one proposal")
        };
        assert_eq!((number, seen.author), (proposal, world.agent(mireille)));
    }
    world.crash_relay(30);
    world.pass(23 * HOUR);
    let fault = says(&mut world, mireille, Act::Approve { proposal }).unwrap_err();
    assert_eq!(fault.code, FaultCode::ApprovalWaits);
    let until = fault.reopens_at.unwrap();
    assert!((proposed.0 + DAY..proposed.0 + DAY + 10 * MINUTE).contains(&until.0), "a day after it was made");
    assert_eq!(week_of(&world, chloe), None);
    // A clock set forward brings no day: such a date is not taken.
    world.set_clock_error(mireille, i64::try_from(DAY).unwrap());
    assert_eq!(
        says(&mut world, mireille, Act::Approve { proposal }).unwrap_err().code,
        FaultCode::ClockWrong
    );
    world.set_clock_error(mireille, 0);
    world.pass(HOUR + 20 * MINUTE);
    says(&mut world, mireille, Act::Approve { proposal }).unwrap();
    world.run_until_quiet();
    assert_eq!(week_of(&world, chloe), Some("lun-ven 08:00-17:00".into()));
}

#[test]
fn a_policy_on_top_of_an_old_version_is_refused_and_nothing_changes() {
    let (mut world, [gaston, chloe, _]) = town(3);
    let mireille = world.administrator();
    // Both prepare a change of the same hours; Mireille's is approved first.
    let of_gaston = change(&world, gaston, hours("mar-sam 08:00-17:00"));
    let proposal = propose(&mut world, mireille, hours("lun-ven 08:00-17:00"));
    says(&mut world, gaston, Act::Approve { proposal }).unwrap();
    let fault = says(&mut world, gaston, Act::Propose { changes: vec![of_gaston] }).unwrap_err();
    let version = world.registry_of(gaston).standing_policies().next().unwrap().1.version;
    assert_eq!((fault.code, fault.number), (FaultCode::PolicyOutdated, Some(version.0)));
    world.run_until_quiet();
    assert_eq!(week_of(&world, chloe), Some("lun-ven 08:00-17:00".into()));
    let direct =
        Act::SetCalendar { scope: HoursScope::Organisation, calendar: Calendar::always_open("Europe/Paris") };
    assert_eq!(says(&mut world, gaston, direct).unwrap_err().code, FaultCode::SecondPersonRequired);
}

#[test]
fn a_derogation_is_a_notice_to_the_representatives_within_a_minute_and_to_nobody_off_duty() {
    let (mut world, [gaston, chloe, denis]) = town(4);
    let mireille = world.administrator();
    let named = |world: &World, phone| Policy::Representative { agent: world.agent(phone), named: true };
    for phone in [chloe, denis] {
        let policy = named(&world, phone);
        let proposal = propose(&mut world, mireille, policy);
        says(&mut world, gaston, Act::Approve { proposal }).unwrap();
    }
    let proposal = propose(&mut world, mireille, hours("lun-ven 08:00-17:00"));
    says(&mut world, gaston, Act::Approve { proposal }).unwrap();
    let own = Policy::Calendar {
        scope: HoursScope::Agent(world.agent(chloe)),
        calendar: Calendar::always_open("Europe/Paris"),
    };
    let proposal = propose(&mut world, mireille, own);
    says(&mut world, gaston, Act::Approve { proposal }).unwrap();
    world.at("21:00");
    let author = world.agent(mireille);
    let period = Period { from: world.now(), until: Timestamp(world.now().0 + 2 * HOUR) };
    let derogation = Override {
        period,
        basis: LegalBasis::EXCEPTIONAL_CIRCUMSTANCES,
        author,
        reason: "Arbre sur la route".into(),
    };
    let agents = [gaston, mireille].map(|phone| world.agent(phone));
    let acts = agents.map(|agent| Act::AddOverride { agent, derogation: derogation.clone() });
    world.state(acts.to_vec());
    world.pass(MINUTE);
    let notices = world.reader(chloe).notices().unwrap();
    let [notice] = notices.as_slice() else { panic!("{notices:?}") };
    assert_eq!((notice.author, notice.period, notice.basis), (author, period, derogation.basis));
    assert_eq!(
        (notice.reason.as_str(), notice.agents.as_slice(), notice.new),
        ("Arbre sur la route", &agents[..], true)
    );
    assert_eq!(world.reader(chloe).notices_waiting().unwrap(), 1);
    // Denis represents the staff too, and is at home.
    assert_eq!(world.reader(denis).notices().unwrap(), []);
    assert_eq!(world.reader(gaston).notices_waiting().unwrap(), 0, "no representative");
    world.ask(chloe, Command::NoticesSeen);
    assert_eq!(world.reader(chloe).notices_waiting().unwrap(), 0);
    assert!(!world.reader(chloe).notices().unwrap()[0].new);
    let morning = paris(world.day() + 1, "08:10");
    world.run_until(morning);
    assert_eq!(world.reader(denis).notices_waiting().unwrap(), 1);
}
