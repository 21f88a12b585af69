//! A busy hour of a recorded conversation, written by the phones of the wall.

use serde::Deserialize;

use super::WallError;

/// The project's own conversation.
const CONVERSATION: &str = include_str!("../../fixtures/conversation.jsonl");
/// Minutes.
const HOUR: u32 = 60;

/// A message of the recording.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Recorded {
    /// Minute of its day.
    pub minute: u32,
    /// Who wrote it.
    pub author: String,
    /// What.
    pub text: String,
}

/// The hour in which most was written, in its order.
pub fn busiest() -> Result<Vec<Recorded>, WallError> {
    let lines: Result<Vec<Recorded>, _> = CONVERSATION.lines().map(serde_json::from_str).collect();
    let lines = lines.map_err(|_| WallError::Late("the recorded conversation cannot be read"))?;
    Ok(busiest_of(&lines))
}

fn busiest_of(lines: &[Recorded]) -> Vec<Recorded> {
    let within = |from: u32| lines.iter().filter(move |line| (from..from + HOUR).contains(&line.minute));
    // The first of several: the last of the greatest is taken.
    let from = lines.iter().rev().map(|line| line.minute).max_by_key(|from| within(*from).count());
    from.map_or_else(Vec::new, |from| within(from).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_with_most_messages_is_taken_in_its_order() {
        let said = |minute: u32| Recorded { minute, author: "a".into(), text: minute.to_string() };
        let lines: Vec<Recorded> = [0, 100, 110, 159, 160, 300].map(said).into();
        let minutes: Vec<u32> = busiest_of(&lines).iter().map(|line| line.minute).collect();
        assert_eq!(minutes, [100, 110, 159]);
        assert_eq!(busiest_of(&[]), []);
        assert!(busiest().unwrap().len() > 5);
    }
}
