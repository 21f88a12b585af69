//! What becomes of messages, over the real commands.

use estafette_desk::place::Place;
use estafette_protocol::Timestamp;
use estafette_protocol::hours::Zone;
use estafette_protocol::texts::Language;
use estafette_server::config::{Allowances, Config};
use estafette_server::serve::RelayServer;
use serde_json::{Value, json};

use super::{Town, inventory, texts};

impl Town {
    /// Amine (2) and Chloé (3) with a computer each, in one team; its thread.
    pub fn with_a_team() -> (Self, String) {
        Self::with_hours(&[])
    }

    /// The same with hours, set before anybody had a phone.
    pub fn with_hours(hours: &[&str]) -> (Self, String) {
        let town = Self::new();
        town.found("admin");
        let file = inventory(town.folder.path());
        town.done("admin", &["admin", "import", file.to_str().unwrap()]);
        if !hours.is_empty() {
            assert_eq!(town.done("admin", hours)[0]["proposal"], Value::Null, "it binds nobody else yet");
        }
        town.enrol("amine", "2");
        town.enrol("chloe", "3");
        let threads = town.done("amine", &["threads", "--sync", "4"]);
        let thread = threads[0]["thread"].as_str().unwrap().to_owned();
        (town, thread)
    }

    /// Writes a message that stands; its name.
    pub fn write(&self, who: &str, thread: &str, text: &str) -> String {
        let written = self.done(who, &["write", thread, text]);
        assert_eq!(written[0]["state"], "standing", "{written:?}");
        written[0]["message"].as_str().unwrap().to_owned()
    }

    /// The output for people, of a command that succeeds.
    pub fn shown(&self, who: &str, arguments: &[&str], language: &str) -> String {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_estafette"));
        command.arg("--folder").arg(self.folder(who)).args(["--language", language]);
        command.arg("--passphrase-file").arg(self.folder("passphrase")).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(super) fn stop_relay(&mut self) -> String {
        let relay = self.relay.take().unwrap();
        let address = relay.address().to_string();
        self.runtime.block_on(relay.shutdown());
        address
    }

    fn start_relay(&mut self, address: &str) {
        let settings = self.folder("relay").join("relay.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        let listen = format!("listen = \"{address}\"");
        std::fs::write(&settings, text.replace("listen = \"127.0.0.1:0\"", &listen)).unwrap();
        let config = Config::read(&settings, Allowances::default()).unwrap();
        self.relay = Some(self.runtime.block_on(RelayServer::start(&config)).unwrap());
    }
}

/// The last row with this name.
fn row(rows: &[Value], name: &str) -> Value {
    rows.iter().rfind(|row| row["message"] == name).unwrap().clone()
}

#[test]
fn a_message_is_edited_answered_with_a_sign_pinned_and_deleted_and_everybody_sees_it() {
    let (town, thread) = Town::with_a_team();
    let name = town.write("amine", &thread, "Regard à 40 cm.");
    let other = town.write("amine", &thread, "À supprimer.");
    let short = &name[..8];
    assert_eq!(town.done("amine", &["edit", short, "Regard à 60 cm."])[0]["state"], "standing");
    town.done("chloe", &["threads", "--sync", "4"]);
    assert_eq!(town.done("chloe", &["react", short, "👍"])[0]["message"], name);
    assert_eq!(town.done("chloe", &["pin", short])[0]["state"], "standing");
    assert_eq!(town.done("amine", &["delete", &other[..10]])[0]["state"], "standing");
    let answered = town.done("chloe", &["reply", &thread, "Amine, vu.", "--to", short, "--mention", "2"]);
    assert_eq!(answered[0]["state"], "standing");

    let rows = town.done("amine", &["read", &thread, "--sync", "4"]);
    assert_eq!(texts(&rows), ["Regard à 60 cm.", "", "Amine, vu."]);
    let first = row(&rows, &name);
    assert_eq!((&first["versions"], &first["current_versions"]), (&json!(2), &json!(1)));
    assert_eq!(first["reactions"], json!([{ "agent": 3, "name": "Chloé Ñuñez", "sign": "👍" }]));
    assert_eq!(
        (&first["pinned"], &first["erased"], &first["own"]),
        (&json!(true), &json!(false), &json!(true))
    );
    assert_eq!((&first["reached"]["people"], &first["reached"]["received"]), (&json!(1), &json!(1)));
    assert_eq!(row(&rows, &other)["erased"], true);
    assert_eq!((&rows[2]["mentions"], &rows[2]["parents"]), (&json!([2]), &json!([name])));
    let versions = town.done("chloe", &["versions", short]);
    assert_eq!(texts(&versions), ["Regard à 40 cm.", "Regard à 60 cm."]);
    assert_eq!([&versions[0]["current"], &versions[1]["current"]], [false, true]);

    // The same for people, in both languages.
    let said = town.shown("amine", &["read", &thread], "fr");
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some("Voirie nord · conversation de service"));
    let head = lines.next().unwrap();
    assert!(head.starts_with(&format!("{short} · Amine Kaci · ")), "{head}");
    assert!(head.ends_with(" · reçu · modifié · épinglé"), "{head}");
    assert_eq!((lines.next(), lines.next()), (Some("    Regard à 60 cm."), Some("    👍 Chloé Ñuñez")));
    assert!(said.contains("    supprimé par son auteur\n") && !said.contains("À supprimer"), "{said}");
    assert!(said.ends_with("    ↪ Amine, vu.\n    à l’attention de Amine Kaci\n"), "{said}");
    let said = town.shown("amine", &["read", &thread], "en");
    assert!(said.contains(" · received · edited · pinned\n"), "{said}");
    town.done("chloe", &["read", &thread, "--sync", "4"]);
    // What is read is told some seconds later, together with what is read meanwhile.
    town.done("chloe", &["threads", "--sync", "8"]);
    let rows = town.done("amine", &["read", &thread, "--sync", "4"]);
    assert_eq!(row(&rows, &name)["reached"]["read"], 1);

    town.done("chloe", &["react", short, "--withdraw"]);
    town.done("chloe", &["unpin", short]);
    let rows = town.done("amine", &["read", &thread, "--sync", "4"]);
    assert_eq!((&row(&rows, &name)["reactions"], &row(&rows, &name)["pinned"]), (&json!([]), &json!(false)));
    town.stop();
}

#[test]
fn what_may_not_be_done_to_a_message_is_refused_with_its_code_and_nothing_is_lost() {
    let (town, thread) = Town::with_a_team();
    let name = town.write("amine", &thread, "Vanne fermée rue des Lilas.");
    town.done("chloe", &["threads", "--sync", "4"]);
    let short = &name[..8];
    // Another's message.
    assert_eq!(town.refused("chloe", &["edit", short, "Vanne ouverte."]), "forbidden");
    assert_eq!(town.refused("chloe", &["delete", short]), "forbidden");
    assert_eq!(town.refused("chloe", &["cancel", short]), "forbidden");
    // Too late, too long, no sign, no message.
    assert_eq!(town.refused("amine", &["cancel", short]), "too_late");
    assert_eq!(town.refused("amine", &["edit", short, &"a".repeat(10_001)]), "message_too_long");
    for sign in ["a".repeat(1024), "👍 👍".to_owned(), "👍\n".to_owned()] {
        assert_eq!(town.refused("chloe", &["react", short, &sign]), "reaction_invalid");
    }
    let absent: String = if short.starts_with("0000") { "1111".to_owned() } else { "0000".to_owned() };
    for nothing in [absent.as_str(), &name[..3], "", "zzzz", "+abc", "é\"*"] {
        assert_eq!(town.refused("amine", &["delete", nothing]), "not_found", "{nothing:?}");
    }
    assert_eq!(town.refused("amine", &["write", &thread, "À qui ?", "--mention", "77"]), "not_found");
    assert_eq!(town.refused("amine", &["versions", short, "--keep", &absent]), "not_found");
    assert_eq!(town.refused("amine", &["title", &thread, "À moi"]), "forbidden");
    assert_eq!(town.refused("amine", &["title", &thread, "deux\nlignes"]), "title_invalid");
    let alien = "ab".repeat(32);
    for command in ["members", "mute", "draft", "read"] {
        assert_eq!(town.refused("amine", &[command, &alien]), "not_found", "{command}");
    }
    for who in ["amine", "chloe"] {
        let rows = town.done(who, &["read", &thread, "--sync", "4"]);
        assert_eq!(texts(&rows), ["Vanne fermée rue des Lilas."]);
        assert_eq!((&rows[0]["versions"], &rows[0]["reactions"]), (&json!(0), &json!([])));
        assert_eq!(town.done(who, &["verify-store"])[0]["findings"], json!([]));
    }
    town.stop();
}

#[test]
fn a_search_takes_words_without_accents_in_all_conversations_and_signs_as_signs() {
    let (town, thread) = Town::with_a_team();
    let name = town.write("amine", &thread, "La bûse de l’Écluse est bouchée.\nPrévoir l’hydrocureuse.");
    town.write("amine", &thread, "Rien à signaler.");
    let pair = town.done("amine", &["direct", "3", "--personal"])[0]["thread"].as_str().unwrap().to_owned();
    let personal = town.write("amine", &pair, "Écluse demain ?");
    let found = |query: &str| -> Vec<Value> { town.done("amine", &["search", query]) };
    for query in ["bouchee", "BUSE ecluse", "hydro"] {
        let hits = found(query);
        assert_eq!(hits.iter().map(|hit| &hit["message"]).collect::<Vec<_>>(), [&name], "{query}");
        assert_eq!((&hits[0]["title"], &hits[0]["author"]), (&json!("Voirie nord"), &json!("Amine Kaci")));
    }
    let hits = found("ecluse");
    assert_eq!(hits.iter().map(|hit| &hit["message"]).collect::<Vec<_>>(), [&personal, &name]);
    assert_eq!((&hits[0]["class"], &hits[1]["class"]), (&json!("personnel"), &json!("service")));
    assert!(hits[1]["excerpt"].as_str().unwrap().contains("\u{2068}Écluse\u{2069}"), "{hits:?}");
    assert_eq!(town.done("amine", &["search", "ecluse", "--count", "1"]).len(), 1);
    let long = "é".repeat(60_000);
    for nothing in ["\"*", "\"", "'; DROP TABLE message; --", "🙂", "-x", "--x", "NEAR(", "", "*", &long] {
        assert_eq!(found(nothing), [Value::Null; 0], "{}", &nothing[..nothing.len().min(20)]);
    }
    let said = town.shown("amine", &["search", "ecluse", "--count", "1"], "fr");
    assert!(
        said.ends_with(
            "    Écluse demain ?\n1 message trouvé.\nIl y en a d’autres\u{A0}: --count en montre davantage.\n"
        ),
        "{said}"
    );
    assert_eq!(town.shown("amine", &["search", "\"*"], "fr"), "Aucun message ne contient ces mots.\n");
    assert_eq!(town.shown("amine", &["search", "\"*"], "en"), "No message holds these words.\n");
    town.stop();
}

#[test]
fn a_message_for_the_reopening_waits_and_is_taken_back_and_a_draft_stays_here() {
    let week = "lun-dim 00:00-23:59";
    let flags = ["--profile", "interior-2002-1278"];
    let (mut town, thread) =
        Town::with_hours(&[&["admin", "hours", week, "--agent", "2"][..], &flags].concat());
    town.done("amine", &["threads", "--sync", "4"]);
    let held = town.done("amine", &["write", &thread, "À ma reprise.", "--at-reopening"]);
    assert_eq!(held[0]["state"], "held");
    assert!(held[0]["not_before"].as_u64().unwrap() > 0);
    let name = held[0]["message"].as_str().unwrap();
    let rows = town.done("amine", &["read", &thread]);
    assert_eq!(row(&rows, name)["state"], "held");
    let said = town.shown("amine", &["read", &thread], "fr");
    assert!(said.contains(" · partira à votre reprise, "), "{said}");
    assert_eq!(town.done("amine", &["edit", name, "Plutôt à 9 h."])[0]["message"], name);
    assert_eq!(texts(&town.done("amine", &["read", &thread])), ["Plutôt à 9 h."]);
    assert_eq!(town.done("amine", &["cancel", name])[0]["state"], "cancelled");
    assert_eq!(town.done("amine", &["read", &thread]), [Value::Null; 0]);
    assert_eq!(town.refused("amine", &["cancel", name]), "not_found");

    assert_eq!(town.done("amine", &["draft", &thread])[0]["text"], "");
    town.done("amine", &["draft", &thread, "Je pense que"]);
    assert_eq!(town.done("amine", &["draft", &thread])[0]["text"], "Je pense que");
    assert_eq!(town.done("amine", &["threads"])[0]["draft"], true);
    town.done("amine", &["draft", &thread, "--clear"]);
    assert_eq!(town.done("amine", &["draft", &thread])[0]["text"], "");
    assert_eq!(town.done("amine", &["mute", &thread, "--hours", "2"])[0]["muted"], true);
    assert_eq!(town.done("amine", &["threads"])[0]["muted"], true);
    assert_eq!(town.done("amine", &["mute", &thread, "--end"])[0]["muted"], false);
    assert_eq!(town.done("amine", &["threads"])[0]["muted"], false);

    // Without network everything waits, and is kept.
    town.done("chloe", &["threads", "--sync", "4"]);
    let name = town.write("chloe", &thread, "Avec réseau.");
    let address = town.stop_relay();
    assert_eq!(town.done("chloe", &["edit", &name[..8], "Sans réseau."])[0]["state"], "waiting");
    let waits = town.done("chloe", &["write", &thread, "Jamais parti."]);
    let second = waits[0]["message"].as_str().unwrap();
    assert_eq!(waits[0]["state"], "waiting");
    assert_eq!(town.done("chloe", &["cancel", second])[0]["state"], "cancelled");
    town.start_relay(&address);
    town.done("chloe", &["threads", "--sync", "4"]);
    assert_eq!(texts(&town.done("amine", &["read", &thread, "--sync", "4"])), ["Sans réseau."]);
    town.stop();
}

/// A weekday in three days, as hours are written: never today, whenever this runs.
fn another_day() -> &'static str {
    let zone = Zone::named("Europe/Paris").unwrap();
    let day = zone.local_time(estafette_desk::clock::now()).date.next().next().next().weekday();
    ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"][day as usize]
}

#[test]
fn a_message_to_somebody_off_duty_says_when_it_will_be_delivered() {
    let week = format!("{} 08:00-12:00", another_day());
    let (town, thread) = Town::with_hours(&["admin", "hours", &week, "--agent", "3"]);
    town.done("chloe", &["threads", "--sync", "4"]);
    let name = town.write("amine", &thread, "Le compteur fuit.");
    let rows = town.done("amine", &["read", &thread, "--sync", "4"]);
    let reached = &row(&rows, &name)["reached"];
    let counts = ["people", "received", "read", "off_duty"].map(|count| reached[count].as_u64().unwrap());
    assert_eq!(counts, [1, 0, 0, 1]);
    let at = Timestamp(reached["reopens_at"].as_u64().unwrap());
    // Neither today nor tomorrow: the day is said in full.
    let when = Place::shown_everywhere(estafette_desk::clock::now()).soon(Language::French, at);
    assert!(when.ends_with(" 08:00"), "{when}");
    let shown = town.shown("amine", &["read", &thread], "fr");
    assert!(shown.contains(&format!(" · remis au relais · sera remis {when}\n")), "{shown}");
    assert_eq!(town.done("amine", &["cancel", &name[..8]])[0]["state"], "cancelled");
    let rows = town.done("amine", &["read", &thread]);
    assert_eq!((&rows[0]["erased"], &rows[0]["text"]), (&json!(true), &json!("")));
    town.stop();
}

#[test]
fn two_versions_written_on_two_computers_wait_for_the_choice_of_their_author() {
    let (mut town, thread) = Town::with_a_team();
    let file = town.folder.path().join("more.csv");
    std::fs::write(&file, "agent,name,team,platform,model,serial\n2,Amine Kaci,Voirie nord,computer,PC,S4\n")
        .unwrap();
    town.done("admin", &["admin", "import", file.to_str().unwrap()]);
    town.enrol("amine-too", "2");
    let name = town.write("amine", &thread, "40 cm");
    assert_eq!(texts(&town.done("amine-too", &["read", &thread, "--sync", "10"])), ["40 cm"]);
    let short = &name[..8];
    let address = town.stop_relay();
    assert_eq!(town.done("amine", &["edit", short, "60 cm"])[0]["state"], "waiting");
    assert_eq!(town.done("amine-too", &["edit", short, "65 cm"])[0]["state"], "waiting");
    town.start_relay(&address);
    for who in ["amine", "amine-too", "amine", "chloe"] {
        town.done(who, &["threads", "--sync", "4"]);
    }
    let rows = town.done("amine", &["read", &thread]);
    assert_eq!((&rows[0]["versions"], &rows[0]["current_versions"]), (&json!(3), &json!(2)));
    let said = town.shown("chloe", &["versions", short], "fr");
    assert_eq!(said.matches(" · version actuelle\n").count(), 2, "{said}");
    assert!(said.contains(&format!("estafette versions {short} --keep VERSION\n")), "{said}");
    let versions = town.done("amine", &["versions", short]);
    let kept =
        versions.iter().find(|version| version["text"] == "60 cm").unwrap()["version"].as_str().unwrap();
    assert_eq!(town.refused("chloe", &["versions", short, "--keep", kept]), "forbidden");
    assert_eq!(town.done("amine", &["versions", short, "--keep", &kept[..12]])[0]["state"], "standing");
    for who in ["chloe", "amine-too"] {
        let rows = town.done(who, &["read", &thread, "--sync", "4"]);
        assert_eq!(texts(&rows), ["60 cm"]);
        assert_eq!((&rows[0]["versions"], &rows[0]["current_versions"]), (&json!(4), &json!(1)));
    }
    town.stop();
}
