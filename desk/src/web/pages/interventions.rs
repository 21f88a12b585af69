//! The agent's own record of interventions on call: kept on this computer, ended here, taken away as a file.
//!
//! Nothing of it is sent by itself. Whoever wants the rest after one restored hands the file over.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use estafette_core::engine::Command;
use estafette_protocol::texts::text;
use maud::html;
use serde::Deserialize;

use super::back;
use crate::commands::interventions::{Format, Record, minutes};
use crate::floors;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// The record, the last first.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    show(&web, &visitor, Section::Me, |reader, frame| {
        let language = frame.language;
        let record = Record::read(reader)?;
        let mut lines = Vec::new();
        for one in record.interventions.iter().rev() {
            let from = frame.place.dated(language, one.began_at);
            let ended = record.end_of(one);
            let until = frame.place.dated(language, ended.unwrap_or(one.closes_at));
            let length = minutes(one.began_at, ended).map(|all| u32::try_from(all).unwrap_or(u32::MAX));
            let length = length.map(floors::length).unwrap_or_default();
            let words = [("from", (&from).into()), ("until", (&until).into()), ("length", (&length).into())];
            lines.push(match ended {
                Some(_) => (false, text(language, "web-intervention", &words)),
                None => (true, text(language, "web-intervention-open", &words)),
            });
        }
        let title = text(language, "web-interventions", &[]);
        let main = html! {
            p { a href="/me" { (text(language, "web-me", &[])) } }
            h1 { (title) }
            p.hint { (text(language, "web-interventions-what", &[])) }
            div id="fresh" {
                @if lines.is_empty() { p.empty { (text(language, "own-intervention-none", &[])) } }
                ul.facts {
                    @for (open, line) in &lines {
                        li {
                            (line)
                            @if *open {
                                form.actions action="/me/interventions" method="post" {
                                    button.main { (text(language, "web-intervention-end", &[])) }
                                }
                            }
                        }
                    }
                }
            }
            @if !lines.is_empty() {
                h2 { (text(language, "web-interventions-file", &[])) }
                p.hint { (text(language, "web-interventions-rest", &[])) }
                form.actions action="/me/interventions/file" method="get" {
                    button name="format" value="csv" { (text(language, "web-interventions-csv", &[])) }
                    button name="format" value="json" { (text(language, "web-interventions-json", &[])) }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// Ends the one that goes on.
pub async fn end(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let done = web.office.command(Command::EndIntervention).await;
    let said = text(visitor.language, "own-intervention-ended", &[]);
    Ok(back(&web, &visitor, "/me/interventions", done.map(|_| Some(said))))
}

/// In which form the file is wanted.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    format: String,
}

/// The record as a file.
pub async fn file(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    let language = visitor.language;
    let (format, kind, name) = match wanted.format.as_str() {
        "json" => (Format::Json, "application/json", "attachment; filename=\"interventions.json\""),
        _ => (Format::Csv, "text/csv; charset=utf-8", "attachment; filename=\"interventions.csv\""),
    };
    let file = web.office.read(move |reader| Record::read(reader)?.file(language, format)).await?;
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], file).into_response())
}
