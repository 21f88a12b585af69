//! Frames between a device and the relay: requests, their answers, and what the relay brings.
//!
//! The same frames travel in WebSocket binary messages and in the bodies of `exchange`.
//! Every request ends in exactly one answer; a batch is answered entry by entry.

mod reply;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::alias::{NamesThreads, ThreadRef};
use crate::announcement::{Common, Receipt};
use crate::bundle::Bundle;
use crate::chain::{Placement, ThreadHead};
use crate::dated_head::DatedHead;
use crate::enrol::{InventoryEntry, TicketRequest};
use crate::entry::WireEntry;
use crate::handshake::RosterName;
use crate::lease::Wipe;
use crate::reachability::ReachabilityQuestion;
use crate::reattestation::FreshEvidence;
use crate::sign::{self, BadSignature, Domain};
use crate::statement::SignedStatement;
use crate::statistics::Month;
use crate::urgency;
use crate::{
    DeviceId, Ed25519Public, EnrolmentId, EntryUid, Epoch, Fault, Hash, OrganisationId, Position,
    RosterGeneration, RosterId, Signature, StatementNumber, ThreadId, Timestamp, codec, limits,
};

pub use reply::{AppendResult, Reply};

/// A place in the relay's two streams. Opaque to devices: they store it with what it covers.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Cursor(#[n(0)] pub ByteVec);

impl Default for Cursor {
    /// Before everything.
    fn default() -> Self {
        Self(Vec::new().into())
    }
}

/// A device's request.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Request {
    /// Chosen by the device; the answer repeats it.
    #[n(0)]
    pub id: u32,
    /// What is asked.
    #[n(1)]
    pub body: RequestBody,
}

/// What a device can ask.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum RequestBody {
    /// Starts delivery after a cursor (empty: from the beginning). Once per session, repeated to go on
    /// from another place. Answer: [`Reply::Welcome`].
    #[n(0)]
    Hello {
        /// The last cursor stored.
        #[n(0)]
        cursor: Cursor,
    },
    /// Says that everything up to the cursor is stored durably; the relay may send more.
    /// Answer: [`Reply::Done`].
    #[n(1)]
    Stored {
        /// The last cursor stored.
        #[n(0)]
        cursor: Cursor,
    },
    /// Appends entries, at most [`limits::APPEND`]. Answer: [`Reply::Appended`].
    #[n(2)]
    Append {
        /// In the order in which they shall stand in their threads.
        #[n(0)]
        entries: Vec<WireEntry>,
    },
    /// Asks for entries of one thread. Answer: [`Reply::Range`].
    #[n(3)]
    Range {
        /// The thread.
        #[n(0)]
        thread: ThreadRef,
        /// First position, included.
        #[n(1)]
        from: Position,
        /// Last position, included.
        #[n(2)]
        to: Position,
    },
    /// Offers a commit. Answer: [`Reply::Done`], or a fault `commit_conflict`.
    #[n(4)]
    Commit(#[n(0)] CommitUpload),
    /// Offers a statement; compare-and-swap on the chain's head. Answer: [`Reply::Done`].
    #[n(5)]
    State {
        /// The statement.
        #[n(0)]
        statement: SignedStatement,
    },
    /// Asks for statements from a number on, at most 500. Answer: [`Reply::Statements`].
    #[n(6)]
    Statements {
        /// The first wanted.
        #[n(0)]
        from: StatementNumber,
    },
    /// Asks for the accepted commits of a roster from an epoch on, needed for sealing even off duty.
    /// Answer: [`Reply::Commits`].
    #[n(7)]
    Commits {
        /// The roster.
        #[n(0)]
        roster: RosterName,
        /// The generation that the device holds.
        #[n(1)]
        generation: RosterGeneration,
        /// The epoch that it is in.
        #[n(2)]
        from: Epoch,
    },
    /// Refills the stock of key packages. Answer: [`Reply::Stock`].
    #[n(8)]
    KeyPackages {
        /// New ones, single use.
        #[n(0)]
        packages: Vec<ByteVec>,
        /// Replaces the last resort, if given.
        #[n(1)]
        last_resort: Option<ByteVec>,
    },
    /// Reserves key packages for 60 s to found a roster or to close admissions. Answer: [`Reply::Reserved`].
    #[n(9)]
    Reserve {
        /// For which roster.
        #[n(0)]
        roster: RosterName,
        /// Of which devices.
        #[n(1)]
        devices: Vec<DeviceId>,
    },
    /// Asks for what an external join needs. Answer: [`Reply::Group`].
    #[n(10)]
    Group {
        /// The roster.
        #[n(0)]
        roster: RosterName,
    },
    /// Overwrites a slot of one's own. Answer: [`Reply::Done`] or a fault `slot_outdated`.
    #[n(11)]
    Slot {
        /// The slot.
        #[n(0)]
        slot: Slot,
    },
    /// Says that a commit cannot be applied. Answer: [`Reply::Done`].
    #[n(12)]
    CommitRefused(#[n(0)] CommitRefused),
    /// Puts a new sealed directory in the place of the last. Administrators. Answer: [`Reply::Done`].
    #[n(13)]
    Directory(#[n(0)] Directory),
    /// Adds entries to the inventory or replaces them by id. Administrators. Answer: [`Reply::Done`].
    #[n(14)]
    Inventory {
        /// At most 500.
        #[n(0)]
        entries: Vec<InventoryEntry>,
    },
    /// Opens an enrolment. Administrators. Answer: [`Reply::Done`].
    #[n(15)]
    Ticket(#[n(0)] TicketRequest),
    /// Asks for enrolments that wait. Administrators. Answer: [`Reply::Pending`].
    #[n(16)]
    Pending,
    /// Refuses an enrolment; approving is a statement. Administrators. Answer: [`Reply::Done`].
    #[n(17)]
    RefuseEnrolment {
        /// Which.
        #[n(0)]
        enrolment: EnrolmentId,
    },
    /// Asks whether anything is new after the cursor, and for nothing else. Answer: [`Reply::Fresh`].
    #[n(18)]
    Check {
        /// The last cursor stored.
        #[n(0)]
        cursor: Cursor,
    },
    /// Dates the head of the statement chain, in the place of the last one. Administrators.
    /// Answer: [`Reply::Done`].
    #[n(19)]
    DatedHead(#[n(0)] DatedHead),
    /// Shows a restored relay the statements that its backup did not hold. Answer: [`Reply::Done`], or the
    /// fault `restoring` with the number of the relay's last statement while it goes on waiting.
    #[n(30)]
    Recover {
        /// Those after the relay's last, in order, at most [`limits::RECOVERED`].
        #[n(0)]
        statements: Vec<SignedStatement>,
        /// The number of the last statement that the device holds.
        #[n(1)]
        head: StatementNumber,
    },
    /// Drops the sealed bytes of entries of the asking agent's devices; position, name and hash
    /// stay. Repeating it is harmless. Answer: [`Reply::Done`].
    #[n(21)]
    Erase {
        /// The thread.
        #[n(0)]
        thread: ThreadRef,
        /// At most [`limits::ERASE`].
        #[n(1)]
        entries: Vec<EntryUid>,
    },
    /// The same for one entry of this device, if no other device has received it.
    /// Answer: [`Reply::Done`], or a fault `too_late`.
    #[n(22)]
    Recall {
        /// The thread.
        #[n(0)]
        thread: ThreadRef,
        /// Its name.
        #[n(1)]
        entry: EntryUid,
    },
    /// Hands a newcomer of a roster the keys of the past, after [`Message::HistoryTurn`]. Answer:
    /// [`Reply::Done`], also where it is no longer needed.
    #[n(20)]
    Bundle(#[n(0)] Bundle),
    /// « Lu et compris », of one of the asking device's agent. Given already, nothing is to be done.
    /// Answer: [`Reply::Done`].
    #[n(23)]
    Acknowledge(#[n(0)] Receipt),
    /// Brings the common ciphertext of an announcement, at most [`limits::COMMON`] bytes, before the
    /// entries that name it. Those who may announce somewhere. Answer: [`Reply::Done`].
    #[n(24)]
    Common(#[n(0)] Common),
    /// What a withdrawn device is to do: the statements from a number on, up to the one that withdraws it,
    /// at most 500. It may ask this and say [`Self::Wiped`], nothing else. Answer: [`Reply::Statements`].
    #[n(25)]
    Orders {
        /// The first wanted.
        #[n(0)]
        from: StatementNumber,
    },
    /// A withdrawn device has destroyed its content. Answer: [`Reply::Done`].
    #[n(26)]
    Wiped(#[n(0)] Wipe),
    /// Asks when devices were last here, and which withdrawn ones have said that their content is gone.
    /// Administrators; a supervisor is told which devices of the people on duty in the teams that they lead
    /// are missed, and of these the day alone. Answer: [`Reply::Contacts`].
    #[n(27)]
    Contacts,
    /// Answers an urgent message, of one of the asking device's agent: those who are called, and those on
    /// call with them. Given already, nothing is to be done. Answer: [`Reply::Done`].
    #[n(32)]
    Answer(#[n(0)] urgency::Answer),
    /// Says where this device can be woken while it listens nowhere; nowhere without an address. An `https`
    /// address of at most 512 bytes, at a host that the relay's settings name. Answer: [`Reply::Done`].
    #[n(28)]
    WakeUps {
        /// As the device's distributor gave it (UnifiedPush).
        #[n(0)]
        endpoint: Option<String>,
    },
    /// Asks for the relay's signed word on when the asking agent could be reached. About a message only
    /// while on duty. Answer: [`Reply::Reachability`].
    #[n(35)]
    Reachability(#[n(0)] ReachabilityQuestion),
    /// Asks what is told of a month that is over, by service. Administrators, supervisors, officers and
    /// staff representatives. Answer: [`Reply::Statistics`].
    #[n(36)]
    Statistics {
        /// The month.
        #[n(0)]
        month: Month,
    },
    /// A phone asks for a challenge, to show anew what it is. Also when its evidence is too old, and then this
    /// and [`Self::Attest`] alone. Answer: [`Reply::Challenge`].
    #[n(29)]
    Challenge,
    /// A phone's fresh evidence. Answer: [`Reply::Done`].
    #[n(31)]
    Attest(#[n(0)] FreshEvidence),
    /// Asks what the relay keeps. Everybody may know. Answer: [`Reply::Knowledge`].
    #[n(37)]
    Knowledge,
    /// Asks for the audit's lines after a number. Administrators and officers. Answer: [`Reply::Audit`].
    #[n(38)]
    Audit {
        /// 0 for the first ones.
        #[n(0)]
        after: u64,
    },
    /// Asks which urgencies were declared. Everybody may know, at work. Answer: [`Reply::Urgencies`].
    #[n(39)]
    Urgencies,
}

/// A commit with all that goes with it, in one frame.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CommitUpload {
    /// The roster.
    #[n(0)]
    pub roster: RosterName,
    /// The public MLS message.
    #[n(1)]
    pub commit: ByteVec,
    /// One welcome for each device added.
    #[n(2)]
    pub welcomes: Vec<(DeviceId, ByteVec)>,
    /// SHA-256 of the key packages used, to be consumed.
    #[n(3)]
    pub key_packages: Vec<Hash>,
    /// The group information after the commit, without tree.
    #[n(4)]
    pub group_info: ByteVec,
    /// The ratchet tree after the commit.
    #[n(5)]
    pub tree: ByteVec,
}

/// The relay's message to a device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Message {
    /// The one answer to a request.
    #[n(0)]
    Answer {
        /// The request's id.
        #[n(0)]
        id: u32,
        /// How it ended.
        #[n(1)]
        outcome: Outcome,
    },
    /// Content and control for the device.
    #[n(1)]
    Deliver(#[n(0)] Delivery),
    /// All that an off-duty device is told. Its encoded size does not depend on what is held.
    #[n(2)]
    Closed {
        /// When hours reopen; [`Timestamp::MAX`] when nothing says so.
        #[n(0)]
        reopens_at: Timestamp,
        /// The relay's clock.
        #[n(1)]
        relay_time: Timestamp,
    },
    /// Ten seconds in which this device is the one expected to commit.
    #[n(3)]
    Turn {
        /// The roster.
        #[n(0)]
        roster: RosterName,
    },
    /// The session ends now.
    #[n(4)]
    Goodbye(#[n(0)] Fault),
    /// This device is asked to hand a newcomer the keys of the past; another one will be if it does not.
    #[n(5)]
    HistoryTurn {
        /// The roster.
        #[n(0)]
        roster: RosterName,
        /// The newcomer.
        #[n(1)]
        device: DeviceId,
    },
    /// An announcement waits for this agent's « Lu et compris ». Without content.
    #[n(6)]
    Reminder {
        /// The version.
        #[n(0)]
        version: EntryUid,
        /// Until when it is wanted.
        #[n(1)]
        due: Timestamp,
    },
    /// This agent is called: an urgent message waits for their answer. Without content.
    #[n(7)]
    Call {
        /// The message's thread.
        #[n(0)]
        thread: ThreadId,
        /// Its name.
        #[n(1)]
        entry: EntryUid,
        /// When the next one is called.
        #[n(2)]
        until: Timestamp,
    },
    /// « Personne n’a répondu »: for the author of an urgent message and the team's supervisors.
    #[n(8)]
    Unanswered {
        /// The message's thread.
        #[n(0)]
        thread: ThreadId,
        /// Its name.
        #[n(1)]
        entry: EntryUid,
        /// Since when that is known.
        #[n(2)]
        at: Timestamp,
    },
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// It was done.
    #[n(0)]
    Done(#[n(0)] Reply),
    /// It was not.
    #[n(1)]
    Refused(#[n(0)] Fault),
}

/// Part of a device's streams.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Delivery {
    /// Handshakes and statements, in order.
    #[n(0)]
    pub control: Vec<Control>,
    /// Entries, ascending in each thread.
    #[n(1)]
    pub entries: Vec<Delivered>,
    /// Slots of other devices.
    #[n(2)]
    pub slots: Vec<Slot>,
    /// Parts of threads left out; to be filled by `range`.
    #[n(3)]
    pub gaps: Vec<Gap>,
    /// Signed heads of the threads concerned.
    #[n(4)]
    pub heads: Vec<ThreadHead>,
    /// To be stored in the transaction that stores the rest.
    #[n(5)]
    pub cursor: Cursor,
    /// More is waiting.
    #[n(6)]
    pub more: bool,
}

/// An entry as the relay gives it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Delivered {
    /// Its thread.
    #[n(0)]
    pub thread: ThreadRef,
    /// Where it stands.
    #[n(1)]
    pub placement: Placement,
    /// The entry, or the name of one's own.
    #[n(2)]
    pub content: Content,
    /// hₙ₋₁, where the entry comes out of order.
    #[n(3)]
    pub previous: Option<Hash>,
}

/// What stands at a position.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Content {
    /// An entry of another device.
    #[n(0)]
    Entry(#[n(0)] WireEntry),
    /// An entry of the receiving device itself, which has it.
    #[n(1)]
    Own {
        /// Its name.
        #[n(0)]
        uid: EntryUid,
        /// The hash of what stands.
        #[n(1)]
        hash: Hash,
    },
    /// An entry whose bytes are gone: its author erased it, or its time is over.
    #[n(2)]
    Erased {
        /// Its name.
        #[n(0)]
        uid: EntryUid,
        /// The hash that the chain holds for it.
        #[n(1)]
        hash: Hash,
    },
    /// An announcement of another device, with the common ciphertext that its header names.
    #[n(3)]
    Announcement {
        /// The entry.
        #[n(0)]
        entry: WireEntry,
        /// What it has in common with other teams' entries.
        #[n(1)]
        common: Common,
    },
}

/// Positions of a thread that a delivery leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Gap {
    /// The thread.
    #[n(0)]
    pub thread: ThreadRef,
    /// First, included.
    #[n(1)]
    pub from: Position,
    /// Last, included.
    #[n(2)]
    pub to: Position,
}

/// One element of the control stream.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Control {
    /// The next statement.
    #[n(0)]
    Statement(#[n(0)] SignedStatement),
    /// An accepted commit of a roster that the device is in or was admitted to.
    #[n(1)]
    Commit {
        /// The roster.
        #[n(0)]
        roster: RosterName,
        /// The public MLS message.
        #[n(1)]
        commit: ByteVec,
    },
    /// A welcome for this device, with the tree that it needs.
    #[n(2)]
    Welcome {
        /// The roster.
        #[n(0)]
        roster: RosterName,
        /// The MLS welcome.
        #[n(1)]
        welcome: ByteVec,
        /// The tree after the commit that it belongs to.
        #[n(2)]
        tree: ByteVec,
    },
    /// Somebody cannot apply a commit.
    #[n(3)]
    CommitRefused(#[n(0)] CommitRefused),
    /// The directory, with this device's key only.
    #[n(4)]
    Directory(#[n(0)] Directory),
    /// The newest dated head of the statement chain.
    #[n(5)]
    DatedHead(#[n(0)] DatedHead),
    /// Keys of the past for this device.
    #[n(6)]
    Bundle(#[n(0)] Bundle),
    /// A receipt: for the devices of the announcement's issuer, and of whoever gave it.
    #[n(7)]
    Receipt(#[n(0)] Receipt),
    /// How far the call of an urgent message has come: for its author, the team's supervisors, and those
    /// who were called or have answered.
    #[n(8)]
    Call(#[n(0)] urgency::CallReport),
}

/// What a slot is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum SlotKind {
    /// "Received up to this position."
    #[n(0)]
    Delivered,
    /// "Read up to this position."
    #[n(1)]
    Read,
}

/// A small overwritten value of one device in one thread, sealed to those entitled to see it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Slot {
    /// The thread.
    #[n(0)]
    pub thread: ThreadRef,
    /// Whose.
    #[n(1)]
    pub device: DeviceId,
    /// What for.
    #[n(2)]
    pub kind: SlotKind,
    /// Grows at each writing; a lower or equal one is ignored.
    #[n(3)]
    pub version: u64,
    /// At most [`limits::SLOT`] bytes.
    #[n(4)]
    pub sealed: ByteVec,
}

/// A device's signed word that a commit of a roster cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CommitRefused {
    /// The roster.
    #[n(0)]
    pub roster: RosterName,
    /// The generation that is given up.
    #[n(1)]
    pub generation: RosterGeneration,
    /// The epoch at which it fails.
    #[n(2)]
    pub epoch: Epoch,
    /// SHA-256 of the commit.
    #[n(3)]
    pub commit: Hash,
    /// Who says so.
    #[n(4)]
    pub device: DeviceId,
    /// By that device's Ed25519 key.
    #[n(5)]
    pub signature: Signature,
}

impl CommitRefused {
    fn message(&self, organisation: OrganisationId) -> Vec<u8> {
        codec::to_bytes(&(organisation, self.roster, self.generation, self.epoch, self.commit, self.device))
    }

    /// Fills in the signature.
    pub fn sign(mut self, organisation: OrganisationId, key: &ed25519_dalek::SigningKey) -> Self {
        self.signature = Signature(sign::ed25519(key, Domain::CommitRefused, &[&self.message(organisation)]));
        self
    }

    /// Checks the signature.
    pub fn verify(&self, organisation: OrganisationId, key: &Ed25519Public) -> Result<(), BadSignature> {
        sign::verify_ed25519(&key.0, Domain::CommitRefused, &[&self.message(organisation)], &self.signature.0)
    }

    /// The roster's id.
    pub fn roster_id(&self, organisation: OrganisationId) -> RosterId {
        self.roster.id(organisation)
    }
}

/// The names of agents and teams, sealed under a directory key; `core` gives it meaning.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Directory {
    /// Grows with each edition.
    #[n(0)]
    pub version: u64,
    /// The administrator's device that signed it.
    #[n(1)]
    pub author: DeviceId,
    /// At most [`limits::DIRECTORY`] bytes.
    #[n(2)]
    pub sealed: ByteVec,
    /// Over version and sealed bytes, by the author's Ed25519 key.
    #[n(3)]
    pub signature: Signature,
    /// The directory key, sealed to each device. The relay gives each device its own only.
    #[n(4)]
    pub keys: Vec<(DeviceId, ByteVec)>,
    /// The directory key, sealed to the organisation's key: whoever comes back from the recovery sheet finds the
    /// names. The relay gives it to administrators' devices only.
    #[n(5)]
    pub recovery: Option<ByteVec>,
}

impl Directory {
    /// What the signature covers.
    pub fn signed_parts(version: &[u8; 8], sealed: &[u8]) -> [Vec<u8>; 2] {
        [version.to_vec(), sealed.to_vec()]
    }
}

impl Request {
    /// Reads a request, size first.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, codec::CodecError> {
        codec::from_bytes(bytes, limits::FRAME)
    }
}

impl Message {
    /// Reads a message, size first.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, codec::CodecError> {
        codec::from_bytes(bytes, limits::FRAME)
    }
}

type Each<'a> = &'a mut dyn FnMut(&mut ThreadRef) -> Result<(), Fault>;

impl NamesThreads for Request {
    fn each_thread(&mut self, each: Each<'_>) -> Result<(), Fault> {
        match &mut self.body {
            RequestBody::Append { entries } => {
                entries.iter_mut().try_for_each(|entry| each(&mut entry.thread))
            }
            RequestBody::Range { thread, .. }
            | RequestBody::Erase { thread, .. }
            | RequestBody::Recall { thread, .. } => each(thread),
            RequestBody::Slot { slot } => each(&mut slot.thread),
            _ => Ok(()),
        }
    }
}

impl NamesThreads for Delivered {
    fn each_thread(&mut self, each: Each<'_>) -> Result<(), Fault> {
        each(&mut self.thread)?;
        match &mut self.content {
            Content::Entry(entry) | Content::Announcement { entry, .. } => each(&mut entry.thread),
            Content::Own { .. } | Content::Erased { .. } => Ok(()),
        }
    }
}

impl NamesThreads for Message {
    fn each_thread(&mut self, each: Each<'_>) -> Result<(), Fault> {
        match self {
            Self::Answer { outcome: Outcome::Done(Reply::Appended { heads, .. }), .. } => {
                heads.iter_mut().try_for_each(|head| each(&mut head.thread))
            }
            Self::Answer { outcome: Outcome::Done(Reply::Range { entries }), .. } => {
                entries.iter_mut().try_for_each(|entry| entry.each_thread(each))
            }
            Self::Deliver(delivery) => {
                delivery.entries.iter_mut().try_for_each(|entry| entry.each_thread(each))?;
                delivery.slots.iter_mut().try_for_each(|slot| each(&mut slot.thread))?;
                delivery.gaps.iter_mut().try_for_each(|gap| each(&mut gap.thread))?;
                delivery.heads.iter_mut().try_for_each(|head| each(&mut head.thread))
            }
            _ => Ok(()),
        }
    }
}

/// The first thread of a roster by name, for requests.
pub fn first_thread(roster: &RosterName, organisation: OrganisationId) -> ThreadId {
    roster.id(organisation).first_thread()
}
