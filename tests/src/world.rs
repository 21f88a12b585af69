//! The world itself: time, what will happen, who lives in it, and the drivers of the devices.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use estafette_core::engine::{
    Change, Command, CommandAnswer, Effect, Engine, Input, LinkInput, LinkWish, When,
};
use estafette_protocol::exchange::ExchangeRequest;
use estafette_protocol::{DeviceId, EntryUid, Fault, Hash, RosterId, ThreadId, Timestamp, codec};
use estafette_server::relay::Event;
use estafette_server::store::sqlite::FILE;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::clock::{DAY, MINUTE, MONDAY, SECOND, paris};
use crate::defect::Defect;
use crate::device::{Device, Phone};
use crate::log::Log;
use crate::network::{self, ConnectionId, Cut, Faults, Link};
use crate::office::Office;
use crate::organisation::Organisation;
use crate::queue::{Happening, Queue, Up};
use crate::stranger::Wire;
use crate::verdict::{Ledger, Said};
use crate::view::Kept;

/// Nothing happens for this long: the world is quiet.
const QUIET: u64 = 2 * MINUTE;
/// More happenings than any story needs.
const ENDLESS: u64 = 20_000;

/// A relay, devices and a bad network in one thread and in virtual time.
pub struct World {
    /// From which everything random follows.
    pub seed: u64,
    pub(crate) folder: TempDir,
    pub(crate) now: Timestamp,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) queue: Queue,
    pub(crate) devices: Vec<Device>,
    pub(crate) connections: BTreeMap<ConnectionId, network::Connection>,
    pub(crate) next_connection: u64,
    pub(crate) office: Office,
    /// The last backup, for the relay that a schedule loses.
    pub(crate) backup: Option<crate::disaster::Backup>,
    /// What stood in the logs of relays that were lost: what devices had of it stays theirs.
    pub(crate) lost_logs: BTreeMap<ThreadId, Vec<Kept>>,
    pub(crate) organisation: Organisation,
    pub(crate) ledger: Ledger,
    pub(crate) log: Log,
    pub(crate) faults: Faults,
    pub(crate) defect: Option<Defect>,
    pub(crate) steps: Vec<crate::schedule::Step>,
    /// The messages of a schedule that were written, by their number.
    pub(crate) numbered: BTreeMap<u64, (Phone, EntryUid)>,
    /// The note of a schedule, once somebody has begun it.
    pub(crate) day_note: Option<EntryUid>,
    /// A device of a schedule that is approved and has never been on.
    pub(crate) spare: Option<Phone>,
    pub(crate) wire: Wire,
    pub(crate) next_by_hand: u64,
    /// Connections through which the tests read devices' databases.
    pub(crate) views: RefCell<BTreeMap<usize, Rc<Connection>>>,
}

/// A folder in memory where the system has one: the world's disks are its own business.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => TempDir::new_in(memory).unwrap(),
        false => TempDir::new().unwrap(),
    }
}

/// A generator of its own for each thing that draws.
pub(crate) fn generator(seed: u64, purpose: u64) -> ChaCha20Rng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&purpose.to_le_bytes());
    ChaCha20Rng::from_seed(bytes)
}

impl World {
    /// A relay without devices, on Monday at 09:00.
    pub(crate) fn empty(seed: u64, organisation: Organisation, key: ed25519_dalek::SigningKey) -> Self {
        let folder = folder();
        for part in ["relay", "devices"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
        }
        let office = Office::new(&folder.path().join("relay"), key, generator(seed, 1));
        Self {
            seed,
            folder,
            now: paris(0, "09:00"),
            rng: generator(seed, 0),
            queue: Queue::default(),
            devices: Vec::new(),
            connections: BTreeMap::new(),
            next_connection: 1,
            office,
            backup: None,
            lost_logs: BTreeMap::new(),
            organisation,
            ledger: Ledger::default(),
            log: Log::default(),
            faults: Faults::default(),
            defect: None,
            steps: Vec::new(),
            numbered: BTreeMap::new(),
            day_note: None,
            spare: None,
            wire: Wire::default(),
            next_by_hand: 1_000_000,
            views: RefCell::default(),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// One word for everything that has happened so far.
    pub fn log_hash(&self) -> Hash {
        self.log.hash()
    }

    /// What was done to the world's people so far.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Keeps what happens from now on as lines, for a person to read.
    pub fn keep_lines(&mut self) {
        self.log.lines.get_or_insert_default();
    }

    /// The lines kept so far.
    pub fn lines(&self) -> &[String] {
        self.log.lines.as_deref().unwrap_or_default()
    }

    pub(crate) fn note(&mut self, line: std::fmt::Arguments<'_>) {
        self.log.note(self.now, line);
    }

    /// Lets the next thing happen. `false` if there is none.
    pub fn step(&mut self) -> bool {
        let Some((at, happening)) = self.queue.pop() else { return false };
        self.now = self.now.max(at);
        match happening {
            Happening::Tick { device, ticket } => {
                if self.devices[device].ticket == ticket {
                    self.devices[device].wake_at = None;
                    self.inputs(device, vec![Input::Tick]);
                }
            }
            Happening::Dial { device } => self.dial(device),
            Happening::ToRelay { connection, what } => self.at_relay(connection, what),
            Happening::ToDevice { connection, what } => self.at_device(connection, what),
            Happening::Lost { device } => self.device_input(device, LinkInput::Down),
            Happening::RelayTick { ticket } => {
                if self.office.ticket == ticket {
                    self.relay_event(Event::Tick { monotonic: None });
                }
            }
            Happening::Written { life } => self.written(life),
            Happening::Attested { device, made } => self.inputs(device, vec![Input::Attested(made)]),
            Happening::RelayStarts => {
                // One whose machine was lost does not start again by itself.
                if self.office.relay.is_none() && self.office.folder.join(FILE).exists() {
                    self.note(format_args!("the relay starts"));
                    self.start_relay();
                }
            }
            Happening::RelayRestored => {
                if let Some(backup) = self.backup.clone() {
                    self.restore_relay(&backup);
                }
            }
            Happening::DeviceStarts { device } => self.start(Phone(device)),
            Happening::Restored { device } => self.restore(Phone(device), Link::default()),
            Happening::Step(number) => self.tell(number),
        }
        true
    }

    /// Lets everything happen until an instant, and stands there.
    pub fn run_until(&mut self, until: Timestamp) {
        let mut count = 0;
        while self.queue.next_at().is_some_and(|at| at <= until) {
            self.step();
            count += 1;
            if count > ENDLESS {
                self.lines().iter().rev().take(40).rev().for_each(|line| eprintln!("{line}"));
                panic!("seed {}: the world does not come to {until}, now {}", self.seed, self.now);
            }
        }
        self.now = self.now.max(until);
    }

    /// Lets time pass.
    pub fn pass(&mut self, milliseconds: u64) {
        self.run_until(Timestamp(self.now.0 + milliseconds));
    }

    /// Lets everything happen until nothing more does for two minutes.
    pub fn run_until_quiet(&mut self) {
        let mut count = 0;
        while self.queue.next_at().is_some_and(|at| at.0 <= self.now.0 + QUIET) {
            self.step();
            count += 1;
            assert!(count < ENDLESS, "seed {}: the world does not come to rest, now {}", self.seed, self.now);
        }
    }

    /// Which day of the world it is in Paris, from 0.
    pub fn day(&self) -> u64 {
        (self.now.0 - paris(0, "00:00").0) / DAY
    }

    /// Lets everything happen until the clocks of Paris show a time next.
    pub fn at(&mut self, time: &str) {
        let day = self.now.0 / DAY - MONDAY;
        let next = (day..).map(|day| paris(day, time)).find(|at| *at >= self.now).unwrap();
        self.run_until(next);
    }

    /// A device loses its network until [`Self::restore`].
    pub fn cut(&mut self, phone: Phone) {
        self.cut_like(phone, Cut::Clean);
    }

    /// The same, in a certain way.
    pub fn cut_like(&mut self, phone: Phone, cut: Cut) {
        self.note(format_args!("{} is cut, {cut:?}", phone.0));
        self.devices[phone.0].cut = true;
        self.break_connection(phone.0, cut);
    }

    /// A device's network comes back.
    pub fn restore(&mut self, phone: Phone, link: Link) {
        self.note(format_args!("{} is restored", phone.0));
        let device = &mut self.devices[phone.0];
        device.cut = false;
        device.link = link;
        if device.wants {
            self.dial_soon(phone.0, SECOND);
        }
    }

    /// A device's process ends without a word, after what it has stored.
    pub fn crash(&mut self, phone: Phone) {
        self.note(format_args!("{} crashes", phone.0));
        self.faults.count("device crash");
        let device = &mut self.devices[phone.0];
        device.engine = None;
        device.wants = false;
        device.crashes_next = false;
        device.ticket += 1;
        device.wake_at = None;
        self.break_connection(phone.0, Cut::Late);
    }

    /// A device's process starts on what its files hold.
    pub fn start(&mut self, phone: Phone) {
        let device = &mut self.devices[phone.0];
        if device.engine.is_some() {
            return;
        }
        device.engine = Some(Engine::open(&device.path, &device.passport.key).unwrap());
        self.note(format_args!("{} starts", phone.0));
        self.resume(phone);
    }

    /// A device that was just enrolled begins to work.
    pub fn switch_on(&mut self, phone: Phone) {
        self.resume(phone);
    }

    pub(crate) fn resume(&mut self, phone: Phone) {
        let device = &mut self.devices[phone.0];
        let (moment, engine) = (device.moment(self.now), device.engine.as_mut().unwrap());
        let effects = engine.resume(moment, &mut device.rng);
        self.after(phone.0, effects.map_err(|error| Fault::from(&error)));
    }

    /// A device that does not run is switched on; it has not been running before.
    pub fn boot(&mut self, phone: Phone) {
        self.devices[phone.0].on_since = self.now;
        self.start(phone);
    }

    /// Sets a device's clock wrong, by milliseconds.
    pub fn set_clock_error(&mut self, phone: Phone, milliseconds: i64) {
        self.devices[phone.0].clock_error = milliseconds;
        self.inputs(phone.0, vec![Input::Tick]);
    }

    /// What a phone shows of itself from now on when it is asked again: a model, or nothing.
    pub fn shows(&mut self, phone: Phone, model: Option<&'static str>) {
        self.devices[phone.0].shows = model;
    }

    /// The relay reads a list of revoked keys with these entries, fetched now.
    pub fn bring_revocations(&mut self, entries: &str) {
        let text = format!(r#"{{"entries": {{{entries}}}}}"#);
        let list = estafette_attest::RevocationList::from_json(text.as_bytes(), self.now).unwrap();
        self.relay_event(Event::Revoked(std::sync::Arc::new(list)));
    }

    pub(crate) fn device_input(&mut self, device: usize, what: LinkInput) {
        self.inputs(device, vec![Input::Link(what)]);
    }

    /// One transaction of a device, and its effects.
    pub(crate) fn inputs(&mut self, device: usize, inputs: Vec<Input>) {
        let phone = &mut self.devices[device];
        let moment = phone.moment(self.now);
        let Some(engine) = phone.engine.as_mut() else { return };
        let effects = engine.handle_many(moment, &mut phone.rng, inputs);
        self.defect_after_transaction(device);
        let phone = &mut self.devices[device];
        if phone.crashes_next {
            let back = Timestamp(self.now.0 + phone.crashes_for);
            self.crash(Phone(device));
            return self.queue.push(back, Happening::DeviceStarts { device });
        }
        self.defect_after_input(device);
        self.after(device, effects.map_err(|error| Fault::from(&error)));
    }

    fn after(&mut self, device: usize, effects: Result<Vec<Effect>, Fault>) {
        match effects {
            Ok(effects) => effects.into_iter().for_each(|effect| self.carry_out(device, effect)),
            Err(fault) => {
                self.note(format_args!("{device} gives a transaction up: {}", fault.code));
                self.ledger.trouble.push((self.now, Phone(device), fault));
                self.break_connection(device, Cut::Clean);
            }
        }
    }

    fn carry_out(&mut self, device: usize, effect: Effect) {
        match effect {
            Effect::Send(bytes) => self.up(device, Up::Frame(bytes)),
            Effect::Exchange { mut request, to_sign } => {
                request.proof.signature = self.devices[device].passport.hardware.sign(&to_sign);
                let bytes = codec::to_bytes::<ExchangeRequest>(&request);
                self.wire.exchanges.insert(device, bytes.clone());
                self.up(device, Up::Exchange(bytes));
            }
            Effect::OpenSocket { token } => self.up(device, Up::OpenSocket(token)),
            Effect::Attest { challenge, to_sign, .. } => {
                let made = self.devices[device].attest(&challenge, to_sign);
                // Hardware takes its time.
                let at = Timestamp(self.now.0 + 5_000);
                self.queue.push(at, Happening::Attested { device, made });
            }
            Effect::Link(LinkWish::Up) => {
                self.devices[device].wants = true;
                let pause = self.below(500);
                self.dial_soon(device, pause);
            }
            Effect::Link(LinkWish::Down) => {
                self.devices[device].wants = false;
                if self.devices[device].connection.is_some() {
                    self.hang_up(device);
                }
            }
            Effect::WakeAt(at) => {
                let soon = Timestamp(self.now.0 + 1);
                let at = self.devices[device].real_time(at).max(soon);
                let phone = &mut self.devices[device];
                if phone.wake_at != Some(at) {
                    phone.ticket += 1;
                    phone.wake_at = Some(at);
                    let ticket = phone.ticket;
                    self.queue.push(at, Happening::Tick { device, ticket });
                }
            }
            Effect::Changed(Change::Reminder(version)) => {
                self.note(format_args!("{device} is reminded"));
                let now = self.now;
                self.devices[device].reminders.push((now, version));
            }
            Effect::Changed(_) => {}
            Effect::Answer { id, answer } => {
                let saying = self.devices[device].saying.remove(&id);
                if let (Some((item, said)), CommandAnswer::Done) = (saying, &answer) {
                    self.ledger.said(Phone(device), item, said);
                }
                self.devices[device].answers.insert(id, answer);
            }
        }
    }

    /// Gives a device a command; its answer is read with [`Self::answer`].
    pub fn command(&mut self, phone: Phone, command: Command) -> u64 {
        let device = &mut self.devices[phone.0];
        let id = device.next_command;
        device.next_command += 1;
        if let Some(said) = Said::of(&command) {
            device.saying.insert(id, said);
        }
        self.inputs(phone.0, vec![Input::Command { id, command }]);
        id
    }

    /// Nobody waits for a command any more.
    pub fn withdraw(&mut self, phone: Phone, id: u64) {
        self.inputs(phone.0, vec![Input::Withdraw { id }]);
    }

    /// The answer to a command, if it has come.
    pub fn answer(&mut self, phone: Phone, id: u64) -> Option<CommandAnswer> {
        self.devices[phone.0].answers.remove(&id)
    }

    /// Gives a device a command and lets things happen until it is answered.
    pub fn ask(&mut self, phone: Phone, command: Command) -> CommandAnswer {
        let id = self.command(phone, command);
        let limit = Timestamp(self.now.0 + 10 * MINUTE);
        loop {
            if let Some(answer) = self.answer(phone, id) {
                return answer;
            }
            assert!(self.now < limit && self.step(), "seed {}: no answer to a command", self.seed);
        }
    }

    /// Writes a message into the first team's thread. Durable on the device when this returns.
    pub fn write(&mut self, author: Phone, text: &str) -> EntryUid {
        let thread = self.team_thread();
        self.write_in(author, thread, text, &[])
    }

    /// Writes a message into a thread, as an answer to others.
    pub fn write_in(
        &mut self,
        author: Phone,
        thread: ThreadId,
        text: &str,
        parents: &[EntryUid],
    ) -> EntryUid {
        match self.try_write(author, thread, text, parents) {
            Ok(uid) => uid,
            Err(fault) => panic!("seed {}: not written: {fault}", self.seed),
        }
    }

    /// The same, where a refusal is expected.
    pub fn try_write(
        &mut self,
        author: Phone,
        thread: ThreadId,
        text: &str,
        parents: &[EntryUid],
    ) -> Result<EntryUid, Fault> {
        let command = Command::Write {
            thread,
            text: text.to_owned(),
            parents: parents.to_vec(),
            mentions: Vec::new(),
            when: When::Now,
        };
        let id = self.command(author, command);
        match self.answer(author, id) {
            Some(CommandAnswer::Written { uid, .. }) => {
                self.note(format_args!("{} writes {uid}", author.0));
                self.ledger.written(author, thread, uid, text);
                self.defect_after_write(author, uid);
                Ok(uid)
            }
            Some(CommandAnswer::Refused(fault)) => Err(fault),
            other => panic!("seed {}: a write was answered by {other:?}", self.seed),
        }
    }

    /// The first team's roster.
    pub fn team_roster(&self) -> RosterId {
        self.organisation.rosters[0]
    }

    /// The first team's thread.
    pub fn team_thread(&self) -> ThreadId {
        self.team_roster().first_thread()
    }

    /// The administrator's computer.
    pub fn administrator(&self) -> Phone {
        Phone(0)
    }

    /// Every device, the administrator's computer first.
    pub fn phones(&self) -> Vec<Phone> {
        (0..self.devices.len()).map(Phone).collect()
    }

    /// A device's name in the protocol.
    pub fn device_id(&self, phone: Phone) -> DeviceId {
        self.devices[phone.0].passport.device
    }

    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }
}
