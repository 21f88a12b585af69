//! Refusals on their way into the audit: the first one at once, its repeats counted.
//!
//! A refused device that hammers must not fill the disk. Always true: of one author and fault at
//! most one line is written in a minute, and none is left uncounted while the relay runs. What a
//! power cut takes is the count of the last minute; its first refusal stands.

use std::collections::BTreeMap;
use std::time::Duration;

use estafette_protocol::{FaultCode, Timestamp};

use super::Who;

/// Repeats within this time share a line.
const WINDOW: Duration = Duration::from_secs(60);
/// Authors and faults remembered at a time; beyond, strangers' counts take the others in.
const MOST: usize = 4096;

struct Window {
    ends: Timestamp,
    repeats: u64,
}

/// Who was refused what lately.
#[derive(Default)]
pub(crate) struct Refusals {
    windows: BTreeMap<(Who, FaultCode), Window>,
}

impl Refusals {
    /// Notes a refusal; whether it is to be written now. Otherwise [`Refusals::due`] counts it.
    pub fn note(&mut self, now: Timestamp, who: Who, fault: FaultCode) -> bool {
        let full = self.windows.len() >= MOST && !self.windows.contains_key(&(who, fault));
        let who = if full { Who::Stranger } else { who };
        match self.windows.get_mut(&(who, fault)) {
            Some(window) => {
                window.repeats = window.repeats.saturating_add(1);
                false
            }
            None => {
                self.windows.insert((who, fault), Window { ends: now.after(WINDOW), repeats: 0 });
                true
            }
        }
    }

    /// The counts whose minute is over. Who goes on being refused gets another minute.
    pub fn due(&mut self, now: Timestamp) -> Vec<(Who, FaultCode, u64)> {
        self.take(now, |window| window.ends <= now || window.ends > now.after(WINDOW))
    }

    /// All counts, before the relay ends.
    pub fn all(&mut self, now: Timestamp) -> Vec<(Who, FaultCode, u64)> {
        self.take(now, |_| true)
    }

    fn take(&mut self, now: Timestamp, over: impl Fn(&Window) -> bool) -> Vec<(Who, FaultCode, u64)> {
        let mut counted = Vec::new();
        self.windows.retain(|(who, fault), window| {
            if !over(window) {
                return true;
            }
            let repeats = std::mem::take(&mut window.repeats);
            if repeats > 0 {
                counted.push((*who, *fault, repeats));
                window.ends = now.after(WINDOW);
            }
            repeats > 0
        });
        counted
    }

    /// When the next minute with repeats is over.
    pub fn next(&self) -> Option<Timestamp> {
        self.windows.values().filter(|window| window.repeats > 0).map(|window| window.ends).min()
    }
}

#[cfg(test)]
mod tests {
    use estafette_protocol::{AgentNumber, DeviceId};

    use super::*;

    fn device(number: u8) -> Who {
        Who::Device { device: DeviceId([number; 16]), agent: AgentNumber(1) }
    }

    #[test]
    fn a_device_that_hammers_costs_one_line_a_minute_and_no_refusal_is_uncounted() {
        let (mut refusals, mut lines, mut counted) = (Refusals::default(), 0, 0);
        for second in 0..600u64 {
            let now = Timestamp(second * 1000);
            for (_, _, repeats) in refusals.due(now) {
                (lines, counted) = (lines + 1, counted + repeats);
            }
            for _ in 0..100 {
                if refusals.note(now, device(1), FaultCode::Forbidden) {
                    (lines, counted) = (lines + 1, counted + 1);
                }
            }
        }
        let rest = refusals.all(Timestamp(600_000));
        assert_eq!((lines, rest.len()), (10, 1));
        assert_eq!(counted + rest[0].2, 60_000);
    }

    #[test]
    fn who_stops_is_forgotten_and_written_at_once_the_next_time() {
        let mut refusals = Refusals::default();
        assert!(refusals.note(Timestamp(0), device(1), FaultCode::Forbidden));
        assert!(refusals.note(Timestamp(0), device(1), FaultCode::NotAMember), "another fault");
        assert!(refusals.note(Timestamp(0), device(2), FaultCode::Forbidden), "another device");
        assert_eq!(refusals.next(), None);
        assert_eq!(refusals.due(Timestamp(60_000)), []);
        assert!(refusals.note(Timestamp(60_000), device(1), FaultCode::Forbidden));
        assert!(!refusals.note(Timestamp(61_000), device(1), FaultCode::Forbidden));
        assert_eq!(refusals.next(), Some(Timestamp(120_000)));
        assert_eq!(refusals.due(Timestamp(120_000)), [(device(1), FaultCode::Forbidden, 1)]);
    }

    #[test]
    fn memory_is_bounded_and_the_rest_is_counted_among_strangers() {
        let mut refusals = Refusals::default();
        for number in 0..2 * MOST {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&number.to_be_bytes());
            let who = Who::Device { device: DeviceId(id), agent: AgentNumber(1) };
            refusals.note(Timestamp(0), who, FaultCode::DeviceRevoked);
        }
        assert_eq!(refusals.windows.len(), MOST + 1);
        let counted = refusals.due(Timestamp(60_000));
        assert_eq!(counted, [(Who::Stranger, FaultCode::DeviceRevoked, MOST as u64 - 1)]);
    }

    #[test]
    fn a_clock_set_back_keeps_no_count_for_long() {
        let mut refusals = Refusals::default();
        refusals.note(Timestamp(9_000_000), device(1), FaultCode::Forbidden);
        refusals.note(Timestamp(9_000_000), device(1), FaultCode::Forbidden);
        assert_eq!(refusals.due(Timestamp(1_000_000)).len(), 1);
    }
}
