//! Why evidence was refused, in stable words.
//!
//! An administrator sees them all; the phone learns only a class. A word is never renamed or
//! given another meaning: it is kept with the device's record and searched years later.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// One check that failed. The order is the order of the checks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
        pub enum Reason { $($(#[$doc])* $name),* }

        impl Reason {
            /// Every reason, for a catalogue of texts and the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word, as it is stored and crosses the network.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

reasons! {
    /// A certificate or the whole chain is larger than allowed; nothing was parsed.
    EvidenceTooLarge = "evidence_too_large";
    /// More certificates than allowed; nothing was parsed.
    ChainTooLong = "chain_too_long";
    /// Fewer than three certificates.
    ChainTooShort = "chain_too_short";
    /// A certificate does not parse, or bytes follow it; nothing else was looked at.
    ParseCert = "parse_cert";
    /// The last certificate does not hold a trusted key.
    UntrustedRoot = "untrusted_root";
    /// The last certificate holds a key of Android's software attestation, whose private half is public:
    /// an emulator, or a phone without the hardware. Always with `untrusted_root`.
    SoftwareRoot = "software_root";
    /// The root's key stands in the chain before its end as well.
    RootNotLast = "root_not_last";
    /// A certificate names another issuer than the subject of the next one.
    NameChaining = "name_chaining";
    /// A signature is wrong, or its algorithm is not accepted.
    BadSignature = "bad_signature";
    /// A certificate was signed by a key that may not sign certificates.
    NotAuthority = "not_authority";
    /// An intermediate certificate's validity has not begun.
    NotYetValid = "not_yet_valid";
    /// An intermediate certificate's validity is over, where validity counts.
    Expired = "expired";
    /// The attesting key was put in at the factory, and the organisation asks for a remote one.
    RkpRequired = "rkp_required";
    /// A certificate of the chain is revoked or suspended by Google.
    Revoked = "revoked";
    /// The list of revoked keys is older than three days; says nothing about the phone.
    StatusListStale = "status_list_stale";
    /// The first certificate carries no key description: this is no attestation.
    NoKeyDescription = "no_key_description";
    /// Another certificate than the first carries one: an attested key signed a certificate of its own.
    KeyDescriptionNotInLeaf = "key_description_not_in_leaf";
    /// The key description does not parse.
    ParseKeyDescription = "parse_key_description";
    /// The properties in the key description do not stand in ascending order, each once.
    TagsUnordered = "tags_unordered";
    /// The key was made for another challenge: an old or borrowed chain.
    ChallengeMismatch = "challenge_mismatch";
    /// The attested key is not the one the device enrols with.
    KeyMismatch = "key_mismatch";
    /// Key and attestation are not in the same hardware, or in less than is asked for.
    SecurityLevel = "security_level";
    /// The key was not made inside the hardware.
    KeyOrigin = "key_origin";
    /// The key does not sign, or attests other keys.
    KeyPurpose = "key_purpose";
    /// The key is not one of P-256.
    KeyAlgorithm = "key_algorithm";
    /// Every application of the phone may use the key.
    AllApplications = "all_applications";
    /// The hardware does not say how the phone booted.
    NoRootOfTrust = "no_root_of_trust";
    /// "Locked" is neither yes nor no in DER; it counts as unlocked.
    MalformedBoolean = "malformed_boolean";
    /// The bootloader is unlocked.
    BootloaderUnlocked = "bootloader_unlocked";
    /// Another system than the maker's has booted.
    BootNotVerified = "boot_not_verified";
    /// Android does not name the application that holds the key.
    NoAppId = "no_app_id";
    /// Android names no certificate that signed the application.
    NoAppSignature = "no_app_signature";
    /// The key belongs to another application.
    AppPackage = "app_package";
    /// The application was signed by others than the allowed ones, or not by exactly these.
    AppDigest = "app_digest";
    /// Android's patch level is older than the organisation allows, or not told.
    PatchLevel = "patch_level";
    /// The hardware does not attest the inventory entry's model.
    InventoryModel = "inventory_model";
    /// The hardware does not attest the inventory entry's serial number.
    InventorySerial = "inventory_serial";
    /// The second chain, which attests the serial number, fails a check; the other reasons may be its own.
    IdChain = "id_chain";
    /// The two chains do not come from one phone.
    IdNotTied = "id_not_tied";
    /// Not an App Attest object or assertion; nothing else was looked at.
    ParseAppAttest = "parse_app_attest";
    /// The App Attest object was made for other data.
    NonceMismatch = "nonce_mismatch";
    /// The App Attest key's name is not its hash.
    KeyIdMismatch = "key_id_mismatch";
    /// The App Attest key belongs to another application.
    AppIdMismatch = "app_id_mismatch";
    /// A new App Attest key has signed before.
    CounterNotZero = "counter_not_zero";
    /// Made in Apple's development environment, where production is asked for.
    DevelopmentAaguid = "development_aaguid";
    /// Made in Apple's production environment, where development is asked for.
    ProductionAaguid = "production_aaguid";
    /// Of neither environment.
    UnknownAaguid = "unknown_aaguid";
    /// The assertion was not signed by this key for this data.
    AssertionSignature = "assertion_signature";
    /// The assertion's counter is not above the one seen last: it was used before.
    CounterNotGreater = "counter_not_greater";
    /// A Managed Device Attestation certificate whose serial number or device id does not parse.
    ParseManagedDevice = "parse_managed_device";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
