//! A draw that does not take place.
//!
//! Owns: that step, whose order is the other way round: the journal first, then the note.
//! Never: a note that says so of a draw that the ledger may still publish.
//! Invariants: the note's text is known before it is written, so that a step that was cut off
//! writes what the ledger has; asked for again, it writes what is missing.

use super::super::Operator;
use super::super::access::Actor;
use super::known::Known;
use crate::draws::{disk, refused, wrong};
use crate::problem::Problem;
use ceremony::{CeremonyError, Folder};
use draw::Digest;
use draw::event::{Event, What};
use draw::seal::Words;
use std::sync::Arc;
use types::action::DrawEvent;
use types::ids::Sha256;

impl Operator {
    pub(super) async fn void(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        known: &Arc<Known>,
        words: Words,
    ) -> Result<(), Problem> {
        let why = words.clone();
        let digest = self.make(known, move |_, known, _| known.digest_of_void(&why)).await?;
        self.event(by, reason, known, DrawEvent::Void, digest).await?;
        self.make(known, move |_, known, key| {
            if !known.has_seal()? {
                return Ok(());
            }
            let write = || ceremony::void(&Folder::open(&known.folder.path)?, &words, key);
            write().map_err(|error| not_written(&error))?;
            let written = known.digest_of("void.txt")?;
            let what = || wrong(&known.folder.path, "void.txt is not what the ledger has");
            if written == digest { Ok(()) } else { Err(what()) }
        })
        .await
    }
}

/// The draw is void, for good, and its note could not be written.
fn not_written(error: &CeremonyError) -> Problem {
    let detail = format!(
        "The draw is void in the journal, which is for good; its void.txt is not there yet: \
         {error}. Give the step void again, with the same reason."
    );
    let title = "The draw is void, and its note is not there".into();
    Problem { title, detail: detail.into(), ..refused(error) }.meaning("void-unwritten")
}

impl Known {
    /// Whether there is a seal in the folder, so that a note has something to stand behind.
    pub(super) fn has_seal(&self) -> Result<bool, Problem> {
        let seal = self.folder.path.join("seal.txt");
        seal.try_exists().map_err(disk(&seal))
    }

    /// The digest of the note that says why the draw is void. Where nothing was sealed there is no
    /// note, and its words stand for one.
    fn digest_of_void(&self, words: &Words) -> Result<Sha256, Problem> {
        if !self.has_seal()? {
            return Ok(Sha256(Digest::of(words.as_str().as_bytes()).0));
        }
        let history = self.history()?;
        match history.void() {
            Some(before) if before == words.as_str() => self.digest_of("void.txt"),
            Some(_) => Err(refused(&CeremonyError::Differs(self.folder.path.join("void.txt")))),
            None => {
                let what = What::Void { reason: words.clone() };
                let (draw, previous) = (history.seal.draw.clone(), history.last());
                let event = Event { draw, what, is_private: false, previous };
                Ok(Sha256(Digest::of(event.text().as_bytes()).0))
            }
        }
    }
}
