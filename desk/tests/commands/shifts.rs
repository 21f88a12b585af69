//! Hours that are judged, shifts from files, and who would receive.

use serde_json::json;

use super::Town;

#[test]
fn hours_without_their_rest_are_refused_with_the_place_and_the_text_and_nothing_is_signed() {
    let town = Town::provisioned();
    assert_eq!(town.refused("admin", &["admin", "hours", "lun-ven 07:00-20:30"]), "floors_broken");
    let said = town.said_and_refused("admin", &["admin", "hours", "lun-ven 07:00-20:30"]);
    assert!(
        said.contains("[refusé] lundi 07:00\u{a0}: 10\u{a0}h\u{a0}30 de repos de suite en 24 heures, il en faut 11\u{a0}h"),
        "{said}"
    );
    assert!(said.contains("Aucun juriste ne l’a encore confirmé."), "{said}");
    let fine =
        town.done("admin", &["admin", "hours", "lun-ven 08:00-16:00", "--place", "metropole", "--dry-run"]);
    assert_eq!((&fine[0]["findings"], &fine[0]["place"]), (&json!([]), &json!("metropole")));
    assert_eq!(
        town.refused("admin", &["admin", "hours", "lun 08:00-12:00", "--zone", "Mars/Olympus"]),
        "zone_unknown"
    );
    assert_eq!(
        town.refused("admin", &["admin", "hours", "lun 08:00-12:00", "--profile", "fpx"]),
        "profile_invalid"
    );
    assert_eq!(town.refused_words(&["admin", "hours", "lun 08:00-12:00", "--place", "atlantide"]), "usage");
    town.stop();
}

#[test]
fn shifts_of_a_table_are_taken_but_for_the_bad_lines_and_the_same_file_changes_nothing() {
    let town = Town::provisioned();
    town.done("admin", &["admin", "hours", "lun-ven 08:00-17:00", "--team", "Voirie nord"]);
    town.enrol("amine", "2");
    town.enrol("chloe", "3");
    let file = town.folder("shifts.csv");
    let lines = "Agent;Date;Début;Fin;Type;Équipe;Rang;Motif;Fuseau\n\
        2;05/12/2026;08:00;12:00;service;;;Viabilité hivernale;\n\
        2;05/12/2026;10:00;11:00;service;;;;\n\
        3;07/12/2026;20:30;23:00;service;;;;\n\
        9;05/12/2026;08:00;12:00;service;;;;\n\
        2;05/12/2026;8h;midi;service;;;;\n\
        2;05/12/2026;08:00;12:00;sieste;;;;\n\
        2;05/12/2026;08:00;12:00;service;;;;Mars/Olympus\n\
        3;11/12/2026;17:00;08:00;astreinte;Voirie nord;2;;\n\
        2;11/12/2026;17:00;08:00;astreinte;voirie NORD;1;;\n\
        2;12/12/2026;17:00;08:00;astreinte;Inconnue;1;;\n";
    std::fs::write(&file, lines).unwrap();
    let file = file.to_str().unwrap();
    let (tried, fault) = town.incomplete("admin", &["admin", "shifts", file, "--dry-run"]);
    assert_eq!((fault.as_str(), &tried["added"]), ("import_incomplete", &json!([2, 9, 10])));
    let (taken, _) = town.incomplete("admin", &["admin", "shifts", file]);
    assert_eq!((&taken["added"], &taken["unchanged"]), (&json!([2, 9, 10]), &json!(0)));
    let refused: Vec<(u64, &str)> = taken["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["line"].as_u64().unwrap(), line["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        refused,
        [
            (3, "overlap"),
            (4, "floors_broken"),
            (5, "agent_unknown"),
            (6, "time_unreadable"),
            (7, "kind_unknown"),
            (8, "zone_unknown"),
            (11, "team_unknown"),
        ]
    );
    let (again, _) = town.incomplete("admin", &["admin", "shifts", file]);
    assert_eq!((&again["added"], &again["unchanged"]), (&json!([]), &json!(3)));

    // Who would receive, by the statements that stand.
    let who = |at: &str, team: &[&str]| {
        let said = town.done("admin", &[&["admin", "who", "--at", at][..], team].concat());
        assert!(said[0]["statement"].as_u64().unwrap() > 0);
        let agents = said[0]["agents"].as_array().unwrap().iter();
        agents
            .map(|one| {
                (
                    one["agent"].as_u64().unwrap(),
                    one["state"].as_str().unwrap().to_owned(),
                    one["called"].as_u64(),
                )
            })
            .collect::<Vec<_>>()
    };
    let one = |agent, state: &str, called| (agent, state.to_owned(), called);
    let voirie = ["--team", "Voirie nord"];
    assert_eq!(who("11/12/2026 22:00", &voirie), [one(2, "on-call", Some(1)), one(3, "on-call", Some(2))]);
    assert_eq!(who("2026-12-05 10:00", &[])[1..], [one(2, "on-duty", None), one(3, "off-duty", None)]);
    assert_eq!(who("2026-12-08 10:00", &[])[1..], [one(2, "on-duty", None), one(3, "on-duty", None)]);
    let shown = town.shown("admin", &["admin", "who", "--at", "2026-12-06 12:00"], "fr");
    assert!(shown.contains("hors service, reprise 2026-12-07 08:00"), "{shown}");
    assert_eq!(town.refused_words(&["admin", "who", "--at", "bientôt"]), "usage");

    // The night of A1.7: from two to half past three, back at half past two.
    let call = ["admin", "intervention", "3", "--from", "2026-12-08 02:00", "--until", "2026-12-08 03:30"];
    let shifted = town.done("admin", &call);
    assert_eq!((&shifted[0]["shifted"], &shifted[0]["profile"]), (&json!(true), &json!("fpt")));
    assert_eq!(who("2026-12-08 14:29", &voirie)[1], one(3, "off-duty", None));
    assert_eq!(who("2026-12-08 14:30", &voirie)[1], one(3, "on-duty", None));
    town.stop();
}

#[test]
fn shifts_of_a_calendar_file_are_read_strictly_and_each_bad_event_by_its_line() {
    let town = Town::provisioned();
    town.enrol("amine", "2");
    let file = town.folder("shifts.ics");
    let lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        "DTSTART;TZID=Europe/Paris:20261205T210000",
        "DTEND;TZID=Europe/Paris:20261206T050000",
        "SUMMARY:Viabilité hiver",
        " nale\\, nord",
        "BEGIN:VALARM",
        "DURATION:PT15M",
        "END:VALARM",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART:20261210T170000Z",
        "DTEND:20261210T160000Z",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART;TZID=Mars/Olympus:20261210T170000",
        "DTEND:20261210T180000Z",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART;VALUE=DATE:20261212",
        "CATEGORIES:Astreinte",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART:20261213T170000Z",
        "DTEND:20261213T180000Z",
        "RRULE:FREQ=DAILY",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART:20261299T170000Z",
    ];
    std::fs::write(&file, lines.join("\r\n")).unwrap();
    let (taken, fault) =
        town.incomplete("admin", &["admin", "shifts", file.to_str().unwrap(), "--agent", "2"]);
    assert_eq!((fault.as_str(), &taken["added"]), ("import_incomplete", &json!([3, 20])));
    let refused: Vec<(u64, &str)> = taken["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["line"].as_u64().unwrap(), line["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        refused,
        [(12, "inverted"), (17, "zone_unknown"), (27, "recurring"), (29, "event_incomplete")]
    );
    town.stop();
}

impl Town {
    /// What a command printed for people before it was refused.
    fn said_and_refused(&self, who: &str, arguments: &[&str]) -> String {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_estafette"));
        command.arg("--folder").arg(self.folder(who)).args(["--language", "fr"]);
        command.arg("--passphrase-file").arg(self.folder("passphrase")).args(arguments);
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }

    /// A command that did a part: its JSON, and the stable code of its refusal.
    fn incomplete(&self, who: &str, arguments: &[&str]) -> (serde_json::Value, String) {
        let output = self.run(who, arguments);
        assert!(!output.status.success(), "{arguments:?}");
        let fault: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
        let done = serde_json::from_slice(&output.stdout).unwrap();
        (done, fault["code"].as_str().unwrap().to_owned())
    }
}
