//! A relay that runs in a folder of its own.

use estafette_protocol::enrol::Ticket;
use estafette_server::config::{Allowances, Config, Mode};
use estafette_server::init::{self, InitOptions};
use estafette_server::serve::{RelayServer, RunningRelay};
use tempfile::TempDir;

use crate::client::Connection;

/// A folder with a relay in it, which runs or does not.
pub struct Folder {
    pub config: Config,
    pub ticket: Ticket,
    _place: TempDir,
}

/// The mode in which this build may run.
pub fn mode() -> Mode {
    if cfg!(feature = "dev-attestation") { Mode::Development } else { Mode::Production }
}

impl Folder {
    pub fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let listen = ([127, 0, 0, 1], 0).into();
        let options = InitOptions { listen, public_address: None, certificate: None, mode: mode() };
        let created = init::create(&place.path().join("relay"), &options).unwrap();
        let config = Config::read(&created.config, Allowances::default()).unwrap();
        Self { config, ticket: created.ticket, _place: place }
    }

    pub async fn start(&self) -> RunningRelay {
        RelayServer::start(&self.config).await.unwrap()
    }
}

/// A connection to a relay.
pub async fn connect(relay: &RunningRelay) -> Connection {
    Connection::open(relay.address(), relay.pin()).await
}
