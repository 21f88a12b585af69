//! The last act: phones that are not the organisation's knock, and are refused.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use estafette_attest::development::{Defect, DevelopmentAttestor, Phone};
use estafette_core::enrol::{self, AttestedKey, Attestor, EnrolError, Enrolment, KeyRequest, NewDatabase};
use estafette_core::net::{Connection, Endpoint, Pin};
use estafette_core::store::DatabaseKey;
use estafette_protocol::enrol::{BeginRequest, Ticket, TicketSecret};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::texts::{fault_sentence, text};
use estafette_protocol::{EnrolmentId, Fault, FaultCode, OrganisationId};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use zeroize::Zeroizing;

use super::DemoError;
use super::screen::Screen;
use super::town::Town;
use crate::replay::office::PHONE;
use crate::replay::proxy::{Line, Upstream};
use crate::replay::{self, ReplayError};
use crate::software_key::SoftwareKey;

/// A phone of a sound maker that is not the inventory's.
pub const OTHER: Phone<'static> = Phone { manufacturer: "Google", model: "Pixel 7a" };
/// How long an answer of the relay is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The hardware of a phone that tries.
pub enum Hardware {
    /// Its evidence is in order, its model is not the expected one.
    Other,
    /// The expected model with its bootloader unlocked: whoever had it in hand may run anything on it.
    Rooted,
}

impl Attestor for Hardware {
    fn make_key(&self, request: &KeyRequest<'_>) -> Result<AttestedKey, Fault> {
        let challenge = request.challenge.ok_or(FaultCode::AttestationRejected)?;
        let seed = replay::random().map_err(|_| FaultCode::Internal)?;
        let key = SoftwareKey::draw(&mut ChaCha20Rng::from_seed(seed));
        let (maker, public, challenge) =
            (DevelopmentAttestor::new(), key.verifying_key(), challenge.device());
        let evidence = match self {
            Self::Other => maker.attest(public, &challenge, OTHER),
            Self::Rooted => maker.attest_with(Defect::Unlocked, public, &challenge, PHONE),
        };
        let evidence = evidence.to_bytes();
        Ok(AttestedKey { key: Arc::new(key), evidence })
    }
}

/// Three phones try: another one with a real ticket, the right one after it was opened, one without a ticket.
pub fn knocks(town: &mut Town<'_>, screen: &mut Screen) -> Result<(), DemoError> {
    let language = screen.language();
    let (stranger, nobody) = (text(language, "demo-a-stranger", &[]), text(language, "demo-no-ticket", &[]));
    screen.chapter(&text(language, "demo-stranger", &[]))?;
    let devices = known_devices(town)?;

    let arguments = [("due", PHONE.model.into()), ("other", OTHER.model.into())];
    screen.plain(&text(language, "demo-stranger-how", &arguments))?;
    let seats = town.runtime.block_on(town.office.tickets(1))?;
    let seat = seats.first().ok_or_else(|| ReplayError::relay("it makes no ticket"))?;
    let upstream = town.relay.upstream();
    let fault =
        town.runtime.block_on(enrol_elsewhere(&upstream, &town.folder, &seat.ticket, &Hardware::Other))?;
    let refused = fault.code == FaultCode::NotInInventory;
    let sentence = fault_sentence(language, &fault);
    screen.fact(&stranger, &text(language, "demo-refused", &[("why", (&sentence).into())]), refused)?;

    let rooted = text(language, "demo-rooted", &[]);
    screen.plain(&text(language, "demo-rooted-how", &[("due", PHONE.model.into())]))?;
    let fault =
        town.runtime.block_on(enrol_elsewhere(&upstream, &town.folder, &seat.ticket, &Hardware::Rooted))?;
    let refused = fault.code == FaultCode::AttestationRejected;
    let sentence = fault_sentence(language, &fault);
    screen.fact(&rooted, &text(language, "demo-refused", &[("why", (&sentence).into())]), refused)?;

    let fault = town.runtime.block_on(knock(&upstream, &seat.ticket))?;
    let refused = fault.code == FaultCode::EnrolmentInvalid;
    let sentence = fault_sentence(language, &fault);
    screen.fact(&nobody, &text(language, "demo-refused", &[("why", (&sentence).into())]), refused)?;

    let pending = town.runtime.block_on(town.office.ask(RequestBody::Pending))?;
    let nobody_waits = matches!(pending, Reply::Pending { enrolments } if enrolments.is_empty());
    let same = known_devices(town)? == devices;
    let relay = text(language, "demo-the-relay", &[]);
    screen.fact(&relay, &text(language, "demo-nobody-waits", &[]), nobody_waits && same)
}

/// Devices that the organisation's statements know, by Léa's phone.
fn known_devices(town: &mut Town<'_>) -> Result<usize, DemoError> {
    let reader = town.devices[super::town::LEA].reader()?;
    Ok(reader.registry().map_err(ReplayError::device)?.devices().count())
}

async fn connect(upstream: &Upstream, ticket: &Ticket) -> Result<(Line, Connection), ReplayError> {
    let line = Line::lay(upstream.clone()).await?;
    let endpoint = Endpoint::new(&line.address().to_string(), Pin(ticket.pin.0))?;
    let connection = Connection::open(&endpoint, PATIENCE).await?;
    Ok((line, connection))
}

/// Walks the whole road of an enrolment on the other phone, whose database would be made in a folder of its own
/// within `folder`: whoever tries again comes with another phone. Gives back the refusal.
pub async fn enrol_elsewhere(
    upstream: &Upstream,
    folder: &Path,
    ticket: &Ticket,
    hardware: &Hardware,
) -> Result<Fault, ReplayError> {
    let (line, mut connection) = connect(upstream, ticket).await?;
    let mut rng = ChaCha20Rng::from_seed(replay::random()?);
    let ticket = Ticket { address: line.address().to_string(), ..ticket.clone() };
    let mut key = [0; 32];
    rng.fill_bytes(&mut key);
    let key = DatabaseKey(Zeroizing::new(key));
    let own = tempfile::tempdir_in(folder)?;
    let path = own.path().join("phone.db");
    let database = NewDatabase { path: &path, key: &key };
    let enrolment = match Enrolment::begin(&ticket, &mut connection, hardware, database, &mut rng).await {
        Ok(enrolment) => enrolment,
        Err(EnrolError::Fault(fault)) => return Ok(fault),
        Err(error) => return Err(ReplayError::device(error)),
    };
    refusal(enrolment.complete(&mut connection).await)
}

/// A personal phone that knows the relay and the organisation, and guesses the rest.
async fn knock(upstream: &Upstream, ticket: &Ticket) -> Result<Fault, ReplayError> {
    let (_line, mut connection) = connect(upstream, ticket).await?;
    let key =
        ticket.organisation_key.ok_or_else(|| ReplayError::relay("a ticket without an organisation"))?;
    let guess = replay::random()?;
    let (mut enrolment, mut secret) = ([0; 16], [0; 16]);
    enrolment.copy_from_slice(&guess[..16]);
    secret.copy_from_slice(&guess[16..]);
    let request = BeginRequest {
        organisation: OrganisationId::of_key(&key.0),
        enrolment: EnrolmentId(enrolment),
        claim: TicketSecret(secret).claim(),
    };
    refusal(enrol::begin(&mut connection, &request).await)
}

fn refusal<T>(outcome: Result<T, Fault>) -> Result<Fault, ReplayError> {
    match outcome {
        Err(fault) => Ok(fault),
        Ok(_) => Err(ReplayError::relay("it takes a device that is not the organisation's")),
    }
}
