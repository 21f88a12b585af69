//! One device on the wall: its folder, its line to the relay, and the window onto it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use estafette_core::engine::{Command, CommandAnswer, When};
use estafette_core::lease::Standing;
use estafette_core::reader::{MessageRow, Reader};
use estafette_protocol::texts::Language;
use estafette_protocol::{AgentNumber, DeviceId, EntryUid, FaultCode, ThreadId};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::WallError;
use crate::folder::Folder;
use crate::replay::proxy::Line;
use crate::session::Failure;
use crate::web::{Attempt, Home, Listening, Manner, Theme, Web};

/// How a phone's line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// As in town.
    Good,
    /// As at a valley's edge.
    Thin,
    /// None.
    Cut,
}

/// A device that runs behind its window.
pub struct Seat {
    /// Its agent's name.
    pub name: String,
    /// Its agent.
    pub agent: AgentNumber,
    /// Its name in the protocol; it keeps it when its content is gone.
    pub device: DeviceId,
    /// Its line.
    pub line: Line,
    /// The window.
    pub web: Arc<Web>,
    network: Mutex<Network>,
    end: Mutex<Option<oneshot::Sender<()>>>,
    served: Mutex<Option<JoinHandle<std::io::Result<()>>>>,
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What every window has in common.
#[derive(Clone)]
pub struct Windows {
    /// Of everything shown.
    pub language: Language,
    /// Opens every device; shown on the wall.
    pub passphrase: Zeroizing<String>,
    /// The wall, which shows them inside itself.
    pub wall: String,
    /// Carries their network.
    pub runtime: tokio::runtime::Handle,
}

impl Seat {
    /// Starts a device whose folder is there, and serves its pages.
    pub async fn open(
        (name, agent): (&str, AgentNumber),
        folder: Folder,
        line: Line,
        windows: &Windows,
    ) -> Result<Self, WallError> {
        let manner = Manner {
            home: Home::One(folder),
            language: windows.language,
            theme: Theme::default(),
            port: 0,
            framed_by: Some(windows.wall.clone()),
        };
        let listening = Listening::start(manner, windows.runtime.clone()).await?;
        let web = Arc::clone(&listening.web);
        let (opening, common) = (Arc::clone(&web), windows.clone());
        let tried = tokio::task::spawn_blocking(move || {
            opening.office.unlock("", &common.passphrase, &common.runtime, Instant::now())
        });
        match tried.await.map_err(|_| Failure::from(FaultCode::Internal))? {
            Attempt::Opened => {}
            Attempt::Failed(failure) => return Err(failure.into()),
            _ => return Err(Failure::from(FaultCode::WrongPassphrase).into()),
        }
        let device = web.office.read(|reader| Ok(reader.identity().device)).await?;
        let (end, told) = oneshot::channel();
        let served = tokio::spawn(listening.serve(async move {
            let _ = told.await;
        }));
        Ok(Self {
            name: name.to_owned(),
            agent,
            device,
            line,
            web,
            network: Mutex::new(Network::Good),
            end: Mutex::new(Some(end)),
            served: Mutex::new(Some(served)),
        })
    }

    /// Ends the device in order.
    pub async fn close(&self) {
        if let Some(end) = lock(&self.end).take() {
            let _ = end.send(());
        }
        let served = lock(&self.served).take();
        if let Some(served) = served {
            let _ = served.await;
        }
    }

    /// How its line is.
    pub fn network(&self) -> Network {
        *lock(&self.network)
    }

    /// Changes its line.
    pub fn set_network(&self, network: Network) {
        match network {
            Network::Good => self.line.mend(),
            Network::Thin => self.line.thin(),
            Network::Cut => self.line.cut(),
        }
        *lock(&self.network) = network;
    }

    /// Reads its rows.
    pub async fn read<T, W>(&self, work: W) -> Result<T, WallError>
    where
        T: Send + 'static,
        W: FnOnce(&mut Reader) -> Result<T, Failure> + Send + 'static,
    {
        Ok(self.web.office.read(work).await?)
    }

    /// Gives it a command.
    pub async fn command(&self, command: Command) -> Result<CommandAnswer, WallError> {
        Ok(self.web.office.command(command).await?)
    }

    /// Writes into a thread; the message is durable on this device when this returns.
    pub async fn write(&self, thread: ThreadId, text: &str) -> Result<EntryUid, WallError> {
        let command = Command::Write {
            thread,
            text: text.to_owned(),
            parents: Vec::new(),
            mentions: Vec::new(),
            when: When::Now,
        };
        match self.command(command).await? {
            CommandAnswer::Written { uid, .. } => Ok(uid),
            _ => Err(Failure::from(FaultCode::Internal).into()),
        }
    }

    /// A message as it has it.
    pub async fn row(&self, thread: ThreadId, uid: EntryUid) -> Result<Option<MessageRow>, WallError> {
        let row = move |reader: &mut Reader| -> Result<_, Failure> {
            Ok(reader.newest(thread, 200)?.into_iter().find(|row| row.uid == uid))
        };
        self.read(row).await
    }

    /// Whether it is part of a conversation.
    pub async fn is_member(&self, thread: ThreadId) -> Result<bool, WallError> {
        let member = move |reader: &mut Reader| -> Result<bool, Failure> {
            Ok(reader.threads()?.iter().any(|row| row.id == thread && row.member))
        };
        self.read(member).await
    }

    /// Where its window opens: in the thread, or where anybody comes in as long as the device is not part of it.
    pub async fn first_page(&self, thread: ThreadId) -> String {
        match self.is_member(thread).await {
            Ok(true) => format!("/conversations/{thread}"),
            // A device that was locked or emptied says so on whichever page.
            Ok(false) | Err(_) => "/".to_owned(),
        }
    }

    /// Whether its content is gone, by its own rows.
    pub async fn is_empty(&self) -> Result<bool, WallError> {
        Ok(self.web.office.lease().await?.standing == Standing::Wiped)
    }

    /// Has the device look at its clock, which was moved. One that was closed by hand has none.
    pub fn look_at_clock(&self) {
        if let Ok(opened) = self.web.office.opened() {
            opened.handle().look_at_clock();
        }
    }
}
