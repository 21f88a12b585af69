//! Sizes that are looked at before anything is parsed. Lengths in bytes unless said.

/// A WebSocket message or HTTP body between a device and the relay.
pub const FRAME: usize = 4 * 1024 * 1024;
/// One sealed entry, header included.
pub const ENTRY: usize = 72 * 1024;
/// What an entry holds after decompression.
pub const OPERATION: usize = 64 * 1024;
/// The text of a message, in Unicode scalar values.
pub const MESSAGE_CHARACTERS: usize = 10_000;
/// Messages that one message may answer.
pub const PARENTS: usize = 32;
/// Agents that one message may name.
pub const MENTIONS: usize = 64;
/// Versions that an edit may take the place of.
pub const VERSIONS: usize = 16;
/// A reaction: one sign, with its modifiers.
pub const REACTION: usize = 32;
/// A thread's title, in Unicode scalar values.
pub const TITLE: usize = 100;
/// The text of a note, in Unicode scalar values.
pub const NOTE_CHARACTERS: usize = 200_000;
/// Characters that one change of a note puts in or takes out.
pub const NOTE_OPERATIONS: u64 = 65_536;
/// Changes that one change of a note may follow.
pub const NOTE_PARENTS: usize = 64;
/// Entries of a note that wait on a device for what they follow.
pub const NOTE_WAITING: usize = 256;
/// Entries that one request erases.
pub const ERASE: usize = 256;
/// One statement with its signature.
pub const STATEMENT: usize = 64 * 1024;
/// Acts in one statement.
pub const ACTS: usize = 256;
/// A commit as the relay takes it.
pub const COMMIT: usize = 512 * 1024;
/// A welcome for one device.
pub const WELCOME: usize = 16 * 1024;
/// A group information with or without its tree.
pub const GROUP_INFO: usize = 512 * 1024;
/// One key package.
pub const KEY_PACKAGE: usize = 4 * 1024;
/// Key packages in one upload.
pub const KEY_PACKAGES: usize = 512;
/// A slot's content.
pub const SLOT: usize = 1024;
/// A sealed directory.
pub const DIRECTORY: usize = 2 * 1024 * 1024;
/// A sealed history bundle: some 8,000 epochs, twenty years of daily ones.
pub const BUNDLE: usize = 256 * 1024;
/// Evidence of a device: two chains of at most 32 KiB each, and their CBOR.
pub const EVIDENCE: usize = 66 * 1024;
/// Devices of one roster.
pub const ROSTER_DEVICES: usize = 250;
/// The common ciphertext of an announcement.
pub const COMMON: usize = 64 * 1024;
/// Teams to which one announcement goes.
pub const ANNOUNCED_TEAMS: usize = 200;
/// Entries in one append.
pub const APPEND: usize = 256;

/// Statements shown to a restored relay in one request.
pub const RECOVERED: usize = 500;
/// The highest generation that a roster without a group may be founded with. Members who lived in a
/// generation that a restored relay never heard of found a higher one: no two groups share keys' names.
pub const FOUNDED_GENERATION: u32 = 1 << 24;
