//! The founding of an organisation, and what its key may do without a ticket.

use std::collections::BTreeSet;

use estafette_protocol::enrol::{Binding, EnrolmentState, FoundRequest, claim_hash};
use estafette_protocol::registry::{Registry, StatementError};
use estafette_protocol::statement::{Act, SignedStatement, Signer, Statement};
use estafette_protocol::{Ed25519Public, Fault, FaultCode, OrganisationId};
use subtle::ConstantTimeEq;

use super::{Answer, Relay};
use crate::store::{KeyPackageWrite, Operation, StatementWrite};

impl Relay {
    pub(super) fn found(
        &mut self,
        found: FoundRequest,
    ) -> Result<(Vec<Operation>, Result<Answer, Fault>), Fault> {
        let binding = found.binding.verify().map_err(|_| FaultCode::BadProof)?;
        let key_packages: Vec<Vec<u8>> = found.key_packages.into_iter().map(Into::into).collect();
        if let Some(organisation) = self.state.organisation {
            return self.appoint(organisation, found.statements, &binding, key_packages);
        }
        let claim = self.state.claim.ok_or(FaultCode::EnrolmentUsed)?;
        if !bool::from(claim_hash(&found.claim).0.ct_eq(&claim.0)) {
            return Err(FaultCode::EnrolmentInvalid.into());
        }
        let [founding, appointing] = &found.statements[..] else {
            return Err(FaultCode::StatementForbidden.into());
        };
        let organisation = self.founded_by(&founding.statement()?)?;
        let mut registry = Registry::new(organisation);
        registry.apply(founding)?;
        let appointment = registry.apply(appointing)?;
        certifies(&appointment, organisation, &binding)?;
        self.check_binding(&binding, &key_packages)?;
        self.state.registry = registry;
        self.state.organisation = Some(organisation);
        self.state.claim = None;
        let mut writes = vec![Operation::Found(organisation)];
        for signed in found.statements {
            let statement = signed.statement()?;
            let (number, lines) = (statement.number, self.lines_of(&statement, &BTreeSet::new()));
            let write =
                StatementWrite { number, signed, revoked: vec![], open_removals: vec![], approved: vec![] };
            writes.push(Operation::Audited(Box::new(Operation::State(Box::new(write))), lines));
        }
        writes.push(stock(&binding, key_packages));
        Ok((writes, Ok(Answer::State(EnrolmentState::Active))))
    }

    /// The founding statement's organisation; it names this relay's key.
    fn founded_by(&self, statement: &Statement) -> Result<OrganisationId, Fault> {
        let [Act::Found { organisation_key, relay_key }] = &statement.acts[..] else {
            return Err(FaultCode::StatementForbidden.into());
        };
        if *relay_key != Ed25519Public(self.settings.key.verifying_key().to_bytes()) {
            return Err(FaultCode::StatementForbidden.into());
        }
        Ok(OrganisationId::of_key(&organisation_key.0))
    }

    /// The organisation's key may certify an administrator's computer at any time. The founding
    /// request repeated, because its answer was lost, is answered again.
    fn appoint(
        &mut self,
        organisation: OrganisationId,
        statements: Vec<SignedStatement>,
        binding: &Binding,
        key_packages: Vec<Vec<u8>>,
    ) -> Result<(Vec<Operation>, Result<Answer, Fault>), Fault> {
        let active = Ok(Answer::State(EnrolmentState::Active));
        let standing = self.reader.statements(founding_number(), statements.len())?;
        if !statements.is_empty() && standing == statements {
            return Ok((Vec::new(), active));
        }
        let [appointing] = &statements[..] else { return Err(FaultCode::EnrolmentUsed.into()) };
        let appointment = appointing.statement()?;
        if appointment.signer != Signer::Organisation {
            return Err(FaultCode::EnrolmentUsed.into());
        }
        certifies(&appointment, organisation, binding)?;
        let (expected, previous) = self.state.registry.next_link();
        if appointment.number != expected {
            let standing = self.reader.statements(appointment.number, 1)?;
            return match standing == statements {
                true => Ok((Vec::new(), active)),
                false => Err(StatementError::OutOfOrder { expected, previous }.into()),
            };
        }
        self.check_binding(binding, &key_packages)?;
        let write = self.apply_statement(appointing.clone())?;
        Ok((vec![write, stock(binding, key_packages)], active))
    }
}

fn founding_number() -> estafette_protocol::StatementNumber {
    estafette_protocol::StatementNumber(0)
}

/// A statement certifies exactly the device of T.
fn certifies(statement: &Statement, organisation: OrganisationId, binding: &Binding) -> Result<(), Fault> {
    let matches = statement.acts.iter().any(|act| match act {
        Act::Certify(certificate) => {
            certificate.device == binding.device
                && certificate.es256 == binding.es256
                && certificate.ed25519 == binding.ed25519
                && certificate.x25519 == binding.x25519
        }
        _ => false,
    });
    match matches && binding.organisation == organisation {
        true => Ok(()),
        false => Err(FaultCode::StatementForbidden.into()),
    }
}

fn stock(binding: &Binding, mut packages: Vec<Vec<u8>>) -> Operation {
    let last_resort = packages.pop();
    Operation::KeyPackages(KeyPackageWrite { device: binding.device, packages, last_resort })
}
