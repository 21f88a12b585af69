//! Policies on a screen: what stands and since when, what is proposed, and the second person's decision.
//!
//! Everybody reads them. An administrator's change becomes a proposal; whoever may approve sees it in the
//! same words before deciding. Nothing here judges: the chain does.

use std::time::Duration;

use clap::Subcommand;
use estafette_core::reader::{NameKind, Reader};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::{Profile, Zone, judge_week};
use estafette_protocol::policy::{Policy, PolicySubject};
use estafette_protocol::registry::{Proposal, Registry, StandingPolicy};
use estafette_protocol::statement::{Act, HoursScope};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode, StatementNumber, Timestamp};
use serde_json::{Value, json};

use super::read;
use crate::administration::Administration;
use crate::folder::KeyRing;
use crate::place::Place;
use crate::session::{Desk, Failure, Session};
use crate::{clock, floors, moment, output};

/// How long a decision waits for the proposal to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);

/// What can be decided about a proposal.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Approuve une règle proposée / approves a proposed rule
    Approve {
        /// Numéro de la proposition / the proposal's number
        proposal: u64,
        /// Ne pas demander / do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Refuse ou retire une règle proposée / refuses a proposed rule, or takes it back
    Refuse {
        /// Numéro de la proposition / the proposal's number
        proposal: u64,
    },
}

/// What became of a change that was asked for.
pub struct Asked {
    /// The proposal that waits; `None` where the change is in force.
    pub waits: Option<StatementNumber>,
    /// When the author may confirm it, where nobody else could approve.
    pub confirmable: Option<Timestamp>,
    sentence: Option<String>,
}

impl Asked {
    /// What to tell: the given sentence if it is in force, else who has to do what.
    pub fn sentence(&self, in_force: String) -> String {
        self.sentence.clone().unwrap_or(in_force)
    }

    /// The same for programs, beside other fields.
    pub fn fields(&self, mut fields: Value) -> Value {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("proposal".to_owned(), self.waits.map(|number| number.0).into());
            fields.insert("confirmable_at".to_owned(), self.confirmable.map(|at| at.0).into());
        }
        fields
    }
}

/// Asks for policies. They are in force at once only where the organisation does not take two persons, or
/// nobody else is bound yet.
pub fn ask(
    desk: &Desk,
    ring: &KeyRing,
    session: &Session,
    policies: Vec<Policy>,
    before: Vec<Act>,
) -> Result<Asked, Failure> {
    let mut reader = desk.reader(ring)?;
    catch_up(session, &mut reader)?;
    let registry = reader.registry()?;
    let changes: Vec<_> = policies.into_iter().map(|policy| registry.change_to(policy)).collect();
    session.state(before.into_iter().chain([Act::Propose { changes: changes.clone() }]).collect())?;
    let author = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
    let place = Place::of(&mut reader)?;
    let registry = reader.registry()?;
    let own = |(_, proposal): &(_, &Proposal)| proposal.author == author && proposal.changes == changes;
    let Some((number, proposal)) = registry.proposals().filter(own).last() else {
        return Ok(Asked { waits: None, sentence: None, confirmable: None });
    };
    let alone = registry.approvers().iter().all(|agent| *agent == author);
    let when = place.dated(desk.language, proposal.confirmable_at());
    let words = [("number", number.0.into()), ("when", (&when).into())];
    let sentence = match alone {
        true => text(desk.language, "policy-waits-alone", &words),
        false => text(desk.language, "policy-waits", &words),
    };
    let confirmable = alone.then(|| proposal.confirmable_at());
    Ok(Asked { waits: Some(number), sentence: Some(sentence), confirmable })
}

/// Waits for the statements that the relay has, so that a change names the version that stands.
fn catch_up(session: &Session, reader: &mut Reader) -> Result<(), Failure> {
    let from = reader.registry()?.next_link().0;
    let Reply::Statements { head, .. } = session.ask(RequestBody::Statements { from })? else {
        return Err(FaultCode::Internal.into());
    };
    match session.until(ARRIVAL, || Ok(reader.registry()?.last() >= head))? {
        true => Ok(()),
        false => Err(FaultCode::StatementsWithheld.into()),
    }
}

/// `estafette policies`.
pub fn list(desk: &Desk, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    if sync > 0 {
        let session = desk.start(&ring)?;
        read::listen(&session, sync)?;
        session.stop();
    }
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let registry = reader.registry()?.clone();
    let standing: Vec<(PolicySubject, StandingPolicy)> =
        registry.standing_policies().map(|(subject, standing)| (subject, *standing)).collect();
    let waiting: Vec<_> =
        registry.proposals().filter(|(_, proposal)| place.now < proposal.ends_at()).collect();
    if desk.json {
        for (subject, standing) in standing {
            let Some(policy) = registry.policy(subject) else { continue };
            output::print(&json!({
                "version": standing.version.0, "at": standing.at.0, "policy": fields(&policy),
                "author": standing.author.map(|agent| agent.0),
                "approver": standing.approver.map(|agent| agent.0),
            }));
        }
        for (number, proposal) in waiting {
            let changes: Vec<Value> = proposal.changes.iter().map(|change| fields(&change.policy)).collect();
            output::print(&json!({
                "proposal": number.0, "at": proposal.at.0, "author": proposal.author.0, "changes": changes,
                "ends_at": proposal.ends_at().0,
            }));
        }
        return Ok(());
    }
    let rule = match registry.requires_second_person() {
        true => text(desk.language, "policies-two", &[]),
        false => text(desk.language, "policies-one", &[]),
    };
    println!("{rule}");
    for (subject, standing) in standing {
        if let Some(policy) = registry.policy(subject) {
            println!("{}", sentence(desk, &reader, &policy)?);
            println!("    {}", origin(desk, &reader, &place, &standing)?);
        }
    }
    for (number, proposal) in waiting {
        proposed(desk, &reader, &place, number, proposal)?.iter().for_each(|line| println!("{line}"));
    }
    Ok(())
}

/// A proposal's lines: by whom and when, then each change.
pub fn proposed(
    desk: &Desk,
    reader: &Reader,
    place: &Place,
    number: StatementNumber,
    proposal: &Proposal,
) -> Result<Vec<String>, Failure> {
    let name = output::printable(&reader.shown_name(desk.language, proposal.author)?);
    let (at, until) =
        (place.dated(desk.language, proposal.at), place.dated(desk.language, proposal.ends_at()));
    let words = [
        ("number", number.0.into()),
        ("name", (&name).into()),
        ("at", (&at).into()),
        ("until", (&until).into()),
    ];
    let mut lines = vec![text(desk.language, "policy-proposed", &words)];
    for change in &proposal.changes {
        lines.push(format!("    {}", sentence(desk, reader, &change.policy)?));
        lines.extend(verdict(desk.language, &change.policy).iter().map(|line| format!("    {line}")));
    }
    Ok(lines)
}

/// What the floors of rest say of hours: whoever decides reads what whoever proposed has read.
fn verdict(language: Language, policy: &Policy) -> Vec<String> {
    let Policy::Calendar { calendar, .. } = policy else { return Vec::new() };
    let named = calendar.profile.as_deref().unwrap_or(floors::USUAL);
    // Of floors that this version does not know nothing is said.
    let Ok(profile) = Profile::named(named) else { return Vec::new() };
    let lines = floors::lines(language, None, &profile, &judge_week(&calendar.week, &profile));
    match lines.is_empty() {
        true => vec![text(language, "web-verdict-fine", &[])],
        false => lines,
    }
}

/// `estafette policy …`.
pub fn decide(desk: &Desk, command: PolicyCommand) -> Result<(), Failure> {
    let (proposal, approves, yes) = match command {
        PolicyCommand::Approve { proposal, yes } => (StatementNumber(proposal), true, yes),
        PolicyCommand::Refuse { proposal } => (StatementNumber(proposal), false, true),
    };
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let mut reader = desk.reader(&ring)?;
    let known = |registry: &Registry| registry.proposals().any(|(number, _)| number == proposal);
    if !session.until(ARRIVAL, || Ok(known(reader.registry()?)))? {
        return Err(FaultCode::NotFound.into());
    }
    let place = Place::of(&mut reader)?;
    let registry = reader.registry()?.clone();
    let waiting = registry.proposals().find(|(number, _)| *number == proposal);
    let (number, waiting) = waiting.ok_or(FaultCode::NotFound)?;
    let shown = proposed(desk, &reader, &place, number, waiting)?;
    if !yes {
        shown.iter().for_each(|line| eprintln!("{line}"));
        let question = text(desk.language, "policy-question", &[]);
        if desk.ask(&question)? != text(desk.language, "desk-yes", &[]) {
            session.stop();
            return Err(Failure::Usage(text(desk.language, "desk-nothing-done", &[])));
        }
    }
    let act = if approves { Act::Approve { proposal } } else { Act::Withdraw { proposal } };
    session.state(vec![act])?;
    session.stop();
    let words = [("number", proposal.0.into())];
    let sentence = match approves {
        true => text(desk.language, "policy-approved", &words),
        false => text(desk.language, "policy-refused", &words),
    };
    output::done(desk, &sentence, &json!({ "proposal": proposal.0, "approved": approves }));
    Ok(())
}

/// Asks for one policy and says what became of it.
pub fn change(desk: &Desk, policy: Policy) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let asked = ask(desk, &ring, &session, vec![policy.clone()], Vec::new())?;
    session.stop();
    let reader = desk.reader(&ring)?;
    let in_force = sentence(desk, &reader, &policy)?;
    output::done(desk, &asked.sentence(in_force), &asked.fields(fields(&policy)));
    Ok(())
}

/// Asks that an agent's phone be admitted without evidence, from now on until the end of a day.
pub fn except(desk: &Desk, agent: AgentNumber, reason: String, until: &str) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let policy = exception(desk.language, &records, agent, reason, until)?;
    drop(records);
    change(desk, policy)
}

/// The exception for an agent's one phone, until the end of a day that was typed.
///
/// # Errors
/// A day that does not read, and an agent who has no phone in the inventory, or several.
pub fn exception(
    language: Language,
    records: &Administration,
    agent: AgentNumber,
    reason: String,
    until: &str,
) -> Result<Policy, Failure> {
    let zone = Zone::named(output::PLACE).ok_or(FaultCode::ZoneUnknown)?;
    let bad = || Failure::Usage(text(language, "desk-bad-date", &[]));
    let until = moment::date(until).and_then(|date| zone.instant(date, 24 * 60)).ok_or_else(bad)?;
    if until <= clock::now() {
        return Err(Failure::Usage(text(language, "desk-exception-past", &[])));
    }
    let items = records.items_of(agent)?;
    let mut phones = items.iter().filter(|item| item.platform != "computer");
    let phone = phones.next().ok_or(FaultCode::NotInInventory)?;
    if phones.next().is_some() {
        return Err(FaultCode::AmbiguousName.into());
    }
    Ok(Policy::Exception { inventory: phone.id, reason, until })
}

/// From here on policies take two persons; said once, for an organisation of the first versions.
pub fn require_second_person(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    session.state(vec![Act::RequireSecondPerson])?;
    session.stop();
    output::done(desk, &text(desk.language, "policies-two", &[]), &json!({ "second_person": true }));
    Ok(())
}

/// A policy in a sentence.
pub fn sentence(desk: &Desk, reader: &Reader, policy: &Policy) -> Result<String, Failure> {
    let name =
        |agent: AgentNumber| reader.shown_name(desk.language, agent).map(|name| output::printable(&name));
    Ok(match policy {
        Policy::Calendar { scope, calendar } => {
            let week = calendar.week.written(desk.language);
            let (week, zone) = (("week", (&week).into()), ("zone", (&calendar.zone).into()));
            match scope {
                HoursScope::Organisation => text(desk.language, "policy-hours", &[week, zone]),
                HoursScope::Team(team) => {
                    let known = reader.name(NameKind::Team, team.0)?.map(|(name, _)| name);
                    let team = output::printable(&known.unwrap_or_else(|| team.to_string()));
                    text(desk.language, "policy-hours-team", &[week, zone, ("team", (&team).into())])
                }
                HoursScope::Agent(agent) => {
                    let name = name(*agent)?;
                    text(desk.language, "policy-hours-agent", &[week, zone, ("name", (&name).into())])
                }
            }
        }
        Policy::Lease(terms) => {
            let words =
                [("lock", u64::from(terms.lock_days).into()), ("wipe", u64::from(terms.wipe_days).into())];
            text(desk.language, "policy-lease", &words)
        }
        Policy::Approver { agent, appointed } => {
            let name = name(*agent)?;
            match appointed {
                true => text(desk.language, "policy-approver", &[("name", (&name).into())]),
                false => text(desk.language, "policy-approver-ended", &[("name", (&name).into())]),
            }
        }
        Policy::Exception { inventory, reason, until } => {
            let last = Timestamp(until.0.saturating_sub(1));
            let last = Place::shown_everywhere(last).long_day(desk.language, last);
            let reason = output::printable(reason);
            let (last, reason) = (("last", (&last).into()), ("reason", (&reason).into()));
            let mut devices = reader.registry_known().devices();
            match devices.find(|record| record.active() && record.certificate.inventory == *inventory) {
                Some(record) => {
                    let name = name(record.certificate.agent)?;
                    text(desk.language, "policy-exception", &[("name", (&name).into()), last, reason])
                }
                None => {
                    let entry = inventory.to_string();
                    text(desk.language, "policy-exception-entry", &[("entry", (&entry).into()), last, reason])
                }
            }
        }
        Policy::Representative { agent, named } => {
            let name = name(*agent)?;
            match named {
                true => text(desk.language, "policy-representative", &[("name", (&name).into())]),
                false => text(desk.language, "policy-representative-ended", &[("name", (&name).into())]),
            }
        }
    })
}

/// By whom and since when a policy stands.
pub fn origin(
    desk: &Desk,
    reader: &Reader,
    place: &Place,
    standing: &StandingPolicy,
) -> Result<String, Failure> {
    let name = |agent: Option<AgentNumber>| match agent {
        Some(agent) => reader.shown_name(desk.language, agent).map(|name| output::printable(&name)),
        None => Ok(String::new()),
    };
    let (author, approver, at) =
        (name(standing.author)?, name(standing.approver)?, place.dated(desk.language, standing.at));
    let words = [
        ("number", standing.version.0.into()),
        ("at", (&at).into()),
        ("author", (&author).into()),
        ("approver", (&approver).into()),
    ];
    Ok(match (standing.author, standing.approver) {
        (author, Some(approver)) if author == Some(approver) => {
            text(desk.language, "policy-origin-alone", &words)
        }
        (_, Some(_)) => text(desk.language, "policy-origin-two", &words),
        (_, None) => text(desk.language, "policy-origin-one", &words),
    })
}

fn fields(policy: &Policy) -> Value {
    match policy {
        Policy::Calendar { scope, calendar } => {
            let (team, agent) = match scope {
                HoursScope::Organisation => (None, None),
                HoursScope::Team(team) => (Some(team.0), None),
                HoursScope::Agent(agent) => (None, Some(agent.0)),
            };
            json!({
                "kind": "hours", "team": team, "agent": agent, "week": calendar.week.to_string(),
                "zone": calendar.zone, "profile": calendar.profile,
            })
        }
        Policy::Lease(terms) => {
            json!({ "kind": "lease", "lock_days": terms.lock_days, "wipe_days": terms.wipe_days })
        }
        Policy::Approver { agent, appointed } => {
            json!({ "kind": "approver", "agent": agent.0, "appointed": appointed })
        }
        Policy::Exception { inventory, reason, until } => {
            json!({ "kind": "exception", "inventory": inventory.to_string(), "reason": reason, "until": until.0 })
        }
        Policy::Representative { agent, named } => {
            json!({ "kind": "representative", "agent": agent.0, "named": named })
        }
    }
}
