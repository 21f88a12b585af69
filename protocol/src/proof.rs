//! An agent's proof: the relay's word on when the agent could be reached, with what it rests on.
//!
//! Whoever holds one checks it without network and without any account. Alone it shows that the relay of
//! this organisation has said so; with the chain, that what it said follows from the decisions of those who
//! may decide, each under its signature. When a message came is its device's own word.

use crate::hours::Period;
use crate::reachability::{Reachability, SignedArrival, SignedReachability, Walk, held_until};
use crate::registry::Registry;
use crate::statement::{Act, SignedStatement};
use crate::{Ed25519Public, OrganisationId, Timestamp};

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// The first statement founds no organisation, or its signature does not hold.
    #[error("the founding does not hold")]
    Founding,
    /// The relay of this organisation did not sign the word.
    #[error("the relay did not sign this")]
    RelaySignature,
    /// The word contradicts itself.
    #[error("the word contradicts itself")]
    Contradiction,
    /// A statement of the chain is missing, changed, or was made by somebody who may not.
    #[error("the chain does not hold")]
    Chain,
    /// The relay's word is not what follows from the chain.
    #[error("the relay's word does not follow from the chain")]
    DiffersFromChain,
    /// The device's word on the arrival is not by a device of this agent, or not about this message.
    #[error("the arrival does not hold")]
    Arrival,
}

impl BadProof {
    /// The stable word, as a fault's reason carries it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Founding => "founding",
            Self::RelaySignature => "relay_signature",
            Self::Contradiction => "contradiction",
            Self::Chain => "chain",
            Self::DiffersFromChain => "differs_from_chain",
            Self::Arrival => "arrival",
        }
    }
}

/// What is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Statement 0, which names the relay's key under the organisation's.
    pub founding: SignedStatement,
    /// The relay's word.
    pub word: SignedReachability,
    /// When the message came, by the device.
    pub arrival: Option<SignedArrival>,
    /// The whole chain, for whoever shall see what the word rests on.
    pub chain: Option<Vec<SignedStatement>>,
}

/// What has been shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What the relay said.
    pub reachability: Reachability,
    /// That it follows from the chain was checked too.
    pub rests_on_chain: bool,
    /// When the message came, by the device; checked only with the chain.
    pub arrived_at: Option<Timestamp>,
}

impl Proof {
    /// Checks all that can be checked.
    ///
    /// # Errors
    ///
    /// The first part that does not hold.
    pub fn verify(&self) -> Result<Shown, BadProof> {
        let (organisation, relay_key) = founding(&self.founding).ok_or(BadProof::Founding)?;
        let word = self.word.verify(&relay_key).map_err(|_| BadProof::RelaySignature)?;
        if word.organisation != organisation || !is_consistent(&word) {
            return Err(BadProof::Contradiction);
        }
        let registry = match &self.chain {
            Some(chain) => Some(follow(chain, &self.founding, &word)?),
            None => None,
        };
        let arrived_at = match &self.arrival {
            Some(signed) => Some(arrival(signed, &word, registry.as_ref())?),
            None => None,
        };
        Ok(Shown { reachability: word, rests_on_chain: registry.is_some(), arrived_at })
    }
}

/// The organisation and the relay's key, from a first statement that proves itself: the organisation's
/// name is the hash of its key.
fn founding(signed: &SignedStatement) -> Option<(OrganisationId, Ed25519Public)> {
    let statement = signed.statement().ok()?;
    let [Act::Found { organisation_key, relay_key }] = statement.acts.as_slice() else { return None };
    signed.verify(organisation_key).ok()?;
    let organisation = OrganisationId::of_key(&organisation_key.0);
    (statement.organisation == organisation && statement.number.0 == 0).then_some((organisation, *relay_key))
}

fn is_consistent(word: &Reachability) -> bool {
    let Period { from, until } = word.period;
    let ordered = word.stretches.windows(2).all(|pair| pair[0].from < pair[1].from);
    let within = word.stretches.first().is_some_and(|first| first.from == from)
        && word.stretches.iter().all(|stretch| stretch.from < until);
    let held = word.entry.as_ref().is_none_or(|entry| {
        entry.received_at == from
            && entry.held_until == held_until(&word.stretches, entry.urgency, entry.urgent_until)
    });
    from < until && ordered && within && held && word.version <= word.head.0
}

/// Reads the chain from its beginning, each statement judged as the relay judged it.
fn follow(
    chain: &[SignedStatement],
    founding: &SignedStatement,
    word: &Reachability,
) -> Result<Registry, BadProof> {
    if chain.first() != Some(founding) {
        return Err(BadProof::Chain);
    }
    let mut walk =
        Walk::new(word.organisation, word.agent, word.period).map_err(|_| BadProof::Contradiction)?;
    // Later ones may be handed over with it; they did not stand when the relay spoke.
    let stood = chain
        .iter()
        .take_while(|signed| signed.statement().is_ok_and(|statement| statement.number <= word.head.0));
    for signed in stood {
        walk.take(signed, Registry::apply).map_err(|_| BadProof::Chain)?;
    }
    let (stretches, version, registry) = walk.end().map_err(|_| BadProof::Chain)?;
    if registry.head() != Some(word.head) {
        return Err(BadProof::Chain);
    }
    if (stretches, version) != (word.stretches.clone(), word.version) {
        return Err(BadProof::DiffersFromChain);
    }
    Ok(registry)
}

fn arrival(
    signed: &SignedArrival,
    word: &Reachability,
    registry: Option<&Registry>,
) -> Result<Timestamp, BadProof> {
    let arrival = &signed.arrival;
    let about = word.entry.as_ref().is_some_and(|entry| {
        (entry.thread, entry.position) == (arrival.thread, arrival.position)
            && entry.received_at <= arrival.arrived_at
    });
    if !about || arrival.organisation != word.organisation {
        return Err(BadProof::Arrival);
    }
    if let Some(registry) = registry {
        let device = registry.device(arrival.device).ok_or(BadProof::Arrival)?;
        let own = device.certificate.agent == word.agent;
        let holds = signed.verify(&device.certificate.ed25519).is_ok();
        if !own || !holds {
            return Err(BadProof::Arrival);
        }
    }
    Ok(arrival.arrived_at)
}
