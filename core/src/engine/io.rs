//! What goes into the engine and what comes out of it.

use std::time::Duration;

use estafette_protocol::announcement::Replies;
use estafette_protocol::exchange::ExchangeRequest;
use estafette_protocol::statement::Class;
use estafette_protocol::urgency::Terms;
use estafette_protocol::{AgentNumber, EntryUid, Fault, Hash, Position, Signature, ThreadId, Timestamp};

use crate::note::Splice;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// A person or a program asks for something.
    Command {
        /// Chosen by the caller; the answer repeats it.
        id: u64,
        /// What is asked.
        command: Command,
    },
    /// Nobody waits any more for a command that needs the relay. Where it has not left, it is forgotten and answered
    /// with [`FaultCode::Unreachable`]; one that was carried out is unknown by then, and stays carried out.
    Withdraw {
        /// The command's number.
        id: u64,
    },
    /// The network moved.
    Link(LinkInput),
    /// The hardware has answered [`Effect::Attest`]: CBOR of the attestation crate's evidence, and the
    /// signature of the device's key.
    Attested(Result<(Vec<u8>, Signature), Fault>),
    /// The time asked for with [`Effect::WakeAt`] has come. Harmless when it has not.
    Tick,
}

/// What a person or a program can ask. Each is durable when its answer is given.
#[derive(Debug, Clone)]
pub enum Command {
    /// Writes a message into a thread.
    Write {
        /// The thread.
        thread: ThreadId,
        /// 1 to 10,000 characters, kept as they are.
        text: String,
        /// The messages that it answers.
        parents: Vec<EntryUid>,
        /// The agents whom it names.
        mentions: Vec<AgentNumber>,
        /// When it shall leave.
        when: When,
    },
    /// Notes that the agent has looked at the notices of derogations. Answer: [`CommandAnswer::Done`].
    NoticesSeen,
    /// Gives a message of this agent another text, or chooses between versions that were written
    /// without knowing of each other.
    Edit {
        /// The message.
        item: EntryUid,
        /// 1 to 10,000 characters.
        text: String,
    },
    /// Answers a message with one sign.
    React {
        /// The message.
        item: EntryUid,
        /// At most 32 bytes; nothing withdraws the last one.
        emoji: Option<String>,
    },
    /// Erases a message of this agent from every device and from the relay.
    Erase {
        /// The message.
        item: EntryUid,
    },
    /// Takes a message of this device back, if nobody has received it.
    Cancel {
        /// The message.
        item: EntryUid,
    },
    /// Begins a note, a text that the members of a thread write together.
    CreateNote {
        /// The thread.
        thread: ThreadId,
        /// One line of 1 to 100 characters; it stays.
        title: String,
        /// What it begins as, at most 200,000 characters.
        text: String,
    },
    /// Writes an urgent message: it reaches everybody on call at once, whatever the author's own hours.
    Urgent {
        /// The thread.
        thread: ThreadId,
        /// 1 to 10,000 characters.
        text: String,
        /// Basis, reason and end. The relay reads them.
        terms: Terms,
        /// Minutes until the next of the rota is called, 1 to 60; 10 where nothing is said.
        minutes: Option<u16>,
    },
    /// Answers an urgent message: « j’y vais ».
    AnswerCall {
        /// The message.
        entry: EntryUid,
    },
    /// Ends the intervention that goes on, in the agent's own record.
    EndIntervention,
    /// « Je prolonge mon service », where the calendar allows it. The answer is the relay's.
    Prolong {
        /// At most an hour.
        length: Duration,
    },
    /// Edits the text of a note. Off the network edits gather into few entries.
    EditNote {
        /// The note.
        item: EntryUid,
        /// The version whose text the editor had before them ([`crate::reader::NoteRow::version`], or
        /// an earlier edit's answer); empty for the present one. What others wrote meanwhile stays.
        over: Vec<Hash>,
        /// What gives way to what, one after the other, each in the text that the ones before leave.
        splices: Vec<Splice>,
    },
    /// Names a thread; an empty title takes the name away.
    Title {
        /// The thread.
        thread: ThreadId,
        /// At most 100 characters.
        title: String,
    },
    /// Keeps a message at hand for all members of its thread, or no longer.
    Pin {
        /// The message.
        item: EntryUid,
        /// Whether it is.
        pinned: bool,
    },
    /// Keeps an unfinished message on this device; an empty one is forgotten.
    Draft {
        /// The thread.
        thread: ThreadId,
        /// So far.
        text: String,
        /// The messages that it answers.
        parents: Vec<EntryUid>,
    },
    /// Keeps a thread silent on this device.
    Mute {
        /// The thread.
        thread: ThreadId,
        /// Until then, relay's clock; 0 ends it.
        until: Timestamp,
    },
    /// Announces officially to teams (« consigne »): for those who are entitled.
    Announce {
        /// The teams' threads of announcements.
        threads: Vec<ThreadId>,
        /// 1 to 10,000 characters.
        text: String,
        /// Until when an acknowledgement is wanted, relay's clock; nothing where none is.
        due: Option<Timestamp>,
        /// Where answers go.
        replies: Replies,
    },
    /// Puts another version in the place of an announcement of this agent's, in the same teams. Who
    /// acknowledged that one is asked again.
    Correct {
        /// The version that stands.
        version: EntryUid,
        /// 1 to 10,000 characters.
        text: String,
        /// Until when an acknowledgement is wanted.
        due: Option<Timestamp>,
    },
    /// « Lu et compris ».
    Acknowledge {
        /// The version.
        version: EntryUid,
    },
    /// Marks a thread as read up to a position.
    Read {
        /// The thread.
        thread: ThreadId,
        /// The last position seen.
        up_to: Position,
    },
    /// Opens the thread of a class that this agent has with another.
    Direct {
        /// `Service`, `Personnel` or `Syndical`.
        class: Class,
        /// The other agent.
        with: AgentNumber,
    },
    /// Asks the relay whether anything is new. The answer is a [`CommandAnswer::Reply`] of `Fresh`;
    /// what is new follows by itself.
    Check,
    /// Offers a request to the relay as it is (administration); its answer comes back.
    Ask(estafette_protocol::frame::RequestBody),
    /// Signs acts as this device's statement and offers it, again with a new number when
    /// another came first.
    State(Vec<estafette_protocol::statement::Act>),
}

/// When a message shall leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum When {
    /// With the next contact; composed off duty, at the reopening.
    #[default]
    Now,
    /// At the beginning of the author's next time on duty: « à ma reprise ».
    NextDuty,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub enum CommandAnswer {
    /// Durable on this device.
    Written {
        /// The entry's name.
        uid: EntryUid,
        /// When it will leave, if hours are closed now.
        not_before: Option<Timestamp>,
    },
    /// The thread asked for.
    Thread(ThreadId),
    /// A note was edited. Durable on this device.
    Edited {
        /// What the edit makes of the version that it was made on: what an editor has before them
        /// who has not looked at what others wrote.
        version: Vec<Hash>,
    },
    /// Durable on this device.
    Done,
    /// The relay's answer to [`Command::Ask`] or [`Command::State`].
    Reply(estafette_protocol::frame::Reply),
    /// Refused; nothing was changed.
    Refused(Fault),
}

/// What the network did.
#[derive(Debug, Clone)]
pub enum LinkInput {
    /// A TLS connection to the pinned relay stands; nothing was sent on it.
    Connected,
    /// The answer to [`Effect::Exchange`]: CBOR of an `ExchangeResponse`, or the fault that came instead.
    Exchanged(Result<Vec<u8>, Fault>),
    /// The socket asked for with [`Effect::OpenSocket`] is open.
    SocketOpen,
    /// A binary message came on the socket.
    Frame(Vec<u8>),
    /// The connection is gone, or could not be made.
    Down,
    /// Something else than the pinned relay answers at its address. Tried again meanwhile.
    Impostor,
}

/// Something that shall happen, after what it rests on is durable.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Sends a binary message on the socket.
    Send(Vec<u8>),
    /// Posts an exchange. The driver fills in the ES256 signature, then encodes it.
    Exchange {
        /// Everything but `proof.signature`.
        request: Box<ExchangeRequest>,
        /// The bytes to be signed by the device's ES256 key.
        to_sign: Vec<u8>,
    },
    /// Has the hardware show anew what this phone is; answered by [`Input::Attested`].
    Attest {
        /// What a passing key is to be made for, or asserted.
        challenge: [u8; 32],
        /// The same for a second chain, which attests the serial number.
        id_challenge: [u8; 32],
        /// The bytes to be signed by the device's ES256 key; the evidence follows them.
        to_sign: Vec<u8>,
    },
    /// Opens the socket on the connection that carried the exchange.
    OpenSocket {
        /// From the exchange.
        token: String,
    },
    /// The link that is wanted from now on.
    Link(LinkWish),
    /// Call again with [`Input::Tick`] at this time; replaces what was asked before.
    WakeAt(Timestamp),
    /// Rows changed that a screen may show.
    Changed(Change),
    /// The answer to a command.
    Answer {
        /// The command's id.
        id: u64,
        /// How it ended.
        answer: CommandAnswer,
    },
}

/// Whether a connection is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkWish {
    /// Connect, again and again with growing pauses, and stay.
    Up,
    /// Close what stands; come again with [`LinkWish::Up`].
    Down,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Messages or marks of a thread.
    Thread(ThreadId),
    /// The list of threads.
    Threads,
    /// The outbox.
    Outbox,
    /// Hours, statements, names or the state of the device.
    Device,
    /// A fault to be shown.
    Fault,
    /// An announcement waits for this agent's « Lu et compris »: to be told once.
    Reminder(EntryUid),
    /// This agent is called to answer an urgent message: to be told at once, and aloud.
    Called(EntryUid),
    /// Nobody has answered an urgent message of this agent's, or of a team that they lead.
    Unanswered(EntryUid),
}
