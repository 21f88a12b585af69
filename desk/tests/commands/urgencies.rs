//! Urgent messages by hand: the right, what the composer says before it sends, the call and its answer.

use std::time::SystemTime;

use estafette_protocol::Timestamp;
use estafette_protocol::hours::Zone;
use serde_json::{Value, json};

use crate::Town;

/// Agent 3 on call for their team from yesterday until the day after tomorrow.
fn rota(town: &Town) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let today = Zone::named("Europe/Paris").unwrap().local_time(Timestamp(now.as_millis() as u64)).date;
    let until = today.next().next();
    let file = town.folder("rota.csv");
    let lines =
        format!("agent,début,fin,type,équipe,rang\n3,{today} 00:00,{until} 00:00,astreinte,Voirie nord,1\n");
    std::fs::write(&file, lines).unwrap();
    file.to_str().unwrap().to_owned()
}

fn written<'a>(thread: &'a str, extra: &[&'a str]) -> Vec<&'a str> {
    let urgent = ["--urgent", "--basis", "protection", "--reason", "Sécurité des personnes.", "--until"];
    [&["write", thread, "Arbre tombé."][..], &urgent, &["12:00"], extra].concat()
}

#[test]
fn an_urgency_says_whom_it_reaches_before_it_leaves_and_is_answered_by_who_is_called() {
    let (town, thread) = Town::with_a_team();
    let write = |extra: &[&'static str]| written(&thread, extra);
    assert_eq!(town.refused("amine", &write(&[])), "forbidden");
    assert_eq!(town.refused("amine", &["admin", "urgency-right", "2"]), "statement_forbidden");
    town.done("admin", &["admin", "urgency-right", "2"]);
    town.done("admin", &["admin", "shifts", &rota(&town)]);
    town.done("amine", &["threads", "--sync", "4"]);

    let dry = town.done("amine", &write(&["--dry-run"]));
    assert_eq!(
        (&dry[0]["now"], &dry[0]["order"], &dry[0]["dry_run"]),
        (&json!([3]), &json!([3]), &json!(true))
    );
    assert_eq!(town.done("amine", &["read", &thread]), [Value::Null; 0], "nothing was sent");
    let said = town.shown("amine", &write(&["--dry-run"]), "fr");
    assert!(said.contains("Chloé Ñuñez") && said.contains("À blanc"), "{said}");

    let sent = town.done("amine", &write(&[]));
    assert_eq!(sent[0]["state"], "standing");
    let name = sent[0]["message"].as_str().unwrap();
    let read = town.done("chloe", &["read", &thread, "--sync", "4"]);
    let urgency = &read[0]["urgency"];
    assert_eq!((&urgency["reason"], &urgency["basis"]), (&json!("Sécurité des personnes."), &json!(1)));
    assert!(urgency["called_until"].as_u64().is_some(), "{urgency}");
    let said = town.shown("chloe", &["read", &thread], "fr");
    assert!(said.contains("URGENT · protection des personnes et des biens"), "{said}");
    assert!(said.contains("déclaré par Amine Kaci"), "{said}");
    town.done("chloe", &["respond", name]);
    let seen = town.done("amine", &["urgencies", "--sync", "4"]);
    assert_eq!(seen[0]["answered"][0]["agent"], 3);
    assert_eq!(seen[0]["called"][0]["agent"], 3);

    // On duty an answer is no intervention; the record is empty and says so.
    assert_eq!(town.done("chloe", &["intervention", "list"]), [Value::Null; 0]);
    assert_eq!(town.refused("chloe", &["intervention", "end"]), "not_found");
    let file = town.folder("interventions.csv");
    let export = ["intervention", "export", file.to_str().unwrap(), "--format", "csv"];
    assert_eq!(town.done("chloe", &export)[0]["count"], 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "numéro;début;fin;fuseau;minutes;message\r\n");
    assert_eq!(town.refused("chloe", &export), "file_exists");

    let over = ["admin", "override", "--agent", "3", "--basis", "circonstances", "--reason", "Crue."];
    town.done("admin", &[&over[..], &["--until", "12:00"]].concat());
    let seen = town.done("chloe", &["urgencies", "--sync", "4"]);
    assert_eq!(seen.last().unwrap()["override"]["reason"], "Crue.");
    assert_eq!(
        town.refused("admin", &[&over[..6], &["--reason", " ", "--until", "12:00"]].concat()),
        "override_invalid"
    );
    assert_eq!(town.refused("chloe", &["prolong"]), "prolongation_refused");
    assert_eq!(town.done("chloe", &["prolong", "--list"]), [Value::Null; 0]);
    let approve = ["approve-urgency", "1", &thread, "--basis", "protection", "--until", "12:00"];
    assert_eq!(town.refused("chloe", &approve), "statement_forbidden");
    assert_eq!(town.done("amine", &approve)[0]["author"], 1);
    town.stop();
}
