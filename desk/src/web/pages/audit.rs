//! The audit, followed line by line on this computer: the relay that keeps it is not believed.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::audit::{Cut, Line, Who};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::texts::{Language, fault_sentence, text};
use estafette_protocol::{AgentNumber, FaultCode};
use maud::{Markup, html};
use serde::Deserialize;

use super::ask_soon;
use crate::audit_reading::{Reading, Verdict};
use crate::audit_words;
use crate::output::{colon, printable};
use crate::place::Place;
use crate::session::Failure;
use crate::web::frame::{Page, Section, show};
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

/// Reads the whole audit and follows it: the lines that hold, and what the chain is worth.
async fn read(web: &Web) -> Result<(Vec<Line>, Verdict), Failure> {
    let signer = web.office.read(|reader| {
        let organisation = reader.identity().organisation;
        Ok((organisation, reader.registry()?.relay_key().ok_or(FaultCode::NotFound)?))
    });
    let (organisation, key) = signer.await?;
    let mut reading = Reading::default();
    for _ in 0..ANSWERS {
        let after = reading.after();
        let Reply::Audit { lines, head } = ask_soon(web, RequestBody::Audit { after }).await? else {
            return Err(FaultCode::Internal.into());
        };
        if let Some(verdict) = reading.take(&lines, head, organisation, &key) {
            return Ok((reading.lines, verdict));
        }
    }
    Ok((reading.lines, Verdict::Unsigned))
}

/// The page.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    let (lines, verdict) = read(&web).await?;
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
            (judged(language, &frame.place, &verdict, lines.len()))
            ul.facts {
                @for (line, author, about) in &rows {
                    li id=(format!("line-{}", line.number)) {
                        p { strong { (audit_words::sentence(language, line.what)) } @if !about.is_empty() { (colon(language)) (printable(about)) } }
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

fn judged(language: Language, place: &Place, verdict: &Verdict, lines: usize) -> Markup {
    match verdict {
        Verdict::Whole(head) => {
            let when = place.dated(language, head.at);
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

#[cfg(test)]
mod tests {
    use estafette_protocol::Timestamp;
    use estafette_protocol::audit::{Head, SignedHead};

    use super::*;

    fn shown(verdict: Verdict) -> String {
        let place = Place::in_zone("Europe/Paris".to_owned(), Timestamp(1_795_451_400_000));
        judged(Language::French, &place, &verdict, 7).into_string()
    }

    #[test]
    fn a_chain_that_does_not_hold_is_an_alert_that_names_the_line_and_what_to_do() {
        for (verdict, sentence) in [
            (Verdict::Cut(Cut::Missing { expected: 3, found: 4 }), "la ligne 3 manque."),
            (Verdict::Cut(Cut::Altered(5)), "la ligne 5 a été modifiée."),
            (Verdict::Unreadable(6), "la ligne 6 a été modifiée."),
            (Verdict::Unsigned, "la signature de sa fin manque ou n’est pas de ce relais."),
        ] {
            let page = shown(verdict);
            assert!(page.contains("role=\"alert\"") && page.contains("La chaîne ne tient pas"), "{page}");
            assert!(page.contains(sentence), "{page}");
            assert!(page.contains("Gardez une copie du dossier du relais"), "{page}");
        }
    }

    #[test]
    fn a_chain_that_holds_says_how_many_lines_and_until_when_and_alarms_nobody() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
        let organisation = estafette_protocol::OrganisationId([4; 16]);
        let head = SignedHead::sign(organisation, Head::default(), Timestamp(1_795_451_400_000), &key);
        let page = shown(Verdict::Whole(head));
        assert!(page.contains("role=\"status\"") && !page.contains("alert"), "{page}");
        assert!(page.contains("La chaîne tient") && page.contains("7 lignes"), "{page}");
        assert!(page.contains("lundi 23 novembre 2026 17:30"), "{page}");
    }
}
