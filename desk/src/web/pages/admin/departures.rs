//! An agent who leaves: what ends with the account, then the end of it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode};
use maud::html;

use super::administer;
use crate::commands::people::{self, Departure};
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::pages::named;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// Who was chosen, and what would end.
struct Look {
    agent: AgentNumber,
    name: String,
    departure: Departure,
}

/// Whoever has something that can end, but for oneself.
fn may_leave(reader: &mut Reader, language: Language) -> Result<Vec<(AgentNumber, String)>, Failure> {
    let mut people = named::agents(reader, language)?;
    let own = reader.device()?.agent;
    let registry = reader.registry()?;
    people.retain(|(agent, _)| Some(*agent) != own && people::has_account(registry, *agent));
    Ok(people)
}

/// Who could leave.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    answer(&web, &visitor, None, None).await
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    look: Option<Look>,
    notice: Option<Notice>,
) -> Result<Response, Refusal> {
    administer(web, visitor, |_| Ok(())).await?;
    show(web, visitor, Section::Administration, move |reader, frame| {
        let language = frame.language;
        let people = may_leave(reader, language)?;
        let title = text(language, "departures", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            p { (text(language, "departures-what", &[])) }
            @if let Some(notice) = &notice { (notice_box(notice)) }
            @if let Some(look) = &look {
                div.card role="status" {
                    h2 dir="auto" { (look.name) }
                    p { (text(language, "departures-devices", &[("count", look.departure.devices.into())])) }
                    @if !look.departure.orphaned.is_empty() {
                        @let teams = printable(&look.departure.orphaned.join(", "));
                        p.warning { (text(language, "departures-teams", &[("teams", (&teams).into())])) }
                    }
                    form.actions action="/admin/departures" method="post" {
                        input type="hidden" name="agent" value=(look.agent);
                        button.danger name="step" value="end" { (text(language, "departures-now", &[])) }
                        a.button href="/admin/departures" { (text(language, "departures-not", &[])) }
                    }
                }
            }
            @if people.is_empty() {
                p.empty { (text(language, "departures-nobody", &[])) }
            } @else {
                form.stacked action="/admin/departures" method="post" {
                    label for="agent" { (text(language, "departures-who", &[])) }
                    select id="agent" name="agent" required {
                        option value="" { (text(language, "web-choose", &[])) }
                        @for (agent, name) in &people {
                            option value=(agent) selected[look.as_ref().is_some_and(|look| look.agent == *agent)] { (name) }
                        }
                    }
                    button name="step" value="look" { (text(language, "departures-look", &[])) }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// Looks at what would end, or ends it.
pub async fn decide(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let agent = AgentNumber(fields.one("agent").parse().map_err(|_| FaultCode::Malformed)?);
    let (ends, language) = (fields.one("step") == "end", visitor.language);
    let done = administer(&web, &visitor, move |work| {
        let mut reader = work.desk.reader(work.ring)?;
        let departure = Departure::of(&mut reader, language, agent)?;
        if ends {
            departure.carry_out(work)?;
        }
        let name = printable(&reader.shown_name(language, agent)?);
        Ok(Look { agent, name, departure })
    });
    match done.await {
        Ok(look) if ends => {
            let lines = look.departure.words(language);
            answer(&web, &visitor, None, Some(Notice { refused: false, lines, code: None })).await
        }
        Ok(look) => answer(&web, &visitor, Some(look), None).await,
        Err(failure) => {
            let notice = Refusal(failure).notice(language, None);
            answer(&web, &visitor, None, Some(notice)).await
        }
    }
}
