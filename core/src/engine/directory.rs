//! Names: the sealed directory, opened with the key that an administrator sealed to this device.

use estafette_protocol::FaultCode;
use estafette_protocol::frame::Directory;

use super::turn::Turn;
use crate::store::StoreError;

impl Turn<'_> {
    /// Takes a newer edition of the directory.
    pub fn take_directory(&mut self, directory: &Directory) -> Result<(), StoreError> {
        let _ = directory;
        self.note_fault(FaultCode::Internal, None)
    }
}
