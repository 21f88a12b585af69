//! The keys at which a chain may end.
//!
//! A root is its public key, never its certificate, name or serial number: Google reissued one key
//! under four certificates, the oldest of which has expired and still comes with many phones.

/// A key that may sign chains, known by the SHA-256 of its SubjectPublicKeyInfo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedRoot {
    /// SHA-256 of the key's DER-encoded SubjectPublicKeyInfo.
    pub spki_sha256: [u8; 32],
    /// Whether its private key is public knowledge. What it vouches for counts as software.
    pub development: bool,
}

/// Google's two roots of Android Key Attestation (`design/device-ownership.md` §1.2).
///
/// A relay without the feature `dev-attestation` knows no others.
pub const GOOGLE_ROOTS: [TrustedRoot; 2] = [
    // RSA-4096, since 2016; phones with keys from the factory stay on it.
    TrustedRoot {
        spki_sha256: [
            0xfe, 0xb2, 0xea, 0x75, 0x51, 0xee, 0x31, 0x6e, 0xd4, 0xbb, 0x44, 0x3c, 0x82, 0x93, 0xb8, 0x84,
            0xdb, 0xfd, 0xea, 0x40, 0xb6, 0x03, 0xee, 0x3e, 0x4f, 0x4a, 0x89, 0x7e, 0x45, 0x80, 0xfb, 0xae,
        ],
        development: false,
    },
    // ECDSA P-384 "Key Attestation CA1", since 2026.
    TrustedRoot {
        spki_sha256: [
            0x3e, 0xe4, 0x45, 0x12, 0xa1, 0xaf, 0x2b, 0xeb, 0x39, 0xc8, 0x89, 0x49, 0x0c, 0x60, 0xea, 0x3f,
            0x82, 0xe4, 0x3f, 0x5d, 0x5a, 0x55, 0x32, 0xf5, 0xab, 0x94, 0x19, 0xf6, 0x76, 0xcd, 0x07, 0xec,
        ],
        development: false,
    },
];
