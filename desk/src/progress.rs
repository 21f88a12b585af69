//! A bar on the terminal while something takes its time.
//!
//! It stands on standard error and disappears at its end. Without a terminal there, or with
//! `--json`, nothing is shown at all.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::session::Desk;

/// A bar; dropped, it leaves no trace.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar for so many steps, with what they are in front.
    pub fn new(desk: &Desk, total: usize, what: String) -> Self {
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        let target = match !desk.json && std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        // A template that does not parse would only cost the bar its looks.
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what);
        Self(bar)
    }

    /// So many more steps are done.
    pub fn advance(&self, steps: usize) {
        self.0.inc(u64::try_from(steps).unwrap_or(u64::MAX));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
