//! A data protection officer's checks (`design/scenarios.md`, D), as far as this version goes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs::File;
use std::path::Path;
use std::sync::Mutex;

use estafette_core::directory::{self, AgentName, DirectoryKey, Edition, Names, SealedKeys};
use estafette_protocol::frame::{AppendResult, Reply, RequestBody};
use estafette_world::{MINUTE, World, scan};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

/// Words that stand in messages and in the directory, and must stand nowhere at the relay.
const WORDS: [&str; 4] =
    ["Canari-7f3a-écluse", "Buse bouchée rue des Lilas", "Mme Bénédicte Quéméneur", "Équipe du viaduc n° 12"];

/// Everything that the relay would log, at the most talkative, goes into a file of its folder.
fn log_into(folder: &Path) -> tracing::subscriber::DefaultGuard {
    let file = Mutex::new(File::create(folder.join("relay.log")).unwrap());
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(file).finish();
    tracing::subscriber::set_default(subscriber)
}

#[test]
fn d2_a_scan_of_all_that_the_relay_keeps_finds_no_word() {
    let mut world = World::seeded(81);
    let _log = log_into(world.relay_folder());
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let first = world.write(amine, &format!("{} : {}", WORDS[0], WORDS[1]));
    world.run_until_quiet();
    let parents = [first];
    world.write_in(chloe, world.team_thread(), &format!("Bien reçu, {}.", WORDS[1]), &parents);
    publish_names(&mut world);
    world.crash_relay(1);
    world.run_until_quiet();
    world.inject(amine, WORDS[0].as_bytes().to_vec());
    world.run_until_quiet();
    // What fails is logged: a disk without room for these words.
    world.fill_relay_disk(true);
    let long = format!("{} {}", WORDS[1], "Rien ne va plus. ".repeat(500));
    for number in 0..20 {
        world.write(chloe, &format!("{number} {long}"));
    }
    world.pass(MINUTE);
    world.fill_relay_disk(false);
    world.run_until_quiet();
    assert!(world.verdict().is_clean(), "{}", world.verdict());
    assert_eq!(world.timeline(amine, world.team_thread()).len(), 22, "what is sought was really written");
    let size = std::fs::metadata(world.relay_folder().join("relay.log")).unwrap().len();
    assert!(size > 0, "the log is among what is read");
    assert_eq!(scan::scan_folder(world.relay_folder(), &WORDS), []);
    // Neither while it runs, nor once everything is in its last place.
    world.close();
    assert_eq!(scan::scan_folder(world.relay_folder(), &WORDS), []);
}

fn publish_names(world: &mut World) {
    let mut rng = ChaCha20Rng::from_seed([8; 32]);
    let name = AgentName { name: WORDS[2].to_owned(), function: Some(WORDS[0].to_owned()) };
    let names = Names {
        agents: [(estafette_protocol::AgentNumber(2), name)].into(),
        teams: [(estafette_protocol::TeamNumber(1), WORDS[3].to_owned())].into(),
    };
    let administrator = world.administrator();
    let key = DirectoryKey::generate(&mut rng);
    let signing = world.signing_key(administrator);
    let device = world.device_id(administrator);
    let edition = Edition { version: 1, author: device, signing_key: &signing };
    let sealed = directory::seal(&names, &edition, &key, SealedKeys::default(), &mut rng).unwrap();
    let outcomes = world.by_hand(administrator, vec![RequestBody::Directory(sealed)]).unwrap();
    assert_eq!(outcomes, [Ok(Reply::Done)]);
}

/// What the same relay keeps when people forget to seal: the scan must yield all of it.
#[test]
fn d2_a_relay_that_is_fed_unsealed_text_yields_every_word_in_every_dress() {
    let mut world = World::seeded(82);
    let [amine, _] = world.team(["amine", "chloe"]);
    let first = world.write(amine, "Premier.");
    world.run_until_quiet();
    let mut sought = Vec::new();
    let mut entries = Vec::new();
    for (number, word) in (1u8..).zip(WORDS) {
        let packed = zstd::encode_all(word.as_bytes(), 3).unwrap();
        for (place, (dress, bytes)) in (1u8..).zip(scan::dresses(word).into_iter().chain([("zstd", packed)]))
        {
            let mut entry = world.sealed_entry(amine, first);
            entry.uid.0[..2].copy_from_slice(&[number, place]);
            entry.sealed = [b"...", &bytes[..], b"..."].concat().into();
            entries.push(entry);
            sought.push((word, dress));
        }
    }
    for entries in entries.chunks(16) {
        let outcomes = world.by_hand(amine, vec![RequestBody::Append { entries: entries.to_vec() }]).unwrap();
        let [Ok(Reply::Appended { results, .. })] = &outcomes[..] else { panic!("answered by {outcomes:?}") };
        assert!(results.iter().all(|result| matches!(result, AppendResult::Stands { .. })), "{results:?}");
    }
    world.close();
    let found = scan::scan_folder(world.relay_folder(), &WORDS);
    let missed: Vec<_> = sought
        .into_iter()
        .filter(|(word, dress)| !found.iter().any(|found| found.word == *word && found.dress == *dress))
        .collect();
    assert_eq!(missed, []);
}
