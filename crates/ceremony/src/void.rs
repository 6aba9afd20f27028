//! A draw that does not take place.
//!
//! Owns: the step. Never: takes anything away: what was sealed stays, and says why it is void.

use crate::error::CeremonyError;
use crate::folder::{Folder, VOID};
use crate::step::Step;
use draw::event::What;
use draw::note::SigningKey;
use draw::seal::Words;

/// Declares the draw void.
///
/// # Errors
/// When it is void for another reason already, or another key has signed what is there.
pub fn void(folder: &Folder, reason: &Words, key: &SigningKey) -> Result<(), CeremonyError> {
    let mut step = Step::begin(folder, key)?;
    match step.history.void() {
        Some(before) if before == reason.as_str() => Ok(()),
        Some(_) => Err(CeremonyError::Differs(folder.path(VOID))),
        None => step.add(What::Void { reason: reason.clone() }),
    }
}
