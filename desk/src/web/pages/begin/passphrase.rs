//! The fields of a new passphrase, typed twice. What was typed is never sent back.

use estafette_protocol::texts::{Language, text};
use maud::{Markup, html};
use zeroize::Zeroizing;

use super::fault;
use crate::passphrase::{LONGEST, SHORTEST, Weakness, judge};
use crate::web::fields::Fields;

/// The passphrase of a form, or what is wrong with it.
pub fn read(fields: &Fields) -> Result<Zeroizing<String>, Weakness> {
    let (typed, again) = (fields.one("passphrase"), fields.one("again"));
    judge(typed, again)?;
    Ok(Zeroizing::new(typed.to_owned()))
}

fn sentence(language: Language, weakness: Weakness) -> String {
    match weakness {
        Weakness::Short => text(language, "web-passphrase-short", &[("count", SHORTEST.into())]),
        Weakness::Long => text(language, "web-passphrase-long", &[("count", LONGEST.into())]),
        Weakness::Simple => text(language, "web-passphrase-simple", &[]),
        Weakness::Unequal => text(language, "web-passphrase-unequal", &[]),
    }
}

/// The two fields. What is asked of a passphrase is said before it is typed.
pub fn fields(language: Language, weakness: Option<Weakness>) -> Markup {
    let (first, second) = match weakness.map(|weakness| (weakness, sentence(language, weakness))) {
        None => (None, None),
        Some((Weakness::Unequal, why)) => (None, Some(why)),
        Some((_, why)) => (Some(why), None),
    };
    html! {
        label for="passphrase" { (text(language, "web-passphrase-new", &[])) }
        p.hint id="passphrase-what" { (text(language, "web-passphrase-what", &[("count", SHORTEST.into())])) }
        (fault("passphrase-fault", first.as_deref()))
        input id="passphrase" name="passphrase" type="password" autocomplete="new-password" required
            aria-describedby=(if first.is_some() { "passphrase-fault passphrase-what" } else { "passphrase-what" })
            aria-invalid=[first.is_some().then_some("true")];
        label for="again" { (text(language, "web-passphrase-again", &[])) }
        (fault("again-fault", second.as_deref()))
        input id="again" name="again" type="password" autocomplete="new-password" required
            aria-describedby=[second.is_some().then_some("again-fault")]
            aria-invalid=[second.is_some().then_some("true")];
        p.hint { (text(language, "web-passphrase-lost", &[])) }
    }
}
