//! The audit as a computer reads it from the relay: answer after answer, each line followed, the end judged.
//!
//! The relay is not believed: what it answers is followed up to where the chain breaks, and no further.

use estafette_protocol::audit::{Chain, Cut, Line, SignedHead, Stored};
use estafette_protocol::{Ed25519Public, OrganisationId, codec, limits};

/// Whether the chain holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// From the first line to the last, which the relay signed.
    Whole(SignedHead),
    /// It is cut or altered here.
    Cut(Cut),
    /// This line is none, or of a later version.
    Unreadable(u64),
    /// The relay's word for its end is missing or not of its key.
    Unsigned,
}

/// What was read so far.
#[derive(Debug, Default)]
pub struct Reading {
    /// The lines that hold, from the first.
    pub lines: Vec<Line>,
    chain: Chain,
}

impl Reading {
    /// After which line the next answer is asked for.
    pub fn after(&self) -> u64 {
        self.chain.head().number
    }

    /// Takes an answer: lines as they are stored, and the signed end where there are no more. The verdict,
    /// unless more is to be asked for.
    pub fn take(
        &mut self,
        stored: &[Stored],
        head: Option<SignedHead>,
        organisation: OrganisationId,
        relay: &Ed25519Public,
    ) -> Option<Verdict> {
        for one in stored {
            let Ok(line) = codec::from_bytes::<Line>(&one.body, limits::FRAME) else {
                return Some(Verdict::Unreadable(self.after().saturating_add(1)));
            };
            if let Err(cut) = self.chain.follow(&line, &one.body, one.hash) {
                return Some(Verdict::Cut(cut));
            }
            self.lines.push(line);
        }
        match head {
            Some(head) if head.head == self.chain.head() && head.verify(organisation, relay).is_ok() => {
                Some(Verdict::Whole(head))
            }
            Some(_) => Some(Verdict::Unsigned),
            None => stored.is_empty().then_some(Verdict::Unsigned),
        }
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use estafette_protocol::Timestamp;
    use estafette_protocol::audit::{Draft, Head, Subject, What, Who, link};

    use super::*;

    const ORGANISATION: OrganisationId = OrganisationId([4; 16]);
    const LINES: u64 = 5;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[5; 32])
    }

    fn public(key: &SigningKey) -> Ed25519Public {
        Ed25519Public(key.verifying_key().to_bytes())
    }

    /// A chain as a relay keeps it, with its word for the end.
    fn kept() -> (Vec<Stored>, SignedHead) {
        let (mut head, mut lines) = (Head::default(), Vec::new());
        for number in 1..=LINES {
            let draft = Draft {
                at: Timestamp(number * 1000),
                who: Who::Relay,
                what: What::DeviceCertified,
                subject: Subject { value: Some(number), ..Subject::default() },
            };
            let body = Line::of(number, &draft).body();
            head = Head { number, hash: link(head.hash, &body) };
            lines.push(Stored { body, hash: head.hash });
        }
        (lines, SignedHead::sign(ORGANISATION, head, Timestamp(9000), &key()))
    }

    /// Reads a chain in one answer: how many lines hold, and the verdict.
    fn read(lines: &[Stored], head: Option<SignedHead>) -> (usize, Option<Verdict>) {
        let mut reading = Reading::default();
        let verdict = reading.take(lines, head, ORGANISATION, &public(&key()));
        (reading.lines.len(), verdict)
    }

    #[test]
    fn a_chain_holds_from_its_first_line_to_its_signed_end_in_however_many_answers_it_comes() {
        let (lines, head) = kept();
        assert_eq!(read(&lines, Some(head)), (5, Some(Verdict::Whole(head))));
        let mut reading = Reading::default();
        assert_eq!(reading.take(&lines[..2], None, ORGANISATION, &public(&key())), None);
        assert_eq!(reading.after(), 2);
        let verdict = reading.take(&lines[2..], Some(head), ORGANISATION, &public(&key()));
        assert_eq!((reading.lines.len(), verdict), (5, Some(Verdict::Whole(head))));
    }

    #[test]
    fn a_line_that_was_taken_out_is_named_and_nothing_after_it_is_read() {
        let (mut lines, head) = kept();
        lines.remove(2);
        let cut = Cut::Missing { expected: 3, found: 4 };
        assert_eq!(read(&lines, Some(head)), (2, Some(Verdict::Cut(cut))));
    }

    #[test]
    fn whichever_byte_is_altered_no_chain_is_called_whole_and_only_the_lines_before_are_read() {
        let (lines, head) = kept();
        for at in 0..lines.len() {
            for byte in 0..lines[at].body.len() + lines[at].hash.0.len() {
                let mut altered = lines.clone();
                let one = &mut altered[at];
                match byte.checked_sub(one.body.len()) {
                    None => one.body[byte] ^= 1,
                    Some(byte) => one.hash.0[byte] ^= 1,
                }
                let (read, verdict) = read(&altered, Some(head));
                assert_eq!(read, at, "byte {byte} of line {}: {verdict:?}", at + 1);
                let number = u64::try_from(at).unwrap() + 1;
                let told = match verdict.unwrap() {
                    Verdict::Cut(Cut::Altered(line)) | Verdict::Unreadable(line) => line,
                    // A line that gives itself another number stands where its own is missing.
                    Verdict::Cut(Cut::Missing { expected, .. }) => expected,
                    other => panic!("byte {byte} of line {number}: {other:?}"),
                };
                assert_eq!(told, number, "byte {byte}");
            }
        }
    }

    #[test]
    fn a_line_whose_value_was_changed_is_told_as_altered_and_one_that_is_none_as_unreadable() {
        let (lines, head) = kept();
        let mut altered = lines.clone();
        *altered[1].body.last_mut().unwrap() ^= 1;
        assert_eq!(read(&altered, Some(head)), (1, Some(Verdict::Cut(Cut::Altered(2)))));
        let mut broken = lines;
        broken[3].body.truncate(4);
        assert_eq!(read(&broken, Some(head)), (3, Some(Verdict::Unreadable(4))));
    }

    #[test]
    fn lines_missing_at_the_end_are_seen_because_the_relay_signed_for_more() {
        let (lines, head) = kept();
        assert_eq!(read(&lines[..3], Some(head)), (3, Some(Verdict::Unsigned)));
    }

    #[test]
    fn an_end_that_is_missing_or_of_another_key_or_organisation_is_no_end() {
        let (lines, head) = kept();
        let of = |organisation, key: &SigningKey| SignedHead::sign(organisation, head.head, head.at, key);
        let others =
            [of(ORGANISATION, &SigningKey::from_bytes(&[6; 32])), of(OrganisationId([5; 16]), &key())];
        for other in others {
            assert_eq!(read(&lines, Some(other)), (5, Some(Verdict::Unsigned)));
        }
        let mut reading = Reading::default();
        assert_eq!(reading.take(&lines, None, ORGANISATION, &public(&key())), None, "more may follow");
        let nothing = reading.take(&[], None, ORGANISATION, &public(&key()));
        assert_eq!((reading.lines.len(), nothing), (5, Some(Verdict::Unsigned)));
    }
}
