//! What a person sent while the pages were covered: asked about once the passphrase was given. Nothing of it left.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_protocol::texts::text;
use maud::{Markup, html};

use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Kept;

/// The field of most forms that holds what was written, and can be changed before it is sent.
const WRITTEN: &str = "text";

/// Shows it, to be sent after all or not.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let Some(kept) = web.visitors.kept(&visitor.cookie) else { return Ok(Redirect::to("/").into_response()) };
    show(&web, &visitor, Section::Conversations, move |_reader, frame| {
        let language = frame.language;
        let title = text(language, "web-kept-title", &[]);
        let main = html! {
            h1 { (title) }
            p { (text(language, "web-kept-why", &[])) }
            form.stacked action=(kept.action) method="post" {
                (held(&kept, &text(language, "web-kept-text", &[])))
                div.actions {
                    button.main { (text(language, "web-kept-send", &[])) }
                    button.quiet formaction="/kept" formnovalidate { (text(language, "web-kept-drop", &[])) }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// What it held: the text to be read, all else as it was.
fn held(kept: &Kept, label: &str) -> Markup {
    html! {
        @for (name, value) in &kept.fields.0 {
            @if name == WRITTEN {
                label for="text" { (label) }
                textarea id="text" name="text" rows="6" dir="auto" { "\n" (value) }
            } @else {
                input type="hidden" name=(name) value=(value);
            }
        }
    }
}

/// It is not to be sent.
pub async fn decide(State(web): State<Arc<Web>>, visitor: Visitor, _fields: Fields) -> Redirect {
    web.visitors.forget_kept(&visitor.cookie);
    Redirect::to("/")
}
