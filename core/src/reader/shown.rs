//! What threads and people are called on a screen, where the directory does not tell it.

use estafette_protocol::AgentNumber;
use estafette_protocol::statement::Class;
use estafette_protocol::texts::{Language, text};

use super::{NameKind, Reader, ThreadKind, ThreadRow};
use crate::store::StoreError;

impl ThreadRow {
    /// The thread's title, or whose it is.
    pub fn shown_title(&self, language: Language) -> String {
        self.title.clone().unwrap_or_else(|| match self.kind {
            ThreadKind::Team(Some(team)) => format!("{} {team}", text(language, "desk-team", &[])),
            ThreadKind::Team(None) => text(language, "word-conversation", &[]),
            ThreadKind::Direct(agent) => numbered(language, agent),
        })
    }
}

/// What a thread's class means for who is in it and what leaves it.
pub fn class_words(language: Language, class: Class) -> String {
    match class {
        Class::Service => text(language, "class-service", &[]),
        Class::Diffusion => text(language, "class-diffusion", &[]),
        Class::Personnel => text(language, "class-personnel", &[]),
        Class::Syndical => text(language, "class-syndical", &[]),
    }
}

impl Reader {
    /// An agent's name, or the number.
    pub fn shown_name(&self, language: Language, agent: AgentNumber) -> Result<String, StoreError> {
        let name = self.name(NameKind::Agent, agent.0)?.map(|(name, _)| name);
        let name = name.filter(|name| !name.is_empty());
        Ok(name.unwrap_or_else(|| numbered(language, agent)))
    }
}

fn numbered(language: Language, agent: AgentNumber) -> String {
    format!("{} {agent}", text(language, "desk-agent", &[]))
}
