//! Who has signed what.
//!
//! Owns: that every note bears the operator's name, and who else has signed it. Never: takes a name
//! for a signature: what nobody gave a key for is told as a name alone; verifies the operator's,
//! which is done as the log is read.

use crate::error::CeremonyError;
use crate::folder::{CHECKPOINT, Folder};
use crate::log::{History, note};
use draw::note::{Note, NoteProblem, VerifyingKey};

/// Somebody beside the operator under a note.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signer {
    /// The note's file.
    pub file: String,
    /// The name in the signature.
    pub name: String,
    /// Whether it was verified; else nobody gave the key.
    pub is_verified: bool,
}

/// Everybody else under the notes; what a key was given for is verified. A note without the
/// operator's name is none of the draw, whoever has signed it: that much is seen without a key.
pub(super) fn others(
    folder: &Folder,
    history: &History,
    keys: &[VerifyingKey],
) -> Result<Vec<Signer>, CeremonyError> {
    let draw = history.seal.draw.as_str();
    for (at, key) in keys.iter().enumerate() {
        if key.name() == draw || keys[..at].contains(key) {
            let what = format!(
                "the key of {} is the operator's or was given twice: give each cosigner's once",
                key.name()
            );
            return Err(CeremonyError::Key(what));
        }
    }
    let mut signers: Vec<Signer> = Vec::new();
    for (file, note) in notes(folder, history)? {
        if !note.names().any(|name| name == draw) {
            let problem = NoteProblem::NotSigned(draw.to_owned());
            return Err(CeremonyError::note(&folder.path(&file), &problem));
        }
        let mut names: Vec<_> = note.names().filter(|name| *name != draw).collect();
        for key in keys {
            match note.verify(key) {
                Ok(()) => {
                    let place = names.iter().position(|name| *name == key.name());
                    let name = names.remove(place.expect("who has signed is named"));
                    let (file, name) = (file.clone(), name.to_owned());
                    signers.push(Signer { file, name, is_verified: true });
                }
                Err(NoteProblem::NotSigned(_)) => {}
                Err(problem) => return Err(CeremonyError::note(&folder.path(&file), &problem)),
            }
        }
        for name in names {
            let (file, name) = (file.clone(), name.to_owned());
            signers.push(Signer { file, name, is_verified: false });
        }
    }
    Ok(signers)
}

/// Every note of a folder with its file.
fn notes(folder: &Folder, history: &History) -> Result<Vec<(String, Note)>, CeremonyError> {
    let mut notes = history.notes().to_vec();
    notes.push((CHECKPOINT.to_owned(), note(folder, CHECKPOINT)?));
    Ok(notes)
}
