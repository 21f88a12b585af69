//! What is shown of weekly hours before they are proposed: the floors' verdict with each reason, the week as
//! it was understood, and who would receive at one moment, beside who would today.

use estafette_core::reader::Reader;
use estafette_protocol::Timestamp;
use estafette_protocol::hours::Grade;
use estafette_protocol::policy::Policy;
use estafette_protocol::registry::Reachable;
use estafette_protocol::statement::HoursScope;
use estafette_protocol::texts::text;
use maud::{Markup, html};

use crate::commands::hours::Judged;
use crate::commands::who::{Seen, seen};
use crate::floors;
use crate::output::printable;
use crate::place::Place;
use crate::session::Failure;
use crate::web::frame::Frame;
use crate::web::pages::me;

/// People who are named; of the rest there is a count.
const NAMED: usize = 200;

/// Hours that were looked at.
pub struct Look {
    /// With their verdict.
    pub judged: Judged,
    at: Timestamp,
    when: String,
    /// A name, how it would be, and how it is today where that differs.
    people: Vec<(String, String, Option<String>)>,
    duty: usize,
    on_call: usize,
    off_duty: usize,
    unnamed: usize,
}

impl Look {
    /// Looks at hours as if they were in force.
    pub fn of(
        reader: &mut Reader,
        frame: &Frame,
        scope: HoursScope,
        judged: Judged,
        at: Timestamp,
    ) -> Result<Self, Failure> {
        let language = frame.language;
        let zone = judged.calendar.zone.clone();
        let today = reader.registry()?.clone();
        let policy = Policy::Calendar { scope, calendar: judged.calendar.clone() };
        let proposed = today.with_policy(policy, frame.place.now);
        let team = match scope {
            HoursScope::Team(team) => Some(team),
            HoursScope::Organisation | HoursScope::Agent(_) => None,
        };
        let mut then = seen(&proposed, team, at);
        if let HoursScope::Agent(agent) = scope {
            then.retain(|one| one.agent == agent);
        }
        let now: Vec<Seen> = seen(&today, team, at);
        let count = |wanted: fn(&Reachable) -> bool| then.iter().filter(|one| wanted(&one.reachable)).count();
        let duty = count(|one| matches!(one, Reachable::OnDuty));
        let on_call = count(|one| matches!(one, Reachable::OnCall { .. }));
        let off_duty = count(|one| matches!(one, Reachable::OffDuty { .. }));
        let unnamed = then.len().saturating_sub(NAMED);
        let place = Place::in_zone(zone, frame.place.now);
        let said = |at| place.dated(language, at);
        let mut people = Vec::new();
        for one in then.iter().take(NAMED) {
            let name = printable(&reader.shown_name(language, one.agent)?);
            let words = one.sentence(language, said);
            let before = now.iter().find(|known| known.agent == one.agent);
            let before = before.map(|known| known.sentence(language, said)).filter(|known| *known != words);
            people.push((name, words, before));
        }
        people.sort_by_cached_key(|(name, ..)| name.to_lowercase());
        let when = place.dated(language, at);
        Ok(Self { judged, at, when, people, duty, on_call, off_duty, unnamed })
    }
}

/// The three parts.
pub fn shown(frame: &Frame, look: &Look) -> Markup {
    let language = frame.language;
    let judged = &look.judged;
    let (grade, heading) = match judged.verdict.grade() {
        Grade::Fine => ("fine", text(language, "web-verdict-fine", &[])),
        Grade::Flag => ("flag", text(language, "web-verdict-flag", &[])),
        Grade::Refuse => ("refuse", text(language, "web-verdict-refuse", &[])),
    };
    let counts = [
        (text(language, "duty-on", &[]), look.duty),
        (text(language, "who-on-call", &[]), look.on_call),
        (text(language, "duty-off", &[]), look.off_duty),
    ];
    html! {
        div.card.verdict role=(if grade == "refuse" { "alert" } else { "status" }) data-grade=(grade) {
            h2 { (heading) }
            @if !judged.verdict.findings.is_empty() {
                ul.facts {
                    @for finding in &judged.verdict.findings {
                        li {
                            strong { (floors::word(language, finding)) } " · "
                            (floors::sentence(language, None, finding))
                        }
                    }
                }
            }
            @if let Some(caveat) = floors::caveat(language, &judged.profile) { p.hint { (caveat) } }
        }
        h2 { (text(language, "web-hours-understood", &[])) }
        (me::week(language, &judged.calendar))
        section aria-labelledby="who" data-at=(look.at.0) {
            h2 id="who" { (text(language, "web-who-receives", &[("when", (&look.when).into())])) }
            dl.counts { @for (words, count) in &counts { div { dt { (words) } dd { (count) } } } }
            ul.members {
                @for (name, words, before) in &look.people {
                    li {
                        (name) " · " (words)
                        @if let Some(before) = before {
                            " · " strong { (text(language, "web-who-today", &[("state", before.into())])) }
                        }
                    }
                }
            }
            @if look.unnamed > 0 { p.hint { (text(language, "web-who-more", &[("count", look.unnamed.into())])) } }
        }
    }
}
