//! The inventory or the directory from a file: first what would change, then the change.
//!
//! The text of the file comes in a field; our script puts a chosen file there, and without it one pastes.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_protocol::certificate::Level;
use estafette_protocol::texts::{Language, text};
use maud::{Markup, html};

use super::administer;
use crate::commands::import::carry_out;
use crate::commands::inventory::held;
use crate::import::judge::{Outcome, Plan, judge as judged};
use crate::import::{FILE, read};
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// What a file would do, or has done.
struct Report {
    added: usize,
    updated: usize,
    unchanged: usize,
    /// Number and reason of each bad line.
    refused: Vec<(u64, String)>,
    teams: Vec<String>,
    done: bool,
}

impl Report {
    fn of(plan: &Plan, language: Language, done: bool) -> Self {
        Self {
            added: plan.count(&Outcome::Added),
            updated: plan.count(&Outcome::Updated),
            unchanged: plan.count(&Outcome::Unchanged),
            refused: plan.refused().map(|(line, fault)| (line, fault.shown(language))).collect(),
            teams: plan.teams.iter().map(ToString::to_string).collect(),
            done,
        }
    }

    fn shown(&self, language: Language) -> Markup {
        let counts = [
            ("added", self.added.into()),
            ("updated", self.updated.into()),
            ("unchanged", self.unchanged.into()),
        ];
        let teams = self.teams.join(", ");
        html! {
            div.card role="status" {
                h2 {
                    @if self.done { (text(language, "web-import-done", &[])) } @else { (text(language, "web-import-would", &[])) }
                }
                p { (text(language, "web-import-counts", &counts)) }
                @if !teams.is_empty() { p { (text(language, "web-import-teams", &[("teams", (&teams).into())])) } }
            }
            @if !self.refused.is_empty() {
                h2 { (text(language, "web-import-refused", &[("count", self.refused.len().into())])) }
                p.hint { (text(language, "web-import-refused-why", &[])) }
                table {
                    thead {
                        tr {
                            th scope="col" { (text(language, "web-line", &[])) }
                            th scope="col" { (text(language, "web-why", &[])) }
                        }
                    }
                    tbody { @for (line, why) in &self.refused { tr { th scope="row" { span.line-word { (text(language, "web-line", &[])) " " } (line) } td { (why) } } } }
                }
            }
        }
    }
}

/// The empty form.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    administer(&web, &visitor, |_| Ok(())).await?;
    answer(&web, &visitor, String::new(), false, None, None).await
}

/// Says what would change, or changes it.
pub async fn judge(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let (content, replace) = (fields.lines("content"), !fields.one("replace").is_empty());
    let (sends, language, file) = (fields.one("step") == "send", visitor.language, content.clone());
    let report = administer(&web, &visitor, move |work| -> Result<Report, Failure> {
        let table = read(file.as_bytes()).map_err(|error| error.named(language))?;
        let standing = work.records.standing(&held(&work.desk.reader(work.ring)?))?;
        let plan = judged(&table.lines, &standing, replace);
        if sends {
            carry_out(work, &plan, Level::Attested)?;
        }
        Ok(Report::of(&plan, language, sends))
    });
    match report.await {
        Ok(report) => answer(&web, &visitor, content, replace, Some(report), None).await,
        // Nothing pasted is lost: the form comes back as it was, unless no browser could show it.
        Err(failure) => {
            let content = if content.len() > FILE { String::new() } else { content };
            let notice = Refusal(failure).notice(language, None);
            answer(&web, &visitor, content, replace, None, Some(notice)).await
        }
    }
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    content: String,
    replace: bool,
    report: Option<Report>,
    notice: Option<Notice>,
) -> Result<Response, Refusal> {
    show(web, visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        let title = text(language, "web-import", &[]);
        let ready = report.as_ref().is_some_and(|report| !report.done);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            @if let Some(notice) = &notice { (notice_box(notice)) }
            @if let Some(report) = &report { (report.shown(language)) }
            form.stacked action="/admin/import" method="post" {
                p { (text(language, "web-import-what", &[])) }
                div data-file-into="content" hidden {
                    label for="file" { (text(language, "web-import-file", &[])) }
                    input id="file" type="file" accept=".csv,text/csv,text/plain";
                }
                label for="content" { (text(language, "web-import-content", &[])) }
                textarea id="content" name="content" rows="8" spellcheck="false" required { (content) }
                label.choice {
                    input type="checkbox" name="replace" value="1" checked[replace];
                    span { (text(language, "web-import-replace", &[])) }
                }
                div.actions {
                    @if ready { button.main name="step" value="send" { (text(language, "web-import-send", &[])) } }
                    button name="step" value="look" { (text(language, "web-import-look", &[])) }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}
