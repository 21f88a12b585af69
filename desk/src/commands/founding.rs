//! Founding an organisation, and coming back from its recovery sheet.

use estafette_core::enrol::{Founder, Founding as Request, NewDatabase, found, recover};
use estafette_core::net::{Connection, Endpoint, Pin};
use estafette_protocol::enrol::{Ticket, TicketSecret};
use estafette_protocol::hours::{Calendar, Week};
use estafette_protocol::policy::Policy;
use estafette_protocol::statement::{Act, HoursScope};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, Ed25519Public, Fault, FaultCode, StatementNumber};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use serde_json::json;

use super::{approval, policies};
use crate::administration::Administration;
use crate::clock;
use crate::folder::KeyRing;
use crate::output;
use crate::session::{Desk, Failure, PATIENCE, runtime};
use crate::sheet::Sheet;

/// Hours of a new organisation until an administrator sets others.
const FIRST_WEEK: &str = "lun-ven 08:00-17:00";

/// What founds an organisation.
pub struct Founding {
    /// The organisation's name, for the directory.
    pub name: String,
    /// From `estafette-relay init`.
    pub ticket: Ticket,
    /// The first administrator's number.
    pub agent: AgentNumber,
    /// The first administrator's name.
    pub agent_name: String,
    /// Weekly hours, as people write them.
    pub week: Option<String>,
    /// Their time zone.
    pub zone: String,
}

/// A generator for keys, seeded by the system.
pub fn dice() -> Result<ChaCha20Rng, Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| FaultCode::Internal)?;
    Ok(ChaCha20Rng::from_seed(seed))
}

/// Makes the organisation's key, has its sheet confirmed, and founds the organisation.
pub fn create(desk: &Desk, founding: &Founding) -> Result<(), Failure> {
    let week: Week = founding.week.as_deref().unwrap_or(FIRST_WEEK).parse().map_err(|_| bad_week(desk))?;
    let calendar = Calendar::weekly(founding.zone.clone(), week);
    calendar.validate().map_err(|_| bad_week(desk))?;
    relay_key(desk, &founding.ticket)?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| FaultCode::Internal)?;
    let sheet = Sheet::of_seed(&seed).map_err(|_| FaultCode::Internal)?;
    confirm(desk, &sheet, &founding.ticket)?;
    let ring = KeyRing::generate(Some(seed))?;
    desk.folder.create(&ring, &desk.passphrase(true)?)?;
    let outcome = found_with(desk, &founding.ticket, founding.agent, &ring);
    if outcome.is_err() {
        // Nothing was founded: the folder would only stand in the way of the next attempt.
        desk.folder.destroy()?;
    }
    outcome?;
    let session = desk.start(&ring)?;
    let first = Policy::Calendar { scope: HoursScope::Organisation, calendar };
    policies::ask(desk, &ring, &session, vec![first], vec![Act::RequireSecondPerson])?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    records.put_person(founding.agent, &founding.agent_name, "")?;
    approval::publish(&session, &desk.reader(&ring)?, &records)?;
    session.stop();
    let organisation = desk.reader(&ring)?.device()?.organisation.to_string();
    let sentence = text(desk.language, "desk-founded", &[("name", (&founding.name).into())]);
    output::done(desk, &sentence, &json!({ "organisation": organisation }));
    Ok(())
}

/// Makes this computer an administrator's again, from the recovery sheet.
pub fn come_back(desk: &Desk, relay: &Ticket, agent: AgentNumber, agent_name: &str) -> Result<(), Failure> {
    let relay_key = relay_key(desk, relay)?;
    let typed = desk.ask(&text(desk.language, "desk-sheet-words", &[]))?;
    let seed = Sheet::parse(&typed)
        .and_then(|sheet| sheet.seed())
        .map_err(|_| Failure::Usage(text(desk.language, "desk-sheet-unreadable", &[])))?;
    let ring = KeyRing::generate(Some(seed))?;
    desk.folder.create(&ring, &desk.passphrase(true)?)?;
    let place = Place { ticket: relay, agent, relay_key, recovers: true };
    let outcome = offer(desk, &place, &ring);
    if outcome.is_err() {
        desk.folder.destroy()?;
    }
    outcome?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    records.put_person(agent, agent_name, "")?;
    output::done(desk, &text(desk.language, "desk-recovered", &[]), &json!({ "recovered": true }));
    Ok(())
}

/// Only the ticket of `estafette-relay init` names the relay's key.
fn relay_key(desk: &Desk, ticket: &Ticket) -> Result<Ed25519Public, Failure> {
    ticket.relay_key.ok_or_else(|| Failure::Usage(text(desk.language, "desk-claim-ticket-needed", &[])))
}

/// Founds the organisation whose key is among these; the administrator's folder is there already.
///
/// # Errors
///
/// The relay refuses or is not reached, or the disk refuses. The folder is then of no use.
pub fn found_with(desk: &Desk, ticket: &Ticket, agent: AgentNumber, ring: &KeyRing) -> Result<(), Failure> {
    offer(desk, &Place { ticket, agent, relay_key: relay_key(desk, ticket)?, recovers: false }, ring)
}

/// Where and as whom this computer becomes an administrator's.
struct Place<'a> {
    ticket: &'a Ticket,
    agent: AgentNumber,
    relay_key: Ed25519Public,
    recovers: bool,
}

fn offer(desk: &Desk, place: &Place<'_>, ring: &KeyRing) -> Result<(), Failure> {
    let organisation_key = ring.organisation_key().ok_or(FaultCode::Internal)?;
    let device_key = ring.device_key()?;
    let founder = Founder {
        organisation_key: &organisation_key,
        relay_key: place.relay_key,
        device_key: &device_key,
        agent: place.agent,
        now: clock::now(),
    };
    let path = desk.folder.database();
    let database = NewDatabase { path: &path, key: &ring.database_key() };
    let make = if place.recovers { recover } else { found };
    let request = make(place.ticket, &founder, database, &mut dice()?).map_err(super::enrol::failure)?;
    runtime()?.block_on(send(place, &founder, request))?;
    Ok(())
}

/// Sends the request; a recovery learns from the first refusal which statement it has to follow.
async fn send(place: &Place<'_>, founder: &Founder<'_>, mut request: Request) -> Result<(), Fault> {
    let endpoint = Endpoint::new(&place.ticket.address, Pin(place.ticket.pin.0))?;
    let mut connection = Connection::open(&endpoint, PATIENCE).await?;
    match request.offer(&mut connection).await {
        Err(Fault {
            code: FaultCode::StatementOutOfOrder,
            number: Some(number),
            hash: Some(previous),
            ..
        }) if place.recovers => {
            request.follow(founder, StatementNumber(number), previous);
            let mut connection = Connection::open(&endpoint, PATIENCE).await?;
            request.offer(&mut connection).await
        }
        answer => answer,
    }
}

fn bad_week(desk: &Desk) -> Failure {
    Failure::Usage(text(desk.language, "desk-bad-week", &[]))
}

/// Prints the sheet and asks for three of its words.
fn confirm(desk: &Desk, sheet: &Sheet, ticket: &Ticket) -> Result<(), Failure> {
    println!("{}\n\n{}", text(desk.language, "desk-sheet-title", &[]), sheet.columns());
    println!("{}", sheet.qr().map_err(|_| FaultCode::Internal)?);
    let relay = Ticket { secret: TicketSecret([0; 16]), ..ticket.clone() }.to_string();
    println!("{}", text(desk.language, "desk-sheet-relay", &[("relay", (&relay).into())]));
    println!("{}", text(desk.language, "desk-sheet-keep", &[]));
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| FaultCode::Internal)?;
    let places = sheet.places(&random);
    let mut typed = Vec::new();
    for place in places {
        typed.push(desk.ask(&text(desk.language, "desk-sheet-ask", &[("place", place.into())]))?);
    }
    match sheet.confirms(&places, &typed) {
        true => Ok(()),
        false => Err(Failure::Usage(text(desk.language, "desk-sheet-wrong", &[]))),
    }
}
