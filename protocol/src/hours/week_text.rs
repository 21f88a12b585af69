//! A week as people write it, and back: `lun-ven 08:00-12:00 13:00-17:00; sam 08:00-12:00`.
//!
//! Groups are separated by `;` or a line's end; each has days, then hours. Days are French or
//! English, short or whole, in any case; hours are `8:00`, `08h30`, `8 h 30` or `17h`. Hours
//! that end before they begin, or at the same minute, run into the next day, as nights do;
//! spaces are free, `à`, `au` and `to` stand for `-`, `et` and `and` for `,`. `toujours` or
//! `always` is every minute, `jamais` or `never` none.
//!
//! Always true: what is shown reads back as the same week, joined as [`Week::new`] joins it.

use std::fmt;
use std::str::FromStr;

use super::week::MIDNIGHT;
use super::{HoursError, Week, Weekday, WeeklyInterval};
use crate::texts::Language;

/// Why a text is not a week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeekTextError {
    /// Neither a day nor anything else that can stand here.
    #[error("{0:?} is not a day: write lun, mar, mer, jeu, ven, sam, dim")]
    UnknownWord(String),
    /// A sign that has no meaning here.
    #[error("{0:?} has no place here")]
    UnexpectedSign(char),
    /// A number that does not begin a time from 00:00 to 24:00.
    #[error("expected a time like 08:00 or 8h30")]
    BadTime,
    /// Hours without days before them, or nothing at all.
    #[error("expected days, like lun-ven")]
    DaysMissing,
    /// Days without hours after them.
    #[error("expected hours after the days, like 08:00-12:00")]
    HoursMissing,
    /// Hours whose end is not said.
    #[error("expected the end of the hours, like 08:00-12:00")]
    EndMissing,
    /// It reads well, and is too much for one week.
    #[error(transparent)]
    Refused(#[from] HoursError),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Number(u16),
    Colon,
    Dash,
    Comma,
    GroupEnd,
}

/// Days as one bit each, Monday lowest.
type Days = u8;

impl FromStr for Week {
    type Err = WeekTextError;

    fn from_str(text: &str) -> Result<Self, WeekTextError> {
        let tokens = tokens(text)?;
        let [Token::Word(word)] = &tokens[..] else {
            return groups(&tokens);
        };
        match word.as_str() {
            "toujours" | "always" => Ok(Self::always()),
            "jamais" | "never" => Ok(Self::default()),
            _ => groups(&tokens),
        }
    }
}

fn groups(tokens: &[Token]) -> Result<Week, WeekTextError> {
    let mut intervals = Vec::new();
    for group in tokens.split(|token| *token == Token::GroupEnd).filter(|group| !group.is_empty()) {
        let mut parser = Parser { rest: group };
        let days = parser.days()?;
        parser.hours(days, &mut intervals)?;
    }
    if intervals.is_empty() {
        return Err(WeekTextError::DaysMissing);
    }
    let week = Week::new(intervals);
    week.validate()?;
    Ok(week)
}

fn tokens(text: &str) -> Result<Vec<Token>, WeekTextError> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(sign) = rest.next() {
        let mut run = |begin: char, more: fn(char) -> bool| {
            let mut run = String::from(begin);
            while let Some(next) = rest.next_if(|next| more(*next)) {
                run.push(next);
            }
            run
        };
        tokens.push(match sign {
            '\n' | ';' => Token::GroupEnd,
            ':' => Token::Colon,
            ',' => Token::Comma,
            '-' | '\u{2010}'..='\u{2014}' => Token::Dash,
            _ if sign.is_whitespace() || sign == '.' => continue,
            _ if sign.is_ascii_digit() => {
                let digits = run(sign, |next| next.is_ascii_digit());
                Token::Number(digits.parse().map_err(|_| WeekTextError::BadTime)?)
            }
            _ if sign.is_alphabetic() => match run(sign, char::is_alphabetic).to_lowercase().as_str() {
                "à" | "au" | "to" => Token::Dash,
                "et" | "and" => Token::Comma,
                word => Token::Word(word.to_owned()),
            },
            _ => return Err(WeekTextError::UnexpectedSign(sign)),
        });
    }
    Ok(tokens)
}

struct Parser<'t> {
    rest: &'t [Token],
}

impl Parser<'_> {
    fn days(&mut self) -> Result<Days, WeekTextError> {
        let mut days = 0;
        while let Some(first) = self.day()? {
            days |= 1 << first as u8;
            if self.take(&Token::Dash) {
                let last = self.day()?.ok_or(WeekTextError::DaysMissing)?;
                let mut day = first;
                while day != last {
                    day = day.next();
                    days |= 1 << day as u8;
                }
            }
            self.take(&Token::Comma);
        }
        if days == 0 { Err(WeekTextError::DaysMissing) } else { Ok(days) }
    }

    fn hours(&mut self, days: Days, intervals: &mut Vec<WeeklyInterval>) -> Result<(), WeekTextError> {
        loop {
            let from = self.time()?.ok_or(WeekTextError::HoursMissing)?;
            if !self.take(&Token::Dash) {
                return Err(WeekTextError::EndMissing);
            }
            let to = self.time()?.ok_or(WeekTextError::EndMissing)?;
            for day in Weekday::ALL.into_iter().filter(|day| days & 1 << *day as u8 != 0) {
                if from < to {
                    intervals.push(WeeklyInterval::new(day, from, to));
                } else {
                    intervals.push(WeeklyInterval::new(day, from, MIDNIGHT));
                    intervals.push(WeeklyInterval::new(day.next(), 0, to));
                }
            }
            self.take(&Token::Comma);
            match self.rest {
                [] => return Ok(()),
                [Token::Number(_), ..] => {}
                [Token::Word(word), ..] => return Err(WeekTextError::UnknownWord(word.clone())),
                _ => return Err(WeekTextError::HoursMissing),
            }
        }
    }

    fn day(&mut self) -> Result<Option<Weekday>, WeekTextError> {
        let [Token::Word(word), rest @ ..] = self.rest else { return Ok(None) };
        self.rest = rest;
        weekday(word).map(Some).ok_or_else(|| WeekTextError::UnknownWord(word.clone()))
    }

    /// Minutes since 00:00. After `h` a number is the minutes, unless it begins the next time.
    fn time(&mut self) -> Result<Option<u16>, WeekTextError> {
        let [Token::Number(hour), rest @ ..] = self.rest else { return Ok(None) };
        let (minute, rest) = match rest {
            [Token::Colon, Token::Number(minute), rest @ ..] => (*minute, rest),
            [Token::Word(h), rest @ ..] if h == "h" => match rest {
                [Token::Number(_), Token::Colon, ..] => (0, rest),
                [Token::Number(_), Token::Word(h), ..] if h == "h" => (0, rest),
                [Token::Number(minute), rest @ ..] => (*minute, rest),
                _ => (0, rest),
            },
            _ => return Err(WeekTextError::BadTime),
        };
        self.rest = rest;
        match (*hour, minute) {
            (0..=23, 0..=59) | (24, 0) => Ok(Some(hour * 60 + minute)),
            _ => Err(WeekTextError::BadTime),
        }
    }

    fn take(&mut self, token: &Token) -> bool {
        let Some(rest) = self.rest.split_first().filter(|(first, _)| *first == token).map(|(_, rest)| rest)
        else {
            return false;
        };
        self.rest = rest;
        true
    }
}

/// French and English names; the first three letters are the short ones, which never collide.
const NAMES: [[&str; 2]; 7] = [
    ["lundi", "monday"],
    ["mardi", "tuesday"],
    ["mercredi", "wednesday"],
    ["jeudi", "thursday"],
    ["vendredi", "friday"],
    ["samedi", "saturday"],
    ["dimanche", "sunday"],
];

impl Weekday {
    /// The day of that French or English name, whole or its first three letters, in lower case.
    pub fn named(word: &str) -> Option<Self> {
        weekday(word)
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    let named = |names: &[&str; 2]| names.iter().any(|name| word == *name || word == &name[..3]);
    NAMES.iter().position(named).map(|index| Weekday::ALL[index])
}

/// Where a language's names stand in [`NAMES`].
fn column(language: Language) -> usize {
    match language {
        Language::French => 0,
        Language::English => 1,
    }
}

impl Week {
    /// The week in a language. Days with the same hours stand together, in the order of their first day.
    pub fn written(&self, language: Language) -> String {
        let week = Self::new(self.0.iter().copied());
        if week.0.is_empty() {
            return ["jamais", "never"][column(language)].to_owned();
        }
        if week == Self::always() {
            return ["toujours", "always"][column(language)].to_owned();
        }
        let hours = Weekday::ALL.map(|day| hours_of(&week, day));
        let first =
            |(index, shown): &(usize, &String)| !shown.is_empty() && !hours[..*index].contains(*shown);
        let groups = hours.iter().enumerate().filter(first).map(|(_, shown)| {
            let same = Weekday::ALL.map(|day| hours[day as usize] == *shown);
            format!("{} {shown}", day_runs(same, language))
        });
        groups.collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Week {
    /// In French, as [`Week::written`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(Language::French))
    }
}

fn hours_of(week: &Week, day: Weekday) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let shown = week.0.iter().filter(|one| one.day == day);
    shown
        .map(|one| format!("{}-{}", clock(one.from_minute), clock(one.to_minute)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The days that are marked, as "lun-mer, ven".
fn day_runs(marked: [bool; 7], language: Language) -> String {
    let short_name = |day: Weekday| &NAMES[day as usize][column(language)][..3];
    let mut runs: Vec<(Weekday, Weekday)> = Vec::new();
    for day in Weekday::ALL.into_iter().filter(|day| marked[*day as usize]) {
        match runs.last_mut() {
            Some((_, last)) if last.next() == day => *last = day,
            _ => runs.push((day, day)),
        }
    }
    let show = |(first, last): &(Weekday, Weekday)| match first == last {
        true => short_name(*first).to_owned(),
        false => format!("{}-{}", short_name(*first), short_name(*last)),
    };
    runs.iter().map(show).collect::<Vec<_>>().join(", ")
}
