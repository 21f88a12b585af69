//! What the control bar does. Each control is one deed and gives back one sentence, said after it is done.

use std::sync::Arc;
use std::time::Duration;

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::LegalBasis;
use estafette_protocol::texts::{Language, fault_sentence, text};
use estafette_protocol::urgency::Terms;
use estafette_protocol::{EntryUid, Fault, FaultCode};

use super::loss::{enrol, lose};
use super::seat::{Network, Seat};
use super::town::{CHLOE, LEA, Town};
use super::view::Decision;
use super::{WallError, day, rush, tour, view};
use crate::clock;
use crate::demo::stranger::{Hardware, OTHER, enrol_elsewhere};
use crate::replay::office::PHONE;
use crate::session::Failure;

/// What Léa writes in the storm.
const ROOF: &str = "Toit arraché rue Haute : il me faut une équipe.";
/// How long the storm's urgency lasts.
const STORM: Duration = Duration::from_hours(2);
/// Between two messages of a busy hour, so that it can be watched.
const BEAT: Duration = Duration::from_millis(120);

/// What the button says that asks for something by its word; of the tour, its next step.
pub fn label(language: Language, word: &str, step: usize) -> String {
    let to = |time: &str| text(language, "wall-to", &[("time", time.into())]);
    let the_network = |verb: String| format!("{verb} {}", text(language, "wall-the-network", &[]));
    match word {
        "tour" => tour::words(language, step).1,
        "0740" => to("07:40"),
        "0800" => to("08:00"),
        "1700" => to("17:00"),
        "hour" => text(language, "wall-hour", &[]),
        "cut" => the_network(text(language, "wall-cut", &[])),
        "thin" => the_network(text(language, "wall-thin", &[])),
        "mend" => the_network(text(language, "wall-mend", &[])),
        "lose" => text(language, "wall-lose", &[]),
        "enrol" => text(language, "wall-enrol", &[]),
        "personal" => text(language, "wall-personal", &[]),
        "rooted" => text(language, "wall-rooted", &[]),
        "storm" => text(language, "wall-storm", &[]),
        _ => text(language, "wall-rush", &[]),
    }
}

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
    pub async fn carry_out(self, town: &Town) -> Result<String, WallError> {
        let language = town.windows.language;
        match self {
            Self::GoTo(minute) => {
                town.go_to(minute)?;
                Ok(text(language, "wall-moved", &[]))
            }
            Self::Hour => {
                town.skip(Duration::from_hours(1));
                Ok(text(language, "wall-moved", &[]))
            }
            Self::Line(phone, network) => {
                let seat = town.phone(phone)?;
                seat.set_network(network);
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

/// A phone tries a real ticket of the inventory's next phone. Gives back the refusal; nobody waits then.
pub async fn knock(town: &Town, hardware: Hardware) -> Result<Fault, WallError> {
    on_duty(town)?;
    let of = town.phone(CHLOE)?;
    let ticket = town.ticket(&of.name, of.agent).await?;
    let fault = enrol_elsewhere(&town.upstream, &town.folder, &ticket, &hardware).await?;
    match town.administrator.web.office.ask(RequestBody::Pending).await? {
        Reply::Pending { enrolments } if enrolments.is_empty() => Ok(fault),
        _ => Err(WallError::Late("somebody waits who was refused")),
    }
}

/// 21:00: everybody is at home, and the lead calls whoever is on call.
pub async fn storm(town: &Town) -> Result<EntryUid, WallError> {
    let language = town.windows.language;
    let lea = town.in_reach(LEA).await?;
    town.go_to(day::EVENING)?;
    let reason = text(language, "demo-storm-reason", &[]);
    let basis = LegalBasis::PERMANENT_PROTECTION;
    let terms = Terms { basis, reason, until: clock::now().after(STORM) };
    let urgent = Command::Urgent { thread: town.thread, text: ROOF.to_owned(), terms, minutes: None };
    match lea.command(urgent).await? {
        CommandAnswer::Written { uid, .. } => Ok(uid),
        _ => Err(Failure::from(FaultCode::Internal).into()),
    }
}

/// The team's phones write what was written in an hour.
async fn hurry(town: &Town) -> Result<String, WallError> {
    on_duty(town)?;
    let lines = rush::busiest()?;
    let writers = writers(town).await?;
    let mut authors: Vec<&str> = Vec::new();
    for line in &lines {
        let known = authors.iter().position(|author| *author == line.author);
        let author = known.unwrap_or_else(|| {
            authors.push(&line.author);
            authors.len() - 1
        });
        let place = author.checked_rem(writers.len()).ok_or(WallError::NobodyWrites)?;
        writers.get(place).ok_or(WallError::NobodyWrites)?.write(town.thread, &line.text).await?;
        tokio::time::sleep(BEAT).await;
    }
    Ok(text(town.windows.language, "wall-rush-said", &[("messages", lines.len().into())]))
}

/// The phones in use whose agents are on duty, and which are part of the team's conversation.
async fn writers(town: &Town) -> Result<Vec<Arc<Seat>>, WallError> {
    let phones = town.phones();
    let decisions = view::take(town, &phones).await?.decisions;
    let mut writers = Vec::new();
    for (phone, decision) in phones.into_iter().zip(decisions) {
        // One whose rows cannot be read writes nothing.
        if decision == Decision::Delivers && phone.is_member(town.thread).await.unwrap_or(false) {
            writers.push(phone);
        }
    }
    Ok(writers)
}

/// Moves the clock to the next morning, unless people are at work: an administrator's computer is off duty too.
pub fn on_duty(town: &Town) -> Result<(), WallError> {
    match day::team().is_open(clock::now()) {
        true => Ok(()),
        false => town.go_to(day::OPENING),
    }
}
