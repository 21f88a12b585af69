//! The devices of one conversation: one for each author, on the real core, each with its own
//! database and its own line to the relay.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use estafette_attest::development::DevelopmentAttestor;
use estafette_core::driver::{Driver, Handle};
use estafette_core::engine::Engine;
use estafette_core::enrol::{AttestedKey, Attestor, Enrolment, KeyRequest, NewDatabase};
use estafette_core::identity::DeviceKey;
use estafette_core::lease::{self, Standing};
use estafette_core::net::{Connection, Endpoint, Pin};
use estafette_core::reader::Reader;
use estafette_core::store::{DatabaseKey, StoreError};
use estafette_protocol::{DeviceId, Fault, FaultCode, Hash, Position, ThreadId};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use zeroize::Zeroizing;

use super::ReplayError;
use super::office::{PHONE, Seat};
use super::proxy::{Line, Upstream};

/// The database of a device in its folder.
pub const DATABASE: &str = "device.db";
/// Its key, in hexadecimal; a replay has nothing to hide from its owner.
pub const KEY: &str = "database.key";
/// Enrolments under way together; the relay takes few strangers at a time.
const TOGETHER: usize = 4;
/// How long the relay is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// One author's device.
pub struct Device {
    /// The author.
    pub name: String,
    /// Its network.
    pub line: Line,
    folder: PathBuf,
    key: DatabaseKey,
    device_key: Arc<dyn DeviceKey>,
    pin: Hash,
    handle: Option<Handle>,
    reader: Option<Reader>,
}

/// Stands in for a phone's secure hardware.
struct Hardware {
    maker: DevelopmentAttestor,
    rng: Mutex<ChaCha20Rng>,
}

impl Attestor for Hardware {
    fn make_key(&self, request: &KeyRequest<'_>) -> Result<AttestedKey, Fault> {
        let challenge = request.challenge.ok_or(FaultCode::AttestationRejected)?;
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        let key = crate::software_key::SoftwareKey::draw(&mut *rng);
        let evidence = self.maker.attest(key.verifying_key(), &challenge.device(), PHONE).to_bytes();
        Ok(AttestedKey { key: Arc::new(key), evidence })
    }
}

/// Enrols a device for each author, several at a time. They wait for their approval.
pub fn enrol(
    authors: &[String],
    seats: &[Seat],
    folder: &Path,
    upstream: &Upstream,
    seed: [u8; 32],
) -> Result<Vec<Device>, ReplayError> {
    let runtime = tokio::runtime::Handle::current();
    let next = AtomicUsize::new(0);
    let made: Mutex<Vec<(usize, Result<Device, ReplayError>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..TOGETHER {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(name), Some(seat)) = (authors.get(index), seats.get(index)) else { return };
                    let mut seed = seed;
                    seed[..8].copy_from_slice(&(index as u64).to_be_bytes());
                    let folder = folder.join(folder_name(index, name));
                    let device = runtime.block_on(Device::enrol(name, seat, folder, upstream.clone(), seed));
                    made.lock().unwrap_or_else(PoisonError::into_inner).push((index, device));
                }
            });
        }
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, device)| device).collect()
}

/// A folder's name for an author: itself where that is a plain word, else its number with what is plain of it.
pub fn folder_name(index: usize, name: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match !name.is_empty() && name.len() <= 64 && name.chars().all(|c| plain(&c)) {
        true => name.to_owned(),
        false => format!("{index}.{}", name.chars().filter(plain).take(40).collect::<String>()),
    }
}

impl Device {
    async fn enrol(
        name: &str,
        seat: &Seat,
        folder: PathBuf,
        upstream: Upstream,
        seed: [u8; 32],
    ) -> Result<Self, ReplayError> {
        std::fs::create_dir_all(&folder)?;
        let mut rng = ChaCha20Rng::from_seed(seed);
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        std::fs::write(folder.join(KEY), Hash(key).to_string())?;
        let key = DatabaseKey(Zeroizing::new(key));
        let line = Line::lay(upstream).await?;
        let ticket =
            estafette_protocol::enrol::Ticket { address: line.address().to_string(), ..seat.ticket.clone() };
        let endpoint = Endpoint::new(&ticket.address, Pin(ticket.pin.0))?;
        let mut connection = Connection::open(&endpoint, PATIENCE).await?;
        let mut hardware_seed = [0; 32];
        rng.fill_bytes(&mut hardware_seed);
        let hardware = Hardware {
            maker: DevelopmentAttestor::new(),
            rng: Mutex::new(ChaCha20Rng::from_seed(hardware_seed)),
        };
        let database = NewDatabase { path: &folder.join(DATABASE), key: &key };
        let enrolment = Enrolment::begin(&ticket, &mut connection, &hardware, database, &mut rng)
            .await
            .map_err(ReplayError::enrolment)?;
        enrolment.complete(&mut connection).await?;
        let (engine, device_key) = enrolment.into_device();
        drop(engine);
        Ok(Self {
            name: name.to_owned(),
            line,
            folder,
            key,
            device_key,
            pin: ticket.pin,
            handle: None,
            reader: None,
        })
    }

    /// Opens the database and starts the device.
    pub fn start(&mut self, runtime: &tokio::runtime::Handle) -> Result<(), ReplayError> {
        let path = self.folder.join(DATABASE);
        let engine = Engine::open(&path, &self.key).map_err(ReplayError::store)?;
        let address = self.line.address().to_string();
        let handle = Driver::start(engine, Arc::clone(&self.device_key), address, self.pin, runtime.clone())
            .map_err(ReplayError::device)?;
        self.handle = Some(handle);
        Ok(())
    }

    /// The running device.
    pub fn handle(&self) -> Result<&Handle, ReplayError> {
        self.handle.as_ref().ok_or_else(|| ReplayError::device("a device does not run"))
    }

    /// Ends the device as a crash does, and starts it again on what is on its disk.
    pub fn restart(&mut self, runtime: &tokio::runtime::Handle) -> Result<(), ReplayError> {
        if let Some(handle) = self.handle.take() {
            handle.kill();
        }
        self.start(runtime)
    }

    /// Ends the device in order. Blocks.
    pub fn stop(&mut self) {
        self.reader = None;
        if let Some(handle) = self.handle.take() {
            handle.stop();
        }
    }

    /// A connection that only reads, kept.
    pub fn reader(&mut self) -> Result<&mut Reader, ReplayError> {
        if self.reader.is_none() {
            self.reader = Some(open(&self.folder)?);
        }
        self.reader.as_mut().ok_or_else(|| ReplayError::device("no reader"))
    }

    /// Whether it may be read, is locked, or is empty.
    pub fn standing(&self) -> Result<Standing, ReplayError> {
        let row = lease::look(&self.folder.join(DATABASE), &self.key, crate::clock::moment());
        row.map(|row| row.standing).map_err(ReplayError::store)
    }

    /// Its name in the protocol.
    pub fn identity(&mut self) -> Result<DeviceId, ReplayError> {
        Ok(self.reader()?.identity().device)
    }

    /// Whether the device is in the team's group and can write.
    pub fn is_member(&mut self, thread: ThreadId) -> Result<bool, ReplayError> {
        let rows = self.reader()?.threads().map_err(ReplayError::store)?;
        Ok(rows.iter().any(|row| row.id == thread && row.member))
    }

    /// How far its log goes without holes, and what it has not been able to send.
    pub fn progress(&mut self, thread: ThreadId) -> Result<(Position, u64), ReplayError> {
        let reader = self.reader()?;
        let joined = reader.joined(thread).map_err(ReplayError::store)?;
        Ok((joined, reader.outbox_count().map_err(ReplayError::store)?))
    }
}

/// Opens a device's folder for reading.
pub fn open(folder: &Path) -> Result<Reader, ReplayError> {
    let key: Hash = std::fs::read_to_string(folder.join(KEY))?
        .trim()
        .parse()
        .map_err(|_| ReplayError::store(StoreError::Corrupt))?;
    Reader::open(&folder.join(DATABASE), &DatabaseKey(Zeroizing::new(key.0))).map_err(ReplayError::store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_s_name_never_leads_out_of_its_folder() {
        assert_eq!(folder_name(3, "agent-001"), "agent-001");
        assert_eq!(folder_name(3, "../../etc"), "3.etc");
        assert_eq!(folder_name(3, "Chloé B."), "3.ChloB");
        assert_eq!(folder_name(3, ".."), "3.");
        assert_eq!(folder_name(3, &"a".repeat(65)), format!("3.{}", "a".repeat(40)));
    }
}
