//! What a replay shows at its end.

use std::time::Duration;

use serde::Serialize;

use super::proxy::Counted;
use super::verdict::Verdict;

/// The figures of a file, or of all.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Figures {
    /// The file's name without its ending; absent in the totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How many files; in the totals only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// The seed of what went wrong.
    pub seed: u64,
    /// Messages written.
    pub messages: u64,
    /// Devices.
    pub devices: u64,
    /// Connections broken and lines cut on purpose.
    pub cuts: u64,
    /// Devices and relays that lost their power.
    pub restarts: u64,
    /// From the first enrolment to the verdict.
    pub seconds: f64,
    /// See [`Verdict::lost`].
    pub lost: u64,
    /// See [`Verdict::duplicated`].
    pub duplicated: u64,
    /// See [`Verdict::diverged`].
    pub diverged: u64,
    /// See [`Verdict::undecryptable`].
    pub undecryptable: u64,
    /// Bytes from all devices to the relay while the conversation lasted, for each message.
    pub bytes_up_per_message: f64,
    /// Bytes from the relay to all devices, for each message and each device that receives it.
    pub bytes_down_per_message: f64,
    #[serde(skip)]
    up: u64,
    #[serde(skip)]
    down: u64,
    #[serde(skip)]
    deliveries: u64,
}

impl Figures {
    /// The figures of one file.
    pub fn of_file(
        file: String,
        seed: u64,
        (messages, devices): (u64, u64),
        (counted, restarts): (Counted, u64),
        verdict: Verdict,
        took: Duration,
    ) -> Self {
        let Verdict { lost, duplicated, diverged, undecryptable } = verdict;
        Self {
            file: Some(file),
            seed,
            messages,
            devices,
            cuts: counted.cuts,
            restarts,
            seconds: took.as_secs_f64(),
            lost,
            duplicated,
            diverged,
            undecryptable,
            up: counted.up,
            down: counted.down,
            deliveries: messages * devices.saturating_sub(1),
            ..Self::default()
        }
        .divided()
    }

    /// The figures of all files together.
    pub fn total(seed: u64, files: &[Self]) -> Self {
        let sum = |of: fn(&Self) -> u64| files.iter().map(of).sum();
        Self {
            files: Some(files.len() as u64),
            seed,
            messages: sum(|file| file.messages),
            devices: sum(|file| file.devices),
            cuts: sum(|file| file.cuts),
            restarts: sum(|file| file.restarts),
            seconds: files.iter().map(|file| file.seconds).sum(),
            lost: sum(|file| file.lost),
            duplicated: sum(|file| file.duplicated),
            diverged: sum(|file| file.diverged),
            undecryptable: sum(|file| file.undecryptable),
            up: sum(|file| file.up),
            down: sum(|file| file.down),
            deliveries: sum(|file| file.deliveries),
            ..Self::default()
        }
        .divided()
    }

    fn divided(mut self) -> Self {
        let rounded = |bytes: u64, by: u64| (10.0 * bytes as f64 / by.max(1) as f64).round() / 10.0;
        self.bytes_up_per_message = rounded(self.up, self.messages);
        self.bytes_down_per_message = rounded(self.down, self.deliveries);
        self.seconds = (10.0 * self.seconds).round() / 10.0;
        self
    }

    /// Whether every device has exactly the conversation.
    pub fn is_clean(&self) -> bool {
        [self.lost, self.duplicated, self.diverged, self.undecryptable] == [0; 4]
    }
}
