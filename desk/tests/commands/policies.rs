//! Policies by two: proposed on one computer, read on all, approved on another.

use serde_json::{Value, json};

use super::Town;

#[test]
fn hours_are_proposed_previewed_and_approved_by_a_second_administrator() {
    let town = Town::provisioned();
    let arguments = ["admin", "add-administrator", "8", "Zoé Martin", "--serial", "S8"];
    let ticket = town.done("admin", &arguments)[0]["ticket"].as_str().unwrap().to_owned();
    town.done("zoe", &["enrol", &ticket]);
    assert_eq!(town.done("admin", &["admin", "approve", "--yes"])[0]["approved"], 1);
    town.enrol("amine", "2");

    // Open but for a minute, so that the test's hour does not matter.
    let week = "lun-dim 00:00-23:59";
    let proposed = town.done("admin", &["admin", "hours", week, "--profile", "interior-2002-1278"]);
    assert_eq!((&proposed[0]["week"], &proposed[0]["confirmable_at"]), (&json!(week), &Value::Null));
    let number = proposed[0]["proposal"].as_u64().unwrap();
    let digits = number.to_string();
    let shown = town.shown("admin", &["policies"], "fr");
    let proposal = format!("Proposition n°\u{a0}{digits}, par agent 1, le ");
    assert!(shown.starts_with("Une règle change à deux"), "{shown}");
    assert!(shown.contains(&proposal), "{shown}");
    assert!(
        shown.contains("Horaires de l’organisation\u{a0}: lun-dim 00:00-23:59 (Europe/Paris)"),
        "{shown}"
    );

    // Amine sees what is coming, and what is still so.
    let rows = town.done("amine", &["policies", "--sync", "4"]);
    let waiting: Vec<&Value> = rows.iter().filter(|row| row["proposal"] == number).collect();
    assert_eq!((waiting.len(), &waiting[0]["changes"][0]["week"]), (1, &json!(week)));
    let hours = &town.done("amine", &["hours"])[0];
    assert_eq!((&hours["proposals"], &hours["calendars"][0]["week"]), (&json!([number]), &json!("toujours")));
    let who = |extra: &[&str]| {
        let asked = [&["admin", "who", "--at", "2026-12-02 23:59"][..], extra].concat();
        let told = town.done("admin", &asked);
        let agents = told[0]["agents"].as_array().unwrap().clone();
        agents.into_iter().find(|agent| agent["agent"] == 2).unwrap()["state"].clone()
    };
    assert_eq!((who(&[]), who(&["--proposal", &digits])), (json!("on-duty"), json!("off-duty")));

    for (one, code) in [("admin", "second_person_required"), ("amine", "statement_forbidden")] {
        assert_eq!(town.refused(one, &["policy", "approve", &digits, "--yes"]), code);
    }
    let approved = town.done("zoe", &["policy", "approve", &digits, "--yes"]);
    assert_eq!(approved, [json!({ "proposal": number, "approved": true })]);
    assert_eq!(town.refused("zoe", &["policy", "approve", &digits, "--yes"]), "not_found");
    town.done("amine", &["policies", "--sync", "4"]);
    let hours = &town.done("amine", &["hours"])[0];
    assert_eq!((&hours["proposals"], &hours["calendars"][0]["week"]), (&json!([]), &json!(week)));
    assert!(hours["versions"][0].as_u64() > Some(number));

    // What is refused changes nothing.
    let refused = town.done("admin", &["admin", "representative", "2"])[0]["proposal"].to_string();
    let said = town.done("zoe", &["policy", "refuse", &refused]);
    assert_eq!(said[0]["approved"], false);
    let rows = town.done("zoe", &["policies"]);
    assert!(rows.iter().all(|row| row["policy"]["kind"] != "representative" && row["proposal"].is_null()));
    town.stop();
}

#[test]
fn an_agent_makes_a_proof_that_anybody_verifies_without_network_or_folder() {
    let (mut town, thread) = Town::with_a_team();
    let name = town.write("amine", &thread, "Pris.");
    town.done("chloe", &["read", &thread, "--sync", "4"]);
    let files = ["message", "whole", "period"].map(|name| town.folder(name).display().to_string());
    let [message, whole, period] = files.each_ref().map(String::as_str);
    let made = town.done("chloe", &["proof", message, "--message", &name[..8]]);
    assert_eq!((&made[0]["agent"], &made[0]["entry"]["message"]), (&json!(3), &json!(name)));
    assert_eq!(made[0]["entry"]["held_until"], made[0]["entry"]["received_at"]);
    town.done("chloe", &["proof", whole, "--message", &name[..8], "--with-chain"]);
    let times = ["--from", "2026-11-20 20:00", "--until", "2026-11-20 21:00"];
    let told = town.done("chloe", &[&["proof", period][..], &times].concat());
    assert_eq!(told[0]["stretches"], json!([{ "from": told[0]["from"], "state": "on-duty" }]));
    assert_eq!(town.refused_words(&["proof", message]), "usage");
    town.stop_relay();
    for (file, with_chain) in [(message, false), (whole, true), (period, false)] {
        let shown = town.done("nobody", &["verify", file]);
        assert_eq!((&shown[0]["agent"], &shown[0]["with_chain"]), (&json!(3), &json!(with_chain)), "{file}");
    }
    let shown = town.shown("nobody", &["verify", whole], "fr");
    assert!(shown.starts_with("Joignabilité de l’agent 3 de l’organisation "), "{shown}");
    assert!(
        shown.contains("Reçu le ") && shown.contains("\nVérifié\u{a0}: la signature du relais, chaque"),
        "{shown}"
    );
    let text = std::fs::read_to_string(message).unwrap();
    let altered = text.replacen("\"word\": \"", "\"word\": \"A", 1);
    std::fs::write(message, altered).unwrap();
    assert_eq!(town.refused("nobody", &["verify", message]), "malformed");
    std::fs::write(message, text.replace("estafette-proof-1", "estafette-proof-2")).unwrap();
    assert_eq!(town.refused("nobody", &["verify", message]), "malformed");
}
