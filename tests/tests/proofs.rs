//! An agent's proofs, and what is told of a month: asked of the real relay by real devices.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::{DutyPeriod, LegalBasis, Override, Period};
use estafette_protocol::proof::Proof;
use estafette_protocol::reachability::{Arrival, ReachabilityQuestion, ReachableFor, SignedReachability};
use estafette_protocol::statement::{Act, Class, History};
use estafette_protocol::statistics::{Month, PEOPLE};
use estafette_protocol::{Fault, FaultCode, RosterId, TeamNumber, Timestamp};
use estafette_world::{DAY, HOUR, MINUTE, Phone, World, paris};

fn ask(world: &mut World, phone: Phone, body: RequestBody) -> Result<Reply, Fault> {
    match world.ask(phone, Command::Ask(body)) {
        CommandAnswer::Reply(reply) => Ok(reply),
        CommandAnswer::Refused(fault) => Err(fault),
        other => panic!("{other:?}"),
    }
}

fn word(
    world: &mut World,
    phone: Phone,
    question: ReachabilityQuestion,
) -> Result<SignedReachability, Fault> {
    ask(world, phone, RequestBody::Reachability(question)).map(|reply| match reply {
        Reply::Reachability(word) => word,
        other => panic!("{other:?}"),
    })
}

fn proof(world: &World, phone: Phone, word: SignedReachability) -> Proof {
    let chain = world.reader(phone).statements().unwrap();
    Proof { founding: chain[0].clone(), word, arrival: None, chain: Some(chain) }
}

#[test]
fn a12_the_next_day_an_agent_proves_that_nothing_reached_them_at_21_h() {
    println!("seed 1");
    let mut world = World::seeded(1);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    world.set_hours(&[("08:00", "17:00")]);
    world.set_own_hours(denis, &[]);
    world.run_until_quiet();
    let thread = world.team_thread();
    world.at("16:50");
    let evening = world.day();
    let early = world.write(denis, "Avant la fin.");
    world.at("19:00");
    let held = world.write(denis, "Ce soir.");
    world.at("21:00");
    // Somebody else is let through; it concerns Amine in nothing.
    let author = world.agent(world.administrator());
    let period = Period { from: world.now(), until: paris(evening, "23:00") };
    let basis = LegalBasis::EXCEPTIONAL_CIRCUMSTANCES;
    let derogation = Override { period, basis, author, reason: "Arbre sur la route".into() };
    let agent = world.agent(chloe);
    world.state(vec![Act::AddOverride { agent, derogation }]);
    world.run_until_quiet();
    assert!(!world.inbox(amine).contains(&held));
    // Off duty, no word on messages: it would be a sign that there are some.
    let position = |world: &World, uid| {
        let mut reader = world.reader(denis);
        reader.find(uid).unwrap().unwrap().1.position
    };
    let about = |position| ReachabilityQuestion::Entry { thread, position };
    let held_at = position(&world, held);
    let refused = word(&mut world, amine, about(held_at)).unwrap_err();
    assert_eq!(refused.code, FaultCode::OffHours);

    world.run_until(paris(evening + 1, "09:00"));
    let whole = ReachabilityQuestion::Period(Period {
        from: paris(evening, "20:00"),
        until: paris(evening, "23:00"),
    });
    let said = word(&mut world, amine, whole).unwrap();
    let shown = proof(&world, amine, said.clone()).verify().unwrap();
    assert!(shown.rests_on_chain);
    let told = &shown.reachability;
    assert_eq!(told.agent, world.agent(amine));
    let states: Vec<_> = told.stretches.iter().map(|stretch| stretch.reachable).collect();
    assert_eq!(states, [ReachableFor::Nothing]);
    // Chloé's own says something else; Amine's in her name does not hold.
    let of_chloe = word(&mut world, chloe, whole).unwrap();
    let shown = proof(&world, chloe, of_chloe).verify().unwrap();
    let states: Vec<_> = shown.reachability.stretches.iter().map(|stretch| stretch.reachable).collect();
    assert_eq!(states, [ReachableFor::Nothing, ReachableFor::Everything]);
    let mut stranger = said;
    stranger.body[20] ^= 1;
    assert!(proof(&world, amine, stranger).verify().is_err());

    // Of the message: held until eight, and the device says when it came.
    let at = held_at;
    let said = word(&mut world, amine, about(at)).unwrap();
    let reader = world.reader(amine);
    let arrived_at = reader.arrived_at(thread, at).unwrap().unwrap();
    let opening = paris(evening + 1, "08:00");
    assert!(
        (opening..opening.after(std::time::Duration::from_secs(60))).contains(&arrived_at),
        "{arrived_at}"
    );
    let identity = reader.identity().clone();
    let (organisation, device) = (identity.organisation, identity.device);
    let arrival =
        Arrival { organisation, device, thread, position: at, arrived_at }.sign(&identity.signing_key());
    let whole = Proof { arrival: Some(arrival), ..proof(&world, amine, said) };
    let shown = whole.verify().unwrap();
    assert_eq!(shown.reachability.entry.as_ref().unwrap().held_until, Some(opening));
    assert_eq!(shown.arrived_at, Some(arrived_at));
    let at = position(&world, early);
    let said = word(&mut world, amine, about(at)).unwrap();
    let told = proof(&world, amine, said).verify().unwrap().reachability.entry.unwrap();
    assert_eq!(told.held_until, Some(told.received_at), "on duty nothing is held");
}

#[test]
fn only_the_past_is_told_and_only_of_threads_in_which_one_is() {
    println!("seed 2");
    let mut world = World::seeded(2);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    world.roster(&[amine, chloe]);
    world.write(amine, "Bonjour.");
    world.run_until_quiet();
    let (from, until) = (world.now(), Timestamp(world.now().0 + HOUR));
    let future = word(&mut world, amine, ReachabilityQuestion::Period(Period { from, until })).unwrap_err();
    assert_eq!((future.code, future.reasons), (FaultCode::HoursInvalid, Some(vec!["not_past".to_owned()])));
    let long = Period { from: Timestamp(from.0 - 32 * DAY), until: from };
    let long = word(&mut world, amine, ReachabilityQuestion::Period(long)).unwrap_err();
    assert_eq!(long.code, FaultCode::HoursInvalid);
    let other = world.roster(&[chloe, denis]);
    let hidden = ReachabilityQuestion::Entry {
        thread: other.first_thread(),
        position: estafette_protocol::Position(1),
    };
    assert_eq!(word(&mut world, amine, hidden).unwrap_err().code, FaultCode::NotAMember);
    let none = ReachabilityQuestion::Entry {
        thread: world.team_thread(),
        position: estafette_protocol::Position(99),
    };
    assert_eq!(word(&mut world, amine, none).unwrap_err().code, FaultCode::NotFound);
}

/// A team of these phones, as a service.
fn service(world: &mut World, number: u32, members: &[Phone]) -> RosterId {
    let roster = RosterId([number as u8; 32]);
    let team = Some(TeamNumber(number));
    let mut acts = vec![Act::CreateRoster { roster, class: Class::Service, team, retention_days: 365 }];
    acts.extend(members.iter().map(|phone| Act::Admit {
        roster,
        device: world.device_id(*phone),
        history: History::None,
    }));
    world.state(acts);
    world.run_until_quiet();
    roster
}

#[test]
fn b12_a_month_is_told_by_service_and_nothing_of_fewer_than_ten_people() {
    println!("seed 3");
    let mut world = World::seeded_at(3, Timestamp(paris(0, "09:00").0));
    let names: [String; 12] = std::array::from_fn(|number| format!("agent-{number}"));
    let people = world.people(names.each_ref().map(String::as_str));
    let (large, small) = (&people[..10], &people[10..]);
    let roads = service(&mut world, 1, large);
    let gardens = service(&mut world, 2, small);
    world.set_hours(&[("08:00", "17:00")]);
    world.run_until_quiet();
    world.at("16:00");
    // Both have orders for the evening: on duty, and outside their calendar.
    let evening = Period { from: world.now(), until: Timestamp(world.now().0 + 8 * HOUR) };
    let author = world.agent(world.administrator());
    let duty = DutyPeriod { period: evening, author, reason: "Inventaire".into() };
    let ordered = [large[0], small[0]].map(|phone| world.agent(phone));
    let orders = ordered.map(|agent| Act::AddDuty { agent, duty: duty.clone() });
    world.state(orders.to_vec());
    world.run_until_quiet();
    world.write_in(large[0], roads.first_thread(), "Dans mes horaires.", &[]);
    world.at("19:00");
    for (phone, roster, count) in [(large[0], roads, 3), (small[0], gardens, 2)] {
        for number in 0..count {
            world.write_in(phone, roster.first_thread(), &format!("Le soir, {number}"), &[]);
        }
    }
    let period = Period { from: world.now(), until: Timestamp(world.now().0 + HOUR) };
    let basis = LegalBasis::EXCEPTIONAL_CIRCUMSTANCES;
    let derogation = Override { period, basis, author, reason: "Crue".into() };
    let overridden = [large[1], large[2], small[1]].map(|phone| world.agent(phone));
    let derogations = overridden.map(|agent| Act::AddOverride { agent, derogation: derogation.clone() });
    world.state(derogations.to_vec());
    world.pass(10 * MINUTE);
    let month = Month::of(world.now()).unwrap();
    let administrator = world.administrator();
    let running = ask(&mut world, administrator, RequestBody::Statistics { month }).unwrap_err();
    assert_eq!(running.reasons, Some(vec!["not_past".to_owned()]), "a month that goes on");
    let (_, end) = month.bounds().unwrap();
    world.run_until(end.after(std::time::Duration::from_millis(10 * HOUR)));
    let Reply::Statistics { cells, withheld } =
        ask(&mut world, administrator, RequestBody::Statistics { month }).unwrap()
    else {
        panic!("statistics")
    };
    let told: Vec<_> = cells
        .iter()
        .map(|cell| (cell.team, cell.people, cell.counts.overrides, cell.counts.off_hours))
        .collect();
    // The services of ten and of two people would tell of each other beside the total.
    assert_eq!(told, [(None, PEOPLE as u32 + 2, 3, 5)]);
    assert_eq!(withheld, 2);
    world.at("09:00");
    let agents = ask(&mut world, large[0], RequestBody::Statistics { month }).unwrap_err();
    assert_eq!(agents.code, FaultCode::Forbidden);
}
