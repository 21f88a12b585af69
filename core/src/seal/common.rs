//! What the entries of an announcement have in common, sealed once for all teams.
//!
//! AES-256-GCM of the padded content under a key drawn for this version alone, which each team's
//! entry holds. Not signed here: the entry is, and it names these bytes by their hash.

use estafette_protocol::EntryUid;

use super::entry::OpenError;
use super::keys::common_cipher;
use super::padding;

/// Seals what is announced. `key` must be fresh. `None` beyond 64 GiB.
pub fn seal_common(key: &[u8; 32], version: EntryUid, content: &[u8]) -> Option<Vec<u8>> {
    common_cipher(key, &version.0).seal(&padding::pack(content), &version.0)
}

/// Opens what was sealed for this version.
///
/// # Errors
///
/// The seal does not hold, or what it holds is padded otherwise.
pub fn open_common(key: &[u8; 32], version: EntryUid, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let padded = common_cipher(key, &version.0).open(sealed, &version.0).map_err(|_| OpenError::Seal)?;
    padding::unpack(&padded).map(Into::into).map_err(|_| OpenError::Content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_opens_with_its_key_for_its_version_only() {
        let version = EntryUid([1; EntryUid::LEN]);
        let sealed = seal_common(&[2; 32], version, b"Route de Vaux barree").unwrap();
        assert_eq!(open_common(&[2; 32], version, &sealed).unwrap(), b"Route de Vaux barree");
        assert_eq!(open_common(&[3; 32], version, &sealed), Err(OpenError::Seal));
        assert_eq!(open_common(&[2; 32], EntryUid([9; EntryUid::LEN]), &sealed), Err(OpenError::Seal));
        let altered: Vec<u8> = sealed.iter().map(|byte| byte ^ 1).collect();
        assert_eq!(open_common(&[2; 32], version, &altered), Err(OpenError::Seal));
    }
}
