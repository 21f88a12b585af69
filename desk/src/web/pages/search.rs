//! Words looked for in all conversations, each hit in its context.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use estafette_core::reader::Hit;
use estafette_protocol::texts::text;
use maud::{Markup, html};
use serde::Deserialize;

use super::conversations::search_form;
use crate::commands::read::known;
use crate::output::printable;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Hits of one page.
const MOST: usize = 30;

/// What is looked for.
#[derive(Debug, Deserialize)]
pub struct Question {
    #[serde(default)]
    q: String,
}

/// The hits.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(question): Query<Question>,
) -> Result<Response, Refusal> {
    show(&web, &visitor, Section::Conversations, move |reader, frame| {
        let language = frame.language;
        let asked = !question.q.trim().is_empty();
        let mut hits = if asked { reader.search(&question.q, MOST + 1)? } else { Vec::new() };
        let more = hits.len() > MOST;
        hits.truncate(MOST);
        let count = text(language, "desk-found", &[("count", hits.len().into())]);
        let mut found = Vec::new();
        for hit in hits {
            let Some((_, row)) = reader.find(hit.uid)? else { continue };
            let thread = known(reader, hit.thread)?.shown_title(language);
            let author = row.agent.map(|agent| reader.shown_name(language, agent)).transpose()?;
            found.push((
                hit,
                thread,
                author.unwrap_or_default(),
                frame.place.spoken(language, row.written_at),
            ));
        }
        let title = text(language, "web-search-label", &[]);
        let main = html! {
            h1 { (title) }
            (search_form(language, &question.q, true))
            @if asked {
                p role="status" { (count) @if more { " " (text(language, "web-found-more", &[])) } }
            } @else {
                p.hint { (text(language, "web-search-what", &[])) }
            }
            ul.hits {
                @for (hit, thread, author, when) in &found {
                    li {
                        a href={ "/conversations/" (hit.thread) "?at=" (hit.uid) "#m-" (hit.uid) } {
                            strong dir="auto" { (printable(thread)) } " · " (printable(author)) " · " (when)
                        }
                        (excerpt(hit))
                    }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// The text around a hit; the store marks what was found with U+2068 and U+2069.
fn excerpt(hit: &Hit) -> Markup {
    let mut parts = Vec::new();
    for (place, part) in hit.excerpt.split('\u{2068}').enumerate() {
        match part.split_once('\u{2069}').filter(|_| place > 0) {
            Some((found, after)) => parts.extend([(true, found), (false, after)]),
            None => parts.push((false, part)),
        }
    }
    html! {
        p.excerpt dir="auto" {
            @for (found, part) in parts {
                @let part = printable(&part.replace('\n', " "));
                @if found { mark { (part) } } @else { (part) }
            }
        }
    }
}
