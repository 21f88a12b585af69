//! How a relay ends, and what it has kept when it starts again.

use estafette_protocol::FaultCode;
use estafette_protocol::enrol::Ticket;
use estafette_protocol::frame::{Message, Outcome, Reply, RequestBody};
use estafette_server::config::Mode;
use estafette_server::serve::{RelayServer, StartError};
use tokio::net::TcpStream;

use crate::client::Connection;
use crate::organisation::Organisation;
use crate::program::{self, Program};
use crate::running::{Folder, connect, mode};

#[tokio::test]
async fn sockets_are_told_before_the_relay_ends_and_nobody_new_is_let_in() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let address = relay.address();
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let token = organisation.admin.token(&mut connection).await;
    let mut socket = connection.socket(Some(&token)).await.unwrap();
    let ending = tokio::spawn(relay.shutdown());
    let Some(Message::Goodbye(fault)) = socket.next().await else { panic!("a goodbye comes first") };
    assert_eq!(fault.code, FaultCode::ShuttingDown);
    assert_eq!(socket.next().await, None);
    ending.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_was_answered_is_there_after_an_orderly_end_and_after_a_loss_of_power() {
    let mut folder = Folder::new();
    let mut relay = folder.start().await;
    // The next one listens where this one did.
    folder.config.listen = relay.address();
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    for (agent, power) in [(2, true), (3, false), (4, true)] {
        let mut connection = connect(&relay).await;
        let mut device = organisation.enrol(&mut connection, agent).await;
        if power {
            relay.abort().await
        } else {
            relay.shutdown().await
        };
        relay = folder.start().await;
        let mut again = connect(&relay).await;
        assert!(device.post(&mut again, vec![]).await.status.is_success(), "agent {agent}");
        device.number -= 1;
        assert_eq!(device.post(&mut again, vec![]).await.code(), "request_replayed", "agent {agent}");
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn a_request_that_is_in_flight_when_the_drain_begins_is_answered() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let token = organisation.admin.token(&mut connection).await;
    let mut socket = connection.socket(Some(&token)).await.unwrap();
    // A write and, right behind it, the end: the answer comes before the goodbye or not at all,
    // and if it comes, the write is there.
    let id =
        socket.ask(RequestBody::KeyPackages { packages: vec![vec![7; 40].into()], last_resort: None }).await;
    let ending = tokio::spawn(relay.shutdown());
    let mut answered = None;
    while let Some(message) = socket.next().await {
        if let Message::Answer { id: of, outcome: Outcome::Done(Reply::Stock { key_packages }) } = message {
            assert_eq!(of, id);
            answered = Some(key_packages);
        }
    }
    ending.await.unwrap();
    let relay = folder.start().await;
    let mut connection = connect(&relay).await;
    let refill = RequestBody::KeyPackages { packages: vec![], last_resort: None };
    let Ok(Reply::Stock { key_packages }) = organisation.admin.ask(&mut connection, refill).await else {
        panic!("a refill tells the stock");
    };
    assert!(answered.is_none_or(|stock| stock == key_packages));
    relay.shutdown().await;
}

#[cfg(not(feature = "dev-attestation"))]
#[tokio::test]
async fn production_refuses_an_inventory_that_asks_for_no_proof() {
    use estafette_protocol::certificate::Level;
    use estafette_protocol::enrol::InventoryEntry;
    use estafette_protocol::{AgentNumber, Hash, InventoryId};
    use estafette_server::store::sqlite::SqliteStore;
    use estafette_server::store::{Batch, Operation, Writer as _};

    let folder = Folder::new();
    let place = std::fs::read_dir(folder.config.organisations()).unwrap().next().unwrap().unwrap().path();
    let entry = InventoryEntry {
        id: InventoryId([1; 16]),
        agent: AgentNumber(2),
        team: None,
        platform: "android".to_owned(),
        model: "Pixel".to_owned(),
        serial: Hash([0; 32]),
        level: Level::Software,
    };
    let batch = Batch { operations: vec![Operation::Inventory(vec![entry])] };
    SqliteStore::open(&place).unwrap().writer().unwrap().write(&[batch]).unwrap();
    let refused = RelayServer::start(&folder.config).await;
    assert!(matches!(refused, Err(StartError::SoftwareInInventory { folder }) if folder == place));
}

#[tokio::test]
async fn a_database_of_the_other_mode_is_refused() {
    let mut folder = Folder::new();
    folder.config.mode = match mode() {
        estafette_server::config::Mode::Production => estafette_server::config::Mode::Development,
        estafette_server::config::Mode::Development => estafette_server::config::Mode::Production,
    };
    assert!(matches!(RelayServer::start(&folder.config).await, Err(StartError::OtherMode { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_ends_with_0_when_the_system_asks() {
    let folder = Folder::new();
    let program = Program::serve(&folder.config.folder);
    let mut connection = Connection::open(program.address, folder.ticket.pin).await;
    assert!(connection.get("/readyz").await.status.is_success());
    let ended = program.terminate();
    assert!(ended.status.success(), "{}: {}", ended.status, ended.log);
    // The write-ahead log is folded back into the database: a copy of one file is whole.
    let place = std::fs::read_dir(folder.config.organisations()).unwrap().next().unwrap().unwrap().path();
    let left: Vec<_> = std::fs::read_dir(place).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["relay.db"]);
}

#[test]
fn the_program_says_what_it_refuses_and_exits_with_1() {
    let folder = Folder::new();
    let path = &folder.config.folder;
    let again = program::relay(&["init"], path).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("exists already"));

    let settings = path.join("relay.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("surprise = 1\n{text}")).unwrap();
    let refused = program::relay(&["serve"], path).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("relay.toml, line 1") && said.contains("surprise"), "{said}");
}

#[test]
fn c1_a_relay_is_made_configured_and_found_well_by_its_doctor() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("relay");
    let port = ["init", "--address", "127.0.0.1:0"];
    let development = ["--development"];
    let options = if mode() == Mode::Development { &development[..] } else { &[] };
    let made = program::relay(&[&port, options].concat(), &path).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let said = String::from_utf8(made.stdout).unwrap();
    let ticket: Ticket = said.lines().find(|line| line.contains("estafette://")).unwrap().parse().unwrap();

    // The settings are there to be written to: another log, with a comment of the administrator's.
    let settings = path.join("relay.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    assert!(text.contains("\"human\""), "{text}");
    std::fs::write(&settings, format!("# Mairie\n{}", text.replace("\"human\"", "\"json\""))).unwrap();

    let examined = || {
        let examined = program::relay(&["doctor"], &path).output().unwrap();
        (examined.status.code(), String::from_utf8(examined.stdout).unwrap())
    };
    let (code, before) = examined();
    assert_eq!((code, before.matches("attention").count()), (Some(0), 0), "{before}");
    // And the relay that it found well runs with these settings, and holds the ticket's key.
    let program = Program::serve(&path);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut connection = Connection::open(program.address, ticket.pin).await;
        assert!(connection.get("/readyz").await.status.is_success());
    });
    let (code, beside) = examined();
    assert_eq!((code, beside.lines().count()), (Some(0), before.lines().count()), "{beside}");
    let ended = program.terminate();
    assert!(ended.log.lines().all(|line| line.starts_with('{')), "{}", ended.log);
}

#[test]
fn the_doctor_finds_nothing_in_a_new_folder_and_names_what_is_wrong_in_a_broken_one() {
    let folder = Folder::new();
    let path = &folder.config.folder;
    let well = program::relay(&["doctor"], path).output().unwrap();
    assert!(well.status.success(), "{}", String::from_utf8_lossy(&well.stdout));
    assert_eq!(String::from_utf8_lossy(&well.stdout).matches("attention").count(), 0);

    let place = std::fs::read_dir(folder.config.organisations()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(place.join("relay.db"), b"not a database at all, but long enough to be looked at")
        .unwrap();
    std::fs::remove_file(folder.config.relay_key()).unwrap();
    let ill = program::relay(&["doctor"], path).output().unwrap();
    assert_eq!(ill.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ill.stdout).into_owned();
    assert_eq!(said.matches("attention").count(), 2, "{said}");
}
