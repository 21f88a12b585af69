//! The day's note: whoever has it has the same of it, and no word that a member put there is missing.

use super::Verdict;
use crate::device::Phone;
use crate::world::World;

impl World {
    pub(super) fn judge_note(&self, verdict: &mut Verdict) {
        let Some(item) = self.day_note else { return };
        let thread = self.organisation.rosters[0].first_thread();
        let members: Vec<Phone> =
            self.phones().into_iter().filter(|phone| self.is_member(*phone, thread)).collect();
        let mut held = Vec::new();
        for phone in &members {
            let note = self.reader(*phone).note(item).unwrap();
            held.extend(note.map(|(_, row)| (*phone, row.text, row.version)));
        }
        let Some((first, text, version)) = held.first() else { return };
        for (phone, other, other_version) in &held {
            if (other, other_version) != (text, version) {
                verdict.diverged.push(format!("the note: {phone:?} {other:?}, {first:?} {text:?}"));
            }
        }
        for (by, word) in self.ledger.noted.iter().filter(|(by, _)| members.contains(by)) {
            match text.matches(word.as_str()).count() {
                1 => {}
                0 => verdict.lost.push(format!("the note has no {word} of {by:?}: {text:?}")),
                count => verdict.doubled.push(format!("the note has {word} of {by:?} {count} times")),
            }
        }
    }
}
