//! Commits that members cannot apply: said, heard, and answered by a new generation.

use std::collections::BTreeSet;

use estafette_protocol::frame::{CommitRefused, RequestBody};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::Role;
use estafette_protocol::{AgentNumber, FaultCode, Hash, RosterGeneration, RosterId, Signature};

use super::memory::Asked;
use super::turn::Turn;
use crate::store::{StoreError, fixed};

impl Turn<'_> {
    /// Says that a commit cannot be applied here.
    pub fn refuse_commit(&mut self, id: RosterId, commit: Hash) -> Result<(), StoreError> {
        self.note_fault(FaultCode::CommitInvalid, None)?;
        let Some(roster) = self.memory.rosters.get(&id) else { return Ok(()) };
        let refused = CommitRefused {
            roster: roster.name,
            generation: roster.generation,
            epoch: roster.epoch,
            commit,
            device: self.memory.identity.device,
            signature: Signature([0; 64]),
        }
        .sign(self.memory.identity.organisation, &self.memory.identity.signing_key());
        self.keep_refusal(id, &refused)?;
        self.ask(RequestBody::CommitRefused(refused), Asked::CommitRefused);
        Ok(())
    }

    /// Somebody cannot apply a commit. Two agents, one administrator or one of a pair suffice.
    pub fn hear_refusal(&mut self, refused: &CommitRefused) -> Result<(), StoreError> {
        let organisation = self.memory.identity.organisation;
        let id = refused.roster_id(organisation);
        let Some(record) = self.memory.registry.device(refused.device).filter(|record| record.active())
        else {
            return Ok(());
        };
        if refused.verify(organisation, &record.certificate.ed25519).is_err() {
            return self.note_fault(FaultCode::CommitInvalid, None);
        }
        self.keep_refusal(id, refused)
    }

    fn keep_refusal(&mut self, id: RosterId, refused: &CommitRefused) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("INSERT OR IGNORE INTO refusal (roster, generation, device) VALUES (?1, ?2, ?3)")?
            .execute((&id.0[..], i64::from(refused.generation.0), &refused.device.0[..]))?;
        Ok(())
    }

    /// Whether the generation of a roster that stands here is given up, by the refusals heard.
    pub fn is_given_up(&self, id: RosterId) -> Result<bool, StoreError> {
        let Some(roster) = self.memory.rosters.get(&id) else { return Ok(false) };
        self.given_up(id, &roster.name, roster.generation)
    }

    fn given_up(
        &self,
        id: RosterId,
        name: &RosterName,
        generation: RosterGeneration,
    ) -> Result<bool, StoreError> {
        let mut query =
            self.tx.prepare_cached("SELECT device FROM refusal WHERE roster = ?1 AND generation = ?2")?;
        let mut rows = query.query((&id.0[..], i64::from(generation.0)))?;
        let mut agents: BTreeSet<AgentNumber> = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let device = estafette_protocol::DeviceId(fixed(row.get(0)?)?);
            agents.extend(self.memory.registry.agent_of(device));
        }
        let enough = match name {
            RosterName::Pair { .. } => 1,
            RosterName::Stated(_) => 2,
        };
        let administrator =
            agents.iter().any(|agent| self.memory.registry.role(*agent) == Role::Administrator);
        Ok(agents.len() >= enough || administrator)
    }
}
