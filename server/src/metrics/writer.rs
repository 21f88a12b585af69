//! A writer that is timed.

use std::sync::Arc;
use std::time::Instant;

use super::Metrics;
use crate::store::{Batch, BatchOutcome, StoreError, Writer};

/// Counts the batches of each transaction and how long it took.
pub(crate) struct Measured<W> {
    pub writer: W,
    pub metrics: Arc<Metrics>,
}

impl<W: Writer> Writer for Measured<W> {
    fn write(&mut self, batches: &[Batch]) -> Result<Vec<BatchOutcome>, StoreError> {
        let began = Instant::now();
        let outcomes = self.writer.write(batches);
        self.metrics.committed(batches.len(), began.elapsed().as_secs_f64());
        outcomes
    }
}
