//! What a broken or hostile peer sends, and disks and clocks that fail: each time a stable code,
//! nothing lost, and the others unaffected (issue 3, section 10).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer, Engine};
use estafette_core::store::{DatabaseKey, StoreError};
use estafette_protocol::alias::ThreadRef;
use estafette_protocol::enrol::EnrolmentState;
use estafette_protocol::entry::Deed;
use estafette_protocol::exchange::ExchangeRequest;
use estafette_protocol::frame::{CommitUpload, Control, Message, Outcome, Reply, Request, RequestBody};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::{Act, Class, SignedStatement};
use estafette_protocol::{
    AgentNumber, EntryUid, Fault, FaultCode, Hash, OrganisationId, Position, RosterId, ThreadId, codec,
    limits,
};
use estafette_server::store::StoreError as RelayStoreError;
use estafette_server::store::sqlite::SqliteStore;
use estafette_world::{DAY, HOUR, Link, MINUTE, Phone, World};

fn team(seed: u64) -> (World, Phone, Phone) {
    let mut world = World::seeded(seed);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.listen();
    (world, amine, chloe)
}

/// Messages still go both ways, and all is well.
fn all_is_well(world: &mut World, amine: Phone, chloe: Phone) {
    world.run_until_quiet();
    let there = world.write(amine, "Et maintenant ?");
    let back = world.write(chloe, "Tout va bien.");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe).last(), Some(&there));
    assert_eq!(world.inbox(amine).last(), Some(&back));
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

fn goodbyes(world: &World, phone: Phone) -> Vec<FaultCode> {
    let heard = world.heard(phone).into_iter().filter_map(|message| match message {
        Message::Goodbye(fault) => Some(fault.code),
        _ => None,
    });
    heard.collect()
}

fn refusals(outcomes: Vec<Result<Reply, Fault>>) -> Vec<Option<FaultCode>> {
    outcomes.into_iter().map(|outcome| outcome.err().map(|fault| fault.code)).collect()
}

#[test]
fn frames_that_are_cut_short_too_large_or_alien_end_the_session_with_their_code_and_cost_nothing() {
    let whole = codec::to_bytes(&Request { id: 77, body: RequestBody::Pending });
    let alias = RequestBody::Range { thread: ThreadRef::Alias(99), from: Position(1), to: Position(2) };
    let alias = codec::to_bytes(&Request { id: 78, body: alias });
    let frames = [
        (whole[..whole.len() - 1].to_vec(), FaultCode::Malformed),
        ([&whole[..], b"more"].concat(), FaultCode::Malformed),
        (vec![0; limits::FRAME + 1], FaultCode::TooLarge),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), FaultCode::Malformed),
        (Vec::new(), FaultCode::Malformed),
        (alias, FaultCode::Malformed),
    ];
    let (mut world, amine, chloe) = team(41);
    for (number, (frame, code)) in frames.into_iter().enumerate() {
        world.listen();
        let kept = world.write(amine, &format!("Avant la trame {number}"));
        world.inject(amine, frame);
        assert_eq!(goodbyes(&world, amine), [code]);
        assert_eq!(goodbyes(&world, chloe), []);
        world.run_until_quiet();
        assert_eq!(world.inbox(chloe).last(), Some(&kept), "what was under way comes again");
    }
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn bytes_that_no_relay_sends_are_a_fault_on_the_device_and_another_session_follows() {
    let (mut world, amine, chloe) = team(42);
    for (bytes, code) in [
        (vec![0x81], FaultCode::Malformed),
        (vec![0xff; 50], FaultCode::Malformed),
        (vec![0; limits::FRAME + 1], FaultCode::TooLarge),
    ] {
        world.inject_to_device(amine, bytes);
        assert_eq!(world.faults_shown(amine).pop().as_deref(), Some(code.as_str()));
        world.run_until_quiet();
        let sent = world.write(chloe, code.as_str());
        world.run_until_quiet();
        assert_eq!(world.inbox(amine).last(), Some(&sent));
    }
    assert_eq!(world.faults_shown(chloe), [""; 0]);
}

#[test]
fn an_append_that_comes_twice_gets_the_same_answer_and_stands_once() {
    let (mut world, amine, chloe) = team(43);
    let sent = world.write(amine, "Une seule fois.");
    world.run_until_quiet();
    let entry = world.sealed_entry(amine, sent);
    let append = RequestBody::Append { entries: vec![entry.clone(), entry] };
    let first = world.by_hand(amine, vec![append.clone(), append]).unwrap();
    let placed: Vec<_> = first
        .into_iter()
        .map(|outcome| match outcome {
            Ok(Reply::Appended { results, .. }) => results,
            other => panic!("answered by {other:?}"),
        })
        .collect();
    assert_eq!(placed.len(), 2);
    assert!(placed.iter().flatten().all(|result| *result == placed[0][0]), "{placed:?}");
    assert_eq!(world.relay_log(world.team_thread()).len(), 1);
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn an_exchange_that_comes_twice_is_refused_the_second_time() {
    let (mut world, amine, chloe) = team(44);
    let copied = world.copied_exchange(amine);
    let refused = world.exchange_of_a_stranger(copied).unwrap_err();
    assert_eq!(refused.code, FaultCode::RequestReplayed);
    assert!(refused.number.is_some(), "the last number, so that an honest device can go on");
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn exchanges_that_are_no_exchanges_are_refused() {
    let (mut world, amine, chloe) = team(45);
    let good = world.signed_exchange(amine, 5_000_000, vec![RequestBody::Pending]);
    let cut = world.exchange_of_a_stranger(good[..good.len() / 2].to_vec()).unwrap_err();
    assert_eq!(cut.code, FaultCode::Malformed);
    let large = world.exchange_of_a_stranger(vec![0; limits::FRAME + 1]).unwrap_err();
    assert_eq!(large.code, FaultCode::TooLarge);
    let mut alien: ExchangeRequest = codec::from_bytes(&good, limits::FRAME).unwrap();
    alien.proof.organisation = OrganisationId([9; 16]);
    let alien = world.exchange_of_a_stranger(codec::to_bytes(&alien)).unwrap_err();
    assert_eq!(alien.code, FaultCode::AlienOrganisation);
    let by_agent = world.exchange_of_a_stranger(good).unwrap();
    let forbidden = |message: &Message| matches!(message, Message::Answer { outcome: Outcome::Refused(fault), .. } if fault.code == FaultCode::Forbidden);
    assert!(
        by_agent.iter().any(forbidden),
        "an agent's phone asks for the administrator's list: {by_agent:?}"
    );
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn a_ticket_that_is_wrong_used_or_expired_is_refused_with_its_code() {
    let mut world = World::seeded(46);
    let inventory = world.inventory(AgentNumber(2));
    let ticket = world.ticket(inventory);
    let digit = ticket.find("&s=").unwrap() + 3;
    let other = if ticket.as_bytes()[digit] == b'0' { "1" } else { "0" };
    let wrong = format!("{}{other}{}", &ticket[..digit], &ticket[digit + 1..]);
    assert_eq!(world.begin(&wrong).map_err(|fault| fault.code).map(drop), Err(FaultCode::EnrolmentInvalid));
    let begun = world.begin(&ticket).unwrap();
    let newcomer = world.read_ticket("amine", &ticket);
    let lies = world.complete(&newcomer, &wrong, &begun, "Stellar-X5");
    assert_eq!(lies.map_err(|fault| fault.code), Err(FaultCode::EnrolmentInvalid));
    assert_eq!(world.complete(&newcomer, &ticket, &begun, "Stellar-X5"), Ok(EnrolmentState::Pending));
    let thief = world.read_ticket("thief", &ticket);
    let used = world.complete(&thief, &ticket, &begun, "Stellar-X5");
    assert_eq!(used.map_err(|fault| fault.code), Err(FaultCode::EnrolmentUsed));
    let later = world.inventory(AgentNumber(3));
    let ticket = world.ticket(later);
    world.pass(24 * HOUR + MINUTE);
    assert_eq!(world.begin(&ticket).map_err(|fault| fault.code).map(drop), Err(FaultCode::EnrolmentExpired));
}

#[test]
fn evidence_for_another_challenge_is_refused() {
    let mut world = World::seeded(47);
    let inventory = world.inventory(AgentNumber(2));
    let ticket = world.ticket(inventory);
    let mut begun = world.begin(&ticket).unwrap();
    begun.nonce[0] ^= 1;
    let newcomer = world.read_ticket("amine", &ticket);
    let refused = world.complete(&newcomer, &ticket, &begun, "Stellar-X5");
    assert_eq!(refused.map_err(|fault| fault.code), Err(FaultCode::AttestationRejected));
}

#[test]
fn forged_and_reordered_statements_are_refused_by_the_relay() {
    let (mut world, amine, chloe) = team(48);
    let administrator = world.administrator();
    let head = world.registry().head();
    let create = |world: &World, number_too_high: u64| {
        let roster = RosterId([7; 32]);
        let act = Act::CreateRoster { roster, class: Class::Service, team: None, retention_days: 30 };
        world.statement(administrator, number_too_high, vec![act])
    };
    let mut forged = create(&world, 0);
    forged.signature.0[5] ^= 1;
    let early = create(&world, 1);
    let mut by_agent = create(&world, 0);
    by_agent = world.signed_by(amine, &by_agent);
    let states = [forged, early, by_agent].map(|statement| RequestBody::State { statement });
    let outcomes = refusals(world.by_hand(administrator, states.to_vec()).unwrap());
    assert_eq!(outcomes[..2], [Some(FaultCode::StatementForged), Some(FaultCode::StatementOutOfOrder)]);
    assert!(
        matches!(outcomes[2], Some(FaultCode::StatementForged | FaultCode::StatementForbidden)),
        "an agent states: {outcomes:?}"
    );
    world.run_until_quiet();
    assert_eq!(world.registry().head(), head);
    all_is_well(&mut world, amine, chloe);
}

/// Whether a message brings statements, and what is left when they are taken out.
fn withhold(message: &mut Message) {
    match message {
        Message::Deliver(delivery) => {
            delivery.control.retain(|control| !matches!(control, Control::Statement(_)));
        }
        Message::Answer { outcome: Outcome::Done(Reply::Statements { statements, .. }), .. } => {
            statements.clear()
        }
        _ => {}
    }
}

#[test]
fn statements_that_a_relay_withholds_are_missed_and_said_so() {
    let (mut world, amine, chloe) = team(49);
    world.tamper(amine, Box::new(withhold));
    let [denis] = world.people(["denis"]);
    world.admit(world.team_roster(), denis);
    world.run_until_quiet();
    world.write(denis, "Je viens d'arriver.");
    world.run_until_quiet();
    assert!(
        world.faults_shown(amine).contains(&"statements_withheld".to_owned()),
        "{:?}",
        world.faults_shown(amine)
    );
    assert_eq!(world.faults_shown(chloe), [""; 0]);
    world.stop_tampering(amine);
    world.cut(amine);
    world.restore(amine, Link::default());
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn a_statement_that_a_relay_alters_is_forged_on_the_device() {
    let (mut world, amine, chloe) = team(50);
    let alter = |message: &mut Message| {
        let change = |signed: &mut SignedStatement| signed.signature.0[9] ^= 1;
        match message {
            Message::Deliver(delivery) => delivery.control.iter_mut().for_each(|control| {
                if let Control::Statement(signed) = control {
                    change(signed);
                }
            }),
            Message::Answer { outcome: Outcome::Done(Reply::Statements { statements, .. }), .. } => {
                statements.iter_mut().for_each(change);
            }
            _ => {}
        }
    };
    world.tamper(amine, Box::new(alter));
    let head = world.registry_of(amine).head();
    world.set_hours(&[("00:00", "23:00")]);
    world.run_until_quiet();
    assert!(world.faults_shown(amine).contains(&"statement_forged".to_owned()));
    assert_eq!(world.registry_of(amine).head(), head, "nothing of it was taken");
    assert_eq!(world.faults_shown(chloe), [""; 0]);
    world.stop_tampering(amine);
    world.cut(amine);
    world.restore(amine, Link::default());
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn a_garbage_commit_is_refused_and_keys_go_on() {
    let (mut world, amine, chloe) = team(51);
    let upload = |commit: Vec<u8>, roster| {
        RequestBody::Commit(CommitUpload {
            roster,
            commit: commit.into(),
            welcomes: vec![],
            key_packages: vec![],
            group_info: vec![1, 2, 3].into(),
            tree: vec![4, 5, 6].into(),
        })
    };
    let name = RosterName::Stated(world.team_roster());
    let garbage = vec![upload(vec![0; 300], name), upload(Vec::new(), name), upload(vec![0xff; 64], name)];
    let outcomes = refusals(world.by_hand(amine, garbage).unwrap());
    assert_eq!(outcomes, [Some(FaultCode::CommitInvalid); 3]);
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn a_clock_that_is_a_year_off_is_said_and_delays_nothing() {
    let (mut world, amine, chloe) = team(52);
    let year = i64::try_from(365 * DAY).unwrap();
    for error in [year, -year] {
        world.cut(amine);
        world.set_clock_error(amine, error);
        world.restore(amine, Link::default());
        world.run_until_quiet();
        let sent = world.write(amine, &format!("Quelle heure est-il ? {error}"));
        world.run_until_quiet();
        assert_eq!(world.inbox(chloe).last(), Some(&sent));
        assert!(world.faults_shown(amine).contains(&"clock_wrong".to_owned()));
        world.set_clock_error(amine, 0);
        world.cut(amine);
        world.restore(amine, Link::default());
    }
    assert_eq!(world.faults_shown(chloe), [""; 0]);
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn a_full_disk_of_the_relay_refuses_and_loses_nothing() {
    let (mut world, amine, chloe) = team(53);
    world.fill_relay_disk(true);
    let texts: Vec<_> = (0..40).map(|number| world.write(amine, &"Long. ".repeat(1000 + number))).collect();
    world.pass(MINUTE);
    assert!(world.relay_log(world.team_thread()).len() < texts.len(), "the disk was full");
    world.fill_relay_disk(false);
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), texts);
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn a_full_disk_of_a_device_refuses_and_loses_nothing() {
    let (mut world, amine, chloe) = team(54);
    world.fill_device_disk(amine, true);
    let long = "Plein. ".repeat(1400);
    let mut stored = Vec::new();
    let refused = loop {
        match world.write_if_it_fits(amine, &format!("{} {long}", stored.len())) {
            Ok(uid) => stored.push(uid),
            Err(fault) => break fault,
        }
        assert!(stored.len() < 1000, "the disk never fills");
    };
    assert_eq!(refused.code, FaultCode::DiskFull);
    let from_chloe = world.write(chloe, &long);
    world.pass(MINUTE);
    world.fill_device_disk(amine, false);
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), stored);
    assert_eq!(world.inbox(amine), [from_chloe]);
    world.forgive_trouble();
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn a_damaged_or_newer_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("device.db");
    let key = DatabaseKey(zeroize::Zeroizing::new([5; 32]));
    std::fs::write(&path, vec![0xa5; 8192]).unwrap();
    assert!(matches!(Engine::open(&path, &key), Err(StoreError::Corrupt)));
    assert_eq!(std::fs::read(&path).unwrap(), vec![0xa5; 8192]);
    assert_eq!(Fault::from(&StoreError::Corrupt).code, FaultCode::StoreCorrupt);

    let (mut world, amine, _) = team(55);
    world.crash(amine);
    let found = world.from_the_future(amine);
    let opened = world.try_open(amine);
    assert!(matches!(opened, Err(StoreError::TooNew { found: seen, .. }) if seen == found), "{opened:?}");
    assert_eq!(Fault::from(&StoreError::TooNew { found, known: 1 }).code, FaultCode::StoreTooNew);

    std::fs::write(folder.path().join("relay.db"), vec![0xa5; 8192]).unwrap();
    let refused = SqliteStore::open(folder.path()).unwrap_err();
    assert!(matches!(refused, RelayStoreError::Corrupt(_)), "{refused}");
    assert_eq!(refused.code(), FaultCode::StoreCorrupt);
}

#[test]
fn ten_thousand_characters_go_and_one_more_is_refused_where_it_is_written() {
    let (mut world, amine, chloe) = team(56);
    let thread = world.team_thread();
    let refused = world.try_write(amine, thread, &"é".repeat(10_001), &[]).unwrap_err();
    assert_eq!((refused.code, refused.number), (FaultCode::MessageTooLong, Some(10_000)));
    assert_eq!(world.timeline(amine, thread), []);
    let sent = world.write(amine, &"é".repeat(10_000));
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    assert_eq!(world.timeline(chloe, thread)[0].text.chars().count(), 10_000);
}

#[test]
fn a_thread_that_is_not_yours_is_closed_to_you() {
    let mut world = World::seeded(57);
    let [amine, chloe, denis] = world.people(["amine", "chloe", "denis"]);
    let roster = world.roster(&[amine, chloe]);
    let thread = roster.first_thread();
    let sent = world.write_in(amine, thread, "Entre nous.", &[]);
    world.run_until_quiet();
    assert_eq!(world.try_write(denis, thread, "Et moi ?", &[]).unwrap_err().code, FaultCode::NotFound);
    let entry = world.sealed_entry(amine, sent);
    let requests = vec![
        RequestBody::Append { entries: vec![entry] },
        RequestBody::Range { thread: thread.into(), from: Position(1), to: Position(9) },
        RequestBody::Group { roster: RosterName::Stated(roster) },
        RequestBody::Range { thread: ThreadId([3; 32]).into(), from: Position(1), to: Position(9) },
    ];
    let mut outcomes = world.by_hand(denis, requests).unwrap();
    let Ok(Reply::Appended { results, .. }) = outcomes.remove(0) else {
        panic!("an append is answered entry by entry")
    };
    let refused = |code: FaultCode| estafette_protocol::frame::AppendResult::Refused(code.into());
    assert_eq!(results, [refused(FaultCode::NotAMember)]);
    assert_eq!(
        refusals(outcomes),
        [Some(FaultCode::NotAMember), Some(FaultCode::NotAMember), Some(FaultCode::NotFound)]
    );
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    assert_eq!(world.timeline(denis, thread), []);
}

#[test]
fn a_command_that_makes_no_sense_is_refused_where_it_is_given() {
    let (mut world, amine, chloe) = team(58);
    let thread = world.team_thread();
    assert_eq!(world.try_write(amine, thread, "", &[]).unwrap_err().code, FaultCode::Malformed);
    let unknown = world.ask(amine, Command::Direct { class: Class::Service, with: AgentNumber(77) });
    assert!(matches!(unknown, CommandAnswer::Refused(fault) if fault.code == FaultCode::NotFound));
    let read = world.ask(amine, Command::Read { thread: ThreadId(Hash([1; 32]).0), up_to: Position(3) });
    assert!(matches!(read, CommandAnswer::Refused(fault) if fault.code == FaultCode::NotFound));
    all_is_well(&mut world, amine, chloe);
}

#[test]
fn what_a_peer_may_not_do_to_a_message_is_rejected_on_every_device_and_changes_nothing() {
    let (mut world, amine, chloe) = team(56);
    let thread = world.team_thread();
    let item = world.write(amine, "Pont fermé.");
    let own = world.write(chloe, "Vu.");
    world.run_until_quiet();
    let react = Command::React { item, emoji: Some("👍".to_owned()) };
    assert!(matches!(world.ask(chloe, react), CommandAnswer::Done));
    world.run_until_quiet();
    let edit = |item, text: &str, over: Vec<EntryUid>| Deed::Edit { item, text: text.to_owned(), over };
    let deeds = [
        edit(item, "Pont ouvert.", vec![item]),
        Deed::Erase { item },
        Deed::React { item, emoji: Some("a".repeat(1_000)) },
        Deed::React { item, emoji: Some("👍 👍".to_owned()) },
        edit(own, "", vec![own]),
        edit(own, &"é".repeat(limits::MESSAGE_CHARACTERS + 1), vec![own]),
        edit(own, "Sans ce qu’elle remplace.", Vec::new()),
        edit(own, "Trop de versions.", vec![own; limits::VERSIONS + 1]),
        Deed::Title { title: "Voirie".to_owned() },
    ];
    let count = deeds.len();
    for (number, deed) in deeds.into_iter().enumerate() {
        world.say_by_hand(chloe, thread, deed);
        world.run_until_quiet();
        for phone in [amine, chloe] {
            let rejected = vec!["entry_rejected".to_owned(); number + 1];
            assert_eq!(world.faults_shown(phone), rejected, "deed {number}");
            let reader = world.reader(phone);
            let said = |uid| world.reader(phone).find(uid).unwrap().unwrap().1;
            assert_eq!((said(item).body, said(item).erased), ("Pont fermé.".to_owned(), false));
            assert_eq!((said(own).body, said(own).erased), ("Vu.".to_owned(), false));
            assert_eq!(reader.versions(item).unwrap(), []);
            assert_eq!(reader.versions(own).unwrap(), []);
            assert_eq!(reader.reactions(item).unwrap(), [(world.agent(chloe), "👍".to_owned())]);
            assert_eq!(world.reader(phone).threads().unwrap()[0].title, None);
        }
    }
    // A message of another conversation: where it is known, nothing happens to it either.
    let other = world.roster(&[amine, chloe]);
    world.say_by_hand(chloe, other.first_thread(), edit(own, "D’ailleurs.", vec![own]));
    world.run_until_quiet();
    assert_eq!(world.reader(amine).find(own).unwrap().unwrap().1.body, "Vu.");
    let there = world.write(amine, "Et maintenant ?");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe).last(), Some(&there));
    let mut verdict = world.verdict();
    assert_eq!(std::mem::take(&mut verdict.faults).len(), 2 * (count + 1), "each device says so each time");
    assert!(verdict.is_clean(), "{verdict}");
}

#[test]
fn a_deed_on_a_message_that_never_comes_waits_and_shows_nothing() {
    let (mut world, amine, chloe) = team(57);
    let thread = world.team_thread();
    let nowhere = EntryUid([9; 16]);
    for deed in [
        Deed::Edit { item: nowhere, text: "Rien.".to_owned(), over: vec![nowhere] },
        Deed::React { item: nowhere, emoji: Some("👍".to_owned()) },
        Deed::Erase { item: nowhere },
    ] {
        world.say_by_hand(chloe, thread, deed);
    }
    world.run_until_quiet();
    assert_eq!(world.timeline(amine, thread), []);
    assert_eq!(world.unopened(amine, thread), [(1, 5), (2, 5), (3, 5)]);
    all_is_well(&mut world, amine, chloe);
}
