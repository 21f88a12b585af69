//! Makes a relay's folder: settings, keys, certificate, and the first organisation's place.
//!
//! Always true: an existing folder is never touched, and what was begun and failed is taken
//! away again. The claim ticket is given back once and stored as a hash only; whoever holds it
//! founds the organisation.

use std::fs::{DirBuilder, File};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use estafette_protocol::enrol::{Ticket, TicketSecret, claim_hash};
use estafette_protocol::{Ed25519Public, EnrolmentId, Hash, LogGeneration};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use crate::config::{self, Mode};
use crate::keys;
use crate::serve::{NoRandomness, random};
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
use crate::tls::{Identity, TlsError};

/// Where a relay of one's own listens when nothing else is said: this computer only.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:8443";

/// What a new relay shall be.
#[derive(Debug, Clone)]
pub struct InitOptions {
    /// Where it will listen.
    pub listen: SocketAddr,
    /// `host:port` as devices reach it, where that differs.
    pub public_address: Option<String>,
    /// A certificate chain and its key, both PEM; made new if `None`.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Whether real people will depend on it.
    pub mode: Mode,
}

/// What was made.
pub struct Created {
    /// Founds the first organisation; shown once.
    pub ticket: Ticket,
    /// SHA-256 of the certificate's key.
    pub pin: Hash,
    /// The settings file.
    pub config: PathBuf,
}

/// Why no relay was made. Nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The folder exists; it is not touched.
    #[error("{folder} exists already", folder = .0.display())]
    Exists(PathBuf),
    /// A file cannot be written or read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The certificate given is of no use.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The relay's signing key cannot be read.
    #[error(transparent)]
    Key(#[from] keys::KeyError),
    /// No certificate could be made for this address.
    #[error("no certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The organisation's database could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system's randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// Makes a relay's folder.
///
/// # Errors
///
/// The folder exists, the certificate is of no use, or the disk refuses. Nothing is left behind.
pub fn create(folder: &Path, options: &InitOptions) -> Result<Created, InitError> {
    make_folder(folder).map_err(|error| match error {
        InitError::File { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists => {
            InitError::Exists(folder.to_path_buf())
        }
        other => other,
    })?;
    fill(folder, options).inspect_err(|_| {
        // We made this folder a moment ago, and nothing in it is of use to anybody.
        let _ = std::fs::remove_dir_all(folder);
    })
}

/// Makes a place for one more organisation and gives back the ticket that founds it.
///
/// # Errors
///
/// The relay's folder is not one, or the disk refuses. A running relay serves the new
/// organisation once it was started again.
pub fn add_organisation(config: &config::Config, pin: Hash) -> Result<Ticket, InitError> {
    let relay_key = Ed25519Public(keys::read(&config.relay_key())?.verifying_key().to_bytes());
    let place = Place { address: config.public_address.clone(), pin, relay_key };
    make_place(&config.organisations(), config.mode, place)
}

fn fill(folder: &Path, options: &InitOptions) -> Result<Created, InitError> {
    let seed = random::<32>()?;
    write(folder.join(keys::FILE_NAME), &seed)?;
    let relay_key = Ed25519Public(ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes());
    let tls = folder.join("tls");
    make_folder(&tls)?;
    let (certificate, key) = (tls.join("certificate.pem"), tls.join("key.pem"));
    let public_address = options.public_address.clone().unwrap_or_else(|| options.listen.to_string());
    let (chain, private) = match &options.certificate {
        Some((chain, private)) => (read(chain)?, read(private)?),
        None => self_signed(&public_address)?,
    };
    write(certificate.clone(), chain.as_bytes())?;
    write(key.clone(), private.as_bytes())?;
    let pin = Identity::read(&certificate, &key)?.pin;
    let config = folder.join(config::FILE_NAME);
    write(config.clone(), settings(options, &public_address).as_bytes())?;
    let organisations = folder.join("organisations");
    make_folder(&organisations)?;
    let ticket = make_place(&organisations, options.mode, Place { address: public_address, pin, relay_key })?;
    for made in [&tls, folder] {
        synchronise(made)?;
    }
    Ok(Created { ticket, pin, config })
}

/// What a claim ticket says of the relay.
struct Place {
    address: String,
    pin: Hash,
    relay_key: Ed25519Public,
}

/// A folder with a database that waits for its founder. Its name says nothing: the organisation
/// has none yet.
fn make_place(organisations: &Path, mode: Mode, place: Place) -> Result<Ticket, InitError> {
    let secret = TicketSecret(random()?);
    let folder = organisations.join(LogGeneration(random()?).to_string());
    make_folder(&folder)?;
    SqliteStore::create(&folder, mode.into(), LogGeneration(random()?), claim_hash(&secret.claim()))?;
    synchronise(&folder)?;
    synchronise(organisations)?;
    Ok(Ticket {
        address: place.address,
        pin: place.pin,
        organisation_key: None,
        relay_key: Some(place.relay_key),
        enrolment: EnrolmentId([0; 16]),
        secret,
    })
}

fn self_signed(public_address: &str) -> Result<(String, String), InitError> {
    let host = public_address.rsplit_once(':').map_or(public_address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut params = CertificateParams::new(vec![host.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Estafette");
    let key = KeyPair::generate()?;
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

fn settings(options: &InitOptions, public_address: &str) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let root = match options.mode {
        Mode::Development if cfg!(feature = "dev-attestation") => {
            "\n[attestation]\ndevelopment_root = true\n"
        }
        Mode::Development => "",
        Mode::Production => {
            "\n# L’application que les téléphones doivent porter ; sans elle, aucun n’est inscrit.\n\
             # [attestation]\n\
             # packages = [\"…\"]\n\
             # signing_digests = [[\"…\"]]  # SHA-256 de son certificat de signature\n"
        }
    };
    format!(
        "# Réglages du relais. Une clé inconnue ou une combinaison dangereuse l’empêche de démarrer.\n\
         # Les chemins relatifs partent de ce dossier.\n\n\
         mode = {mode}\n\
         listen = {listen}\n\
         public_address = {public}  # telle que les appareils la joignent\n\n\
         [tls]\n\
         certificate = \"tls/certificate.pem\"\n\
         key = \"tls/key.pem\"\n\
         {root}\n\
         [log]\n\
         format = \"human\"  # ou \"json\"\n\
         level = \"info\"\n",
        mode = quoted(options.mode.as_str()),
        listen = quoted(&options.listen.to_string()),
        public = quoted(public_address),
    )
}

fn make_folder(path: &Path) -> Result<(), InitError> {
    let failed = |source| InitError::File { path: path.to_path_buf(), source };
    DirBuilder::new().mode(0o700).create(path).map_err(failed)
}

fn write(path: PathBuf, bytes: &[u8]) -> Result<(), InitError> {
    keys::write_private(&path, bytes).map_err(|source| InitError::File { path, source })
}

fn read(path: &Path) -> Result<String, InitError> {
    std::fs::read_to_string(path).map_err(|source| InitError::File { path: path.to_path_buf(), source })
}

/// Makes the names of new files durable: a file's own `fsync` does not.
fn synchronise(folder: &Path) -> Result<(), InitError> {
    let failed = |source| InitError::File { path: folder.to_path_buf(), source };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::config::{Allowances, Config};
    use crate::store::Reader as _;

    fn options(mode: Mode) -> InitOptions {
        InitOptions { listen: ([127, 0, 0, 1], 8443).into(), public_address: None, certificate: None, mode }
    }

    fn mode() -> Mode {
        if cfg!(feature = "dev-attestation") { Mode::Development } else { Mode::Production }
    }

    #[test]
    fn a_new_folder_is_a_relay_that_only_its_owner_can_read() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("relay");
        let created = create(&folder, &options(mode())).unwrap();
        let mut pending = vec![folder.clone()];
        while let Some(path) = pending.pop() {
            let permissions = std::fs::metadata(&path).unwrap().permissions().mode();
            // The database's files are protected by their folder.
            assert!(path.starts_with(folder.join("organisations")) || permissions & 0o077 == 0, "{path:?}");
            if path.is_dir() {
                pending.extend(std::fs::read_dir(path).unwrap().map(|child| child.unwrap().path()));
            }
        }
        let config = Config::read(&created.config, Allowances::default()).unwrap();
        assert_eq!(config.mode, mode());
        assert_eq!(config.public_address, "127.0.0.1:8443");
        assert_eq!(Identity::read(&config.certificate, &config.key).unwrap().pin, created.pin);
        assert!(keys::read(&config.relay_key()).is_ok());
    }

    #[test]
    fn the_ticket_reads_back_and_only_its_hash_is_stored() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("relay");
        let ticket = create(&folder, &options(mode())).unwrap().ticket;
        let read_back: Ticket = ticket.to_string().parse().unwrap();
        assert!(read_back == ticket);
        assert_eq!(ticket.organisation_key, None);
        let place = std::fs::read_dir(folder.join("organisations")).unwrap().next().unwrap().unwrap().path();
        let state = SqliteStore::open(&place).unwrap().reader().unwrap().state().unwrap();
        assert_eq!(state.claim, Some(claim_hash(&ticket.secret.claim())));
        assert_eq!(state.organisation, None);
    }

    #[test]
    fn an_existing_folder_is_refused_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let refused = create(folder.path(), &options(mode()));
        assert!(matches!(refused, Err(InitError::Exists(path)) if path == folder.path()));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_certificate_of_no_use_leaves_no_folder_behind() {
        let parent = tempfile::tempdir().unwrap();
        let nonsense = parent.path().join("nonsense.pem");
        std::fs::write(&nonsense, "nothing").unwrap();
        let folder = parent.path().join("relay");
        let given = InitOptions { certificate: Some((nonsense.clone(), nonsense)), ..options(mode()) };
        assert!(matches!(create(&folder, &given), Err(InitError::Tls(_))));
        assert!(!folder.exists());
    }

    #[test]
    fn a_certificate_that_is_given_is_the_one_that_is_shown() {
        let parent = tempfile::tempdir().unwrap();
        let first = create(&parent.path().join("first"), &options(mode())).unwrap();
        let tls = parent.path().join("first/tls");
        let certificate = Some((tls.join("certificate.pem"), tls.join("key.pem")));
        let second =
            create(&parent.path().join("second"), &InitOptions { certificate, ..options(mode()) }).unwrap();
        assert_eq!(second.pin, first.pin);
    }
}
