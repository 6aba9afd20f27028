//! What operators did, newest first, a little at a time.
//!
//! Owns: the walk over the ledger's list of actions. Never: keeps the ledger's thread for all of
//! it.

use super::Operator;
use super::truth::{self, ActionTruth};
use crate::problem::Problem;
use ledger::{ActionRecord, Ledger};
use types::{CampaignNo, FrameNo, limits};

/// How far a walk has come.
#[derive(Clone, Copy, Default)]
struct Walk {
    /// Records looked at, counted from the newest of the first look.
    looked: usize,
    /// The frame of the last of them; none of it is left to look at.
    frame: Option<FrameNo>,
}

impl Operator {
    /// The latest actions, on one campaign or on all, at most so many.
    pub(super) async fn latest_actions(
        &self,
        only: Option<CampaignNo>,
        count_max: usize,
    ) -> Result<Vec<ActionTruth>, Problem> {
        let mut found = Vec::new();
        let mut walk = Walk::default();
        loop {
            let wanted = count_max - found.len();
            let look = move |ledger: &Ledger| walk.on(ledger, only, wanted);
            let (some, next) = self.read(look).await?;
            found.extend(some);
            match next {
                Some(next) if found.len() < count_max => walk = next,
                _ => return Ok(found),
            }
        }
    }
}

impl Walk {
    /// One look: what it found, and where the next one goes on, if anything is left.
    fn on(
        mut self,
        ledger: &Ledger,
        only: Option<CampaignNo>,
        wanted: usize,
    ) -> (Vec<ActionTruth>, Option<Self>) {
        let most = self.looked + limits::LOOK_ROWS_MAX as usize;
        let mut found = Vec::new();
        // Actions that came since the last look push the others back: those come again here.
        let before = self.frame;
        let again = |record: &&ActionRecord| before.is_some_and(|frame| frame <= record.frame);
        for record in ledger.actions().rev().skip(self.looked).skip_while(again) {
            // A frame is looked at whole, so that its number says what is left.
            if found.len() == wanted || (most <= self.looked && self.frame != Some(record.frame)) {
                return (found, Some(self));
            }
            self.looked += 1;
            self.frame = Some(record.frame);
            if only.is_none() || record.campaign == only {
                let campaign = record.campaign.and_then(|no| ledger.campaign(no));
                let definition = campaign.map(|campaign| campaign.definition().as_ref());
                found.push(truth::action(record, definition));
            }
        }
        (found, None)
    }
}
