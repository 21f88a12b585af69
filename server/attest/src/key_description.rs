//! What Android's secure hardware says about a key: the KeyDescription extension.
//!
//! Eight versions exist and more will come, so nothing depends on the version: known tags are
//! read, unknown ones skipped. The *hardware* list is filled by the secure hardware, the
//! *software* list by Android, and is only as good as the system that booted.
//!
//! Parsing judges nothing: an unlocked phone parses as well as a locked one.

use std::fmt;

use crate::der::{Boolean, Malformed, Reader, Tag};

/// The extension's contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDescription {
    /// Version of the attestation's format: 1 to 4 for Keymaster, from 100 for KeyMint.
    pub attestation_version: u64,
    /// Where the attestation was made.
    pub attestation_security_level: SecurityLevel,
    /// Version of the Keymaster or KeyMint that holds the key.
    pub keymint_version: u64,
    /// Where the key is held.
    pub keymint_security_level: SecurityLevel,
    /// What the caller asked to be signed along.
    pub challenge: Vec<u8>,
    /// What Android says.
    pub software: AuthorizationList,
    /// What the secure hardware says.
    pub hardware: AuthorizationList,
}

/// Where a key or an attestation lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecurityLevel {
    /// Android itself.
    Software,
    /// The main processor's secure world.
    TrustedEnvironment,
    /// A separate chip.
    StrongBox,
}

/// Properties of a key and of the phone that holds it. Absent ones are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorizationList {
    /// Whether the tags ascend, each once, as the schema demands.
    pub ordered: bool,
    /// What the key may do; 2 is signing.
    pub purposes: Vec<u64>,
    /// Kind of key; 3 is elliptic curve.
    pub algorithm: Option<u64>,
    /// Bits of the key.
    pub key_size: Option<u64>,
    /// The curve; 1 is P-256.
    pub curve: Option<u64>,
    /// Whether every application of the phone may use the key.
    pub all_applications: bool,
    /// How the key came to be; 0 is generated inside.
    pub origin: Option<u64>,
    /// How the phone booted.
    pub root_of_trust: Option<RootOfTrust>,
    /// Version of Android, as MMmmss (140000 is 14).
    pub os_version: Option<u64>,
    /// Patch level of Android, as YYYYMM.
    pub os_patch_level: Option<u64>,
    /// Patch level of the vendor's part, as YYYYMM or YYYYMMDD.
    pub vendor_patch_level: Option<u64>,
    /// Patch level of the boot image, as YYYYMM or YYYYMMDD.
    pub boot_patch_level: Option<u64>,
    /// The application that asked for the key. Android fills it, in the software list.
    pub application: Option<ApplicationId>,
    /// For instance "google".
    pub brand: Option<AttestedText>,
    /// The maker's name for the hardware.
    pub device: Option<AttestedText>,
    /// The maker's name for the whole product.
    pub product: Option<AttestedText>,
    /// Serial number; only an organisation-owned phone can attest it.
    pub serial: Option<AttestedText>,
    /// First IMEI.
    pub imei: Option<AttestedText>,
    /// Second IMEI.
    pub second_imei: Option<AttestedText>,
    /// MEID.
    pub meid: Option<AttestedText>,
    /// For instance "Google".
    pub manufacturer: Option<AttestedText>,
    /// For instance "Pixel 9 Pro".
    pub model: Option<AttestedText>,
}

/// How the phone booted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootOfTrust {
    /// Hash of the key that signed the system; empty or zeros if none.
    pub verified_boot_key: Vec<u8>,
    /// Whether the bootloader is locked, as written.
    pub device_locked: Boolean,
    /// Whose system booted.
    pub boot_state: BootState,
    /// Hash of what booted; attestations before version 3 lack it.
    pub verified_boot_hash: Option<Vec<u8>>,
}

/// Whose system booted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootState {
    /// The maker's.
    Verified,
    /// Somebody's, signed with a key that the user installed.
    SelfSigned,
    /// Anybody's: the bootloader is unlocked.
    Unverified,
    /// One that failed verification.
    Failed,
}

/// The application that asked for the key, according to Android.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationId {
    /// The packages that share its user id.
    pub packages: Vec<Package>,
    /// SHA-256 of each certificate that signed them.
    pub signing_digests: Vec<Vec<u8>>,
}

/// An Android package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// For instance "com.example.app".
    pub name: AttestedText,
    /// Its version code.
    pub version: u64,
}

/// Text from an attestation, of any bytes. Printing it for debugging shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct AttestedText(pub Vec<u8>);

impl AttestedText {
    /// The text, unless it is not UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for AttestedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttestedText({} bytes)", self.0.len())
    }
}

impl KeyDescription {
    /// The extension's object identifier, 1.3.6.1.4.1.11129.2.1.17, in DER without its header.
    pub const OID: &'static [u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11];

    /// Reads the extension's value.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if a known field is not what the schema says, or bytes follow the end.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(bytes);
        let mut fields = outer.sequence()?;
        outer.end()?;
        let attestation_version = fields.integer()?;
        let attestation_security_level = SecurityLevel::read(&mut fields)?;
        let keymint_version = fields.integer()?;
        let keymint_security_level = SecurityLevel::read(&mut fields)?;
        let challenge = fields.octets()?.to_vec();
        let _unique_id = fields.octets()?;
        let software = AuthorizationList::read(fields.sequence()?)?;
        let hardware = AuthorizationList::read(fields.sequence()?)?;
        fields.end()?;
        Ok(Self {
            attestation_version,
            attestation_security_level,
            keymint_version,
            keymint_security_level,
            challenge,
            software,
            hardware,
        })
    }
}

impl SecurityLevel {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.enumerated()? {
            0 => Ok(Self::Software),
            1 => Ok(Self::TrustedEnvironment),
            2 => Ok(Self::StrongBox),
            _ => Err(Malformed),
        }
    }
}

impl AuthorizationList {
    fn read(mut properties: Reader<'_>) -> Result<Self, Malformed> {
        let mut list = Self { ordered: true, ..Self::default() };
        let mut last = None;
        while !properties.is_empty() {
            let (Tag::Context(tag), content) = properties.element()? else {
                return Err(Malformed);
            };
            list.ordered &= last < Some(tag);
            last = Some(tag);
            list.take(tag, Reader::new(content))?;
        }
        Ok(list)
    }

    /// Keeps one property if its tag is known.
    fn take(&mut self, tag: u32, mut value: Reader<'_>) -> Result<(), Malformed> {
        match tag {
            1 => self.purposes = integers(value.set()?)?,
            2 => self.algorithm = Some(value.integer()?),
            3 => self.key_size = Some(value.integer()?),
            10 => self.curve = Some(value.integer()?),
            600 => {
                value.element()?;
                self.all_applications = true;
            }
            702 => self.origin = Some(value.integer()?),
            704 => self.root_of_trust = Some(RootOfTrust::read(value.sequence()?)?),
            705 => self.os_version = Some(value.integer()?),
            706 => self.os_patch_level = Some(value.integer()?),
            709 => self.application = Some(ApplicationId::read(value.octets()?)?),
            710 => self.brand = Some(text(&mut value)?),
            711 => self.device = Some(text(&mut value)?),
            712 => self.product = Some(text(&mut value)?),
            713 => self.serial = Some(text(&mut value)?),
            714 => self.imei = Some(text(&mut value)?),
            715 => self.meid = Some(text(&mut value)?),
            716 => self.manufacturer = Some(text(&mut value)?),
            717 => self.model = Some(text(&mut value)?),
            718 => self.vendor_patch_level = Some(value.integer()?),
            719 => self.boot_patch_level = Some(value.integer()?),
            723 => self.second_imei = Some(text(&mut value)?),
            _unknown => return Ok(()),
        }
        value.end()
    }
}

fn integers(mut set: Reader<'_>) -> Result<Vec<u64>, Malformed> {
    let mut numbers = Vec::new();
    while !set.is_empty() {
        numbers.push(set.integer()?);
    }
    Ok(numbers)
}

fn text(value: &mut Reader<'_>) -> Result<AttestedText, Malformed> {
    value.octets().map(|bytes| AttestedText(bytes.to_vec()))
}

impl RootOfTrust {
    fn read(mut fields: Reader<'_>) -> Result<Self, Malformed> {
        let verified_boot_key = fields.octets()?.to_vec();
        let device_locked = fields.boolean()?;
        let boot_state = match fields.enumerated()? {
            0 => BootState::Verified,
            1 => BootState::SelfSigned,
            2 => BootState::Unverified,
            3 => BootState::Failed,
            _ => return Err(Malformed),
        };
        let verified_boot_hash = match fields.is_empty() {
            true => None,
            false => Some(fields.octets()?.to_vec()),
        };
        fields.end()?;
        Ok(Self { verified_boot_key, device_locked, boot_state, verified_boot_hash })
    }
}

impl ApplicationId {
    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(bytes);
        let mut fields = outer.sequence()?;
        outer.end()?;
        let mut entries = fields.set()?;
        let mut packages = Vec::new();
        while !entries.is_empty() {
            let mut entry = entries.sequence()?;
            packages.push(Package { name: text(&mut entry)?, version: entry.integer()? });
            entry.end()?;
        }
        let mut digests = fields.set()?;
        let mut signing_digests = Vec::new();
        while !digests.is_empty() {
            signing_digests.push(digests.octets()?.to_vec());
        }
        fields.end()?;
        Ok(Self { packages, signing_digests })
    }
}
