//! MLS handshakes as far as the relay sees them: the public header, and what a commit closes.
//!
//! The relay orders commits and checks whom they add and remove by statements; it cannot
//! check their signatures and holds no MLS library. Reference: RFC 9420, sections 6 and 12.

use minicbor::{Decode, Encode};

use crate::statement::Class;
use crate::{AgentNumber, Epoch, Hash, OrganisationId, RosterGeneration, RosterId, StatementNumber};

/// Which roster: one made by a statement, or a pair's, which is never stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum RosterName {
    /// Made by a statement.
    #[n(0)]
    Stated(#[n(0)] RosterId),
    /// All active devices of two agents.
    #[n(1)]
    Pair {
        /// `Service`, `Personnel` or `Syndical`.
        #[n(0)]
        class: Class,
        /// The lower agent number.
        #[n(1)]
        lower: AgentNumber,
        /// The higher.
        #[n(2)]
        higher: AgentNumber,
    },
}

impl RosterName {
    /// The pair of two different agents, in whichever order they come.
    pub fn pair(class: Class, one: AgentNumber, other: AgentNumber) -> Option<Self> {
        (one != other && class != Class::Diffusion).then(|| Self::Pair {
            class,
            lower: one.min(other),
            higher: one.max(other),
        })
    }

    /// The roster's id: SHA-256("pair" ‖ organisation ‖ class ‖ lower ‖ higher) for pairs,
    /// class as one byte, agent numbers as 4 bytes, big-endian.
    pub fn id(&self, organisation: OrganisationId) -> RosterId {
        match self {
            Self::Stated(roster) => *roster,
            Self::Pair { class, lower, higher } => {
                let class = [match class {
                    Class::Service => 0u8,
                    Class::Diffusion => 1,
                    Class::Personnel => 2,
                    Class::Syndical => 3,
                }];
                let parts: [&[u8]; 5] =
                    [b"pair", &organisation.0, &class, &lower.0.to_be_bytes(), &higher.0.to_be_bytes()];
                RosterId(Hash::of(&parts).0)
            }
        }
    }
}

/// What the authenticated data of a commit says that it closes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum CommitNote {
    /// The first commit of a generation: adds members as of a statement.
    #[n(0)]
    Found {
        /// The last statement that the founder held.
        #[n(0)]
        at: StatementNumber,
    },
    /// Closes statements; additions and removals are exactly theirs. None for a key update.
    #[n(1)]
    Close {
        /// In ascending order, without doubles.
        #[n(0)]
        statements: Vec<StatementNumber>,
    },
    /// An admitted device joins by itself (RFC 9420 external commit).
    #[n(2)]
    Join {
        /// The statement that admits it.
        #[n(0)]
        statement: StatementNumber,
    },
}

/// Who sends a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandshakeSender {
    /// A member, by leaf.
    Member(u32),
    /// A device that joins by itself.
    NewMember,
}

/// The public header of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitHeader {
    /// Roster and generation.
    pub roster: RosterId,
    /// How often the roster was founded.
    pub generation: RosterGeneration,
    /// The epoch that the commit ends.
    pub epoch: Epoch,
    /// Who sends it.
    pub sender: HandshakeSender,
    /// The authenticated data: a [`CommitNote`].
    pub note: Vec<u8>,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(len)?;
        self.0 = tail;
        Some(head)
    }

    fn number(&mut self, len: usize) -> Option<u64> {
        Some(self.take(len)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A vector with a variable-size length, which must be the shortest (RFC 9420, section 2.1.2).
    fn vector(&mut self) -> Option<&'a [u8]> {
        let first = *self.0.first()?;
        let (len, least) = match first >> 6 {
            0 => (self.number(1)?, 0),
            1 => (self.number(2)? & 0x3fff, 64),
            2 => (self.number(4)? & 0x3fff_ffff, 16384),
            _ => return None,
        };
        (len >= least).then_some(())?;
        self.take(usize::try_from(len).ok()?)
    }
}

impl CommitHeader {
    /// Reads the header of a public MLS commit; `None` for anything else, however broken.
    pub fn parse(message: &[u8]) -> Option<Self> {
        let mut reader = Reader(message);
        let (version, format) = (reader.number(2)?, reader.number(2)?);
        let (roster, generation) = RosterId::of_group(reader.vector()?)?;
        let epoch = Epoch(reader.number(8)?);
        let sender = match reader.number(1)? {
            1 => HandshakeSender::Member(u32::try_from(reader.number(4)?).ok()?),
            4 => HandshakeSender::NewMember,
            _ => return None,
        };
        let note = reader.vector()?.to_vec();
        let content = reader.number(1)?;
        (version == 1 && format == 1 && content == 3).then_some(Self {
            roster,
            generation,
            epoch,
            sender,
            note,
        })
    }
}
