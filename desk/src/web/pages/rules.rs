//! What binds people: the rules in force, those that are proposed, derogations, and what is told of a month.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use estafette_core::engine::Command;
use estafette_core::reader::{NameKind, Reader};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::Zone;
use estafette_protocol::policy::Policy;
use estafette_protocol::registry::{Reachable, Registry};
use estafette_protocol::statement::{Act, HoursScope};
use estafette_protocol::statistics::{Cell, Month, PEOPLE};
use estafette_protocol::texts::text;
use estafette_protocol::{FaultCode, StatementNumber};
use maud::{Markup, html};
use serde::Deserialize;

use super::back;
use crate::commands::policies;
use crate::commands::who::seen;
use crate::moment;
use crate::output::printable;
use crate::place::Place;
use crate::session::{Desk, Failure};
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// People who are named of those who would receive.
const NAMED: usize = 30;

/// The rules, and what is proposed to change.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let desk =
        Desk { folder: web.office.folder()?, language: visitor.language, json: false, passphrase_file: None };
    show(&web, &visitor, Section::Me, move |reader, frame| {
        let language = frame.language;
        let registry = reader.registry()?.clone();
        let own = reader.device()?.agent;
        let mut in_force = Vec::new();
        for (subject, standing) in registry.standing_policies() {
            let Some(policy) = registry.policy(subject) else { continue };
            let origin = policies::origin(&desk, reader, &frame.place, standing)?;
            in_force.push((policies::sentence(&desk, reader, &policy)?, origin));
        }
        let mut proposals = Vec::new();
        for (number, proposal) in registry.proposals().filter(|(_, one)| frame.place.now < one.ends_at()) {
            let mut lines = policies::proposed(&desk, reader, &frame.place, number, proposal)?;
            let approvers = registry.approvers();
            let authors = Some(proposal.author) == own;
            // Whoever is alone confirms their own, a day later; nobody else does.
            let waited = approvers.len() == 1 && proposal.confirmable_at() <= frame.place.now;
            let decides = own.is_some_and(|own| approvers.contains(&own)) && (!authors || waited);
            if decides {
                for change in &proposal.changes {
                    lines.extend(who(reader, frame, &registry, &change.policy)?);
                }
            }
            proposals.push((number, lines, decides, authors));
        }
        let title = text(language, "web-rules", &[]);
        let main = html! {
            p { a href="/me" { (text(language, "web-me", &[])) } }
            h1 { (title) }
            div id="fresh" {
                @if !proposals.is_empty() {
                    h2 { (text(language, "web-rules-proposed", &[])) }
                    @for (number, lines, decides, own) in &proposals { (proposed(frame, *number, lines, *decides, *own)) }
                    h2 { (text(language, "web-rules-standing", &[])) }
                }
                @if in_force.is_empty() { p.empty { (text(language, "web-no-rule", &[])) } }
                ul.facts {
                    @for (sentence, origin) in &in_force {
                        li { p { (printable(sentence)) } p.hint { (printable(origin)) } }
                    }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// Who would receive next Sunday evening by hours that are proposed, for whoever decides about them.
fn who(
    reader: &Reader,
    frame: &Frame,
    registry: &Registry,
    policy: &Policy,
) -> Result<Option<String>, Failure> {
    let Policy::Calendar { scope, calendar } = policy else { return Ok(None) };
    let (language, now) = (frame.language, frame.place.now);
    let clocks = Zone::named(&calendar.zone);
    let at = clocks.and_then(|clocks| moment::instant("dimanche 22:00", &clocks, now));
    let Some(at) = at else { return Ok(None) };
    let (team, only) = match scope {
        HoursScope::Organisation => (None, None),
        HoursScope::Team(team) => (Some(*team), None),
        HoursScope::Agent(agent) => (None, Some(*agent)),
    };
    let mut people = seen(&registry.with_policy(policy.clone(), now), team, at);
    people.retain(|one| {
        let reached = !matches!(one.reachable, Reachable::OffDuty { .. });
        reached && only.is_none_or(|only| one.agent == only)
    });
    let mut names = Vec::new();
    for one in people.iter().take(NAMED) {
        names.push(printable(&reader.shown_name(language, one.agent)?));
    }
    if people.len() > NAMED {
        names.push("…".to_owned());
    }
    names.sort_by_key(|name| (name == "…", name.to_lowercase()));
    let (names, when) = (names.join(", "), Place::in_zone(calendar.zone.clone(), now).dated(language, at));
    let words = [("count", people.len().into()), ("names", (&names).into()), ("when", (&when).into())];
    Ok(Some(text(language, "web-rules-who", &words)))
}

/// A proposal, with the decision for whom it is to take.
fn proposed(frame: &Frame, number: StatementNumber, lines: &[String], decides: bool, own: bool) -> Markup {
    let language = frame.language;
    html! {
        div.card role="note" {
            @for line in lines { p { (printable(line.trim())) } }
            @if decides || own {
                form.actions action="/me/rules" method="post" {
                    input type="hidden" name="proposal" value=(number.0);
                    @if decides { button.main name="decision" value="approve" { (text(language, "web-approve", &[])) } }
                    button name="decision" value="refuse" {
                        @if own { (text(language, "web-take-back", &[])) } @else { (text(language, "web-refuse", &[])) }
                    }
                }
            }
        }
    }
}

/// Decides about a proposal.
pub async fn decide(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let number: u64 = fields.one("proposal").parse().map_err(|_| FaultCode::Malformed)?;
    let (proposal, approves) = (StatementNumber(number), fields.one("decision") == "approve");
    let act = if approves { Act::Approve { proposal } } else { Act::Withdraw { proposal } };
    let done = web.office.command(Command::State(vec![act])).await;
    let words = [("number", number.into())];
    let said = match approves {
        true => text(visitor.language, "policy-approved", &words),
        false => text(visitor.language, "policy-refused", &words),
    };
    Ok(back(&web, &visitor, "/me/rules", done.map(|_| Some(said))))
}

/// Which month is asked for.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    month: String,
}

/// What is told of a month that is over.
pub async fn statistics(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let told = if asked.month.is_empty() { None } else { Some(of_month(&web, &visitor, &asked.month).await) };
    let told = match told {
        Some(Err(failure)) => return Ok(back(&web, &visitor, "/me/statistics", Err(failure))),
        Some(Ok(told)) => Some(told),
        None => None,
    };
    show(&web, &visitor, Section::Me, move |reader, frame| {
        let language = frame.language;
        let title = text(language, "web-statistics", &[]);
        let main = html! {
            p { a href="/me" { (text(language, "web-me", &[])) } }
            h1 { (title) }
            p.hint { (text(language, "web-statistics-why", &[("people", PEOPLE.into())])) }
            form.stacked action="/me/statistics" method="get" {
                label for="month" { (text(language, "web-month", &[])) }
                input id="month" name="month" type="month" value=(asked.month) required;
                button.main { (text(language, "web-show", &[])) }
            }
            @if let Some((cells, withheld)) = &told { (table(reader, frame, cells, *withheld)?) }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

async fn of_month(web: &Web, visitor: &Visitor, month: &str) -> Result<(Vec<Cell>, u32), Failure> {
    let bad = || Failure::Usage(text(visitor.language, "desk-bad-month", &[]));
    let month = Month::parse(month).ok_or_else(bad)?;
    match web.office.ask(RequestBody::Statistics { month }).await? {
        Reply::Statistics { cells, withheld } => Ok((cells, withheld)),
        _ => Err(FaultCode::Internal.into()),
    }
}

fn table(reader: &Reader, frame: &Frame, cells: &[Cell], withheld: u32) -> Result<Markup, Failure> {
    let language = frame.language;
    let mut rows = Vec::new();
    for cell in cells {
        let name = match cell.team {
            None => text(language, "statistics-all", &[]),
            Some(team) => {
                let known = reader.name(NameKind::Team, team.0)?.map(|(name, _)| name);
                printable(&known.unwrap_or_else(|| team.to_string()))
            }
        };
        rows.push((name, cell));
    }
    let words = [("count", withheld.into()), ("people", PEOPLE.into())];
    Ok(html! {
        div.wide role="region" tabindex="0" aria-label=(text(language, "web-statistics-caption", &[])) { table {
            caption { (text(language, "web-statistics-caption", &[])) }
            thead {
                tr {
                    th scope="col" { (text(language, "web-service", &[])) }
                    th scope="col" { (text(language, "web-people", &[])) }
                    th scope="col" { (text(language, "web-derogations", &[])) }
                    th scope="col" { (text(language, "web-off-hours", &[])) }
                }
            }
            tbody {
                @for (name, cell) in &rows {
                    tr {
                        th scope="row" { (name) }
                        td { (cell.people) }
                        td { (cell.counts.overrides) }
                        td { (cell.counts.off_hours) }
                    }
                }
            }
        } }
        p.hint { (text(language, "statistics-withheld", &words)) }
    })
}
