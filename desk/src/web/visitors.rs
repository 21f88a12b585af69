//! Browsers that may see pages: each brought a link that served once.
//!
//! Always true: a token opens one session, within [`TOKEN_LIFE`]; cookies are compared in constant time;
//! all of them are in memory alone, so that they end with the process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use estafette_protocol::texts::Language;
use subtle::ConstantTimeEq as _;

use super::fields::Fields;
use super::pages::admin::tickets::Printed;

/// How long a printed link can be used.
const TOKEN_LIFE: Duration = Duration::from_mins(10);
/// How long a sheet of tickets can be opened again.
const SHEET_LIFE: Duration = Duration::from_hours(1);
/// Browsers at once; the one that was idle longest goes.
const MOST: usize = 8;
/// Links that wait at once.
const MOST_TOKENS: usize = 8;

/// What a token or a cookie is made of, in hexadecimal.
pub type Secret = String;

/// A sentence for the next page: what was done, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// It was refused.
    pub refused: bool,
    /// What happened, and for a refusal what to do.
    pub lines: Vec<String>,
    /// The fault's stable code.
    pub code: Option<&'static str>,
}

/// How one browser wants its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// Of everything shown.
    pub language: Language,
}

/// A form that was sent to pages that were covered meanwhile: it waits for the passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where it was sent.
    pub action: String,
    /// What it held.
    pub fields: Fields,
}

struct Visitor {
    cookie: Secret,
    wishes: Wishes,
    notice: Option<Notice>,
    kept: Option<Kept>,
    sheet: Option<(Arc<Vec<Printed>>, Instant)>,
    seen: Instant,
}

struct Expected {
    token: Secret,
    leads_to: String,
    made: Instant,
}

#[derive(Default)]
struct Known {
    tokens: Vec<Expected>,
    visitors: Vec<Visitor>,
}

/// All browsers of one desk.
#[derive(Default)]
pub struct Visitors(Mutex<Known>);

/// 256 bits of the system's, in hexadecimal.
pub fn secret() -> Result<Secret, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

impl Visitors {
    fn known(&self) -> MutexGuard<'_, Known> {
        // What a thread that panicked left is whole: every change below is one statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a token for a link, and the page of this desk that it leads to.
    pub fn expect(&self, token: Secret, leads_to: &str, now: Instant) {
        let mut known = self.known();
        known.tokens.retain(|one| now.duration_since(one.made) < TOKEN_LIFE);
        if known.tokens.len() >= MOST_TOKENS {
            known.tokens.remove(0);
        }
        known.tokens.push(Expected { token, leads_to: leads_to.to_owned(), made: now });
    }

    /// Uses a token up for a session with this cookie; the page that its link leads to, `None` where there is no
    /// such token.
    pub fn admit(&self, token: &str, cookie: Secret, language: Language, now: Instant) -> Option<String> {
        let mut known = self.known();
        let fits = |one: &Expected| same(&one.token, token) && now.duration_since(one.made) < TOKEN_LIFE;
        let place = known.tokens.iter().position(fits)?;
        let leads_to = known.tokens.remove(place).leads_to;
        if known.visitors.len() >= MOST
            && let Some(idlest) = (0..known.visitors.len()).min_by_key(|place| known.visitors[*place].seen)
        {
            known.visitors.remove(idlest);
        }
        known.visitors.push(Visitor {
            cookie,
            wishes: Wishes { language },
            notice: None,
            kept: None,
            sheet: None,
            seen: now,
        });
        Some(leads_to)
    }

    /// How the browser with this cookie wants its pages; `None` where there is none.
    pub fn wishes(&self, cookie: &str, now: Instant) -> Option<Wishes> {
        self.with(cookie, |visitor| {
            visitor.seen = now;
            visitor.wishes
        })
    }

    /// Remembers how a browser wants its pages.
    pub fn wish(&self, cookie: &str, wishes: Wishes) {
        self.with(cookie, |visitor| visitor.wishes = wishes);
    }

    /// Keeps a sentence for the next page of a browser.
    pub fn tell(&self, cookie: &str, notice: Notice) {
        self.with(cookie, |visitor| visitor.notice = Some(notice));
    }

    /// The sentence that waits, told once.
    pub fn told(&self, cookie: &str) -> Option<Notice> {
        self.with(cookie, |visitor| visitor.notice.take()).flatten()
    }

    /// Keeps a form for after the passphrase; the last one alone.
    pub fn keep(&self, cookie: &str, kept: Kept) {
        self.with(cookie, |visitor| visitor.kept = Some(kept));
    }

    /// The form that waits.
    pub fn kept(&self, cookie: &str) -> Option<Kept> {
        self.with(cookie, |visitor| visitor.kept.clone()).flatten()
    }

    /// A form is sent there: what waited for the same place does so no longer.
    pub fn forget_kept_for(&self, cookie: &str, action: &str) {
        self.with(cookie, |visitor| visitor.kept.take_if(|kept| kept.action == action));
    }

    /// It is not wanted any more.
    pub fn forget_kept(&self, cookie: &str) {
        self.with(cookie, |visitor| visitor.kept = None);
    }

    /// Keeps the tickets that a browser had made, in the place of those before.
    pub fn keep_sheet(&self, cookie: &str, sheet: Vec<Printed>, now: Instant) {
        let sheet = Arc::new(sheet);
        self.with(cookie, |visitor| visitor.sheet = Some((sheet, now)));
    }

    /// The tickets that a browser had made, for [`SHEET_LIFE`].
    pub fn sheet(&self, cookie: &str, now: Instant) -> Option<Arc<Vec<Printed>>> {
        self.with(cookie, |visitor| {
            visitor.sheet.take_if(|(_, made)| now.duration_since(*made) >= SHEET_LIFE);
            visitor.sheet.as_ref().map(|(sheet, _)| Arc::clone(sheet))
        })
        .flatten()
    }

    /// Takes back what was not told, not sent or not printed yet: it was another agent's.
    pub fn forget_all(&self) {
        for visitor in &mut self.known().visitors {
            (visitor.notice, visitor.kept, visitor.sheet) = (None, None, None);
        }
    }

    fn with<T>(&self, cookie: &str, work: impl FnOnce(&mut Visitor) -> T) -> Option<T> {
        self.known().visitors.iter_mut().find(|visitor| same(&visitor.cookie, cookie)).map(work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Duration = Duration::from_secs(1);

    #[test]
    fn a_link_opens_one_session_once_and_not_after_its_time() {
        let (visitors, begun) = (Visitors::default(), Instant::now());
        visitors.expect("first".into(), "/me", begun);
        assert_eq!(visitors.admit("other", "cookie".into(), Language::French, begun), None);
        let opened = visitors.admit("first", "cookie".into(), Language::English, begun + LATER);
        assert_eq!(opened.as_deref(), Some("/me"));
        assert_eq!(visitors.admit("first", "again".into(), Language::French, begun + LATER), None, "used");
        let wishes = visitors.wishes("cookie", begun);
        assert_eq!(wishes.map(|wishes| wishes.language), Some(Language::English));
        assert_eq!(visitors.wishes("again", begun), None);
        visitors.expect("late".into(), "/", begun);
        assert_eq!(visitors.admit("late", "x".into(), Language::French, begun + TOKEN_LIFE), None);
    }

    #[test]
    fn a_notice_is_told_once_and_to_its_browser_alone() {
        let (visitors, begun) = (Visitors::default(), Instant::now());
        for name in ["a", "b"] {
            visitors.expect(name.into(), "/", begun);
            assert!(visitors.admit(name, name.into(), Language::French, begun).is_some());
        }
        let notice = Notice { refused: false, lines: vec!["Fait.".into()], code: None };
        visitors.tell("a", notice.clone());
        assert_eq!(visitors.told("b"), None);
        assert_eq!(visitors.told("a"), Some(notice));
        assert_eq!(visitors.told("a"), None);
    }

    #[test]
    fn a_sheet_is_its_browsers_alone_for_an_hour_and_until_another_agents_turn() {
        let (visitors, begun) = (Visitors::default(), Instant::now());
        for name in ["a", "b"] {
            visitors.expect(name.into(), "/", begun);
            assert!(visitors.admit(name, name.into(), Language::French, begun).is_some());
            visitors.keep_sheet(name, Vec::new(), begun);
        }
        visitors.expect("c".into(), "/", begun);
        assert!(visitors.admit("c", "c".into(), Language::French, begun).is_some());
        assert!(visitors.sheet("c", begun).is_none());
        assert!(visitors.sheet("a", begun + LATER).is_some() && visitors.sheet("a", begun + LATER).is_some());
        assert!(visitors.sheet("a", begun + SHEET_LIFE).is_none());
        visitors.forget_all();
        assert!(visitors.sheet("b", begun).is_none());
    }

    #[test]
    fn the_browser_that_was_idle_longest_makes_room() {
        let (visitors, begun) = (Visitors::default(), Instant::now());
        for number in 0..=MOST {
            let (name, now) = (number.to_string(), begun + LATER * u32::try_from(number).unwrap());
            visitors.expect(name.clone(), "/", now);
            assert!(visitors.admit(&name, name.clone(), Language::French, now).is_some());
            assert!(visitors.wishes("0", now).is_some(), "the first one is in use");
        }
        assert_eq!(visitors.wishes("1", begun), None);
        assert!(visitors.wishes("2", begun).is_some());
    }

    #[test]
    fn secrets_are_long_and_differ() {
        let (one, other) = (secret().unwrap(), secret().unwrap());
        assert_eq!(one.len(), 64);
        assert_ne!(one, other);
    }
}
