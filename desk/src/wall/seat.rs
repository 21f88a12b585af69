//! One device on the wall: its folder, its line to the relay, and the window onto it.

use std::sync::Arc;
use std::time::Instant;

use estafette_core::engine::{Command, CommandAnswer, When};
use estafette_core::lease::{self, Standing};
use estafette_core::reader::{MessageRow, Reader};
use estafette_protocol::texts::Language;
use estafette_protocol::{AgentNumber, DeviceId, EntryUid, FaultCode, ThreadId};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::WallError;
use crate::clock;
use crate::folder::{Folder, KeyRing};
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
    /// Its line.
    pub line: Line,
    /// How that line is.
    pub network: Network,
    /// Declared lost.
    pub lost: bool,
    /// The window.
    pub web: Arc<Web>,
    ring: KeyRing,
    folder: Folder,
    end: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
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
        (folder, ring): (Folder, KeyRing),
        line: Line,
        windows: &Windows,
    ) -> Result<Self, WallError> {
        let manner = Manner {
            home: Home::One(folder.clone()),
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
        let (end, told) = oneshot::channel();
        let served = tokio::spawn(listening.serve(async move {
            let _ = told.await;
        }));
        let (name, network) = (name.to_owned(), Network::Good);
        Ok(Self { name, agent, line, network, lost: false, web, ring, folder, end, served })
    }

    /// Ends the device in order.
    pub async fn close(self) {
        let _ = self.end.send(());
        let _ = self.served.await;
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

    /// Where its window opens: in the thread, or where anybody comes in as long as the device is not part of it.
    pub async fn first_page(&self, thread: ThreadId) -> String {
        let member = move |reader: &mut Reader| -> Result<bool, Failure> {
            Ok(reader.threads()?.iter().any(|row| row.id == thread && row.member))
        };
        match self.read(member).await {
            Ok(true) => format!("/conversations/{thread}"),
            // A device that was locked or emptied says so on whichever page.
            Ok(false) | Err(_) => "/".to_owned(),
        }
    }

    /// Its name in the protocol.
    pub async fn device(&self) -> Result<DeviceId, WallError> {
        self.read(|reader| Ok(reader.identity().device)).await
    }

    /// Whether it may be read, is locked, or is empty.
    pub fn standing(&self) -> Result<Standing, WallError> {
        let row = lease::look(&self.folder.database(), &self.ring.database_key(), clock::moment());
        Ok(row.map_err(Failure::from)?.standing)
    }

    /// Has the device look at its clock, which was moved.
    pub fn look_at_clock(&self) -> Result<(), WallError> {
        self.web.office.opened()?.handle().look_at_clock();
        Ok(())
    }
}
