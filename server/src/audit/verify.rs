//! Whether a chain of audit lines holds, wherever it was read from.
//!
//! A line removed, altered or moved breaks the chain at itself or at the next one; a tail cut
//! off is missed by the signed head. The first line that does not hold is named.

use std::io::BufRead;

use estafette_protocol::{Ed25519Public, OrganisationId};

use super::{HeadRecord, Record, SignedHead};
pub use estafette_protocol::audit::{Chain, Cut};

/// A longer line is none of an export; in bytes.
const LONGEST_LINE: u64 = 16 * 1024;

/// Why an audit does not hold, and where first.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// This line is no line of an audit.
    #[error("line {0} cannot be read")]
    Unreadable(u64),
    /// Where this line should stand there is another one, or it was removed.
    #[error("line {expected} is missing; {found} stands in its place")]
    Missing {
        /// The number that should follow.
        expected: u64,
        /// The number that stands there.
        found: u64,
    },
    /// This line does not follow the one before.
    #[error("line {0} does not follow the one before")]
    NotFollowing(u64),
    /// This line was changed after it was written.
    #[error("line {0} was altered")]
    Altered(u64),
    /// A head was signed for a line of which there is no more, or another.
    #[error("the relay signed a head at line {signed}, which is not the line that stands there")]
    HeadMissed {
        /// Where the head was signed.
        signed: u64,
        /// The last line that there is.
        last: u64,
    },
    /// A head that this relay did not sign.
    #[error("the head at line {0} is not signed by this relay's key")]
    HeadForged(u64),
    /// An export without its last line.
    #[error("the signed head is missing at the end")]
    NoHead,
    /// What comes after the head.
    #[error("something stands after the signed head")]
    AfterHead,
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<Cut> for Broken {
    fn from(cut: Cut) -> Self {
        match cut {
            Cut::Missing { expected, found } => Self::Missing { expected, found },
            Cut::Altered(line) => Self::Altered(line),
        }
    }
}

/// What an export proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Whose audit.
    pub organisation: OrganisationId,
    /// Its last line, signed.
    pub signed: SignedHead,
}

/// Verifies an export against the relay's public key.
///
/// # Errors
///
/// The first line that does not hold.
pub fn export(source: impl BufRead, relay_key: &Ed25519Public) -> Result<Verified, Broken> {
    let mut chain = Chain::default();
    let mut verified = None;
    let mut source = source;
    loop {
        let next = chain.head().number.saturating_add(1);
        let mut text = String::new();
        let read = std::io::Read::take(&mut source, LONGEST_LINE).read_line(&mut text)?;
        if read == 0 {
            return verified.ok_or(Broken::NoHead);
        }
        if verified.is_some() {
            return Err(Broken::AfterHead);
        }
        if let Ok(record) = serde_json::from_str::<HeadRecord>(&text) {
            let whole = head(&record, &chain, relay_key)?;
            let written = HeadRecord::of(whole.organisation, &whole.signed, relay_key);
            same(&written, &text, Broken::HeadForged(whole.signed.head.number))?;
            verified = Some(whole);
            continue;
        }
        let record: Record = serde_json::from_str(&text).map_err(|_| Broken::Unreadable(next))?;
        let (line, previous, hash) = record.line().map_err(|_| Broken::Unreadable(next))?;
        if line.number == next && previous != chain.head().hash {
            return Err(Broken::NotFollowing(next));
        }
        chain.follow(&line, &line.body(), hash)?;
        same(&Record::of(&line, previous, hash), &text, Broken::Altered(next))?;
    }
}

/// What reads the same and is written otherwise, such as a digit in capitals, was changed as well.
fn same(written: &impl serde::Serialize, text: &str, broken: Broken) -> Result<(), Broken> {
    match serde_json::to_string(written).is_ok_and(|written| written == text.trim_end_matches(['\r', '\n'])) {
        true => Ok(()),
        false => Err(broken),
    }
}

fn head(record: &HeadRecord, chain: &Chain, relay_key: &Ed25519Public) -> Result<Verified, Broken> {
    let last = chain.head().number;
    let (organisation, signed, key) = record.head().map_err(|_| Broken::NoHead)?;
    let forged = Broken::HeadForged(signed.head.number);
    if key != *relay_key || signed.verify(organisation, relay_key).is_err() {
        return Err(forged);
    }
    if signed.head != chain.head() {
        return Err(Broken::HeadMissed { signed: signed.head.number, last });
    }
    Ok(Verified { organisation, signed })
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use estafette_protocol::{DeviceId, FaultCode, Timestamp};
    use rand_chacha::ChaCha20Rng;
    use rand_core::{RngCore as _, SeedableRng as _};

    use super::*;
    use crate::audit::{Draft, Head, Line, Subject, What, Who, link};

    const ORGANISATION: OrganisationId = OrganisationId([7; 16]);

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[5; 32])
    }

    fn public() -> Ed25519Public {
        Ed25519Public(key().verifying_key().to_bytes())
    }

    /// An export of twenty lines.
    fn exported() -> Vec<String> {
        let (mut chain, mut lines) = (Head::default(), Vec::new());
        for number in 1..=20u64 {
            let device = Some(DeviceId([number as u8; 16]));
            let fault = (number % 3 == 0).then_some(FaultCode::Forbidden);
            let what = if fault.is_some() { What::Refused } else { What::DeviceCertified };
            let subject = Subject { device, fault, ..Subject::default() };
            let line = Line::of(number, &Draft { at: Timestamp(number), who: Who::Operator, what, subject });
            let hash = link(chain.hash, &line.body());
            lines.push(serde_json::to_string(&Record::of(&line, chain.hash, hash)).unwrap());
            chain = Head { number, hash };
        }
        let signed = SignedHead::sign(ORGANISATION, chain, Timestamp(99), &key());
        lines.push(serde_json::to_string(&HeadRecord::of(ORGANISATION, &signed, &public())).unwrap());
        lines
    }

    fn verify(lines: &[String]) -> Result<Verified, String> {
        export(lines.join("\n").as_bytes(), &public()).map_err(|broken| broken.to_string())
    }

    #[test]
    fn an_untouched_export_holds_to_its_signed_end() {
        let verified = verify(&exported()).unwrap();
        assert_eq!((verified.organisation, verified.signed.head.number), (ORGANISATION, 20));
    }

    #[test]
    fn every_single_line_removed_altered_or_moved_is_named() {
        for index in 0..20usize {
            let number = index as u64 + 1;
            let mut removed = exported();
            removed.remove(index);
            let after = if index == 19 {
                "the relay signed a head at line 20, which is not the line that stands there".to_string()
            } else {
                format!("line {number} is missing; {} stands in its place", number + 1)
            };
            assert_eq!(verify(&removed).unwrap_err(), after);

            let mut altered = exported();
            altered[index] = altered[index].replace(&format!("\"at\":{number}"), "\"at\":1234");
            assert_eq!(verify(&altered).unwrap_err(), format!("line {number} was altered"));

            if index < 19 {
                let mut moved = exported();
                moved.swap(index, index + 1);
                let found = number + 1;
                assert_eq!(
                    verify(&moved).unwrap_err(),
                    format!("line {number} is missing; {found} stands in its place")
                );
            }
        }
    }

    #[test]
    fn a_tail_cut_off_is_missed_by_the_head_and_a_chain_rewritten_has_none() {
        let mut cut = exported();
        cut.drain(15..20);
        assert!(verify(&cut).unwrap_err().starts_with("the relay signed a head at line 20"));
        let mut headless = exported();
        headless.pop();
        assert_eq!(verify(&headless).unwrap_err(), "the signed head is missing at the end");
        // All hashes computed anew, and the head signed by whoever did it.
        let other = SigningKey::from_bytes(&[6; 32]);
        let signed = SignedHead::sign(ORGANISATION, Head::default(), Timestamp(1), &other);
        let own = Ed25519Public(other.verifying_key().to_bytes());
        for key in [own, public()] {
            let record = HeadRecord::of(ORGANISATION, &signed, &key);
            let line = serde_json::to_string(&record).unwrap();
            assert_eq!(verify(&[line]).unwrap_err(), "the head at line 0 is not signed by this relay's key");
        }
        let mut more = exported();
        more.push(more[0].clone());
        assert_eq!(verify(&more).unwrap_err(), "something stands after the signed head");
    }

    #[test]
    fn one_changed_byte_anywhere_is_found() {
        let whole = exported().join("\n");
        let (mut changed, mut found) = (0, 0);
        for index in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone().into_bytes();
            // Between two lines a space or a line end reads the same.
            if bytes[index] == b'\n' {
                continue;
            }
            bytes[index] ^= 1;
            changed += 1;
            found += usize::from(export(&bytes[..], &public()).is_err());
        }
        assert!(changed > 500, "{changed}");
        assert_eq!(found, changed);
    }

    #[test]
    fn a_thousand_copies_with_one_bit_flipped_or_one_line_removed_are_all_found() {
        const SEED: u64 = 0x5eed;
        let mut dice = ChaCha20Rng::seed_from_u64(SEED);
        let whole = exported();
        assert!(verify(&whole).is_ok());
        let mut unseen = Vec::new();
        for copy in 0..1000 {
            let found = match copy % 2 {
                0 => {
                    let mut bytes = whole.join("\n").into_bytes();
                    let bit = dice.next_u64() as usize % (bytes.len() * 8);
                    bytes[bit / 8] ^= 1 << (bit % 8);
                    export(&bytes[..], &public()).is_err()
                }
                _ => {
                    let mut lines = whole.clone();
                    lines.remove(dice.next_u64() as usize % whole.len());
                    verify(&lines).is_err()
                }
            };
            if !found {
                unseen.push(copy);
            }
        }
        assert_eq!(unseen, Vec::<i32>::new(), "seed {SEED}");
    }

    #[test]
    fn what_no_hash_covers_is_refused() {
        let mut lines = exported();
        lines[4] = lines[4].replacen('{', "{\"note\":\"added\",", 1);
        assert_eq!(verify(&lines).unwrap_err(), "line 5 cannot be read");
        assert_eq!(verify(&["{}".to_owned()]).unwrap_err(), "line 1 cannot be read");
        assert_eq!(verify(&[]).unwrap_err(), "the signed head is missing at the end");
    }
}
