//! `estafette proof` and `estafette verify`: an agent shows when they could be reached, and anybody checks it.
//!
//! The proof is made by the agent, of the agent alone. Checking needs neither network nor folder.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use estafette_core::reader::Reader;
use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::Period;
use estafette_protocol::proof::{Proof, Shown};
use estafette_protocol::reachability::{
    Arrival, HeldEntry, Reachability, ReachabilityQuestion, ReachableFor, SignedReachability,
};
use estafette_protocol::texts::text;
use estafette_protocol::{Fault, FaultCode, Timestamp};
use serde_json::{Value, json};

use super::message::named;
use crate::place::Place;
use crate::session::{Desk, Failure};
use crate::{moment, output, proof_file};

/// What shall be proved.
#[derive(Debug, Args)]
pub struct ProofArguments {
    /// Fichier à écrire / file to write
    file: PathBuf,
    /// Un message : jusqu'à quand il a été retenu / a message: until when it was held
    #[arg(long, conflicts_with_all = ["from", "until"])]
    message: Option<String>,
    /// Début, par exemple « 2026-12-02 20:00 » / the beginning of a period
    #[arg(long, requires = "until")]
    from: Option<String>,
    /// Fin, déjà passée, 31 jours plus tard au plus / its end
    #[arg(long, requires = "from")]
    until: Option<String>,
    /// Joint toutes les décisions de l'organisation : qui lit le fichier les lit aussi / adds the whole chain
    #[arg(long)]
    with_chain: bool,
}

/// Asks the relay for its word and writes the proof.
pub fn make(desk: &Desk, arguments: &ProofArguments) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let zone = place.zone().ok_or(FaultCode::ZoneUnknown)?;
    let read = |typed: &str| {
        let bad = || Failure::Usage(text(desk.language, "desk-bad-moment", &[]));
        moment::instant(typed, &zone, place.now).ok_or_else(bad)
    };
    let question = match (&arguments.message, &arguments.from, &arguments.until) {
        (Some(digits), _, _) => {
            let (thread, row) = reader.find(named(&reader, digits)?)?.ok_or(FaultCode::NotFound)?;
            ReachabilityQuestion::Entry { thread, position: row.position }
        }
        (None, Some(from), Some(until)) => {
            ReachabilityQuestion::Period(Period { from: read(from)?, until: read(until)? })
        }
        _ => return Err(Failure::Usage(text(desk.language, "proof-of-what", &[]))),
    };
    let reply = session.ask(RequestBody::Reachability(question))?;
    session.stop();
    let Reply::Reachability(word) = reply else { return Err(FaultCode::Internal.into()) };
    let whole = resting(&reader, question, word)?;
    // The relay's word is compared with the chain held here, whether the chain goes out or not.
    let shown = whole.verify().map_err(invalid)?;
    let proof = if arguments.with_chain { whole } else { Proof { chain: None, ..whole } };
    fs::write(&arguments.file, proof_file::write(&proof)?)?;
    let file = arguments.file.display().to_string();
    let sentence = text(desk.language, "proof-written", &[("file", (&file).into())]);
    if desk.json {
        output::print(&fields(&shown, proof.chain.is_some()));
        return Ok(());
    }
    println!("{}\n{sentence}", lines(desk, &place, &shown).join("\n"));
    Ok(())
}

/// The relay's word with what it rests on: the chain held here, and when this device had the message.
pub fn resting(
    reader: &Reader,
    question: ReachabilityQuestion,
    word: SignedReachability,
) -> Result<Proof, Failure> {
    let arrival = match question {
        ReachabilityQuestion::Entry { thread, position } => {
            let identity = reader.identity();
            let (organisation, device) = (identity.organisation, identity.device);
            let arrived_at = reader.arrived_at(thread, position)?;
            let says = |arrived_at| Arrival { organisation, device, thread, position, arrived_at };
            arrived_at.map(|at| says(at).sign(&identity.signing_key()))
        }
        ReachabilityQuestion::Period(_) => None,
    };
    let chain = reader.statements()?;
    let founding = chain.first().cloned().ok_or(FaultCode::NotEnrolled)?;
    Ok(Proof { founding, word, arrival, chain: Some(chain) })
}

/// Checks a proof, without network and without a folder.
pub fn verify(desk: &Desk, file: &Path) -> Result<(), Failure> {
    let size = fs::metadata(file)?.len();
    if size > proof_file::SIZE {
        return Err(Fault::new(FaultCode::TooLarge).with_number(proof_file::SIZE).into());
    }
    let bytes = fs::read(file)?;
    let text_of = std::str::from_utf8(&bytes).map_err(|_| FaultCode::Malformed)?;
    let shown = proof_file::read(text_of)?.verify().map_err(invalid)?;
    if desk.json {
        output::print(&fields(&shown, shown.rests_on_chain));
        return Ok(());
    }
    let place = Place::shown_everywhere(shown.reachability.issued_at);
    lines(desk, &place, &shown).iter().for_each(|line| println!("{line}"));
    let rests = match shown.rests_on_chain {
        true => text(desk.language, "proof-rests-on-chain", &[]),
        false => text(desk.language, "proof-without-chain", &[]),
    };
    println!("{rests}");
    Ok(())
}

/// A proof that does not hold.
pub fn invalid(bad: estafette_protocol::proof::BadProof) -> Failure {
    Fault::new(FaultCode::ProofInvalid).with_reasons(vec![bad.word().to_owned()]).into()
}

/// What a proof says, for a person.
pub fn lines(desk: &Desk, place: &Place, shown: &Shown) -> Vec<String> {
    let word = &shown.reachability;
    let Reachability { organisation, agent, period, version, issued_at, .. } = word;
    let organisation = organisation.to_string();
    let [from, until, issued] = [period.from, period.until, *issued_at].map(|at| place.local(at));
    let head = [
        ("organisation", (&organisation).into()),
        ("agent", agent.0.into()),
        ("from", (&from).into()),
        ("until", (&until).into()),
        ("version", version.0.into()),
        ("issued", (&issued).into()),
    ];
    let mut lines = vec![text(desk.language, "proof-head", &head)];
    for stretch in &word.stretches {
        let state = match stretch.reachable {
            ReachableFor::Everything => text(desk.language, "who-on-duty", &[]),
            ReachableFor::OnCall => text(desk.language, "who-on-call", &[]),
            ReachableFor::Nothing => text(desk.language, "duty-off", &[]),
        };
        lines.push(format!("    {}  {state}", place.local(stretch.from)));
    }
    if let Some(entry) = &word.entry {
        lines.push(held(desk, place, entry));
    }
    if let Some(at) = shown.arrived_at {
        let at = place.local(at);
        lines.push(text(desk.language, "proof-arrived", &[("at", (&at).into())]));
    }
    lines
}

fn held(desk: &Desk, place: &Place, entry: &HeldEntry) -> String {
    let (received, until) = (place.local(entry.received_at), entry.held_until.map(|at| place.local(at)));
    let until_words = until.unwrap_or_default();
    let words = [("received", (&received).into()), ("until", (&until_words).into())];
    match entry.held_until {
        Some(until) if until == entry.received_at => text(desk.language, "proof-not-held", &words),
        Some(_) => text(desk.language, "proof-held-until", &words),
        None => text(desk.language, "proof-still-held", &words),
    }
}

fn fields(shown: &Shown, with_chain: bool) -> Value {
    let word = &shown.reachability;
    let stretches: Vec<Value> = word
        .stretches
        .iter()
        .map(|stretch| json!({ "from": stretch.from.0, "state": stretch.reachable.as_str() }))
        .collect();
    let entry = word.entry.as_ref().map(|entry| {
        json!({
            "thread": entry.thread.to_string(), "message": entry.uid.to_string(), "position": entry.position.0,
            "urgent": entry.urgency > Urgency::Normal, "received_at": entry.received_at.0,
            "held_until": entry.held_until.map(|at| at.0),
        })
    });
    json!({
        "organisation": word.organisation.to_string(), "agent": word.agent.0,
        "from": word.period.from.0, "until": word.period.until.0, "stretches": stretches, "entry": entry,
        "arrived_at": shown.arrived_at.map(|at: Timestamp| at.0), "version": word.version.0,
        "head": word.head.0.0, "issued_at": word.issued_at.0, "with_chain": with_chain,
    })
}
