//! What must hold once the network is whole again and everything has come to rest.

mod announcements;
mod items;
mod notes;

use std::collections::{BTreeMap, BTreeSet};

use estafette_core::engine::Command;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::History;
use estafette_protocol::{EntryUid, Fault, ThreadId, Timestamp};

use crate::device::Phone;
use crate::view::{Kept, Shown};
use crate::world::World;

/// A message whose author was told that it is safe.
#[derive(Debug, Clone)]
pub struct Written {
    /// Who.
    pub author: Phone,
    /// Where.
    pub thread: ThreadId,
    /// Its name.
    pub uid: EntryUid,
    /// What.
    pub text: String,
}

/// What somebody did to a message, accepted by the device where it was done.
#[derive(Debug, Clone)]
pub struct Change {
    /// On which device.
    pub by: Phone,
    /// The message.
    pub item: EntryUid,
    /// What.
    pub said: Said,
}

/// What can be said about a message that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It has another text.
    Text(String),
    /// It is answered with a sign, or with none any more.
    Sign(Option<String>),
    /// It is erased.
    Erased,
}

impl Said {
    /// What a command says about which message.
    pub(crate) fn of(command: &Command) -> Option<(EntryUid, Self)> {
        match command {
            Command::Edit { item, text } => Some((*item, Self::Text(text.clone()))),
            Command::React { item, emoji } => Some((*item, Self::Sign(emoji.clone()))),
            Command::Erase { item } | Command::Cancel { item } => Some((*item, Self::Erased)),
            _ => None,
        }
    }
}

/// What the world saw while it ran.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Every message that was accepted by its author's device.
    pub written: Vec<Written>,
    /// What was done to messages and accepted, in order.
    pub changes: Vec<Change>,
    /// Messages for which a device has forged an edit, and which device.
    pub forged: BTreeMap<EntryUid, Phone>,
    /// Announcements accepted by their issuer's device.
    pub announced: Vec<EntryUid>,
    /// « Lu et compris », accepted by the device where it was given.
    pub acknowledged: Vec<(Phone, EntryUid)>,
    /// Words put into the day's note, and on which device.
    pub noted: Vec<(Phone, String)>,
    /// When a device was told more than its hours allow.
    pub off_hours: Vec<(Timestamp, Phone)>,
    /// Transactions that a device gave up.
    pub trouble: Vec<(Timestamp, Phone, Fault)>,
}

impl Ledger {
    pub(crate) fn written(&mut self, author: Phone, thread: ThreadId, uid: EntryUid, text: &str) {
        self.written.push(Written { author, thread, uid, text: text.to_owned() });
    }

    pub(crate) fn said(&mut self, by: Phone, item: EntryUid, said: Said) {
        self.changes.push(Change { by, item, said });
    }
}

/// What does not hold. Empty when all is well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Messages accepted and not in the relay's log, or not shown where they must be.
    pub lost: Vec<String>,
    /// Messages shown twice on a device.
    pub doubled: Vec<String>,
    /// Devices that do not show the relay's log as it stands, or not what the others show.
    pub diverged: Vec<String>,
    /// Erased messages that are shown.
    pub resurrected: Vec<String>,
    /// What is left of erased messages in rows of a device, or as sealed bytes at the relay.
    pub left_over: Vec<String>,
    /// Texts and signs that are shown and were not given by those whose they are.
    pub forged: Vec<String>,
    /// Receipts that are missing, or that the issuer does not count as the relay holds them.
    pub miscounted: Vec<String>,
    /// People with more than one receipt for a version.
    pub counted_twice: Vec<String>,
    /// Deliveries off duty.
    pub off_hours: Vec<String>,
    /// Entries sealed after a removal whose keys the removed device holds.
    pub opened_after_removal: Vec<String>,
    /// What a device holds keys of or shows though no statement grants it.
    pub opened_too_much: Vec<String>,
    /// Transactions that a device gave up.
    pub trouble: Vec<String>,
    /// Faults that devices show to their people.
    pub faults: Vec<String>,
}

/// The number of the reason "erased at the relay before it came here".
const ERASED: i64 = 4;

impl Verdict {
    /// Whether everything holds.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kinds = [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("diverged", &self.diverged),
            ("resurrected", &self.resurrected),
            ("left over", &self.left_over),
            ("forged", &self.forged),
            ("miscounted", &self.miscounted),
            ("counted twice", &self.counted_twice),
            ("off hours", &self.off_hours),
            ("opened after removal", &self.opened_after_removal),
            ("opened too much", &self.opened_too_much),
            ("trouble", &self.trouble),
            ("faults", &self.faults),
        ];
        for (kind, found) in kinds.iter().filter(|(_, found)| !found.is_empty()) {
            writeln!(f, "{kind}: {}", found.len())?;
            found.iter().take(5).try_for_each(|one| writeln!(f, "  {one}"))?;
        }
        Ok(())
    }
}

impl World {
    /// Looks at everything, with the eyes of the tests.
    pub fn verdict(&self) -> Verdict {
        let mut verdict = Verdict::default();
        let organisation = &self.organisation;
        let threads: BTreeSet<ThreadId> = organisation
            .rosters
            .iter()
            .chain(&organisation.announcements)
            .map(|roster| roster.first_thread())
            .chain(self.ledger.written.iter().map(|written| written.thread))
            .collect();
        for thread in threads {
            self.judge_thread(thread, &mut verdict);
            self.judge_items(thread, &mut verdict);
        }
        self.judge_receipts(&mut verdict);
        self.judge_note(&mut verdict);
        verdict.off_hours =
            self.ledger.off_hours.iter().map(|(at, phone)| format!("{at} {phone:?}")).collect();
        let trouble = self.ledger.trouble.iter();
        verdict.trouble = trouble.map(|(at, phone, fault)| format!("{at} {phone:?} {fault}")).collect();
        for phone in self.phones() {
            let faults = self.faults_shown(phone).into_iter();
            let serious = faults.filter(|code| {
                // What was forged is rejected, and devices say so.
                matches!(code.as_str(), "chain_broken" | "internal" | "commit_invalid" | "malformed")
                    || code == "entry_rejected" && self.ledger.forged.is_empty()
            });
            verdict.faults.extend(serious.map(|code| format!("{phone:?} {code}")));
        }
        verdict
    }

    /// Who must show a thread: those whose name for its roster stands in the statements.
    fn judge_thread(&self, thread: ThreadId, verdict: &mut Verdict) {
        let log = self.relay_log(thread);
        let placed: BTreeSet<EntryUid> = log.iter().map(|kept| kept.uid).collect();
        let erased = self.erased_items();
        let outboxes: BTreeMap<Phone, _> =
            self.phones().into_iter().map(|phone| (phone, self.outbox(phone))).collect();
        for written in self.ledger.written.iter().filter(|written| written.thread == thread) {
            let acknowledged = outboxes[&written.author].get(&written.uid) == Some(&2);
            let due = acknowledged || self.is_member(written.author, thread);
            if due && !placed.contains(&written.uid) && !erased.contains_key(&written.uid) {
                verdict.lost.push(format!("{} of {:?}: not in the relay's log", written.uid, written.author));
            }
        }
        for phone in self.phones() {
            self.judge_grants(phone, thread, &log, verdict);
            let shown = self.timeline(phone, thread);
            let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
            let texts = shown.iter().filter(|message| !message.erased).map(|message| &message.text);
            texts.for_each(|text| *counts.entry(text).or_default() += 1);
            for (text, _) in counts.into_iter().filter(|(_, count)| *count > 1) {
                verdict.doubled.push(format!("{phone:?}: {text}"));
            }
            if self.is_member(phone, thread) {
                self.judge_member(phone, thread, &log, &shown, verdict);
            } else {
                self.judge_former_member(phone, thread, &log, verdict);
            }
        }
    }

    fn is_member(&self, phone: Phone, thread: ThreadId) -> bool {
        let (registry, device) = (self.registry(), self.device_id(phone));
        let name = RosterName::Stated(thread.roster());
        match registry.roster(thread.roster()) {
            Some(_) => registry.membership(&name, device).is_some(),
            // A pair's: whoever holds one of its secrets, and is not revoked.
            None => {
                registry.device(device).is_some_and(|record| record.active())
                    && !self.epochs(phone, thread.roster()).is_empty()
            }
        }
    }

    fn judge_member(
        &self,
        phone: Phone,
        thread: ThreadId,
        log: &[Kept],
        shown: &[Shown],
        verdict: &mut Verdict,
    ) {
        let Some(first) = self.own_epochs(phone, thread.roster()).into_iter().next() else {
            if !log.is_empty() {
                verdict.diverged.push(format!("{phone:?} never joined {thread:?}"));
            }
            return;
        };
        let due: Vec<_> = log
            .iter()
            .filter(|kept| kept.makes_item && self.is_due(phone, thread, kept, first))
            .map(|kept| kept.uid)
            .collect();
        // What is shown as erased has lost its bytes at the relay.
        let gone: BTreeSet<_> =
            log.iter().filter(|kept| kept.sealed_under == (0, 0)).map(|kept| kept.uid).collect();
        // And what was erased before the relay was lost does not come back with its log.
        let erased = self.erased_items();
        let in_log: BTreeSet<_> = log.iter().map(|kept| kept.uid).collect();
        let stands = |message: &&Shown| {
            message.position > 0
                && !gone.contains(&message.uid)
                && (in_log.contains(&message.uid) || !erased.contains_key(&message.uid))
        };
        let placed: Vec<_> = shown.iter().filter(stands).collect();
        let seen: BTreeSet<EntryUid> = placed.iter().map(|message| message.uid).collect();
        for missing in due.iter().filter(|uid| !seen.contains(uid)) {
            verdict
                .lost
                .push(format!("{missing} is not shown on {phone:?} {:?}", self.unopened(phone, thread)));
        }
        if placed.iter().map(|message| message.uid).ne(due.iter().copied()) {
            verdict.diverged.push(format!("{phone:?} shows {} of {} in {thread:?}", placed.len(), due.len()));
        }
        for message in &placed {
            let stands = log.iter().find(|kept| kept.uid == message.uid).map(|kept| kept.position);
            if stands != Some(message.position) {
                verdict.diverged.push(format!("{phone:?} shows {} elsewhere", message.uid));
            }
        }
        let items = self.awaited_items(phone, thread);
        for (position, reason) in self.unopened(phone, thread) {
            // It changes what is not due here, or has lost its bytes at the relay.
            if items.get(&position).is_some_and(|item| !due.contains(item)) {
                continue;
            }
            let erased = |kept: &&Kept| kept.position == position && gone.contains(&kept.uid);
            if reason == ERASED && log.iter().any(|kept| erased(&kept)) {
                continue;
            }
            let before = log.iter().any(|kept| {
                kept.position == position
                    && kept.sealed_under < first
                    && !self.is_due(phone, thread, kept, first)
            });
            if !before || reason != 0 {
                verdict.diverged.push(format!("{phone:?} does not open {position}, reason {reason}"));
            }
        }
    }

    /// What a device must show: what was sealed since it came, and of before what its stay grants.
    fn is_due(&self, phone: Phone, thread: ThreadId, kept: &Kept, first: (u32, u64)) -> bool {
        let name = RosterName::Stated(thread.roster());
        let registry = self.registry();
        let Some(stay) =
            registry.roster(thread.roster()).and(registry.membership(&name, self.device_id(phone)))
        else {
            // A pair's past comes from whoever has it, or not at all.
            let handed = self.bundled_epochs(phone, thread.roster());
            return kept.sealed_under >= first || handed.contains(&kept.sealed_under);
        };
        match stay.history {
            // Of a generation founded when it was a member it may read all.
            History::None => {
                let founded = self.founded_at(thread.roster(), kept.sealed_under.0);
                kept.sealed_under >= first || founded.is_some_and(|at| stay.admitted <= at)
            }
            History::All => true,
            History::Since(instant) => kept.received_at >= instant,
        }
    }

    /// Whether some stay of a device gives it the right to an entry.
    fn is_granted(&self, phone: Phone, thread: ThreadId, kept: &Kept) -> bool {
        let (registry, device) = (self.registry(), self.device_id(phone));
        let name = RosterName::Stated(thread.roster());
        let history = registry.membership(&name, device).map(|stay| stay.history);
        let stood = self.lost_logs.get(&thread).into_iter().flatten().filter(|stood| stood.uid == kept.uid);
        stood.chain([kept]).any(|stood| {
            registry.membership_at(&name, device, stood.statement).is_some()
                || match history {
                    Some(History::All) => true,
                    Some(History::Since(instant)) => stood.received_at >= instant,
                    Some(History::None) | None => false,
                }
        })
    }

    /// A device never shows what no statement grants it, and holds no key that opens only that.
    fn judge_grants(&self, phone: Phone, thread: ThreadId, log: &[Kept], verdict: &mut Verdict) {
        if self.registry().roster(thread.roster()).is_none() {
            return;
        }
        let granted = |kept: &&Kept| self.is_granted(phone, thread, kept);
        let lost = self.lost_logs.get(&thread).map_or(&[][..], Vec::as_slice);
        let all = log.iter().chain(lost);
        let epochs: BTreeSet<_> = all.filter(granted).map(|kept| kept.sealed_under).collect();
        let erased = granted_and_erased(log, granted);
        let held = self.bundled_epochs(phone, thread.roster());
        let shown: BTreeSet<EntryUid> =
            self.timeline(phone, thread).into_iter().map(|message| message.uid).collect();
        for kept in log.iter().filter(|kept| !granted(kept)) {
            if shown.contains(&kept.uid) {
                verdict.opened_too_much.push(format!("{phone:?} shows {}", kept.uid));
            }
            let epoch = kept.sealed_under;
            let opens_erased = erased.iter().any(|(first, last)| (*first..=*last).contains(&epoch));
            if held.contains(&epoch) && !epochs.contains(&epoch) && !opens_erased {
                verdict.opened_too_much.push(format!("{phone:?} was handed the key of {}", kept.uid));
            }
        }
    }

    /// A removed device holds no key of what was sealed after its removal.
    fn judge_former_member(&self, phone: Phone, thread: ThreadId, log: &[Kept], verdict: &mut Verdict) {
        let (registry, device) = (self.registry(), self.device_id(phone));
        let name = RosterName::Stated(thread.roster());
        if !registry.was_member(&name, device) {
            return;
        }
        let still = |kept: &&Kept| registry.membership_at(&name, device, kept.statement).is_none();
        let epochs = self.epochs(phone, thread.roster());
        let ever =
            |kept: &Kept| registry.device(device).is_some_and(|record| record.certified <= kept.statement);
        let sealed = log.iter().filter(|kept| kept.sealed_under != (0, 0));
        for kept in sealed.filter(still).filter(|kept| ever(kept)) {
            if epochs.contains(&kept.sealed_under) {
                verdict.opened_after_removal.push(format!("{phone:?} holds the key of {}", kept.uid));
            }
        }
    }
}

type Sealed = (u32, u64);

/// Of each granted entry that has lost its bytes, the epochs in which it may have been sealed: from
/// the one before it in the log to the one after it.
fn granted_and_erased(log: &[Kept], granted: impl Fn(&&Kept) -> bool) -> Vec<(Sealed, Sealed)> {
    let known = |kept: &&Kept| kept.sealed_under != (0, 0);
    let ranges = log.iter().enumerate().filter(|(_, kept)| granted(kept) && !known(kept)).map(|(at, _)| {
        let before = log[..at].iter().rev().find(known).map_or((0, 0), |kept| kept.sealed_under);
        let after = log[at..].iter().find(known).map_or((u32::MAX, u64::MAX), |kept| kept.sealed_under);
        (before, after)
    });
    ranges.collect()
}
