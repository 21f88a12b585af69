//! An ES256 key in this process's memory, for what is not a phone.

use estafette_core::identity::DeviceKey;
use estafette_protocol::{Es256Public, Fault, FaultCode, Signature};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{SigningKey, VerifyingKey};
use rand_core::CryptoRngCore;

/// A device key that no hardware keeps.
pub struct SoftwareKey(SigningKey);

impl SoftwareKey {
    /// Draws a key.
    pub fn draw(rng: &mut dyn CryptoRngCore) -> Self {
        let mut rng = rng;
        Self(SigningKey::random(&mut rng))
    }

    /// Its public half, as evidence attests it.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.0.verifying_key()
    }
}

impl DeviceKey for SoftwareKey {
    fn public(&self) -> Es256Public {
        let point = self.0.verifying_key().to_encoded_point(true);
        // A compressed point of P-256 has 33 bytes.
        Es256Public::from_slice(point.as_bytes()).unwrap_or(Es256Public([0; 33]))
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, Fault> {
        let signature: p256::ecdsa::Signature = self.0.try_sign(message).map_err(|_| FaultCode::Internal)?;
        Ok(Signature(signature.to_bytes().into()))
    }
}
