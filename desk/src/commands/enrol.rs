//! A computer that enrols with a ticket: by the command line, and by the pages of the first run.

use std::sync::Arc;

use estafette_core::enrol::{AttestedKey, Attestor, EnrolError, Enrolment, KeyRequest, NewDatabase, begin};
use estafette_core::net::{Connection, Endpoint, Pin};
use estafette_protocol::enrol::{BeginRequest, EnrolmentState, Ticket, fingerprint};
use estafette_protocol::texts::text;
use estafette_protocol::{Fault, FaultCode, OrganisationId};
use serde_json::json;

use super::founding::dice;
use crate::folder::KeyRing;
use crate::output;
use crate::session::{Desk, Failure, PATIENCE, runtime};

/// The failure of an enrolment.
pub fn failure(error: EnrolError) -> Failure {
    match error {
        EnrolError::Fault(fault) => fault.into(),
        EnrolError::Store(error) => error.into(),
        EnrolError::ClaimTicket => FaultCode::EnrolmentInvalid.into(),
    }
}

/// A computer's key: made beforehand, without hardware and so without evidence.
struct Computer<'a>(&'a KeyRing);

impl Attestor for Computer<'_> {
    fn make_key(&self, _request: &KeyRequest<'_>) -> Result<AttestedKey, Fault> {
        let key = self.0.device_key().map_err(|_| FaultCode::Internal)?;
        Ok(AttestedKey { key: Arc::new(key), evidence: Vec::new() })
    }
}

/// A computer that has enrolled.
pub struct Enrolled {
    /// Its keys; the folder has them too.
    pub ring: KeyRing,
    /// Waits for an administrator, or is in force already.
    pub state: EnrolmentState,
}

/// Enrols this computer under a new passphrase; an administrator's device approves it.
///
/// # Errors
/// The folder is somebody's, the ticket is refused, the relay not reached. The folder is then as it was.
pub fn join(desk: &Desk, ticket: &Ticket, passphrase: &str) -> Result<Enrolled, Failure> {
    let ring = KeyRing::generate(None)?;
    let prepared = desk.folder.prepare(&ring, passphrase)?;
    let state = offer(desk, ticket, &ring, &Computer(&ring))?;
    if state == EnrolmentState::Refused {
        return Err(FaultCode::EnrolmentInvalid.into());
    }
    prepared.keep()?;
    Ok(Enrolled { ring, state })
}

/// Asks the relay whether a ticket can be used, and for which model; it can be used afterwards.
///
/// # Errors
/// The ticket is refused, or the relay not reached.
pub fn look(ticket: &Ticket) -> Result<String, Failure> {
    let organisation_key = ticket.organisation_key.ok_or(FaultCode::EnrolmentInvalid)?;
    let request = BeginRequest {
        organisation: OrganisationId::of_key(&organisation_key.0),
        enrolment: ticket.enrolment,
        claim: ticket.secret.claim(),
    };
    let response = runtime()?.block_on(async {
        let endpoint = Endpoint::new(&ticket.address, Pin(ticket.pin.0))?;
        begin(&mut Connection::open(&endpoint, PATIENCE).await?, &request).await
    })?;
    Ok(response.model)
}

/// Enrols this computer and says what is to be compared.
pub fn run(desk: &Desk, ticket: &Ticket) -> Result<(), Failure> {
    let Enrolled { ring, state } = join(desk, ticket, &desk.passphrase(true)?)?;
    let key = estafette_core::identity::DeviceKey::public(&ring.device_key()?);
    let digits = fingerprint(&key);
    let sentence = match state {
        EnrolmentState::Active => text(desk.language, "desk-enrolled", &[]),
        EnrolmentState::Pending | EnrolmentState::Refused => {
            text(desk.language, "desk-enrolment-pending", &[("fingerprint", (&digits).into())])
        }
    };
    output::done(
        desk,
        &sentence,
        &json!({ "fingerprint": digits, "active": state == EnrolmentState::Active }),
    );
    Ok(())
}

/// Enrols the device whose keys these are, with what `attestor` says for them; its folder is there already.
///
/// # Errors
///
/// The relay refuses or is not reached, or the disk refuses. The folder is then of no use.
pub fn offer(
    desk: &Desk,
    ticket: &Ticket,
    ring: &KeyRing,
    attestor: &dyn Attestor,
) -> Result<EnrolmentState, Failure> {
    let path = desk.folder.database();
    runtime()?.block_on(async {
        let endpoint = Endpoint::new(&ticket.address, Pin(ticket.pin.0))?;
        let mut connection = Connection::open(&endpoint, PATIENCE).await?;
        let database = NewDatabase { path: &path, key: &ring.database_key() };
        let enrolment = Enrolment::begin(ticket, &mut connection, attestor, database, &mut dice()?)
            .await
            .map_err(failure)?;
        Ok(enrolment.complete(&mut connection).await?)
    })
}
