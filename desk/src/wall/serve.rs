//! The wall's listener: loopback only, a link of one use, a cookie, and every form from the wall itself.
//!
//! One deed at a time. Whoever looks meanwhile is shown how things are and what is under way; whoever asks for
//! another deed is told to wait.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Query, Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use estafette_protocol::texts::{Language, fault_sentence, text};
use estafette_protocol::{FaultCode, Timestamp};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use super::control::{self, Control};
use super::page::{self, Window};
use super::seat::Seat;
use super::tour::Tour;
use super::town::{PATIENCE, Town};
use super::{WallError, Wanted, assets, view};
use crate::clock;
use crate::web::{self, Visitors, secret};

/// Frames are other ports of this computer, which the phones' windows got.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src http://127.0.0.1:*";
/// How long the end waits for a deed that is under way.
const ENDING: Duration = Duration::from_secs(10);
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
    town: StdMutex<Option<Arc<Town>>>,
    tour: StdMutex<Tour>,
    told: StdMutex<Vec<(Timestamp, bool, String)>>,
    /// Held by the deed that is under way.
    deed: Mutex<()>,
    /// The same in words.
    doing: StdMutex<Option<String>>,
}

fn lock<T>(shared: &StdMutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says what is under way for as long as it is, however it ends.
struct Doing<'a>(&'a Standing);

impl<'a> Doing<'a> {
    fn say(wall: &'a Standing, word: &str) -> Self {
        let step = lock(&wall.tour).done;
        *lock(&wall.doing) = Some(control::label(wall.language, word, step));
        Self(wall)
    }
}

impl Drop for Doing<'_> {
    fn drop(&mut self) {
        *lock(&self.0.doing) = None;
    }
}

/// Raises the wall, says where it is, and serves it until the process is `told` to end.
pub async fn serve(
    wanted: Wanted,
    language: Language,
    folder: &Path,
    told: impl Future<Output = ()>,
) -> Result<(), WallError> {
    let begun = Instant::now();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, wanted.port));
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => WallError::PortTaken(wanted.port),
        _ => error.into(),
    })?;
    let port = listener.local_addr()?.port();
    let (host, origin) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    eprintln!("{}", text(language, "wall-rising", &[]));
    let mut told = std::pin::pin!(told);
    let mut building = std::pin::pin!(Town::build(folder, origin.clone(), language));
    let town = tokio::select! {
        town = &mut building => town?,
        () = &mut told => {
            // Devices that have started are ended in order, which takes them whole. With its terminal gone nobody
            // reads this.
            let _ = writeln!(std::io::stderr(), "{}", text(language, "wall-ending", &[]));
            if let Ok(Ok(town)) = tokio::time::timeout(PATIENCE, building).await {
                town.strike().await;
            }
            return Ok(());
        }
    };
    let wall = Arc::new(Standing {
        host,
        cookie: format!("estafette-wall-{port}"),
        language,
        visitors: Visitors::default(),
        town: StdMutex::new(Some(Arc::new(town))),
        tour: StdMutex::default(),
        told: StdMutex::default(),
        deed: Mutex::default(),
        doing: StdMutex::default(),
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
        () = told => {}
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
        let mut told = lock(&self.told);
        told.insert(0, (clock::now(), failed, sentence));
        told.truncate(TOLD);
    }

    fn tell_failure(&self, cause: &str) {
        self.tell(true, text(self.language, "wall-not-done", &[("cause", cause.into())]));
    }

    fn town(&self) -> Option<Arc<Town>> {
        lock(&self.town).clone()
    }

    /// Does one deed, and keeps what is to be said of it.
    async fn do_it(&self, deed: &Deed) -> StatusCode {
        let Some(town) = self.town() else { return StatusCode::SERVICE_UNAVAILABLE };
        let control = Control::parse(&deed.word, &deed.phone);
        if control.is_none() && !matches!(deed.word.as_str(), "tour" | "pass") {
            return StatusCode::BAD_REQUEST;
        }
        let Ok(_alone) = self.deed.try_lock() else {
            self.tell_failure(&text(self.language, "wall-busy", &[]));
            return StatusCode::OK;
        };
        if deed.word == "pass" {
            lock(&self.tour).pass();
            return StatusCode::OK;
        }
        let _said = Doing::say(self, &deed.word);
        let mut tour = *lock(&self.tour);
        let done = match control {
            Some(control) => control.carry_out(&town).await,
            None => tour.go_on(&town).await,
        };
        *lock(&self.tour) = tour;
        match done {
            Ok(sentence) => self.tell(false, sentence),
            Err(error) => self.tell_failure(&error.sentence(self.language)),
        }
        StatusCode::OK
    }

    /// Ends every device and the relay, in order.
    async fn strike(&self) {
        // A deed that is under way ends first, so that no device is left which it has just made.
        let _alone = tokio::time::timeout(ENDING, self.deed.lock()).await;
        let town = lock(&self.town).take();
        if let Some(town) = town {
            town.strike().await;
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
    let Some(town) = wall.town() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    match whole(&wall, &town, framed).await {
        Ok(page) => Html(page.whole().into_string()).into_response(),
        Err(error) => failed(&wall, &error),
    }
}

/// What the wall shows of a device.
fn window(seat: &Seat, link: Option<String>) -> Window {
    Window { link, name: seat.name.clone(), device: seat.device, network: seat.network() }
}

async fn whole(wall: &Standing, town: &Town, framed: bool) -> Result<page::Wall, WallError> {
    // Before the rest: what a deed says when it is done is never older than what is shown of it.
    let told = lock(&wall.told).clone();
    let seats = town.phones();
    let mut phones = Vec::with_capacity(seats.len());
    for seat in &seats {
        let link = match framed {
            true => Some(seat.web.link_to(&seat.first_page(town.thread).await)?),
            false => None,
        };
        phones.push(window(seat, link));
    }
    let tour = *lock(&wall.tour);
    Ok(page::Wall {
        language: wall.language,
        phones,
        administrator: window(
            &town.administrator,
            framed.then(|| town.administrator.web.link()).transpose()?,
        ),
        view: view::take(town, &seats).await?,
        done: tour.done,
        stuck: tour.stuck,
        told,
        doing: lock(&wall.doing).clone(),
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
    let (runtime, at_work) = (tokio::runtime::Handle::current(), Arc::clone(&wall));
    let done = tokio::task::spawn_blocking(move || runtime.block_on(at_work.do_it(&deed)));
    match done.await {
        Ok(StatusCode::OK) => Redirect::to("/").into_response(),
        Ok(refused) => refused.into_response(),
        Err(_) => {
            wall.tell_failure(&fault_sentence(wall.language, &FaultCode::Internal.into()));
            Redirect::to("/").into_response()
        }
    }
}
