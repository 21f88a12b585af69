//! Clocks that are set, stopped, switched off and wrong.

use super::*;
use estafette_protocol::lease::LeaseTerms;
use estafette_protocol::{AuthEpoch, DeviceId, OrganisationId};
use proptest::prelude::*;

const CONTACT: Timestamp = Timestamp(1_800_000_000_000);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

fn lease() -> Lease {
    let of = (OrganisationId([1; 16]), DeviceId([2; 16]), AuthEpoch(0));
    Lease::new(of, LeaseTerms::default(), &[], CONTACT)
}

fn at(days: u32) -> Timestamp {
    CONTACT.after(DAY * days)
}

/// A device that had been running for an hour when the relay spoke last.
fn told() -> Count {
    Count::told(CONTACT, Some(HOUR))
}

fn stands(count: Count) -> Standing {
    standing(&lease(), count.at)
}

#[test]
fn a_device_that_goes_on_running_locks_on_the_day_and_is_empty_on_the_other() {
    let wipe_at = lease().wipe_at;
    let after = |days: u32, more: Duration| {
        told().advanced(at(days).after(more), Some(HOUR + DAY * days + more), wipe_at)
    };
    assert_eq!(stands(after(6, HOUR * 23)), Standing::Open);
    assert_eq!(stands(after(7, Duration::ZERO)), Standing::Locked);
    assert_eq!(stands(after(29, HOUR * 23)), Standing::Locked);
    assert_eq!(stands(after(30, Duration::ZERO)), Standing::Wiped);
}

#[test]
fn a_clock_set_back_wins_nothing() {
    let wipe_at = lease().wipe_at;
    let count = told().advanced(at(6), Some(HOUR + DAY * 6), wipe_at);
    // Set back by five days, and left to run for one.
    let count = count.advanced(at(1), Some(HOUR + DAY * 6), wipe_at);
    let count = count.advanced(at(2), Some(HOUR + DAY * 7), wipe_at);
    assert_eq!((count.at, stands(count)), (at(7), Standing::Locked));
    // Set back by ten years and switched on anew.
    let count = count.advanced(Timestamp(0), Some(HOUR), wipe_at);
    assert_eq!(count.at, at(7).after(HOUR));
}

#[test]
fn the_time_in_which_a_device_was_off_is_taken_from_the_clock_on_the_wall() {
    let wipe_at = lease().wipe_at;
    let count = told().advanced(at(8), Some(Duration::from_secs(40)), wipe_at);
    assert_eq!(stands(count), Standing::Locked);
}

#[test]
fn a_clock_that_is_far_ahead_locks_and_destroys_nothing_before_three_days_of_running() {
    let wipe_at = lease().wipe_at;
    let on = |hours: u32| HOUR * hours;
    let count = told().advanced(at(4_000), Some(on(1)), wipe_at);
    assert_eq!((stands(count), count.at), (Standing::Locked, at(27)));
    let count = count.advanced(at(4_000), Some(on(72)), wipe_at);
    assert_eq!(stands(count), Standing::Locked);
    let count = count.advanced(at(4_000), Some(on(73)), wipe_at);
    assert_eq!(stands(count), Standing::Wiped);
}

#[test]
fn a_lease_of_another_device_an_older_one_and_a_forged_one_are_refused() {
    use ed25519_dalek::SigningKey;
    let organisation = SigningKey::from_bytes(&[3; 32]);
    let relay = SigningKey::from_bytes(&[4; 32]);
    let (registry, identity) = founded(&organisation, &relay);
    let own = Lease { device: identity.device, organisation: identity.organisation, ..lease() };
    let bytes = |lease: &Lease, key: &SigningKey| estafette_protocol::codec::to_bytes(&lease.sign(key));
    let judge = |bytes: &[u8], held: Option<&Lease>| {
        accept(bytes, &identity, &registry, held).map(|(_, lease)| lease).map_err(|fault| fault.code)
    };
    let refused = Err(FaultCode::LeaseInvalid);
    assert_eq!(judge(&bytes(&own, &relay), None), Ok(own));
    assert_eq!(judge(&bytes(&own, &relay), Some(&own)), Ok(own), "the same instant again");
    assert_eq!(judge(&bytes(&own, &organisation), None), refused, "another key");
    let others = Lease { device: DeviceId([9; 16]), ..own };
    assert_eq!(judge(&bytes(&others, &relay), None), refused);
    let elsewhere = Lease { organisation: OrganisationId([9; 16]), ..own };
    assert_eq!(judge(&bytes(&elsewhere, &relay), None), refused);
    let newer = Lease { issued_at: at(1), ..own };
    assert_eq!(judge(&bytes(&own, &relay), Some(&newer)), refused, "an older one");
    let reversed = Lease { wipe_at: own.lock_at, lock_at: own.wipe_at, ..own };
    assert_eq!(judge(&bytes(&reversed, &relay), None), refused);
    assert_eq!(judge(&[], None), refused);
    assert_eq!(judge(&vec![0; 1_000_000], None), refused);
}

/// An organisation of that key with that relay, and a device of it.
fn founded(
    organisation: &ed25519_dalek::SigningKey,
    relay: &ed25519_dalek::SigningKey,
) -> (Registry, StoredIdentity) {
    use estafette_protocol::statement::{Act, SignedStatement, Signer, Statement};
    use estafette_protocol::{AgentNumber, Ed25519Public, Es256Public, Hash, StatementNumber};
    let public = |key: &ed25519_dalek::SigningKey| Ed25519Public(key.verifying_key().to_bytes());
    let id = OrganisationId::of_key(&public(organisation).0);
    let found = Act::Found { organisation_key: public(organisation), relay_key: public(relay) };
    let statement = Statement {
        organisation: id,
        number: StatementNumber(0),
        previous: Hash([0; 32]),
        at: CONTACT,
        signer: Signer::Organisation,
        acts: vec![found],
    };
    let mut registry = Registry::new(id);
    registry.apply(&SignedStatement::sign(&statement, organisation)).unwrap();
    let identity = StoredIdentity {
        device: DeviceId([2; 16]),
        agent: AgentNumber(1),
        organisation: id,
        organisation_key: public(organisation),
        relay: Hash([0; 32]),
        es256: Es256Public([2; 33]),
        ed25519: [5; 32],
        x25519: [6; 32],
        auth_epoch: AuthEpoch(0),
        address: String::new(),
        pin: Hash([0; 32]),
        actor: [0; 16],
        inventory: None,
    };
    (registry, identity)
}

proptest! {
    /// Whatever is done to the wall's clock and however often the device is switched off, it counts at
    /// least what it has run, never goes back, and destroys nothing before its time.
    #[test]
    fn no_way_of_setting_the_clock_extends_a_lease(
        steps in prop::collection::vec((0u64..200 * 3_600_000, any::<bool>(), any::<u64>()), 1..40),
    ) {
        let wipe_at = lease().wipe_at;
        let mut count = told();
        let mut up = milliseconds(HOUR);
        let mut ran = 0u64;
        for (milliseconds, restarts, wall) in steps {
            let before = count;
            if restarts {
                // Off, and on again for a while.
                up = milliseconds;
            } else {
                up += milliseconds;
            }
            // Seen anew after a restart that is shorter than what was seen before; else it looks as if
            // it had gone on, and counts what the counter shows more.
            ran += up.checked_sub(before.running).unwrap_or(up);
            count = count.advanced(Timestamp(wall), Some(Duration::from_millis(up)), wipe_at);
            prop_assert!(count.at >= before.at);
            prop_assert!(count.at >= Timestamp(CONTACT.0 + ran));
            let by_wall_alone = Timestamp(wipe_at.0 - respite());
            prop_assert!(count.at <= Timestamp((CONTACT.0 + ran).max(by_wall_alone.0 + ran)));
        }
    }
}

fn respite() -> u64 {
    milliseconds(RESPITE)
}
