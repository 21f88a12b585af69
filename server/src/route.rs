//! Every page of the relay, on one page: who may call it, and what it does.
//!
//! Always true: what is not in [`ROUTES`] does not exist. Authentication is not a matter of
//! taste of a handler: each [`Caller`] has its refusals, and `tests/http/refusals.rs` walks this
//! table over real sockets and fails for any route that lacks one of them.

use axum::Router;
use axum::routing::{MethodRouter, get, post};
use estafette_protocol::FaultCode;

use crate::problem::{self, Refusal};
use crate::serve::App;
use crate::serve::pages;

/// Who may call a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// Anybody: it tells nothing about anybody.
    Anybody,
    /// Whoever knows a ticket's secret.
    Ticket,
    /// A device in force, by a signature over the request.
    SignedRequest,
    /// A device in force, by the token of this very connection.
    Token,
}

/// The method of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Without body.
    Get,
    /// With a body of `application/cbor`.
    Post,
}

/// A page.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// How it is called.
    pub method: Method,
    /// Where it is.
    pub path: &'static str,
    /// Who may.
    pub caller: Caller,
    page: Page,
}

#[derive(Debug, Clone, Copy)]
enum Page {
    Exchange,
    Socket,
    EnrolBegin,
    EnrolComplete,
    EnrolStatus,
    Found,
    Alive,
    Ready,
    OpenApi,
}

const fn route(method: Method, path: &'static str, caller: Caller, page: Page) -> Route {
    Route { method, path, caller, page }
}

/// All pages.
pub const ROUTES: &[Route] = &[
    // One round trip that carries everything, and the token for the socket.
    route(Method::Post, "/v1/exchange", Caller::SignedRequest, Page::Exchange),
    // The same frames, as they happen.
    route(Method::Get, "/v1/socket", Caller::Token, Page::Socket),
    // How a ticket becomes a device that waits for approval.
    route(Method::Post, "/v1/enrol/begin", Caller::Ticket, Page::EnrolBegin),
    route(Method::Post, "/v1/enrol/complete", Caller::Ticket, Page::EnrolComplete),
    route(Method::Post, "/v1/enrol/status", Caller::Ticket, Page::EnrolStatus),
    // How a claim ticket becomes an organisation.
    route(Method::Post, "/v1/found", Caller::Ticket, Page::Found),
    // For who watches over the relay.
    route(Method::Get, "/healthz", Caller::Anybody, Page::Alive),
    route(Method::Get, "/readyz", Caller::Anybody, Page::Ready),
    // For who writes a client.
    route(Method::Get, "/openapi.json", Caller::Anybody, Page::OpenApi),
];

/// The pages, ready to be served.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let page: MethodRouter<App> = match route.page {
            Page::Exchange => post(pages::exchange),
            Page::Socket => get(pages::socket),
            Page::EnrolBegin => post(pages::enrol_begin),
            Page::EnrolComplete => post(pages::enrol_complete),
            Page::EnrolStatus => post(pages::enrol_status),
            Page::Found => post(pages::found),
            Page::Alive => get(pages::alive),
            Page::Ready => get(pages::ready),
            Page::OpenApi => get(pages::openapi),
        };
        router = router.route(route.path, page);
    }
    router
        .fallback(async || Refusal::from(FaultCode::NoSuchRoute))
        .method_not_allowed_fallback(async || Refusal::from(FaultCode::MethodNotAllowed))
        .layer(axum::middleware::from_fn(problem::describe))
        .layer(axum::middleware::from_fn_with_state(app.clone(), pages::count))
        .layer(axum::middleware::map_response_with_state(app.clone(), pages::mark))
        .with_state(app)
}
