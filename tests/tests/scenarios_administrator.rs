//! An administrator's work (`design/scenarios.md`, C), as far as this version goes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use estafette_core::lease::Standing;
use estafette_protocol::enrol::EnrolmentState;
use estafette_protocol::exchange::ExchangeRequest;
use estafette_protocol::frame::RequestBody;
use estafette_protocol::{Fault, FaultCode, codec, limits};
use estafette_world::{HOUR, SECOND, World};

const MODEL: &str = "Stellar-X5";

#[test]
fn c3_one_ticket_as_text_enrols_one_phone_once() {
    let mut world = World::seeded(31);
    let [chloe] = world.team(["chloe"]);
    let inventory = world.inventory(estafette_protocol::AgentNumber(3));
    let ticket = world.ticket(inventory);
    let begun = world.begin(&ticket).unwrap();
    assert_eq!(begun.model, MODEL);
    let newcomer = world.read_ticket("amine", &ticket);
    assert_eq!(world.complete(&newcomer, &ticket, &begun, MODEL), Ok(EnrolmentState::Pending));
    let waiting = world.pending();
    assert_eq!(waiting.len(), 1);
    assert!(!waiting[0].evidence.is_empty(), "the evidence is kept for the administrator's look");
    let approval = world.approval(&newcomer, &ticket);
    world.state(vec![approval]);
    world.switch_on(newcomer.phone);
    world.run_until_quiet();
    assert_eq!(world.begin(&ticket).map(drop), Err(Fault::new(FaultCode::EnrolmentUsed)));
    let roster = world.roster(&[chloe, newcomer.phone]);
    let sent = world.write_in(chloe, roster.first_thread(), "Bienvenue !", &[]);
    world.run_until_quiet();
    assert_eq!(world.inbox(newcomer.phone), [sent]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn c4_a_phone_that_is_not_in_the_inventory_is_refused_though_its_ticket_is_good() {
    let mut world = World::seeded(32);
    let inventory = world.inventory(estafette_protocol::AgentNumber(3));
    let ticket = world.ticket(inventory);
    let begun = world.begin(&ticket).unwrap();
    let stranger = world.read_ticket("personal", &ticket);
    let log = logged(|| {
        let refused = world.complete(&stranger, &ticket, &begun, "Pixel 9 Pro");
        assert_eq!(refused.map_err(|fault| fault.code), Err(FaultCode::NotInInventory));
    });
    assert_eq!(world.pending(), []);
    // One line for whoever watches the relay: what was refused and for which entry, nobody's words.
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("WARN") && lines[0].contains("a device was refused"), "{log}");
    assert!(lines[0].contains("code=not_in_inventory"), "{log}");
    assert!(lines[0].contains(&format!("entry={inventory}")), "{log}");
    assert!(!log.contains("Pixel") && !log.contains(MODEL), "a log holds no model: {log}");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged while something is done.
fn logged(deed: impl FnOnce()) -> String {
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || lines.clone()).finish();
    // With one dispatcher alone, a test in another thread that reaches a line first, and logs
    // nowhere, would have it switched off for this thread too.
    let second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(std::io::sink).finish());
    tracing::subscriber::with_default(subscriber, deed);
    drop(second);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn c6_what_is_copied_from_one_phone_serves_no_other() {
    let mut world = World::seeded(33);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let copied = world.copied_exchange(amine);
    let refused = world.exchange_of_a_stranger(copied.clone()).map_err(|fault| fault.code);
    assert_eq!(refused, Err(FaultCode::RequestReplayed), "as it is");
    // Chloé's phone says that it is Amine's: its hardware signs, but with its own key.
    let mine =
        world.signed_exchange(chloe, 9_000_000, vec![RequestBody::Hello { cursor: Default::default() }]);
    let mut mine: ExchangeRequest = codec::from_bytes(&mine, limits::FRAME).unwrap();
    mine.proof.device = world.device_id(amine);
    let refused = world.exchange_of_a_stranger(codec::to_bytes(&mine)).map_err(|fault| fault.code);
    assert_eq!(refused, Err(FaultCode::BadProof), "another key");
    // A copied proof over another body, and with a higher number.
    let theirs: ExchangeRequest = codec::from_bytes(&copied, limits::FRAME).unwrap();
    let mut altered = theirs.clone();
    altered.body = mine.body.clone();
    let refused = world.exchange_of_a_stranger(codec::to_bytes(&altered)).map_err(|fault| fault.code);
    assert_eq!(refused, Err(FaultCode::BadProof), "another body");
    let mut altered = theirs;
    altered.proof.number += 1;
    let refused = world.exchange_of_a_stranger(codec::to_bytes(&altered)).map_err(|fault| fault.code);
    assert_eq!(refused, Err(FaultCode::BadProof), "another number");
    let sent = world.write(amine, "Toujours là.");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn c8_a_lost_phone_is_cut_in_two_seconds_and_opens_nothing_that_comes_later() {
    let mut world = World::seeded(34);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    world.write(chloe, "Avant la perte.");
    world.run_until_quiet();
    assert!(world.is_connected(denis));
    let started = world.now();
    world.revoke(denis);
    while world.is_connected(denis) {
        assert!(world.step());
    }
    assert!(world.now().0 - started.0 < 2 * SECOND, "cut after {} ms", world.now().0 - started.0);
    let sent = world.write(amine, "Après la perte.");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    let log = world.relay_log(world.team_thread());
    assert_eq!(log.len(), 2);
    // Online it has had its order: nothing is left of what it held, nor a key of what came later.
    assert_eq!(world.standing(denis), Standing::Wiped);
    assert_eq!(world.epochs(denis, world.team_roster()), BTreeSet::new());
    assert_eq!(world.clear_bytes_with(denis, &["Avant la perte", "Après la perte"]), Vec::<String>::new());
    let asks = vec![RequestBody::Hello { cursor: Default::default() }];
    assert_eq!(
        world.by_hand(denis, asks).map_err(|fault| fault.code).map(drop),
        Err(FaultCode::DeviceRevoked)
    );
    world.pass(HOUR);
    assert!(!world.is_connected(denis));
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}
