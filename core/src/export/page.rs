//! A conversation as one page that any browser opens, for years: no script, no other file.
//!
//! Always true: whatever people wrote is text, never markup ([`escaped`]), and a policy in the page
//! forbids it to load or run anything. It follows the reader's light or dark, prints, and a word as
//! long as a line breaks in it. Days are sections and messages articles, in the order of the JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use estafette_protocol::hours::{Date, Zone};
use estafette_protocol::texts::{Argument, Language, fault_sentence, text};
use estafette_protocol::{Fault, Timestamp};

use super::{Conversation, Message, Person};
use crate::reader::{MessageState, class_words};

const STYLE: &str = include_str!("page.css");

/// Writes the page; [`PageWriter::finish`] ends it.
pub struct PageWriter<W> {
    out: W,
    language: Language,
    zone: Option<Zone>,
    /// The day whose section is open.
    day: Option<Date>,
    /// Who wrote what stands above, for the links of answers.
    authors: BTreeMap<String, String>,
}

/// Both times of a message are shown when they are further apart, in milliseconds.
const APART: u64 = 5 * 60 * 1000;

impl<W: Write> PageWriter<W> {
    /// Begins with the conversation; times are shown as the clocks of `zone` show them, else in UTC.
    pub fn new(
        mut out: W,
        language: Language,
        zone: Option<Zone>,
        title: &str,
        conversation: &Conversation,
    ) -> io::Result<Self> {
        let title = escaped(title);
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>{title} · Estafette</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n",
            language.tag(),
        )?;
        let mut page = Self { out, language, zone, day: None, authors: BTreeMap::new() };
        page.cover(conversation)?;
        Ok(page)
    }

    fn cover(&mut self, conversation: &Conversation) -> io::Result<()> {
        let language = self.language;
        let class = escaped(&class_words(language, conversation.class));
        writeln!(self.out, "<p class=\"class {}\">{class}</p>", conversation.class.as_str())?;
        let members: Vec<String> = conversation
            .members
            .iter()
            .map(|member| {
                let person = Person { agent: Some(member.agent), name: member.name.clone() };
                let name = named(language, &person);
                match member.archive {
                    true => text(language, "desk-member-archive", &[("name", (&name).into())]),
                    false => name,
                }
            })
            .collect();
        let count = members.len();
        let members = members.join(", ");
        let arguments = [("count", count.into()), ("names", (&members).into())];
        writeln!(self.out, "<p>{}</p>", escaped(&text(language, "export-members", &arguments)))?;
        let by = named(language, &conversation.exported_by);
        let when = self.instant_words(conversation.exported_at);
        let arguments = [
            ("count", Argument::from(conversation.messages)),
            ("when", (&when).into()),
            ("who", (&by).into()),
        ];
        writeln!(self.out, "<p>{}</p>", escaped(&text(language, "export-made", &arguments)))?;
        if conversation.unreadable > 0 {
            let arguments = [("count", conversation.unreadable.into())];
            writeln!(self.out, "<p>{}</p>", escaped(&text(language, "export-unreadable", &arguments)))?;
        }
        self.out.write_all(b"</header>\n<main>\n")
    }

    /// Adds a message.
    pub fn message(&mut self, message: &Message) -> io::Result<()> {
        let language = self.language;
        let (day, clock) = self.local(message.written_at);
        if self.day != Some(day) {
            if self.day.is_some() {
                self.out.write_all(b"</section>\n")?;
            }
            self.day = Some(day);
            let words = escaped(&self.day_words(day));
            writeln!(self.out, "<section>\n<h2>{words}</h2>")?;
        }
        let name = named(language, &message.author);
        let uid = escaped(&message.uid);
        let pinned = if message.pinned { " class=\"pinned\"" } else { "" };
        write!(
            self.out,
            "<article id=\"m-{uid}\"{pinned}>\n<header><b dir=\"auto\">{}</b> <time datetime=\"{}\">{clock}</time>",
            escaped(&name),
            message.written_at,
        )?;
        for mark in self.marks(message) {
            write!(self.out, " <span class=\"mark\">{}</span>", escaped(&mark))?;
        }
        self.out.write_all(b"</header>\n")?;
        self.parents(message)?;
        match message.erased {
            true => writeln!(
                self.out,
                "<p class=\"erased\">{}</p>",
                escaped(&text(language, "desk-erased", &[]))
            )?,
            false => {
                let body = escaped(&message.text);
                // What a correction has taken the place of stays, struck.
                let (open, close) = if corrected(message) { ("<del>", "</del>") } else { ("", "") };
                writeln!(self.out, "<p class=\"text\" dir=\"auto\">{open}{body}{close}</p>")?;
            }
        }
        self.versions(message)?;
        if !message.reactions.is_empty() {
            let listed = message.reactions.iter().map(|reaction| {
                format!(
                    "<li>{} <bdi>{}</bdi></li>",
                    escaped(&reaction.sign),
                    escaped(&named(language, &reaction.by))
                )
            });
            writeln!(self.out, "<ul class=\"reactions\">{}</ul>", listed.collect::<String>())?;
        }
        self.out.write_all(b"</article>\n")?;
        self.authors.insert(message.uid.clone(), name);
        Ok(())
    }

    /// What stands beside the hour.
    fn marks(&self, message: &Message) -> Vec<String> {
        let language = self.language;
        let mut marks = Vec::new();
        if let Some(announcement) = &message.announcement {
            marks.push(text(language, "word-announcement", &[]));
            if announcement.corrected_by.is_some() {
                marks.push(text(language, "export-corrected", &[]));
            } else if let Some(at) = announcement.acknowledged_at {
                let when = self.instant_words(at);
                marks.push(text(language, "desk-announcement-acknowledged", &[("when", (&when).into())]));
            } else if let Some(at) = announcement.due {
                let when = self.instant_words(at);
                marks.push(text(language, "desk-announcement-asked", &[("when", (&when).into())]));
            }
        }
        match message.state {
            MessageState::Standing => {
                let received = message.received_at.unwrap_or(message.written_at);
                if received.0.abs_diff(message.written_at.0) > APART {
                    let when = self.instant_words(received);
                    marks.push(text(language, "time-received", &[("when", (&when).into())]));
                }
            }
            MessageState::Waiting => marks.push(text(language, "state-waiting", &[])),
            MessageState::Held { until } => {
                let when = self.instant_words(until);
                marks.push(text(language, "state-waiting-for-reopening", &[("when", (&when).into())]));
            }
            MessageState::Awaited => marks.push(text(language, "state-awaited", &[])),
            MessageState::Refused(code) => {
                let reason = fault_sentence(language, &Fault::new(code));
                marks.push(text(language, "state-refused", &[("reason", (&reason).into())]));
            }
        }
        if message.pinned {
            marks.push(text(language, "desk-is-pinned", &[]));
        }
        if !message.versions.is_empty() {
            marks.push(text(language, "desk-is-edited", &[]));
        }
        marks
    }

    fn parents(&mut self, message: &Message) -> io::Result<()> {
        for parent in &message.parents {
            let (language, author) = (self.language, self.authors.get(parent));
            match author {
                Some(author) => {
                    let words = text(language, "export-answer", &[("name", author.into())]);
                    let parent = escaped(parent);
                    writeln!(
                        self.out,
                        "<p class=\"answer\">↪ <a href=\"#m-{parent}\">{}</a></p>",
                        escaped(&words)
                    )?;
                }
                None => {
                    let words = text(language, "export-answer-absent", &[]);
                    writeln!(self.out, "<p class=\"answer\">↪ {}</p>", escaped(&words))?;
                }
            }
        }
        Ok(())
    }

    /// The texts that were before, and those beside the one that is shown.
    fn versions(&mut self, message: &Message) -> io::Result<()> {
        let language = self.language;
        // The last of the current ones is the message's own text.
        let shown = message.versions.iter().rposition(|version| version.current);
        let others: Vec<_> =
            message.versions.iter().enumerate().filter(|(place, _)| Some(*place) != shown).collect();
        if others.is_empty() {
            return Ok(());
        }
        let title = escaped(&text(language, "export-versions", &[]));
        writeln!(self.out, "<div class=\"versions\">\n<p>{title}</p>\n<ol>")?;
        for (_, version) in others {
            let body = escaped(&version.text);
            match version.current {
                true => writeln!(self.out, "<li dir=\"auto\">{body}</li>")?,
                false => writeln!(self.out, "<li dir=\"auto\"><del>{body}</del></li>")?,
            }
        }
        self.out.write_all(b"</ol>\n</div>\n")
    }

    /// Ends the page and gives back where it was written.
    pub fn finish(mut self) -> io::Result<W> {
        if self.day.is_some() {
            self.out.write_all(b"</section>\n")?;
        }
        self.out.write_all(b"</main>\n</body>\n</html>\n")?;
        Ok(self.out)
    }

    fn local(&self, at: Timestamp) -> (Date, String) {
        let zone = self.zone.clone().or_else(|| Zone::named("UTC"));
        match zone.map(|zone| zone.local_time(at)) {
            Some(local) => (local.date, format!("{:02}:{:02}", local.minute / 60, local.minute % 60)),
            None => (Date::from_days(0), at.to_string()),
        }
    }

    fn instant_words(&self, at: Timestamp) -> String {
        let (date, clock) = self.local(at);
        format!("{} {clock}", self.day_words(date))
    }

    /// "lundi 23 novembre 2026".
    fn day_words(&self, date: Date) -> String {
        let written = date.to_string();
        let mut numbers = written.split('-').map(str::parse::<u64>);
        let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day)), None) =
            (numbers.next(), numbers.next(), numbers.next(), numbers.next())
        else {
            return written;
        };
        let arguments = [
            ("weekday", Argument::Number(date.weekday() as u64)),
            ("day", day.into()),
            ("month", month.into()),
            ("year", year.into()),
        ];
        text(self.language, "date-day", &arguments)
    }
}

fn corrected(message: &Message) -> bool {
    message.announcement.as_ref().is_some_and(|announcement| announcement.corrected_by.is_some())
}

fn named(language: Language, person: &Person) -> String {
    match (&person.name, person.agent) {
        (Some(name), _) => name.clone(),
        (None, Some(agent)) => format!("{} {agent}", text(language, "desk-agent", &[])),
        (None, None) => text(language, "export-nobody", &[]),
    }
}

/// A text as it can stand between tags and in attributes; what cannot be shown becomes U+FFFD.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(letter),
            control if control.is_control() => safe.push('\u{FFFD}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
