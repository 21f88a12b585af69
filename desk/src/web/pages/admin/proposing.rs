//! A rule that is proposed from a page: one way for hours, exceptions and appointments.
//!
//! Whoever has proposed comes to the rules in force, where the proposal waits for the second person.

use axum::response::Response;
use estafette_protocol::policy::Policy;
use estafette_protocol::texts::text;

use super::administer;
use crate::commands::policies::{self, Asked};
use crate::place::Place;
use crate::session::Failure;
use crate::web::guard::Visitor;
use crate::web::pages::back;
use crate::web::serve::Web;

/// Asks for a policy and shows it among the rules; the failure is the page's to show.
pub async fn propose(web: &Web, visitor: &Visitor, policy: Policy) -> Result<Response, Failure> {
    let language = visitor.language;
    let said = administer(web, visitor, move |work| {
        let Asked { waits, confirmable, .. } =
            policies::ask(work.desk, work.ring, work.session, vec![policy], Vec::new())?;
        let Some(number) = waits.map(|number| number.0) else {
            return Ok(text(language, "web-proposal-in-force", &[]));
        };
        let Some(at) = confirmable else {
            return Ok(text(language, "web-proposal-waits", &[("number", number.into())]));
        };
        let when = Place::of(&mut work.desk.reader(work.ring)?)?.dated(language, at);
        let words = [("number", number.into()), ("when", (&when).into())];
        Ok(text(language, "web-proposal-alone", &words))
    });
    Ok(back(web, visitor, "/me/rules", Ok(Some(said.await?))))
}
