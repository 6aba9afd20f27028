//! What an action changes, in one word or number: told before it and after it.
//!
//! Owns: which value that is, action by action ("Operator" in `docs/rules.md`), and its words,
//! which are part of the state's hash and which pages translate. Never: a person, or a word for
//! people.
//! Invariants: the same state tells the same.

use crate::campaign::Campaign;
use crate::{Ledger, Pool, Stage};
use types::action::Action;
use types::ids::Millis;

/// No cap, and no campaign of the code before its first load.
const NONE: &str = "none";

impl Ledger {
    /// The value that an action changes, as it is; empty of one that changes no such value, and
    /// of a campaign that is not there. Its cost grows with the campaign's pools.
    pub(super) fn value(&self, at: Millis, action: &Action) -> String {
        let no = match action {
            Action::Load { definition } => self.by_code.get(&definition.code).copied(),
            other => other.campaign(),
        };
        match (action, no.and_then(|no| self.campaign(no))) {
            (_, Some(campaign)) => campaign.value(at, action),
            (Action::Load { .. }, None) => NONE.to_owned(),
            (_, None) => String::new(),
        }
    }
}

impl Campaign {
    fn value(&self, at: Millis, action: &Action) -> String {
        match action {
            Action::Open { .. }
            | Action::Pause { .. }
            | Action::Resume { .. }
            | Action::Close { .. } => self.phase(at).word().to_owned(),
            Action::Publish { .. } => {
                let is_drawn = self.draws().last().map(|draw| draw.stage == Stage::Published);
                if is_drawn.unwrap_or_else(|| self.is_published(at)) {
                    "published"
                } else {
                    "unpublished"
                }
                .to_owned()
            }
            Action::Cap { .. } => {
                self.marks.cap.map_or_else(|| NONE.to_owned(), |cap| cap.to_string())
            }
            Action::Load { .. } | Action::Stock { .. } | Action::Withdraw { .. } => {
                let on_offer = |pool: &Pool| pool.issued - pool.withdrawn;
                self.pools().iter().map(on_offer).sum::<u64>().to_string()
            }
            Action::List { list, field, .. } => self.list_len(*list, *field).to_string(),
            Action::Shred { .. } => {
                if self.marks.shredded { "shredded" } else { "kept" }.to_owned()
            }
            Action::CloseDraw { .. } | Action::DrawEvent { .. } | Action::Alternates { .. } => {
                self.draws().last().map_or(NONE, |draw| draw.stage.word()).to_owned()
            }
            Action::Lapse { .. } => {
                self.pools().iter().map(|pool| pool.booked).sum::<u64>().to_string()
            }
            Action::Export { .. } | Action::TakeOver { .. } => String::new(),
        }
    }
}
