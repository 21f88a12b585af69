//! What each page does: a request becomes an event of the organisation's relay, its answer a response.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use estafette_protocol::enrol::{BeginRequest, CompleteRequest, FoundRequest};
use estafette_protocol::exchange::ExchangeResponse;
use estafette_protocol::{FaultCode, codec, limits};

use super::admission::{Enrolling, Exchanging};
use super::body::{CBOR, Cbor, On, Raw};
use super::connection::Proved;
use super::organisations::Organisation;
use super::outgoing;
use super::socket::Socket;
use super::{App, STRANGERS_WAIT};
use crate::config::Mode;
use crate::openapi;
use crate::problem::Refusal;
use crate::relay::{Answer, EnrolRequest, Granted, organisation_of};
use crate::route::ROUTES;

/// Where a token stands in a header, before the token.
const BEARER: &str = "Bearer ";
/// Read from the network at once; an idle socket keeps this much.
const READ_BUFFER: usize = 4 * 1024;

/// Carries a device's requests to its organisation; proves its key on this connection.
pub(crate) async fn exchange(
    State(app): State<App>,
    On(connection): On,
    exchanging: Exchanging,
    Raw(bytes): Raw,
) -> Result<Response, Refusal> {
    // Refused like a stranger to an organisation that is here: nobody learns which ones are.
    let organisation = app.organisations.named(organisation_of(&bytes)?).map_err(|_| FaultCode::BadProof)?;
    let answer = organisation.exchange(bytes.into()).await?;
    let Answer::Exchange { relay_time, log, messages, granted } = answer else {
        return Err(FaultCode::Internal.into());
    };
    let messages = messages.into_messages();
    let mut response = ExchangeResponse { relay_time, messages, token: None, lease: None, log: Some(log) };
    if let Some(granted) = granted {
        let Granted { grant, lease } = *granted;
        let proved = Proved { organisation: grant.organisation, device: grant.device, key: grant.key };
        let token = app.token_key.issue(&grant, connection.id).map_err(|_| {
            tracing::error!("a token could not be signed");
            FaultCode::Internal
        })?;
        connection.prove(proved);
        exchanging.proved(&app);
        response.token = Some(token);
        response.lease = Some(codec::to_bytes(&lease).into());
    }
    Ok(cbor(&app, &response))
}

/// Opens a socket for the device that proved itself on this connection.
pub(crate) async fn socket(
    State(app): State<App>,
    On(connection): On,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    // A browser says where its page comes from; no page has any business here.
    if headers.contains_key(header::ORIGIN) {
        return Err(FaultCode::Forbidden.into());
    }
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix(BEARER))
        .ok_or(FaultCode::Unauthenticated)?;
    let proved = connection.proved().ok_or(FaultCode::BadProof)?;
    let organisation = app.organisations.named(proved.organisation)?;
    let checked = app.token_key.check(token, proved.key, connection.id, app.clock.now());
    let grant = checked
        .and_then(|grant| match (grant.organisation, grant.device) == (proved.organisation, proved.device) {
            true => Ok(grant),
            false => Err(FaultCode::BadProof),
        })
        .inspect_err(|code| organisation.refused(proved.device, (*code).into()))?;
    app.admission.socket(app.clock.now(), (grant.organisation, grant.device))?;
    let upgrade = upgrade.map_err(|_| FaultCode::Malformed)?;
    let socket = Socket {
        session: app.next_session(),
        organisation,
        connection,
        limits: app.limits,
        end: app.end.clone(),
    };
    Ok(upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(limits::FRAME)
        .max_frame_size(limits::FRAME)
        .on_upgrade(async move |open| {
            let (outgoing, incoming) = outgoing::queue(socket.limits.backlog);
            if socket.organisation.opened(socket.session, &grant, outgoing) {
                socket.run(open, incoming).await;
            }
        }))
}

/// Starts an enrolment.
pub(crate) async fn enrol_begin(
    State(app): State<App>,
    _: Enrolling,
    Cbor(request): Cbor<BeginRequest>,
) -> Result<Response, Refusal> {
    let organisation = app.organisations.of_ticket(request.organisation)?;
    answer(&app, &organisation, EnrolRequest::Begin(request)).await
}

/// Completes an enrolment.
pub(crate) async fn enrol_complete(
    State(app): State<App>,
    _: Enrolling,
    Cbor(request): Cbor<CompleteRequest>,
) -> Result<Response, Refusal> {
    let organisation = app.organisations.of_ticket(request.organisation)?;
    answer(&app, &organisation, EnrolRequest::Complete(Box::new(request))).await
}

/// Says where an enrolment stands.
pub(crate) async fn enrol_status(
    State(app): State<App>,
    _: Enrolling,
    Cbor(request): Cbor<BeginRequest>,
) -> Result<Response, Refusal> {
    let organisation = app.organisations.of_ticket(request.organisation)?;
    answer(&app, &organisation, EnrolRequest::Status(request)).await
}

/// Founds an organisation.
pub(crate) async fn found(
    State(app): State<App>,
    _: Enrolling,
    Cbor(request): Cbor<FoundRequest>,
) -> Result<Response, Refusal> {
    let statement = request.statements.first().ok_or(FaultCode::Malformed)?.statement()?;
    let organisation = app.organisations.of_claim(statement.organisation, &request.claim)?;
    // In a task of its own: a founder who loses patience leaves an organisation that has its name.
    let founding = tokio::spawn(async move {
        let response = answer(&app, &organisation, EnrolRequest::Found(Box::new(request))).await?;
        app.organisations.founded(statement.organisation, &organisation);
        Ok(response)
    });
    founding.await.map_err(|_| FaultCode::Internal)?
}

/// The process runs; nothing more is said.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// The relay can do its work.
pub(crate) async fn ready(State(app): State<App>) -> Result<&'static str, Refusal> {
    app.readiness.check().await?;
    if app.organisations.all_run() { Ok("ready\n") } else { Err(FaultCode::Internal.into()) }
}

/// Says in every answer that a relay in development mode is none for use.
pub(crate) async fn mark(State(app): State<App>, mut response: Response) -> Response {
    if app.mode == Mode::Development {
        let name = HeaderName::from_static("estafette-mode");
        response.headers_mut().insert(name, HeaderValue::from_static(Mode::Development.as_str()));
    }
    response
}

/// Counts every answer by its page and its fault.
pub(crate) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let asked = request.uri().path();
    let page = ROUTES.iter().map(|route| route.path).find(|path| *path == asked).unwrap_or("other");
    let response = next.run(request).await;
    app.metrics.page(page, response.extensions().get().copied());
    response
}

/// What the relay answers to whom, for programs.
pub(crate) async fn openapi() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, openapi::document()).into_response()
}

async fn answer(app: &App, organisation: &Organisation, request: EnrolRequest) -> Result<Response, Refusal> {
    // Anybody can ask, and evidence is costly to judge: few at a time, so that devices keep their pace.
    let place = tokio::time::timeout(STRANGERS_WAIT, app.strangers.acquire()).await;
    let _place = place.map_err(|_| FaultCode::TooManyRequests)?;
    match organisation.enrol(request).await? {
        Answer::Begun(response) => Ok(cbor(app, &response)),
        Answer::State(state) => Ok(cbor(app, &state)),
        Answer::Exchange { .. } => Err(FaultCode::Internal.into()),
    }
}

fn cbor<T: minicbor::Encode<()>>(app: &App, value: &T) -> Response {
    let body = codec::to_bytes(value);
    app.metrics.sent(body.len());
    let headers = [(header::CONTENT_TYPE, CBOR), (header::CACHE_CONTROL, "no-store")];
    (headers, body).into_response()
}
