//! MLS state as rows of the device's database, written in the caller's transaction.
//!
//! Table `mls`, one row per thing that openmls keeps. A kind `group/…` belongs to one group, whose
//! name begins the key. Values are CBOR, so that a later openmls can add fields. A rollback undoes
//! rows exactly; it cannot undo a group in memory, which is why none outlives the call that loaded it.
//!
//! Scopes keep apart what the group is and what it will be once the relay has accepted an
//! external join: openmls merges such a commit at once, so it is made among candidates.

use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

const VERSION: u16 = CURRENT_VERSION;

/// Why MLS state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    /// The row is of an openmls that this one cannot read: join the group anew from outside.
    #[error("a row of kind {kind} cannot be read")]
    Unreadable {
        /// Which kind of row.
        kind: &'static str,
    },
    /// openmls gave something that has no CBOR form.
    #[error("a value of kind {kind} cannot be written")]
    Unwritable {
        /// Which kind of row.
        kind: &'static str,
    },
}

/// Which state of a group is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What the device is a member of.
    Live = 0,
    /// What it will be a member of if the relay accepts.
    Candidate = 1,
}

/// The MLS rows of one scope.
#[derive(Debug, Clone, Copy)]
pub struct Storage<'tx> {
    connection: &'tx Connection,
    scope: Scope,
}

type Result<T> = std::result::Result<T, StorageError>;

fn encode<T: Serialize + ?Sized>(kind: &'static str, value: &T) -> Result<Vec<u8>> {
    minicbor_serde::to_vec(value).map_err(|_| StorageError::Unwritable { kind })
}

fn decode<T: DeserializeOwned>(kind: &'static str, bytes: &[u8]) -> Result<T> {
    minicbor_serde::from_slice(bytes).map_err(|_| StorageError::Unreadable { kind })
}

impl<'tx> Storage<'tx> {
    pub(super) fn new(connection: &'tx Connection, scope: Scope) -> Self {
        Self { connection, scope }
    }

    pub(super) fn connection(&self) -> &'tx Connection {
        self.connection
    }

    /// Whether the scope holds a group at all.
    pub(super) fn holds(&self, group: &impl Serialize) -> Result<bool> {
        let sql =
            "SELECT EXISTS (SELECT 1 FROM mls WHERE scope = ?1 AND kind = 'group/context' AND key = ?2)";
        let key = encode("group", group)?;
        Ok(self
            .connection
            .prepare_cached(sql)?
            .query_row(params![self.scope as i64, key], |row| row.get(0))?)
    }

    /// Deletes all rows of a group in this scope.
    pub(super) fn forget(&self, group: &impl Serialize) -> Result<()> {
        let sql = "DELETE FROM mls WHERE scope = ?1 AND kind GLOB 'group/*' AND substr(key, 1, ?2) = ?3";
        let key = encode("group", group)?;
        self.connection.prepare_cached(sql)?.execute(params![self.scope as i64, length(&key), key])?;
        Ok(())
    }

    /// Moves all rows of a group from this scope to another, in the place of those that were there.
    pub(super) fn relabel(&self, group: &impl Serialize, to: Scope) -> Result<()> {
        Storage { connection: self.connection, scope: to }.forget(group)?;
        let sql =
            "UPDATE mls SET scope = ?4 WHERE scope = ?1 AND kind GLOB 'group/*' AND substr(key, 1, ?2) = ?3";
        let key = encode("group", group)?;
        let row = params![self.scope as i64, length(&key), key, to as i64];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn put_bytes(&self, kind: &'static str, key: &[u8], value: &[u8]) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO mls (scope, kind, key, value) VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute(params![self.scope as i64, kind, key, value])?;
        Ok(())
    }

    fn get_bytes(&self, kind: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT value FROM mls WHERE scope = ?1 AND kind = ?2 AND key = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![self.scope as i64, kind, key], |row| row.get(0)).optional()?)
    }

    fn remove_bytes(&self, kind: &'static str, key: &[u8]) -> Result<()> {
        let sql = "DELETE FROM mls WHERE scope = ?1 AND kind = ?2 AND key = ?3";
        self.connection.prepare_cached(sql)?.execute(params![self.scope as i64, kind, key])?;
        Ok(())
    }

    fn put(&self, kind: &'static str, key: &impl Serialize, value: &impl Serialize) -> Result<()> {
        self.put_bytes(kind, &encode(kind, key)?, &encode(kind, value)?)
    }

    fn get<T: DeserializeOwned>(&self, kind: &'static str, key: &impl Serialize) -> Result<Option<T>> {
        self.get_bytes(kind, &encode(kind, key)?)?.map(|value| decode(kind, &value)).transpose()
    }

    fn remove(&self, kind: &'static str, key: &impl Serialize) -> Result<()> {
        self.remove_bytes(kind, &encode(kind, key)?)
    }

    /// The rows of a list that belongs to a group, in the order of their keys.
    fn list<T: DeserializeOwned>(&self, kind: &'static str, group: &impl Serialize) -> Result<Vec<T>> {
        let sql = "SELECT value FROM mls \
                   WHERE scope = ?1 AND kind = ?2 AND substr(key, 1, ?3) = ?4 ORDER BY key";
        let key = encode(kind, group)?;
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![self.scope as i64, kind, length(&key), key])?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            values.push(decode(kind, row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?);
        }
        Ok(values)
    }

    fn clear_list(&self, kind: &'static str, group: &impl Serialize) -> Result<()> {
        let sql = "DELETE FROM mls WHERE scope = ?1 AND kind = ?2 AND substr(key, 1, ?3) = ?4";
        let key = encode(kind, group)?;
        self.connection.prepare_cached(sql)?.execute(params![self.scope as i64, kind, length(&key), key])?;
        Ok(())
    }
}

fn length(key: &[u8]) -> i64 {
    i64::try_from(key.len()).unwrap_or(i64::MAX)
}

/// A key that begins with a group and goes on with what tells apart its rows of one kind.
fn compound(kind: &'static str, group: &impl Serialize, rest: &impl Serialize) -> Result<Vec<u8>> {
    Ok([encode(kind, group)?, encode(kind, rest)?].concat())
}

const OWN_LEAF: &str = "group/own leaf";
const PROPOSAL: &str = "group/proposal";
const EPOCH_KEYS: &str = "group/epoch keys";
const STATE: &str = "group/state";
const ENCRYPTION_KEY: &str = "encryption key";
const PSK: &str = "psk";

macro_rules! writers {
    ($($method:ident $key:ident $value:ident $kind:literal;)*) => { $(
        fn $method<K: traits::$key<VERSION>, T: traits::$value<VERSION>>(&self, key: &K, value: &T) -> Result<()> {
            self.put($kind, key, value)
        }
    )* };
}

macro_rules! readers {
    ($($method:ident $key:ident $value:ident $kind:literal;)*) => { $(
        fn $method<K: traits::$key<VERSION>, T: traits::$value<VERSION>>(&self, key: &K) -> Result<Option<T>> {
            self.get($kind, key)
        }
    )* };
}

macro_rules! removers {
    ($($method:ident $key:ident $kind:expr;)*) => { $(
        fn $method<K: traits::$key<VERSION>>(&self, key: &K) -> Result<()> {
            self.remove($kind, key)
        }
    )* };
}

impl StorageProvider<VERSION> for Storage<'_> {
    type Error = StorageError;

    writers! {
        write_mls_join_config GroupId MlsGroupJoinConfig "group/config";
        write_tree GroupId TreeSync "group/tree";
        write_interim_transcript_hash GroupId InterimTranscriptHash "group/transcript";
        write_context GroupId GroupContext "group/context";
        write_confirmation_tag GroupId ConfirmationTag "group/confirmation";
        write_message_secrets GroupId MessageSecrets "group/message secrets";
        write_resumption_psk_store GroupId ResumptionPskStore "group/resumption";
        write_own_leaf_index GroupId LeafNodeIndex "group/own index";
        write_group_epoch_secrets GroupId GroupEpochSecrets "group/epoch secrets";
        write_signature_key_pair SignaturePublicKey SignatureKeyPair "signature key";
        write_encryption_key_pair EncryptionKey HpkeKeyPair "encryption key";
        write_key_package HashReference KeyPackage "key package";
        write_psk PskId PskBundle "psk";
    }

    readers! {
        mls_group_join_config GroupId MlsGroupJoinConfig "group/config";
        tree GroupId TreeSync "group/tree";
        interim_transcript_hash GroupId InterimTranscriptHash "group/transcript";
        group_context GroupId GroupContext "group/context";
        confirmation_tag GroupId ConfirmationTag "group/confirmation";
        message_secrets GroupId MessageSecrets "group/message secrets";
        resumption_psk_store GroupId ResumptionPskStore "group/resumption";
        own_leaf_index GroupId LeafNodeIndex "group/own index";
        group_epoch_secrets GroupId GroupEpochSecrets "group/epoch secrets";
        signature_key_pair SignaturePublicKey SignatureKeyPair "signature key";
        key_package HashReference KeyPackage "key package";
    }

    removers! {
        delete_group_config GroupId "group/config";
        delete_tree GroupId "group/tree";
        delete_interim_transcript_hash GroupId "group/transcript";
        delete_context GroupId "group/context";
        delete_confirmation_tag GroupId "group/confirmation";
        delete_message_secrets GroupId "group/message secrets";
        delete_all_resumption_psk_secrets GroupId "group/resumption";
        delete_own_leaf_index GroupId "group/own index";
        delete_group_epoch_secrets GroupId "group/epoch secrets";
        delete_group_state GroupId STATE;
        delete_signature_key_pair SignaturePublicKey "signature key";
        delete_encryption_key_pair EncryptionKey ENCRYPTION_KEY;
        delete_key_package HashReference "key package";
        delete_psk PskId PSK;
    }

    // The trait names the value before the key in these four, alone among its methods.

    fn write_group_state<T: traits::GroupState<VERSION>, K: traits::GroupId<VERSION>>(
        &self,
        group: &K,
        state: &T,
    ) -> Result<()> {
        self.put(STATE, group, state)
    }

    fn group_state<T: traits::GroupState<VERSION>, K: traits::GroupId<VERSION>>(
        &self,
        group: &K,
    ) -> Result<Option<T>> {
        self.get(STATE, group)
    }

    fn encryption_key_pair<T: traits::HpkeKeyPair<VERSION>, K: traits::EncryptionKey<VERSION>>(
        &self,
        key: &K,
    ) -> Result<Option<T>> {
        self.get(ENCRYPTION_KEY, key)
    }

    fn psk<T: traits::PskBundle<VERSION>, K: traits::PskId<VERSION>>(&self, key: &K) -> Result<Option<T>> {
        self.get(PSK, key)
    }

    // Several rows for one group.

    fn append_own_leaf_node<K: traits::GroupId<VERSION>, T: traits::LeafNode<VERSION>>(
        &self,
        group: &K,
        leaf: &T,
    ) -> Result<()> {
        let count = self.list::<T>(OWN_LEAF, group)?.len();
        self.put_bytes(OWN_LEAF, &compound(OWN_LEAF, group, &count)?, &encode(OWN_LEAF, leaf)?)
    }

    fn own_leaf_nodes<K: traits::GroupId<VERSION>, T: traits::LeafNode<VERSION>>(
        &self,
        group: &K,
    ) -> Result<Vec<T>> {
        self.list(OWN_LEAF, group)
    }

    fn delete_own_leaf_nodes<K: traits::GroupId<VERSION>>(&self, group: &K) -> Result<()> {
        self.clear_list(OWN_LEAF, group)
    }

    fn queue_proposal<
        K: traits::GroupId<VERSION>,
        R: traits::ProposalRef<VERSION>,
        T: traits::QueuedProposal<VERSION>,
    >(
        &self,
        group: &K,
        reference: &R,
        proposal: &T,
    ) -> Result<()> {
        let key = compound(PROPOSAL, group, reference)?;
        self.put_bytes(PROPOSAL, &key, &encode(PROPOSAL, &(reference, proposal))?)
    }

    fn queued_proposals<
        K: traits::GroupId<VERSION>,
        R: traits::ProposalRef<VERSION>,
        T: traits::QueuedProposal<VERSION>,
    >(
        &self,
        group: &K,
    ) -> Result<Vec<(R, T)>> {
        self.list(PROPOSAL, group)
    }

    fn queued_proposal_refs<K: traits::GroupId<VERSION>, R: traits::ProposalRef<VERSION>>(
        &self,
        group: &K,
    ) -> Result<Vec<R>> {
        let queued = self.list::<(R, serde::de::IgnoredAny)>(PROPOSAL, group)?;
        Ok(queued.into_iter().map(|(reference, _)| reference).collect())
    }

    fn remove_proposal<K: traits::GroupId<VERSION>, R: traits::ProposalRef<VERSION>>(
        &self,
        group: &K,
        reference: &R,
    ) -> Result<()> {
        self.remove_bytes(PROPOSAL, &compound(PROPOSAL, group, reference)?)
    }

    fn clear_proposal_queue<K: traits::GroupId<VERSION>, R: traits::ProposalRef<VERSION>>(
        &self,
        group: &K,
    ) -> Result<()> {
        self.clear_list(PROPOSAL, group)
    }

    fn write_encryption_epoch_key_pairs<
        K: traits::GroupId<VERSION>,
        E: traits::EpochKey<VERSION>,
        T: traits::HpkeKeyPair<VERSION>,
    >(
        &self,
        group: &K,
        epoch: &E,
        leaf: u32,
        pairs: &[T],
    ) -> Result<()> {
        let key = compound(EPOCH_KEYS, group, &(epoch, leaf))?;
        self.put_bytes(EPOCH_KEYS, &key, &encode(EPOCH_KEYS, pairs)?)
    }

    fn encryption_epoch_key_pairs<
        K: traits::GroupId<VERSION>,
        E: traits::EpochKey<VERSION>,
        T: traits::HpkeKeyPair<VERSION>,
    >(
        &self,
        group: &K,
        epoch: &E,
        leaf: u32,
    ) -> Result<Vec<T>> {
        let pairs = self.get_bytes(EPOCH_KEYS, &compound(EPOCH_KEYS, group, &(epoch, leaf))?)?;
        pairs.map_or_else(|| Ok(Vec::new()), |pairs| decode(EPOCH_KEYS, &pairs))
    }

    fn delete_encryption_epoch_key_pairs<K: traits::GroupId<VERSION>, E: traits::EpochKey<VERSION>>(
        &self,
        group: &K,
        epoch: &E,
        leaf: u32,
    ) -> Result<()> {
        self.remove_bytes(EPOCH_KEYS, &compound(EPOCH_KEYS, group, &(epoch, leaf))?)
    }
}

#[cfg(test)]
mod tests {
    use openmls_traits::storage::{Entity, Key};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    struct Number(u32);

    impl Key<VERSION> for Number {}
    impl Entity<VERSION> for Number {}
    impl traits::GroupId<VERSION> for Number {}
    impl traits::EpochKey<VERSION> for Number {}
    impl traits::HpkeKeyPair<VERSION> for Number {}
    impl traits::LeafNode<VERSION> for Number {}
    impl traits::ProposalRef<VERSION> for Number {}
    impl traits::QueuedProposal<VERSION> for Number {}
    impl traits::GroupContext<VERSION> for Number {}
    impl traits::HashReference<VERSION> for Number {}
    impl traits::KeyPackage<VERSION> for Number {}

    fn database() -> Connection {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch(include_str!("../../migrations/2026-11-22-first.sql")).unwrap();
        database
    }

    fn leaves(storage: &Storage<'_>, group: u32) -> Vec<Number> {
        storage.own_leaf_nodes(&Number(group)).unwrap()
    }

    #[test]
    fn lists_keep_their_order_and_their_group() {
        let database = database();
        let storage = Storage::new(&database, Scope::Live);
        for value in 0..300 {
            storage.append_own_leaf_node(&Number(1), &Number(value)).unwrap();
            storage.append_own_leaf_node(&Number(2), &Number(1000)).unwrap();
        }
        assert_eq!(leaves(&storage, 1), (0..300).map(Number).collect::<Vec<_>>());
        storage.delete_own_leaf_nodes(&Number(2)).unwrap();
        assert_eq!((leaves(&storage, 1).len(), leaves(&storage, 2).len()), (300, 0));
    }

    #[test]
    fn proposals_are_found_by_reference() {
        let database = database();
        let storage = Storage::new(&database, Scope::Live);
        for reference in [1, 2, 3] {
            storage.queue_proposal(&Number(1), &Number(reference), &Number(10 * reference)).unwrap();
        }
        storage.remove_proposal(&Number(1), &Number(2)).unwrap();
        assert_eq!(storage.queued_proposal_refs::<_, Number>(&Number(1)).unwrap(), [Number(1), Number(3)]);
        let queued: Vec<(Number, Number)> = storage.queued_proposals(&Number(1)).unwrap();
        assert_eq!(queued, [(Number(1), Number(10)), (Number(3), Number(30))]);
        storage.clear_proposal_queue::<_, Number>(&Number(1)).unwrap();
        assert_eq!(storage.queued_proposal_refs::<_, Number>(&Number(1)).unwrap(), []);
    }

    #[test]
    fn a_group_is_forgotten_or_moved_with_all_its_rows_and_no_others() {
        let database = database();
        let live = Storage::new(&database, Scope::Live);
        let candidate = Storage::new(&database, Scope::Candidate);
        for storage in [live, candidate] {
            for group in [1, 2] {
                storage.write_context(&Number(group), &Number(0)).unwrap();
                storage.append_own_leaf_node(&Number(group), &Number(group)).unwrap();
            }
        }
        let keys = [Number(7)];
        candidate.write_encryption_epoch_key_pairs(&Number(1), &Number(5), 3, &keys).unwrap();
        live.write_encryption_epoch_key_pairs(&Number(1), &Number(4), 3, &keys).unwrap();
        live.write_key_package(&Number(1), &Number(9)).unwrap();

        candidate.relabel(&Number(1), Scope::Live).unwrap();
        assert!(!candidate.holds(&Number(1)).unwrap());
        assert_eq!(live.encryption_epoch_key_pairs::<_, _, Number>(&Number(1), &Number(5), 3).unwrap(), keys);
        assert_eq!(live.encryption_epoch_key_pairs::<_, _, Number>(&Number(1), &Number(4), 3).unwrap(), []);
        assert_eq!(leaves(&live, 1), [Number(1)]);
        assert!(candidate.holds(&Number(2)).unwrap() && live.holds(&Number(2)).unwrap());

        live.forget(&Number(1)).unwrap();
        assert!(!live.holds(&Number(1)).unwrap() && live.holds(&Number(2)).unwrap());
        assert_eq!(leaves(&live, 1), []);
        assert_eq!(live.key_package(&Number(1)).unwrap(), Some(Number(9)));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_an_error_and_names_its_kind() {
        let database = database();
        let storage = Storage::new(&database, Scope::Live);
        storage.write_context(&Number(1), &Number(0)).unwrap();
        database.execute("UPDATE mls SET value = x'ff00'", []).unwrap();
        let read = storage.group_context::<_, Number>(&Number(1));
        assert!(matches!(read, Err(StorageError::Unreadable { kind: "group/context" })));
    }
}
