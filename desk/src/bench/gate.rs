//! What the gate costs: whether something may reach an agent now, asked for every delivery.
//!
//! A thousand agents, each with hours and leave of their own, so that no verdict serves for two. Asked
//! first right after a statement has changed all hours, then as the relay asks while nothing changes.

use std::hint::black_box;
use std::time::Instant;

use ed25519_dalek::SigningKey;
use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::hours::{Calendar, Period, Week};
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::{Act, HoursScope, Role, SignedStatement, Signer, Statement};
use estafette_protocol::{
    AgentNumber, DeviceId, Ed25519Public, Es256Public, InventoryId, OrganisationId, Timestamp, X25519Public,
};
use estafette_server::outlet::{LegalHours, Outlet};
use rand_chacha::ChaCha20Rng;

use super::figure::{Figure, microseconds};
use super::{BenchError, dice, terminal::random};

/// Agents with hours of their own.
const AGENTS: u32 = 1000;
/// Entries for each of them.
const ENTRIES: u32 = 200;
/// 23 November 2026, 11:00 in Paris.
const NOW: Timestamp = Timestamp(1_795_428_000_000);

/// Measures the gate.
pub fn measure(print: &mut dyn FnMut(Figure)) -> Result<(), BenchError> {
    let registry = registry()?;
    let mut outlet = Outlet::new(Box::new(LegalHours));
    let agents = || (1..=AGENTS).map(AgentNumber);
    let begun = Instant::now();
    for agent in agents() {
        black_box(outlet.gate(&registry, agent, NOW));
    }
    let first = microseconds(begun.elapsed()) / f64::from(AGENTS);
    let begun = Instant::now();
    for _ in 0..ENTRIES {
        for agent in agents() {
            black_box(outlet.gate(&registry, agent, NOW));
        }
    }
    let each = microseconds(begun.elapsed()) / f64::from(AGENTS * ENTRIES);
    print(Figure::new("the gate, after all hours have changed", first, "µs"));
    print(Figure::new("the gate, 1,000 agents with own hours", each, "µs").target("< 5"));
    Ok(())
}

/// Founded, with an administrator and a thousand agents who have devices.
fn registry() -> Result<Registry, BenchError> {
    let mut rng = dice()?;
    let (key, administrator) =
        (SigningKey::from_bytes(&random(&mut rng)), SigningKey::from_bytes(&random(&mut rng)));
    let organisation_key = Ed25519Public(key.verifying_key().to_bytes());
    let mut registry = Registry::new(OrganisationId::of_key(&organisation_key.0));
    let certificate = |number: u32, ed25519: Ed25519Public, rng: &mut ChaCha20Rng| {
        let mut name = [0; 16];
        name[..4].copy_from_slice(&number.to_be_bytes());
        Certificate {
            device: DeviceId(name),
            agent: AgentNumber(number),
            es256: Es256Public(random(rng)),
            ed25519,
            x25519: X25519Public(random(rng)),
            level: Level::Attested,
            inventory: InventoryId(name),
        }
    };
    let own = certificate(0, Ed25519Public(administrator.verifying_key().to_bytes()), &mut rng);
    let signer = Signer::Device(own.device);
    let role = Act::SetRole { agent: AgentNumber(0), role: Role::Administrator, teams: Vec::new() };
    let relay_key = organisation_key;
    say(&mut registry, &key, Signer::Organisation, vec![Act::Found { organisation_key, relay_key }])?;
    say(&mut registry, &key, Signer::Organisation, vec![Act::Certify(own), role])?;
    for number in 1..=AGENTS {
        let agent = AgentNumber(number);
        let opens = 6 + number % 4;
        let week: Week = format!("lun-ven {opens:02}:{:02}-17:00", number % 60)
            .parse()
            .map_err(|_| BenchError::Other("hours that do not read".to_owned()))?;
        let calendar = Calendar::weekly("Europe/Paris", week);
        let leave = |day: u64| Period {
            from: Timestamp(NOW.0 + day * 86_400_000),
            until: Timestamp(NOW.0 + (day + 1) * 86_400_000),
        };
        let ed25519 = Ed25519Public(random(&mut rng));
        let mut acts = vec![
            Act::Certify(certificate(number, ed25519, &mut rng)),
            Act::SetCalendar { scope: HoursScope::Agent(agent), calendar },
        ];
        acts.extend((1..10).map(|day| Act::GrantLeave { agent, period: leave(day * 20) }));
        say(&mut registry, &administrator, signer, acts)?;
    }
    Ok(registry)
}

fn say(registry: &mut Registry, key: &SigningKey, signer: Signer, acts: Vec<Act>) -> Result<(), BenchError> {
    let (number, previous) = registry.next_link();
    let organisation = registry.organisation();
    let statement = Statement { organisation, number, previous, at: NOW, signer, acts };
    registry.apply(&SignedStatement::sign(&statement, key)).map(drop).map_err(BenchError::other)
}
