//! Whether a statement's author may bring about its acts, and whether they can be.

use std::collections::BTreeSet;

use super::{Registry, StatementError};
use crate::hours::HoursError;
use crate::limits;
use crate::statement::{Act, Class, Role, Signer, Statement};
use crate::{AgentNumber, DeviceId, InventoryId, RosterId, StatementNumber};

/// What earlier acts of the same statement change for later ones.
#[derive(Default)]
struct Earlier {
    certified: BTreeSet<DeviceId>,
    revoked: BTreeSet<DeviceId>,
    inventory: BTreeSet<InventoryId>,
    rosters: BTreeSet<RosterId>,
    moved: BTreeSet<(RosterId, DeviceId)>,
    proposes: bool,
}

/// A hundred years.
const RETENTION_DAYS: u32 = 36_525;
/// How long what is written in a supervisor's conversation is kept, at most.
const GATHERED_DAYS: u32 = 365;

pub(super) fn require(condition: bool, why: &'static str) -> Result<(), StatementError> {
    if condition { Ok(()) } else { Err(StatementError::Forbidden(why)) }
}

impl Registry {
    pub(super) fn check_acts(&self, statement: &Statement) -> Result<(), StatementError> {
        let acts = &statement.acts;
        require((1..=limits::ACTS).contains(&acts.len()), "between 1 and 256 acts")?;
        let author = match statement.signer {
            Signer::Organisation => None,
            Signer::Device(device) => self.agent_of(device),
        };
        let mut earlier = Earlier::default();
        acts.iter().try_for_each(|act| {
            match statement.signer {
                Signer::Organisation => self.check_organisation(statement, act)?,
                Signer::Device(_) => self.check_author(author, act)?,
            }
            self.check_timed(author, statement.at, act)?;
            self.check_possible(statement, author, act, &mut earlier)
        })
    }

    /// The organisation key founds, and appoints or withdraws administrators' computers.
    fn check_organisation(&self, statement: &Statement, act: &Act) -> Result<(), StatementError> {
        match act {
            Act::Found { .. } => require(statement.number == StatementNumber(0), "founded already"),
            Act::Certify(certificate) => require(
                statement.acts.iter().any(|act| {
                    matches!(act, Act::SetRole { agent, role: Role::Administrator, .. } if *agent == certificate.agent)
                }) || self.role(certificate.agent) == Role::Administrator,
                "the organisation key certifies administrators' computers only",
            ),
            Act::SetRole { role, .. } => {
                require(*role == Role::Administrator, "the organisation key appoints administrators only")
            }
            Act::Revoke { device, .. } => {
                require(self.is_administrator(*device), "the organisation key withdraws administrators' computers only")
            }
            _ => require(false, "not for the organisation key"),
        }
    }

    fn check_author(&self, author: Option<AgentNumber>, act: &Act) -> Result<(), StatementError> {
        let author = author.ok_or(StatementError::Forged)?;
        match act {
            Act::Found { .. } => require(false, "only the organisation key founds"),
            Act::AddDuty { agent, duty } => {
                require(duty.author == author, "a duty period names its author")?;
                require(
                    self.role(author) == Role::Administrator || self.leads(author, *agent),
                    "for administrators and the agent's supervisors",
                )
            }
            Act::AddRest { agent, rest } => {
                require(rest.author == author, "a rest names its author")?;
                require(
                    self.role(author) == Role::Administrator || self.leads(author, *agent),
                    "for administrators and the agent's supervisors",
                )
            }
            Act::SetRota { team, .. } => require(
                self.role(author) == Role::Administrator || self.leads_team(author, *team),
                "for administrators and the team's supervisors",
            ),
            Act::CreateRoster { class, team, retention_days, .. } => {
                let gathers = !self.teams_led_by(author).is_empty()
                    && (*class, *team) == (Class::Service, None)
                    && *retention_days <= GATHERED_DAYS;
                require(
                    self.role(author) == Role::Administrator || gathers,
                    "for administrators; supervisors make conversations of no team, for a year at most",
                )
            }
            Act::Admit { roster, device, .. } | Act::Remove { roster, device } => require(
                self.role(author) == Role::Administrator || self.may_gather(author, *roster, *device),
                "for administrators; supervisors move people of their teams, in conversations of their own",
            ),
            // Each by its own rule, see `check_timed`.
            Act::ApproveUrgency { .. } | Act::ProlongDuty { .. } => Ok(()),
            Act::AddOverride { derogation, .. } => {
                require(derogation.author == author, "an override names its author")?;
                require(self.role(author) == Role::Administrator, "for administrators")
            }
            Act::SetCalendar { .. }
            | Act::SetLease { .. }
            | Act::Propose { .. }
            | Act::Approve { .. }
            | Act::Withdraw { .. }
            | Act::RequireSecondPerson => self.check_policy_author(author, act),
            _ => require(self.role(author) == Role::Administrator, "for administrators"),
        }
    }

    fn check_possible(
        &self,
        statement: &Statement,
        author: Option<AgentNumber>,
        act: &Act,
        earlier: &mut Earlier,
    ) -> Result<(), StatementError> {
        let active = |device: &DeviceId, earlier: &Earlier| {
            !earlier.revoked.contains(device)
                && (earlier.certified.contains(device) || self.device(*device).is_some_and(|d| d.active()))
        };
        match act {
            Act::Found { .. } => Ok(()),
            Act::Certify(certificate) => {
                require(
                    self.device(certificate.device).is_none() && earlier.certified.insert(certificate.device),
                    "the device has a certificate",
                )?;
                require(
                    !self.es256.contains(&certificate.es256) && !self.ed25519.contains(&certificate.ed25519),
                    "a key serves one device only",
                )?;
                let bound = self.bound.get(&certificate.inventory);
                require(
                    bound.is_none_or(|device| earlier.revoked.contains(device))
                        && earlier.inventory.insert(certificate.inventory),
                    "the inventory entry has an active device",
                )
            }
            Act::SetRole { agent, role, teams } => {
                require(teams.is_empty() || *role == Role::Supervisor, "only supervisors lead teams")?;
                // Else an agent's personal conversations would gain an archive, or an archive some.
                let moves = (self.role(*agent) == Role::Archives) != (*role == Role::Archives);
                let mut devices = self.devices_of(*agent).map(|record| record.certificate.device);
                require(
                    !moves || devices.all(|device| earlier.revoked.contains(&device)),
                    "an archive is an archive from its first device to its last",
                )
            }
            Act::CreateRoster { roster, class, retention_days, .. } => {
                require(
                    self.roster(*roster).is_none() && earlier.rosters.insert(*roster),
                    "the roster exists",
                )?;
                require(
                    matches!(class, Class::Service | Class::Diffusion),
                    "pairs' rosters are never stated",
                )?;
                require((1..=RETENTION_DAYS).contains(retention_days), "retention is 1 to 36525 days")
            }
            Act::Admit { roster, device, .. } => {
                require(active(device, earlier), "the device has no certificate in force")?;
                let standing = self.roster(*roster);
                require(standing.is_some() || earlier.rosters.contains(roster), "no such roster")?;
                require(
                    standing.is_none_or(|roster| roster.current(*device).is_none())
                        && earlier.moved.insert((*roster, *device)),
                    "the device is a member",
                )?;
                let members = standing.map_or(0, |roster| roster.current_members().count());
                let added = earlier.moved.iter().filter(|(moved, _)| moved == roster).count();
                require(members + added <= limits::ROSTER_DEVICES, "a roster has at most 250 devices")
            }
            Act::Remove { roster, device } => require(
                self.roster(*roster).is_some_and(|roster| roster.current(*device).is_some())
                    && earlier.moved.insert((*roster, *device)),
                "the device is no member",
            ),
            Act::Revoke { device, .. } => {
                require(self.device(*device).is_some_and(|d| d.active()), "the device is not in force")?;
                require(earlier.revoked.insert(*device), "the device is not in force")
            }
            Act::SetCalendar { calendar, .. } => hours(calendar.validate()),
            Act::GrantLeave { period, .. } | Act::AddOnCall { period, .. } => hours(period.validate()),
            Act::AddDuty { duty, .. } => hours(duty.validate()),
            Act::AddOverride { derogation, .. } => derogation.validate().map_err(StatementError::Override),
            Act::SetRota { rota, .. } => hours(rota.validate()),
            Act::AddRest { rest, .. } => hours(rest.validate()),
            Act::SetUrgencyRight { .. } | Act::ApproveUrgency { .. } | Act::ProlongDuty { .. } => Ok(()),
            Act::SetLease { terms } => {
                require(terms.are_valid(), "lock after 1 to 30 days, wipe after 7 to 90")
            }
            Act::Propose { changes } => {
                require(!std::mem::replace(&mut earlier.proposes, true), "one proposal in a statement")?;
                self.check_proposal(changes, statement.at)
            }
            Act::Approve { proposal } => self.check_approval(*proposal, author, statement.at),
            Act::Withdraw { proposal } => self.check_withdrawal(*proposal),
            Act::RequireSecondPerson => Ok(()),
        }
    }
}

/// A zone that these tz data do not hold is no reason to refuse: it stays closed here, and a
/// reader with newer data judges the chain alike.
pub(super) fn hours(verdict: Result<(), HoursError>) -> Result<(), StatementError> {
    match verdict {
        Ok(()) | Err(HoursError::UnknownZone | HoursError::UnknownPlace) => Ok(()),
        Err(error) => Err(StatementError::Hours(error)),
    }
}
