//! Lines to devices: opened for who may speak, closed with a reason, or gone.

use estafette_protocol::{AuthEpoch, DeviceId, Fault, FaultCode, OrganisationId};

use super::session::Session;
use super::{Effect, Relay, SESSION, SessionId, is_socket};
use crate::outlet::Line;

impl Relay {
    pub(super) fn open_session(
        &mut self,
        session: SessionId,
        device: DeviceId,
        organisation: OrganisationId,
        auth_epoch: AuthEpoch,
    ) {
        let line = Line::Socket(session);
        let allowed = match () {
            () if self.draining => Err(FaultCode::ShuttingDown),
            () if Some(organisation) != self.state.organisation => Err(FaultCode::AlienOrganisation),
            () => self.may_speak(device, auth_epoch),
        };
        match allowed {
            Ok(agent) => self.connect(line, Session::new(device, agent, self.now)),
            Err(code) => {
                self.note_device(device, &code.into());
                self.effects.push(Effect::Close { session, fault: code.into() });
            }
        }
    }

    pub(super) fn connect(&mut self, line: Line, session: Session) {
        self.outlet.connect(line, session.agent);
        let (_, until) = self.outlet.gate(&self.state.registry, session.agent, self.gate_time());
        self.hours_at = self.hours_at.min(until);
        if is_socket(line) {
            let ends_at = session.opened_at.after(SESSION).min(self.proved_until(session.device));
            self.old_at = self.old_at.min(ends_at);
        }
        self.lines.entry(session.device).or_default().insert(line);
        self.sessions.insert(line, session);
    }

    /// Ends a session from here.
    pub(super) fn close(&mut self, line: Line, fault: Fault) {
        match line {
            Line::Socket(_) => self.outlet.close(line, fault),
            Line::Call(call) => {
                self.outlet.disconnect(line);
                self.effects.push(Effect::Reply { call, answer: Err(fault) });
            }
        }
        self.forget(line);
    }

    /// A session is gone; its writes go on.
    pub(super) fn forget(&mut self, line: Line) {
        self.outlet.disconnect(line);
        self.dirty.remove(&line);
        let Some(session) = self.sessions.remove(&line) else { return };
        if let Some(lines) = self.lines.get_mut(&session.device) {
            lines.remove(&line);
            if lines.is_empty() {
                self.lines.remove(&session.device);
            }
        }
        if is_socket(line) {
            self.has_gone(session.device, session.sent_at);
        }
    }
}
