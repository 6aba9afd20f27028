//! The view that everybody else looks at, brought up to the ledger.
//!
//! Owns: what of the view is made anew and what only gets new numbers. Never: shows what is not
//! durable.
//! Invariants: after each frame with commands the view says what the ledger does.

use super::Sequencer;
use crate::view::CampaignView;
use journal::Log;
use ledger::Campaign;
use std::sync::Arc;
use types::ids::CampaignNo;
#[cfg(planted)]
use types::planted::{self, Bug};

impl<L: Log> Sequencer<L> {
    pub(super) fn publish_changes(&mut self) {
        self.ledger.take_changes(&mut self.changes);
        if !self.changes.campaigns.is_empty() {
            let mut changed = std::mem::take(&mut self.changes.campaigns);
            changed.sort_unstable();
            changed.dedup();
            self.publish(&changed);
        }
        let view = self.shared.view.load();
        for (no, pool) in self.changes.pools.drain(..) {
            let campaign = self.ledger.campaign(no).expect("changes name known campaigns");
            #[cfg(planted)]
            if planted::is(Bug::StaleView) {
                continue;
            }
            view.campaigns[no.index()].update(campaign, pool);
        }
        for (campaign, published) in self.ledger.campaigns().iter().zip(&view.campaigns) {
            published.update_entries(campaign);
        }
    }

    pub(super) fn publish_all(&mut self) {
        self.ledger.take_changes(&mut self.changes);
        let all: Vec<_> = self.ledger.campaigns().iter().map(Campaign::no).collect();
        self.publish(&all);
    }

    /// Publishes these campaigns' views anew.
    fn publish(&self, campaigns: &[CampaignNo]) {
        let before = self.shared.view.load();
        let version = self.ledger.frame();
        let turned_away = &self.shared.metrics.turned_away;
        let views = campaigns.iter().map(|no| {
            let campaign = self.ledger.campaign(*no).expect("changes name known campaigns");
            let before = before.campaigns.get(no.index()).map(|view| &**view);
            Arc::new(CampaignView::new(campaign, version, turned_away, before))
        });
        self.shared.view.store(Arc::new(before.with(views.collect())));
    }
}
