//! Urgent messages at night: who may declare them, whom they reach, who is called, and who answers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::MessageState;
use estafette_protocol::entry::{Urgency, WireEntry};
use estafette_protocol::frame::{AppendResult, Message, Reply, RequestBody};
use estafette_protocol::hours::{Calendar, LegalBasis, Override, Period};
use estafette_protocol::statement::{Act, HoursScope, RevocationReason, Role};
use estafette_protocol::urgency::{Answer, Declared, Terms};
use estafette_protocol::{EntryUid, Fault, FaultCode, Signature, TeamNumber, ThreadId, Timestamp};
use estafette_server::audit::{What, Who};
use estafette_world::{Link, MINUTE, Phone, World, paris, terms};

const NIGHT: fn() -> Period = || Period { from: paris(0, "17:00"), until: paris(1, "08:00") };

/// Bruno leads Amine, Chloé and Dora, whose day is 08:00 to 17:00; his own is until midnight, and he may
/// declare urgencies.
fn town(seed: u64) -> (World, [Phone; 4], ThreadId) {
    let mut world = World::seeded(seed);
    let people = world.people(["bruno", "amine", "chloe", "dora"]);
    let roster = world.service_roster_of(1, &people);
    world.set_role(people[0], Role::Supervisor);
    world.set_hours(&[("08:00", "17:00")]);
    world.set_own_hours(people[0], &[("00:00", "24:00")]);
    world.entitle(people[0]);
    (world, people, roster.first_thread())
}

fn bodies(world: &World, phone: Phone, thread: ThreadId) -> Vec<String> {
    world.timeline(phone, thread).into_iter().map(|shown| shown.text).collect()
}

fn state_of(world: &World, phone: Phone, uid: EntryUid) -> MessageState {
    world.reader(phone).find(uid).unwrap().expect("a message").1.state
}

fn answer(world: &mut World, phone: Phone, entry: EntryUid) -> Result<(), FaultCode> {
    match world.ask(phone, Command::AnswerCall { entry }) {
        CommandAnswer::Done => Ok(()),
        CommandAnswer::Refused(fault) => Err(fault.code),
        other => panic!("{other:?}"),
    }
}

/// The urgencies that the relay tells of.
fn declared(world: &mut World, phone: Phone) -> Result<Vec<Declared>, FaultCode> {
    match world.ask(phone, Command::Ask(RequestBody::Urgencies)) {
        CommandAnswer::Reply(Reply::Urgencies { declared }) => Ok(declared),
        CommandAnswer::Refused(fault) => Err(fault.code),
        other => panic!("{other:?}"),
    }
}

/// What the relay says to an entry that a device's owner makes by hand.
fn by_hand(world: &mut World, phone: Phone, entry: WireEntry) -> Result<(), Fault> {
    let answers = world.by_hand(phone, vec![RequestBody::Append { entries: vec![entry] }]).unwrap();
    match answers[0].as_ref().unwrap() {
        Reply::Appended { results, .. } => match &results[0] {
            AppendResult::Stands { .. } => Ok(()),
            AppendResult::Refused(fault) => Err(fault.clone()),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn b10_without_the_right_an_urgency_is_refused_and_with_it_the_phones_on_call_have_it_at_once() {
    let (mut world, [bruno, amine, chloe, dora], thread) = town(61);
    world.set_role(dora, Role::Supervisor);
    world.put_on_call(1, &[amine], NIGHT());
    world.at("21:00");
    // Dora leads the team too, and has not the right: her own device says so, and so does the relay.
    let until = paris(0, "23:30");
    assert_eq!(
        world.try_declare(dora, thread, "Tempête.", terms(until)).unwrap_err().code,
        FaultCode::Forbidden
    );
    let sent = world.declare(bruno, thread, "Arbre sur la route de Vaux.", until);
    world.pass(5_000);
    assert_eq!(bodies(&world, amine, thread), ["Arbre sur la route de Vaux."], "at once");
    for phone in [chloe, dora] {
        assert_eq!(bodies(&world, phone, thread), [""; 0], "{phone:?} is off duty");
        assert_eq!(declared(&mut world, phone), Err(FaultCode::OffHours));
    }
    // Amine reads with it who declared it, on what right, why and until when.
    let shown = world.urgency(amine, sent);
    assert_eq!((shown.author, shown.own), (Some(world.agent(bruno)), false));
    assert_eq!(shown.terms, terms(until));
    assert!(shown.called_until > Timestamp(0), "the phone rings");
    // The audit says the same, with how many it reaches, and no word of it.
    let lines = world.audit_lines(What::UrgencyDeclared);
    let [line] = &lines[..] else { panic!("{lines:?}") };
    let subject = &line.subject;
    assert!(matches!(line.who, Who::Device { agent, .. } if agent == world.agent(bruno)));
    assert_eq!((subject.value, subject.times, subject.until), (Some(1), Some(3), Some(until)));
    assert_eq!((subject.roster, subject.hash.is_some()), (Some(thread.roster()), true));
    assert_eq!(subject.from.map(|at| at.since(paris(0, "21:00")) < Duration::from_secs(5)), Some(true));
    assert_eq!(subject.statement, Some(world.registry().last()));
    world.at("08:00");
    world.run_until_quiet();
    let told = Declared {
        at: subject.from.unwrap(),
        author: Some(world.agent(bruno)),
        team: Some(TeamNumber(1)),
        terms: Some(terms(until)),
        unanswered: true,
    };
    // Nobody of the rota has answered; everybody may know all of it but what was written.
    assert_eq!(declared(&mut world, chloe), Ok(vec![told]));
    for phone in [chloe, dora] {
        assert_eq!(bodies(&world, phone, thread), ["Arbre sur la route de Vaux."], "with everything else");
        assert_eq!(world.urgency(phone, sent).terms, terms(until), "and why it did not wake them");
        assert_eq!(world.called_at(phone, sent), 0);
    }
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn a1_6_an_urgency_to_a_team_of_20_with_2_on_call_reaches_2_devices_now_and_18_at_the_opening() {
    let mut world = World::seeded(62);
    let author = world.enrolled("bruno");
    let team = world.people([
        "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10", "a11", "a12", "a13", "a14", "a15",
        "a16", "a17", "a18", "a19", "a20",
    ]);
    let everybody: Vec<Phone> = std::iter::once(author).chain(team).collect();
    let thread = world.service_roster_of(1, &everybody).first_thread();
    world.set_hours(&[("08:00", "17:00")]);
    world.set_own_hours(author, &[("00:00", "24:00")]);
    world.entitle(author);
    world.put_on_call(1, &[team[3], team[11]], NIGHT());
    world.at("21:05");
    let sent = world.declare(author, thread, "Crue.", paris(0, "23:00"));
    world.pass(20 * MINUTE);
    let has = |world: &World| -> Vec<usize> {
        let here = |phone: &Phone| world.timeline(*phone, thread).iter().any(|shown| shown.uid == sent);
        (0..20).filter(|at| here(&team[*at])).collect()
    };
    assert_eq!(has(&world), [3, 11], "exactly the two on call");
    world.at("07:59");
    assert_eq!(has(&world), [3, 11]);
    world.at("08:00");
    world.run_until_quiet();
    assert_eq!(has(&world).len(), 20);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn b11_who_does_not_answer_is_followed_by_the_next_and_then_nobody_has_answered() {
    let (mut world, [bruno, amine, chloe, dora], thread) = town(63);
    world.put_on_call(1, &[chloe, amine, dora], NIGHT());
    world.at("21:00");
    let sent = world.declare(bruno, thread, "Fuite rue Haute.", paris(0, "23:00"));
    world.pass(5_000);
    for phone in [amine, chloe, dora] {
        assert_eq!(bodies(&world, phone, thread).len(), 1, "all on call have it");
    }
    assert!(world.called_at(chloe, sent) > 0, "the first of the order is called");
    assert_eq!((world.called_at(amine, sent), world.called_at(dora, sent)), (0, 0), "and nobody else");
    world.pass(9 * MINUTE);
    assert_eq!(world.called_at(amine, sent), 0, "not before ten minutes");
    // The relay restarts in the middle of the call, and over the moment of the next one.
    world.crash_relay(90);
    world.pass(5 * MINUTE);
    let called = world.called_at(amine, sent);
    assert!(called >= paris(0, "21:10").0, "the next one, {called}");
    assert_eq!(world.called_at(dora, sent), 0);
    world.crash_relay(5);
    world.pass(11 * MINUTE);
    assert!(world.called_at(dora, sent) > called);
    assert_eq!(world.urgency(bruno, sent).unanswered_at, None);
    let order: Vec<_> = world.urgency(bruno, sent).asked.iter().map(|asked| asked.agent).collect();
    let expected = [chloe, amine, dora].map(|phone| world.agent(phone));
    assert_eq!(order, expected, "each once, in the rota's order");
    // The author is away when the last lets it pass, and learns it when back.
    world.cut(bruno);
    world.pass(11 * MINUTE);
    assert_eq!(world.audit_lines(What::CallUnanswered).len(), 1);
    world.restore(bruno, Link::default());
    world.pass(MINUTE);
    assert!(world.urgency(bruno, sent).unanswered_at.is_some(), "« personne n’a répondu »");
    // Who comes late still answers.
    answer(&mut world, dora, sent).unwrap();
    world.pass(10_000);
    let answered = world.urgency(bruno, sent).answered;
    assert_eq!(answered.iter().map(|one| one.agent).collect::<Vec<_>>(), [world.agent(dora)]);
    assert_eq!(world.audit_lines(What::CallUnanswered).len(), 1);
}

#[test]
fn b11_the_first_answer_ends_the_call_though_the_relay_restarts_meanwhile() {
    let (mut world, [bruno, amine, chloe, dora], thread) = town(64);
    world.put_on_call(1, &[chloe, amine, dora], NIGHT());
    world.at("21:00");
    let sent = world.declare(bruno, thread, "Fuite rue Haute.", paris(0, "23:00"));
    world.pass(2 * MINUTE);
    // Amine stands second, and answers before anybody calls.
    answer(&mut world, amine, sent).unwrap();
    answer(&mut world, amine, sent).unwrap();
    world.pass(10_000);
    let shown = world.urgency(bruno, sent);
    let who: Vec<_> = shown.answered.iter().map(|one| one.agent).collect();
    assert_eq!(who, [world.agent(amine)]);
    assert!(shown.answered[0].at.since(paris(0, "21:02")) < Duration::from_secs(10));
    assert_eq!(
        world.urgency(chloe, sent).answered,
        shown.answered,
        "who was called knows that somebody goes"
    );
    world.crash_relay(5);
    world.pass(60 * MINUTE);
    assert_eq!((world.called_at(amine, sent), world.called_at(dora, sent)), (0, 0));
    assert_eq!(world.urgency(bruno, sent).unanswered_at, None);
    assert_eq!(world.audit_lines(What::CallUnanswered), []);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn b11_the_teams_supervisors_who_can_be_reached_are_told_too_and_nobody_else_is() {
    let (mut world, [bruno, amine, chloe, dora], thread) = town(73);
    world.set_role(dora, Role::Supervisor);
    world.set_own_hours(dora, &[("00:00", "24:00")]);
    world.put_on_call(1, &[amine], NIGHT());
    world.at("21:00");
    world.listen();
    let sent = world.declare(bruno, thread, "Fuite.", paris(0, "23:00"));
    world.pass(12 * MINUTE);
    let told = |phone: Phone| {
        let heard = world.heard(phone).into_iter();
        let alarms =
            heard.filter(|message| matches!(message, Message::Unanswered { entry, .. } if *entry == sent));
        alarms.count()
    };
    assert_eq!([bruno, dora, amine, chloe].map(told), [1, 1, 0, 0]);
    assert!(world.urgency(dora, sent).unanswered_at.is_some());
    assert_eq!(world.urgency(dora, sent).asked.len(), 1, "and sees who was called");
    let calls = |phone: Phone| {
        let heard = world.heard(phone).into_iter();
        heard.filter(|message| matches!(message, Message::Call { .. })).count()
    };
    assert_eq!([bruno, dora, amine, chloe].map(calls), [0, 0, 1, 0], "one is called, once");
    world.at("08:00");
    world.run_until_quiet();
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn b11_who_goes_on_leave_or_loses_the_phone_meanwhile_is_passed_over_at_once() {
    let (mut world, [bruno, amine, chloe, dora], thread) = town(65);
    world.put_on_call(1, &[chloe, amine, dora], NIGHT());
    world.at("21:00");
    let sent = world.declare(bruno, thread, "Fuite rue Haute.", paris(0, "23:00"));
    world.pass(MINUTE);
    assert!(world.called_at(chloe, sent) > 0);
    let leave = Period { from: paris(0, "21:00"), until: paris(2, "00:00") };
    let agent = world.agent(chloe);
    world.revoke_as(amine, RevocationReason::Lost);
    world.state(vec![Act::GrantLeave { agent, period: leave }]);
    world.pass(MINUTE);
    let asked: Vec<_> = world.urgency(bruno, sent).asked.iter().map(|asked| asked.agent).collect();
    assert_eq!(asked, [chloe, dora].map(|phone| world.agent(phone)));
    assert!(world.called_at(dora, sent) > 0, "not ten minutes later");
}

#[test]
fn a12_an_agent_not_on_call_gets_nothing_at_night_and_what_was_written_on_duty_leaves_by_itself() {
    let (mut world, [bruno, amine, chloe, _], thread) = town(66);
    world.put_on_call(1, &[chloe], NIGHT());
    world.at("16:50");
    world.cut(amine);
    let late = world.write_in(amine, thread, "Pont vérifié.", &[]);
    world.at("19:00");
    world.restore(amine, Link::default());
    world.pass(10 * MINUTE);
    assert_eq!(world.relay_log(thread).last().map(|kept| kept.uid), Some(late), "it left by itself");
    world.at("21:00");
    let wake_ups = world.wake_ups(amine).len();
    world.listen();
    let sent = world.declare(bruno, thread, "Verglas.", paris(0, "23:59"));
    world.pass(30 * MINUTE);
    assert_eq!(bodies(&world, amine, thread), ["Pont vérifié."], "nothing is received");
    assert_eq!((world.wake_ups(amine).len(), world.called_at(amine, sent)), (wake_ups, 0));
    assert!(bodies(&world, chloe, thread).contains(&"Verglas.".to_owned()));
    world.at("08:00");
    world.run_until_quiet();
    let shown = world.timeline(amine, thread);
    assert_eq!(shown.last().map(|shown| shown.text.as_str()), Some("Verglas."));
    assert!(shown.last().unwrap().received_at.since(paris(0, "21:00")) < Duration::from_secs(5), "its hour");
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn an_urgency_ends_at_its_end_and_is_then_an_ordinary_message() {
    let (mut world, [bruno, amine, _, _], thread) = town(67);
    world.put_on_call(1, &[amine], NIGHT());
    world.at("21:00");
    world.cut(amine);
    let sent = world.declare(bruno, thread, "Verglas.", paris(0, "22:00"));
    world.at("22:01");
    world.restore(amine, Link::default());
    world.pass(20 * MINUTE);
    assert_eq!(bodies(&world, amine, thread), [""; 0], "its end has passed");
    assert!(world.urgency(bruno, sent).unanswered_at.is_some());
    world.at("08:00");
    world.run_until_quiet();
    assert_eq!(bodies(&world, amine, thread), ["Verglas."]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn the_sixth_urgency_or_override_of_an_author_within_24_hours_is_refused_though_the_relay_restarted() {
    let (mut world, [bruno, amine, _, _], thread) = town(68);
    world.put_on_call(1, &[amine], NIGHT());
    let administrator = world.administrator();
    world.admit(thread.roster(), administrator);
    world.entitle(administrator);
    world.at("20:00");
    let until = paris(0, "23:00");
    for number in 0..4 {
        let sent = world.declare(administrator, thread, &format!("Urgence {number}"), until);
        world.pass(MINUTE);
        assert_eq!(state_of(&world, administrator, sent), MessageState::Standing);
    }
    let over = |world: &World, hour: &str| {
        let derogation = Override {
            period: Period { from: paris(0, "22:00"), until: paris(0, hour) },
            basis: LegalBasis::EXCEPTIONAL_CIRCUMSTANCES,
            author: world.agent(administrator),
            reason: "Crue de la Loire.".to_owned(),
        };
        Act::AddOverride { agent: world.agent(amine), derogation }
    };
    // One statement is one decision, whatever it holds.
    let two = vec![over(&world, "22:30"), over(&world, "22:45")];
    world.state(two);
    world.crash_relay(2);
    world.pass(MINUTE);
    let act = over(&world, "23:00");
    let CommandAnswer::Refused(fault) = world.ask(administrator, Command::State(vec![act])) else {
        panic!("taken")
    };
    assert_eq!((fault.code, fault.number), (FaultCode::OverrideLimit, Some(5)));
    let sixth = world.declare(administrator, thread, "Urgence 6", until);
    world.pass(MINUTE);
    assert_eq!(state_of(&world, administrator, sixth), MessageState::Refused(FaultCode::OverrideLimit));
    let refused = world.audit_lines(What::Refused);
    assert!(refused.iter().any(|line| line.subject.fault == Some(FaultCode::OverrideLimit)), "{refused:?}");
    assert_eq!(world.audit_lines(What::UrgencyDeclared).len(), 4, "what was refused is not declared");
    // Another holder still may, and the same one a day later.
    let other = world.declare(bruno, thread, "D’un autre.", until);
    world.pass(MINUTE);
    assert_eq!(state_of(&world, bruno, other), MessageState::Standing);
    world.run_until(paris(1, "20:30"));
    let next = world.declare(administrator, thread, "Le lendemain", paris(1, "23:00"));
    world.pass(MINUTE);
    assert_eq!(state_of(&world, administrator, next), MessageState::Standing);
}

#[test]
fn the_relay_refuses_terms_that_are_missing_wrong_or_out_of_place_each_with_its_word() {
    let (mut world, [bruno, amine, _, _], thread) = town(69);
    world.at("10:00");
    let plain = world.write_in(bruno, thread, "Ordinaire.", &[]);
    world.run_until_quiet();
    let sealed = world.sealed_entry(bruno, plain);
    let fresh = |number: u8, urgency, terms: Option<Terms>| WireEntry {
        uid: EntryUid([number; EntryUid::LEN]),
        urgency,
        terms,
        ..sealed.clone()
    };
    let good = terms(paris(0, "12:00"));
    let baseless = Terms { basis: LegalBasis::NONE, ..good.clone() };
    let silent = Terms { reason: " ".to_owned(), ..good.clone() };
    let endless = Terms { until: Timestamp(0), ..good.clone() };
    let long = Terms { until: paris(1, "10:30"), ..good.clone() };
    for (number, urgency, terms, word) in [
        (1, Urgency::Emergency, None, "terms_missing"),
        (2, Urgency::Emergency, Some(baseless), "basis_missing"),
        (3, Urgency::Emergency, Some(silent), "bad_reason"),
        (4, Urgency::Emergency, Some(endless), "empty_period"),
        (5, Urgency::Emergency, Some(long), "override_too_long"),
        (6, Urgency::Normal, Some(good.clone()), "not_urgent"),
        (7, Urgency::OnCall, Some(good.clone()), "not_urgent"),
    ] {
        let fault = by_hand(&mut world, bruno, fresh(number, urgency, terms)).unwrap_err();
        assert_eq!((fault.code, fault.reasons), (FaultCode::OverrideInvalid, Some(vec![word.to_owned()])));
    }
    for minutes in [0, 61] {
        let entry = WireEntry {
            escalation_minutes: Some(minutes),
            ..fresh(8, Urgency::Emergency, Some(good.clone()))
        };
        let fault = by_hand(&mut world, bruno, entry).unwrap_err();
        assert_eq!(fault.reasons, Some(vec!["bad_minutes".to_owned()]));
    }
    let alien = by_hand(&mut world, amine, fresh(9, Urgency::Emergency, Some(good.clone()))).unwrap_err();
    assert_eq!(alien.code, FaultCode::Forbidden);
    let own = Terms { until: paris(0, "09:00"), ..good };
    let refused = world.try_declare(bruno, thread, "Trop tard.", own).unwrap_err();
    assert_eq!(refused.code, FaultCode::OverrideInvalid, "one's own device refuses before anything leaves");
    assert_eq!(world.relay_log(thread).len(), 1);
    assert_eq!(world.audit_lines(What::UrgencyDeclared), []);
}

#[test]
fn an_answer_of_another_device_of_other_words_or_of_nobody_on_call_is_refused() {
    let (mut world, [bruno, amine, chloe, dora], thread) = town(70);
    world.put_on_call(1, &[amine, chloe], NIGHT());
    world.at("21:00");
    let sent = world.declare(bruno, thread, "Fuite.", paris(0, "23:00"));
    world.pass(MINUTE);
    let hash = world.sealed_entry(bruno, sent).into_sealed().unwrap().hash();
    let signed = |world: &World, phone: Phone, other: Answer| {
        let identity = world.reader(phone).identity().clone();
        other.sign(identity.organisation, &identity.signing_key())
    };
    let plain = |world: &World, phone: Phone| Answer {
        thread,
        entry: sent,
        hash,
        device: world.device_id(phone),
        at: world.now(),
        signature: Signature([0; Signature::LEN]),
    };
    let good = signed(&world, amine, plain(&world, amine));
    let foreign = signed(&world, amine, plain(&world, chloe));
    let altered = Answer { at: Timestamp(1), ..good.clone() };
    let other = signed(&world, amine, Answer { hash: estafette_protocol::Hash([7; 32]), ..good.clone() });
    let unknown = signed(&world, amine, Answer { entry: EntryUid([7; EntryUid::LEN]), ..good.clone() });
    let idle = signed(&world, dora, plain(&world, dora));
    for (phone, answer, code) in [
        (amine, foreign, FaultCode::ReceiptInvalid),
        (amine, altered, FaultCode::ReceiptInvalid),
        (amine, other, FaultCode::ReceiptInvalid),
        (amine, unknown, FaultCode::NotFound),
        (dora, idle, FaultCode::Forbidden),
    ] {
        let answers = world.by_hand(phone, vec![RequestBody::Answer(answer)]).unwrap();
        assert_eq!(answers[0].as_ref().unwrap_err().code, code);
    }
    assert_eq!(world.urgency(bruno, sent).answered, []);
    let answers = world.by_hand(amine, vec![RequestBody::Answer(good)]).unwrap();
    assert_eq!(answers[0], Ok(Reply::Done));
    world.pass(10_000);
    assert_eq!(world.urgency(bruno, sent).answered.len(), 1);
}

#[test]
fn an_intervention_is_recorded_for_the_agent_alone_and_ends_by_itself_or_by_their_word() {
    let (mut world, [bruno, amine, chloe, _], thread) = town(71);
    world.put_on_call(1, &[amine, chloe], NIGHT());
    world.at("21:00");
    let sent = world.declare(bruno, thread, "Fuite.", paris(0, "23:00"));
    world.pass(MINUTE);
    answer(&mut world, amine, sent).unwrap();
    // Chloé only reads it.
    world.at("21:10");
    world.read_all(chloe, thread);
    world.at("21:40");
    assert!(matches!(world.ask(amine, Command::EndIntervention), CommandAnswer::Done));
    let ended = world.reader(amine).interventions().unwrap();
    assert_eq!((ended.len(), ended[0].entry), (1, sent));
    assert_eq!((ended[0].began_at, ended[0].ended_at), (paris(0, "21:01"), Some(paris(0, "21:40"))));
    let CommandAnswer::Refused(fault) = world.ask(amine, Command::EndIntervention) else {
        panic!("ended twice")
    };
    assert_eq!(fault.code, FaultCode::NotFound);
    world.at("23:05");
    let closed = world.reader(chloe).interventions().unwrap();
    assert_eq!((closed[0].began_at, closed[0].ended_at), (paris(0, "21:10"), Some(paris(0, "23:00"))));
    assert_eq!(world.reader(bruno).interventions().unwrap(), [], "on duty there is none");
    // One that would last beyond the opening ends with it.
    world.run_until(paris(1, "06:30"));
    world.declare(bruno, thread, "Encore.", paris(1, "12:00"));
    world.pass(MINUTE);
    world.read_all(chloe, thread);
    world.run_until(paris(1, "09:00"));
    let closed = world.reader(chloe).interventions().unwrap();
    assert_eq!(closed[1].ended_at, Some(paris(1, "08:00")));
}

/// Everybody's calendar, with leave to prolong.
fn prolongable(world: &mut World, zone: &str) {
    let week = "lun-ven 08:00-17:00".parse().unwrap();
    let calendar = Calendar { prolongation: Some(true), ..Calendar::weekly(zone, week) };
    world.state(vec![Act::SetCalendar { scope: HoursScope::Organisation, calendar }]);
    world.run_until_quiet();
}

fn prolong(world: &mut World, phone: Phone, minutes: u64) -> Result<(), (FaultCode, Option<Vec<String>>)> {
    match world.ask(phone, Command::Prolong { length: Duration::from_secs(minutes * 60) }) {
        CommandAnswer::Reply(Reply::Done) => Ok(()),
        CommandAnswer::Refused(fault) => Err((fault.code, fault.reasons)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_prolongs_their_service_is_reached_for_an_hour_and_twice_a_day_at_most() {
    let (mut world, [_, amine, chloe, _], thread) = town(72);
    let refused = |word: &str| Err((FaultCode::ProlongationRefused, Some(vec![word.to_owned()])));
    world.at("16:30");
    assert_eq!(prolong(&mut world, amine, 60), refused("not_allowed"), "the calendar says nothing of it");
    prolongable(&mut world, "Europe/Paris");
    assert_eq!(prolong(&mut world, amine, 61), refused("longer_than_an_hour"));
    assert_eq!(prolong(&mut world, amine, 4), refused("shorter_than_five_minutes"));
    prolong(&mut world, amine, 60).unwrap();
    world.run_until_quiet();
    let hours = world.registry_of(amine).hours_of(world.agent(amine)).unwrap();
    let first = Period { from: paris(0, "17:00"), until: paris(0, "18:00") };
    assert_eq!(hours.prolonged, [first], "from where the day ends, in the agent's own record");
    // Off duty for an hour, the agent takes one more.
    world.at("19:00");
    let held = world.write_in(amine, thread, "Pour demain.", &[]);
    prolong(&mut world, amine, 60).unwrap();
    world.pass(MINUTE);
    assert!(
        world
            .registry_of(amine)
            .hours_of(world.agent(amine))
            .unwrap()
            .is_open(world.now(), estafette_protocol::hours::Reach::Duty)
    );
    assert!(
        matches!(state_of(&world, amine, held), MessageState::Held { until } if until == paris(1, "08:00"))
    );
    assert!(matches!(world.ask(amine, Command::Cancel { item: held }), CommandAnswer::Done), "until then");
    let now = world.write_in(amine, thread, "Tout de suite.", &[]);
    world.pass(MINUTE);
    assert_eq!(state_of(&world, amine, now), MessageState::Standing);
    world.at("20:30");
    assert_eq!(prolong(&mut world, amine, 30), refused("two_hours_a_day"));
    assert_eq!(world.audit_lines(What::DutyProlonged).len(), 2);
    // The chain says so to whoever does not ask their own device.
    let period = Period { from: world.now(), until: world.now().after(Duration::from_secs(1800)) };
    let statement = world.statement(amine, 0, vec![Act::ProlongDuty { period }]);
    let answers = world.by_hand(amine, vec![RequestBody::State { statement }]).unwrap();
    assert_eq!(answers[0].as_ref().unwrap_err().code, FaultCode::ProlongationRefused);
    world.at("23:30");
    assert_eq!(prolong(&mut world, chloe, 45), refused("over_midnight"));
    let period = Period { from: paris(1, "03:00"), until: paris(1, "04:00") };
    let statement = world.statement(chloe, 0, vec![Act::ProlongDuty { period }]);
    let answers = world.by_hand(chloe, vec![RequestBody::State { statement }]).unwrap();
    let fault = answers[0].as_ref().unwrap_err();
    assert_eq!(fault.reasons, Some(vec!["not_now".to_owned()]), "not for later");
}

#[test]
fn whoever_was_called_and_has_come_writes_at_once_until_the_intervention_is_over() {
    let (mut world, [bruno, amine, chloe, _], thread) = town(78);
    world.put_on_call(1, &[amine], NIGHT());
    world.at("21:00");
    let sent = world.declare(bruno, thread, "Arbre sur la route de Vaux.", paris(0, "23:30"));
    world.pass(5_000);
    assert_eq!(answer(&mut world, amine, sent), Ok(()));
    world.pass(5_000);
    world.write_in(amine, thread, "J’y suis, il me faut une tronçonneuse.", &[]);
    world.pass(5_000);
    let tree = "Arbre sur la route de Vaux.";
    assert_eq!(bodies(&world, bruno, thread), [tree, "J’y suis, il me faut une tronçonneuse."]);
    assert_eq!(bodies(&world, chloe, thread), [""; 0], "her rest is not touched");
    assert!(matches!(world.ask(amine, Command::EndIntervention), CommandAnswer::Done));
    world.write_in(amine, thread, "C’est dégagé.", &[]);
    world.pass(5_000);
    assert_eq!(bodies(&world, bruno, thread).len(), 2, "it waits for the reopening");
    world.at("08:05");
    world.run_until_quiet();
    assert_eq!(bodies(&world, bruno, thread).len(), 3);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}
