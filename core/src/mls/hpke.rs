//! HPKE (RFC 9180) with randomness given by the caller: what is sealed to one device alone.
//!
//! Base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: the suite of our MLS
//! groups. hpke-rs asks the operating system for the ephemeral key; the encapsulation is
//! therefore done here, the rest by hpke-rs, which also opens.

use estafette_protocol::X25519Public;
use hkdf::{Hkdf, HkdfExtract};
use hpke_rs::hpke_types::{AeadAlgorithm, KdfAlgorithm, KemAlgorithm};
use hpke_rs::{Context, Hpke, HpkePrivateKey, Mode};
use hpke_rs_rust_crypto::HpkeRustCrypto;
use rand_core::{CryptoRng, RngCore};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// Bytes that sealing adds: the ephemeral public key and the tag.
pub const OVERHEAD: usize = ENCAPSULATED + 16;

const ENCAPSULATED: usize = 32;
const VERSION: &[u8] = b"HPKE-v1";
/// "KEM" and the number of DHKEM(X25519, HKDF-SHA256).
const KEM_SUITE: &[u8] = b"KEM\x00\x20";

/// Why nothing was sealed or opened. It does not say more: an attacker would learn from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HpkeError {
    /// The recipient's public key is one with which no secret can be agreed.
    #[error("not a usable public key")]
    BadKey,
    /// Not sealed to this key, or with other `info` or `aad`.
    #[error("does not open")]
    Unopened,
}

fn suite() -> Hpke<HpkeRustCrypto> {
    Hpke::new(Mode::Base, KemAlgorithm::DhKem25519, KdfAlgorithm::HkdfSha256, AeadAlgorithm::Aes128Gcm)
}

/// Seals to the holder of a secret key: the ephemeral public key, then the ciphertext with its tag.
///
/// `info` names the purpose, `aad` what the message belongs to; both are needed to open.
pub fn seal_to(
    recipient: &X25519Public,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Vec<u8>, HpkeError> {
    let ephemeral = StaticSecret::random_from_rng(rng);
    let (mut sealed, mut context) = sender(&recipient.0, &ephemeral, info)?;
    sealed.extend(context.seal(aad, plaintext).map_err(|_| HpkeError::BadKey)?);
    Ok(sealed)
}

/// Opens what [`seal_to`] sealed.
pub fn open(secret: &StaticSecret, info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, HpkeError> {
    let (encapsulated, ciphertext) = sealed.split_at_checked(ENCAPSULATED).ok_or(HpkeError::Unopened)?;
    let secret = HpkePrivateKey::new(secret.to_bytes().to_vec());
    suite()
        .open(encapsulated, &secret, info, aad, ciphertext, None, None, None)
        .map_err(|_| HpkeError::Unopened)
}

/// The sender's side: the encapsulated key, and the context that seals and exports.
pub(super) fn sender(
    recipient: &[u8],
    ephemeral: &StaticSecret,
    info: &[u8],
) -> Result<(Vec<u8>, Context<HpkeRustCrypto>), HpkeError> {
    let recipient: [u8; 32] = recipient.try_into().map_err(|_| HpkeError::BadKey)?;
    let encapsulated = PublicKey::from(ephemeral).to_bytes();
    let agreed = ephemeral.diffie_hellman(&PublicKey::from(recipient));
    if !agreed.was_contributory() {
        return Err(HpkeError::BadKey);
    }
    let shared = extract_and_expand(agreed.as_bytes(), &encapsulated, &recipient)?;
    let context = suite().key_schedule(&*shared, info, &[], &[]).map_err(|_| HpkeError::BadKey)?;
    Ok((encapsulated.to_vec(), context))
}

/// RFC 9180, section 4.1: `ExtractAndExpand(dh, enc ‖ pkR)`.
fn extract_and_expand(
    agreed: &[u8],
    encapsulated: &[u8],
    recipient: &[u8],
) -> Result<Zeroizing<[u8; 32]>, HpkeError> {
    let mut extract = HkdfExtract::<Sha256>::new(None);
    [VERSION, KEM_SUITE, b"eae_prk", agreed].iter().for_each(|part| extract.input_ikm(part));
    let (_, hkdf): (_, Hkdf<Sha256>) = extract.finalize();
    let mut shared = Zeroizing::new([0; 32]);
    let info = [&32u16.to_be_bytes(), VERSION, KEM_SUITE, b"shared_secret", encapsulated, recipient];
    hkdf.expand_multi_info(&info, &mut *shared).map_err(|_| HpkeError::BadKey)?;
    Ok(shared)
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    use super::*;

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        let pairs = hexadecimal.as_bytes().chunks_exact(2);
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    fn secret(hexadecimal: &str) -> StaticSecret {
        StaticSecret::from(<[u8; 32]>::try_from(bytes(hexadecimal)).unwrap())
    }

    /// RFC 9180, appendix A.1.1, sequence number 0.
    #[test]
    fn the_vector_of_rfc_9180_is_sealed_to_the_byte_and_opens() {
        let ephemeral = secret("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736");
        let recipient = bytes("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
        let info = b"Ode on a Grecian Urn";
        let (encapsulated, mut context) = sender(&recipient, &ephemeral, info).unwrap();
        assert_eq!(encapsulated, bytes("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"));
        let ciphertext = context.seal(b"Count-0", b"Beauty is truth, truth beauty").unwrap();
        assert_eq!(
            ciphertext,
            bytes(
                "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
            )
        );
        let opener = secret("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
        let sealed = [encapsulated, ciphertext].concat();
        assert_eq!(open(&opener, info, b"Count-0", &sealed).unwrap(), b"Beauty is truth, truth beauty");
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_info_and_data_only() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (secret, other) = (StaticSecret::from([7; 32]), StaticSecret::from([8; 32]));
        let public = X25519Public(PublicKey::from(&secret).to_bytes());
        let sealed = seal_to(&public, b"directory", b"edition 3", b"a key", &mut rng).unwrap();
        assert_eq!(sealed.len(), b"a key".len() + OVERHEAD);
        assert_eq!(open(&secret, b"directory", b"edition 3", &sealed).unwrap(), b"a key");
        assert_eq!(open(&other, b"directory", b"edition 3", &sealed), Err(HpkeError::Unopened));
        assert_eq!(open(&secret, b"bundle", b"edition 3", &sealed), Err(HpkeError::Unopened));
        assert_eq!(open(&secret, b"directory", b"edition 4", &sealed), Err(HpkeError::Unopened));
        for end in 0..sealed.len() {
            assert_eq!(open(&secret, b"directory", b"edition 3", &sealed[..end]), Err(HpkeError::Unopened));
        }
    }

    #[test]
    fn nothing_is_sealed_to_a_key_that_agrees_on_nothing() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let sealed = seal_to(&X25519Public([0; 32]), b"", b"", b"a key", &mut rng);
        assert_eq!(sealed, Err(HpkeError::BadKey));
    }

    #[test]
    fn two_sealings_of_one_text_differ() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let public = X25519Public(PublicKey::from(&StaticSecret::from([7; 32])).to_bytes());
        let first = seal_to(&public, b"", b"", b"a key", &mut rng).unwrap();
        assert_ne!(first, seal_to(&public, b"", b"", b"a key", &mut rng).unwrap());
    }
}
