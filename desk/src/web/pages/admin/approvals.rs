//! Devices that wait: what they are, and the fingerprint to be compared with their screen.
//!
//! The relay tells nobody of a device that has come, so the open page asks again by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{FaultCode, InventoryId};
use maud::{Markup, html};

use super::{administer, if_reached, look};
use crate::commands::approval::{Waiting, waiting};
use crate::commands::publishing::publish;
use crate::commands::work::Work;
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::back;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// One that waits, as it is shown.
struct Shown {
    enrolment: String,
    inventory: InventoryId,
    name: String,
    agent: u32,
    model: String,
    serial: String,
    fingerprint: String,
    /// Another device is in force for the same line: this one can only be refused.
    too_late: bool,
}

impl Shown {
    fn of(work: &Work<'_>, one: Waiting) -> Result<Self, Failure> {
        Ok(Self {
            too_late: one.has_other(work)?,
            enrolment: one.pending.enrolment.to_string(),
            inventory: one.item.id,
            name: one.name,
            agent: one.item.agent.0,
            model: one.item.model,
            serial: one.item.serial,
            fingerprint: one.fingerprint,
        })
    }

    fn card(&self, language: Language, several: bool) -> Markup {
        let whose = [
            ("agent", self.agent.into()),
            ("model", (&self.model).into()),
            ("serial", (&self.serial).into()),
        ];
        html! {
            // One agent may have several, and one of them may wait twice.
            section.card aria-label=(printable(&format!("{}, {}, {}", self.name, self.serial, self.fingerprint))) {
                h2 { (printable(&self.name)) }
                p { (text(language, "web-device-of", &whose)) }
                @if self.too_late {
                    p.warning { (text(language, "web-approvals-too-late", &[])) }
                } @else if several {
                    p.warning { (text(language, "web-approvals-twice", &[])) }
                }
                p { (text(language, "web-fingerprint", &[])) " " strong.fingerprint { (self.fingerprint) } }
                p.hint { (text(language, "web-fingerprint-why", &[])) }
                form.actions action="/admin/approvals" method="post" {
                    input type="hidden" name="enrolment" value=(self.enrolment);
                    @if !self.too_late {
                        button.main name="decision" value="approve" { (text(language, "web-approve-same", &[])) }
                    }
                    button.danger name="decision" value="refuse" { (text(language, "web-refuse-device", &[])) }
                }
            }
        }
    }
}

/// What waits, and how many for another administrator; nothing where the relay does not answer.
type Found = Option<(Vec<Shown>, usize)>;

fn found(work: &Work<'_>) -> Result<Found, Failure> {
    let Some((waiting, all)) = if_reached(waiting(work))? else { return Ok(None) };
    let others = all.saturating_sub(waiting.len());
    let shown = waiting.into_iter().map(|one| Shown::of(work, one)).collect::<Result<_, _>>()?;
    Ok(Some((shown, others)))
}

/// What waits.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let found = look(&web, &visitor, found).await?;
    show(&web, &visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        let title = text(language, "web-approvals", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            div id="fresh" data-asks {
                @match &found {
                    None => p.warning { (text(language, "web-approvals-unreachable", &[])) },
                    Some((shown, others)) => (listed(language, shown, *others)),
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn listed(language: Language, shown: &[Shown], others: usize) -> Markup {
    let mut counts: BTreeMap<InventoryId, usize> = BTreeMap::new();
    for one in shown {
        *counts.entry(one.inventory).or_default() += 1;
    }
    let several = |one: &Shown| counts.get(&one.inventory).is_some_and(|count| *count > 1);
    html! {
        @if shown.is_empty() { p.empty { (text(language, "web-approvals-none", &[])) } }
        @for one in shown { (one.card(language, several(one))) }
        @if others > 0 { p.hint { (text(language, "web-approvals-others", &[("count", others.into())])) } }
    }
}

/// Approves or refuses one.
pub async fn decide(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let (enrolment, approves) = (fields.one("enrolment").to_owned(), fields.one("decision") == "approve");
    let decided = Failure::Usage(text(visitor.language, "web-approvals-decided", &[]));
    let done = administer(&web, &visitor, move |work| {
        let (waiting, _) = waiting(work)?;
        let one = waiting.iter().find(|one| one.pending.enrolment.to_string() == enrolment);
        // Another window was faster, or another administrator.
        let Some(one) = one else { return Err(decided) };
        if !approves {
            return match one.refuse(work) {
                Err(Failure::Fault(fault)) if fault.code == FaultCode::EnrolmentUsed => Err(decided),
                refused => refused,
            };
        }
        one.approve(work)?;
        publish(work)
    });
    let said = match approves {
        true => text(visitor.language, "desk-approved", &[("count", 1u64.into())]),
        false => text(visitor.language, "web-device-refused", &[]),
    };
    Ok(back(&web, &visitor, "/admin/approvals", done.await.map(|()| Some(said))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(number: u8, too_late: bool) -> Shown {
        Shown {
            enrolment: String::new(),
            inventory: InventoryId([number; 16]),
            name: "Amine Kaci".to_owned(),
            agent: 2,
            model: "PC".to_owned(),
            serial: format!("S{number}"),
            fingerprint: "1234".to_owned(),
            too_late,
        }
    }

    #[test]
    fn two_that_wait_for_one_line_are_marked_and_one_that_came_too_late_cannot_be_admitted() {
        let language = Language::French;
        let count = |shown: &[Shown], id: &str| {
            listed(language, shown, 0).into_string().matches(&text(language, id, &[])).count()
        };
        let alone = [waits(1, false), waits(2, false)];
        assert_eq!((count(&alone, "web-approvals-twice"), count(&alone, "web-approve-same")), (0, 2));
        let twice = [waits(1, false), waits(1, false), waits(2, false)];
        assert_eq!((count(&twice, "web-approvals-twice"), count(&twice, "web-approve-same")), (2, 3));
        let late = [waits(1, true)];
        assert_eq!((count(&late, "web-approvals-too-late"), count(&late, "web-approve-same")), (1, 0));
        assert_eq!(count(&late, "web-refuse-device"), 1);
    }
}
