//! Devices in force of which these records have no line: another administrator's computer had it, which may be lost.
//!
//! The relay knows a device's line by its id alone, and its serial number only under that computer's key. So a line
//! that is imported again finds its device by whose it is: where an agent has one such device of a kind, and the
//! file one new line of that kind for them, the two are one. Always true: where it is not plain, a line is new.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::certificate::Level;
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::Role;
use estafette_protocol::{AgentNumber, InventoryId};

use crate::administration::Item;
use crate::import::judge::{Entry, Plan};

/// An agent's computers or phones.
type Kind = (AgentNumber, bool);

/// The ids of such devices that a new line takes.
#[derive(Debug, Default)]
pub struct Unlisted(BTreeMap<Kind, InventoryId>);

impl Unlisted {
    /// Those that the new lines of a plan take.
    pub fn of(registry: &Registry, items: &[Item], plan: &Plan) -> Self {
        // An administrator's first computer founded or came back, and had no line anywhere.
        let administers = |agent| registry.role(agent) == Role::Administrator;
        let devices = registry.devices().filter(|record| record.active()).map(|record| &record.certificate);
        let devices = devices.filter(|one| !administers(one.agent));
        let devices = devices.map(|one| ((one.agent, one.level == Level::Supervised), one.inventory));
        Self::among(devices, items, plan)
    }

    fn among(devices: impl Iterator<Item = (Kind, InventoryId)>, items: &[Item], plan: &Plan) -> Self {
        let listed: BTreeSet<InventoryId> = items.iter().map(|item| item.id).collect();
        let mut unlisted: BTreeMap<Kind, Vec<InventoryId>> = BTreeMap::new();
        for (kind, id) in devices.filter(|(_, id)| !listed.contains(id)) {
            unlisted.entry(kind).or_default().push(id);
        }
        let mut lines: BTreeMap<Kind, usize> = BTreeMap::new();
        let known: BTreeSet<&str> = items.iter().map(|item| item.serial.as_str()).collect();
        for (_, entry) in plan.devices.iter().filter(|(serial, _)| !known.contains(serial.as_str())) {
            *lines.entry(kind(entry)).or_default() += 1;
        }
        let plain = unlisted.into_iter().filter(|(kind, ids)| ids.len() == 1 && lines.get(kind) == Some(&1));
        Self(plain.filter_map(|(kind, ids)| Some((kind, *ids.first()?))).collect())
    }

    /// The id of the device that a new line is for.
    pub fn of_entry(&self, entry: &Entry) -> Option<InventoryId> {
        self.0.get(&kind(entry)).copied()
    }
}

fn kind(entry: &Entry) -> Kind {
    (entry.agent, entry.platform == "computer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::judge::{Standing, judge};
    use crate::import::read;

    const HEAD: &str = "agent;nom;plateforme;modèle;numéro de série\n";

    fn plan(lines: &str) -> Plan {
        judge(&read(format!("{HEAD}{lines}").as_bytes()).unwrap().lines, &Standing::default(), false)
    }

    /// The ids that the lines of a file take, by serial number, over devices as (agent, computer, id).
    fn taken(devices: &[(u32, bool, u8)], items: &[Item], lines: &str) -> Vec<(String, Option<u8>)> {
        let devices = devices
            .iter()
            .map(|(agent, computer, id)| ((AgentNumber(*agent), *computer), InventoryId([*id; 16])));
        let plan = plan(lines);
        let unlisted = Unlisted::among(devices, items, &plan);
        let of =
            |(serial, entry): (&String, &Entry)| (serial.clone(), unlisted.of_entry(entry).map(|id| id.0[0]));
        plan.devices.iter().map(of).collect()
    }

    #[test]
    fn a_line_finds_the_one_device_of_its_agent_and_kind() {
        let devices = [(2, false, 20), (2, true, 21), (3, true, 30)];
        let lines = "2;Amine;android;Pixel 9;A1\n2;Amine;pc;PC;A2\n4;Nour;pc;PC;N1\n";
        let expected = [("A1", Some(20)), ("A2", Some(21)), ("N1", None)];
        assert_eq!(taken(&devices, &[], lines), expected.map(|(serial, id)| (serial.to_owned(), id)));
    }

    #[test]
    fn where_it_is_not_plain_or_the_device_has_a_line_a_line_is_new() {
        let two = "2;Amine;android;Pixel 9;A1\n2;Amine;android;Pixel 9;A2\n";
        assert!(taken(&[(2, false, 20)], &[], two).iter().all(|(_, id)| id.is_none()));
        let one = "2;Amine;android;Pixel 9;A1\n";
        assert_eq!(taken(&[(2, false, 20), (2, false, 21)], &[], one)[0].1, None);
        let item = Item {
            id: InventoryId([20; 16]),
            agent: AgentNumber(2),
            team: None,
            platform: "android".into(),
            model: "Pixel 9".into(),
            serial: "A0".into(),
            owned: false,
        };
        assert_eq!(taken(&[(2, false, 20)], std::slice::from_ref(&item), one)[0].1, None);
        // A second device beside it: the line that is known does not count.
        let both = "2;Amine;android;Pixel 9;A0\n2;Amine;android;Pixel 9;A1\n";
        assert_eq!(taken(&[(2, false, 20), (2, false, 22)], &[item], both)[1].1, Some(22));
    }
}
