//! The relay of a replay: the real one, in development mode, on loopback, in a folder of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use estafette_protocol::enrol::Ticket;
use estafette_server::config::{Allowances, Config, Mode};
use estafette_server::init::{self, InitOptions};
use estafette_server::serve::{Clock, RelayServer, RunningRelay};
use tokio::sync::watch;

use super::ReplayError;
use super::proxy::Upstream;

/// The relay's clock goes with the devices': a demonstration may move both.
fn clock() -> Clock {
    Clock::ahead_by(crate::clock::ahead)
}

/// A relay that can lose its power and come back.
pub struct Relay {
    config: Config,
    running: Option<RunningRelay>,
    address: watch::Sender<SocketAddr>,
}

impl Relay {
    /// Makes a relay in a folder that does not exist and starts it. The ticket founds its organisation.
    pub async fn create(folder: &Path) -> Result<(Self, Ticket), ReplayError> {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options =
            InitOptions { listen: any, public_address: None, certificate: None, mode: Mode::Development };
        let created = init::create(folder, &options).map_err(ReplayError::relay)?;
        let config = Config::read(&created.config, Allowances::default()).map_err(ReplayError::relay)?;
        let running = RelayServer::start_by(clock(), &config).await.map_err(ReplayError::relay)?;
        let address = watch::Sender::new(running.address());
        Ok((Self { config, running: Some(running), address }, created.ticket))
    }

    /// Where it listens, and will listen after each start.
    pub fn upstream(&self) -> Upstream {
        self.address.subscribe()
    }

    /// Takes its power away and starts it again on what is on the disk.
    pub async fn restart(&mut self) -> Result<(), ReplayError> {
        if let Some(running) = self.running.take() {
            running.abort().await;
        }
        let running = RelayServer::start_by(clock(), &self.config).await.map_err(ReplayError::relay)?;
        self.address.send_replace(running.address());
        self.running = Some(running);
        Ok(())
    }

    /// Has it look at its clock at once.
    pub fn look_at_clock(&self) {
        if let Some(running) = &self.running {
            running.look_at_clock();
        }
    }

    /// Ends it in order.
    pub async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }
}
