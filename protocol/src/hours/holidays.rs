//! Public holidays by rule, for the places where French law has its own lists.
//!
//! Each rule has the reference of the text that it rests on. Days that are only custom
//! (Mardi gras, the Day of the Dead, the Muslim feasts of Mayotte) are in no list here:
//! who closes for them lists them in the calendar. So does who closes on the day of a
//! patron saint.
//!
//! Always true: the answer depends on the place and the date alone; a place that this
//! version does not name closes nothing here, and [`super::Calendar`] stays closed with it.
//! The rules are those in force in 2026; years before a rule began are not told apart, but
//! for Polynesia. No jurist has confirmed them (`docs/decisions/0021`).

use minicbor::{Decode, Encode};

use super::Date;
use super::date::{civil_of_days, days_of_civil};
use super::easter::easter;

/// A place with holidays of its own. A number that this version does not name is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Place(#[n(0)] pub u16);

/// A public holiday of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// The text that makes it one.
    pub reference: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Month and day.
    Fixed(u8, u8),
    /// Days after Easter Sunday.
    Easter(i64),
}

#[derive(Debug)]
struct Rule {
    when: When,
    /// First and last year.
    years: (i64, i64),
    reference: &'static str,
}

const fn rule(when: When, reference: &'static str) -> Rule {
    Rule { when, years: (i64::MIN, i64::MAX), reference }
}

const LABOUR_CODE: &str = "Code du travail, art. L3133-1";

/// The eleven legal feasts.
const NATIONAL: &[Rule] = &[
    rule(When::Fixed(1, 1), LABOUR_CODE),
    rule(When::Easter(1), LABOUR_CODE),
    rule(When::Fixed(5, 1), LABOUR_CODE),
    rule(When::Fixed(5, 8), LABOUR_CODE),
    rule(When::Easter(39), LABOUR_CODE),
    rule(When::Easter(50), LABOUR_CODE),
    rule(When::Fixed(7, 14), LABOUR_CODE),
    rule(When::Fixed(8, 15), LABOUR_CODE),
    rule(When::Fixed(11, 1), LABOUR_CODE),
    rule(When::Fixed(11, 11), LABOUR_CODE),
    rule(When::Fixed(12, 25), LABOUR_CODE),
];

/// Good Friday there: only in communes with a Protestant temple or a mixed church.
const ALSACE_GOOD_FRIDAY: &[Rule] = &[rule(When::Easter(-2), "Code du travail, art. L3134-13, 2°")];
const ALSACE: &[Rule] = &[rule(When::Fixed(12, 26), "Code du travail, art. L3134-13, 12°")];

/// The end of slavery, commemorated (loi n° 83-550 du 30 juin 1983).
const GUADELOUPE: &[Rule] = &[rule(When::Fixed(5, 27), "Code du travail, art. L3422-2, 3°")];
const MARTINIQUE: &[Rule] = &[rule(When::Fixed(5, 22), "Code du travail, art. L3422-2, 2°")];
const GUYANE: &[Rule] = &[rule(When::Fixed(6, 10), "Code du travail, art. L3422-2, 4°")];
const REUNION: &[Rule] = &[rule(When::Fixed(12, 20), "Code du travail, art. L3422-2, 6°")];
const MAYOTTE: &[Rule] = &[rule(When::Fixed(4, 27), "Code du travail, art. L3422-2, 1°")];
const SAINT_BARTHELEMY: &[Rule] = &[rule(When::Fixed(10, 9), "Code du travail, art. L3422-2, 5°")];
/// The decree (n° 83-1003, as changed in 2012) says 28 May; the law stands above it.
const SAINT_MARTIN: &[Rule] = &[rule(When::Fixed(5, 27), "Code du travail, art. L3422-2, 3°")];

const POLYNESIAN_CODE: &str = "Code du travail de la Polynésie française, jours fériés";
const POLYNESIE: &[Rule] = &[
    rule(When::Fixed(3, 5), POLYNESIAN_CODE),
    rule(When::Easter(-2), POLYNESIAN_CODE),
    Rule { when: When::Fixed(6, 29), years: (i64::MIN, 2024), reference: POLYNESIAN_CODE },
    Rule {
        when: When::Fixed(11, 20),
        years: (2025, i64::MAX),
        reference: "Loi du pays adoptée le 6 mai 2025 : Matari’i i ni’a en place du 29 juin",
    },
];
const NOUVELLE_CALEDONIE: &[Rule] = &[rule(
    When::Fixed(9, 24),
    "Code du travail de Nouvelle-Calédonie, jours fériés : fête de la citoyenneté",
)];
const WALLIS_ET_FUTUNA: &[Rule] = &[
    rule(When::Fixed(4, 28), "Jour férié du territoire : saint Pierre Chanel"),
    rule(
        When::Fixed(7, 29),
        "Jour férié du territoire : fête du Territoire (loi n° 61-814 du 29 juillet 1961)",
    ),
];

/// What is known of a place.
struct Entry {
    place: Place,
    word: &'static str,
    zones: &'static [&'static str],
    rules: &'static [&'static [Rule]],
}

const PARIS: &[&str] = &["Europe/Paris"];

/// Every place, in the order of its number.
const ENTRIES: [Entry; 14] = [
    Entry { place: Place::METROPOLE, word: "metropole", zones: PARIS, rules: &[NATIONAL] },
    Entry {
        place: Place::ALSACE_MOSELLE,
        word: "alsace-moselle",
        zones: PARIS,
        rules: &[NATIONAL, ALSACE, ALSACE_GOOD_FRIDAY],
    },
    Entry {
        place: Place::GUADELOUPE,
        word: "guadeloupe",
        zones: &["America/Guadeloupe"],
        rules: &[NATIONAL, GUADELOUPE],
    },
    Entry {
        place: Place::MARTINIQUE,
        word: "martinique",
        zones: &["America/Martinique"],
        rules: &[NATIONAL, MARTINIQUE],
    },
    Entry { place: Place::GUYANE, word: "guyane", zones: &["America/Cayenne"], rules: &[NATIONAL, GUYANE] },
    Entry { place: Place::REUNION, word: "reunion", zones: &["Indian/Reunion"], rules: &[NATIONAL, REUNION] },
    Entry { place: Place::MAYOTTE, word: "mayotte", zones: &["Indian/Mayotte"], rules: &[NATIONAL, MAYOTTE] },
    Entry {
        place: Place::SAINT_PIERRE_ET_MIQUELON,
        word: "saint-pierre-et-miquelon",
        zones: &["America/Miquelon"],
        rules: &[NATIONAL],
    },
    Entry {
        place: Place::SAINT_BARTHELEMY,
        word: "saint-barthelemy",
        zones: &["America/St_Barthelemy"],
        rules: &[NATIONAL, SAINT_BARTHELEMY],
    },
    Entry {
        place: Place::SAINT_MARTIN,
        word: "saint-martin",
        zones: &["America/Marigot"],
        rules: &[NATIONAL, SAINT_MARTIN],
    },
    Entry {
        place: Place::POLYNESIE,
        word: "polynesie",
        zones: &["Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier"],
        rules: &[NATIONAL, POLYNESIE],
    },
    Entry {
        place: Place::NOUVELLE_CALEDONIE,
        word: "nouvelle-caledonie",
        zones: &["Pacific/Noumea"],
        rules: &[NATIONAL, NOUVELLE_CALEDONIE],
    },
    Entry {
        place: Place::WALLIS_ET_FUTUNA,
        word: "wallis-et-futuna",
        zones: &["Pacific/Wallis"],
        rules: &[NATIONAL, WALLIS_ET_FUTUNA],
    },
    Entry {
        place: Place::ALSACE_MOSELLE_WITHOUT_GOOD_FRIDAY,
        word: "alsace-moselle-sans-vendredi-saint",
        zones: PARIS,
        rules: &[NATIONAL, ALSACE],
    },
];

/// A word that names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown place")]
pub struct UnknownPlace;

impl Place {
    /// France in Europe but for Alsace and Moselle.
    pub const METROPOLE: Self = Self(1);
    /// Bas-Rhin, Haut-Rhin, Moselle: communes with a Protestant temple or a mixed church.
    pub const ALSACE_MOSELLE: Self = Self(2);
    /// Guadeloupe.
    pub const GUADELOUPE: Self = Self(3);
    /// Martinique.
    pub const MARTINIQUE: Self = Self(4);
    /// Guyane.
    pub const GUYANE: Self = Self(5);
    /// La Réunion.
    pub const REUNION: Self = Self(6);
    /// Mayotte.
    pub const MAYOTTE: Self = Self(7);
    /// Saint-Pierre-et-Miquelon.
    pub const SAINT_PIERRE_ET_MIQUELON: Self = Self(8);
    /// Saint-Barthélemy.
    pub const SAINT_BARTHELEMY: Self = Self(9);
    /// Saint-Martin.
    pub const SAINT_MARTIN: Self = Self(10);
    /// Polynésie française.
    pub const POLYNESIE: Self = Self(11);
    /// Nouvelle-Calédonie.
    pub const NOUVELLE_CALEDONIE: Self = Self(12);
    /// Wallis-et-Futuna.
    pub const WALLIS_ET_FUTUNA: Self = Self(13);
    /// Bas-Rhin, Haut-Rhin, Moselle: the other communes.
    pub const ALSACE_MOSELLE_WITHOUT_GOOD_FRIDAY: Self = Self(14);

    /// Every place that this version names.
    pub fn all() -> impl Iterator<Item = Self> {
        ENTRIES.iter().map(|entry| entry.place)
    }

    /// The place of that word, as [`Self::as_str`] writes it.
    pub fn named(word: &str) -> Result<Self, UnknownPlace> {
        ENTRIES.iter().find(|entry| entry.word == word).map(|entry| entry.place).ok_or(UnknownPlace)
    }

    /// The place whose clocks follow a zone: of Paris, the métropole.
    pub fn of_zone(zone: &str) -> Option<Self> {
        ENTRIES.iter().find(|entry| entry.zones.contains(&zone)).map(|entry| entry.place)
    }

    /// Its stable word; nothing for a place that this version does not name.
    pub fn as_str(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.word)
    }

    /// The IANA names of its time zones.
    pub fn zones(self) -> &'static [&'static str] {
        self.entry().map_or(&[], |entry| entry.zones)
    }

    /// Whether this version names it.
    pub fn is_known(self) -> bool {
        self.entry().is_some()
    }

    /// Whether a day is a public holiday there.
    pub fn closes(self, date: Date) -> bool {
        self.closes_day(date.days().into())
    }

    /// The public holidays of a year there, by date.
    pub fn holidays(self, year: i16) -> Vec<Holiday> {
        let year = i64::from(year);
        let mut holidays: Vec<_> = self
            .rules(year)
            .filter_map(|rule| {
                let day = match rule.when {
                    When::Fixed(month, day) => days_of_civil(year, month, day),
                    When::Easter(after) => easter_day(year) + after,
                };
                let date = Date::from_days(i32::try_from(day).ok()?);
                Some(Holiday { date, reference: rule.reference })
            })
            .collect();
        // Two feasts may fall on one day: Ascension on 1 or 8 May.
        holidays.sort_by_key(|holiday| holiday.date);
        holidays
    }

    /// The same as [`Self::closes`] for a day counted from 1970-01-01. Keeps nothing, builds nothing.
    pub(super) fn closes_day(self, days: i64) -> bool {
        let (year, month, day) = civil_of_days(days);
        // Movable feasts lie between 20 March (Good Friday) and 13 June (Whit Monday).
        let after_easter = (3..=6).contains(&month).then(|| days - easter_day(year));
        self.rules(year).any(|rule| match rule.when {
            When::Fixed(on, at) => (on, at) == (month, day),
            When::Easter(after) => after_easter == Some(after),
        })
    }

    fn rules(self, year: i64) -> impl Iterator<Item = &'static Rule> {
        let rules = self.entry().map_or(&[][..], |entry| entry.rules);
        rules.iter().copied().flatten().filter(move |rule| rule.years.0 <= year && year <= rule.years.1)
    }

    fn entry(self) -> Option<&'static Entry> {
        ENTRIES.get(usize::from(self.0.checked_sub(1)?))
    }
}

fn easter_day(year: i64) -> i64 {
    let (month, day) = easter(year);
    days_of_civil(year, month, day)
}
