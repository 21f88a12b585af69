//! Key descriptions as a locked, verified phone's secure hardware writes them.

use super::Phone;
use super::writer::{enumerated, explicit, integer, null, octets, sequence, set, yes};

/// Properties of one list: tag and explicitly tagged content.
pub(super) type Properties = Vec<(u32, Vec<u8>)>;

const MODEL: u32 = 717;

/// The description of a signing key that the hardware of `phone` made for `challenge`.
pub(super) fn in_hardware(challenge: &[u8], phone: Phone<'_>) -> Vec<u8> {
    description(challenge, software(), hardware(phone))
}

/// The same, but it is Android who names the model.
pub(super) fn model_from_android(challenge: &[u8], phone: Phone<'_>) -> Vec<u8> {
    let (model, hardware) = hardware(phone).into_iter().partition(|(tag, _)| *tag == MODEL);
    description(challenge, [software(), model].concat(), hardware)
}

/// The same, with two properties of the hardware list in the wrong order.
pub(super) fn unordered(challenge: &[u8], phone: Phone<'_>) -> Vec<u8> {
    let mut hardware = hardware(phone);
    hardware.reverse();
    description(challenge, software(), hardware)
}

fn description(challenge: &[u8], software: Properties, hardware: Properties) -> Vec<u8> {
    const KEYMINT_3: u64 = 300;
    const TRUSTED_ENVIRONMENT: u8 = 1;
    sequence(&[
        &integer(KEYMINT_3),
        &enumerated(TRUSTED_ENVIRONMENT),
        &integer(KEYMINT_3),
        &enumerated(TRUSTED_ENVIRONMENT),
        &octets(challenge),
        &octets(&[]),
        &list(&software),
        &list(&hardware),
    ])
}

fn list(properties: &Properties) -> Vec<u8> {
    let elements: Vec<_> = properties.iter().map(|(tag, content)| explicit(*tag, content)).collect();
    sequence(&[&elements.concat()])
}

/// Filled by Android: when the key was made and for which application.
fn software() -> Properties {
    let package = sequence(&[&octets(b"org.example.estafette.development"), &integer(1)]);
    let application = sequence(&[&set(&[&package]), &set(&[&octets(&[0xe5; 32])])]);
    vec![(701, integer(0)), (709, octets(&application))]
}

/// Filled by the secure hardware: an ES256 key generated inside a locked phone with its maker's system.
fn hardware(phone: Phone<'_>) -> Properties {
    const VERIFIED: u8 = 0;
    let root_of_trust =
        sequence(&[&octets(&[0xb0; 32]), &yes(), &enumerated(VERIFIED), &octets(&[0xb1; 32])]);
    let one = |value| set(&[&integer(value)]);
    vec![
        (1, one(2)),
        (2, integer(3)),
        (3, integer(256)),
        (5, one(4)),
        (10, integer(1)),
        (503, null()),
        (702, integer(0)),
        (704, root_of_trust),
        (705, integer(160_000)),
        (706, integer(202_610)),
        (716, octets(phone.manufacturer.as_bytes())),
        (MODEL, octets(phone.model.as_bytes())),
        (718, integer(20_261_005)),
        (719, integer(20_261_005)),
    ]
}
