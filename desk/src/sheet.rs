//! The recovery sheet: the organisation's key as 24 French words and as a QR code.
//!
//! It is printed once and kept in a safe. Three of its words are typed back before anything is
//! founded, so that a sheet nobody wrote down is noticed while it can still be made again.

use bip39::{Language, Mnemonic};
use fast_qr::qr::QRBuilder;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The words of the organisation's key.
pub struct Sheet(Mnemonic);

/// Words that are no recovery sheet: one is unknown, or they do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the words of a recovery sheet")]
pub struct BadSheet;

/// Words that are asked for.
pub const ASKED: usize = 3;

impl Sheet {
    /// The sheet of a key.
    pub fn of_seed(seed: &[u8; 32]) -> Result<Self, BadSheet> {
        Mnemonic::from_entropy_in(Language::French, seed).map(Self).map_err(|_| BadSheet)
    }

    /// Reads 24 words. Case, spaces and line breaks do not matter; a wrong word does.
    pub fn parse(words: &str) -> Result<Self, BadSheet> {
        let words = words.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ");
        Mnemonic::parse_in(Language::French, words).map(Self).map_err(|_| BadSheet)
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
        let mut words = sheet.words();
        words.pop();
        assert!(Sheet::parse(&words.join(" ")).is_err());
        let mut words = sheet.words();
        words[0] = "abaisser";
        words[1] = "abandon";
        assert!(Sheet::parse(&words.join(" ")).is_err());
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
