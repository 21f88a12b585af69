//! What an agent does; messages and conversations have files of their own.

use std::path::PathBuf;

use clap::Subcommand;
use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::statement::Class;
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, FaultCode, ThreadId};
use serde_json::json;

use super::conversation::{self, ConversationCommand};
use super::export::{self, ExportArguments};
use super::interventions::{self, InterventionCommand};
use super::message::{self, MessageCommand};
use super::policies::{self, PolicyCommand};
use super::proof::{self, ProofArguments};
use super::urgent::{self, UrgencyCommand};
use super::{lease, led_teams, notices, own_hours, read, statistics};
use crate::output;
use crate::place::Place;
use crate::session::{Desk, Failure};

/// Commands of an agent.
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Montre les conversations / lists conversations
    Threads {
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Lit une conversation / reads a conversation
    Read {
        /// Conversation
        thread: ThreadId,
        /// Combien de messages, les plus récents / how many, newest
        #[arg(long, default_value_t = 50)]
        count: usize,
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Cherche des mots dans toutes les conversations, accents confondus / looks for words in all conversations
    Search {
        /// Mots, ou leurs débuts / words, or their beginnings
        #[arg(allow_hyphen_values = true)]
        query: String,
        /// Combien de messages, les plus récents / how many, newest
        #[arg(long, default_value_t = 20)]
        count: usize,
    },
    /// On one message.
    #[command(flatten)]
    Message(MessageCommand),
    /// On one conversation.
    #[command(flatten)]
    Conversation(ConversationCommand),
    /// Exporte une conversation, en JSON et en page lisible / exports a conversation, as JSON and as a page
    ///
    /// Les fichiers sont en clair. Un export de toutes les conversations, ou fait par un officier ou le
    /// service d'archives, laisse de côté celles qui sont personnelles ou syndicales. / The files are in
    /// clear. An export of all, or by an officer or the archive service, leaves personal and union
    /// conversations out.
    Export(ExportArguments),
    /// Ouvre la conversation avec un agent / opens the conversation with an agent
    Direct {
        /// Numéro de l'agent / agent's number
        agent: u32,
        /// Conversation personnelle / personal
        #[arg(long)]
        personal: bool,
    },
    /// About urgent messages.
    #[command(flatten)]
    Urgency(UrgencyCommand),
    /// Vos interventions d’astreinte, gardées sur cet ordinateur / your interventions on call
    #[command(subcommand)]
    Intervention(InterventionCommand),
    /// Montre les horaires de l'agent, et ce qui est proposé d'y changer / shows the agent's hours
    Hours,
    /// Montre les règles en vigueur et celles qui sont proposées / shows the policies in force and proposed
    Policies {
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Décide d'une règle proposée, en deuxième personne / decides a proposed policy, as the second person
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Montre le dernier contact, et quand l'appareil se verrouille / shows the last contact and the lease
    Lease,
    /// Fait la preuve, signée par le relais, de quand l'agent était joignable / proves when one could be reached
    Proof(ProofArguments),
    /// Vérifie une preuve, sans réseau ni compte / verifies a proof, without network or account
    Verify {
        /// Fichier / file
        file: PathBuf,
    },
    /// Dit d'un mois écoulé les dérogations et les envois hors horaires, par service / tells of a month
    Statistics {
        /// Mois, par exemple 2026-11 / month
        month: String,
    },
    /// Montre, de vos équipes, qui est en service ou en congé / shows who is on duty or leave in your teams
    Team,
    /// Liste les dérogations au repos ; les nouvelles sont marquées / lists derogations from people's rest
    Notices {
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Vérifie la base de cet ordinateur / verifies this computer's database
    VerifyStore,
    /// Retire cet ordinateur, après avoir compté ce qui n'est pas parti / retires this computer
    Forget {
        /// Ne pas demander / do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Carries out an agent's command.
pub fn run(desk: &Desk, command: AgentCommand) -> Result<(), Failure> {
    match command {
        AgentCommand::Threads { sync } => threads(desk, sync),
        AgentCommand::Read { thread, count, sync } => read::read(desk, thread, count, sync),
        AgentCommand::Search { query, count } => read::search(desk, &query, count),
        AgentCommand::Message(command) => message::run(desk, command),
        AgentCommand::Conversation(command) => conversation::run(desk, command),
        AgentCommand::Export(arguments) => export::run(desk, &arguments),
        AgentCommand::Direct { agent, personal } => direct(desk, AgentNumber(agent), personal),
        AgentCommand::Urgency(command) => urgent::run(desk, command),
        AgentCommand::Intervention(command) => interventions::run(desk, &command),
        AgentCommand::Hours => own_hours::show(desk),
        AgentCommand::Policies { sync } => policies::list(desk, sync),
        AgentCommand::Policy(command) => policies::decide(desk, command),
        AgentCommand::Lease => lease::show(desk),
        AgentCommand::Proof(arguments) => proof::make(desk, &arguments),
        AgentCommand::Verify { file } => proof::verify(desk, &file),
        AgentCommand::Statistics { month } => statistics::show(desk, &month),
        AgentCommand::Team => led_teams::show(desk),
        AgentCommand::Notices { sync } => notices::show(desk, sync),
        AgentCommand::VerifyStore => verify_store(desk),
        AgentCommand::Forget { yes } => forget(desk, yes),
    }
}

fn threads(desk: &Desk, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    if sync > 0 {
        let session = desk.start(&ring)?;
        read::listen(&session, sync)?;
        session.stop();
    }
    let mut reader = desk.reader(&ring)?;
    notices::remind(desk, &mut reader)?;
    let place = Place::of(&mut reader)?;
    // Announcements have a place of their own, `estafette announcements`.
    let rows = reader.threads()?.into_iter();
    for row in rows.filter(|row| row.class != Class::Diffusion) {
        output::thread(desk, &place, &row);
    }
    Ok(())
}

fn direct(desk: &Desk, with: AgentNumber, personal: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let class = if personal { Class::Personnel } else { Class::Service };
    let answer = session.command(Command::Direct { class, with })?;
    session.stop();
    let CommandAnswer::Thread(thread) = answer else { return Err(FaultCode::Internal.into()) };
    output::done(desk, &thread.to_string(), &json!({ "thread": thread.to_string() }));
    Ok(())
}

fn verify_store(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let findings = desk.reader(&ring)?.verify()?;
    if findings.is_empty() {
        output::done(desk, &text(desk.language, "desk-store-sound", &[]), &json!({ "findings": [] }));
        return Ok(());
    }
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    match desk.json {
        true => output::print(&json!({ "findings": lines })),
        false => lines.iter().for_each(|line| println!("{line}")),
    }
    Err(FaultCode::StoreCorrupt.into())
}

fn forget(desk: &Desk, yes: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let unsent = lease::look(desk, &ring)?.unsent;
    let question = text(desk.language, "desk-forget-question", &[("count", unsent.into())]);
    if !yes && desk.ask(&question)? != text(desk.language, "desk-forget-word", &[]) {
        return Err(Failure::Usage(text(desk.language, "desk-nothing-done", &[])));
    }
    desk.folder.destroy()?;
    output::done(
        desk,
        &text(desk.language, "desk-forgotten", &[("count", unsent.into())]),
        &json!({ "unsent": unsent }),
    );
    Ok(())
}
