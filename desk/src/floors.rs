//! What a verdict on hours says to people: which floor, where, by how much, on which text.

use estafette_protocol::hours::{Breach, Finding, FloorKind, Profile, ProfileError, Spot, Verdict};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{Fault, FaultCode};
use serde_json::{Value, json};

use crate::output::local;
use crate::session::Failure;

/// The profile by which hours are judged while nobody says another: the territorial service's.
pub const USUAL: &str = "fpt";

/// The profile of that name, or the refusal.
pub fn profile(name: &str) -> Result<Profile, Failure> {
    Profile::named(name).map_err(|error: ProfileError| {
        Fault::new(FaultCode::ProfileInvalid).with_reasons(vec![error.to_string()]).into()
    })
}

/// The refusal of hours that break floors, each floor named once.
pub fn refusal(verdict: &Verdict) -> Failure {
    let refused = verdict.findings.iter().filter(|finding| finding.floor.breach == Breach::Refuse);
    let mut reasons: Vec<String> = refused.map(|finding| finding.floor.kind.as_str().to_owned()).collect();
    reasons.dedup();
    Fault::new(FaultCode::FloorsBroken).with_reasons(reasons).into()
}

/// "10 h 30".
pub fn length(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours}\u{a0}h"),
        (0, minutes) => format!("{minutes}\u{a0}min"),
        (hours, minutes) => format!("{hours}\u{a0}h\u{a0}{minutes:02}"),
    }
}

/// A finding as a sentence, times by the clocks of a zone.
pub fn sentence(language: Language, zone: Option<&str>, finding: &Finding) -> String {
    let spot = match finding.spot {
        Spot::Weekly(day, minute) => {
            let day = text(language, "weekday-name", &[("day", (day as u32).into())]);
            let time = format!("{:02}:{:02}", minute / 60, minute % 60);
            text(language, "floor-spot-weekly", &[("day", (&day).into()), ("time", (&time).into())])
        }
        Spot::Instant(at) => local(zone, at),
    };
    let (found, limit) = (length(finding.found), length(finding.floor.minutes));
    let arguments = [
        ("spot", (&spot).into()),
        ("found", (&found).into()),
        ("limit", (&limit).into()),
        ("reference", (&finding.floor.reference).into()),
    ];
    match finding.floor.kind {
        FloorKind::DailyRest => text(language, "floor-daily-rest", &arguments),
        FloorKind::WeeklyRest => text(language, "floor-weekly-rest", &arguments),
        FloorKind::Amplitude => text(language, "floor-amplitude", &arguments),
        FloorKind::DailyHours => text(language, "floor-daily-hours", &arguments),
        FloorKind::WeeklyHours => text(language, "floor-weekly-hours", &arguments),
        FloorKind::MeanWeeklyHours => text(language, "floor-mean-weekly-hours", &arguments),
    }
}

/// The lines that people read of a verdict; none where nothing is broken.
pub fn lines(language: Language, zone: Option<&str>, profile: &Profile, verdict: &Verdict) -> Vec<String> {
    if verdict.findings.is_empty() {
        return Vec::new();
    }
    let mut lines: Vec<String> = verdict
        .findings
        .iter()
        .map(|finding| format!("[{}] {}", word(language, finding), sentence(language, zone, finding)))
        .collect();
    lines.extend(caveat(language, profile));
    lines
}

/// "refusé" or "signalé".
pub fn word(language: Language, finding: &Finding) -> String {
    match finding.floor.breach {
        Breach::Refuse => text(language, "floor-refused", &[]),
        Breach::Flag => text(language, "floor-flagged", &[]),
    }
}

/// That no jurist has confirmed a profile, where none has.
pub fn caveat(language: Language, profile: &Profile) -> Option<String> {
    let arguments = [("profile", (&profile.name).into()), ("reference", (&profile.reference).into())];
    (!profile.confirmed_by_jurist).then(|| text(language, "floor-unconfirmed", &arguments))
}

/// The same for programs.
pub fn fields(verdict: &Verdict) -> Vec<Value> {
    let finding = |finding: &Finding| {
        let (day, minute, at) = match finding.spot {
            Spot::Weekly(day, minute) => (Some(day as u8), Some(minute), None),
            Spot::Instant(at) => (None, None, Some(at.0)),
        };
        json!({
            "floor": finding.floor.kind.as_str(), "refused": finding.floor.breach == Breach::Refuse,
            "weekday": day, "minute": minute, "at": at, "found": finding.found, "limit": finding.floor.minutes,
            "reference": finding.floor.reference,
        })
    };
    verdict.findings.iter().map(finding).collect()
}
