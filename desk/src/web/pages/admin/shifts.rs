//! Shifts and turns on call from a file: first what would change, then the change; and the turns that stand.
//!
//! The text of the file comes in a field, as for the inventory: our script puts a chosen file there.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::texts::{Language, text};
use maud::{Markup, html};

use super::administer;
use super::hours::profile_field;
use crate::commands::shifts::{Reading, carry_out, plan};
use crate::floors;
use crate::output::{PLACE, printable};
use crate::session::Failure;
use crate::shifts::judge::{Outcome, Plan};
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::pages::{me, named};
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// Turns of one team that are shown.
const TURNS: usize = 12;

/// What the form holds; it comes back as it was typed.
#[derive(Debug, Clone)]
struct Draft {
    content: String,
    /// The name of the floors of rest.
    profile: String,
}

impl Draft {
    fn empty() -> Self {
        Self { content: String::new(), profile: floors::USUAL.to_owned() }
    }

    fn read(fields: &Fields) -> Self {
        let profile = Some(fields.one("profile")).filter(|name| !name.is_empty()).unwrap_or(floors::USUAL);
        Self { content: fields.lines("content"), profile: profile.to_owned() }
    }
}

/// When, and who is called, in order.
type Turns = Vec<(String, String)>;

/// What a file would do, or has done.
struct Report {
    added: usize,
    unchanged: usize,
    /// Number and reason of each bad line.
    refused: Vec<(u64, String)>,
    /// Of lines that are taken although they break a floor.
    flagged: Vec<(u64, String)>,
    done: bool,
}

impl Report {
    fn of(plan: &Plan, language: Language, zone: &str, done: bool) -> Self {
        let mut report = Self { added: 0, unchanged: 0, refused: Vec::new(), flagged: Vec::new(), done };
        for (line, outcome) in &plan.outcomes {
            match outcome {
                Outcome::Unchanged => report.unchanged += 1,
                Outcome::Refused(fault) => report.refused.push((*line, fault.sentence(language, zone))),
                Outcome::Added(findings) => {
                    report.added += 1;
                    let why = findings.iter().map(|one| floors::sentence(language, Some(zone), one));
                    report.flagged.extend(why.map(|why| (*line, why)));
                }
            }
        }
        report
    }

    fn shown(&self, language: Language) -> Markup {
        let counts = [
            ("added", self.added.into()),
            ("unchanged", self.unchanged.into()),
            ("refused", self.refused.len().into()),
        ];
        html! {
            div.card role="status" {
                h2 {
                    @if self.done { (text(language, "web-import-done", &[])) } @else { (text(language, "web-import-would", &[])) }
                }
                p { (text(language, "shifts-counts", &counts)) }
            }
            @if !self.refused.is_empty() {
                (lines(language, &text(language, "web-shifts-refused", &[]), &self.refused))
            }
            @if !self.flagged.is_empty() {
                (lines(language, &text(language, "web-shifts-flagged", &[]), &self.flagged))
            }
        }
    }
}

fn lines(language: Language, title: &str, lines: &[(u64, String)]) -> Markup {
    html! {
        h2 { (title) }
        table {
            thead {
                tr {
                    th scope="col" { (text(language, "web-line", &[])) }
                    th scope="col" { (text(language, "web-why", &[])) }
                }
            }
            tbody { @for (line, why) in lines { tr { th scope="row" { span.line-word { (text(language, "web-line", &[])) " " } (line) } td { (why) } } } }
        }
    }
}

/// The empty form, and the turns that stand.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    administer(&web, &visitor, |_| Ok(())).await?;
    answer(&web, &visitor, Draft::empty(), None, None).await
}

/// Says what would change, or changes it.
pub async fn judge(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let sends = fields.one("step") == "send";
    let (draft, language) = (Draft::read(&fields), visitor.language);
    let typed = draft.clone();
    let report = administer(&web, &visitor, move |work| -> Result<Report, Failure> {
        let mut reader = work.desk.reader(work.ring)?;
        let zone = crate::place::zone(&mut reader)?.unwrap_or_else(|| PLACE.to_owned());
        let reading = Reading { zone: zone.clone(), profile: typed.profile, agent: None };
        let (_, plan) = plan(typed.content.as_bytes(), &reading, &mut reader, work.records)?;
        if sends {
            carry_out(work, &mut reader, &plan)?;
        }
        Ok(Report::of(&plan, language, &zone, sends))
    });
    match report.await {
        Ok(report) => answer(&web, &visitor, draft, Some(report), None).await,
        // Nothing pasted is lost: the form comes back as it was.
        Err(failure) => {
            let notice = Refusal(failure).notice(language, None);
            answer(&web, &visitor, draft, None, Some(notice)).await
        }
    }
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    draft: Draft,
    report: Option<Report>,
    notice: Option<Notice>,
) -> Result<Response, Refusal> {
    show(web, visitor, Section::Administration, move |reader, frame| {
        let language = frame.language;
        let title = text(language, "web-shifts", &[]);
        let ready = report.as_ref().is_some_and(|report| !report.done && report.added > 0);
        let rotas = rotas(reader, frame)?;
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            @if let Some(notice) = &notice { (notice_box(notice)) }
            @if let Some(report) = &report { (report.shown(language)) }
            form.stacked action="/admin/shifts" method="post" {
                p { (text(language, "web-shifts-what", &[])) }
                div data-file-into="content" hidden {
                    label for="file" { (text(language, "web-shifts-file", &[])) }
                    input id="file" type="file" accept=".csv,.ics,text/csv,text/calendar,text/plain";
                }
                label for="content" { (text(language, "web-import-content", &[])) }
                textarea id="content" name="content" rows="8" spellcheck="false" required { (draft.content) }
                (profile_field(language, &draft.profile))
                div.actions {
                    @if ready { button.main name="step" value="send" { (text(language, "web-shifts-send", &[])) } }
                    button name="step" value="look" { (text(language, "web-import-look", &[])) }
                }
            }
            @for (team, turns) in &rotas {
                h2 { (text(language, "web-rota-of", &[("team", team.into())])) }
                ul.facts { @for (when, who) in turns { li { (who) p.hint { (when) } } } }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// The turns of each team that go on or come, and who is called in them, in order.
fn rotas(reader: &mut Reader, frame: &Frame) -> Result<Vec<(String, Turns)>, Failure> {
    let registry = reader.registry()?.clone();
    let mut rotas = Vec::new();
    for (team, name) in named::teams(reader)? {
        let coming = registry.rota_of(team).iter().filter(|turn| turn.period.until > frame.place.now);
        let mut turns = Vec::new();
        for turn in coming.take(TURNS) {
            let called: Result<Vec<String>, _> =
                turn.order.iter().map(|agent| reader.shown_name(frame.language, *agent)).collect();
            turns.push((me::stretch(frame, &turn.period), printable(&called?.join(", "))));
        }
        if !turns.is_empty() {
            rotas.push((name, turns));
        }
    }
    Ok(rotas)
}
