//! The past of a roster: handed to newcomers when the relay asks, and taken in when it comes.
//!
//! Always true: what is handed over is never wider than the statement that admits the newcomer;
//! what is taken in opens nothing outside it, comes from a member of its time, and takes the place
//! of no secret that this device was in or that has opened an entry. Handing over keeps nothing:
//! after a crash the relay asks again, here or elsewhere.

use estafette_protocol::bundle::Bundle;
use estafette_protocol::frame::RequestBody;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::{Class, History};
use estafette_protocol::{
    DeviceId, Epoch, FaultCode, Position, RosterGeneration, RosterId, Signature, StatementNumber, Timestamp,
};
use rand_core::SeedableRng as _;
use x25519_dalek::StaticSecret;

use super::memory::Asked;
use super::turn::Turn;
use crate::bundle::{self, PastSecret};
use crate::mls::{self, MlsError, RosterGroup};
use crate::store::rosters::{self, Held, Roster, RosterState};
use crate::store::{StoreError, marks, messages};

/// The first epoch in which a roster has more than its founder.
const FIRST: (RosterGeneration, Epoch) = (RosterGeneration(0), Epoch(1));

impl Turn<'_> {
    /// Hands a newcomer the keys of the past, as far as its statement goes. What cannot be handed
    /// over here, or not yet, is asked of others.
    pub fn give_history(&mut self, name: RosterName, to: DeviceId) -> Result<(), StoreError> {
        let registry = &self.memory.registry;
        let id = name.id(self.memory.identity.organisation);
        let own = self.memory.identity.device;
        let Some(key) = registry.device(to).map(|record| record.certificate.x25519) else { return Ok(()) };
        let Some(stay) = registry.membership(&name, to).filter(|_| self.may_give(&name, own, to)) else {
            return Ok(());
        };
        if self.memory.rosters.get(&id).is_none_or(|roster| roster.state != RosterState::Member) {
            return Ok(());
        }
        let held = rosters::held(self.tx, id)?;
        let whole = self.generation_since(id, stay.admitted)?;
        let Some((secrets, complete)) = self.granted(id, held, stay.history, whole)? else { return Ok(()) };
        let bundle = Bundle {
            roster: name,
            to,
            admitted: stay.admitted,
            author: own,
            complete,
            sealed: Vec::new().into(),
            signature: Signature([0; 64]),
        };
        let organisation = self.memory.identity.organisation;
        let mut rng = rand_chacha::ChaCha20Rng::from_seed(self.random());
        let Ok(sealed) = bundle::seal(&secrets, &bundle.address(organisation), &key, &mut rng) else {
            return Ok(());
        };
        let bundle = Bundle { sealed: sealed.into(), ..bundle };
        let bundle = bundle.sign(organisation, &self.memory.identity.signing_key());
        self.ask(RequestBody::Bundle(bundle), Asked::Bundle);
        Ok(())
    }

    /// Whether a device may hand a roster's past to another: it was a member when the other was; what
    /// is private stays with one agent.
    fn may_give(&self, name: &RosterName, giver: DeviceId, to: DeviceId) -> bool {
        let registry = &self.memory.registry;
        let private = registry.class(name).is_none_or(Class::is_private);
        // Who gave and left since, gave what it had: the newcomer may have been away meanwhile.
        let stay = registry.membership(name, to);
        let since = stay.map_or(registry.last(), |stay| stay.admitted);
        let mut while_there = (since.0..=registry.last().0).map(StatementNumber);
        giver != to
            && while_there.any(|at| registry.membership_at(name, giver, at).is_some())
            && (!private || registry.agent_of(giver) == registry.agent_of(to))
    }

    /// The generation of a roster's group, if it was founded when the device admitted then was a member
    /// already: all that was sealed in it lies within that stay, though the device joined later.
    fn generation_since(
        &mut self,
        id: RosterId,
        admitted: StatementNumber,
    ) -> Result<Option<RosterGeneration>, StoreError> {
        let Some(generation) = self.memory.rosters.get(&id).map(|roster| roster.generation) else {
            return Ok(None);
        };
        let group = RosterGroup { roster: id, generation };
        match self.mls(|provider, _, _| mls::context(provider, group)) {
            Ok(context) => Ok(context.founded_at.filter(|at| admitted <= *at).map(|_| generation)),
            Err(MlsError::NoGroup) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The secrets that a history right covers, and whether nothing that it covers is missing;
    /// `None` while it is not known here what was written when. Without any right these are the
    /// secrets of the device's `own` generation.
    fn granted(
        &self,
        id: RosterId,
        held: Vec<Held>,
        history: History,
        own: Option<RosterGeneration>,
    ) -> Result<Option<(Vec<PastSecret>, bool)>, StoreError> {
        let whole = held.first().is_some_and(|first| (first.past.generation, first.past.epoch) <= FIRST);
        Ok(match history {
            History::None => {
                let held = held.into_iter().map(|held| held.past);
                let own: Vec<_> = held.filter(|past| Some(past.generation) == own).collect();
                // All of it or nothing: others were in it from its beginning.
                own.first().is_some_and(|first| first.epoch <= FIRST.1).then_some((own, true))
            }
            History::All => Some((held.into_iter().map(|held| held.past).collect(), whole)),
            History::Since(instant) => {
                let row = self.memory.rows.get(&id.first_thread());
                if row.is_some_and(|row| marks::has_gap(self.tx, *row).unwrap_or(true)) {
                    return Ok(None);
                }
                let reaches = |held: &Held| (Timestamp(1)..instant).contains(&held.last_received);
                let complete = whole || held.iter().any(reaches);
                let granted = held.into_iter().filter(|held| held.last_received >= instant.max(Timestamp(1)));
                Some((granted.map(|held| held.past).collect(), complete))
            }
        })
    }

    /// Takes keys of the past that a member hands over, and reads again what they may open.
    pub fn take_bundle(&mut self, bundle: &Bundle) -> Result<(), StoreError> {
        let organisation = self.memory.identity.organisation;
        let own = self.memory.identity.device;
        let id = bundle.roster.id(organisation);
        let registry = &self.memory.registry;
        let stay = registry.membership(&bundle.roster, own).filter(|stay| stay.admitted == bundle.admitted);
        // Not for an earlier stay.
        let Some(stay) = stay else { return Ok(()) };
        let (readable_from, only) = match stay.history {
            History::All => (Timestamp(0), None),
            History::Since(instant) => (instant, None),
            History::None => match self.generation_since(id, stay.admitted)? {
                Some(own) => (Timestamp(0), Some(own)),
                None => return Ok(()),
            },
        };
        let Some(roster) = self.memory.rosters.get(&id).filter(|known| known.state == RosterState::Member)
        else {
            // Whoever is not in the group comes to it later, and is handed the past anew.
            return Ok(());
        };
        let arrived = (roster.generation, roster.first_epoch);
        let registry = &self.memory.registry;
        let author = registry.device(bundle.author);
        let holds = author.is_some_and(|author| {
            bundle.verify(organisation, &author.certificate.ed25519).is_ok()
                && bundle.to == own
                && self.may_give(&bundle.roster, bundle.author, own)
        });
        let secret = StaticSecret::from(self.memory.identity.x25519);
        let opened = match holds {
            true => bundle::open(&bundle.sealed, &bundle.address(organisation), &secret).ok(),
            false => None,
        };
        let Some(secrets) = opened else { return self.note_fault(FaultCode::EntryRejected, None) };
        // Epochs in which this device itself was are its own affair.
        let due = |past: &&PastSecret| {
            (past.generation, past.epoch) < arrived && only.is_none_or(|only| past.generation == only)
        };
        for past in secrets.iter().filter(due) {
            if rosters::put_bundled(self.tx, id, past, readable_from)? {
                self.memory.secrets.remove(&(id, past.generation, past.epoch));
            }
        }
        self.retry_history(id)
    }

    /// Reads again what came before its key: entries, « avant votre arrivée » included, and marks.
    fn retry_history(&mut self, id: RosterId) -> Result<(), StoreError> {
        self.retry_entries(id, true)?;
        self.retry_marks(id)
    }

    /// Reads again marks that came before their key.
    pub fn retry_marks(&mut self, id: RosterId) -> Result<(), StoreError> {
        let threads = self.memory.threads.values().filter(|thread| thread.roster == id);
        let threads: Vec<_> = threads.map(|thread| (thread.row, thread.id)).collect();
        for (row, thread) in threads {
            for slot in marks::take_closed(self.tx, row, thread)? {
                self.receive_slot(slot)?;
            }
        }
        Ok(())
    }

    /// All devices that this agent has or had.
    pub fn own_devices(&self) -> Vec<DeviceId> {
        let registry = &self.memory.registry;
        let agent = registry.agent_of(self.memory.identity.device);
        let own = registry.devices().filter(|record| Some(record.certificate.agent) == agent);
        own.map(|record| record.certificate.device).collect()
    }

    /// Another device of this agent has read a thread up to here: it is read here as well.
    pub fn read_elsewhere(&mut self, row: i64, position: Position) -> Result<(), StoreError> {
        if position <= self.thread(row)?.read_up_to {
            return Ok(());
        }
        let unread = messages::unread_above(self.tx, row, position, &self.own_devices())?;
        let thread = self.thread_mut(row)?;
        thread.read_up_to = position;
        thread.unread = unread;
        Ok(())
    }

    /// Learns of a conversation that this agent has on another device, by the thread that the relay
    /// brings: a pair's id tells its agents to who tries them all.
    pub fn discover_pair(&mut self, id: RosterId) -> Result<bool, StoreError> {
        let registry = &self.memory.registry;
        let Some(own) = registry.agent_of(self.memory.identity.device) else { return Ok(false) };
        let organisation = self.memory.identity.organisation;
        let classes = [Class::Service, Class::Personnel, Class::Syndical];
        let names =
            registry.agents().flat_map(|other| classes.map(|class| RosterName::pair(class, own, other)));
        let found = names.flatten().find(|name| name.id(organisation) == id);
        let Some(name) = found.filter(|name| registry.is_open_to(name, registry.last())) else {
            return Ok(false);
        };
        let roster = Roster::waiting(id, name, self.now());
        rosters::put(self.tx, &roster)?;
        self.memory.rosters.insert(id, roster);
        Ok(true)
    }
}
