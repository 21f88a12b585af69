//! Announcements by hand: a team is led, announces, corrects, and each acknowledges.

use serde_json::{Value, json};

use crate::{Town, inventory, texts};

fn announced(town: &Town, who: &str) -> Vec<Value> {
    town.done(who, &["announcements", "--sync", "4"])
}

#[test]
fn an_announcement_is_acknowledged_corrected_and_answered() {
    let town = Town::new();
    town.found("admin");
    let file = inventory(town.folder.path());
    town.done("admin", &["admin", "import", file.to_str().unwrap()]);
    town.enrol("amine", "2");
    town.enrol("chloe", "3");
    assert_eq!(town.refused("amine", &["announce", "Moi d’abord.", "--all"]), "forbidden");
    let team = town.done("admin", &["admin", "team", "Voirie nord", "--lead", "2"]);
    assert_eq!(team[0]["changed"], 1, "a role: Amine's computer is in both conversations already");
    let again = town.done("admin", &["admin", "team", "Voirie nord", "--lead", "2"]);
    assert_eq!(again[0]["changed"], 0);

    town.done("chloe", &["threads", "--sync", "4"]);
    town.done("amine", &["threads", "--sync", "4"]);
    let text = "Route de Vaux barrée.\nDéviation par Saint-Œuf.";
    assert_eq!(town.refused_words_by("amine", &["announce", text, "--to", "Voirie sud"]), "usage");
    assert_eq!(town.refused_words_by("amine", &["announce", text, "--all", "--due", "25:00"]), "usage");
    let issued = town.done("amine", &["announce", text, "--to", "Voirie nord", "--due", "23:59"]);
    assert_eq!(issued[0]["state"], "standing");
    let first = issued[0]["announcement"].as_str().unwrap();

    let shown = announced(&town, "chloe");
    assert_eq!(texts(&shown), [text]);
    assert_eq!((&shown[0]["asked"], &shown[0]["author"]), (&json!(true), &json!("Amine Kaci")));
    assert_eq!(town.done("chloe", &["ack", first])[0]["state"], "standing");
    assert_eq!(town.done("chloe", &["ack", first])[0]["state"], "standing", "given once, whatever is typed");
    assert_eq!(town.refused("amine", &["ack", first]), "receipt_invalid");
    assert_eq!(town.refused("chloe", &["progress", first]), "forbidden");
    let progress = town.done("amine", &["progress", first, "--sync", "4"]);
    assert_eq!(progress[0]["counts"]["acknowledged"], 1);
    assert_eq!(progress[0]["people"][0]["name"], "Chloé Ñuñez");
    assert_eq!(progress[0]["people"][0]["progress"], "acknowledged");

    let corrected = town.done("amine", &["correct", first, "Route de Vaux rouverte.", "--due", "23:59"]);
    let second = corrected[0]["announcement"].as_str().unwrap();
    let shown = announced(&town, "chloe");
    assert_eq!(texts(&shown), ["Route de Vaux rouverte.", text]);
    assert_eq!((&shown[0]["asked"], &shown[1]["corrected_by"]), (&json!(true), &json!(second)));

    let kept = town.done("amine", &["correct", second, "Route de Vaux rouverte à tous."]);
    assert_eq!(
        kept[0]["due"], corrected[0]["due"],
        "a correction that says nothing of it keeps what was wanted"
    );
    assert_eq!(announced(&town, "chloe")[0]["asked"], json!(true));
    let third = kept[0]["announcement"].as_str().unwrap();
    let ended = town.done("amine", &["correct", third, "Route de Vaux rouverte.", "--no-due"]);
    assert_eq!(ended[0]["due"], json!(null));
    assert_eq!(announced(&town, "chloe")[0]["asked"], json!(false));
    let second = ended[0]["announcement"].as_str().unwrap();

    let answer = town.done("chloe", &["answer", second, "Bien pris."]);
    assert_eq!((&answer[0]["to_issuer_alone"], &answer[0]["state"]), (&json!(true), &json!("standing")));
    let thread = answer[0]["thread"].as_str().unwrap();
    let read = town.done("amine", &["read", thread, "--sync", "4"]);
    assert_eq!((texts(&read), &read[0]["parents"]), (vec!["Bien pris."], &json!([second])));
    town.stop();
}
