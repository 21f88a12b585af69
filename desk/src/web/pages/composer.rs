//! Where one writes a message: the draft, what it answers, whom it names, when it leaves.

use estafette_core::reader::{Draft, Duty, Reader, ThreadRow};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, EntryUid, Timestamp};
use maud::{Markup, html};

use super::message::brief_of;
use crate::output::printable;
use crate::session::Failure;
use crate::web::frame::Frame;
use crate::web::visitors::Notice;

/// What was not sent, and is written on.
#[derive(Debug)]
pub struct Typed {
    /// The text of the message.
    pub text: String,
    /// What it answers.
    pub parents: Vec<EntryUid>,
    /// Whom it names.
    pub mentions: Vec<AgentNumber>,
    /// Why it was refused.
    pub notice: Notice,
}

/// The form. The draft is here again after whatever happened.
pub fn composer(
    reader: &mut Reader,
    frame: &Frame,
    head: &ThreadRow,
    typed: Option<&Typed>,
) -> Result<Markup, Failure> {
    let (language, thread) = (frame.language, head.id);
    let empty = Draft { text: String::new(), parents: vec![], at: Timestamp(0) };
    let draft = match typed {
        Some(typed) => Draft { text: typed.text.clone(), parents: typed.parents.clone(), ..empty },
        None => reader.draft(thread)?.unwrap_or(empty),
    };
    let named = |agent: AgentNumber| typed.is_some_and(|typed| typed.mentions.contains(&agent));
    let mut quoted = Vec::new();
    for parent in draft.parents {
        if let Some(brief) = brief_of(reader, language, parent)? {
            quoted.push((parent, brief));
        }
    }
    let members = reader.members(thread)?;
    let others: Vec<_> = members.iter().filter(|member| !member.own && !member.archive).collect();
    // Whoever was called and has come is at work, whatever their hours say.
    let closed = match reader.intervenes(frame.place.now)? {
        true => None,
        false => own_closed(reader, frame)?,
    };
    let agent = reader.device()?.agent;
    let prolongs = agent.is_some_and(|agent| reader.registry_known().prolongation_allowed(agent));
    Ok(html! {
        form.composer id="end" action={ "/conversations/" (thread) } method="post"
            data-draft={ "/conversations/" (thread) "/draft" } {
            @for (parent, brief) in &quoted {
                p.quoted {
                    (text(language, "web-replying-to", &[])) " "
                    q dir="auto" { (printable(brief)) } " "
                    a href={ "/conversations/" (thread) "?reply=#end" } { (text(language, "web-reply-cancel", &[])) }
                }
                input type="hidden" name="parent" value=(parent);
            }
            label for="text" { (text(language, "web-message", &[])) }
            textarea id="text" name="text" rows="3" dir="auto" required { "\n" (draft.text) }
            div id="sending" {
                @if let Some(until) = closed {
                    p.hint {
                        @match until {
                            Some(at) => {
                                @let when = frame.place.soon(language, at);
                                (text(language, "web-off-duty-writing", &[("when", (&when).into())]))
                            }
                            None => (text(language, "web-off-duty-writing-open", &[])),
                        }
                    }
                }
                div.actions {
                    @if closed.is_some() {
                        button.main name="when" value="reopening" { (text(language, "web-send-at-reopening", &[])) }
                        @if prolongs { a.button href="/me/hours#prolong" { (text(language, "web-prolong", &[])) } }
                    } @else {
                        button.main name="when" value="now" { (text(language, "web-send", &[])) }
                        button name="when" value="reopening" { (text(language, "web-send-at-reopening", &[])) }
                    }
                    button.quiet formaction={ "/conversations/" (thread) "/draft" } formnovalidate name="keep" value="1" {
                        (text(language, "web-keep-draft", &[]))
                    }
                }
            }
            @if others.len() > 1 {
                details open[typed.is_some_and(|typed| !typed.mentions.is_empty())] {
                    summary { (text(language, "web-mention", &[])) }
                    @for member in others {
                        label.choice {
                            input type="checkbox" name="mention" value=(member.agent) checked[named(member.agent)];
                            span { (printable(&reader.shown_name(language, member.agent)?)) }
                        }
                    }
                }
            }
        }
    })
}

/// Whether this agent may write urgent messages.
pub fn may_declare(reader: &mut Reader) -> Result<bool, Failure> {
    let Some(agent) = reader.device()?.agent else { return Ok(false) };
    Ok(reader.registry()?.may_declare_urgency(agent))
}

/// Whether this agent is off duty now, and until when.
pub fn own_closed(reader: &mut Reader, frame: &Frame) -> Result<Option<Option<Timestamp>>, Failure> {
    Ok(match reader.duty(frame.place.now)? {
        Some(Duty::Off { reopens_at }) => Some(reopens_at),
        Some(Duty::On { .. }) | None => None,
    })
}
