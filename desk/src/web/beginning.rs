//! What a person has said on the way to a new device, before there is a folder to keep it in.
//!
//! One for each process, since one person sits before this computer: a browser that was closed and opened again
//! goes on where it was. Always true: it is in memory alone, the organisation's key too; it is forgotten once
//! nobody has asked for it for [`LIFE`], when it has served, and with the process.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use estafette_protocol::enrol::Ticket;
use zeroize::Zeroizing;

use crate::commands::founding::{Founding, Return};
use crate::sheet::ASKED;

/// Long enough to print a sheet and carry it to its place.
const LIFE: Duration = Duration::from_mins(30);

/// On the way to join.
#[derive(Clone)]
pub struct Joining {
    /// A relay knows it.
    pub ticket: Ticket,
    /// As the inventory calls this computer.
    pub model: String,
}

/// A new organisation's key, on its sheet.
#[derive(Clone)]
pub struct Key {
    /// What the 24 words stand for.
    pub seed: Zeroizing<[u8; 32]>,
    /// The words that are asked for, counted from 1.
    pub places: [usize; ASKED],
}

/// On the way to create.
#[derive(Clone)]
pub struct Creating {
    /// What was said of the organisation.
    pub founding: Founding,
    /// As they were written, for the form.
    pub hours: Hours,
    /// Of the new folder.
    pub passphrase: Option<Zeroizing<String>>,
    /// Drawn once there is a passphrase.
    pub key: Option<Key>,
}

/// An organisation's first hours as a form holds them.
#[derive(Debug, Clone, Default)]
pub struct Hours {
    /// The word of a legal place.
    pub place: String,
    /// Weekly hours, as people write them.
    pub week: String,
}

/// Which way.
#[derive(Clone, Default)]
pub enum Way {
    /// None was chosen.
    #[default]
    None,
    /// To an organisation that there is.
    Join(Box<Joining>),
    /// To a new one.
    Create(Box<Creating>),
    /// Back to one, with its recovery sheet.
    Recover(Box<Return>),
}

/// How far somebody is.
#[derive(Default)]
pub struct Beginning(Mutex<Option<(Instant, Way)>>);

impl Beginning {
    fn kept(&self) -> MutexGuard<'_, Option<(Instant, Way)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far somebody is; their time begins anew.
    pub fn way(&self, now: Instant) -> Way {
        let mut kept = self.kept();
        if kept.as_ref().is_some_and(|(seen, _)| now.duration_since(*seen) >= LIFE) {
            *kept = None;
        }
        match kept.as_mut() {
            Some((seen, way)) => {
                *seen = now;
                way.clone()
            }
            None => Way::None,
        }
    }

    /// Keeps what was said, in the place of what was.
    pub fn keep(&self, way: Way, now: Instant) {
        *self.kept() = Some((now, way));
    }

    /// Forgets all of it.
    pub fn forget(&self) {
        *self.kept() = None;
    }
}

#[cfg(test)]
mod tests {
    use estafette_protocol::enrol::TicketSecret;
    use estafette_protocol::{EnrolmentId, Hash};

    use super::*;

    fn joining() -> Way {
        let ticket = Ticket {
            address: "relais.example:443".into(),
            pin: Hash([1; 32]),
            organisation_key: None,
            relay_key: None,
            enrolment: EnrolmentId([2; 16]),
            secret: TicketSecret([3; 16]),
        };
        Way::Join(Box::new(Joining { ticket, model: "Portable".into() }))
    }

    #[test]
    fn what_was_said_is_there_while_somebody_asks_and_gone_half_an_hour_after() {
        let (beginning, begun) = (Beginning::default(), Instant::now());
        assert!(matches!(beginning.way(begun), Way::None));
        beginning.keep(joining(), begun);
        let almost = LIFE - Duration::from_secs(1);
        assert!(matches!(beginning.way(begun + almost), Way::Join(_)));
        assert!(matches!(beginning.way(begun + almost + almost), Way::Join(_)), "it was asked for");
        assert!(matches!(beginning.way(begun + almost + almost + LIFE), Way::None));
        beginning.keep(joining(), begun);
        beginning.forget();
        assert!(matches!(beginning.way(begun), Way::None));
    }
}
