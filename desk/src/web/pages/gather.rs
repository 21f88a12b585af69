//! A conversation of chosen people: made by who leads them, and who is in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_core::engine::Command;
use estafette_core::reader::{MemberRow, Reader};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode, ThreadId, limits};
use maud::{Markup, html};

use super::{back, conversations};
use crate::commands::gather::{Gathering, moving};
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// What the form holds; it comes back as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    title: String,
    with: BTreeSet<AgentNumber>,
}

/// Whom this agent may bring together, by name.
fn choice(reader: &mut Reader, language: Language) -> Result<Vec<(AgentNumber, String)>, Failure> {
    let own = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
    let mut people = Vec::new();
    for agent in reader.registry()?.gatherable_by(own) {
        people.push((agent, printable(&reader.shown_name(language, agent)?)));
    }
    people.sort_by_cached_key(|(agent, name)| (name.to_lowercase(), *agent));
    Ok(people)
}

/// The form, for whoever may choose among somebody.
pub fn form(reader: &mut Reader, language: Language, draft: &Draft) -> Result<Markup, Failure> {
    let people = choice(reader, language)?;
    if people.is_empty() {
        return Ok(html! {});
    }
    Ok(html! {
        h2 id="gather" { (text(language, "gather-title", &[])) }
        p.hint { (text(language, "gather-what", &[])) }
        form.stacked action="/conversations/gather" method="post" {
            label for="gather-name" { (text(language, "gather-name", &[])) }
            input id="gather-name" name="title" value=(draft.title) required maxlength=(limits::TITLE) dir="auto" aria-describedby="gather-hint";
            p.hint id="gather-hint" { (text(language, "gather-name-hint", &[])) }
            fieldset {
                legend { (text(language, "gather-with", &[])) }
                @for (agent, name) in &people {
                    label.choice {
                        input type="checkbox" name="with" value=(agent) checked[draft.with.contains(agent)];
                        span { (name) }
                    }
                }
            }
            button.main { (text(language, "gather-make", &[])) }
        }
    })
}

/// Makes the conversation and opens it.
pub async fn make(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let with = fields.parsed::<u32>("with")?.into_iter().map(AgentNumber).collect();
    let draft = Draft { title: fields.one("title").trim().to_owned(), with };
    let (typed, language) = (draft.clone(), visitor.language);
    let made = async {
        if typed.with.is_empty() {
            return Err(Failure::Usage(text(language, "gather-nobody", &[])));
        }
        let Draft { title, with } = typed;
        let named = title.clone();
        let making = web.office.read(move |reader| Gathering::of(reader, &named, &with));
        let Gathering { acts, thread } = making.await?;
        web.office.command(Command::State(acts)).await?;
        web.office.command(Command::Title { thread, title }).await?;
        Ok(thread)
    };
    match made.await {
        Ok(thread) => Ok(Redirect::to(&format!("/conversations/{thread}")).into_response()),
        // Nothing typed is lost: the form comes back as it was.
        Err(failure) => {
            let notice = Refusal(failure).notice(language, None);
            conversations::begin_page(&web, &visitor, draft, Some(notice)).await
        }
    }
}

/// Under the list of members, for whoever may move them.
pub fn movable(
    reader: &mut Reader,
    language: Language,
    thread: ThreadId,
    members: &[MemberRow],
) -> Result<Markup, Failure> {
    let own = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
    if !reader.registry()?.may_move_people_in(own, thread.roster()) {
        return Ok(html! {});
    }
    let there = |agent: &AgentNumber| members.iter().any(|member| member.agent == *agent);
    let (inside, outside): (Vec<_>, Vec<_>) =
        choice(reader, language)?.into_iter().partition(|(agent, _)| there(agent));
    let select = |id: &str, label: String, people: &[(AgentNumber, String)], word: &str, button: String| {
        html! {
            @if !people.is_empty() {
                form.stacked action={ "/conversations/" (thread) "/members" } method="post" {
                    label for=(id) { (label) }
                    select id=(id) name="agent" required {
                        option value="" { (text(language, "web-choose", &[])) }
                        @for (agent, name) in people { option value=(agent) { (name) } }
                    }
                    button name="step" value=(word) { (button) }
                }
            }
        }
    };
    let (add, remove) = (text(language, "gather-add", &[]), text(language, "gather-remove", &[]));
    Ok(html! {
        (select("comes", text(language, "gather-comes", &[]), &outside, "add", add))
        (select("leaves", text(language, "gather-leaves", &[]), &inside, "remove", remove))
        p.hint { (text(language, "gather-history", &[])) }
    })
}

/// Brings somebody in, or takes them out.
pub async fn change(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    let (agent, comes) = (fields.one("agent").parse().ok(), fields.one("step") != "remove");
    let language = visitor.language;
    let done = async {
        let agent = AgentNumber(agent.ok_or(FaultCode::Malformed)?);
        let acts = web.office.read(move |reader| moving(reader, thread, agent, comes)).await?;
        if !acts.is_empty() {
            web.office.command(Command::State(acts)).await?;
        }
        Ok(Some(match comes {
            true => text(language, "gather-added", &[]),
            false => text(language, "gather-removed", &[]),
        }))
    };
    Ok(back(&web, &visitor, &format!("/conversations/{thread}/settings"), done.await))
}
