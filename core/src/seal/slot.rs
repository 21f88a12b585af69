//! Delivered and read marks, sealed to the members of the thread.
//!
//! The relay overwrites slots and must not read them. Sealed bytes are CBOR: the roster
//! generation and epoch whose secret opens them, a fresh salt, and AES-256-GCM of the mark.
//! Thread, device, kind, version and that prefix are authenticated, so that a slot moved to
//! another place or given a higher version does not open.
//!
//! Not signed: a mark is worth no signature's 64 bytes, and any member who forged one would
//! deceive only the members of its own thread. Nothing may rest on marks but their display;
//! what must be provable is a receipt.

use estafette_protocol::frame::SlotKind;
use estafette_protocol::{
    DeviceId, Epoch, Position, RosterGeneration, Salt, ThreadId, Timestamp, codec, limits,
};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::keys::{Cipher, EpochSecret, Purpose};

/// Where a slot stands; the relay sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct SlotAddress {
    /// The thread.
    #[n(0)]
    pub thread: ThreadId,
    /// Whose mark.
    #[n(1)]
    pub device: DeviceId,
    /// What for.
    #[n(2)]
    pub kind: SlotKind,
    /// Grows at each writing.
    #[n(3)]
    pub version: u64,
}

/// Whose secret seals; in clear at the start of the sealed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SealedUnder {
    /// The roster generation.
    #[n(0)]
    pub generation: RosterGeneration,
    /// Its epoch.
    #[n(1)]
    pub epoch: Epoch,
}

/// "Up to this position, at this time."
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Mark {
    /// The last position received or read.
    #[n(0)]
    pub position: Position,
    /// When, by the device's clock, already clamped to its working hours.
    #[n(1)]
    pub at: Timestamp,
}

/// Why a slot was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// Too large, or not the shape of a sealed slot.
    #[error("not a sealed slot")]
    Malformed,
    /// Not sealed under this secret for this address, or altered since.
    #[error("the seal does not hold")]
    Seal,
    /// The seal holds and the content is not a mark: a member's program is at fault.
    #[error("the content is not a mark")]
    Content,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct SealedSlot {
    #[n(0)]
    under: SealedUnder,
    #[n(1)]
    salt: Salt,
    #[n(2)]
    cipher: ByteVec,
}

/// A mark's CBOR is at most 19 bytes; filled up with zeros, all marks have one size.
const PADDED: usize = 20;

/// Seals a mark. `salt` must be fresh; `secret` is the one of `under`.
pub fn seal_slot(
    secret: &EpochSecret,
    under: SealedUnder,
    address: &SlotAddress,
    mark: &Mark,
    salt: Salt,
) -> Vec<u8> {
    let mut plain = codec::to_bytes(mark);
    plain.resize(PADDED, 0);
    let (cipher, aad) = cipher(secret, under, address, salt);
    // AES-GCM refuses nothing below 64 GiB.
    let cipher = cipher.seal(&plain, &aad).unwrap_or_default();
    codec::to_bytes(&SealedSlot { under, salt, cipher: cipher.into() })
}

/// Whose secret opens these bytes. Not authenticated before [`open_slot`].
pub fn slot_epoch(sealed: &[u8]) -> Result<SealedUnder, SlotError> {
    read(sealed).map(|slot| slot.under)
}

/// Opens a mark that was sealed for exactly this address.
pub fn open_slot(secret: &EpochSecret, address: &SlotAddress, sealed: &[u8]) -> Result<Mark, SlotError> {
    let slot = read(sealed)?;
    let (cipher, aad) = cipher(secret, slot.under, address, slot.salt);
    let plain = cipher.open(&slot.cipher, &aad).map_err(|_| SlotError::Seal)?;
    let mut decoder = minicbor::Decoder::new(&plain);
    let mark = decoder.decode().map_err(|_| SlotError::Content)?;
    // A later version may write more after the mark; this one has no use for it.
    Ok(mark)
}

fn read(sealed: &[u8]) -> Result<SealedSlot, SlotError> {
    codec::from_bytes(sealed, limits::SLOT).map_err(|_| SlotError::Malformed)
}

fn cipher(secret: &EpochSecret, under: SealedUnder, address: &SlotAddress, salt: Salt) -> (Cipher, Vec<u8>) {
    let aad = [codec::to_bytes(address), codec::to_bytes(&under)].concat();
    (secret.cipher(address.thread, Purpose::Slot, &[&salt.0, &aad]), aad)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UNDER: SealedUnder = SealedUnder { generation: RosterGeneration(0), epoch: Epoch(12) };
    const MARK: Mark = Mark { position: Position(1_234), at: Timestamp(1_763_800_000_000) };
    const SALT: Salt = Salt([6; 8]);

    fn secret() -> EpochSecret {
        EpochSecret::new([1; 32])
    }

    fn address() -> SlotAddress {
        SlotAddress { thread: ThreadId([2; 32]), device: DeviceId([3; 16]), kind: SlotKind::Read, version: 7 }
    }

    fn sealed() -> Vec<u8> {
        seal_slot(&secret(), UNDER, &address(), &MARK, SALT)
    }

    #[test]
    fn a_mark_comes_back_and_names_its_epoch() {
        assert_eq!(slot_epoch(&sealed()), Ok(UNDER));
        assert_eq!(open_slot(&secret(), &address(), &sealed()), Ok(MARK));
    }

    #[test]
    fn all_marks_have_one_size() {
        let last = Mark { position: Position(u64::MAX), at: Timestamp::MAX };
        let sealed = [MARK, last].map(|mark| seal_slot(&secret(), UNDER, &address(), &mark, SALT));
        assert_eq!(sealed[0].len(), sealed[1].len());
        assert_eq!(open_slot(&secret(), &address(), &sealed[1]), Ok(last));
    }

    #[test]
    fn a_mark_opens_nowhere_else() {
        let elsewhere = [
            SlotAddress { thread: ThreadId([9; 32]), ..address() },
            SlotAddress { device: DeviceId([9; 16]), ..address() },
            SlotAddress { kind: SlotKind::Delivered, ..address() },
            SlotAddress { version: 8, ..address() },
        ];
        for address in elsewhere {
            assert_eq!(open_slot(&secret(), &address, &sealed()), Err(SlotError::Seal), "{address:?}");
        }
        assert_eq!(open_slot(&EpochSecret::new([9; 32]), &address(), &sealed()), Err(SlotError::Seal));
    }

    #[test]
    fn any_altered_byte_is_refused() {
        for index in 0..sealed().len() * 8 {
            let mut altered = sealed();
            altered[index / 8] ^= 1 << (index % 8);
            assert!(open_slot(&secret(), &address(), &altered).is_err(), "bit {index}");
        }
    }

    #[test]
    fn the_bytes_of_a_slot_never_change() {
        let hexadecimal: String = sealed().iter().map(|byte| format!("{byte:02x}")).collect();
        let recorded = concat!(
            "8382000c4806060606060606065824",
            "f97e3a49e6d501e89d5a162e1246204a4cfba4af05729049bbbac1c3bae378410c8600db",
        );
        assert_eq!(hexadecimal, recorded);
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..1200)) {
            prop_assert!(open_slot(&secret(), &address(), &bytes).is_err());
        }
    }
}
