//! Trains the compression dictionary of entry version 1 from `core/dictionary/corpus.fr.txt`.
//!
//! `cargo run -p estafette-core --example train_dictionary` prints what the dictionary saves on
//! texts that it was not trained on. With `-- --write` it is trained on all of them and written
//! to `core/dictionary/`. A published dictionary is never written again: entries sealed with it
//! must stay readable. A better one gets a new number.
//!
//! The samples are whole payloads as the first version wrote them, since their framing repeats
//! more than their words. Random
//! identifiers come from a fixed seed: the same corpus gives the same dictionary.

use std::error::Error;
use std::path::PathBuf;

use estafette_protocol::entry::{Deed, Operation, Payload, Place};
use estafette_protocol::{DeviceId, EntryUid, LogGeneration, Position, StatementNumber, Timestamp, codec};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use zstd::bulk::Compressor;

const LARGEST: usize = 4096;
/// The level at which `seal` compresses.
const LEVEL: i32 = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("dictionary");
    let corpus = std::fs::read_to_string(folder.join("corpus.fr.txt"))?;
    let samples = samples(&corpus)?;

    let (learnt, unseen): (Vec<_>, Vec<_>) =
        samples.iter().enumerate().partition(|(index, _)| index % 8 != 0);
    let [learnt, unseen] =
        [learnt, unseen].map(|part| part.into_iter().map(|(_, sample)| sample).collect::<Vec<_>>());
    let trial = zstd::dict::from_samples(&learnt, LARGEST)?;
    println!("{} payloads, {} bytes each", samples.len(), mean(&unseen, |sample| Ok(sample.len()))?);
    let mut plain = Compressor::new(LEVEL)?;
    println!(
        "unseen, without dictionary: {} bytes",
        mean(&unseen, |sample| Ok(plain.compress(sample)?.len()))?
    );
    let mut prepared = Compressor::with_dictionary(LEVEL, &trial)?;
    println!(
        "unseen, with a dictionary of the others: {} bytes",
        mean(&unseen, |sample| Ok(prepared.compress(sample)?.len()))?
    );

    if std::env::args().any(|argument| argument == "--write") {
        let dictionary = zstd::dict::from_samples(&samples, LARGEST)?;
        std::fs::write(folder.join("1.zdict"), &dictionary)?;
        println!("1.zdict: {} bytes", dictionary.len());
    }
    Ok(())
}

/// One payload for each line of the corpus; `\n` in a line stands for a line break.
fn samples(corpus: &str) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let lines = corpus.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| Ok(codec::to_bytes(&payload(&line.replace("\\n", "\n"), &mut rng)?))).collect()
}

fn payload(text: &str, rng: &mut ChaCha8Rng) -> Result<Payload, Box<dyn Error>> {
    let change = [&random::<16>(rng), text.as_bytes()].concat().into();
    let parents = if rng.next_u32().is_multiple_of(3) { vec![EntryUid(random(rng))] } else { Vec::new() };
    let written_at = Timestamp(1_760_000_000_000 + rng.next_u64() % 60_000_000_000);
    let operation = Operation { written_at, deed: Deed::Message { change, parents } };
    let position = Position(1 + rng.next_u64() % 2_000);
    let place = Place { generation: LogGeneration(random(rng)), position, chain: random(rng) };
    Ok(Payload {
        author: DeviceId(random(rng)),
        statement: StatementNumber(rng.next_u64() % 400),
        operation: codec::to_bytes(&operation).into(),
        place: Some(place),
    })
}

fn random<const LEN: usize>(rng: &mut ChaCha8Rng) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    rng.fill_bytes(&mut bytes);
    bytes
}

fn mean(
    samples: &[&Vec<u8>],
    mut size: impl FnMut(&[u8]) -> Result<usize, Box<dyn Error>>,
) -> Result<usize, Box<dyn Error>> {
    let mut sum = 0;
    for sample in samples {
        sum += size(sample)?;
    }
    Ok(sum / samples.len().max(1))
}
