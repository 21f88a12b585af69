//! Every sentence that a person can read, in French and in English.
//!
//! One catalogue for all programs: `locales/fr.ftl` (written first) and `locales/en.ftl`,
//! both compiled in. A caller names a text by its id and gives its arguments; dates and
//! hours come already formatted, since only the caller knows the place.
//!
//! Always true: no text is missing for long. A test compares both catalogues and looks for
//! ids used in any crate's source; should one be missing all the same, its id is returned,
//! and nothing panics. Ids are literals in calls to [`text`], so that the test finds them.
//! Nothing here reads the environment: [`Language::from_tag`] is given what the caller read.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::{Fault, FaultCode};

/// The source of the French catalogue, for those who export it to other platforms.
pub const FRENCH_SOURCE: &str = include_str!("../locales/fr.ftl");

/// The source of the English catalogue.
pub const ENGLISH_SOURCE: &str = include_str!("../locales/en.ftl");

/// What stands for an argument that is not known, so that a text can choose its wording.
const ABSENT: &str = "absent";

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Language {
    /// The users' language; what is chosen when nothing is said.
    #[default]
    French,
    /// The second language.
    English,
}

impl Language {
    /// Every language of the catalogue.
    pub const ALL: [Self; 2] = [Self::French, Self::English];

    /// Reads a tag such as `en`, `en-GB` or `en_GB.UTF-8`; everything else is French.
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_', '.', '@']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("en") { Self::English } else { Self::French }
    }

    /// The language's tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }
}

/// An argument of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument<'a> {
    /// Shown as it is: a name, an hour already formatted.
    Text(&'a str),
    /// Shown with the language's separators, and able to choose a plural. Exact below 2^53.
    Number(u64),
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Argument<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Argument<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Argument<'_> {
    fn from(number: u32) -> Self {
        Self::Number(u64::from(number))
    }
}

impl From<usize> for Argument<'_> {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

/// The text `id` in `language`, with its arguments; `id.attribute` reads an attribute.
///
/// An id that the catalogue does not hold is returned as it is.
///
/// ```
/// use estafette_protocol::texts::{Language, text};
///
/// assert_eq!(text(Language::French, "state-waiting", &[]), "en attente de départ");
/// ```
pub fn text(language: Language, id: &str, arguments: &[(&str, Argument<'_>)]) -> String {
    lookup(language, id, arguments).unwrap_or_else(|| id.to_owned())
}

/// Whether the catalogue holds `id` (or `id.attribute`).
pub fn has_text(language: Language, id: &str) -> bool {
    lookup(language, id, &[]).is_some()
}

/// What happened, in one sentence.
pub fn fault_sentence(language: Language, fault: &Fault) -> String {
    fault_sentence_until(language, fault, ABSENT)
}

/// What happened, with the hour of the reopening, already formatted, for `off_hours`.
pub fn fault_sentence_until(language: Language, fault: &Fault, reopens: &str) -> String {
    fault_text(language, fault, "", reopens)
}

/// What the person can do about it.
pub fn fault_advice(language: Language, fault: &Fault) -> String {
    fault_text(language, fault, ".advice", ABSENT)
}

/// The catalogue's id of a fault's sentence; its advice is the attribute `.advice`.
pub fn fault_id(code: FaultCode) -> String {
    format!("fault-{}", code.as_str().replace('_', "-"))
}

fn fault_text(language: Language, fault: &Fault, suffix: &str, reopens: &str) -> String {
    let reasons = reason_list(language, fault.reasons.as_deref().unwrap_or_default());
    let number = fault.number.map_or(Argument::Text(ABSENT), Argument::Number);
    let reasons = if reasons.is_empty() { ABSENT } else { &reasons };
    // Stable words choose among sentences; none of them is shown.
    let reason = fault.reasons.as_deref().and_then(<[String]>::first).map_or(ABSENT, String::as_str);
    text(
        language,
        &format!("{}{suffix}", fault_id(fault.code)),
        &[
            ("number", number),
            ("reason", reason.into()),
            ("reasons", reasons.into()),
            ("reopens", reopens.into()),
        ],
    )
}

/// The failed checks in words; a check that has no words yet is shown by its stable name.
fn reason_list(language: Language, reasons: &[String]) -> String {
    let words = |reason: &String| {
        let id = format!("reason-{}", reason.replace('_', "-"));
        lookup(language, &id, &[]).unwrap_or_else(|| reason.clone())
    };
    reasons.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn lookup(language: Language, id: &str, arguments: &[(&str, Argument<'_>)]) -> Option<String> {
    let bundle = match language {
        Language::French => &*FRENCH,
        Language::English => &*ENGLISH,
    };
    let pattern = match id.split_once('.') {
        None => bundle.get_message(id)?.value()?,
        Some((id, attribute)) => bundle.get_message(id)?.get_attribute(attribute)?.value(),
    };
    let arguments: FluentArgs<'_> = arguments.iter().map(|(name, value)| (*name, fluent(value))).collect();
    // An argument that the caller forgot stays visible as `{$name}`: ugly, and not a crash.
    Some(bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
}

fn fluent<'a>(argument: &Argument<'a>) -> FluentValue<'a> {
    match *argument {
        Argument::Text(text) => FluentValue::from(text),
        Argument::Number(number) => FluentValue::from(number),
    }
}

type Bundle = FluentBundle<FluentResource>;

static FRENCH: LazyLock<Bundle> = LazyLock::new(|| {
    let mut bundle = bundle(Language::French, FRENCH_SOURCE);
    bundle.set_formatter(Some(|value, _| grouped(value, '\u{202F}')));
    bundle
});
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| {
    let mut bundle = bundle(Language::English, ENGLISH_SOURCE);
    bundle.set_formatter(Some(|value, _| grouped(value, ',')));
    bundle
});

fn bundle(language: Language, source: &str) -> Bundle {
    let mut bundle = Bundle::new_concurrent(language.tag().parse().into_iter().collect());
    // Isolating marks are invisible characters around each argument: terminals show them as
    // noise, and nobody could copy a name or search for it.
    bundle.set_use_isolating(false);
    // The errors name faults of the embedded file, which the catalogue's test refuses;
    // what was understood is still of use.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
    bundle.add_resource_overriding(resource);
    bundle
}

/// A whole number with its digits in groups of three, from five digits on.
fn grouped(value: &FluentValue<'_>, separator: char) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let digits = format!("{:.0}", number.value);
    if digits.len() < 5 {
        return Some(digits);
    }
    let mut grouped = String::with_capacity(digits.len() + 8);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    Some(grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_id_is_returned_and_nothing_panics() {
        for language in Language::ALL {
            assert_eq!(text(language, "no-such-text", &[]), "no-such-text");
            assert_eq!(text(language, "fault-malformed.no-such", &[]), "fault-malformed.no-such");
            assert_eq!(text(language, "", &[]), "");
            assert_eq!(text(language, ".advice", &[]), ".advice");
        }
    }

    #[test]
    fn numbers_are_grouped_as_each_language_writes_them() {
        let fault = Fault::new(FaultCode::MessageTooLong).with_number(10_000);
        assert!(fault_sentence(Language::French, &fault).contains("10\u{202F}000"));
        assert!(fault_sentence(Language::English, &fault).contains("10,000"));
        let number = |value: u64, separator| grouped(&FluentValue::from(value), separator);
        assert_eq!(number(0, ','), Some("0".to_owned()));
        assert_eq!(number(9_999, ','), Some("9999".to_owned()));
        assert_eq!(number(123_456_789, ','), Some("123,456,789".to_owned()));
    }

    #[test]
    fn a_text_holds_its_arguments_without_invisible_marks() {
        let shown = text(Language::French, "state-will-be-delivered", &[("when", "demain 08:00".into())]);
        assert_eq!(shown, "sera remis demain 08:00");
    }

    #[test]
    fn a_refusal_off_duty_says_when_it_ends_if_that_is_known() {
        let fault = Fault::new(FaultCode::OffHours);
        let dated = fault_sentence_until(Language::French, &fault, "demain 08:00");
        assert!(dated.contains("demain 08:00"), "{dated}");
        let undated = fault_sentence(Language::French, &fault);
        assert!(!undated.contains("absent"), "{undated}");
    }

    #[test]
    fn failed_checks_are_named_in_words_and_unknown_ones_by_their_own_name() {
        let reasons = vec!["untrusted_root".to_owned(), "not_written_yet".to_owned()];
        let fault = Fault::new(FaultCode::AttestationRejected).with_reasons(reasons);
        let shown = fault_sentence(Language::English, &fault);
        assert!(shown.contains(&text(Language::English, "reason-untrusted-root", &[])), "{shown}");
        assert!(shown.contains("not_written_yet"), "{shown}");
    }

    #[test]
    fn a_locale_of_the_system_chooses_the_language_and_french_is_the_default() {
        for tag in ["en", "en-GB", "en_GB.UTF-8", "EN"] {
            assert_eq!(Language::from_tag(tag), Language::English, "{tag}");
        }
        for tag in ["fr", "fr_FR.UTF-8", "", "C", "de", "eng", "énergie"] {
            assert_eq!(Language::from_tag(tag), Language::French, "{tag}");
        }
    }
}
