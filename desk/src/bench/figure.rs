//! One figure, how it is printed, and the little statistics that it needs.

use std::time::Duration;

/// A figure with its target.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Figure {
    /// What was measured.
    pub figure: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// What it should be, in words; empty where nothing was promised.
    pub target: &'static str,
}

impl Figure {
    /// A figure without a target.
    pub fn new(figure: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { figure: figure.into(), value, unit, target: "" }
    }

    /// What it should be.
    pub fn target(mut self, target: &'static str) -> Self {
        self.target = target;
        self
    }
}

/// Prints figures as they come.
pub struct Printer {
    json: bool,
    begun: bool,
}

impl Printer {
    /// Prints lines for people, or one JSON object a line.
    pub fn new(json: bool) -> Self {
        Self { json, begun: false }
    }

    /// Prints one figure on standard output.
    pub fn print(&mut self, figure: &Figure) {
        if self.json {
            println!("{}", serde_json::json!(figure));
            return;
        }
        if !std::mem::replace(&mut self.begun, true) {
            println!("{:<64} {:>10}  {:<8} target", "figure", "value", "unit");
        }
        println!("{:<64} {:>10}  {:<8} {}", figure.figure, rounded(figure.value), figure.unit, figure.target);
    }
}

/// Three digits that mean something.
fn rounded(value: f64) -> String {
    match value.abs() {
        small if small < 10.0 => format!("{value:.2}"),
        middle if middle < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// The value below which a part of all values lies, `part` from 0 to 1; 0 without values.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let index = (last as f64 * part).round() as usize;
    sorted.get(index).copied().unwrap_or_default()
}

/// The value in the middle.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Milliseconds with their fraction.
pub fn milliseconds(length: Duration) -> f64 {
    length.as_secs_f64() * 1e3
}

/// Microseconds with their fraction.
pub fn microseconds(length: Duration) -> f64 {
    length.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!((quantile(&values, 0.0), median(&values), quantile(&values, 0.99)), (1.0, 3.0, 5.0));
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn figures_keep_three_digits() {
        assert_eq!([rounded(0.1234), rounded(12.345), rounded(1234.5)], ["0.12", "12.3", "1234"]);
    }
}
