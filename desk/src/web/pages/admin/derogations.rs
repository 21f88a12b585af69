//! A derogation from people's rest: a basis, a reason, an end, and whose hours it opens.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::hours::LegalBasis;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode, TeamNumber};
use maud::{Markup, html};

use super::administer;
use crate::commands::overrides::Derogation;
use crate::commands::urgent::basis_words;
use crate::moment;
use crate::place::Place;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::pages::{back, named};
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// In the order in which they are offered.
const BASES: [LegalBasis; 2] = [LegalBasis::PERMANENT_PROTECTION, LegalBasis::EXCEPTIONAL_CIRCUMSTANCES];

/// What the form holds; it comes back as it was typed.
#[derive(Debug, Clone, Default)]
struct Draft {
    /// `team-3` or `agent-7`.
    whom: String,
    basis: Option<u16>,
    reason: String,
    until: String,
}

impl Draft {
    fn read(fields: &Fields) -> Self {
        let typed = |name| fields.one(name).trim().to_owned();
        let basis = fields.one("basis").parse().ok();
        Self { whom: typed("whom"), basis, reason: typed("reason"), until: typed("until") }
    }

    fn agents(&self, reader: &mut Reader) -> Result<Vec<AgentNumber>, Failure> {
        let (kind, digits) = self.whom.split_once('-').ok_or(FaultCode::Malformed)?;
        let number = digits.parse().map_err(|_| FaultCode::Malformed)?;
        match kind {
            "team" => Ok(reader.registry()?.people_of(TeamNumber(number)).into_iter().collect()),
            "agent" => Ok(vec![AgentNumber(number)]),
            _ => Err(FaultCode::Malformed.into()),
        }
    }

    fn derogation(self, reader: &mut Reader, language: Language) -> Result<Derogation, Failure> {
        let place = Place::of(reader)?;
        let zone = place.zone().ok_or(FaultCode::ZoneUnknown)?;
        let bad = || Failure::Usage(text(language, "desk-bad-moment", &[]));
        let until = moment::instant(&self.until, &zone, place.now).ok_or_else(bad)?;
        let basis = BASES.into_iter().find(|basis| Some(basis.0) == self.basis);
        let basis = basis.ok_or(FaultCode::OverrideInvalid)?;
        Ok(Derogation { agents: self.agents(reader)?, basis, reason: self.reason, until })
    }
}

/// The empty form.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    answer(&web, &visitor, Draft::default(), None).await
}

/// Opens the hours, at once.
pub async fn derogate(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let (draft, language) = (Draft::read(&fields), visitor.language);
    let typed = draft.clone();
    let done = administer(&web, &visitor, move |work| {
        let mut reader = work.desk.reader(work.ring)?;
        let derogation = typed.derogation(&mut reader, language)?;
        let place = Place::of(&mut reader)?;
        let (count, until) = (derogation.agents.len(), place.dated(language, derogation.until));
        work.session.state(derogation.acts(&mut reader, place.now)?)?;
        Ok(text(language, "override-stated", &[("count", count.into()), ("until", (&until).into())]))
    });
    match done.await {
        Ok(said) => Ok(back(&web, &visitor, "/me/notices", Ok(Some(said)))),
        // Nothing typed is lost: the form comes back as it was.
        Err(failure) => {
            let notice = Refusal(failure).notice(language, None);
            answer(&web, &visitor, draft, Some(notice)).await
        }
    }
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
        let title = text(language, "derogate-title", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            p.warning { (text(language, "derogate-what", &[])) }
            @if let Some(notice) = &notice { (notice_box(notice)) }
            form.stacked action="/admin/derogations" method="post" {
                label for="whom" { (text(language, "web-for-whom", &[])) }
                select id="whom" name="whom" required { (whom(reader, language, &draft)?) }
                fieldset {
                    legend { (text(language, "web-urgent-basis", &[])) }
                    @for basis in BASES {
                        label.choice {
                            input type="radio" name="basis" value=(basis.0) required
                                checked[draft.basis == Some(basis.0)];
                            span { (basis_words(language, basis)) }
                        }
                    }
                }
                label for="reason" { (text(language, "web-urgent-reason", &[])) }
                input id="reason" name="reason" value=(draft.reason) required dir="auto" aria-describedby="reason-hint";
                p.hint id="reason-hint" { (text(language, "web-urgent-reason-hint", &[])) }
                label for="until" { (text(language, "derogate-until", &[])) }
                input id="until" name="until" type="datetime-local" value=(draft.until) required;
                button.main { (text(language, "derogate-now", &[])) }
            }
            p { a href="/me/notices" { (text(language, "web-notices", &[])) } }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn whom(reader: &mut Reader, language: Language, draft: &Draft) -> Result<Markup, Failure> {
    let teams = named::teams(reader)?.into_iter().map(|(number, name)| (format!("team-{}", number.0), name));
    let agents = named::agents(reader, language)?;
    let agents = agents.into_iter().map(|(number, name)| (format!("agent-{}", number.0), name));
    let one = |(word, name): (String, String)| html! { option value=(word) selected[word == draft.whom] { (name) } };
    Ok(html! {
        option value="" { (text(language, "web-choose", &[])) }
        optgroup label=(text(language, "web-teams-all", &[])) { @for team in teams { (one(team)) } }
        optgroup label=(text(language, "web-agents-all", &[])) { @for agent in agents { (one(agent)) } }
    })
}
