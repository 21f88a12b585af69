//! The end of the way of a new organisation: its hours where they are missing, its first team, its first ticket.
//!
//! Nothing is remembered of the way: what there is says how far it is, so that it can be left and found again.
//! People come by the same import as from a file, and the team by the same command as elsewhere.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::certificate::Level;
use estafette_protocol::statement::HoursScope;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode};
use maud::{Markup, html};

use super::{administer, look, people, tickets};
use crate::commands::founding::first_hours as settle_hours;
use crate::commands::import::carry_out;
use crate::commands::inventory::held;
use crate::commands::team::{self, Change};
use crate::commands::work::Work;
use crate::import::judge::judge;
use crate::output::printable;
use crate::place::Place;
use crate::session::Failure;
use crate::web::beginning::Hours;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::pages::begin::Steps;
use crate::web::pages::{back, first_hours, named};
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// The longest name of a team, in characters.
const NAME: usize = 80;
/// Lines of one list of people; more come by the import.
const PEOPLE: usize = 200;

/// How far an organisation is.
struct Standing {
    has_hours: bool,
    has_team: bool,
    has_ticket: bool,
    missing: Vec<tickets::Missing>,
}

fn standing(work: &Work<'_>) -> Result<Standing, Failure> {
    let reader = work.desk.reader(work.ring)?;
    Ok(Standing {
        has_hours: reader.registry_known().calendar_of(HoursScope::Organisation).is_some(),
        has_team: !work.records.names()?.teams.is_empty(),
        // Somebody else's device is there, or its ticket was made.
        has_ticket: held(&reader).len() > 1 || work.records.has_tickets()?,
        missing: tickets::missing(work)?,
    })
}

/// The team's form as it was typed.
#[derive(Default)]
struct Draft {
    name: String,
    computers: String,
    phones: String,
    outside: bool,
}

/// What came back, and why.
#[derive(Default)]
struct Returned {
    draft: Draft,
    hours: Option<(Hours, String)>,
    notice: Option<Notice>,
}

/// Where the way goes on.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    answer(&web, &visitor, Returned::default()).await
}

async fn answer(web: &Arc<Web>, visitor: &Visitor, returned: Returned) -> Result<Response, Refusal> {
    let standing = look(web, visitor, standing).await?;
    show(web, visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        let (step, part) = match &standing {
            Standing { has_hours: false, .. } => (4, hours_form(language, &returned)),
            Standing { has_team: false, .. } => (4, team_form(language, &returned.draft)),
            Standing { has_ticket: false, missing, .. } => (5, ticket_form(language, &frame.place, missing)),
            _ => (6, done(language)),
        };
        let title = text(language, "web-first", &[]);
        let main = html! {
            h1 { (title) }
            (Steps::Create.shown(language, step))
            @if let Some(notice) = &returned.notice { (notice_box(notice)) }
            (part)
            @if step < 6 {
                p { a href="/conversations" { (text(language, "web-later", &[])) } }
                p.hint { (text(language, "web-later-what", &[])) }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn hours_form(language: Language, returned: &Returned) -> Markup {
    let usual = first_hours::usual(language);
    let (hours, why) = match &returned.hours {
        Some((hours, why)) => (hours, Some(why.as_str())),
        None => (&usual, None),
    };
    html! {
        h2 { (text(language, "web-first-hours", &[])) }
        p { (text(language, "web-first-hours-missing", &[])) }
        form.stacked action="/admin/first" method="post" {
            (first_hours::fields(language, hours, why))
            button.main name="deed" value="hours" { (text(language, "web-first-hours-now", &[])) }
        }
    }
}

fn team_form(language: Language, draft: &Draft) -> Markup {
    html! {
        h2 { (text(language, "web-first-team", &[])) }
        p { (text(language, "web-first-team-what", &[])) }
        form.stacked action="/admin/first" method="post" {
            label for="name" { (text(language, "web-team-name", &[])) }
            input id="name" name="name" value=(draft.name) required maxlength=(NAME) dir="auto" autocomplete="off";
            label for="computers" { (text(language, "web-first-computers", &[])) }
            p.hint id="computers-what" { (text(language, "web-first-computers-what", &[])) }
            textarea id="computers" name="computers" rows="4" dir="auto" spellcheck="false"
                aria-describedby="computers-what" { (draft.computers) }
            label for="phones" { (text(language, "web-first-phones", &[])) }
            p.hint id="phones-what" { (text(language, "web-first-phones-what", &[])) }
            textarea id="phones" name="phones" rows="4" dir="auto" spellcheck="false"
                aria-describedby="phones-what" { (draft.phones) }
            label.choice {
                input type="checkbox" name="own" value="1" checked[!draft.outside];
                span { (text(language, "web-first-own", &[])) }
            }
            button.main name="deed" value="team" { (text(language, "web-first-team-now", &[])) }
        }
        p { a href="/admin/import" { (text(language, "web-first-import", &[])) } }
    }
}

fn ticket_form(language: Language, place: &Place, missing: &[tickets::Missing]) -> Markup {
    html! {
        h2 { (text(language, "web-first-tickets", &[])) }
        p { (text(language, "web-tickets-what", &[])) }
        @if missing.is_empty() {
            p.empty { (text(language, "web-first-tickets-none", &[])) }
            p { a.button href="/admin/import" { (text(language, "web-import", &[])) } }
        } @else {
            (tickets::form(language, place, missing, None))
        }
    }
}

fn done(language: Language) -> Markup {
    let places = [
        (
            "/admin/approvals",
            text(language, "web-approvals", &[]),
            text(language, "web-first-approvals", &[]),
        ),
        (
            "/admin/hours",
            text(language, "web-hours-editor", &[]),
            text(language, "web-first-hours-later", &[]),
        ),
        ("/admin/import", text(language, "web-import", &[]), text(language, "web-first-inventory", &[])),
        ("/admin/tickets", text(language, "web-tickets", &[]), text(language, "web-tickets-why", &[])),
        (
            "/admin/administrators",
            text(language, "web-administrators", &[]),
            text(language, "web-administrators-why", &[]),
        ),
    ];
    html! {
        h2 { (text(language, "web-first-done", &[])) }
        p { (text(language, "web-first-done-what", &[])) }
        ul.doors {
            @for (address, name, why) in &places {
                li { a href=(address) { strong { (name) } span { (why) } } }
            }
        }
        p.warning { (text(language, "web-first-second-person", &[])) }
        p { a.button.main href="/conversations" { (text(language, "web-conversations", &[])) } }
    }
}

/// Takes the hours or the team.
pub async fn take(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    match fields.one("deed") {
        "hours" => hours(&web, &visitor, &fields).await,
        "team" => first_team(&web, &visitor, &fields).await,
        _ => Err(FaultCode::Malformed.into()),
    }
}

async fn hours(web: &Arc<Web>, visitor: &Visitor, fields: &Fields) -> Result<Response, Refusal> {
    let (written, language) = (first_hours::read(fields), visitor.language);
    let calendar = match first_hours::calendar(language, &written) {
        Ok(calendar) => calendar,
        Err(why) => {
            return answer(web, visitor, Returned { hours: Some((written, why)), ..Returned::default() })
                .await;
        }
    };
    let done = administer(web, visitor, move |work| settle_hours(work, calendar)).await;
    let said = text(language, "web-first-hours-set", &[]);
    Ok(back(web, visitor, "/admin/first", done.map(|()| Some(said))))
}

async fn first_team(web: &Arc<Web>, visitor: &Visitor, fields: &Fields) -> Result<Response, Refusal> {
    let language = visitor.language;
    let draft = Draft {
        name: fields.one("name").trim().to_owned(),
        computers: fields.lines("computers"),
        phones: fields.lines("phones"),
        outside: fields.one("own").is_empty(),
    };
    let people = match read(language, &draft) {
        Ok(people) => people,
        Err(lines) => {
            let notice = Some(Notice { refused: true, lines, code: None });
            return answer(web, visitor, Returned { draft, notice, ..Returned::default() }).await;
        }
    };
    let (name, own) = (draft.name.clone(), !draft.outside);
    let made = administer(web, visitor, move |work| make(work, &name, &people, own)).await;
    match made {
        Ok(()) => {
            let said = text(language, "web-first-team-made", &[("name", (&printable(&draft.name)).into())]);
            Ok(back(web, visitor, "/admin/first", Ok(Some(said))))
        }
        Err(failure) => {
            let notice = Some(Refusal(failure).notice(language, None));
            answer(web, visitor, Returned { draft, notice, ..Returned::default() }).await
        }
    }
}

/// The people of a form, or everything that is wrong with it.
fn read(language: Language, draft: &Draft) -> Result<Vec<people::Written>, Vec<String>> {
    let mut wrong = Vec::new();
    let name = &draft.name;
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        wrong.push(text(language, "web-team-name-bad", &[("count", NAME.into())]));
    }
    let (computers, phones) = (people::computers(&draft.computers), people::phones(&draft.phones));
    let mut people = Vec::new();
    for line in computers.into_iter().chain(phones) {
        match line {
            Ok(person) => people.push(person),
            Err(line) => {
                wrong.push(text(language, "web-first-no-model", &[("name", (&printable(&line)).into())]))
            }
        }
    }
    if people.len() > PEOPLE {
        wrong.push(text(language, "web-first-too-many", &[("count", PEOPLE.into())]));
    }
    if wrong.is_empty() { Ok(people) } else { Err(wrong) }
}

/// Lists the people with their devices, and makes the team around them.
fn make(work: &Work<'_>, name: &str, people: &[people::Written], own: bool) -> Result<(), Failure> {
    let language = work.desk.language;
    let reader = work.desk.reader(work.ring)?;
    let standing = work.records.standing(&held(&reader))?;
    let plan = judge(&people::lines(language, people, name, &standing), &standing, false);
    let refused: Vec<String> = plan.refused().map(|(_, fault)| fault.shown(language)).collect();
    if !refused.is_empty() {
        return Err(Failure::Usage(refused.join(" ")));
    }
    carry_out(work, &plan, Level::Attested)?;
    let mut reader = reader;
    let me: Vec<u32> =
        reader.device()?.agent.filter(|_| own).map(|AgentNumber(number)| number).into_iter().collect();
    team::carry_out(work, name, &Change { add: &me, ..Change::default() })?;
    Ok(())
}

/// For an administrator whose organisation has no team: where the way goes on.
pub fn reminder(reader: &mut Reader, frame: &Frame) -> Result<Option<Markup>, Failure> {
    if !frame.administers || !named::teams(reader)?.is_empty() {
        return Ok(None);
    }
    let language = frame.language;
    Ok(Some(html! {
        div.card role="note" {
            p { strong { (text(language, "web-first-reminder", &[])) } }
            p { a.button href="/admin/first" { (text(language, "web-first-go-on", &[])) } }
        }
    }))
}
