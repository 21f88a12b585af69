//! The command line by hand: an organisation is founded, a team writes, a computer is lost.
//!
//! The real binary against a real relay over TLS on loopback.
#![expect(clippy::unwrap_used, reason = "a test ends where its story does not hold")]
#![cfg(feature = "dev-attestation")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use estafette_server::config::{Allowances, Config, Mode};
use estafette_server::init::{self, InitOptions};
use estafette_server::serve::{RelayServer, RunningRelay};
use serde_json::Value;

#[path = "commands/administration.rs"]
mod administration;
#[path = "commands/announcements.rs"]
mod announcements;
#[path = "commands/export.rs"]
mod export;
#[path = "commands/import.rs"]
mod import;
#[path = "commands/messages.rs"]
mod messages;
#[path = "commands/notes.rs"]
mod notes;
#[path = "commands/policies.rs"]
mod policies;
#[path = "commands/recovery.rs"]
mod recovery;
#[path = "commands/shifts.rs"]
mod shifts;
#[path = "commands/tickets.rs"]
mod tickets;
#[path = "commands/urgencies.rs"]
mod urgencies;

struct Town {
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    relay: Option<RunningRelay>,
    ticket: String,
}

struct Sheet {
    words: Vec<String>,
    relay: String,
}

impl Town {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let options = InitOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_address: None,
            certificate: None,
            mode: Mode::Development,
        };
        let created = init::create(&folder.path().join("relay"), &options).unwrap();
        let config = Config::read(&created.config, Allowances::default()).unwrap();
        let relay = runtime.block_on(RelayServer::start(&config)).unwrap();
        let ticket =
            estafette_protocol::enrol::Ticket { address: relay.address().to_string(), ..created.ticket };
        std::fs::write(folder.path().join("passphrase"), "une phrase de passe\n").unwrap();
        Self { folder, runtime, relay: Some(relay), ticket: ticket.to_string() }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, who: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_estafette"));
        command.arg("--folder").arg(self.folder(who)).arg("--json").args(["--language", "fr"]);
        command.arg("--passphrase-file").arg(self.folder("passphrase")).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, who: &str, arguments: &[&str]) -> Output {
        self.command(who, arguments).output().unwrap()
    }

    /// Runs a command that succeeds; its JSON lines.
    fn done(&self, who: &str, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(who, arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{who} {arguments:?}: {errors}");
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Runs a command that is refused; its stable code.
    fn refused(&self, who: &str, arguments: &[&str]) -> String {
        let output = self.run(who, arguments);
        assert!(!output.status.success(), "{who} {arguments:?} was not refused");
        let fault: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_ne!(fault["advice"], "", "a refusal says what to do");
        fault["code"].as_str().unwrap().to_owned()
    }

    /// Runs a command of the administrator's whose words are refused; "usage", without advice.
    fn refused_words(&self, arguments: &[&str]) -> String {
        self.refused_words_by("admin", arguments)
    }

    /// The same of somebody else's.
    fn refused_words_by(&self, who: &str, arguments: &[&str]) -> String {
        let output = self.run(who, arguments);
        assert!(!output.status.success(), "{arguments:?} was not refused");
        let refusal: Value = serde_json::from_slice(&output.stderr).unwrap();
        refusal["code"].as_str().unwrap().to_owned()
    }

    /// Founds the organisation, typing three words of the sheet back.
    fn found(&self, who: &str) -> Sheet {
        let arguments = [
            "admin",
            "create",
            "Commune de Vaux",
            "--ticket",
            &self.ticket,
            "--hours",
            "lun-dim 00:00-24:00",
        ];
        let mut child = self
            .command(who, &arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let mut sheet = String::new();
        let mut questions = String::new();
        for _ in 0..3 {
            // The question stands on standard error and ends without a line.
            let mut byte = [0];
            let mut question = Vec::new();
            while !question.ends_with(b": ") {
                assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{questions}");
                question.push(byte[0]);
            }
            let question = String::from_utf8(question).unwrap();
            while !sheet.contains("dans un coffre") {
                let mut part = [0; 4096];
                let len = stdout.read(&mut part).unwrap();
                sheet.push_str(&String::from_utf8_lossy(&part[..len]));
            }
            let place: usize =
                question.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
            writeln!(stdin, "{}", words(&sheet)[place - 1]).unwrap();
            questions.push_str(&question);
        }
        assert!(child.wait().unwrap().success());
        let relay =
            sheet.split_whitespace().find(|word| word.starts_with("estafette://")).unwrap().to_owned();
        Sheet { words: words(&sheet), relay }
    }

    /// A new computer of an agent: imported, enrolled with a ticket as text, approved.
    fn enrol(&self, who: &str, agent: &str) {
        let ticket =
            self.done("admin", &["admin", "ticket", agent])[0]["ticket"].as_str().unwrap().to_owned();
        let pending = self.done(who, &["enrol", &ticket]);
        assert_eq!(pending[0]["active"], false);
        assert_eq!(self.done("admin", &["admin", "approve", "--yes"])[0]["approved"], 1);
    }

    fn stop(mut self) {
        let relay = self.relay.take().unwrap();
        self.runtime.block_on(relay.shutdown());
    }
}

fn words(sheet: &str) -> Vec<String> {
    let mut numbered = BTreeMap::new();
    let mut pieces = sheet.split_whitespace().peekable();
    while let Some(piece) = pieces.next() {
        let number = piece.strip_suffix('.').and_then(|number| number.parse::<usize>().ok());
        if let (Some(number), Some(word)) = (number, pieces.peek()) {
            numbered.entry(number).or_insert_with(|| (*word).to_owned());
        }
    }
    numbered.into_values().collect()
}

fn inventory(folder: &Path) -> PathBuf {
    let file = folder.join("inventory.csv");
    let lines = "agent,name,team,platform,model,serial\n\
                 2,Amine Kaci,Voirie nord,computer,PC,S2\n\
                 3,Chloé Ñuñez,Voirie nord,computer,PC,S3\n";
    std::fs::write(&file, lines).unwrap();
    file
}

fn texts(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["text"].as_str().unwrap()).collect()
}

#[test]
fn a_team_is_provisioned_and_writes_and_a_lost_administrators_computer_comes_back_from_the_sheet() {
    let town = Town::new();
    let sheet = town.found("admin");
    assert_eq!(sheet.words.len(), 24);
    let file = inventory(town.folder.path());
    assert_eq!(town.done("admin", &["admin", "import", file.to_str().unwrap()])[0]["imported"], 2);
    town.enrol("amine", "2");
    town.enrol("chloe", "3");

    // The first to come by founds the team's keys from the other's key package.
    let threads = town.done("amine", &["threads", "--sync", "4"]);
    assert_eq!(threads[0]["title"], "Voirie nord");
    let thread = threads[0]["thread"].as_str().unwrap();
    let written = town.done("amine", &["write", thread, "Vanne fermée rue des Lilas.\n🚧 مغلق"]);
    assert_eq!(written[0]["state"], "standing");
    let read = town.done("chloe", &["read", thread, "--sync", "4"]);
    assert_eq!(texts(&read), ["Vanne fermée rue des Lilas.\n🚧 مغلق"]);
    assert_eq!(read[0]["author"], "Amine Kaci");
    let parent = read[0]["message"].as_str().unwrap();
    town.done("chloe", &["reply", thread, "Vu, j’arrive.", "--to", parent]);
    let read = town.done("amine", &["read", thread, "--sync", "4"]);
    assert_eq!(texts(&read), ["Vanne fermée rue des Lilas.\n🚧 مغلق", "Vu, j’arrive."]);
    assert_eq!(read[1]["parents"][0], parent);
    assert_eq!(town.done("chloe", &["verify-store"])[0]["findings"].as_array().unwrap().len(), 0);

    // Bad input is refused with its code, and nothing is lost.
    let long = "a".repeat(10_001);
    assert_eq!(town.refused("amine", &["write", thread, &long]), "message_too_long");
    let alien = "ab".repeat(32);
    assert_eq!(town.refused("amine", &["write", &alien, "À qui ?"]), "not_found");
    assert_eq!(town.refused("amine", &["admin", "team", "Autre"]), "statement_forbidden");
    std::fs::write(town.folder("passphrase"), "une autre\n").unwrap();
    assert_eq!(town.refused("amine", &["threads"]), "wrong_passphrase");
    std::fs::write(town.folder("passphrase"), "une phrase de passe\n").unwrap();

    // The administrator's computer is lost. The team goes on writing without any administrator.
    std::fs::remove_dir_all(town.folder("admin")).unwrap();
    assert_eq!(town.done("amine", &["write", thread, "On continue."])[0]["state"], "standing");

    // Without the sheet, other words open nothing.
    let recover = ["admin", "recover", "--relay", &sheet.relay];
    let mut other = sheet.words.clone();
    other.swap(0, 1);
    let output = type_words(&town, "new", &recover, &other.join(" "));
    assert!(!output.status.success());

    // With it, a new computer administers again and cuts the lost one off.
    let output = type_words(&town, "new", &recover, &sheet.words.join(" "));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let hours = town.done("new", &["admin", "hours", "lun-ven 08:00-17:00"]);
    assert_eq!(hours[0]["zone"], "Europe/Paris");
    town.stop();
}

fn type_words(town: &Town, who: &str, arguments: &[&str], words: &str) -> Output {
    let mut child = town
        .command(who, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A child that refuses its arguments is gone before it reads.
    let _ = writeln!(child.stdin.take().unwrap(), "{words}");
    child.wait_with_output().unwrap()
}

#[test]
fn a_ticket_serves_once_and_a_stranger_has_none() {
    let town = Town::new();
    town.found("admin");
    let file = inventory(town.folder.path());
    town.done("admin", &["admin", "import", file.to_str().unwrap()]);
    assert_eq!(town.refused("admin", &["admin", "ticket", "77"]), "not_in_inventory");
    let ticket = town.done("admin", &["admin", "ticket", "2"])[0]["ticket"].as_str().unwrap().to_owned();
    town.done("amine", &["enrol", &ticket]);
    assert_eq!(town.refused("stranger", &["enrol", &ticket]), "enrolment_used");
    let wrong = ticket.replace("&s=", "&s=00").replace("&o=", "&x=");
    assert_eq!(town.refused("stranger", &["enrol", &wrong]), "enrolment_invalid");
    assert!(!town.folder("stranger").exists(), "a refused enrolment leaves nothing behind");
    // The claim ticket founded one organisation and founds no other.
    assert!(!town.run("second", &["enrol", &town.ticket]).status.success());
    town.stop();
}

#[test]
fn a_retired_computer_counts_what_is_unsent_and_keeps_nothing() {
    let town = Town::new();
    town.found("admin");
    let file = inventory(town.folder.path());
    town.done("admin", &["admin", "import", file.to_str().unwrap()]);
    town.enrol("amine", "2");
    let threads = town.done("amine", &["threads", "--sync", "4"]);
    let thread = threads[0]["thread"].as_str().unwrap().to_owned();
    let (folder, relay) = (town.folder("amine"), town.folder("relay"));
    assert!(relay.exists());
    let mut town = town;
    let running = town.relay.take().unwrap();
    town.runtime.block_on(running.shutdown());
    let written = town.done("amine", &["write", &thread, "Sans réseau."]);
    assert_eq!(written[0]["state"], "waiting");
    assert_eq!(town.done("amine", &["forget", "--yes"])[0]["unsent"], 1);
    assert!(!folder.exists());
    assert_eq!(town.refused("amine", &["threads"]), "not_enrolled");
}

#[test]
fn a_relay_that_was_lost_comes_back_from_a_backup_made_while_it_ran() {
    let mut town = Town::new();
    town.found("admin");
    let file = inventory(town.folder.path());
    town.done("admin", &["admin", "import", file.to_str().unwrap()]);
    town.enrol("amine", "2");
    town.enrol("chloe", "3");
    let threads = town.done("amine", &["threads", "--sync", "4"]);
    let thread = threads[0]["thread"].as_str().unwrap().to_owned();
    let said = ["Avant la sauvegarde.", "Pendant la sauvegarde.", "Après la sauvegarde."];
    assert_eq!(town.done("amine", &["write", &thread, said[0]])[0]["state"], "standing");
    let (relay, backup) = (town.folder("relay"), town.folder("backup"));
    std::thread::scope(|scope| {
        let (from, to) = (&relay, &backup);
        scope.spawn(move || estafette_server::backup::make(from, to, estafette_desk::clock::now()).unwrap());
        assert_eq!(town.done("amine", &["write", &thread, said[1]])[0]["state"], "standing");
    });
    assert_eq!(town.done("amine", &["write", &thread, said[2]])[0]["state"], "standing");
    assert_eq!(texts(&town.done("chloe", &["read", &thread, "--sync", "4"])), said);

    // The machine is lost with everything on it.
    let running = town.relay.take().unwrap();
    let address = running.address().to_string();
    town.runtime.block_on(running.shutdown());
    std::fs::remove_dir_all(&relay).unwrap();
    estafette_server::backup::restore(&backup, &relay).unwrap();
    let settings = relay.join("relay.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("listen = \"127.0.0.1:0\"", &format!("listen = \"{address}\"")))
        .unwrap();
    let config = Config::read(&settings, Allowances::default()).unwrap();
    town.relay = Some(town.runtime.block_on(RelayServer::start(&config)).unwrap());

    // Until an administrator's computer comes, a message waits; then everything comes back.
    let waits = town.done("chloe", &["write", &thread, "Pendant l’attente."]);
    assert_eq!(waits[0]["state"], "waiting");
    town.done("admin", &["threads", "--sync", "4"]);
    let listed = town.done("chloe", &["threads", "--sync", "8"]);
    assert!(listed[0]["awaited"].as_u64().unwrap() >= 1, "{listed:?}");
    let read = town.done("chloe", &["read", &thread]);
    assert_eq!(read.iter().filter(|row| row["state"] == "awaited").count() as u64, listed[0]["awaited"]);
    town.done("amine", &["threads", "--sync", "8"]);
    let read = town.done("chloe", &["read", &thread, "--sync", "8"]);
    let mut found = texts(&read);
    found.sort_unstable();
    let mut expected: Vec<&str> = said.into_iter().chain(["Pendant l’attente."]).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert!(read.iter().all(|row| row["state"] == "standing"), "{read:?}");
    assert_eq!(town.done("chloe", &["verify-store"])[0]["findings"].as_array().unwrap().len(), 0);
    town.stop();
}
