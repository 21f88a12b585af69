//! How long a device may do without contact: shown to its agent, locked or not, and set by administrators.

use estafette_core::lease::{self, LeaseRow, Standing};
use estafette_protocol::Timestamp;
use estafette_protocol::lease::LeaseTerms;
use estafette_protocol::policy::Policy;
use estafette_protocol::texts::text;
use serde_json::json;

use super::policies;
use crate::clock;
use crate::folder::KeyRing;
use crate::output;
use crate::session::{Desk, Failure};

/// Looks at the lease of this folder's device, and warns whoever is at the screen in the last three days.
pub fn look(desk: &Desk, ring: &KeyRing) -> Result<LeaseRow, Failure> {
    let row = lease::look(&desk.folder.database(), &ring.database_key(), clock::moment())?;
    if let Some(warning) = warning(desk, &row).filter(|_| !desk.json) {
        eprintln!("{warning}");
    }
    if let Some(at) = row.attest_at_last.filter(|_| !desk.json) {
        let when = output::local(None, at);
        eprintln!("{}", text(desk.language, "desk-lease-attest", &[("when", (&when).into())]));
    }
    Ok(row)
}

fn warning(desk: &Desk, row: &LeaseRow) -> Option<String> {
    let when = |at: Timestamp| output::local(None, at);
    match (row.warns, row.standing) {
        (true, Standing::Open) => {
            Some(text(desk.language, "desk-lease-locks", &[("when", (&when(row.lock_at?)).into())]))
        }
        (true, Standing::Locked) => {
            let at = when(row.wipe_at?);
            let words = [("when", (&at).into()), ("count", row.unsent.into())];
            Some(text(desk.language, "desk-lease-wipes", &words))
        }
        _ => None,
    }
}

/// `estafette lease`.
pub fn show(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let row = lease::look(&desk.folder.database(), &ring.database_key(), clock::moment())?;
    if desk.json {
        let standing = match row.standing {
            Standing::Open => "open",
            Standing::Locked => "locked",
            Standing::Wiped => "wiped",
        };
        output::print(&json!({
            "standing": standing, "contact": row.contact.map(|at| at.0), "lock_at": row.lock_at.map(|at| at.0),
            "wipe_at": row.wipe_at.map(|at| at.0), "unsent": row.unsent,
            "attest_at_last": row.attest_at_last.map(|at| at.0),
        }));
        return Ok(());
    }
    let shown = |at: Option<Timestamp>| at.map(|at| output::local(None, at)).unwrap_or_default();
    let (contact, lock, wipe) = (shown(row.contact), shown(row.lock_at), shown(row.wipe_at));
    let count = ("count", row.unsent.into());
    let sentence = match (row.standing, row.contact) {
        (Standing::Wiped, _) => text(desk.language, "desk-lease-wiped", &[count]),
        (_, None) => text(desk.language, "desk-lease-none", &[]),
        (Standing::Locked, _) => text(
            desk.language,
            "desk-lease-locked",
            &[("contact", (&contact).into()), ("wipe", (&wipe).into()), count],
        ),
        (Standing::Open, _) => text(
            desk.language,
            "desk-lease-open",
            &[("contact", (&contact).into()), ("lock", (&lock).into()), ("wipe", (&wipe).into()), count],
        ),
    };
    println!("{sentence}");
    if row.standing != Standing::Open {
        println!("{}", text(desk.language, "emergency-numbers", &[]));
    }
    Ok(())
}

/// `estafette admin lease`.
pub fn set(desk: &Desk, lock_days: u8, wipe_days: u8) -> Result<(), Failure> {
    let terms = LeaseTerms { lock_days, wipe_days };
    if !terms.are_valid() {
        return Err(Failure::Usage(text(desk.language, "desk-lease-bad", &[])));
    }
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let asked = policies::ask(desk, &ring, &session, vec![Policy::Lease(terms)], Vec::new())?;
    session.stop();
    let words = [("lock", u64::from(lock_days).into()), ("wipe", u64::from(wipe_days).into())];
    let sentence = text(desk.language, "desk-lease-set", &words);
    let fields = json!({ "lock_days": lock_days, "wipe_days": wipe_days });
    output::done(desk, &asked.sentence(sentence), &asked.fields(fields));
    Ok(())
}
