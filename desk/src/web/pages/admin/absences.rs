//! Leave, and the rest after an intervention: what keeps an agent's hours closed for a time.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::hours::Period;
use estafette_protocol::statement::Act;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode};
use maud::{Markup, html};

use super::administer;
use crate::commands::absence;
use crate::commands::rest::Rest;
use crate::moment;
use crate::output::PLACE;
use crate::place::{self, Place};
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::pages::{back, me, named};
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// What one of the two forms holds; it comes back as it was typed.
#[derive(Debug, Clone, Default)]
struct Draft {
    agent: Option<u32>,
    from: String,
    until: String,
}

impl Draft {
    fn read(fields: &Fields) -> Self {
        let typed = |name| fields.one(name).trim().to_owned();
        Self { agent: fields.one("agent").parse().ok(), from: typed("from"), until: typed("until") }
    }

    fn agent(&self) -> Result<AgentNumber, Failure> {
        Ok(AgentNumber(self.agent.ok_or(FaultCode::Malformed)?))
    }

    fn leave(&self, reader: &mut Reader, language: Language) -> Result<Vec<Act>, Failure> {
        let place = Place::of(reader)?;
        let zone = place.zone().ok_or(FaultCode::ZoneUnknown)?;
        let period = absence::leave(language, (&self.from, &self.until), &zone, place.now)?;
        Ok(vec![Act::GrantLeave { agent: self.agent()?, period }])
    }

    fn rest(&self, reader: &mut Reader, language: Language) -> Result<Rest, Failure> {
        let place = Place::of(reader)?;
        let zone = place.zone().ok_or(FaultCode::ZoneUnknown)?;
        let bad = || Failure::Usage(text(language, "desk-bad-moment", &[]));
        let read = |typed: &str| moment::instant(typed, &zone, place.now).ok_or_else(bad);
        let intervention = Period { from: read(&self.from)?, until: read(&self.until)? };
        Rest::of(reader, self.agent()?, intervention, None)
    }
}

/// Both forms, and what comes of the one that was sent.
#[derive(Default)]
struct Forms {
    leave: Draft,
    rest: Draft,
    /// What the intervention would change; and whether there is anything to change.
    look: Option<(String, bool)>,
    notice: Option<Notice>,
}

/// The leave that stands, and the forms.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    answer(&web, &visitor, Forms::default()).await
}

/// Records a leave, looks at what an intervention changes, or records that.
pub async fn record(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let (draft, language) = (Draft::read(&fields), visitor.language);
    let typed = draft.clone();
    let (forms, done) = match fields.one("step") {
        "rest" => {
            let acts = move |reader: &mut Reader| {
                let author = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
                Ok(typed.rest(reader, language)?.act(author).into_iter().collect())
            };
            let done = state(&web, &visitor, acts).await;
            (Forms { rest: draft, ..Forms::default() }, done.map(|()| text(language, "rest-recorded", &[])))
        }
        "look" => return look(&web, &visitor, draft).await,
        _ => {
            let acts = move |reader: &mut Reader| typed.leave(reader, language);
            let done = state(&web, &visitor, acts).await;
            (Forms { leave: draft, ..Forms::default() }, done.map(|()| text(language, "leave-recorded", &[])))
        }
    };
    match done {
        Ok(said) => Ok(back(&web, &visitor, "/admin/absences", Ok(Some(said)))),
        // Nothing typed is lost: the form comes back as it was.
        Err(failure) => {
            let notice = Some(Refusal(failure).notice(language, None));
            answer(&web, &visitor, Forms { notice, ..forms }).await
        }
    }
}

async fn state<A>(web: &Web, visitor: &Visitor, acts: A) -> Result<(), Failure>
where
    A: FnOnce(&mut Reader) -> Result<Vec<Act>, Failure> + Send + 'static,
{
    administer(web, visitor, move |work| {
        let acts = acts(&mut work.desk.reader(work.ring)?)?;
        if !acts.is_empty() {
            work.session.state(acts)?;
        }
        Ok(())
    })
    .await
}

async fn look(web: &Arc<Web>, visitor: &Visitor, draft: Draft) -> Result<Response, Refusal> {
    let (typed, language) = (draft.clone(), visitor.language);
    let looked = web.office.read(move |reader| {
        let rest = typed.rest(reader, language)?;
        let zone = place::zone(reader)?.unwrap_or_else(|| PLACE.to_owned());
        let name = reader.shown_name(language, typed.agent()?)?;
        Ok((rest.sentence(language, &zone, &crate::output::printable(&name)), rest.shift.is_some()))
    });
    let mut forms = Forms { rest: draft, ..Forms::default() };
    match looked.await {
        Ok(look) => forms.look = Some(look),
        Err(failure) => forms.notice = Some(Refusal(failure).notice(language, None)),
    }
    answer(web, visitor, forms).await
}

async fn answer(web: &Arc<Web>, visitor: &Visitor, forms: Forms) -> Result<Response, Refusal> {
    administer(web, visitor, |_| Ok(())).await?;
    show(web, visitor, Section::Administration, move |reader, frame| {
        let language = frame.language;
        let people = named::agents(reader, language)?;
        let title = text(language, "leave-page", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            p { (text(language, "leave-what", &[])) }
            @if let Some(notice) = &forms.notice { (notice_box(notice)) }
            h2 { (text(language, "leave-recorded-title", &[])) }
            (coming(reader, frame, &people)?)
            h2 { (text(language, "leave-new-title", &[])) }
            form.stacked action="/admin/absences" method="post" {
                (agent(language, "agent", &people, &forms.leave))
                label for="from" { (text(language, "leave-first-day", &[])) }
                input id="from" name="from" type="date" value=(forms.leave.from) required;
                label for="until" { (text(language, "leave-last-day", &[])) }
                input id="until" name="until" type="date" value=(forms.leave.until) required aria-describedby="stays";
                p.hint id="stays" { (text(language, "leave-stays", &[])) }
                button.main name="step" value="leave" { (text(language, "leave-record", &[])) }
            }
            h2 id="rest" { (text(language, "rest-title", &[])) }
            p.hint { (text(language, "rest-what", &[])) }
            form.stacked action="/admin/absences" method="post" {
                (agent(language, "rest-agent", &people, &forms.rest))
                label for="began" { (text(language, "rest-began", &[])) }
                input id="began" name="from" type="datetime-local" value=(forms.rest.from) required;
                label for="ended" { (text(language, "rest-ended", &[])) }
                input id="ended" name="until" type="datetime-local" value=(forms.rest.until) required;
                @if let Some((sentence, _)) = &forms.look { p.card role="status" { (sentence) } }
                div.actions {
                    @if forms.look.as_ref().is_some_and(|(_, shifts)| *shifts) {
                        button.main name="step" value="rest" { (text(language, "rest-record", &[])) }
                    }
                    button name="step" value="look" { (text(language, "rest-look", &[])) }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// Whose leave goes on or comes, the first to begin first.
fn coming(reader: &mut Reader, frame: &Frame, people: &[(AgentNumber, String)]) -> Result<Markup, Failure> {
    let registry = reader.registry()?;
    let mut lines = Vec::new();
    for (agent, name) in people {
        let coming = registry.leave_of(*agent).iter().filter(|leave| leave.until > frame.place.now);
        lines.extend(coming.map(|leave| (*leave, name)));
    }
    lines.sort_by_key(|(leave, name)| (leave.from, leave.until, (*name).clone()));
    Ok(html! {
        @if lines.is_empty() { p.empty { (text(frame.language, "leave-none", &[])) } }
        ul.facts { @for (leave, name) in &lines { li { (name) p.hint { (me::days(frame, leave)) } } } }
    })
}

fn agent(language: Language, id: &str, people: &[(AgentNumber, String)], draft: &Draft) -> Markup {
    html! {
        label for=(id) { (text(language, "web-for-whom", &[])) }
        select id=(id) name="agent" required {
            option value="" { (text(language, "web-choose", &[])) }
            @for (agent, name) in people {
                option value=(agent) selected[draft.agent == Some(agent.0)] { (name) }
            }
        }
    }
}
