//! Where wake-ups may go: the addresses that devices register (UnifiedPush, `https://unifiedpush.org/spec/`).
//!
//! An address is a stranger's text that makes the relay send requests. So: `https` only, hosts that the
//! configuration names, nothing hidden in it, and no address of a private network
//! ([`is_public`]), however the name resolves.

use std::net::IpAddr;

use axum::http::Uri;
use estafette_protocol::FaultCode;

/// Bytes of an address.
pub const LONGEST: usize = 512;

/// An address that was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(String);

impl Endpoint {
    /// Reads an address whose host is one of `hosts`.
    ///
    /// # Errors
    ///
    /// `wake_up_refused`: too long, not `https`, with a user or a fragment, or another host's.
    pub fn parse(text: &str, hosts: &[String]) -> Result<Self, FaultCode> {
        let refused = FaultCode::WakeUpRefused;
        if text.len() > LONGEST || text.contains('#') {
            return Err(refused);
        }
        let uri: Uri = text.parse().map_err(|_| refused)?;
        let authority = uri.authority().ok_or(refused)?;
        let known = hosts.iter().any(|host| host.eq_ignore_ascii_case(authority.host()));
        let plain = uri.scheme_str() == Some("https") && !authority.as_str().contains('@');
        if plain && known { Ok(Self(text.to_owned())) } else { Err(refused) }
    }

    /// As it was registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an address belongs to the public internet: not to this machine, a local or private network, or
/// one reserved (RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let shared = first == 100 && (64..128).contains(&second);
            let benchmarking = first == 198 && (18..20).contains(&second);
            let protocols = v4.octets().starts_with(&[192, 0, 0]);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_documentation()
                || v4.is_multicast()
                || first == 0
                || first >= 240
                || shared
                || benchmarking
                || protocols)
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            // Only 2000::/3 is given out; of it, documentation and tunnels are not for this.
            first & 0xe000 == 0x2000 && (first, second) != (0x2001, 0x0db8) && first != 0x2002
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_hosts_that_are_named_are_taken() {
        let hosts = ["push.example.fr".to_owned()];
        let taken = |text: &str| Endpoint::parse(text, &hosts).is_ok();
        assert!(taken("https://push.example.fr/UP?token=abc"));
        assert!(taken("https://PUSH.example.fr:8443/up"));
        let long = format!("https://push.example.fr/{}", "a".repeat(LONGEST));
        for refused in [
            "http://push.example.fr/up",
            "https://elsewhere.fr/up",
            "https://push.example.fr.elsewhere.fr/up",
            "https://someone@push.example.fr/up",
            "https://push.example.fr@elsewhere.fr/up",
            "https://push.example.fr/up#part",
            "//push.example.fr/up",
            "/up",
            "",
            "file:///etc/passwd",
            &long,
        ] {
            assert!(!taken(refused), "{refused}");
        }
    }

    #[test]
    fn no_address_of_a_private_network_is_public() {
        let public = |text: &str| is_public(text.parse().unwrap());
        for address in ["9.9.9.9", "100.63.255.255", "100.128.0.1", "2001:4860:4860::8888", "2a01:e0a::1"] {
            assert!(public(address), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "2001:db8::1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
        ] {
            assert!(!public(address), "{address}");
        }
    }
}
