//! The audit: what administrators, operators and the relay did, and what was refused.
//!
//! One chain for each organisation, in its database. Always true: a line of an act is written in
//! the transaction of the act; each line names the one before by hash; a line holds numbers, ids
//! and stable words, never a name or a text. The relay signs the chain's head every few hours,
//! so that whoever keeps a head elsewhere notices a tail that was cut off later.
//!
//! [`verify`] judges lines wherever they come from; [`folder`] reads those of a database. The lines
//! themselves are the protocol's, since devices read them too.

pub mod folder;
mod record;
mod refusals;
pub mod verify;

pub use estafette_protocol::audit::{Draft, Head, Line, SignedHead, Subject, What, Who, link};

pub use record::{BadRecord, HeadRecord, Record};
pub(crate) use refusals::Refusals;
