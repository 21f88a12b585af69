//! The terminal that the day is told in: 80 columns, a few lines of boxes, colour where it helps.
//!
//! Colour only where standard output is a terminal and `NO_COLOR` is not set; pauses only where
//! somebody watches. Nothing here knows what is told.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use estafette_protocol::texts::Language;

use super::DemoError;

/// Columns that a line may take.
const WIDTH: usize = 78;
/// Columns of who speaks.
const NAMES: usize = 13;
/// Between two sentences, for somebody who reads along.
const BEAT: Duration = Duration::from_millis(1000);

/// Where the day is told.
pub struct Screen {
    language: Language,
    attended: bool,
    colour: bool,
    /// Chapters told so far.
    chapters: usize,
}

/// Emphasis, as the terminal's sequence of parameters.
#[derive(Debug, Clone, Copy)]
enum Paint {
    Title,
    Name,
    Proof,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Title => "1",
            Self::Name => "36",
            Self::Proof => "32",
        }
    }
}

impl Screen {
    /// Standard output; `attended` where somebody reads along.
    pub fn new(language: Language, attended: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { language, attended, colour: std::io::stdout().is_terminal() && !plain, chapters: 0 }
    }

    /// The language of the day.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether somebody reads along and can answer.
    pub fn attended(&self) -> bool {
        self.attended
    }

    /// The day's title, in a box.
    pub fn title(&mut self, title: &str) -> Result<(), DemoError> {
        self.chapters = 0;
        let line = "─".repeat(WIDTH - 2);
        let room = " ".repeat((WIDTH - 4).saturating_sub(title.chars().count()));
        self.line(&format!("┌{line}┐"))?;
        self.line(&format!("│ {}{room} │", self.painted(title, Paint::Title)))?;
        self.line(&format!("└{line}┘"))
    }

    /// The title of an act of the day, which is numbered.
    pub fn chapter(&mut self, title: &str) -> Result<(), DemoError> {
        self.chapters += 1;
        self.act(&format!("{}. {title}", self.chapters))
    }

    /// The title of an act.
    pub fn act(&mut self, title: &str) -> Result<(), DemoError> {
        let rule = "─".repeat((WIDTH - 4).saturating_sub(title.chars().count()));
        self.blank()?;
        self.line(&format!("── {} {rule}", self.painted(title, Paint::Title)))
    }

    /// What is not a claim: what is about to be done, and why.
    pub fn plain(&mut self, sentence: &str) -> Result<(), DemoError> {
        for line in wrapped(sentence, WIDTH) {
            self.line(&line)?;
        }
        self.pause();
        Ok(())
    }

    /// A claim, by whom it concerns (or nobody); printed only if it holds.
    ///
    /// # Errors
    ///
    /// It does not hold.
    pub fn fact(&mut self, who: &str, sentence: &str, holds: bool) -> Result<(), DemoError> {
        if !holds {
            return Err(DemoError::Untrue(sentence.to_owned()));
        }
        let indent = if who.is_empty() { 2 } else { NAMES + 2 };
        for (number, line) in wrapped(sentence, WIDTH - indent).into_iter().enumerate() {
            let room = " ".repeat(NAMES.saturating_sub(who.chars().count()));
            let margin = match (number, who.is_empty()) {
                (0, true) => format!("{} ", self.painted("✓", Paint::Proof)),
                (0, false) => {
                    format!("{} {}{room}", self.painted("✓", Paint::Proof), self.painted(who, Paint::Name))
                }
                _ => " ".repeat(indent),
            };
            self.line(&format!("{margin}{line}"))?;
        }
        self.pause();
        Ok(())
    }

    /// An empty line.
    pub fn blank(&mut self) -> Result<(), DemoError> {
        self.line("")
    }

    fn painted(&self, text: &str, paint: Paint) -> String {
        match self.colour {
            true => format!("\x1b[{}m{text}\x1b[0m", paint.code()),
            false => text.to_owned(),
        }
    }

    fn line(&self, line: &str) -> Result<(), DemoError> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}")?;
        Ok(out.flush()?)
    }

    fn pause(&self) {
        if self.attended {
            std::thread::sleep(BEAT);
        }
    }
}

/// Broken at plain spaces only: a no-break space keeps its mark with its word.
fn wrapped(sentence: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in sentence.split(' ') {
        let together = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && together > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_at_plain_spaces_and_never_before_a_mark() {
        assert_eq!(wrapped("un deux trois", 8), ["un deux", "trois"]);
        assert_eq!(wrapped("un deux\u{A0}: trois", 8), ["un", "deux\u{A0}:", "trois"]);
        assert_eq!(wrapped("anticonstitutionnellement", 8), ["anticonstitutionnellement"]);
        assert_eq!(wrapped("", 8), [""]);
    }

    #[test]
    fn a_claim_that_does_not_hold_is_not_printed() {
        let mut screen = Screen { language: Language::French, attended: false, colour: false, chapters: 0 };
        let refused = screen.fact("Paul", "Paul a tout reçu.", false);
        assert!(matches!(refused, Err(DemoError::Untrue(sentence)) if sentence == "Paul a tout reçu."));
    }
}
