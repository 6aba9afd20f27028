//! What a step that adds to the log begins with.
//!
//! Owns: that nobody else works in the folder meanwhile, and that every note so far is signed by
//! the key that signs the next. Never: does a step.
//! Invariants: a step signs nothing upon a log that was changed after it was signed, and nothing
//! with a key that is not the operator's.

use crate::error::CeremonyError;
use crate::folder::{Alone, Folder};
use crate::log::History;
use draw::event::What;
use draw::note::SigningKey;

/// A step at work in a folder.
pub(crate) struct Step<'a> {
    pub(crate) folder: &'a Folder,
    /// The log, every note of which is signed by the key.
    pub(crate) history: History,
    key: &'a SigningKey,
    /// The folder is locked while this is open.
    _alone: Alone,
}

impl<'a> Step<'a> {
    /// Begins a step of a sealed draw.
    ///
    /// # Errors
    /// When another step works in the folder, there is no seal, or a note is not signed by `key`.
    pub(crate) fn begin(folder: &'a Folder, key: &'a SigningKey) -> Result<Self, CeremonyError> {
        let alone = folder.lock()?;
        let history = History::signed(folder, &key.verifying())?;
        Ok(Self { folder, history, key, _alone: alone })
    }

    /// The same, of a draw that is not void.
    ///
    /// # Errors
    /// The same, and when it is void.
    pub(crate) fn of_standing(
        folder: &'a Folder,
        key: &'a SigningKey,
    ) -> Result<Self, CeremonyError> {
        let step = Self::begin(folder, key)?;
        step.history.must_stand(folder)?;
        Ok(step)
    }

    /// Signs `what` as the next event.
    pub(crate) fn add(&mut self, what: What) -> Result<(), CeremonyError> {
        self.history.add(self.folder, what, self.key)
    }
}
