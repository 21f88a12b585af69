//! The commune of the wall: a relay, the administrator's computer, four phones, and their hours.
//!
//! Whoever looks at it never waits for a deed: all of it is shared, and what a deed changes is exchanged at once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use estafette_core::engine::Command;
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::Ticket;
use estafette_protocol::hours::Calendar;
use estafette_protocol::statement::{Act, HoursScope, RevocationReason, Role};
use estafette_protocol::texts::Language;
use estafette_protocol::{AgentNumber, DeviceId, FaultCode, TeamNumber, ThreadId};
use zeroize::Zeroizing;

use super::phone::Hardware;
use super::seat::{Network, Seat, Windows};
use super::{WallError, day};
use crate::administration::Item;
use crate::clock;
use crate::commands::work::Work;
use crate::commands::{approval, enrol, founding, import, inventory, publishing, ticket};
use crate::folder::{Folder, KeyRing};
use crate::import::judge::judge;
use crate::replay::office::PHONE;
use crate::replay::proxy::{Line, Upstream};
use crate::replay::relay::Relay;
use crate::session::{Desk, Failure};

/// The team of everybody with a phone.
pub const TEAM: &str = "Voirie nord";
/// Opens every device of the wall; the wall shows it.
const PASSPHRASE: &str = "vallée brume clocher";
/// The administrator.
const ADMINISTRATOR: (&str, AgentNumber) = ("Zoé Fabre", AgentNumber(1));
/// The phones: places in [`Town::phones`], names and numbers.
const PEOPLE: [(&str, AgentNumber); 4] = [
    ("Amine Kaci", AgentNumber(2)),
    ("Chloé Martin", AgentNumber(3)),
    ("Léa Bernard", AgentNumber(4)),
    ("Paul Roux", AgentNumber(5)),
];
/// Works in the field, and is on call.
pub const AMINE: usize = 0;
/// Works in the field, and loses a phone.
pub const CHLOE: usize = 1;
/// Leads the team.
pub const LEA: usize = 2;
/// Is on leave.
pub const PAUL: usize = 3;
/// How long something that must happen is waited for.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// Everything behind the wall.
pub struct Town {
    /// The relay, the real one; `None` once it has ended.
    relay: Mutex<Option<Relay>>,
    /// Where it listens.
    pub upstream: Upstream,
    /// Its folder.
    pub relay_folder: PathBuf,
    /// Where strangers may try to put their database, and later phones theirs.
    pub folder: PathBuf,
    /// The administrator's computer.
    pub administrator: Seat,
    /// The phones, as in [`PEOPLE`]; later ones behind.
    phones: Mutex<Vec<Arc<Seat>>>,
    /// The team's conversation.
    pub thread: ThreadId,
    /// Of all windows.
    pub windows: Windows,
    /// Phones that were ever made, so that each has a folder and a serial number.
    made: AtomicUsize,
}

fn desk(folder: &Folder, language: Language) -> Desk {
    Desk { folder: folder.clone(), language, json: false, passphrase_file: None }
}

/// Does what blocks on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, WallError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| Failure::from(FaultCode::Internal))??)
}

/// An inventory of one team, as an administrator would import it.
fn inventory_of(phones: &[(&str, AgentNumber, String)]) -> String {
    let line = |(name, agent, serial): &(&str, AgentNumber, String)| {
        format!("{agent},{name},{TEAM},android,{},{serial}\n", PHONE.model)
    };
    std::iter::once("agent,name,team,platform,model,serial\n".to_owned())
        .chain(phones.iter().map(line))
        .collect()
}

/// Takes a file and makes a ticket for each of these serial numbers.
fn tickets(work: &Work<'_>, file: &str, serials: &[String]) -> Result<Vec<Ticket>, Failure> {
    let table = crate::import::read(file.as_bytes())?;
    let standing = work.records.standing(&inventory::held(&work.desk.reader(work.ring)?))?;
    let plan = judge(&table.lines, &standing, false);
    import::carry_out(work, &plan, Level::Software)?;
    let items = work.records.items()?;
    let of = |serial: &String| -> Result<Ticket, Failure> {
        let item: &Item =
            items.iter().find(|item| item.serial == *serial).ok_or(FaultCode::NotInInventory)?;
        Ok(ticket::open(work.desk, work.session, work.records, work.ring, item, false)?.ticket)
    };
    serials.iter().map(of).collect()
}

/// Approves everybody who waits.
fn approve(work: &Work<'_>) -> Result<(), Failure> {
    let (waiting, _) = approval::waiting(work)?;
    waiting.iter().try_for_each(|one| one.approve(work))?;
    publishing::publish(work)
}

impl Town {
    /// Starts a relay, founds the organisation, enrols everybody, and moves the clock to the day's beginning.
    pub async fn build(folder: &Path, wall: String, language: Language) -> Result<Self, WallError> {
        clock::skip(day::eve(clock::now())?.since(clock::now()));
        let runtime = tokio::runtime::Handle::current();
        let windows = Windows { language, passphrase: Zeroizing::new(PASSPHRASE.into()), wall, runtime };
        let relay_folder = folder.join("relay");
        let (relay, claim) = Relay::create(&relay_folder).await?;
        let administrator = found(folder, &relay, claim, &windows).await?;
        let (folder, upstream) = (folder.to_path_buf(), relay.upstream());
        let mut town = Self {
            relay: Mutex::new(Some(relay)),
            upstream,
            relay_folder,
            folder,
            administrator,
            phones: Mutex::default(),
            thread: ThreadId([0; 32]),
            windows,
            made: AtomicUsize::new(0),
        };
        let always = Calendar::always_open(day::PLACE);
        town.state(vec![Act::SetCalendar { scope: HoursScope::Organisation, calendar: always }]).await?;
        let phones = town.enrol(&PEOPLE).await?;
        *town.seats() = phones.into_iter().map(Arc::new).collect();
        town.join().await?;
        town.appoint().await?;
        town.go_to(day::EARLY)?;
        Ok(town)
    }

    fn seats(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Seat>>> {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The phones, as in [`PEOPLE`]; later ones behind.
    pub fn phones(&self) -> Vec<Arc<Seat>> {
        self.seats().clone()
    }

    /// The phone at a place.
    pub fn phone(&self, place: usize) -> Result<Arc<Seat>, WallError> {
        Ok(self.seats().get(place).cloned().ok_or(Failure::from(FaultCode::NotFound))?)
    }

    /// Puts a phone in the place of another, or behind all. Gives back that other, which still runs.
    pub fn put(&self, place: Option<usize>, phone: Arc<Seat>) -> Option<Arc<Seat>> {
        let mut seats = self.seats();
        match place.and_then(|place| seats.get_mut(place)) {
            Some(other) => Some(std::mem::replace(other, phone)),
            None => {
                seats.push(phone);
                None
            }
        }
    }

    /// Which of the phones the organisation has withdrawn, and why, by the administrator's statements.
    pub async fn withdrawn(&self) -> Result<Vec<Option<RevocationReason>>, WallError> {
        let devices: Vec<DeviceId> = self.phones().iter().map(|phone| phone.device).collect();
        let reasons = move |reader: &mut estafette_core::reader::Reader| -> Result<_, Failure> {
            let registry = reader.registry()?;
            let reason = |device: &DeviceId| Some(registry.device(*device)?.revoked?.1);
            Ok(devices.iter().map(reason).collect())
        };
        self.administrator.read(reasons).await
    }

    /// The phone at a place, as somebody needs it who is to do something with it.
    ///
    /// # Errors
    ///
    /// It was withdrawn: its agent has no phone.
    pub async fn in_use(&self, place: usize) -> Result<Arc<Seat>, WallError> {
        let phone = self.phone(place)?;
        match self.withdrawn().await?.get(place) {
            Some(Some(_)) => Err(WallError::NoPhone(phone.name.clone())),
            _ => Ok(phone),
        }
    }

    /// As [`Town::in_use`], and it has a line to the relay.
    pub async fn in_reach(&self, place: usize) -> Result<Arc<Seat>, WallError> {
        let phone = self.in_use(place).await?;
        match phone.network() {
            Network::Cut => Err(WallError::NoNetwork(phone.name.clone())),
            Network::Good | Network::Thin => Ok(phone),
        }
    }

    /// Puts phones into the inventory, enrols, approves and starts them.
    pub async fn enrol(&self, people: &[(&str, AgentNumber)]) -> Result<Vec<Seat>, WallError> {
        let made = self.made.fetch_add(people.len(), Ordering::Relaxed);
        let phones: Vec<(&str, AgentNumber, String)> = people
            .iter()
            .enumerate()
            .map(|(place, (name, agent))| (*name, *agent, format!("SN-{:04}", made + place + 1)))
            .collect();
        let serials: Vec<String> = phones.iter().map(|(_, _, serial)| serial.clone()).collect();
        let file = inventory_of(&phones);
        let made = self.administer({
            let serials = serials.clone();
            move |work| tickets(work, &file, &serials)
        });
        let mut enrolling = Vec::new();
        for (ticket, serial) in made.await?.into_iter().zip(&serials) {
            let line = Line::lay(self.upstream.clone()).await?;
            let ticket = Ticket { address: line.address().to_string(), ..ticket };
            let folder = Folder::at(self.folder.join(serial));
            let windows = self.windows.clone();
            enrolling.push(tokio::spawn(async move {
                let folder = blocking(move || {
                    let ring = KeyRing::generate(None)?;
                    folder.create(&ring, &windows.passphrase)?;
                    enrol::offer(&desk(&folder, windows.language), &ticket, &ring, &Hardware(&ring))?;
                    Ok(folder)
                })
                .await?;
                Ok::<_, WallError>((folder, line))
            }));
        }
        let mut enrolled = Vec::new();
        for one in enrolling {
            enrolled.push(one.await.map_err(|_| Failure::from(FaultCode::Internal))??);
        }
        self.administer(approve).await?;
        let mut opening = Vec::new();
        for ((folder, line), (name, agent)) in enrolled.into_iter().zip(people) {
            let (name, agent, windows) = ((*name).to_owned(), *agent, self.windows.clone());
            opening
                .push(tokio::spawn(async move { Seat::open((&name, agent), folder, line, &windows).await }));
        }
        let mut seats = Vec::new();
        for one in opening {
            seats.push(one.await.map_err(|_| Failure::from(FaultCode::Internal))??);
        }
        Ok(seats)
    }

    /// Puts one more phone of an agent into the inventory, and makes its ticket.
    pub async fn ticket(&self, name: &str, agent: AgentNumber) -> Result<Ticket, WallError> {
        let serial = format!("SN-{:04}", self.made.fetch_add(1, Ordering::Relaxed) + 1);
        let file = inventory_of(&[(name, agent, serial.clone())]);
        let made = self.administer(move |work| tickets(work, &file, &[serial])).await?;
        Ok(made.into_iter().next().ok_or(Failure::from(FaultCode::Internal))?)
    }

    /// Ends every device and the relay, in order.
    pub async fn strike(&self) {
        for seat in self.phones() {
            seat.close().await;
        }
        self.administrator.close().await;
        let relay = self.relay.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(relay) = relay {
            relay.stop().await;
        }
    }

    /// Waits until everybody is in the team's group.
    async fn join(&mut self) -> Result<(), WallError> {
        let team = self.administer(|work| {
            let number = work.records.team_named(TEAM)?.ok_or(FaultCode::NotFound)?;
            Ok(work.records.team_roster(number)?.ok_or(FaultCode::NotFound)?)
        });
        self.thread = team.await?.first_thread();
        for phone in self.phones() {
            until("a phone does not join its team", async || phone.is_member(self.thread).await).await?;
        }
        Ok(())
    }

    /// Gives roles, rights and hours; everybody learns them while on duty. Then two persons are needed.
    async fn appoint(&self) -> Result<(), WallError> {
        let team = self.administer(|work| Ok(work.records.team_named(TEAM)?.ok_or(FaultCode::NotFound)?));
        let (team, now): (TeamNumber, _) = (team.await?, clock::now());
        let agent = |place: usize| PEOPLE[place].1;
        let acts = vec![
            Act::SetRole { agent: agent(LEA), role: Role::Supervisor, teams: vec![team] },
            Act::SetUrgencyRight { agent: agent(LEA), granted: true },
            Act::SetRota { team, rota: day::on_call(now, agent(AMINE)) },
            Act::GrantLeave { agent: agent(PAUL), period: day::away(now)? },
            Act::SetCalendar { scope: HoursScope::Organisation, calendar: day::team() },
            Act::SetCalendar { scope: HoursScope::Agent(agent(LEA)), calendar: day::lead() },
            Act::RequireSecondPerson,
        ];
        self.state(acts).await?;
        for phone in self.phones() {
            until("a phone does not learn its hours", async || {
                phone.read(|reader| Ok(reader.registry()?.requires_second_person())).await
            })
            .await?;
        }
        Ok(())
    }

    /// Does an administrator's work on the administrator's computer.
    pub async fn administer<T, W>(&self, work: W) -> Result<T, WallError>
    where
        T: Send + 'static,
        W: FnOnce(&Work<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let (office, windows) = (&self.administrator.web.office, &self.windows);
        Ok(office.administer(windows.language, &windows.runtime, work).await?)
    }

    async fn state(&self, acts: Vec<Act>) -> Result<(), WallError> {
        self.administrator.command(Command::State(acts)).await.map(drop)
    }

    /// Moves the clock on to the next such minute of a day of work.
    pub fn go_to(&self, minute: u16) -> Result<(), WallError> {
        let now = clock::now();
        self.skip(day::next(now, minute)?.since(now));
        Ok(())
    }

    /// Moves the clock on.
    pub fn skip(&self, time: Duration) {
        clock::skip(time);
        if let Some(relay) = &*self.relay.lock().unwrap_or_else(PoisonError::into_inner) {
            relay.look_at_clock();
        }
        for seat in self.phones() {
            seat.look_at_clock();
        }
        self.administrator.look_at_clock();
    }
}

/// Founds the organisation on the administrator's computer.
async fn found(folder: &Path, relay: &Relay, claim: Ticket, windows: &Windows) -> Result<Seat, WallError> {
    let line = Line::lay(relay.upstream()).await?;
    let claim = Ticket { address: line.address().to_string(), ..claim };
    let (own, common) = (Folder::at(folder.join("administrator")), windows.clone());
    let own = blocking(move || {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| FaultCode::Internal)?;
        let ring = KeyRing::generate(Some(seed))?;
        own.create(&ring, &common.passphrase)?;
        founding::found_with(&desk(&own, common.language), &claim, ADMINISTRATOR.1, &ring)?;
        let records = crate::administration::Administration::open(&own, &ring.database_key())?;
        records.put_person(ADMINISTRATOR.1, ADMINISTRATOR.0, "")?;
        Ok(own)
    })
    .await?;
    Seat::open(ADMINISTRATOR, own, line, windows).await
}

/// Looks again and again until something is so.
pub async fn until(
    late: &'static str,
    mut met: impl AsyncFnMut() -> Result<bool, WallError>,
) -> Result<(), WallError> {
    let begun = Instant::now();
    while !met().await? {
        if begun.elapsed() > PATIENCE {
            return Err(WallError::Late(late));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
