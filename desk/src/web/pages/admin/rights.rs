//! Rights and mandates of single agents: who may declare an urgency, who approves rules beside
//! administrators, who represents the staff.
//!
//! The first is given at once, and seen by everybody in the chain; the others bind people and are proposed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::policy::Policy;
use estafette_protocol::statement::{Act, Role};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode};
use maud::{Markup, html};

use super::{administer, proposing};
use crate::commands::people;
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::{back, named};
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// One kind of right, as a form names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Right {
    Urgency,
    Approver,
    Representative,
    Officer,
}

const ALL: [Right; 4] = [Right::Urgency, Right::Approver, Right::Representative, Right::Officer];

impl Right {
    fn word(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Approver => "approver",
            Self::Representative => "representative",
            Self::Officer => "officer",
        }
    }

    fn named(word: &str) -> Result<Self, Failure> {
        ALL.into_iter().find(|right| right.word() == word).ok_or_else(|| FaultCode::Malformed.into())
    }

    /// Its name, what it allows, and the button that gives it.
    fn words(self, language: Language) -> [String; 3] {
        match self {
            Self::Urgency => [
                text(language, "web-right-urgency", &[]),
                text(language, "web-right-urgency-what", &[]),
                text(language, "web-right-give", &[]),
            ],
            Self::Approver => [
                text(language, "web-right-approver", &[]),
                text(language, "web-right-approver-what", &[]),
                text(language, "web-right-propose", &[]),
            ],
            Self::Representative => [
                text(language, "web-right-representative", &[]),
                text(language, "web-right-representative-what", &[]),
                text(language, "web-right-propose", &[]),
            ],
            Self::Officer => [
                text(language, "web-right-officer", &[]),
                text(language, "web-right-officer-what", &[]),
                text(language, "web-right-give", &[]),
            ],
        }
    }

    fn holders(self, reader: &mut Reader) -> Result<Vec<AgentNumber>, Failure> {
        let registry = reader.registry()?;
        Ok(match self {
            Self::Urgency => registry.urgency_holders().collect(),
            Self::Representative => registry.representatives().iter().copied().collect(),
            Self::Officer => {
                registry.agents().filter(|agent| registry.role(*agent) == Role::Officer).collect()
            }
            // Administrators approve without having been appointed, and are not listed.
            Self::Approver => {
                let appointed = |subject| match registry.policy(subject)? {
                    Policy::Approver { agent, appointed: true } => Some(agent),
                    _ => None,
                };
                registry.standing_policies().filter_map(|(subject, _)| appointed(subject)).collect()
            }
        })
    }

    fn policy(self, agent: AgentNumber, held: bool) -> Option<Policy> {
        match self {
            Self::Urgency | Self::Officer => None,
            Self::Approver => Some(Policy::Approver { agent, appointed: held }),
            Self::Representative => Some(Policy::Representative { agent, named: held }),
        }
    }

    /// Whether an agent can be given it.
    fn suits(self, reader: &mut Reader, agent: AgentNumber) -> Result<bool, Failure> {
        let role = reader.registry()?.role(agent);
        Ok(match self {
            Self::Approver => role == Role::Supervisor,
            // Nobody is two things at once.
            Self::Officer => role == Role::Agent,
            Self::Urgency | Self::Representative => true,
        })
    }
}

/// What is held of one right.
struct Held {
    right: Right,
    holders: Vec<(AgentNumber, String)>,
    others: Vec<(AgentNumber, String)>,
}

/// The rights and who has them.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    administer(&web, &visitor, |_| Ok(())).await?;
    show(&web, &visitor, Section::Administration, |reader, frame| {
        let language = frame.language;
        let agents = named::agents(reader, language)?;
        let mut rights = Vec::new();
        for right in ALL {
            let mut holders = Vec::new();
            for agent in right.holders(reader)? {
                holders.push((agent, printable(&reader.shown_name(language, agent)?)));
            }
            let mut others = Vec::new();
            for (agent, name) in &agents {
                if holders.iter().all(|(holder, _)| holder != agent) && right.suits(reader, *agent)? {
                    others.push((*agent, name.clone()));
                }
            }
            rights.push(Held { right, holders, others });
        }
        let title = text(language, "web-rights", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            @for held in &rights { (one(language, held)) }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn one(language: Language, held: &Held) -> Markup {
    let [name, what, give] = held.right.words(language);
    let word = held.right.word();
    html! {
        section aria-labelledby=(word) {
            h2 id=(word) { (name) }
            p.hint { (what) }
            @if held.holders.is_empty() { p.empty { (text(language, "web-right-nobody", &[])) } }
            ul.facts {
                @for (agent, name) in &held.holders {
                    li {
                        (name)
                        form.actions action="/admin/rights" method="post" {
                            input type="hidden" name="agent" value=(agent);
                            input type="hidden" name="right" value=(word);
                            button name="deed" value="withdraw" {
                                (text(language, "web-right-withdraw", &[]))
                                span.unseen { " " (name) }
                            }
                        }
                    }
                }
            }
            @if !held.others.is_empty() {
                form.stacked action="/admin/rights" method="post" {
                    input type="hidden" name="right" value=(word);
                    label for={ (word) "-agent" } { (text(language, "web-team-who", &[])) span.unseen { " " (name) } }
                    select id={ (word) "-agent" } name="agent" required {
                        option value="" { (text(language, "web-choose", &[])) }
                        @for (agent, name) in &held.others { option value=(agent) { (name) } }
                    }
                    button name="deed" value="give" { (give) span.unseen { " " (name) } }
                }
            }
        }
    }
}

/// Gives a right, or takes it away.
pub async fn change(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    administer(&web, &visitor, |_| Ok(())).await?;
    let agent = AgentNumber(fields.one("agent").parse().map_err(|_| FaultCode::Malformed)?);
    let (right, granted) = (Right::named(fields.one("right"))?, fields.one("deed") == "give");
    let done = match right.policy(agent, granted) {
        Some(policy) => match proposing::propose(&web, &visitor, policy).await {
            Ok(response) => return Ok(response),
            Err(failure) => Err(failure),
        },
        None => state(&web, &visitor, (right, agent, granted)).await.map(Some),
    };
    Ok(back(&web, &visitor, "/admin/rights", done))
}

/// Gives or takes what needs no second person.
async fn state(
    web: &Web,
    visitor: &Visitor,
    (right, agent, granted): (Right, AgentNumber, bool),
) -> Result<String, Failure> {
    let language = visitor.language;
    let of_officer = right == Right::Officer;
    let prepared = web.office.read(move |reader| {
        let act = match of_officer {
            true => people::officer_act(reader.registry()?, agent, granted)?,
            false => Act::SetUrgencyRight { agent, granted },
        };
        Ok((act, printable(&reader.shown_name(language, agent)?)))
    });
    let (act, name) = prepared.await?;
    administer(web, visitor, move |work| work.session.state(vec![act])).await?;
    Ok(match of_officer {
        true => people::officer_words(language, &name, granted),
        false => given(language, agent, granted),
    })
}

fn given(language: Language, agent: AgentNumber, granted: bool) -> String {
    let words = [("agent", agent.0.into())];
    match granted {
        true => text(language, "urgency-right-granted", &words),
        false => text(language, "urgency-right-withdrawn", &words),
    }
}
