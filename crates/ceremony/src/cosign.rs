//! Another name under a note: a notary's or a witness's signature beside the operator's.
//!
//! Owns: the step, and with it the one way in which a file of a draw changes once it is there: it
//! becomes the same text with one signature more, behind those that it had. Nothing that was said
//! is written over by that: every digest of a draw is of texts, none covers a signature
//! (`docs/draw-format.md`), and the file before is the beginning of the file after.
//! Never: signs what the operator has not signed, or what is no note of a draw.
//! Invariants: at any moment the file is the one or the other, whole.

use crate::error::CeremonyError;
use crate::folder::Folder;
use draw::event::Event;
use draw::note::{Checkpoint, Note, NoteProblem, SigningKey, VerifyingKey};
use draw::seal::Seal;
use draw::{Digest, DrawName};
use std::path::Path;

/// What was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cosigned {
    /// The digest of the note's text, which the signature is for.
    pub text: Digest,
    /// Whether the signature came to it now; it may have stood there.
    pub is_new: bool,
}

/// Adds `key`'s signature to the note at `path`, which `operator` has signed. If it stands there
/// already, nothing is done.
///
/// # Errors
/// When the file is no note of the operator's draw, the operator's signature does not fit, the key
/// bears the operator's name, or a signature of `key` is there that does not fit.
pub fn cosign(
    path: &Path,
    operator: &VerifyingKey,
    key: &SigningKey,
) -> Result<Cosigned, CeremonyError> {
    let wrong = |problem: &dyn ToString| CeremonyError::wrong(path, problem.to_string());
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(wrong(&"not the name of a note"));
    };
    let place = path.parent().filter(|place| !place.as_os_str().is_empty());
    let folder = Folder::open(place.unwrap_or(Path::new(".")))?;
    // Two who sign at once come one after the other.
    let _guard = folder.lock()?;
    let before = folder.read_text(name)?;
    let unsigned = |problem: NoteProblem| CeremonyError::note(path, &problem);
    let mut note = Note::read(&before).map_err(unsigned)?;
    let draw = draw_of(&note).ok_or_else(|| wrong(&"no checkpoint, seal or event of a draw"))?;
    if operator.name() != draw {
        let what = format!("a note of the draw {draw}, and the key is of {}", operator.name());
        return Err(wrong(&what));
    }
    note.verify(operator).map_err(unsigned)?;
    let own = key.verifying();
    if own.name() == draw {
        let what = "the key that is to sign bears the draw's own name, as only the operator's does";
        return Err(wrong(&what));
    }
    let text = note.digest();
    match note.verify(&own) {
        Ok(()) => return Ok(Cosigned { text, is_new: false }),
        Err(NoteProblem::NotSigned(_)) => note.cosign(key),
        Err(problem) => return Err(unsigned(problem)),
    }
    let after = note.to_string();
    if Note::read(&after).is_err() {
        return Err(wrong(&"so many have signed already that there is no room for one more"));
    }
    folder.lengthen(name, &before, &after)?;
    Ok(Cosigned { text, is_new: true })
}

/// The name of the draw that a note is of.
fn draw_of(note: &Note) -> Option<String> {
    let seal = || Seal::read(note.text()).ok().map(|seal| seal.draw);
    let event = || Event::read(note.text()).ok().map(|event| event.draw);
    let head = || Checkpoint::read(note).ok()?.origin.parse::<DrawName>().ok();
    Some(seal().or_else(event).or_else(head)?.to_string())
}
