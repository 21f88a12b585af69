//! What an administrator does.

use clap::{Subcommand, ValueEnum};
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::Ticket;
use estafette_protocol::policy::Policy;
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::{AgentNumber, DeviceId, FaultCode};

use super::absence::{self, AbsenceArguments};
use super::hours::{self, HoursArguments};
use super::import::{self, ImportArguments};
use super::overrides::{self, OverrideArguments};
use super::phones::{self, PhonesArguments};
use super::rest::{self, InterventionArguments};
use super::shifts::{self, ShiftsArguments};
use super::ticket::{self, TicketArguments};
use super::who::{self, WhoArguments};
use super::work::Work;
use super::{approval, devices, founding, inventory, lease, people, policies, team};
use crate::administration::Item;
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
    /// Colonnes de l'inventaire : agent, nom, équipe, plateforme, modèle, numéro de série, niveau ; de l'annuaire :
    /// agent (ou matricule), nom, prénom, fonction, équipe (ou service). Les noms anglais valent aussi.
    /// Une ligne erronée est signalée et n'empêche pas les autres. /
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
    /// Règle ce que cet ordinateur demande aux téléphones avant de les approuver / what phones must prove
    Phones(PhonesArguments),
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
        /// Agents qui ne la dirigent plus et y restent / agents who lead it no longer and stay in it
        #[arg(long)]
        end_lead: Vec<u32>,
    },
    /// Règle les horaires, après avoir jugé le repos qu'ils laissent / sets hours, their rest judged first
    Hours(HoursArguments),
    /// Désigne un responsable qui approuve les règles / appoints a supervisor who approves policies
    Approver {
        /// Numéro de l'agent / agent's number
        agent: u32,
        /// Met fin à cette désignation / ends it
        #[arg(long)]
        withdraw: bool,
    },
    /// Désigne un représentant du personnel, avisé de chaque dérogation / names a staff representative
    Representative {
        /// Numéro de l'agent / agent's number
        agent: u32,
        /// Met fin à ce mandat / ends the mandate
        #[arg(long)]
        withdraw: bool,
    },
    /// Propose d'admettre sans preuve le téléphone d'un agent, pour un temps / proposes to admit a phone without evidence
    Exception {
        /// Numéro de l'agent / agent's number
        agent: u32,
        /// Motif / reason
        #[arg(long)]
        reason: String,
        /// Dernier jour, par exemple 31/12/2026 / last day
        #[arg(long)]
        until: String,
    },
    /// Exige dès maintenant deux personnes pour changer une règle ; cela ne se défait pas / takes two persons
    SecondPerson,
    /// Importe un planning, en CSV ou iCalendar / imports shifts, from CSV or iCalendar
    ///
    /// Colonnes : agent, début, fin ; facultatives : date, type (service, astreinte), équipe, rang, motif,
    /// fuseau horaire. Une astreinte d'équipe devient un tour de la rota, dans l'ordre des rangs. Une ligne
    /// erronée est signalée et n'empêche pas les autres. /
    /// Columns: agent, from, until; optional: date, kind (duty, on-call), team, rank, reason, time zone.
    Shifts(ShiftsArguments),
    /// Enregistre le congé d'un agent : rien ne lui parvient / records an agent's leave
    Absence(AbsenceArguments),
    /// Dit qui recevrait à un moment donné / says who would receive at a moment
    Who(WhoArguments),
    /// Décale la reprise d'un agent après une intervention / shifts an agent's opening after an intervention
    Intervention(InterventionArguments),
    /// Ouvre les horaires d’agents pour un temps, sur un fondement / overrides agents' rest for a time
    Override(OverrideArguments),
    /// Désigne un officier (protection des données, archives), qui lit le journal / appoints an officer
    Officer {
        /// Numéro de l’agent / agent's number
        agent: u32,
        /// Met fin à cette charge / ends it
        #[arg(long)]
        withdraw: bool,
    },
    /// Donne à un agent le droit de déclarer des urgences / gives an agent the right to declare urgencies
    UrgencyRight {
        /// Numéro de l’agent / agent's number
        agent: u32,
        /// Le retire / takes it away
        #[arg(long)]
        withdraw: bool,
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
            let calendar = founding::calendar(desk, hours.as_deref(), zone)?;
            let founding = founding::Founding { name, ticket, agent, agent_name, calendar };
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
        AdminCommand::Phones(arguments) => phones::run(desk, &arguments),
        AdminCommand::Devices { contacts } => devices::list(desk, contacts),
        AdminCommand::Lease { lock, wipe } => lease::set(desk, lock, wipe),
        AdminCommand::Approve { yes } => approval::approve(desk, yes),
        AdminCommand::Revoke { device, reason } => approval::revoke(desk, device, reason.into()),
        AdminCommand::Team { name, add, remove, lead, end_lead } => {
            let change = team::Change { add: &add, remove: &remove, lead: &lead, end_lead: &end_lead };
            team::change(desk, &name, &change)
        }
        AdminCommand::Hours(arguments) => hours::set(desk, &arguments),
        AdminCommand::Approver { agent, withdraw } => {
            policies::change(desk, Policy::Approver { agent: AgentNumber(agent), appointed: !withdraw })
        }
        AdminCommand::Representative { agent, withdraw } => {
            policies::change(desk, Policy::Representative { agent: AgentNumber(agent), named: !withdraw })
        }
        AdminCommand::Exception { agent, reason, until } => {
            policies::except(desk, AgentNumber(agent), reason, &until)
        }
        AdminCommand::SecondPerson => policies::require_second_person(desk),
        AdminCommand::Shifts(arguments) => shifts::import(desk, &arguments),
        AdminCommand::Absence(arguments) => absence::grant(desk, &arguments),
        AdminCommand::Who(arguments) => who::show(desk, &arguments),
        AdminCommand::Intervention(arguments) => rest::intervention(desk, &arguments),
        AdminCommand::Override(arguments) => overrides::state(desk, &arguments),
        AdminCommand::Officer { agent, withdraw } => people::officer(desk, AgentNumber(agent), !withdraw),
        AdminCommand::UrgencyRight { agent, withdraw } => {
            overrides::right(desk, AgentNumber(agent), !withdraw)
        }
    }
}

/// Reads a ticket as it was typed or scanned.
pub fn parse_ticket(typed: &str) -> Result<Ticket, Failure> {
    typed.parse().map_err(|_| FaultCode::EnrolmentInvalid.into())
}

fn add_administrator(desk: &Desk, agent: AgentNumber, name: &str, serial: String) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let session = desk.start(&ring)?;
    let work = Work { desk, ring: &ring, records: &records, session: &session };
    let made = people::administrator(&work, agent, name, serial)?;
    session.stop();
    ticket::hand_over(desk, &made, None)
}

/// Puts a computer into the inventory and makes its ticket.
pub fn computer_ticket(work: &Work<'_>, item: Item, administrator: bool) -> Result<ticket::Made, Failure> {
    let Work { desk, ring, records, session } = *work;
    let item = Item { id: records.put_item(&item)?, ..item };
    inventory::tell(session, records, std::slice::from_ref(&item), Level::Attested, |_| ())?;
    ticket::open(desk, session, records, ring, &item, administrator)
}
