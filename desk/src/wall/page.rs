//! The wall's page: the tour, the clock and its controls, the windows, and what the relay sees.
//!
//! Parts with `data-part` are exchanged by the wall's script; frames are left alone, so that nobody who types
//! in one is disturbed.

use estafette_protocol::statement::RevocationReason;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{DeviceId, Timestamp};
use maud::{DOCTYPE, Markup, html};

use super::control::label;
use super::seat::Network;
use super::tour;
use super::view::{Decision, View};
use crate::audit_words;
use crate::output::{colon, local};
use crate::place::Place;

/// A window on the wall.
pub struct Window {
    /// What the frame shows: a link that opens it once. `None` where only the parts are asked for.
    pub link: Option<String>,
    /// Its agent's name.
    pub name: String,
    /// Tells it from another in the same place.
    pub device: DeviceId,
    /// How its line is.
    pub network: Network,
}

/// Everything that the page shows.
pub struct Wall {
    /// Of everything shown.
    pub language: Language,
    /// The phones.
    pub phones: Vec<Window>,
    /// The administrator's computer.
    pub administrator: Window,
    /// What the relay sees.
    pub view: View,
    /// Steps of the tour that were done.
    pub done: usize,
    /// The next one was tried and does not hold.
    pub stuck: bool,
    /// The last deeds, newest first: when, whether it was not done, and the sentence.
    pub told: Vec<(Timestamp, bool, String)>,
    /// What is under way, as its button says it.
    pub doing: Option<String>,
    /// Opens every device.
    pub passphrase: String,
}

fn time(at: Timestamp) -> String {
    local(Some(super::day::PLACE), at).split(' ').nth(1).unwrap_or_default().to_owned()
}

impl Wall {
    /// The whole page.
    pub fn whole(&self) -> Markup {
        let title = text(self.language, "wall-title", &[]);
        let passphrase = [("passphrase", (&self.passphrase).into())];
        html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) }
                    link rel="stylesheet" href="/wall.css";
                    link rel="icon" href="/icon.svg" type="image/svg+xml";
                    script src="/wall.js" defer {}
                }
                body data-doing=(self.doing("{what}")) {
                    p.over id="silent" role="alert" hidden { (text(self.language, "wall-silent", &[])) }
                    p.over id="over" role="alert" hidden { (text(self.language, "wall-over", &[])) }
                    p.over id="failed" role="alert" hidden { (text(self.language, "wall-no-answer", &[])) }
                    header.top {
                        div {
                            h1 { (title) }
                            p { (text(self.language, "wall-what", &[])) }
                            p.soft { (text(self.language, "wall-passphrase", &passphrase)) }
                        }
                        (self.clock())
                    }
                    main.wall {
                        div.first {
                            div.guide { (self.tour()) (self.told()) }
                            (self.controls())
                            (self.pane())
                        }
                        div.phones {
                            @for place in 0..self.phones.len() { (self.phone(place)) }
                        }
                        section.office {
                            h2 { (text(self.language, "wall-office", &[("name", (&self.administrator.name).into())])) }
                            @if let Some(link) = &self.administrator.link {
                                iframe src=(link) title=(text(self.language, "wall-office", &[("name", (&self.administrator.name).into())])) {}
                            }
                        }
                    }
                    p.unseen id="live" role="status" {}
                }
            }
        }
    }

    fn doing(&self, what: &str) -> String {
        text(self.language, "wall-doing", &[("what", what.into())])
    }

    /// A form of one button, which waits while something is under way.
    fn form(&self, word: &str, phone: Option<usize>, main: bool, label: &Markup) -> Markup {
        html! {
            form action="/do" method="post" {
                input type="hidden" name="do" value=(word);
                @if let Some(phone) = phone { input type="hidden" name="phone" value=(phone); }
                button.main[main] aria-disabled=[self.doing.as_ref().map(|_| "true")] { (label) }
            }
        }
    }

    /// The same, where nothing more is to be said than what it does.
    fn button(&self, word: &str) -> Markup {
        self.form(word, None, false, &html! { (label(self.language, word, self.done)) })
    }

    fn clock(&self) -> Markup {
        let place = Place::shown_everywhere(self.view.now);
        html! {
            section.clock data-part="clock" aria-label=(text(self.language, "wall-clock", &[])) {
                p.day { (place.long_day(self.language, self.view.now)) }
                p.time { (time(self.view.now)) }
                p.soft { (text(self.language, "wall-forward", &[])) }
            }
        }
    }

    fn tour(&self) -> Markup {
        let language = self.language;
        html! {
            section.tour data-part="tour" aria-label=(text(language, "wall-tour", &[])) {
                @if self.done >= tour::STEPS {
                    p.step { (text(language, "wall-tour", &[])) }
                    p { (text(language, "wall-tour-done", &[])) }
                } @else {
                    p.step { (text(language, "wall-step", &[("step", (self.done + 1).into())])) }
                    p { (tour::words(language, self.done).0) }
                    div.bar {
                        (self.form("tour", None, true, &html! { (label(language, "tour", self.done)) }))
                        @if self.stuck {
                            (self.form("pass", None, false, &html! { (text(language, "wall-pass", &[])) }))
                        }
                    }
                }
            }
        }
    }

    fn told(&self) -> Markup {
        html! {
            section.told data-part="told" tabindex="0" aria-label=(text(self.language, "wall-told", &[])) {
                h2 { (text(self.language, "wall-told", &[])) }
                @if let Some(what) = &self.doing { p.doing { (self.doing(what)) } }
                @if self.told.is_empty() { p.soft { (text(self.language, "wall-told-nothing", &[])) } }
                ol reversed {
                    @for (at, failed, sentence) in &self.told {
                        li.failed[*failed] { span.soft { (time(*at)) } " " (sentence) }
                    }
                }
            }
        }
    }

    fn controls(&self) -> Markup {
        html! {
            section.controls data-part="controls" {
                h2 { (text(self.language, "wall-controls", &[])) }
                div.bar { @for word in ["0740", "0800", "1700", "hour"] { (self.button(word)) } }
                div.bar {
                    @for word in ["storm", "rush", "personal", "rooted", "enrol"] { (self.button(word)) }
                }
            }
        }
    }

    fn phone(&self, place: usize) -> Markup {
        let (language, phone) = (self.language, &self.phones[place]);
        let name = [("name", (&phone.name).into())];
        let title = text(language, "wall-phone", &name);
        // Where four phones share a screen the verb stands alone, below the network that it changes.
        let network = text(language, "wall-the-network", &[]);
        let line = |word, verb: &str| {
            self.form(word, Some(place), false, &html! { (verb) span.more { " " (network) } })
        };
        html! {
            section.phone aria-label=(title) data-device=(phone.device) {
                h2 { (phone.name) }
                div data-part=(format!("phone-{place}")) {
                    p.decision { (self.decision(place)) }
                    p.soft {
                        (match phone.network {
                            Network::Good => text(language, "wall-network-good", &[]),
                            Network::Thin => text(language, "wall-network-thin", &[]),
                            Network::Cut => text(language, "wall-network-cut", &[]),
                        })
                        " · "
                        (text(language, "wall-down", &[("bytes", self.view.down[place].into())]))
                    }
                    div.bar {
                        @if phone.network == Network::Good {
                            (line("cut", &text(language, "wall-cut", &[])))
                            (line("thin", &text(language, "wall-thin", &[])))
                        } @else {
                            (line("mend", &text(language, "wall-mend", &[])))
                        }
                        @if !matches!(self.view.decisions[place], Decision::CutOff { .. }) {
                            (self.form("lose", Some(place), false, &html! { (label(language, "lose", 0)) }))
                        }
                    }
                }
                @if let Some(link) = &phone.link { iframe src=(link) title=(title) {} }
            }
        }
    }

    fn decision(&self, place: usize) -> String {
        let language = self.language;
        let soon = |at| Place::shown_everywhere(self.view.now).soon(language, at);
        match self.view.decisions[place] {
            Decision::Delivers => text(language, "wall-delivers", &[]),
            Decision::Holds(Some(at)) => text(language, "wall-holds-until", &[("when", (&soon(at)).into())]),
            Decision::Holds(None) => text(language, "wall-holds", &[]),
            Decision::HoldsButCalls(_) => text(language, "wall-holds-but-calls", &[]),
            Decision::CutOff { reason: RevocationReason::Suspended, .. } => {
                text(language, "wall-suspended", &[])
            }
            Decision::CutOff { reason: RevocationReason::Lost, emptied: false } => {
                text(language, "wall-cut-off", &[])
            }
            Decision::CutOff { reason: RevocationReason::Lost, emptied: true } => {
                text(language, "wall-cut-off-empty", &[])
            }
            Decision::CutOff { emptied: false, .. } => text(language, "wall-retired", &[]),
            Decision::CutOff { emptied: true, .. } => text(language, "wall-retired-empty", &[]),
        }
    }

    fn pane(&self) -> Markup {
        let (language, view) = (self.language, &self.view);
        let sum = [("entries", view.entries.into()), ("bytes", view.bytes.into())];
        html! {
            section.pane data-part="pane" tabindex="0" aria-label=(text(language, "wall-pane", &[])) {
                h2 { (text(language, "wall-pane", &[])) }
                p { (text(language, "wall-pane-sum", &sum)) }
                div.wide {
                    table {
                        caption { (text(language, "wall-sealed", &[])) }
                        thead {
                            tr {
                                th scope="col" { (text(language, "wall-at", &[])) }
                                th scope="col" { (text(language, "wall-size", &[])) }
                                th scope="col" { (text(language, "wall-first", &[])) }
                            }
                        }
                        tbody {
                            @for entry in &view.last {
                                tr {
                                    td { (time(entry.at)) }
                                    td {
                                        (text(language, "wall-bytes", &[("bytes", entry.bytes.into())]))
                                        @if entry.urgent { " " strong { (text(language, "wall-urgent", &[])) } }
                                    }
                                    td.code { (entry.first.to_lowercase()) "…" }
                                }
                            }
                        }
                    }
                }
                h3 { (text(language, "wall-decisions", &[])) }
                ul {
                    @for (place, phone) in self.phones.iter().enumerate() {
                        li { strong { (phone.name) } (colon(language)) (self.decision(place)) }
                    }
                }
                h3 { (text(language, "wall-audit", &[])) }
                ul {
                    @for (at, what) in &view.audit { li { (time(*at)) " " (audit_words::sentence(language, *what)) } }
                }
            }
        }
    }
}
