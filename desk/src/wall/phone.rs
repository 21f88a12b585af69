//! What stands in for a phone's secure hardware on the wall: it attests the keys of its folder.

use std::sync::Arc;

use estafette_attest::development::DevelopmentAttestor;
use estafette_core::enrol::{AttestedKey, Attestor, KeyRequest};
use estafette_core::identity::DeviceKey as _;
use estafette_protocol::{Fault, FaultCode};
use p256::ecdsa::VerifyingKey;

use crate::folder::KeyRing;
use crate::replay::office::PHONE;

/// A phone of the inventory's model, under the development root.
pub struct Hardware<'a>(pub &'a KeyRing);

impl Attestor for Hardware<'_> {
    fn make_key(&self, request: &KeyRequest<'_>) -> Result<AttestedKey, Fault> {
        let challenge = request.challenge.ok_or(FaultCode::AttestationRejected)?;
        let key = self.0.device_key().map_err(|_| FaultCode::Internal)?;
        let public = VerifyingKey::from_sec1_bytes(&key.public().0).map_err(|_| FaultCode::Internal)?;
        let evidence = DevelopmentAttestor::new().attest(&public, &challenge.device(), PHONE).to_bytes();
        Ok(AttestedKey { key: Arc::new(key), evidence })
    }
}
