//! What an administrator does.

use clap::{Subcommand, ValueEnum};
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::Ticket;
use estafette_protocol::hours::{Calendar, Week};
use estafette_protocol::statement::{Act, HoursScope, RevocationReason};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, DeviceId, FaultCode, InventoryId};
use serde_json::json;

use super::import::{self, ImportArguments};
use super::ticket::{self, TicketArguments};
use super::{approval, devices, founding, inventory, lease, people, team};
use crate::administration::{Administration, Item};
use crate::output;
use crate::session::{Desk, Failure};

/// Commands of an administrator.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Fonde l'organisation avec le ticket du relais / founds the organisation
    Create {
        /// Nom de l'organisation / organisation's name
        name: String,
        /// Ticket imprimé par « estafette-relay init » / ticket printed by the relay
        #[arg(long)]
        ticket: String,
        /// Numéro de l'administrateur / administrator's number
        #[arg(long, default_value_t = 1)]
        agent: u32,
        /// Nom de l'administrateur / administrator's name
        #[arg(long, default_value = "")]
        agent_name: String,
        /// Horaires, par exemple « lun-ven 08:00-12:00 13:00-17:00 » / weekly hours
        #[arg(long)]
        hours: Option<String>,
        /// Fuseau / time zone
        #[arg(long, default_value = "Europe/Paris")]
        zone: String,
    },
    /// Revient avec la feuille de secours, sur un nouvel ordinateur / comes back from the recovery sheet
    Recover {
        /// L'adresse du relais, telle que la feuille la donne / the relay, as on the sheet
        #[arg(long)]
        relay: String,
        /// Numéro de l'administrateur / administrator's number
        #[arg(long, default_value_t = 1)]
        agent: u32,
        /// Nom de l'administrateur / administrator's name
        #[arg(long, default_value = "")]
        agent_name: String,
    },
    /// Prépare le ticket d'un deuxième ordinateur d'administration / second administrator's computer
    AddAdministrator {
        /// Numéro de l'agent / agent's number
        agent: u32,
        /// Nom / name
        name: String,
        /// Numéro de série de l'ordinateur / computer's serial number
        #[arg(long)]
        serial: String,
    },
    /// Prépare l'ordinateur du service d'archives / the archive service's computer
    Archives {
        /// Numéro de l'agent / agent's number
        agent: u32,
        /// Nom du service / name
        name: String,
        /// Numéro de série de l'ordinateur / computer's serial number
        #[arg(long)]
        serial: String,
    },
    /// Clôt le compte d'un agent qui part ; ce qu'il a écrit reste lisible / ends an agent's account
    Leave {
        /// Numéro de l'agent / agent's number
        agent: u32,
    },
    /// Importe l'inventaire ou l'annuaire, un fichier CSV / imports the inventory or the directory
    ///
    /// Colonnes de l'inventaire : agent, nom, équipe, plateforme, modèle, numéro de série ; de l'annuaire :
    /// agent (ou matricule), nom, prénom, fonction, équipe (ou service). Les noms anglais valent aussi.
    /// Une mauvaise ligne est dite et n'arrête pas les autres. /
    /// Columns: agent, name, team, platform, model, serial; or agent, name, first name, function, team.
    Import(ImportArguments),
    /// Fait un ticket pour l'appareil d'un agent, en texte et en code QR / makes a ticket, as text and QR code
    Ticket(TicketArguments),
    /// Montre les appareils en attente et les approuve / approves waiting devices
    Approve {
        /// Tous, sans demander / all, without asking
        #[arg(long)]
        yes: bool,
    },
    /// Liste les appareils de l'organisation / lists the organisation's devices
    Devices {
        /// Demande au relais le jour du dernier contact, et les effacements / asks the relay for last contacts
        #[arg(long)]
        contacts: bool,
    },
    /// Règle la durée sans contact avant verrouillage et effacement / days without contact before locking
    Lease {
        /// Jours avant verrouillage, de 1 à 30 / days until devices lock
        #[arg(long, default_value_t = 7)]
        lock: u8,
        /// Jours avant effacement, de 7 à 90 / days until their content is destroyed
        #[arg(long, default_value_t = 30)]
        wipe: u8,
    },
    /// Coupe un appareil / cuts a device off
    Revoke {
        /// Appareil / device
        device: DeviceId,
        /// Pourquoi / why
        #[arg(long, value_enum, default_value_t = Reason::Lost)]
        reason: Reason,
    },
    /// Ajoute ou retire les appareils d'un agent dans une équipe / adds to or removes from a team
    Team {
        /// Nom de l'équipe, faite si elle n'existe pas / team's name
        name: String,
        /// Agents à ajouter / agents to add
        #[arg(long)]
        add: Vec<u32>,
        /// Agents à retirer / agents to remove
        #[arg(long)]
        remove: Vec<u32>,
        /// Agents qui la dirigent et y diffusent les consignes / agents who lead it and announce there
        #[arg(long)]
        lead: Vec<u32>,
    },
    /// Règle les horaires / sets hours
    Hours {
        /// Par exemple « lun-ven 08:00-12:00 13:00-17:00 » / weekly hours
        week: String,
        /// Pour une équipe / for a team
        #[arg(long, conflicts_with = "agent")]
        team: Option<String>,
        /// Pour un agent / for an agent
        #[arg(long)]
        agent: Option<u32>,
        /// Fuseau / time zone
        #[arg(long, default_value = "Europe/Paris")]
        zone: String,
    },
}

/// Why a device is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reason {
    /// Perdu ou volé
    Lost,
    /// Remplacé
    Replaced,
    /// Retiré
    Retired,
    /// Suspendu
    Suspended,
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Lost => Self::Lost,
            Reason::Replaced => Self::Replaced,
            Reason::Retired => Self::Retired,
            Reason::Suspended => Self::Suspended,
        }
    }
}

/// Carries out an administrator's command.
pub fn run(desk: &Desk, command: AdminCommand) -> Result<(), Failure> {
    match command {
        AdminCommand::Create { name, ticket, agent, agent_name, hours, zone } => {
            let ticket = parse_ticket(&ticket)?;
            let agent = AgentNumber(agent);
            let founding = founding::Founding { name, ticket, agent, agent_name, week: hours, zone };
            founding::create(desk, &founding)
        }
        AdminCommand::Recover { relay, agent, agent_name } => {
            founding::come_back(desk, &parse_ticket(&relay)?, AgentNumber(agent), &agent_name)
        }
        AdminCommand::AddAdministrator { agent, name, serial } => {
            add_administrator(desk, AgentNumber(agent), &name, serial)
        }
        AdminCommand::Archives { agent, name, serial } => {
            people::archives(desk, AgentNumber(agent), &name, serial)
        }
        AdminCommand::Leave { agent } => people::leave(desk, AgentNumber(agent)),
        AdminCommand::Import(arguments) => import::import(desk, &arguments),
        AdminCommand::Ticket(arguments) => ticket::run(desk, &arguments),
        AdminCommand::Devices { contacts } => devices::list(desk, contacts),
        AdminCommand::Lease { lock, wipe } => lease::set(desk, lock, wipe),
        AdminCommand::Approve { yes } => approval::approve(desk, yes),
        AdminCommand::Revoke { device, reason } => approval::revoke(desk, device, reason.into()),
        AdminCommand::Team { name, add, remove, lead } => {
            team::change(desk, &name, &team::Change { add: &add, remove: &remove, lead: &lead })
        }
        AdminCommand::Hours { week, team, agent, zone } => hours(desk, &week, team.as_deref(), agent, zone),
    }
}

/// Reads a ticket as it was typed or scanned.
pub fn parse_ticket(typed: &str) -> Result<Ticket, Failure> {
    typed.parse().map_err(|_| FaultCode::EnrolmentInvalid.into())
}

fn add_administrator(desk: &Desk, agent: AgentNumber, name: &str, serial: String) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    let session = desk.start(&ring)?;
    records.put_person(agent, name, "")?;
    let item = Item {
        id: InventoryId(inventory::random()?),
        agent,
        team: None,
        platform: "computer".to_owned(),
        model: "PC".to_owned(),
        serial,
    };
    let made = computer_ticket(desk, &session, &records, &ring, item, true)?;
    session.stop();
    ticket::hand_over(desk, &made, None)
}

/// Puts a computer into the inventory and makes its ticket.
pub fn computer_ticket(
    desk: &Desk,
    session: &crate::session::Session,
    records: &Administration,
    ring: &crate::folder::KeyRing,
    item: Item,
    administrator: bool,
) -> Result<ticket::Made, Failure> {
    let item = Item { id: records.put_item(&item)?, ..item };
    inventory::tell(session, records, std::slice::from_ref(&item), Level::Attested, |_| ())?;
    ticket::open(desk, session, records, ring, &item, administrator)
}

fn hours(
    desk: &Desk,
    week: &str,
    team: Option<&str>,
    agent: Option<u32>,
    zone: String,
) -> Result<(), Failure> {
    let bad = || Failure::Usage(text(desk.language, "desk-bad-week", &[]));
    let week: Week = week.parse().map_err(|_| bad())?;
    let calendar = Calendar::weekly(zone, week);
    calendar.validate().map_err(|_| bad())?;
    let ring = desk.unlock()?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    let scope = match (team, agent) {
        (Some(name), _) => HoursScope::Team(records.team_named(name)?.ok_or(FaultCode::NotFound)?),
        (None, Some(agent)) => HoursScope::Agent(AgentNumber(agent)),
        (None, None) => HoursScope::Organisation,
    };
    let session = desk.start(&ring)?;
    session.state(vec![Act::SetCalendar { scope, calendar: calendar.clone() }])?;
    session.stop();
    let shown = calendar.week.to_string();
    let sentence = text(desk.language, "desk-hours-set", &[("week", (&shown).into())]);
    output::done(desk, &sentence, &json!({ "week": shown, "zone": calendar.zone }));
    Ok(())
}
