//! Whether a new passphrase guards a folder: long enough, and no pattern that is tried first.
//!
//! What guards a copied folder is Argon2id and the passphrase's length together; no signs of a kind are asked
//! for, since they make phrases that people write on paper. Not here: passphrases of the command line, which
//! come from a file or from people who know what they do.

/// The shortest, in characters: four short words.
pub const SHORTEST: usize = 16;
/// The longest, in characters.
pub const LONGEST: usize = 200;
/// Fewer different characters than this are a pattern.
const DIFFERENT: usize = 7;
/// Letters and digits as keyboards and alphabets order them.
const ROWS: [&str; 7] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "azertyuiop",
    "qsdfghjklm",
    "qwertyuiop",
    "asdfghjkl",
    "wxcvbn",
];

/// Why a passphrase is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Under [`SHORTEST`] characters.
    Short,
    /// Over [`LONGEST`] characters, or of several lines.
    Long,
    /// Repeats itself, or follows a row of the keyboard.
    Simple,
    /// Another one the second time.
    Unequal,
}

/// Judges a passphrase that was typed twice.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn judge(passphrase: &str, again: &str) -> Result<(), Weakness> {
    let length = passphrase.chars().count();
    if length < SHORTEST {
        return Err(Weakness::Short);
    }
    if length > LONGEST || passphrase.chars().any(char::is_control) {
        return Err(Weakness::Long);
    }
    let letters: Vec<char> = passphrase.to_lowercase().chars().collect();
    if is_repeated(&letters) || few_differ(&letters) || follows_rows(&letters) {
        return Err(Weakness::Simple);
    }
    if passphrase != again {
        return Err(Weakness::Unequal);
    }
    Ok(())
}

/// One piece again and again.
fn is_repeated(letters: &[char]) -> bool {
    (1..=letters.len() / 2)
        .any(|piece| letters.iter().zip(&letters[piece..]).all(|(one, other)| one == other))
}

fn few_differ(letters: &[char]) -> bool {
    letters.iter().collect::<std::collections::BTreeSet<_>>().len() < DIFFERENT
}

/// More than half of the steps go along a row.
fn follows_rows(letters: &[char]) -> bool {
    let neighbours = |one: char, other: char| {
        ROWS.iter().any(|row| {
            let place = |sign| row.find(sign);
            matches!((place(one), place(other)), (Some(one), Some(other)) if one.abs_diff(other) == 1)
        })
    };
    let steps = letters.windows(2).filter(|pair| neighbours(pair[0], pair[1])).count();
    steps * 2 > letters.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_of_a_few_words_is_taken() {
        for phrase in
            ["une phrase de passe", "quatre mots au hasard", "Le chat dort, 8 h 30.", "مغلق حتى الغد يوم"]
        {
            assert_eq!(judge(phrase, phrase), Ok(()), "{phrase}");
        }
    }

    #[test]
    fn what_is_short_long_simple_or_unequal_is_told_as_such() {
        let long = "le chat dort ".repeat(20);
        let cases = [
            ("", Weakness::Short),
            ("quinze signes !", Weakness::Short),
            (&*long, Weakness::Long),
            ("deux lignes\nou davantage", Weakness::Long),
            ("aaaaaaaaaaaaaaaaaaaa", Weakness::Simple),
            ("le chat le chat le chat ", Weakness::Simple),
            ("azertyuiopqsdfghjklm", Weakness::Simple),
            ("01234567890123456789", Weakness::Simple),
            ("abababab baba abab", Weakness::Simple),
        ];
        for (phrase, weakness) in cases {
            assert_eq!(judge(phrase, phrase), Err(weakness), "{phrase}");
        }
        assert_eq!(judge("une phrase de passe", "une phrase de passé"), Err(Weakness::Unequal));
    }
}
