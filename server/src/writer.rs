//! The thread that makes an organisation's batches durable: group commit.
//!
//! Always true: batches are written in the order in which they came, and each is reported once,
//! after the transaction that holds it is on the disk. A batch that comes alone is written at
//! once; where the last transaction was shared, the next one waits for as many, but never longer
//! than that write took and never longer than the settings allow.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::relay::{BatchId, Event};
use crate::shutdown::{Listener, Phase};
use crate::store::{Batch, StoreError, Writer};

/// More batches than this in one transaction would make the first one wait too long.
const MOST_TOGETHER: usize = 512;

/// Writes until nobody sends batches any more, or the relay is killed.
///
/// `report` is given an [`Event::Committed`] for each batch; it returns `false` when nobody listens.
pub fn run(
    mut store: Box<dyn Writer>,
    batches: &Receiver<(BatchId, Batch)>,
    longest_window: Duration,
    end: &Listener,
    mut report: impl FnMut(Event) -> bool,
) {
    let (mut window, mut company) = (Duration::ZERO, 1);
    while let Ok(first) = batches.recv() {
        let (ids, together): (Vec<_>, Vec<_>) = gather(first, batches, window, company).into_iter().unzip();
        if end.phase() == Phase::Killed {
            return;
        }
        let began = Instant::now();
        let outcomes = write(store.as_mut(), together);
        (window, company) = (longest_window.min(began.elapsed()), ids.len());
        for (batch, outcome) in ids.into_iter().zip(outcomes) {
            if !report(Event::Committed { batch, outcome }) {
                return;
            }
        }
    }
}

/// Takes what is there, and waits within the window until `company` are together.
fn gather(
    first: (BatchId, Batch),
    batches: &Receiver<(BatchId, Batch)>,
    window: Duration,
    company: usize,
) -> Vec<(BatchId, Batch)> {
    let until = Instant::now() + window;
    let mut together = vec![first];
    while together.len() < MOST_TOGETHER {
        let patience = match together.len() < company {
            true => until.saturating_duration_since(Instant::now()),
            false => Duration::ZERO,
        };
        match batches.recv_timeout(patience) {
            Ok(next) => together.push(next),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    together
}

/// Where the whole was refused, each batch is tried alone: one that cannot be written does not
/// take the others with it.
fn write(
    store: &mut dyn Writer,
    together: Vec<Batch>,
) -> Vec<Result<crate::store::BatchOutcome, StoreError>> {
    match store.write(&together) {
        Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
        Err(error) => {
            tracing::warn!(
                batches = together.len(),
                code = error.code().as_str(),
                "a transaction was refused"
            );
            if together.len() == 1 {
                return vec![Err(error)];
            }
            let alone = |batch: Batch| match store.write(std::slice::from_ref(&batch))?.pop() {
                Some(outcome) => Ok(outcome),
                None => Err(StoreError::Other("a batch without outcome".to_owned())),
            };
            together.into_iter().map(alone).collect()
        }
    }
}

/// Where a driver leaves its batches.
pub type Batches = Sender<(BatchId, Batch)>;

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::sync::{Arc, Mutex};

    use estafette_protocol::OrganisationId;

    use super::*;
    use crate::store::{BatchOutcome, Operation};

    /// Remembers how many batches each transaction held, and refuses what the organisation 0xff asks.
    #[derive(Clone, Default)]
    struct Journal(Arc<Mutex<Vec<usize>>>);

    impl Writer for Journal {
        fn write(&mut self, batches: &[Batch]) -> Result<Vec<BatchOutcome>, StoreError> {
            self.0.lock().unwrap().push(batches.len());
            let poison =
                |operation: &Operation| matches!(operation, Operation::Found(id) if id.0 == [0xff; 16]);
            if batches.iter().any(|batch| batch.operations.iter().any(poison)) {
                return Err(StoreError::Full);
            }
            Ok(batches.iter().map(|_| BatchOutcome { outcomes: Vec::new() }).collect())
        }
    }

    fn batch(organisation: u8) -> Batch {
        Batch { operations: vec![Operation::Found(OrganisationId([organisation; 16]))] }
    }

    /// What is reported for these batches, all sent before the writer starts.
    fn reports(organisations: &[u8]) -> (Vec<(u64, bool)>, Vec<usize>) {
        let (sender, receiver) = channel();
        for (id, organisation) in (0..).zip(organisations) {
            sender.send((BatchId(id), batch(*organisation))).unwrap();
        }
        drop(sender);
        let (journal, mut reports) = (Journal::default(), Vec::new());
        let (_announcer, end) = crate::shutdown::channel();
        run(Box::new(journal.clone()), &receiver, Duration::from_millis(5), &end, |event| {
            if let Event::Committed { batch, outcome } = event {
                reports.push((batch.0, outcome.is_ok()));
            }
            true
        });
        let transactions = journal.0.lock().unwrap().clone();
        (reports, transactions)
    }

    #[test]
    fn each_batch_is_reported_once_and_in_order() {
        let (reports, transactions) = reports(&[1; 1000]);
        assert_eq!(reports, (0..1000).map(|id| (id, true)).collect::<Vec<_>>());
        assert_eq!(transactions.iter().sum::<usize>(), 1000);
        assert!(transactions.iter().all(|together| *together <= MOST_TOGETHER), "{transactions:?}");
    }

    #[test]
    fn a_batch_that_cannot_be_written_does_not_take_the_others_with_it() {
        let (reports, _) = reports(&[1, 0xff, 2]);
        assert_eq!(reports, [(0, true), (1, false), (2, true)]);
    }

    #[test]
    fn a_relay_without_power_writes_nothing_more() {
        let (sender, receiver) = channel();
        sender.send((BatchId(0), batch(1))).unwrap();
        drop(sender);
        let (announcer, end) = crate::shutdown::channel();
        announcer.announce(Phase::Killed);
        let journal = Journal::default();
        run(Box::new(journal.clone()), &receiver, Duration::ZERO, &end, |_| panic!("nothing to report"));
        assert_eq!(*journal.0.lock().unwrap(), Vec::<usize>::new());
    }
}
