//! Urgent messages: a right, a basis, a reason and an end, and who is reached is shown before it leaves.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::{Reader, UrgencyRow};
use estafette_protocol::hours::{LegalBasis, OVERRIDE, REASON_CHARACTERS};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::urgency::{LONGEST_MINUTES, MINUTES, Terms};
use estafette_protocol::{EntryUid, FaultCode, ThreadId};
use maud::{Markup, html};

use super::back;
use crate::commands::announcements::read_time;
use crate::commands::read::known;
use crate::commands::urgent::{audience_lines, basis_words};
use crate::output::printable;
use crate::place::Place;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;
use crate::written::says_something;

/// The bases that a person can name (décret 2000-815, art. 3, II).
const BASES: [LegalBasis; 2] = [LegalBasis::PERMANENT_PROTECTION, LegalBasis::EXCEPTIONAL_CIRCUMSTANCES];

/// What the form holds; it comes back as it was typed.
#[derive(Debug, Clone, Default)]
struct Draft {
    text: String,
    basis: Option<u16>,
    reason: String,
    until: String,
    /// As it was typed.
    minutes: Option<String>,
}

impl Draft {
    fn read(fields: &Fields) -> Self {
        Self {
            text: fields.lines("text"),
            basis: fields.one("basis").parse().ok(),
            reason: fields.one("reason").trim().to_owned(),
            until: fields.one("until").to_owned(),
            minutes: Some(fields.one("minutes").to_owned()).filter(|minutes| !minutes.is_empty()),
        }
    }

    /// What declares it, or why each field does not do. The relay judges the same again.
    fn command(&self, thread: ThreadId, place: &Place, language: Language) -> Result<Command, Faults> {
        let said = |failure| Refusal(failure).notice(language, None).lines.join(" ");
        let basis = BASES.into_iter().find(|basis| Some(basis.0) == self.basis);
        let latest = place.now.after(OVERRIDE);
        let until = read_time(&self.until, place.name(), place.now);
        let latest_said = place.spoken(language, latest);
        let latest_said = [("latest", (&latest_said).into())];
        let minutes = self.minutes.as_deref().map_or(Ok(MINUTES), str::parse);
        let minutes = minutes.ok().filter(|minutes| (1..=LONGEST_MINUTES).contains(minutes));
        let most = [("count", u32::from(LONGEST_MINUTES).into())];
        let faults = Faults {
            text: says_something(&self.text).err().map(said),
            basis: basis.is_none().then(|| text(language, "web-urgent-basis-missing", &[])),
            reason: reason_fault(language, &self.reason),
            until: match until {
                None => Some(text(language, "web-urgent-until-unread", &latest_said)),
                Some(until) if until <= place.now => {
                    Some(text(language, "web-urgent-until-past", &latest_said))
                }
                Some(until) if until > latest => Some(text(language, "web-urgent-until-long", &latest_said)),
                Some(_) => None,
            },
            minutes: minutes.is_none().then(|| text(language, "web-urgent-minutes-bad", &most)),
        };
        match (basis, until) {
            (Some(basis), Some(until)) if faults == Faults::default() => {
                let terms = Terms { basis, reason: self.reason.clone(), until };
                Ok(Command::Urgent { thread, text: self.text.clone(), terms, minutes })
            }
            _ => Err(faults),
        }
    }
}

/// Why a reason, its edges cut off, does not do.
pub fn reason_fault(language: Language, reason: &str) -> Option<String> {
    match reason.chars().count() {
        0 => Some(text(language, "web-reason-missing", &[])),
        1..=REASON_CHARACTERS => None,
        _ => Some(text(language, "web-reason-long", &[("count", REASON_CHARACTERS.into())])),
    }
}

/// Why fields do not do, each in a sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Faults {
    text: Option<String>,
    basis: Option<String>,
    reason: Option<String>,
    until: Option<String>,
    minutes: Option<String>,
}

/// How far the form has come.
enum Step {
    Empty,
    /// Fields do not do.
    Faulty(Faults),
    /// It was looked at and may leave.
    Ready,
    /// It was to leave, and was refused.
    Refused(Notice),
}

/// The empty form.
pub async fn new(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    show(&web, &visitor, Section::Conversations, move |reader, frame| {
        form(reader, frame, thread, &Draft::default(), &Step::Empty)
    })
    .await
}

/// Shows whom it would reach, or declares it.
pub async fn declare(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    let (draft, language) = (Draft::read(&fields), visitor.language);
    let typed = draft.clone();
    let command = web.office.read(move |reader| Ok(typed.command(thread, &Place::of(reader)?, language)));
    let step = match command.await? {
        Err(faults) => Step::Faulty(faults),
        Ok(_) if fields.one("step") != "send" => Step::Ready,
        Ok(command) => match web.office.command(command).await {
            Ok(CommandAnswer::Written { .. }) => {
                let said = text(language, "web-urgent-written", &[]);
                return Ok(back(&web, &visitor, &format!("/conversations/{thread}#end"), Ok(Some(said))));
            }
            Ok(_) => return Err(FaultCode::Internal.into()),
            Err(failure) => Step::Refused(Refusal(failure).notice(language, None)),
        },
    };
    show(&web, &visitor, Section::Conversations, move |reader, frame| {
        form(reader, frame, thread, &draft, &step)
    })
    .await
}

fn form(
    reader: &mut Reader,
    frame: &Frame,
    thread: ThreadId,
    draft: &Draft,
    step: &Step,
) -> Result<Page, Failure> {
    let language = frame.language;
    let head = known(reader, thread)?;
    let audience = reader.urgent_audience(thread, frame.place.now)?;
    let none = Faults::default();
    let faults = if let Step::Faulty(faults) = step { faults } else { &none };
    let usual = MINUTES.to_string();
    let minutes = draft.minutes.as_ref().unwrap_or(&usual);
    let between = minutes.parse().unwrap_or(MINUTES);
    let lines = audience_lines(language, &frame.place, reader, &audience, between)?;
    let title = text(language, "web-urgent", &[]);
    let main = html! {
        p { a href={ "/conversations/" (thread) } { (text(language, "web-back-to-conversation", &[])) } }
        h1 { (title) }
        p.class dir="auto" { (printable(&head.shown_title(language))) }
        p.warning { (text(language, "web-urgent-why", &[])) }
        @if let Step::Refused(notice) = step { (notice_box(notice)) }
        form.stacked action={ "/conversations/" (thread) "/urgent" } method="post" {
            label for="text" { (text(language, "web-message", &[])) }
            (why("text", &faults.text))
            textarea id="text" name="text" rows="3" dir="auto" required aria-describedby=[described("text", &faults.text)]
                aria-invalid=[faults.text.as_ref().map(|_| "true")] { (draft.text) }
            fieldset aria-describedby=[described("basis", &faults.basis)] {
                legend { (text(language, "web-urgent-basis", &[])) }
                (why("basis", &faults.basis))
                @for basis in BASES {
                    label.choice {
                        input type="radio" name="basis" value=(basis.0) required
                            checked[draft.basis == Some(basis.0)];
                        span { (basis_words(language, basis)) }
                    }
                }
            }
            label for="reason" { (text(language, "web-urgent-reason", &[])) }
            (why("reason", &faults.reason))
            input id="reason" name="reason" value=(draft.reason) required dir="auto"
                aria-describedby=(if faults.reason.is_some() { "reason-fault reason-hint" } else { "reason-hint" })
                aria-invalid=[faults.reason.as_ref().map(|_| "true")];
            p.hint id="reason-hint" { (text(language, "web-urgent-reason-hint", &[])) }
            label for="until" { (text(language, "web-urgent-until", &[])) }
            (why("until", &faults.until))
            input id="until" name="until" type="datetime-local" value=(draft.until) required
                aria-describedby=[described("until", &faults.until)]
                aria-invalid=[faults.until.as_ref().map(|_| "true")];
            label for="minutes" { (text(language, "web-urgent-minutes", &[])) }
            (why("minutes", &faults.minutes))
            input id="minutes" name="minutes" type="number" min="1" max=(LONGEST_MINUTES) value=(minutes)
                aria-describedby=[described("minutes", &faults.minutes)]
                aria-invalid=[faults.minutes.as_ref().map(|_| "true")];
            div.card.preview role="status" {
                h2 { (text(language, "web-preview-title", &[])) }
                @for line in &lines { p { (line) } }
            }
            div.actions {
                @if matches!(step, Step::Ready) {
                    button.main.danger name="step" value="send" { (text(language, "web-urgent-send", &[])) }
                }
                button name="step" value="preview" { (text(language, "web-urgent-check", &[])) }
            }
        }
    };
    Ok(Page::plain(title, main))
}

/// What is wrong with a field, above it.
fn why(field: &str, fault: &Option<String>) -> Markup {
    html! { @if let Some(fault) = fault { p.fault id={ (field) "-fault" } role="alert" { (fault) } } }
}

fn described(field: &str, fault: &Option<String>) -> Option<String> {
    fault.as_ref().map(|_| format!("{field}-fault"))
}

/// For who is called: the button that answers.
pub fn answer_button(frame: &Frame, urgency: &UrgencyRow) -> Markup {
    let called = urgency.called_until > frame.place.now && urgency.own_answer.is_none();
    html! {
        @if called {
            form.actions action={ "/messages/" (urgency.uid) } method="post" {
                button.main name="deed" value="answer-call" { (text(frame.language, "web-urgent-answer", &[])) }
            }
        }
    }
}

/// Answers a call.
pub async fn answer(web: &Web, visitor: &Visitor, entry: EntryUid, to: &str) -> Response {
    let done = web.office.command(Command::AnswerCall { entry }).await;
    let said = text(visitor.language, "urgent-responded", &[]);
    back(web, visitor, to, done.map(|_| Some(said)))
}
