//! A device that runs: commands, observers, and ends good and bad. Without any network.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use estafette_core::driver::{Driver, Handle, Observed, Scope};
use estafette_core::engine::{Command, CommandAnswer, Engine, When};
use estafette_core::identity::{DeviceKey, StoredIdentity};
use estafette_core::reader::{MessageState, Reader};
use estafette_core::store::{self, DatabaseKey, statements};
use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::statement::{Act, Class, Role, SignedStatement, Signer, Statement};
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, Ed25519Public, EntryUid, Es256Public, Fault, FaultCode, Hash,
    InventoryId, OrganisationId, Signature, StatementNumber, ThreadId, Timestamp, X25519Public,
};

/// Nobody listens there: port 9 of this computer.
const NOWHERE: &str = "127.0.0.1:9";
/// Long enough for any computer; reached only by a failure.
const PATIENCE: Duration = Duration::from_secs(30);

/// A key that is never asked, since nothing is reached.
struct NoKey;

impl DeviceKey for NoKey {
    fn public(&self) -> Es256Public {
        Es256Public([2; 33])
    }

    fn sign(&self, _: &[u8]) -> Result<Signature, Fault> {
        Err(FaultCode::Internal.into())
    }
}

/// A device of agent 7 in an organisation that also has agent 8.
struct Home {
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let home = Self { folder, runtime };
        let organisation_key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
        let public = Ed25519Public(organisation_key.verifying_key().to_bytes());
        let organisation = OrganisationId::of_key(&public.0);
        let identity = StoredIdentity {
            device: DeviceId([7; 16]),
            agent: AgentNumber(7),
            organisation,
            organisation_key: public,
            relay: Hash([0; 32]),
            es256: Es256Public([2; 33]),
            ed25519: [7; 32],
            x25519: [7; 32],
            auth_epoch: AuthEpoch(0),
            address: NOWHERE.to_owned(),
            pin: Hash([0; 32]),
            actor: [7; 16],
            inventory: None,
        };
        drop(Engine::create(&home.path(), &home.key(), &identity).unwrap());
        let found = Act::Found { organisation_key: public, relay_key: Ed25519Public([9; 32]) };
        let certify = |agent: u8| {
            Act::Certify(Certificate {
                device: DeviceId([agent; 16]),
                agent: AgentNumber(u32::from(agent)),
                es256: Es256Public([agent; 33]),
                ed25519: Ed25519Public([agent; 32]),
                x25519: X25519Public([agent; 32]),
                level: Level::Supervised,
                inventory: InventoryId([agent; 16]),
            })
        };
        let role =
            |agent| Act::SetRole { agent: AgentNumber(agent), role: Role::Administrator, teams: vec![] };
        let connection = store::open(&home.path(), &home.key()).unwrap();
        let mut previous = Hash([0; 32]);
        for (number, acts) in [(0, vec![found]), (1, vec![role(7), certify(7), role(8), certify(8)])] {
            let statement = Statement {
                organisation,
                number: StatementNumber(number),
                previous,
                at: Timestamp(0),
                signer: Signer::Organisation,
                acts,
            };
            let signed = SignedStatement::sign(&statement, &organisation_key);
            previous = signed.hash();
            statements::insert(&connection, StatementNumber(number), &signed).unwrap();
        }
        home
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("device.db")
    }

    fn key(&self) -> DatabaseKey {
        DatabaseKey([5; 32].into())
    }

    fn start(&self) -> Handle {
        let engine = Engine::open(&self.path(), &self.key()).unwrap();
        let runtime = self.runtime.handle().clone();
        Driver::start(engine, Arc::new(NoKey), NOWHERE.to_owned(), Hash([0; 32]), runtime).unwrap()
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.path(), &self.key()).unwrap()
    }

    fn bodies(&self, thread: ThreadId) -> Vec<String> {
        self.reader().newest(thread, 100).unwrap().into_iter().map(|row| row.body).collect()
    }
}

fn direct(handle: &Handle) -> ThreadId {
    let answer = handle.command(Command::Direct { class: Class::Service, with: AgentNumber(8) });
    match answer.blocking_recv().unwrap() {
        CommandAnswer::Thread(thread) => thread,
        other => panic!("{other:?}"),
    }
}

fn write(handle: &Handle, thread: ThreadId, text: &str) -> EntryUid {
    let command = Command::Write {
        thread,
        text: text.to_owned(),
        parents: vec![],
        mentions: Vec::new(),
        when: When::Now,
    };
    match handle.command(command).blocking_recv().unwrap() {
        CommandAnswer::Written { uid, .. } => uid,
        other => panic!("{other:?}"),
    }
}

/// Observes a thread's texts into a channel.
fn watch(
    home: &Home,
    handle: &Handle,
    thread: ThreadId,
) -> (estafette_core::driver::Observation, Receiver<Vec<String>>) {
    let (sender, seen) = channel();
    let scope = Scope::Thread { id: thread, newest: 50 };
    let observation = handle.observe(home.reader(), scope, move |observed| {
        if let Observed::Thread(rows) = observed {
            let _ = sender.send(rows.into_iter().map(|row| row.body).collect());
        }
    });
    (observation.unwrap(), seen)
}

/// The first observation that shows these texts; earlier ones are shorter.
fn until(seen: &Receiver<Vec<String>>, texts: &[&str]) {
    loop {
        let rows = seen.recv_timeout(PATIENCE).unwrap();
        assert!(
            rows.len() <= texts.len() && rows.iter().zip(texts).all(|(row, text)| row == text),
            "{rows:?}"
        );
        if rows.len() == texts.len() {
            return;
        }
    }
}

#[test]
fn a_message_written_without_any_network_is_durable_and_waits() {
    let home = Home::new();
    let handle = home.start();
    let thread = direct(&handle);
    let uid = write(&handle, thread, "Vanne fermée.");
    handle.stop();
    let rows = home.reader().newest(thread, 10).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].uid, rows[0].body.as_str(), rows[0].state),
        (uid, "Vanne fermée.", MessageState::Waiting)
    );
    assert_eq!((rows[0].agent, rows[0].own), (Some(AgentNumber(7)), true));
    assert_eq!(home.reader().outbox_count().unwrap(), 1);
    assert_eq!(home.reader().verify().unwrap(), []);
}

#[test]
fn what_was_answered_survives_a_crash() {
    let home = Home::new();
    let handle = home.start();
    let thread = direct(&handle);
    write(&handle, thread, "un");
    write(&handle, thread, "deux");
    handle.kill();
    assert_eq!(home.bodies(thread), ["un", "deux"]);
    let again = home.start();
    write(&again, thread, "trois");
    again.stop();
    assert_eq!(home.bodies(thread), ["un", "deux", "trois"]);
}

#[test]
fn a_command_is_carried_out_though_nobody_waits_for_its_answer() {
    let home = Home::new();
    let handle = home.start();
    let thread = direct(&handle);
    drop(handle.command(Command::Write {
        thread,
        text: "personne n’attend".to_owned(),
        parents: vec![],
        mentions: Vec::new(),
        when: When::Now,
    }));
    handle.stop();
    assert_eq!(home.bodies(thread), ["personne n’attend"]);
}

#[test]
fn a_device_that_is_gone_lets_no_caller_wait() {
    let home = Home::new();
    let handle = home.start();
    let thread = direct(&handle);
    let waits = handle.command(Command::Ask(estafette_protocol::frame::RequestBody::Pending));
    handle.kill();
    assert!(waits.blocking_recv().is_err());
    assert_eq!(home.bodies(thread), Vec::<String>::new());
}

#[test]
fn an_observer_sees_the_rows_that_stand_and_then_every_change() {
    let home = Home::new();
    let handle = home.start();
    let thread = direct(&handle);
    write(&handle, thread, "avant");
    let (observation, seen) = watch(&home, &handle, thread);
    assert_eq!(seen.recv_timeout(PATIENCE).unwrap(), ["avant"]);
    write(&handle, thread, "après");
    until(&seen, &["avant", "après"]);
    drop(observation);
    handle.stop();
}

#[test]
fn a_dropped_observation_is_not_called_again() {
    let home = Home::new();
    let handle = home.start();
    let thread = direct(&handle);
    let (dropped, silent) = watch(&home, &handle, thread);
    assert_eq!(silent.recv_timeout(PATIENCE).unwrap(), Vec::<String>::new());
    drop(dropped);
    let (kept, seen) = watch(&home, &handle, thread);
    write(&handle, thread, "après");
    until(&seen, &["après"]);
    handle.stop();
    drop(kept);
    // Its sender is gone with its thread: nothing came in between.
    assert_eq!(silent.recv_timeout(PATIENCE), Err(RecvTimeoutError::Disconnected));
}

#[test]
fn no_lock_is_held_while_an_observer_is_called() {
    let home = Home::new();
    let handle = Arc::new(home.start());
    let thread = direct(&handle);
    let own: Arc<Mutex<Option<estafette_core::driver::Observation>>> = Arc::default();
    let (sender, done) = channel();
    let (inner, inside, inner_reader) =
        (Arc::clone(&handle), Arc::clone(&own), Mutex::new(Some(home.reader())));
    let scope = Scope::Thread { id: thread, newest: 50 };
    let observation = handle.observe(home.reader(), scope, move |observed| {
        let Observed::Thread(rows) = observed else { return };
        if rows.is_empty() {
            // Would wait for ever if the device's thread waited for this call.
            write(&inner, thread, "depuis le rappel");
            let reader = inner_reader.lock().unwrap().take().unwrap();
            let sender = sender.clone();
            let threads = inner.observe(reader, Scope::Threads, move |observed| {
                if let Observed::Threads(rows) = observed {
                    let _ = sender.send(rows.len());
                }
            });
            std::mem::forget(threads.unwrap());
            drop(inside.lock().unwrap().take());
        }
    });
    // The callback may have run already; then there is nothing left to drop.
    *own.lock().unwrap() = Some(observation.unwrap());
    assert_eq!(done.recv_timeout(PATIENCE).unwrap(), 1);
    assert_eq!(home.bodies(thread), ["depuis le rappel"]);
}

#[test]
fn an_observer_of_anything_hears_that_something_changed_and_no_rows() {
    let home = Home::new();
    let handle = home.start();
    let thread = direct(&handle);
    let (sender, heard) = channel();
    let observation = handle.observe(home.reader(), Scope::Any, move |observed| {
        let _ = sender.send(observed);
    });
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), Observed::Something, "at first, once");
    write(&handle, thread, "Vu.");
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), Observed::Something);
    handle.stop();
    drop(observation);
}
