//! The first hours of an organisation, as one part of a form: a legal place and a week. What they may be is
//! judged as in the editor of hours, which changes them later.

use estafette_protocol::FaultCode;
use estafette_protocol::hours::{Calendar, Place, Week};
use estafette_protocol::texts::{Language, text};
use maud::{Markup, html};

use crate::commands::founding::FIRST_WEEK;
use crate::commands::hours::{Judged, Written};
use crate::floors;
use crate::session::Failure;
use crate::web::beginning::Hours;
use crate::web::fields::Fields;
use crate::web::refusal::Refusal;

/// What stands in the form before anybody wrote: the place that is listed first, and a usual week.
pub fn usual(language: Language) -> Hours {
    let place = Place::all().find_map(Place::as_str).unwrap_or_default();
    let week = FIRST_WEEK.parse().map(|week: Week| week.written(language)).unwrap_or_default();
    Hours { place: place.to_owned(), week }
}

/// As they were written.
pub fn read(fields: &Fields) -> Hours {
    Hours { place: fields.one("place").to_owned(), week: fields.lines("week").trim().to_owned() }
}

/// The calendar that they make, with the clocks of their place; or why none, in the person's language.
pub fn calendar(language: Language, hours: &Hours) -> Result<Calendar, String> {
    judged(language, hours).map_err(|failure| {
        let notice = Refusal(failure).notice(language, None);
        notice.lines.join(" ")
    })
}

fn judged(language: Language, hours: &Hours) -> Result<Calendar, Failure> {
    if hours.week.parse::<Week>().is_err() {
        return Err(Failure::Usage(text(language, "web-week-unread", &[])));
    }
    let place = Place::named(&hours.place).map_err(|_| FaultCode::Malformed)?;
    let zone = place.zones().first().ok_or(FaultCode::ZoneUnknown)?;
    let written = Written {
        week: hours.week.clone(),
        zone: (*zone).to_owned(),
        place: Some(hours.place.clone()),
        profile: floors::USUAL.to_owned(),
        prolongation: false,
    };
    let judged = Judged::of(language, &written)?;
    judged.takeable()?;
    Ok(judged.calendar)
}

/// The two fields.
pub fn fields(language: Language, hours: &Hours, why: Option<&str>) -> Markup {
    let named = |word: &str| text(language, "holiday-place", &[("place", (&word.to_owned()).into())]);
    html! {
        label for="place" { (text(language, "web-first-place", &[])) }
        p.hint id="place-what" { (text(language, "web-first-place-what", &[])) }
        select id="place" name="place" aria-describedby="place-what" {
            @for word in Place::all().filter_map(Place::as_str) {
                option value=(word) selected[hours.place == word] { (named(word)) }
            }
        }
        label for="week" { (text(language, "web-hours-week", &[])) }
        p.hint id="week-what" { (text(language, "web-first-hours-what", &[])) }
        @if let Some(why) = why { p.fault id="week-fault" role="alert" { (why) } }
        input id="week" name="week" value=(hours.week) required maxlength="400" autocomplete="off"
            aria-describedby=(if why.is_some() { "week-fault week-what" } else { "week-what" })
            aria-invalid=[why.map(|_| "true")];
    }
}

#[cfg(test)]
mod tests {
    use estafette_protocol::hours::Zone;

    use super::*;

    #[test]
    fn the_usual_week_keeps_every_floor_of_rest_and_is_of_metropolitan_france() {
        for language in [Language::French, Language::English] {
            let calendar = calendar(language, &usual(language)).unwrap();
            assert_eq!((calendar.zone.as_str(), calendar.place), ("Europe/Paris", Some(Place::METROPOLE)));
            assert_eq!(calendar.week, FIRST_WEEK.parse().unwrap());
        }
    }

    #[test]
    fn every_place_has_clocks_that_this_version_knows() {
        for word in Place::all().filter_map(Place::as_str) {
            let hours = Hours { place: word.to_owned(), week: FIRST_WEEK.to_owned() };
            let calendar = calendar(Language::French, &hours).unwrap();
            assert!(Zone::named(&calendar.zone).is_some(), "{word}");
        }
    }

    #[test]
    fn hours_that_do_not_read_or_leave_no_rest_are_refused_in_words() {
        for week in ["tous les matins", "", "lun-dim 00:00-24:00"] {
            let hours = Hours { week: week.to_owned(), ..usual(Language::French) };
            assert!(calendar(Language::French, &hours).is_err_and(|why| why.len() > 20), "{week}");
        }
        assert!(
            calendar(Language::French, &Hours { place: "lune".into(), week: FIRST_WEEK.into() }).is_err()
        );
    }
}
