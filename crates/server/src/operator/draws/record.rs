//! A step's way: its files on a thread that may wait, and its event in the journal.
//!
//! Owns: both. Never: what a file says.
//! Invariants: what the journal has already is not sent again.

use super::super::Operator;
use super::super::access::Actor;
use super::known::Known;
use crate::draws::{Progress, blocking};
use crate::problem::Problem;
use draw::note::SigningKey;
use std::sync::Arc;
use types::Action;
use types::action::DrawEvent;
use types::ids::Sha256;

impl Operator {
    /// Does the part of a step that waits for the disk or keeps a core busy.
    pub(super) async fn make<T: Send + 'static>(
        self: &Arc<Self>,
        known: &Arc<Known>,
        work: impl FnOnce(&Self, &Known, &SigningKey) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (operator, known) = (Arc::clone(self), Arc::clone(known));
        blocking(move || {
            let key = operator.signing_key(&known.folder)?;
            work(&operator, &known, &key)
        })
        .await
    }

    /// Journals an event with the digest of its note.
    pub(super) async fn event(
        &self,
        by: &Actor,
        reason: &str,
        known: &Known,
        event: DrawEvent,
        digest: Sha256,
    ) -> Result<(), Problem> {
        if known.draw.events.contains(&(event, digest)) {
            return Ok(());
        }
        let (campaign, draw) = (known.campaign, known.folder.no);
        let action = Action::DrawEvent { campaign, draw, event, digest };
        self.act(by, reason, action).await.map(drop)
    }

    /// Takes note of how far the step is.
    pub(super) fn note(&self, doing: &'static str, done: u64, of: u64) {
        self.draws.note(Progress { doing, done, of });
    }
}
