//! `estafette notices`: every derogation from people's rest, the new ones marked for a representative.

use estafette_core::engine::Command;
use estafette_core::reader::Reader;
use estafette_protocol::texts::text;
use serde_json::json;

use super::read;
use super::urgent::basis_words;
use crate::output;
use crate::place::Place;
use crate::session::{Desk, Failure};

/// Lists them, and notes that they were looked at.
pub fn show(desk: &Desk, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    if sync > 0 {
        read::listen(&session, sync)?;
    }
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let notices = reader.notices()?;
    session.command(Command::NoticesSeen)?;
    session.stop();
    if notices.is_empty() && !desk.json {
        println!("{}", text(desk.language, "notices-none", &[]));
    }
    for notice in notices {
        if desk.json {
            let agents: Vec<u32> = notice.agents.iter().map(|agent| agent.0).collect();
            output::print(&json!({
                "statement": notice.statement.0, "at": notice.at.0, "author": notice.author.0,
                "basis": notice.basis.0, "reason": notice.reason, "from": notice.period.from.0,
                "until": notice.period.until.0, "agents": agents, "new": notice.new,
            }));
            continue;
        }
        let author = output::printable(&reader.shown_name(desk.language, notice.author)?);
        let basis = basis_words(desk.language, notice.basis);
        let reason = output::printable(&notice.reason);
        let [at, from, until] =
            [notice.at, notice.period.from, notice.period.until].map(|at| place.local(at));
        let words = [
            ("number", notice.statement.0.into()),
            ("at", (&at).into()),
            ("author", (&author).into()),
            ("count", notice.agents.len().into()),
            ("from", (&from).into()),
            ("until", (&until).into()),
            ("basis", (&basis).into()),
            ("reason", (&reason).into()),
        ];
        let mark = if notice.new { "* " } else { "  " };
        println!("{mark}{}", text(desk.language, "notices-one", &words));
    }
    Ok(())
}

/// Tells a representative at the screen that notices wait.
pub fn remind(desk: &Desk, reader: &mut Reader) -> Result<(), Failure> {
    let count = reader.notices_waiting()?;
    if count > 0 && !desk.json {
        eprintln!("{}", text(desk.language, "notices-waiting", &[("count", count.into())]));
    }
    Ok(())
}
