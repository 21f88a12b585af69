//! Founding an organisation, and coming back from its recovery sheet.

use std::time::Duration;

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
use zeroize::Zeroizing;

use super::work::Work;
use super::{policies, publishing};
use crate::clock;
use crate::folder::KeyRing;
use crate::output;
use crate::session::{Desk, Failure, PATIENCE, runtime};
use crate::sheet::{ASKED, Sheet};

/// Hours of a new organisation until an administrator sets others.
pub const FIRST_WEEK: &str = "lun-ven 08:00-17:00";

/// How long a computer that came back waits for the names.
const NAMES: Duration = Duration::from_secs(10);

/// What founds an organisation.
#[derive(Clone)]
pub struct Founding {
    /// The organisation's name, for its sheet and its first page.
    pub name: String,
    /// From `estafette-relay init`.
    pub ticket: Ticket,
    /// The first administrator's number.
    pub agent: AgentNumber,
    /// The first administrator's name.
    pub agent_name: String,
    /// The organisation's first hours.
    pub calendar: Calendar,
}

/// A generator for keys, seeded by the system.
pub fn dice() -> Result<ChaCha20Rng, Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| FaultCode::Internal)?;
    Ok(ChaCha20Rng::from_seed(seed))
}

/// The calendar of weekly hours as the command line takes them, [`FIRST_WEEK`] where none are given.
pub fn calendar(desk: &Desk, week: Option<&str>, zone: String) -> Result<Calendar, Failure> {
    let bad = || Failure::Usage(text(desk.language, "desk-bad-week", &[]));
    let week: Week = week.unwrap_or(FIRST_WEEK).parse().map_err(|_| bad())?;
    let calendar = Calendar::weekly(zone, week);
    calendar.validate().map_err(|_| bad())?;
    Ok(calendar)
}

/// Makes the organisation's key, has its sheet confirmed, and founds the organisation.
pub fn create(desk: &Desk, founding: &Founding) -> Result<(), Failure> {
    relay_key(desk, &founding.ticket)?;
    let seed = new_seed()?;
    let sheet = Sheet::of_seed(&seed).map_err(|_| FaultCode::Internal)?;
    confirm(desk, &sheet, &founding.ticket)?;
    let ring = found_here(desk, founding, &seed, &desk.passphrase(true)?)?;
    let session = desk.start(&ring)?;
    let records = desk.records(&ring)?;
    settle(&Work { desk, ring: &ring, records: &records, session: &session }, founding)?;
    session.stop();
    let organisation = desk.reader(&ring)?.device()?.organisation.to_string();
    let sentence = text(desk.language, "desk-founded", &[("name", (&founding.name).into())]);
    output::done(desk, &sentence, &json!({ "organisation": organisation }));
    Ok(())
}

/// A new organisation's key.
pub fn new_seed() -> Result<Zeroizing<[u8; 32]>, Failure> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut seed[..]).map_err(|_| FaultCode::Internal)?;
    Ok(seed)
}

/// Founds the organisation of a key whose sheet was confirmed, and makes this folder its first administrator's.
///
/// May be tried again with the same key: where the relay has founded it and its answer was lost, it is asked to
/// appoint this computer instead, which the organisation's key may at any time.
///
/// # Errors
/// The folder is somebody's, the relay refuses or is not reached. The folder is then as it was.
pub fn found_here(
    desk: &Desk,
    founding: &Founding,
    seed: &[u8; 32],
    passphrase: &str,
) -> Result<KeyRing, Failure> {
    let ring = KeyRing::generate(Some(*seed))?;
    let mut prepared = desk.folder.prepare(&ring, passphrase)?;
    if let Err(failure) = found_with(desk, &founding.ticket, founding.agent, &ring) {
        if failure.fault().is_none_or(|fault| fault.code != FaultCode::EnrolmentUsed) {
            return Err(failure);
        }
        // Its database is of no use any more.
        drop(prepared);
        prepared = desk.folder.prepare(&ring, passphrase)?;
        let relay_key = relay_key(desk, &founding.ticket)?;
        let place = Place { ticket: &founding.ticket, agent: founding.agent, relay_key, recovers: true };
        offer(desk, &place, &ring).map_err(|_| failure)?;
    }
    prepared.keep()?;
    Ok(ring)
}

/// Gives a new organisation its first hours, the rule that policies take two persons, and its administrator's name.
///
/// # Errors
/// The relay refuses or is not reached. May be tried again.
pub fn settle(work: &Work<'_>, founding: &Founding) -> Result<(), Failure> {
    work.records.put_person(founding.agent, &founding.agent_name, "")?;
    first_hours(work, founding.calendar.clone())?;
    publishing::publish(work)
}

/// Gives an organisation its first hours and the rule that policies take two persons.
///
/// # Errors
/// The relay refuses or is not reached. May be tried again.
pub fn first_hours(work: &Work<'_>, calendar: Calendar) -> Result<(), Failure> {
    let first = Policy::Calendar { scope: HoursScope::Organisation, calendar };
    policies::ask(work.desk, work.ring, work.session, vec![first], vec![Act::RequireSecondPerson])?;
    Ok(())
}

/// What a recovery sheet says, and who holds it.
#[derive(Clone)]
pub struct Return {
    /// The relay's line.
    pub relay: Ticket,
    /// What its 24 words stand for.
    pub seed: Zeroizing<[u8; 32]>,
    /// The administrator's number.
    pub agent: AgentNumber,
    /// The administrator's name.
    pub agent_name: String,
}

/// Makes this computer an administrator's again, from the recovery sheet.
pub fn come_back(desk: &Desk, relay: &Ticket, agent: AgentNumber, agent_name: &str) -> Result<(), Failure> {
    relay_key(desk, relay)?;
    let typed = desk.ask(&text(desk.language, "desk-sheet-words", &[]))?;
    let sheet = Sheet::parse(&typed).map_err(|why| Failure::Usage(why.sentence(desk.language)))?;
    let seed = Zeroizing::new(sheet.seed().map_err(|_| FaultCode::Internal)?);
    let agent_name = agent_name.to_owned();
    let coming = Return { relay: relay.clone(), seed, agent, agent_name };
    let ring = come_back_here(desk, &coming, &desk.passphrase(true)?)?;
    let session = desk.start(&ring)?;
    // The names come with the statements; where nobody has published any, this computer is back all the same.
    session.until(NAMES, || Ok(desk.reader(&ring)?.directory_version()? > 0))?;
    session.stop();
    output::done(desk, &text(desk.language, "desk-recovered", &[]), &json!({ "recovered": true }));
    Ok(())
}

/// Makes this folder an administrator's of the organisation of a sheet.
///
/// # Errors
/// The folder is somebody's, the relay refuses or is not reached. The folder is then as it was.
pub fn come_back_here(desk: &Desk, coming: &Return, passphrase: &str) -> Result<KeyRing, Failure> {
    let relay_key = relay_key(desk, &coming.relay)?;
    let ring = KeyRing::generate(Some(*coming.seed))?;
    let prepared = desk.folder.prepare(&ring, passphrase)?;
    offer(desk, &Place { ticket: &coming.relay, agent: coming.agent, relay_key, recovers: true }, &ring)?;
    prepared.keep()?;
    let records = desk.records(&ring)?;
    if !coming.agent_name.is_empty() {
        records.put_person(coming.agent, &coming.agent_name, "")?;
    }
    Ok(ring)
}

/// Only the ticket of `estafette-relay init` names the relay's key.
fn relay_key(desk: &Desk, ticket: &Ticket) -> Result<Ed25519Public, Failure> {
    ticket.relay_key.ok_or_else(|| Failure::Usage(text(desk.language, "desk-claim-ticket-needed", &[])))
}

/// Looks whether the relay of a ticket is there, under the key that the ticket names. Nothing is asked of it.
///
/// # Errors
/// It is not reached, or it is another one.
pub async fn reach(ticket: &Ticket) -> Result<(), Failure> {
    let endpoint = Endpoint::new(&ticket.address, Pin(ticket.pin.0))?;
    Connection::open(&endpoint, PATIENCE).await?;
    Ok(())
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

/// The relay as a sheet names it: its ticket without what founds.
pub fn relay_on_paper(ticket: &Ticket) -> String {
    Ticket { secret: TicketSecret([0; 16]), ..ticket.clone() }.to_string()
}

/// Three places of a sheet that are asked for.
pub fn places(sheet: &Sheet) -> Result<[usize; ASKED], Failure> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| FaultCode::Internal)?;
    Ok(sheet.places(&random))
}

/// Prints the sheet and asks for three of its words.
fn confirm(desk: &Desk, sheet: &Sheet, ticket: &Ticket) -> Result<(), Failure> {
    println!("{}\n\n{}", text(desk.language, "desk-sheet-title", &[]), sheet.columns());
    println!("{}", sheet.qr().map_err(|_| FaultCode::Internal)?);
    let relay = relay_on_paper(ticket);
    println!("{}", text(desk.language, "desk-sheet-relay", &[("relay", (&relay).into())]));
    println!("{}", text(desk.language, "desk-sheet-keep", &[]));
    let places = places(sheet)?;
    let mut typed = Vec::new();
    for place in places {
        typed.push(desk.ask(&text(desk.language, "desk-sheet-ask", &[("place", place.into())]))?);
    }
    match sheet.wrong(&places, &typed).is_empty() {
        true => Ok(()),
        false => Err(Failure::Usage(text(desk.language, "desk-sheet-wrong", &[]))),
    }
}
