//! The ten-minute token that opens a socket on the connection where its device proved itself.
//!
//! Always true: a token is worth nothing on another connection, for another device, after its
//! end, or after the relay was started again: its key is drawn at the start and never stored.
//! The algorithm is ours to choose, not the token's. Its end is compared with the caller's
//! clock, because the library would ask one of its own.

use estafette_protocol::{AgentNumber, AuthEpoch, FaultCode, Hash, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::relay::Grant;

/// What the token is for; no other kind of token exists here.
const AUDIENCE: &str = "estafette-socket";
/// A token has about 450 characters; a longer one is not looked at.
const LONGEST: usize = 2048;
/// What stands before an Ed25519 seed in PKCS#8 (RFC 8410).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// One TLS connection; never used twice while the relay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// The key that signs tokens, as long as the relay runs.
pub struct TokenKey {
    sign: EncodingKey,
    verify: DecodingKey,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// Which kind of token.
    aud: String,
    /// The organisation, in hexadecimal digits.
    org: String,
    /// The device, in hexadecimal digits.
    sub: String,
    /// The agent.
    agent: u32,
    /// The authentication epoch.
    auth_epoch: u32,
    /// The connection on which the device proved itself.
    connection: u64,
    /// The key that proved it (RFC 7800).
    cnf: Confirmation,
    /// The end, in seconds since 1970.
    exp: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Confirmation {
    /// SHA-256 of the device's ES256 key, in hexadecimal digits.
    jkt: String,
}

/// The token could not be made: a defect of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token could not be signed")]
pub struct NotSigned;

impl TokenKey {
    /// A key from 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let public = ed25519_dalek::SigningKey::from_bytes(seed).verifying_key();
        Self {
            sign: EncodingKey::from_ed_der(&[&PKCS8_PREFIX[..], seed].concat()),
            verify: DecodingKey::from_ed_der(public.as_bytes()),
        }
    }

    /// A token for the device that proved itself on `connection`.
    ///
    /// # Errors
    ///
    /// A defect of ours; nothing that came from outside leads here.
    pub fn issue(&self, grant: &Grant, connection: ConnectionId) -> Result<String, NotSigned> {
        let claims = Claims {
            aud: AUDIENCE.to_owned(),
            org: grant.organisation.to_string(),
            sub: grant.device.to_string(),
            agent: grant.agent.0,
            auth_epoch: grant.auth_epoch.0,
            connection: connection.0,
            cnf: Confirmation { jkt: grant.key.to_string() },
            exp: grant.expires_at.0 / 1000,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.sign).map_err(|_| NotSigned)
    }

    /// What a token grants to the holder of `key` on this connection, now.
    ///
    /// # Errors
    ///
    /// `bad_proof` if it is not ours, or was given to another connection or key;
    /// `token_expired` once its ten minutes are over.
    pub fn check(
        &self,
        token: &str,
        key: Hash,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<Grant, FaultCode> {
        let claims = self.read(token).ok_or(FaultCode::BadProof)?;
        let ours = claims.connection == connection.0 && claims.cnf.jkt == key.to_string();
        let expires_at = Timestamp(claims.exp.saturating_mul(1000));
        match (ours, claims.org.parse(), claims.sub.parse()) {
            (true, Ok(_), Ok(_)) if expires_at <= now => Err(FaultCode::TokenExpired),
            (true, Ok(organisation), Ok(device)) => Ok(Grant {
                organisation,
                device,
                agent: AgentNumber(claims.agent),
                key,
                auth_epoch: AuthEpoch(claims.auth_epoch),
                expires_at,
            }),
            _ => Err(FaultCode::BadProof),
        }
    }

    fn read(&self, token: &str) -> Option<Claims> {
        if token.len() > LONGEST {
            return None;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The claim is required, but compared with the clock that the caller gives.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        validation.set_audience(&[AUDIENCE]);
        jsonwebtoken::decode::<Claims>(token, &self.verify, &validation).ok().map(|token| token.claims)
    }
}

#[cfg(test)]
mod tests {
    use estafette_protocol::{DeviceId, OrganisationId};

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const HERE: ConnectionId = ConnectionId(7);
    const KEY: Hash = Hash([3; 32]);

    fn grant() -> Grant {
        Grant {
            organisation: OrganisationId([1; 16]),
            device: DeviceId([2; 16]),
            agent: AgentNumber(12),
            key: KEY,
            auth_epoch: AuthEpoch(4),
            expires_at: Timestamp(NOW.0 + 600_000),
        }
    }

    #[test]
    fn a_token_opens_on_its_connection_until_its_end_and_not_one_millisecond_longer() {
        let key = TokenKey::from_seed(&[9; 32]);
        let token = key.issue(&grant(), HERE).unwrap();
        let check = |connection, now| key.check(&token, KEY, connection, now);
        assert_eq!(check(HERE, NOW), Ok(grant()));
        assert_eq!(check(HERE, Timestamp(NOW.0 + 599_999)), Ok(grant()));
        assert_eq!(check(HERE, Timestamp(NOW.0 + 600_000)), Err(FaultCode::TokenExpired));
        assert_eq!(check(ConnectionId(8), NOW), Err(FaultCode::BadProof));
        assert_eq!(key.check(&token, Hash([4; 32]), HERE, NOW), Err(FaultCode::BadProof));
    }

    #[test]
    fn a_token_of_another_start_of_the_relay_is_worth_nothing() {
        let token = TokenKey::from_seed(&[8; 32]).issue(&grant(), HERE).unwrap();
        assert_eq!(TokenKey::from_seed(&[9; 32]).check(&token, KEY, HERE, NOW), Err(FaultCode::BadProof));
    }

    #[test]
    fn a_token_that_chooses_its_own_algorithm_is_refused() {
        let key = TokenKey::from_seed(&[9; 32]);
        let token = key.issue(&grant(), HERE).unwrap();
        let (header, rest) = token.split_once('.').unwrap();
        let (body, _) = rest.split_once('.').unwrap();
        // {"typ":"JWT","alg":"none"}
        let unsigned = format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{body}.");
        // Signed with the public key as if it were a shared secret.
        let public = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key();
        let shared = EncodingKey::from_secret(public.as_bytes());
        let claims = key.read(&token).unwrap();
        let confused = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &shared).unwrap();
        let hostile =
            [unsigned, confused, format!("{header}.{body}."), String::new(), ".".repeat(LONGEST + 1)];
        for token in hostile {
            assert_eq!(key.check(&token, KEY, HERE, NOW), Err(FaultCode::BadProof), "{token}");
        }
    }

    #[test]
    fn a_token_without_an_end_is_refused() {
        let key = TokenKey::from_seed(&[9; 32]);
        let mut claims =
            serde_json::to_value(key.read(&key.issue(&grant(), HERE).unwrap()).unwrap()).unwrap();
        claims.as_object_mut().unwrap().remove("exp");
        let endless = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &key.sign).unwrap();
        assert_eq!(key.check(&endless, KEY, HERE, NOW), Err(FaultCode::BadProof));
    }
}
