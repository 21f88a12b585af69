//! Who may ask at all, before a body is read: limits for each network address.
//!
//! Behind one address there may be a whole town hall. So an address is charged for strangers
//! only: enrolments have buckets of their own, and an exchange is free once its device has proved
//! itself. On a connection where a device proved itself nothing is asked of the address any more.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use estafette_protocol::{DeviceId, Fault, OrganisationId, Timestamp};

use super::App;
use super::body::On;
use crate::config::Rates;
use crate::problem::Refusal;
use crate::rate::Buckets;
use crate::relay::too_many;

/// The buckets of all addresses, and of devices that open sockets.
pub(crate) struct Admission {
    enrolments: Mutex<Buckets<IpAddr>>,
    strangers: Mutex<Buckets<IpAddr>>,
    sockets: Mutex<Buckets<(OrganisationId, DeviceId)>>,
}

fn locked<K>(buckets: &Mutex<Buckets<K>>) -> MutexGuard<'_, Buckets<K>> {
    buckets.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Admission {
    pub fn new(rates: &Rates) -> Self {
        Self {
            enrolments: Mutex::new(Buckets::new(rates.enrolments)),
            strangers: Mutex::new(Buckets::new(rates.strangers)),
            sockets: Mutex::new(Buckets::new(rates.sockets)),
        }
    }

    /// A device that proved itself opens a socket.
    pub fn socket(&self, now: Timestamp, of: (OrganisationId, DeviceId)) -> Result<(), Fault> {
        locked(&self.sockets).take(now, of, 1).map_err(too_many)
    }
}

/// One name for all that one subscriber can take: of IPv6, his network of 64 bits.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

/// A request of somebody without a certificate, within the limit of its address.
pub(crate) struct Enrolling;

impl FromRequestParts<App> for Enrolling {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let On(connection) = On::from_request_parts(parts, app).await?;
        let address = subscriber(connection.address);
        locked(&app.admission.enrolments).take(app.clock.now(), address, 1).map_err(too_many)?;
        Ok(Self)
    }
}

/// An exchange, within the limit of its address unless a device proved itself on its connection.
pub(crate) struct Exchanging {
    charged: Option<IpAddr>,
}

impl Exchanging {
    /// The device has proved itself: the address pays nothing.
    pub fn proved(self, app: &App) {
        if let Some(address) = self.charged {
            locked(&app.admission.strangers).give_back(address);
        }
    }
}

impl FromRequestParts<App> for Exchanging {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let On(connection) = On::from_request_parts(parts, app).await?;
        if connection.proved().is_some() {
            return Ok(Self { charged: None });
        }
        let address = subscriber(connection.address);
        locked(&app.admission.strangers).take(app.clock.now(), address, 1).map_err(too_many)?;
        Ok(Self { charged: Some(address) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_is_one_address_or_one_network_of_64_bits() {
        let name = |text: &str| subscriber(text.parse().unwrap()).to_string();
        assert_eq!(name("192.0.2.7"), "192.0.2.7");
        assert_eq!(name("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(name("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
