//! The listener, the routes, and the end.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use estafette_protocol::texts::{Language, text};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::assets::Theme;
use super::beginning::Beginning;
use super::office::{Attempt, Home, Office};
use super::running::Running;
use super::visitors::{Secret, Visitors, secret};
use super::{DeskArguments, events, guard, pages};
use crate::session::{Desk, Failure};
use crate::{clock, output};

/// A form is a message of 10,000 characters at most, three bytes for each of four.
const FORM: usize = 256 * 1024;
/// How long open connections may take to end.
const ENDING: Duration = Duration::from_secs(2);

/// One desk that serves.
pub struct Web {
    /// `127.0.0.1:PORT`, as `Host` has to name it.
    pub host: String,
    /// The same as an origin.
    pub origin: String,
    /// Cookies know no ports: two desks on one computer need two names.
    pub cookie_name: String,
    /// Of pages for browsers that have not chosen another.
    pub language: Language,
    /// The device.
    pub office: Office,
    /// The browsers.
    pub visitors: Visitors,
    /// The organisation's look.
    pub theme: Theme,
    /// What was said on the way to a new device.
    pub beginning: Beginning,
    /// What a second process shows.
    pub secret: Secret,
    /// Carries the device's network.
    pub runtime: tokio::runtime::Handle,
    /// `true` once the end has come.
    pub ending: watch::Receiver<bool>,
    /// The one page that may show these inside itself, by its origin.
    pub framed_by: Option<String>,
}

/// How a desk is to be.
pub struct Manner {
    /// Whose device.
    pub home: Home,
    /// Of pages for browsers that have not chosen another.
    pub language: Language,
    /// The organisation's look.
    pub theme: Theme,
    /// 0 takes a free one.
    pub port: u16,
    /// As [`Web::framed_by`].
    pub framed_by: Option<String>,
}

/// A desk that listens, and answers nobody yet.
pub struct Listening {
    /// What it will serve.
    pub web: Arc<Web>,
    listener: TcpListener,
    end: watch::Sender<bool>,
}

impl Listening {
    /// Takes the port. `runtime` carries the device's network.
    pub async fn start(manner: Manner, runtime: tokio::runtime::Handle) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, manner.port))).await?;
        let port = listener.local_addr()?.port();
        let (end, ending) = watch::channel(false);
        let host = format!("127.0.0.1:{port}");
        let web = Arc::new(Web {
            origin: format!("http://{host}"),
            host,
            cookie_name: format!("estafette-{port}"),
            language: manner.language,
            office: Office::at(manner.home),
            visitors: Visitors::default(),
            beginning: Beginning::default(),
            theme: manner.theme,
            secret: secret().map_err(std::io::Error::other)?,
            runtime,
            ending,
            framed_by: manner.framed_by,
        });
        Ok(Self { web, listener, end })
    }

    /// Where it listens.
    pub fn port(&self) -> std::io::Result<u16> {
        Ok(self.listener.local_addr()?.port())
    }

    /// Serves until `told` comes, then closes the device in order.
    pub async fn serve(self, told: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let Self { web, listener, end } = self;
        let serving = axum::serve(listener, routes(Arc::clone(&web))).with_graceful_shutdown(async move {
            told.await;
            let _ = end.send(true);
        });
        let mut ending = web.ending.clone();
        let limit = async move {
            let _ = ending.wait_for(|over| *over).await;
            tokio::time::sleep(ENDING).await;
        };
        let served = tokio::select! {
            served = serving => served,
            () = limit => Ok(()),
        };
        let _ = tokio::task::spawn_blocking(move || web.office.close()).await;
        served
    }
}

impl Web {
    /// A link that opens these pages once.
    pub fn link(&self) -> Result<String, Failure> {
        self.link_to("/")
    }

    /// A link that opens these pages once, at one of them. The link does not tell at which.
    pub fn link_to(&self, page: &str) -> Result<String, Failure> {
        let token = secret().map_err(std::io::Error::other)?;
        self.visitors.expect(token.clone(), page, Instant::now());
        Ok(format!("{}/open?token={token}", self.origin))
    }
}

/// Everything that is served.
fn routes(web: Arc<Web>) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/open", get(pages::door::open).post(pages::door::another))
        .route("/unlock", get(pages::door::ask).post(pages::door::unlock))
        .route("/lock", post(pages::door::lock))
        .route("/kept", get(pages::kept::page).post(pages::kept::decide))
        .route("/here", post(pages::door::here))
        .route("/leave", post(pages::door::leave))
        .route("/language", post(pages::door::language))
        .route("/waiting", get(pages::waiting::page).post(pages::waiting::again))
        .route("/events", get(events::stream))
        .route("/assets/{name}", get(pages::asset))
        .route("/team", get(pages::team::page).post(pages::team::order))
        .merge(pages::begin::routes())
        .merge(pages::conversations::routes())
        .merge(pages::announcements::routes())
        .merge(pages::me::routes())
        .merge(pages::admin::routes())
        .layer(DefaultBodyLimit::max(FORM))
        .layer(from_fn_with_state(Arc::clone(&web), guard::guard))
        .with_state(web)
}

/// Serves until the process is told to end.
pub fn execute(desk: &Desk, arguments: &DeskArguments) -> Result<(), Failure> {
    if let Some(link) = Running::read(&desk.folder).and_then(|running| running.link()) {
        announce(desk, arguments, &link);
        return Ok(());
    }
    let theme = arguments.theme.as_deref().map(Theme::read).transpose()?.unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(serve(desk, arguments, theme, runtime.handle().clone()));
    runtime.shutdown_timeout(ENDING);
    ended
}

async fn serve(
    desk: &Desk,
    arguments: &DeskArguments,
    theme: Theme,
    runtime: tokio::runtime::Handle,
) -> Result<(), Failure> {
    let manner = Manner {
        home: match arguments.shared {
            true => Home::Shared(desk.folder.path().to_owned()),
            false => Home::One(desk.folder.clone()),
        },
        language: desk.language,
        theme,
        port: arguments.port,
        framed_by: None,
    };
    let listening = Listening::start(manner, runtime.clone()).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            // A name, no number of something: nothing is put between its digits.
            let port = arguments.port.to_string();
            Failure::Usage(text(desk.language, "web-port-taken", &[("port", (&port).into())]))
        }
        _ => Failure::Disk(error),
    })?;
    let web = Arc::clone(&listening.web);
    if desk.passphrase_file.is_some() {
        let passphrase = desk.passphrase(false)?;
        match web.office.unlock("", &passphrase, &runtime, Instant::now()) {
            Attempt::Failed(failure) => return Err(failure),
            Attempt::Wrong { .. } | Attempt::TooEarly { .. } => {
                return Err(estafette_protocol::FaultCode::WrongPassphrase.into());
            }
            Attempt::Opened => {}
        }
    }
    // In a new folder, or where nobody of a shared computer has one yet, the pages begin with the way to one.
    desk.folder.make()?;
    let running = Running { port: listening.port()?, secret: web.secret.clone() };
    running.write(&desk.folder)?;
    #[cfg(feature = "dev-attestation")]
    go_with_the_tests_day(Arc::clone(&web));
    announce(desk, arguments, &web.link()?);
    let served = listening.serve(told_to_end()).await;
    running.remove(&desk.folder);
    // A folder in which nobody began is not left behind; any other is not empty.
    let _ = std::fs::remove_dir(desk.folder.path());
    Ok(served?)
}

/// Where a test skips time, the device looks at its clock at once.
#[cfg(feature = "dev-attestation")]
fn go_with_the_tests_day(web: Arc<Web>) {
    estafette_server::serve::skipped::follow(move || {
        if let Ok(opened) = web.office.opened() {
            opened.handle().look_at_clock();
        }
    });
}

/// Ctrl-C, the system's wish, or the terminal's end. Heard from the call on, within a runtime, and not only once
/// it is awaited.
pub fn told_to_end() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let listened = heard.into_iter().filter(|kind| *kind != SignalKind::hangup() || !outlives_its_terminal());
    let mut signals: Vec<_> = listened.filter_map(|kind| signal(kind).ok()).collect();
    std::future::poll_fn(move |context| {
        match signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready()) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
}

/// Whether whoever started this process wants it to go on without its terminal, as `nohup` does. Where the system
/// does not tell, it ends with it.
fn outlives_its_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignores_hangup(&status)
}

/// Reads what Linux says of the signals that a process ignores; the first is the hangup.
fn ignores_hangup(status: &str) -> bool {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 == 1)
}

/// Prints the link, and opens it where there is a browser.
fn announce(desk: &Desk, arguments: &DeskArguments, link: &str) {
    output::done(desk, link, &json!({ "link": link, "at": clock::now().0 }));
    if !arguments.no_browser {
        show(desk.language, link);
    }
}

/// Opens a link where there is a browser.
pub fn show(language: Language, link: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started = Process::new(opener)
        .arg(link)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if started.is_err() {
        eprintln!("{}", text(language, "web-no-browser", &[]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ignored_signal_is_the_hangup() {
        assert!(ignores_hangup("Name:\testafette\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000000\n"));
        assert!(!ignores_hangup("SigIgn:\t0000000000001000\nSigCgt:\t0000000000000001\n"));
        assert!(!ignores_hangup(""));
    }
}
