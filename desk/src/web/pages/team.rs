//! The teams that this agent leads: who is there, whose device is missed, and a duty period for one of them.
//!
//! Of people off duty there is a count and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::engine::Command;
use estafette_core::reader::{PersonRow, TeamStanding};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, DeviceId, FaultCode, Timestamp};
use maud::{Markup, html};

use super::duty::{self, Draft, Look};
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::pages::{ask_soon, back};
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// The dashboard.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    answer(&web, &visitor, Draft::default(), None, None).await
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    draft: Draft,
    look: Option<Look>,
    notice: Option<Notice>,
) -> Result<Response, Refusal> {
    // What the relay alone knows; without it the rest is shown all the same.
    let asked = ask_soon(web, RequestBody::Contacts).await;
    let missed: Option<BTreeMap<DeviceId, Timestamp>> = match asked {
        Ok(Reply::Contacts { contacts }) => {
            let days = contacts.into_iter().filter_map(|contact| Some((contact.device, contact.day?)));
            Some(days.collect())
        }
        Ok(_) => None,
        Err(Failure::Fault(fault)) if fault.code == FaultCode::Forbidden => return Err(fault.into()),
        Err(_) => None,
    };
    show(web, visitor, Section::Team, move |reader, frame| {
        let language = frame.language;
        let teams = reader.team_standing(frame.place.now)?;
        if teams.is_empty() {
            return Err(FaultCode::Forbidden.into());
        }
        let registry = reader.registry()?;
        let people: BTreeSet<AgentNumber> =
            teams.iter().flat_map(|team| registry.people_of(team.team)).collect();
        let mut names = Vec::new();
        for agent in people {
            names.push((agent, printable(&reader.shown_name(language, agent)?)));
        }
        names.sort_by_cached_key(|(agent, name)| (name.to_lowercase(), *agent));
        let ahead = duty::ahead(reader, frame, &names)?;
        let title = text(language, "web-team", &[]);
        let main = html! {
            h1 { (title) }
            @if let Some(notice) = &notice { (notice_box(notice)) }
            div id="fresh" {
                @if missed.is_none() { p.warning { (text(language, "team-missed-unknown", &[])) } }
                @for team in &teams { (one(frame, team, missed.as_ref())) }
                (ahead)
            }
            h2 { (text(language, "web-duty-period", &[])) }
            p.hint { (text(language, "web-duty-period-why", &[])) }
            (duty::form(language, &names, &draft, look.as_ref()))
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// A team: counts, then names of who is there or on leave.
fn one(frame: &Frame, team: &TeamStanding, missed: Option<&BTreeMap<DeviceId, Timestamp>>) -> Markup {
    let language = frame.language;
    let named =
        |person: &PersonRow| printable(&person.name.clone().unwrap_or_else(|| person.agent.to_string()));
    let unseen = |person: &PersonRow| {
        person.devices.iter().filter_map(|device| missed?.get(device)).min().map(|day| {
            let day = frame.place.long_day(language, *day);
            text(language, "team-missed", &[("day", (&day).into())])
        })
    };
    let count = team.on_duty.iter().filter(|person| unseen(person).is_some()).count();
    let counts = [
        (text(language, "duty-on", &[]), team.on_duty.len()),
        (text(language, "desk-person-on-leave", &[]), team.on_leave.len()),
        (text(language, "duty-off", &[]), team.off_duty),
        (text(language, "web-missed", &[]), count),
    ];
    html! {
        h2 dir="auto" { (printable(&team.name.clone().unwrap_or_else(|| team.team.to_string()))) }
        dl.counts { @for (words, count) in &counts { div { dt { (words) } dd { (count) } } } }
        ul.members {
            @for person in &team.on_duty {
                li {
                    (named(person)) " · " (text(language, "duty-on", &[]))
                    @if let Some(missed) = unseen(person) { " · " strong { (missed) } }
                }
            }
            @for (person, until) in &team.on_leave {
                @let until = frame.place.spoken(language, *until);
                @let name = named(person);
                li { (text(language, "team-on-leave", &[("name", (&name).into()), ("until", (&until).into())])) }
            }
        }
    }
}

/// Opens one agent's hours for a time: the agent sees by whom, and why.
pub async fn order(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let (draft, language) = (Draft::read(&fields), visitor.language);
    let (typed, digest) = (draft.clone(), fields.digest(&duty::CHOICES));
    let done = match web.office.read(move |reader| typed.judged(reader, language)).await {
        Ok((_, flagged)) if !flagged.is_empty() && fields.one("looked") != digest => {
            return answer(&web, &visitor, draft, Some(Look { digest, flagged }), None).await;
        }
        Ok((act, _)) => web.office.command(Command::State(vec![act])).await,
        Err(failure) => Err(failure),
    };
    match done {
        Ok(_) => {
            let said = text(language, "web-duty-ordered", &[]);
            Ok(back(&web, &visitor, "/team", Ok(Some(said))))
        }
        // Nothing typed is lost: the form comes back as it was.
        Err(failure) => {
            let notice = Refusal(failure).notice(language, None);
            answer(&web, &visitor, draft, None, Some(notice)).await
        }
    }
}
