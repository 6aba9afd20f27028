//! What operators did, newest first, a little at a time.
//!
//! Owns: the walk over the ledger's list of actions. Never: keeps the ledger's thread for all of
//! it.

use super::Operator;
use super::truth::{self, ActionTruth};
use crate::problem::Problem;
use ledger::{ActionRecord, Ledger};
use std::sync::Arc;
use types::{CampaignNo, FrameNo, limits};

/// What is looked for among actions; what is empty is not looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// In small letters; somewhere in the reason, the detail, or the name or address of who did it.
    pub(crate) text: String,
    /// Who, whole.
    pub(crate) actor: String,
    /// The campaign's code.
    pub(crate) campaign: String,
    /// What, in the journal's word.
    pub(crate) word: String,
}

impl Wanted {
    fn is(&self, record: &ActionRecord, campaign: Option<&str>) -> bool {
        let has = |text: &String| text.to_lowercase().contains(&self.text);
        let is_text = self.text.is_empty()
            || [&record.reason, &record.detail, &record.actor, &record.from].into_iter().any(has);
        is_text
            && (self.actor.is_empty() || self.actor == record.actor)
            && (self.word.is_empty() || self.word == record.word)
            && (self.campaign.is_empty() || campaign == Some(self.campaign.as_str()))
    }
}

/// How far a walk has come.
#[derive(Clone, Copy, Default)]
struct Walk {
    /// Records looked at, counted from the newest of the first look.
    looked: usize,
    /// The frame of the last of them; none of it is left to look at.
    frame: Option<FrameNo>,
    /// How many of those that are wanted are still to be passed over.
    skipped: usize,
}

impl Operator {
    /// The latest actions, on one campaign or on all, at most so many.
    pub(super) async fn latest_actions(
        &self,
        only: Option<CampaignNo>,
        count_max: usize,
    ) -> Result<Vec<ActionTruth>, Problem> {
        let is_wanted =
            move |record: &ActionRecord, _: Option<&str>| only.is_none() || record.campaign == only;
        self.walk(0, count_max, is_wanted).await
    }

    /// The latest actions that somebody looks for, without so many of the newest of them.
    pub(crate) async fn find_actions(
        &self,
        wanted: Wanted,
        skipped: usize,
        count_max: usize,
    ) -> Result<Vec<ActionTruth>, Problem> {
        let wanted = Arc::new(wanted);
        let is_wanted =
            move |record: &ActionRecord, campaign: Option<&str>| wanted.is(record, campaign);
        self.walk(skipped, count_max, is_wanted).await
    }

    async fn walk(
        &self,
        skipped: usize,
        count_max: usize,
        is_wanted: impl Fn(&ActionRecord, Option<&str>) -> bool + Clone + Send + 'static,
    ) -> Result<Vec<ActionTruth>, Problem> {
        let mut found = Vec::new();
        let mut walk = Walk { skipped, ..Walk::default() };
        loop {
            let (wanted, is_wanted) = (count_max - found.len(), is_wanted.clone());
            let look = move |ledger: &Ledger| walk.on(ledger, &is_wanted, wanted);
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
        is_wanted: &impl Fn(&ActionRecord, Option<&str>) -> bool,
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
            let campaign = record.campaign.and_then(|no| ledger.campaign(no));
            let definition = campaign.map(|campaign| campaign.definition().as_ref());
            if !is_wanted(record, definition.map(|definition| definition.code.as_str())) {
                continue;
            }
            // What is only passed over is not told: a page far behind costs no more memory.
            if 0 < self.skipped {
                self.skipped -= 1;
            } else {
                found.push(truth::action(record, definition));
            }
        }
        (found, None)
    }
}
