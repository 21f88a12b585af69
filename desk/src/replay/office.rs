//! The administrator of a replay: founds the organisation, fills the inventory, makes tickets and
//! approves what comes back, all over the network as an administrator's computer does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use estafette_attest::{Evidence, Expected, Role, Serial, challenge, development, verify_android};
use estafette_core::driver::{Driver, Handle};
use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::enrol::{self, Approval, Founder, NewDatabase};
use estafette_core::net::{Connection, Endpoint, Pin};
use estafette_core::store::DatabaseKey;
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::{
    Binding, InventoryEntry, PendingEnrolment, Ticket, TicketRequest, TicketSecret, claim_hash,
};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::Calendar;
use estafette_protocol::statement::{Act, Class, History, HoursScope, Role as AgentRole};
use estafette_protocol::{
    AgentNumber, DeviceId, Ed25519Public, EnrolmentId, FaultCode, Hash, InventoryId, OrganisationId,
    RosterId, TeamNumber,
};
use rand_chacha::ChaCha20Rng;
use rand_core::RngCore as _;
use zeroize::Zeroizing;

use super::ReplayError;
use super::proxy::Line;
use crate::clock;
use crate::software_key::SoftwareKey;

/// The phone of every author, as the inventory and the evidence have it.
pub const PHONE: development::Phone<'static> =
    development::Phone { manufacturer: "Google", model: "Pixel 9 Pro" };
/// The administrator.
const ADMINISTRATOR: AgentNumber = AgentNumber(1);
/// Certificates with their admissions in one statement.
const TOGETHER: usize = 50;
/// How long a ticket lasts.
const TICKET: Duration = Duration::from_secs(3600);
/// How long an answer of the relay is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A seat for one author's device.
#[derive(Clone)]
pub struct Seat {
    /// Its agent.
    pub agent: AgentNumber,
    /// Its ticket, as text would carry it.
    pub ticket: Ticket,
    /// Its inventory entry.
    inventory: InventoryId,
}

/// The administrator's computer.
pub struct Office {
    handle: Handle,
    /// The relay gets another port at each start; the line knows it.
    _line: Line,
    organisation: OrganisationId,
    organisation_key: Ed25519Public,
    relay: Hash,
    pin: Hash,
    rng: ChaCha20Rng,
    next_agent: u32,
    next_team: u32,
}

impl Office {
    /// Founds the organisation with the claim ticket. Its hours are never closed.
    pub async fn found(
        claim: &Ticket,
        line: Line,
        folder: &Path,
        mut rng: ChaCha20Rng,
    ) -> Result<Self, ReplayError> {
        let relay_key = claim.relay_key.ok_or_else(|| ReplayError::relay("its ticket founds nothing"))?;
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        let organisation_key = ed25519_dalek::SigningKey::from_bytes(&seed);
        let device_key = SoftwareKey::draw(&mut rng);
        let founder = Founder {
            organisation_key: &organisation_key,
            relay_key,
            device_key: &device_key,
            agent: ADMINISTRATOR,
            now: clock::now(),
        };
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        let key = DatabaseKey(Zeroizing::new(key));
        let database = NewDatabase { path: &folder.join("administrator.db"), key: &key };
        let founding = enrol::found(claim, &founder, database, &mut rng).map_err(ReplayError::enrolment)?;
        let address = line.address().to_string();
        let endpoint = Endpoint::new(&address, Pin(claim.pin.0))?;
        let mut connection = Connection::open(&endpoint, PATIENCE).await?;
        founding.offer(&mut connection).await?;
        let engine = founding.into_engine();
        let organisation = engine.identity().organisation;
        let runtime = tokio::runtime::Handle::current();
        let handle = Driver::start(engine, Arc::new(device_key), address, claim.pin, runtime)
            .map_err(ReplayError::device)?;
        let office = Self {
            handle,
            _line: line,
            organisation,
            organisation_key: Ed25519Public(organisation_key.verifying_key().to_bytes()),
            relay: Hash::of(&[&relay_key.0]),
            pin: claim.pin,
            rng,
            next_agent: ADMINISTRATOR.0 + 1,
            next_team: 1,
        };
        let calendar = Calendar::always_open("Europe/Paris");
        office.state(vec![Act::SetCalendar { scope: HoursScope::Organisation, calendar }]).await?;
        Ok(office)
    }

    /// Makes a team.
    pub async fn team(&mut self) -> Result<RosterId, ReplayError> {
        let roster = RosterId(self.random());
        let team = Some(TeamNumber(self.next_team));
        self.next_team += 1;
        self.state(vec![Act::CreateRoster { roster, class: Class::Service, team, retention_days: 365 }])
            .await?;
        Ok(roster)
    }

    /// Makes a team's roster of announcements, with one who leads it.
    pub async fn announcements(
        &mut self,
        team: u32,
        (agent, device): (AgentNumber, DeviceId),
        members: &[DeviceId],
    ) -> Result<RosterId, ReplayError> {
        let roster = RosterId(self.random());
        let team = TeamNumber(team);
        let teams = (1..=team.0).map(TeamNumber).collect();
        let admit = |device: &DeviceId| Act::Admit { roster, device: *device, history: History::None };
        let mut acts = vec![
            Act::SetRole { agent, role: AgentRole::Supervisor, teams },
            Act::CreateRoster { roster, class: Class::Diffusion, team: Some(team), retention_days: 1826 },
        ];
        acts.extend([device].iter().chain(members.iter().filter(|member| **member != device)).map(admit));
        self.state(acts).await?;
        Ok(roster)
    }

    /// Puts phones into the inventory and makes a ticket for each.
    pub async fn tickets(&mut self, count: usize) -> Result<Vec<Seat>, ReplayError> {
        let mut seats = Vec::with_capacity(count);
        for _ in 0..count {
            let agent = AgentNumber(self.next_agent);
            self.next_agent += 1;
            seats.push(self.seat(agent));
        }
        self.open(&seats).await?;
        Ok(seats)
    }

    /// Puts another phone of an agent into the inventory and makes its ticket.
    pub async fn another(&mut self, agent: AgentNumber) -> Result<Seat, ReplayError> {
        let seat = self.seat(agent);
        self.open(std::slice::from_ref(&seat)).await?;
        Ok(seat)
    }

    async fn open(&self, seats: &[Seat]) -> Result<(), ReplayError> {
        let entries = seats.iter().map(|seat| InventoryEntry {
            id: seat.inventory,
            agent: seat.agent,
            team: None,
            platform: "android".to_owned(),
            model: PHONE.model.to_owned(),
            serial: Hash::of(&[&seat.inventory.0]),
            level: Level::Software,
        });
        self.ask(RequestBody::Inventory { entries: entries.collect() }).await?;
        let expires_at = clock::now().after(TICKET);
        for seat in seats {
            let request = TicketRequest {
                enrolment: seat.ticket.enrolment,
                inventory: seat.inventory,
                claim: claim_hash(&seat.ticket.secret.claim()),
                expires_at,
            };
            self.ask(RequestBody::Ticket(request)).await?;
        }
        Ok(())
    }

    fn seat(&mut self, agent: AgentNumber) -> Seat {
        let ticket = Ticket {
            address: String::new(),
            pin: self.pin,
            organisation_key: Some(self.organisation_key),
            relay_key: None,
            enrolment: EnrolmentId(self.random()),
            secret: TicketSecret(self.random()),
        };
        Seat { agent, ticket, inventory: InventoryId(self.random()) }
    }

    /// Checks the enrolments of all seats and approves them, with their admissions to a roster.
    pub async fn approve(&self, seats: &[Seat], roster: RosterId) -> Result<(), ReplayError> {
        self.approve_with(seats, roster, History::None).await
    }

    /// The same, with as much of the roster's past.
    pub async fn approve_with(
        &self,
        seats: &[Seat],
        roster: RosterId,
        history: History,
    ) -> Result<(), ReplayError> {
        let mut left: Vec<&Seat> = seats.iter().collect();
        while !left.is_empty() {
            let Reply::Pending { enrolments } = self.ask(RequestBody::Pending).await? else {
                return Err(ReplayError::relay("it does not say who waits"));
            };
            let mut acts = Vec::new();
            let mut approved = Vec::new();
            for pending in enrolments.iter().take(TOGETHER) {
                let Some(seat) = left.iter().find(|seat| seat.ticket.enrolment == pending.enrolment) else {
                    continue;
                };
                let certificate = self.verify(pending, seat)?;
                acts.extend(enrol::admissions(certificate, &[roster], history));
                approved.push(pending.enrolment);
            }
            if approved.is_empty() {
                return Err(ReplayError::relay("enrolments are missing"));
            }
            self.state(acts).await?;
            left.retain(|seat| !approved.contains(&seat.ticket.enrolment));
        }
        Ok(())
    }

    fn verify(
        &self,
        pending: &PendingEnrolment,
        seat: &Seat,
    ) -> Result<estafette_protocol::certificate::Certificate, ReplayError> {
        let approval = Approval {
            organisation: self.organisation,
            secret: &seat.ticket.secret,
            inventory: seat.inventory,
            agent: seat.agent,
            team: None,
            model: PHONE.model,
            computer: false,
            evidence: &|pending, binding| self.judge(pending, binding, &seat.ticket.secret),
        };
        enrol::verify(pending, &approval).map_err(ReplayError::device)
    }

    fn judge(
        &self,
        pending: &PendingEnrolment,
        binding: &Binding,
        secret: &TicketSecret,
    ) -> Result<Level, Vec<String>> {
        let evidence = Evidence::from_bytes(&pending.evidence).map_err(|error| vec![error.to_string()])?;
        let claim = claim_hash(&secret.claim());
        let challenge = |role| challenge(&self.relay.0, &pending.enrolment, &pending.nonce, &claim.0, role);
        let key = &binding.es256.0;
        let expected = Expected {
            challenge: Some(&challenge(Role::Device)),
            id_challenge: Some(&challenge(Role::Id(key))),
            key: Some(key),
            model: Some(PHONE.model),
            serial: Serial::Unknown,
            policy: &development::policy(),
            roots: &[development::root()],
            revoked: None,
            now: clock::now(),
        };
        let facts = verify_android(&evidence, &expected).map_err(|reasons| {
            reasons.into_iter().map(|reason| reason.as_str().to_owned()).collect::<Vec<_>>()
        })?;
        Ok(facts.level())
    }

    pub(crate) async fn state(&self, acts: Vec<Act>) -> Result<(), ReplayError> {
        self.command(Command::State(acts)).await.map(drop)
    }

    pub(crate) async fn ask(&self, body: RequestBody) -> Result<Reply, ReplayError> {
        self.command(Command::Ask(body)).await
    }

    async fn command(&self, command: Command) -> Result<Reply, ReplayError> {
        match tokio::time::timeout(PATIENCE, self.handle.command(command)).await {
            Ok(Ok(CommandAnswer::Reply(reply))) => Ok(reply),
            Ok(Ok(CommandAnswer::Refused(fault))) => Err(fault.into()),
            Ok(Ok(_)) => Ok(Reply::Done),
            Ok(Err(_)) => Err(ReplayError::device("the administrator's device has ended")),
            Err(_) => Err(ReplayError::Fault(FaultCode::Unreachable.into())),
        }
    }

    /// Ends the administrator's computer. Blocks.
    pub fn stop(self) {
        self.handle.stop();
    }

    fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }
}
