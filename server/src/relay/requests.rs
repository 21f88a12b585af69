//! A session's requests: read, put in line, carried out one after the other.
//!
//! Writes follow each other without waiting, since the writer keeps their order. What reads the
//! store waits until the session's own writes are durable, so that a device finds what it wrote.

use estafette_protocol::check;
use estafette_protocol::frame::{Cursor, Directory, Reply, Request, RequestBody, Slot};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::knowledge::Knowledge;
use estafette_protocol::sign::{self, Domain};
use estafette_protocol::{Epoch, Fault, FaultCode, RosterGeneration, StatementNumber, ThreadId, limits};
use minicbor::Decoder;

use super::cursor::Marks;
use super::session::{Follow, Session};
use super::settle::{Expected, Wish};
use super::{Relay, SESSION, is_socket, tally};
use crate::audit::{Subject, What};
use crate::outlet::{Gate, Item, Line};
use crate::policy;
use crate::store::{KeyPackageWrite, Operation, SlotWrite};

/// Statements or commits in one answer.
const ANSWER: usize = 500;
/// Their bytes; one of them may exceed it.
const ANSWER_BYTES: usize = 1024 * 1024;
/// Bytes of a directory key, sealed to one device.
const SEALED_KEY: usize = 1024;
/// The last kind of request that this version knows.
const LAST_KIND: u32 = 39;

/// Who asked: the line and the number of the request.
#[derive(Clone, Copy)]
pub(super) struct Asker {
    pub line: Line,
    pub id: u32,
    pub device: estafette_protocol::DeviceId,
}

impl Relay {
    /// One binary message of a socket. What is no request ends the session: nothing can answer it.
    pub(super) fn take_frame(&mut self, line: Line, bytes: &[u8]) {
        let Some(session) = self.sessions.get_mut(&line) else { return };
        if check::is_question(bytes) {
            let device = session.device;
            if let Err(fault) = self.pace.request(self.now, device) {
                return self.close(line, fault);
            }
            return self.take_question(Asker { line, id: 0, device }, bytes);
        }
        match Request::from_bytes(bytes) {
            Ok(_) if session.queue.is_full_for(bytes.len()) => {
                self.close(line, FaultCode::TooManyRequests.into());
            }
            Ok(request) => self.enqueue(line, request, bytes.len()),
            Err(error) => match unknown_kind(bytes) {
                Some(id) => self.refuse(line, id, FaultCode::UnknownRequest),
                None => self.close(line, error.into()),
            },
        }
    }

    /// Puts a request in line, with its threads in full. A number that names no thread ends the session.
    pub(super) fn enqueue(&mut self, line: Line, mut request: Request, bytes: usize) {
        let Some(session) = self.sessions.get_mut(&line) else { return };
        match session.inbound.expand(&mut request) {
            Ok(()) => {
                session.asked.insert(request.id, tally::kind(&request.body));
                session.queue.push(request, bytes);
                self.advance(line);
            }
            Err(fault) => self.close(line, fault),
        }
    }

    /// Carries out what need not wait.
    pub(super) fn advance(&mut self, line: Line) {
        while !self.stalled
            && let Some(session) = self.sessions.get_mut(&line)
            && let Some(request) = session.queue.front()
            && (session.in_flight == 0 || !reads(&request.body))
        {
            let device = session.device;
            if let Some(request) = session.queue.pop() {
                let asker = Asker { line, id: request.id, device };
                if let Err(fault) = self.execute(asker, request) {
                    self.refuse(line, asker.id, fault);
                }
            }
        }
        if let Line::Call(call) = line {
            self.check_call(call);
        }
    }

    /// A write of a session, whose outcome answers its request.
    pub(super) fn write_for(&mut self, asker: Asker, operation: Operation, wish: Wish) {
        self.write(operation);
        self.expect(asker.line, Expected::Answer { line: asker.line, id: asker.id, wish });
    }

    /// Notes what follows from the writes just added for a session.
    pub(super) fn expect(&mut self, line: Line, expected: Expected) {
        if let Some(session) = self.sessions.get_mut(&line) {
            session.in_flight += 1;
        }
        self.expected.push(expected);
    }

    fn execute(&mut self, asker: Asker, request: Request) -> Result<(), Fault> {
        if policy::for_withdrawn(&request) {
            return self.execute_withdrawn(asker, request.body);
        }
        if let Err(code) = self.may_speak(asker.device, estafette_protocol::AuthEpoch(0))
            && !(code == FaultCode::ReattestationRequired && policy::for_attesting(&request))
        {
            return Err(code.into());
        }
        policy::may_ask(&self.state.registry, asker.device, &request)?;
        self.pace.request(self.now, asker.device)?;
        self.may_be_taken(&request.body)?;
        let id = asker.id;
        match request.body {
            RequestBody::Hello { cursor } => return self.hello(asker, &cursor),
            RequestBody::Stored { cursor } => return self.stored(asker, &cursor),
            RequestBody::Append { entries } => return self.append(asker, entries),
            RequestBody::Commit(upload) => return self.commit(asker, upload),
            RequestBody::State { statement } => return self.make_statement(asker, statement),
            RequestBody::Recover { statements, head } => return self.recover(asker, statements, head),
            RequestBody::KeyPackages { packages, last_resort } => {
                let packages = packages.into_iter().map(Into::into).collect();
                let write = KeyPackageWrite {
                    device: asker.device,
                    packages,
                    last_resort: last_resort.map(Into::into),
                };
                check_key_packages(&write.packages, write.last_resort.as_ref())?;
                self.write_for(asker, Operation::KeyPackages(write), Wish::Done);
            }
            RequestBody::Reserve { roster, devices } => return self.reserve(asker, roster, devices),
            RequestBody::Slot { slot } => return self.overwrite_slot(asker, slot),
            RequestBody::CommitRefused(refused) => return self.refuse_commit(asker, refused),
            RequestBody::Directory(directory) => return self.replace_directory(asker, directory),
            RequestBody::DatedHead(head) => return self.date_head(asker, head),
            RequestBody::Inventory { entries } => return self.add_inventory(asker, entries),
            RequestBody::Ticket(ticket) => return self.open_ticket(asker, ticket),
            RequestBody::RefuseEnrolment { enrolment } => return self.refuse_enrolment(asker, enrolment),
            RequestBody::Erase { thread, entries } => return self.erase(asker, thread, entries),
            RequestBody::Recall { thread, entry } => return self.recall(asker, thread, entry),
            RequestBody::Bundle(bundle) => return self.take_bundle(asker, bundle),
            RequestBody::Acknowledge(receipt) => return self.take_receipt(asker, receipt),
            RequestBody::Common(common) => return self.take_common(asker, common),
            RequestBody::Answer(answer) => return self.take_answer(asker, answer),
            RequestBody::Range { thread, from, to } => {
                let thread = thread.full().ok_or(FaultCode::Malformed)?;
                let entries = self.range(asker.device, thread, from, to)?;
                self.given.note(&entries);
                self.done(asker.line, id, Reply::Range { entries });
            }
            RequestBody::Statements { from } => {
                let reply = self.statements(from)?;
                self.done(asker.line, id, reply);
            }
            RequestBody::Commits { roster, generation, from } => {
                let reply = self.commits(asker, &roster, generation, from)?;
                self.done(asker.line, id, reply);
            }
            RequestBody::Group { roster } => {
                let reply = self.group(asker, &roster)?;
                self.done(asker.line, id, reply);
            }
            RequestBody::Pending => {
                let reply = self.pending()?;
                self.done(asker.line, id, reply);
            }
            RequestBody::Contacts => {
                policy::may_read_contacts(&self.state.registry, asker.device)?;
                let (contacts, at) = (self.reader.contacts()?, self.gate_time());
                let contacts = policy::contacts_told(&self.state.registry, asker.device, contacts, at);
                self.done(asker.line, id, Reply::Contacts { contacts });
            }
            RequestBody::Reachability(question) => {
                let reply = self.reachability(asker.device, question)?;
                self.done(asker.line, id, reply);
            }
            RequestBody::Statistics { month } => {
                let reply = self.statistics(asker.device, month)?;
                self.done(asker.line, id, reply);
            }
            RequestBody::Knowledge => {
                let reply = Reply::Knowledge(Knowledge {
                    tables: self.reader.kept()?,
                    pair_days: self.keeping.pair_days,
                    wake_up_hosts: self.settings.wake_up_hosts.clone(),
                    development: self.settings.development,
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                });
                self.done(asker.line, id, reply);
            }
            RequestBody::Audit { after } => {
                let reply = self.audit_after(asker.device, after)?;
                self.done(asker.line, id, reply);
            }
            RequestBody::Urgencies => {
                let reply = self.declared_urgencies()?;
                self.done(asker.line, id, reply);
            }
            RequestBody::WakeUps { endpoint } => return self.register_endpoint(asker, endpoint),
            RequestBody::Challenge => return self.give_challenge(asker),
            RequestBody::Attest(fresh) => return self.take_evidence(asker, fresh),
            RequestBody::Orders { .. } | RequestBody::Wiped(_) => return Err(FaultCode::Forbidden.into()),
            RequestBody::Check { cursor } => {
                let marks = Marks::read(&cursor, self.state.generation)?;
                let news = self.has_news(asker, &marks)?;
                self.done(asker.line, id, Reply::Fresh { news });
            }
        }
        Ok(())
    }

    fn hello(&mut self, asker: Asker, cursor: &Cursor) -> Result<(), Fault> {
        let marks = Marks::read(cursor, self.state.generation)?;
        self.drop_welcomes(asker, marks.control);
        let at = self.gate_time();
        let agent = self.sessions.get(&asker.line).map(|session| session.agent).unwrap_or_default();
        let (gate, _) = self.outlet.gate(&self.state.registry, agent, at);
        if let Some(session) = self.sessions.get_mut(&asker.line) {
            session.follow = Some(Follow::from(marks, check::question(cursor)));
            if let Gate::Closed { .. } = gate {
                // The welcome follows at the reopening; until then this is all there is to say.
                session.greeting = Some(asker.id);
                session.closed = true;
                self.outlet.offer(asker.line, Item::Closed, &self.state.registry, at);
                return Ok(());
            }
            session.closed = false;
        }
        self.greet(asker.line, asker.id)?;
        self.has_come(asker.device);
        self.urgent_calls.forget_told(asker.device);
        self.dirty.insert(asker.line);
        self.turns.look_again();
        self.history_turns.look_again();
        self.announcements.look_again();
        Ok(())
    }

    /// Answers a `Hello`.
    pub(super) fn greet(&mut self, line: Line, id: u32) -> Result<(), Fault> {
        let Some(device) = self.sessions.get(&line).map(|session| session.device) else { return Ok(()) };
        let reply = Reply::Welcome {
            generation: self.state.generation,
            relay_time: self.now,
            key_packages: self.reader.stock(device)?,
            statement: self.state.stated.unwrap_or_default(),
        };
        self.done(line, id, reply);
        Ok(())
    }

    fn stored(&mut self, asker: Asker, cursor: &Cursor) -> Result<(), Fault> {
        let marks = Marks::read(cursor, self.state.generation)?;
        self.drop_welcomes(asker, marks.control);
        if let Some(session) = self.sessions.get_mut(&asker.line)
            && let Some(follow) = session.follow.as_mut()
        {
            follow.stored(cursor);
            session.acknowledged = session.acknowledged.split_off(&marks.content.saturating_add(1));
            self.dirty.insert(asker.line);
            self.history_turns.look_again();
        }
        self.done(asker.line, asker.id, Reply::Done);
        Ok(())
    }

    /// A device has stored its welcomes and bundles up to a mark; nobody waits for them to be forgotten.
    fn drop_welcomes(&mut self, asker: Asker, mark: u64) {
        if let Some(waiting) = self.state.welcomes.get_mut(&asker.device)
            && waiting.first().is_some_and(|first| *first <= mark)
        {
            *waiting = waiting.split_off(&mark.saturating_add(1));
            self.write(Operation::Welcomed { device: asker.device, mark });
            self.expected.push(Expected::Nobody);
        }
    }

    pub(super) fn statements(&self, from: StatementNumber) -> Result<Reply, Fault> {
        let mut bytes = 0;
        let statements = self.reader.statements(from, ANSWER)?.into_iter();
        let statements = statements.take_while(|statement| {
            let fits = bytes < ANSWER_BYTES;
            bytes += statement.body.len();
            fits
        });
        Ok(Reply::Statements {
            statements: statements.collect(),
            head: self.state.stated.unwrap_or_default(),
        })
    }

    fn commits(
        &self,
        asker: Asker,
        roster: &RosterName,
        generation: RosterGeneration,
        from: Epoch,
    ) -> Result<Reply, Fault> {
        policy::exists(&self.state.registry, roster)?;
        policy::is_member(&self.state.registry, roster, asker.device)?;
        let id = roster.id(self.state.id());
        let group = self.state.groups.get(&id).ok_or(FaultCode::NotFound)?;
        let mut bytes = 0;
        let commits = self.reader.commits(id, generation, from, ANSWER)?.into_iter();
        let commits = commits.take_while(|commit| {
            let fits = bytes < ANSWER_BYTES;
            bytes += commit.bytes.len();
            fits
        });
        let commits = commits.map(|commit| commit.bytes.into()).collect();
        Ok(Reply::Commits { commits, generation: group.generation, epoch: group.epoch })
    }

    fn overwrite_slot(&mut self, asker: Asker, slot: Slot) -> Result<(), Fault> {
        let thread: ThreadId = slot.thread.full().ok_or(FaultCode::Malformed)?;
        let name = self.state.roster_name(thread.roster()).ok_or(FaultCode::NotFound)?;
        policy::is_member(&self.state.registry, &name, asker.device)?;
        if slot.device != asker.device {
            return Err(FaultCode::Forbidden.into());
        }
        at_most(slot.sealed.len(), limits::SLOT)?;
        self.write_for(asker, Operation::Slot(SlotWrite { slot }), Wish::Slot(thread));
        Ok(())
    }

    fn replace_directory(&mut self, asker: Asker, directory: Directory) -> Result<(), Fault> {
        at_most(directory.sealed.len(), limits::DIRECTORY)?;
        let mut keys = directory.keys.iter().map(|(_, key)| key).chain(&directory.recovery);
        keys.try_for_each(|key| at_most(key.len(), SEALED_KEY))?;
        if directory.author != asker.device {
            return Err(FaultCode::Forbidden.into());
        }
        let record = self.state.registry.device(asker.device).ok_or(FaultCode::BadProof)?;
        let version = directory.version.to_be_bytes();
        let [version, sealed] = Directory::signed_parts(&version, &directory.sealed);
        let key = &record.certificate.ed25519;
        sign::verify_ed25519(&key.0, Domain::Directory, &[&version, &sealed], &directory.signature.0)
            .map_err(|_| FaultCode::BadProof)?;
        let subject = Subject { value: Some(directory.version), ..Subject::default() };
        let lines = self.lines_by(asker.device, What::DirectoryReplaced, [subject]);
        let act = Box::new(Operation::Directory(directory));
        self.write_for(asker, Operation::Audited(act, lines), Wish::Done);
        Ok(())
    }

    /// Closes sessions that have lasted long enough.
    pub(super) fn close_old_sessions(&mut self) {
        if self.now < self.old_at {
            return;
        }
        let ends_at = |relay: &Self, session: &Session| {
            session.opened_at.after(SESSION).min(relay.proved_until(session.device))
        };
        let old: Vec<_> = self
            .sessions
            .iter()
            .filter(|(line, session)| is_socket(**line) && ends_at(self, session) <= self.now)
            .map(|(line, _)| *line)
            .collect();
        old.into_iter().for_each(|line| self.close(line, FaultCode::TokenExpired.into()));
        let sockets = self.sessions.iter().filter(|(line, _)| is_socket(**line));
        let oldest = sockets.map(|(_, session)| ends_at(self, session)).min();
        self.old_at = oldest.unwrap_or(estafette_protocol::Timestamp::MAX);
    }
}

/// Refuses what is longer than its limit.
pub(super) fn at_most(length: usize, limit: usize) -> Result<(), Fault> {
    match length <= limit {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::TooLarge).with_number(limit as u64)),
    }
}

/// Key packages in number and size; what they hold is for members to judge.
pub(super) fn check_key_packages(packages: &[Vec<u8>], last_resort: Option<&Vec<u8>>) -> Result<(), Fault> {
    at_most(packages.len(), limits::KEY_PACKAGES)?;
    packages.iter().chain(last_resort).try_for_each(|package| at_most(package.len(), limits::KEY_PACKAGE))
}

/// A request whose answer comes from the store, so that writes before it must be durable.
fn reads(body: &RequestBody) -> bool {
    match body {
        RequestBody::Hello { .. }
        | RequestBody::Range { .. }
        | RequestBody::Statements { .. }
        | RequestBody::Commits { .. }
        | RequestBody::Group { .. }
        | RequestBody::CommitRefused(_)
        | RequestBody::Pending
        | RequestBody::Orders { .. }
        | RequestBody::Contacts
        | RequestBody::Reachability(_)
        | RequestBody::Statistics { .. }
        | RequestBody::Knowledge
        | RequestBody::Audit { .. }
        | RequestBody::Urgencies
        | RequestBody::Check { .. } => true,
        RequestBody::Stored { .. }
        | RequestBody::Append { .. }
        | RequestBody::Commit(_)
        | RequestBody::State { .. }
        | RequestBody::Recover { .. }
        | RequestBody::KeyPackages { .. }
        | RequestBody::Reserve { .. }
        | RequestBody::Slot { .. }
        | RequestBody::Erase { .. }
        | RequestBody::Recall { .. }
        | RequestBody::Directory(_)
        | RequestBody::DatedHead(_)
        | RequestBody::Inventory { .. }
        | RequestBody::Ticket(_)
        | RequestBody::Bundle(_)
        | RequestBody::Acknowledge(_)
        | RequestBody::Common(_)
        | RequestBody::Wiped(_)
        | RequestBody::Challenge
        | RequestBody::Attest(_)
        | RequestBody::WakeUps { .. }
        | RequestBody::Answer(_)
        | RequestBody::RefuseEnrolment { .. } => false,
    }
}

/// The id of a request whose kind a later version has added.
fn unknown_kind(bytes: &[u8]) -> Option<u32> {
    let mut decoder = Decoder::new(bytes);
    decoder.array().ok()?;
    let id = decoder.u32().ok()?;
    decoder.array().ok()?;
    (decoder.u32().ok()? > LAST_KIND).then_some(id)
}
