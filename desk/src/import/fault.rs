//! Why a line of a file was not imported: a stable word, and a sentence.

use estafette_protocol::AgentNumber;
use estafette_protocol::texts::{Language, text};

/// Why one line was refused. The others are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineFault {
    /// Damaged letters in a file that is UTF-8 elsewhere.
    NotUtf8,
    /// A quote opens and does not close, or closes lines further on.
    QuoteOpen,
    /// Another number of fields than the first line has names.
    Columns {
        /// Fields of this line.
        found: usize,
        /// Names in the first line.
        expected: usize,
    },
    /// No agent's number.
    AgentMissing,
    /// Not a whole number from 1 on.
    AgentNotANumber,
    /// An agent that is not known yet needs a name.
    NameMissing,
    /// Platform, model and serial number go together.
    DeviceIncomplete,
    /// Neither android, ios nor computer.
    PlatformUnknown,
    /// A level below what every phone proves, or one that a computer cannot.
    LevelUnknown,
    /// More characters than a field has.
    FieldTooLong {
        /// The limit.
        limit: usize,
    },
    /// A character that no name has and that could drive a terminal.
    ControlCharacter,
    /// The serial number stands on another line.
    SerialTwice {
        /// That line.
        line: u64,
    },
    /// The agent stands on another line, with another name, function or team.
    AgentTwice {
        /// That line.
        line: u64,
    },
    /// The agent's number is somebody else's here.
    AgentOtherName {
        /// The name that stands.
        name: String,
    },
    /// The device is another agent's here.
    SerialOtherAgent {
        /// That agent.
        agent: AgentNumber,
    },
    /// The device is enrolled: it is withdrawn before it changes hands.
    DeviceActive,
}

impl LineFault {
    /// Its stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8 => "not_utf8",
            Self::QuoteOpen => "quote_open",
            Self::Columns { .. } => "columns",
            Self::AgentMissing => "agent_missing",
            Self::AgentNotANumber => "agent_not_a_number",
            Self::NameMissing => "name_missing",
            Self::DeviceIncomplete => "device_incomplete",
            Self::PlatformUnknown => "platform_unknown",
            Self::LevelUnknown => "level_unknown",
            Self::FieldTooLong { .. } => "field_too_long",
            Self::ControlCharacter => "control_character",
            Self::SerialTwice { .. } => "serial_twice",
            Self::AgentTwice { .. } => "agent_twice",
            Self::AgentOtherName { .. } => "agent_other_name",
            Self::SerialOtherAgent { .. } => "serial_other_agent",
            Self::DeviceActive => "device_active",
        }
    }

    /// What is wrong, and what to do.
    pub fn sentence(&self, language: Language) -> String {
        match self {
            Self::NotUtf8 => text(language, "import-not-utf8", &[]),
            Self::QuoteOpen => text(language, "import-quote-open", &[]),
            Self::Columns { found, expected } => {
                let arguments = [("found", (*found).into()), ("expected", (*expected).into())];
                text(language, "import-columns", &arguments)
            }
            Self::AgentMissing => text(language, "import-agent-missing", &[]),
            Self::AgentNotANumber => text(language, "import-agent-not-a-number", &[]),
            Self::NameMissing => text(language, "import-name-missing", &[]),
            Self::DeviceIncomplete => text(language, "import-device-incomplete", &[]),
            Self::PlatformUnknown => text(language, "import-platform-unknown", &[]),
            Self::LevelUnknown => text(language, "import-level-unknown", &[]),
            Self::FieldTooLong { limit } => {
                text(language, "import-field-too-long", &[("limit", (*limit).into())])
            }
            Self::ControlCharacter => text(language, "import-control-character", &[]),
            Self::SerialTwice { line } => text(language, "import-serial-twice", &[("line", (*line).into())]),
            Self::AgentTwice { line } => text(language, "import-agent-twice", &[("line", (*line).into())]),
            Self::AgentOtherName { name } => {
                text(language, "import-agent-other-name", &[("name", name.into())])
            }
            Self::SerialOtherAgent { agent } => {
                text(language, "import-serial-other-agent", &[("agent", agent.0.into())])
            }
            Self::DeviceActive => text(language, "import-device-active", &[]),
        }
    }

    /// The same for somebody before a page, who has no options to add and no commands to type.
    pub fn shown(&self, language: Language) -> String {
        match self {
            Self::AgentOtherName { name } => {
                text(language, "import-agent-other-name-shown", &[("name", name.into())])
            }
            Self::SerialOtherAgent { agent } => {
                text(language, "import-serial-other-agent-shown", &[("agent", agent.0.into())])
            }
            Self::DeviceActive => text(language, "import-device-active-shown", &[]),
            other => other.sentence(language),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_a_page_no_fault_speaks_of_commands_and_in_the_terminal_none_of_pages() {
        let name = "Amine Kaci".to_owned();
        let faults = [
            LineFault::AgentOtherName { name },
            LineFault::SerialOtherAgent { agent: AgentNumber(2) },
            LineFault::DeviceActive,
        ];
        for language in Language::ALL {
            // In French quotation marks the words stand between no-break spaces.
            let box_of = text(language, "web-import-replace", &[]);
            let (marked, _) = box_of.split_once([':', '\u{a0}']).unwrap();
            let devices = text(language, "web-devices", &[]);
            for fault in &faults {
                let (typed, shown) = (fault.sentence(language), fault.shown(language));
                assert!(typed.contains("--replace") || typed.contains("estafette admin"), "{typed}");
                assert!(!shown.contains("--") && !shown.contains("estafette"), "{shown}");
                assert!(shown.contains(marked) || shown.contains(&devices), "{shown}");
            }
        }
    }
}
