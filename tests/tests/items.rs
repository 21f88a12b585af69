//! What becomes of messages after they are written: edits, reactions, erasure, taking back, search.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer, When};
use estafette_core::reader::{Draft, MessageState};
use estafette_protocol::statement::Role;
use estafette_protocol::{EntryUid, FaultCode, Timestamp};
use estafette_world::{Cut, HOUR, Link, MINUTE, Phone, World, scan};

fn done(world: &mut World, phone: Phone, command: Command) {
    match world.ask(phone, command) {
        CommandAnswer::Done => {}
        other => panic!("answered by {other:?}"),
    }
}

fn refused(world: &mut World, phone: Phone, command: Command) -> FaultCode {
    match world.ask(phone, command) {
        CommandAnswer::Refused(fault) => fault.code,
        other => panic!("answered by {other:?}"),
    }
}

fn edit(world: &mut World, phone: Phone, item: EntryUid, text: &str) {
    done(world, phone, Command::Edit { item, text: text.to_owned() });
}

fn text(world: &World, phone: Phone, item: EntryUid) -> String {
    world.reader(phone).find(item).unwrap().expect("the message is here").1.body
}

#[test]
fn an_edit_reaches_everybody_and_its_history_stays() {
    let mut world = World::seeded(401);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = world.write(amine, "Le regard est à 40 cm.");
    world.run_until_quiet();
    edit(&mut world, amine, item, "Le regard est à 60 cm.");
    edit(&mut world, amine, item, "Le regard est à 65 cm.");
    world.run_until_quiet();
    for phone in [amine, chloe] {
        assert_eq!(text(&world, phone, item), "Le regard est à 65 cm.");
        let versions = world.reader(phone).versions(item).unwrap();
        let said: Vec<_> = versions.iter().map(|version| (version.body.as_str(), version.current)).collect();
        assert_eq!(
            said,
            [
                ("Le regard est à 40 cm.", false),
                ("Le regard est à 60 cm.", false),
                ("Le regard est à 65 cm.", true)
            ]
        );
    }
    assert_eq!(world.unread(chloe, world.team_thread()), 1, "an edit is no new message");
    assert!(world.reader(chloe).verify().unwrap().is_empty());
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn an_edit_of_what_has_never_left_is_the_message_itself() {
    let mut world = World::seeded(402);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.cut(amine);
    world.pass(MINUTE);
    let item = world.write(amine, "Buse bouchée");
    edit(&mut world, amine, item, "Buse bouchée, je dégage.");
    world.restore(amine, Link::default());
    world.run_until_quiet();
    assert_eq!(text(&world, chloe, item), "Buse bouchée, je dégage.");
    assert!(world.reader(chloe).versions(item).unwrap().is_empty());
    assert_eq!(world.relay_log(world.team_thread()).len(), 1);
}

#[test]
fn only_the_author_edits_and_erases_and_everybody_reacts_for_themselves() {
    let mut world = World::seeded(403);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let item = world.write(amine, "Pont fermé");
    world.run_until_quiet();
    let edit = Command::Edit { item, text: "Pont ouvert".to_owned() };
    assert_eq!(refused(&mut world, chloe, edit), FaultCode::Forbidden);
    assert_eq!(refused(&mut world, chloe, Command::Erase { item }), FaultCode::Forbidden);
    for (phone, sign) in [(chloe, "👍"), (denis, "👍"), (amine, "🙏")] {
        done(&mut world, phone, Command::React { item, emoji: Some(sign.to_owned()) });
    }
    done(&mut world, denis, Command::React { item, emoji: Some("👀".to_owned()) });
    world.run_until_quiet();
    let expected = [(amine, "🙏"), (chloe, "👍"), (denis, "👀")];
    let mut expected = expected.map(|(phone, sign)| (world.agent(phone), sign.to_owned()));
    expected.sort();
    for phone in [amine, chloe, denis] {
        assert_eq!(world.reader(phone).reactions(item).unwrap(), expected);
    }
    done(&mut world, denis, Command::React { item, emoji: None });
    world.run_until_quiet();
    assert_eq!(world.reader(amine).reactions(item).unwrap().len(), 2);
    for sign in ["a".repeat(1_000), "👍 👍".to_owned(), "\n".to_owned()] {
        let react = Command::React { item, emoji: Some(sign) };
        assert_eq!(refused(&mut world, chloe, react), FaultCode::ReactionInvalid);
    }
}

const SECRET: &str = "Canari-9d1c-écluse";

#[test]
fn an_erased_message_is_gone_from_every_device_and_from_the_relay() {
    let mut world = World::seeded(404);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let kept = world.write(chloe, "Ceci reste.");
    let item = world.write(amine, SECRET);
    world.run_until_quiet();
    edit(&mut world, amine, item, &format!("{SECRET} bis"));
    done(&mut world, chloe, Command::React { item, emoji: Some("👍".to_owned()) });
    world.run_until_quiet();
    assert_eq!(world.reader(chloe).search("canari", 10).unwrap().len(), 1);
    world.cut(chloe);
    done(&mut world, amine, Command::Erase { item });
    assert_eq!(text(&world, amine, item), "", "at once on the author's device");
    world.run_until_quiet();
    assert_eq!(text(&world, chloe, item), format!("{SECRET} bis"), "who is away has it still");
    world.restore(chloe, Link::default());
    world.run_until_quiet();
    for phone in [amine, chloe] {
        let (_, row) = world.reader(phone).find(item).unwrap().unwrap();
        assert!(row.erased && row.body.is_empty());
        assert!(world.reader(phone).versions(item).unwrap().is_empty());
        assert!(world.reader(phone).reactions(item).unwrap().is_empty());
        assert!(world.reader(phone).search("canari", 10).unwrap().is_empty());
        assert_eq!(world.clear_bytes_with(phone, &[SECRET]), Vec::<String>::new());
        assert!(world.reader(phone).verify().unwrap().is_empty());
        assert_eq!(text(&world, phone, kept), "Ceci reste.");
    }
    let held = world.relay_bytes_of(world.team_thread());
    assert_eq!(
        held.iter().filter(|(_, bytes)| *bytes == 0).count(),
        3,
        "the message, its edit, and the answer to it"
    );
    assert_eq!(
        refused(&mut world, amine, Command::Edit { item, text: "Retour".to_owned() }),
        FaultCode::NotFound
    );
    world.crash_relay(1);
    world.run_until_quiet();
    assert_eq!(scan::scan_folder(world.relay_folder(), &[SECRET]), []);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn an_edit_that_arrives_after_the_erasure_brings_nothing_back() {
    let mut world = World::seeded(405);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = world.write(amine, SECRET);
    world.run_until_quiet();
    world.cut(chloe);
    done(&mut world, chloe, Command::React { item, emoji: Some("👍".to_owned()) });
    done(&mut world, amine, Command::Erase { item });
    world.run_until_quiet();
    world.restore(chloe, Link::default());
    world.run_until_quiet();
    for phone in [amine, chloe] {
        assert!(world.reader(phone).find(item).unwrap().unwrap().1.erased);
        assert!(world.reader(phone).reactions(item).unwrap().is_empty());
    }
}

/// B9: a message to somebody off duty can be taken back until the relay gives it out.
#[test]
fn b9_what_nobody_has_received_is_taken_back_and_later_it_is_too_late() {
    let mut world = World::seeded(406);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_hours(&[("08:00", "17:00")]);
    world.set_own_hours(amine, &[]);
    world.at("18:20");
    world.run_until_quiet();
    let item = world.write(amine, SECRET);
    world.pass(10 * MINUTE);
    assert_eq!(world.outbox(amine)[&item], 2, "the relay holds it");
    done(&mut world, amine, Command::Cancel { item });
    assert_eq!(world.clear_bytes_with(amine, &[SECRET]), Vec::<String>::new(), "nothing to be sent again");
    let second = world.write(amine, "Celui-ci reste.");
    world.at("08:10");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [second]);
    assert!(world.reader(amine).find(item).unwrap().unwrap().1.erased);
    assert_eq!(refused(&mut world, amine, Command::Cancel { item: second }), FaultCode::TooLate);
    assert_eq!(text(&world, amine, second), "Celui-ci reste.");
    world.cut(amine);
    world.pass(MINUTE);
    let third = world.write(amine, "Jamais parti");
    done(&mut world, amine, Command::Cancel { item: third });
    assert!(world.reader(amine).find(third).unwrap().is_none());
    assert!(!world.outbox(amine).contains_key(&third));
}

#[test]
fn a_message_taken_back_while_it_is_on_its_way_reaches_nobody() {
    let mut world = World::seeded(410);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_hours(&[("08:00", "17:00")]);
    world.set_own_hours(amine, &[]);
    world.at("18:20");
    world.run_until_quiet();
    // It left, and its author does not know whether the relay has it.
    let item = world.write(amine, SECRET);
    world.cut_like(amine, Cut::Clean);
    assert_eq!(world.outbox(amine)[&item], 1, "leaving");
    let command = world.command(amine, Command::Cancel { item });
    assert!(world.answer(amine, command).is_none());
    world.restore(amine, Link::default());
    world.run_until_quiet();
    assert!(matches!(world.answer(amine, command), Some(CommandAnswer::Done)));
    world.at("08:10");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), []);
    assert!(world.reader(amine).find(item).unwrap().unwrap().1.erased);
    assert_eq!(world.clear_bytes_with(amine, &[SECRET]), Vec::<String>::new());
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn a_message_sent_for_the_next_duty_leaves_then_and_can_be_taken_back() {
    let mut world = World::seeded(407);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_hours(&[("08:00", "17:00")]);
    world.at("16:00");
    world.run_until_quiet();
    let thread = world.team_thread();
    let write = |text: &str| Command::Write {
        thread,
        text: text.to_owned(),
        parents: Vec::new(),
        mentions: Vec::new(),
        when: When::NextDuty,
    };
    let written = |answer| match answer {
        CommandAnswer::Written { uid, not_before } => (uid, not_before.unwrap()),
        other => panic!("answered by {other:?}"),
    };
    let (one, at) = written(world.ask(amine, write("À ma reprise")));
    let (two, _) = written(world.ask(amine, write("Finalement non")));
    world.pass(HOUR / 2);
    assert_eq!(world.outbox(amine)[&one], 0, "though both are on duty");
    let (_, row) = world.reader(amine).find(one).unwrap().unwrap();
    assert_eq!(row.state, MessageState::Held { until: at });
    done(&mut world, amine, Command::Cancel { item: two });
    world.at("08:10");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [one]);
}

/// A5: the last week's message is found without network, accents folded.
#[test]
fn a5_search_finds_words_without_their_accents_and_takes_signs_as_signs() {
    let mut world = World::seeded(408);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let found = world.write(amine, "La Bûse de l’Écluse est bouchée près du lavoir, prévoir l’hydrocureuse.");
    world.write(amine, "Rien à signaler.");
    world.run_until_quiet();
    world.cut(chloe);
    world.crash(chloe);
    world.start(chloe);
    for query in ["buse", "ECLUSE", "bouchee lavoir", "hydro"] {
        let hits = world.reader(chloe).search(query, 10).unwrap();
        assert_eq!(hits.iter().map(|hit| hit.uid).collect::<Vec<_>>(), [found], "{query}");
    }
    let hits = world.reader(chloe).search("ecluse", 10).unwrap();
    assert!(hits[0].excerpt.contains("\u{2068}Écluse\u{2069}"), "{}", hits[0].excerpt);
    for nothing in
        ["\"*", "\"", "'; DROP TABLE message; --", "🙂", "buse OR rien", "NEAR(", "", "buse signaler"]
    {
        assert_eq!(world.reader(chloe).search(nothing, 10).unwrap(), [], "{nothing}");
    }
}

#[test]
fn a_title_of_which_nothing_is_seen_does_not_leave() {
    let mut world = World::seeded(410);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_role(chloe, Role::Supervisor);
    let (thread, item) = (world.team_thread(), world.write(amine, "Vanne fermée."));
    world.run_until_quiet();
    for blank in ["   ", "\n\n", "\u{200b}\u{a0}"] {
        let text = blank.to_owned();
        let CommandAnswer::Refused(fault) = world.ask(chloe, Command::Title { thread, title: text }) else {
            panic!("{blank:?} was taken")
        };
        assert_eq!((fault.code, fault.reasons), (FaultCode::Malformed, Some(vec!["empty_text".to_owned()])));
    }
    world.run_until_quiet();
    assert_eq!(text(&world, chloe, item), "Vanne fermée.");
    assert_eq!(world.inbox(chloe), [item]);
}

#[test]
fn drafts_titles_pins_mentions_and_silence() {
    let mut world = World::seeded(409);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let thread = world.team_thread();
    let draft = |text: &str| Command::Draft { thread, text: text.to_owned(), parents: Vec::new() };
    done(&mut world, amine, draft("Je pense que"));
    world.crash(amine);
    world.start(amine);
    let kept: Draft = world.reader(amine).draft(thread).unwrap().unwrap();
    assert_eq!(kept.text, "Je pense que");
    let title = Command::Title { thread, title: "Voirie nord".to_owned() };
    assert_eq!(refused(&mut world, amine, title.clone()), FaultCode::Forbidden, "for those who lead");
    world.set_role(chloe, Role::Supervisor);
    world.run_until_quiet();
    done(&mut world, chloe, title);
    let mentions = vec![world.agent(chloe)];
    let write = Command::Write {
        thread,
        text: "@Chloé, à toi".to_owned(),
        parents: Vec::new(),
        mentions,
        when: When::Now,
    };
    let CommandAnswer::Written { uid: item, .. } = world.ask(amine, write) else { panic!("not written") };
    assert!(world.reader(amine).draft(thread).unwrap().is_none(), "sending ends the draft");
    world.run_until_quiet();
    done(&mut world, chloe, Command::Pin { item, pinned: true });
    done(&mut world, chloe, Command::Mute { thread, until: Timestamp(5) });
    world.run_until_quiet();
    let row = world.reader(chloe).threads().unwrap().into_iter().find(|row| row.id == thread).unwrap();
    assert_eq!((row.title.as_deref(), row.mentions, row.muted_until), (Some("Voirie nord"), 1, Timestamp(5)));
    let row = world.reader(amine).threads().unwrap().into_iter().find(|row| row.id == thread).unwrap();
    assert_eq!((row.title.as_deref(), row.mentions, row.muted_until), (Some("Voirie nord"), 0, Timestamp(0)));
    assert_eq!(world.reader(amine).pins(thread).unwrap(), [item]);
    done(&mut world, amine, Command::Pin { item, pinned: false });
    world.run_until_quiet();
    assert_eq!(world.reader(chloe).pins(thread).unwrap(), []);
}
