//! The names of people and teams, published for every device.
//!
//! Always true: an edition holds every name of the one before it, whichever administrator's computer made that.

use std::time::Duration;

use estafette_core::directory::{self, DirectoryKey, Edition, SealedKeys};
use estafette_core::reader::Reader;
use estafette_protocol::frame::{Directory, RequestBody};
use estafette_protocol::{Fault, FaultCode};

use super::founding::dice;
use super::work::Work;
use crate::administration::Administration;
use crate::session::Failure;

/// Another administrator may publish at the same time, each a few times in a row.
const TRIES: usize = 5;
/// How long an edition that the relay has already may take to come here.
const ARRIVAL: Duration = Duration::from_secs(10);

/// Seals today's names to every device in force and to the organisation's key, and has the relay keep them.
///
/// # Errors
/// `names_unread` where the relay has an edition that this computer cannot read, and somebody would lose their name;
/// the relay refuses or is not reached. May be tried again.
pub fn publish(work: &Work<'_>) -> Result<(), Failure> {
    let mut reader = work.desk.reader(work.ring)?;
    let mut standing = 0;
    for _ in 0..TRIES {
        work.records.follow(&mut reader)?;
        let version = work.records.next_edition(standing)?;
        let edition = edition(&reader, work.records, version)?;
        match work.session.ask(RequestBody::Directory(edition)) {
            Ok(_) => return Ok(work.records.mark_published(version)?),
            Err(Failure::Fault(Fault { code: FaultCode::SlotOutdated, number: Some(number), .. })) => {
                let heard = work
                    .session
                    .until(ARRIVAL, || Ok(work.desk.reader(work.ring)?.directory_version()? >= number))?;
                reader = work.desk.reader(work.ring)?;
                if !heard && somebody_is_nameless(&mut reader, work.records)? {
                    return Err(FaultCode::NamesUnread.into());
                }
                standing = number;
            }
            Err(failure) => return Err(failure),
        }
    }
    Err(FaultCode::NamesUnread.into())
}

/// Whether these records lack the name of an agent with a device in force.
fn somebody_is_nameless(reader: &mut Reader, records: &Administration) -> Result<bool, Failure> {
    let names = records.names()?;
    let active = reader.registry()?.devices().filter(|record| record.active());
    Ok(active.into_iter().any(|record| !names.agents.contains_key(&record.certificate.agent)))
}

fn edition(reader: &Reader, records: &Administration, version: u64) -> Result<Directory, Failure> {
    let mut rng = dice()?;
    // A key for each edition: whoever was cut off since the last one has none that opens it.
    let (key, identity) = (DirectoryKey::generate(&mut rng), reader.identity());
    let sealed = |_| Failure::from(FaultCode::Internal);
    let mut keys = SealedKeys::default();
    for record in reader.registry_known().devices().filter(|record| record.active()) {
        let certificate = &record.certificate;
        let to = key.seal_to(certificate.device, &certificate.x25519, &mut rng).map_err(sealed)?;
        keys.devices.push((certificate.device, to));
    }
    keys.recovery = Some(key.seal_for_recovery(&identity.organisation_key, &mut rng).map_err(sealed)?);
    let edition = Edition { version, author: identity.device, signing_key: &identity.signing_key() };
    directory::seal(&records.names()?, &edition, &key, keys, &mut rng).map_err(|_| FaultCode::TooLarge.into())
}
