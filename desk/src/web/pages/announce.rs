//! Announcing to teams, and correcting: who receives when is shown before anything leaves.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::{AnnouncementRow, Reader, ThreadRow};
use estafette_protocol::announcement::Replies;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::hours::{HoursState, Reach};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, EntryUid, FaultCode, ThreadId, Timestamp};
use maud::{Markup, html};

use super::back;
use crate::commands::announcements::read_time;
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

/// What the form holds; it comes back with every look at the preview.
#[derive(Debug, Clone, Default)]
struct Draft {
    teams: Vec<ThreadId>,
    text: String,
    due: String,
    open: bool,
}

impl Draft {
    fn read(fields: &Fields) -> Result<Self, Failure> {
        Ok(Self {
            teams: fields.parsed("team")?,
            text: fields.lines("text"),
            due: fields.one("due").to_owned(),
            open: fields.one("replies") == "open",
        })
    }

    /// The command, where the form is whole.
    fn command(self, reader: &mut Reader, language: Language) -> Result<Command, Failure> {
        let due = wanted_before(&self.due, &Place::of(reader)?, language)?;
        let known: BTreeSet<ThreadId> = reader.may_announce_to()?.iter().map(|thread| thread.id).collect();
        if self.teams.is_empty() || !self.teams.iter().all(|team| known.contains(team)) {
            return Err(Failure::Usage(text(language, "web-choose-team", &[])));
        }
        says_something(&self.text)?;
        let replies = if self.open { Replies::Open } else { Replies::Issuer };
        Ok(Command::Announce { threads: self.teams, text: self.text, due, replies })
    }
}

/// What decides who receives, and what is asked of them.
const CHOICES: [&str; 3] = ["team", "due", "replies"];

/// A look at who would receive.
struct Look {
    /// The choices that were looked at.
    digest: String,
    /// They are others than those of the look before: nothing was sent.
    changed: bool,
}

fn wanted_before(typed: &str, place: &Place, language: Language) -> Result<Option<Timestamp>, Failure> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let due = read_time(typed, place.name(), place.now).filter(|due| *due > place.now);
    due.map(Some).ok_or_else(|| Failure::Usage(text(language, "web-due-past", &[])))
}

/// The empty form.
pub async fn new(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let draft = Draft::default();
    show(&web, &visitor, Section::Announcements, move |reader, frame| page(reader, frame, &draft, None, None))
        .await
}

/// Shows who would receive, or announces as it was shown.
pub async fn issue(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let (draft, language) = (Draft::read(&fields)?, visitor.language);
    let (digest, sends) = (fields.digest(&CHOICES), fields.one("step") == "send");
    let changed = sends && fields.one("looked") != digest;
    let asked = draft.clone();
    let command = web.office.read(move |reader| asked.command(reader, language));
    let refused = match command.await {
        Ok(command) if sends && !changed => match web.office.command(command).await {
            Ok(CommandAnswer::Written { .. }) => {
                let said = text(language, "web-announced", &[]);
                return Ok(back(&web, &visitor, "/announcements", Ok(Some(said))));
            }
            Ok(_) => Some(Failure::from(FaultCode::Internal)),
            Err(failure) => Some(failure),
        },
        Ok(_) => None,
        Err(failure) => Some(failure),
    };
    // Nothing typed is lost: the form comes back as it was.
    let notice = refused.map(|failure| Refusal(failure).notice(language, None));
    let look = notice.is_none().then_some(Look { digest, changed });
    show(&web, &visitor, Section::Announcements, move |reader, frame| {
        page(reader, frame, &draft, look.as_ref(), notice.as_ref())
    })
    .await
}

fn page(
    reader: &mut Reader,
    frame: &Frame,
    draft: &Draft,
    look: Option<&Look>,
    notice: Option<&Notice>,
) -> Result<Page, Failure> {
    let language = frame.language;
    let teams = reader.may_announce_to()?;
    if teams.is_empty() {
        return Err(FaultCode::Forbidden.into());
    }
    let preview = match look {
        Some(look) => Some(preview(reader, frame, &draft.teams, look)?),
        None => None,
    };
    let title = text(language, "web-announce", &[]);
    let main = html! {
        p { a href="/announcements" { (text(language, "web-back-to-announcements", &[])) } }
        h1 { (title) }
        @if let Some(notice) = notice { (notice_box(notice)) }
        form.stacked action="/announcements/new" method="post" {
            (team_choice(frame, &teams, draft))
            label for="text" { (text(language, "web-announcement-text", &[])) }
            textarea id="text" name="text" rows="5" dir="auto" required { (draft.text) }
            (due_field(language, &draft.due))
            fieldset {
                legend { (text(language, "web-replies", &[])) }
                label.choice {
                    input type="radio" name="replies" value="issuer" checked[!draft.open];
                    span { (text(language, "web-replies-issuer", &[])) }
                }
                label.choice {
                    input type="radio" name="replies" value="open" checked[draft.open];
                    span { (text(language, "web-replies-open", &[])) }
                }
            }
            @if let Some(preview) = preview { (preview) }
            div.actions {
                @if look.is_some() {
                    button.main name="step" value="send" { (text(language, "web-announce-now", &[])) }
                    button name="step" value="preview" { (text(language, "web-preview-again", &[])) }
                } @else {
                    button.main name="step" value="preview" { (text(language, "web-preview", &[])) }
                }
            }
        }
    };
    Ok(Page::plain(title, main))
}

fn team_choice(frame: &Frame, teams: &[ThreadRow], draft: &Draft) -> Markup {
    let language = frame.language;
    html! {
        fieldset {
            legend { (text(language, "web-teams", &[])) }
            @for team in teams {
                label.choice {
                    input type="checkbox" name="team" value=(team.id)
                        checked[draft.teams.contains(&team.id) || teams.len() == 1];
                    span dir="auto" { (printable(&team.shown_title(language))) }
                }
            }
        }
    }
}

fn due_field(language: Language, typed: &str) -> Markup {
    html! {
        label for="due" { (text(language, "web-due", &[])) }
        input id="due" name="due" type="datetime-local" value=(typed) aria-describedby="due-hint";
        p.hint id="due-hint" { (text(language, "web-due-hint", &[])) }
    }
}

/// Who has it at once, who later, who is on leave.
fn preview(reader: &mut Reader, frame: &Frame, teams: &[ThreadId], look: &Look) -> Result<Markup, Failure> {
    let (language, now) = (frame.language, frame.place.now);
    let own = reader.device()?.agent;
    let registry = reader.registry()?;
    let last = registry.last();
    let mut people: BTreeSet<AgentNumber> = BTreeSet::new();
    for team in teams {
        people.extend(registry.addressees(&RosterName::Stated(team.roster()), last));
    }
    people.retain(|agent| Some(*agent) != own);
    let (mut at_once, mut leave, mut later) = (0usize, Vec::new(), Vec::new());
    for agent in people {
        let hours = registry.hours_of(agent);
        match hours.as_ref().map(|hours| (hours.is_on_leave(now), hours.state(now, Reach::Duty))) {
            Some((true, _)) => leave.push(agent),
            Some((_, HoursState::Closed { reopens_at })) => {
                later.push((reopens_at.unwrap_or(Timestamp::MAX), agent))
            }
            _ => at_once += 1,
        }
    }
    later.sort_unstable();
    let name = |agent: AgentNumber| reader.shown_name(language, agent).map(|name| printable(&name));
    let leave = leave.into_iter().map(name).collect::<Result<Vec<_>, _>>()?.join(", ");
    let mut held = Vec::new();
    for (at, agent) in later {
        let when = match at {
            Timestamp::MAX => text(language, "duty-off", &[]),
            at => {
                let when = frame.place.soon(language, at);
                text(language, "state-will-be-delivered", &[("when", (&when).into())])
            }
        };
        held.push((printable(&reader.shown_name(language, agent)?), when));
    }
    Ok(html! {
        input type="hidden" name="looked" value=(look.digest);
        @if look.changed { p.warning role="alert" { (text(language, "web-preview-changed", &[])) } }
        div.card.preview role="status" {
            h2 { (text(language, "web-preview-title", &[])) }
            p { (text(language, "web-preview-now", &[("count", at_once.into())])) }
            @if !held.is_empty() { ul { @for (name, when) in &held { li { (name) " · " (when) } } } }
            @if !leave.is_empty() { p { (text(language, "web-preview-leave", &[("names", (&leave).into())])) } }
        }
    })
}

/// What the form of a correction holds.
#[derive(Debug, Clone)]
pub struct Correction {
    text: String,
    due: String,
    unasked: bool,
}

impl Correction {
    /// What stands: the deadline too, while it is still to come.
    pub fn of(row: &AnnouncementRow, place: &Place) -> Self {
        let due = row.due.filter(|due| *due > place.now);
        let due = due.map(|due| place.local(due).replace(' ', "T")).unwrap_or_default();
        Self { text: row.message.body.clone(), due, unasked: false }
    }

    fn read(fields: &Fields) -> Self {
        Self {
            text: fields.lines("text"),
            due: fields.one("due").to_owned(),
            unasked: !fields.one("unasked").is_empty(),
        }
    }

    /// Until when it is to be acknowledged. Who asks no more of people says so, and does not leave it out.
    fn due(&self, stood: bool, place: &Place, language: Language) -> Result<Option<Timestamp>, Failure> {
        if self.unasked {
            return Ok(None);
        }
        let due = wanted_before(&self.due, place, language)?;
        match due {
            None if stood => Err(Failure::Usage(text(language, "web-correct-choose-due", &[]))),
            due => Ok(due),
        }
    }
}

/// The form by which an author corrects.
pub fn correction(frame: &Frame, row: &AnnouncementRow, typed: &Correction) -> Markup {
    let language = frame.language;
    let over = row.due.is_some_and(|due| due <= frame.place.now);
    html! {
        form.stacked action={ "/announcements/" (row.message.uid) } method="post" {
            label for="text" { (text(language, "web-announcement-text", &[])) }
            textarea id="text" name="text" rows="5" dir="auto" required { (typed.text) }
            @if row.due.is_none() {
                (due_field(language, &typed.due))
            } @else {
                label for="due" { (text(language, "web-due", &[])) }
                input id="due" name="due" type="datetime-local" value=(typed.due) aria-describedby="due-hint";
                p.hint id="due-hint" {
                    @if over { (text(language, "web-correct-due-over", &[])) }
                    @else { (text(language, "web-correct-due-hint", &[])) }
                }
                label.choice {
                    input type="checkbox" name="unasked" value="1" checked[typed.unasked];
                    span { (text(language, "web-correct-unasked", &[])) }
                }
            }
            button.main name="deed" value="correct" { (text(language, "web-correct-now", &[])) }
        }
    }
}

/// Puts another version in its place.
pub async fn correct(
    web: &Arc<Web>,
    visitor: &Visitor,
    version: EntryUid,
    fields: &Fields,
) -> Result<Response, Refusal> {
    let (language, typed) = (visitor.language, Correction::read(fields));
    let asked = typed.clone();
    let command = web.office.read(move |reader| {
        let stood = reader.announcement(version)?.ok_or(FaultCode::NotFound)?.due.is_some();
        let due = asked.due(stood, &Place::of(reader)?, language)?;
        Ok(Command::Correct { version, text: asked.text, due })
    });
    let done = match command.await {
        Ok(command) => web.office.command(command).await,
        Err(failure) => Err(failure),
    };
    let failure = match done {
        Ok(CommandAnswer::Written { uid, .. }) => {
            let said = text(language, "web-corrected", &[]);
            return Ok(back(web, visitor, &format!("/announcements/{uid}"), Ok(Some(said))));
        }
        Ok(_) => FaultCode::Internal.into(),
        Err(failure) => failure,
    };
    // Nothing typed is lost: the form comes back as it was.
    let notice = Refusal(failure).notice(language, None);
    show(web, visitor, Section::Announcements, move |reader, frame| {
        let row = reader.announcement(version)?.ok_or(FaultCode::NotFound)?;
        let title = text(language, "web-correct", &[]);
        let main = html! {
            p { a href={ "/announcements/" (version) } { (text(language, "web-progress", &[])) } }
            h1 { (title) }
            (notice_box(&notice))
            (correction(frame, &row, &typed))
        };
        Ok(Page::plain(title, main))
    })
    .await
}
