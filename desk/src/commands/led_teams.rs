//! `estafette team`: of the teams that the agent leads, who is on duty, who is on leave, and whose device was
//! not seen for three days of work.
//!
//! The first two follow from the decisions that this computer holds. The third the relay tells, of people on
//! duty alone; where it cannot be reached, that is said. Who is off duty is counted and not named.

use std::collections::BTreeMap;

use estafette_core::reader::{PersonRow, Reader, TeamStanding};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::texts::text;
use estafette_protocol::{DeviceId, FaultCode, Timestamp};
use serde_json::{Value, json};

use crate::folder::KeyRing;
use crate::output;
use crate::place::Place;
use crate::session::{Desk, Failure};

/// The devices that were not seen, and the day on which each was last; nothing where nobody could be asked.
type Missed = Option<BTreeMap<DeviceId, Timestamp>>;

/// Shows the teams that the agent leads.
pub fn show(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let missed = ask(desk, &ring)?;
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let teams = reader.team_standing(place.now)?;
    if teams.is_empty() {
        return Err(FaultCode::Forbidden.into());
    }
    for team in &teams {
        match desk.json {
            true => output::print(&as_json(team, missed.as_ref())),
            false => print(desk, &place, &reader, team, missed.as_ref())?,
        }
    }
    if missed.is_none() && !desk.json {
        println!("{}", text(desk.language, "team-missed-unknown", &[]));
    }
    Ok(())
}

fn ask(desk: &Desk, ring: &KeyRing) -> Result<Missed, Failure> {
    let session = desk.start(ring)?;
    let reply = session.ask(RequestBody::Contacts);
    session.stop();
    match reply {
        Ok(Reply::Contacts { contacts }) => {
            let days = contacts.into_iter().filter_map(|contact| Some((contact.device, contact.day?)));
            Ok(Some(days.collect()))
        }
        Ok(_) => Err(FaultCode::Internal.into()),
        Err(Failure::Fault(fault)) if fault.code == FaultCode::Unreachable => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The days on which a person's missed devices were last seen.
fn days_of(person: &PersonRow, missed: Option<&BTreeMap<DeviceId, Timestamp>>) -> Vec<(DeviceId, Timestamp)> {
    let day = |device: &DeviceId| Some((*device, *missed?.get(device)?));
    person.devices.iter().filter_map(day).collect()
}

fn as_json(team: &TeamStanding, missed: Option<&BTreeMap<DeviceId, Timestamp>>) -> Value {
    let on_duty: Vec<Value> = team
        .on_duty
        .iter()
        .map(|person| {
            let missed: Vec<Value> = days_of(person, missed)
                .into_iter()
                .map(|(device, day)| json!({ "device": device.to_string(), "contact_day": day.0 }))
                .collect();
            json!({ "agent": person.agent.0, "name": person.name, "missed": missed })
        })
        .collect();
    let on_leave: Vec<Value> = team
        .on_leave
        .iter()
        .map(|(person, until)| json!({ "agent": person.agent.0, "name": person.name, "until": until.0 }))
        .collect();
    json!({
        "team": team.team.0, "name": team.name, "on_duty": on_duty, "on_leave": on_leave,
        "off_duty": team.off_duty, "missed_known": missed.is_some(),
    })
}

fn print(
    desk: &Desk,
    place: &Place,
    reader: &Reader,
    team: &TeamStanding,
    missed: Option<&BTreeMap<DeviceId, Timestamp>>,
) -> Result<(), Failure> {
    let name = team.name.as_deref().map_or_else(|| team.team.to_string(), output::printable);
    let words = [
        ("name", (&name).into()),
        ("duty", team.on_duty.len().into()),
        ("leave", team.on_leave.len().into()),
        ("off", team.off_duty.into()),
    ];
    println!("{}", text(desk.language, "team-summary", &words));
    for person in &team.on_duty {
        let name = output::printable(&reader.shown_name(desk.language, person.agent)?);
        println!("  {}", text(desk.language, "team-on-duty", &[("name", (&name).into())]));
        for (_, day) in days_of(person, missed) {
            let day = output::local(Some("UTC"), day).split(' ').next().unwrap_or_default().to_owned();
            println!("    {}", text(desk.language, "team-missed", &[("day", (&day).into())]));
        }
    }
    for (person, until) in &team.on_leave {
        let name = output::printable(&reader.shown_name(desk.language, person.agent)?);
        let until = place.local(*until);
        let words = [("name", (&name).into()), ("until", (&until).into())];
        println!("  {}", text(desk.language, "team-on-leave", &words));
    }
    Ok(())
}
