//! What leaves in an export, and what never does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::export::json::JsonWriter;
use estafette_core::export::page::PageWriter;
use estafette_protocol::hours::Zone;
use estafette_protocol::statement::{Act, Class, History, Role};
use estafette_protocol::texts::Language;
use estafette_protocol::{EntryUid, FaultCode, ThreadId};
use estafette_world::{Link, MINUTE, Phone, World};
use serde_json::{Value, json};

fn done(world: &mut World, phone: Phone, command: Command) {
    match world.ask(phone, command) {
        CommandAnswer::Done => {}
        other => panic!("answered by {other:?}"),
    }
}

fn direct(world: &mut World, from: Phone, to: Phone, class: Class) -> ThreadId {
    let with = world.agent(to);
    match world.ask(from, Command::Direct { class, with }) {
        CommandAnswer::Thread(thread) => thread,
        other => panic!("answered by {other:?}"),
    }
}

/// The archive service, admitted to the team with all of its past.
fn archives(world: &mut World) -> Phone {
    let roster = world.team_roster();
    let (archive, approval) = world.enrol("archives");
    let (agent, device) = (world.agent(archive), world.device_id(archive));
    let appoint = Act::SetRole { agent, role: Role::Archives, teams: vec![] };
    world.state(vec![appoint, approval, Act::Admit { roster, device, history: History::All }]);
    world.switch_on(archive);
    world.run_until_quiet();
    archive
}

/// The JSON and the page of a conversation, as a member's device makes them.
fn exported(world: &World, phone: Phone, thread: ThreadId) -> Result<(Value, String), FaultCode> {
    let mut reader = world.reader(phone);
    let export = reader.export(thread, world.now()).unwrap()?;
    let mut json = JsonWriter::new(Vec::new(), export.conversation()).unwrap();
    let (zone, title) = (Zone::named("Europe/Paris"), export.title(Language::French));
    let mut page =
        PageWriter::new(Vec::new(), Language::French, zone, &title, export.conversation()).unwrap();
    for name in export.names() {
        let message = export.message(&mut reader, *name).unwrap().unwrap();
        json.message(&message).unwrap();
        page.message(&message).unwrap();
    }
    let json = serde_json::from_slice(&json.finish().unwrap()).unwrap();
    Ok((json, String::from_utf8(page.finish().unwrap()).unwrap()))
}

const ERASED: &str = "Canari-7e21-vanne";
const PERSONAL: &str = "Canari-personnel-3d5a";

/// A10: the class shows on both devices, no archive stands in the list, exports leave it out.
#[test]
fn a10_a_personal_conversation_says_what_it_is_has_no_archive_and_is_in_no_export_of_the_organisation() {
    let mut world = World::seeded(501);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let archive = archives(&mut world);
    let team = world.team_thread();
    world.write(amine, "Pour le service.");
    let personal = direct(&mut world, amine, chloe, Class::Personnel);
    let spoken = world.write_in(amine, personal, PERSONAL, &[]);
    world.run_until_quiet();
    for phone in [amine, chloe] {
        let mut reader = world.reader(phone);
        let row = reader.threads().unwrap().into_iter().find(|row| row.id == personal).unwrap();
        assert_eq!(row.class, Class::Personnel);
        assert_eq!(reader.newest(personal, 10).unwrap().last().unwrap().uid, spoken);
        let members = reader.members(personal).unwrap();
        assert_eq!(members.iter().map(|member| member.archive).collect::<Vec<_>>(), [false, false]);
        assert!(reader.members(team).unwrap()[0].archive, "where one stands, it stands first");
        // Everything at once is the organisation's, whoever makes it.
        let choice = reader.exportable().unwrap();
        assert_eq!(choice.conversations.iter().map(|row| row.id).collect::<Vec<_>>(), [team]);
        assert_eq!(choice.withheld, 1);
        // One's own, alone, one may take along.
        let (json, page) = exported(&world, phone, personal).unwrap();
        assert_eq!(json["conversation"]["class"], "personnel");
        assert!(page.contains("conversation personnelle") && page.contains(PERSONAL), "{page}");
    }
    assert!(world.reader(archive).threads().unwrap().iter().all(|row| row.id != personal));
    assert_eq!(exported(&world, archive, personal).unwrap_err(), FaultCode::NotFound);
    assert_eq!(exported(&world, archive, team).unwrap().0["messages"][0]["text"], "Pour le service.");

    // Who becomes an officer takes nothing personal out any more, not even their own.
    world.set_role(chloe, Role::Officer);
    world.run_until_quiet();
    assert_eq!(exported(&world, chloe, personal).unwrap_err(), FaultCode::Forbidden);
    assert!(exported(&world, chloe, team).is_ok());
    assert!(exported(&world, amine, personal).is_ok());
}

fn edit(item: EntryUid, text: &str) -> Command {
    Command::Edit { item, text: text.to_owned() }
}

#[test]
fn an_export_holds_every_message_with_what_became_of_it_and_no_word_of_an_erased_one() {
    let mut world = World::seeded(502);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let (thread, agent) = (world.team_thread(), world.agent(amine).0);
    let first = world.write(amine, "Regard à 40 cm <b>");
    let gone = world.write(amine, ERASED);
    world.run_until_quiet();
    let answer = world.write_in(chloe, thread, "Vu.", &[first]);
    world.run_until_quiet();
    done(&mut world, amine, edit(first, "Regard à 60 cm <b>"));
    done(&mut world, amine, Command::Erase { item: gone });
    done(&mut world, chloe, Command::React { item: first, emoji: Some("👍".to_owned()) });
    done(&mut world, chloe, Command::Pin { item: first, pinned: true });
    world.run_until_quiet();
    world.cut(amine);
    world.pass(MINUTE);
    let waiting = world.write(amine, "Pas encore parti.");
    let (json, page) = exported(&world, amine, thread).unwrap();
    assert_eq!((&json["format"], &json["version"]), (&json!("estafette-conversation"), &json!(1)));
    let head = &json["conversation"];
    assert_eq!((&head["thread"], &head["messages"]), (&json!(thread.to_string()), &json!(4)));
    assert_eq!((&head["class"], &head["unreadable"]), (&json!("service"), &json!(0)));
    assert_eq!(head["exported_by"]["agent"], agent);
    assert_eq!(head["exported_at"], world.now().to_string());
    let members: Vec<u64> =
        head["members"].as_array().unwrap().iter().map(|one| one["agent"].as_u64().unwrap()).collect();
    assert!(members.contains(&u64::from(agent)) && members.contains(&u64::from(world.agent(chloe).0)));
    let messages = json["messages"].as_array().unwrap();
    let names: Vec<&str> = messages.iter().map(|message| message["uid"].as_str().unwrap()).collect();
    assert_eq!(names, [first, gone, answer, waiting].map(|uid| uid.to_string()));
    let row = &messages[0];
    assert_eq!((&row["text"], &row["state"]), (&json!("Regard à 60 cm <b>"), &json!("standing")));
    assert_eq!((&row["position"], &row["author"]["agent"]), (&json!(1), &json!(agent)));
    assert_eq!(row["device"], world.device_id(amine).to_string());
    assert!(row["written_at"].as_str().unwrap().ends_with('Z') && row["received_at"].is_string());
    let versions = row["versions"].as_array().unwrap().iter();
    let versions: Vec<_> = versions.map(|version| (&version["text"], &version["current"])).collect();
    let expected = [(json!("Regard à 40 cm <b>"), json!(false)), (json!("Regard à 60 cm <b>"), json!(true))];
    assert_eq!(versions, expected.each_ref().map(|(text, current)| (text, current)));
    assert_eq!(row["reactions"][0]["sign"], "👍");
    assert_eq!(row["reactions"][0]["agent"], world.agent(chloe).0);
    assert_eq!((&row["pinned"], &row["erased"]), (&json!(true), &json!(false)));
    assert_eq!((&messages[1]["erased"], &messages[1]["text"]), (&json!(true), &json!("")));
    assert_eq!(messages[2]["parents"], json!([first.to_string()]));
    let last = &messages[3];
    assert_eq!((&last["state"], &last["position"]), (&json!("waiting"), &Value::Null));
    assert_eq!(last["received_at"], Value::Null);

    assert!(!json.to_string().contains(ERASED) && !page.contains(ERASED), "{page}");
    assert_eq!(page.matches("<article ").count(), 4);
    assert!(page.contains("<del>Regard à 40 cm &lt;b&gt;</del>"), "{page}");
    assert!(page.contains(&format!("href=\"#m-{first}\"")), "{page}");
    assert!(page.contains("en attente de départ"), "{page}");
    world.restore(amine, Link::default());
    world.run_until_quiet();
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn how_far_a_message_is_counts_people_and_says_who_is_off_duty() {
    let mut world = World::seeded(503);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let thread = world.team_thread();
    world.set_hours(&[("08:00", "17:00")]);
    for phone in [amine, chloe] {
        world.set_own_hours(phone, &[]);
    }
    world.at("18:00");
    world.run_until_quiet();
    let item = world.write(amine, "Paul passe demain.");
    world.run_until_quiet();
    let reached = |world: &World| {
        let mut reader = world.reader(amine);
        let position = reader.find(item).unwrap().unwrap().1.position;
        reader.audience(thread, world.now()).unwrap().of(position)
    };
    let before = reached(&world);
    // The administrator's computer may read the team's thread too.
    let people = before.people;
    assert_eq!((before.received, before.read, before.off_duty), (people - 1, 0, 1));
    assert_eq!(before.reopens_at, Some(estafette_world::paris(1, "08:00")));
    let up_to = world.reader(chloe).find(item).unwrap().unwrap().1.position;
    done(&mut world, chloe, Command::Read { thread, up_to });
    world.run_until_quiet();
    assert_eq!((reached(&world).received, reached(&world).read), (people - 1, 1));
    world.at("08:05");
    world.run_until_quiet();
    let after = reached(&world);
    assert_eq!((after.received, after.off_duty, after.reopens_at), (people, 0, None));
    assert_eq!(world.inbox(denis), [item]);
}

#[test]
fn two_versions_written_without_knowing_of_each_other_both_stay_until_their_author_chooses() {
    let mut world = World::seeded(504);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = world.write(amine, "40 cm");
    world.run_until_quiet();
    let computer = world.another_device("amine-pc", amine);
    world.run_until_quiet();
    for (phone, text) in [(amine, "60 cm"), (computer, "65 cm")] {
        world.cut(phone);
        world.pass(MINUTE);
        done(&mut world, phone, edit(item, text));
    }
    for phone in [amine, computer] {
        world.restore(phone, Link::default());
    }
    world.run_until_quiet();
    let current = |world: &World, phone| {
        let versions = world.reader(phone).versions(item).unwrap().into_iter();
        versions.filter(|version| version.current).map(|version| version.body).collect::<Vec<_>>()
    };
    let both = current(&world, chloe);
    assert_eq!(both.len(), 2);
    for phone in [amine, computer, chloe] {
        assert_eq!(current(&world, phone), both);
        assert_eq!(world.reader(phone).find(item).unwrap().unwrap().1.body, both[1], "the last by position");
    }
    done(&mut world, computer, edit(item, "60 cm"));
    world.run_until_quiet();
    for phone in [amine, computer, chloe] {
        assert_eq!(current(&world, phone), ["60 cm"]);
        assert_eq!(world.reader(phone).versions(item).unwrap().len(), 4);
        assert_eq!(world.reader(phone).find(item).unwrap().unwrap().1.body, "60 cm");
    }
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}
