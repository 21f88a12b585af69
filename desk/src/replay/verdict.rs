//! What the devices hold in the end, against each other and against the file.
//!
//! Nothing of the run is believed: databases are opened anew, read-only. Who wrote what follows
//! from the order in which each author's messages stand, since an author's messages keep theirs.

use std::collections::{BTreeMap, BTreeSet};

use estafette_core::reader::{MessageRow, Reader};
use estafette_protocol::{DeviceId, EntryUid};

use super::ReplayError;
use super::conversation::Conversation;

/// What is wrong, in counts. All 0 when every device has exactly the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Messages of the file that a device has not, summed over devices.
    pub lost: u64,
    /// Messages that a device has twice, summed over devices.
    pub duplicated: u64,
    /// Places where a device differs from the others or from the file, and rows that do not hold.
    pub diverged: u64,
    /// Entries that a device could not open.
    pub undecryptable: u64,
}

/// What one device holds.
pub struct Holding {
    /// The author whose device it is.
    pub author: usize,
    /// The device.
    pub device: DeviceId,
    /// Its messages in order, those without a place last.
    pub rows: Vec<MessageRow>,
    /// Entries that it could not open.
    pub undecryptable: u64,
    /// Rows that its own log contradicts.
    pub unsound: u64,
}

impl Holding {
    /// Reads what a device has of its team's thread, the only one that it has.
    pub fn read(author: usize, reader: &mut Reader) -> Result<Self, ReplayError> {
        let threads = reader.threads().map_err(ReplayError::store)?;
        let thread =
            threads.first().map(|row| row.id).ok_or_else(|| ReplayError::device("it has no thread"))?;
        let unopened = reader.unopened(thread).map_err(ReplayError::store)?;
        Ok(Self {
            author,
            device: reader.device().map_err(ReplayError::store)?.device,
            rows: reader.newest(thread, usize::MAX).map_err(ReplayError::store)?,
            // Everybody was there before the first word: nothing was sealed before an arrival.
            undecryptable: unopened.undecryptable() + unopened.before_arrival,
            unsound: reader.verify().map_err(ReplayError::store)?.len() as u64,
        })
    }
}

/// A message as all devices should have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    position: u64,
    author: DeviceId,
    text: String,
    parents: Vec<EntryUid>,
}

impl From<&MessageRow> for Standing {
    fn from(row: &MessageRow) -> Self {
        Self {
            position: row.position.0,
            author: row.author,
            text: row.body.clone(),
            parents: row.parents.clone(),
        }
    }
}

/// Compares all devices with each other and with the file.
pub fn judge(conversation: &Conversation, holdings: &[Holding]) -> Verdict {
    let mut verdict = Verdict::default();
    let common = common(holdings);
    let places = match_with_file(conversation, holdings, &common);
    let lines: BTreeMap<EntryUid, usize> =
        places.iter().filter_map(|(uid, line)| Some((*uid, (*line)?))).collect();
    for holding in holdings {
        verdict.undecryptable += holding.undecryptable;
        verdict.diverged += holding.unsound;
        let mut seen = BTreeSet::new();
        for row in &holding.rows {
            match lines.get(&row.uid) {
                None => {
                    let known = |(uid, standing): (&EntryUid, &Standing)| {
                        lines.contains_key(uid) && standing.author == row.author && standing.text == row.body
                    };
                    match common.iter().any(known) {
                        true => verdict.duplicated += 1,
                        false => verdict.diverged += 1,
                    }
                }
                Some(line) if !seen.insert(*line) => verdict.duplicated += 1,
                Some(line) => {
                    let agrees = common.get(&row.uid) == Some(&Standing::from(row));
                    let said = is_line(conversation, *line, row, &lines);
                    verdict.diverged += u64::from(!agrees || !said || row.position.0 == 0);
                }
            }
        }
        verdict.lost += (conversation.lines.len() - seen.len()) as u64;
    }
    verdict
}

/// Each name as most devices have it; a name that few devices have is nobody's.
fn common(holdings: &[Holding]) -> BTreeMap<EntryUid, Standing> {
    let mut versions: BTreeMap<EntryUid, BTreeMap<Standing, usize>> = BTreeMap::new();
    for row in holdings.iter().flat_map(|holding| &holding.rows) {
        *versions.entry(row.uid).or_default().entry(Standing::from(row)).or_default() += 1;
    }
    let most = |versions: BTreeMap<Standing, usize>| {
        let held: usize = versions.values().sum();
        let version = versions.into_iter().max_by_key(|(_, devices)| *devices)?.0;
        (2 * held >= holdings.len()).then_some(version)
    };
    versions.into_iter().filter_map(|(uid, versions)| Some((uid, most(versions)?))).collect()
}

/// Which line of the file each message is: for every author the longest common sequence of texts.
fn match_with_file(
    conversation: &Conversation,
    holdings: &[Holding],
    common: &BTreeMap<EntryUid, Standing>,
) -> BTreeMap<EntryUid, Option<usize>> {
    let mut places: BTreeMap<EntryUid, Option<usize>> = common.keys().map(|uid| (*uid, None)).collect();
    for holding in holdings {
        let mut spoken: Vec<(&EntryUid, &Standing)> =
            common.iter().filter(|(_, standing)| standing.author == holding.device).collect();
        spoken.sort_by_key(|(_, standing)| (standing.position == 0, standing.position));
        let due: Vec<usize> = (0..conversation.lines.len())
            .filter(|line| conversation.lines[*line].author == holding.author)
            .collect();
        let same =
            |spoken: &(&EntryUid, &Standing), due: &usize| spoken.1.text == conversation.lines[*due].text;
        for (spoken, due) in longest_common(&spoken, &due, same) {
            places.insert(*spoken.0, Some(*due));
        }
    }
    places
}

/// A longest common subsequence, as pairs.
fn longest_common<'a, A, B>(
    left: &'a [A],
    right: &'a [B],
    same: impl Fn(&A, &B) -> bool,
) -> Vec<(&'a A, &'a B)> {
    let width = right.len() + 1;
    let mut lengths = vec![0u32; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            lengths[i * width + j] = match same(&left[i], &right[j]) {
                true => lengths[(i + 1) * width + j + 1] + 1,
                false => lengths[(i + 1) * width + j].max(lengths[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < left.len() && j < right.len() {
        if same(&left[i], &right[j]) {
            pairs.push((&left[i], &right[j]));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Whether a row says what its line says: text byte for byte and every answer.
fn is_line(
    conversation: &Conversation,
    line: usize,
    row: &MessageRow,
    lines: &BTreeMap<EntryUid, usize>,
) -> bool {
    let line = &conversation.lines[line];
    let answers: Option<Vec<usize>> = row.parents.iter().map(|parent| lines.get(parent).copied()).collect();
    line.text == row.body && answers.as_ref() == Some(&line.reply_to)
}

#[cfg(test)]
mod tests {
    use estafette_core::reader::MessageState;
    use estafette_protocol::{Position, Timestamp};

    use super::super::conversation::Line;
    use super::*;

    const CLEAN: Verdict = Verdict { lost: 0, duplicated: 0, diverged: 0, undecryptable: 0 };

    /// Two authors who take turns; every message but the first answers the one before. Message 2 and 4
    /// have the same author and text.
    fn conversation() -> Conversation {
        let texts = ["a", "b", "oui", "c", "oui", "d"];
        let lines = texts.iter().enumerate().map(|(n, text)| Line {
            author: n % 2,
            text: (*text).to_owned(),
            reply_to: n.checked_sub(1).into_iter().collect(),
        });
        Conversation {
            name: "a file".to_owned(),
            authors: vec!["amine".to_owned(), "chloé".to_owned()],
            lines: lines.collect(),
        }
    }

    fn uid(line: usize) -> EntryUid {
        EntryUid([line as u8; 16])
    }

    fn row(conversation: &Conversation, line: usize, position: usize) -> MessageRow {
        let Line { author, text, reply_to } = &conversation.lines[line];
        MessageRow {
            uid: uid(line),
            position: Position(position as u64),
            author: DeviceId([*author as u8; 16]),
            agent: None,
            name: None,
            own: false,
            written_at: Timestamp(0),
            received_at: Timestamp(0),
            body: text.clone(),
            parents: reply_to.iter().map(|parent| uid(*parent)).collect(),
            state: MessageState::Standing,
        }
    }

    /// Three devices, the third of somebody who says nothing in this order of lines.
    fn holdings(order: &[usize]) -> (Conversation, Vec<Holding>) {
        let mut conversation = conversation();
        conversation.authors.push("didier".to_owned());
        let rows: Vec<_> =
            order.iter().zip(1..).map(|(line, place)| row(&conversation, *line, place)).collect();
        let holding = |author| Holding {
            author,
            device: DeviceId([author as u8; 16]),
            rows: rows.clone(),
            undecryptable: 0,
            unsound: 0,
        };
        let holdings = (0..3).map(holding).collect();
        (conversation, holdings)
    }

    fn judged(change: impl FnOnce(&mut Vec<Holding>)) -> Verdict {
        let (conversation, mut holdings) = holdings(&[0, 1, 2, 3, 4, 5]);
        change(&mut holdings);
        judge(&conversation, &holdings)
    }

    #[test]
    fn equal_devices_with_the_whole_file_are_clean_in_whatever_order_the_relay_chose() {
        for order in [[0, 1, 2, 3, 4, 5], [1, 0, 2, 4, 3, 5], [1, 3, 5, 0, 2, 4]] {
            let (conversation, holdings) = holdings(&order);
            assert_eq!(judge(&conversation, &holdings), CLEAN);
        }
    }

    #[test]
    fn an_author_s_own_order_must_be_the_file_s() {
        // Message 0 after message 2: one of the two is not where the file has it.
        let (conversation, holdings) = holdings(&[1, 2, 0, 3, 4, 5]);
        let verdict = judge(&conversation, &holdings);
        assert!(verdict.lost > 0 && verdict.diverged > 0, "{verdict:?}");
    }

    #[test]
    fn a_row_that_is_missing_is_lost_on_that_device() {
        assert_eq!(judged(|all| drop(all[1].rows.remove(3))), Verdict { lost: 1, ..CLEAN });
        let everywhere = judged(|all| all.iter_mut().for_each(|one| drop(one.rows.remove(3))));
        assert_eq!(everywhere.lost, 3);
    }

    #[test]
    fn a_row_that_stands_twice_is_seen_with_its_own_name_and_with_another() {
        let again = |all: &mut Vec<Holding>| {
            let last = all[2].rows[5].clone();
            all[2].rows.push(last);
        };
        assert_eq!(judged(again), Verdict { duplicated: 1, ..CLEAN });
        let renamed = |all: &mut Vec<Holding>| {
            let again =
                MessageRow { uid: EntryUid([99; 16]), position: Position(7), ..all[2].rows[5].clone() };
            all[2].rows.push(again);
        };
        assert_eq!(judged(renamed), Verdict { duplicated: 1, ..CLEAN });
        let everywhere = judged(|all| {
            let again =
                MessageRow { uid: EntryUid([99; 16]), position: Position(7), ..all[2].rows[4].clone() };
            all.iter_mut().for_each(|one| one.rows.push(again.clone()));
        });
        assert_eq!(everywhere.duplicated, 3);
    }

    #[test]
    fn a_row_that_differs_from_the_other_devices_or_the_file_diverges() {
        let one = Verdict { diverged: 1, ..CLEAN };
        assert_eq!(judged(|all| all[0].rows[3].body.push(' ')), one);
        assert_eq!(judged(|all| all[0].rows[3].parents.clear()), one);
        assert_eq!(judged(|all| all[0].rows[3].parents.push(uid(0))), one);
        assert_eq!(judged(|all| all[0].rows[3].author = DeviceId([2; 16])), one);
        let swapped = judged(|all| {
            all[0].rows[2].position = Position(4);
            all[0].rows[3].position = Position(3);
        });
        assert_eq!(swapped, Verdict { diverged: 2, ..CLEAN });
        let unplaced = judged(|all| all[0].rows[5].position = Position(0));
        assert_eq!(unplaced, one);
        let parents_everywhere = judged(|all| all.iter_mut().for_each(|one| one.rows[3].parents.clear()));
        assert_eq!(parents_everywhere, Verdict { diverged: 3, ..CLEAN });
    }

    #[test]
    fn a_stranger_s_row_and_unsound_or_unopened_rows_are_counted() {
        let stranger = judged(|all| {
            let row =
                MessageRow { uid: EntryUid([99; 16]), body: "autre".to_owned(), ..all[0].rows[0].clone() };
            all[0].rows.push(row);
        });
        assert_eq!(stranger, Verdict { diverged: 1, ..CLEAN });
        assert_eq!(judged(|all| all[0].unsound = 2), Verdict { diverged: 2, ..CLEAN });
        assert_eq!(judged(|all| all[1].undecryptable = 4), Verdict { undecryptable: 4, ..CLEAN });
    }
}
