//! A computer that enrols with a ticket.

use std::sync::Arc;

use estafette_core::enrol::{AttestedKey, Attestor, EnrolError, Enrolment, KeyRequest, NewDatabase};
use estafette_core::net::{Connection, Endpoint, Pin};
use estafette_protocol::enrol::{EnrolmentState, Ticket, fingerprint};
use estafette_protocol::texts::text;
use estafette_protocol::{Fault, FaultCode};
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

/// Enrols this computer; an administrator's device approves it.
pub fn run(desk: &Desk, ticket: &Ticket) -> Result<(), Failure> {
    let ring = KeyRing::generate(None)?;
    desk.folder.create(&ring, &desk.passphrase(true)?)?;
    let outcome = offer(desk, ticket, &ring, &Computer(&ring));
    if outcome.is_err() {
        desk.folder.destroy()?;
    }
    let state = outcome?;
    let key = estafette_core::identity::DeviceKey::public(&ring.device_key()?);
    let digits = fingerprint(&key);
    let sentence = match state {
        EnrolmentState::Active => text(desk.language, "desk-enrolled", &[]),
        EnrolmentState::Pending => {
            text(desk.language, "desk-enrolment-pending", &[("fingerprint", (&digits).into())])
        }
        EnrolmentState::Refused => return Err(FaultCode::EnrolmentInvalid.into()),
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
