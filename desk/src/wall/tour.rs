//! The tour: seven steps, each one sentence and one control. What a step says afterwards was looked up in the
//! devices' databases and in the relay's; a step that does not hold says so instead.

use std::time::Instant;

use estafette_core::reader::MessageState;
use estafette_protocol::audit::What;
use estafette_protocol::texts::{Language, fault_sentence, text};
use estafette_protocol::{EntryUid, FaultCode};

use super::control::{Control, knock, on_duty, storm};
use super::seat::Network;
use super::town::{AMINE, CHLOE, LEA, PAUL, Town, until};
use super::{WallError, day, view};
use crate::clock;
use crate::demo::stranger::{Hardware, OTHER};

/// How many there are.
pub const STEPS: usize = 7;
/// What Léa writes before the others come.
const METER: &str = "Le compteur du gymnase fuit, vous y passez en premier.";
/// What Amine writes without network.
const VALVE: &str = "Vanne fermée rue des Lilas, secteur nord coupé.";

/// Where the tour is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tour {
    /// Steps that were done, at most [`STEPS`].
    pub done: usize,
    /// The next step was tried and does not hold on this wall, where much may have been changed by hand.
    pub stuck: bool,
    message: Option<EntryUid>,
}

/// What a step says before, and its control.
pub fn words(language: Language, step: usize) -> (String, String) {
    match step {
        0 => (text(language, "wall-tour-1", &[]), text(language, "wall-tour-1-do", &[])),
        1 => (text(language, "wall-tour-2", &[]), text(language, "wall-tour-2-do", &[])),
        2 => (text(language, "wall-tour-3", &[]), text(language, "wall-tour-3-do", &[])),
        3 => (text(language, "wall-tour-4", &[]), text(language, "wall-tour-4-do", &[])),
        4 => (text(language, "wall-tour-5", &[]), text(language, "wall-tour-5-do", &[])),
        5 => (text(language, "wall-tour-6", &[]), text(language, "wall-tour-6-do", &[])),
        _ => (text(language, "wall-tour-7", &[]), text(language, "wall-tour-7-do", &[])),
    }
}

impl Tour {
    /// Does the next step. Gives back what was found afterwards.
    pub async fn go_on(&mut self, town: &Town) -> Result<String, WallError> {
        let language = town.windows.language;
        self.stuck = true;
        let found = match self.done {
            0 => self.early(town).await?,
            1 => self.opening(town).await?,
            2 => self.valley(town).await?,
            3 => self.back(town).await?,
            4 => personal(town).await?,
            5 => lost(town).await?,
            6 => urgent(town).await?,
            _ => return Ok(text(language, "wall-tour-done", &[])),
        };
        self.pass();
        Ok(found)
    }

    /// Leaves a step out.
    pub fn pass(&mut self) {
        self.done = STEPS.min(self.done + 1);
        self.stuck = false;
    }

    /// Léa is on duty, the others are not yet.
    async fn early(&mut self, town: &Town) -> Result<String, WallError> {
        let now = clock::now();
        if !day::lead().is_open(now) || day::team().is_open(now) {
            town.go_to(day::EARLY)?;
        }
        let uid = town.in_reach(LEA).await?.write(town.thread, METER).await?;
        stands(town, LEA, uid).await?;
        for phone in [AMINE, CHLOE, PAUL] {
            has_not(town, phone, uid).await?;
        }
        self.message = Some(uid);
        Ok(text(town.windows.language, "wall-tour-1-fact", &[]))
    }

    /// 08:00.
    async fn opening(&mut self, town: &Town) -> Result<String, WallError> {
        on_duty(town)?;
        if let Some(uid) = self.message {
            has(town, AMINE, uid).await?;
            has(town, CHLOE, uid).await?;
            has_not(town, PAUL, uid).await?;
        }
        Ok(text(town.windows.language, "wall-tour-2-fact", &[]))
    }

    /// Amine writes without network.
    async fn valley(&mut self, town: &Town) -> Result<String, WallError> {
        on_duty(town)?;
        let amine = town.in_use(AMINE).await?;
        Control::Line(AMINE, Network::Cut).carry_out(town).await?;
        let before = view::take(town, &town.phones()).await?.entries;
        let uid = amine.write(town.thread, VALVE).await?;
        let row = amine.row(town.thread, uid).await?;
        let waits = row.is_some_and(|row| row.state == MessageState::Waiting && row.body == VALVE);
        if !waits || view::take(town, &town.phones()).await?.entries != before {
            return Err(WallError::Late("the message does not wait on its phone"));
        }
        has_not(town, LEA, uid).await?;
        self.message = Some(uid);
        Ok(text(town.windows.language, "wall-tour-3-fact", &[]))
    }

    /// He comes out of the valley.
    async fn back(&mut self, town: &Town) -> Result<String, WallError> {
        Control::Line(AMINE, Network::Good).carry_out(town).await?;
        if let Some(uid) = self.message {
            stands(town, AMINE, uid).await?;
            has(town, LEA, uid).await?;
        }
        Ok(text(town.windows.language, "wall-tour-4-fact", &[]))
    }
}

/// Somebody's own phone with a real ticket.
async fn personal(town: &Town) -> Result<String, WallError> {
    let fault = knock(town, Hardware::Other).await?;
    if fault.code != FaultCode::NotInInventory {
        return Err(WallError::Late("the other phone was refused for another reason"));
    }
    let (language, why) = (town.windows.language, fault_sentence(town.windows.language, &fault));
    Ok(text(language, "wall-tour-5-fact", &[("other", OTHER.model.into()), ("why", (&why).into())]))
}

/// Chloé's phone is lost, while she is at work: it is in contact, and learns so at once.
async fn lost(town: &Town) -> Result<String, WallError> {
    on_duty(town)?;
    let phone = town.in_reach(CHLOE).await?;
    let (begun, language) = (Instant::now(), town.windows.language);
    Control::Lose(CHLOE).carry_out(town).await?;
    until("the lost phone is not emptied", async || phone.is_empty().await).await?;
    let seconds =
        format!("{:.1}", begun.elapsed().as_secs_f64()).replace('.', &text(language, "demo-decimal", &[]));
    Ok(text(language, "wall-tour-6-fact", &[("seconds", (&seconds).into())]))
}

/// The storm.
async fn urgent(town: &Town) -> Result<String, WallError> {
    let uid = storm(town).await?;
    has(town, AMINE, uid).await?;
    has_not(town, PAUL, uid).await?;
    let audit = view::take(town, &town.phones()).await?.audit;
    match audit.iter().any(|(_, what)| *what == What::UrgencyDeclared) {
        true => Ok(text(town.windows.language, "wall-tour-7-fact", &[])),
        false => Err(WallError::Late("the audit does not tell of the urgency")),
    }
}

/// Waits until the relay has taken a phone's message.
async fn stands(town: &Town, phone: usize, uid: EntryUid) -> Result<(), WallError> {
    let (seat, thread) = (town.phone(phone)?, town.thread);
    until("the relay does not take a message", async || {
        Ok(seat.row(thread, uid).await?.is_some_and(|row| row.state == MessageState::Standing))
    })
    .await
}

/// Waits until a phone has a message.
async fn has(town: &Town, phone: usize, uid: EntryUid) -> Result<(), WallError> {
    let (seat, thread) = (town.phone(phone)?, town.thread);
    until("a phone does not receive a message", async || Ok(seat.row(thread, uid).await?.is_some())).await
}

async fn has_not(town: &Town, phone: usize, uid: EntryUid) -> Result<(), WallError> {
    match town.phone(phone)?.row(town.thread, uid).await? {
        None => Ok(()),
        Some(_) => Err(WallError::Late("a phone has what it should not have")),
    }
}
