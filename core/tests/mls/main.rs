//! Rosters' keys, told with real groups: each phone has its own database, all know the statements.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod commits;
mod external;
mod founding;
mod hostile;
mod offers;
mod refusals;
mod support;
