//! A phone is declared lost, and its agent gets another.
//!
//! Neither waits for what comes at an hour that nobody knows: a lost phone empties itself at its next contact, and a
//! new one whose agent is off duty comes to its conversation when duty begins. The wall shows both when they are so.

use std::sync::Arc;

use estafette_core::reader::Reader;
use estafette_protocol::FaultCode;
use estafette_protocol::registry::Reachable;
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::texts::text;

use super::WallError;
use super::control::on_duty;
use super::seat::{Network, Seat};
use super::town::{AMINE, Town, until};
use crate::clock;
use crate::commands::approval;
use crate::session::Failure;

/// Has the relay cut a phone off, and says what is left to come.
pub async fn lose(town: &Town, place: usize) -> Result<String, WallError> {
    let (seat, language) = (town.phone(place)?, town.windows.language);
    let withdrawn = async || Ok(matches!(town.withdrawn().await?.get(place), Some(Some(_))));
    if !withdrawn().await? {
        let device = seat.device;
        town.administer(move |work| approval::cut_off(work, device, RevocationReason::Lost)).await?;
        until("the lost phone is not cut off", withdrawn).await?;
    }
    let name = [("name", (&seat.name).into())];
    if seat.is_empty().await? {
        return Ok(text(language, "wall-lost-empty", &name));
    }
    Ok(match seat.network() {
        Network::Cut => text(language, "wall-lost-unreached", &name),
        _ if is_called(town, &seat).await? => text(language, "wall-lost-cut", &name),
        _ => text(language, "wall-lost-off-duty", &name),
    })
}

/// Whether the relay may reach an agent now: on duty or on call, a phone is in contact without a pause.
async fn is_called(town: &Town, seat: &Seat) -> Result<bool, WallError> {
    let (agent, now) = (seat.agent, clock::now());
    let reachable = move |reader: &mut Reader| -> Result<Reachable, Failure> {
        Ok(reader.registry()?.reachable(agent, now))
    };
    Ok(!matches!(town.administrator.read(reachable).await?, Reachable::OffDuty { .. }))
}

/// Enrols a phone in the place of a withdrawn one, or a second one for Amine. A suspended one may come back.
pub async fn enrol(town: &Town) -> Result<String, WallError> {
    on_duty(town)?;
    let is_gone = |reason: &Option<RevocationReason>| {
        reason.is_some_and(|reason| reason != RevocationReason::Suspended)
    };
    let place = town.withdrawn().await?.iter().position(is_gone);
    let of = town.phone(place.unwrap_or(AMINE))?;
    let made = town.enrol(&[(&of.name, of.agent)]).await?;
    let seat = Arc::new(made.into_iter().next().ok_or(Failure::from(FaultCode::Internal))?);
    if let Some(other) = town.put(place, Arc::clone(&seat)) {
        other.close().await;
    }
    let (language, name) = (town.windows.language, [("name", (&seat.name).into())]);
    if !is_called(town, &seat).await? {
        return Ok(text(language, "wall-enrolled-off-duty", &name));
    }
    let joins = until("the new phone does not join its team", async || seat.is_member(town.thread).await);
    match joins.await {
        Ok(()) => Ok(text(language, "wall-enrolled", &name)),
        Err(WallError::Late(_)) => Ok(text(language, "wall-enrolled-apart", &name)),
        Err(error) => Err(error),
    }
}
