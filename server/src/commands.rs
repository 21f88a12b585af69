//! Commands of `estafette-relay` that read what a relay keeps, each in a file of its own.

pub mod audit;
