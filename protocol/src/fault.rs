//! Faults: every refusal that can cross the network or reach a person.
//!
//! A code is stable for ever. Its sentences live in the catalogue `locales/{fr,en}.ftl`:
//! `fault-<code>` says what happened, its attribute `.advice` what to do.

use std::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{Hash, Timestamp};

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal;)*) => {
        /// What went wrong, in one stable word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultCode { $($(#[$doc])* $name),* }

        impl FaultCode {
            /// Every code, for the catalogue's test and the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word, as it crosses the network.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }
        }
    };
}

faults! {
    /// Not CBOR, not the expected shape, or cut short.
    Malformed = "malformed", 400;
    /// Larger than the limit; refused before parsing.
    TooLarge = "too_large", 413;
    /// Larger than a message may be.
    MessageTooLong = "message_too_long", 413;
    /// A reaction is one sign; the number is how many bytes it may take.
    ReactionInvalid = "reaction_invalid", 422;
    /// A title is one line; the number is how many characters it may take.
    TitleInvalid = "title_invalid", 422;
    /// Several objects bear a name that begins so.
    AmbiguousName = "ambiguous_name", 409;
    /// A request of a kind that this version does not know.
    UnknownRequest = "unknown_request", 400;
    /// No such page, method or media type.
    NoSuchRoute = "no_such_route", 404;
    /// The page exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405;
    /// The body is not of the media type `application/cbor`.
    UnsupportedMedia = "unsupported_media", 415;
    /// No proof of a device came with the request.
    Unauthenticated = "unauthenticated", 401;
    /// The signature or token does not belong to this device.
    BadProof = "bad_proof", 401;
    /// The token's ten minutes are over.
    TokenExpired = "token_expired", 401;
    /// The request number was used already.
    RequestReplayed = "request_replayed", 409;
    /// This device is not in the inventory.
    NotInInventory = "not_in_inventory", 403;
    /// The device was revoked.
    DeviceRevoked = "device_revoked", 403;
    /// The device's evidence rests on a key that its maker has revoked; an administrator decides.
    DeviceSuspended = "device_suspended", 403;
    /// The device's evidence is too old: it may show new evidence, and nothing else until then.
    ReattestationRequired = "reattestation_required", 403;
    /// Too long without contact: the device opens when it reaches the relay.
    DeviceLocked = "device_locked", 403;
    /// The content of this device was destroyed.
    DeviceWiped = "device_wiped", 410;
    /// A lease of another device, of another time, or whose signature does not hold.
    LeaseInvalid = "lease_invalid", 422;
    /// The exception by which a phone was admitted without evidence is over.
    ExceptionOver = "exception_over", 403;
    /// The device waits for an administrator's approval.
    DevicePending = "device_pending", 403;
    /// The role does not allow this.
    Forbidden = "forbidden", 403;
    /// Another organisation's device, certificate or object.
    AlienOrganisation = "alien_organisation", 403;
    /// Not a member of this thread.
    NotAMember = "not_a_member", 403;
    /// No such thread, roster or object.
    NotFound = "not_found", 404;
    /// The ticket, its secret or its enrolment is wrong, unknown or burnt.
    EnrolmentInvalid = "enrolment_invalid", 403;
    /// The ticket was used already.
    EnrolmentUsed = "enrolment_used", 409;
    /// The ticket's time is over.
    EnrolmentExpired = "enrolment_expired", 410;
    /// The device's evidence does not hold.
    AttestationRejected = "attestation_rejected", 422;
    /// The relay's list of revoked attestation keys is missing or too old to admit a phone.
    StatusListStale = "status_list_stale", 503;
    /// The inventory entry has an active device already.
    EntryAlreadyBound = "entry_already_bound", 409;
    /// A statement whose signature or author does not hold.
    StatementForged = "statement_forged", 422;
    /// A statement that does not follow the chain's head.
    StatementOutOfOrder = "statement_out_of_order", 409;
    /// A statement that its author may not make.
    StatementForbidden = "statement_forbidden", 403;
    /// Policies change by a proposal that somebody else approves.
    SecondPersonRequired = "second_person_required", 403;
    /// A proposal that nobody else can approve and that has not waited a day; the time is when it has.
    ApprovalWaits = "approval_waits", 409;
    /// A proposal on top of another version of the policy than the one that stands; the number is that
    /// version's statement.
    PolicyOutdated = "policy_outdated", 409;
    /// Hours, a rota or a rest that make no sense; the reason says which rule they break.
    HoursInvalid = "hours_invalid", 422;
    /// The bundled time zone data does not hold this zone.
    ZoneUnknown = "zone_unknown", 422;
    /// An override without a legal basis, an end or a reason, or longer than a day.
    OverrideInvalid = "override_invalid", 422;
    /// An author's sixth urgency or override within 24 hours; the number is how many are allowed.
    OverrideLimit = "override_limit", 429;
    /// An urgency or override that reaches so many people needs a second holder's approval; the number
    /// is above how many.
    SecondApproverRequired = "second_approver_required", 403;
    /// A prolongation of service that the calendar does not allow, or too long; the reason says why.
    ProlongationRefused = "prolongation_refused", 403;
    /// Hours that break the floors of rest; the reasons are the floors.
    FloorsBroken = "floors_broken", 422;
    /// A profile of floors that is not known, of another format or without its text.
    ProfileInvalid = "profile_invalid", 422;
    /// A proof that does not hold; the reasons say which part.
    ProofInvalid = "proof_invalid", 422;
    /// The chain of statements that the relay shows has a gap or was changed.
    StatementsWithheld = "statements_withheld", 409;
    /// No administrator has dated the chain's head for seven days.
    StatementsOld = "statements_old", 409;
    /// Commits came meanwhile; seal again under the newer epoch.
    StaleEpoch = "stale_epoch", 409;
    /// Another commit came first.
    CommitConflict = "commit_conflict", 409;
    /// Not a commit that this roster can take.
    CommitInvalid = "commit_invalid", 422;
    /// A removal must be committed before normal entries.
    RemovalOpen = "removal_open", 409;
    /// No key package of that device is in stock.
    NoKeyPackage = "no_key_package", 409;
    /// A slot of a higher version stands already.
    SlotOutdated = "slot_outdated", 409;
    /// The relay has names, published by another administrator, that this computer has not read.
    NamesUnread = "names_unread", 409;
    /// Somebody has received it already.
    TooLate = "too_late", 409;
    /// The common ciphertext that an announcement names is not here; bring it again.
    CommonMissing = "common_missing", 409;
    /// A receipt of another device, for another version, or whose signature does not hold.
    ReceiptInvalid = "receipt_invalid", 422;
    /// A newer version of this announcement stands; acknowledge that one.
    Corrected = "corrected", 409;
    /// The author is off duty and composed this for the reopening.
    OffHours = "off_hours", 409;
    /// The chain of a thread does not fit what was received.
    ChainBroken = "chain_broken", 409;
    /// A sealed entry that does not open or whose author does not hold.
    EntryRejected = "entry_rejected", 422;
    /// The device's clock is far from the relay's.
    ClockWrong = "clock_wrong", 409;
    /// The device is not enrolled.
    NotEnrolled = "not_enrolled", 409;
    /// The relay's certificate is not the pinned one.
    PinMismatch = "pin_mismatch", 495;
    /// No contact with the relay.
    Unreachable = "unreachable", 503;
    /// The disk is full.
    DiskFull = "disk_full", 507;
    /// The local database is damaged.
    StoreCorrupt = "store_corrupt", 500;
    /// The local database was written by a newer version.
    StoreTooNew = "store_too_new", 500;
    /// The passphrase does not open this folder.
    WrongPassphrase = "wrong_passphrase", 403;
    /// A file on this computer is larger than what is read of its kind.
    FileTooLarge = "file_too_large", 413;
    /// A file on this computer is not of the kind that was asked for.
    FileUnreadable = "file_unreadable", 422;
    /// A file on this computer holds no evidence of a phone.
    EvidenceUnreadable = "evidence_unreadable", 422;
    /// A file on this computer stands already, and is not overwritten.
    FileExists = "file_exists", 409;
    /// Columns lack in the first line of a file, or stand twice; the reasons are their names.
    ImportColumns = "import_columns", 422;
    /// Lines of a file were refused and the others imported; the number is how many were refused.
    ImportIncomplete = "import_incomplete", 422;
    /// The relay is being stopped; come again.
    ShuttingDown = "shutting_down", 503;
    /// Too many requests; the number says in how many seconds to come again.
    TooManyRequests = "too_many_requests", 429;
    /// An address for wake-ups that is not `https`, too long, or at a host that the settings do not name.
    WakeUpRefused = "wake_up_refused", 422;
    /// The relay was restored and waits for the organisation's statements.
    Restoring = "restoring", 503;
    /// A backup that is incomplete, altered, or none.
    BackupDamaged = "backup_damaged", 422;
    /// A defect of ours.
    Internal = "internal", 500;
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for FaultCode {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(UnknownCode)
    }
}

/// A code that this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown fault code")]
pub struct UnknownCode;

impl<C> Encode<C> for FaultCode {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for FaultCode {
    /// A newer relay's code reads as [`FaultCode::Internal`]: refused, and said so.
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Ok(d.str()?.parse().unwrap_or(Self::Internal))
    }
}

/// A refusal: its code, and what the receiver needs to act on it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, thiserror::Error)]
#[cbor(map)]
#[error("{code}")]
pub struct Fault {
    /// What went wrong.
    #[n(0)]
    pub code: FaultCode,
    /// When working hours reopen, for `off_hours`; when a proposal may be confirmed, for `approval_waits`.
    #[n(1)]
    pub reopens_at: Option<Timestamp>,
    /// A number that the code defines: the last request number, the head of a chain, a limit.
    #[n(2)]
    pub number: Option<u64>,
    /// Which checks failed, as stable words; never content.
    #[n(3)]
    pub reasons: Option<Vec<String>>,
    /// A hash that the code defines: the one that the next statement must follow.
    #[n(4)]
    pub hash: Option<Hash>,
}

impl Fault {
    /// A fault with nothing but its code.
    pub fn new(code: FaultCode) -> Self {
        Self { code, reopens_at: None, number: None, reasons: None, hash: None }
    }

    /// Adds the number that the code defines.
    pub fn with_number(self, number: u64) -> Self {
        Self { number: Some(number), ..self }
    }

    /// Adds the hash that the code defines.
    pub fn with_hash(self, hash: Hash) -> Self {
        Self { hash: Some(hash), ..self }
    }

    /// Adds the checks that failed.
    pub fn with_reasons(self, reasons: Vec<String>) -> Self {
        Self { reasons: Some(reasons), ..self }
    }
}

impl From<FaultCode> for Fault {
    fn from(code: FaultCode) -> Self {
        Self::new(code)
    }
}

impl From<crate::codec::CodecError> for Fault {
    fn from(error: crate::codec::CodecError) -> Self {
        Self::new(match error {
            crate::codec::CodecError::TooLarge { .. } => FaultCode::TooLarge,
            _ => FaultCode::Malformed,
        })
    }
}
