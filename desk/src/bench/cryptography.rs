//! What keys cost a device: sealing and opening a message, founding and joining a large group.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use estafette_core::mls::{self, Addition, Crypto, Identity, Joining, Provider, RosterContext, Verdict};
use estafette_core::seal::{self, EpochSecret};
use estafette_core::store::{self, DatabaseKey};
use estafette_protocol::handshake::{CommitNote, RosterName};
use estafette_protocol::statement::Class;
use estafette_protocol::{
    DeviceId, Ed25519Public, OrganisationId, RosterGeneration, RosterId, StatementNumber,
};
use zeroize::Zeroizing;

use super::figure::{Figure, microseconds, milliseconds};
use super::terminal::{self, random};
use super::{BenchError, Scale, dice};

/// Messages sealed, opened and verified.
const MESSAGES: usize = 2000;

/// Times that evidence is judged.
#[cfg(feature = "dev-attestation")]
const CHAINS: u32 = 200;

/// Measures the seal, the evidence of phones, then MLS.
pub fn measure(folder: &Path, scale: Scale, print: &mut dyn FnMut(Figure)) -> Result<(), BenchError> {
    sealing(print)?;
    #[cfg(feature = "dev-attestation")]
    evidence(print)?;
    group(folder, scale.group, print)
}

fn sealing(print: &mut dyn FnMut(Figure)) -> Result<(), BenchError> {
    let mut rng = dice()?;
    let key = ed25519_dalek::SigningKey::from_bytes(&random(&mut rng));
    let public = Ed25519Public(key.verifying_key().to_bytes());
    let (device, roster) = (DeviceId(random(&mut rng)), RosterId(random(&mut rng)));
    let mut figure = |what: &str, begun: Instant| {
        let each = microseconds(begun.elapsed()) / MESSAGES as f64;
        print(Figure::new(format!("100 characters: {what}"), each, "µs"));
    };
    let begun = Instant::now();
    let sealed: Vec<_> =
        (0..MESSAGES).map(|_| terminal::seal(device, &key, roster, &mut rng)).collect::<Result<_, _>>()?;
    figure("compress, pad, sign, seal", begun);
    let secret = EpochSecret::new([7; 32]);
    let begun = Instant::now();
    let opened: Vec<_> = sealed
        .iter()
        .map(|entry| seal::open(&secret, entry))
        .collect::<Result<_, _>>()
        .map_err(BenchError::other)?;
    figure("open and decompress", begun);
    let begun = Instant::now();
    for entry in opened {
        black_box(entry.verify(&public).map_err(BenchError::other)?);
    }
    figure("verify the author's signature", begun);
    Ok(())
}

/// What the relay does before it lets a phone wait for approval: four certificates of P-256, and with
/// the serial number twice as many. Genuine chains have RSA keys, too, whose signatures are checked faster.
#[cfg(feature = "dev-attestation")]
fn evidence(print: &mut dyn FnMut(Figure)) -> Result<(), BenchError> {
    use estafette_attest::development::{self, DevelopmentAttestor, Phone};
    use estafette_attest::{Expected, Serial, verify_android};

    let key = p256::ecdsa::SigningKey::random(&mut dice()?);
    let (attestor, phone) =
        (DevelopmentAttestor::new(), Phone { manufacturer: "Google", model: "Pixel 9 Pro" });
    let one = attestor.attest(key.verifying_key(), &[1; 32], phone);
    let mut two = one.clone();
    two.id_chain = Some(attestor.attest_serial(key.verifying_key(), &[2; 32], phone, "41121FDAQ000RM"));
    let policy = development::policy();
    let expected = Expected {
        challenge: Some(&[1; 32]),
        id_challenge: Some(&[2; 32]),
        key: None,
        model: Some(phone.model),
        serial: Serial::Unknown,
        policy: &policy,
        roots: &[development::root()],
        revoked: None,
        now: crate::clock::now(),
    };
    for (what, evidence) in
        [("one chain of four certificates", &one), ("two chains, with the serial number", &two)]
    {
        let begun = Instant::now();
        for _ in 0..CHAINS {
            let facts = verify_android(black_box(evidence), &expected);
            black_box(facts.map_err(|reasons| BenchError::other(format!("{reasons:?}")))?);
        }
        let each = milliseconds(begun.elapsed()) / f64::from(CHAINS);
        print(Figure::new(format!("a phone's evidence: {what}"), each, "ms").target("< 5 ms a chain"));
    }
    Ok(())
}

/// One device founds a group of `size`, another joins it.
fn group(folder: &Path, size: usize, print: &mut dyn FnMut(Figure)) -> Result<(), BenchError> {
    let mut rng = dice()?;
    let key = DatabaseKey(Zeroizing::new(random(&mut rng)));
    let crypto = Crypto::seeded(random(&mut rng));
    let open = |name: &str| store::open(&folder.join(name), &key).map_err(BenchError::other);
    let (mut founders, mut others) = (open("founder.db")?, open("others.db")?);
    let context = RosterContext {
        organisation: OrganisationId(random(&mut rng)),
        name: RosterName::Stated(RosterId(random(&mut rng))),
        generation: RosterGeneration(0),
        class: Class::Service,
        retention_days: Some(365),
        founded_at: None,
    };
    let members: Vec<(DeviceId, ed25519_dalek::SigningKey)> = (0..size)
        .map(|_| (DeviceId(random(&mut rng)), ed25519_dalek::SigningKey::from_bytes(&random(&mut rng))))
        .collect();
    let identities: Vec<Identity<'_>> =
        members.iter().map(|(device, key)| Identity { device: *device, key }).collect();
    let [founder, joiner, ..] = identities.as_slice() else { return Ok(()) };

    let transaction = others.transaction().map_err(BenchError::other)?;
    let provider = Provider::new(&transaction, &crypto);
    let begun = Instant::now();
    let mut additions = Vec::new();
    for identity in identities.iter().skip(1) {
        let package = mls::new_key_package(&provider, identity, false).map_err(BenchError::other)?;
        additions.push(Addition { member: identity.member(), package });
    }
    let each = milliseconds(begun.elapsed()) / additions.len() as f64;
    print(Figure::new("make a key package", each, "ms"));
    transaction.commit().map_err(BenchError::other)?;

    let begun = Instant::now();
    let transaction = founders.transaction().map_err(BenchError::other)?;
    let note = CommitNote::Found { at: StatementNumber(0) };
    let prepared = mls::found(&Provider::new(&transaction, &crypto), founder, &context, &note, &additions)
        .map_err(BenchError::other)?;
    transaction.commit().map_err(BenchError::other)?;
    print(Figure::new(
        format!("found a group of {size} devices, durable"),
        milliseconds(begun.elapsed()),
        "ms",
    ));
    let upload: usize = prepared.commit.len()
        + prepared.tree.len()
        + prepared.group_info.len()
        + prepared.welcomes.iter().map(|(_, welcome)| welcome.len()).sum::<usize>();
    print(Figure::new(format!("founding commit of {size} devices, upload"), upload as f64 / 1024.0, "KiB"));

    let welcome = prepared.welcomes.iter().find(|(device, _)| *device == joiner.device);
    let (_, welcome) = welcome.ok_or_else(|| BenchError::other("no welcome"))?;
    let begun = Instant::now();
    let transaction = others.transaction().map_err(BenchError::other)?;
    let joined = mls::join(&Provider::new(&transaction, &crypto), joiner, welcome, &prepared.tree, |_| {
        Verdict::Accept
    })
    .map_err(BenchError::other)?;
    transaction.commit().map_err(BenchError::other)?;
    if !matches!(joined, Joining::Done(_)) {
        return Err(BenchError::other("the group was not joined"));
    }
    print(Figure::new(
        format!("join a group of {size} devices, durable"),
        milliseconds(begun.elapsed()),
        "ms",
    ));
    Ok(())
}
