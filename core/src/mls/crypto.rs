//! The cryptography that openmls is given: RustCrypto, with randomness from a seed.
//!
//! The same seed gives the same key packages, commits and welcomes, byte for byte: a run of
//! the simulated world can be told again. The driver draws the seed from the system.

use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ed25519_dalek::SigningKey;
use openmls::prelude::tls_codec::SecretVLBytes;
use openmls_rust_crypto::RustCrypto;
use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::random::OpenMlsRand;
use openmls_traits::types::{
    AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeAeadType, HpkeCiphertext, HpkeConfig,
    HpkeKdfType, HpkeKemType, HpkeKeyPair, KemOutput, SignatureScheme,
};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use x25519_dalek::StaticSecret;

use super::{SUITE, hpke};

type Result<T> = std::result::Result<T, CryptoError>;

/// The one suite of this organisation's groups, over a seeded generator.
pub struct Crypto {
    inner: RustCrypto,
    rng: Mutex<ChaCha20Rng>,
}

impl Crypto {
    /// Draws everything from `seed`, which must be fresh, secret and used once.
    pub fn seeded(seed: [u8; 32]) -> Self {
        let inner = RustCrypto::default();
        Self { inner, rng: Mutex::new(ChaCha20Rng::from_seed(seed)) }
    }

    /// A generator stays good when a thread died while it held the lock.
    fn rng(&self) -> MutexGuard<'_, ChaCha20Rng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sender(
        &self,
        config: &HpkeConfig,
        recipient: &[u8],
        info: &[u8],
    ) -> Result<(Vec<u8>, hpke_rs::Context<hpke_rs_rust_crypto::HpkeRustCrypto>)> {
        let HpkeConfig(HpkeKemType::DhKem25519, HpkeKdfType::HkdfSha256, HpkeAeadType::AesGcm128) = config
        else {
            return Err(CryptoError::UnsupportedCiphersuite);
        };
        let ephemeral = StaticSecret::random_from_rng(&mut *self.rng());
        hpke::sender(recipient, &ephemeral, info).map_err(|_| CryptoError::SenderSetupError)
    }
}

impl std::fmt::Debug for Crypto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Crypto(…)")
    }
}

impl OpenMlsRand for Crypto {
    type Error = Infallible;

    fn random_array<const N: usize>(&self) -> std::result::Result<[u8; N], Infallible> {
        let mut bytes = [0; N];
        self.rng().fill_bytes(&mut bytes);
        Ok(bytes)
    }

    fn random_vec(&self, len: usize) -> std::result::Result<Vec<u8>, Infallible> {
        let mut bytes = vec![0; len];
        self.rng().fill_bytes(&mut bytes);
        Ok(bytes)
    }
}

impl OpenMlsCrypto for Crypto {
    fn supports(&self, suite: Ciphersuite) -> Result<()> {
        if suite == SUITE { Ok(()) } else { Err(CryptoError::UnsupportedCiphersuite) }
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        vec![SUITE]
    }

    fn hkdf_extract(&self, hash: HashType, salt: &[u8], secret: &[u8]) -> Result<SecretVLBytes> {
        self.inner.hkdf_extract(hash, salt, secret)
    }

    fn hmac(&self, hash: HashType, key: &[u8], message: &[u8]) -> Result<SecretVLBytes> {
        self.inner.hmac(hash, key, message)
    }

    fn hkdf_expand(&self, hash: HashType, key: &[u8], info: &[u8], len: usize) -> Result<SecretVLBytes> {
        self.inner.hkdf_expand(hash, key, info, len)
    }

    fn hash(&self, hash: HashType, data: &[u8]) -> Result<Vec<u8>> {
        self.inner.hash(hash, data)
    }

    fn aead_encrypt(
        &self,
        alg: AeadType,
        key: &[u8],
        data: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        self.inner.aead_encrypt(alg, key, data, nonce, aad)
    }

    fn aead_decrypt(
        &self,
        alg: AeadType,
        key: &[u8],
        sealed: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        self.inner.aead_decrypt(alg, key, sealed, nonce, aad)
    }

    fn signature_key_gen(&self, scheme: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>)> {
        if scheme != SignatureScheme::ED25519 {
            return Err(CryptoError::UnsupportedSignatureScheme);
        }
        let mut secret = [0; 32];
        self.rng().fill_bytes(&mut secret);
        let key = SigningKey::from_bytes(&secret);
        Ok((key.to_bytes().to_vec(), key.verifying_key().to_bytes().to_vec()))
    }

    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        data: &[u8],
        key: &[u8],
        signature: &[u8],
    ) -> Result<()> {
        self.inner.verify_signature(scheme, data, key, signature)
    }

    fn sign(&self, scheme: SignatureScheme, data: &[u8], key: &[u8]) -> Result<Vec<u8>> {
        self.inner.sign(scheme, data, key)
    }

    fn hpke_seal(
        &self,
        config: HpkeConfig,
        recipient: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<HpkeCiphertext> {
        let (encapsulated, mut context) = self.sender(&config, recipient, info)?;
        let ciphertext = context.seal(aad, plaintext).map_err(|_| CryptoError::HpkeEncryptionError)?;
        Ok(HpkeCiphertext { kem_output: encapsulated.into(), ciphertext: ciphertext.into() })
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        input: &HpkeCiphertext,
        secret: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        self.inner.hpke_open(config, input, secret, info, aad)
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        recipient: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        len: usize,
    ) -> Result<(KemOutput, ExporterSecret)> {
        let (encapsulated, context) = self.sender(&config, recipient, info)?;
        let exported = context.export(exporter_context, len).map_err(|_| CryptoError::ExporterError)?;
        Ok((encapsulated, exported.into()))
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        encapsulated: &[u8],
        secret: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        len: usize,
    ) -> Result<ExporterSecret> {
        self.inner.hpke_setup_receiver_and_export(config, encapsulated, secret, info, exporter_context, len)
    }

    fn derive_hpke_keypair(&self, config: HpkeConfig, secret: &[u8]) -> Result<HpkeKeyPair> {
        self.inner.derive_hpke_keypair(config, secret)
    }
}
