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
    /// The root's key stands in the chain before its end as well.
    RootNotLast = "root_not_last";
    /// A certificate names another issuer than the subject of the next one.
    NameChaining = "name_chaining";
    /// A signature is wrong, or its algorithm is not accepted.
    BadSignature = "bad_signature";
    /// An intermediate certificate's validity has not begun.
    NotYetValid = "not_yet_valid";
    /// An intermediate certificate's validity is over, where validity counts.
    Expired = "expired";
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
    /// The hardware does not attest the inventory entry's model.
    InventoryModel = "inventory_model";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
