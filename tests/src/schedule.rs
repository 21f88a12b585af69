//! Random days: devices, messages, faults and crashes drawn from a seed, then the verdict.

use estafette_core::engine::Command;
use estafette_protocol::statement::{Act, History, RevocationReason};
use estafette_protocol::{Hash, Timestamp};
use rand_core::RngCore as _;

use crate::clock::{MINUTE, SECOND, paris};
use crate::defect::Defect;
use crate::device::Phone;
use crate::network::{Cut, Faults, Link};
use crate::queue::Happening;
use crate::template::Template;
use crate::verdict::Verdict;
use crate::world::{World, generator};

/// Messages of one schedule.
const MESSAGES: u64 = 40;
/// Faults of one schedule, beside its crash.
const FAULTS: u64 = 5;

/// One thing that happens in a schedule because it was drawn.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Write {
        author: usize,
        roster: usize,
        number: u64,
    },
    Cut {
        device: usize,
        how: Cut,
        milliseconds: u64,
    },
    Change {
        device: usize,
        link: Link,
    },
    CrashDevice {
        device: usize,
        milliseconds: u64,
        after_commit: bool,
    },
    CrashRelay {
        seconds: u64,
    },
    Remove {
        device: usize,
        roster: usize,
    },
    Revoke {
        device: usize,
    },
    BackUp,
    LoseRelay {
        seconds: u64,
    },
    /// The administrator's computer comes to a roster, with the past of so many minutes.
    Admit {
        roster: usize,
        history: Past,
    },
}

/// How much of the past a newcomer gets.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Past {
    None,
    All,
    Minutes(u64),
}

/// How a schedule ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// From which everything followed.
    pub seed: u64,
    /// What does not hold.
    pub verdict: Verdict,
    /// What was done to the people.
    pub faults: Faults,
    /// One word for all that happened.
    pub log: Hash,
    /// How many things happened.
    pub events: u64,
    /// The lines of the log, if they were kept.
    pub lines: Vec<String>,
}

/// Runs the schedule of a seed.
pub fn run(seed: u64) -> Ended {
    run_with(seed, None, false)
}

/// The same with a defect built in, or with the lines of the log.
pub fn run_with(seed: u64, defect: Option<Defect>, lines: bool) -> Ended {
    let mut draw = Draw(generator(seed, 3));
    let phones = draw.between(3, 8) as usize;
    let steps = draw.schedule(phones, defect);
    tell(seed, phones, steps, defect, lines)
}

/// The same day with a backup in its morning and the relay lost later. Nobody leaves meanwhile: what
/// somebody said who cannot come any more does not come back, which the verdict would call lost.
pub fn run_through_a_restore(seed: u64, lines: bool) -> Ended {
    let mut draw = Draw(generator(seed, 4));
    let phones = draw.between(3, 8) as usize;
    let mut steps = draw.schedule(phones, None);
    steps.retain(|(_, step)| !matches!(step, Step::Remove { .. } | Step::Revoke { .. }));
    steps.push((draw.moment("11:41", "11:59"), Step::BackUp));
    let seconds = draw.between(5, 300);
    steps.push((draw.moment("12:01", "13:15"), Step::LoseRelay { seconds }));
    tell(seed, phones, steps, None, lines)
}

fn tell(
    seed: u64,
    phones: usize,
    steps: Vec<(Timestamp, Step)>,
    defect: Option<Defect>,
    lines: bool,
) -> Ended {
    let mut world = Template::of(phones).wake(seed);
    world.defect = defect;
    if lines {
        world.keep_lines();
    }
    world.start_relay();
    world.phones().into_iter().for_each(|phone| world.start(phone));
    for (at, step) in steps {
        let number = world.steps.len();
        world.steps.push(step);
        world.queue.push(at, Happening::Step(number));
    }
    world.run_until(paris(0, "13:40"));
    world.heal();
    world.run_until(paris(0, "14:10"));
    world.run_until_quiet();
    Ended {
        seed,
        verdict: world.verdict(),
        faults: world.faults.clone(),
        log: world.log_hash(),
        events: world.log.count,
        lines: world.lines().to_vec(),
    }
}

struct Draw(rand_chacha::ChaCha20Rng);

impl Draw {
    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.0.next_u64() % (most - least + 1)
    }

    fn moment(&mut self, from: &str, until: &str) -> Timestamp {
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

    fn schedule(&mut self, phones: usize, defect: Option<Defect>) -> Vec<(Timestamp, Step)> {
        // Device 0 is the administrator's computer, which is in no roster.
        let phones = phones as u64;
        let mut steps = Vec::new();
        for number in 0..MESSAGES {
            let author = self.between(1, phones) as usize;
            let roster = self.between(0, 1) as usize;
            steps.push((self.working_moment(), Step::Write { author, roster, number }));
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
        }
        steps
    }

    fn fault(&mut self, device: usize) -> Step {
        let milliseconds = self.between(SECOND, 15 * MINUTE);
        match self.between(0, 5) {
            0 => Step::Cut { device, how: Cut::Clean, milliseconds },
            1 => Step::Cut { device, how: Cut::MidFrame, milliseconds },
            2 => Step::Cut { device, how: Cut::Late, milliseconds },
            3 => Step::Change { device, link: Link::losing_acks(self.between(1, 3) as u32) },
            4 => Step::Change { device, link: Link::doubling_exchanges(self.between(1, 3) as u32) },
            _ => Step::Change { device, link: Link { loss: 20, ..Link::thin() } },
        }
    }
}

impl World {
    /// Everything works again.
    fn heal(&mut self) {
        if self.office.relay.is_none() {
            self.start_relay();
        }
        for phone in self.phones() {
            self.devices[phone.0].crashes_next = false;
            self.devices[phone.0].cut_next = None;
            self.restore(phone, Link::default());
            self.start(phone);
        }
    }

    /// Carries out a step that was drawn.
    pub(crate) fn tell(&mut self, number: usize) {
        match self.steps[number].clone() {
            Step::Write { author, roster, number } => self.tell_write(author, roster, number),
            Step::Cut { device, how: Cut::MidFrame, milliseconds } => {
                self.devices[device].cut_next = Some(milliseconds);
            }
            Step::Cut { device, how, milliseconds } => {
                self.faults.count(if how == Cut::Late { "cut, late arrival" } else { "cut" });
                self.cut_like(Phone(device), how);
                self.queue.push(Timestamp(self.now.0 + milliseconds), Happening::Restored { device });
            }
            Step::Change { device, link } => {
                self.faults.count(if link.loss > 0 { "thin link" } else { "faulty link" });
                self.devices[device].link = link;
                // An exchange, and an acknowledgement with it, comes with a new connection only.
                if link.doubled_exchanges > 0 {
                    self.break_connection(device, Cut::Clean);
                }
            }
            Step::CrashDevice { device, milliseconds, after_commit } => {
                self.devices[device].crashes_for = milliseconds;
                if after_commit {
                    self.devices[device].crashes_next = true;
                } else if self.devices[device].engine.is_some() {
                    self.crash(Phone(device));
                    self.queue.push(Timestamp(self.now.0 + milliseconds), Happening::DeviceStarts { device });
                }
            }
            Step::CrashRelay { seconds } => self.crash_relay(seconds),
            Step::BackUp => self.backup = Some(self.back_up()),
            Step::LoseRelay { seconds } => {
                self.lose_relay();
                self.queue.push(Timestamp(self.now.0 + seconds * SECOND), Happening::RelayRestored);
            }
            Step::Remove { device, roster } => {
                self.faults.count("removal");
                let (roster, device) = (self.organisation.rosters[roster], self.device_id(Phone(device)));
                self.command(Phone(0), Command::State(vec![Act::Remove { roster, device }]));
            }
            Step::Admit { roster, history } => {
                self.faults.count("arrival");
                let (roster, device) = (self.organisation.rosters[roster], self.device_id(Phone(0)));
                let history = match history {
                    Past::None => History::None,
                    Past::All => History::All,
                    Past::Minutes(minutes) => History::Since(Timestamp(self.now.0 - minutes * MINUTE)),
                };
                self.command(Phone(0), Command::State(vec![Act::Admit { roster, device, history }]));
            }
            Step::Revoke { device } => {
                self.faults.count("revocation");
                let device = self.device_id(Phone(device));
                let act = Act::Revoke { device, reason: RevocationReason::Lost };
                self.command(Phone(0), Command::State(vec![act]));
            }
        }
    }

    fn tell_write(&mut self, author: usize, roster: usize, number: u64) {
        let device = &self.devices[author];
        if device.engine.is_none() || device.crashes_next {
            self.note(format_args!("{author} is off and writes nothing"));
            return;
        }
        let thread = self.organisation.rosters[roster].first_thread();
        let text = format!("message {number} de l'agent {author}");
        if let Err(fault) = self.try_write(Phone(author), thread, &text, &[]) {
            self.note(format_args!("{author} may not write: {fault}"));
        }
    }
}
