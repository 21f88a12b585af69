//! A note by hand: two computers, one after the other and without each other.

use super::*;

#[test]
fn two_agents_write_one_note_from_files_and_nothing_of_either_is_lost() {
    let town = Town::new();
    town.found("admin");
    let file = inventory(town.folder.path());
    town.done("admin", &["admin", "import", file.to_str().unwrap()]);
    town.enrol("amine", "2");
    town.enrol("chloe", "3");
    let threads = town.done("amine", &["threads", "--sync", "4"]);
    let thread = threads[0]["thread"].as_str().unwrap();
    let text = |name: &str, content: &str| {
        let path = town.folder(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let first = text("first", "Pompe 3 : arrêtée 🌊\nVanne : fermée\n");
    let made = town.done("amine", &["note", "new", thread, "Tournée", &first]);
    assert_eq!(made[0]["state"], "standing");
    let note = made[0]["note"].as_str().unwrap();
    let listed = town.done("chloe", &["note", "list", thread, "--sync", "4"]);
    assert_eq!((listed[0]["note"].as_str().unwrap(), &listed[0]["title"]), (note, &Value::from("Tournée")));

    // Chloé has not seen Amine's edit when she makes hers.
    let by_amine = text("amine.txt", "Pompe 3 : en marche 🌊\nVanne : fermée\n");
    assert_eq!(town.done("amine", &["note", "edit", note, &by_amine])[0]["state"], "standing");
    let by_chloe = text("chloe.txt", "Pompe 3 : arrêtée 🌊\nVanne : ouverte\nBassin : plein\n");
    assert_eq!(town.done("chloe", &["note", "edit", note, &by_chloe])[0]["state"], "standing");
    for who in ["amine", "chloe"] {
        let shown = town.done(who, &["note", "show", note, "--sync", "4"]);
        assert_eq!(shown[0]["text"], "Pompe 3 : en marche 🌊\nVanne : ouverte\nBassin : plein\n", "{who}");
        assert_eq!(town.done(who, &["verify-store"])[0]["findings"].as_array().unwrap().len(), 0);
    }
    let same = text("same", "Pompe 3 : en marche 🌊\nVanne : ouverte\nBassin : plein\n");
    assert_eq!(town.done("amine", &["note", "edit", note, &same])[0]["state"], "unchanged");
    assert_eq!(town.refused("amine", &["note", "show", &"ab".repeat(16)]), "not_found");
    let long = text("long", &"é".repeat(200_001));
    assert_eq!(town.refused("amine", &["note", "edit", note, &long]), "message_too_long");
    let huge = text("huge", &"a".repeat(800_001));
    assert_eq!(town.refused("amine", &["note", "edit", note, &huge]), "too_large");
    town.stop();
}
