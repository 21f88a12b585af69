//! How the steps that concern messages and an agent's other device are carried out.

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::enrol::succession;
use estafette_core::lease::Standing;
use estafette_core::note::Splice;
use estafette_protocol::announcement::Replies;
use estafette_protocol::statement::{Act, RevocationReason};
use estafette_protocol::{EntryUid, Timestamp};

use super::{By, Deed};
use crate::clock::HOUR;
use crate::device::Phone;
use crate::template::ANNOUNCER;
use crate::world::World;

/// What people answer with; the last withdraws.
pub(super) const SIGNS: [Option<&str>; 4] = [Some("👍"), Some("🙏"), Some("👀"), None];

impl World {
    pub(super) fn tell_change(&mut self, number: u64, by: By, deed: Deed) {
        let Some((author, item)) = self.numbered.get(&number).copied() else { return };
        let by = match by {
            By::Author => author,
            By::Other => self.other_of(author),
            By::Anybody(device) => Phone(device),
        };
        if self.devices[by.0].engine.is_none() || self.devices[by.0].crashes_next {
            return self.note(format_args!("{} is off and changes nothing", by.0));
        }
        let text = |version: u64| format!("message {number} de l'agent {}, version {version}", author.0);
        match deed {
            Deed::Edit(version) => {
                self.change(by, item, Command::Edit { item, text: text(version) }, "edit");
            }
            Deed::Erase => self.change(by, item, Command::Erase { item }, "erasure"),
            Deed::React(sign) => {
                let emoji = SIGNS[sign].map(str::to_owned);
                self.change(by, item, Command::React { item, emoji }, "reaction");
            }
            Deed::Forge(version) => self.forge(by, author, item, &text(version)),
        }
    }

    /// The other device of the first agent, where the first is meant; else the same.
    fn other_of(&self, phone: Phone) -> Phone {
        let other = Phone(self.devices.len() - 1);
        match phone {
            Phone(1) => other,
            phone if phone == other => Phone(1),
            phone => phone,
        }
    }

    fn change(&mut self, by: Phone, item: EntryUid, command: Command, what: &'static str) {
        let id = self.command(by, command);
        match self.answer(by, id) {
            Some(CommandAnswer::Done) => {
                self.faults.count(what);
                self.note(format_args!("{} changes {item}: {what}", by.0));
            }
            Some(CommandAnswer::Refused(fault)) => {
                self.note(format_args!("{} may not change {item}: {fault}", by.0));
            }
            // The transaction was given up, which the ledger holds already.
            _ => {}
        }
    }

    /// A device edits somebody else's message, as one would that was tampered with: to itself it
    /// says for a moment that the message is its own.
    fn forge(&mut self, liar: Phone, author: Phone, item: EntryUid, text: &str) {
        if self.agent(liar) == self.agent(author) {
            return;
        }
        let (own, true_author) = (self.device_id(liar), self.device_id(author));
        let claim = "UPDATE message SET author = ?2 WHERE uid = ?1 AND erased = 0";
        if self.database(liar).execute(claim, (&item.0[..], &own.0[..])).unwrap() == 0 {
            return;
        }
        let said = self.ledger.changes.len();
        let id = self.command(liar, Command::Edit { item, text: text.to_owned() });
        let answer = self.answer(liar, id);
        self.ledger.changes.truncate(said);
        self.database(liar).execute(claim, (&item.0[..], &true_author.0[..])).unwrap();
        if let Some(CommandAnswer::Done) = answer {
            self.faults.count("forged edit");
            self.note(format_args!("{} forges {item}", liar.0));
            self.ledger.forged.insert(item, liar);
        }
    }

    pub(super) fn tell_announce(&mut self, number: u64, corrects: bool) {
        let Some(roster) = self.organisation.announcements else { return };
        let issuer = ANNOUNCER;
        if self.devices[issuer.0].engine.is_none() || self.devices[issuer.0].crashes_next {
            return self.note(format_args!("{} is off and announces nothing", issuer.0));
        }
        let thread = roster.first_thread();
        let (text, due) = (format!("consigne {number}"), Some(Timestamp(self.now.0 + 2 * HOUR)));
        let last = self.ledger.announced.last().copied().filter(|_| corrects);
        let command = match last {
            Some(version) => Command::Correct { version, text: text.clone(), due },
            None => {
                let replies = Replies::Issuer;
                Command::Announce { threads: vec![thread], text: text.clone(), due, replies }
            }
        };
        let id = self.command(issuer, command);
        match self.answer(issuer, id) {
            Some(CommandAnswer::Written { uid, .. }) => {
                self.faults.count(if last.is_some() { "correction" } else { "announcement" });
                self.note(format_args!("{} announces {uid}", issuer.0));
                self.ledger.written(issuer, thread, uid, &text);
                self.ledger.announced.push(uid);
            }
            Some(CommandAnswer::Refused(fault)) => self.note(format_args!("not announced: {fault}")),
            _ => {}
        }
    }

    pub(super) fn tell_acknowledge(&mut self, device: usize, back: usize) {
        let phone = Phone(device);
        if self.devices[device].engine.is_none() || self.devices[device].crashes_next {
            return self.note(format_args!("{device} is off and acknowledges nothing"));
        }
        if self.standing(phone) != Standing::Open {
            return self.note(format_args!("{device} has nothing to acknowledge any more"));
        }
        let shown = self.announcements(phone);
        let Some(row) = shown.len().checked_sub(back + 1).map(|at| &shown[at]) else { return };
        let version = row.message.uid;
        let id = self.command(phone, Command::Acknowledge { version });
        match self.answer(phone, id) {
            Some(CommandAnswer::Done) => {
                self.faults.count("receipt");
                self.note(format_args!("{device} acknowledges {version}"));
                self.ledger.acknowledged.push((phone, version));
            }
            Some(CommandAnswer::Refused(fault)) => {
                self.note(format_args!("{device} may not acknowledge {version}: {fault}"));
            }
            _ => {}
        }
    }

    /// Each puts a word of its own between two others, on the text that its device shows.
    pub(super) fn tell_note(&mut self, device: usize, number: u64) {
        let phone = Phone(device);
        if self.devices[device].engine.is_none() || self.devices[device].crashes_next {
            return self.note(format_args!("{device} is off and writes in no note"));
        }
        if self.standing(phone) != Standing::Open {
            return self.note(format_args!("{device} has no note any more"));
        }
        let word = format!("[{number}]");
        let command = match self.day_note {
            None => {
                let thread = self.organisation.rosters[0].first_thread();
                Command::CreateNote { thread, title: "Tournée".to_owned(), text: word.clone() }
            }
            Some(item) => {
                let Some((_, row)) = self.reader(phone).note(item).unwrap() else { return };
                let ends = row.text.chars().enumerate().filter(|(_, letter)| *letter == ']');
                let mut places = vec![0];
                places.extend(ends.map(|(at, _)| at + 1));
                let position = places[number as usize % places.len()];
                let splices = vec![Splice { position, deleted: 0, inserted: word.clone() }];
                Command::EditNote { item, over: row.version, splices }
            }
        };
        let id = self.command(phone, command);
        match self.answer(phone, id) {
            Some(CommandAnswer::Written { uid, .. }) => self.day_note = Some(uid),
            Some(CommandAnswer::Edited { .. }) => {}
            Some(CommandAnswer::Refused(fault)) => {
                return self.note(format_args!("{device} may not write in the note: {fault}"));
            }
            _ => return,
        }
        self.faults.count("note");
        self.note(format_args!("{device} puts {word} into the note"));
        self.ledger.noted.push((phone, word));
    }

    /// What the administrator's desk states for another device of an agent, who may have it instead
    /// of the one before.
    pub(super) fn tell_other_device(&mut self, instead: bool) {
        let Some(other) = self.spare.take() else { return };
        self.faults.count(if instead { "new phone" } else { "second device" });
        let (device, agent) = (self.device_id(other), self.agent(other));
        let reader = self.reader(Phone(0));
        let inherited = succession(self.registry(), agent, |number| reader.stated_at(number)).unwrap();
        let revoke = Act::Revoke { device: self.device_id(Phone(1)), reason: RevocationReason::Replaced };
        let admissions =
            inherited.into_iter().map(|(roster, history)| Act::Admit { roster, device, history });
        let acts = instead.then_some(revoke).into_iter().chain(admissions).collect();
        self.command(Phone(0), Command::State(acts));
        self.start(other);
    }
}
