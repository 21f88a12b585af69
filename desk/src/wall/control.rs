//! What the control bar does. Each control is one deed and gives back one sentence, said after it is done.

use std::time::Duration;

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::lease::Standing;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::LegalBasis;
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::texts::{fault_sentence, text};
use estafette_protocol::urgency::Terms;
use estafette_protocol::{EntryUid, Fault, FaultCode};

use super::seat::Network;
use super::town::{AMINE, CHLOE, LEA, Town, until};
use super::{WallError, day, rush};
use crate::clock;
use crate::commands::approval;
use crate::demo::stranger::{Hardware, OTHER, enrol_elsewhere};
use crate::replay::office::PHONE;
use crate::session::Failure;

/// What Léa writes in the storm.
const ROOF: &str = "Toit arraché rue Haute : il me faut une équipe.";
/// How long the storm's urgency lasts.
const STORM: Duration = Duration::from_hours(2);
/// Between two messages of a busy hour, so that it can be watched.
const BEAT: Duration = Duration::from_millis(120);

/// Something that can be asked of the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// The clock goes to the next such minute of a working day.
    GoTo(u16),
    /// The clock goes on by an hour.
    Hour,
    /// A phone's line changes.
    Line(usize, Network),
    /// A phone is declared lost.
    Lose(usize),
    /// Whoever lost a phone gets another; Amine a second one where nobody did.
    Enrol,
    /// A phone that is not the inventory's tries a real ticket.
    Personal,
    /// One of the expected model with an open bootloader does.
    Rooted,
    /// 21:00, and an urgent message.
    Storm,
    /// A busy hour of a recorded conversation.
    Rush,
}

impl Control {
    /// Reads a form: the control's word, and the phone where it has one.
    pub fn parse(word: &str, phone: &str) -> Option<Self> {
        let phone = || phone.parse().ok();
        Some(match word {
            "0740" => Self::GoTo(day::EARLY),
            "0800" => Self::GoTo(day::OPENING),
            "1700" => Self::GoTo(day::CLOSING),
            "hour" => Self::Hour,
            "cut" => Self::Line(phone()?, Network::Cut),
            "thin" => Self::Line(phone()?, Network::Thin),
            "mend" => Self::Line(phone()?, Network::Good),
            "lose" => Self::Lose(phone()?),
            "enrol" => Self::Enrol,
            "personal" => Self::Personal,
            "rooted" => Self::Rooted,
            "storm" => Self::Storm,
            "rush" => Self::Rush,
            _ => return None,
        })
    }

    /// Does it, and says what was done.
    pub async fn carry_out(self, town: &mut Town) -> Result<String, WallError> {
        let language = town.windows.language;
        match self {
            Self::GoTo(minute) => {
                town.go_to(minute).await?;
                Ok(text(language, "wall-moved", &[]))
            }
            Self::Hour => {
                town.skip(Duration::from_hours(1)).await?;
                Ok(text(language, "wall-moved", &[]))
            }
            Self::Line(phone, network) => {
                let seat = town.phones.get_mut(phone).ok_or(Failure::from(FaultCode::NotFound))?;
                match network {
                    Network::Good => seat.line.mend(),
                    Network::Thin => seat.line.thin(),
                    Network::Cut => seat.line.cut(),
                }
                seat.network = network;
                let name = [("name", (&seat.name).into())];
                Ok(match network {
                    Network::Good => text(language, "wall-mended", &name),
                    Network::Thin => text(language, "wall-thinned", &name),
                    Network::Cut => text(language, "wall-was-cut", &name),
                })
            }
            Self::Lose(phone) => lose(town, phone).await,
            Self::Enrol => enrol(town).await,
            Self::Personal => {
                let fault = knock(town, Hardware::Other).await?;
                let why = fault_sentence(language, &fault);
                Ok(text(
                    language,
                    "wall-personal-refused",
                    &[("other", OTHER.model.into()), ("why", (&why).into())],
                ))
            }
            Self::Rooted => {
                let fault = knock(town, Hardware::Rooted).await?;
                let why = fault_sentence(language, &fault);
                Ok(text(
                    language,
                    "wall-rooted-refused",
                    &[("other", PHONE.model.into()), ("why", (&why).into())],
                ))
            }
            Self::Storm => {
                storm(town).await?;
                Ok(text(language, "wall-storm-said", &[]))
            }
            Self::Rush => hurry(town).await,
        }
    }
}

/// Cuts a phone off and waits, where it has a line, until it is empty.
async fn lose(town: &mut Town, phone: usize) -> Result<String, WallError> {
    let seat = town.phones.get_mut(phone).ok_or(Failure::from(FaultCode::NotFound))?;
    let name = seat.name.clone();
    let language = town.windows.language;
    if !seat.lost {
        seat.lost = true;
        let (device, reached) = (seat.device().await?, seat.network != Network::Cut);
        town.administer(move |work| approval::cut_off(work, device, RevocationReason::Lost)).await?;
        if !reached {
            return Ok(text(language, "wall-lost-unreached", &[("name", (&name).into())]));
        }
    }
    let seat = &town.phones[phone];
    until("the lost phone is not emptied", async || Ok(seat.standing()? == Standing::Wiped)).await?;
    Ok(text(language, "wall-lost-empty", &[("name", (&name).into())]))
}

/// Enrols a phone in the place of a lost one, or a second one for Amine.
async fn enrol(town: &mut Town) -> Result<String, WallError> {
    on_duty(town).await?;
    let lost = town.phones.iter().position(|phone| phone.lost);
    let of = &town.phones[lost.unwrap_or(AMINE)];
    let (name, agent) = (of.name.clone(), of.agent);
    let made = town.enrol(&[(&name, agent)]).await?;
    for seat in made {
        match lost {
            Some(place) => std::mem::replace(&mut town.phones[place], seat).close().await,
            None => town.phones.push(seat),
        }
    }
    let place = lost.unwrap_or(town.phones.len() - 1);
    let (thread, seat) = (town.thread, &town.phones[place]);
    until("the new phone does not join its team", async || {
        let member = move |reader: &mut estafette_core::reader::Reader| -> Result<bool, Failure> {
            Ok(reader.threads()?.iter().any(|row| row.id == thread && row.member))
        };
        seat.read(member).await
    })
    .await?;
    Ok(text(town.windows.language, "wall-enrolled", &[("name", (&name).into())]))
}

/// A phone tries a real ticket of the inventory's next phone. Gives back the refusal; nobody waits then.
pub async fn knock(town: &mut Town, hardware: Hardware) -> Result<Fault, WallError> {
    on_duty(town).await?;
    let agent = town.phones[CHLOE].agent;
    let name = town.phones[CHLOE].name.clone();
    let ticket = town.ticket(&name, agent).await?;
    let fault = enrol_elsewhere(&town.relay.upstream(), &town.folder, &ticket, &hardware).await?;
    match town.administrator.web.office.ask(RequestBody::Pending).await? {
        Reply::Pending { enrolments } if enrolments.is_empty() => Ok(fault),
        _ => Err(WallError::Late("somebody waits who was refused")),
    }
}

/// 21:00: everybody is at home, and the lead calls whoever is on call.
pub async fn storm(town: &mut Town) -> Result<EntryUid, WallError> {
    let language = town.windows.language;
    town.go_to(day::EVENING).await?;
    let reason = text(language, "demo-storm-reason", &[]);
    let basis = LegalBasis::PERMANENT_PROTECTION;
    let terms = Terms { basis, reason, until: clock::now().after(STORM) };
    let urgent = Command::Urgent { thread: town.thread, text: ROOF.to_owned(), terms, minutes: None };
    match town.phones[LEA].command(urgent).await? {
        CommandAnswer::Written { uid, .. } => Ok(uid),
        _ => Err(Failure::from(FaultCode::Internal).into()),
    }
}

/// The team's phones write what was written in an hour.
async fn hurry(town: &mut Town) -> Result<String, WallError> {
    on_duty(town).await?;
    let lines = rush::busiest()?;
    let writers: Vec<usize> =
        [AMINE, CHLOE, LEA].into_iter().filter(|phone| !town.phones[*phone].lost).collect();
    let mut authors: Vec<&str> = Vec::new();
    for line in &lines {
        let known = authors.iter().position(|author| *author == line.author);
        let author = known.unwrap_or_else(|| {
            authors.push(&line.author);
            authors.len() - 1
        });
        town.phones[writers[author % writers.len()]].write(town.thread, &line.text).await?;
        tokio::time::sleep(BEAT).await;
    }
    Ok(text(town.windows.language, "wall-rush-said", &[("messages", lines.len().into())]))
}

/// Moves the clock to the next morning, unless people are at work: an administrator's computer is off duty too.
pub async fn on_duty(town: &Town) -> Result<(), WallError> {
    match day::team().is_open(clock::now()) {
        true => Ok(()),
        false => town.go_to(day::OPENING).await,
    }
}
