//! Who administers, and the ticket of another administrator's computer.
//!
//! Always true: an administrator has a number of their own, even where they are an agent on the field too, so that
//! no phone that is carried about administers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::AgentNumber;
use estafette_protocol::statement::Role;
use estafette_protocol::texts::{Language, text};
use maud::{Markup, html};

use super::administer;
use super::tickets::{Printed, handed_over};
use crate::commands::people;
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// The longest name or serial number, in characters.
const LONGEST: usize = 80;

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
struct Draft {
    name: String,
    serial: String,
}

impl Draft {
    fn read(fields: &Fields) -> Self {
        let typed = |name| fields.one(name).trim().to_owned();
        Self { name: typed("name"), serial: typed("serial") }
    }

    /// Everything that is wrong with it.
    fn faults(&self, language: Language) -> Vec<String> {
        let plain = |typed: &str| {
            !typed.is_empty() && typed.chars().count() <= LONGEST && !typed.chars().any(char::is_control)
        };
        let count = [("count", LONGEST.into())];
        let mut faults = Vec::new();
        if !plain(&self.name) {
            faults.push(text(language, "web-create-name-bad", &count));
        }
        if !plain(&self.serial) {
            faults.push(text(language, "web-administrators-serial-bad", &count));
        }
        faults
    }
}

/// Administrators with the computers that they have.
fn administrators(reader: &mut Reader, language: Language) -> Result<Vec<(String, usize)>, Failure> {
    let registry = reader.registry()?.clone();
    let mut devices: BTreeMap<AgentNumber, usize> = BTreeMap::new();
    for agent in registry.agents().filter(|agent| registry.role(*agent) == Role::Administrator) {
        devices.insert(agent, registry.devices_of(agent).count());
    }
    let named = devices.into_iter().filter(|(_, count)| *count > 0);
    named.map(|(agent, count)| Ok((printable(&reader.shown_name(language, agent)?), count))).collect()
}

/// Who administers.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    answer(&web, &visitor, Draft::default(), None).await
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    draft: Draft,
    notice: Option<Notice>,
) -> Result<Response, Refusal> {
    administer(web, visitor, |_| Ok(())).await?;
    show(web, visitor, Section::Administration, move |reader, frame| {
        let language = frame.language;
        let administrators = administrators(reader, language)?;
        let title = text(language, "web-administrators", &[]);
        let computers: usize = administrators.iter().map(|(_, count)| count).sum();
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            @if let Some(notice) = &notice { (notice_box(notice)) }
            @if computers < 2 { p.warning { (text(language, "web-administrators-one", &[])) } }
            ul.facts {
                @for (name, count) in &administrators {
                    li { (name) p.hint { (text(language, "web-administrators-computers", &[("count", (*count).into())])) } }
                }
            }
            h2 { (text(language, "web-administrators-add", &[])) }
            (form(language, &draft))
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn form(language: Language, draft: &Draft) -> Markup {
    html! {
        p { (text(language, "web-administrators-what", &[])) }
        form.stacked action="/admin/administrators" method="post" {
            label for="name" { (text(language, "web-administrators-name", &[])) }
            input id="name" name="name" type="text" value=(draft.name) required maxlength=(LONGEST) dir="auto" autocomplete="off";
            label for="serial" { (text(language, "web-administrators-serial", &[])) }
            p.hint id="serial-what" { (text(language, "web-administrators-serial-what", &[])) }
            input id="serial" name="serial" type="text" value=(draft.serial) required maxlength=(LONGEST) autocomplete="off"
                spellcheck="false" aria-describedby="serial-what";
            button.main { (text(language, "web-administrators-now", &[])) }
        }
    }
}

/// Makes the ticket and shows its sheet.
pub async fn add(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Result<Response, Refusal> {
    let (draft, language) = (Draft::read(&fields), visitor.language);
    let lines = draft.faults(language);
    if !lines.is_empty() {
        return answer(&web, &visitor, draft, Some(Notice { refused: true, lines, code: None })).await;
    }
    let typed = draft.clone();
    let made = administer(&web, &visitor, move |work| {
        let stated = work.desk.reader(work.ring)?.registry_known().agents().max();
        let number = work.records.free_agent()?.max(stated.map_or(1, |agent| agent.0.saturating_add(1)));
        let made = people::administrator(work, AgentNumber(number), &typed.name, typed.serial)?;
        Printed::of(made)
    });
    match made.await {
        Ok(printed) => Ok(handed_over(&web, &visitor, vec![printed])),
        // Nothing typed is lost: the form comes back as it was.
        Err(failure) => {
            let notice = Some(Refusal(failure).notice(language, None));
            answer(&web, &visitor, draft, notice).await
        }
    }
}
