//! The challenge that a device's hardware signs when it makes its key.
//!
//! It ties the key to one relay, one enrolment, one nonce and one ticket, so a chain recorded in
//! another enrolment is worth nothing. It cannot contain the key: both are made together.

use estafette_protocol::EnrolmentId;
use estafette_protocol::ids::Hash;

/// What the attested key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The device's own key, made by the application.
    Device,
    /// A key whose chain proves the phone's serial number, made by the system for its owner.
    Id,
}

impl Role {
    fn word(self) -> &'static [u8] {
        match self {
            Self::Device => b"dev",
            Self::Id => b"id",
        }
    }
}

/// The challenge of one enrolment:
/// SHA-256("estafette-enrol-v1" ‖ 0 ‖ relay id ‖ enrolment ‖ nonce ‖ SHA-256(claim) ‖ "dev" or "id").
///
/// `relay_id` is the SHA-256 of the relay's signing key, `claim_hash` that of the ticket's claim.
/// All fields but the last have a fixed length, so no two enrolments share their bytes.
pub fn challenge(
    relay_id: &[u8; 32],
    enrolment: &EnrolmentId,
    nonce: &[u8; 32],
    claim_hash: &[u8; 32],
    role: Role,
) -> [u8; 32] {
    Hash::of(&[b"estafette-enrol-v1\0", relay_id, enrolment.as_bytes(), nonce, claim_hash, role.word()]).0
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
        assert_eq!(of(Role::Id), "e8b611bd698b1aae482a3b74633d06a56ed68b123ca73ef0f1e59d83a7ace901");
    }
}
