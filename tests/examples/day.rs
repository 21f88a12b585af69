//! Tells one random day line by line: `cargo run -p estafette-world --example day -- SEED`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use estafette_world::schedule;

fn main() {
    let seed = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let started = std::time::Instant::now();
    let ended = schedule::run_with(seed, None, true);
    ended.lines.iter().for_each(|line| println!("{line}"));
    eprintln!("{} events, {:?}\n{}", ended.events, ended.faults.0, ended.verdict);
    eprintln!("{} ms", started.elapsed().as_millis());
}
