//! The device's state machine.

mod io;

pub use io::{Change, Command, CommandAnswer, Effect, Input, LinkInput, LinkWish};
