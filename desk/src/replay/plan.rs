//! What goes wrong and when, decided before anything runs: the same seed and file give the same plan.
//!
//! Always true: of every five messages one is written while its author is cut, of every twenty
//! one while another device is cut too, and in every twenty one connection breaks by itself;
//! five times a device or the relay loses its power.

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};

use estafette_protocol::Hash;

use super::conversation::Conversation;
use super::proxy::{Direction, Trap};

/// Messages of which one is written while its author is cut.
const CUT_EVERY: usize = 5;
/// Messages of which one is written while two devices are cut; a multiple of the former.
const TWO_CUT_EVERY: usize = 20;
/// Restarts in a file.
pub const RESTARTS: usize = 5;

/// Who loses its power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// A device, by author.
    Device(usize),
    /// The relay.
    Relay,
}

/// What happens just before a message is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// The author's line is cut.
    pub author_cut: bool,
    /// Another device's line is cut too.
    pub other_cut: Option<usize>,
    /// Messages after which the lines cut here are mended.
    pub mended_after: usize,
    /// A connection that will break by itself.
    pub trap: Option<(usize, Trap)>,
    /// Who loses its power.
    pub restarts: Vec<Restart>,
}

/// One step for each message.
pub fn plan(conversation: &Conversation, seed: u64) -> Vec<Step> {
    let mut dice = Dice::of(conversation, seed);
    let (messages, devices) = (conversation.lines.len(), conversation.authors.len());
    let mut steps = vec![Step::default(); messages];
    for first in (0..messages).step_by(CUT_EVERY) {
        let cut = first + dice.below(CUT_EVERY.min(messages - first));
        steps[cut].author_cut = true;
        steps[cut].mended_after = 1 + dice.below(12);
        if first.is_multiple_of(TWO_CUT_EVERY) && devices > 1 {
            steps[cut].other_cut = Some(dice.other(devices, conversation.lines[cut].author));
        }
    }
    for first in (0..messages).step_by(TWO_CUT_EVERY) {
        let step = first + dice.below(TWO_CUT_EVERY.min(messages - first));
        steps[step].trap = Some((dice.below(devices), dice.trap()));
    }
    for number in 0..RESTARTS {
        // Neither before anything was said nor after everything was.
        let step = (1 + dice.below(messages)).min(messages.saturating_sub(1));
        let restart = if number % 2 == 1 { Restart::Relay } else { Restart::Device(dice.below(devices)) };
        steps[step].restarts.push(restart);
    }
    steps
}

struct Dice(ChaCha20Rng);

impl Dice {
    fn of(conversation: &Conversation, seed: u64) -> Self {
        let seed = Hash::of(&[b"replay plan\0", &seed.to_be_bytes(), conversation.name.as_bytes()]);
        Self(ChaCha20Rng::from_seed(seed.0))
    }

    /// A number below another, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end.max(1) as u64) as usize
    }

    fn other(&mut self, devices: usize, than: usize) -> usize {
        let other = self.below(devices - 1);
        if other >= than { other + 1 } else { other }
    }

    fn trap(&mut self) -> Trap {
        match self.below(3) {
            0 => Trap::LoseAnswer,
            1 => Trap::After { direction: Direction::Up, bytes: self.below(400) as u64 },
            _ => Trap::After { direction: Direction::Down, bytes: self.below(2000) as u64 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::conversation::Line;
    use super::*;

    fn conversation(messages: usize, authors: usize) -> Conversation {
        let line = |n: usize| Line { author: n % authors, text: n.to_string(), reply_to: Vec::new() };
        Conversation {
            name: "a file".to_owned(),
            authors: (0..authors).map(|author| author.to_string()).collect(),
            lines: (0..messages).map(line).collect(),
        }
    }

    #[test]
    fn every_block_has_its_cuts_and_every_file_its_five_restarts() {
        for (messages, authors) in [(1, 1), (4, 1), (60, 5), (101, 2), (1234, 142)] {
            for seed in 0..20 {
                let steps = plan(&conversation(messages, authors), seed);
                for block in steps.chunks(CUT_EVERY) {
                    assert_eq!(block.iter().filter(|step| step.author_cut).count(), 1);
                }
                for (first, block) in (0..).step_by(TWO_CUT_EVERY).zip(steps.chunks(TWO_CUT_EVERY)) {
                    let two =
                        block.iter().enumerate().filter_map(|(n, step)| Some((first + n, step.other_cut?)));
                    let two: Vec<_> = two.collect();
                    assert_eq!(two.len(), usize::from(authors > 1));
                    assert!(two.iter().all(|(n, other)| *other != n % authors && *other < authors));
                    assert_eq!(block.iter().filter(|step| step.trap.is_some()).count(), 1);
                }
                let restarts: Vec<_> = steps.iter().flat_map(|step| step.restarts.clone()).collect();
                assert_eq!(restarts.len(), RESTARTS);
                assert_eq!(restarts.iter().filter(|restart| **restart == Restart::Relay).count(), 2);
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_plan_and_another_one_another() {
        let conversation = conversation(100, 9);
        assert_eq!(plan(&conversation, 4), plan(&conversation, 4));
        assert_ne!(plan(&conversation, 4), plan(&conversation, 5));
    }
}
