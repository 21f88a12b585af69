//! `estafette admin absence`: an agent's leave. Nothing reaches them while it lasts, on call or not.
//!
//! Whole days by the clocks of the place. A leave that was recorded stays recorded: whoever is called back
//! gets a duty period, which opens hours within it.

use clap::Args;
use estafette_protocol::hours::{Period, Zone};
use estafette_protocol::statement::Act;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, Timestamp};
use serde_json::json;

use super::hours::{open, zone};
use crate::session::{Desk, Failure};
use crate::{moment, output};

/// What is said of a leave.
#[derive(Debug, Args)]
pub struct AbsenceArguments {
    /// Numéro de l'agent / agent's number
    agent: u32,
    /// Premier jour, par exemple 2026-12-24 ou 24/12/2026 / first day
    #[arg(long)]
    from: String,
    /// Dernier jour, compris / last day, included
    #[arg(long)]
    until: String,
    /// Fuseau / time zone
    #[arg(long, default_value = output::PLACE)]
    zone: String,
}

/// The leave from the beginning of a first day to the end of a last one.
///
/// # Errors
/// Days that do not read, that stand in the wrong order, or that are over, in the person's language.
pub fn leave(
    language: Language,
    (first, last): (&str, &str),
    zone: &Zone,
    now: Timestamp,
) -> Result<Period, Failure> {
    let bad = || Failure::Usage(text(language, "desk-bad-date", &[]));
    let instant = |typed, minute| moment::date(typed).and_then(|date| zone.instant(date, minute));
    let from = instant(first, 0).ok_or_else(bad)?;
    let until = instant(last, 24 * 60).ok_or_else(bad)?;
    if until <= from {
        return Err(Failure::Usage(text(language, "leave-backwards", &[])));
    }
    if until <= now {
        return Err(Failure::Usage(text(language, "leave-over", &[])));
    }
    Ok(Period { from, until })
}

/// Records a leave.
pub fn grant(desk: &Desk, arguments: &AbsenceArguments) -> Result<(), Failure> {
    let zone = zone(&arguments.zone)?;
    let (ring, _, now) = open(desk)?;
    let period = leave(desk.language, (&arguments.from, &arguments.until), &zone, now)?;
    let agent = AgentNumber(arguments.agent);
    let session = desk.start(&ring)?;
    session.state(vec![Act::GrantLeave { agent, period }])?;
    session.stop();
    let fields = json!({ "agent": agent.0, "from": period.from.0, "until": period.until.0 });
    output::done(desk, &text(desk.language, "leave-recorded", &[]), &fields);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23 17:30 in Paris.
    const NOW: Timestamp = Timestamp(1_795_451_400_000);

    fn hours(first: &str, last: &str) -> Result<u64, String> {
        let paris = Zone::named("Europe/Paris").unwrap();
        leave(Language::English, (first, last), &paris, NOW)
            .map(|period| period.until.since(period.from).as_secs() / 3600)
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_leave_is_of_whole_days_the_last_one_included_and_a_day_of_a_changed_clock_has_its_own_length() {
        assert_eq!(hours("2026-12-24", "24/12/2026"), Ok(24));
        assert_eq!(hours("2026-12-24", "2027-01-03"), Ok(11 * 24));
        assert_eq!(hours("2027-03-28", "2027-03-28"), Ok(23));
        // It may have begun, and end today.
        assert_eq!(hours("2026-11-20", "2026-11-23"), Ok(4 * 24));
        let refused = |id| Err(text(Language::English, id, &[]));
        assert_eq!(hours("2026-12-25", "2026-12-24"), refused("leave-backwards"));
        assert_eq!(hours("2026-11-20", "2026-11-22"), refused("leave-over"));
        assert_eq!(hours("2026-02-30", "2026-12-24"), refused("desk-bad-date"));
    }
}
