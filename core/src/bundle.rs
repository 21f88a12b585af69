//! What a history bundle holds, sealed to the newcomer's X25519 key.
//!
//! Secrets of following epochs stand in one run, 32 bytes each. Nothing here judges who may send
//! what to whom: see `engine/history.rs`.

use estafette_protocol::{Epoch, RosterGeneration, X25519Public, codec, limits};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use rand_core::{CryptoRng, RngCore};
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use crate::mls::hpke::{self, HpkeError};

const PURPOSE: &[u8] = b"estafette history bundle v1";
const SECRET: usize = 32;
/// Secrets in one bundle: they and their frame stay within [`limits::BUNDLE`], however many runs.
pub const SECRETS: usize = 4096;

/// The secret of one epoch.
#[derive(Clone, PartialEq, Eq)]
pub struct PastSecret {
    /// The generation of the roster.
    pub generation: RosterGeneration,
    /// The epoch.
    pub epoch: Epoch,
    /// R_e.
    pub secret: [u8; SECRET],
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Run {
    #[n(0)]
    generation: RosterGeneration,
    #[n(1)]
    first: Epoch,
    #[n(2)]
    secrets: ByteVec,
}

/// Seals secrets, which are ascending, to a newcomer. Of more than [`SECRETS`] the newest go.
///
/// # Errors
///
/// Nothing can be sealed to that key.
pub fn seal(
    secrets: &[PastSecret],
    address: &[u8],
    to: &X25519Public,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Vec<u8>, HpkeError> {
    let mut runs: Vec<Run> = Vec::new();
    for past in &secrets[secrets.len().saturating_sub(SECRETS)..] {
        let follows = |run: &&mut Run| {
            let length = (run.secrets.len() / SECRET) as u64;
            run.generation == past.generation && run.first.0.checked_add(length) == Some(past.epoch.0)
        };
        match runs.last_mut().filter(follows) {
            Some(run) => run.secrets.extend_from_slice(&past.secret),
            None => runs.push(Run {
                generation: past.generation,
                first: past.epoch,
                secrets: past.secret.to_vec().into(),
            }),
        }
    }
    let plain = Zeroizing::new(codec::to_bytes(&runs));
    hpke::seal_to(to, PURPOSE, address, &plain, rng)
}

/// Opens a bundle. Its author may have put anything in.
///
/// # Errors
///
/// Not sealed to this key for this address, or no bundle inside.
pub fn open(sealed: &[u8], address: &[u8], own: &StaticSecret) -> Result<Vec<PastSecret>, HpkeError> {
    let plain = Zeroizing::new(hpke::open(own, PURPOSE, address, sealed)?);
    let runs: Vec<Run> = codec::from_bytes(&plain, limits::BUNDLE).map_err(|_| HpkeError::Unopened)?;
    let mut secrets = Vec::new();
    for run in runs {
        for (number, secret) in (0..).zip(run.secrets.chunks(SECRET)) {
            let secret = secret.try_into().map_err(|_| HpkeError::Unopened)?;
            let epoch = Epoch(run.first.0.checked_add(number).ok_or(HpkeError::Unopened)?);
            secrets.push(PastSecret { generation: run.generation, epoch, secret });
        }
    }
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;
    use x25519_dalek::PublicKey;

    use super::*;

    fn past(generation: u32, epoch: u64) -> PastSecret {
        let secret = [u8::try_from(epoch % 251).unwrap(); SECRET];
        PastSecret { generation: RosterGeneration(generation), epoch: Epoch(epoch), secret }
    }

    fn own() -> (StaticSecret, X25519Public) {
        let secret = StaticSecret::from([7; 32]);
        let public = X25519Public(PublicKey::from(&secret).to_bytes());
        (secret, public)
    }

    #[test]
    fn secrets_come_back_for_the_newcomer_and_its_address_only() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (secret, public) = own();
        let secrets = vec![past(0, 1), past(0, 2), past(0, 4), past(1, 5), past(2, 0)];
        let sealed = seal(&secrets, b"address", &public, &mut rng).unwrap();
        assert!(open(&sealed, b"address", &secret).unwrap() == secrets);
        assert!(open(&sealed, b"another", &secret).is_err());
        assert!(open(&sealed, b"address", &StaticSecret::from([8; 32])).is_err());
    }

    #[test]
    fn an_epoch_costs_34_bytes_at_most_and_the_largest_bundle_fits() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (secret, public) = own();
        let year: Vec<_> = (1..=365).map(|epoch| past(0, epoch)).collect();
        assert!(seal(&year, b"", &public, &mut rng).unwrap().len() <= 365 * 34);
        let scattered: Vec<_> = (0..6000).map(|number| past(0, 2 * number)).collect();
        let sealed = seal(&scattered, b"", &public, &mut rng).unwrap();
        assert!(sealed.len() <= limits::BUNDLE);
        assert!(open(&sealed, b"", &secret).unwrap() == scattered[6000 - SECRETS..], "the newest");
    }

    #[test]
    fn what_a_hostile_member_puts_in_is_refused() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (secret, public) = own();
        let runs = |runs: Vec<Run>| codec::to_bytes(&runs);
        let short = Run { generation: RosterGeneration(0), first: Epoch(1), secrets: vec![1; 31].into() };
        let far =
            Run { generation: RosterGeneration(0), first: Epoch(u64::MAX), secrets: vec![1; 64].into() };
        for plain in [vec![], vec![0xff], runs(vec![short]), runs(vec![far])] {
            let sealed = hpke::seal_to(&public, PURPOSE, b"", &plain, &mut rng).unwrap();
            assert!(open(&sealed, b"", &secret).is_err());
        }
    }
}
