//! `estafette desk`: the agent's computer as pages in a browser, served to that computer alone.
//!
//! Server-rendered: every page reads rows and every form gives one command, so that all of it works with
//! the browser's script off. The script of ours only keeps a page fresh and a draft safe.
//!
//! Always true: the listener is on loopback; a page is made only for a browser that brought the one-time
//! link, under the name that this process gave itself ([`guard`]); nothing is fetched from elsewhere. Not
//! here: deciding anything. What may be done is the core's and the relay's answer.

mod assets;
mod beginning;
mod events;
mod fields;
mod frame;
mod guard;
mod office;
mod pages;
mod refusal;
mod running;
mod serve;
mod visitors;
mod watch;

use std::path::PathBuf;

use clap::Args;

#[cfg(feature = "dev-attestation")]
pub use assets::{Theme, icon};
#[cfg(feature = "dev-attestation")]
pub use guard::{cookie, fix, only};
#[cfg(feature = "dev-attestation")]
pub use office::{Attempt, Home};
pub use serve::execute;
#[cfg(feature = "dev-attestation")]
pub use serve::{Listening, Manner, Web, show, told_to_end};
#[cfg(feature = "dev-attestation")]
pub use visitors::{Secret, Visitors, secret};

/// What can be said on the command line.
#[derive(Debug, Args)]
pub struct DeskArguments {
    /// Port, sinon le système en choisit un / port; the system chooses one otherwise
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// N'ouvre pas de navigateur : le lien est seulement imprimé / only prints the link
    #[arg(long)]
    no_browser: bool,
    /// Ordinateur partagé : le dossier donné par --folder contient ceux de plusieurs agents, un chacun /
    /// a shared computer: --folder holds one folder for each agent
    #[arg(long, conflicts_with = "passphrase_file")]
    shared: bool,
    /// Dossier d'un thème : theme.css et logo.png / a theme's folder
    #[arg(long)]
    theme: Option<PathBuf>,
}
