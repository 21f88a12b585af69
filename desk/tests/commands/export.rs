//! Conversations as files, over the real command.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use super::Town;

fn read(path: &Value) -> String {
    std::fs::read_to_string(path.as_str().unwrap()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_member_takes_a_conversation_along_as_json_and_as_a_page_and_no_file_is_overwritten() {
    let (town, thread) = Town::with_a_team();
    let name = town.write("amine", &thread, "Regard à 40 cm <script>");
    town.done("amine", &["edit", &name[..8], "Regard à 60 cm <script>"]);
    let folder = town.folder.path().join("export");
    let to = folder.to_str().unwrap();
    let done = town.done("amine", &["export", &thread, "--to", to]);
    assert_eq!((&done[0]["title"], &done[0]["messages"]), (&json!("Voirie nord"), &json!(1)));
    assert_eq!(
        names(&folder),
        [format!("voirie-nord-{}.html", &thread[..8]), format!("voirie-nord-{}.json", &thread[..8])]
    );
    let json: Value = serde_json::from_str(&read(&done[0]["files"][0])).unwrap();
    assert_eq!(json["messages"][0]["uid"], name);
    assert_eq!(json["messages"][0]["author"], json!({ "agent": 2, "name": "Amine Kaci" }));
    assert_eq!(json["messages"][0]["versions"].as_array().unwrap().len(), 2);
    let page = read(&done[0]["files"][1]);
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"fr\">"), "{page}");
    assert!(page.contains("Regard à 60 cm &lt;script&gt;") && !page.contains("<script"), "{page}");
    for file in names(&folder) {
        assert_eq!(std::fs::metadata(folder.join(file)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // What stands is not touched, be it the first or the second of two files.
    let before = page;
    assert_eq!(town.refused("amine", &["export", &thread, "--to", to]), "file_exists");
    assert_eq!(read(&done[0]["files"][1]), before);
    std::fs::remove_file(done[0]["files"][0].as_str().unwrap()).unwrap();
    assert_eq!(town.refused("amine", &["export", &thread, "--to", to]), "file_exists");
    assert_eq!(names(&folder).len(), 1, "no half of an export is left");
    let alone = town.folder.path().join("alone.json");
    town.done("amine", &["export", &thread, "--to", alone.to_str().unwrap()]);
    assert_eq!(town.refused("amine", &["export", &thread, "--to", alone.to_str().unwrap()]), "file_exists");
    assert_eq!(town.refused("amine", &["export", &"ab".repeat(32), "--to", to]), "not_found");
    town.stop();
}

#[test]
fn an_export_of_everything_leaves_what_is_personal_out_and_says_how_many() {
    let (town, thread) = Town::with_a_team();
    town.write("amine", &thread, "Pour le service.");
    let pair = town.done("amine", &["direct", "3", "--personal"])[0]["thread"].as_str().unwrap().to_owned();
    town.write("amine", &pair, "Canari-personnel-8a3e");
    town.done("chloe", &["threads", "--sync", "4"]);
    for who in ["amine", "chloe"] {
        let members = town.done(who, &["members", if who == "amine" { &pair } else { &thread }]);
        let class = if who == "amine" { "personnel" } else { "service" };
        assert!(members.iter().all(|member| member["class"] == class && member["archive"] == false));
    }
    let said = town.shown("amine", &["members", &pair], "fr");
    assert!(said.starts_with("Chloé Ñuñez · conversation personnelle\u{A0}: ni archivée"), "{said}");
    let listed = town.shown("chloe", &["threads"], "fr");
    assert!(listed.contains("Amine Kaci · conversation personnelle"), "{listed}");

    let folder = town.folder.path().join("everything");
    let to = folder.to_str().unwrap();
    let done = town.done("amine", &["export", "--all", "--to", to]);
    let last = done.last().unwrap();
    // The team's conversation and its announcements.
    assert_eq!((&last["conversations"], &last["withheld"]), (&json!(2), &json!(1)));
    assert_eq!(names(&folder).len(), 5, "two files for each, and the list");
    let list: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("export.json")).unwrap()).unwrap();
    assert_eq!((&list["format"], &list["withheld"]), (&json!("estafette-export"), &json!(1)));
    let listed = list["conversations"].as_array().unwrap();
    let mut classes: Vec<&str> = listed.iter().map(|one| one["class"].as_str().unwrap()).collect();
    classes.sort_unstable();
    assert_eq!(classes, ["diffusion", "service"]);
    assert!(listed.iter().any(|one| one["thread"] == thread && one["messages"] == 1), "{list}");
    for file in names(&folder) {
        let text = std::fs::read_to_string(folder.join(&file)).unwrap();
        assert!(!text.contains("Canari-personnel") && !text.contains(&pair), "{file}");
    }
    assert_eq!(town.refused("amine", &["export", "--all", "--to", to]), "file_exists");
    let said = town.folder.path().join("said");
    let said = town.shown("amine", &["export", "--all", "--to", said.to_str().unwrap()], "fr");
    assert!(said.contains("1 conversation personnelle ou syndicale est laissée de côté"), "{said}");
    // One's own, alone, one may take along.
    let own = town.folder.path().join("own.html");
    let done = town.done("amine", &["export", &pair, "--to", own.to_str().unwrap()]);
    assert_eq!(done[0]["class"], "personnel");
    assert!(std::fs::read_to_string(own).unwrap().contains("Canari-personnel-8a3e"));
    town.stop();
}
