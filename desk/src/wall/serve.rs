//! The wall's listener: loopback only, a link of one use, a cookie, and every form from the wall itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Instant;

use axum::extract::{Query, Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use estafette_protocol::Timestamp;
use estafette_protocol::texts::{Language, text};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use super::control::Control;
use super::page::{self, Window};
use super::seat::Seat;
use super::tour::Tour;
use super::town::Town;
use super::{WallError, Wanted, assets, view};
use crate::clock;
use crate::web::{self, Visitors, secret};

/// Frames are other ports of this computer, which the phones' windows got.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src http://127.0.0.1:*";
/// Deeds that are remembered.
const TOLD: usize = 8;

/// The wall while it stands.
struct Standing {
    host: String,
    origin: String,
    cookie: String,
    language: Language,
    visitors: Visitors,
    /// `None` once the wall is struck.
    stage: Mutex<Option<Stage>>,
    told: StdMutex<Vec<(Timestamp, bool, String)>>,
}

/// What one deed at a time changes.
struct Stage {
    town: Town,
    tour: Tour,
}

/// Raises the wall, says where it is, and serves it until the process is told to end.
pub async fn serve(wanted: Wanted, language: Language, folder: &Path) -> Result<(), WallError> {
    let begun = Instant::now();
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, wanted.port))).await?;
    let port = listener.local_addr()?.port();
    let (host, origin) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    eprintln!("{}", text(language, "wall-rising", &[]));
    let raised = tokio::select! {
        town = Town::build(folder, origin.clone(), language) => town?,
        () = web::told_to_end() => return Ok(()),
    };
    let stage = Mutex::new(Some(Stage { town: raised, tour: Tour::default() }));
    let wall = Arc::new(Standing {
        host,
        cookie: format!("estafette-wall-{port}"),
        language,
        visitors: Visitors::default(),
        stage,
        told: StdMutex::default(),
        origin,
    });
    let link = wall.link()?;
    let seconds = begun.elapsed().as_secs();
    println!("{}", text(language, "wall-ready", &[("link", (&link).into()), ("seconds", seconds.into())]));
    if wanted.browser {
        web::show(language, &link);
    }
    tokio::select! {
        served = axum::serve(listener, routes(Arc::clone(&wall))) => served?,
        () = web::told_to_end() => {}
    }
    wall.strike().await;
    Ok(())
}

fn routes(wall: Arc<Standing>) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/open", get(open))
        .route("/do", post(carry_out))
        .route("/icon.svg", get(|| async { web::icon() }))
        .route("/wall.css", get(|| async { assets::style() }))
        .route("/wall.js", get(|| async { assets::script() }))
        .layer(from_fn_with_state(Arc::clone(&wall), guard))
        .with_state(wall)
}

impl Standing {
    fn link(&self) -> Result<String, WallError> {
        let token = secret().map_err(std::io::Error::other)?;
        self.visitors.expect(token.clone(), "/", Instant::now());
        Ok(format!("{}/open?token={token}", self.origin))
    }

    fn tell(&self, failed: bool, sentence: String) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(0, (clock::now(), failed, sentence));
        told.truncate(TOLD);
    }

    /// Does one deed, and keeps what is to be said of it.
    async fn do_it(&self, deed: &Deed) -> StatusCode {
        let mut stage = self.stage.lock().await;
        let Some(Stage { town, tour }) = stage.as_mut() else { return StatusCode::SERVICE_UNAVAILABLE };
        let done = match deed.word.as_str() {
            "tour" => tour.go_on(town).await,
            "pass" => {
                tour.pass();
                return StatusCode::OK;
            }
            word => match Control::parse(word, &deed.phone) {
                Some(control) => control.carry_out(town).await,
                None => return StatusCode::BAD_REQUEST,
            },
        };
        match done {
            Ok(sentence) => self.tell(false, sentence),
            Err(error) => {
                let cause = error.sentence(self.language);
                self.tell(true, text(self.language, "wall-not-done", &[("cause", (&cause).into())]));
            }
        }
        StatusCode::OK
    }

    /// Ends every device and the relay, in order.
    async fn strike(&self) {
        if let Some(stage) = self.stage.lock().await.take() {
            stage.town.strike().await;
        }
    }
}

/// Lets in whoever brought a link: under our name, from our pages, with our cookie.
async fn guard(State(wall): State<Arc<Standing>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let named = web::only(headers, header::HOST) == Some(wall.host.as_str());
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let ours = reads || web::only(headers, header::ORIGIN) == Some(wall.origin.as_str());
    let known = request.uri().path() == "/open"
        || web::cookie(headers, &wall.cookie)
            .is_some_and(|cookie| wall.visitors.wishes(cookie, Instant::now()).is_some());
    let mut response = match named && ours && known {
        true => next.run(request).await,
        false => (StatusCode::FORBIDDEN, text(wall.language, "web-refused-link", &[])).into_response(),
    };
    web::fix(response.headers_mut());
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response.headers_mut().insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

#[derive(Debug, Deserialize)]
struct Link {
    #[serde(default)]
    token: String,
}

async fn open(State(wall): State<Arc<Standing>>, Query(link): Query<Link>) -> Response {
    let refused = || (StatusCode::FORBIDDEN, text(wall.language, "web-refused-link", &[])).into_response();
    let Ok(cookie) = secret() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let Some(leads_to) = wall.visitors.admit(&link.token, cookie.clone(), wall.language, Instant::now())
    else {
        return refused();
    };
    let kept = format!("{}={cookie}; Path=/; HttpOnly; SameSite=Strict", wall.cookie);
    ([(header::SET_COOKIE, kept)], Redirect::to(&leads_to)).into_response()
}

#[derive(Debug, Deserialize)]
struct Asked {
    /// Without frames: for the script, which leaves them alone.
    #[serde(default)]
    parts: String,
}

fn failed(wall: &Standing, error: &WallError) -> Response {
    let sentence = error.sentence(wall.language);
    (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
}

async fn show(State(wall): State<Arc<Standing>>, Query(asked): Query<Asked>) -> Response {
    let framed = asked.parts.is_empty();
    let stage = wall.stage.lock().await;
    let Some(stage) = stage.as_ref() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    match whole(&wall, stage, framed).await {
        Ok(page) => Html(page.whole().into_string()).into_response(),
        Err(error) => failed(&wall, &error),
    }
}

/// What the wall shows of a device.
fn window(seat: &Seat, link: Option<String>) -> Window {
    Window { link, name: seat.name.clone(), network: seat.network }
}

async fn whole(wall: &Standing, stage: &Stage, framed: bool) -> Result<page::Wall, WallError> {
    let town = &stage.town;
    let mut phones = Vec::with_capacity(town.phones.len());
    for seat in &town.phones {
        let link = match framed {
            true => Some(seat.web.link_to(&seat.first_page(town.thread).await)?),
            false => None,
        };
        phones.push(window(seat, link));
    }
    Ok(page::Wall {
        language: wall.language,
        phones,
        administrator: window(
            &town.administrator,
            framed.then(|| town.administrator.web.link()).transpose()?,
        ),
        view: view::take(town).await?,
        done: stage.tour.done,
        stuck: stage.tour.stuck,
        told: wall.told.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        passphrase: town.windows.passphrase.to_string(),
    })
}

#[derive(Debug, Deserialize)]
struct Deed {
    #[serde(rename = "do")]
    word: String,
    #[serde(default)]
    phone: String,
}

/// Does what a button says. A page without script comes back to the wall.
async fn carry_out(State(wall): State<Arc<Standing>>, Form(deed): Form<Deed>) -> Response {
    // One deed may wait for another, and for devices: on a thread that may.
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(wall.do_it(&deed)));
    match done.await.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR) {
        StatusCode::OK => Redirect::to("/").into_response(),
        refused => refused.into_response(),
    }
}
