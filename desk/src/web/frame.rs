//! The shell of every page: who this is, the three places, how the device stands, what was just done.

use std::sync::Arc;

use axum::response::{Html, IntoResponse as _, Response};
use estafette_core::driver::LastContact;
use estafette_core::lease::LeaseRow;
use estafette_core::reader::{Duty, Reader, ThreadRow};
use estafette_protocol::enrol::fingerprint;
use estafette_protocol::hours::AgentHours;
use estafette_protocol::statement::Class;
use estafette_protocol::texts::{Language, fault_advice, fault_sentence, text};
use estafette_protocol::{Fault, FaultCode, ThreadId, Timestamp};
use maud::{DOCTYPE, Markup, html};

use super::guard::Visitor;
use super::refusal::Refusal;
use super::serve::Web;
use super::visitors::Notice;
use crate::output::printable;
use crate::place::Place;
use crate::session::Failure;

/// A clock that is wrong by more than this is told to its user.
const CLOCK_WRONG_MS: u64 = 5 * 60 * 1000;

/// One of the places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Conversations.
    Conversations,
    /// Consignes.
    Announcements,
    /// Moi.
    Me,
    /// A supervisor's teams; nobody else has this place.
    Team,
    /// An administrator's work; nobody else has this place.
    Administration,
}

/// What every page is made with.
pub struct Frame {
    /// Of everything shown.
    pub language: Language,
    /// Whose clocks are shown, and what they show now.
    pub place: Place,
    /// The agent's hours, where any are set.
    pub hours: Option<AgentHours>,
    /// All threads, the announcements' too.
    pub threads: Vec<ThreadRow>,
    /// Announcements that wait for this agent's « Lu et compris ».
    pub asked: usize,
    name: String,
    waiting: u64,
    /// The last contact by the relay's time: now while a connection stands, else the latest that is known.
    pub contact: Option<Timestamp>,
    duty: String,
    /// Said of who is off duty and on call.
    on_call: Option<String>,
    warnings: Vec<String>,
    leads: bool,
    /// Whose device this is administers the organisation.
    pub administers: bool,
}

/// A page without its shell.
pub struct Page {
    /// Its heading, and the window's title.
    pub title: String,
    /// Between navigation and end.
    pub main: Markup,
    /// Beside it, on wide screens.
    pub aside: Option<Markup>,
    /// The thread that it shows, so that it is kept fresh.
    pub thread: Option<ThreadId>,
}

impl Page {
    /// A page that is one column.
    pub fn plain(title: String, main: Markup) -> Self {
        Self { title, main, aside: None, thread: None }
    }
}

impl Frame {
    /// Reads what the shell tells.
    pub fn read(
        reader: &mut Reader,
        language: Language,
        heard: Option<LastContact>,
    ) -> Result<Self, Failure> {
        let place = Place::of(reader)?;
        let device = reader.device()?;
        let lease = reader.lease()?;
        let name = match device.agent {
            Some(agent) => reader.shown_name(language, agent)?,
            None => String::new(),
        };
        let standing = reader.duty(place.now)?;
        let duty = match standing {
            None => text(language, "web-hours-none", &[]),
            Some(Duty::Off { reopens_at: None }) => text(language, "duty-off", &[]),
            Some(Duty::Off { reopens_at: Some(at) }) => {
                let when = place.soon(language, at);
                text(language, "web-duty-off-until", &[("when", (&when).into())])
            }
            Some(Duty::On { closes_at: None }) => text(language, "duty-on", &[]),
            Some(Duty::On { closes_at: Some(at) }) => {
                let when = place.spoken(language, at);
                text(language, "web-duty-on-until", &[("when", (&when).into())])
            }
        };
        // On duty, everything reaches them anyway.
        let called = match standing {
            Some(Duty::Off { .. }) => reader.on_call_until(place.now)?,
            Some(Duty::On { .. }) | None => None,
        };
        let on_call = called.map(|at| {
            let when = place.spoken(language, at);
            text(language, "web-on-call-until", &[("when", (&when).into())])
        });
        let mut warnings = Vec::new();
        if device.clock_offset.unsigned_abs() > CLOCK_WRONG_MS && lease.contact.is_some() {
            let now = place.clock(place.now);
            warnings.push(text(language, "web-clock-wrong", &[("now", (&now).into())]));
        }
        if let Some(at) = lease.lock_at.filter(|_| lease.warns) {
            let when = place.spoken(language, at);
            warnings.push(text(language, "desk-lease-locks", &[("when", (&when).into())]));
        }
        if device.agent.is_none() {
            warnings.extend(not_admitted(reader, language)?);
        }
        let notices = reader.notices_waiting()?;
        if notices > 0 {
            warnings.push(text(language, "web-notices-waiting", &[("count", notices.into())]));
        }
        Ok(Self {
            language,
            hours: device.agent.and_then(|agent| reader.registry_known().hours_of(agent)),
            threads: reader.threads()?,
            asked: reader.asked_count()?,
            name,
            waiting: reader.outbox_count()?,
            contact: contact(&lease, &place, device.clock_offset, heard),
            duty,
            on_call,
            warnings,
            leads: device.agent.is_some_and(|agent| !reader.registry_known().teams_led_by(agent).is_empty()),
            administers: reader.registry()?.is_administrator(device.device),
            place,
        })
    }

    /// Conversations: every thread but those of announcements.
    pub fn conversations(&self) -> impl Iterator<Item = &ThreadRow> {
        self.threads.iter().filter(|thread| thread.class != Class::Diffusion)
    }

    /// How the device stands, in one honest line.
    fn standing(&self) -> Vec<String> {
        let language = self.language;
        let mut words: Vec<String> =
            [Some(&self.duty), self.on_call.as_ref()].into_iter().flatten().cloned().collect();
        words.push(match self.contact {
            Some(at) => {
                let when = self.place.spoken(language, at);
                text(language, "web-last-contact", &[("when", (&when).into())])
            }
            None => text(language, "web-no-contact", &[]),
        });
        if self.waiting > 0 {
            words.push(text(language, "state-waiting-count", &[("count", self.waiting.into())]));
        }
        words
    }
}

/// Whether the relay said that this device, which nobody admitted, never will be.
pub fn was_refused(reader: &Reader) -> Result<bool, Failure> {
    Ok(reader.faults(1)?.iter().any(|fault| fault.code == FaultCode::BadProof))
}

/// A device that waits to be admitted, or was refused: what to do, and what an administrator compares.
fn not_admitted(reader: &Reader, language: Language) -> Result<Vec<String>, Failure> {
    let refused = was_refused(reader)?;
    let fault = Fault::new(if refused { FaultCode::BadProof } else { FaultCode::DevicePending });
    let shown = fingerprint(&reader.identity().es256);
    Ok(vec![
        fault_sentence(language, &fault),
        fault_advice(language, &fault),
        format!("{} {shown}", text(language, "web-fingerprint", &[])),
    ])
}

/// Makes a page of rows, in its shell.
pub async fn show<W>(
    web: &Arc<Web>,
    visitor: &Visitor,
    section: Section,
    work: W,
) -> Result<Response, Refusal>
where
    W: FnOnce(&mut Reader, &Frame) -> Result<Page, Failure> + Send + 'static,
{
    let language = visitor.language;
    let shell = Shell { section, logo: web.theme.has_logo(), shared: web.office.is_shared() };
    // What was just done is told where a person looks.
    let notice = if visitor.background { None } else { web.visitors.told(&visitor.cookie) };
    let heard = web.office.opened().ok().and_then(|opened| opened.handle().last_contact());
    let made = web.office.read(move |reader| {
        let frame = Frame::read(reader, language, heard)?;
        let page = work(reader, &frame)?;
        Ok(whole(&frame, page, notice.as_ref(), shell))
    });
    Ok(Html(made.await?.into_string()).into_response())
}

/// The last contact by the relay's time: now while a connection stands, else the latest that is known.
fn contact(
    lease: &LeaseRow,
    place: &Place,
    clock_offset: i64,
    heard: Option<LastContact>,
) -> Option<Timestamp> {
    let heard = heard.map(|heard| match heard {
        LastContact::Now => place.now,
        LastContact::At(at) => Timestamp(at.0.saturating_add_signed(clock_offset)),
    });
    // Without a lease there was no contact that counts.
    lease.contact.map(|issued| heard.map_or(issued, |heard| heard.max(issued)))
}

fn head(language: Language, title: &str, more: &Markup) -> Markup {
    let application = text(language, "app-name", &[]);
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (printable(title)) " · " (application) }
            link rel="stylesheet" href="/assets/desk.css";
            link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
            script src="/assets/desk.js" defer {}
            (more)
        }
    }
}

/// A sentence about what was just done, or why not.
pub fn notice_box(notice: &Notice) -> Markup {
    html! {
        div.notice.refused[notice.refused] role=(if notice.refused { "alert" } else { "status" }) {
            @for line in &notice.lines { p { (printable(line)) } }
            @if let Some(code) = notice.code { p.code { (code) } }
        }
    }
}

/// What the shell shows beside what the rows say.
#[derive(Clone, Copy)]
struct Shell {
    section: Section,
    logo: bool,
    /// Several agents share this computer.
    shared: bool,
}

fn whole(frame: &Frame, page: Page, notice: Option<&Notice>, shell: Shell) -> Markup {
    let Shell { section, logo, shared } = shell;
    let language = frame.language;
    let unread: u64 = frame.conversations().map(|thread| thread.unread).sum();
    let asked = u64::try_from(frame.asked).unwrap_or(u64::MAX);
    let mut places = vec![
        (
            Section::Conversations,
            "/conversations",
            text(language, "web-conversations", &[]),
            unread,
            text(language, "unread-count", &[("count", unread.into())]),
        ),
        (
            Section::Announcements,
            "/announcements",
            text(language, "web-announcements", &[]),
            asked,
            text(language, "web-asked-count", &[("count", asked.into())]),
        ),
        (Section::Me, "/me", text(language, "web-me", &[]), 0, String::new()),
    ];
    if frame.leads {
        places.push((Section::Team, "/team", text(language, "web-team", &[]), 0, String::new()));
    }
    if frame.administers {
        places.push((
            Section::Administration,
            "/admin",
            text(language, "web-administration", &[]),
            0,
            String::new(),
        ));
    }
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head(language, &page.title, &Markup::default()))
            body data-thread=[page.thread.map(|thread| thread.to_string())] {
                a.skip href="#main" { (text(language, "web-skip", &[])) }
                header.bar {
                    p.who {
                        @if logo { img.logo src="/assets/logo.png" alt="" height="32"; }
                        strong { (text(language, "app-name", &[])) }
                        span { (printable(&frame.name)) }
                    }
                    (ways_out(language, shared))
                }
                nav.places aria-label=(text(language, "web-places", &[])) {
                    ul {
                        @for (place, address, name, count, words) in places {
                            li {
                                a href=(address) aria-current=[(place == section).then_some("page")] {
                                    (name)
                                    @if count > 0 {
                                        " " span.count aria-hidden="true" { (count) }
                                        span.unseen { ", " (words) }
                                    }
                                }
                            }
                        }
                    }
                }
                section.standing aria-label=(text(language, "web-standing", &[])) {
                    p id="standing" { (frame.standing().join(" · ")) }
                }
                div.columns.with-aside[page.aside.is_some()] {
                    @if let Some(aside) = page.aside {
                        div.aside role="complementary" aria-label=(text(language, "web-conversations", &[])) {
                            (aside)
                        }
                    }
                    main id="main" tabindex="-1" {
                        @if let Some(notice) = notice { (notice_box(notice)) }
                        div id="warnings" {
                            @for warning in &frame.warnings { p.warning { (printable(warning)) } }
                        }
                        (page.main)
                        (quiet_end(language))
                    }
                }
                p.unseen id="live" role="status" {}
            }
        }
    }
}

/// The lock, and on a computer that several share another agent's turn.
pub fn ways_out(language: Language, shared: bool) -> Markup {
    html! {
        form.ways-out action="/lock" method="post" {
            @if shared { button.quiet formaction="/leave" { (text(language, "web-change-agent", &[])) } }
            button.quiet { (text(language, "web-lock", &[])) }
        }
    }
}

/// Without script nothing notices that ten minutes have passed: the style then covers the page and shows
/// this. Nobody is sent elsewhere while they read or write (WCAG 2.1, 2.2.1).
fn quiet_end(language: Language) -> Markup {
    html! {
        div.quiet-end {
            h1 { (text(language, "web-unlock-title", &[])) }
            a.button href="/unlock" { (text(language, "web-unlock", &[])) }
        }
    }
}

/// A page without rows: a refusal, or the door.
pub fn alone(web: &Web, language: Language, title: &str, main: Markup) -> Html<String> {
    alone_with(web, language, title, Markup::default(), main)
}

/// The same, with something of its own in its head.
pub fn alone_with(web: &Web, language: Language, title: &str, more: Markup, main: Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head(language, title, &more))
            body {
                header.bar {
                    p.who {
                        @if web.theme.has_logo() { img.logo src="/assets/logo.png" alt="" height="32"; }
                        strong { (text(language, "app-name", &[])) }
                    }
                }
                main id="main" tabindex="-1" { h1 { (title) } (main) }
            }
        }
    };
    Html(page.into_string())
}

/// The page of a refusal. One that `passes` by itself is asked for again, and left once it has.
pub fn bare(
    web: &Web,
    language: Language,
    title: &str,
    notice: &Notice,
    let_in: bool,
    passes: bool,
) -> Html<String> {
    let main = html! {
        @if passes { div data-passes="" {} }
        (notice_box(notice))
        @if let_in { p { a.button href="/" { (text(language, "web-home", &[])) } } }
    };
    alone(web, language, title, main)
}
