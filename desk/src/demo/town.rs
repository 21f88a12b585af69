//! The day's organisation: a relay, an administrator, four phones and their bad network.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use estafette_core::engine::{Command, CommandAnswer, When};
use estafette_core::reader::{MessageRow, MessageState};
use estafette_protocol::statement::{Act, History, Role};
use estafette_protocol::{AgentNumber, EntryUid, RosterId, ThreadId};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tokio::runtime::Runtime;

use super::{DemoError, ledger};
use crate::replay::fleet::{self, Device};
use crate::replay::office::{Office, Seat};
use crate::replay::proxy::Line;
use crate::replay::relay::Relay;
use crate::replay::{self, ReplayError};

/// The team: their devices and seats stand in this order.
pub const TEAM: [&str; 4] = ["Amine Kaci", "Chloé Martin", "Paul Roux", "Léa Bernard"];
/// Writes in a tunnel.
pub const AMINE: usize = 0;
/// Receives.
pub const CHLOE: usize = 1;
/// Goes home.
pub const PAUL: usize = 2;
/// Leads the team.
pub const LEA: usize = 3;

/// How long something that must happen is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// A line on which nothing has passed for so long is quiet.
const QUIET: Duration = Duration::from_millis(600);

/// Everything that the day happens to.
pub struct Town<'a> {
    /// The relay, the real one.
    pub relay: Relay,
    /// Its folder.
    pub relay_folder: PathBuf,
    /// The administrator's computer.
    pub office: Office,
    /// The phones, as in [`TEAM`].
    pub devices: Vec<Device>,
    /// Their agents, as in [`TEAM`].
    pub seats: Vec<Seat>,
    /// Where strangers may try to put their database.
    pub folder: PathBuf,
    /// The team's thread.
    pub thread: ThreadId,
    /// Carries the network.
    pub runtime: &'a Runtime,
}

impl<'a> Town<'a> {
    /// Starts a relay, founds the organisation, enrols and joins the team.
    pub fn build(folder: &Path, runtime: &'a Runtime) -> Result<Self, DemoError> {
        let relay_folder = folder.join("relay");
        let (relay, claim) = runtime.block_on(Relay::create(&relay_folder))?;
        let administration = folder.join("administrator");
        std::fs::create_dir_all(&administration)?;
        let line = runtime.block_on(Line::lay(relay.upstream()))?;
        let rng = ChaCha20Rng::from_seed(replay::random()?);
        let mut office = runtime.block_on(Office::found(&claim, line, &administration, rng))?;
        let roster = runtime.block_on(office.team())?;
        let seats = runtime.block_on(office.tickets(TEAM.len()))?;
        let names = TEAM.map(str::to_owned);
        let devices =
            fleet::enrol(&names, &seats, &folder.join("devices"), &relay.upstream(), replay::random()?)?;
        runtime.block_on(office.approve(&seats, roster))?;
        let thread = roster.first_thread();
        let folder = folder.to_path_buf();
        let mut town = Self { relay, relay_folder, office, devices, seats, folder, thread, runtime };
        for device in &mut town.devices {
            device.start(runtime.handle())?;
        }
        replay::join(&mut town.devices, thread)?;
        town.appoint(roster)?;
        Ok(town)
    }

    /// Léa leads the team from now on, and her device knows.
    fn appoint(&mut self, roster: RosterId) -> Result<(), DemoError> {
        let lea = self.agent(LEA);
        let registry = self.devices[LEA].reader()?.registry().map_err(ReplayError::device)?;
        let teams = registry.roster(roster).and_then(|roster| roster.team).into_iter().collect();
        let act = Act::SetRole { agent: lea, role: Role::Supervisor, teams };
        self.runtime.block_on(self.office.state(vec![act]))?;
        let appointed = self.until(|town| {
            let registry = town.devices[LEA].reader()?.registry().map_err(ReplayError::device)?;
            Ok(registry.role(lea) == Role::Supervisor)
        })?;
        match appointed {
            true => Ok(()),
            false => Err(ReplayError::device("the supervisor does not learn of her role").into()),
        }
    }

    /// Enrols another phone of an agent, which may read what the agent could. Gives back its place.
    pub fn another_phone(&mut self, of: usize) -> Result<usize, DemoError> {
        let (agent, roster) = (self.agent(of), self.thread.roster());
        let seats = [self.runtime.block_on(self.office.another(agent))?];
        let names = [self.devices[of].name.clone()];
        let folder = self.folder.join("later");
        let made = fleet::enrol(&names, &seats, &folder, &self.relay.upstream(), replay::random()?)?;
        self.runtime.block_on(self.office.approve_with(&seats, roster, History::All))?;
        for mut device in made {
            device.start(self.runtime.handle())?;
            self.devices.push(device);
        }
        self.seats.extend(seats);
        Ok(self.devices.len() - 1)
    }

    /// A phone's agent.
    pub fn agent(&self, who: usize) -> AgentNumber {
        self.seats[who].agent
    }

    /// Gives a phone a command and waits until it is durable there.
    pub fn command(&self, who: usize, command: Command) -> Result<CommandAnswer, DemoError> {
        let answer = self.devices[who].handle()?.command(command);
        match self.runtime.block_on(async { tokio::time::timeout(PATIENCE, answer).await }) {
            Ok(Ok(CommandAnswer::Refused(fault))) => Err(fault.into()),
            Ok(Ok(answer)) => Ok(answer),
            _ => Err(ReplayError::device("a device does not answer").into()),
        }
    }

    /// Writes into the team's thread.
    pub fn write(&self, who: usize, text: &str) -> Result<EntryUid, DemoError> {
        let command = Command::Write {
            thread: self.thread,
            text: text.to_owned(),
            parents: Vec::new(),
            mentions: Vec::new(),
            when: When::Now,
        };
        match self.command(who, command)? {
            CommandAnswer::Written { uid, .. } => Ok(uid),
            _ => Err(ReplayError::device("a device answers something else").into()),
        }
    }

    /// A message as a phone has it.
    pub fn row(&mut self, who: usize, uid: EntryUid) -> Result<Option<MessageRow>, DemoError> {
        let rows = self.devices[who].reader()?.newest(self.thread, 100).map_err(ReplayError::device)?;
        Ok(rows.into_iter().find(|row| row.uid == uid))
    }

    /// The thread as a phone has it: names and texts, in their order.
    pub fn timeline(&mut self, who: usize) -> Result<Vec<(EntryUid, String)>, DemoError> {
        let rows = self.devices[who].reader()?.newest(self.thread, 100).map_err(ReplayError::device)?;
        Ok(rows.into_iter().map(|row| (row.uid, row.body)).collect())
    }

    /// How far a message is on a phone.
    pub fn state(&mut self, who: usize, uid: EntryUid) -> Result<Option<MessageState>, DemoError> {
        Ok(self.row(who, uid)?.map(|row| row.state))
    }

    /// Whether a phone shows exactly this text under this name.
    pub fn shows(&mut self, who: usize, uid: EntryUid, text: &str) -> Result<bool, DemoError> {
        Ok(self.row(who, uid)?.is_some_and(|row| row.body == text))
    }

    /// Entries that the relay holds, counted in its database.
    pub fn entries(&self) -> Result<u64, DemoError> {
        ledger::entries(&self.relay_folder)
    }

    /// Whether every phone is in the team's group.
    pub fn all_joined(&mut self) -> Result<bool, DemoError> {
        let thread = self.thread;
        for device in &mut self.devices {
            if !device.is_member(thread)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Looks again and again until something is so; `false` if it does not come.
    pub fn until(
        &mut self,
        mut met: impl FnMut(&mut Self) -> Result<bool, DemoError>,
    ) -> Result<bool, DemoError> {
        let begun = Instant::now();
        while !met(self)? {
            if begun.elapsed() > PATIENCE {
                return Ok(false);
            }
            std::thread::sleep(PAUSE);
        }
        Ok(true)
    }

    /// Bytes that have come down a phone's line, once nothing passes any more.
    pub fn quiet_bytes_down(&self, who: usize) -> u64 {
        let mut last = (self.devices[who].line.counted(), Instant::now());
        let begun = Instant::now();
        while last.1.elapsed() < QUIET && begun.elapsed() < PATIENCE {
            std::thread::sleep(PAUSE);
            let counted = self.devices[who].line.counted();
            if counted != last.0 {
                last = (counted, Instant::now());
            }
        }
        last.0.down
    }

    /// The person closes the app and opens it again.
    pub fn reopen(&mut self, who: usize) -> Result<(), DemoError> {
        self.devices[who].stop();
        Ok(self.devices[who].start(self.runtime.handle())?)
    }

    /// Ends everything in order.
    pub fn strike(mut self) {
        self.devices.iter_mut().for_each(Device::stop);
        self.office.stop();
        self.runtime.block_on(self.relay.stop());
    }
}
