//! Proofs of when an agent could be reached: they hold, and nothing that was changed does.

use estafette_protocol::entry::Urgency;
use estafette_protocol::hours::{Calendar, DutyPeriod, LegalBasis, Override, Period, Week};
use estafette_protocol::proof::{BadProof, Proof};
use estafette_protocol::reachability::*;
use estafette_protocol::statement::*;
use estafette_protocol::*;

use crate::organisation::*;

const HOUR: u64 = 3_600_000;
/// Monday 23 November 2026, 00:00 in UTC.
const MONDAY: u64 = 1_795_392_000_000;

fn at(hour: u64) -> Timestamp {
    Timestamp(MONDAY + hour * HOUR)
}

/// Paul works from 8 to 17, UTC; on Tuesday morning his hours change to 10 to 17, and at noon somebody
/// orders him for the evening before, which changes nothing of what was.
fn story() -> Organisation {
    let mut here = Organisation::founded();
    here.now = at(0).before(std::time::Duration::from_secs(3600));
    here.says(1, vec![Act::Certify(certificate(4, 4)), Act::Certify(certificate(5, 5))]).unwrap();
    let set = |week: &str| {
        let calendar = Calendar::weekly("UTC", week.parse::<Week>().unwrap());
        vec![Act::SetCalendar { scope: HoursScope::Agent(AgentNumber(4)), calendar }]
    };
    here.says(1, set("lun-ven 08:00-17:00")).unwrap();
    here.now = at(26);
    here.says(1, set("lun-ven 10:00-17:00")).unwrap();
    here.now = at(36);
    let period = Period { from: at(18), until: at(23) };
    let duty = DutyPeriod { period, author: AgentNumber(1), reason: "Après coup".into() };
    here.says(1, vec![Act::AddDuty { agent: AgentNumber(4), duty }]).unwrap();
    here
}

fn relay() -> ed25519_dalek::SigningKey {
    key(77)
}

fn stretch(hour: u64, reachable: ReachableFor) -> Stretch {
    Stretch { from: at(hour), reachable }
}

/// What an honest relay says of Paul, of a message that came on Monday at 16:00 or at 19:00.
fn word(here: &Organisation, from: u64, until: u64, entry: bool) -> Reachability {
    let period = Period { from: at(from), until: at(until) };
    let organisation = here.registry.organisation();
    let (stretches, version) = stretches(organisation, AgentNumber(4), period, &here.chain).unwrap();
    let entry = entry.then(|| HeldEntry {
        thread: ThreadId([1; 32]),
        position: Position(3),
        uid: EntryUid([3; 16]),
        hash: Hash([4; 32]),
        urgency: Urgency::Normal,
        received_at: at(from),
        held_until: held_until(&stretches, Urgency::Normal, None),
        urgent_until: None,
    });
    let head = here.registry.head().unwrap();
    Reachability {
        organisation,
        agent: AgentNumber(4),
        period,
        stretches,
        version,
        head,
        entry,
        issued_at: at(40),
    }
}

fn proof(here: &Organisation, word: &Reachability) -> Proof {
    let arrival = word.entry.as_ref().map(|entry| {
        let (thread, position) = (entry.thread, entry.position);
        let organisation = word.organisation;
        Arrival { organisation, device: device(4), thread, position, arrived_at: at(36) }.sign(&key(4))
    });
    let chain = here.chain.clone();
    Proof { founding: chain[0].clone(), word: word.sign(&relay()), arrival, chain: Some(chain) }
}

#[test]
fn what_held_is_told_by_the_statements_of_then_and_by_no_later_one() {
    let here = story();
    let told = word(&here, 16, 36, true);
    use ReachableFor::{Everything, Nothing};
    // On Tuesday at 02:00 the opening moves from 8 to 10; the order of noon reaches back to nothing.
    assert_eq!(told.stretches, [stretch(16, Everything), stretch(17, Nothing), stretch(34, Everything)]);
    assert_eq!(told.entry.as_ref().unwrap().held_until, Some(at(16)));
    let evening = word(&here, 19, 36, true);
    assert_eq!(evening.stretches, [stretch(19, Nothing), stretch(34, Everything)]);
    assert_eq!(evening.entry.as_ref().unwrap().held_until, Some(at(34)));
    assert_eq!((told.version, told.head.0), (StatementNumber(4), StatementNumber(5)));
    let night = word(&here, 20, 26, false);
    assert_eq!((night.stretches, night.version), (vec![stretch(20, Nothing)], StatementNumber(3)));
}

#[test]
fn an_order_counts_from_the_moment_it_is_made() {
    let mut here = story();
    here.now = at(43);
    let period = Period { from: at(42), until: at(46) };
    let (author, basis) = (AgentNumber(1), LegalBasis::EXCEPTIONAL_CIRCUMSTANCES);
    let derogation = Override { period, basis, author, reason: "Crue".into() };
    here.says(1, vec![Act::AddOverride { agent: AgentNumber(4), derogation }]).unwrap();
    use ReachableFor::{Everything, Nothing};
    let told = word(&here, 42, 47, false).stretches;
    assert_eq!(told, [stretch(42, Nothing), stretch(43, Everything), stretch(46, Nothing)]);
}

#[test]
fn a_proof_shows_what_the_relay_said_and_with_the_chain_that_it_follows() {
    let here = story();
    let told = word(&here, 19, 36, true);
    let whole = proof(&here, &told);
    let shown = whole.verify().unwrap();
    assert_eq!((&shown.reachability, shown.rests_on_chain, shown.arrived_at), (&told, true, Some(at(36))));
    let alone = Proof { chain: None, ..whole };
    let shown = alone.verify().unwrap();
    assert_eq!((shown.rests_on_chain, shown.arrived_at), (false, Some(at(36))));
}

#[test]
fn a_relay_that_says_something_else_than_the_chain_is_found_out() {
    let here = story();
    let honest = word(&here, 19, 36, true);
    let mut lies = Vec::new();
    let mut lie = honest.clone();
    lie.stretches.insert(1, stretch(21, ReachableFor::OnCall));
    lies.push((lie, BadProof::DiffersFromChain));
    let mut lie = honest.clone();
    lie.version = StatementNumber(3);
    lies.push((lie, BadProof::DiffersFromChain));
    let mut lie = honest.clone();
    lie.entry.as_mut().unwrap().held_until = Some(at(19));
    lies.push((lie, BadProof::Contradiction));
    let mut lie = honest.clone();
    lie.head.1 = Hash([9; 32]);
    lies.push((lie, BadProof::Chain));
    let mut lie = honest.clone();
    lie.agent = AgentNumber(5);
    lies.push((lie, BadProof::DiffersFromChain));
    for (lie, reason) in lies {
        assert_eq!(proof(&here, &lie).verify(), Err(reason), "{lie:?}");
    }
}

#[test]
fn each_part_that_does_not_belong_is_named() {
    let here = story();
    let told = word(&here, 19, 36, true);
    let whole = proof(&here, &told);
    let refused = |proof: Proof| proof.verify().unwrap_err();
    let by_another = Proof { word: told.sign(&key(78)), ..whole.clone() };
    assert_eq!(refused(by_another), BadProof::RelaySignature);
    let mut chain = here.chain.clone();
    chain.remove(3);
    assert_eq!(refused(Proof { chain: Some(chain), ..whole.clone() }), BadProof::Chain);
    let cut = here.chain[..4].to_vec();
    assert_eq!(refused(Proof { chain: Some(cut), ..whole.clone() }), BadProof::Chain);
    assert_eq!(refused(Proof { founding: here.chain[1].clone(), ..whole.clone() }), BadProof::Founding);
    let arrival = whole.arrival.as_ref().unwrap().arrival;
    let of_another = Arrival { device: device(5), ..arrival }.sign(&key(5));
    assert_eq!(refused(Proof { arrival: Some(of_another), ..whole.clone() }), BadProof::Arrival);
    let elsewhere = Arrival { position: Position(4), ..arrival }.sign(&key(4));
    assert_eq!(refused(Proof { arrival: Some(elsewhere), ..whole.clone() }), BadProof::Arrival);
    let forged = Arrival { arrived_at: at(38), ..arrival }.sign(&key(5));
    assert_eq!(refused(Proof { arrival: Some(forged), ..whole }), BadProof::Arrival);
}

#[test]
fn one_bit_changed_anywhere_is_found() {
    let here = story();
    let whole = proof(&here, &word(&here, 19, 36, true));
    let flip = |bytes: &[u8], bit: usize| {
        let mut bytes = bytes.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    };
    for bit in 0..whole.word.body.len() * 8 {
        let mut changed = whole.clone();
        changed.word.body = flip(&whole.word.body, bit).into();
        assert_eq!(changed.verify(), Err(BadProof::RelaySignature), "bit {bit} of the word");
    }
    for (index, signed) in here.chain.iter().enumerate() {
        for bit in (0..signed.body.len() * 8).step_by(3) {
            let mut chain = here.chain.clone();
            chain[index].body = flip(&signed.body, bit).into();
            let mut changed = Proof { chain: Some(chain), ..whole.clone() };
            assert!(changed.verify().is_err(), "bit {bit} of statement {index}");
            changed.founding = changed.chain.as_ref().unwrap()[0].clone();
            assert!(changed.verify().is_err(), "bit {bit} of statement {index}");
        }
    }
}

#[test]
fn only_a_stretch_of_the_past_of_at_most_a_month_is_told() {
    let here = story();
    let organisation = here.registry.organisation();
    let told = |from: u64, until: u64| {
        stretches(organisation, AgentNumber(4), Period { from: at(from), until: at(until) }, &here.chain)
    };
    for (from, until) in [(5, 5), (6, 5), (0, 31 * 24 + 1)] {
        assert!(matches!(told(from, until), Err(ReachabilityError::Period)), "{from} to {until}");
    }
    assert!(told(0, 31 * 24).is_ok());
}

#[test]
fn an_urgency_passes_to_those_on_call_until_it_is_over_and_then_waits_like_anything_else() {
    use ReachableFor::{Everything, Nothing, OnCall};
    let night = [stretch(19, Nothing), stretch(21, OnCall), stretch(23, Nothing), stretch(32, Everything)];
    let held = |urgency, until: Option<u64>| held_until(&night, urgency, until.map(at));
    assert_eq!(held(Urgency::Emergency, Some(22)), Some(at(21)));
    assert_eq!(held(Urgency::Emergency, Some(21)), Some(at(32)), "over when the turn begins");
    assert_eq!(held(Urgency::OnCall, None), Some(at(21)));
    assert_eq!(held(Urgency::Normal, None), Some(at(32)));
    assert_eq!(held_until(&night[..1], Urgency::Emergency, None), None);
}
