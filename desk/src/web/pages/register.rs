//! What the relay keeps: the register of processing and the page that says what it knows, in one.
//!
//! Made from the relay's own schema, counts and settings and from the statements, at each look. A table that
//! nobody has described is shown as such and not left out; a test describes them all.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::reader::Reader;
use estafette_protocol::FaultCode;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::knowledge::{COUNTED, Kept, Knowledge};
use estafette_protocol::statement::Class;
use estafette_protocol::texts::{Language, text};
use maud::{Markup, html};

use super::ask_soon;
use crate::output::{colon, printable};
use crate::session::Failure;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// What tables are kept for, as people would divide it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    Messages,
    Marks,
    Statements,
    Groups,
    Devices,
    Names,
    Announcements,
    Urgencies,
    OffHours,
    Audit,
    /// Nobody has described it.
    Unknown,
}

/// All that is described.
const PURPOSES: [Purpose; 10] = [
    Purpose::Messages,
    Purpose::Marks,
    Purpose::Statements,
    Purpose::Groups,
    Purpose::Devices,
    Purpose::Names,
    Purpose::Announcements,
    Purpose::Urgencies,
    Purpose::OffHours,
    Purpose::Audit,
];

/// What a table of the relay's schema is kept for.
fn purpose(table: &str) -> Purpose {
    match table {
        "entry" | "thread" => Purpose::Messages,
        "slot" => Purpose::Marks,
        "statement" | "control" | "dated_head" | "counter" | "setting" => Purpose::Statements,
        "roster" | "roster_member" | "handshake" | "group_info" | "welcome" | "refusal" | "key_package"
        | "history_debt" | "bundle" => Purpose::Groups,
        "device" | "inventory" | "enrolment" | "submission" | "phone" => Purpose::Devices,
        "directory" => Purpose::Names,
        "common" | "announced" | "receipt" => Purpose::Announcements,
        "call" | "answer" => Purpose::Urgencies,
        "off_hours" => Purpose::OffHours,
        "audit" | "audit_head" => Purpose::Audit,
        _ => Purpose::Unknown,
    }
}

/// Of a purpose: its name, what can be read in it, what it serves, and until when it is kept.
struct Words {
    name: String,
    what: String,
    why: String,
    until: String,
}

/// Days that conversations are kept, as they were stated.
struct Days {
    teams: String,
    announcements: String,
    pairs: u32,
}

fn words(language: Language, purpose: Purpose, days: &Days) -> Words {
    let say = |name, what, why, until| Words { name, what, why, until };
    match purpose {
        Purpose::Messages => say(
            text(language, "kept-messages", &[]),
            text(language, "kept-messages-what", &[]),
            text(language, "kept-messages-why", &[]),
            text(
                language,
                "kept-messages-until",
                &[("teams", (&days.teams).into()), ("pairs", days.pairs.into())],
            ),
        ),
        Purpose::Marks => say(
            text(language, "kept-marks", &[]),
            text(language, "kept-marks-what", &[]),
            text(language, "kept-marks-why", &[]),
            text(language, "kept-marks-until", &[]),
        ),
        Purpose::Statements => say(
            text(language, "kept-statements", &[]),
            text(language, "kept-statements-what", &[]),
            text(language, "kept-statements-why", &[]),
            text(language, "kept-statements-until", &[]),
        ),
        Purpose::Groups => say(
            text(language, "kept-groups", &[]),
            text(language, "kept-groups-what", &[]),
            text(language, "kept-groups-why", &[]),
            text(language, "kept-groups-until", &[]),
        ),
        Purpose::Devices => say(
            text(language, "kept-devices", &[]),
            text(language, "kept-devices-what", &[]),
            text(language, "kept-devices-why", &[]),
            text(language, "kept-devices-until", &[]),
        ),
        Purpose::Names => say(
            text(language, "kept-names", &[]),
            text(language, "kept-names-what", &[]),
            text(language, "kept-names-why", &[]),
            text(language, "kept-names-until", &[]),
        ),
        Purpose::Announcements => say(
            text(language, "kept-announcements", &[]),
            text(language, "kept-announcements-what", &[]),
            text(language, "kept-announcements-why", &[]),
            text(language, "kept-announcements-until", &[("days", (&days.announcements).into())]),
        ),
        Purpose::Urgencies => say(
            text(language, "kept-urgencies", &[]),
            text(language, "kept-urgencies-what", &[]),
            text(language, "kept-urgencies-why", &[]),
            text(language, "kept-urgencies-until", &[]),
        ),
        Purpose::OffHours => say(
            text(language, "kept-off-hours", &[]),
            text(language, "kept-off-hours-what", &[]),
            text(language, "kept-off-hours-why", &[]),
            text(language, "kept-off-hours-until", &[]),
        ),
        Purpose::Audit => say(
            text(language, "kept-audit", &[]),
            text(language, "kept-audit-what", &[]),
            text(language, "kept-audit-why", &[]),
            text(language, "kept-audit-until", &[]),
        ),
        Purpose::Unknown => say(
            text(language, "kept-unknown", &[]),
            text(language, "kept-unknown-what", &[]),
            String::new(),
            String::new(),
        ),
    }
}

/// "365", or "30 – 365" where conversations differ.
fn range(days: impl Iterator<Item = u32>, language: Language) -> String {
    let days: Vec<u32> = days.collect();
    match (days.iter().min(), days.iter().max()) {
        (Some(least), Some(most)) if least == most => {
            text(language, "kept-days", &[("days", (*least).into())])
        }
        (Some(least), Some(most)) => {
            text(language, "kept-days-between", &[("least", (*least).into()), ("most", (*most).into())])
        }
        _ => text(language, "kept-no-conversation", &[]),
    }
}

fn stated(reader: &mut Reader, language: Language, pairs: u32) -> Result<Days, Failure> {
    let registry = reader.registry()?;
    let of = |diffusion: bool| {
        let rosters =
            registry.rosters().filter(move |(_, record)| (record.class == Class::Diffusion) == diffusion);
        range(rosters.map(|(_, record)| record.retention_days), language)
    };
    Ok(Days { teams: of(false), announcements: of(true), pairs })
}

/// The page.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let Reply::Knowledge(known) = ask_soon(&web, RequestBody::Knowledge).await? else {
        return Err(FaultCode::Internal.into());
    };
    show(&web, &visitor, Section::Me, move |reader, frame| {
        let language = frame.language;
        let days = stated(reader, language, known.pair_days)?;
        let at = frame.place.dated(language, frame.place.now);
        let title = text(language, "web-register", &[]);
        let unknown = known.tables.iter().any(|kept| purpose(&kept.table) == Purpose::Unknown);
        let main = html! {
            p { a href="/me" { (text(language, "web-me", &[])) } }
            h1 { (title) }
            p { (text(language, "web-register-what", &[("when", (&at).into())])) }
            h2 { (text(language, "web-register-never", &[])) }
            p { (text(language, "web-register-never-what", &[])) }
            @for purpose in PURPOSES { (entry(language, purpose, &known, &days)) }
            @if unknown { (entry(language, Purpose::Unknown, &known, &days)) }
            (settings(language, &known))
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn entry(language: Language, wanted: Purpose, known: &Knowledge, days: &Days) -> Markup {
    let tables: Vec<&Kept> = known.tables.iter().filter(|kept| purpose(&kept.table) == wanted).collect();
    let words = words(language, wanted, days);
    html! {
        section.card aria-label=(words.name) {
            h2 { (words.name) }
            dl.facts {
                div { dt { (text(language, "web-register-kept", &[])) } dd { (words.what) } }
                @if !words.why.is_empty() {
                    div { dt { (text(language, "web-register-why", &[])) } dd { (words.why) } }
                    div { dt { (text(language, "web-register-until", &[])) } dd { (words.until) } }
                }
            }
            details {
                summary { (text(language, "web-register-tables", &[("count", tables.len().into())])) }
                ul.facts {
                    @for kept in tables {
                        li {
                            strong.code { (printable(&kept.table)) } (colon(language))
                            @if kept.rows >= COUNTED {
                                (text(language, "web-register-many", &[("rows", kept.rows.into())]))
                            } @else {
                                (text(language, "web-register-rows", &[("rows", kept.rows.into())]))
                            }
                            p.code { (printable(&kept.columns.join(", "))) }
                        }
                    }
                }
            }
        }
    }
}

fn settings(language: Language, known: &Knowledge) -> Markup {
    let hosts = known.wake_up_hosts.join(", ");
    html! {
        h2 { (text(language, "web-register-settings", &[])) }
        ul.facts {
            li { (text(language, "web-register-version", &[("version", (&known.version).into())])) }
            li {
                @if hosts.is_empty() {
                    (text(language, "web-register-no-wake-ups", &[]))
                } @else {
                    (printable(&text(language, "web-register-wake-ups", &[("hosts", (&hosts).into())])))
                }
            }
            @if known.development { li { (text(language, "web-register-development", &[])) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relay's schema as it is committed.
    const SCHEMA: &str = include_str!("../../../../server/schema.sql");

    #[test]
    fn every_table_of_the_relay_is_described_and_nothing_else_is() {
        let tables: Vec<&str> = SCHEMA
            .lines()
            .filter_map(|line| line.strip_prefix("CREATE TABLE "))
            .filter_map(|rest| rest.split_whitespace().next())
            .collect();
        assert!(tables.len() > 20, "{tables:?}");
        for table in &tables {
            assert_ne!(purpose(table), Purpose::Unknown, "{table} is in no entry of the register");
        }
        for wanted in PURPOSES {
            assert!(tables.iter().any(|table| purpose(table) == wanted), "{wanted:?} describes nothing");
        }
        assert_eq!(purpose("gps"), Purpose::Unknown);
    }

    #[test]
    fn days_are_told_once_where_all_conversations_have_the_same() {
        let french = |days: &[u32]| range(days.iter().copied(), Language::French);
        assert_eq!(french(&[365, 365]), "365\u{A0}jours");
        assert_eq!(french(&[30, 365]), "de 30 à 365\u{A0}jours");
        assert!(!french(&[]).is_empty());
    }
}
