//! Weekly hours of the organisation, a team or an agent: written, judged by their floors of rest, looked at
//! for one moment, and only then proposed. Whatever breaks a rest is not offered to be proposed.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::hours::{Place as HolidayPlace, Profile, Week};
use estafette_protocol::policy::Policy;
use estafette_protocol::statement::HoursScope;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode, TeamNumber};
use maud::{Markup, html};
use serde::Deserialize;

use super::verdict::{self, Look};
use super::{administer, proposing};
use crate::commands::hours::{Judged, Written, zone};
use crate::place::Place;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::pages::named;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;
use crate::{floors, moment};

/// Whose hours are asked for.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    scope: String,
}

/// What the form holds; it comes back as it was typed.
#[derive(Debug, Clone)]
struct Draft {
    scope: HoursScope,
    written: Written,
    /// The moment that is looked at, as browsers write it.
    at: String,
}

/// What is proposed; the moment that is looked at is not.
const CHOICES: [&str; 6] = ["scope", "week", "zone", "place", "profile", "prolongation"];

/// As a form names a scope: empty, `team-3`, `agent-7`.
fn word(scope: HoursScope) -> String {
    match scope {
        HoursScope::Organisation => String::new(),
        HoursScope::Team(team) => format!("team-{}", team.0),
        HoursScope::Agent(agent) => format!("agent-{}", agent.0),
    }
}

fn scope(word: &str) -> Result<HoursScope, Failure> {
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| Failure::from(FaultCode::Malformed));
    match word.split_once('-') {
        None if word.is_empty() => Ok(HoursScope::Organisation),
        Some(("team", digits)) => Ok(HoursScope::Team(TeamNumber(number(digits)?))),
        Some(("agent", digits)) => Ok(HoursScope::Agent(AgentNumber(number(digits)?))),
        _ => Err(FaultCode::Malformed.into()),
    }
}

impl Draft {
    fn read(fields: &Fields) -> Result<Self, Failure> {
        let place = fields.one("place");
        let written = Written {
            week: fields.lines("week").trim().to_owned(),
            zone: fields.one("zone").trim().to_owned(),
            place: (!place.is_empty()).then(|| place.to_owned()),
            profile: fields.one("profile").to_owned(),
            prolongation: !fields.one("prolongation").is_empty(),
        };
        Ok(Self { scope: scope(fields.one("scope"))?, written, at: fields.one("at").to_owned() })
    }

    /// What stands for a scope, to be changed; next Sunday evening is looked at.
    fn standing(
        reader: &mut Reader,
        (place, language): (&Place, Language),
        scope: HoursScope,
    ) -> Result<Self, Failure> {
        let written = match reader.registry()?.calendar_of(scope) {
            Some(calendar) => Written {
                week: calendar.week.written(language),
                zone: calendar.zone.clone(),
                place: calendar.place.and_then(HolidayPlace::as_str).map(str::to_owned),
                profile: calendar.profile.clone().unwrap_or_else(|| floors::USUAL.to_owned()),
                prolongation: calendar.prolongation == Some(true),
            },
            None => Written {
                zone: place.name().unwrap_or(crate::output::PLACE).to_owned(),
                profile: floors::USUAL.to_owned(),
                ..Written::default()
            },
        };
        let sunday = place.zone().and_then(|zone| moment::instant("dimanche 22:00", &zone, place.now));
        let at = sunday.map(|at| place.local(at).replace(' ', "T")).unwrap_or_default();
        Ok(Self { scope, written, at })
    }

    /// Judges the hours, and whom they would let through at the moment.
    fn look(&self, reader: &mut Reader, frame: &Frame) -> Result<Look, Failure> {
        let judged = Judged::of(frame.language, &self.written)?;
        let bad = || Failure::Usage(text(frame.language, "desk-bad-moment", &[]));
        let clocks = zone(&judged.calendar.zone)?;
        let at = moment::instant(&self.at, &clocks, frame.place.now).ok_or_else(bad)?;
        Look::of(reader, frame, self.scope, judged, at)
    }
}

/// The form, with what stands.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    administer(&web, &visitor, |_| Ok(())).await?;
    let scope = scope(&asked.scope)?;
    show(&web, &visitor, Section::Administration, move |reader, frame| {
        let draft = Draft::standing(reader, (&frame.place, frame.language), scope)?;
        Ok(Page::plain(
            text(frame.language, "web-hours-editor", &[]),
            form(reader, frame, &draft, None, None)?,
        ))
    })
    .await
}

/// Looks at hours, or proposes them.
pub async fn judge(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    administer(&web, &visitor, |_| Ok(())).await?;
    let (draft, language) = (Draft::read(&fields)?, visitor.language);
    let mut refused: Option<Notice> = None;
    let (digest, sends) = (fields.digest(&CHOICES), fields.one("step") == "send");
    let changed = sends && fields.one("looked") != digest;
    if sends && !changed {
        let proposed = async {
            let judged = Judged::of(language, &draft.written)?;
            judged.takeable()?;
            let policy = Policy::Calendar { scope: draft.scope, calendar: judged.calendar };
            proposing::propose(&web, &visitor, policy).await
        };
        match proposed.await {
            Ok(response) => return Ok(response),
            Err(failure) => refused = Some(Refusal(failure).notice(language, None)),
        }
    }
    show(&web, &visitor, Section::Administration, move |reader, frame| {
        let (look, notice) = match draft.look(reader, frame) {
            Ok(look) => (Some(Looked { look, digest, changed }), refused),
            // Nothing typed is lost: the form comes back as it was.
            Err(failure) => (None, Some(Refusal(failure).notice(language, None))),
        };
        let main = form(reader, frame, &draft, look.as_ref(), notice.as_ref())?;
        Ok(Page::plain(text(language, "web-hours-editor", &[]), main))
    })
    .await
}

/// A look, and at what.
struct Looked {
    look: Look,
    /// The choices that were looked at.
    digest: String,
    /// They are others than those of the look before: nothing was proposed.
    changed: bool,
}

fn form(
    reader: &mut Reader,
    frame: &Frame,
    draft: &Draft,
    looked: Option<&Looked>,
    notice: Option<&Notice>,
) -> Result<Markup, Failure> {
    let language = frame.language;
    let scopes = scopes(reader, language, draft.scope)?;
    let takeable = looked.is_some_and(|looked| looked.look.judged.takeable().is_ok());
    Ok(html! {
        p { a href="/admin" { (text(language, "web-administration", &[])) } }
        h1 { (text(language, "web-hours-editor", &[])) }
        p.hint { (text(language, "web-hours-editor-what", &[])) }
        form.search action="/admin/hours" method="get" {
            label for="of" { (text(language, "web-hours-of", &[])) }
            select id="of" name="scope" { (scopes) }
            button { (text(language, "web-hours-standing", &[])) }
        }
        form.stacked action="/admin/hours" method="post" {
            @if let Some(notice) = notice { (notice_box(notice)) }
            label for="scope" { (text(language, "web-hours-for", &[])) }
            select id="scope" name="scope" { (scopes) }
            label for="week" { (text(language, "web-hours-week", &[])) }
            textarea id="week" name="week" rows="2" required spellcheck="false" aria-describedby="week-hint"
                aria-invalid=[draft.written.week.parse::<Week>().is_err().then_some("true")] {
                (draft.written.week)
            }
            p.hint id="week-hint" { (text(language, "web-hours-week-hint", &[])) }
            label for="zone" { (text(language, "web-hours-zone", &[])) }
            input id="zone" name="zone" value=(draft.written.zone) required spellcheck="false";
            label for="place" { (text(language, "web-hours-place", &[])) }
            select id="place" name="place" aria-describedby="place-hint" { (places(language, draft)) }
            p.hint id="place-hint" { (text(language, "web-hours-place-what", &[])) }
            (profile_field(language, &draft.written.profile))
            label.choice {
                input type="checkbox" name="prolongation" value="1" checked[draft.written.prolongation];
                span { (text(language, "web-hours-prolongation", &[])) }
            }
            label for="at" { (text(language, "web-hours-at", &[])) }
            input id="at" name="at" type="datetime-local" value=(draft.at) required;
            @if let Some(looked) = looked {
                input type="hidden" name="looked" value=(looked.digest);
                @if looked.changed { p.warning role="alert" { (text(language, "web-preview-changed", &[])) } }
                (verdict::shown(frame, &looked.look))
            }
            div.actions {
                @if takeable { button.main name="step" value="send" { (text(language, "web-hours-propose", &[])) } }
                button name="step" value="look" { (text(language, "web-hours-look", &[])) }
            }
        }
        p { a href="/me/rules" { (text(language, "web-rules", &[])) } }
        p { a href="/admin/shifts" { (text(language, "web-shifts", &[])) } }
    })
}

/// The organisation, its teams, its agents.
fn scopes(reader: &mut Reader, language: Language, chosen: HoursScope) -> Result<Markup, Failure> {
    let teams = named::teams(reader)?.into_iter().map(|(number, name)| (HoursScope::Team(number), name));
    let agents = named::agents(reader, language)?;
    let agents = agents.into_iter().map(|(number, name)| (HoursScope::Agent(number), name));
    let one = |(scope, name): (HoursScope, String)| html! { option value=(word(scope)) selected[scope == chosen] { (name) } };
    Ok(html! {
        (one((HoursScope::Organisation, text(language, "web-hours-everybody", &[]))))
        optgroup label=(text(language, "web-teams-all", &[])) { @for team in teams { (one(team)) } }
        optgroup label=(text(language, "web-agents-all", &[])) { @for agent in agents { (one(agent)) } }
    })
}

fn places(language: Language, draft: &Draft) -> Markup {
    let named = |word: &str| text(language, "holiday-place", &[("place", (&word.to_owned()).into())]);
    html! {
        option value="" { (text(language, "web-hours-no-place", &[])) }
        @for word in HolidayPlace::all().filter_map(HolidayPlace::as_str) {
            option value=(word) selected[draft.written.place.as_deref() == Some(word)] { (named(word)) }
        }
    }
}

/// The choice of floors of rest, and the text behind each.
pub fn profile_field(language: Language, chosen: &str) -> Markup {
    let profiles: Vec<Profile> = Profile::names().filter_map(|name| Profile::named(name).ok()).collect();
    let named = |profile: &Profile| text(language, "profile-name", &[("profile", (&profile.name).into())]);
    html! {
        label for="profile" { (text(language, "web-hours-profile", &[])) }
        select id="profile" name="profile" {
            @for profile in &profiles {
                option value=(profile.name) selected[chosen == profile.name] { (named(profile)) }
            }
        }
        details {
            summary { (text(language, "web-hours-profile-texts", &[])) }
            dl.facts {
                @for profile in &profiles { div { dt { (named(profile)) } dd lang="fr" { (profile.reference) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_reads_as_it_was_named_and_nothing_else_does() {
        for known in
            [HoursScope::Organisation, HoursScope::Team(TeamNumber(3)), HoursScope::Agent(AgentNumber(7))]
        {
            assert_eq!(scope(&word(known)).unwrap(), known);
        }
        for other in ["team", "team-", "team-x", "agent--1", "agent-4294967296", "Team-3", "-3"] {
            assert!(scope(other).is_err(), "{other}");
        }
    }
}
