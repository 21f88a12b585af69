//! Short names for threads within one session, so that 32 bytes cross the network once.
//!
//! Each direction counts for itself: the first time a side names a thread in full, both
//! sides give it the next number. Nothing of it is stored or signed.

use std::collections::BTreeMap;

use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{Fault, FaultCode, ThreadId};

/// A thread, in full or by its number in this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ThreadRef {
    /// 32 bytes.
    Full(ThreadId),
    /// The number that the first full mention received.
    Alias(u32),
}

impl ThreadRef {
    /// The thread, if it stands here in full.
    pub fn full(self) -> Option<ThreadId> {
        match self {
            Self::Full(thread) => Some(thread),
            Self::Alias(_) => None,
        }
    }
}

impl From<ThreadId> for ThreadRef {
    fn from(thread: ThreadId) -> Self {
        Self::Full(thread)
    }
}

impl<C> Encode<C> for ThreadRef {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, c: &mut C) -> Result<(), encode::Error<W::Error>> {
        match self {
            Self::Full(thread) => thread.encode(e, c),
            Self::Alias(number) => e.u32(*number)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for ThreadRef {
    fn decode(d: &mut Decoder<'b>, c: &mut C) -> Result<Self, decode::Error> {
        match d.datatype()? {
            Type::Bytes => ThreadId::decode(d, c).map(Self::Full),
            _ => d.u32().map(Self::Alias),
        }
    }
}

/// Anything that names threads and can be shortened for the wire.
pub trait NamesThreads {
    /// Calls `each` for every thread named, in the order of the encoding.
    fn each_thread(&mut self, each: &mut dyn FnMut(&mut ThreadRef) -> Result<(), Fault>)
    -> Result<(), Fault>;
}

/// The threads named so far in one direction of a session.
#[derive(Debug, Default)]
pub struct Aliases {
    numbers: BTreeMap<ThreadId, u32>,
    threads: Vec<ThreadId>,
}

/// More threads than any device follows; a peer cannot make the table grow beyond it.
const MOST: usize = 4096;

impl Aliases {
    /// Replaces full names that were sent before by their numbers. The sender calls this.
    pub fn shorten(&mut self, message: &mut dyn NamesThreads) -> Result<(), Fault> {
        message.each_thread(&mut |name| {
            if let ThreadRef::Full(thread) = *name {
                match self.numbers.get(&thread) {
                    Some(number) => *name = ThreadRef::Alias(*number),
                    None => self.learn(thread),
                }
            }
            Ok(())
        })
    }

    /// Replaces numbers by full names. The receiver calls this; an unknown number is malformed.
    pub fn expand(&mut self, message: &mut dyn NamesThreads) -> Result<(), Fault> {
        message.each_thread(&mut |name| {
            match *name {
                ThreadRef::Full(thread) => self.learn(thread),
                ThreadRef::Alias(number) => {
                    let thread = usize::try_from(number).ok().and_then(|number| self.threads.get(number));
                    *name = ThreadRef::Full(*thread.ok_or(FaultCode::Malformed)?);
                }
            }
            Ok(())
        })
    }

    fn learn(&mut self, thread: ThreadId) {
        if self.threads.len() >= MOST || self.numbers.contains_key(&thread) {
            return;
        }
        if let Ok(number) = u32::try_from(self.threads.len()) {
            self.numbers.insert(thread, number);
            self.threads.push(thread);
        }
    }
}
