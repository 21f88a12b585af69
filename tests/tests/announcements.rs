//! Official announcements: from entitled announcers to people, « Lu et compris », reminders and
//! corrections.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::time::Duration;

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::{AnswerTo, Counts, Progress};
use estafette_protocol::announcement::{Receipt, Replies};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::Period;
use estafette_protocol::statement::{Act, Class};
use estafette_protocol::{EntryUid, FaultCode, Hash, ThreadId};
use estafette_world::{Link, MINUTE, Phone, World, paris};

/// Bruno leads Amine and Chloé, who are on duty from 08:00 to 17:00; he is until 19:00.
fn team(seed: u64) -> (World, [Phone; 3], ThreadId) {
    let mut world = World::seeded(seed);
    let [bruno, amine, chloe] = world.team(["bruno", "amine", "chloe"]);
    let thread = world.diffusion(1, bruno, &[amine, chloe]);
    world.set_hours(&[("08:00", "17:00")]);
    world.set_own_hours(bruno, &[("07:00", "19:00")]);
    world.run_until_quiet();
    (world, [bruno, amine, chloe], thread)
}

/// Of what a phone was reminded.
fn reminded(world: &World, phone: Phone) -> Vec<EntryUid> {
    world.reminders(phone).iter().map(|(_, version)| *version).collect()
}

#[test]
fn a4_lu_et_compris_is_counted_once_for_a_person_and_known_within_seconds() {
    let (mut world, [bruno, amine, chloe], thread) = team(31);
    world.at("09:02");
    let consigne = world.announce(bruno, &[thread], "Route de Vaux barrée jusqu’à midi.", paris(0, "10:00"));
    world.run_until_quiet();
    let shown = &world.announcements(amine)[0];
    assert_eq!((shown.message.body.as_str(), shown.is_asked()), ("Route de Vaux barrée jusqu’à midi.", true));
    assert_eq!(world.counts(bruno, consigne).acknowledged, 0);
    world.read_all(amine, thread);
    world.pass(MINUTE);
    assert_eq!(world.progress(bruno, consigne, amine), Progress::Read);
    assert_eq!(world.progress(bruno, consigne, chloe), Progress::Delivered);

    world.acknowledge(amine, consigne).unwrap();
    world.acknowledge(amine, consigne).unwrap();
    world.pass(5_000);
    let counts = world.counts(bruno, consigne);
    assert_eq!(counts, Counts { people: 2, delivered: 1, acknowledged: 1, ..Counts::default() });
    assert!(!world.announcements(amine)[0].is_asked());
    assert_eq!(
        world
            .reader(chloe)
            .addressees(consigne, world.now())
            .unwrap()
            .iter()
            .filter(|row| matches!(row.progress, Progress::Acknowledged { .. } | Progress::Read))
            .count(),
        0,
        "who has read and acknowledged is told to nobody but the issuer"
    );
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn b2_and_b3_of_people_off_duty_and_on_leave_the_issuer_sees_until_when_it_is_held() {
    let (mut world, [bruno, amine, chloe], thread) = team(32);
    let leave = Period { from: paris(0, "00:00"), until: paris(5, "00:00") };
    let agent = world.agent(chloe);
    world.state(vec![Act::GrantLeave { agent, period: leave }]);
    world.run_until_quiet();
    world.at("17:30");
    let consigne = world.announce(bruno, &[thread], "Demain, départ du dépôt sud.", paris(1, "10:00"));
    world.run_until_quiet();
    assert_eq!(world.progress(bruno, consigne, amine), Progress::Held { reopens_at: paris(1, "08:00") });
    let counts = world.counts(bruno, consigne);
    assert_eq!(counts, Counts { people: 1, held: 1, on_leave: 1, ..Counts::default() });
    assert_eq!(world.announcements(amine), [], "nothing reaches a phone off duty");
    // Whether that phone is on or off changes nothing in what the issuer sees.
    world.cut(amine);
    world.pass(10 * MINUTE);
    assert_eq!(world.progress(bruno, consigne, amine), Progress::Held { reopens_at: paris(1, "08:00") });
    world.restore(amine, Link::default());
    world.at("08:00");
    world.run_until_quiet();
    assert_eq!(world.progress(bruno, consigne, amine), Progress::Delivered);
    assert!(world.announcements(amine)[0].is_asked());
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn what_is_read_and_acknowledged_at_home_is_told_at_the_reopening_and_dated_so() {
    let (mut world, [bruno, amine, _], thread) = team(33);
    world.at("16:50");
    let consigne = world.announce(bruno, &[thread], "Sel à charger avant 9 h.", paris(1, "09:00"));
    world.run_until_quiet();
    world.at("17:10");
    world.read_all(amine, thread);
    world.acknowledge(amine, consigne).unwrap();
    world.at("18:50");
    world.run_until_quiet();
    assert_eq!(world.progress(bruno, consigne, amine), Progress::Delivered, "frozen as it stood at 17:00");
    world.at("08:00");
    world.run_until_quiet();
    assert_eq!(world.progress(bruno, consigne, amine), Progress::Acknowledged { at: paris(1, "08:00") });
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn b4_the_relay_reminds_who_is_on_duty_and_has_not_acknowledged_and_nobody_else() {
    let (mut world, [bruno, amine, chloe], thread) = team(34);
    let fanny = world.enrolled("fanny");
    let gael = world.enrolled("gael");
    let roster = thread.roster();
    world.admit(roster, fanny);
    world.admit(roster, gael);
    world.set_own_hours(gael, &[("13:00", "20:00")]);
    world.run_until_quiet();
    world.at("09:30");
    let consigne = world.announce(bruno, &[thread], "Casque obligatoire.", paris(0, "11:00"));
    world.run_until_quiet();
    world.acknowledge(amine, consigne).unwrap();
    world.cut(fanny);
    // The issuer is in a valley: the relay reminds all the same.
    world.cut(bruno);
    world.at("10:31");
    world.run_until_quiet();
    assert_eq!(reminded(&world, chloe), [consigne]);
    assert!(world.reminders(chloe)[0].0.since(paris(0, "10:30")) < Duration::from_secs(1));
    for phone in [amine, fanny, gael, bruno] {
        assert_eq!(world.reminders(phone), [], "{phone:?}");
    }
    world.restore(bruno, Link::default());
    world.run_until_quiet();
    assert_eq!(world.progress(bruno, consigne, gael), Progress::Held { reopens_at: paris(0, "13:00") });
    // The phone without network is reminded once it is back, once.
    world.restore(fanny, Link::default());
    world.run_until_quiet();
    assert_eq!(world.reminders(fanny).len(), 1);
    world.acknowledge(chloe, consigne).unwrap();
    world.crash_relay(1);
    world.pass(MINUTE);
    world.run_until_quiet();
    assert_eq!((world.reminders(chloe).len(), world.reminders(fanny).len()), (1, 1));
    assert!(world.announcements(chloe)[0].reminded_at > estafette_protocol::Timestamp(0));
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn one_without_coverage_is_shown_as_not_reached() {
    let (mut world, [bruno, amine, chloe], thread) = team(35);
    world.at("09:30");
    world.cut(amine);
    let consigne = world.announce(bruno, &[thread], "Pont fermé.", paris(0, "11:00"));
    world.run_until_quiet();
    assert_eq!(world.progress(bruno, consigne, amine), Progress::Unreached, "« non joint »");
    assert_eq!(world.progress(bruno, consigne, chloe), Progress::Delivered);
}

#[test]
fn b5_a_correction_stands_beside_the_first_version_and_asks_again_who_acknowledged() {
    let (mut world, [bruno, amine, chloe], thread) = team(36);
    world.at("09:30");
    let first = world.announce(bruno, &[thread], "Limite : 3,5 t.", paris(0, "11:00"));
    world.run_until_quiet();
    world.acknowledge(amine, first).unwrap();
    world.run_until_quiet();
    let second = world.correct(bruno, first, "Limite : 7,5 t.", paris(0, "12:00"));
    world.run_until_quiet();
    for phone in [amine, chloe] {
        let shown = world.announcements(phone);
        let bodies: Vec<&str> = shown.iter().map(|row| row.message.body.as_str()).collect();
        assert_eq!(bodies, ["Limite : 3,5 t.", "Limite : 7,5 t."]);
        assert_eq!((shown[0].corrected_by, shown[1].corrects), (Some(second), Some(first)));
        assert_eq!((shown[0].is_asked(), shown[1].is_asked()), (false, true), "{phone:?}");
    }
    assert_eq!(world.acknowledge(chloe, first), Err(FaultCode::Corrected));
    world.acknowledge(amine, second).unwrap();
    world.run_until_quiet();
    assert_eq!(world.counts(bruno, first).acknowledged, 1, "what was acknowledged stays");
    assert_eq!(world.counts(bruno, second).acknowledged, 1);
    // Nobody is reminded of what was corrected.
    world.at("11:00");
    world.run_until_quiet();
    assert_eq!(world.reminders(chloe), []);
    world.at("11:31");
    world.run_until_quiet();
    assert_eq!(reminded(&world, chloe), [second]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn a_person_acknowledges_on_one_device_and_is_asked_on_none() {
    let (mut world, [bruno, amine, _], thread) = team(37);
    let computer = world.another_device("amine-computer", amine);
    world.run_until_quiet();
    world.at("09:30");
    let consigne = world.announce(bruno, &[thread], "Gilets neufs au dépôt.", paris(0, "11:00"));
    world.run_until_quiet();
    assert!(world.announcements(computer)[0].is_asked());
    // Both at once, without network.
    world.cut(amine);
    world.cut(computer);
    world.acknowledge(amine, consigne).unwrap();
    world.acknowledge(computer, consigne).unwrap();
    world.restore(computer, Link::default());
    world.run_until_quiet();
    world.restore(amine, Link::default());
    world.run_until_quiet();
    assert_eq!(world.counts(bruno, consigne).acknowledged, 1);
    assert_eq!(world.relay_receipts(), 1);
    let again = world.announce(bruno, &[thread], "Gants aussi.", paris(0, "12:00"));
    world.run_until_quiet();
    world.acknowledge(computer, again).unwrap();
    world.run_until_quiet();
    assert!(!world.announcements(amine)[1].is_asked(), "known on the agent's other device");
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn only_entitled_announcers_announce() {
    let (mut world, [bruno, amine, chloe], thread) = team(38);
    world.at("09:30");
    let (threads, text) = (vec![thread], "Prime pour tous !".to_owned());
    let command = Command::Announce { threads, text, due: None, replies: Replies::Issuer };
    let CommandAnswer::Refused(fault) = world.ask(amine, command) else { panic!("announced") };
    assert_eq!(fault.code, FaultCode::Forbidden);
    // A program that does not ask itself is refused by the relay, and nobody sees anything.
    let refused = world.forge_announcement(amine, thread);
    assert_eq!(refused, FaultCode::Forbidden);
    assert_eq!(world.relay_log(thread), []);
    // A supervisor of another team is nobody here.
    world.diffusion(2, chloe, &[amine]);
    let (threads, text) = (vec![thread], "De l’autre équipe.".to_owned());
    let command = Command::Announce { threads, text, due: None, replies: Replies::Issuer };
    let CommandAnswer::Refused(fault) = world.ask(chloe, command) else { panic!("announced") };
    assert_eq!(fault.code, FaultCode::Forbidden);
    assert_eq!(world.announcements(bruno), []);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn an_announcement_to_two_teams_is_one_item_for_who_is_in_both() {
    let (mut world, [bruno, amine, chloe], one) = team(39);
    let fanny = world.enrolled("fanny");
    world.run_until_quiet();
    let two = world.diffusion(2, bruno, &[amine, fanny]);
    world.at("09:30");
    let consigne = world.announce(bruno, &[one, two], "Réunion à 14 h.", paris(0, "12:00"));
    world.run_until_quiet();
    for phone in [amine, chloe, fanny] {
        let shown: Vec<_> = world.announcements(phone).iter().map(|row| row.message.uid).collect();
        assert_eq!(shown, [consigne], "{phone:?}");
        world.acknowledge(phone, consigne).unwrap();
    }
    world.run_until_quiet();
    let counts = world.counts(bruno, consigne);
    assert_eq!(counts, Counts { people: 3, acknowledged: 3, ..Counts::default() });
    assert_eq!(world.relay_commons(), 1, "one common ciphertext");
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn answers_go_to_the_issuer_alone_or_to_the_team_where_the_issuer_opens_them() {
    let (mut world, [bruno, amine, _], thread) = team(40);
    world.at("09:30");
    let private = world.announce(bruno, &[thread], "Qui a la clé ?", paris(0, "12:00"));
    world.run_until_quiet();
    let issuer = world.agent(bruno);
    assert_eq!(world.reader(amine).answer_to(private).unwrap(), Some(AnswerTo::Issuer(issuer)));
    assert_eq!(world.reader(bruno).answer_to(private).unwrap(), None);
    let direct = match world.ask(amine, Command::Direct { class: Class::Service, with: issuer }) {
        CommandAnswer::Thread(thread) => thread,
        other => panic!("{other:?}"),
    };
    let answer = world.write_in(amine, direct, "Moi.", &[private]);
    world.run_until_quiet();
    let shown = world.reader(bruno).newest(direct, 10).unwrap();
    assert_eq!((shown[0].uid, &shown[0].parents[..]), (answer, &[private][..]));
    // Opened, answers go to the team's own conversation.
    let roster = world.service_roster_of(1, &[bruno, amine]);
    let (threads, text) = (vec![thread], "Qui vient samedi ?".to_owned());
    let open = match world.ask(bruno, Command::Announce { threads, text, due: None, replies: Replies::Open })
    {
        CommandAnswer::Written { uid, .. } => uid,
        other => panic!("{other:?}"),
    };
    world.run_until_quiet();
    let answers = world.reader(amine).answer_to(open).unwrap();
    assert_eq!(answers, Some(AnswerTo::Thread(roster.first_thread())));
    // Nobody writes an ordinary message among announcements.
    assert_eq!(world.try_write(amine, thread, "Moi aussi.", &[]).unwrap_err().code, FaultCode::Forbidden);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn after_a_restore_announcements_and_receipts_are_there_again_and_count_once() {
    let (mut world, [bruno, amine, chloe], thread) = team(41);
    world.at("09:30");
    let before = world.announce(bruno, &[thread], "Avant la sauvegarde.", paris(0, "18:00"));
    world.run_until_quiet();
    world.acknowledge(chloe, before).unwrap();
    world.run_until_quiet();
    let backup = world.back_up();
    world.acknowledge(amine, before).unwrap();
    let after = world.announce(bruno, &[thread], "Après la sauvegarde.", paris(0, "18:00"));
    world.run_until_quiet();
    world.acknowledge(amine, after).unwrap();
    world.run_until_quiet();
    world.lose_relay();
    // The issuer comes back last: a receipt waits for what it acknowledges.
    world.cut(bruno);
    world.restore_relay(&backup);
    world.pass(10 * MINUTE);
    world.restore(bruno, Link::default());
    world.pass(10 * MINUTE);
    world.run_until_quiet();
    assert_eq!(world.counts(bruno, before).acknowledged, 2);
    assert_eq!(world.counts(bruno, after).acknowledged, 1);
    assert_eq!(world.relay_receipts(), 3);
    for phone in [amine, chloe] {
        let shown: BTreeSet<_> = world.announcements(phone).iter().map(|row| row.message.uid).collect();
        assert_eq!(shown, BTreeSet::from([before, after]), "{phone:?}");
    }
}

#[test]
fn an_announcement_that_is_erased_leaves_nothing_at_the_relay_nor_on_phones() {
    let (mut world, [bruno, amine, chloe], thread) = team(42);
    world.at("09:30");
    let consigne = world.announce(bruno, &[thread], "Zanzibarique erreur.", paris(0, "12:00"));
    world.run_until_quiet();
    world.acknowledge(amine, consigne).unwrap();
    world.run_until_quiet();
    assert!(matches!(world.ask(bruno, Command::Erase { item: consigne }), CommandAnswer::Done));
    world.run_until_quiet();
    assert_eq!((world.relay_commons(), world.relay_receipts()), (0, 0));
    for phone in [bruno, amine, chloe] {
        assert!(world.announcements(phone).iter().all(|row| row.message.body.is_empty()), "{phone:?}");
        assert_eq!(world.clear_bytes_with(phone, &["Zanzibarique"]), Vec::<String>::new(), "{phone:?}");
    }
    world.at("11:45");
    world.run_until_quiet();
    assert_eq!(world.reminders(chloe), []);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn a_receipt_of_anothers_device_of_another_version_or_forged_is_refused_and_nothing_is_kept() {
    let (mut world, [bruno, amine, chloe], thread) = team(43);
    let fanny = world.enrolled("fanny");
    world.at("09:30");
    let consigne = world.announce(bruno, &[thread], "Pneus neige.", paris(0, "12:00"));
    let unasked = {
        let (threads, text) = (vec![thread], "Pour information.".to_owned());
        match world.ask(bruno, Command::Announce { threads, text, due: None, replies: Replies::Issuer }) {
            CommandAnswer::Written { uid, .. } => uid,
            other => panic!("{other:?}"),
        }
    };
    world.run_until_quiet();
    let good = world.receipt_of(amine, thread, consigne);
    let signed = |world: &World, receipt: Receipt| {
        let identity = world.reader(amine).identity().clone();
        receipt.sign(identity.organisation, &identity.signing_key())
    };
    let device = world.device_id(chloe);
    let other_version = Receipt { version: EntryUid([7; EntryUid::LEN]), ..good.clone() };
    let unknown = Receipt { common: Hash([7; 32]), ..good.clone() };
    let not_wanted = world.receipt_of(amine, thread, unasked);
    for (receipt, code) in [
        (signed(&world, Receipt { device, ..good.clone() }), FaultCode::ReceiptInvalid),
        (Receipt { at: estafette_protocol::Timestamp(1), ..good.clone() }, FaultCode::ReceiptInvalid),
        (signed(&world, other_version), FaultCode::ReceiptInvalid),
        (signed(&world, unknown), FaultCode::NotFound),
        (not_wanted, FaultCode::ReceiptInvalid),
    ] {
        let answers = world.by_hand(amine, vec![RequestBody::Acknowledge(receipt)]).unwrap();
        assert_eq!(answers[0].as_ref().unwrap_err().code, code);
    }
    let answers = world.by_hand(fanny, vec![RequestBody::Acknowledge(good.clone())]).unwrap();
    assert_eq!(answers[0].as_ref().unwrap_err().code, FaultCode::NotAMember);
    assert_eq!(world.relay_receipts(), 0);
    assert_eq!(world.acknowledge(amine, unasked), Err(FaultCode::ReceiptInvalid));
    let answers = world.by_hand(amine, vec![RequestBody::Acknowledge(good)]).unwrap();
    assert_eq!(answers[0], Ok(Reply::Done));
    world.run_until_quiet();
    assert_eq!(world.counts(bruno, consigne).acknowledged, 1);
    assert!(!world.announcements(amine)[0].is_asked(), "the device learns of its own agent's receipt");
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}
