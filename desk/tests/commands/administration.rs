//! What an administrator decides, over the real commands.

use estafette_desk::commands::founding::{Founding, calendar, found_here};
use estafette_desk::folder::Folder;
use estafette_desk::session::Desk;
use estafette_protocol::texts::Language;
use estafette_protocol::{AgentNumber, FaultCode};
use serde_json::{Value, json};

use super::{Town, inventory, texts};

impl Town {
    /// A founded organisation whose inventory lists Amine (2) and Chloé (3).
    pub(super) fn provisioned() -> Self {
        let town = Self::new();
        town.found("admin");
        let file = inventory(town.folder.path());
        town.done("admin", &["admin", "import", file.to_str().unwrap()]);
        town
    }

    /// The devices of an agent as the administrator sees them.
    fn devices(&self, agent: u64) -> Vec<Value> {
        let all = self.done("admin", &["admin", "devices"]);
        all.into_iter().filter(|device| device["agent"].as_u64() == Some(agent)).collect()
    }
}

#[test]
fn a_revoked_computer_is_listed_as_cut_off_gets_nothing_more_and_its_entry_takes_another() {
    let town = Town::provisioned();
    town.enrol("amine", "2");
    town.enrol("chloe", "3");
    let thread = town.done("amine", &["threads", "--sync", "4"])[0]["thread"].as_str().unwrap().to_owned();
    assert_eq!(town.done("amine", &["write", &thread, "Avant."])[0]["state"], "standing");
    assert_eq!(texts(&town.done("chloe", &["read", &thread, "--sync", "4"])), ["Avant."]);
    let listed = town.devices(3);
    assert_eq!((listed.len(), &listed[0]["active"]), (1, &json!(true)));
    assert_eq!((&listed[0]["name"], &listed[0]["serial"]), (&json!("Chloé Ñuñez"), &json!("S3")));
    let device = listed[0]["device"].as_str().unwrap();
    let revoked = town.done("admin", &["admin", "revoke", device, "--reason", "lost"]);
    assert_eq!(revoked, [json!({ "device": device })]);
    assert_eq!(town.devices(3)[0]["active"], false);
    assert_eq!(town.done("amine", &["write", &thread, "Après."])[0]["state"], "standing");
    let contacts = |town: &Town| town.done("admin", &["admin", "devices", "--contacts"]);
    let of_chloe = |town: &Town| contacts(town).into_iter().find(|device| device["agent"] == 3).unwrap();
    assert_eq!(of_chloe(&town)["wiped_at"], Value::Null, "not confirmed");
    assert_eq!(town.refused("chloe", &["read", &thread, "--sync", "4"]), "device_wiped");
    let lease = &town.done("chloe", &["lease"])[0];
    assert_eq!((&lease["standing"], &lease["unsent"]), (&json!("wiped"), &json!(0)));
    assert!(of_chloe(&town)["wiped_at"].as_u64() > of_chloe(&town)["contact_day"].as_u64());
    assert_eq!(town.refused("chloe", &["write", &thread, "Encore ?"]), "device_wiped");
    assert_eq!(town.done("chloe", &["forget", "--yes"])[0]["unsent"], 0);
    let lease = &town.done("amine", &["lease"])[0];
    assert_eq!(lease["standing"], "open");
    let days = |from: &str, until: &str| {
        (lease[until].as_u64().unwrap() - lease[from].as_u64().unwrap()) / (24 * 60 * 60 * 1000)
    };
    assert_eq!((days("contact", "lock_at"), days("contact", "wipe_at")), (7, 30));
    let proposed = town.done("admin", &["admin", "lease", "--lock", "10", "--wipe", "40"]);
    assert_eq!((&proposed[0]["lock_days"], &proposed[0]["wipe_days"]), (&json!(10), &json!(40)));
    assert!(proposed[0]["proposal"].as_u64() > Some(0) && proposed[0]["confirmable_at"].as_u64() > Some(0));
    assert_eq!(town.refused_words(&["admin", "lease", "--lock", "10", "--wipe", "10"]), "usage");
    let unknown = "ab".repeat(16);
    assert_eq!(town.refused("admin", &["admin", "revoke", &unknown]), "statement_forbidden");
    // The entry is free again: another computer takes its place.
    town.enrol("chloe-again", "3");
    let states: Vec<bool> =
        town.devices(3).iter().map(|device| device["active"].as_bool().unwrap()).collect();
    assert_eq!(states, [false, true]);
    town.stop();
}

#[test]
fn a_team_takes_agents_in_and_lets_them_go_and_says_how_many_devices_changed() {
    let town = Town::provisioned();
    town.enrol("amine", "2");
    town.enrol("chloe", "3");
    let both = ["admin", "team", "Astreinte", "--add", "2", "--add", "3"];
    let made = town.done("admin", &both);
    assert_eq!((&made[0]["team"], &made[0]["changed"]), (&json!(2), &json!(2)));
    assert_eq!(town.done("admin", &both)[0]["changed"], 0, "they are in it already");
    let thread = made[0]["thread"].as_str().unwrap();
    let titles = |who: &str| -> Vec<String> {
        let rows = town.done(who, &["threads", "--sync", "4"]);
        let mut titles: Vec<_> = rows.iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    assert_eq!(titles("amine"), ["Astreinte", "Voirie nord"]);
    let left = town.done("admin", &["admin", "team", "ASTREINTE", "--remove", "3", "--remove", "77"]);
    let expected = json!({
        "team": 2, "changed": 1, "thread": made[0]["thread"], "announcements": made[0]["announcements"],
    });
    assert_eq!(left, [expected]);
    assert!(!thread.is_empty());
    town.stop();
}

#[test]
fn a_second_administrator_can_do_what_the_first_can_once_the_first_has_approved() {
    let town = Town::provisioned();
    let arguments = ["admin", "add-administrator", "8", "Zoé Martin", "--serial", "S8"];
    let ticket = town.done("admin", &arguments);
    assert_eq!((&ticket[0]["name"], &ticket[0]["serial"]), (&json!("Zoé Martin"), &json!("S8")));
    town.done("zoe", &["enrol", ticket[0]["ticket"].as_str().unwrap()]);
    let flags = ["--profile", "interior-2002-1278", "--zone", "Indian/Reunion"];
    let week = [&["admin", "hours", "lun-dim 00:00-24:00"][..], &flags].concat();
    assert_eq!(town.done("admin", &["admin", "approve", "--yes"]), [json!({ "approved": 1, "waiting": 1 })]);
    let set = town.done("zoe", &week);
    assert_eq!((&set[0]["week"], &set[0]["zone"]), (&json!("toujours"), &json!("Indian/Reunion")));
    // An agent who is none cannot, with the same words.
    town.enrol("amine", "2");
    assert_eq!(town.refused("amine", &week), "statement_forbidden");
    town.stop();
}

#[test]
fn hours_are_set_for_all_for_a_team_and_for_one_agent_and_the_nearest_counts() {
    let town = Town::provisioned();
    // Always open, so that the test's day does not matter; the zone tells whose hours they are.
    let set = |arguments: &[&str]| {
        let flags = ["admin", "hours", "lun-dim 00:00-24:00", "--profile", "interior-2002-1278", "--zone"];
        let set = town.done("admin", &[&flags, arguments].concat());
        assert_eq!((&set[0]["week"], &set[0]["findings"][0]["refused"]), (&json!("toujours"), &json!(false)));
        set[0]["zone"].clone()
    };
    assert_eq!(set(&["Europe/Paris"]), json!("Europe/Paris"));
    set(&["Indian/Reunion", "--team", "voirie NORD"]);
    set(&["America/Martinique", "--agent", "3"]);
    town.enrol("amine", "2");
    town.enrol("chloe", "3");
    let zones = |who: &str| {
        town.done(who, &["threads", "--sync", "2"]);
        town.done(who, &["hours"])[0]["calendars"].clone()
    };
    assert_eq!(zones("amine"), json!([{ "zone": "Indian/Reunion", "week": "toujours" }]));
    assert_eq!(zones("chloe"), json!([{ "zone": "America/Martinique", "week": "toujours" }]));
    assert_eq!(town.refused_words(&["admin", "hours", "lundi peut-être"]), "usage");
    assert_eq!(
        town.refused("admin", &["admin", "hours", "lun 08:00-12:00", "--team", "Inconnue"]),
        "not_found"
    );
    town.stop();
}

#[test]
fn an_administrators_own_second_computer_is_approved_from_the_records_and_administers_too() {
    let town = Town::provisioned();
    let file = town.folder("own.csv");
    std::fs::write(&file, "agent;nom;plateforme;modèle;numéro de série\n1;Marie Durand;ordinateur;PC;S1\n")
        .unwrap();
    assert_eq!(town.done("admin", &["admin", "import", file.to_str().unwrap()])[0]["imported"], 1);
    town.enrol("second", "1");
    let devices = town.devices(1);
    assert_eq!(devices.len(), 2);
    assert!(devices.iter().all(|device| device["active"] == true && device["name"] == "Marie Durand"));
    assert_eq!((&devices[0]["serial"], &devices[1]["serial"]), (&json!(""), &json!("S1")));
    assert_eq!(
        town.done("second", &["admin", "hours", "lun-ven 09:00-17:00"])[0]["week"],
        "lun-ven 09:00-17:00"
    );
    town.stop();
}

#[test]
fn an_administrator_says_what_phones_must_prove_and_what_is_not_named_stays() {
    let town = Town::new();
    town.found("admin");
    let digest = "7b".repeat(32);
    let list = town.folder("status.json");
    std::fs::write(&list, r#"{"entries": {"77aa": {"status": "REVOKED"}}}"#).unwrap();
    let set = ["admin", "phones", "--package", "org.example.app", "--signer", &digest];
    let set = town.done("admin", &[&set[..], &["--patch-level", "202605"]].concat());
    assert_eq!(set[0]["packages"][0], "org.example.app");
    assert_eq!(set[0]["signers"][0][0], digest.as_str());
    let brought = ["admin", "phones", "--require-rkp", "true", "--list", list.to_str().unwrap()];
    let shown = town.done("admin", &brought);
    assert_eq!(shown[0]["packages"][0], "org.example.app");
    assert_eq!(shown[0]["minimum_patch_level"], 202_605);
    assert_eq!(shown[0]["require_rkp"], true);
    assert!(shown[0]["list_fetched_at"].is_u64());
    std::fs::write(&list, "<html>").unwrap();
    assert_eq!(town.refused("admin", &brought), "file_unreadable");
    assert_eq!(town.done("admin", &["admin", "phones"]), shown);
}

#[test]
fn a_supervisor_whose_lead_ends_stays_in_the_team_and_leads_nothing() {
    let town = Town::provisioned();
    town.enrol("amine", "2");
    town.enrol("chloe", "3");
    let change = |words: &[&str]| {
        let changed = town.done("admin", &[&["admin", "team", "Voirie nord"], words].concat());
        changed[0]["changed"].as_u64().unwrap()
    };
    assert_eq!(change(&["--lead", "2", "--lead", "3"]), 2);
    assert_eq!(town.done("chloe", &["team"])[0]["name"], "Voirie nord");
    assert_eq!((change(&["--end-lead", "3"]), change(&["--end-lead", "3"])), (1, 0));
    assert_eq!(town.refused("chloe", &["team"]), "forbidden");
    let seen = &town.done("amine", &["team"])[0];
    assert_eq!(agents_of(&seen["on_duty"]), [2, 3]);
}

/// The agents of a list, in its order.
fn agents_of(people: &Value) -> Vec<u64> {
    people.as_array().unwrap().iter().map(|person| person["agent"].as_u64().unwrap()).collect()
}

#[test]
fn b1_whoever_leads_sees_the_team_s_people_and_whose_device_was_not_seen_and_nobody_else_does() {
    let mut town = Town::provisioned();
    town.enrol("amine", "2");
    town.enrol("chloe", "3");
    town.done("admin", &["admin", "team", "Voirie nord", "--lead", "3"]);
    assert_eq!(town.refused("amine", &["team"]), "forbidden");
    let seen = &town.done("chloe", &["team"])[0];
    assert_eq!((&seen["name"], &seen["missed_known"]), (&json!("Voirie nord"), &json!(true)));
    let people = json!([
        { "agent": 2, "name": "Amine Kaci", "missed": [] },
        { "agent": 3, "name": "Chloé Ñuñez", "missed": [] },
    ]);
    assert_eq!((&seen["on_duty"], &seen["on_leave"], &seen["off_duty"]), (&people, &json!([]), &json!(0)));

    // Five days go by for the relay: Amine's computer was last here on that day.
    let device = town.devices(2)[0]["device"].as_str().unwrap().to_owned();
    let organisations = town.folder("relay").join("organisations");
    let organisation = std::fs::read_dir(organisations).unwrap().next().unwrap().unwrap().path();
    let database = rusqlite::Connection::open(organisation.join("relay.db")).unwrap();
    let query = "UPDATE device SET contact_day = contact_day - 432000000 WHERE hex(device) = upper(?1)
                 RETURNING contact_day";
    let day: i64 = database.query_row(query, [&device], |row| row.get(0)).unwrap();
    drop(database);
    let seen = &town.done("chloe", &["team"])[0];
    assert_eq!(seen["on_duty"][0]["missed"], json!([{ "device": device, "contact_day": day }]));
    assert_eq!(seen["on_duty"][1]["missed"], json!([]));
    let mut command = town.command("chloe", &["team"]);
    let arguments: Vec<_> =
        command.get_args().filter(|word| *word != "--json").map(ToOwned::to_owned).collect();
    command = std::process::Command::new(env!("CARGO_BIN_EXE_estafette"));
    let shown = String::from_utf8(command.args(arguments).output().unwrap().stdout).unwrap();
    assert!(shown.starts_with("Voirie nord · 2 en service, 0 en congé, 0 hors service\n"), "{shown}");
    assert!(
        shown.contains("  Amine Kaci · en service\n    un appareil sans contact depuis le 20"),
        "{shown}"
    );

    // Without the relay the rest is known.
    let running = town.relay.take().unwrap();
    town.runtime.block_on(running.shutdown());
    let seen = &town.done("chloe", &["team"])[0];
    assert_eq!((&seen["on_duty"], &seen["missed_known"]), (&people, &json!(false)));
}

#[test]
fn a_founding_whose_answer_was_lost_is_repeated_with_the_same_key_and_another_key_founds_nothing() {
    let town = Town::new();
    let desk = |name: &str| Desk {
        folder: Folder::at(town.folder(name)),
        language: Language::French,
        json: false,
        passphrase_file: None,
    };
    let founding = Founding {
        name: "Commune de Vaux".to_owned(),
        ticket: town.ticket.parse().unwrap(),
        agent: AgentNumber(1),
        agent_name: "Zoé Martin".to_owned(),
        calendar: calendar(&desk("first"), None, "Europe/Paris".to_owned()).unwrap(),
    };
    let found = |name: &str, seed: u8| found_here(&desk(name), &founding, &[seed; 32], "une phrase de passe");
    found("first", 7).unwrap();
    // Whoever never heard the answer tries again: nothing of the first attempt is on this disk.
    found("second", 7).unwrap();
    town.done("second", &["threads", "--sync", "4"]);
    let devices = town.done("second", &["admin", "devices"]);
    assert_eq!(devices.iter().filter(|device| device["agent"] == 1 && device["active"] == true).count(), 2);
    let refused = found("third", 8).err().and_then(|failure| failure.fault()).map(|fault| fault.code);
    assert_eq!(refused, Some(FaultCode::EnrolmentUsed));
    assert!(!town.folder("third").exists(), "nothing is left behind");
    town.stop();
}
