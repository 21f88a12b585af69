//! The recovery sheet: the organisation's key as 24 French words and as a QR code.
//!
//! It is printed once and kept in a safe. Three of its words are typed back before anything is
//! founded, so that a sheet nobody wrote down is noticed while it can still be made again.

use std::collections::BTreeMap;

use bip39::{Language, Mnemonic};
use estafette_protocol::texts::{self, text};
use fast_qr::qr::QRBuilder;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The words of the organisation's key.
pub struct Sheet(Mnemonic);

/// Words that are no recovery sheet: one is unknown, or they do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the words of a recovery sheet")]
pub struct BadSheet;

/// Why words are not those of a recovery sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There are more or fewer than 24; so many.
    #[error("{0} words")]
    Count(usize),
    /// These are none of the list's, counted from 1.
    #[error("no words of the list: {0:?}")]
    Words(Vec<usize>),
    /// Each is a word of the list, and they do not belong together.
    #[error("words that do not belong together")]
    Together,
}

impl Unreadable {
    /// What a person is told.
    pub fn sentence(&self, language: texts::Language) -> String {
        match self {
            Self::Count(count) => {
                text(language, "desk-sheet-count", &[("count", (*count).into()), ("wanted", WORDS.into())])
            }
            Self::Words(places) => {
                let places = places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                text(language, "desk-sheet-unknown", &[("places", (&places).into())])
            }
            Self::Together => text(language, "desk-sheet-together", &[]),
        }
    }
}

/// Words of a sheet.
const WORDS: usize = 24;
/// No sheet is longer, whatever stands between its words, in bytes.
const LONGEST: usize = 2048;

/// Words that are asked for.
pub const ASKED: usize = 3;

impl Sheet {
    /// The sheet of a key.
    pub fn of_seed(seed: &[u8; 32]) -> Result<Self, BadSheet> {
        Mnemonic::from_entropy_in(Language::French, seed).map(Self).map_err(|_| BadSheet)
    }

    /// Reads 24 words. Case, accents, spaces, line breaks and the numbers before the words do not matter; a wrong
    /// word does.
    pub fn parse(typed: &str) -> Result<Self, Unreadable> {
        if typed.len() > LONGEST {
            return Err(Unreadable::Count(typed.split_whitespace().count()));
        }
        let number = |part: &&str| part.trim_end_matches(['.', ')', ':']).parse::<u8>().is_err();
        let typed: Vec<&str> = typed.split([' ', ',', ';', '\n', '\r', '\t', '\u{A0}', '\u{202F}']).collect();
        let typed: Vec<&str> = typed.into_iter().filter(|part| !part.is_empty()).filter(number).collect();
        if typed.len() != WORDS {
            return Err(Unreadable::Count(typed.len()));
        }
        let list: BTreeMap<String, &str> =
            Language::French.word_list().iter().map(|word| (plain(word), *word)).collect();
        let known = |typed: &&str| list.get(&plain(typed)).copied();
        let words: Vec<Option<&str>> = typed.iter().map(known).collect();
        let unknown: Vec<usize> =
            (1..).zip(&words).filter(|(_, word)| word.is_none()).map(|(at, _)| at).collect();
        if !unknown.is_empty() {
            return Err(Unreadable::Words(unknown));
        }
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Mnemonic::parse_in(Language::French, words).map(Self).map_err(|_| Unreadable::Together)
    }

    /// The key's seed.
    pub fn seed(&self) -> Result<[u8; 32], BadSheet> {
        self.0.to_entropy().try_into().map_err(|_| BadSheet)
    }

    /// The words in order.
    pub fn words(&self) -> Vec<&'static str> {
        self.0.words().collect()
    }

    /// The sheet as people print it: numbered words in four columns.
    pub fn columns(&self) -> String {
        let words = self.words();
        let rows = words.len().div_ceil(4);
        (0..rows)
            .map(|row| {
                let cells = (0..4).filter_map(|column| {
                    let at = row + column * rows;
                    words.get(at).map(|word| format!("{:>2}. {word:<12}", at + 1))
                });
                cells.collect::<String>().trim_end().to_owned() + "\n"
            })
            .collect()
    }

    /// The words as a QR code of block characters.
    pub fn qr(&self) -> Result<String, BadSheet> {
        QRBuilder::new(self.words().join(" ")).build().map(|code| code.to_str()).map_err(|_| BadSheet)
    }

    /// Of the places asked for, counted from 1, those whose word is another one. Accents may be typed or left out:
    /// no two words of the French list differ by them alone (BIP-39).
    pub fn wrong(&self, asked: &[usize], typed: &[String]) -> Vec<usize> {
        let words = self.words();
        let is_word = |place: usize, typed: Option<&String>| {
            let word = place.checked_sub(1).and_then(|at| words.get(at));
            matches!((word, typed), (Some(word), Some(typed)) if plain(word) == plain(typed.trim()))
        };
        let mut typed = typed.iter();
        asked.iter().copied().filter(|place| !is_word(*place, typed.next())).collect()
    }

    /// Different places to ask for, drawn from random bytes.
    pub fn places(&self, random: &[u8; 8]) -> [usize; ASKED] {
        let words = self.words().len();
        let third = words / ASKED;
        std::array::from_fn(|part| part * third + usize::from(random[part]) % third + 1)
    }
}

/// Letters without their accents and in lower case: keyboards write é as one sign, the list as two.
fn plain(word: &str) -> String {
    word.nfd().filter(|sign| !is_combining_mark(*sign)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_give_the_key_back_however_they_are_typed() {
        let sheet = Sheet::of_seed(&[42; 32]).unwrap();
        let typed = sheet.words().join("\n  ").to_uppercase();
        assert_eq!(Sheet::parse(&typed).unwrap().seed(), Ok([42; 32]));
        assert_eq!(sheet.words().len(), 24);
    }

    #[test]
    fn a_word_too_few_or_swapped_is_no_sheet() {
        let sheet = Sheet::of_seed(&[1; 32]).unwrap();
        let refused = |words: &[&str]| Sheet::parse(&words.join(" ")).err();
        let mut words = sheet.words();
        words.pop();
        assert_eq!(refused(&words), Some(Unreadable::Count(23)));
        let mut words = sheet.words();
        words[0] = "abaisser";
        words[1] = "abandon";
        assert_eq!(refused(&words), Some(Unreadable::Together));
        words[1] = "abandonn";
        words[23] = "<b>";
        assert_eq!(refused(&words), Some(Unreadable::Words(vec![2, 24])));
        assert_eq!(refused(&[]), Some(Unreadable::Count(0)));
        assert_eq!(refused(&vec!["x"; 2000]), Some(Unreadable::Count(2000)));
    }

    #[test]
    fn a_sheet_is_read_with_the_numbers_before_its_words_and_whatever_becomes_of_its_accents() {
        for seed in (0..=u8::MAX).step_by(17) {
            let sheet = Sheet::of_seed(&[seed; 32]).unwrap();
            let typed = [sheet.columns().nfc().collect(), plain(&sheet.columns()), sheet.words().join(" ; ")];
            // In columns the words stand in another order.
            assert!(typed[..2].iter().all(|typed| !matches!(
                Sheet::parse(typed),
                Err(Unreadable::Words(_) | Unreadable::Count(_))
            )));
            let numbered: String =
                (1..).zip(sheet.words()).map(|(at, word)| format!("{at}. {}\n", plain(word))).collect();
            for typed in [&numbered, &typed[2]] {
                assert_eq!(Sheet::parse(typed).unwrap().seed(), Ok([seed; 32]));
            }
        }
    }

    #[test]
    fn three_words_are_asked_for_and_only_they_confirm() {
        let sheet = Sheet::of_seed(&[9; 32]).unwrap();
        let places = sheet.places(&[255, 0, 13, 0, 0, 0, 0, 0]);
        let words = sheet.words();
        let typed: Vec<String> = places.iter().map(|place| format!(" {} ", words[place - 1])).collect();
        assert!(sheet.wrong(&places, &typed).is_empty());
        assert_eq!(sheet.wrong(&places, &typed[..2]), [places[2]]);
        assert_eq!(sheet.wrong(&[1, 2, 3], &["a".into(), words[1].into(), "c".into()]), [1, 3]);
        assert_eq!(sheet.wrong(&[0, 25], &["a".into(), "b".into()]), [0, 25]);
    }

    #[test]
    fn a_word_with_accents_is_confirmed_as_keyboards_write_it_as_the_list_does_and_without() {
        let with_accent = |word: &str| word.nfc().any(|sign| sign == 'é');
        let (sheet, place) = (0..=u8::MAX)
            .find_map(|seed| {
                let sheet = Sheet::of_seed(&[seed; 32]).unwrap();
                let place = sheet.words().iter().position(|word| with_accent(word))? + 1;
                Some((sheet, place))
            })
            .unwrap();
        let word = sheet.words()[place - 1];
        for typed in [word.nfc().collect(), word.nfd().collect(), plain(word), word.to_uppercase()] {
            assert!(sheet.wrong(&[place], &[typed]).is_empty());
        }
    }
}
