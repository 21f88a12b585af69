//! Sealing: what turns an operation into bytes that the relay stores and cannot read.
//!
//! [`seal`] compresses, pads, signs and encrypts under the secret of an epoch; [`open`] undoes
//! it and hands out nothing but the author's name until [`Opened::verify`] has checked that
//! author's signature. Slots are sealed here too, under the same thread keys.
//!
//! Always true: every size is looked at before a byte is parsed; no two sealings share a key
//! and a nonce, because the salt is fresh each time; nothing is kept between two calls but the
//! prepared dictionary. Salts come from the caller. Who may write what is judged elsewhere.

mod common;
mod compression;
mod entry;
mod keys;
mod padding;
mod slot;

pub use common::{open_common, seal_common};
pub use entry::{OpenError, Opened, SealError, open, seal};
pub use keys::EpochSecret;
pub use slot::{Mark, SealedUnder, SlotAddress, SlotError, open_slot, seal_slot, slot_epoch};
