//! Random days: devices, messages, what becomes of them, faults and crashes drawn from a seed, then
//! the verdict.
//!
//! [`draw`] says what may happen and how often, [`deeds`] how what concerns messages is done. A new
//! kind of thing is a [`Step`], a line in `Draw::schedule`, and an oracle in [`crate::verdict`].

mod deeds;
mod draw;

use estafette_core::engine::Command;
use estafette_protocol::statement::{Act, History, RevocationReason};
use estafette_protocol::{Hash, Timestamp};

use crate::clock::{MINUTE, SECOND, paris};
use crate::defect::Defect;
use crate::device::Phone;
use crate::network::{Cut, Faults, Link};
use crate::queue::Happening;
use crate::template::Template;
use crate::verdict::Verdict;
use crate::world::{World, generator};
use draw::Draw;

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
    Relink {
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
    /// Something is done to the message of that number, if it was written.
    Change {
        number: u64,
        by: By,
        deed: Deed,
    },
    /// Somebody who may announces, or corrects the last version.
    Announce {
        number: u64,
        corrects: bool,
    },
    /// « Lu et compris », of the announcement that is shown there as the n-th from the last.
    Acknowledge {
        device: usize,
        back: usize,
    },
    /// Somebody begins the day's note, or puts a number of their own into it.
    Note {
        device: usize,
        number: u64,
    },
    /// The first agent's other device comes to the agent's rosters; `instead`: in the phone's place.
    OtherDevice {
        instead: bool,
    },
}

/// Who does something to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The device that wrote it.
    Author,
    /// The other device of its author.
    Other,
    /// Any device.
    Anybody(usize),
}

/// What is done to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Another text, named by a number.
    Edit(u64),
    /// One of [`deeds::SIGNS`].
    React(usize),
    Erase,
    /// Another text, by a device that lies about who wrote the message.
    Forge(u64),
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
///
/// On one day of five the relay's machine is lost, and what comes after is made from a backup of that
/// morning. Nobody leaves on such a day: what somebody said who cannot come any more does not come
/// back, which the verdict would call lost.
pub fn run_with(seed: u64, defect: Option<Defect>, lines: bool) -> Ended {
    let mut draw = Draw(generator(seed, 3));
    let phones = draw.between(3, 8) as usize;
    let mut steps = draw.schedule(phones, defect);
    let mut luck = Draw(generator(seed, 4));
    if defect.is_none() && luck.between(0, 4) == 0 {
        steps.retain(|(_, step)| !step.takes_somebody_away());
        luck.disaster(&mut steps);
    }
    tell(seed, phones, steps, defect, lines)
}

impl Step {
    /// Whether somebody cannot come any more.
    fn takes_somebody_away(&self) -> bool {
        matches!(self, Self::Remove { .. } | Self::Revoke { .. } | Self::OtherDevice { instead: true })
    }
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
    let spare = world.spare;
    world.phones().into_iter().filter(|phone| Some(*phone) != spare).for_each(|phone| world.start(phone));
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
            if self.spare != Some(phone) {
                self.start(phone);
            }
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
            Step::Relink { device, link } => {
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
            Step::Change { number, by, deed } => self.tell_change(number, by, deed),
            Step::Announce { number, corrects } => self.tell_announce(number, corrects),
            Step::Acknowledge { device, back } => self.tell_acknowledge(device, back),
            Step::Note { device, number } => self.tell_note(device, number),
            Step::OtherDevice { instead } => self.tell_other_device(instead),
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
        match self.try_write(Phone(author), thread, &text, &[]) {
            Ok(uid) => drop(self.numbered.insert(number, (Phone(author), uid))),
            Err(fault) => self.note(format_args!("{author} may not write: {fault}")),
        }
    }
}
