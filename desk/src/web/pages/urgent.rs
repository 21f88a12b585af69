//! Urgent messages: a right, a basis, a reason and an end, and who is reached is shown before it leaves.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::{Reader, UrgencyRow};
use estafette_protocol::hours::LegalBasis;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::urgency::{MINUTES, Terms};
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

/// The bases that a person can name (décret 2000-815, art. 3, II).
const BASES: [LegalBasis; 2] = [LegalBasis::PERMANENT_PROTECTION, LegalBasis::EXCEPTIONAL_CIRCUMSTANCES];

/// What the form holds; it comes back as it was typed.
#[derive(Debug, Clone, Default)]
struct Draft {
    text: String,
    basis: Option<u16>,
    reason: String,
    until: String,
    minutes: Option<u16>,
}

impl Draft {
    fn read(fields: &Fields) -> Self {
        Self {
            text: fields.lines("text"),
            basis: fields.one("basis").parse().ok(),
            reason: fields.one("reason").trim().to_owned(),
            until: fields.one("until").to_owned(),
            minutes: fields.one("minutes").parse().ok(),
        }
    }

    /// The command, where the form is whole.
    fn command(&self, thread: ThreadId, place: &Place, language: Language) -> Result<Command, Failure> {
        let basis = BASES.into_iter().find(|basis| Some(basis.0) == self.basis);
        let basis = basis.ok_or(FaultCode::OverrideInvalid)?;
        let bad = || Failure::Usage(text(language, "desk-bad-time", &[]));
        let until = read_time(&self.until, place.name(), place.now).ok_or_else(bad)?;
        let terms = Terms { basis, reason: self.reason.clone(), until };
        Ok(Command::Urgent { thread, text: self.text.clone(), terms, minutes: self.minutes })
    }
}

/// The empty form.
pub async fn new(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    show(&web, &visitor, Section::Conversations, move |reader, frame| {
        form(reader, frame, thread, &Draft::default(), false, None)
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
    let command = web.office.read(move |reader| typed.command(thread, &Place::of(reader)?, language)).await;
    let sends = fields.one("step") == "send";
    let refused = match command {
        Ok(command) if sends => match web.office.command(command).await {
            Ok(CommandAnswer::Written { .. }) => {
                let said = text(language, "web-urgent-written", &[]);
                return Ok(back(&web, &visitor, &format!("/conversations/{thread}#end"), Ok(Some(said))));
            }
            Ok(_) => Some(Failure::from(FaultCode::Internal)),
            Err(failure) => Some(failure),
        },
        Ok(_) => None,
        Err(failure) => Some(failure),
    };
    let notice = refused.map(|failure| Refusal(failure).notice(language, None));
    show(&web, &visitor, Section::Conversations, move |reader, frame| {
        form(reader, frame, thread, &draft, true, notice.as_ref())
    })
    .await
}

fn form(
    reader: &mut Reader,
    frame: &Frame,
    thread: ThreadId,
    draft: &Draft,
    asked: bool,
    notice: Option<&Notice>,
) -> Result<Page, Failure> {
    let language = frame.language;
    let head = known(reader, thread)?;
    let audience = reader.urgent_audience(thread, frame.place.now)?;
    let minutes = draft.minutes.unwrap_or(MINUTES);
    let lines = audience_lines(language, &frame.place, reader, &audience, minutes)?;
    let ready = asked && notice.is_none();
    let title = text(language, "web-urgent", &[]);
    let main = html! {
        p { a href={ "/conversations/" (thread) } { (text(language, "web-back-to-conversation", &[])) } }
        h1 { (title) }
        p.class dir="auto" { (printable(&head.shown_title(language))) }
        p.warning { (text(language, "web-urgent-why", &[])) }
        @if let Some(notice) = notice { (notice_box(notice)) }
        form.stacked action={ "/conversations/" (thread) "/urgent" } method="post" {
            label for="text" { (text(language, "web-message", &[])) }
            textarea id="text" name="text" rows="3" dir="auto" required { (draft.text) }
            fieldset {
                legend { (text(language, "web-urgent-basis", &[])) }
                @for basis in BASES {
                    label.choice {
                        input type="radio" name="basis" value=(basis.0) required
                            checked[draft.basis == Some(basis.0)];
                        span { (basis_words(language, basis)) }
                    }
                }
            }
            label for="reason" { (text(language, "web-urgent-reason", &[])) }
            input id="reason" name="reason" value=(draft.reason) required dir="auto" aria-describedby="reason-hint";
            p.hint id="reason-hint" { (text(language, "web-urgent-reason-hint", &[])) }
            label for="until" { (text(language, "web-urgent-until", &[])) }
            input id="until" name="until" type="datetime-local" value=(draft.until) required;
            label for="minutes" { (text(language, "web-urgent-minutes", &[])) }
            input id="minutes" name="minutes" type="number" min="1" max="60" value=(minutes);
            div.card.preview role="status" {
                h2 { (text(language, "web-preview-title", &[])) }
                @for line in &lines { p { (line) } }
            }
            div.actions {
                @if ready {
                    button.main.danger name="step" value="send" { (text(language, "web-urgent-send", &[])) }
                }
                button name="step" value="preview" { (text(language, "web-urgent-check", &[])) }
            }
        }
    };
    Ok(Page::plain(title, main))
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
