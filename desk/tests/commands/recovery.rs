//! Several administrators: one who comes back from the recovery sheet, and two who name people by turns.

use estafette_core::directory::{self, DirectoryKey, Edition, Names, SealedKeys};
use estafette_desk::commands::founding::dice;
use estafette_desk::folder::Folder;
use estafette_desk::session::Desk;
use estafette_protocol::frame::RequestBody;
use estafette_protocol::texts::Language;
use serde_json::{Value, json};

use super::{Town, inventory, type_words};

/// Names by agent, as an administrator's records have them.
fn named(town: &Town, who: &str) -> Vec<(u64, String)> {
    let devices = town.done(who, &["admin", "devices"]);
    let name = |row: &Value| (row["agent"].as_u64().unwrap(), row["name"].as_str().unwrap().to_owned());
    let mut names: Vec<_> = devices.iter().filter(|row| row["active"] == true).map(name).collect();
    names.sort();
    names
}

/// Who is in a conversation, as somebody sees it.
fn members(town: &Town, who: &str, thread: &str) -> Vec<String> {
    town.done(who, &["threads", "--sync", "3"]);
    let members = town.done(who, &["members", thread]);
    let mut names: Vec<_> = members.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_computer_that_came_back_from_the_sheet_has_all_names_and_administers_as_the_lost_one_did() {
    let town = Town::new();
    let sheet = town.found("admin");
    let file = inventory(town.folder.path());
    town.done("admin", &["admin", "import", file.to_str().unwrap()]);
    town.enrol("amine", "2");
    let threads = town.done("amine", &["threads", "--sync", "3"]);
    let thread = threads[0]["thread"].as_str().unwrap();
    std::fs::remove_dir_all(town.folder("admin")).unwrap();

    let recover = ["admin", "recover", "--relay", &sheet.relay, "--agent-name", "Zoé Martin"];
    let missing = type_words(&town, "new", &recover, &sheet.words[1..].join(" "));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("23"), "it says how many words there are");
    let output = type_words(&town, "new", &recover, &sheet.words.join(" "));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // The names were sealed to the organisation's key; the relay could not read them.
    let names = [(1, "Zoé Martin"), (1, "Zoé Martin"), (2, "Amine Kaci")];
    assert_eq!(named(&town, "new"), names.map(|(agent, name)| (agent, name.to_owned())));
    let team = town.done("new", &["admin", "team", "voirie NORD", "--add", "2"]);
    assert_eq!(
        (&team[0]["team"], &team[0]["changed"]),
        (&json!(1), &json!(0)),
        "it is the team that there was"
    );

    // The lost one is cut off; nobody loses a name by it.
    let devices = town.done("new", &["admin", "devices"]);
    let own = town.done("new", &["threads"]);
    assert_eq!(own, [] as [Value; 0]);
    let first = devices.iter().find(|row| row["agent"] == 1 && row["serial"] == "").unwrap();
    town.done("new", &["admin", "revoke", first["device"].as_str().unwrap(), "--reason", "lost"]);
    assert_eq!(members(&town, "amine", thread), ["Amine Kaci"]);

    // The file again: a line finds its device, so that no ticket is made for who has one.
    let again = town.done("new", &["admin", "import", file.to_str().unwrap()]);
    assert_eq!((&again[0]["imported"], &again[0]["teams"]), (&json!(2), &json!([])));
    let tickets = town.done("new", &["admin", "ticket", "--all-missing"]);
    assert_eq!(tickets.iter().map(|one| one["serial"].as_str().unwrap()).collect::<Vec<_>>(), ["S3"]);
    assert_eq!(town.refused("new", &["admin", "ticket", "2"]), "entry_already_bound");
    town.stop();
}

#[test]
fn two_administrators_who_name_people_by_turns_take_no_name_from_each_other() {
    let (town, thread) = Town::with_a_team();
    let ticket = town.done("admin", &["admin", "add-administrator", "8", "Zoé Martin", "--serial", "S8"]);
    town.done("zoe", &["enrol", ticket[0]["ticket"].as_str().unwrap()]);
    town.done("admin", &["admin", "approve", "--yes"]);
    town.done("zoe", &["threads", "--sync", "3"]);
    let both = [(1, ""), (2, "Amine Kaci"), (3, "Chloé Ñuñez"), (8, "Zoé Martin")];
    assert_eq!(named(&town, "zoe"), both.map(|(agent, name)| (agent, name.to_owned())));

    // Zoé has a name changed; the first administrator, who has not heard of it, makes a team.
    let file = town.folder("directory.csv");
    std::fs::write(&file, "agent,name\n3,Chloé Ñuñez-Roy\n").unwrap();
    town.done("zoe", &["admin", "import", file.to_str().unwrap(), "--replace"]);
    assert_eq!(town.done("admin", &["admin", "team", "Astreinte", "--add", "2"])[0]["team"], 2);
    assert_eq!(members(&town, "amine", &thread), ["Amine Kaci", "Chloé Ñuñez-Roy"]);
    assert_eq!(named(&town, "admin")[2].1, "Chloé Ñuñez-Roy");

    // And back: Zoé finds that team by its name, and makes no other of its number.
    let astreinte = town.done("zoe", &["admin", "team", "Astreinte", "--add", "3"]);
    assert_eq!((&astreinte[0]["team"], &astreinte[0]["changed"]), (&json!(2), &json!(1)));
    assert_eq!(town.done("zoe", &["admin", "team", "Piscine"])[0]["team"], 3);
    town.stop();
}

/// Publishes an edition that nobody can open.
fn publish_for_nobody(town: &Town, who: &str) {
    let folder = Folder::at(town.folder(who));
    let passphrase_file = Some(town.folder("passphrase"));
    let desk = Desk { folder, language: Language::French, json: false, passphrase_file };
    let ring = desk.unlock().unwrap();
    let (identity, mut rng) = (desk.identity(&ring).unwrap(), dice().unwrap());
    let edition = Edition { version: 50, author: identity.device, signing_key: &identity.signing_key() };
    let key = DirectoryKey::generate(&mut rng);
    let sealed = directory::seal(&Names::default(), &edition, &key, SealedKeys::default(), &mut rng).unwrap();
    let session = desk.start(&ring).unwrap();
    session.ask(RequestBody::Directory(sealed)).unwrap();
    session.stop();
}

#[test]
fn over_names_that_it_cannot_read_a_computer_publishes_only_once_it_has_a_name_for_everybody() {
    let town = Town::new();
    let sheet = town.found("admin");
    let file = inventory(town.folder.path());
    town.done("admin", &["admin", "import", file.to_str().unwrap()]);
    town.enrol("amine", "2");
    let lost = town.done("admin", &["admin", "devices"])[0]["device"].as_str().unwrap().to_owned();
    publish_for_nobody(&town, "admin");
    let recover = ["admin", "recover", "--relay", &sheet.relay, "--agent-name", "Zoé Martin"];
    assert!(type_words(&town, "new", &recover, &sheet.words.join(" ")).status.success());

    // Nobody waits for names where somebody has to be cut off.
    assert_eq!(town.refused("new", &["admin", "revoke", &lost, "--reason", "lost"]), "names_unread");
    assert_eq!(named(&town, "new"), [(1, "Zoé Martin".to_owned()), (2, String::new())]);
    let imported = town.done("new", &["admin", "import", file.to_str().unwrap()]);
    assert_eq!(imported[0]["imported"], 2);
    town.done("amine", &["threads", "--sync", "3"]);
    assert_eq!(town.done("new", &["admin", "team", "Astreinte"])[0]["changed"], 0);
    assert_eq!(named(&town, "new"), [(1, "Zoé Martin".to_owned()), (2, "Amine Kaci".to_owned())]);
    town.stop();
}
