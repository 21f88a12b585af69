//! Teams: who is in them and who leads them; a new team, an agent who comes or leaves, a supervisor who is
//! appointed or ends.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::statement::Role;
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, FaultCode, TeamNumber};
use maud::html;

use super::administer;
use crate::commands::team::{self, Change, Done};
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::{back, named};
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// The longest name of a team, in characters.
const NAME: usize = 80;

/// All teams, and the form of a new one.
pub async fn list(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    administer(&web, &visitor, |_| Ok(())).await?;
    show(&web, &visitor, Section::Administration, |reader, frame| {
        let language = frame.language;
        let mut teams = Vec::new();
        for (number, name) in named::teams(reader)? {
            let registry = reader.registry()?.clone();
            let mut leads = Vec::new();
            for agent in registry.supervisors_of(number) {
                leads.push(printable(&reader.shown_name(language, agent)?));
            }
            let led = match leads.is_empty() {
                true => text(language, "web-team-unled", &[]),
                false => text(language, "web-team-led-by", &[("names", (&leads.join(", ")).into())]),
            };
            teams.push((number, name, registry.people_of(number).len(), led));
        }
        let title = text(language, "web-teams-all", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            @if teams.is_empty() { p.empty { (text(language, "web-teams-none", &[])) } }
            ul.doors {
                @for (number, name, count, led) in &teams {
                    li {
                        a href={ "/admin/teams/" (number.0) } {
                            strong dir="auto" { (name) }
                            span { (text(language, "web-team-people", &[("count", (*count).into())])) " · " (led) }
                        }
                    }
                }
            }
            h2 { (text(language, "web-team-new", &[])) }
            form.stacked action="/admin/teams" method="post" {
                label for="name" { (text(language, "web-team-name", &[])) }
                input id="name" name="name" required maxlength=(NAME) dir="auto";
                button.main { (text(language, "web-team-make", &[])) }
            }
            p { a href="/admin/rights" { (text(language, "web-rights", &[])) } }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// Makes a team and shows it.
pub async fn make(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let (name, language) = (fields.one("name").trim().to_owned(), visitor.language);
    let made = administer(&web, &visitor, move |work| {
        let plain = !name.is_empty() && name.chars().count() <= NAME && !name.chars().any(char::is_control);
        if !plain {
            return Err(Failure::Usage(text(language, "web-team-name-bad", &[("count", NAME.into())])));
        }
        if work.records.team_named(&name)?.is_some() {
            return Err(Failure::Usage(text(language, "web-team-there", &[])));
        }
        team::carry_out(work, &name, &Change::default())
    });
    match made.await {
        Ok(Done { team, .. }) => {
            let said = text(language, "web-team-made", &[]);
            Ok(back(&web, &visitor, &format!("/admin/teams/{}", team.0), Ok(Some(said))))
        }
        Err(failure) => Ok(back(&web, &visitor, "/admin/teams", Err(failure))),
    }
}

/// One person of a team.
struct Member {
    agent: AgentNumber,
    name: String,
    leads: bool,
}

fn members(reader: &mut Reader, frame: &Frame, team: TeamNumber) -> Result<Vec<Member>, Failure> {
    let registry = reader.registry()?.clone();
    let leading = registry.supervisors_of(team);
    let mut members = Vec::new();
    for agent in registry.people_of(team) {
        let name = printable(&reader.shown_name(frame.language, agent)?);
        members.push(Member { agent, name, leads: leading.contains(&agent) });
    }
    members.sort_by_cached_key(|member| (!member.leads, member.name.to_lowercase(), member.agent));
    Ok(members)
}

/// One team.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(team): Path<u32>,
) -> Result<Response, Refusal> {
    administer(&web, &visitor, |_| Ok(())).await?;
    show(&web, &visitor, Section::Administration, move |reader, frame| {
        let (language, team) = (frame.language, TeamNumber(team));
        let known = named::teams(reader)?.into_iter().find(|(number, _)| *number == team);
        let (_, title) = known.ok_or(FaultCode::NotFound)?;
        let members = members(reader, frame, team)?;
        let registry = reader.registry()?.clone();
        let others: Vec<(AgentNumber, String)> = named::agents(reader, language)?
            .into_iter()
            .filter(|(agent, _)| members.iter().all(|member| member.agent != *agent))
            .collect();
        let may_lead = |member: &&Member| {
            !member.leads && !matches!(registry.role(member.agent), Role::Administrator | Role::Archives)
        };
        let leads: Vec<&Member> = members.iter().filter(may_lead).collect();
        let action = format!("/admin/teams/{}", team.0);
        let main = html! {
            p { a href="/admin/teams" { (text(language, "web-teams-all", &[])) } }
            h1 dir="auto" { (title) }
            h2 { (text(language, "web-team-people", &[("count", members.len().into())])) }
            @if members.is_empty() { p.empty { (text(language, "web-team-empty", &[])) } }
            ul.facts {
                @for member in &members {
                    li {
                        (member.name)
                        @if member.leads { " · " strong { (text(language, "web-team-leads", &[])) } }
                        form.actions action=(action) method="post" {
                            input type="hidden" name="agent" value=(member.agent);
                            @if member.leads {
                                button name="deed" value="end-lead" {
                                    (text(language, "web-team-end-lead", &[]))
                                    span.unseen { " " (member.name) }
                                }
                            }
                            button name="deed" value="remove" {
                                (text(language, "web-team-remove", &[]))
                                span.unseen { " " (member.name) }
                            }
                        }
                    }
                }
            }
            @if !others.is_empty() {
                h2 { (text(language, "web-team-add", &[])) }
                form.stacked action=(action) method="post" {
                    label for="coming" { (text(language, "web-team-who-comes", &[])) }
                    select id="coming" name="agent" required {
                        option value="" { (text(language, "web-choose", &[])) }
                        @for (agent, name) in &others { option value=(agent) { (name) } }
                    }
                    p.hint { (text(language, "web-team-add-hint", &[])) }
                    button.main name="deed" value="add" { (text(language, "web-team-add-now", &[])) }
                }
            }
            @if !leads.is_empty() {
                h2 { (text(language, "web-team-appoint", &[])) }
                form.stacked action=(action) method="post" {
                    label for="lead" { (text(language, "web-team-who-leads", &[])) }
                    select id="lead" name="agent" required {
                        option value="" { (text(language, "web-choose", &[])) }
                        @for member in leads { option value=(member.agent) { (member.name) } }
                    }
                    p.hint { (text(language, "web-team-appoint-hint", &[])) }
                    button.main name="deed" value="lead" { (text(language, "web-team-appoint-now", &[])) }
                }
            }
            p { a href={ "/admin/hours?scope=team-" (team.0) } { (text(language, "web-team-hours", &[])) } }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// Changes who is in a team, or leads it.
pub async fn change(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(number): Path<u32>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let agent: u32 = fields.one("agent").parse().map_err(|_| FaultCode::Malformed)?;
    let (deed, language) = (fields.one("deed").to_owned(), visitor.language);
    let done = administer(&web, &visitor, move |work| {
        let name = work.records.names()?.teams.get(&TeamNumber(number)).cloned();
        let name = name.ok_or(FaultCode::NotFound)?;
        let (who, none) = ([agent], Change::default());
        let change = match deed.as_str() {
            "add" => Change { add: &who, ..none },
            "remove" => Change { remove: &who, end_lead: &who, ..none },
            "lead" => Change { lead: &who, ..none },
            "end-lead" => Change { end_lead: &who, ..none },
            _ => return Err(FaultCode::Malformed.into()),
        };
        team::carry_out(work, &name, &change)?;
        Ok(text(language, "web-team-changed", &[]))
    });
    Ok(back(&web, &visitor, &format!("/admin/teams/{number}"), done.await.map(Some)))
}
