//! What happens to a relay, and what it wants done. Values only: no sockets, no clock.
//!
//! Always true: what acknowledges a write is an effect of [`Event::Committed`], never of the
//! event that asked for the write. Bytes for a device are [`Outbound`], which only the
//! [`crate::outlet`] can make.

use std::sync::Arc;
use std::time::Duration;

use estafette_attest::RevocationList;
use estafette_protocol::enrol::{BeginRequest, BeginResponse, CompleteRequest, EnrolmentState, FoundRequest};
use estafette_protocol::lease::SignedLease;
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, Fault, Hash, LogGeneration, OrganisationId, Timestamp,
};

use crate::outlet::{Outbound, OutboundMessages};
use crate::store::{Batch, BatchOutcome, StoreError};
use crate::wake_up::Endpoint;

/// An open socket, named by the driver; never used twice while the relay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// An HTTP request that waits for its answer, named by the driver; never used twice while the relay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// A batch of writes, named by the relay, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// A socket opened with a token whose signature, audience and end the driver has checked.
    Opened {
        /// The socket.
        session: SessionId,
        /// As the token says.
        device: DeviceId,
        /// As the token says.
        organisation: OrganisationId,
        /// As the token says; another one than the device's closes the socket.
        auth_epoch: AuthEpoch,
    },
    /// One binary message of a socket.
    Frame {
        /// The socket.
        session: SessionId,
        /// CBOR of one request, if it is one.
        bytes: Vec<u8>,
    },
    /// A socket is gone. Nothing more is sent to it; writes under way are finished all the same.
    Closed {
        /// The socket.
        session: SessionId,
    },
    /// The body of `POST /v1/exchange`. Answered by one [`Effect::Reply`].
    Exchange {
        /// The HTTP request.
        call: CallId,
        /// CBOR of an `ExchangeRequest`, if it is one.
        bytes: Vec<u8>,
    },
    /// A request of somebody who has no certificate yet. Answered by one [`Effect::Reply`].
    Enrol {
        /// The HTTP request.
        call: CallId,
        /// What is asked.
        request: EnrolRequest,
    },
    /// A device was refused before its request reached the relay.
    Refused {
        /// The device that proved itself on that connection.
        device: DeviceId,
        /// Why.
        fault: Fault,
    },
    /// A batch is durable, or it is not. Every [`Effect::Commit`] is answered by one, in their order.
    Committed {
        /// The batch.
        batch: BatchId,
        /// What became of it.
        outcome: Result<BatchOutcome, StoreError>,
    },
    /// The store was changed by another program: what is in memory is read anew.
    Registry,
    /// The time asked for by [`Effect::WakeAt`] has come; harmless at any other time.
    Tick {
        /// Time since the driver started, from a clock that nobody sets; `None` where there is none.
        monotonic: Option<Duration>,
    },
    /// A person has said that the clock is right after a jump.
    ClockConfirmed,
    /// A person has said that a restored log need not wait for an administrator's device.
    RestoreConfirmed,
    /// Google's list of revoked attestation keys has come, or come anew.
    Revoked(Arc<RevocationList>),
    /// The relay is being stopped: sessions end with `shutting_down`, new ones are refused.
    Drain,
}

/// What can be asked without a certificate.
#[derive(Debug, Clone)]
pub enum EnrolRequest {
    /// Starts an enrolment.
    Begin(BeginRequest),
    /// Completes it.
    Complete(Box<CompleteRequest>),
    /// Asks where it stands; the same proof as for its start.
    Status(BeginRequest),
    /// Founds the organisation, or lets the organisation key appoint an administrator's computer.
    Found(Box<FoundRequest>),
}

/// What the relay wants done.
#[derive(Debug)]
pub enum Effect {
    /// One binary message for a socket.
    Send {
        /// The socket.
        session: SessionId,
        /// The message.
        bytes: Outbound,
    },
    /// The answer to an HTTP request.
    Reply {
        /// The request.
        call: CallId,
        /// The answer, or the refusal to be shown as a problem document.
        answer: Result<Answer, Fault>,
    },
    /// Writes to be made durable, in the order of the effects; several may share one transaction.
    Commit {
        /// The name by which [`Event::Committed`] reports it.
        id: BatchId,
        /// The writes.
        batch: Batch,
    },
    /// A socket to be closed once what was sent to it is out. Its last message says why.
    Close {
        /// The socket.
        session: SessionId,
        /// Why.
        fault: Fault,
    },
    /// A device that listens nowhere is to be woken.
    Wake {
        /// Which.
        device: DeviceId,
        /// Where its push server is asked.
        endpoint: Endpoint,
    },
    /// A [`Event::Tick`] is wanted then; replaces the last one asked for.
    WakeAt(Timestamp),
}

/// An answer to an HTTP request.
#[derive(Debug)]
pub enum Answer {
    /// To an exchange. The driver makes the token from the grant and encodes the response.
    Exchange {
        /// The relay's clock.
        relay_time: Timestamp,
        /// The relay's log.
        log: LogGeneration,
        /// Answers and deliveries, in order.
        messages: OutboundMessages,
        /// For a device in force.
        granted: Option<Box<Granted>>,
    },
    /// To the start of an enrolment.
    Begun(BeginResponse),
    /// To the other enrolment requests; `Active` where an organisation was founded.
    State(EnrolmentState),
}

/// What a device in force gets with each exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// What the token says.
    pub grant: Grant,
    /// How long the device may do without contact.
    pub lease: SignedLease,
}

/// What a token says about its bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The device.
    pub device: DeviceId,
    /// Its agent.
    pub agent: AgentNumber,
    /// SHA-256 of the ES256 key that signed the request.
    pub key: Hash,
    /// Its authentication epoch: the token is worth nothing after it changes.
    pub auth_epoch: AuthEpoch,
    /// When the token ends.
    pub expires_at: Timestamp,
}
