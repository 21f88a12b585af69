//! What a relay counts for who watches over it. Kinds and codes only: no word about anybody.

use std::collections::BTreeMap;

use estafette_protocol::FaultCode;
use estafette_protocol::frame::RequestBody;

/// How something ended: the fault, or well.
type Ended = Option<FaultCode>;

/// Counts since they were taken last.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests of devices by kind and outcome.
    pub requests: BTreeMap<(&'static str, Ended), u64>,
    /// Entries offered by outcome.
    pub entries: BTreeMap<Ended, u64>,
    /// Entries delivered.
    pub delivered: u64,
    /// Phones that are barred since, less those that are free again.
    pub barred: i64,
}

impl Tally {
    pub(crate) fn request(&mut self, kind: &'static str, ended: Ended) {
        *self.requests.entry((kind, ended)).or_default() += 1;
    }

    pub(crate) fn entry(&mut self, ended: Ended) {
        *self.entries.entry(ended).or_default() += 1;
    }
}

/// What a request of a kind that this version does not know is counted as.
pub(super) const UNKNOWN: &str = "unknown";

/// The word for a kind of request.
pub(super) fn kind(body: &RequestBody) -> &'static str {
    match body {
        RequestBody::Hello { .. } => "hello",
        RequestBody::Stored { .. } => "stored",
        RequestBody::Append { .. } => "append",
        RequestBody::Range { .. } => "range",
        RequestBody::Commit(_) => "commit",
        RequestBody::State { .. } => "state",
        RequestBody::Statements { .. } => "statements",
        RequestBody::Commits { .. } => "commits",
        RequestBody::KeyPackages { .. } => "key_packages",
        RequestBody::Reserve { .. } => "reserve",
        RequestBody::Group { .. } => "group",
        RequestBody::Slot { .. } => "slot",
        RequestBody::CommitRefused(_) => "commit_refused",
        RequestBody::Directory(_) => "directory",
        RequestBody::DatedHead(_) => "dated_head",
        RequestBody::Inventory { .. } => "inventory",
        RequestBody::Ticket(_) => "ticket",
        RequestBody::Pending => "pending",
        RequestBody::RefuseEnrolment { .. } => "refuse_enrolment",
        RequestBody::Check { .. } => "check",
        RequestBody::Recover { .. } => "recover",
        RequestBody::Erase { .. } => "erase",
        RequestBody::Recall { .. } => "recall",
        RequestBody::Bundle(_) => "bundle",
        RequestBody::Acknowledge(_) => "acknowledge",
        RequestBody::Common(_) => "common",
        RequestBody::Orders { .. } => "orders",
        RequestBody::Wiped(_) => "wiped",
        RequestBody::Contacts => "contacts",
        RequestBody::Reachability(_) => "reachability",
        RequestBody::Statistics { .. } => "statistics",
        RequestBody::Knowledge => "knowledge",
        RequestBody::Audit { .. } => "audit",
        RequestBody::Urgencies => "urgencies",
        RequestBody::WakeUps { .. } => "wake_ups",
        RequestBody::Answer(_) => "answer",
        RequestBody::Challenge => "challenge",
        RequestBody::Attest(_) => "attest",
    }
}
