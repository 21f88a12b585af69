//! The challenge that a device's hardware signs when it makes its key.
//!
//! It ties the key to one relay, one enrolment, one nonce and one ticket, so a chain recorded in
//! another enrolment is worth nothing. The device's own challenge cannot contain its key, since
//! both are made together; every further proof's challenge does, which ties it to that key.

use estafette_protocol::EnrolmentId;
use estafette_protocol::ids::Hash;

/// What the attested key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role<'a> {
    /// The device's own key, made by the application.
    Device,
    /// A key whose chain proves the phone's serial number, made by the system for its owner: a
    /// second chain beside that of this device key, a compressed SEC1 point.
    Id(&'a [u8; 33]),
    /// An App Attest key, which certifies this device key, a compressed SEC1 point. The result is
    /// the hash of the client data.
    AppAttest(&'a [u8; 33]),
}

impl<'a> Role<'a> {
    fn parts(self) -> (&'static [u8], &'a [u8]) {
        match self {
            Self::Device => (b"dev", &[]),
            Self::Id(key) => (b"id", key),
            Self::AppAttest(key) => (b"app", key),
        }
    }
}

/// The challenge of one enrolment:
/// SHA-256("estafette-enrol-v1" ‖ 0 ‖ relay id ‖ enrolment ‖ nonce ‖ SHA-256(claim) ‖ role), where role is
/// "dev", or "id" or "app" and the device's key.
///
/// `relay_id` is the SHA-256 of the relay's signing key, `claim_hash` that of the ticket's claim.
/// All fields before the role have a fixed length, so no two enrolments share their bytes.
pub fn challenge(
    relay_id: &[u8; 32],
    enrolment: &EnrolmentId,
    nonce: &[u8; 32],
    claim_hash: &[u8; 32],
    role: Role<'_>,
) -> [u8; 32] {
    let (word, key) = role.parts();
    let parts = [b"estafette-enrol-v1\0", &relay_id[..], enrolment.as_bytes(), nonce, claim_hash, word, key];
    Hash::of(&parts).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_of_known_inputs_never_changes() {
        let of = |role| {
            let bytes = challenge(&[1; 32], &EnrolmentId([2; 16]), &[3; 32], &[4; 32], role);
            Hash(bytes).to_string()
        };
        // Computed once with another implementation of SHA-256.
        assert_eq!(of(Role::Device), "a45d0fa2638506fcd3724fadfc2756c56f8ae7670ce813cf7358dcfff40cc156");
        assert_eq!(
            of(Role::Id(&[5; 33])),
            "056893fbd0d16601725a33a506b99143adb02a56b921dff83ec9fa701ea23db5"
        );
        assert_eq!(
            of(Role::AppAttest(&[5; 33])),
            "48c2ad6ee8b7f713ead84e42d70c245e47426664c93edae484d2e4f526279a87"
        );
    }
}
