//! Moi: the agent's hours, how the device stands, what they can prove, and the way out.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use estafette_core::engine::Command;
use estafette_core::lease::LeaseRow;
use estafette_protocol::hours::{Calendar, Period, Weekday};
use estafette_protocol::statement::Role;
use estafette_protocol::texts::{Argument, Language, text};
use estafette_protocol::{FaultCode, Timestamp};
use maud::{Markup, html};

use super::{audit, back, door, interventions, notices, proofs, register, rules};
use crate::beside_hours;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Faults that the diagnosis shows.
const FAULTS: usize = 20;

/// Everything under `/me`.
pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/me", get(page))
        .route("/me/hours", get(hours))
        .route("/me/prolong", post(prolong))
        .route("/me/proof", get(proofs::page).post(proofs::prove))
        .route("/me/diagnosis", get(diagnosis))
        .route("/me/rules", get(rules::page).post(rules::decide))
        .route("/me/interventions", get(interventions::page).post(interventions::end))
        .route("/me/interventions/file", get(interventions::file))
        .route("/me/notices", get(notices::page))
        .route("/me/statistics", get(rules::statistics))
        .route("/me/register", get(register::page))
        .route("/me/audit", get(audit::page))
}

async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    show(&web, &visitor, Section::Me, |reader, frame| {
        let language = frame.language;
        let lease = reader.lease()?;
        let agent = reader.device()?.agent;
        let registry = reader.registry()?;
        let statistics = agent.is_some_and(|agent| {
            registry.role(agent) != Role::Agent || registry.representatives().contains(&agent)
        });
        let audits =
            agent.is_some_and(|agent| matches!(registry.role(agent), Role::Administrator | Role::Officer));
        let places = [
            ("/me/hours", text(language, "web-my-hours", &[]), text(language, "web-my-hours-why", &[])),
            ("/me/proof", text(language, "web-my-proofs", &[]), text(language, "web-my-proofs-why", &[])),
            (
                "/me/interventions",
                text(language, "web-interventions", &[]),
                text(language, "web-interventions-why", &[]),
            ),
            ("/me/rules", text(language, "web-rules", &[]), text(language, "web-rules-why", &[])),
            ("/me/notices", text(language, "web-notices", &[]), text(language, "web-notices-door", &[])),
            ("/me/register", text(language, "web-register", &[]), text(language, "web-register-door", &[])),
            ("/me/diagnosis", text(language, "web-diagnosis", &[]), text(language, "web-diagnosis-why", &[])),
        ];
        let title = text(language, "web-me", &[]);
        let main = html! {
            h1 { (title) }
            div id="fresh" { (lease_words(frame, &lease)) }
            ul.doors {
                @if statistics {
                    li {
                        a href="/me/statistics" {
                            strong { (text(language, "web-statistics", &[])) }
                            span { (text(language, "web-statistics-door", &[])) }
                        }
                    }
                }
                @if audits {
                    li {
                        a href="/me/audit" {
                            strong { (text(language, "web-audit", &[])) }
                            span { (text(language, "web-audit-door", &[])) }
                        }
                    }
                }
                @for (address, name, why) in &places {
                    li { a href=(address) { strong { (name) } span { (why) } } }
                }
            }
            (door::languages(language))
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// Until when the device does without another contact; when the last one was stands on every page.
fn lease_words(frame: &Frame, lease: &LeaseRow) -> Markup {
    let language = frame.language;
    let said = |at: Option<Timestamp>| at.map(|at| frame.place.spoken(language, at)).unwrap_or_default();
    let (lock, wipe) = (said(lease.lock_at), said(lease.wipe_at));
    let words = [("lock", (&lock).into()), ("wipe", (&wipe).into()), ("count", lease.unsent.into())];
    html! {
        @if lease.contact.is_some() {
            p.card { (text(language, "web-lease-open", &words)) }
        } @else {
            p.card { (text(language, "desk-lease-none", &[])) }
        }
        @if let Some(at) = lease.attest_at_last {
            @let when = frame.place.spoken(language, at);
            p.warning { (text(language, "desk-lease-attest", &[("when", (&when).into())])) }
        }
    }
}

async fn hours(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    show(&web, &visitor, Section::Me, |reader, frame| {
        let language = frame.language;
        let agent = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
        let registry = reader.registry()?.clone();
        let known = registry.hours_of(agent);
        let beside = beside_hours::coming(reader, language, agent, frame.place.now)?;
        let title = text(language, "web-my-hours", &[]);
        let prolongs = registry.prolongation_allowed(agent);
        let main = html! {
            p { a href="/me" { (text(language, "web-me", &[])) } }
            h1 { (title) }
            div id="fresh" {
                @match &known {
                    None => p { (text(language, "desk-hours-none", &[])) },
                    Some(known) => @for calendar in &known.calendars { (week(language, calendar)) },
                }
                p.hint { (text(language, "web-outside-hours", &[])) }
                @if !beside.is_empty() {
                    h2 { (text(language, "beside-title", &[])) }
                    ul.facts {
                        @for one in &beside {
                            li {
                                (stretch(frame, &one.period))
                                p { (one.what) }
                                @if !one.why.is_empty() { p.hint dir="auto" { (one.why) } }
                            }
                        }
                    }
                }
                @if let Some(known) = &known {
                    @let coming: Vec<&Period> = known.leave.iter().filter(|leave| leave.until > frame.place.now).collect();
                    @if !coming.is_empty() {
                        h2 { (text(language, "web-leave", &[])) }
                        ul { @for leave in coming { li { (days(frame, leave)) } } }
                    }
                }
            }
            @if prolongs {
                h2 id="prolong" { (text(language, "web-prolong", &[])) }
                p.hint { (text(language, "web-prolong-why", &[])) }
                form.actions action="/me/prolong" method="post" {
                    @for minutes in [15u64, 30, 60] {
                        button name="minutes" value=(minutes) {
                            (text(language, "web-minutes", &[("count", minutes.into())]))
                        }
                    }
                }
            }
            p { a href="/me/rules" { (text(language, "web-rules", &[])) } }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// The hours of a week, a day a line.
pub fn week(language: Language, calendar: &Calendar) -> Markup {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let of_day = |day: Weekday| {
        let mut of: Vec<_> = calendar.week.0.iter().filter(|one| one.day == day).collect();
        of.sort_unstable();
        let spans: Vec<String> = of
            .iter()
            .map(|one| format!("{}\u{a0}–\u{a0}{}", clock(one.from_minute), clock(one.to_minute)))
            .collect();
        spans.join(", ")
    };
    html! {
        table.week {
            caption { (text(language, "web-week-in", &[("zone", (&calendar.zone).into())])) }
            tbody {
                @for day in Weekday::ALL {
                    @let spans = of_day(day);
                    tr {
                        th scope="row" { (text(language, "weekday-name", &[("day", Argument::Number(day as u64))])) }
                        td { @if spans.is_empty() { (text(language, "duty-off", &[])) } @else { (spans) } }
                    }
                }
            }
        }
    }
}

/// From when until when, as people say it.
pub fn stretch(frame: &Frame, period: &Period) -> String {
    let [from, until] = [period.from, period.until].map(|at| frame.place.spoken(frame.language, at));
    text(frame.language, "web-from-until", &[("from", (&from).into()), ("until", (&until).into())])
}

/// From which day to which, both included.
pub fn days(frame: &Frame, period: &Period) -> String {
    let last = Timestamp(period.until.0.saturating_sub(1));
    let [first, last] = [period.from, last].map(|at| frame.place.long_day(frame.language, at));
    match first == last {
        true => text(frame.language, "leave-day", &[("day", (&first).into())]),
        false => text(frame.language, "leave-days", &[("first", (&first).into()), ("last", (&last).into())]),
    }
}

/// « Je prolonge mon service ».
async fn prolong(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Result<Response, Refusal> {
    let minutes: u64 = fields.one("minutes").parse().map_err(|_| FaultCode::Malformed)?;
    let length = Duration::from_mins(minutes.min(24 * 60));
    let done = web.office.command(Command::Prolong { length }).await;
    let said = text(visitor.language, "web-prolonged", &[("count", minutes.into())]);
    Ok(back(&web, &visitor, "/me/hours", done.map(|_| Some(said))))
}

/// What a helper needs to know, without a word of anybody's.
async fn diagnosis(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    show(&web, &visitor, Section::Me, |reader, frame| {
        let language = frame.language;
        let (device, lease) = (reader.device()?, reader.lease()?);
        let faults = reader.faults(FAULTS)?;
        let findings = reader.verify()?;
        let offset = device.clock_offset.unsigned_abs() / 1000;
        let sound = match findings.is_empty() {
            true => text(language, "desk-store-sound", &[]),
            false => text(language, "web-store-unsound", &[("count", findings.len().into())]),
        };
        let contact = frame.contact.map(|at| frame.place.spoken(language, at)).unwrap_or_default();
        let version = device.statement.map(|number| number.0).unwrap_or_default();
        let facts = [
            (text(language, "web-fact-version", &[]), env!("CARGO_PKG_VERSION").to_owned()),
            (text(language, "word-device", &[]), device.device.to_string()),
            (text(language, "web-fact-contact", &[]), contact),
            (text(language, "web-fact-waiting", &[]), lease.unsent.to_string()),
            (text(language, "web-fact-statement", &[]), version.to_string()),
            (text(language, "web-fact-clock", &[]), text(language, "web-seconds", &[("count", offset.into())])),
            (text(language, "web-fact-store", &[]), sound),
        ];
        let title = text(language, "web-diagnosis", &[]);
        let main = html! {
            p { a href="/me" { (text(language, "web-me", &[])) } }
            h1 { (title) }
            p.hint { (text(language, "web-diagnosis-what", &[])) }
            dl.facts { @for (name, value) in &facts { div { dt { (name) } dd { (value) } } } }
            h2 { (text(language, "web-fact-faults", &[])) }
            @if faults.is_empty() { p { (text(language, "web-no-fault", &[])) } }
            ul.faults {
                @for fault in &faults {
                    li { span.when { (frame.place.spoken(language, fault.at)) } " " code { (fault.code.as_str()) } }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}
