//! What may happen in a random day, and how often.
//!
//! Always true: everything is drawn before the day begins, so that what happens changes nothing of
//! what was drawn.

use estafette_protocol::Timestamp;
use rand_core::RngCore as _;

use super::{By, Deed, Past, Step, deeds};
use crate::clock::{MINUTE, SECOND, paris};
use crate::defect::Defect;
use crate::network::{Cut, Link};

/// Messages of one schedule.
const MESSAGES: u64 = 40;
/// What becomes of messages in one schedule, beside disagreements.
const CHANGES: u64 = 12;
/// Announcements and corrections of one schedule.
const ANNOUNCEMENTS: u64 = 3;
/// How often somebody acknowledges, or tries to.
const ACKNOWLEDGEMENTS: u64 = 10;
/// What is put into the note of one schedule.
const NOTE_EDITS: u64 = 8;
/// Faults of one schedule, beside its crash.
const FAULTS: u64 = 5;

/// The generator of one day.
pub(super) struct Draw(pub rand_chacha::ChaCha20Rng);

/// A message that is to be written.
#[derive(Clone, Copy)]
struct Planned {
    at: Timestamp,
    author: usize,
    number: u64,
}

impl Draw {
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.0.next_u64() % (most - least + 1)
    }

    pub fn moment(&mut self, from: &str, until: &str) -> Timestamp {
        Timestamp(self.between(paris(0, from).0, paris(0, until).0))
    }

    /// Around the closing at noon or the opening at 13:00, often close to either.
    fn working_moment(&mut self) -> Timestamp {
        match self.between(0, 5) {
            0 => self.moment("11:58", "12:01"),
            1 => self.moment("12:59", "13:01"),
            2 | 3 => self.moment("11:40", "12:05"),
            _ => self.moment("12:50", "13:20"),
        }
    }

    /// Device 0 is the administrator's computer, which is in no roster; the one after the phones is
    /// the first agent's other device, which sleeps until it is let in.
    pub fn schedule(&mut self, phones: usize, defect: Option<Defect>) -> Vec<(Timestamp, Step)> {
        let phones = phones as u64;
        let mut steps = Vec::new();
        let mut planned = Vec::new();
        for number in 0..MESSAGES {
            let author = self.between(1, phones) as usize;
            let roster = self.between(0, 1) as usize;
            let at = self.working_moment();
            planned.push(Planned { at, author, number });
            steps.push((at, Step::Write { author, roster, number }));
        }
        for _ in 0..FAULTS {
            let at = self.working_moment();
            let device = self.between(0, phones) as usize;
            steps.push((at, self.fault(device)));
        }
        let at = self.working_moment();
        let device = self.between(1, phones) as usize;
        let milliseconds = self.between(SECOND, 10 * MINUTE);
        let after_commit = self.between(0, 1) == 1;
        let crash = match self.between(0, 1) {
            0 => Step::CrashDevice { device, milliseconds, after_commit },
            _ => Step::CrashRelay { seconds: self.between(1, 60) },
        };
        steps.push((at, crash));
        let leaver = self.between(1, phones) as usize;
        let at = self.working_moment();
        match self.between(0, 3) {
            0 | 1 => steps.push((at, Step::Remove { device: leaver, roster: self.between(0, 1) as usize })),
            2 if defect.is_none() => steps.push((at, Step::Revoke { device: leaver })),
            _ => {}
        }
        let at = self.working_moment();
        let history = match self.between(0, 3) {
            0 => Past::None,
            1 => Past::All,
            _ => Past::Minutes(self.between(1, 60)),
        };
        // Where nobody turns the keys, an arrival would wait for ever.
        if defect != Some(Defect::NoRekey) {
            steps.push((at, Step::Admit { roster: self.between(0, 1) as usize, history }));
            self.other_device(phones, defect, &mut planned, &mut steps);
        }
        self.changes(phones, &planned, &mut steps);
        // Half of the days have announcements, the others a note.
        match self.between(0, 1) {
            0 => self.announcements(phones, &mut steps),
            _ => self.note(phones, &mut steps),
        }
        steps
    }

    /// A backup in the morning, and later the loss of what it was made of.
    pub fn disaster(&mut self, steps: &mut Vec<(Timestamp, Step)>) {
        steps.push((self.moment("11:41", "11:59"), Step::BackUp));
        let seconds = self.between(5, 300);
        steps.push((self.moment("12:01", "13:15"), Step::LoseRelay { seconds }));
    }

    /// A note that many write in.
    fn note(&mut self, phones: u64, steps: &mut Vec<(Timestamp, Step)>) {
        for number in 0..NOTE_EDITS {
            let device = self.between(1, phones + 1) as usize;
            steps.push((self.working_moment(), Step::Note { device, number }));
        }
    }

    /// Announcements, a correction perhaps, and people who acknowledge what they see, some of them twice.
    fn announcements(&mut self, phones: u64, steps: &mut Vec<(Timestamp, Step)>) {
        for number in 0..ANNOUNCEMENTS {
            let corrects = number > 0 && self.between(0, 1) == 0;
            steps.push((self.working_moment(), Step::Announce { number, corrects }));
        }
        for _ in 0..ACKNOWLEDGEMENTS {
            let device = self.between(1, phones + 1) as usize;
            let back = self.between(0, 1) as usize;
            steps.push((self.working_moment(), Step::Acknowledge { device, back }));
        }
    }

    fn fault(&mut self, device: usize) -> Step {
        let milliseconds = self.between(SECOND, 15 * MINUTE);
        match self.between(0, 5) {
            0 => Step::Cut { device, how: Cut::Clean, milliseconds },
            1 => Step::Cut { device, how: Cut::MidFrame, milliseconds },
            2 => Step::Cut { device, how: Cut::Late, milliseconds },
            3 => Step::Relink { device, link: Link::losing_acks(self.between(1, 3) as u32) },
            4 => Step::Relink { device, link: Link::doubling_exchanges(self.between(1, 3) as u32) },
            _ => Step::Relink { device, link: Link { loss: 20, ..Link::thin() } },
        }
    }

    /// In half of the days the first agent gets another device, in some of them instead of the phone.
    /// It writes, and where both live they disagree about a message, one of them out of reach.
    fn other_device(
        &mut self,
        phones: u64,
        defect: Option<Defect>,
        planned: &mut Vec<Planned>,
        steps: &mut Vec<(Timestamp, Step)>,
    ) {
        if self.between(0, 1) == 0 {
            return;
        }
        let device = phones as usize + 1;
        let comes = self.working_moment();
        let instead = self.between(0, 3) == 0 && defect.is_none();
        steps.push((comes, Step::OtherDevice { instead }));
        for number in MESSAGES..MESSAGES + 4 {
            let at = self.working_moment().max(Timestamp(comes.0 + 5 * SECOND));
            let roster = self.between(0, 1) as usize;
            planned.push(Planned { at, author: device, number });
            steps.push((at, Step::Write { author: device, roster, number }));
        }
        let cut = Timestamp(self.moment("13:05", "13:20").0.max(comes.0 + MINUTE));
        let of_agent = |message: &Planned| message.author == 1 || message.author == device;
        let Some(number) = self.written_before(cut, planned, of_agent) else { return };
        let milliseconds = self.between(30 * SECOND, 4 * MINUTE);
        steps.push((cut, Step::Cut { device, how: Cut::Clean, milliseconds }));
        let (one, other) = match self.between(0, 2) {
            0 => (Deed::Edit(100), Deed::Edit(101)),
            1 => (Deed::Edit(100), Deed::Erase),
            _ => (Deed::Erase, Deed::Edit(100)),
        };
        for (by, deed) in [(By::Anybody(device), one), (By::Anybody(1), other)] {
            let at = Timestamp(cut.0 + self.between(1, 20) * SECOND);
            steps.push((at, Step::Change { number, by, deed }));
        }
    }

    /// A message that may stand at an instant.
    fn written_before(
        &mut self,
        at: Timestamp,
        planned: &[Planned],
        which: impl Fn(&Planned) -> bool,
    ) -> Option<u64> {
        let early: Vec<_> = planned
            .iter()
            .filter(|message| message.at < at && which(message))
            .map(|one| one.number)
            .collect();
        let last = early.len().checked_sub(1)?;
        Some(early[self.between(0, last as u64) as usize])
    }

    fn changes(&mut self, phones: u64, planned: &[Planned], steps: &mut Vec<(Timestamp, Step)>) {
        for version in 0..CHANGES {
            let at = self.working_moment();
            let Some(number) = self.written_before(at, planned, |_| true) else { continue };
            let author = if self.between(0, 3) == 0 { By::Other } else { By::Author };
            let anybody = By::Anybody(self.between(1, phones) as usize);
            let (by, deed) = match self.between(0, 9) {
                0..=3 => (author, Deed::Edit(version)),
                4..=7 => (anybody, Deed::React(self.between(0, deeds::SIGNS.len() as u64 - 1) as usize)),
                _ => (author, Deed::Erase),
            };
            steps.push((at, Step::Change { number, by, deed }));
        }
        // In some days somebody lies.
        if self.between(0, 2) == 0 {
            let (at, liar) = (self.working_moment(), self.between(1, phones) as usize);
            if let Some(number) = self.written_before(at, planned, |message| message.author != liar) {
                steps.push((at, Step::Change { number, by: By::Anybody(liar), deed: Deed::Forge(200) }));
            }
        }
    }
}
