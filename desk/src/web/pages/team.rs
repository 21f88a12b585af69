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
use estafette_protocol::hours::{DutyPeriod, Period};
use estafette_protocol::statement::Act;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, DeviceId, FaultCode, Timestamp};
use maud::{Markup, html};

use crate::moment;
use crate::output::printable;
use crate::place::Place;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::pages::{ask_soon, back};
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// What the form of a duty period holds; it comes back as it was typed.
#[derive(Debug, Clone, Default)]
struct Draft {
    agent: Option<u32>,
    from: String,
    until: String,
    reason: String,
}

/// The dashboard.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    answer(&web, &visitor, Draft::default(), None).await
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    draft: Draft,
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
        let title = text(language, "web-team", &[]);
        let main = html! {
            h1 { (title) }
            @if let Some(notice) = &notice { (notice_box(notice)) }
            div id="fresh" {
                @if missed.is_none() { p.warning { (text(language, "team-missed-unknown", &[])) } }
                @for team in &teams { (one(frame, team, missed.as_ref())) }
            }
            h2 { (text(language, "web-duty-period", &[])) }
            p.hint { (text(language, "web-duty-period-why", &[])) }
            (form(language, &names, &draft))
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

fn form(language: Language, people: &[(AgentNumber, String)], draft: &Draft) -> Markup {
    html! {
        form.stacked action="/team" method="post" {
            label for="agent" { (text(language, "web-for-whom", &[])) }
            select id="agent" name="agent" required {
                option value="" { (text(language, "web-choose", &[])) }
                @for (agent, name) in people {
                    option value=(agent) selected[draft.agent == Some(agent.0)] { (name) }
                }
            }
            label for="from" { (text(language, "web-from", &[])) }
            input id="from" name="from" type="datetime-local" value=(draft.from) required;
            label for="until" { (text(language, "web-until", &[])) }
            input id="until" name="until" type="datetime-local" value=(draft.until) required;
            label for="reason" { (text(language, "web-urgent-reason", &[])) }
            input id="reason" name="reason" value=(draft.reason) required dir="auto" aria-describedby="reason-hint";
            p.hint id="reason-hint" { (text(language, "web-duty-reason-hint", &[])) }
            button.main { (text(language, "web-duty-order", &[])) }
        }
    }
}

/// Opens one agent's hours for a time: the agent sees by whom, and why.
pub async fn order(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let draft = Draft {
        agent: fields.one("agent").parse().ok(),
        from: fields.one("from").to_owned(),
        until: fields.one("until").to_owned(),
        reason: fields.one("reason").trim().to_owned(),
    };
    let (typed, language) = (draft.clone(), visitor.language);
    let act = web.office.read(move |reader| {
        let place = Place::of(reader)?;
        let zone = place.zone().ok_or(FaultCode::ZoneUnknown)?;
        let read = |typed: &str| {
            let bad = || Failure::Usage(text(language, "desk-bad-moment", &[]));
            moment::instant(typed, &zone, place.now).ok_or_else(bad)
        };
        let period = Period { from: read(&typed.from)?, until: read(&typed.until)? };
        let author = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
        let duty = DutyPeriod { period, author, reason: typed.reason };
        let invalid = |error: estafette_protocol::hours::HoursError| {
            estafette_protocol::Fault::new(FaultCode::HoursInvalid)
                .with_reasons(vec![error.word().to_owned()])
        };
        duty.validate().map_err(invalid)?;
        let agent = AgentNumber(typed.agent.ok_or(FaultCode::Malformed)?);
        Ok(Act::AddDuty { agent, duty })
    });
    let done = match act.await {
        Ok(act) => web.office.command(Command::State(vec![act])).await,
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
            answer(&web, &visitor, draft, Some(notice)).await
        }
    }
}
