//! Files as offices export them, and files as they arrive.

use serde_json::{Value, json};

use super::Town;

const INVENTORY: &str = "Agent;Nom;Équipe;Plateforme;Modèle;Numéro de série\r\n";

impl Town {
    /// Writes a file beside the folders; its path.
    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs a command whatever it says: its one JSON line, and the code of its refusal.
    fn said(&self, who: &str, arguments: &[&str]) -> (Value, Option<String>) {
        let output = self.run(who, arguments);
        let refusal = (!output.status.success()).then(|| {
            let fault: Value = serde_json::from_slice(&output.stderr).unwrap();
            fault["code"].as_str().unwrap().to_owned()
        });
        (serde_json::from_slice(&output.stdout).unwrap(), refusal)
    }

    /// Runs a command as a person sees it, in French: standard output and error.
    pub(super) fn seen(&self, who: &str, arguments: &[&str]) -> (String, String) {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_estafette"));
        command.arg("--folder").arg(self.folder(who)).args(["--language", "fr"]);
        let output =
            command.arg("--passphrase-file").arg(self.folder("passphrase")).args(arguments).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    }
}

/// Each refused line's number and code.
fn refused(report: &Value) -> Vec<(u64, &str)> {
    let lines = report["refused"].as_array().unwrap().iter();
    lines.map(|line| (line["line"].as_u64().unwrap(), line["code"].as_str().unwrap())).collect()
}

#[test]
fn c2_the_import_lists_bad_lines_by_number_with_the_reason_and_keeps_the_good_ones() {
    let town = Town::new();
    town.found("admin");
    let lines = "2;Amine Kaci;Voirie nord;ordinateur;PC;S2\r\n\
                 X3;Chloé Roy;Voirie nord;ordinateur;PC;S3\r\n\
                 4;Denis;Voirie nord;minitel;PC;S4\r\n\
                 \r\n\
                 5;Élise Noël;Voirie nord;ordinateur;PC;S2\r\n\
                 6;\"Fanny;Voirie nord;ordinateur;PC;S6\r\n\
                 7;Gaël Œuvrard;Voirie nord;ordinateur;PC;S7\r\n";
    // As a spreadsheet writes it on a French computer.
    let bytes: Vec<u8> = format!("{INVENTORY}{lines}")
        .chars()
        .map(|letter| match letter {
            'Œ' => 0x8c,
            letter => u8::try_from(u32::from(letter)).unwrap(),
        })
        .collect();
    let file = town.file("inventaire.csv", &bytes);
    let (report, refusal) = town.said("admin", &["admin", "import", &file]);
    assert_eq!(refusal.as_deref(), Some("import_incomplete"));
    let expected =
        [(3, "agent_not_a_number"), (4, "platform_unknown"), (6, "serial_twice"), (7, "quote_open")];
    assert_eq!(refused(&report), expected);
    assert_eq!((&report["encoding"], &report["separator"]), (&json!("Windows-1252"), &json!(";")));
    assert_eq!((&report["added"], &report["imported"]), (&json!([2, 8]), &json!(2)));
    let ticket = town.done("admin", &["admin", "ticket", "7"]);
    assert_eq!((&ticket[0]["name"], &ticket[0]["serial"]), (&json!("Gaël Œuvrard"), &json!("S7")));
    for agent in ["4", "5", "6"] {
        assert_eq!(town.refused("admin", &["admin", "ticket", agent]), "not_in_inventory");
    }

    // Again, for people: the same lines in words, and nothing else to do.
    let (told, error) = town.seen("admin", &["admin", "import", &file]);
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told[0], "Inventaire, 6 lignes\u{202f}; Windows-1252, séparateur «\u{a0};\u{a0}».");
    assert_eq!(
        told[3],
        "Ligne 6\u{a0}: ce numéro de série est déjà à la ligne 2\u{202f}; c’est elle qui compte. (serial_twice)"
    );
    assert_eq!(told[5], "Ajoutées\u{a0}: 0. Modifiées\u{a0}: 0. Déjà en place\u{a0}: 2. Refusées\u{a0}: 4.");
    assert_eq!(told.len(), 6);
    assert!(error.starts_with("4 lignes ont été refusées.\n"), "{error}");
    town.stop();
}

#[test]
fn the_same_file_again_changes_nothing_and_a_dry_run_only_says_what_it_would() {
    let mut town = Town::new();
    town.found("admin");
    let lines =
        format!("{INVENTORY}2;Amine Kaci;Voirie nord;Ordinateur;PC;S2\r\n3;Chloé;;Ordinateur;PC;S3\r\n");
    let file = town.file("inventaire.csv", lines.as_bytes());
    let dry = town.done("admin", &["admin", "import", "--dry-run", &file]);
    assert_eq!((&dry[0]["dry_run"], &dry[0]["added"]), (&json!(true), &json!([2, 3])));
    assert_eq!(dry[0]["teams"], json!(["Voirie nord"]));
    assert_eq!(town.refused("admin", &["admin", "ticket", "2"]), "not_in_inventory");
    let first = town.done("admin", &["admin", "import", &file]);
    assert_eq!((&first[0]["added"], &first[0]["teams"]), (&dry[0]["added"], &dry[0]["teams"]));

    // There is nothing to tell the relay: it need not even be there.
    let running = town.relay.take().unwrap();
    town.runtime.block_on(running.shutdown());
    let again = town.done("admin", &["admin", "import", &file]);
    assert_eq!((&again[0]["imported"], &again[0]["unchanged"]), (&json!(0), &json!(2)));
    let (told, error) = town.seen("admin", &["admin", "import", &file]);
    assert_eq!(told.lines().last(), Some("Rien à changer\u{a0}: tout ce que dit ce fichier est en place."));
    assert_eq!(error, "", "no bar is drawn where no terminal is");
}

#[test]
fn a_directory_from_the_personnel_office_names_agents_and_puts_their_later_devices_into_teams() {
    let town = Town::new();
    town.found("admin");
    let export = "Matricule;Civilité;Nom;Prénom;Date de naissance;Emploi;Service\r\n\
                  002;M.;KACI;Amine;01/02/1990;Fontainier;Eau\r\n\
                  003;Mme;ROY;Chloé;03/04/1985;Cheffe d'équipe;Eau\r\n";
    let file = town.file("annuaire.csv", format!("\u{feff}{export}").as_bytes());
    let directory = town.done("admin", &["admin", "import", &file]);
    assert_eq!(directory[0]["kind"], "directory");
    assert_eq!(directory[0]["ignored"], json!(["Civilité", "Date de naissance"]));
    let devices = town.file(
        "parc.csv",
        b"agent,platform,model,serial\n2,computer,PC,S2\n3,computer,PC,S3\n9,computer,PC,S9\n",
    );
    let (report, refusal) = town.said("admin", &["admin", "import", &devices]);
    assert_eq!(refusal.as_deref(), Some("import_incomplete"));
    assert_eq!((refused(&report), &report["kind"]), (vec![(4, "name_missing")], &json!("inventory")));
    town.enrol("amine", "2");
    let threads = town.done("amine", &["threads", "--sync", "4"]);
    assert_eq!(threads[0]["title"], "Eau");

    // Somebody else under the same number is a mistake, until the file is said to be right.
    let wrong = town.file("faux.csv", "agent;nom\n2;Bruno Diaz\n".as_bytes());
    let (report, _) = town.said("admin", &["admin", "import", &wrong]);
    assert_eq!(refused(&report), [(2, "agent_other_name")]);
    assert_eq!(
        report["refused"][0]["detail"],
        "ce numéro est celui de Amine KACI. Si le fichier a raison, ajoutez --replace."
    );
    assert_eq!(town.done("admin", &["admin", "import", "--replace", &wrong])[0]["updated"], json!([2]));
    // A device in use changes hands by no file.
    let taken = town.file("pris.csv", b"agent,platform,model,serial\n3,computer,PC,S2\n");
    let (report, _) = town.said("admin", &["admin", "import", "--replace", &taken]);
    assert_eq!(refused(&report), [(2, "device_active")]);
    town.stop();
}

#[test]
fn a_file_of_200_megabytes_is_refused_by_its_size_and_one_that_is_no_csv_by_its_kind() {
    let town = Town::new();
    let large = town.file("large.csv", INVENTORY.as_bytes());
    let file = std::fs::OpenOptions::new().write(true).open(&large).unwrap();
    file.set_len(200 * 1024 * 1024).unwrap();
    assert_eq!(town.refused("nobody", &["admin", "import", &large]), "file_too_large");
    let (_, error) = town.seen("nobody", &["admin", "import", &large]);
    let sentence = "Ce fichier est trop volumineux\u{a0}: 8\u{202f}388\u{202f}608 octets au plus.\n";
    assert!(error.starts_with(sentence), "{error}");
    let workbook = town.file("classeur.xlsx", b"PK\x03\x04\x14\x00\x06\x00");
    assert_eq!(town.refused("nobody", &["admin", "import", &workbook]), "file_unreadable");
    let columns = town.file("colonnes.csv", b"nom;grade\nX;Y\n");
    assert_eq!(town.refused("nobody", &["admin", "import", &columns]), "import_columns");
    // Columns are named as the file would name them.
    let columns = town.file("parc.csv", b"agent;grade;plateforme\nX;Y;Z\n");
    let (_, error) = town.seen("nobody", &["admin", "import", &columns]);
    assert!(error.contains("colonnes manquantes ou en double\u{a0}: modèle, numéro de série."), "{error}");
    town.stop();
}
