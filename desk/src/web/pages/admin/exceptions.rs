//! Phones that are admitted without evidence: each with its reason and its end, and by two persons.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::policy::{Policy, PolicySubject};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, FaultCode, InventoryId, Timestamp};
use maud::{Markup, html};

use super::{administer, proposing};
use crate::administration::Item;
use crate::commands::policies;
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// What the form holds; it comes back as it was typed.
#[derive(Debug, Clone, Default)]
struct Draft {
    agent: Option<u32>,
    reason: String,
    until: String,
}

/// An exception that stands or stood.
struct Stated {
    inventory: InventoryId,
    reason: String,
    until: Timestamp,
}

/// Those that were decided, the last to end first.
fn stated(reader: &mut Reader) -> Result<Vec<Stated>, Failure> {
    let registry = reader.registry()?;
    let of = |subject| match registry.policy(subject)? {
        Policy::Exception { inventory, reason, until } => Some(Stated { inventory, reason, until }),
        _ => None,
    };
    let subjects = registry.standing_policies().map(|(subject, _)| subject);
    let subjects = subjects.filter(|subject| matches!(subject, PolicySubject::Exception(_)));
    let mut stated: Vec<Stated> = subjects.filter_map(of).collect();
    stated.sort_by_key(|one| std::cmp::Reverse(one.until));
    Ok(stated)
}

/// The exceptions, and the form of a new one.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    answer(&web, &visitor, Draft::default(), None).await
}

/// Proposes an exception.
pub async fn except(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let draft = Draft {
        agent: fields.one("agent").parse().ok(),
        reason: fields.one("reason").trim().to_owned(),
        until: fields.one("until").to_owned(),
    };
    let (typed, language) = (draft.clone(), visitor.language);
    let proposed = async {
        let policy = administer(&web, &visitor, move |work| {
            let agent = AgentNumber(typed.agent.ok_or(FaultCode::Malformed)?);
            policies::exception(language, work.records, agent, typed.reason, &typed.until)
        });
        proposing::propose(&web, &visitor, policy.await?).await
    };
    match proposed.await {
        Ok(response) => Ok(response),
        // Nothing typed is lost: the form comes back as it was.
        Err(failure) => {
            let notice = Refusal(failure).notice(language, None);
            answer(&web, &visitor, draft, Some(notice)).await
        }
    }
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    draft: Draft,
    notice: Option<Notice>,
) -> Result<Response, Refusal> {
    let items = administer(web, visitor, |work| Ok(work.records.items()?)).await?;
    show(web, visitor, Section::Administration, move |reader, frame| {
        let language = frame.language;
        let phones: BTreeSet<AgentNumber> =
            items.iter().filter(|item| item.platform != "computer").map(|item| item.agent).collect();
        let mut people = Vec::new();
        for agent in phones {
            people.push((agent, printable(&reader.shown_name(language, agent)?)));
        }
        people.sort_by_cached_key(|(agent, name)| (name.to_lowercase(), *agent));
        let title = text(language, "web-exceptions", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            p { (text(language, "web-exceptions-what", &[])) }
            @if let Some(notice) = &notice { (notice_box(notice)) }
            (listed(reader, frame, &items)?)
            h2 { (text(language, "web-exception-new", &[])) }
            @if people.is_empty() {
                p.empty { (text(language, "web-exception-no-phone", &[])) }
            } @else {
                form.stacked action="/admin/exceptions" method="post" {
                    label for="agent" { (text(language, "web-exception-phone-of", &[])) }
                    select id="agent" name="agent" required {
                        option value="" { (text(language, "web-choose", &[])) }
                        @for (agent, name) in &people {
                            option value=(agent) selected[draft.agent == Some(agent.0)] { (name) }
                        }
                    }
                    label for="reason" { (text(language, "web-urgent-reason", &[])) }
                    input id="reason" name="reason" value=(draft.reason) required dir="auto" aria-describedby="reason-hint";
                    p.hint id="reason-hint" { (text(language, "web-exception-reason-hint", &[])) }
                    label for="until" { (text(language, "web-exception-until", &[])) }
                    input id="until" name="until" type="date" value=(draft.until) required;
                    button.main { (text(language, "web-exception-propose", &[])) }
                }
            }
            p { a href="/me/rules" { (text(language, "web-rules", &[])) } }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn listed(reader: &mut Reader, frame: &Frame, items: &[Item]) -> Result<Markup, Failure> {
    let language = frame.language;
    let mut lines = Vec::new();
    for one in stated(reader)? {
        let item = items.iter().find(|item| item.id == one.inventory);
        let whose = match item {
            Some(item) => {
                let name = printable(&reader.shown_name(language, item.agent)?);
                format!("{name} · {} · {}", printable(&item.model), printable(&item.serial))
            }
            // Entered on another administrator's computer.
            None => one.inventory.to_string(),
        };
        // It ends when its last day does.
        let last = Timestamp(one.until.0.saturating_sub(1));
        let until = frame.place.long_day(language, last);
        let ends = match frame.place.now < one.until {
            true => text(language, "web-exception-ends", &[("until", (&until).into())]),
            false => text(language, "web-exception-over", &[("until", (&until).into())]),
        };
        lines.push((whose, ends, printable(&one.reason)));
    }
    Ok(html! {
        @if lines.is_empty() { p.empty { (text(language, "web-exceptions-none", &[])) } }
        ul.facts {
            @for (whose, ends, reason) in &lines { li { (whose) p { (ends) } p.hint dir="auto" { (reason) } } }
        }
    })
}
