//! The audit, followed line by line on this computer: the relay that keeps it is not believed.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::audit::{Chain, Cut, Line, SignedHead, Who};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::texts::{Language, fault_sentence, text};
use estafette_protocol::{AgentNumber, FaultCode, codec, limits};
use maud::{Markup, html};
use serde::Deserialize;

use super::ask_soon;
use crate::audit_words;
use crate::output::printable;
use crate::session::Failure;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Lines on a page.
const SHOWN: usize = 50;
/// Answers that are asked for: of 500 lines each, half a million in all.
const ANSWERS: usize = 1_000;

/// Which lines are wanted.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    /// Those before this number; the newest without.
    before: Option<u64>,
}

/// What was read, and what it is worth.
struct Read {
    lines: Vec<Line>,
    verdict: Verdict,
}

/// Whether the chain holds.
enum Verdict {
    /// From the first line to the last, which the relay signed.
    Whole(SignedHead),
    /// It is cut or altered here.
    Cut(Cut),
    /// This line is none, or of a later version.
    Unreadable(u64),
    /// The relay's word for its end is missing or not of its key.
    Unsigned,
}

/// Reads the whole audit and follows it.
async fn read(web: &Web) -> Result<Read, Failure> {
    let signer = web.office.read(|reader| {
        let organisation = reader.identity().organisation;
        Ok((organisation, reader.registry()?.relay_key().ok_or(FaultCode::NotFound)?))
    });
    let (organisation, key) = signer.await?;
    let (mut lines, mut chain) = (Vec::new(), Chain::default());
    for _ in 0..ANSWERS {
        let after = chain.head().number;
        let Reply::Audit { lines: stored, head } = ask_soon(web, RequestBody::Audit { after }).await? else {
            return Err(FaultCode::Internal.into());
        };
        let nothing = stored.is_empty();
        for one in stored {
            let next = chain.head().number.saturating_add(1);
            let Ok(line) = codec::from_bytes::<Line>(&one.body, limits::FRAME) else {
                return Ok(Read { lines, verdict: Verdict::Unreadable(next) });
            };
            if let Err(cut) = chain.follow(&line, &one.body, one.hash) {
                return Ok(Read { lines, verdict: Verdict::Cut(cut) });
            }
            lines.push(line);
        }
        if let Some(head) = head {
            let signed = head.head == chain.head() && head.verify(organisation, &key).is_ok();
            let verdict = if signed { Verdict::Whole(head) } else { Verdict::Unsigned };
            return Ok(Read { lines, verdict });
        }
        if nothing {
            return Ok(Read { lines, verdict: Verdict::Unsigned });
        }
    }
    Ok(Read { lines, verdict: Verdict::Unsigned })
}

/// The page.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    let Read { lines, verdict } = read(&web).await?;
    show(&web, &visitor, Section::Me, move |reader, frame| {
        let language = frame.language;
        let before = wanted.before.unwrap_or(u64::MAX);
        let shown: Vec<&Line> = lines.iter().rev().filter(|line| line.number < before).take(SHOWN).collect();
        let older = shown.last().map(|line| line.number).filter(|first| *first > 1);
        let mut rows = Vec::new();
        for line in shown {
            rows.push((line, author(reader, language, line.who)?, about(reader, language, line)?));
        }
        let title = text(language, "web-audit", &[]);
        let main = html! {
            p { a href="/me" { (text(language, "web-me", &[])) } }
            h1 { (title) }
            p { (text(language, "web-audit-what", &[])) }
            (judged(frame, &verdict, lines.len()))
            ul.facts {
                @for (line, author, about) in &rows {
                    li id=(format!("line-{}", line.number)) {
                        p { strong { (audit_words::sentence(language, line.what)) } @if !about.is_empty() { " : " (printable(about)) } }
                        p.hint {
                            (text(language, "web-audit-line", &[("number", line.number.into())])) " · "
                            (frame.place.spoken(language, line.at)) " · " (printable(author))
                        }
                    }
                }
            }
            @if let Some(first) = older {
                p { a.button href=(format!("/me/audit?before={first}")) { (text(language, "web-audit-older", &[])) } }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn judged(frame: &Frame, verdict: &Verdict, lines: usize) -> Markup {
    let language = frame.language;
    match verdict {
        Verdict::Whole(head) => {
            let when = frame.place.dated(language, head.at);
            let words = [("lines", lines.into()), ("when", (&when).into())];
            html! { div.notice role="status" { p { (text(language, "web-audit-whole", &words)) } } }
        }
        Verdict::Cut(Cut::Missing { expected, .. }) => {
            broken(text(language, "web-audit-missing", &[("line", (*expected).into())]), language)
        }
        Verdict::Cut(Cut::Altered(line)) | Verdict::Unreadable(line) => {
            broken(text(language, "web-audit-altered", &[("line", (*line).into())]), language)
        }
        Verdict::Unsigned => broken(text(language, "web-audit-unsigned", &[]), language),
    }
}

fn broken(sentence: String, language: Language) -> Markup {
    html! {
        div.notice.refused role="alert" {
            p { (sentence) }
            p { (text(language, "web-audit-broken-then", &[])) }
        }
    }
}

fn named(reader: &mut Reader, language: Language, agent: AgentNumber) -> Result<String, Failure> {
    Ok(reader.shown_name(language, agent)?)
}

fn author(reader: &mut Reader, language: Language, who: Who) -> Result<String, Failure> {
    Ok(match who {
        Who::Operator => text(language, "audit-by-operator", &[]),
        Who::Relay => text(language, "audit-by-relay", &[]),
        Who::OrganisationKey => text(language, "audit-by-key", &[]),
        Who::Stranger => text(language, "audit-by-stranger", &[]),
        Who::Device { agent, .. } => named(reader, language, agent)?,
    })
}

/// Whom or what a line is about, as far as names say more than numbers.
fn about(reader: &mut Reader, language: Language, line: &Line) -> Result<String, Failure> {
    let mut words = Vec::new();
    let subject = &line.subject;
    let of_device = subject.device.and_then(|device| reader.registry_known().agent_of(device));
    if let Some(agent) = subject.agent.or(of_device) {
        words.push(named(reader, language, agent)?);
    }
    if let Some(times) = subject.times.filter(|times| *times > 1) {
        words.push(text(language, "audit-times", &[("times", times.into())]));
    }
    if let Some(code) = subject.fault {
        words.push(fault_sentence(language, &code.into()));
    }
    Ok(words.join(" · "))
}
