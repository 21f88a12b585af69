//! Commands of `estafette-relay` that work on what a relay keeps, each in a file of its own.

pub mod attest;
pub mod audit;
pub mod retention;
