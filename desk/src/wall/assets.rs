//! The wall's own style and script; phones bring theirs.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

/// The wall's style.
pub fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("assets/wall.css")).into_response()
}

/// The wall's script; everything works without it.
pub fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("assets/wall.js")).into_response()
}
